// ---- Flat pictures: contour map, curve, loss against step ----

const FONT = "12px system-ui, sans-serif";
const SMALL = "11px system-ui, sans-serif";

// The largest rectangle in a space of this size that has the map's shape, and what it leaves for ticks.
function mapFrame(panel, width, height) {
  const [left, right, top, bottom] = [46, 10, 22, 34];
  const space = [Math.max(width - left - right, 20), Math.max(height - top - bottom, 20)];
  const lengths = [panel.x, panel.y].map(([low, high]) => high - low);
  const fit = panel.toScale ? Math.min(space[0] / lengths[0], space[1] / lengths[1]) : 0;
  const [w, h] = panel.toScale ? lengths.map((length) => length * fit) : space;
  return { x: left + (space[0] - w) / 2, y: top + (space[1] - h) / 2, width: w, height: h };
}

// The contour map as pixels: colour by height, and isolines.
function mapPicture(panel, colors, width, height, scale) {
  const picture = document.createElement("canvas");
  [picture.width, picture.height] = [width, height].map((side) => Math.max(Math.round(side * scale), 2));
  const [w, h] = [picture.width, picture.height];
  const context = picture.getContext("2d");
  const image = context.createImageData(w, h);
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
    const slope = Math.abs(heights[right] - height) + Math.abs(heights[below] - height);
    let ink = 0;
    if (panel.bands > 1) {
      for (const [every, strength, half] of [[1, 0.3, 0.45], [5, 0.5, 0.75]]) {
        const at = (height * panel.bands) / every;
        const last = Math.floor((panel.bands - 1) / every);
        if (last < 1) continue;
        const apart = every / Math.max(slope * panel.bands, 1e-6);
        ink = Math.max(ink, strength * line(Math.abs(at - clamp(Math.round(at), 1, last)) * apart, half, apart));
      }
    } else {
      for (const level of panel.levels) ink = Math.max(ink, 0.5 * clamp(1.25 * scale - Math.abs(height - level) / slope, 0, 1));
    }
    const color = 3 * Math.round(clamp(height, 0, 1) * 255);
    const isDark = colors[color] * 0.3 + colors[color + 1] * 0.6 + colors[color + 2] * 0.1 < 62;
    for (let c = 0; c < 3; c++) {
      const ground = colors[color + c];
      image.data[4 * k + c] = mix(ground, isDark ? ground * 0.6 + 110 : ground * 0.3, ink);
    }
    image.data[4 * k + 3] = 255;
  }
  context.putImageData(image, 0, 0);
  return picture;
}

function ticksBeside(context, frame, [across, upright], theme) {
  context.font = SMALL;
  context.fillStyle = theme.muted;
  context.strokeStyle = theme.axis;
  context.lineWidth = 1;
  context.strokeRect(frame.x - 0.5, frame.y - 0.5, frame.width + 1, frame.height + 1);
  const bottom = frame.y + frame.height;
  let end = -Infinity;
  context.textAlign = "center";
  context.textBaseline = "top";
  for (const [place, text] of across.ticks) {
    const x = frame.x + place * frame.width;
    const half = context.measureText(text).width / 2;
    if (x - half < end + 6) continue;
    end = x + half;
    context.fillText(text, x, bottom + 5);
  }
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const [place, text] of upright.ticks) context.fillText(text, frame.x - 5, bottom - place * frame.height);
  context.fillStyle = theme.text;
  context.textAlign = "center";
  context.textBaseline = "bottom";
  context.fillText(across.title, frame.x + frame.width / 2, bottom + 33);
  context.textAlign = "left";
  context.fillText(upright.title, Math.max(frame.x - 40, 2), frame.y - 6);
}

function strokeCased(context, color, theme, dashed, width = 2) {
  context.lineJoin = context.lineCap = "round";
  context.setLineDash([]);
  context.strokeStyle = theme.casing;
  context.lineWidth = width + 1.6;
  if (!dashed) context.stroke();
  context.setLineDash(dashed ? [6, 4] : []);
  context.strokeStyle = color;
  context.lineWidth = width;
  context.stroke();
  context.setLineDash([]);
}

