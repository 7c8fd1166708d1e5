// ---- What the page is made of, and its state ----

const $ = (id) => document.getElementById(id);
const on = (element, kind, act, options) => element.addEventListener(kind, act, options);
const make = (kind, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(kind), properties);
  element.append(...children);
  return element;
};
// What it is called by those who do not see it.
const label = (element, text) => element.getAttribute("aria-label") === text || element.setAttribute("aria-label", text);

const data = JSON.parse($("data").textContent);
const colors = arrayOf(Uint8Array, data.colors);
const grids = data.grids.map(({ heights, torn, ...rest }) => new Grid({ ...rest, heights: arrayOf(Float32Array, heights), torn: torn && arrayOf(Float32Array, torn) }));
const panels = data.panels.map((panel) => new Panel(panel, grids[panel.grid]));
let timeline = new Timeline(data);
const { keys } = data;
const home = keys[0] ? poseAt(keys, 0, data.home.parallel) : new Pose(data.home);
let pose = new Pose(home);
const wish = new URLSearchParams(location.hash.slice(1));
const calm = matchMedia("(prefers-reduced-motion: reduce)");

const state = {
  theme: null,
  playing: false,
  speed: 1,
  // The panel beside which contours and losses are shown.
  active: 0,
  turning: data.turntable,
  // The camera goes along its path, until a person takes it.
  follows: keys.length > 1,
  dirty: true,
  frames: 0,
  // While things move a slow device draws fewer pixels; at rest all.
  isMoving: false,
  isPrinting: false,
  movedAt: -1e9,
  drawnAt: 0,
  quality: 0,
  pace: 35,
  scale: 1,
};

let gpu = null;
let why = "";
try {
  if (wish.get("webgl") === "0") throw new Error("switched off");
  gpu = new Gpu();
} catch (error) {
  why = String(error.message || error);
}
