// ---- The page: what a person sees and does ----

const data = JSON.parse(document.getElementById("data").textContent);
const colors = arrayOf(Uint8Array, data.colors);
const grids = data.grids.map((grid) => new Grid(grid));
const panels = data.panels.map((panel) => new Panel(panel, grids[panel.grid]));
const timeline = new Timeline(data);
const home = new Pose(data.camera);
let pose = new Pose(data.camera);
const $ = (id) => document.getElementById(id);
const wish = new URLSearchParams(location.hash.slice(1));
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const isPhone = matchMedia("(max-width: 820px)");

const state = {
  theme: null,
  playing: false,
  speed: 1,
  // The panel beside which contours and losses are shown.
  active: 0,
  turning: data.turntable,
  dirty: true,
  frames: 0,
  // While things move a slow device draws fewer pixels; at rest all.
  isMoving: false,
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

const make = (kind, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(kind), properties);
  element.append(...children);
  return element;
};

// ---- The stage ----

// A canvas that is as large as its place, in pixels of the screen.
class Sheet {
  constructor(canvas) {
    this.canvas = canvas;
    // Where the browser draws on the processor, it had better do so itself.
    this.context = canvas.getContext("2d", { willReadFrequently: Boolean(gpu?.isSlow) });
  }

  // Its size in pixels of the page; the context draws in these.
  begin() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    this.scale = Math.min(window.devicePixelRatio || 1, 3);
    const [w, h] = [width, height].map((side) => Math.round(side * this.scale));
    if (this.canvas.width !== w || this.canvas.height !== h) [this.canvas.width, this.canvas.height] = [w, h];
    this.context.setTransform(this.scale, 0, 0, this.scale, 0, 0);
    this.context.clearRect(0, 0, width, height);
    return { width, height };
  }
}

class View {
  constructor(panel, index) {
    this.panel = panel;
    this.index = index;
    this.isFlat = panel.flat || (!gpu && !panel.isCurve);
    this.scene = gpu && !panel.flat ? new Scene(gpu, panel, colors) : null;
    if (this.scene) this.scene.onready = touch;
    this.pictures = new Map();
    if (panel.map) {
      this.overlay = new Image();
      this.overlay.onload = touch;
      this.overlay.src = panel.map.picture;
    }
    this.plot = new LossPlot(panel, data.lastStep);
    const label = `${panel.title}: ${this.scene ? "landscape; arrow keys turn it, plus and minus zoom" : "contour map"}`;
    this.canvas = make("canvas", { tabIndex: 0 });
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", label);
    this.sheet = new Sheet(this.canvas);
    const caption = make("figcaption", {}, make("b", { textContent: panels.length > 1 || panel.title !== data.title ? panel.title : "" }));
    if (panel.explained) {
      const share = panel.explained.map((part) => `${(100 * part).toFixed(0)} %`);
      caption.append(make("span", { textContent: `the plane holds ${share.join(" + ")} of the paths' spread` }));
    }
    const place = make("div", { className: "view" }, this.canvas);
    if (!gpu && !panel.flat) caption.append(make("span", { textContent: "Without WebGL, which this browser does not offer, it is drawn flat." }));
    this.figure = make("figure", { className: this.isFlat ? "panel flat" : "panel" }, caption, place);
    $("stage").append(this.figure);
    this.isVisible = true;
    new IntersectionObserver(([entry]) => {
      this.isVisible = entry.isIntersecting;
      touch();
    }).observe(this.canvas);
    this.listen();
  }

  // The contour map's pixels for a space of this size, drawn once.
  picture(width, height) {
    const frame = mapFrame(this.panel, width, height);
    const scale = Math.min(window.devicePixelRatio || 1, 2);
    const key = [frame.width, frame.height, scale].map(Math.round).join();
    if (!this.pictures.has(key)) {
      if (this.pictures.size > 3) this.pictures.clear();
      this.pictures.set(key, mapPicture(this.panel, colors, frame.width, frame.height, scale));
    }
    return this.pictures.get(key);
  }

