// What is done with a request or a submission, in the words of the stories.

import { expect, type Locator, type Page } from "./world";

/** The form of an action, by the end of its path; unfolded where it is folded in. */
export async function unfold(page: Page, path: string): Promise<Locator> {
  const form = page.locator(`form[action$="${path}"]`).last();
  await expect(form).toBeAttached();
  if (!(await form.isVisible())) await page.locator("details", { has: form }).last().locator("summary").click();
  return form;
}

/** Does an action of the operator, and waits until the page has it. */
export async function does(page: Page, step: string, words?: string): Promise<void> {
  // Read at one instant, of a page that is whole: the last form may go while one looks.
  const versions = page.locator('input[name="version"]');
  const version = async () => {
    await page.waitForLoadState();
    return versions.evaluateAll((inputs) => inputs[0]?.getAttribute("value") ?? "none");
  };
  const before = await version();
  const form = await unfold(page, `/${step}`);
  if (words !== undefined) await form.locator("textarea").fill(words);
  await form.getByRole("button").click();
  // While the browser goes to a new page there is nothing to be read.
  await expect(async () => expect(await version()).not.toBe(before)).toPass({ timeout: 10_000 });
}
