// The program comes in portions: an area's with its first page. Where one can't come, the page does, from the server.

import { expect, test, watch } from "../pages/world";
import type { Page } from "@playwright/test";

/** At home with the program running, and a mark that is gone once the browser loads a document anew. */
async function begin(page: Page): Promise<void> {
  await page.goto("/", { waitUntil: "networkidle" });
  await page.evaluate(() => document.body.setAttribute("data-marked", ""));
}

async function toCatalogue(page: Page): Promise<void> {
  await page.locator('main a[href="/servizi"]').first().click();
  await expect(page).toHaveURL(/\/servizi$/);
  await expect(page.locator('main form[action^="/servizi"]').first()).toBeVisible();
}

test("the program goes on to a page whose portion it has not", async ({ page }) => {
  const complaints = await watch(page);
  await begin(page);
  const portion = page.waitForResponse(/\/pkg\/[^/]*split_services[^/]*\.wasm$/);
  await toCatalogue(page);
  expect((await portion).headers()["cache-control"]).toContain("immutable");
  await expect(page.locator("body")).toHaveAttribute("data-marked");
  expect(complaints).toEqual([]);
});

test("a portion that can't come leaves the page to the server", async ({ page }) => {
  await begin(page);
  await page.route(/\/pkg\/[^/]*split_services[^/]*\.wasm$/, (route) => route.abort());
  await toCatalogue(page);
  await expect(page.locator("body")).not.toHaveAttribute("data-marked");
});
