// What stands round every page: the language, and what happens where there is no network.

import { add, compose, row } from "../pages/body";
import { town } from "../pages/towns";
import { expect, look, person, test } from "../pages/world";

for (const javaScriptEnabled of [true, false]) {
  const way = javaScriptEnabled ? "" : ", no script";

  test(`the language changes where one is, and is kept${way}`, async ({ visit }) => {
    const page = await visit(undefined, { javaScriptEnabled });
    await page.goto("/servizi?q=multa");
    await page.getByRole("button", { name: "English: ENG" }).click();
    await expect(page).toHaveURL("/servizi?q=multa");
    await expect(page.locator("html")).toHaveAttribute("lang", "en");
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Service catalogue");
    // The sheets stay Italian, and say so.
    await expect(page.locator("main").getByText("Pagamento contravvenzioni").first()).toBeVisible();
    await look(page, "the catalogue in English");
    await page.goto("/come-aderire");
    await expect(page.locator("html")).toHaveAttribute("lang", "en");
    await page.getByRole("button", { name: "Italiano: ITA" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Come aderire");
  });
}

test("without a network nothing is lost, and one tries again in place", async ({ visit }, info) => {
  const page = await visit(person("officer", town("offline", info)), { expected: /ERR_INTERNET_DISCONNECTED/ });
  await compose(page);
  await add(page, "supporto-spid");
  await page.context().setOffline(true);
  await row(page, "altro", "wifi-pubblico").getByRole("button", { name: /^Aggiungi/ }).click();
  const refusal = row(page, "altro", "wifi-pubblico").getByRole("alert");
  await expect(refusal).toContainText("Il server non risponde. Controllare la connessione e riprovare");
  await look(page, "a change without a network");
  await page.getByRole("navigation", { name: "Percorso" }).getByRole("link").first().click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Il server non risponde");
  await look(page, "a page without a network");
  await page.context().setOffline(false);
  await page.getByRole("link", { name: "Riprova" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Comune di");
  await compose(page);
  await expect(row(page, "aggiunto", "supporto-spid")).toBeVisible();
  await expect(row(page, "aggiunto", "wifi-pubblico")).toHaveCount(0);
});

test("a font that comes late moves nothing", async ({ visit }) => {
  const page = await visit();
  let requested = 0;
  await page.route("**/fonts/*.woff2", async (route) => {
    requested++;
    await new Promise((later) => setTimeout(later, 1_000));
    await route.continue();
  });
  await page.addInitScript(() => {
    let moved = 0;
    const add = (shifts: PerformanceEntryList) => {
      for (const shift of shifts) moved += (shift as PerformanceEntry & { value: number }).value;
    };
    const watching = new PerformanceObserver((list) => add(list.getEntries()));
    watching.observe({ type: "layout-shift", buffered: true });
    Object.assign(globalThis, {
      moved: () => {
        add(watching.takeRecords());
        return moved;
      },
    });
  });
  await page.goto("/servizi");
  // All that the page uses have come, and are painted.
  const come = await page.evaluate(async () => {
    await document.fonts.ready;
    for (const _ of [1, 2]) await new Promise(requestAnimationFrame);
    await new Promise((later) => setTimeout(later));
    const ours = (font: FontFace) => font.family.includes("Titillium Web") && font.status === "loaded";
    return [...document.fonts].filter(ours).length;
  });
  expect([come, requested]).toEqual([3, 3]);
  const moved = await page.evaluate(() => (globalThis as unknown as { moved: () => number }).moved());
  expect(moved).toBeLessThan(0.02);
});
