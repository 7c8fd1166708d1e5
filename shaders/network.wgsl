#import steepest::scalars
// A network's loss at the nodes of a grid over a plane of its parameters, in single precision. `scalars.wgsl` and WIDTH, the widest
// layer's units, stand before.
//
// `place` works out the parameters at every node. Of `sweep` a workgroup takes one node and 64 samples, a thread one
// sample. Sums over all samples are formed elsewhere, in double precision. What leaves the numbers is infinite.

// Words of `data`: the layers, the coordinates of columns and rows, origin and directions of the plane, the samples feature by feature, and their
// targets. All but the layers are floating-point numbers.
struct Task {
    // The first node, and how many.
    first: u32,
    nodes: u32,
    columns: u32,
    samples: u32,
    parameters: u32,
    layers: u32,
    activation: u32,
    has_labels: u32,
    // Where in `data` they begin.
    coordinates: u32,
    plane: u32,
    features: u32,
    targets: u32,
}

struct Layer {
    inputs: u32,
    outputs: u32,
    at: u32,
    flags: u32,
}

const THREADS = 64u;
const HIDDEN = 1u;
const RESIDUAL = 2u;
// What is larger may leave the numbers in the next layer.
const MOST = 1.0e30f;

@group(0) @binding(0) var<uniform> task: Task;
@group(0) @binding(1) var<storage, read> data: array<u32>;
@group(0) @binding(2) var<storage, read_write> weights: array<f32>;
@group(0) @binding(3) var<storage, read_write> losses: array<f32>;

var<private> values: array<f32, WIDTH>;
var<private> next: array<f32, WIDTH>;
var<workgroup> shares: array<f32, THREADS>;

fn number(at: u32) -> f32 {
    return bitcast<f32>(data[at]);
}

fn layer_at(k: u32) -> Layer {
    return Layer(data[4u * k], data[4u * k + 1u], data[4u * k + 2u], data[4u * k + 3u]);
}

@compute @workgroup_size(64)
fn place(@builtin(global_invocation_id) id: vec3u) {
    let k = id.x;
    let node = task.first + id.y;
    if k >= task.parameters || id.y >= task.nodes {
        return;
    }
    let x = number(task.coordinates + node % task.columns);
    let y = number(task.coordinates + task.columns + node / task.columns);
    let origin = number(task.plane + k);
    let u = number(task.plane + task.parameters + k);
    let v = number(task.plane + 2u * task.parameters + k);
    weights[id.y * task.parameters + k] = origin + (x * u + y * v);
}

fn activated(z: f32) -> f32 {
    switch task.activation {
        case 0u: {
            return tanh_of(z);
        }
        case 1u: {
            return max(z, 0.0f);
        }
        case 2u: {
            return 1.0f / (1.0f + exp_of(clamp(-z, -80.0f, 80.0f)));
        }
        case 3u: {
            return 0.5f * z * (1.0f + erf_of(0.707106781f * z));
        }
        default: {
            return z;
        }
    }
}

// What goes into a layer from one unit.
fn input(layer: u32, unit: u32, sample: u32) -> f32 {
    if layer == 0u {
        return number(task.features + unit * task.samples + sample);
    }
    return values[unit];
}

fn loss_of(node: u32, sample: u32) -> f32 {
    let base = node * task.parameters;
    var outputs = 0u;
    for (var k = 0u; k < task.layers; k += 1u) {
        let layer = layer_at(k);
        outputs = layer.outputs;
        let bias = base + layer.at + layer.inputs * layer.outputs;
        for (var to = 0u; to < layer.outputs; to += 1u) {
            var sum = weights[bias + to];
            let row = base + layer.at + to * layer.inputs;
            for (var unit = 0u; unit < layer.inputs; unit += 1u) {
                sum += weights[row + unit] * input(k, unit, sample);
            }
            expect(abs(sum) < MOST);
            if (layer.flags & HIDDEN) != 0u {
                sum = activated(sum);
            }
            if (layer.flags & RESIDUAL) != 0u {
                sum += input(k, to, sample);
            }
            next[to] = sum;
        }
        for (var to = 0u; to < layer.outputs; to += 1u) {
            values[to] = next[to];
        }
    }
    let goal = number(task.targets + sample);
    if task.has_labels == 0u {
        let error = values[0] - goal;
        return error * error;
    }
    var greatest = values[0];
    for (var c = 1u; c < outputs; c += 1u) {
        greatest = max(greatest, values[c]);
    }
    var sum = 0.0f;
    for (var c = 0u; c < outputs; c += 1u) {
        sum += exp_of(values[c] - greatest);
    }
    // Of what is almost certain the logarithm is near 0: without the 1 no digits are lost.
    let own = values[u32(goal)];
    if own == greatest && sum < 1.41f {
        var others = 0.0f;
        for (var c = 0u; c < outputs; c += 1u) {
            others += select(exp_of(values[c] - greatest), 0.0f, c == u32(goal));
        }
        return ln_near_one(others);
    }
    return ln_of(sum) + (greatest - own);
}

@compute @workgroup_size(64)
fn sweep(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
    let sample = group.y * THREADS + lane;
    var loss = 0.0f;
    if sample < task.samples {
        loss = loss_of(group.x, sample);
    }
    shares[lane] = select(loss, infinity(), is_odd);
    workgroupBarrier();
    for (var half = THREADS / 2u; half > 0u; half /= 2u) {
        if lane < half {
            shares[lane] += shares[lane + half];
        }
        workgroupBarrier();
    }
    if lane == 0u {
        let blocks = (task.samples + THREADS - 1u) / THREADS;
        losses[group.x * blocks + group.y] = shares[0];
    }
}
