// The softmax loss at every node of a grid over two weights. Seen along the two axes, a sample's loss is
//
//     constant + ln(1 + w) - ln(1 + kappa w),     w = U(column) V(row)  or  U(column) + V(row),
//
// where kappa comes from the epsilon under the loss's logarithm. src/gpu/sweep/samples.rs derives it and fills the
// buffers; a factor is 2^t, or 1 + 2^t, with t linear along its axis. So a tile of columns x rows takes columns + rows
// exponentials a sample, shared through workgroup memory, and a node a few multiplications: the terms 1 + w are
// multiplied up, and their exponents counted in integers, so that one logarithm serves all samples of a chunk.
//
// Exactness: t is a fixed-point number with 40 fraction bits, so that no range of weights costs accuracy, and nothing
// depends on how a compiler rounds, contracts or reorders floating-point sums.

// Mirrored in src/gpu/sweep/layout.rs, as are the structures.
const THREADS: u32 = 128u;
// Samples staged in workgroup memory at a time.
const BATCH: u32 = 8u;
// Threads of a tile along columns and along rows, at most. A thread has two quads of columns by one quad of rows.
const MOST_ACROSS: u32 = 16u;
const MOST_DOWN: u32 = 16u;

// The factor V may vary by more than 2^30 within a tile: exponents then travel beside the factors.
override WIDE: bool = false;
// A logarithm for every sample: losses near zero keep their relative accuracy, at about five times the time.
override PRECISE: bool = false;

struct Sample {
    // t at column 0 and from column to column, t at row 0 and from row to row: the low word, then the high one.
    first_u: vec2<u32>,
    step_u: vec2<u32>,
    first_v: vec2<u32>,
    step_v: vec2<u32>,
    kappa: f32,
    // ONE_PLUS_U | ONE_PLUS_V | SUM
    form: u32,
}
// The factor along columns, or rows, is 1 + 2^t.
const ONE_PLUS_U: u32 = 1u;
const ONE_PLUS_V: u32 = 2u;
// w is a sum.
const SUM: u32 = 4u;

struct Sweep {
    // Columns and rows of the grid.
    nodes: vec2<u32>,
    // Threads of a tile along columns and rows.
    threads: vec2<u32>,
    // This dispatch's band of rows: the first, and how many.
    first_row: u32,
    rows: u32,
    batches: u32,
    // Workgroups that share the samples.
    chunks: u32,
}

// exponent ln 2 + rest
struct Sum {
    exponent: i32,
    rest: f32,
}

@group(0) @binding(0) var<uniform> task: Sweep;
@group(0) @binding(1) var<storage, read> samples: array<Sample>;
// [chunk][row of the band][column]
@group(0) @binding(2) var<storage, read_write> partial: array<Sum>;
@group(0) @binding(3) var<storage, read_write> total: array<Sum>;

// Factors of the staged samples, value 2^exponent; exponents only if WIDE.
var<workgroup> u_value: array<vec4<f32>, 256>;
var<workgroup> u_exponent: array<vec4<i32>, 256>;
var<workgroup> v_value: array<vec4<f32>, 128>;
var<workgroup> v_exponent: array<vec4<i32>, 128>;
// What a sum adds to the product.
var<workgroup> v_addend: array<vec4<f32>, 128>;
var<workgroup> kappas: array<f32, 8>;
// 1 where kappa w is more than negligible somewhere in the tile.
var<workgroup> saturates: array<u32, 8>;

// Four fixed-point numbers in two's complement.
struct Fixed {
    low: vec4<u32>,
    high: vec4<u32>,
}

// first + step node, exactly; nodes are below 2^16.
fn along(first: vec2<u32>, step: vec2<u32>, nodes: vec4<u32>) -> Fixed {
    let a = nodes * (step.x & 0xffffu);
    let b = nodes * (step.x >> 16u) + (a >> vec4(16u));
    let product = (b << vec4(16u)) | (a & vec4(0xffffu));
    let low = product + first.x;
    let carry = select(vec4(0u), vec4(1u), low < product);
    return Fixed(low, nodes * step.y + (b >> vec4(16u)) + first.y + carry);
}

fn whole_part(t: Fixed) -> vec4<i32> {
    return bitcast<vec4<i32>>(t.high) >> vec4(8u);
}

fn float_from(t: Fixed) -> vec4<f32> {
    return vec4<f32>(bitcast<vec4<i32>>(t.high)) * 0x1p-8 + vec4<f32>(t.low) * 0x1p-40;
}

// 2^n, for n from -126 to 127.
fn power(n: vec4<i32>) -> vec4<f32> {
    return bitcast<vec4<f32>>(vec4<u32>(n + 127) << vec4(23u));
}

