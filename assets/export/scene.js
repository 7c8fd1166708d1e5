// ---- A panel in three dimensions: what is uploaded once, and one frame ----

const WHOLE = 1e9;

// In a small picture lines and marks are finer.
const fineness = ({ width, height }) => clamp(min(width, height * 1.2) / 480, 0.62, 1);

class Scene {
  constructor(gpu, panel, colors) {
    this.gpu = gpu;
    this.panel = panel;
    const { gl } = gpu;
    this.colors = gpu.makeTexture(() => {
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGB, 256, 1, 0, gl.RGB, gl.UNSIGNED_BYTE, colors);
    });
    this.blank = gpu.makeTexture(() => {
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, 1, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4));
    });
    this.mesh = gl.createVertexArray();
    this.trails = [];
    this.lines = new Map();
    this.drops = null;
  }

  // Uploads what is to be drawn by now.
  renew() {
    const { gpu, panel } = this;
    const { map, version } = panel;
    if (this.version === version) return;
    this.version = version;
    if (this.grid !== panel.grid) this.take(panel.grid);
    if (map?.onSurface) this.takeMap(map);
    for (const { trail, dots } of this.trails) for (const line of [trail, dots]) gpu.drop(line);
    this.trails = panel.descents.map((descent) => {
      const { points, steps, strengths, dots, dotSteps } = descent.path;
      const trail = [];
      steps.forEach((step, k) => {
        const strength = max((strengths[k] & 127) / 127, 1e-3);
        trail.push(...this.fromPath(points, k), step, strengths[k] & 128 ? -strength : strength);
      });
      const marks = [];
      dotSteps.forEach((step, k) => step > 0 && marks.push(...this.fromPath(dots, k), step, 1));
      return { trail: gpu.line(trail), dots: gpu.line(marks), steps };
    });
    for (const { grid, edges } of this.lines.values()) for (const line of [grid, edges]) gpu.drop(line);
    this.lines.clear();
  }

  // Heights as a texture; which nodes make triangles differs only where there are holes.
  take(grid) {
    const { gpu } = this;
    const { gl } = gpu;
    this.grid = grid;
    this.field = gpu.makeTexture(() => {
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA32F, grid.cols, grid.rows, 0, gl.RGBA, gl.FLOAT, fieldOf(grid));
    }, "nearest", this.field);
    const isWhole = !grid.breaks.size && !grid.heights.some(isNaN);
    const kind = isWhole && [grid.cols, grid.rows].join();
    if (!kind || kind !== this.kind) {
      this.kind = kind;
      this.stride = isWhole ? strideOf(grid, gpu.isSlow ? 64 : 160) : 1;
      const triangles = trianglesOf(grid, this.stride);
      this.count = triangles.length;
      gl.bindVertexArray(this.mesh);
      gl.deleteBuffer(this.indices);
      this.indices = gpu.buffer(gl.ELEMENT_ARRAY_BUFFER, triangles);
      gl.bindVertexArray(null);
    }
    this.torn = null;
    if (grid.torn) {
      this.torn = gl.createVertexArray();
      gl.bindVertexArray(this.torn);
      gpu.buffer(gl.ARRAY_BUFFER, grid.torn);
      gl.enableVertexAttribArray(0);
      gl.vertexAttribPointer(0, 3, gl.FLOAT, false, 0, 0);
      gl.bindVertexArray(null);
    }
  }

  // What of a map lies on the surface, as a texture.
  takeMap(map) {
    const { gpu } = this;
    const { gl } = gpu;
    const { image } = map.pictures[floor(map.near)];
    if (!image.naturalWidth) return;
    this.cells = this.cells || make("canvas");
    [this.cells.width, this.cells.height] = [image.naturalWidth, image.naturalHeight];
    drawCells(this.cells.getContext("2d"), map, { x: 0, y: 0, width: this.cells.width, height: this.cells.height });
    this.map = gpu.makeTexture(() => {
      gl.pixelStorei(gl.UNPACK_FLIP_Y_WEBGL, true);
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGB, gl.RGB, gl.UNSIGNED_BYTE, this.cells);
      gl.pixelStorei(gl.UNPACK_FLIP_Y_WEBGL, false);
    }, "mips", this.map);
  }

  fromPath(points, k) {
    const [s, t, height] = [0, 1, 2].map((axis) => points[3 * k + axis] / 65535);
    return this.panel.world(s, t, height);
  }

  // The walls, the floor and their grid, on the sides away from the viewer.
  box({ wallS, wallT, floor }) {
    const key = `${wallS}${wallT}${floor}`;
    if (!this.lines.has(key)) {
      const [x, y, loss] = this.panel.axes;
      const grid = [];
      const edges = [];
      const piece = (list, a, b) => list.push(...this.panel.world(...a), 0, -1, ...this.panel.world(...b), 0, 1);
      for (const [s] of x.ticks) {
        piece(grid, [s, 0, floor], [s, 1, floor]);
        piece(grid, [s, wallT, 0], [s, wallT, 1]);
      }
      for (const [t] of y ? y.ticks : []) {
        piece(grid, [0, t, floor], [1, t, floor]);
        piece(grid, [wallS, t, 0], [wallS, t, 1]);
      }
      for (const [height] of loss.ticks) {
        piece(grid, [0, wallT, height], [1, wallT, height]);
        piece(grid, [wallS, 0, height], [wallS, 1, height]);
      }
      for (const end of [0, 1]) {
        piece(edges, [0, end, floor], [1, end, floor]);
        piece(edges, [end, 0, floor], [end, 1, floor]);
      }
      piece(edges, [0, wallT, 1 - floor], [1, wallT, 1 - floor]);
      piece(edges, [wallS, 0, 1 - floor], [wallS, 1, 1 - floor]);
      for (const [s, t] of [[wallS, wallT], [1 - wallS, wallT], [wallS, 1 - wallT]]) {
        piece(edges, [s, t, 0], [s, t, 1]);
      }
      this.lines.set(key, { grid: this.gpu.line(grid), edges: this.gpu.line(edges) });
    }
    return this.lines.get(key);
  }

  // Draws the panel at a position in steps, into an area in pixels of the screen, `scale` of them to a pixel of the page.
  draw({ area, camera, position, theme, scale, opacity }) {
    const { gpu } = this;
    const { gl } = gpu;
    this.renew();
    gpu.begin(area);
    const [width, height] = area.slice(2);
    const common = {
      clip: camera.clip,
      half_: [width / 2, height / 2],
      eye: camera.eye,
      back: camera.back,
      parallel: camera.parallel,
      scale,
      fade: 0,
      dash: 0,
      share: 1,
      caps: 0,
      faint: 1,
      dots: 0,
      last: WHOLE,
      shown: WHOLE,
      lift: 0,
      older: rgb(theme.casing),
    };
    const sides = sidesOf(camera);
    const { grid, edges } = this.box(sides);
    gl.depthMask(false);
    gpu.drawLine(grid, { ...common, color: rgb(theme.grid), radius: 0.5 * scale });
    gpu.drawLine(edges, { ...common, color: rgb(theme.axis), radius: 0.65 * scale });
    gl.depthMask(true);
    this.drawSurface(camera, theme, opacity, 2 / scale);
    gl.depthMask(false);
    this.drawTrails(common, position, theme, scale, fineness(camera));
    gl.depthMask(true);
    gl.disable(gl.SCISSOR_TEST);
  }

  drawSurface(camera, theme, opacity, pixel) {
    const { gpu, panel } = this;
    const { gl } = gpu;
    const [right, up, back] = [camera.right, camera.up, camera.back];
    const light = unit([0, 1, 2].map((k) => -0.45 * right[k] + 0.55 * up[k] + 0.5 * back[k] + (k === 1 ? 0.5 : 0)));
    gpu.texture(2, this.map || this.blank);
    gpu.texture(1, this.colors);
    gpu.texture(0, this.field);
    const values = {
      field: { texture: 0 },
      colors: { texture: 1 },
      map: { texture: 2 },
      mapped: Boolean(this.map),
      clip: camera.clip,
      size: panel.size,
      light,
      shading: theme.shading,
      bands: panel.bands || 0,
      pixel,
      opacity,
      levelCount: { whole: panel.bands ? 0 : panel.levels.length },
      cut: panel.goesOn,
      ribbon: panel.isCurve,
      stride: { whole: this.stride },
      torn: false,
    };
    if (!panel.bands && panel.levels.length) values["levels[0]"] = new Float32Array(64).map((_, k) => panel.levels[k] ?? 9);
    // What shows through is drawn twice, first its depth alone: its folds do not show through one another.
    for (const pass of opacity < 1 ? ["depth", "colour"] : ["colour"]) {
      gl.colorMask(...Array(4).fill(pass === "colour"));
      gl.depthFunc(gl.LEQUAL);
      gpu.surface.use({ ...values, torn: false });
      gl.bindVertexArray(this.mesh);
      gl.drawElements(gl.TRIANGLES, this.count, gl.UNSIGNED_INT, 0);
      if (this.torn) {
        gpu.surface.use({ torn: true });
        gl.bindVertexArray(this.torn);
        gl.drawArrays(gl.TRIANGLES, 0, panel.grid.torn.length / 3);
      }
      gl.bindVertexArray(null);
    }
    gl.colorMask(true, true, true, true);
  }

  drawTrails(common, position, theme, scale, times) {
    const { gpu, panel } = this;
    const { gl } = gpu;
    const { look } = data;
    const width = (look.trail / 2) * scale * times;
    const around = look.casing * scale;
    const casing = rgb(theme.casing, 0.9);
    const shown = panel.descents.map((descent, k) => [descent, this.trails[k]]).filter(([descent]) => descent.shown);
    const valuesOf = ({ color, last }) => ({ ...common, color: rgb(color), shown: position, last, lift: look.lift });
    for (const [descent, { trail, steps }] of shown) {
      let reached = 0;
      while (reached < steps.length && steps[reached] < position) reached++;
      const [dash, share] = descent.dashed ? look.dash : [0, 1];
      const values = { ...valuesOf(descent), radius: width };
      gl.depthFunc(gl.GREATER);
      gpu.drawLine(trail, { ...values, faint: look.ghost, dash: look.ghostDash[0], share: look.ghostDash[1] }, reached);
      gl.depthFunc(gl.LEQUAL);
      gpu.drawLine(trail, { ...values, color: casing, radius: width + around, caps: 1, dash, share }, reached);
      // Pieces overlap, so older ones are not fainter, but nearer to the casing's colour.
      const older = rgb(theme.casing).map((c, i) => mix(values.color[i], c, 0.75 * (1 - look.faded)));
      gpu.drawLine(trail, { ...values, older, caps: 1, dash, share, fade: look.fade }, reached);
    }
    // Iterates stand on all trails.
    for (const [descent, { dots }] of shown) {
      const values = { ...valuesOf(descent), caps: 1, dots: 1, radius: look.dot * scale * times };
      gpu.drawLine(dots, { ...values, color: casing, radius: values.radius + around });
      gpu.drawLine(dots, values);
    }
    if (panel.slice) this.drawDrops(common, position, theme, scale);
  }

  // Thin lines from balls at losses of their own to the surface.
  drawDrops(common, position, theme, scale) {
    const { gpu, panel } = this;
    const { gl } = gpu;
    const ends = [];
    for (const descent of panel.shown) {
      const ball = descent.ballAt(position);
      if (!ball || !(ball.foot >= 0 && ball.foot <= 1)) continue;
      ends.push(...panel.world(ball.s, ball.t, ball.foot), 0, -1, ...panel.world(ball.s, ball.t, ball.height), 0, 1);
    }
    if (!ends.length) return;
    if (!this.drops || this.drops.room < ends.length) {
      const room = 2 * POINT * panel.descents.length;
      this.drops = { ...gpu.line(new Float32Array(room)), room };
    }
    gl.bindBuffer(gl.ARRAY_BUFFER, this.drops.buffers[0]);
    gl.bufferSubData(gl.ARRAY_BUFFER, 0, cornersOf(ends));
    const line = { vao: this.drops.vao, count: ends.length / POINT };
    gpu.drawLine(line, { ...common, color: rgb(theme.text, 0.75), radius: (data.look.drop / 2) * scale, lift: data.look.lift });
  }

  // Whether a place in the box can be seen: the surface is walked under the line of sight.
  isSeen(camera, s, t, height) {
    const { panel } = this;
    if (panel.isCurve) return true;
    const towards = camera.towards(panel.world(s, t, height));
    const step = [towards[0] / panel.size[0], -towards[2] / panel.size[2], towards[1] / panel.size[1]];
    const pace = 1 / 150 / max(hypot(step[0], step[1]), 1e-3);
    for (let k = 0; k < 220; k++) {
      const far = data.look.markLift + pace * k;
      const [u, v, h] = [s + step[0] * far, t + step[1] * far, height + 0.012 + step[2] * far];
      if (h > 1 || h < 0 || u < 0 || u > 1 || v < 0 || v > 1) return true;
      const ground = panel.grid.at(u, v);
      if ((ground - h) * (step[2] < 0 && camera.eye[1] < 0 ? -1 : 1) > 0) return false;
    }
    return true;
  }

  // The point of the surface under a pixel: fractions of the rectangle; null where there is none.
  pick(camera, px, py) {
    const { panel } = this;
    const [origin, direction] = camera.ray(px, py);
    const [width, tall, depth] = panel.size;
    const from = [origin[0] / width + 0.5, 0.5 - origin[2] / depth, origin[1] / tall];
    const along = [direction[0] / width, -direction[2] / depth, direction[1] / tall];
    let [enter, leave] = [0, Infinity];
    for (let k = 0; k < 3; k++) {
      const ends = [(-1e-6 - from[k]) / along[k], (1 + 1e-6 - from[k]) / along[k]];
      enter = max(enter, min(...ends));
      leave = min(leave, max(...ends));
    }
    if (!(enter < leave)) return null;
    const above = (d) => {
      const [s, t, h] = [0, 1, 2].map((k) => from[k] + along[k] * d);
      return h - panel.grid.at(clamp(s, 0, 1), clamp(t, 0, 1));
    };
    const STEPS = 400;
    let [before, sign] = [enter, above(enter)];
    for (let k = 1; k <= STEPS; k++) {
      const here = mix(enter, leave, k / STEPS);
      const now = above(here);
      if (sign * now <= 0) {
        let [a, b] = [before, here];
        for (let i = 0; i < 24; i++) {
          const middle = (a + b) / 2;
          if (above(middle) * sign > 0) a = middle;
          else b = middle;
        }
        return [from[0] + along[0] * a, from[1] + along[1] * a].map((c) => clamp(c, 0, 1));
      }
      [before, sign] = [here, now];
    }
    return null;
  }
}

