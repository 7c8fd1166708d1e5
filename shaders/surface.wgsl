// The landscape: one static grid over the unit square, displaced by a texture of heights. Colour, isolines and light
// come per fragment from the same texture, so that they do not depend on how fine the grid is.
#import bevy_pbr::{mesh_view_bindings::view, view_transformations::position_world_to_clip}

struct Surface {
    // Extent of the box along X, Y and Z; w: number of isolines over the full height.
    size: vec4<f32>,
    // x: strength of light and shade, y: strength of isolines, z: opacity; w is not used.
    look: vec4<f32>,
}

@group(#{MATERIAL_BIND_GROUP}) @binding(0) var<uniform> surface: Surface;
// At every node: height as a fraction, its slopes along s and t, and whether the loss is finite there.
@group(#{MATERIAL_BIND_GROUP}) @binding(1) var field: texture_2d<f32>;
// The colour map in linear light, finer than its colours differ: no sampler is needed.
@group(#{MATERIAL_BIND_GROUP}) @binding(2) var colors: texture_2d<f32>;

struct VertexOut {
    @builtin(position) clip: vec4<f32>,
    @location(0) st: vec2<f32>,
}

// Bilinear between the four nodes around st.
fn field_at(st: vec2<f32>) -> vec4<f32> {
    let last = vec2<i32>(textureDimensions(field)) - 1;
    let p = clamp(st, vec2(0.0), vec2(1.0)) * vec2<f32>(last);
    let a = min(vec2<i32>(p), max(last - 1, vec2(0)));
    let b = min(a + 1, last);
    let f = p - vec2<f32>(a);
    let low = mix(textureLoad(field, a, 0), textureLoad(field, vec2(b.x, a.y), 0), f.x);
    let high = mix(textureLoad(field, vec2(a.x, b.y), 0), textureLoad(field, b, 0), f.x);
    return mix(low, high, f.y);
}

@vertex
fn vertex(@location(0) position: vec3<f32>) -> VertexOut {
    let st = position.xy;
    let height = field_at(st).x;
    let world = vec3((st.x - 0.5) * surface.size.x, height * surface.size.y, (0.5 - st.y) * surface.size.z);
    var out: VertexOut;
    out.clip = position_world_to_clip(world);
    out.st = st;
    return out;
}

@fragment
fn fragment(in: VertexOut) -> @location(0) vec4<f32> {
    let here = field_at(in.st);
    let levels = here.x * surface.size.w;
    // Derivatives belong before any discard.
    let width = max(fwidth(levels), 1e-5);
#ifdef HOLES
    if here.w < 0.999 {
        discard;
    }
#endif
    let last_color = f32(textureDimensions(colors).x - 1u);
    var color = textureLoad(colors, vec2(i32(clamp(here.x, 0.0, 1.0) * last_color + 0.5), 0), 0).rgb;

    // Soft light from the upper left of the viewer.
    let slope = vec2(here.y * surface.size.y / surface.size.x, -here.z * surface.size.y / surface.size.z);
    var normal = normalize(vec3(-slope.x, 1.0, -slope.y));
    let light = normalize((view.world_from_view * vec4(-0.45, 0.55, 0.5, 0.0)).xyz + vec3(0.0, 0.5, 0.0));
    let lit = dot(normal, light) * 0.5 + 0.5;
    let shade = mix(1.0, 0.42 + 0.72 * lit * lit + 0.10 * lit, surface.look.x);
    color *= shade;

    // Isolines: thin and darker than the surface, every fifth stronger; where lines would crowd, they fade.
    let nearest = round(levels);
    let distance_px = abs(levels - nearest) / width;
    let strong = abs(nearest - round(nearest / 5.0) * 5.0) < 0.5;
    let half_width = select(0.45, 0.75, strong);
    let line = 1.0 - smoothstep(half_width - 0.35, half_width + 0.65, distance_px);
    let crowd = 1.0 - smoothstep(0.18, 0.45, width);
    let strength = select(0.30, 0.50, strong) * surface.look.y * crowd * select(1.0, 0.0, nearest < 0.5);
    color = mix(color, color * 0.25, line * strength);
    return vec4(color, surface.look.z);
}
