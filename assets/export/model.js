// ---- The data: arrays out of base64, heights and losses, where a descent is at a step ----

const { abs, ceil, cos, exp, floor, hypot, log10, max, min, round, sin, PI } = Math;
const { isFinite, isInteger, isNaN } = Number;

const arrayOf = (Kind, text) =>
  new Kind(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);

const clamp = (value, low, high) => min(max(value, low), high);
const mix = (a, b, t) => a + (b - a) * t;

// From losses to fractions of the box's height and back: linear, or sign(d)·log1p|d| with d = loss − base.
class Scale {
  constructor({ log, base, low, high }) {
    Object.assign(this, { log, base, low, high });
    this.foot = this.rise(low);
    // Where all is level it is large against rounding.
    this.whole = this.rise(high) - this.foot || max(abs(low), 1) * (log ? 1 : 2);
  }

  rise(loss) {
    if (!this.log) return loss;
    const above = loss - this.base;
    return Math.sign(above) * Math.log1p(abs(above));
  }

  fraction(loss) {
    return (this.rise(loss) - this.foot) / this.whole;
  }

  loss(fraction) {
    const height = this.foot + fraction * this.whole;
    return this.log ? this.base + Math.sign(height) * Math.expm1(abs(height)) : height;
  }
}

// Numbers on even nodes over the unit square, heights or losses; a curve has one row. NaN where there is no loss.
class Grid {
  constructor(data) {
    Object.assign(this, data);
    // Cells in which the function breaks off: those of the triangles there, and of a curve's places.
    this.breaks = new Set();
    const { torn, cols, rows } = this;
    for (const x of this.cuts ?? []) this.breaks.add(floor(fractionIn(this.x)(x) * (cols - 1)));
    for (let k = 0; k < torn?.length; k += 9) {
      const middle = (axis) => (torn[k + axis] + torn[k + 3 + axis] + torn[k + 6 + axis]) / 3;
      this.breaks.add(floor(middle(1) * (rows - 1)) * cols + floor(middle(0) * (cols - 1)));
    }
  }

  at(s, t) {
    if (!(s > -1e-9 && s < 1 + 1e-9 && t > -1e-9 && t < 1 + 1e-9)) return NaN;
    const { cols, rows, heights } = this;
    const x = clamp(s, 0, 1) * (cols - 1);
    const y = clamp(t, 0, 1) * (rows - 1);
    const col = min(floor(x), max(cols - 2, 0));
    const row = min(floor(y), max(rows - 2, 0));
    // What is on one side of a break says nothing of the other.
    if (this.breaks.has(row * cols + col)) return heights[round(y) * cols + round(x)];
    const right = min(col + 1, cols - 1);
    const above = min(row + 1, rows - 1);
    // A corner without weight may be a hole.
    const between = (a, b, part) => (part === 0 ? a : part === 1 ? b : mix(a, b, part));
    const along = (r) => between(heights[r * cols + col], heights[r * cols + right], x - col);
    return between(along(row), along(above), y - row);
  }
}

// The last of ascending steps that is not behind a position, and how far that is on the way to the next.
function placeAmong(steps, position) {
  const last = steps.length - 1;
  let [low, high] = [0, last];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (steps[middle] <= position) low = middle;
    else high = middle - 1;
  }
  return [low, low < last ? (position - steps[low]) / (steps[low + 1] - steps[low]) : 0];
}

// One descent: its iterates, and its path in the box.
class Descent {
  constructor(data, panel) {
    Object.assign(this, data);
    this.panel = panel;
    this.places = this.first = arrayOf(Float64Array, data.places);
    this.losses = arrayOf(Float64Array, data.losses);
    this.steps = data.steps && arrayOf(Uint32Array, data.steps);
    const { points, steps, strengths, dots, dotSteps, exit } = data.path;
    this.path = {
      points: arrayOf(Uint16Array, points),
      steps: arrayOf(Float32Array, steps),
      strengths: arrayOf(Uint8Array, strengths),
      dots: arrayOf(Uint16Array, dots),
      dotSteps: arrayOf(Float32Array, dotSteps),
      exit,
    };
  }

  get count() {
    return this.losses.length;
  }

