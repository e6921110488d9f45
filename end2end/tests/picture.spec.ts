// The picture of the README: the composition of a package, as an officer sees it. Every run takes it into the report;
//
//   PICTURE=1 npm --prefix end2end test -- picture --project=desktop
//
// puts it in its place.

import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { add, compose, drop, sum } from "../pages/body";
import { town } from "../pages/towns";
import { expect, person, test } from "../pages/world";

const here = dirname(fileURLToPath(import.meta.url));

test("the picture of the README shows a package that can be sent", async ({ visit }, info) => {
  test.skip(info.project.name === "phone", "one picture is enough");
  const page = await visit(person("officer", town("picture", info)));
  await page.setViewportSize({ width: 1280, height: 900 });
  await compose(page);
  await drop(page, "formazione-10-ore");
  await add(page, "wifi-pubblico", "supporto-spid");
  await expect(sum(page).getByRole("link", { name: "Vai al riepilogo" })).toBeVisible();
  await page.evaluate(() => window.scrollTo(0, 0));
  const folder = join(here, process.env.PICTURE ? "../screenshots" : "../report");
  await page.screenshot({ path: join(folder, "composition.png") });
});
