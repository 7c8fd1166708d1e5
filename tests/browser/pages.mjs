// Checks exported pages in a headless Chromium: node --experimental-websocket pages.mjs [seconds of play]
// STEEPEST_BIN names the program; pictures of what was seen go into the folder PICTURES, if that is set.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Browser, wait } from "./browser.mjs";
import { outline, outlinesDiffer } from "./outline.mjs";

const STEEPEST = process.env.STEEPEST_BIN || "steepest";
const SECONDS = Number(process.argv[2] ?? 60);
const EXPERIMENTS = ["race", "rosenbrock", "noisy-quartic", "saddle", "learning-rate-sensitivity", "convex-vs-nonconvex", "basins", "moons", "mnist"];
const SIZES = [
  { name: "desktop", width: 1280, height: 800 },
  { name: "phone", width: 390, height: 844, scale: 2, mobile: true },
  { name: "narrow", width: 360, height: 640, scale: 2, mobile: true },
];

// What the program says of these experiments; tests/it/export.rs holds it against the same numbers.
const FIXTURES = new URL("../pages/", import.meta.url).pathname;
const told = JSON.parse(readFileSync(join(FIXTURES, "told.json")));

const folder = mkdtempSync(join(tmpdir(), "steepest-pages-"));
const failures = [];
const check = (isRight, words) => {
  console.log(`${isRight ? "ok  " : "FAIL"} ${words}`);
  if (!isRight) failures.push(words);
};
const steepest = (...args) => execFileSync(STEEPEST, [...args, "--quiet", "--data", "synthetic"], { maxBuffer: 1 << 28 });
const keep = async (page, name) => {
  if (process.env.PICTURES) writeFileSync(join(process.env.PICTURES, `${name}.png`), await page.picture());
};

const browser = await Browser.open(["--enable-precise-memory-info", "--js-flags=--expose-gc"]);
const SLOPES = { waves: "x + sin(2*y)", twisted: "y + x*y/2" };

try {
  for (const name of EXPERIMENTS) {
    const file = join(folder, `${name}.html`);
    steepest("export", name, "-o", file);
    for (const size of SIZES) {
      for (const theme of ["dark", "light"]) {
        const page = await browser.page(`file://${file}#step=40`, { ...size, theme });
        await page.drawn();
        await wait(300);
        const where = `${name}, ${size.name}, ${theme}`;
        check(page.complaints.length === 0, `${where}: no complaint ${page.complaints.join("; ")}`);
        const asked = page.requests.filter((url) => !url.startsWith("data:") && !url.startsWith("file:"));
        check(asked.length === 0 && page.requests.filter((url) => url.startsWith("file:")).length === 1, `${where}: no request ${asked.join(" ")}`);
        check((await page.value("steepest.webgl")) === true, `${where}: drawn with WebGL`);
        const wide = await page.value("document.documentElement.scrollWidth - innerWidth");
        check(wide <= 0, `${where}: nothing is wider than the screen (${wide})`);
        await keep(page, `${name}-${size.name}-${theme}`);
        await page.close();
      }
    }
    await numbers(name, file);
  }
  await withoutWebGl();
  await keys();
  await calm();
  await led();
  await networks();
  for (const name of Object.keys(SLOPES)) await outlines(name);
  await pace();
} finally {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
}
console.log(failures.length ? `\n${failures.length} checks failed` : "\nall is well");
process.exit(failures.length ? 1 : 0);

// At every so many steps of the slider the losses are those of `run`, to six digits, and the list shows them.
async function numbers(name, file) {
  const results = JSON.parse(steepest("run", name, "--format", "json"));
  const page = await browser.page(`file://${file}#play=0`);
  let compared = 0;
  let wrong = "";
  const last = Number(await page.value("document.getElementById('step').max"));
  for (const step of [0, 1, 2, 7, 23, 60, last - 1, last]) {
    await page.value(`(() => { const slider = document.getElementById("step"); slider.value = ${step}; slider.dispatchEvent(new Event("input")); })()`);
    await page.drawn();
    const losses = await page.value("steepest.losses()");
    const texts = await page.value("[...document.querySelectorAll('#legend .loss')].map((element) => element.textContent)");
    let row = 0;
    results.panels.forEach((panel, i) =>
      panel.descents.forEach((descent, k) => {
        const text = texts[row++];
        if (!descent.loss.length) return;
        const expected = descent.loss[Math.min(step, descent.loss.length - 1)];
        compared += 1;
        const apart = Math.abs(losses[i][k] - expected);
        if (!(apart <= 1e-6 * Math.abs(expected))) wrong ||= `${descent.name} at ${step}: ${losses[i][k]}, not ${expected}`;
        const shown = numberOf(text);
        if (text && !(Math.abs(shown - expected) <= 6e-6 * Math.abs(expected))) wrong ||= `${descent.name} at ${step}: "${text}", not ${expected}`;
      }),
    );
  }
  check(!wrong && compared > 0, `${name}: ${compared} losses as those of run ${wrong}`);
  await page.close();
}

