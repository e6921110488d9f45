// Several people and one package: stale pages, what the mayor sends back, what is withdrawn.

import { add, areaOf, authorise, compose, openRequest, row, send, sum, summary, takeBack } from "../pages/body";
import { does, unfold } from "../pages/desk";
import { town } from "../pages/towns";
import { actionButton, expect, look, person, test } from "../pages/world";

for (const javaScriptEnabled of [true, false]) {
  const way = javaScriptEnabled ? "" : ", no script";

  test(`what a colleague has changed meanwhile is told before anything is sent${way}`, async ({ visit }, info) => {
    const body = town(`two officers${way}`, info);
    const [one, other] = [
      await visit(person("officer", body), { javaScriptEnabled }),
      await visit(person("officer", body), { javaScriptEnabled }),
    ];
    await compose(one);
    await add(one, "supporto-spid");
    await summary(one, "Aiutare chi non ha lo SPID.");
    await compose(other);
    await add(other, "sito-agid");

    await actionButton(one, "/submissions").click();
    await expect(one.getByText(/Nel frattempo il pacchetto è cambiato: aggiunto .*\. La pagina ora è aggiornata/)).toBeVisible();
    await expect(one).toHaveURL(/\/riepilogo$/);
    await expect(one.getByLabel("Motivazione")).toHaveValue("Aiutare chi non ha lo SPID.");
    await expect(one.getByLabel("Contatto per l'attivazione")).toHaveValue("Anagrafe, anagrafe@example.org");
    await expect(one.getByRole("table").getByText("Sito", { exact: false })).toBeVisible();
    await look(one, "a summary that has changed meanwhile");

    // Seen and confirmed, it goes; the colleague's page is now the stale one.
    await actionButton(one, "/submissions").click();
    await expect(one).toHaveURL(/\/pratiche\/\d+$/);
    await row(other, "altro", "wifi-pubblico").getByRole("button").click();
    await expect(other.getByText(/attende l'autorizzazione/).filter({ visible: true }).first()).toBeVisible();
    await look(other, "a change that comes too late");
    await other.reload();
    await expect(other.getByText("Il pacchetto è bloccato")).toBeVisible();
    await expect(row(other, "aggiunto", "wifi-pubblico")).toHaveCount(0);
  });
}

test("what has changed since the mayor's page was shown is told before anything is authorised", async ({ visit }, info) => {
  const body = town("shown to the mayor", info);
  const office = await visit(person("officer", body));
  const area = areaOf(office);
  await compose(office);
  await add(office, "sito-agid");
  const receipt = await send(office, "Un sito accessibile a tutti.");
  const townHall = await visit(person("mayor", body));
  await townHall.goto(receipt);
  const desk = await visit(person("administrator"));
  await desk.goto(`/avviso${area}`);
  const grant = await unfold(desk, "/grants");
  await grant.locator('input[name="credits"]').fill("7");
  await grant.locator("textarea").fill("Fondo per i piccoli Comuni.");
  await grant.getByRole("button").click();
  await expect(desk.getByText("Crediti assegnati.", { exact: true })).toBeVisible();

  await actionButton(townHall, "/authorise").click();
  await expect(townHall.getByText(/i crediti disponibili passano da \d+ a \d+\. Nulla è stato fatto/)).toBeVisible();
  await look(townHall, "a submission whose figures have changed");
  await actionButton(townHall, "/authorise").click();
  await expect(townHall.getByRole("heading", { level: 1 })).toContainText("autorizzata");
});

test("a change that is refused is told, also where its button is gone, no script", async ({ visit, beside }, info) => {
  const officer = person("officer", town("refused, no script", info));
  const page = await visit(officer, { javaScriptEnabled: false });
  await compose(page);
  const stale = await beside(page);
  await add(page, "sito-agid");
  await row(stale, "altro", "adeguamento-sito").getByRole("button").click();
  await expect(stale.getByRole("alert").filter({ hasText: "Non si può avere insieme a «" })).toBeVisible();
  await look(stale, "a refusal without its form");
});

test("of two operators the second learns what the first has done, and keeps what was written", async ({ visit }, info) => {
  const body = town("two operators", info);
  const office = await visit(person("officer", body));
  const area = areaOf(office);
  await compose(office);
  await add(office, "supporto-rtd");
  await authorise(await visit(person("mayor", body)), await send(office, "Sostenere il responsabile."));
  const request = await openRequest(office, area, "Supporto");

  const [one, other] = [await visit(person("operator")), await visit(person("operator"))];
  await one.goto(request);
  await other.goto(request);
  await does(one, "take-in-charge");
  await actionButton(other, "/take-in-charge").click();
  const conflict = "Nel frattempo la richiesta è cambiata: ora è nello stato «In istruttoria»";
  await expect(other.getByText(conflict)).toBeVisible();
  await expect(actionButton(other, "/take-in-charge")).toHaveCount(0);
  await look(other, "a request that somebody else has taken");

  const form = await unfold(other, "reject");
  await form.locator("textarea").fill("Il Comune ha già un responsabile.");
  await does(one, "approve");
  await form.getByRole("button").click();
  await expect(other.getByText("ora è nello stato «Approvata»")).toBeVisible();
  await expect(other.getByRole("blockquote")).toHaveText("Il Comune ha già un responsabile.");
  await look(other, "an action that is gone");

  // The request is still the first one's: who goes on with it says so, and the first one is told.
  await other.goto(request);
  await expect(other.getByText("È in mano a Operatore di prova")).toBeVisible();
  const start = await unfold(other, "/start");
  await start.getByRole("button").click();
  await expect(other.locator(".alert-heading", { hasText: "per agire al suo posto occorre confermarlo" })).toBeVisible();
  await look(other, "an action on a colleague's request");
  await start.getByLabel("Agire al posto di Operatore di prova").check();
  await start.getByRole("button").click();
  await expect(other.getByText("Attivazione avviata.")).toBeVisible();
  await one.goto("/richieste");
  const news = one.getByRole("region", { name: "Novità sulle richieste in carico" });
  await expect(news.getByRole("listitem")).toContainText("Attivazione avviata");
  await look(one, "news on one's own requests");
  await news.getByRole("button", { name: "Segna come lette" }).click();
  await expect(news).toHaveCount(0);

  // Released, it is anybody's.
  await one.goto(request);
  await does(one, "release", "Da domani in ferie.");
  await expect(one.getByText("Richiesta rilasciata: ora è tra quelle non assegnate.")).toBeVisible();
  await look(one, "a request released");
  await other.goto(request);
  await other.getByRole("button", { name: "Prendi in carico" }).click();
  await expect(other.getByText("La richiesta ha un nuovo operatore.")).toBeVisible();
});

test("a mayor sends back with a reason, and the officer mends and sends again", async ({ visit }, info) => {
  const body = town("sent back", info);
  const office = await visit(person("officer", body));
  const area = areaOf(office);
  await compose(office);
  await add(office, "wifi-pubblico", "supporto-spid");
  const receipt = await send(office, "Rete gratuita in piazza.");

  const townHall = await visit(person("mayor", body));
  await townHall.goto(receipt);
  const form = await unfold(townHall, "send-back");
  await form.getByRole("button").click();
  await expect(form.locator('textarea[aria-invalid="true"]')).toBeVisible();
  await expect(form.getByText("Campo da compilare").first()).toBeVisible();
  await look(townHall, "sent back without a reason");
  await form.locator("textarea").fill("La rete in piazza può aspettare.");
  await form.getByRole("button").click();
  await expect(townHall.getByRole("heading", { level: 1 })).toHaveText("Pratica restituita al referente");
  await look(townHall, "sent back");

  await office.goto(area);
  const todo = office.getByRole("region", { name: "Da fare" });
  await expect(todo).toContainText("«La rete in piazza può aspettare.»");
  await look(office, "area with something to mend");
  await todo.getByRole("link", { name: "Correggi il pacchetto e invialo di nuovo" }).click();
  await office.goto(receipt);
  await expect(office.getByText("Che cosa chiede il Sindaco")).toBeVisible();
  await expect(office.locator("main").getByText("La rete in piazza può aspettare.")).toBeVisible();
  await look(office, "what the mayor asks");
  await office.getByRole("link", { name: "Correggi il pacchetto" }).click();
  await takeBack(office, "wifi-pubblico");
  const again = await send(office, "Aiutare chi non ha lo SPID.");

  // The officer thinks better of it: the whole is withdrawn, and the basket is as it was.
  await (await unfold(office, `${again.replace("pratiche", "submissions")}/withdraw`)).getByRole("button").click();
  await expect(office.getByRole("heading", { level: 1 })).toHaveText("Pratica ritirata");
  await look(office, "withdrawn");
  await office.goto(`${area}/pacchetto`);
  await expect(row(office, "aggiunto", "supporto-spid")).toBeVisible();
  await expect(row(office, "altro", "wifi-pubblico").getByRole("button")).toBeVisible();
  await expect(sum(office).getByRole("link", { name: "Vai al riepilogo" })).toBeVisible();
});