  get surfaceMap() {
    return this.panel.map?.onSurface && this.overlay.complete ? this.overlay : null;
  }

  draw() {
    if (!this.isVisible) return;
    const { theme } = state;
    const { width, height } = this.sheet.begin();
    if (width < 20 || height < 20) return;
    const { context } = this.sheet;
    const position = timeline.position;
    if (!this.scene) {
      const common = { width, height, theme, position };
      if (this.panel.isCurve) this.frame = drawCurve(context, this.panel, common);
      else this.frame = drawMap(context, this.panel, { ...common, picture: this.picture(width, height), overlay: this.surfaceMap });
      return;
    }
    const camera = new Camera(pose, this.panel.size, width, height);
    this.camera = camera;
    const [stage, place] = [$("stage"), this.canvas].map((element) => element.getBoundingClientRect());
    const area = [place.left - stage.left, place.top - stage.top, width, height].map((side) => Math.round(side * state.scale));
    this.scene.draw({ area, camera, position, theme, scale: state.scale, opacity: data.opacity });
    drawWords(context, this.panel, camera, theme);
    this.drawMarks(context, camera, theme, position);
  }

  drawMarks(context, camera, theme, position) {
    const { panel, scene } = this;
    const at = (s, t, height, draw) => {
      const place = camera.project(panel.world(s, t, height));
      if (!place) return;
      context.globalAlpha = scene.isSeen(camera, s, t, height) ? 1 : 0.28;
      draw(place);
      context.globalAlpha = 1;
    };
    for (const mark of panel.marks) {
      if (!mark.rank || mark.height < -0.001 || mark.height > 1.001) continue;
      const [s, t] = panel.fractions(mark.at[0], mark.at[1] ?? 0);
      at(s, panel.isCurve ? 0 : t, mark.height, (place) => drawMark(context, mark.rank, place, theme, fineness(camera)));
    }
    for (const descent of panel.shown) {
      const { points, steps, exit } = descent.path;
      const [s, t, height] = [0, 1, 2].map((k) => points[k] / 65535);
      if (steps[0] === 0) at(s, t, height, (place) => drawShape(context, "ring", place, 4.5 * fineness(camera), descent.color, theme));
      if (exit && position >= exit.step) at(...exit.place, (place) => drawShape(context, "diamond", place, 5, descent.color, theme));
    }
    for (const descent of panel.shown) {
      const ball = descent.ballAt(position);
      if (!ball) continue;
      const shape = endShape(descent, position);
      const radius = 6.5 * fineness(camera);
      at(ball.s, ball.t, ball.height, ([x, y]) => drawShape(context, shape, [x, shape === "ball" ? y - radius + 0.5 : y], radius, descent.color, theme));
    }
  }

