// ---- Flat pictures: contour map, curve, loss against step ----

const FONT = "12px system-ui, sans-serif";
const SMALL = "11px system-ui, sans-serif";

// The largest rectangle in a space of this size that has the map's shape, and what it leaves for ticks.
function mapFrame(panel, width, height) {
  const [left, right, top, bottom] = [46, 10, 22, 34];
  const space = [max(width - left - right, 20), max(height - top - bottom, 20)];
  const lengths = [panel.x, panel.y].map(([low, high]) => high - low);
  const fit = panel.toScale ? min(space[0] / lengths[0], space[1] / lengths[1]) : 0;
  const [w, h] = panel.toScale ? lengths.map((length) => length * fit) : space;
  return { x: left + (space[0] - w) / 2, y: top + (space[1] - h) / 2, width: w, height: h };
}

// The rectangle of a plot.
const plotFrame = ({ width, height }) => ({ x: 46, y: 22, width: width - 58, height: height - 56 });

// Nothing is drawn beyond a frame until the pen is restored.
function clipTo(pen, { x, y, width, height }) {
  pen.save();
  pen.beginPath();
  pen.rect(x, y, width, height);
  pen.clip();
}

function outline(pen, { x, y, width, height }, theme) {
  pen.strokeStyle = theme.axis;
  pen.lineWidth = 1;
  pen.strokeRect(x - 0.5, y - 0.5, width + 1, height + 1);
}

// What has little room is written more narrowly.
function say(pen, text, x, y, color, align = "left", base = "middle", room = 999) {
  pen.fillStyle = color;
  pen.textAlign = align;
  pen.textBaseline = base;
  pen.fillText(text, x, y, max(room, 9));
}

// The contour map as pixels: colour by height, and isolines.
function mapPicture(panel, colors, width, height, scale) {
  const picture = make("canvas");
  [picture.width, picture.height] = [width, height].map((side) => max(round(side * scale), 2));
  const [w, h] = [picture.width, picture.height];
  const pen = picture.getContext("2d");
  const image = pen.createImageData(w, h);
  const heights = new Float32Array(w * h);
  for (let row = 0; row < h; row++) {
    const t = 1 - (row + 0.5) / h;
    for (let col = 0; col < w; col++) heights[row * w + col] = panel.grid.at((col + 0.5) / w, t);
  }
  const line = (away, half, apart) => {
    const crowd = clamp((apart / scale - 2.2) / 3.3, 0, 1);
    return crowd * crowd * (3 - 2 * crowd) * clamp(half * scale + 0.6 - away, 0, 1);
  };
  for (let k = 0; k < heights.length; k++) {
    const height = heights[k];
    if (!(height > -0.02 && height < 1.02)) continue;
    const [right, below] = [k % w < w - 1 ? k + 1 : k - 1, k + w < heights.length ? k + w : k - w];
    // Beside a hole there is no slope to be known, and a plain has no line on it.
    const slope = hypot(heights[right] - height, heights[below] - height) || 0;
    let ink = 0;
    if (panel.bands > 1) {
      for (const [every, strength, half] of [[1, 0.3, 0.45], [5, 0.5, 0.75]]) {
        const at = (height * panel.bands) / every;
        const last = floor((panel.bands - 1) / every);
        if (last < 1) continue;
        const apart = every / max(slope * panel.bands, 1e-6);
        ink = max(ink, strength * line(abs(at - clamp(round(at), 1, last)) * apart, half, apart));
      }
    } else {
      for (const level of slope > 1e-7 ? panel.levels : []) ink = max(ink, 0.5 * clamp(1.25 * scale - abs(height - level) / slope, 0, 1));
    }
    const color = 3 * round(clamp(height, 0, 1) * 255);
    const isDark = colors[color] * 0.3 + colors[color + 1] * 0.6 + colors[color + 2] * 0.1 < 62;
    for (let c = 0; c < 3; c++) {
      const ground = colors[color + c];
      image.data[4 * k + c] = mix(ground, isDark ? ground * 0.6 + 110 : ground * 0.3, ink);
    }
    image.data[4 * k + 3] = 255;
  }
  pen.putImageData(image, 0, 0);
  return picture;
}

