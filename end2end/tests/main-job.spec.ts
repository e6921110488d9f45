// The main job: a municipality spends its credits, its mayor authorises, the aggregator works on the
// request, and the service goes live. Once with the browser's program, once without any JavaScript.

import type { Page } from "@playwright/test";
import { deed, expect, look, person, test, type Person } from "../pages/world";

/** Municipalities that nobody else plays with: one for each way of telling the story. */
const TOWNS: Record<string, string> = {
  "desktop with the program": "013250",
  "desktop without JavaScript": "013126",
  "phone with the program": "013145",
  "phone without JavaScript": "013152",
};

for (const javaScriptEnabled of [true, false]) {
  const way = javaScriptEnabled ? "with the program" : "without JavaScript";
  test(`a service goes from the basket to being live, ${way}`, async ({ visit }, info) => {
    test.setTimeout(180_000);
    const town = TOWNS[`${info.project.name} ${way}`];
    const officer = person("officer", town);
    const mayor = person("mayor", town);
    const operator = person("operator");
    // An audit runs a script of its own in the page: only where scripts run.
    const see = async (page: Page, name: string) => {
      if (javaScriptEnabled) await look(page, name);
    };
    const enter = (who: Person) => visit(who, { javaScriptEnabled });

    const office = await enter(officer);
    await expect(office.getByRole("heading", { level: 1 })).toContainText("Comune di");
    await see(office, "area of the municipality");
    const area = new URL(office.url()).pathname;

    await office.goto(`${area}/pacchetto`);
    await see(office, "composition");
    const adding = office.locator('form:has(input[value="formazione-10-ore"]):has(input[value="add"])').first();
    await adding.getByRole("button").click();
    await expect(office.getByText("38 crediti").or(office.getByText("34 crediti")).first()).toBeVisible();
    await office.goto(`${area}/pacchetto/riepilogo`);
    await see(office, "summary");

    // Sent without its reason: refused beside the fields, and nothing is lost.
    await office.locator('input[name="contact"]').fill("Ufficio anagrafe, anagrafe@example.org");
    await deed(office, "/submissions").click();
    await expect(office.locator('textarea[name="reason"][aria-invalid="true"]')).toBeVisible();
    await expect(office.locator('input[name="contact"]')).toHaveValue("Ufficio anagrafe, anagrafe@example.org");
    await see(office, "summary with a fault");
    await office.locator('textarea[name="reason"]').fill("Formare chi sta allo sportello.");
    await deed(office, "/submissions").click();
    await expect(office).toHaveURL(/\/pratiche\/\d+$/);
    await expect(office.getByText(/\d{4}\/\d{6}/).first()).toBeVisible();
    await see(office, "receipt");
    const receipt = new URL(office.url()).pathname;

    const townHall = await enter(mayor);
    await townHall.goto(receipt);
    await see(townHall, "authorisation");
    await deed(townHall, "/authorise").click();
    await expect(townHall.getByRole("heading", { level: 1 })).toContainText("autorizzata");
    await see(townHall, "authorised");

    await office.goto(`${area}/richieste?state=submitted`);
    await see(office, "requests of the municipality");
    await office.locator('main a[href^="/richieste/"]').first().click();
    await expect(office).toHaveURL(/\/richieste\/\d+/);
    await expect(office.getByRole("heading", { level: 1 })).toContainText("formazione");
    await see(office, "request");
    const request = new URL(office.url()).pathname;

    const desk = await enter(operator);
    await see(desk, "requests to be worked");
    await desk.goto(request);
    for (const step of ["take-in-charge", "approve", "start"]) {
      await does(desk, step);
    }
    while ((await deed(desk, "/complete-milestone").count()) > 0) {
      await does(desk, "complete-milestone");
    }
    await does(desk, "go-live");
    await see(desk, "a live service");

    await office.goto(request);
    await expect(office.getByText("Attiva", { exact: true }).first()).toBeVisible();
    await office.goto(`${area}/movimenti`);
    await expect(office.locator("main").getByText("Spesa", { exact: true }).locator("visible=true").first()).toBeVisible();
    await see(office, "movements");
  });
}

/** Does a deed of the operator, unfolding what it is folded in, and waits until the page has it. */
async function does(page: Page, step: string): Promise<void> {
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
