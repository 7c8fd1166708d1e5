// What playing on and on costs.

import { wait } from "./wire.mjs";

const PARTS = 12;
const megabytes = (bytes) => (bytes / 1e6).toFixed(1);

// Memory over a while of play: what scripts hold may not grow. Frames a second are told, not judged: machines differ.
export async function plays({ browser, check, fileOf, seconds }) {
  const page = await browser.page(`${fileOf("race")}#play=0`);
  await page.value("(() => { const again = () => { if (steepest.step >= 160) steepest.seek(0), steepest.play(); setTimeout(again, 50); }; steepest.play(); again(); })()");
  const frames = () => page.value("steepest.frames");
  await wait(Math.min(5000, 100 * seconds));
  const [first, began] = [await frames(), Date.now()];
  const [held, whole] = [[await page.memory()], [await browser.memory()]];
  for (let k = 0; k < PARTS; k++) {
    await wait((seconds * 1000) / PARTS);
    held.push(await page.memory());
    whole.push(await browser.memory());
  }
  const rate = ((await frames()) - first) / ((Date.now() - began) / 1000);
  const steps = await page.value("steepest.step");
  check(steps >= 0 && rate > 0, `race plays for ${seconds} s, with ${rate.toFixed(1)} frames a second`);
  const growth = held[PARTS] - held[0];
  check(growth < 2e6, `memory stays: scripts hold ${held.map(megabytes).join(", ")} MB`);
  if (whole.every(Boolean)) console.log(`     the page's process has ${whole.map(megabytes).join(", ")} MB`);
  await page.close();
}
