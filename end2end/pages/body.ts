// What the officer and the mayor of a municipality do, in the words of the stories.

import { actionButton, expect, type Locator, type Page } from "./world";

/** The address of one's municipality, where the sign-in leads. */
export function areaOf(page: Page): string {
  return new URL(page.url()).pathname;
}

/** Opens the composition of the package. */
export async function compose(page: Page): Promise<void> {
  await page.goto(`${/^\/comuni\/\d+/.exec(areaOf(page))?.[0]}/pacchetto`);
}

/** The sum beside the package: what is left, the way on, what was done last. */
export function sum(page: Page): Locator {
  return page.getByRole("complementary", { name: "Il pacchetto in breve" });
}

/** A row of the composition: of the package, of what was added, or of the other services. */
export function row(page: Page, list: "assegnato" | "aggiunto" | "altro", service: string): Locator {
  return page.locator(`#${list}-${service}`);
}

/** Does something that, without the program, leads to a new page: one that is still coming moves under the pointer. */
export async function press(button: Locator): Promise<void> {
  await button.page().waitForLoadState();
  await button.click();
}

/** Adds services, one after the other. */
export async function add(page: Page, ...services: string[]): Promise<void> {
  for (const service of services) {
    await press(row(page, "altro", service).getByRole("button", { name: /^Aggiungi/ }));
    await expect(row(page, "aggiunto", service)).toBeVisible();
  }
}

/** Takes back what was added. */
export async function takeBack(page: Page, service: string): Promise<void> {
  await press(row(page, "aggiunto", service).getByRole("button", { name: /^Togli/ }));
  await expect(row(page, "aggiunto", service)).toHaveCount(0);
}

/** Drops an item of the package. */
export async function drop(page: Page, service: string): Promise<void> {
  await press(row(page, "assegnato", service).getByRole("button", { name: /^Togli/ }));
  await expect(row(page, "assegnato", service)).toContainText("Tolto");
}

/** Opens the summary, and fills in what is asked for. */
export async function summary(page: Page, reason: string): Promise<void> {
  await compose(page);
  await page.goto(`${areaOf(page)}/riepilogo`);
  await page.getByLabel("Motivazione").fill(reason);
  await page.getByLabel("Contatto per l'attivazione").fill("Anagrafe, anagrafe@example.org");
}

/** Sends the package with this reason; tells the address of the receipt. */
export async function send(page: Page, reason: string): Promise<string> {
  await summary(page, reason);
  await actionButton(page, "/submissions").click();
  await expect(page).toHaveURL(/\/pratiche\/\d+$/);
  return areaOf(page);
}

/** The mayor authorises what a receipt tells of. */
export async function authorise(page: Page, receipt: string): Promise<void> {
  await page.goto(receipt);
  await actionButton(page, "/authorise").click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("autorizzata");
}

/** Opens the request for a service, by its name; tells its address. */
export async function openRequest(page: Page, area: string, service: string): Promise<string> {
  await page.goto(`${area}/richieste`);
  await page.locator("main").getByRole("link", { name: service }).first().click();
  await expect(page).toHaveURL(/\/richieste\/\d+$/);
  await expect(page.getByRole("heading", { level: 1 })).toContainText(service);
  return areaOf(page);
}
