// What pages must bear: breaks, level ground, narrow ranges, moments without pictures of a map, addresses that make no sense, a drawing
// context that is taken away, a browser that cannot unpack.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { wait } from "./wire.mjs";

const GD = (start, rest = "") => `descent = [{ rule = "gd", rate = 0.01, start = ${start}, steps = 40${rest} }]`;
const panel = (formula, domain, ...lines) => `steepest = 1\n[[panel]]\nformula = "${formula}"\ndomain = ${domain}\n${lines.join("\n")}\n`;
const NETWORK = [
  "steepest = 1",
  "[[panel]]",
  'objective = "network"',
  "network = { samples = 40, layers = [3] }",
  'plane = { directions = "random", through = "GD", follow = true }',
  "domain = [[-2, 2], [-2, 2]]",
  "grid = [33, 33]",
  "map = { grid = [8, 8] }",
  'descent = [{ name = "GD", rule = "gd", rate = 0.5, start = { init = "xavier", seed = 2 }, steps = 40 }]',
].join("\n");
const MINIMUM = "-2.903534027771177";
const ODD = {
  pole: panel("1/x", "[[-1, 2]]", GD("[1.5]")),
  stairs: panel("floor(x)", "[[0, 3]]", GD("[2.5]")),
  tangent: panel("tan(x)", "[[-4, 4]]", GD("[0.3]")),
  level: panel("0.5*(x^4 - 16x^2 + 5x + y^4 - 16y^2 + 5y)", "[[-5, 5], [-5, 5]]", GD(`[${MINIMUM}, ${MINIMUM}]`)),
  plain: panel("max(x,0) + max(y,0)", "[[-1, 1], [-1, 1]]", "levels = [0, 1, 2]", GD("[0.5, 0.5]")),
  narrow: panel("(x - 1)^2 + (y - 1)^2", "[[0.9999995, 1.0000005], [0.9999995, 1.0000005]]", GD("[1.0000003, 0.9999998]")),
  follows: NETWORK,
};
const SIZES = [{ width: 1280, height: 800 }, { width: 390, height: 844, scale: 2, mobile: true }];

export async function extremes(tools) {
  const { check, keep, steepest, folder, browser } = tools;
  const file = (name, ending) => join(folder, `${name}.${ending}`);
  for (const [name, text] of Object.entries(ODD)) {
    writeFileSync(file(name, "toml"), text);
    steepest("export", file(name, "toml"), "-o", file(name, "html"), "--force");
    for (const size of SIZES) {
      const page = await browser.page(`file://${file(name, "html")}#play=0`, size);
      await page.value("steepest.ready.then(() => 1)");
      for (const step of [0, 5, 40]) {
        await page.value(`steepest.seek(${step})`);
        await page.drawn();
      }
      await wait(300);
      const before = await page.value("steepest.frames");
      await page.value("steepest.seek(20)");
      await page.drawn();
      const goes = (await page.value("steepest.frames")) > before;
      check(goes && page.complaints.length === 0, `${name}, ${size.width} wide: it is drawn again and again ${page.complaints}`);
      await keep(page, `odd-${name}-${size.width}`);
      await page.close();
    }
  }
  const inks = async (name, s, h) => {
    const page = await browser.page(`file://${file(name, "html")}#play=0`);
    await page.drawn();
    // A place of a plot (flat.js), and two pixels around.
    const found = await page.value(`(() => {
      const c = document.querySelector("#flat canvas");
      const [x, y] = [46 + ${s} * (c.clientWidth - 58), 22 + (1 - ${h}) * (c.clientHeight - 56)].map((at) => Math.round(at) - 2);
      return [...c.getContext("2d").getImageData(x, y, 5, 5).data];
    })()`);
    await page.close();
    return found;
  };
  const wall = (await inks("stairs", 1 / 3, 0.2)).filter((value, k) => k % 4 === 3 && value > 0);
  check(wall.length === 0, `no wall stands where a curve breaks off (${wall.length} pixels)`);
  const dark = (await inks("plain", 0.3, 0.3)).filter((value, k) => k % 4 === 2 && value < 60);
  check(dark.length === 0, `a plain has its colour (${dark.length} pixels are black)`);
  await addresses(tools, file("level", "html"));
  await losses(tools, file("level", "html"));
  await packed(tools, file("follows", "html"), file("packed", "html"));
}

async function addresses({ browser, check }, file) {
  const page = await browser.page(`file://${file}#step=abc&yaw=x&pitch=&play=0`);
  await page.drawn();
  const found = await page.value("[steepest.step, steepest.pose.yaw, steepest.pose.pitch].map(Number.isFinite)");
  check(String(found) === "true,true,true" && page.complaints.length === 0, `an address that makes no sense changes nothing (${found})`);
  await page.close();
}

// A context that is taken, and given back: step and camera stay.
async function losses({ browser, check, keep }, file) {
  if (browser.isFlat) return;
  const page = await browser.page(`file://${file}#play=0`);
  await page.value("steepest.seek(7)");
  await page.value("steepest.look(1, 0.4)");
  await page.drawn();
  const told = () => page.value("[steepest.step, steepest.pose.yaw, document.querySelectorAll('#stage > canvas').length]");
  const before = await told();
  await page.value("(window.lose = document.querySelector('#stage > canvas').getContext('webgl2').getExtension('WEBGL_lose_context')).loseContext()");
  await wait(300);
  await page.drawn();
  await keep(page, "odd-lost");
  await page.value("lose.restoreContext()");
  await wait(500);
  await page.drawn();
  await keep(page, "odd-restored");
  const complaints = page.complaints.filter((text) => !/CONTEXT_LOST|context lost/i.test(text));
  check(String(await told()) === String(before) && complaints.length === 0, `a lost context comes back with step and camera (${await told()}) ${complaints}`);
  await page.close();
}

// A browser without the means to unpack shows the end's surface.
async function packed({ browser, check, keep }, file, copy) {
  writeFileSync(copy, readFileSync(file, "utf8").replace("<head>", "<head><script>delete window.DecompressionStream</script>"));
  const page = await browser.page(`file://${copy}#play=0`);
  await page.value("steepest.ready.then(() => 1)");
  await page.value("steepest.seek(3)");
  await page.drawn();
  check((await page.value("steepest.step")) === 3 && page.complaints.length === 0, `without the means to unpack all else is there ${page.complaints}`);
  await keep(page, "odd-packed");
  await page.close();
}
