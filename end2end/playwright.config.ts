// The browser tests: each story on a desktop and on a phone, against a debug server with the
// demonstration in a database of its own. `make test` builds what they need; to run one of them:
//
//   npm --prefix end2end test -- --project=phone -g "part of its name"

import { defineConfig, devices } from "@playwright/test";
import { existsSync, mkdirSync, mkdtempSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "..");
const build = process.env.STORIES_BUILD ?? "debug";
const server = resolve(root, process.env.CARGO_TARGET_DIR ?? "target", build, "server");
const report = join(here, "report");
const log = join(report, "server.log");

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((ready) => probe.listen(0, "127.0.0.1", ready));
  const { port } = probe.address() as AddressInfo;
  await new Promise((closed) => probe.close(closed));
  return port;
}

// Every worker reads this file again: what is chosen once stays in the environment they inherit.
process.env.STORIES_PORT ??= String(await freePort());
process.env.STORIES_SERVER = server;
process.env.STORIES_LOG = log;
process.env.STORIES_FOLDER ??= mkdtempSync(join(tmpdir(), "comunanza-stories-"));
const address = `127.0.0.1:${process.env.STORIES_PORT}`;

// The same order as in .make/browser; without either, Playwright's own.
const browser = [process.env.CHROMIUM_PATH, "/usr/bin/chromium"].find((path) => path && existsSync(path));

mkdirSync(report, { recursive: true });

export default defineConfig({
  testDir: join(here, "tests"),
  outputDir: join(report, "traces"),
  globalTeardown: join(here, "teardown.ts"),
  fullyParallel: true,
  forbidOnly: process.env.CI === "true",
  workers: 2,
  // A test that passes the second time is a test that failed.
  retries: 0,
  timeout: 180_000,
  expect: { timeout: 10_000 },
  reporter: [
    ["list"],
    ["html", { outputFolder: join(report, "html"), open: "never" }],
    ["json", { outputFile: join(report, "results.json") }],
  ],
  use: {
    baseURL: `http://${address}`,
    locale: "it-IT",
    timezoneId: "Europe/Rome",
    // Without a film: it would cost more than the stories.
    trace: { mode: "retain-on-failure", screenshots: false },
    launchOptions: {
      executablePath: browser,
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
  projects: [
    { name: "desktop", use: { ...devices["Desktop Chrome"] } },
    { name: "phone", use: { ...devices["Pixel 7"] } },
  ],
  webServer: {
    // `exec`: the signal to stop reaches the server itself. What it says is kept beside the report: the teardown looks
    // for panics in it.
    command: `exec "${server}" serve > "${log}" 2>&1`,
    cwd: root,
    url: `http://${address}/`,
    // A debug build loads the whole demonstration before it answers.
    timeout: 180_000,
    gracefulShutdown: { signal: "SIGTERM", timeout: 5_000 },
    env: {
      DATABASE_URL: `sqlite:${join(process.env.STORIES_FOLDER, "comunanza.sqlite")}`,
      DEMO: "1",
      LEPTOS_HASH_FILES: "true",
      LEPTOS_SITE_ADDR: address,
      LEPTOS_SITE_ROOT: join(root, "target", "site"),
    },
  },
});