  listen() {
    const { canvas } = this;
    const pointers = new Map();
    let spread = 0;
    const activate = () => {
      if (state.active !== this.index) {
        state.active = this.index;
        touch();
      }
    };
    canvas.addEventListener("focus", activate);
    canvas.addEventListener("pointerdown", (event) => {
      activate();
      canvas.focus({ preventScroll: true });
      pointers.set(event.pointerId, event);
      if (this.scene) canvas.setPointerCapture(event.pointerId);
      spread = 0;
      hideTip();
    });
    const release = (event) => {
      pointers.delete(event.pointerId);
      spread = 0;
    };
    for (const kind of ["pointerup", "pointercancel", "lostpointercapture"]) canvas.addEventListener(kind, release);
    canvas.addEventListener("pointerleave", hideTip);
    canvas.addEventListener("pointermove", (event) => {
      const before = pointers.get(event.pointerId);
      if (!before) {
        if (event.pointerType === "mouse") activate();
        this.hover(event);
        return;
      }
      pointers.set(event.pointerId, event);
      if (!this.scene) return;
      state.turning = 0;
      if (pointers.size > 1) {
        const [a, b] = [...pointers.values()];
        const now = Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
        if (spread > 0 && now > 0) pose.zoom(spread / now);
        spread = now;
      }
      const share = 1 / pointers.size;
      pose.orbit(-(event.clientX - before.clientX) * 0.008 * share, (event.clientY - before.clientY) * 0.008 * share);
      move();
    });
    canvas.addEventListener("wheel", (event) => {
      // A page that is scrolled past must not get stuck here: until it is clicked, scrolling goes on.
      if (!this.scene || !(event.ctrlKey || document.activeElement === canvas)) return;
      event.preventDefault();
      state.turning = 0;
      pose.zoom(Math.exp(clamp(event.deltaY * (event.deltaMode ? 30 : 1), -200, 200) * 0.0012));
      move();
    }, { passive: false });
    canvas.addEventListener("dblclick", resetView);
    canvas.addEventListener("keydown", (event) => {
      const turns = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, 0.08], ArrowDown: [0, -0.08] };
      if (!this.scene || event.ctrlKey || event.metaKey || event.altKey) return;
      if (turns[event.key]) pose.orbit(...turns[event.key]);
      else if (event.key === "+" || event.key === "=") pose.zoom(0.9);
      else if (event.key === "-") pose.zoom(1.1);
      else return;
      state.turning = 0;
      event.preventDefault();
      touch();
    });
  }

  hover(event) {
    const { panel } = this;
    const box = this.canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    let at = null;
    let near = null;
    if (this.scene && this.camera) {
      at = this.scene.pick(this.camera, x, y);
      near = this.nearest(x, y);
    } else if (this.frame) at = inFrame(this.frame, x, y);
    showTip(event, near || (at && placeWords(panel, at)));
  }

  // The iterate of a path that lies nearest to a pixel.
  nearest(x, y) {
    let best = [9, null];
    for (const descent of this.panel.shown) {
      const { points, steps } = descent.path;
      for (let k = 0; k < steps.length && steps[k] <= timeline.position; k++) {
        if (!Number.isInteger(steps[k])) continue;
        const place = this.camera.project(this.scene.fromPath(points, k));
        const away = place ? Math.hypot(place[0] - x, place[1] - y) : Infinity;
        if (away < best[0]) best = [away, `${descent.name}, step ${steps[k]}\nloss ${numberText(descent.lossAt(steps[k]), 6)}`];
      }
    }
    return best[1];
  }
}