// The contours of a panel, or its map where that lies on the surface, with paths up to a position.
function drawMap(context, panel, { width, height, picture, theme, position, overlay }) {
  const frame = mapFrame(panel, width, height);
  context.imageSmoothingEnabled = true;
  context.drawImage(picture, frame.x, frame.y, frame.width, frame.height);
  if (overlay) {
    // Its outermost cells reach half a cell beyond.
    const [cols, rows] = panel.map.cells;
    const [w, h] = [overlay.naturalWidth, overlay.naturalHeight];
    const cut = [(0.5 * w) / cols, (0.5 * h) / rows];
    context.drawImage(overlay, cut[0], cut[1], w - 2 * cut[0], h - 2 * cut[1], frame.x, frame.y, frame.width, frame.height);
  }
  ticksBeside(context, frame, panel.axes, theme);
  const at = (s, t) => [frame.x + s * frame.width, frame.y + (1 - t) * frame.height];
  context.save();
  context.beginPath();
  context.rect(frame.x, frame.y, frame.width, frame.height);
  context.clip();
  for (const descent of panel.shown) {
    context.beginPath();
    const [last, part] = descent.indexAt(position);
    const point = (index) => at(...panel.fractions(...descent.placeOf(index)).map((c) => clamp(c, -20, 20)));
    let before = null;
    for (let index = 0; index <= last; index++) {
      const [x, y] = point(index);
      if (before && index < last && Math.hypot(x - before[0], y - before[1]) < 0.7) continue;
      if (before) context.lineTo(x, y);
      else context.moveTo(x, y);
      before = [x, y];
    }
    if (part > 0 && last + 1 < descent.count) {
      const [a, b] = [point(last), point(last + 1)];
      context.lineTo(mix(a[0], b[0], part), mix(a[1], b[1], part));
    }
    strokeCased(context, descent.color, theme, descent.dashed);
  }
  context.restore();
  for (const mark of panel.marks) {
    const place = at(...panel.fractions(mark.at[0], mark.at[1] ?? 0));
    if (mark.rank && mark.height > -0.01 && mark.height < 1.01) drawMark(context, mark.rank, place, theme);
  }
  drawEnds(context, panel, position, theme, (descent, place) => at(...panel.fractions(...place)), frame);
  return frame;
}

// The starts' rings, and balls or what stands in their place at the end.
function drawEnds(context, panel, position, theme, at, frame) {
  const isIn = ([x, y]) => x > frame.x - 1 && x < frame.x + frame.width + 1 && y > frame.y - 1 && y < frame.y + frame.height + 1;
  for (const descent of panel.shown) {
    if (!descent.count) continue;
    const start = at(descent, descent.placeOf(0), 0);
    if (isIn(start)) drawShape(context, "ring", start, 4, descent.color, theme);
  }
  for (const descent of panel.shown) {
    if (!descent.count) continue;
    const [index, part] = descent.indexAt(position);
    const next = Math.min(index + 1, descent.count - 1);
    const [a, b] = [descent.placeOf(index), descent.placeOf(next)];
    const place = at(descent, [mix(a[0], b[0], part), mix(a[1], b[1], part)], index);
    if (isIn(place)) drawShape(context, endShape(descent, position), place, 5, descent.color, theme);
  }
}

const END_SHAPES = { converged: "check", stopped: "square", diverged: "cross", undefined: "cross" };

function endShape(descent, position) {
  return (descent.isOver(position) && END_SHAPES[descent.status]) || "ball";
}

// Marks of what is known of the landscape: white with a dark edge, on any colour.
function drawMark(context, rank, place, theme, times = 1) {
  if (rank === "saddle") drawShape(context, "cross", place, 3 * times, "#ffffff", theme);
  else drawShape(context, rank === "given" ? "hollow star" : "star", place, (rank === "minimum" ? 5 : 7.5) * times, "#ffffff", theme);
}

