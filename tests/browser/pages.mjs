// Checks exported pages in every browser that is installed: node --experimental-websocket pages.mjs [seconds of play]
// STEEPEST_BIN names the program, BROWSER one browser; pictures of what was seen go into the folder PICTURES, if that is set.

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installed } from "./browsers.mjs";
import { extremes } from "./extremes.mjs";
import { calm, keys, looks, numbers, outlines, withoutWebGl } from "./looks.mjs";
import { elsewhere, phones } from "./phone.mjs";
import { plays } from "./play.mjs";
import { led, moves, networks } from "./told.mjs";

const STEEPEST = process.env.STEEPEST_BIN || "steepest";
const EXPERIMENTS = ["race", "rosenbrock", "noisy-quartic", "saddle", "learning-rate-sensitivity", "convex-vs-nonconvex", "basins", "moons", "mnist"];

const folder = mkdtempSync(join(tmpdir(), "steepest-pages-"));
if (process.env.PICTURES) mkdirSync(process.env.PICTURES, { recursive: true });
const failures = [];
const steepest = (...args) => execFileSync(STEEPEST, [...args, "--quiet", "--data", "synthetic"], { maxBuffer: 1 << 28 });
const results = new Map();
const browsers = installed();

try {
  for (const name of EXPERIMENTS) {
    steepest("export", name, "-o", join(folder, `${name}.html`));
    results.set(name, JSON.parse(steepest("run", name, "--format", "json")));
  }
  for (const { name, open } of browsers) await lookWith(name, await open());
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(failures.length ? `\n${failures.length} checks failed:\n${failures.join("\n")}` : "\nall is well");
process.exit(failures.length ? 1 : 0);

async function lookWith(name, browser) {
  const check = (isRight, words) => {
    console.log(`${isRight ? "ok  " : "FAIL"} ${name}: ${words}`);
    if (!isRight) failures.push(`${name}: ${words}`);
  };
  const keep = async (page, picture) => {
    if (process.env.PICTURES) writeFileSync(join(process.env.PICTURES, `${name}-${picture}.png`), await page.picture());
  };
  const tools = { browser, check, keep, steepest, folder, fileOf: (page) => `file://${join(folder, `${page}.html`)}`, resultsOf: (page) => results.get(page) };
  try {
    for (const experiment of EXPERIMENTS) {
      await looks(tools, experiment);
      await numbers(tools, experiment);
    }
    await withoutWebGl(tools);
    await keys(tools);
    await calm(tools);
    await led(tools);
    await networks(tools);
    await moves(tools);
    await extremes(tools);
    await outlines(tools);
    // What only one of the protocols can do.
    if (name === "chromium") {
      await phones(tools);
      await elsewhere(tools);
      await plays({ ...tools, seconds: Number(process.argv[2] ?? 60) });
    }
  } finally {
    await browser.close();
  }
}