// Ticks and titles along the box's outer edges, and the colour bar.
function drawWords(context, panel, camera, theme) {
  const { wallS, wallT, floor } = sidesOf(camera);
  const world = (s, t, h) => panel.world(s, t, h);
  const [x, y, loss] = panel.axes;
  const edges = [{ axis: x, from: world(0, 1 - wallT, floor), to: world(1, 1 - wallT, floor) }];
  if (y) edges.push({ axis: y, from: world(1 - wallS, 0, floor), to: world(1 - wallS, 1, floor) });
  const upright = [[1 - wallS, wallT], [wallS, 1 - wallT]].map(([s, t]) => [s, t, camera.project(world(s, t, 0.5))]);
  const [s, t] = upright.sort((a, b) => (a[2]?.[0] ?? 1e9) - (b[2]?.[0] ?? 1e9))[0];
  edges.push({ axis: loss, from: world(s, t, 0), to: world(s, t, 1) });
  const center = camera.project([0, panel.size[1] / 2, 0]);
  const small = camera.width < 420;
  const taken = [];
  // Words keep clear of each other, and within the picture.
  const write = (text, [px, py], [ox, oy], color, font) => {
    context.font = font;
    const [w, h] = [context.measureText(text).width, parseInt(font, 10) * 1.15];
    const left = clamp(px + (ox * w) / 2 - w / 2, 3, Math.max(camera.width - w - 3, 3));
    const top = clamp(py + (oy * h) / 2 - h / 2, 2, camera.height - h - 2);
    const box = [left - 2, top, left + w + 2, top + h];
    if (taken.some((other) => box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3])) return;
    taken.push(box);
    context.textAlign = "left";
    context.textBaseline = "middle";
    context.lineWidth = 3;
    context.strokeStyle = theme.background;
    context.lineJoin = "round";
    context.strokeText(text, left, top + h / 2);
    context.fillStyle = color;
    context.fillText(text, left, top + h / 2);
  };
  const [small_, large] = small ? ["10px system-ui, sans-serif", "11px system-ui, sans-serif"] : [SMALL, "13px system-ui, sans-serif"];
  const lines = edges.map((edge) => {
    const [a, b] = [camera.project(edge.from), camera.project(edge.to)];
    if (!a || !b || !center) return null;
    const length = Math.hypot(b[0] - a[0], b[1] - a[1]);
    if (length < 45) return null;
    let out = [-(b[1] - a[1]) / length, (b[0] - a[0]) / length];
    const middle = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
    if (out[0] * (middle[0] - center[0]) + out[1] * (middle[1] - center[1]) < 0) out = out.map((c) => -c);
    return { ...edge, a, b, out, middle, length };
  });
  for (const line of lines) {
    if (!line) continue;
    const { axis, out, from, to } = line;
    const every = line.length < 26 * axis.ticks.length ? 2 : 1;
    axis.ticks.forEach(([part, text], k) => {
      const place = camera.project(from.map((c, i) => mix(c, to[i], part)));
      if (place && k % every === 0) write(text, [place[0] + out[0] * 8, place[1] + out[1] * 8], out, theme.muted, small_);
    });
  }
  lines.forEach((line, k) => {
    if (!line) return;
    const { axis, out, middle, a, b } = line;
    if (k === lines.length - 1) {
      const top = a[1] < b[1] ? a : b;
      write(axis.title, [top[0], top[1] - 16], [0, 0], theme.text, large);
      return;
    }
    const reach = small ? 24 : 34;
    write(axis.title, [middle[0] + out[0] * reach, middle[1] + out[1] * reach], out, theme.text, large);
  });
  if (camera.width > 460 && camera.height > 320 && !panel.map?.onSurface) drawBar(context, panel, camera, theme);
}

function drawBar(context, panel, camera, theme) {
  const [width, height] = [12, Math.min(150, camera.height * 0.3)];
  const [left, top] = [camera.width - width - 22, camera.height - height - 26];
  for (let k = 0; k < height; k++) {
    const color = 3 * Math.round((1 - k / height) * 255);
    context.fillStyle = `rgb(${colors[color]},${colors[color + 1]},${colors[color + 2]})`;
    context.fillRect(left, top + k, width, 1.5);
  }
  context.strokeStyle = theme.axis;
  context.lineWidth = 1;
  context.strokeRect(left - 0.5, top - 0.5, width + 1, height + 1);
  context.font = SMALL;
  context.textAlign = "right";
  context.textBaseline = "middle";
  context.fillStyle = theme.muted;
  for (const [part, text] of panel.bar.ticks) context.fillText(text, left - 6, top + (1 - part) * height);
  context.fillStyle = theme.text;
  context.textBaseline = "bottom";
  context.fillText(panel.bar.title, left + width, top - 6);
}

// ---- What is pointed at ----

const tip = $("tip");

function inFrame(frame, x, y) {
  const [s, t] = [(x - frame.x) / frame.width, 1 - (y - frame.y) / frame.height];
  return s >= 0 && s <= 1 && t >= 0 && t <= 1 ? [s, t] : null;
}

function placeWords(panel, [s, t]) {
  const [x, y] = panel.params(s, t);
  const height = panel.isCurve ? panel.grid.at(s, 0) : panel.grid.at(s, t);
  if (Number.isNaN(height)) return null;
  const place = [x, y].slice(0, panel.isCurve ? 1 : 2).map((value, k) => `${panel.labels[k]} ${numberText(value)}`);
  return `${place.join(", ")}\n${panel.labels[2]} ${numberText(panel.scale.loss(height))}`;
}