  // The last iterate that is kept at a position in steps, and how far it is on the way to the next.
  indexAt(position) {
    const last = this.count - 1;
    if (!this.steps) {
      const index = clamp(floor(position), 0, last);
      return [index, index < last ? clamp(position - index, 0, 1) : 0];
    }
    return placeAmong(this.steps, position);
  }

  stepOf(index) {
    return this.steps ? this.steps[index] : index;
  }

  // Where an iterate lies in the plane that is shown.
  placeOf(index) {
    return [this.places[2 * index], this.places[2 * index + 1]];
  }

  // The loss of the iterate at a step; undefined without any.
  lossAt(position) {
    return this.losses[this.indexAt(position)[0]];
  }

  isOver(position) {
    return position >= this.last;
  }

  // Where its ball is: fractions of the rectangle and of the height; null outside the box.
  ballAt(position) {
    if (!this.count) return null;
    const [index, part] = this.indexAt(position);
    const next = min(index + 1, this.count - 1);
    const [a, b] = [this.placeOf(index), this.placeOf(next)];
    const [s, across] = this.panel.fractions(mix(a[0], b[0], part), mix(a[1], b[1], part));
    const t = this.lane ?? across;
    if (!(s >= -1e-6 && s <= 1 + 1e-6 && t >= -1e-6 && t <= 1 + 1e-6)) return null;
    const [u, v] = [clamp(s, 0, 1), clamp(t, 0, 1)];
    const foot = this.panel.grid.at(u, v);
    const loss = mix(this.losses[index], this.losses[next], part);
    const height = this.panel.slice ? this.panel.scale.fraction(loss) : foot;
    return height >= -1e-3 && height <= 1.001 ? { s: u, t: v, height: clamp(height, 0, 1), foot } : null;
  }

  // In words how it fares at a position, where that is worth a word.
  stateAt(position) {
    if (this.ending && this.isOver(position)) return this.ending;
    return this.count && !this.ballAt(position) ? "outside the view" : "";
  }
}

// What is far out is a number, too.
const fractionIn = ([low, high]) => (value) => clamp((value - low) / (high - low), -1e15, 1e15);

// An axis whose ticks have places, as far as they are seen, instead of values.
const placed = ({ title, ticks }, place) => ({
  title,
  ticks: ticks.map(([value, text]) => [place(value), text]).filter(([part]) => abs(part - 0.5) < 0.506),
});

class Panel {
  constructor(data, grid) {
    Object.assign(this, data);
    this.grid = grid;
    // Another one where something else is to be drawn.
    this.version = 0;
    this.put(data.view);
    if (data.map) this.putMap(data.map, 0);
    this.isCurve = !this.y;
    this.descents = data.descents.map((descent) => new Descent(descent, this));
    this.network = data.network && new Network(data.network, this);
    this.moments = data.moments && new Moments(data.moments, this);
  }

  // Takes a range, a scale of heights, and what is written beside them.
  put(shown) {
    Object.assign(this, shown);
    this.scale = new Scale(shown.scale);
    const height = (loss) => this.scale.fraction(loss);
    const [x, y, loss] = shown.axes;
    this.axes = [placed(x, fractionIn(this.x)), y && placed(y, fractionIn(this.y)), placed(loss, height)];
    this.bar = placed(shown.bar, height);
    this.levels = shown.levels.map(height);
    this.marks = shown.marks.map((mark) => ({ ...mark, height: height(mark.loss) }));
  }

  // The same of its map, which may have axes of its own.
  putMap(shown, near) {
    const map = Object.assign(this.map, shown, { near });
    if (map.onSurface) map.ranges = [this.x, this.y];
    else map.axes = shown.axes.map((axis, k) => placed(axis, fractionIn(map.ranges[k])));
  }

  // Parameters as fractions of the drawn rectangle.
  fractions(x, y) {
    return [fractionIn(this.x)(x), this.y ? fractionIn(this.y)(y) : 0.5];
  }

  params(s, t) {
    const value = (part, [low, high]) => mix(low, high, part);
    return [value(s, this.x), this.y ? value(t, this.y) : 0];
  }

  get shown() {
    return this.descents.filter((descent) => descent.shown);
  }

