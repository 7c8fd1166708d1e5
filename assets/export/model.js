// ---- The data: arrays out of base64, heights and losses, where a descent is at a step ----

const arrayOf = (Kind, text) =>
  new Kind(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
const mix = (a, b, t) => a + (b - a) * t;

// From losses to fractions of the box's height and back: linear, or sign(d)·log1p|d| with d = loss − base.
class Scale {
  constructor({ log, base, low, high }) {
    Object.assign(this, { log, base, low, high });
    this.foot = this.rise(low);
    this.whole = this.rise(high) - this.foot || 1;
  }

  rise(loss) {
    if (!this.log) return loss;
    const above = loss - this.base;
    return Math.sign(above) * Math.log1p(Math.abs(above));
  }

  fraction(loss) {
    return (this.rise(loss) - this.foot) / this.whole;
  }

  loss(fraction) {
    const height = this.foot + fraction * this.whole;
    return this.log ? this.base + Math.sign(height) * Math.expm1(Math.abs(height)) : height;
  }
}

// Heights on even nodes over the unit square; a curve has one row. NaN where there is no loss.
class Grid {
  constructor({ cols, rows, heights, torn }) {
    this.cols = cols;
    this.rows = rows;
    this.heights = arrayOf(Float32Array, heights);
    this.torn = torn && arrayOf(Float32Array, torn);
  }

  at(s, t) {
    if (!(s >= 0 && s <= 1 && t >= 0 && t <= 1)) return NaN;
    const { cols, rows, heights } = this;
    const x = s * (cols - 1);
    const y = t * (rows - 1);
    const col = Math.min(Math.floor(x), Math.max(cols - 2, 0));
    const row = Math.min(Math.floor(y), Math.max(rows - 2, 0));
    const right = Math.min(col + 1, cols - 1);
    const above = Math.min(row + 1, rows - 1);
    // A corner without weight may be a hole.
    const between = (a, b, part) => (part === 0 ? a : part === 1 ? b : mix(a, b, part));
    const along = (r) => between(heights[r * cols + col], heights[r * cols + right], x - col);
    return between(along(row), along(above), y - row);
  }
}

// One descent: its iterates, and its path in the box.
class Descent {
  constructor(data, panel) {
    Object.assign(this, data);
    this.panel = panel;
    this.places = arrayOf(Float32Array, data.places);
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
      const index = clamp(Math.floor(position), 0, last);
      return [index, index < last ? clamp(position - index, 0, 1) : 0];
    }
    let [low, high] = [0, last];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.steps[middle] <= position) low = middle;
      else high = middle - 1;
    }
    const width = low < last ? this.steps[low + 1] - this.steps[low] : 1;
    return [low, low < last ? (position - this.steps[low]) / width : 0];
  }

  stepOf(index) {
    return this.steps ? this.steps[index] : index;
  }

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
    const next = Math.min(index + 1, this.count - 1);
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

class Panel {
  constructor(data, grid) {
    Object.assign(this, data);
    this.scale = new Scale(data.scale);
    this.grid = grid;
    this.isCurve = !data.y;
    this.descents = data.descents.map((descent) => new Descent(descent, this));
  }

  // Parameters as fractions of the drawn rectangle.
  fractions(x, y) {
    const fraction = (value, [low, high]) => (value - low) / (high - low);
    return [fraction(x, this.x), this.y ? fraction(y, this.y) : 0.5];
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
  if (!Number.isFinite(value)) return "–";
  if (value === 0) return "0";
  const exponent = Math.floor(Math.log10(Math.abs(value)));
  if (exponent >= 5 || exponent < -3) {
    const [figures, raised] = value.toExponential(digits - 1).split("e");
    return `${figures.replace("-", "−")}×${power(Number(raised))}`;
  }
  return value.toPrecision(Math.max(digits, exponent + 1)).replace("-", "−");
}

// Steps against seconds: steps follow each other evenly, and a caption's pause holds its step.
class Timeline {
  constructor({ secondsPerStep, lastStep, captions }) {
    this.secondsPerStep = secondsPerStep;
    this.lastStep = lastStep;
    const pauses = captions.filter((caption) => caption.pause > 0);
    this.pauses = pauses.sort((a, b) => a.step - b.step);
    this.position = 0;
    this.held = 0;
  }

  seek(position) {
    this.position = clamp(position, 0, this.lastStep);
    this.held = 0;
    // What lies here is not held once more, unless it is the beginning.
    this.passed = this.position > 0 ? this.position : -1;
  }

  advance(seconds) {
    let left = seconds;
    while (left > 0) {
      const next = this.pauses.find(({ step }) => step > this.passed && step >= this.position);
      if (next && next.step === this.position) {
        const rest = next.pause - this.held;
        if (left < rest) {
          this.held += left;
          return;
        }
        left -= rest;
        this.held = 0;
        this.passed = next.step;
        continue;
      }
      const until = Math.min(next ? next.step : Infinity, this.lastStep);
      const needed = (until - this.position) * this.secondsPerStep;
      if (left < needed || until === this.position) {
        this.position = Math.min(this.position + left / this.secondsPerStep, until);
        return;
      }
      left -= needed;
      this.position = until;
    }
  }

  get isOver() {
    return this.position >= this.lastStep;
  }
}
