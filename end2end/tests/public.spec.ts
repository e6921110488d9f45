// What anybody sees: home, catalogue, sheet, sign-in, the pages that say that there is nothing.

import { expect, look, test, watch } from "../pages/world";

const PAGES = ["/", "/servizi", "/servizi?q=pagare+una+multa", "/servizi/pagamento-contravvenzioni", "/come-aderire", "/accedi"];

for (const path of PAGES) {
  test(`${path} is there for everybody`, async ({ page }) => {
    const complaints = await watch(page);
    const answer = await page.goto(path);
    expect(answer?.status()).toBe(200);
    await look(page, path);
    expect(complaints).toEqual([]);
  });
}

test("a query finds its service first, and nonsense a way on", async ({ page }) => {
  await page.goto("/servizi?q=pagare+una+multa");
  await expect(page.locator('main a[href^="/servizi/"]').first()).toHaveText("Pagamento contravvenzioni");
  await page.goto("/servizi?q=zzzzqqqq");
  await expect(page.locator('main a[href="/servizi"]').first()).toBeVisible();
  await look(page, "an empty result");
});

test("what is not there says so, with its status", async ({ page }) => {
  for (const path of ["/nulla", "/servizi/nulla"]) {
    const answer = await page.goto(path);
    expect(answer?.status()).toBe(404);
    await look(page, path);
  }
});

test("a page that asks for a sign-in leads there and back", async ({ page }) => {
  await page.goto("/richieste");
  await expect(page.locator('a[href^="/accedi?next="], form[action="/api/v1/session"]').first()).toBeVisible();
});