// value 2^exponent, value from 1 to 3.
struct Factors {
    value: vec4<f32>,
    exponent: vec4<i32>,
}

// 2^t, or 1 + 2^t. The polynomial is 2^(x + 1/2) between -1/2 and 1/2, to 2.3e-8 (interpolated at Chebyshev's nodes).
fn factors(t: Fixed, one_plus: bool) -> Factors {
    let n = whole_part(t);
    let x = vec4<f32>(((t.high & vec4(0xffu)) << vec4(16u)) | (t.low >> vec4(16u))) * 0x1p-24 - 0.5;
    var y = fma(x, vec4(0.000218657849), vec4(0.00189510675));
    y = fma(x, y, vec4(0.0136019858));
    y = fma(x, y, vec4(0.0784934834));
    y = fma(x, y, vec4(0.339731574));
    y = fma(x, y, vec4(0.980258167));
    y = fma(x, y, vec4(1.41421354));
    if !one_plus {
        return Factors(y, n);
    }
    // The greater of the two terms gives the exponent.
    let other = power(clamp(-abs(n), vec4(-100), vec4(0)));
    let is_large = n >= vec4(0);
    return Factors(select(fma(y, other, vec4(1.0)), y + other, is_large), max(n, vec4(0)));
}

// ln(1 + x) for x >= 0, to a few units in the last place, however small x is.
fn log1p(x: vec4<f32>) -> vec4<f32> {
    let is_small = x < vec4(0.4142135);
    // 1 + x = 2^n f with f from sqrt(1/2) to sqrt(2).
    let bits = bitcast<vec4<i32>>(1.0 + x) - 0x3f3504f3;
    let n = bits >> vec4(23u);
    let f = bitcast<vec4<f32>>((bits & vec4(0x7fffff)) + 0x3f3504f3);
    let s = select(f - 1.0, x, is_small) / select(f + 1.0, x + 2.0, is_small);
    let s2 = s * s;
    var y = fma(s2, vec4(0.2222222), vec4(0.2857143));
    y = fma(s2, y, vec4(0.4));
    y = fma(s2, y, vec4(0.6666667));
    y = fma(s2 * s, y, 2.0 * s);
    return select(fma(vec4<f32>(n), vec4(0.6931472), y), y, is_small);
}

// The greatest log2 of a factor between two nodes, at most 1 too much.
fn greatest(first: vec2<u32>, step: vec2<u32>, nodes: vec2<u32>, one_plus: bool) -> f32 {
    let ends = float_from(along(first, step, nodes.xyxy));
    let t = max(ends.x, ends.y);
    return select(t, max(t, 0.0) + 1.0, one_plus);
}

fn stage(batch: u32, corner: vec2<u32>, thread: u32) {
    let quads = 2u * task.threads.x;
    let last = task.nodes - 1u;
    let opposite = min(corner + task.threads * vec2(8u, 4u) - 1u, last);
    let middle = min(corner.y + 2u * task.threads.y, last.y);
    for (var i = thread; i < BATCH * (quads + task.threads.y); i += THREADS) {
        let at = i % BATCH;
        let quad = i / BATCH;
        let sample = samples[batch * BATCH + at];
        let is_sum = (sample.form & SUM) != 0u;
        let plus_v = (sample.form & ONE_PLUS_V) != 0u;
        // The exponent of V in the tile's middle moves from V to U, so that V is near 1 and U V can neither
        // overflow nor vanish unless the product does.
        var anchor = whole_part(along(sample.first_v, sample.step_v, vec4(middle))).x;
        anchor = select(anchor, max(anchor, 0), plus_v);
        anchor = select(anchor, 0, is_sum || WIDE);
        if quad < quads {
            let nodes = min(vec4(corner.x + 4u * quad) + vec4(0u, 1u, 2u, 3u), vec4(last.x));
            let u = factors(along(sample.first_u, sample.step_u, nodes), (sample.form & ONE_PLUS_U) != 0u);
            let slot = at * (2u * MOST_ACROSS) + quad;
            if WIDE {
                u_value[slot] = u.value;
                u_exponent[slot] = u.exponent;
            } else {
                // Beyond 2^50 the loss has reached its bound.
                let most = vec4(select(80, 60, is_sum));
                u_value[slot] = u.value * power(clamp(u.exponent + anchor, -most, most));
            }
        } else {
            let nodes = min(vec4(corner.y + 4u * (quad - quads)) + vec4(0u, 1u, 2u, 3u), vec4(last.y));
            let v = factors(along(sample.first_v, sample.step_v, nodes), plus_v);
            let slot = at * MOST_DOWN + quad - quads;
            if is_sum {
                v_value[slot] = vec4(1.0);
                v_exponent[slot] = vec4(0);
                v_addend[slot] = v.value * power(clamp(v.exponent, vec4(-100), vec4(60)));
            } else {
                v_addend[slot] = vec4(0.0);
                if WIDE {
                    v_value[slot] = v.value;
                    v_exponent[slot] = v.exponent;
                } else {
                    v_value[slot] = v.value * power(clamp(v.exponent - anchor, vec4(-30), vec4(30)));
                }
            }
        }
    }
    if thread < BATCH {
        let sample = samples[batch * BATCH + thread];
        let columns = vec2(corner.x, opposite.x);
        let rows = vec2(corner.y, opposite.y);
        let u = greatest(sample.first_u, sample.step_u, columns, (sample.form & ONE_PLUS_U) != 0u);
        let v = greatest(sample.first_v, sample.step_v, rows, (sample.form & ONE_PLUS_V) != 0u);
        let w = select(u + v, max(u, v) + 1.0, (sample.form & SUM) != 0u);
        kappas[thread] = sample.kappa;
        // Up to 2^-11, ln(1 + kappa w) is kappa w to 1.1e-8 of the sample's loss, which is then above 10.
        saturates[thread] = select(0u, 1u, w + log2(sample.kappa) > -11.0);
    }
}