function numberOf(text) {
  const digits = "⁰¹²³⁴⁵⁶⁷⁸⁹";
  const plain = [...text.replaceAll("−", "-").replace("×10", "e")].map((c) => (digits.includes(c) ? digits.indexOf(c) : c === "⁻" ? "-" : c));
  return Number(plain.join(""));
}

async function withoutWebGl() {
  const page = await browser.page(`file://${join(folder, "race.html")}#webgl=0&step=40`);
  await page.drawn();
  const words = await page.value("document.querySelector('figcaption').textContent");
  check(page.complaints.length === 0 && /Without WebGL/.test(words), `without WebGL: it says so, and draws it flat`);
  await keep(page, "race-without-webgl");
  await page.close();
}

async function keys() {
  const page = await browser.page(`file://${join(folder, "race.html")}#play=0`);
  const press = async (key, code, text) => {
    for (const type of ["keyDown", "keyUp"]) await page.send("Input.dispatchKeyEvent", { type, key, code, text: type === "keyDown" ? text : undefined });
    await page.drawn();
  };
  await press(".", "Period", ".");
  await press(".", "Period", ".");
  await press(",", "Comma", ",");
  check((await page.value("steepest.step")) === 1, "full stop and comma step");
  await press(" ", "Space", " ");
  await wait(400);
  await press(" ", "Space", " ");
  const step = await page.value("steepest.step");
  await wait(200);
  check(step > 1 && step === (await page.value("steepest.step")), "space plays and pauses");
  const unnamed = await page.value(
    "[...document.querySelectorAll('button, input, select, canvas')].filter((e) => e.ariaHidden !== 'true' && !(e.ariaLabel || e.getAttribute('aria-label') || e.textContent.trim())).length",
  );
  check(unnamed === 0, `every control has a name (${unnamed} have none)`);
  await page.close();
}

async function calm() {
  const page = await browser.page(`file://${join(folder, "race.html")}`, { calm: true });
  await page.drawn();
  const before = await page.value("[steepest.step, steepest.frames]");
  await wait(500);
  const after = await page.value("[steepest.step, steepest.frames]");
  check(String(before) === String(after), `with reduced motion nothing moves by itself (${before}, ${after})`);
  await page.close();
}

// The camera goes along its path, until a person takes it.
async function led() {
  const file = join(folder, "led.html");
  steepest("export", join(FIXTURES, "led.toml"), "-o", file);
  const page = await browser.page(`file://${file}#play=0`);
  const poseAt = async (step) => {
    await page.value(`steepest.seek(${step})`);
    await page.drawn();
    return page.value("steepest.pose");
  };
  let furthest = 0;
  for (const { step, target, ...rest } of told.camera) {
    const pose = await poseAt(step);
    for (const [name, value] of Object.entries(rest)) furthest = Math.max(furthest, Math.abs(pose[name] - value));
    target.forEach((value, k) => (furthest = Math.max(furthest, Math.abs(pose.target[k] - value))));
  }
  check(furthest < 1e-3, `the camera goes where the program's does (${furthest.toExponential(1)} beside it at most)`);
  const step = told.camera.findIndex(({ step }) => step === 4.8);
  await page.value("document.querySelector('.view canvas').focus()");
  for (const type of ["keyDown", "keyUp"]) await page.send("Input.dispatchKeyEvent", { type, key: "ArrowLeft", code: "ArrowLeft" });
  const taken = (await poseAt(0)).yaw;
  check(taken === (await poseAt(4.8)).yaw, "a camera that a person has taken stays");
  await page.value("document.getElementById('home').click()");
  const again = (await poseAt(4.8)).yaw;
  check(Math.abs(again - told.camera[step].yaw) < 1e-3, "reset, it goes along its path again");
  await page.close();
}

