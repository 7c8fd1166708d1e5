// Checks that hold in every browser: nothing to complain of, the numbers of `run`, keys, words for every control.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { outline, outlinesDiffer } from "./outline.mjs";
import { wait } from "./wire.mjs";

const SIZES = [
  { name: "desktop", width: 1280, height: 800 },
  { name: "phone", width: 390, height: 844, scale: 2, mobile: true },
  { name: "narrow", width: 360, height: 640, scale: 2, mobile: true },
];
const SLOPES = { waves: "x + sin(2*y)", twisted: "y + x*y/2" };

// A page in every size and theme.
export async function looks({ browser, check, keep, fileOf }, name) {
  for (const size of SIZES) {
    for (const theme of ["dark", "light"]) {
      const page = await browser.page(`${fileOf(name)}#step=40`, { ...size, theme });
      await page.drawn();
      await wait(300);
      const where = `${name}, ${size.name}, ${theme}`;
      check(page.complaints.length === 0, `${where}: no complaint ${page.complaints.join("; ")}`);
      const asked = page.requests.filter((url) => !url.startsWith("data:") && !url.startsWith("file:"));
      // Firefox does not tell of the page itself.
      check(asked.length === 0 && page.requests.filter((url) => url.startsWith("file:")).length < 2, `${where}: no request ${asked.join(" ")}`);
      const webgl = await page.value("steepest.webgl");
      check(webgl === true || browser.isFlat, `${where}: drawn with WebGL ${webgl}`);
      const wide = await page.value("document.documentElement.scrollWidth - innerWidth");
      check(wide <= 0, `${where}: nothing is wider than the screen (${wide})`);
      await keep(page, `${name}-${size.name}-${theme}`);
      await page.close();
    }
  }
}

// At every so many steps of the slider the losses are those of `run`, to six digits, and the list shows them.
export async function numbers({ browser, check, fileOf, resultsOf }, name) {
  const results = resultsOf(name);
  const page = await browser.page(`${fileOf(name)}#play=0`);
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

export async function withoutWebGl({ browser, check, keep, fileOf }) {
  const page = await browser.page(`${fileOf("race")}#webgl=0&step=40`);
  await page.drawn();
  const words = await page.value("document.querySelector('figcaption').textContent");
  check(page.complaints.length === 0 && /Without WebGL/.test(words), `without WebGL: it says so, and draws it flat`);
  await keep(page, "race-without-webgl");
  await page.close();
}

export async function keys({ browser, check, fileOf }) {
  const page = await browser.page(`${fileOf("race")}#play=0`);
  for (const key of [".", ".", ","]) await page.press(key);
  check((await page.value("steepest.step")) === 1, "full stop and comma step");
  await page.press(" ");
  await page.value("new Promise((done) => { const look = () => (steepest.step > 1 ? done(true) : setTimeout(look, 20)); look(); })");
  await page.press(" ");
  const step = await page.value("steepest.step");
  for (let k = 0; k < 5; k++) await page.drawn();
  check(step === (await page.value("steepest.step")), "space plays and pauses");
  await page.value("document.querySelector('.view canvas').focus()");
  const picture = async () => (await page.picture({ clip: { x: 0, y: 100, width: 800, height: 500 } })).toString("base64");
  const before = await picture();
  await page.press("ArrowLeft");
  check((await picture()) !== before || browser.isFlat, "an arrow key turns the landscape");
  const unnamed = await page.value(
    "[...document.querySelectorAll('button, input, select, canvas')].filter((e) => e.ariaHidden !== 'true' && !(e.ariaLabel || e.getAttribute('aria-label') || e.textContent.trim())).length",
  );
  check(unnamed === 0, `every control has a name (${unnamed} have none)`);
  await page.close();
}

export async function calm({ browser, check, fileOf }) {
  const page = await browser.page(fileOf("race"), { calm: true });
  await page.drawn();
  const now = () => page.value("[steepest.step, steepest.frames]");
  const before = await now();
  for (let k = 0; k < 20; k++) await page.drawn();
  const after = await now();
  check(before[0] > 0 && String(before) === String(after), `with reduced motion nothing moves by itself (${before}; ${after})`);
  await page.close();
}

// A landscape alone, without a minimum whose name would lie over its edge: paths, marks and legends would be taken for the surface.
function bare(name) {
  return `steepest = 1\ntitle = "Outline"\n[[panel]]\nformula = "${SLOPES[name]}"\ndomain = [[-2, 2], [-2, 2]]\n`;
}

// What is drawn of the scene covers the same pixels as in a picture of the program's, within two.
export async function outlines({ browser, check, keep, steepest, folder }) {
  if (browser.isFlat) return;
  const [width, height] = [800, 600];
  for (const name of Object.keys(SLOPES)) {
    const [file, html, shot] = ["toml", "html", "png"].map((ending) => join(folder, `${name}.${ending}`));
    writeFileSync(file, bare(name));
    steepest("export", file, "-o", html, "--force");
    for (const [yaw, pitch] of [[0.65, 0.52], [2.2, 0.9], [-0.8, 0.2]]) {
      steepest("shot", file, "-o", shot, "--force", "--layout", "scene", "--theme", "light", "--size", `${width}x${height}`, "--step", "0", "--view", `${yaw},${pitch}`);
      const page = await browser.page(`file://${html}#play=0&theme=light&yaw=${yaw}&pitch=${pitch}`, { width: 1200, height: 900 });
      await page.value(
        `Object.assign(document.querySelector(".view").style, { position: "fixed", left: 0, top: 0, width: "${width}px", height: "${height}px", zIndex: 9, flex: "none" }) && 1`,
      );
      await page.drawn();
      // Its canvas lies over another place now: it is drawn there once it is asked to.
      await page.value(`steepest.look(${yaw}, ${pitch})`);
      await page.drawn();
      await wait(300);
      const picture = await page.picture({ clip: { x: 0, y: 0, width, height } });
      const [mine, theirs] = await Promise.all([picture, shot].map((one) => outline(page, one)));
      await keep(page, `${name}-outline-${yaw}`);
      const { furthest, share } = outlinesDiffer(mine, theirs);
      check(share < 0.005, `${name} from ${yaw}, ${pitch}: the outline is within two pixels of the program's (${(100 * share).toFixed(2)} % is not, ${furthest} at most)`);
      await page.close();
    }
  }
}
