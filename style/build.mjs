// Builds style/dist/main.css and refreshes what the style needs in public/.
//
//   npm run build                      once
//   npm run watch                      again after each change of style/ or of the Rust sources
//   npm run build -- --content GLOB    reads more markup than the Rust sources (a gallery, say)
//
// Steps: sass -> PurgeCSS over the sources that write markup -> lightningcss -> checks.
// A class that the code composes at run time ("cz-badge-" + tone) is not seen by PurgeCSS:
// it must match safelist.mjs.

import { brotliCompressSync } from "node:zlib";
import { existsSync, mkdirSync, readFileSync, readdirSync, watch, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { PurgeCSS } from "purgecss";
import * as sass from "sass";
import { browserslistToTargets, transform } from "lightningcss";
import safelist from "./safelist.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const publicFolder = join(here, "..", "public");
const markupFolders = ["app", "server"].map((folder) => join(here, "..", folder));
const extra = process.argv.flatMap((word, at, all) => (word === "--content" ? [all[at + 1]] : []));

/** Every Rust file that may write markup. */
const sources = () =>
  markupFolders
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder, { recursive: true }).map((file) => join(folder, file)))
    .filter((file) => file.endsWith(".rs"));

/** The notice that the licence of Bootstrap Italia asks for wherever its work goes. */
const notice = readFileSync(join(here, "node_modules", "bootstrap-italia", "LICENSE"), "utf8").match(/Copyright.*/)[0];
const credit = `Bootstrap Italia, BSD-3-Clause. ${notice}`;

/** The style in full, before anything unused is taken out. */
function compile() {
  return sass.compile(join(here, "main.scss"), {
    loadPaths: [join(here, "node_modules")],
    quietDeps: true,
    // Bootstrap Italia 2 still uses @import, and so must the file that picks its parts.
    silenceDeprecations: ["import"],
  }).css;
}

async function purge(css) {
  const [purged] = await new PurgeCSS().purge({
    css: [{ raw: css }],
    content: [...sources(), ...extra],
    // Words as they stand in Rust strings and in `class:name=`: the letters of a class and no more.
    defaultExtractor: (text) => text.match(/[\w-]+/g) ?? [],
    safelist,
    variables: true,
    keyframes: true,
  });
  return purged.css;
}

// Versions as lightningcss counts them; `@layer`, popover and :has() set the floor.
const version = (major, minor = 0) => (major << 16) | (minor << 8);
const targets = { chrome: version(109), firefox: version(115), safari: version(15, 6), ios_saf: version(15, 6) };

function minify(css) {
  const { code } = transform({
    filename: "main.css",
    code: Buffer.from(css),
    minify: true,
    targets,
    visitor: {
      // Bootstrap Italia draws some icons with data: addresses, which a strict img-src forbids.
      // Our markup uses the sprite instead, so those declarations go.
      Declaration: (declaration) => (JSON.stringify(declaration).includes('"url":"data:') ? [] : undefined),
    },
  });
  return code.toString();
}

function check(css) {
  const faults = [];
  if (css.includes("data:")) faults.push("holds a data: address, which the content policy forbids");
  if (/@import|https?:\/\/(?!www\.w3\.org)/.test(css.replace(/\/\*!.*?\*\//gs, ""))) faults.push("loads something from another site");
  if (/Lora|Roboto Mono/.test(css)) faults.push("names a font that is not shipped");
  if (faults.length > 0) throw new Error(`main.css ${faults.join("; ")}`);
}

/** Writes only what changed, so that watchers and git see no false change. */
function place(path, content) {
  mkdirSync(dirname(path), { recursive: true });
  if (existsSync(path) && readFileSync(path).equals(Buffer.from(content))) return;
  writeFileSync(path, content);
}

function placeFonts() {
  const font = join(here, "node_modules", "@fontsource", "titillium-web");
  for (const weight of [400, 600, 700]) {
    const file = readFileSync(join(font, "files", `titillium-web-latin-${weight}-normal.woff2`));
    place(join(publicFolder, "fonts", `titillium-web-${weight}.woff2`), file);
  }
  place(join(publicFolder, "fonts", "LICENSE.txt"), readFileSync(join(font, "LICENSE")));
}

/** public/icons.svg: the symbols named in icons.txt, out of the official sprite. */
function placeIcons() {
  const sprite = readFileSync(join(here, "node_modules", "bootstrap-italia", "dist", "svg", "sprites.svg"), "utf8");
  const official = new Map(
    [...sprite.matchAll(/<symbol id="([^"]+)".*?<\/symbol>/gs)].map(([symbol, name]) => [name, symbol]),
  );
  const wanted = readFileSync(join(here, "icons.txt"), "utf8")
    .split("\n")
    .map((line) => line.replace(/#.*/, "").trim())
    .filter(Boolean);
  const unknown = wanted.filter((name) => !official.has(name));
  if (unknown.length > 0) throw new Error(`icons.txt names no official icon: ${unknown.join(", ")}`);
  const missing = namedIcons(official).filter((name) => !wanted.includes(name));
  if (missing.length > 0) throw new Error(`used in the code but not listed in icons.txt: ${missing.join(", ")}`);
  const symbols = wanted.map((name) => official.get(name)).join("\n");
  place(join(publicFolder, "icons.svg"), `<svg xmlns="http://www.w3.org/2000/svg">\n<!-- ${credit} -->\n${symbols}\n</svg>\n`);
}

/** Icons that the sources name: a string that is exactly an icon's name. `it-card` is a class as well. */
function namedIcons(official) {
  const words = sources().flatMap(
    (file) => readFileSync(file, "utf8").match(/"(?:\/icons\.svg#)?it-[a-z-]+"/g) ?? [],
  );
  const names = words.map((word) => word.replace(/"|\/icons\.svg#/g, ""));
  return [...new Set(names)].filter((name) => official.has(name) && name !== "it-card");
}

let compiled;
async function build({ styleChanged = true } = {}) {
  const started = performance.now();
  if (styleChanged || compiled === undefined) compiled = compile();
  placeFonts();
  placeIcons();
  const css = `/*! ${credit} */${minify(await purge(compiled))}`;
  check(css);
  place(join(here, "dist", "main.css"), css);
  const kilobytes = (bytes) => (bytes / 1000).toFixed(1);
  const brotli = brotliCompressSync(css).length;
  console.log(
    `style: dist/main.css ${kilobytes(css.length)} kB, ${kilobytes(brotli)} kB brotli, ${Math.round(performance.now() - started)} ms`,
  );
}

function watchAll() {
  let timer;
  let styleChanged = false;
  const later = (ofStyle) => (_event, file) => {
    if (file === null || !/\.(rs|scss|txt|mjs)$/.test(file) || file.includes("target/")) return;
    styleChanged ||= ofStyle;
    clearTimeout(timer);
    timer = setTimeout(() => {
      const change = { styleChanged };
      styleChanged = false;
      build(change).catch((fault) => console.error(`style: ${fault.message}`));
    }, 100);
  };
  for (const folder of [here, join(here, "parts")]) watch(folder, later(true));
  for (const folder of markupFolders) watch(folder, { recursive: true }, later(false));
}

try {
  await build();
} catch (fault) {
  console.error(`style: ${fault.message}`);
  process.exitCode = 1;
}
if (process.argv.includes("--watch")) {
  process.exitCode = 0;
  watchAll();
}