// The box's sides that face away from the viewer, as fractions.
function sidesOf({ back }) {
  return { wallS: back[0] < 0 ? 1 : 0, wallT: back[2] >= 0 ? 1 : 0, floor: back[1] < 0 ? 1 : 0 };
}

// At every node: height, its slopes along s and t by central differences, and whether it is there.
function fieldOf({ cols, rows, heights }) {
  const field = new Float32Array(4 * cols * rows);
  const slope = (node, before, after, per) => {
    const a = isNaN(heights[before]) ? node : before;
    const b = isNaN(heights[after]) ? node : after;
    const apart = (a !== node) + (b !== node);
    return apart ? ((heights[b] - heights[a]) * per) / apart : 0;
  };
  for (let row = 0; row < rows; row++) {
    for (let col = 0; col < cols; col++) {
      const node = row * cols + col;
      if (isNaN(heights[node])) continue;
      const across = slope(node, col ? node - 1 : node, col < cols - 1 ? node + 1 : node, cols - 1);
      const along = slope(node, row ? node - cols : node, row < rows - 1 ? node + cols : node, rows - 1);
      field.set([heights[node], across, along, 1], 4 * node);
    }
  }
  return field;
}

// Every so many nodes have a vertex, so that there are at most so many a side.
function strideOf({ cols, rows }, most) {
  if (rows === 1) return 1;
  let stride = 1;
  while ((cols - 1) / stride > most && (cols - 1) % (2 * stride) === 0 && (rows - 1) % (2 * stride) === 0) stride *= 2;
  return stride;
}

// Two triangles a cell, none where a corner is missing or the function breaks off.
function trianglesOf({ cols: nodes, rows: lines, heights, breaks }, stride) {
  const [cols, rows] = [nodes, lines].map((count) => (count - 1) / stride + 1);
  const isCurve = lines === 1;
  const indices = [];
  for (let row = 0; row < max(rows - 1, 1); row++) {
    for (let col = 0; col < cols - 1; col++) {
      const a = row * cols + col;
      const corners = isCurve ? [a, a + 1] : [a, a + 1, a + cols, a + cols + 1];
      if ((stride === 1 && corners.some((node) => isNaN(heights[node]))) || breaks.has(a)) continue;
      indices.push(a, a + 1, a + cols, a + 1, a + cols + 1, a + cols);
    }
  }
  return new Uint32Array(indices);
}
