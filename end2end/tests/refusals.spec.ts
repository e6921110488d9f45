// What a basket refuses: each time one true sentence, and nothing changes.

import { add, areaOf, authorise, compose, drop, press, row, send, sum, takeBack } from "../pages/body";
import { town } from "../pages/towns";
import { expect, look, person, test, type Page } from "../pages/world";

for (const javaScriptEnabled of [true, false]) {
  const way = javaScriptEnabled ? "" : ", no script";

  test(`who has too few credits is told how many are missing${way}`, async ({ visit, beside }, info) => {
    const officer = person("officer", town(`too few credits${way}`, info));
    const page = await visit(officer, { javaScriptEnabled });
    await compose(page);
    const stale = await beside(page);
    await add(page, "disaster-recovery", "sito-agid", "wifi-pubblico");
    await expect(sum(page)).toContainText("6 crediti");
    const dear = row(page, "altro", "zona-traffico-limitato");
    await expect(dear).toContainText("Serve 1 credito in più");
    await expect(dear.getByRole("button")).toHaveCount(0);
    await look(page, "a service that costs too much");

    // A page from before still has the button.
    await row(stale, "altro", "zona-traffico-limitato").getByRole("button").click();
    await expect(stale.getByText("Serve 1 credito in più").first()).toBeVisible();
    await expect(row(stale, "aggiunto", "zona-traffico-limitato")).toHaveCount(0);
    await look(stale, "refused for want of credits");
    await page.reload();
    await expect(sum(page)).toContainText("6 crediti");
    await expect(row(page, "aggiunto", "zona-traffico-limitato")).toHaveCount(0);
  });

  test(`a ninth service of high interactivity is saved, and not sent${way}`, async ({ visit }, info) => {
    const officer = person("officer", town(`a ninth service${way}`, info));
    const page = await visit(officer, { javaScriptEnabled });
    const area = areaOf(page);
    await compose(page);
    await add(page, "dichiarazione-ici", "iscrizione-scuola-secondaria", "denunce-impianti-termici");
    await add(page, "sportello-istanze", "zona-traffico-limitato");
    await expect(sum(page)).toContainText("Servizi ad alta interattività: 8 (da 2 a 8)");
    await press(row(page, "altro", "pagamento-contravvenzioni").getByRole("button"));
    await expect(sum(page)).toContainText("Servizi ad alta interattività: 9 (da 2 a 8)");
    const why = "C'è 1 servizio ad alta interattività di troppo: devono essere da 2 a 8";
    await refusesToSend(page, area, why);

    await compose(page);
    await takeBack(page, "pagamento-contravvenzioni");
    await expect(sum(page).getByRole("link", { name: "Vai al riepilogo" })).toHaveAttribute("href", /riepilogo$/);
  });
}

test("who drops below the minimum is told, and sends nothing", async ({ visit }, info) => {
  const page = await visit(person("officer", town("below the minimum", info)));
  const area = areaOf(page);
  await compose(page);
  await drop(page, "certificati-anagrafici");
  await drop(page, "dichiarazione-tarsu");
  await refusesToSend(page, area, "Manca 1 servizio ad alta interattività: devono essere da 2 a 8");
  await compose(page);
  await row(page, "assegnato", "dichiarazione-tarsu").getByRole("button", { name: /^Rimetti/ }).click();
  await expect(sum(page).getByRole("link", { name: "Vai al riepilogo" })).toHaveAttribute("href", /riepilogo$/);
});

test("a service is offered with what it requires, and never with what it excludes", async ({ visit, beside }, info) => {
  const page = await visit(person("officer", town("prerequisites and exclusions", info)));
  await compose(page);
  const stale = await beside(page);
  const payment = row(page, "altro", "pagamento-ici");
  await expect(payment).toContainText("Richiede Nodo dei pagamenti");
  await payment.getByRole("button", { name: /^Aggiungi entrambi.*\(9 crediti\)$/ }).click();
  await expect(row(page, "aggiunto", "pagamento-ici")).toBeVisible();
  await expect(row(page, "aggiunto", "nodo-pagamenti")).toBeVisible();
  await expect(sum(page)).toContainText("Aggiunto, con ciò che richiede");
  await look(page, "added with what it requires");

  // What another needs stays as long as the other does.
  const needed = row(page, "aggiunto", "nodo-pagamenti");
  await expect(needed).toContainText("Ne hanno bisogno altri servizi richiesti: Pagamento ICI");
  await expect(needed.getByRole("button")).toHaveCount(0);
  await sum(page).getByRole("button", { name: /^Togli/ }).click();
  await expect(row(page, "aggiunto", "pagamento-ici")).toHaveCount(0);
  await takeBack(page, "nodo-pagamenti");
  await expect(page.getByText("Nessun servizio aggiunto")).toBeVisible();

  await add(page, "sito-agid");
  await expect(row(page, "altro", "adeguamento-sito")).toContainText("Non si può avere insieme a «");
  await expect(row(page, "altro", "adeguamento-sito").getByRole("button")).toHaveCount(0);
  await row(stale, "altro", "adeguamento-sito").getByRole("button").click();
  await expect(stale.getByText("Non si può avere insieme a «").first()).toBeVisible();
  await page.reload();
  await expect(row(page, "aggiunto", "adeguamento-sito")).toHaveCount(0);
});

test("a package that was sent as it is leaves nothing to send", async ({ visit }, info) => {
  const body = town("nothing to send", info);
  const page = await visit(person("officer", body));
  const area = areaOf(page);
  const receipt = await send(page, "Confermare il pacchetto.");
  await page.goto(`${area}/pacchetto`);
  await expect(page.getByText("Il pacchetto è bloccato")).toBeVisible();
  await expect(page.getByRole("button", { name: /^(Togli|Aggiungi)/ })).toHaveCount(0);
  await look(page, "a locked package");
  await authorise(await visit(person("mayor", body)), receipt);
  await refusesToSend(
    page,
    area,
    "Non c'è nulla da inviare: i servizi del pacchetto sono già richiesti o attivi",
  );
});

/** The composition and the summary say the same sentence, and neither leads on. */
async function refusesToSend(page: Page, area: string, why: string): Promise<void> {
  await page.goto(`${area}/pacchetto`);
  await expect(sum(page).getByText(why)).toBeVisible();
  await expect(sum(page).getByRole("link", { name: "Vai al riepilogo" })).toBeDisabled();
  await look(page, "a package that can't be sent");
  await page.goto(`${area}/pacchetto/riepilogo`);
  await expect(page.getByText("Non si può ancora inviare")).toBeVisible();
  await expect(page.locator("main").getByText(why)).toBeVisible();
  await expect(page.locator('form[action$="/submissions"]')).toHaveCount(0);
  await look(page, "a summary that can't be sent");
}
