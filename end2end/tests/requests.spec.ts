// A request on its way: questions and answers, reminders, what takes it away, the operator's list.

import { add, areaOf, authorise, compose, openRequest, send } from "../pages/body";
import { does, unfold } from "../pages/desk";
import { town } from "../pages/towns";
import { actionButton, expect, look, person, test, type Page } from "../pages/world";

test("a question is answered, and what ends before its approval gives its credits back", async ({ visit }, info) => {
  const body = town("life of a request", info);
  const office = await visit(person("officer", body));
  const area = areaOf(office);
  await compose(office);
  await add(office, "supporto-rtd", "wifi-pubblico", "sito-agid", "supporto-spid");
  await authorise(await visit(person("mayor", body)), await send(office, "Digitalizzare gli uffici."));
  await expectAvailable(office, area, 23);

  // A question, its answer.
  const desk = await visit(person("operator"));
  const address = await openRequest(office, area, "Supporto al Responsabile");
  await desk.goto(address);
  await does(desk, "take-in-charge");
  const question = await unfold(desk, "ask-changes");
  await question.getByRole("button").click();
  await expect(question.locator('textarea[aria-invalid="true"]')).toBeVisible();
  await does(desk, "ask-changes", "Chi è il responsabile?");
  await expect(desk.getByText("Integrazioni chieste. Il tempo è fermo fino alla risposta del Comune.")).toBeVisible();
  await look(desk, "a question asked");
  await office.goto(area);
  await office.getByRole("link", { name: /^Rispondi all'operatore su Supporto al Responsabile/ }).click();
  await expect(office.getByText("«Chi è il responsabile?»")).toBeVisible();
  await look(office, "a question to answer");
  await does(office, "answer", "La segretaria comunale.");
  await expect(office.getByText("Risposta inviata. Ora tocca all'ente aggregatore.")).toBeVisible();
  await desk.reload();
  await expect(desk.getByRole("blockquote").first()).toHaveText("La segretaria comunale.");
  await expect(actionButton(desk, "/approve")).toBeVisible();

  // Withdrawn by the municipality.
  await openRequest(office, area, "Rete Wi-Fi pubblica");
  await does(office, "withdraw");
  await expect(office.getByText("Richiesta ritirata. I crediti prenotati sono di nuovo disponibili.")).toBeVisible();
  await look(office, "a request withdrawn");
  await expectAvailable(office, area, 31);

  // Rejected, never without a reason.
  await desk.goto(await openRequest(office, area, "Sito del Comune"));
  await does(desk, "take-in-charge");
  const rejection = await unfold(desk, "reject");
  await expect(rejection).toContainText("I 10 crediti prenotati tornano disponibili.");
  await rejection.getByRole("button").click();
  await expect(rejection.locator('textarea[aria-invalid="true"]')).toBeVisible();
  await look(desk, "a rejection without a reason");
  await does(desk, "reject", "Basta adeguare il sito che c'è.");
  await expect(desk.getByText("Richiesta respinta. I crediti prenotati tornano al Comune.")).toBeVisible();
  await office.reload();
  await expect(office.getByText("Basta adeguare il sito che c'è.")).toBeVisible();

  // Cancelled, likewise.
  await desk.goto(await openRequest(office, area, "Supporto per SPID e CIE"));
  await does(desk, "cancel", "Lo sportello lo apre la Provincia.");
  await expect(desk.getByText("Richiesta annullata. I crediti prenotati tornano al Comune.")).toBeVisible();
  await look(desk, "a request cancelled");
  await expectAvailable(office, area, 44);
  await office.goto(`${area}/movimenti?kind=release`);
  const released = office.getByRole("table").filter({ hasText: "Sblocco" }).locator("tbody tr");
  await expect(released).toHaveText([/Supporto per SPID.*\+3\screditi/, /Sito del Comune.*\+10\screditi/, /Rete Wi-Fi.*\+8\screditi/]);
  await look(office, "credits released");
});

test("a request that is late is pressed for once a day, and its operator sees it", async ({ visit, beside }, info) => {
  const office = await visit(person("officer", town("overdue", info)));
  const request = await openRequest(office, areaOf(office), "10 ore di assistenza tecnica");
  await expect(office.getByText("La scadenza è passata")).toBeVisible();
  await look(office, "a late request");
  const stale = await beside(office);
  await does(office, "remind", "Le ore servono entro dicembre.");
  await expect(office.getByText("Sollecito inviato.")).toBeVisible();
  await expect(actionButton(office, "/remind")).toHaveCount(0);
  await look(office, "a request pressed for");
  await actionButton(stale, "/remind").click();
  await expect(stale.getByText(/Oggi è già stato inviato un sollecito|Nel frattempo la richiesta è cambiata/)).toBeVisible();
  await office.reload();
  await expect(office.getByRole("heading", { name: "Sollecitata" })).toHaveCount(1);

  const desk = await visit(person("operator"));
  await desk.goto(request);
  await expect(desk.getByText("Il Comune ha sollecitato la richiesta")).toBeVisible();
  await expect(desk.getByRole("blockquote").first()).toHaveText("Le ore servono entro dicembre.");
});

test("an operator narrows the list, goes through it by keyboard, and a double click does an action once", async ({ visit }, info) => {
  const phone = info.project.name === "phone";
  const body = town("operator's list", info);
  const office = await visit(person("officer", body));
  const area = areaOf(office);
  const title = await office.getByRole("heading", { level: 1 }).innerText();
  await compose(office);
  await add(office, "supporto-rtd", "wifi-pubblico", "sito-agid");
  await authorise(await visit(person("mayor", body)), await send(office, "Digitalizzare gli uffici."));

  const operator = person("operator");
  const desk = await visit(operator);
  await expect(desk).toHaveURL("/richieste");
  await desk.getByText("Altri filtri").click();
  await desk.getByLabel("Comune, codice o numero di pratica").fill(title.replace("Comune di ", "").toLowerCase());
  await desk.getByRole("button", { name: "Mostra" }).click();
  await expect(desk).toHaveURL(/[?&]comune=[^&]+/);
  // The address is there before the list: until that comes, the page leads on from where it was.
  const sent = desk.getByRole("link", { name: /^Inviata/ });
  await expect(sent).toHaveAttribute("href", /comune=[^&]+/);
  await sent.click();
  await expect(desk).toHaveURL(/stato=submitted.*comune=[^&]+/);
  const rows = desk.locator("main tbody tr");
  await expect(rows).toHaveCount(3);
  await expect(desk.getByRole("link", { name: /^Inviata 3/ })).toHaveAttribute("aria-current", "true");
  await look(desk, "a narrowed list");
  const narrowed = desk.url();

  // The list is in the address: another visitor who follows it sees the same.
  await desk.goto(narrowed);
  await expect(rows).toHaveCount(3);
  await rows.first().getByRole("link").focus();
  await desk.keyboard.press("Enter");
  await expect(desk).toHaveURL(/richiesta=\d+/);
  await expect(desk.getByText("1 di 3")).toBeVisible();
  await look(desk, "a request beside the list");
  const first = await desk.getByRole("heading", { level: 1 }).innerText();
  await turnWith(desk, phone, "j", "Successiva");
  await expect(desk.getByText("2 di 3")).toBeVisible();
  await expect(desk.getByRole("heading", { level: 1 })).not.toHaveText(first);
  await turnWith(desk, phone, "k", "Precedente");
  await expect(desk.getByText("1 di 3")).toBeVisible();
  await expect(desk.getByRole("heading", { level: 1 })).toHaveText(first);

  await desk.goto(narrowed);
  await rows.first().getByRole("link").click();
  await takenOnce(desk);
  await desk.goBack();
  await expect(rows).toHaveCount(2);

  const bare = await visit(operator, { javaScriptEnabled: false });
  await bare.goto(narrowed);
  await bare.locator("main tbody tr").first().getByRole("link").click();
  await takenOnce(bare);
});

test("the list is turned over, forth and back, with the program and without", async ({ visit }) => {
  for (const javaScriptEnabled of [true, false]) {
    const desk = await visit(person("operator"), { javaScriptEnabled });
    await desk.goto("/richieste");
    const pages = desk.getByRole("navigation", { name: "Pagine" });
    await expect(pages).toContainText(/Da 1 a 20 di \d+/);
    await expect(pages.getByRole("link", { name: "Pagina precedente" })).toHaveCount(0);
    await pages.getByRole("link", { name: "Pagina successiva" }).click();
    await expect(desk).toHaveURL(/[?&]pagina=after\.0\.\d{4}-\d\d-\d\d\.\d+$/);
    await expect(pages).toContainText(/Da \d+ a \d+ di \d+/);
    await expect(pages).not.toContainText("Da 1 a");
    await expect(desk.locator("main tbody tr")).toHaveCount(20);
    await look(desk, "the second page of the list");
    await pages.getByRole("link", { name: "Pagina precedente" }).click();
    await expect(pages).toContainText("Da 1 a 20 di");
  }
});

test("what is written for one request is not said to the next", async ({ visit }) => {
  const desk = await visit(person("operator"));
  await desk.goto("/richieste?stato=in_review");
  await desk.locator("main tbody tr").first().getByRole("link").click();
  const heading = desk.getByRole("heading", { level: 1 });
  await expect(desk).toHaveURL(/richiesta=\d+/);
  const request = desk.url();
  const reason = (await unfold(desk, "/reject")).locator("textarea");
  await reason.fill("Manca il parere dell'ufficio tecnico.");
  // An arrow beside what is written turns no page.
  await (await unfold(desk, "/reject")).getByRole("button").focus();
  await desk.keyboard.press("ArrowRight");
  await expect(desk).toHaveURL(request);
  await desk.getByRole("link", { name: "Successiva" }).click();
  await expect(desk).not.toHaveURL(request);
  await expect(heading).toBeVisible();
  await expect(reason).toHaveValue("");
  await expect(reason).toBeHidden();
});

/** A double click on *Prendi in carico*, which takes once and complains of nothing. */
async function takenOnce(page: Page): Promise<void> {
  await actionButton(page, "/take-in-charge").dblclick();
  await expect(page.getByRole("heading", { name: "Presa in carico" })).toHaveCount(1);
  await expect(page.locator("main").getByText("In istruttoria").filter({ visible: true }).first()).toBeVisible();
  await expect(page.locator(".alert-danger")).toHaveCount(0);
  await look(page, "taken with a double click");
}

/** By a key in the list; on a phone, where there is no list, by the link. */
async function turnWith(page: Page, phone: boolean, key: string, link: string): Promise<void> {
  if (phone) return page.getByRole("link", { name: link }).click();
  await page.getByRole("navigation", { name: "Richieste da lavorare" }).locator('a[aria-current="true"]').focus();
  await page.keyboard.press(key);
}

/** What the area of the municipality says is available. */
async function expectAvailable(page: Page, area: string, credits: number): Promise<void> {
  await page.goto(area);
  const row = page.getByRole("region", { name: "Crediti" }).locator("tr", { hasText: "Disponibili" });
  await expect(row.locator("td")).toHaveText(String(credits));
}
