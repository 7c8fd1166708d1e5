// Marks of constant size in pixels that face the viewer: dots at iterates, the moving ball, start and end marks, minima
// and saddles. Shapes are distance functions, so that they are smooth at any size.
#import bevy_pbr::{mesh_view_bindings::view, mesh_functions::{get_tag, get_world_from_local}}

struct Markers {
    casing: vec4<f32>,
    // x: pixels per logical pixel, y: towards the eye, z: number of marks.
    frame: vec4<f32>,
}

struct Mark {
    // In the box; w: the step at which it appears.
    place: vec4<f32>,
    color: vec4<f32>,
    // x: radius in logical pixels, y: shape, z: 1 stands on the surface (its foot touches).
    form: vec4<f32>,
}

@group(#{MATERIAL_BIND_GROUP}) @binding(0) var<uniform> markers: Markers;
@group(#{MATERIAL_BIND_GROUP}) @binding(1) var<storage, read> marks: array<Mark>;

const DOT: u32 = 0u;
const BALL: u32 = 1u;
const RING: u32 = 2u;
const SQUARE: u32 = 3u;
const CROSS: u32 = 4u;
const CHECK: u32 = 5u;
const DIAMOND: u32 = 6u;
const STAR: u32 = 7u;
const HOLLOW_STAR: u32 = 8u;

struct VertexOut {
    @builtin(position) clip: vec4<f32>,
    @location(0) @interpolate(linear) px: vec2<f32>,
    @location(1) @interpolate(flat) color: vec4<f32>,
    @location(2) @interpolate(flat) radius_shape: vec2<f32>,
}

@vertex
fn vertex(@builtin(instance_index) instance: u32, @location(0) numbers: vec2<f32>) -> VertexOut {
    var out: VertexOut;
    out.clip = vec4(0.0, 0.0, -1.0, 1.0);
    let index = u32(numbers.x);
    let corner = u32(numbers.y);
    if index >= u32(markers.frame.z) {
        return out;
    }
    let mark = marks[index];
    let shown = bitcast<f32>(get_tag(instance));
    if shown < mark.place.w {
        return out;
    }
    let world = (get_world_from_local(instance) * vec4(mark.place.xyz, 1.0)).xyz;
    let center = view.clip_from_world * vec4(world, 1.0);
    if center.w < 0.01 {
        return out;
    }
    let scale = view.mip_bias;
    let radius = mark.form.x * scale;
    // Room for the casing and for the edge's smoothing.
    let reach = radius * 1.35 + 2.5 * scale;
    let side = vec2(select(-1.0, 1.0, (corner & 1u) == 1u), select(-1.0, 1.0, corner >= 2u));
    let half_size = view.viewport.zw * 0.5;
    var px = center.xy / center.w * half_size + side * reach;
    if mark.form.z > 0.5 {
        // Up in the picture, foreshortened as the world's up is.
        px.y += radius * (view.view_from_world * vec4(0.0, 1.0, 0.0, 0.0)).y;
    }
    let to_eye = select(
        normalize(view.world_position - world),
        (view.world_from_view * vec4(0.0, 0.0, 1.0, 0.0)).xyz,
        view.clip_from_view[3][3] > 0.5,
    );
    let lifted = view.clip_from_world * vec4(world + to_eye * markers.frame.y, 1.0);
    out.clip = vec4(px / half_size * center.w, lifted.z / lifted.w * center.w, center.w);
    out.px = side * reach;
    out.color = mark.color;
    out.radius_shape = vec2(radius, mark.form.y);
    return out;
}

fn segment(p: vec2<f32>, a: vec2<f32>, b: vec2<f32>) -> f32 {
    let ab = b - a;
    return length(p - a - ab * clamp(dot(p - a, ab) / dot(ab, ab), 0.0, 1.0));
}

// A five-pointed star (Inigo Quilez, "2D distance functions").
fn star(point: vec2<f32>, radius: f32) -> f32 {
    let k1 = vec2(0.809016994, -0.587785252);
    let k2 = vec2(-k1.x, k1.y);
    var p = vec2(abs(point.x), point.y);
    p -= 2.0 * max(dot(k1, p), 0.0) * k1;
    p -= 2.0 * max(dot(k2, p), 0.0) * k2;
    p = vec2(abs(p.x), p.y - radius);
    let ba = 0.45 * vec2(-k1.y, k1.x) - vec2(0.0, 1.0);
    let h = clamp(dot(p, ba) / dot(ba, ba), 0.0, radius);
    return length(p - ba * h) * sign(p.y * ba.x - p.x * ba.y);
}

@fragment
fn fragment(in: VertexOut) -> @location(0) vec4<f32> {
    let r = in.radius_shape.x;
    let shape = u32(in.radius_shape.y);
    let scale = view.mip_bias;
    let p = in.px;
    var d = length(p) - r;
    switch shape {
        case RING: { d = abs(length(p) - r * 0.8) - r * 0.22; }
        case SQUARE: { let q = abs(p) - vec2(r * 0.8); d = length(max(q, vec2(0.0))) + min(max(q.x, q.y), 0.0); }
        case CROSS: {
            d = min(segment(p, vec2(-r, -r) * 0.8, vec2(r, r) * 0.8), segment(p, vec2(-r, r) * 0.8, vec2(r, -r) * 0.8)) - r * 0.24;
        }
        case CHECK: {
            let tick = min(segment(p, vec2(-0.45, 0.0) * r, vec2(-0.1, -0.38) * r), segment(p, vec2(-0.1, -0.38) * r, vec2(0.5, 0.4) * r));
            d = min(abs(length(p) - r) - r * 0.15, tick - r * 0.15);
        }
        case DIAMOND: { d = (abs(p.x) + abs(p.y) - r) * 0.7071; }
        case STAR: { d = star(p, r); }
        case HOLLOW_STAR: { let s = star(p, r); d = max(s, -s - r * 0.17); }
        default: {}
    }
    let casing = select(1.25, 0.8, shape == DOT) * scale;
    let coverage = clamp(casing + 0.5 - d, 0.0, 1.0);
    if coverage <= 0.0 {
        discard;
    }
    var color = in.color.rgb;
    if shape == BALL {
        // A ball lit from the upper left.
        let n = vec3(p / r, sqrt(max(1.0 - dot(p, p) / (r * r), 0.0)));
        let lit = dot(n, normalize(vec3(-0.45, 0.6, 0.65)));
        color = color * (0.55 + 0.5 * max(lit, 0.0)) + vec3(0.75) * pow(max(lit, 0.0), 18.0);
    }
    color = mix(color, markers.casing.rgb, clamp(d + 0.5, 0.0, 1.0));
#ifdef GHOST
    return vec4(color, coverage * in.color.a * 0.4);
#else
    return vec4(color, coverage * in.color.a);
#endif
}
