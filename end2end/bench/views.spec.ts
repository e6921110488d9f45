// A first view on a slow phone: 4G with 150 ms to answer and 1.6 Mb/s, a processor four times slower, nothing kept from
// before. Medians of some visits.

import type { Browser, BrowserContext, Page } from "@playwright/test";
import { areaOf, compose, add, send } from "../pages/body";
import { town } from "../pages/towns";
import { person, test } from "../pages/world";

const VISITS = 5;

interface Figures {
  /** First and largest paint, and all of the program fetched, since the visit began: milliseconds. */
  painted: number;
  largest: number;
  fetched: number;
  /** Longest from a touch or a key to the next picture: milliseconds. */
  slowest: number;
  /** How much moved by itself. */
  moved: number;
}

test("first views", async ({ browser, visit }, info) => {
  const body = town("picture", info);
  const office = await visit(person("officer", body));
  await compose(office);
  await add(office, "supporto-rtd");
  const receipt = await send(office, "Digitalizzare gli uffici.");
  const mayor = await visit(person("mayor", body));
  const signedIn = await mayor.context().storageState();
  const area = areaOf(mayor);
  for (const [name, path, storageState] of [
    ["home, anybody", "/", undefined],
    ["catalogue, anybody", "/servizi", undefined],
    ["municipality, its mayor", area, signedIn],
    ["receipt to authorise, its mayor", receipt, signedIn],
  ] as const) {
    const figures: Figures[] = [];
    for (let visits = 0; visits < VISITS; visits++) figures.push(await first(browser, path, storageState));
    const of = (which: keyof Figures) => median(figures.map((each) => each[which]));
    console.log(
      `${name.padEnd(34)} painted ${of("painted").toFixed(0)} ms, largest ${of("largest").toFixed(0)} ms, ` +
        `program fetched ${of("fetched").toFixed(0)} ms, touch to picture ${of("slowest").toFixed(0)} ms, ` +
        `moved ${of("moved").toFixed(3)}`,
    );
  }
});

type State = Awaited<ReturnType<BrowserContext["storageState"]>>;

async function first(browser: Browser, path: string, storageState: State | undefined): Promise<Figures> {
  const context = await browser.newContext({ storageState });
  const page = await context.newPage();
  const chromium = await context.newCDPSession(page);
  await chromium.send("Network.enable");
  await chromium.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: 150,
    downloadThroughput: 1_600_000 / 8,
    uploadThroughput: 750_000 / 8,
  });
  await chromium.send("Emulation.setCPUThrottlingRate", { rate: 4 });
  await page.addInitScript(watch);
  await page.goto(path, { waitUntil: "networkidle" });
  await touch(page);
  const figures = await page.evaluate(() => (globalThis as unknown as { figures: () => Figures }).figures());
  await context.close();
  return figures;
}

/** Opens and closes the menu, and writes where there is something to write. */
async function touch(page: Page): Promise<void> {
  const menu = page.locator("details.cz-menu summary");
  await menu.tap();
  await menu.tap();
  const words = page.locator('main input[type="search"]');
  if (await words.count()) await words.first().pressSequentially("spid", { delay: 150 });
  await page.waitForTimeout(500);
}

/** Runs in the page. */
function watch(): void {
  interface Shift extends PerformanceEntry {
    value: number;
    hadRecentInput: boolean;
  }
  let [largest, slowest, moved] = [0, 0, 0];
  const observe = (type: string, note: (entry: PerformanceEntry) => void, more = {}) =>
    new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({ type, buffered: true, ...more });
  observe("largest-contentful-paint", (entry) => (largest = entry.startTime));
  observe("event", (entry) => (slowest = Math.max(slowest, entry.duration)), { durationThreshold: 16 });
  observe("layout-shift", (entry) => {
    const shift = entry as Shift;
    if (!shift.hadRecentInput) moved += shift.value;
  });
  Object.assign(globalThis, {
    figures: () => {
      const [paint] = performance.getEntriesByName("first-contentful-paint");
      const parts = performance.getEntriesByType("resource").filter((entry) => entry.name.includes(".wasm"));
      if (!paint || !parts.length) throw new Error("nothing was painted, or no program came");
      const fetched = Math.max(...parts.map((part) => (part as PerformanceResourceTiming).responseEnd));
      return { painted: paint.startTime, largest, fetched, slowest, moved };
    },
  });
}

function median(figures: number[]): number {
  return figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)] ?? Number.NaN;
}
