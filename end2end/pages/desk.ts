// What an operator does with a request.

import { deed, expect, type Page } from "./world";

/** Does a deed of the operator, unfolding what it is folded in, and waits until the page has it. */
export async function does(page: Page, step: string): Promise<void> {
  const version = page.locator('input[name="version"]').first();
  const before = await version.inputValue();
  const button = deed(page, `/${step}`);
  if (!(await button.isVisible())) {
    await page.locator(`details:has(form[action$="/${step}"]) > summary`).last().click();
  }
  await button.click();
  await expect(async () => {
    const versions = page.locator('input[name="version"]');
    const now = (await versions.count()) > 0 ? await versions.first().inputValue() : "none";
    expect(now).not.toBe(before);
  }).toPass();
}
