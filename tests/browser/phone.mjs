// Fingers, small screens, frames, other settings, paper: what Chromium can play.

import { writeFileSync } from "node:fs";
import { join } from "node:path";

const SCREENS = [[320, 568], [360, 640], [390, 844], [844, 390]];
// From where the landscape is seen, as a picture of it.
const LANDSCAPE = { x: 0, y: 100, width: 300, height: 180 };

export async function phones({ browser, check, keep, fileOf }) {
  for (const [width, height] of SCREENS) {
    const page = await browser.page(`${fileOf("race")}#step=40`, { width, height, scale: 2, mobile: true });
    await page.drawn();
    const where = `phone of ${width} × ${height}`;
    const wide = await page.value("document.documentElement.scrollWidth - innerWidth");
    check(wide <= 0, `${where}: nothing is wider than the screen (${wide})`);
    const low = await page.value(
      "[...document.querySelectorAll('button, input, select')].filter((e) => e.offsetParent && e.getBoundingClientRect().height < 40).map((e) => e.id || e.textContent)",
    );
    check(low.length === 0, `${where}: a finger finds every control ${low}`);
    const away = await page.value("(({ top, bottom }) => top < 0 || bottom > innerHeight)(document.getElementById('play').getBoundingClientRect())");
    check(!away, `${where}: the playback's controls are on the screen`);
    await keep(page, `race-${width}`);
    await page.close();
  }
  await fingers({ browser, check, fileOf });
}

async function fingers({ browser, check, fileOf }) {
  const page = await browser.page(`${fileOf("race")}#play=0`, { width: 390, height: 844, mobile: true });
  await page.drawn();
  const picture = async () => (await page.picture({ clip: LANDSCAPE })).toString("base64");
  const scrolled = () => page.value("scrollY");
  const changes = async (words, ...paths) => {
    const before = await picture();
    await page.touch(...paths);
    check((await picture()) !== before && (await scrolled()) === 0, words);
  };
  const line = (from, to) => Array.from({ length: 9 }, (_, k) => from.map((c, i) => c + ((to[i] - c) * k) / 8));
  await changes("one finger turns the landscape", line([150, 220], [250, 220]));
  await changes("one finger tilts it", line([150, 200], [150, 280]));
  await changes("two fingers come closer", line([170, 220], [100, 220]), line([220, 220], [290, 220]));
  await page.touch([[190, 220], [190, 221]]);
  check(/loss/.test(await page.value("document.getElementById('tip').hidden ? '' : document.getElementById('tip').textContent")), "a tap reads a value");
  await page.touch(line([190, 500], [190, 300]));
  check((await scrolled()) > 0, "a finger beside the landscape scrolls the page");
  check(page.complaints.length === 0, `fingers: no complaint ${page.complaints}`);
  await page.close();
  const many = await browser.page(`${fileOf("learning-rate-sensitivity")}#play=0`, { width: 390, height: 844, mobile: true });
  await many.touch(line([190, 500], [190, 200]));
  check((await many.value("scrollY")) > 0, "among several landscapes a finger that goes up scrolls the page");
  await many.close();
}

// In frames, with few colours, on paper.
export async function elsewhere({ browser, check, keep, fileOf, folder }) {
  const frame = join(folder, "frame.html");
  for (const sandbox of ["", 'sandbox="allow-scripts"']) {
    writeFileSync(frame, `<!doctype html><iframe ${sandbox} src="race.html#step=40" style="width: 600px; height: 400px; border: 0"></iframe>`);
    const page = await browser.page(`file://${frame}`, { width: 700, height: 500 });
    await page.drawn();
    const where = sandbox ? "a frame in a sandbox" : "a frame";
    check(page.complaints.length === 0, `${where}: no complaint ${page.complaints}`);
    check((await coloured(page)) > 0.05, `${where}: the landscape is seen`);
    await keep(page, `race-frame${sandbox && "-sandbox"}`);
    await page.close();
  }
  const page = await browser.page(`${fileOf("race")}#step=40`, { forced: true, theme: "light" });
  await page.drawn();
  const swatch = await page.value("getComputedStyle(document.querySelector('#legend i')).backgroundColor");
  check(swatch === (await page.value("(() => { const e = document.createElement('i'); e.style.forcedColorAdjust = 'none'; e.style.color = JSON.parse(document.getElementById('data').textContent).panels[0].descents[0].color; document.body.append(e); return getComputedStyle(e).color; })()")), `with forced colours descents keep theirs (${swatch})`);
  await keep(page, "race-forced");
  await page.close();
  const paper = await browser.page(`${fileOf("race")}#step=40`, { theme: "dark" });
  await paper.drawn();
  await paper.value("dispatchEvent(new Event('beforeprint')) && 1");
  const ground = await paper.value("getComputedStyle(document.body).backgroundColor");
  const scene = await paper.value("(() => { const c = document.querySelector('.view canvas'); const { data } = c.getContext('2d').getImageData(0, 0, c.width, c.height); let n = 0; for (let k = 3; k < data.length; k += 4) n += data[k] > 250; return n / (data.length / 4); })()");
  await paper.value("dispatchEvent(new Event('afterprint')) && 1");
  check(ground === "rgb(255, 255, 255)" && scene > 0.1, `on paper the scene is there, on white (${ground}, ${(100 * scene).toFixed(0)} %)`);
  check((await paper.value("getComputedStyle(document.body).backgroundColor")) !== ground, "after printing all is as before");
  const pdf = await paper.print();
  check(pdf.subarray(0, 4).toString() === "%PDF" && pdf.length > 20_000, `it prints (${pdf.length} bytes)`);
  if (process.env.PICTURES) writeFileSync(join(process.env.PICTURES, "race.pdf"), pdf);
  await paper.close();
}

// The share of coloured pixels in what is seen.
async function coloured(page) {
  const picture = (await page.picture()).toString("base64");
  return page.value(`(async () => {
    const picture = new Image();
    picture.src = "data:image/png;base64,${picture}";
    await picture.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [picture.naturalWidth, picture.naturalHeight];
    const pen = canvas.getContext("2d");
    pen.drawImage(picture, 0, 0);
    const { data } = pen.getImageData(0, 0, canvas.width, canvas.height);
    let count = 0;
    for (let k = 0; k < data.length; k += 4) count += Math.max(data[k], data[k + 1], data[k + 2]) - Math.min(data[k], data[k + 1], data[k + 2]) > 60;
    return count / (data.length / 4);
  })()`);
}
