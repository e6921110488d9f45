// The administrator's table: more time, a package by hand, more credits, who gets what. The observer sees the same
// without actions.

import { compose, row } from "../pages/body";
import { unfold } from "../pages/desk";
import { town } from "../pages/towns";
import { actionButton, expect, look, person, test, type Page } from "../pages/world";

test("an administrator finds a municipality, gives it time, another package and more credits", async ({ visit }, info) => {
  const body = town("administrator", info);
  const office = await visit(person("officer", body));
  const name = (await office.getByRole("heading", { level: 1 }).innerText()).replace("Comune di ", "");

  const desk = await visit(person("administrator"));
  await desk.goto("/avviso");
  await look(desk, "the board");
  await desk.getByLabel("Cerca un Comune").fill("zzz");
  await expect(desk.getByText("Nessun Comune trovato con «zzz»")).toBeVisible();
  await look(desk, "no municipality of this name");
  await desk.getByLabel("Cerca un Comune").fill(name);
  await expect(desk).toHaveURL(/[?&]cerca=/);
  await desk.getByRole("row", { name: new RegExp(`^${name}`) }).getByRole("link").click();
  await expect(desk.getByRole("heading", { level: 1 })).toHaveText(`Comune di ${name}`);
  await look(desk, "a municipality to decide on");

  // A day before the present one is refused beside its field, and nothing written is lost.
  const extension = await unfold(desk, "/extension");
  await extension.locator('input[name="until"]').fill("2020-01-31");
  await extension.locator("textarea").fill("Cambio della segretaria.");
  await extension.getByRole("button").click();
  await expect(extension.getByText(/La nuova scadenza deve venire dopo|Deve venire dopo/).first()).toBeVisible();
  await expect(extension.locator("textarea")).toHaveValue("Cambio della segretaria.");
  await look(desk, "an extension into the past");
  await extension.locator('input[name="until"]').fill(await dayAfterNextMonth(desk));
  await extension.getByRole("button").click();
  await expect(desk.getByText("Nuova scadenza registrata.")).toBeVisible();
  await expect(desk.locator("main")).toContainText("Proroga: Cambio della segretaria.");

  const grant = await unfold(desk, "/grants");
  await grant.locator('input[name="credits"]').fill("0");
  await grant.locator("textarea").fill("Fondo per i piccoli Comuni.");
  await grant.getByRole("button").click();
  await expect(grant.getByText("Un numero da 1 a 10.000").first()).toBeVisible();
  await grant.locator('input[name="credits"]').fill("7");
  await grant.getByRole("button").click();
  await expect(desk.getByText("Crediti assegnati.", { exact: true })).toBeInViewport();
  await look(desk, "credits granted");

  const assignment = await unfold(desk, "/assignment");
  await assignment.locator('select[name="package"]').selectOption({ index: 2 });
  await assignment.locator('input[name="credits"]').fill("50");
  await assignment.locator("textarea").fill("Fusione con il Comune vicino.");
  await assignment.getByRole("button").click();
  // With the seven of before it is more than one person may move alone.
  await expect(desk.getByText("Proposta registrata")).toBeInViewport();
  await expect(desk.getByText("Chi ha fatto questa proposta non può confermarla")).toBeVisible();
  await look(desk, "a proposal of one's own");

  const other = await visit(person("administrator"));
  await other.goto("/avviso");
  await look(other, "a board with proposals");
  await other.getByRole("link", { name: "Vedi le proposte" }).click();
  await expect(other.getByRole("heading", { level: 1 })).toHaveText("Proposte");
  await look(other, "proposals that wait");
  const item = other.locator(".cz-items > li", { hasText: `Comune di ${name}` });
  await expect(item).toContainText(/Crediti assegnati: da \d+ a \d+\screditi/);
  await item.getByRole("button", { name: /^Conferma/ }).click();
  await expect(other.getByText("Proposta confermata ed eseguita.")).toBeInViewport();
  await expect(other.getByRole("row", { name: /Assegnazione manuale/ }).first()).toContainText("Confermata");
  await look(other, "a proposal confirmed");

  // The municipality reads all of it.
  await office.reload();
  await expect(office.getByText("Cambio della segretaria.")).toBeVisible();
  await office.getByText("Perché questo pacchetto").click();
  await expect(office.getByText("Fusione con il Comune vicino.")).toBeVisible();
  await look(office, "an area decided on by hand");
  await compose(office);
  await expect(row(office, "assegnato", "nodo-pagamenti").or(row(office, "altro", "nodo-pagamenti"))).toBeVisible();
});

