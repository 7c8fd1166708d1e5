#import steepest::{formula, rule}
// Cells of a map: one descent an invocation, some steps a dispatch.
//
// Before it stand the functions of formulas, the formula's `loss` and the rule's `prepare`, `look` and `update`. A cell does what
// `maps/lanes.rs` does, in single precision. Where that does not do, because a number has left it, a slope is too small for it or
// steps are lost in rounding, the cell is given back.

const RUNNING = 0u;
const FINISHED = 1u;
const CONVERGED = 2u;
const STOPPED = 3u;
// To be worked out in double precision.
const GIVEN_BACK = 4u;

// Below it squares of slopes are no numbers.
const FAINT = 1.0e-18f;
// Steps in a row that rounding swallowed, after which a run stands still.
const STILL = 8u;
const FAR = 1.0e18f;

struct Task {
    cells: u32,
    minima: u32,
    // Of a run, and at most in a dispatch.
    steps: u32,
    portion: u32,
    // Steps that have a rate of their own; the last one's stands for all that follow.
    rates: u32,
    dim: u32,
    radius: f32,
    // Below 0 for none.
    stop_radius: f32,
    stop_gradient: f32,
    clip: f32,
    padding_1: u32,
    padding_2: u32,
}

// What a cell is given.
struct Start {
    w: vec2f,
    rate: f32,
    padding: f32,
    params: array<vec4f, 2>,
}

// What it is at; all zero before it begins.
struct Cell {
    w: vec2f,
    gradient: vec2f,
    shared_numbers: array<vec4f, 2>,
    state: array<vec4f, 2>,
    // How far it is to the next minimum's circle, at least.
    slack: f32,
    step: u32,
    has_begun: u32,
    // The minimum it is at, -1 for none, and since when.
    minimum: i32,
    since: u32,
    status: u32,
    still: u32,
    padding: u32,
}

struct Outcome {
    last: vec2f,
    minimum: i32,
    since: u32,
    status: u32,
    padding: u32,
}

@group(0) @binding(0) var<uniform> task: Task;
@group(0) @binding(1) var<storage, read> starts: array<Start>;
@group(0) @binding(2) var<storage, read_write> cells: array<Cell>;
@group(0) @binding(3) var<storage, read_write> outcomes: array<Outcome>;
// Of a step: what is added to the rate times the second. Then the minima.
@group(0) @binding(4) var<storage, read> table: array<vec2f>;

var<private> params: array<vec4f, 2>;
var<private> shared_numbers: array<vec4f, 2>;
var<private> full_rate: f32;
var<private> cell: Cell;

// ‖v‖ without overflow on the way.
fn norm(v: vec2f) -> f32 {
    let scale = max(abs(v.x), abs(v.y));
    if scale == 0.0f || !is_finite(scale) {
        return scale;
    }
    return scale * length(v / scale);
}

fn minimum_at(k: u32) -> vec2f {
    return table[task.rates + k];
}

fn has_numbers(v: Dual) -> bool {
    return !is_odd && is_finite(v.x) && is_finite(v.y) && is_finite(v.z);
}

// Which minimum w, entry `step`, lies at, having come this far since the entry before.
fn settle(w: vec2f, step: u32, moved: f32) {
    if cell.minimum >= 0 {
        if distance(w, minimum_at(u32(cell.minimum))) <= task.radius {
            return;
        }
    } else {
        cell.slack = cell.slack - max(moved, 1.0e-5f * cell.slack);
        if cell.slack > 0.0f {
            return;
        }
    }
    cell.minimum = -1;
    cell.slack = FAR;
    for (var k = 0u; k < task.minima; k++) {
        let beyond = distance(w, minimum_at(k)) - task.radius;
        if beyond <= 0.0f {
            cell.minimum = i32(k);
            cell.since = step;
            return;
        }
        // A little less, since it is rounded.
        cell.slack = min(cell.slack, 0.999f * beyond);
    }
}

// Looks at entry `step`, which lies at w.
fn arrive(w: vec2f, step: u32) {
    is_odd = false;
    let v = loss(w);
    if !has_numbers(v) || !is_finite(w.x) || !is_finite(w.y) {
        cell.status = GIVEN_BACK;
        return;
    }
    settle(w, step, distance(w, cell.w));
    cell.w = w;
    cell.step = step;
    cell.gradient = v.yz;
    let slope = norm(v.yz);
    let is_nowhere = cell.minimum < 0;
    if step > 0u && task.stop_radius >= 0.0f && norm(w) > task.stop_radius {
        cell.status = STOPPED;
    } else if slope <= task.stop_gradient {
        cell.status = CONVERGED;
    } else if is_nowhere && (slope < FAINT || (task.minima > 0u && cell.still >= STILL)) {
        cell.status = GIVEN_BACK;
    } else if step >= task.steps {
        cell.status = FINISHED;
    }
}

fn begin(at: vec2f) {
    cell.has_begun = 1u;
    cell.w = at;
    cell.minimum = -1;
    cell.slack = 0.0f;
    arrive(at, 0u);
}

fn advance_by_one() {
    let w = cell.w;
    let affine = table[min(cell.step, task.rates - 1u)];
    let rate = affine.x + affine.y * full_rate;
    prepare(rate, cell.step == 0u);
    var state_x = cell.state[0];
    var state_y = cell.state[1];
    var g = cell.gradient;
    if LOOKS {
        is_odd = false;
        let v = loss(vec2f(look(w.x, rate, state_x), look(w.y, rate, state_y)));
        if !has_numbers(v) {
            cell.status = GIVEN_BACK;
            return;
        }
        g = v.yz;
    }
    if task.clip >= 0.0f {
        let length = norm(g);
        if length > task.clip {
            g = g / length * task.clip;
        }
    }
    var next = w;
    next.x = update(w.x, g.x, rate, &state_x);
    if task.dim > 1u {
        next.y = update(w.y, g.y, rate, &state_y);
    }
    cell.state[0] = state_x;
    cell.state[1] = state_y;
    cell.still = select(0u, cell.still + 1u, next.x == w.x && next.y == w.y);
    arrive(next, cell.step + 1u);
}

@compute @workgroup_size(64)
fn advance(@builtin(global_invocation_id) id: vec3u) {
    if id.x >= task.cells || cells[id.x].status != RUNNING {
        return;
    }
    cell = cells[id.x];
    params = starts[id.x].params;
    full_rate = starts[id.x].rate;
    shared_numbers = cell.shared_numbers;
    if cell.has_begun == 0u {
        begin(starts[id.x].w);
    }
    for (var k = 0u; k < task.portion && cell.status == RUNNING; k++) {
        advance_by_one();
    }
    cell.shared_numbers = shared_numbers;
    cells[id.x] = cell;
    outcomes[id.x] = Outcome(cell.w, cell.minimum, cell.since, cell.status, 0u);
}
