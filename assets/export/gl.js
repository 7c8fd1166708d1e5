// ---- WebGL: the surface, and lines of constant width ----

const SURFACE_VERTEX = `#version 300 es
precision highp float;
precision highp sampler2D;
uniform sampler2D field;
uniform mat4 clip;
uniform vec3 size;
uniform bool torn, cut, ribbon;
uniform int stride;
in vec3 corner;
out vec2 st;
out float height;
void main() {
  ivec2 nodes = textureSize(field, 0);
  vec3 at = corner;
  if (!torn) {
    // Vertices are counted: no buffer holds them. A curve's ribbon has two rows.
    int across = (nodes.x - 1) / stride + 1;
    int col = gl_VertexID % across * stride, row = gl_VertexID / across * stride;
    int last = ribbon ? stride : max(nodes.y - 1, 1);
    at = vec3(float(col) / float(nodes.x - 1), float(row) / float(last), texelFetch(field, ivec2(col, ribbon ? 0 : row), 0).x);
  }
  if (cut) at.z = clamp(at.z, -0.5, 1.5);
  st = at.xy;
  height = at.z;
  gl_Position = clip * vec4((at.x - 0.5) * size.x, at.z * size.y, (0.5 - at.y) * size.z, 1.0);
}`;

const SURFACE_FRAGMENT = `#version 300 es
precision highp float;
precision highp sampler2D;
uniform sampler2D field, colors, map;
uniform vec3 size, light;
uniform float shading, bands, opacity, pixel;
uniform int levelCount;
uniform float levels[64];
uniform bool torn, cut, mapped;
in vec2 st;
in float height;
out vec4 result;

// Height, its two slopes, and whether it is whole here: bilinear between four nodes.
vec4 fieldAt(vec2 uv) {
  ivec2 last = textureSize(field, 0) - 1;
  vec2 p = clamp(uv, 0.0, 1.0) * vec2(last);
  ivec2 a = min(ivec2(p), max(last - 1, 0)), b = min(a + 1, last);
  vec2 f = p - vec2(a);
  vec4 low = mix(texelFetch(field, a, 0), texelFetch(field, ivec2(b.x, a.y), 0), f.x);
  vec4 high = mix(texelFetch(field, ivec2(a.x, b.y), 0), texelFetch(field, b, 0), f.x);
  return mix(low, high, f.y);
}
// How much of a line is seen at a distance from its middle; where they would crowd, lines fade. In the pixels of the program's pictures,
// two to one of the page: a coarser screen has softer lines.
float line(float away, float half_, float apart) {
  float soft = max(pixel - 1.0, 0.0) * 0.5;
  return smoothstep(2.2, 5.5, apart * pixel / max(0.7 * pixel, 1.0)) * (1.0 - smoothstep(half_ - 0.35 - soft, half_ + 0.65 + soft, away * pixel));
}
float isolines(float h, float slope) {
  float ink = 0.0;
  if (bands > 1.5) {
    float at = h * bands, apart = 1.0 / max(slope * bands, 1e-5);
    float nearest = clamp(round(at), 1.0, bands - 1.0);
    ink = 0.30 * line(abs(at - nearest) * apart, 0.45, apart);
    if (bands > 5.5) {
      nearest = clamp(round(at / 5.0), 1.0, floor((bands - 1.0) / 5.0)) * 5.0;
      ink = max(ink, 0.50 * line(abs(at - nearest) * apart, 0.75, apart * 5.0));
    }
  }
  float per = 1.0 / max(slope, 1e-7), before = -1e9;
  for (int i = 0; i < levelCount; i++) {
    ink = max(ink, 0.50 * line(abs(h - levels[i]) * per, 0.75, (levels[i] - before) * per));
    before = levels[i];
  }
  return ink;
}
vec3 linear(vec3 c) { return mix(c / 12.92, pow((c + 0.055) / 1.055, vec3(2.4)), step(0.04045, c)); }
vec3 encoded(vec3 c) { return mix(c * 12.92, 1.055 * pow(c, vec3(1.0 / 2.4)) - 0.055, step(0.0031308, c)); }

void main() {
  vec4 here = fieldAt(st);
  if (torn || here.w < 0.999) here.x = height;
  float change = fwidth(here.x);
  if (cut && (height < 0.0 || height > 1.0 || here.x < -0.05 || here.x > 1.05)) discard;
  vec3 color = linear(texture(colors, vec2(mix(0.5, 255.5, clamp(here.x, 0.0, 1.0)) / 256.0, 0.5)).rgb);
  float shade = shading;
  if (mapped) {
    color = linear(texture(map, st).rgb);
    shade *= 0.55;
  }
  vec2 slope = vec2(here.y * size.y / size.x, -here.z * size.y / size.z);
  float lit = dot(normalize(vec3(-slope.x, 1.0, -slope.y)), light) * 0.5 + 0.5;
  color *= mix(1.0, 0.42 + 0.72 * lit * lit + 0.10 * lit, shade);
  float lightness = dot(color, vec3(0.2126, 0.7152, 0.0722));
  color = mix(color, lightness < 0.055 ? color * 0.6 + 0.22 : color * 0.25, change > 1e-6 ? isolines(here.x, change) : 0.0);
  result = vec4(encoded(clamp(color, 0.0, 1.0)) * opacity, opacity);
}`;

