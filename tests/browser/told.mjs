// What the program says of its experiments, and the page must say, too; tests/it/export.rs holds it against the same numbers.

import { readFileSync } from "node:fs";
import { join } from "node:path";

const FIXTURES = new URL("../pages/", import.meta.url).pathname;
const told = JSON.parse(readFileSync(join(FIXTURES, "told.json")));

// The camera goes along its path, until a person takes it.
export async function led({ browser, check, steepest, folder }) {
  const file = join(folder, "led.html");
  steepest("export", join(FIXTURES, "led.toml"), "-o", file, "--force");
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
  await page.press("ArrowLeft");
  const taken = (await poseAt(0)).yaw;
  check(taken === (await poseAt(4.8)).yaw, "a camera that a person has taken stays");
  await page.value("document.getElementById('home').click()");
  const again = (await poseAt(4.8)).yaw;
  check(Math.abs(again - told.camera[step].yaw) < 1e-3, "reset, it goes along its path again");
  await page.close();
}

// A network in the page names as many samples wrongly as in the program.
export async function networks({ browser, check, fileOf }) {
  for (const { experiment, steps } of told.wrong) {
    const page = await browser.page(`${fileOf(experiment)}#play=0`);
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

// What is seen while a range closes in, where a plane follows the step, and over batches is as in the program.
export async function moves({ browser, check, steepest, folder, keep }) {
  const file = join(folder, "moving.html");
  steepest("export", join(FIXTURES, "moving.toml"), "-o", file, "--force");
  for (const hash of ["play=0", "play=0&webgl=0"]) {
    const page = await browser.page(`file://${file}#${hash}`);
    await page.drawn();
    await page.value("steepest.ready.then(() => 1)");
    const furthest = [0, 0, 0];
    for (const { panel, step, s, t, x, y, loss, width } of told.moving) {
      await page.value(`steepest.seek(${step})`);
      await page.drawn();
      const seen = (await page.value(`steepest.seen(${s}, ${t})`))[panel];
      const apart = Math.max(Math.abs(seen[0] - x) / width, Math.abs(seen[1] - y) / width, Math.abs(seen[2] - loss) / (1 + loss));
      furthest[panel] = Math.max(furthest[panel], Number.isFinite(apart) ? apart : 9);
    }
    // In between ranges surfaces pass from one to the next.
    check(furthest[0] < 4e-3 && furthest[1] < 1e-4 && furthest[2] < 1e-4, `${hash}: what moves is where it is in the program (${furthest.map((apart) => apart.toExponential(1))} beside it at most)`);
    check(page.complaints.length === 0, `${hash}: no complaint ${page.complaints}`);
    for (const step of [0, 15, 25, 38]) {
      await page.value(`steepest.seek(${step})`);
      await page.drawn();
      await keep(page, `moving-${step}-${hash}`);
    }
    await page.close();
  }
}