test("two administrators correct the credits of a municipality without any script", async ({ visit }, info) => {
  const body = town("two administrators, no script", info);
  const bare = { javaScriptEnabled: false };
  const office = await visit(person("officer", body));
  const name = (await office.getByRole("heading", { level: 1 }).innerText()).replace("Comune di ", "");
  const first = await visit(person("administrator"), bare);
  await first.goto(`/avviso?cerca=${encodeURIComponent(name)}`);
  await first.getByRole("row", { name: new RegExp(`^${name}`) }).getByRole("link").click();

  // Which way it goes must be said, and nothing written is lost.
  const correct = async (direction: string, credits: string) => {
    const form = await unfold(first, "/corrections");
    await form.locator('select[name="direction"]').selectOption(direction);
    await form.locator('input[name="credits"]').fill(credits);
    await form.locator("textarea").fill("Errore di conteggio.");
    await form.getByRole("button").click();
  };
  await correct("", "3");
  const again = await unfold(first, "/corrections");
  await expect(again.getByText("Campo da compilare").first()).toBeVisible();
  await expect(again.locator("textarea")).toHaveValue("Errore di conteggio.");
  await look(first, "a correction without its direction");
  await correct("remove", "3");
  await expect(first.getByText("Rettifica registrata.")).toBeVisible();
  await correct("remove", "9");
  await expect(first.getByText("Proposta registrata")).toBeVisible();
  await look(first, "a correction that waits");

  const second = await visit(person("administrator"), bare);
  await second.goto("/proposte");
  const item = () => second.locator(".cz-items > li", { hasText: `Comune di ${name}` });
  const refuse = item().locator('form[action$="/refuse"]');
  await item().locator("summary").click();
  await refuse.getByRole("button").click();
  await expect(refuse.getByText("Campo da compilare").first()).toBeVisible();
  await refuse.locator("textarea").fill("Il conteggio è giusto.");
  await refuse.getByRole("button").click();
  await expect(second.getByText("Proposta rifiutata: nulla è cambiato.")).toBeVisible();
  await look(second, "a proposal refused");
  await first.goto("/proposte");
  await expect(first.getByRole("row", { name: new RegExp(name) }).first()).toContainText("Il conteggio è giusto.");

  await office.getByRole("link", { name: "Movimenti" }).first().click();
  await expect(office.locator("main")).toContainText("Errore di conteggio.");
});

test("the executive project on the screen is the one of the file", async ({ visit }) => {
  const desk = await visit(person("observer"));
  await desk.goto("/avviso/progetto");
  await look(desk, "the matrix");
  const both = async () => {
    await desk.goto("/avviso/progetto");
    const download = desk.waitForEvent("download");
    await desk.getByRole("link", { name: "Scarica (CSV)" }).click();
    const stream = await (await download).createReadStream();
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString("utf8").replace(/^\ufeff/, "");
    const file = text.trim().split(/\r?\n/).map((line) => line.split(";"));
    const shown = await desk.locator(".cz-matrix table").evaluate((table) => {
      const text = (cell: Element) => (cell.querySelector(".visually-hidden") ?? cell).textContent?.trim() ?? "";
      const rows = [...table.querySelectorAll("thead tr, tbody tr")];
      return rows.map((row) => [...row.querySelectorAll("th, td")].map(text));
    });
    return { file, shown };
  };
  const cells = (rows: string[][]) => rows.slice(1).map((row) => row.slice(1).map((cell) => (cell === "No" ? "" : cell)));
  // Other stories change packages meanwhile: what was read between two changes is the same.
  await expect(async () => {
    const { file, shown } = await both();
    expect(file.length).toBe(83);
    expect(shown[0]?.slice(1)).toEqual(file[0]?.slice(1));
    expect(cells(shown)).toEqual(cells(file));
    expect(new Set(cells(file).flat()).size).toBeGreaterThan(5);
  }).toPass();
});

test("an observer reads the board and decides nothing", async ({ visit }) => {
  const desk = await visit(person("observer"));
  await desk.goto("/avviso");
  await expect(desk.getByRole("heading", { level: 1 })).toHaveText("Quadro dell'avviso");
  await expect(desk.locator("main form[method=post]")).toHaveCount(0);
  await desk.getByRole("link", { name: "Fascia e pacchetto" }).click();
  await expect(desk.getByRole("columnheader", { name: "Fascia e pacchetto" })).toHaveAttribute("aria-sort", "descending");
  await look(desk, "the observer's board");
});

test("anybody reads how the ledger is proven, and an administrator checks it", async ({ visit }) => {
  const anybody = await visit();
  await anybody.goto("/");
  await anybody.getByRole("contentinfo").getByRole("link", { name: "Registro dei crediti" }).click();
  await expect(anybody.getByRole("heading", { level: 1 })).toHaveText("Registro dei crediti");
  await expect(anybody.locator(".cz-hash").first()).toHaveText(/^[0-9a-f]{64}$/);
  await expect(anybody.getByRole("button", { name: "Verifica ora" })).toHaveCount(0);
  await look(anybody, "the ledger's proof");
  const file = anybody.waitForEvent("download");
  await anybody.locator("main tbody a").first().click();
  expect((await file).suggestedFilename()).toMatch(/json|\d{4}-\d{2}-\d{2}/);

  for (const javaScriptEnabled of [true, false]) {
    const desk = await visit(person("administrator"), { javaScriptEnabled });
    await desk.goto("/registro");
    await desk.getByRole("button", { name: "Verifica ora" }).click();
    await expect(desk.getByText("La verifica è conclusa")).toBeVisible();
    await expect(desk.getByText("Il registro è integro")).toBeVisible();
    await expect(desk.locator("main")).toContainText(/\d+\smovimenti in \d+\sconti/);
    await look(desk, "the ledger was checked");
  }
});

/** A day past the closing of the call, whenever the demonstration was made. */
async function dayAfterNextMonth(page: Page): Promise<string> {
  return page.evaluate(() => new Date(Date.now() + 100 * 24 * 3_600_000).toISOString().slice(0, 10));
}