// Points come as place, step and strength (below 0: the pen was up); each piece leads from point a to the next one, b.
const RIBBON_VERTEX = `#version 300 es
precision highp float;
uniform mat4 clip;
uniform vec2 half_;
uniform vec3 eye, back;
uniform bool parallel;
uniform float radius, lift, shown, last, dots;
in vec3 a, b;
in vec2 aAt, bAt;
out vec2 px;
out float len, age, strength;
vec3 lifted(vec3 p) { return p + (parallel ? back : normalize(eye - p)) * lift; }
void main() {
  gl_Position = vec4(0.0, 0.0, -2.0, 1.0);
  vec3 p = a, q = b;
  vec2 from = aAt, to = bAt;
  if (dots > 0.5) { q = p; to = from; }
  if (from.x > shown || (dots < 0.5 && (to.y < 0.0 || from.x >= shown))) return;
  if (to.x > shown) {
    float part = (shown - from.x) / (to.x - from.x);
    q = mix(p, q, part);
    to = vec2(shown, mix(abs(from.y), to.y, part));
  }
  vec4 ca = clip * vec4(p, 1.0), cb = clip * vec4(q, 1.0);
  if (ca.w < 0.01 || cb.w < 0.01) return;
  vec2 pa = ca.xy / ca.w * half_, pb = cb.xy / cb.w * half_;
  len = distance(pa, pb);
  vec2 along = len > 1e-3 ? (pb - pa) / len : vec2(1.0, 0.0);
  bool end = (gl_VertexID & 2) == 2;
  float side = (gl_VertexID & 1) == 1 ? 1.0 : -1.0, reach = radius + 1.0;
  px = vec2(end ? len + reach : -reach, side * reach);
  vec2 at = pa + along * px.x + vec2(-along.y, along.x) * px.y;
  vec4 depth = clip * vec4(lifted(end ? q : p), 1.0);
  age = min(shown, last) - (end ? to.x : from.x);
  strength = abs(end ? to.y : from.y);
  // Flat on the screen, so that distances are pixels.
  gl_Position = vec4(at / half_, depth.z / depth.w, 1.0);
}`;