// The ticks if they stand clear of each other, or every second one, every third …
function evenly(ticks, isClear) {
  for (let every = 1; every < ticks.length; every++) {
    const kept = ticks.filter((_, k) => k % every === 0);
    if (kept.every((tick, k) => !k || isClear(kept[k - 1], tick))) return kept;
  }
  return ticks.slice(0, 1);
}

function ticksBeside(pen, frame, [across, upright], theme) {
  pen.font = SMALL;
  outline(pen, frame, theme);
  const bottom = frame.y + frame.height;
  const half = ([, text]) => pen.measureText(text).width / 2;
  const isClear = (a, b) => (b[0] - a[0]) * frame.width > half(a) + half(b) + 6;
  for (const [place, text] of evenly(across.ticks, isClear)) say(pen, text, frame.x + place * frame.width, bottom + 5, theme.muted, "center", "top");
  for (const [place, text] of evenly(upright.ticks, (a, b) => (b[0] - a[0]) * frame.height > 13)) say(pen, text, frame.x - 5, bottom - place * frame.height, theme.muted, "right", "middle", frame.x - 6);
  say(pen, across.title, frame.x + frame.width / 2, bottom + 33, theme.text, "center", "bottom", frame.width + 50);
  say(pen, upright.title, max(frame.x - 40, 2), frame.y - 6, theme.text, "left", "bottom", frame.width - 6);
}

function strokeCased(pen, color, theme, dashed, width = 2) {
  pen.lineJoin = pen.lineCap = "round";
  pen.setLineDash([]);
  pen.strokeStyle = theme.casing;
  pen.lineWidth = width + 1.6;
  if (!dashed) pen.stroke();
  pen.setLineDash(dashed ? [6, 4] : []);
  pen.strokeStyle = color;
  pen.lineWidth = width;
  pen.stroke();
  pen.setLineDash([]);
}

// The cells of a map within a frame: those of one picture, and over them those of the next shortly before it takes over.
function drawCells(pen, { pictures, near, ranges: [x, y] }, frame) {
  clipTo(pen, frame);
  pen.imageSmoothingEnabled = false;
  const first = floor(near);
  for (const [k, part] of [[first, 1], [first + 1, clamp(2.5 * (near - first) - 1.5, 0, 1)]]) {
    if (!part || !pictures[k]?.image?.naturalWidth) continue;
    const { image, edges } = pictures[k];
    const [left, right] = edges[0].map((value) => frame.x + fractionIn(x)(value) * frame.width);
    const [bottom, top] = edges[1].map((value) => frame.y + (1 - fractionIn(y)(value)) * frame.height);
    pen.globalAlpha = part;
    pen.drawImage(image, left, top, right - left, bottom - top);
  }
  pen.restore();
}

// The contours of a panel, or its map where that lies on the surface, with paths up to a position.
function drawMap(pen, panel, { width, height, picture, theme, position }) {
  const frame = mapFrame(panel, width, height);
  pen.imageSmoothingEnabled = true;
  pen.drawImage(picture, frame.x, frame.y, frame.width, frame.height);
  if (panel.map?.onSurface) drawCells(pen, panel.map, frame);
  ticksBeside(pen, frame, panel.axes, theme);
  const at = (s, t) => [frame.x + s * frame.width, frame.y + (1 - t) * frame.height];
  clipTo(pen, frame);
  for (const descent of panel.shown) {
    pen.beginPath();
    const [last, part] = descent.indexAt(position);
    const point = (index) => at(...panel.fractions(...descent.placeOf(index)).map((c) => clamp(c, -20, 20)));
    let before = null;
    for (let index = 0; index <= last; index++) {
      const [x, y] = point(index);
      if (before && index < last && hypot(x - before[0], y - before[1]) < 0.7) continue;
      if (before) pen.lineTo(x, y);
      else pen.moveTo(x, y);
      before = [x, y];
    }
    if (part > 0 && last + 1 < descent.count) {
      const [a, b] = [point(last), point(last + 1)];
      pen.lineTo(mix(a[0], b[0], part), mix(a[1], b[1], part));
    }
    strokeCased(pen, descent.color, theme, descent.dashed);
  }
  pen.restore();
  for (const mark of panel.marks) {
    const place = at(...panel.fractions(mark.at[0], mark.at[1] ?? 0));
    if (mark.rank && mark.height > -0.01 && mark.height < 1.01) drawMark(pen, mark.rank, place, theme);
  }
  drawEnds(pen, panel, position, theme, (descent, place) => at(...panel.fractions(...place)), frame);
  return frame;
}

