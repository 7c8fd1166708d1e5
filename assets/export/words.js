// ---- Words over the scene, and what is pointed at ----

// Ticks and titles along the box's outer edges, and the colour bar.
function drawWords(pen, panel, camera, theme) {
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
    pen.font = font;
    const [w, h] = [pen.measureText(text).width, parseInt(font, 10) * 1.15];
    const left = clamp(px + (ox * w) / 2 - w / 2, 3, max(camera.width - w - 3, 3));
    const top = clamp(py + (oy * h) / 2 - h / 2, 2, camera.height - h - 2);
    const box = [left - 2, top, left + w + 2, top + h];
    if (taken.some((other) => box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3])) return;
    taken.push(box);
    pen.textAlign = "left";
    pen.textBaseline = "middle";
    pen.lineWidth = 3;
    pen.strokeStyle = theme.background;
    pen.lineJoin = "round";
    pen.strokeText(text, left, top + h / 2);
    say(pen, text, left, top + h / 2, color);
  };
  const [small_, large] = small ? ["10px system-ui, sans-serif", "11px system-ui, sans-serif"] : [SMALL, "13px system-ui, sans-serif"];
  const lines = edges.map((edge) => {
    const [a, b] = [camera.project(edge.from), camera.project(edge.to)];
    if (!a || !b || !center) return null;
    const length = hypot(b[0] - a[0], b[1] - a[1]);
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
  if (camera.width > 460 && camera.height > 320 && !panel.map?.onSurface) drawBar(pen, panel, camera, theme);
}

function drawBar(pen, panel, camera, theme) {
  const [width, height] = [12, min(150, camera.height * 0.3)];
  const [left, top] = [camera.width - width - 22, camera.height - height - 26];
  for (let k = 0; k < height; k++) {
    const color = 3 * round((1 - k / height) * 255);
    pen.fillStyle = `rgb(${colors[color]},${colors[color + 1]},${colors[color + 2]})`;
    pen.fillRect(left, top + k, width, 1.5);
  }
  outline(pen, { x: left, y: top, width, height }, theme);
  pen.font = SMALL;
  for (const [part, text] of panel.bar.ticks) say(pen, text, left - 6, top + (1 - part) * height, theme.muted, "right");
  say(pen, panel.bar.title, left + width, top - 6, theme.text, "right", "bottom");
}

const tip = $("tip");

function inFrame(frame, x, y) {
  const [s, t] = [(x - frame.x) / frame.width, 1 - (y - frame.y) / frame.height];
  return s >= 0 && s <= 1 && t >= 0 && t <= 1 ? [s, t] : null;
}

function placeWords(panel, [s, t]) {
  const [x, y] = panel.params(s, t);
  const height = panel.isCurve ? panel.grid.at(s, 0) : panel.grid.at(s, t);
  if (isNaN(height)) return null;
  const { low, high } = panel.scale;
  const text = (value, k, [from, to]) => `${panel.labels[k]} ${numberText(value, max(4, digitsOf(value, (to - from) / 1000)))}`;
  const place = [panel.x, panel.y].filter(Boolean).map((range, k) => text([x, y][k], k, range));
  return `${place.join(", ")}\n${text(panel.scale.loss(height), 2, [low, high])}`;
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

// A finger that is lifted leaves what it pointed at to be read.
function leave(event) {
  if (event.pointerType !== "touch") hideTip();
}