function showTip(event, text) {
  if (!text) return hideTip();
  tip.textContent = text;
  tip.hidden = false;
  const [w, h] = [tip.offsetWidth, tip.offsetHeight];
  tip.style.left = `${clamp(event.clientX + 14, 4, innerWidth - w - 4)}px`;
  tip.style.top = `${clamp(event.clientY - h - 10, 4, innerHeight - h - 4)}px`;
}

function hideTip() {
  tip.hidden = true;
}

// ---- Beside the stage ----

const flat = new Sheet($("flat").firstElementChild);
const plot = new Sheet($("plot").firstElementChild);
let rows = [];

function buildLegend() {
  const legend = $("legend");
  for (const panel of panels) {
    if (panels.length > 1) legend.append(make("h3", { textContent: panel.title }));
    for (const descent of panel.descents) {
      const line = make("i");
      line.style.background = descent.dashed ? `repeating-linear-gradient(90deg, ${descent.color} 0 6px, transparent 6px 9px)` : descent.color;
      if (descent.dashed) line.className = "dashed";
      const words = make("span", { className: "state" });
      const loss = make("span", { className: "loss" });
      const row = make("button", { type: "button", title: `${descent.rule}, learning rate ${descent.rate}: show or hide` }, line, make("span", { className: "name", textContent: descent.name }), loss, words);
      row.onclick = () => {
        descent.shown = !descent.shown;
        touch();
      };
      legend.append(row);
      rows.push({ row, descent, state: words, loss });
    }
    const { map } = panel;
    if (!map) continue;
    legend.append(make("h3", { textContent: "Where runs settle" }));
    for (const { color, name, about } of map.legend) {
      const swatch = make("i");
      swatch.style.background = color;
      legend.append(make("div", { className: "area" }, swatch, make("span", { textContent: name }), make("span", { textContent: about })));
    }
    legend.append(make("p", { textContent: map.about }));
  }
}

function drawBeside() {
  const { theme } = state;
  const view = views[state.active];
  const { panel } = view;
  const position = timeline.position;
  $("beside").textContent = panels.length > 1 ? panel.title : "";
  const size = flat.begin();
  const common = { ...size, theme, position };
  if (panel.map && !panel.map.onSurface) flatFrame = drawOwnMap(flat.context, panel.map, { ...common, overlay: view.overlay.complete && view.overlay });
  else if (panel.isCurve) flatFrame = drawCurve(flat.context, panel, common);
  else flatFrame = drawMap(flat.context, panel, { ...common, picture: view.picture(size.width, size.height), overlay: view.surfaceMap });
  const place = plot.begin();
  if (!view.plot.isEmpty) view.plot.draw(plot.context, { ...place, theme, position });
  $("plot").hidden = view.plot.isEmpty;
  $("log").hidden = !view.plot.canBeLog;
  $("log").setAttribute("aria-pressed", view.plot.log);
  for (const { row, descent, state: words, loss } of rows) {
    const text = descent.stateAt(position);
    write(words, text);
    // What has run away is not worth its digits.
    const gone = descent.isOver(position) && /^(diverged|undefined)$/.test(descent.status);
    write(loss, descent.count && !gone ? numberText(descent.lossAt(position), 6) : "");
    if (row.ariaPressed !== String(descent.shown)) row.setAttribute("aria-pressed", descent.shown);
  }
}

// Text is set where it differs: playback makes nothing anew.
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

let flatFrame = null;
const flatCanvas = flat.canvas;
flatCanvas.addEventListener("pointermove", (event) => {
  const box = flatCanvas.getBoundingClientRect();
  const { panel } = views[state.active];
  const at = flatFrame && inFrame(flatFrame, event.clientX - box.left, event.clientY - box.top);
  showTip(event, at && !(panel.map && !panel.map.onSurface) ? placeWords(panel, at) : null);
});
flatCanvas.addEventListener("pointerleave", hideTip);