function drawShape(context, shape, [x, y], radius, color, theme) {
  context.lineJoin = context.lineCap = "round";
  const path = new Path2D();
  const filled = ["ball", "star", "diamond"].includes(shape);
  if (shape === "ball" || shape === "ring" || shape === "check") path.arc(x, y, radius, 0, 2 * Math.PI);
  if (shape === "square") path.rect(x - radius * 0.85, y - radius * 0.85, radius * 1.7, radius * 1.7);
  if (shape === "check") {
    path.moveTo(x - radius * 0.45, y);
    path.lineTo(x - radius * 0.08, y + radius * 0.4);
    path.lineTo(x + radius * 0.5, y - radius * 0.4);
  }
  if (shape === "cross") {
    for (const sign of [1, -1]) {
      path.moveTo(x - radius, y - radius * sign);
      path.lineTo(x + radius, y + radius * sign);
    }
  }
  if (shape === "diamond" || shape.endsWith("star")) {
    const count = shape === "diamond" ? 4 : 10;
    for (let k = 0; k <= count; k++) {
      const reach = shape !== "diamond" && k % 2 ? radius * 0.42 : radius;
      const angle = (2 * Math.PI * k) / count - Math.PI / 2;
      path.lineTo(x + reach * Math.cos(angle), y + reach * Math.sin(angle));
    }
  }
  context.strokeStyle = theme.casing;
  if (filled) {
    context.lineWidth = 2;
    context.stroke(path);
    context.fillStyle = color;
    if (shape === "ball") {
      const shine = context.createRadialGradient(x - radius * 0.35, y - radius * 0.4, 0, x, y, radius);
      shine.addColorStop(0, "#ffffff");
      shine.addColorStop(0.45, color);
      shine.addColorStop(1, color);
      context.fillStyle = shine;
    }
    context.fill(path);
    return;
  }
  context.lineWidth = 4.2;
  context.stroke(path);
  context.strokeStyle = color;
  context.lineWidth = 2;
  context.stroke(path);
}

// A curve: loss over its one parameter, and where the descents are on it.
function drawCurve(context, panel, { width, height, theme, position }) {
  const frame = { x: 46, y: 22, width: width - 58, height: height - 56 };
  // Room above and below, for what stands on the curve.
  const up = (height) => mix(0.05, 0.95, height);
  const ticks = panel.axes[2].ticks.map(([height, text]) => [up(height), text]);
  ticksBeside(context, frame, [panel.axes[0], { ...panel.axes[2], ticks }], theme);
  const at = (s, h) => [frame.x + s * frame.width, frame.y + (1 - up(h)) * frame.height];
  context.save();
  context.beginPath();
  context.rect(frame.x, frame.y, frame.width, frame.height);
  context.clip();
  context.beginPath();
  let isUp = true;
  const { cols, heights } = panel.grid;
  for (let k = 0; k < cols; k++) {
    if (Number.isNaN(heights[k])) isUp = true;
    else {
      context[isUp ? "moveTo" : "lineTo"](...at(k / (cols - 1), clamp(heights[k], -2, 3)));
      isUp = false;
    }
  }
  context.strokeStyle = theme.muted;
  context.lineWidth = 2;
  context.stroke();
  const onCurve = (place) => {
    const s = panel.fractions(...place)[0];
    return at(s, panel.grid.at(s, 0));
  };
  for (const descent of panel.shown) {
    const last = descent.indexAt(position)[0];
    context.beginPath();
    for (let index = Math.max(0, last - 400); index <= last; index++) {
      const [x, y] = onCurve(descent.placeOf(index));
      if (Number.isFinite(y)) context.lineTo(x, y);
    }
    strokeCased(context, descent.color, theme, descent.dashed, 1.5);
  }
  context.restore();
  for (const mark of panel.marks) {
    if (mark.rank) drawMark(context, mark.rank, at(panel.fractions(mark.at[0], 0)[0], mark.height), theme);
  }
  drawEnds(context, panel, position, theme, (_, place) => onCurve(place), frame);
  return frame;
}

// A map over axes of its own: its cells, and what its axes are.
function drawOwnMap(context, map, { width, height, overlay, theme }) {
  const frame = { x: 46, y: 22, width: width - 58, height: height - 56 };
  context.imageSmoothingEnabled = false;
  if (overlay) context.drawImage(overlay, frame.x, frame.y, frame.width, frame.height);
  ticksBeside(context, frame, map.axes, theme);
  if (map.best) drawShape(context, "ring", [frame.x + map.best[0] * frame.width, frame.y + (1 - map.best[1]) * frame.height], 6, "#ffffff", theme);
  return frame;
}

// Round numbers between two ends, about so many.
function roundTicks(low, high, about) {
  const raw = (high - low) / about;
  const ten = 10 ** Math.floor(Math.log10(raw));
  const unit = [1, 2, 5, 10].find((factor) => factor * ten >= raw * 0.7) * ten;
  const ticks = [];
  for (let k = Math.ceil(low / unit); k * unit <= high + unit * 1e-9; k++) ticks.push(k * unit);
  return ticks;
}

