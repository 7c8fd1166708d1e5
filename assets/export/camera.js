// ---- From where the panels are seen: one pose for all; the same camera as the program's (view/space.rs) ----

// Vertical field of view, radians.
const FIELD = 0.55;
// What is near is larger, so the box's picture reaches further down than up: look lower.
const LOWERED = 0.05;
const MAX_PITCH = PI / 2 - 1e-3;
const USUAL_DISTANCE = 2.4;

const minus = (a, b) => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const cross = (a, b) => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];
const unit = (a) => {
  const length = hypot(...a) || 1;
  return a.map((c) => c / length);
};

class Pose {
  constructor({ yaw, pitch, distance, target, parallel }) {
    this.yaw = yaw;
    this.pitch = clamp(pitch, -MAX_PITCH, MAX_PITCH);
    this.distance = distance ?? USUAL_DISTANCE;
    this.target = target ?? [0, 0, 0];
    this.parallel = Boolean(parallel);
  }

  orbit(yaw, pitch) {
    this.yaw = (this.yaw + yaw) % (2 * PI);
    this.pitch = clamp(this.pitch + pitch, -MAX_PITCH, MAX_PITCH);
  }

  // A factor below 1 comes closer.
  zoom(factor) {
    this.distance = clamp(this.distance * factor, 0.3, 12);
  }
}

// Where the keys lead the camera. Yaw goes the way its numbers say, so that a path may go round more than once.
function poseAt(keys, seconds, parallel) {
  const [a, b, t] = between(keys, seconds);
  const part = (name) => mix(a[name], b[name], t);
  return new Pose({ yaw: part("yaw"), pitch: part("pitch"), distance: part("distance"), target: a.target.map((c, k) => mix(c, b.target[k], t)), parallel });
}

// The camera of a box of this size in a viewport of this width and height, in pixels.
class Camera {
  constructor(pose, size, width, height) {
    const aspect = width / height;
    const room = max((size[1] + 0.55) / 1.3, 1);
    const distance = pose.distance * max(1.36 / aspect, 1.1) * room;
    const [yaw, pitch] = [pose.yaw, pose.pitch];
    this.back = [sin(yaw) * cos(pitch), sin(pitch), cos(yaw) * cos(pitch)];
    const target = [pose.target[0], size[1] / 2 - LOWERED + pose.target[1], pose.target[2]];
    this.eye = target.map((c, k) => c + this.back[k] * distance);
    this.right = unit(cross([0, 1, 0], this.back));
    this.up = cross(this.back, this.right);
    this.parallel = pose.parallel;
    this.width = width;
    this.height = height;
    const tan = Math.tan(FIELD / 2);
    const axes = [this.right, this.up, this.back];
    const view = axes.map((axis) => [...axis, -dot(axis, this.eye)]);
    let rows;
    if (this.parallel) {
      const half = distance * tan;
      const far = 2 * distance;
      this.half = half;
      rows = [
        view[0].map((c) => c / (half * aspect)),
        view[1].map((c) => c / half),
        view[2].map((c) => -c / far),
        [0, 0, 0, 1],
      ];
    } else {
      const [near, far] = [0.02, 100];
      const depth = (far + near) / (near - far);
      rows = [
        view[0].map((c) => c / (tan * aspect)),
        view[1].map((c) => c / tan),
        view[2].map((c, k) => c * depth + (k === 3 ? (2 * far * near) / (near - far) : 0)),
        view[2].map((c) => -c),
      ];
    }
    this.rows = rows;
    // By columns, as shaders want it.
    this.clip = new Float32Array(16).map((_, k) => rows[k % 4][floor(k / 4)]);
    this.tan = tan;
  }

  // A place of the world in pixels; null behind the camera.
  project(world) {
    const [x, y, , w] = this.rows.map((row) => dot(row, world) + row[3]);
    if (w <= 0) return null;
    return [(x / w / 2 + 0.5) * this.width, (0.5 - y / w / 2) * this.height];
  }

  // The line of sight through a pixel: where it begins, and where it goes.
  ray(px, py) {
    const x = (2 * px) / this.width - 1;
    const y = 1 - (2 * py) / this.height;
    const aspect = this.width / this.height;
    const along = (scale) =>
      [0, 1, 2].map((k) => this.right[k] * x * aspect * scale + this.up[k] * y * scale);
    if (this.parallel) {
      const shift = along(this.half);
      return [this.eye.map((c, k) => c + shift[k]), this.back.map((c) => -c)];
    }
    const aside = along(this.tan);
    return [this.eye, unit(aside.map((c, k) => c - this.back[k]))];
  }

  // Towards the eye from a place.
  towards(world) {
    return this.parallel ? this.back : unit(minus(this.eye, world));
  }
}