// The starts' rings, and balls or what stands in their place at the end.
function drawEnds(pen, panel, position, theme, at, frame) {
  const isIn = ([x, y]) => x > frame.x - 1 && x < frame.x + frame.width + 1 && y > frame.y - 1 && y < frame.y + frame.height + 1;
  for (const descent of panel.shown) {
    if (!descent.count) continue;
    const start = at(descent, descent.placeOf(0), 0);
    if (isIn(start)) drawShape(pen, "ring", start, 4, descent.color, theme);
  }
  for (const descent of panel.shown) {
    if (!descent.count) continue;
    const [index, part] = descent.indexAt(position);
    const next = min(index + 1, descent.count - 1);
    const [a, b] = [descent.placeOf(index), descent.placeOf(next)];
    const place = at(descent, [mix(a[0], b[0], part), mix(a[1], b[1], part)], index);
    if (isIn(place)) drawShape(pen, endShape(descent, position), place, 5, descent.color, theme);
  }
}

const END_SHAPES = { converged: "check", stopped: "square", diverged: "cross", undefined: "cross" };

function endShape(descent, position) {
  return (descent.isOver(position) && END_SHAPES[descent.status]) || "ball";
}

// Marks of what is known of the landscape: white with a dark edge, on any colour.
function drawMark(pen, rank, place, theme, times = 1) {
  const shape = { saddle: "cross", given: "hollow star" }[rank] || "star";
  drawShape(pen, shape, place, data.look.ranks[rank] * times, "#ffffff", theme);
}

// How thick lines of shapes are, as parts of the radius (shaders/marker.wgsl); what has none is filled.
const THICK = { ring: 0.44, check: 0.3, cross: 0.48, "hollow star": 0.17 };

function drawShape(pen, shape, [x, y], radius, color, theme) {
  pen.lineJoin = pen.lineCap = "round";
  const path = new Path2D();
  const thick = (THICK[shape] || 0) * radius;
  const inner = radius * 0.8;
  if (shape === "ball" || shape === "check") path.arc(x, y, radius, 0, 2 * PI);
  if (shape === "ring") path.arc(x, y, inner, 0, 2 * PI);
  if (shape === "square") path.rect(x - inner, y - inner, 2 * inner, 2 * inner);
  if (shape === "check") {
    path.moveTo(x - radius * 0.45, y);
    path.lineTo(x - radius * 0.1, y + radius * 0.38);
    path.lineTo(x + radius * 0.5, y - radius * 0.4);
  }
  if (shape === "cross") {
    for (const sign of [1, -1]) {
      path.moveTo(x - inner, y - inner * sign);
      path.lineTo(x + inner, y + inner * sign);
    }
  }
  if (shape === "diamond" || shape.endsWith("star")) {
    const count = shape === "diamond" ? 4 : 10;
    for (let k = 0; k <= count; k++) {
      const reach = shape !== "diamond" && k % 2 ? radius * 0.42 : radius;
      const angle = (2 * PI * k) / count - PI / 2;
      path.lineTo(x + reach * cos(angle), y + reach * sin(angle));
    }
  }
  pen.strokeStyle = theme.casing;
  pen.lineWidth = thick + 2.5;
  pen.stroke(path);
  pen.strokeStyle = pen.fillStyle = color;
  if (thick) {
    pen.lineWidth = thick;
    pen.stroke(path);
    return;
  }
  if (shape === "ball") {
    const shine = pen.createRadialGradient(x - radius * 0.35, y - radius * 0.4, 0, x, y, radius);
    shine.addColorStop(0, "#ffffff");
    shine.addColorStop(0.45, color);
    shine.addColorStop(1, color);
    pen.fillStyle = shine;
  }
  pen.fill(path);
}