const RIBBON_FRAGMENT = `#version 300 es
precision highp float;
uniform vec4 color, older;
uniform float radius, fade, dash, share, scale, caps, faint;
in vec2 px;
in float len, age, strength;
out vec4 result;
void main() {
  float beyond = max(max(-px.x, px.x - len), 0.0);
  if (caps < 0.5 && beyond > 0.0) discard;
  float d = length(vec2(beyond, px.y));
  // What is thinner than a pixel is a fainter line of one pixel.
  float cover = radius < 0.5 ? clamp(1.0 - d, 0.0, 1.0) * 2.0 * radius : clamp(radius + 0.5 - d, 0.0, 1.0);
  float screen = (gl_FragCoord.x - gl_FragCoord.y) * 0.7071 / scale;
  if (dash > 0.0) cover *= step(fract(screen / dash), share);
  vec4 c = fade > 0.0 ? mix(color, older, clamp(age / fade, 0.0, 1.0)) : color;
  float alpha = c.a * cover * strength * faint;
  if (alpha < 0.004) discard;
  result = vec4(c.rgb * alpha, alpha);
}`;

// A program with its uniforms by name.
class Program {
  constructor(gl, vertex, fragment) {
    this.gl = gl;
    this.program = gl.createProgram();
    for (const [kind, text] of [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]]) {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, text);
      gl.compileShader(shader);
      gl.attachShader(this.program, shader);
    }
    gl.bindAttribLocation(this.program, 0, vertex === SURFACE_VERTEX ? "corner" : "a");
    gl.linkProgram(this.program);
    if (!gl.getProgramParameter(this.program, gl.LINK_STATUS) && !gl.isContextLost()) {
      throw new Error(gl.getProgramInfoLog(this.program) || "a shader does not compile");
    }
    this.places = new Map();
  }

  use(values) {
    const { gl } = this;
    gl.useProgram(this.program);
    for (const [name, value] of Object.entries(values)) {
      if (!this.places.has(name)) this.places.set(name, gl.getUniformLocation(this.program, name));
      const place = this.places.get(name);
      if (typeof value === "number") gl.uniform1f(place, value);
      else if (typeof value === "boolean") gl.uniform1i(place, value ? 1 : 0);
      else if (value.texture !== undefined) gl.uniform1i(place, value.texture);
      else if (value.whole !== undefined) gl.uniform1i(place, value.whole);
      else if (value.length === 16) gl.uniformMatrix4fv(place, false, value);
      else if (value.length === 2) gl.uniform2fv(place, value);
      else if (value.length === 3) gl.uniform3fv(place, value);
      else if (value.length === 4) gl.uniform4fv(place, value);
      else gl.uniform1fv(place, value);
    }
  }
}

const POINT = 5;

const SOFTWARE = /swiftshader|llvmpipe|software|basic render/i;

// Whether the browser draws on the processor.
function isSoftware() {
  const gl = make("canvas").getContext("webgl2");
  const names = gl?.getExtension("WEBGL_debug_renderer_info");
  const name = names ? gl.getParameter(names.UNMASKED_RENDERER_WEBGL) : "";
  gl?.getExtension("WEBGL_lose_context")?.loseContext();
  return SOFTWARE.test(name);
}

// One drawing context for all panels: a canvas over the whole stage, below the words.
class Gpu {
  // Throws where there is no WebGL 2.
  constructor() {
    this.canvas = make("canvas");
    this.canvas.setAttribute("aria-hidden", true);
    // Without a graphics card smooth edges would cost most of a frame.
    this.isSlow = isSoftware();
    const gl = this.canvas.getContext("webgl2", { antialias: !this.isSlow, alpha: true, premultipliedAlpha: true });
    if (!gl) throw new Error("no WebGL 2");
    this.gl = gl;
    this.surface = new Program(gl, SURFACE_VERTEX, SURFACE_FRAGMENT);
    this.ribbon = new Program(gl, RIBBON_VERTEX, RIBBON_FRAGMENT);
    this.ribbonPlaces = ["a", "aAt", "b", "bAt"].map((name) => gl.getAttribLocation(this.ribbon.program, name));
  }

  // As large as what it lies over, in pixels of the screen; it is empty afterwards.
  resize(width, height) {
    const { canvas } = this;
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
  }

  // What follows is drawn into this part, counted from the upper left.
  begin([left, top, width, height]) {
    const { gl, canvas } = this;
    const area = [left, canvas.height - top - height, width, height];
    gl.viewport(...area);
    gl.scissor(...area);
    gl.enable(gl.SCISSOR_TEST);
    gl.enable(gl.DEPTH_TEST);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.depthMask(true);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
  }

