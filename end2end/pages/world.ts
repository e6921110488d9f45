// What every story needs: people to sign in as, and eyes on each page reached. A story fails on an
// accessibility violation, a console error, a refused policy or sideways scrolling at 320 pixels.

import AxeBuilder from "@axe-core/playwright";
import { expect, test as base, type Browser, type BrowserContext, type Locator, type Page } from "@playwright/test";
import { execFileSync } from "node:child_process";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const server = resolve(root, process.env.CARGO_TARGET_DIR ?? "target", "debug", "server");
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
    server,
    ["create-person", "--role", role, ...body, "--email", email, "--name", `${title} di prova`, "--password-stdin"],
    {
      input: `${PASSWORD}\n`,
      cwd: root,
      env: { ...process.env, DATABASE_URL: `sqlite:${join(process.env.STORIES_FOLDER ?? "", "comunanza.sqlite")}` },
    },
  );
  return { email, password: PASSWORD };
}

/** Complaints of a page, collected as they come. */
export function watch(page: Page): string[] {
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" && !EXPECTED.test(message.text())) complaints.push(`${page.url()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`${page.url()}: ${error.stack ?? error}`));
  return complaints;
}

/** A look at the page as it stands: WCAG 2.2 AA, and no sideways scrolling on the smallest phone. */
export async function look(page: Page, name: string): Promise<void> {
  const audit = await new AxeBuilder({ page })
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"])
    .analyze();
  const found = audit.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).join(" | ")}`);
  expect(found, `${name}: accessibility`).toEqual([]);
  await expect(page.locator("h1"), `${name}: one main heading`).toHaveCount(1);
  const size = page.viewportSize();
  if (!size) return;
  await page.setViewportSize({ width: 320, height: size.height });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  await page.setViewportSize(size);
  expect(wide, `${name}: pixels beyond 320`).toBeLessThanOrEqual(0);
}

export async function signIn(page: Page, who: Person): Promise<void> {
  await page.goto("/accedi");
  await page.locator('input[name="email"]').fill(who.email);
  await page.locator('input[name="password"]').fill(who.password);
  await page.locator('form:has(input[name="password"]) button').last().click();
  await expect(page).not.toHaveURL(/accedi/);
}

/** The button of the form that does this, by the path of its operation. */
export function deed(page: Page, path: string): Locator {
  return page.locator(`form[action$="${path}"] button`).last();
}

interface Visiting {
  visit: (who?: Person, options?: { javaScriptEnabled?: boolean }) => Promise<Page>;
}

export const test = base.extend<Visiting>({
  /** A page of one's own, signed in as somebody; at the end nobody may have complained. */
  visit: async ({ browser }, use) => {
    const opened: { context: BrowserContext; complaints: string[] }[] = [];
    await use(async (who, options) => {
      const context = await (browser as Browser).newContext(options);
      const page = await context.newPage();
      opened.push({ context, complaints: watch(page) });
      if (who) await signIn(page, who);
      return page;
    });
    for (const { context, complaints } of opened) {
      await context.close();
      expect(complaints).toEqual([]);
    }
  },
});

export { expect };