// Four nodes beside one another: the loss so far is exponent ln 2 + ln product + rest.
struct Nodes {
    product: vec4<f32>,
    rest: vec4<f32>,
    exponent: vec4<i32>,
}

fn weight(u: vec4<f32>, u_exponent: vec4<i32>, v: f32, v_exponent: i32, addend: f32) -> vec4<f32> {
    if WIDE {
        return fma(u * v, power(clamp(u_exponent + v_exponent, vec4(-100), vec4(60))), vec4(addend));
    }
    return fma(u, vec4(v), vec4(addend));
}

// w at a thread's nodes: two quads of columns by four rows.
struct Weights {
    a0: vec4<f32>,
    a1: vec4<f32>,
    a2: vec4<f32>,
    a3: vec4<f32>,
    b0: vec4<f32>,
    b1: vec4<f32>,
    b2: vec4<f32>,
    b3: vec4<f32>,
}

fn weights(at: u32, across: u32, down: u32) -> Weights {
    let left = at * (2u * MOST_ACROSS) + across;
    let right = left + task.threads.x;
    let rows = at * MOST_DOWN + down;
    let a = u_value[left];
    let b = u_value[right];
    let v = v_value[rows];
    let c = v_addend[rows];
    var i = vec4(0);
    var j = vec4(0);
    var k = vec4(0);
    if WIDE {
        i = u_exponent[left];
        j = u_exponent[right];
        k = v_exponent[rows];
    }
    return Weights(
        weight(a, i, v.x, k.x, c.x),
        weight(a, i, v.y, k.y, c.y),
        weight(a, i, v.z, k.z, c.z),
        weight(a, i, v.w, k.w, c.w),
        weight(b, j, v.x, k.x, c.x),
        weight(b, j, v.y, k.y, c.y),
        weight(b, j, v.z, k.z, c.z),
        weight(b, j, v.w, k.w, c.w),
    );
}

// Where kappa w is at most 2^-11.
fn add_small(nodes: ptr<function, Nodes>, w: vec4<f32>, kappa: f32) {
    (*nodes).product = fma((*nodes).product, w, (*nodes).product);
    (*nodes).rest = fma(vec4(-kappa), w, (*nodes).rest);
}

// The quotient is at most 1 / kappa.
fn add_any(nodes: ptr<function, Nodes>, w: vec4<f32>, kappa: f32) {
    if PRECISE {
        // Here `product` is the sum of the last few samples: many short sums round less than a long one.
        (*nodes).product += log1p(w) - log1p(kappa * w);
    } else {
        (*nodes).product *= (1.0 + w) / fma(vec4(kappa), w, vec4(1.0));
    }
}

// Moves the product's exponent to the count. Between two calls come eight small terms, each below 1 + 2^15.6 since
// kappa is at least 2^-26.6, or four of any kind, each below 2^26.6: the product stays below 2^126.
fn settle(nodes: ptr<function, Nodes>) {
    if PRECISE {
        (*nodes).rest += (*nodes).product;
        (*nodes).product = vec4(0.0);
        return;
    }
    let bits = bitcast<vec4<u32>>((*nodes).product);
    (*nodes).exponent += vec4<i32>(bits >> vec4(23u)) - 127;
    (*nodes).product = bitcast<vec4<f32>>((bits & vec4(0x7fffffu)) | vec4(0x3f800000u));
}

