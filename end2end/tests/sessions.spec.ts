// Who one is here: a session that ends while one writes, one's password, the way out.

import { add, areaOf, compose, summary } from "../pages/body";
import { town } from "../pages/towns";
import { actionButton, enter, expect, look, person, signIn, test, type Page } from "../pages/world";

for (const javaScriptEnabled of [true, false]) {
  const way = javaScriptEnabled ? "" : ", no script";

  test(`what was written is there again after a session that ended${way}`, async ({ visit }, info) => {
    const officer = person("officer", town(`expired session${way}`, info));
    const page = await visit(officer, { javaScriptEnabled });
    await compose(page);
    await add(page, "supporto-spid");
    await summary(page, "Aiutare chi non ha lo SPID, «anche» in biblioteca & a casa.");
    await page.context().clearCookies();
    await actionButton(page, "/submissions").click();
    await expect(page).toHaveURL(/\/accedi\?next=/);
    await look(page, "sign-in on the way");
    // A wrong password on the way loses nothing either.
    await enter(page, { ...officer, password: "una-frase-sbagliata" });
    await expect(page.getByText("Indirizzo e password non corrispondono")).toBeVisible();
    await enter(page, officer);
    await expect(page).toHaveURL(/\/riepilogo$/);
    await expect(page.getByText("Ciò che era scritto è di nuovo qui: controllare e inviare")).toBeVisible();
    const reason = page.getByLabel("Motivazione");
    await expect(reason).toHaveValue("Aiutare chi non ha lo SPID, «anche» in biblioteca & a casa.");
    await expect(page.getByLabel("Contatto per l'attivazione")).toHaveValue("Anagrafe, anagrafe@example.org");
    await look(page, "what was written is there again");
    await actionButton(page, "/submissions").click();
    await expect(page).toHaveURL(/\/pratiche\/\d+$/);
  });
}

for (const javaScriptEnabled of [true, false]) {
  const way = javaScriptEnabled ? "" : ", no script";

  test(`who signs in is led nowhere else${way}`, async ({ visit }) => {
    const page = await visit(undefined, { javaScriptEnabled });
    for (const away of ["//altrove.example.org/", "/\\altrove.example.org/", "/\t/altrove.example.org/", "/{x}/altrove.example.org/"]) {
      await page.goto(`/accedi?next=${encodeURIComponent(away)}`);
      await enter(page, person("operator"));
      await expect(page, away).toHaveURL("/richieste");
      await page.context().clearCookies();
    }
  });
}

test("a password is changed by who knows the old one, and other sessions end", async ({ visit }) => {
  const observer = person("observer");
  const page = await visit(observer);
  const elsewhere = await visit(observer);
  await page.goto("/profilo");
  await look(page, "profile");
  // For what keeps passwords: whose it is, in the form but not sent.
  await expect(page.locator('form input[autocomplete="username"]')).toHaveValue(observer.email);
  const [current, fresh] = [page.getByLabel("Password attuale"), page.getByLabel("Nuova password")];
  await change(page, "una-frase-sbagliata", "un'altra-frase-lunga");
  await expect(current).toHaveAttribute("aria-invalid", "true");
  await look(page, "a wrong password");
  await change(page, observer.password, "breve");
  await expect(fresh).toHaveAttribute("aria-invalid", "true");
  await expect(page.getByText("Almeno 12 caratteri").filter({ visible: true }).first()).toBeVisible();
  await change(page, observer.password, "un'altra-frase-lunga");
  await expect(page.getByText("Password cambiata.")).toBeVisible();
  await look(page, "a password changed");

  await elsewhere.goto("/profilo");
  await expect(elsewhere).toHaveURL(/\/accedi/);
  await enter(elsewhere, observer);
  await expect(elsewhere.getByText("Indirizzo e password non corrispondono")).toBeVisible();
  await signIn(elsewhere, { ...observer, password: "un'altra-frase-lunga" });
});

test("who tries too many passwords is told to wait, with the right one too", async ({ visit }) => {
  const observer = person("observer");
  const page = await visit();
  await page.goto("/accedi");
  for (let attempt = 1; attempt <= 5; attempt += 1) {
    const answer = page.waitForResponse(/\/api\/v1\/session$/);
    await enter(page, { ...observer, password: `una-frase-sbagliata-${attempt}` });
    await answer;
    await expect(page.getByText("Indirizzo e password non corrispondono")).toBeVisible();
  }
  await enter(page, observer);
  await expect(page.getByText(/^Troppi tentativi\. Riprovare tra [1-4]\ssecond[oi]$/)).toBeVisible();
  await look(page, "too many tries");
});

test("after the sign-out the back button shows nothing private", async ({ visit }, info) => {
  const page = await visit(person("officer", town("sign-out", info)));
  const area = areaOf(page);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Comune di");
  await page.getByRole("button", { name: "Referente di prova" }).click();
  await page.getByRole("button", { name: "Esci" }).click();
  await expect(page).toHaveURL("/");
  await expect(page.getByRole("link", { name: "Accedi" }).first()).toBeVisible();
  await look(page, "home after the sign-out");
  await page.goBack();
  await expect(page).toHaveURL(/\/accedi/);
  await expect(page.locator("main").getByText("crediti")).toHaveCount(0);
  await page.goto(area);
  await expect(page).toHaveURL(/\/accedi/);
  await expect(page.getByText("Referente di prova")).toHaveCount(0);
});

/** Sends the form that changes the password, and waits for its answer. */
async function change(page: Page, current: string, fresh: string): Promise<void> {
  await page.getByLabel("Password attuale").fill(current);
  await page.getByLabel("Nuova password").fill(fresh);
  const answer = page.waitForResponse(/\/profile\/password$/);
  await actionButton(page, "/profile/password").click();
  await answer;
}

test("who signs in is told once that somebody tried wrong passwords", async ({ visit }, info) => {
  const mayor = person("mayor", town("picture", info));
  const stranger = await visit();
  for (let tries = 0; tries < 3; tries++) {
    await stranger.goto("/accedi");
    await enter(stranger, { ...mayor, password: "una-frase-sbagliata" });
    await expect(stranger.getByText("Indirizzo e password non corrispondono")).toBeVisible();
  }
  const page = await visit(mayor);
  const warning = page.getByText("Prima di questo accesso ci sono stati 3 tentativi falliti");
  await expect(warning).toBeVisible();
  await look(page, "failed tries");
  await page.getByRole("link", { name: "Cambiare la password" }).click();
  await expect(page).toHaveURL("/profilo");
  await expect(warning).toHaveCount(0);
});
