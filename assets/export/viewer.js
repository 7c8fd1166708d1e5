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

// The last step is that of the descent that goes on longest, of those that are shown.
function fitSteps() {
  data.lastStep = $("step").max = max(0, ...panels.flatMap(({ shown }) => shown.map(({ last }) => last)));
  const { position } = timeline;
  timeline = new Timeline(data);
  seek(position);
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
  seek(steps > 0 ? floor(position) + steps : ceil(position) + steps);
}

// A person takes the camera.
function take() {
  state.turning = 0;
  state.follows = false;
}

function resetView() {
  pose = new Pose(home);
  state.follows = keys.length > 1 && !calm.matches;
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
on(document, "keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT)$/.test(event.target.tagName)) return;
  if (event.key === " " && event.target.tagName !== "BUTTON") play();
  else if (event.key === "," || event.key === "[") stepBy(-1);
  else if (event.key === "." || event.key === "]") stepBy(1);
  else if (event.key === "Home") resetView();
  else return;
  event.preventDefault();
});

function showControls() {
  const step = floor(timeline.position);
  if (Number($("step").value) !== step) $("step").value = step;
  write($("counter"), `step ${step} / ${data.lastStep}`);
  label($("play"), state.playing ? "Pause" : "Play");
  const now = data.captions.filter((caption) => caption.step <= step && step < caption.step + caption.steps);
  write($("caption"), now.length ? now[now.length - 1].text : "");
}

// ---- Themes ----

const prefersDark = matchMedia("(prefers-color-scheme: dark)");
let chosen = wish.get("theme");

function setTheme() {
  showTheme(data.themes[chosen] ? chosen : prefersDark.matches ? "dark" : "light");
}

function showTheme(name) {
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
on(prefersDark, "change", setTheme);
on(window, "beforeprint", () => {
  state.isPrinting = true;
  showTheme("paper");
  draw();
});
on(window, "afterprint", () => {
  state.isPrinting = false;
  setTheme();
});

// ---- It begins ----

// A browser may take the drawing context, and give it back: until then landscapes are drawn flat.
function mount() {
  const { canvas } = gpu;
  $("stage").append(canvas);
  on(canvas, "webglcontextlost", (event) => {
    event.preventDefault();
    for (const view of views) view.scene = null;
    touch();
  });
  on(canvas, "webglcontextrestored", () => {
    canvas.remove();
    gpu = new Gpu();
    mount();
    for (const view of views) view.renew();
    touch();
  });
}

if (gpu) mount();
const views = panels.map((panel, index) => new View(panel, index));
buildLegend();
setTheme();
$("caption").hidden = data.captions.length === 0;
for (const paragraph of data.about.split(/\n\s*\n/).filter((text) => text.trim())) $("about").append(make("p", { textContent: paragraph.trim() }));
const notes = new Set(panels.flatMap(({ note, leftOut }) => [note, ...leftOut]).filter(Boolean));
for (const note of notes) $("about").append(make("p", { className: "small", textContent: note }));
$("hints").hidden = !gpu;
new ResizeObserver(touch).observe(document.body);
on(window, "resize", touch);
on(window, "scroll", hideTip);

const [step, yaw, pitch] = ["step", "yaw", "pitch"].map((name) => parseFloat(wish.get(name)));
if (isFinite(yaw) || isFinite(pitch) || calm.matches) take();
pose = new Pose({ ...pose, yaw: isFinite(yaw) ? yaw : pose.yaw, pitch: isFinite(pitch) ? pitch : pose.pitch });
if (gpu?.isSlow) state.turning = 0;
seek(isFinite(step) ? step : calm.matches ? data.lastStep : 0);
state.playing = wish.get("play") !== "0" && !isFinite(step) && !calm.matches && timeline.end > 0;

// Panels stand in rows as the program's do (experiment/shape.rs). The canvas of all scenes lies over the stage; a very high one has
// fewer pixels.
function fitStage() {
  const { clientWidth: width, clientHeight: height, style } = $("stage");
  const count = panels.length;
  const rowsOf = (columns) => ceil(count / columns);
  const shape = (columns) => abs(Math.log((width * rowsOf(columns)) / columns / height / 1.25)) + (columns * rowsOf(columns)) / count;
  const columns = panels.map((_, k) => k + 1).sort((a, b) => shape(a) - shape(b))[0];
  if (state.columns !== columns) style.gridTemplate = `repeat(${rowsOf(columns)}, minmax(0, 1fr)) / repeat(${columns}, minmax(0, 1fr))`;
  state.columns = columns;
  if (!gpu) return;
  const finest = min(window.devicePixelRatio || 1, 3, 4096 / max(width, height, 1));
  state.scale = finest * (state.isMoving ? QUALITIES[state.quality] : 1);
  gpu.resize(round(width * state.scale), round(height * state.scale));
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
  const seconds = min((now - before) / 1000, 0.25);
  before = now;
  if (state.playing) {
    timeline.advance(seconds * state.speed);
    if (timeline.isOver) state.playing = false;
    move();
  }
  if (state.turning && !state.follows && wish.get("play") !== "0") {
    pose.orbit(state.turning * seconds, 0);
    move();
  }
  if (state.dirty) {
    const moved = state.isMoving;
    state.isMoving = now - state.movedAt < 250;
    if (moved && state.isMoving) adapt(now - state.drawnAt);
    state.drawnAt = now;
    state.dirty = state.isMoving;
    if (state.follows) pose = poseAt(keys, timeline.seconds, home.parallel);
    draw();
  }
  requestAnimationFrame(frame);
}

function draw() {
  showControls();
  fitStage();
  for (const { moments } of panels) moments?.show(timeline.position, timeline.seconds);
  for (const view of views) view.draw();
  drawBeside();
  state.frames += 1;
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
  get pose() {
    return { ...pose };
  },
  get frames() {
    return state.frames;
  },
  get webgl() {
    return gpu ? true : why;
  },
  // What is seen at fractions of each panel's rectangle: where that is, and the loss there; once surfaces on the way are unpacked.
  ready: Promise.all(panels.map(({ moments }) => moments?.ready)),
  seen: (s, t) => panels.map((panel) => [...panel.params(s, t), panel.scale.loss(panel.grid.at(s, t))]),
  losses: () => panels.map((panel) => panel.descents.map((descent) => descent.lossAt(timeline.position))),
  // Samples that the networks shown beside name another class for.
  wrong: () => panels.map(({ network }) => network?.labels && network.wrongAt(network.parameters(network.subject, timeline.position)).filter(Boolean).length),
  look: (yaw, pitch, distance = USUAL_DISTANCE) => {
    pose = new Pose({ yaw, pitch, distance });
    take();
    touch();
  },
};