fn put(nodes: Nodes, column: u32, row: u32, chunk: u32) {
    var rest = nodes.rest;
    if !PRECISE {
        rest += log1p(nodes.product - 1.0);
    }
    let end = task.first_row + task.rows;
    for (var i = 0u; i < 4u; i++) {
        if column + i < task.nodes.x && row < end {
            let place = (chunk * task.rows + row - task.first_row) * task.nodes.x + column + i;
            partial[place] = Sum(nodes.exponent[i], rest[i]);
        }
    }
}

@compute @workgroup_size(128)
fn sweep(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let corner = vec2(0u, task.first_row) + group.xy * task.threads * vec2(8u, 4u);
    let across = thread % task.threads.x;
    // Threads that are left over repeat the last ones' work.
    let down = min(thread / task.threads.x, task.threads.y - 1u);
    let is_used = thread < task.threads.x * task.threads.y;
    // Two quads of columns (a, b) by four rows.
    let start = Nodes(vec4(select(1.0, 0.0, PRECISE)), vec4(0.0), vec4(0));
    var a0 = start;
    var a1 = start;
    var a2 = start;
    var a3 = start;
    var b0 = start;
    var b1 = start;
    var b2 = start;
    var b3 = start;
    for (var batch = group.z; batch < task.batches; batch += task.chunks) {
        stage(batch, corner, thread);
        workgroupBarrier();
        // Ways of adding are chosen by the loops' bounds: software renderers run both sides of a condition.
        let is_any = PRECISE || saturates[0] + saturates[1] + saturates[2] + saturates[3] + saturates[4]
            + saturates[5] + saturates[6] + saturates[7] > 0u;
        let small_end = select(BATCH, 0u, is_any);
        for (var at = 0u; at < small_end; at++) {
            let w = weights(at, across, down);
            add_small(&a0, w.a0, kappas[at]);
            add_small(&a1, w.a1, kappas[at]);
            add_small(&a2, w.a2, kappas[at]);
            add_small(&a3, w.a3, kappas[at]);
            add_small(&b0, w.b0, kappas[at]);
            add_small(&b1, w.b1, kappas[at]);
            add_small(&b2, w.b2, kappas[at]);
            add_small(&b3, w.b3, kappas[at]);
        }
        let any_end = select(0u, BATCH, is_any);
        for (var half = 0u; half < any_end; half += 4u) {
            for (var at = half; at < half + 4u; at++) {
                let w = weights(at, across, down);
                add_any(&a0, w.a0, kappas[at]);
                add_any(&a1, w.a1, kappas[at]);
                add_any(&a2, w.a2, kappas[at]);
                add_any(&a3, w.a3, kappas[at]);
                add_any(&b0, w.b0, kappas[at]);
                add_any(&b1, w.b1, kappas[at]);
                add_any(&b2, w.b2, kappas[at]);
                add_any(&b3, w.b3, kappas[at]);
            }
            settle(&a0);
            settle(&a1);
            settle(&a2);
            settle(&a3);
            settle(&b0);
            settle(&b1);
            settle(&b2);
            settle(&b3);
        }
        settle(&a0);
        settle(&a1);
        settle(&a2);
        settle(&a3);
        settle(&b0);
        settle(&b1);
        settle(&b2);
        settle(&b3);
        workgroupBarrier();
    }
    if is_used {
        let left = corner.x + 4u * across;
        let right = left + 4u * task.threads.x;
        let row = corner.y + 4u * down;
        put(a0, left, row, group.z);
        put(a1, left, row + 1u, group.z);
        put(a2, left, row + 2u, group.z);
        put(a3, left, row + 3u, group.z);
        put(b0, right, row, group.z);
        put(b1, right, row + 1u, group.z);
        put(b2, right, row + 2u, group.z);
        put(b3, right, row + 3u, group.z);
    }
}

// Adds up the chunks: 32 nodes a workgroup, eight threads each.
var<workgroup> eighths: array<Sum, 256>;

@compute @workgroup_size(256)
fn reduce(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let nodes = task.rows * task.nodes.x;
    let node = group.x * 32u + thread % 32u;
    var sum = Sum(0, 0.0);
    if node < nodes {
        for (var chunk = thread / 32u; chunk < task.chunks; chunk += 8u) {
            let part = partial[chunk * nodes + node];
            sum.exponent += part.exponent;
            sum.rest += part.rest;
        }
    }
    eighths[thread] = sum;
    workgroupBarrier();
    if thread < 32u && node < nodes {
        for (var i = 1u; i < 8u; i++) {
            let part = eighths[thread + 32u * i];
            sum.exponent += part.exponent;
            sum.rest += part.rest;
        }
        total[node] = sum;
    }
}