// A curve: loss over its one parameter, and where the descents are on it.
function drawCurve(pen, panel, { theme, position, ...size }) {
  const frame = plotFrame(size);
  // Room above and below, for what stands on the curve.
  const up = (height) => mix(0.05, 0.95, height);
  const ticks = panel.axes[2].ticks.map(([height, text]) => [up(height), text]);
  ticksBeside(pen, frame, [panel.axes[0], { ...panel.axes[2], ticks }], theme);
  const at = (s, h) => [frame.x + s * frame.width, frame.y + (1 - up(h)) * frame.height];
  clipTo(pen, frame);
  pen.beginPath();
  let isUp = true;
  const { cols, heights, breaks, torn } = panel.grid;
  const draw = (isFirst, s, h) => pen[isFirst ? "moveTo" : "lineTo"](...at(s, clamp(h, -2, 3)));
  heights.forEach((h, k) => {
    if (!isNaN(h)) draw(isUp, k / (cols - 1), h);
    isUp = isNaN(h) || breaks.has(k);
  });
  // Up to where it breaks off: the triangles there, seen from the front.
  for (let k = 0; k < torn?.length; k += 3) draw(k % 9 === 0, torn[k], torn[k + 2]);
  pen.lineJoin = pen.lineCap = "round";
  pen.strokeStyle = theme.muted;
  pen.lineWidth = 2;
  pen.stroke();
  const onCurve = (place) => {
    const s = panel.fractions(...place)[0];
    return at(s, panel.grid.at(s, 0));
  };
  for (const descent of panel.shown) {
    const last = descent.indexAt(position)[0];
    pen.beginPath();
    for (let index = max(0, last - 400); index <= last; index++) {
      const [x, y] = onCurve(descent.placeOf(index));
      if (isFinite(y)) pen.lineTo(x, y);
    }
    strokeCased(pen, descent.color, theme, descent.dashed, 1.5);
  }
  pen.restore();
  for (const mark of panel.marks) {
    if (mark.rank) drawMark(pen, mark.rank, at(panel.fractions(mark.at[0], 0)[0], mark.height), theme);
  }
  drawEnds(pen, panel, position, theme, (_, place) => onCurve(place), frame);
  return frame;
}

// A map over axes of its own: its cells, and what its axes are.
function drawOwnMap(pen, map, { theme, ...size }) {
  const frame = plotFrame(size);
  drawCells(pen, map, frame);
  ticksBeside(pen, frame, map.axes, theme);
  if (map.best) drawShape(pen, "ring", [frame.x + map.best[0] * frame.width, frame.y + (1 - map.best[1]) * frame.height], 6, "#ffffff", theme);
  return frame;
}

// Round numbers between two ends, about so many; none where neighbours would be one number.
function roundTicks(low, high, about) {
  const raw = (high - low) / about;
  const ten = 10 ** floor(log10(raw));
  const unit = [1, 2, 5, 10].find((factor) => factor * ten >= raw * 0.7) * ten;
  const first = ceil(low / unit);
  const count = floor(high / unit + 1e-9) - first + 1;
  return abs(first) + count < 1e15 ? Array.from({ length: count }, (_, k) => (first + k) * unit) : [];
}

// Loss against step. The range is that of the losses, but what runs away leaves it.
class LossPlot {
  constructor(panel) {
    this.panel = panel;
    const finite = panel.descents.flatMap((descent) => [...descent.losses].filter(isFinite));
    this.low = finite.reduce((a, b) => min(a, b), Infinity);
    this.high = finite.reduce((a, b) => max(a, b), -Infinity);
    const starts = panel.descents.map((descent) => descent.losses[0]).filter(isFinite);
    this.usualHigh = min(this.high, max(...starts, this.low) + 0.5 * (max(...starts) - this.low || 1));
    this.canBeLog = this.low > 0;
    this.log = this.canBeLog && this.high / this.low > 50;
  }