const plotCanvas = plot.canvas;
const stepUnder = (event) => {
  const box = plotCanvas.getBoundingClientRect();
  const view = views[state.active];
  const frame = view.plot.frame(plotCanvas.clientWidth, plotCanvas.clientHeight);
  return clamp(((event.clientX - box.left - frame.x) / frame.width) * data.lastStep, 0, data.lastStep);
};
plotCanvas.addEventListener("pointerdown", (event) => {
  plotCanvas.setPointerCapture(event.pointerId);
  pause();
  seek(Math.round(stepUnder(event)));
});
plotCanvas.addEventListener("pointermove", (event) => {
  const step = Math.round(stepUnder(event));
  if (event.buttons) seek(step);
  const lines = views[state.active].panel.shown.filter((descent) => descent.count);
  const values = lines.map((descent) => `${descent.name}: ${numberText(descent.lossAt(step), 6)}`);
  showTip(event, [`step ${step}`, ...values.slice(0, 12)].join("\n"));
});
plotCanvas.addEventListener("pointerleave", hideTip);
$("log").onclick = () => {
  const { plot: shown } = views[state.active];
  shown.log = !shown.log;
  touch();
};

// ---- Playback ----

function touch() {
  state.dirty = true;
}

// Something moves: what follows within a moment may be coarse.
function move() {
  state.movedAt = performance.now();
  touch();
}

function seek(position) {
  timeline.seek(position);
  touch();
}

function pause() {
  state.playing = false;
  touch();
}

function play() {
  if (timeline.isOver) timeline.seek(0);
  state.playing = !state.playing;
  touch();
}

function stepBy(steps) {
  pause();
  const { position } = timeline;
  seek(steps > 0 ? Math.floor(position) + steps : Math.ceil(position) + steps);
}

function resetView() {
  pose = new Pose(home);
  touch();
}

$("play").onclick = play;
$("first").onclick = () => seek(0);
$("back").onclick = () => stepBy(-1);
$("next").onclick = () => stepBy(1);
$("home").onclick = resetView;
$("step").max = data.lastStep;
$("step").oninput = (event) => {
  pause();
  seek(Number(event.target.value));
};
$("speed").onchange = (event) => {
  state.speed = Number(event.target.value);
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT)$/.test(event.target.tagName)) return;
  if (event.key === " " && event.target.tagName !== "BUTTON") play();
  else if (event.key === "," || event.key === "[") stepBy(-1);
  else if (event.key === "." || event.key === "]") stepBy(1);
  else if (event.key === "Home") resetView();
  else return;
  event.preventDefault();
});

function showControls() {
  const step = Math.floor(timeline.position);
  if (Number($("step").value) !== step) $("step").value = step;
  write($("counter"), `step ${step} / ${data.lastStep}`);
  const label = state.playing ? "Pause" : "Play";
  if ($("play").ariaLabel !== label) {
    $("play").ariaLabel = label;
    $("play").querySelector("path").setAttribute("d", state.playing ? "M4.5 3v10M11.5 3v10" : "M4 2.5v11L13 8z");
  }
  const now = data.captions.filter((caption) => caption.step <= step && step < caption.step + caption.steps);
  write($("caption"), now.length ? now[now.length - 1].text : "");
}

// ---- Themes ----

const prefersDark = matchMedia("(prefers-color-scheme: dark)");
let chosen = wish.get("theme");

function setTheme() {
  const name = data.themes[chosen] ? chosen : prefersDark.matches ? "dark" : "light";
  state.theme = data.themes[name];
  for (const [token, color] of Object.entries(state.theme)) document.documentElement.style.setProperty(`--${token}`, color);
  document.documentElement.style.colorScheme = name === "dark" ? "dark" : "light";
  const other = name === "dark" ? "light" : "dark";
  $("theme").textContent = other === "light" ? "Light" : "Dark";
  $("theme").onclick = () => {
    chosen = other;
    setTheme();
  };
  touch();
}
prefersDark.addEventListener("change", setTheme);

// ---- It begins ----

