// What every story needs: people to sign in as, and eyes on each page reached. A story fails on an
// accessibility violation, a console error, a refused policy or sideways scrolling at 320 pixels,
// with the browser's program and without any JavaScript.

import AxeBuilder from "@axe-core/playwright";
import { expect, test as base, type BrowserContext, type Locator, type Page } from "@playwright/test";
import { execFileSync } from "node:child_process";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const PASSWORD = "una-frase-lunga-di-prova";

/** What Chromium writes by itself when an answer is a 4xx that the story expects. */
const EXPECTED = /Failed to load resource: the server responded with a status of 4\d\d/;

export interface Person {
  email: string;
  password: string;
}

/** Makes an officer, a mayor, an operator… with the command an administrator would use. */
export function person(role: string, istat?: string): Person {
  const name = `${role}${istat ?? ""}-${Math.random().toString(36).slice(2, 8)}`;
  const email = `${name}@example.org`;
  const body = istat ? ["--body", istat] : [];
  const title = { officer: "Referente", mayor: "Sindaco", operator: "Operatore" }[role] ?? role;
  execFileSync(
    process.env.STORIES_SERVER ?? "",
    ["create-person", "--role", role, ...body, "--email", email, "--name", `${title} di prova`, "--password-stdin"],
    {
      input: `${PASSWORD}\n`,
      cwd: root,
      env: { ...process.env, DATABASE_URL: `sqlite:${join(process.env.STORIES_FOLDER ?? "", "comunanza.sqlite")}` },
    },
  );
  return { email, password: PASSWORD };
}

/** Complaints of a page, collected as they come; `expected` are those that the story provokes. */
export async function watch(page: Page, expected?: RegExp): Promise<string[]> {
  const complaints: string[] = [];
  page.on("console", (message) => {
    const text = message.text();
    if (message.type() !== "error" || EXPECTED.test(text) || expected?.test(text)) return;
    complaints.push(`${page.url()}: ${text}`);
  });
  page.on("pageerror", (error) => complaints.push(`${page.url()}: ${error.stack ?? error}`));
  // Where scripts are off Chromium itself writes what the policy refused.
  await page.addInitScript(() => {
    addEventListener("securitypolicyviolation", (refused) => {
      console.error(`The policy refused ${refused.blockedURI} as ${refused.effectiveDirective}`);
    });
  });
  return complaints;
}

/** A look at the page as it stands: WCAG 2.2 AA, and no sideways scrolling on the smallest phone. */
export async function look(page: Page, name: string): Promise<void> {
  const violations = await audit(page);
  const found = violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).join(" | ")}`);
  expect(found, `${name}: accessibility`).toEqual([]);
  await expect(page.locator("h1"), `${name}: one main heading`).toHaveCount(1);
  const size = page.viewportSize();
  if (!size) return;
  await page.setViewportSize({ width: 320, height: size.height });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  await page.setViewportSize(size);
  expect(wide, `${name}: pixels beyond 320`).toBeLessThanOrEqual(0);
}

type Violations = Awaited<ReturnType<AxeBuilder["analyze"]>>["violations"];

/** Contexts without JavaScript. */
const scriptless = new WeakSet<BrowserContext>();

/** An audit is a script: a page without scripts is shown again, as it stands, to a browser that has them. */
async function audit(page: Page): Promise<Violations> {
  if (!scriptless.has(page.context())) return violations(page);
  const [html, url, viewport] = [await page.content(), page.url(), page.viewportSize()];
  const context = await page.context().browser()!.newContext({ viewport });
  const shown = await context.newPage();
  await shown.route("**/*.{js,wasm}", (route) => route.abort());
  await shown.route(url, (route) => route.fulfill({ contentType: "text/html; charset=utf-8", body: html }));
  await shown.goto(url);
  const found = await violations(shown);
  await context.close();
  return found;
}

/** Legacy mode and violations alone: no page of ours has frames, and the rest would take most of the time. */
async function violations(page: Page): Promise<Violations> {
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
  const builder = new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ["violations"] });
  return (await builder.withTags(tags).analyze()).violations;
}

export async function signIn(page: Page, who: Person): Promise<void> {
  await page.goto("/accedi");
  await enter(page, who);
  await expect(page).not.toHaveURL(/accedi/);
}

/** Fills in and sends the sign-in where one stands before it. */
export async function enter(page: Page, { email, password }: Person): Promise<void> {
  await page.locator('input[name="email"]').fill(email);
  await page.locator('input[name="password"]').fill(password);
  await page.locator('form:has(input[name="password"]) button').last().click();
}

/** The button of the form that does this, by the path of its operation. */
export function actionButton(page: Page, path: string): Locator {
  return page.locator(`form[action$="${path}"] button`).last();
}

interface Options {
  javaScriptEnabled?: boolean;
  /** Complaints that the story provokes. */
  expected?: RegExp;
}

interface Visiting {
  visit: (who?: Person, options?: Options) => Promise<Page>;
  /** Another page beside one, in the same browser: a second tab. */
  beside: (page: Page) => Promise<Page>;
}

export const test = base.extend<Visiting & { complaints: string[][] }>({
  complaints: async ({}, use) => {
    const complaints: string[][] = [];
    await use(complaints);
    expect(complaints.flat(), "complaints of the pages").toEqual([]);
  },
  /** A page of one's own, signed in as somebody; at the end nobody may have complained. */
  visit: async ({ browser, complaints }, use) => {
    const opened: BrowserContext[] = [];
    await use(async (who, { expected, ...options } = {}) => {
      const context = await browser.newContext(options);
      if (options.javaScriptEnabled === false) scriptless.add(context);
      opened.push(context);
      const page = await context.newPage();
      complaints.push(await watch(page, expected));
      if (who) await signIn(page, who);
      return page;
    });
    for (const context of opened) await context.close();
  },
  beside: async ({ complaints }, use) => {
    await use(async (page) => {
      const other = await page.context().newPage();
      complaints.push(await watch(other));
      await other.goto(page.url());
      return other;
    });
  },
});

export { expect };
export type { Locator, Page };