// Loss against step. The range is that of the losses, but what runs away leaves it.
class LossPlot {
  constructor(panel, lastStep) {
    this.panel = panel;
    this.lastStep = Math.max(lastStep, 1);
    const finite = panel.descents.flatMap((descent) => [...descent.losses].filter(Number.isFinite));
    this.low = finite.reduce((a, b) => Math.min(a, b), Infinity);
    this.high = finite.reduce((a, b) => Math.max(a, b), -Infinity);
    const starts = panel.descents.map((descent) => descent.losses[0]).filter(Number.isFinite);
    this.usualHigh = Math.min(this.high, Math.max(...starts, this.low) + 0.5 * (Math.max(...starts) - this.low || 1));
    this.canBeLog = this.low > 0;
    this.log = this.canBeLog && this.high / this.low > 50;
  }

  get isEmpty() {
    return !(this.high >= this.low);
  }

  frame(width, height) {
    return { x: 46, y: 22, width: width - 58, height: height - 56 };
  }

  draw(context, { width, height, theme, position }) {
    const frame = this.frame(width, height);
    const along = this.log ? Math.log10 : (loss) => loss;
    let [low, high] = [along(this.low), along(this.log ? this.high : this.usualHigh)];
    if (this.log) high = Math.min(high, along(this.usualHigh) + 3);
    if (!(high > low)) [low, high] = [low - 0.5, low + 0.5];
    const room = 0.04 * (high - low);
    [low, high] = [low - room, high + room];
    const place = (value) => (value - low) / (high - low);
    const values = roundTicks(low, high, 4);
    const powers = this.log ? values.filter((value) => Number.isInteger(Math.round(value * 1e6) / 1e6)) : values;
    const digits = (value) => Math.max(2, Math.ceil(Math.log10(Math.abs(value) / ((high - low) / 8) || 1)) + 1);
    const text = (value) =>
      this.log ? (Math.abs(value) > 3.5 ? power(Math.round(value)) : String(Number((10 ** value).toPrecision(1)))) : numberText(Math.abs(value) < 1e-12 * high ? 0 : value, clamp(digits(value), 1, 8)).replace(/\.?0+$/, (zeros) => (zeros.includes(".") ? "" : zeros));
    const upright = { title: this.panel.axes[2].title.split(" ")[0] || "loss", ticks: powers.map((value) => [place(value), text(value)]) };
    const steps = roundTicks(0, this.lastStep, 5).filter(Number.isInteger);
    const across = { title: "step", ticks: steps.map((step) => [step / this.lastStep, String(step)]) };
    context.strokeStyle = theme.grid;
    context.lineWidth = 1;
    context.beginPath();
    for (const [part] of upright.ticks) {
      const y = Math.round(frame.y + (1 - part) * frame.height) + 0.5;
      context.moveTo(frame.x, y);
      context.lineTo(frame.x + frame.width, y);
    }
    context.stroke();
    ticksBeside(context, frame, [across, upright], theme);
    context.save();
    context.beginPath();
    context.rect(frame.x, frame.y, frame.width, frame.height);
    context.clip();
    const at = (step, loss) => [frame.x + (step / this.lastStep) * frame.width, frame.y + (1 - place(along(loss))) * frame.height];
    for (const descent of this.panel.shown) {
      const now = descent.indexAt(position)[0];
      for (const [from, to, alpha] of [[now, descent.count - 1, 0.3], [0, now, 1]]) {
        context.globalAlpha = alpha;
        context.beginPath();
        const stride = Math.max(1, Math.floor((to - from) / (3 * frame.width)));
        for (let index = from; index <= to; index += stride) {
          const [x, y] = at(descent.stepOf(index), descent.losses[index]);
          if (Number.isFinite(y)) context.lineTo(x, clamp(y, -1e5, 1e5));
        }
        context.strokeStyle = descent.color;
        context.lineWidth = alpha < 1 ? 1.3 : 2;
        context.setLineDash(descent.dashed ? [6, 4] : []);
        context.lineJoin = "round";
        context.stroke();
      }
      context.globalAlpha = 1;
      context.setLineDash([]);
    }
    const x = frame.x + (position / this.lastStep) * frame.width;
    context.strokeStyle = theme.text;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(x, frame.y);
    context.lineTo(x, frame.y + frame.height);
    context.stroke();
    for (const descent of this.panel.shown) {
      if (!descent.count) continue;
      const [index] = descent.indexAt(position);
      const [px, py] = at(Math.min(position, descent.last), descent.losses[index]);
      if (py > frame.y - 4 && py < frame.y + frame.height + 4) drawShape(context, "ball", [px, py], 3.6, descent.color, theme);
    }
    context.restore();
  }
}
