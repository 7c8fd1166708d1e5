// ---- What a network makes of its samples at a step: regions of its classes, or its curve (ui/map/data_square.rs) ----

// Multiplications that regions may take, and half of them while things move.
const WORK = 8e6;

// The error function to 1.5e-7 (Abramowitz & Stegun 7.1.26).
function erf(x) {
  const t = 1 / (1 + 0.3275911 * abs(x));
  const series = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  return Math.sign(x) * (1 - series * exp(-x * x));
}

const ACTIVATIONS = {
  tanh: Math.tanh,
  relu: (z) => (z < 0 ? 0 : z),
  sigmoid: (z) => 1 / (1 + exp(-z)),
  gelu: (z) => (z * (1 + erf(z * Math.SQRT1_2))) / 2,
  linear: (z) => z,
};

class Network {
  constructor(data, panel) {
    Object.assign(this, data);
    this.panel = panel;
    this.points = arrayOf(Float32Array, data.points);
    this.labels = data.labels && arrayOf(Uint16Array, data.labels);
    this.activate = ACTIVATIONS[data.activation];
    this.layers = data.widths.map((width) => new Float64Array(width));
    for (const { weights } of panel.descents) {
      if (!weights) continue;
      weights.steps = arrayOf(Uint32Array, weights.steps);
      weights.values = arrayOf(Float32Array, weights.values);
    }
    this.picture = make("canvas");
  }

  // Whose network is shown: that of the descent pointed at in the list, else of the one that the plane passes through.
  get subject() {
    const { descents, pointed } = this.panel;
    return [pointed, descents[this.through], ...descents].find((descent) => descent?.shown && descent.weights);
  }

  // The parameters at a position in steps.
  parameters({ weights: { steps, values } }, position) {
    const [k, part] = placeAmong(steps, position);
    const size = values.length / steps.length;
    const [a, b] = [k, min(k + 1, steps.length - 1)].map((at) => values.subarray(at * size, (at + 1) * size));
    return part ? a.map((w, i) => mix(w, b[i], part)) : a;
  }

  // What it puts out at a point, which stands in the first layer.
  run(w) {
    const { layers, activate } = this;
    let at = 0;
    for (let k = 1; k < layers.length; k++) {
      const [x, y] = [layers[k - 1], layers[k]];
      const bias = at + x.length * y.length;
      const isHidden = k < layers.length - 1;
      for (let i = 0; i < y.length; i++) {
        let sum = w[bias + i];
        for (let j = 0; j < x.length; j++) sum += w[at++] * x[j];
        y[i] = isHidden ? activate(sum) : sum;
        if (isHidden && this.residual && x.length === y.length) y[i] += x[i];
      }
      at = bias + y.length;
    }
    return layers[layers.length - 1];
  }

  // The likeliest class at a point, and by how much its probability is above the next one's.
  classAt(w, x, y) {
    this.layers[0][0] = x;
    this.layers[0][1] = y;
    const z = this.run(w);
    let best = 0;
    for (let k = 1; k < z.length; k++) if (z[k] > z[best]) best = k;
    let [sum, next] = [0, -Infinity];
    for (let k = 0; k < z.length; k++) {
      sum += exp(z[k] - z[best]);
      if (k !== best) next = max(next, z[k]);
    }
    return [best, (1 - exp(next - z[best])) / sum || 0];
  }

  // Which samples it names another class for, or is undecided about.
  wrongAt(w) {
    return Array.from(this.labels, (label, k) => {
      const [best, lead] = this.classAt(w, this.points[2 * k], this.points[2 * k + 1]);
      return best !== label || !lead;
    });
  }

  // Brings picture and samples up to a moment.
  refresh(subject, position, theme, side) {
    const key = [subject.name, position, theme.background, side].join();
    if (this.key === key) return;
    this.key = key;
    const w = this.parameters(subject, min(position, subject.last));
    const [[left, right], [low, high]] = this.ranges;
    if (!this.labels) {
      this.curve = Array.from({ length: 240 }, (_, k) => {
        this.layers[0][0] = mix(left, right, k / 239);
        return [k / 239, (this.run(w)[0] - low) / (high - low)];
      });
      return;
    }
    this.wrong = this.wrongAt(w);
    const { picture } = this;
    picture.width = picture.height = side;
    const pen = picture.getContext("2d");
    const image = pen.createImageData(side, side);
    const ground = rgb(theme.background).map((c) => c * 255);
    const isDark = ground[0] < 128;
    const strength = isDark ? 0.5 : 0.42;
    const hues = this.colors.map((color) => rgb(color).map((c) => c * 255));
    this.inks = hues.map((hue) => `rgb(${hue.slice(0, 3).map((c, k) => (isDark ? mix(c, rgb(theme.text)[k] * 255, 0.3) : c))})`);
    for (let k = 0; k < side * side; k++) {
      const across = ((k % side) + 0.5) / side;
      const up = 1 - (floor(k / side) + 0.5) / side;
      const [best, lead] = this.classAt(w, mix(left, right, across), mix(low, high, up));
      for (let c = 0; c < 3; c++) image.data[4 * k + c] = mix(ground[c], hues[best][c], strength * lead);
      image.data[4 * k + 3] = 255;
    }
    pen.putImageData(image, 0, 0);
  }