  get isEmpty() {
    return !(this.high >= this.low);
  }

  draw(pen, { theme, position, ...size }) {
    const frame = plotFrame(size);
    const along = this.log ? log10 : (loss) => loss;
    let [low, high] = [along(this.low), along(this.log ? this.high : this.usualHigh)];
    if (this.log) high = min(high, along(this.usualHigh) + 3);
    // What differs by rounding alone is level.
    if (!(high - low > 1e-12 * abs(low))) [low, high] = [-0.5, 0.5].map((part) => low + part * max(1e-9 * abs(low), 1));
    const room = 0.04 * (high - low);
    [low, high] = [low - room, high + room];
    const place = (value) => (value - low) / (high - low);
    const values = roundTicks(low, high, 4);
    const powers = this.log ? values.filter((value) => isInteger(round(value * 1e6) / 1e6)) : values;
    const text = (value) => {
      if (this.log) return abs(value) > 3.5 ? power(round(value)) : String(Number((10 ** value).toPrecision(1)));
      const digits = numberText(abs(value) < 1e-12 * high ? 0 : value, min(digitsOf(value, (high - low) / 8), 8));
      return digits.includes(".") ? digits.replace(/\.?0+(?=×|$)/, "") : digits;
    };
    const upright = { title: this.panel.labels[2], ticks: powers.map((value) => [place(value), text(value)]) };
    const last = max(data.lastStep, 1);
    const steps = roundTicks(0, last, 5).filter(isInteger);
    const across = { title: "step", ticks: steps.map((step) => [step / last, String(step)]) };
    pen.strokeStyle = theme.grid;
    pen.lineWidth = 1;
    pen.beginPath();
    for (const [part] of upright.ticks) {
      const y = round(frame.y + (1 - part) * frame.height) + 0.5;
      pen.moveTo(frame.x, y);
      pen.lineTo(frame.x + frame.width, y);
    }
    pen.stroke();
    ticksBeside(pen, frame, [across, upright], theme);
    clipTo(pen, frame);
    const at = (step, loss) => [frame.x + (step / last) * frame.width, frame.y + (1 - place(along(loss))) * frame.height];
    for (const descent of this.panel.shown) {
      const now = descent.indexAt(position)[0];
      for (const [from, to, alpha] of [[now, descent.count - 1, 0.3], [0, now, 1]]) {
        pen.globalAlpha = alpha;
        pen.beginPath();
        const stride = max(1, floor((to - from) / (3 * frame.width)));
        for (let index = from; index <= to; index += stride) {
          const [x, y] = at(descent.stepOf(index), descent.losses[index]);
          if (isFinite(y)) pen.lineTo(x, clamp(y, -1e5, 1e5));
        }
        pen.strokeStyle = descent.color;
        pen.lineWidth = alpha < 1 ? 1.3 : 2;
        pen.setLineDash(descent.dashed ? [6, 4] : []);
        pen.lineJoin = "round";
        pen.stroke();
      }
      pen.globalAlpha = 1;
      pen.setLineDash([]);
    }
    const x = frame.x + (position / last) * frame.width;
    pen.strokeStyle = theme.text;
    pen.lineWidth = 1;
    pen.beginPath();
    pen.moveTo(x, frame.y);
    pen.lineTo(x, frame.y + frame.height);
    pen.stroke();
    for (const descent of this.panel.shown) {
      if (!descent.count) continue;
      const [index] = descent.indexAt(position);
      const [px, py] = at(min(position, descent.last), descent.losses[index]);
      if (py > frame.y - 4 && py < frame.y + frame.height + 4) drawShape(pen, "ball", [px, py], 3.6, descent.color, theme);
    }
    pen.restore();
  }
}