  // From fractions of the rectangle and of the height to the world: Y up, the second axis away from the viewer.
  world(s, t, height) {
    const [width, tall, depth] = this.size;
    return [(s - 0.5) * width, height * tall, (0.5 - t) * depth];
  }
}

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

const power = (exponent) => `10${[...String(exponent)].map((c) => (c === "-" ? "⁻" : SUPERSCRIPTS[c])).join("")}`;

// A number for reading: a real minus sign, and a power of ten from 10⁵ on and below 10⁻³.
function numberText(value, digits = 4) {
  if (!isFinite(value)) return "–";
  if (value === 0) return "0";
  // Rounding may lead to the next power.
  const [figures, raised] = value.toExponential(digits - 1).split("e");
  const exponent = Number(raised);
  const text = exponent < 5 && exponent > -4 ? value.toPrecision(max(digits, exponent + 1)) : `${figures}×${power(exponent)}`;
  return text.replace("-", "−");
}

// As many digits as tell a value from its neighbours.
const digitsOf = (value, apart) => clamp(ceil(log10(abs(value) / apart || 1)) + 1, 2, 15);

// Steps against seconds: steps follow each other evenly, and a caption's pause holds its step; what is explained takes longer.
// As the program's (lab/timeline.rs).
class Timeline {
  constructor({ secondsPerStep, lastStep, captions, explained, keys }) {
    this.pace = secondsPerStep;
    this.lastStep = lastStep;
    this.slow = explained || { from: 1e9, to: 1e9, seconds: 1 };
    this.pauses = captions.filter(({ pause }) => pause > 0).sort((a, b) => a.step - b.step);
    const held = this.pauses.reduce((sum, { step, pause }) => sum + (step <= lastStep ? pause : 0), 0);
    const end = this.moving(lastStep) + held;
    // The camera may go on for a while.
    this.end = max(end, min(keys[1] ? keys[keys.length - 1].time : 0, end + 2));
    this.seek(0);
  }

  // How much of an amount lies before, in and after the steps that are explained.
  split(amount, from, to) {
    return [min(amount, from), max(min(amount, to) - from, 0), max(amount - to, 0)];
  }

  isEven(position) {
    const step = floor(position);
    return this.pace < 0.15 || (step >= this.slow.from && step < this.slow.to);
  }

  // Seconds without pauses until a position is reached, at an even pace within each step.
  moving(position) {
    const [before, within, after] = this.split(position, this.slow.from, this.slow.to);
    return (before + after) * this.pace + within * this.slow.seconds;
  }

  positionAt(seconds) {
    let moving = seconds;
    for (const { step, pause } of this.pauses) {
      const reached = this.moving(step);
      if (moving <= reached) break;
      moving = max(moving - pause, reached);
    }
    const [before, within, after] = this.split(moving, this.moving(this.slow.from), this.moving(this.slow.to));
    let position = min((before + after) / this.pace + within / this.slow.seconds, this.lastStep);
    if (!this.isEven(position)) position = floor(position) + smooth(position % 1);
    const whole = round(position);
    return abs(position - whole) < 1e-9 * max(seconds / this.pace, 1) ? whole : position;
  }

  // The first moment at which a position is reached.
  secondsAt(position) {
    const held = this.pauses.reduce((sum, { step, pause }) => sum + (step < position ? pause : 0), 0);
    const even = this.isEven(position) ? position : floor(position) + 0.5 - sin(Math.asin(1 - 2 * (position % 1)) / 3);
    return this.moving(even) + held;
  }

  seek(position) {
    this.position = clamp(position, 0, this.lastStep);
    this.seconds = this.secondsAt(this.position);
  }

  advance(seconds) {
    this.seconds = min(this.seconds + seconds, this.end);
    this.position = this.positionAt(this.seconds);
  }

  get isOver() {
    return this.seconds >= this.end;
  }
}

const smooth = (t) => t * t * (3 - 2 * t);

// The two keys around a time, and how far the way from one to the other is; before the first and behind the last it rests.
function between(keys, seconds) {
  const next = keys.findIndex(({ time }) => time > seconds);
  const [to, from] = [keys[next] || keys[keys.length - 1], keys[next - 1]];
  if (next < 1) return [to, to, 0];
  const t = (seconds - from.time) / (to.time - from.time);
  return [from, to, from.linear ? t : smooth(t)];
}