if (gpu) $("stage").append(gpu.canvas);
const views = panels.map((panel, index) => new View(panel, index));
buildLegend();
setTheme();
$("caption").hidden = data.captions.length === 0;
const columns = Math.ceil(Math.sqrt(panels.length));
$("stage").style.gridTemplate = `repeat(${Math.ceil(panels.length / columns)}, minmax(0, 1fr)) / repeat(${columns}, minmax(0, 1fr))`;
for (const paragraph of data.about.split(/\n\s*\n/).filter((text) => text.trim())) $("about").append(make("p", { textContent: paragraph.trim() }));
const notes = new Set(panels.map((panel) => panel.note).filter(Boolean));
for (const note of notes) $("about").append(make("p", { className: "small", textContent: note }));
if (gpu) $("about").append(make("p", { className: "small", textContent: "Drag to turn, click and scroll to zoom, double click for the first view; space plays and pauses, comma and full stop step." }));
new ResizeObserver(touch).observe(document.body);
addEventListener("resize", touch);
if (gpu) gpu.canvas.addEventListener("webglcontextrestored", () => location.reload());

if (wish.has("yaw")) pose.yaw = Number(wish.get("yaw"));
if (wish.has("pitch")) pose.pitch = clamp(Number(wish.get("pitch")), -MAX_PITCH, MAX_PITCH);
if (calm.matches) state.turning = 0;
seek(wish.has("step") ? Number(wish.get("step")) : calm.matches ? data.lastStep : 0);
state.playing = wish.get("play") !== "0" && !wish.has("step") && !calm.matches && data.lastStep > 0;

// The canvas of all scenes lies over the stage; a very high one has fewer pixels.
function fitStage() {
  if (!gpu) return;
  const { clientWidth: width, clientHeight: height } = $("stage");
  const finest = Math.min(window.devicePixelRatio || 1, 3, 4096 / Math.max(width, height, 1));
  state.scale = finest * (state.isMoving ? QUALITIES[state.quality] : 1);
  gpu.resize(Math.round(width * state.scale), Math.round(height * state.scale));
}

// How many of a screen's pixels are drawn along a side while things move.
const QUALITIES = [1, 0.7, 0.5, 0.35];

// By how long frames take: finer or coarser.
function adapt(milliseconds) {
  state.pace = mix(state.pace, milliseconds, 0.2);
  const wish = state.pace > 60 ? 1 : state.pace < 18 ? -1 : 0;
  if (!wish || !QUALITIES[state.quality + wish]) return;
  state.quality += wish;
  state.pace = 35;
}

let before = performance.now();
function frame(now) {
  const seconds = Math.min((now - before) / 1000, 0.25);
  before = now;
  if (state.playing) {
    timeline.advance(seconds * state.speed);
    if (timeline.isOver) state.playing = false;
    move();
  }
  if (state.turning && wish.get("play") !== "0") {
    pose.orbit(state.turning * seconds, 0);
    move();
  }
  if (state.dirty) {
    const moved = state.isMoving;
    state.isMoving = now - state.movedAt < 250;
    if (moved && state.isMoving) adapt(now - state.drawnAt);
    state.drawnAt = now;
    state.dirty = state.isMoving;
    showControls();
    fitStage();
    for (const view of views) view.draw();
    drawBeside();
    state.frames += 1;
  }
  requestAnimationFrame(frame);
}
requestAnimationFrame(frame);

// For whoever embeds the page: seek to a step, play, and read what is shown.
window.steepest = {
  seek: (step) => {
    pause();
    seek(step);
  },
  play,
  pause,
  get step() {
    return timeline.position;
  },
  get frames() {
    return state.frames;
  },
  get webgl() {
    return gpu ? true : why;
  },
  losses: () => panels.map((panel) => panel.descents.map((descent) => descent.lossAt(timeline.position))),
  look: (yaw, pitch, distance = USUAL_DISTANCE) => {
    pose = new Pose({ yaw, pitch, distance });
    state.turning = 0;
    touch();
  },
};