  // As many cells along a side as a moment allows.
  get side() {
    const { widths } = this;
    const cost = widths.slice(1).reduce((sum, width, k) => sum + width * (widths[k] + 21), 0);
    return round(clamp(Math.sqrt(WORK / cost), 36, 96) * (state.isMoving ? 0.6 : 1));
  }

  draw(pen, { width, height, theme, position }) {
    const { subject } = this;
    if (!subject) return "";
    this.refresh(subject, position, theme, this.labels && this.side);
    // Words stand beside it.
    const tall = min(height - 4, width - 120);
    const frame = { x: 4, y: 2, width: this.labels ? tall : min(1.7 * tall, width - 120), height: tall };
    clipTo(pen, frame);
    pen.fillStyle = theme.background;
    pen.fill();
    pen.imageSmoothingEnabled = true;
    if (this.labels) pen.drawImage(this.picture, frame.x, frame.y, frame.width, frame.height);
    const at = (s, t) => [frame.x + s * frame.width, frame.y + (1 - clamp(t || 0, -4, 5)) * frame.height];
    const count = this.points.length / 2;
    const radius = clamp((frame.height / 88) * clamp(Math.sqrt(300 / count), 0.62, 1.2), 1.3, 5);
    const [[left, right], [low, high]] = this.ranges;
    for (let k = 0; k < count; k++) {
      const place = at((this.points[2 * k] - left) / (right - left), (this.points[2 * k + 1] - low) / (high - low));
      this.mark(pen, place, radius, theme, this.labels ? this.labels[k] : -1, this.wrong?.[k]);
    }
    if (this.curve) {
      pen.beginPath();
      for (const [s, t] of this.curve) pen.lineTo(...at(s, t));
      strokeCased(pen, subject.color, theme, false, 2.4);
    }
    pen.restore();
    outline(pen, frame, theme);
    return this.words(pen, frame.x + frame.width + 12, width, frame, theme, subject);
  }

  // A sample: a disc, a square or a triangle of its class, a cross where the network names another one; without a class a dot.
  mark(pen, [x, y], radius, theme, label, isWrong) {
    const path = new Path2D();
    if (isWrong) {
      const reach = 1.9 * radius;
      for (const sign of [1, -1]) {
        path.moveTo(x - reach, y - reach * sign);
        path.lineTo(x + reach, y + reach * sign);
      }
    } else if (label < 0 || label % 3 === 0) path.arc(x, y, radius, 0, 2 * PI);
    else if (label % 3 === 1) path.rect(x - 0.9 * radius, y - 0.9 * radius, 1.8 * radius, 1.8 * radius);
    else {
      for (const [a, b] of [[0, -1.35], [1.2, 0.75], [-1.2, 0.75]]) path.lineTo(x + a * radius, y + b * radius);
      path.closePath();
    }
    const ink = this.inks?.[label] || (isWrong ? theme.text : theme.muted);
    pen.lineCap = "butt";
    pen.strokeStyle = theme.casing;
    pen.lineWidth = isWrong ? 2.2 * radius : clamp(0.3 * radius, 0.5, 1) * 2;
    if (label >= 0) pen.stroke(path);
    pen.strokeStyle = pen.fillStyle = ink;
    pen.lineWidth = 1.1 * radius;
    if (isWrong) pen.stroke(path);
    else pen.fill(path);
  }

  // What the marks mean, and how many are wrong; the last of it in words.
  words(pen, left, width, frame, theme, subject) {
    let top = frame.y + 9;
    pen.font = SMALL;
    const row = (text, color, sign) => {
      sign?.([left + 5, top]);
      say(pen, text, left + 15, top, color, "left", "middle", width - left - 15);
      top += 17;
    };
    const line = ([x, y]) => {
      pen.beginPath();
      pen.moveTo(x - 5, y);
      pen.lineTo(x + 5, y);
      pen.strokeStyle = subject.color;
      pen.lineWidth = 2.4;
      pen.stroke();
    };
    if (this.panel.descents.length > 1 || !this.labels) row(subject.name, theme.text, line);
    const dot = (label, isWrong) => (place) => this.mark(pen, place, isWrong ? 2.2 : 3.4, theme, label, isWrong);
    const shown = this.points.length / 2;
    let said = "";
    if (this.labels) {
      const room = max(floor(frame.height / 17) - 3, 2);
      this.colors.slice(0, room).forEach((_, k) => row(`class ${k}${k + 1 === room && this.colors.length > room ? " …" : ""}`, theme.muted, dot(k)));
      said = `${this.wrong.filter(Boolean).length} of ${shown} wrong`;
      row(said, theme.text, dot(-1, true));
    } else row("samples", theme.muted, dot(-1));
    if (shown < this.all) row(`of ${this.all} samples`, theme.muted);
    return said;
  }
}
