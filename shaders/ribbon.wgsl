// Lines of constant width in pixels, from points in a storage buffer: trails (a strip that ends at the step shown) and
// the hairlines of the axes box (separate segments). A second pass draws what lies behind the surface as a faint ghost.
#import bevy_pbr::{mesh_view_bindings::view, mesh_functions::{get_tag, get_world_from_local}}

struct Ribbon {
    color: vec4<f32>,
    casing: vec4<f32>,
    // x: line width, y: casing width on each side (logical pixels), z: pixels per logical pixel, w: towards the eye.
    width: vec4<f32>,
    // x: number of points, y: 1 for separate segments, z: steps over which a trail fades (0: never), w: dash period
    // in logical pixels (0: solid).
    kind: vec4<f32>,
}

struct Point {
    // In the box.
    place: vec3<f32>,
    // The step (plus one) at which the point is reached; negative where the pen was up on the way.
    step: f32,
    // How strongly the line is drawn there.
    strength: f32,
}

@group(#{MATERIAL_BIND_GROUP}) @binding(0) var<uniform> ribbon: Ribbon;
@group(#{MATERIAL_BIND_GROUP}) @binding(1) var<storage, read> points: array<Point>;

struct VertexOut {
    @builtin(position) clip: vec4<f32>,
    // Pixels across the line, and beyond its end if it ends here.
    @location(0) @interpolate(linear) across_beyond: vec2<f32>,
    // Steps since the point was passed, and how strongly the line is drawn.
    @location(1) @interpolate(linear) age_strength: vec2<f32>,
}

const NEAR: f32 = 0.01;

fn nowhere() -> VertexOut {
    var out: VertexOut;
    out.clip = vec4(0.0, 0.0, -1.0, 1.0);
    return out;
}

// A point with its place in the world.
fn point_at(index: u32, world_from_box: mat4x4<f32>) -> Point {
    var point = points[index];
    point.place = (world_from_box * vec4(point.place, 1.0)).xyz;
    return point;
}

fn clip_from(world: vec3<f32>) -> vec4<f32> {
    return view.clip_from_world * vec4(world, 1.0);
}

fn direction(a: vec2<f32>, b: vec2<f32>) -> vec2<f32> {
    let d = b - a;
    let l = length(d);
    return select(vec2(0.0), d / l, l > 1e-3);
}

@vertex
fn vertex(@builtin(instance_index) instance: u32, @location(0) numbers: vec2<f32>) -> VertexOut {
    let segment = u32(numbers.x);
    let corner = u32(numbers.y);
    let count = u32(ribbon.kind.x);
    let separate = ribbon.kind.y > 0.5;
    let first = select(segment, 2u * segment, separate);
    if first + 1u >= count {
        return nowhere();
    }
    let world_from_box = get_world_from_local(instance);
    var p = point_at(first, world_from_box);
    var q = point_at(first + 1u, world_from_box);
    let shown = bitcast<f32>(get_tag(instance)) + 1.0;
    let at_end = corner >= 2u;
    var cut = false;
    var age = 0.0;
    if !separate {
        let from_step = abs(p.step);
        if q.step < 0.0 || from_step >= shown {
            return nowhere();
        }
        if q.step > shown {
            let share = (shown - from_step) / (q.step - from_step);
            q = Point(mix(p.place, q.place, share), shown, mix(p.strength, q.strength, share));
            cut = true;
        }
        // A trail that has ended does not fade any further.
        age = min(shown, abs(points[count - 1u].step)) - select(from_step, q.step, at_end);
    }
    let half_size = view.viewport.zw * 0.5;
    let a = clip_from(p.place);
    let b = clip_from(q.place);
    if a.w < NEAR || b.w < NEAR {
        return nowhere();
    }
    let a_px = a.xy / a.w * half_size;
    let b_px = b.xy / b.w * half_size;
    var along = direction(a_px, b_px);
    if all(along == vec2(0.0)) {
        along = vec2(1.0, 0.0);
    }

    // The neighbour beyond this end of the segment: with one, the two ribbons meet in a mitre; else the end is round.
    var joined = false;
    var other = vec2(0.0);
    if !separate {
        if at_end && !cut && first + 2u < count {
            let n = point_at(first + 2u, world_from_box);
            let c = clip_from(n.place);
            joined = n.step > 0.0 && q.step < shown && c.w > NEAR;
            other = direction(b_px, c.xy / c.w * half_size);
        } else if !at_end && first > 0u && p.step > 0.0 {
            let c = clip_from(point_at(first - 1u, world_from_box).place);
            joined = c.w > NEAR;
            other = direction(c.xy / c.w * half_size, a_px);
        }
    }
    let scale = view.mip_bias;
    let half_width = (ribbon.width.x * 0.5 + ribbon.width.y) * scale + 1.0;
    let across = vec2(-along.y, along.x);
    let side = select(-1.0, 1.0, (corner & 1u) == 1u);
    var offset = across * side * half_width;
    var beyond = 0.0;
    let turn = dot(along, other);
    if joined && turn > -0.3 {
        if turn < 0.9999 {
            let mitre = normalize(across + vec2(-other.y, other.x));
            offset = mitre * side * half_width / max(dot(mitre, across), 0.5);
        }
    } else {
        // Reach over the end; the fragment stage rounds it.
        offset += along * select(-half_width, half_width, at_end);
        beyond = half_width;
    }
    let base = select(a, b, at_end);
    let px = select(a_px, b_px, at_end) + offset;

    // Towards the eye, or the surface would swallow half of the line.
    let world = select(p.place, q.place, at_end);
    let to_eye = select(
        normalize(view.world_position - world),
        (view.world_from_view * vec4(0.0, 0.0, 1.0, 0.0)).xyz,
        view.clip_from_view[3][3] > 0.5,
    );
    let lifted = clip_from(world + to_eye * ribbon.width.w);
    var out: VertexOut;
    out.clip = vec4(px / half_size * base.w, lifted.z / lifted.w * base.w, base.w);
    out.across_beyond = vec2(side * half_width, beyond);
    out.age_strength = vec2(age, select(p.strength, q.strength, at_end));
    return out;
}

@fragment
fn fragment(in: VertexOut) -> @location(0) vec4<f32> {
    let scale = view.mip_bias;
    let inner = ribbon.width.x * 0.5 * scale;
    let outer = inner + ribbon.width.y * scale;
    let d = abs(in.across_beyond.x);
    var coverage = clamp(outer + 0.5 - d, 0.0, 1.0);
    if inner < 0.5 {
        // A hairline thinner than a pixel is a fainter line of one pixel.
        coverage = clamp(1.0 - d, 0.0, 1.0) * 2.0 * inner;
    }
    var color = ribbon.color;
    if ribbon.width.y > 0.0 {
        color = mix(ribbon.color, ribbon.casing, clamp(d - inner + 0.5, 0.0, 1.0));
    }
    if ribbon.kind.z > 0.0 {
        color.a *= mix(1.0, 0.6, clamp(in.age_strength.x / ribbon.kind.z, 0.0, 1.0));
    }
    color.a *= in.age_strength.y;
    // Dashes lie in screen space: they neither stretch with the zoom nor crawl with the step.
    let screen = (in.clip.x + in.clip.y) * 0.7071 / scale;
#ifdef GHOST
    coverage *= 0.32 * step(fract(screen / 7.0), 0.55);
#else
    if ribbon.kind.w > 0.0 {
        coverage *= step(fract(screen / ribbon.kind.w), 0.62);
    }
#endif
    return vec4(color.rgb, color.a * coverage);
}