// A network in the page names as many samples wrongly as in the program.
async function networks() {
  for (const { experiment, steps } of told.wrong) {
    const page = await browser.page(`file://${join(folder, `${experiment}.html`)}#play=0`);
    const found = [];
    for (const [step] of steps) {
      await page.value(`steepest.seek(${step})`);
      await page.drawn();
      found.push([step, (await page.value("steepest.wrong()"))[0]]);
    }
    check(String(found) === String(steps), `${experiment}: as many are wrong as in the program (${found.map(([, wrong]) => wrong)})`);
    await page.close();
  }
}

// A landscape alone, without a minimum whose name would lie over its edge: paths, marks and legends would be taken for the surface.
function bare(name) {
  return `steepest = 1\ntitle = "Outline"\n[[panel]]\nformula = "${SLOPES[name]}"\ndomain = [[-2, 2], [-2, 2]]\n`;
}

// What is drawn of the scene covers the same pixels as in a picture of the program's, within two.
async function outlines(name) {
  const [width, height] = [800, 600];
  const size = `${width}x${height}`;
  const [file, shot] = ["toml", "png"].map((ending) => join(folder, `${name}.${ending}`));
  writeFileSync(file, bare(name));
  steepest("export", file, "-o", join(folder, `${name}.html`));
  for (const [yaw, pitch] of [[0.65, 0.52], [2.2, 0.9], [-0.8, 0.2]]) {
    steepest("shot", file, "-o", shot, "--force", "--layout", "scene", "--theme", "light", "--size", size, "--step", "0", "--view", `${yaw},${pitch}`);
    const page = await browser.page(`file://${join(folder, `${name}.html`)}#play=0&theme=light&yaw=${yaw}&pitch=${pitch}`, { width: 1200, height: 900 });
    await page.value(
      `(() => { const view = document.querySelector(".view"); Object.assign(view.style, { position: "fixed", left: 0, top: 0, width: "${width}px", height: "${height}px", zIndex: 9, flex: "none" }); })()`,
    );
    await page.drawn();
    // Its canvas lies over another place now: it is drawn there once it is asked to.
    await page.value(`steepest.look(${yaw}, ${pitch})`);
    await page.drawn();
    await wait(300);
    const { data } = await page.send("Page.captureScreenshot", { format: "png", clip: { x: 0, y: 0, width, height, scale: 1 } });
    const [mine, theirs] = await Promise.all([Buffer.from(data, "base64"), shot].map((picture) => outline(page, picture)));
    if (process.env.PICTURES) writeFileSync(join(process.env.PICTURES, `${name}-outline-${yaw}.png`), Buffer.from(data, "base64"));
    const { furthest, share } = outlinesDiffer(mine, theirs);
    check(share < 0.005, `${name} from ${yaw}, ${pitch}: the outline is within two pixels of the program's (${(100 * share).toFixed(2)} % is not, ${furthest} at most)`);
    await page.close();
  }
}

// Frames a second on the software renderer, and memory over a while of play.
async function pace() {
  const page = await browser.page(`file://${join(folder, "race.html")}#play=0`);
  await page.value("(() => { const again = () => { if (steepest.step >= 160) steepest.seek(0), steepest.play(); setTimeout(again, 50); }; steepest.play(); again(); })()");
  const frames = () => page.value("steepest.frames");
  const memory = async () => {
    await page.value("globalThis.gc && gc()");
    return page.value("performance.memory.usedJSHeapSize");
  };
  await wait(3000);
  const [before, first, began] = [await memory(), await frames(), Date.now()];
  const PARTS = 6;
  const sizes = [];
  for (let k = 0; k < PARTS; k++) {
    await wait((SECONDS * 1000) / PARTS);
    sizes.push(await memory());
  }
  const rate = ((await frames()) - first) / ((Date.now() - began) / 1000);
  const growth = sizes[PARTS - 1] - before;
  check(rate >= 10, `race plays with ${rate.toFixed(1)} frames a second`);
  check(growth < 2e6, `memory stays: ${(before / 1e6).toFixed(1)} MB, ${sizes.map((size) => (size / 1e6).toFixed(1)).join(", ")} in ${SECONDS} s`);
  await page.close();
}
