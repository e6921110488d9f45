// The main job: a municipality spends its credits, its mayor authorises, the aggregator works on the
// request, and the service goes live. Once with the browser's program, once without any JavaScript.

import { does } from "../pages/desk";
import { town } from "../pages/towns";
import { actionButton, expect, look, person, test, type Person } from "../pages/world";

for (const javaScriptEnabled of [true, false]) {
  const way = javaScriptEnabled ? "" : ", no script";
  test(`a service goes from the basket to being live${way}`, async ({ visit }, info) => {
    test.setTimeout(180_000);
    const body = town(`main job${way}`, info);
    const officer = person("officer", body);
    const mayor = person("mayor", body);
    const operator = person("operator");
    const enter = (who: Person) => visit(who, { javaScriptEnabled });

    const office = await enter(officer);
    await expect(office.getByRole("heading", { level: 1 })).toContainText("Comune di");
    await look(office, "area of the municipality");
    const area = new URL(office.url()).pathname;

    await office.goto(`${area}/pacchetto`);
    await look(office, "composition");
    const adding = office.locator('form:has(input[value="formazione-10-ore"]):has(input[value="add"])').first();
    await adding.getByRole("button").click();
    await expect(office.locator('form:has(input[value="formazione-10-ore"]):has(input[value="undo"]) button').first()).toBeVisible();
    await office.goto(`${area}/pacchetto/riepilogo`);
    await look(office, "summary");

    // Sent without its reason: refused beside the fields, and nothing is lost.
    await office.locator('input[name="contact"]').fill("Ufficio anagrafe, anagrafe@example.org");
    await actionButton(office, "/submissions").click();
    await expect(office.locator('textarea[name="reason"][aria-invalid="true"]')).toBeVisible();
    await expect(office.locator('input[name="contact"]')).toHaveValue("Ufficio anagrafe, anagrafe@example.org");
    await look(office, "summary with a fault");
    // A web address is one long word: no page may scroll sideways for it.
    const act = `https://www.example.org/atti/${"delibera-di-indirizzo-".repeat(8)}`;
    await office.locator('textarea[name="reason"]').fill(`Formare chi sta allo sportello: ${act}`);
    await actionButton(office, "/submissions").click();
    await expect(office).toHaveURL(/\/pratiche\/\d+$/);
    await expect(office.getByText(/\d{4}\/\d{6}/).first()).toBeVisible();
    await look(office, "receipt");
    const receipt = new URL(office.url()).pathname;

    const townHall = await enter(mayor);
    await townHall.goto(receipt);
    await look(townHall, "authorisation");
    // On paper it is the receipt, with its number.
    const number = townHall.locator(".cz-receipt-number");
    await expect(number).toBeHidden();
    await townHall.emulateMedia({ media: "print" });
    await expect(number).toBeVisible();
    await expect(number).toHaveText(/^\d{4}\/\d{6}$/);
    await townHall.emulateMedia({ media: "screen" });
    await actionButton(townHall, "/authorise").click();
    await expect(townHall.getByRole("heading", { level: 1 })).toContainText("autorizzata");
    await look(townHall, "authorised");

    await office.goto(`${area}/richieste?state=submitted`);
    await look(office, "requests of the municipality");
    await office.locator('main a[href^="/richieste/"]').first().click();
    await expect(office).toHaveURL(/\/richieste\/\d+/);
    await expect(office.getByRole("heading", { level: 1 })).toContainText("formazione");
    await look(office, "request");
    const request = new URL(office.url()).pathname;

    const desk = await enter(operator);
    await look(desk, "requests to be worked");
    await desk.goto(request);
    for (const step of ["take-in-charge", "approve", "start"]) {
      await does(desk, step);
    }
    while ((await actionButton(desk, "/complete-milestone").count()) > 0) {
      await does(desk, "complete-milestone");
    }
    await does(desk, "go-live");
    await look(desk, "a live service");

    await office.goto(request);
    await expect(office.getByText("Attiva", { exact: true }).first()).toBeVisible();
    await office.goto(`${area}/movimenti`);
    await expect(office.locator("main").getByText("Spesa", { exact: true }).locator("visible=true").first()).toBeVisible();
    await look(office, "movements");
  });
}
