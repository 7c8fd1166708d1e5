// ---- What is shown on the way, where a range changes with time or a surface with the step ----

// Losses out of whole numbers that were written as differences to their neighbours, byte by byte, compressed (export/page/packed.rs).
async function unpacked({ heights, scale, ...rest }) {
  const packed = new Blob([arrayOf(Uint8Array, heights)]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const bytes = new Uint8Array(await new Response(packed).arrayBuffer());
  const { cols, rows } = rest;
  const count = cols * rows;
  const whole = new Int32Array(count);
  const heightScale = new Scale(scale);
  for (let k = 0; k < count; k++) {
    const before = k % cols ? whole[k - 1] : 0;
    const below = k < cols ? 0 : whole[k - cols];
    const corner = k % cols && k > cols ? whole[k - cols - 1] : 0;
    whole[k] = before + below - corner + (bytes[k] | (bytes[k + count] << 8) | (bytes[k + 2 * count] << 16) | (bytes[k + 3 * count] << 24));
  }
  const losses = Float64Array.from(whole, (height) => (height < -(2 ** 30) ? NaN : heightScale.loss(height / 2 ** 18)));
  return new Grid({ ...rest, heights: losses });
}

// A panel's moments. Until its surfaces are unpacked the panel stays as it is, and for good where a browser cannot.
class Moments {
  constructor(data, panel) {
    Object.assign(this, data);
    this.panel = panel;
    // The map, if it has several pictures.
    this.map = data.pictures[0] && panel.map;
    this.ready = Promise.all(data.surfaces.map(unpacked)).then((grids) => {
      this.grids = grids;
      if (this.map) this.map.pictures = data.pictures;
      touch();
    }, () => {});
  }

  // Brings the panel up to a moment: on the way from one to the next of a zoom, at the last one of those by steps.
  show(position, seconds) {
    const { panel, list, grids } = this;
    if (!grids) return;
    const [k, way] = placeAmong(this.at, this.bySteps ? position : seconds);
    const part = this.bySteps ? 0 : clamp(way, 0, 1);
    if (this.shown === k + part) return;
    this.shown = k + part;
    const [a, b] = [list[k], list[min(k + 1, list.length - 1)]];
    const closer = part < 0.5 ? a : b;
    const between = (from, to) => from && from.map((c, i) => (c.map ? between(c, to[i]) : mix(c, to[i], part)));
    const scale = { ...a.scale };
    for (const name of ["base", "low", "high"]) scale[name] = mix(scale[name], b.scale[name], part);
    const near = mix(a.near, b.near, part);
    panel.put({ ...closer, x: between(a.x, b.x), y: between(a.y, b.y), size: between(a.size, b.size), scale });
    if (grids.length) panel.grid = this.surface(near);
    if (this.map) panel.putMap({ ...closer.words, ranges: between(a.words?.ranges, b.words?.ranges) }, near);
    panel.descents.forEach((descent, i) => {
      if (a.places) descent.places = Float64Array.from(arrayOf(Float32Array, a.places[i]), (c, axis) => mix(...(axis % 2 ? panel.y : panel.x), c));
      if (a.shift) descent.places = descent.first.map((c, axis) => c + a.shift[axis % 2]);
      if (grids.length) descent.path = pathOn(panel, descent);
    });
    panel.version += 1;
  }

  // Between two surfaces where both are there; elsewhere the one that is.
  surface(near) {
    const { panel } = this;
    const { x, y, scale } = panel;
    const first = floor(near);
    const [a, b] = [first, first + 1].map((k) => this.grids[min(k, this.grids.length - 1)]);
    const { cols, rows } = a;
    const heights = new Float32Array(cols * rows);
    const [acrossA, acrossB] = [a, b].map((grid) => fractionIn(grid.x));
    for (let k = 0; k < heights.length; k++) {
      const across = mix(x[0], x[1], (k % cols) / (cols - 1));
      const along = y ? mix(y[0], y[1], floor(k / cols) / (rows - 1)) : 0;
      const p = a.at(acrossA(across), y ? fractionIn(a.y)(along) : 0);
      const q = a === b ? p : b.at(acrossB(across), y ? fractionIn(b.y)(along) : 0);
      heights[k] = scale.fraction(isNaN(p) ? q : isNaN(q) ? p : mix(p, q, near - first));
    }
    return new Grid({ x, cols, rows, heights, cuts: a.cuts });
  }
}

// A descent's path over what is seen: straight in parameters between iterates, within the box (landscape/path.rs).
function pathOn(panel, descent) {
  const path = { points: [], steps: [], strengths: [], dots: [], dotSteps: [] };
  const isInside = (s, t) => max(abs(s - 0.5), abs(t - 0.5)) < 0.5 + 1e-9;
  const put = (list, [s, t, loss]) => {
    const height = panel.slice ? panel.scale.fraction(loss) : panel.grid.at(s, t);
    const isIn = isInside(s, t) && abs(height - 0.5) < 0.501;
    if (isIn) list.push(s * 65535, t * 65535, clamp(height, 0, 1) * 65535);
    return isIn;
  };
  const last = descent.count - 1;
  let [before, dot, isUp] = [null, null, true];
  for (let k = 0; k <= last; k++) {
    const [s, t] = panel.fractions(...descent.placeOf(k));
    const here = [s, descent.lane ?? t, descent.losses[k], descent.stepOf(k)];
    const away = (from) => (from ? hypot(here[0] - from[0], here[1] - from[1]) : 9);
    if (path.dotSteps.length < 600 && away(dot) > 0.016 && put(path.dots, here)) {
      path.dotSteps.push(here[3]);
      dot = here;
    }
    if (before && k < last && away(before) < 4e-4) continue;
    const from = before || here;
    let [enter, leave] = [0, 1];
    for (const i of [0, 1]) {
      const [low, high] = [0, 1].map((end) => (end - from[i]) / (here[i] - from[i] || 1e-300)).sort((a, b) => a - b);
      [enter, leave] = [max(enter, low), min(leave, high)];
    }
    const pieces = clamp(ceil(away(before || here) * (leave - enter) * 96), 1, 400);
    if (enter > 0) isUp = true;
    for (let piece = isUp ? 0 : 1; enter <= leave && piece <= pieces; piece++) {
      const point = here.map((c, i) => mix(from[i], c, mix(enter, leave, piece / pieces)));
      if (put(path.points, point)) {
        path.steps.push(point[3]);
        path.strengths.push(isUp ? 255 : 127);
        isUp = false;
      } else isUp = true;
    }
    if (leave < 1) {
      isUp = true;
      // Where it leaves for good there is a mark.
      if (path.steps.length) path.exit = path.exit || { place: path.points.slice(-3).map((c) => c / 65535), step: here[3] };
    }
    before = here;
  }
  if (before && isInside(before[0], before[1])) path.exit = null;
  return path;
}