  texture(unit, texture) {
    this.gl.activeTexture(this.gl.TEXTURE0 + unit);
    this.gl.bindTexture(this.gl.TEXTURE_2D, texture);
    return { texture: unit };
  }

  // A texture, or another content of one.
  makeTexture(fill, filter, old) {
    const { gl } = this;
    const texture = old || gl.createTexture();
    this.texture(0, texture);
    fill(gl);
    const smooth = filter === "nearest" ? gl.NEAREST : gl.LINEAR;
    for (const [name, value] of [
      ["MAG_FILTER", smooth],
      ["MIN_FILTER", filter === "mips" ? gl.LINEAR_MIPMAP_LINEAR : smooth],
      ["WRAP_S", gl.CLAMP_TO_EDGE],
      ["WRAP_T", gl.CLAMP_TO_EDGE],
    ]) gl.texParameteri(gl.TEXTURE_2D, gl[`TEXTURE_${name}`], value);
    if (filter === "mips") gl.generateMipmap(gl.TEXTURE_2D);
    return texture;
  }

  buffer(kind, data) {
    const { gl } = this;
    const buffer = gl.createBuffer();
    gl.bindBuffer(kind, buffer);
    gl.bufferData(kind, data, gl.STATIC_DRAW);
    return buffer;
  }

  // Points as numbers, five each, ready to be drawn as lines or as dots: four corners for each piece. (Instances would be
  // shorter to write, but take a software renderer ten times as long.)
  line(points) {
    const { gl } = this;
    const vao = gl.createVertexArray();
    gl.bindVertexArray(vao);
    const buffers = [this.buffer(gl.ARRAY_BUFFER, cornersOf(points))];
    this.ribbonPlaces.forEach((place, k) => {
      if (place < 0) return;
      gl.enableVertexAttribArray(place);
      const [size, offset] = k % 2 ? [2, 12] : [3, 0];
      gl.vertexAttribPointer(place, size, gl.FLOAT, false, 8 * POINT, offset + (k > 1 ? 4 * POINT : 0));
    });
    const count = points.length / POINT;
    const indices = new Uint32Array(6 * count);
    for (let k = 0; k < count; k++) indices.set([0, 1, 2, 2, 1, 3].map((corner) => 4 * k + corner), 6 * k);
    buffers.push(this.buffer(gl.ELEMENT_ARRAY_BUFFER, indices));
    gl.bindVertexArray(null);
    return { vao, buffers, count };
  }

  // Forgets a line.
  drop({ vao, buffers }) {
    this.gl.deleteVertexArray(vao);
    for (const buffer of buffers) this.gl.deleteBuffer(buffer);
  }

  // No more than `upTo` points of it, if that is given.
  drawLine({ vao, count }, values, upTo = count) {
    const { gl } = this;
    const pieces = min(values.dots ? count : count - 1, upTo);
    if (pieces < 1) return;
    this.ribbon.use(values);
    gl.bindVertexArray(vao);
    gl.drawElements(gl.TRIANGLES, 6 * pieces, gl.UNSIGNED_INT, 0);
    gl.bindVertexArray(null);
  }
}

// Each piece's two ends, four times: once for each of its corners. Behind the last point comes itself.
function cornersOf(points) {
  const data = new Float32Array(8 * points.length);
  const last = points.length - POINT;
  for (let at = 0; at < points.length; at += POINT) {
    const next = min(at + POINT, last);
    for (let corner = 0; corner < 4; corner++) {
      const to = 8 * at + 2 * POINT * corner;
      for (let k = 0; k < POINT; k++) {
        data[to + k] = points[at + k];
        data[to + POINT + k] = points[next + k];
      }
    }
  }
  return data;
}

// A colour as numbers from 0 to 1.
const rgb = (hex, alpha = 1) => [1, 3, 5].map((k) => parseInt(hex.slice(k, k + 2), 16) / 255).concat(alpha);
