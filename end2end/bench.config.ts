// How a page comes to somebody on a slow phone: part of `make bench`, against the release server.

import { devices } from "@playwright/test";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

process.env.STORIES_BUILD ??= "release";
const { default: stories } = await import("./playwright.config");

export default {
  ...stories,
  testDir: join(fileURLToPath(import.meta.url), "..", "bench"),
  reporter: [["line"]],
  // Looking on takes time of the page.
  use: { ...stories.use, trace: "off" },
  workers: 1,
  timeout: 600_000,
  projects: [{ name: "phone", use: { ...devices["Pixel 7"] } }],
};
