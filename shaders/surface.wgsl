// The landscape: a grid over the unit square, displaced by a texture of heights. Colour, isolines and light come per
// fragment from the same texture, so that they do not depend on how fine the mesh is.
#import bevy_pbr::{mesh_view_bindings::view, mesh_functions::get_world_from_local, view_transformations::position_world_to_clip}

struct Surface {
    // x: strength of light and shade, y: strength of isolines, z: opacity; w: number of isolines at heights of their own.
    look: vec4<f32>,
    // Leads from a place on the surface to one on its map, both as fractions: xy are factors, zw is added.
    map: vec4<f32>,
    // Number of bands between isolines over the full height.
    bands: f32,
    // Heights of isolines as fractions, ascending.
    levels: array<vec4<f32>, 16>,
}

@group(#{MATERIAL_BIND_GROUP}) @binding(0) var<uniform> surface: Surface;
// At every node: height as a fraction, its slopes along s and t, and whether the landscape is whole all around.
@group(#{MATERIAL_BIND_GROUP}) @binding(1) var field: texture_2d<f32>;
// The colour map in linear light, finer than its colours differ: no sampler is needed.
@group(#{MATERIAL_BIND_GROUP}) @binding(2) var colors: texture_2d<f32>;

#ifdef MAPPED
// The cells of a map: colours, and in the fourth channel what pattern there is; 0 where there is nothing.
@group(#{MATERIAL_BIND_GROUP}) @binding(3) var map: texture_2d<f32>;
#endif

struct VertexOut {
    @builtin(position) clip: vec4<f32>,
    // Among the nodes, from 0 to 1.
    @location(0) uv: vec2<f32>,
    // Extent of the box along X, Y and Z.
    @location(1) @interpolate(flat) size: vec3<f32>,
#ifdef MESH_HEIGHT
    @location(2) height: f32,
#endif
#ifdef MAPPED
    // On the map, from 0 to 1.
    @location(3) on_map: vec2<f32>,
#endif
}

// Bilinear between the four nodes around uv.
fn field_at(uv: vec2<f32>) -> vec4<f32> {
    let last = vec2<i32>(textureDimensions(field)) - 1;
    let p = clamp(uv, vec2(0.0), vec2(1.0)) * vec2<f32>(last);
    let a = min(vec2<i32>(p), max(last - 1, vec2(0)));
    let b = min(a + 1, last);
    let f = p - vec2<f32>(a);
    let low = mix(textureLoad(field, a, 0), textureLoad(field, vec2(b.x, a.y), 0), f.x);
    let high = mix(textureLoad(field, vec2(a.x, b.y), 0), textureLoad(field, b, 0), f.x);
    return mix(low, high, f.y);
}

@vertex
fn vertex(@builtin(instance_index) instance: u32, @location(0) position: vec3<f32>, @location(1) uv: vec2<f32>) -> VertexOut {
    let st = position.xy;
#ifdef TORN
    var height = position.z;
#else
    var height = field_at(uv).x;
#endif
#ifdef CUT
    // Steep enough beyond the box, without spikes.
    height = clamp(height, -0.5, 1.5);
#endif
    let world_from_box = get_world_from_local(instance);
    let world = world_from_box * vec4(st.x - 0.5, height, 0.5 - st.y, 1.0);
    var out: VertexOut;
    out.clip = position_world_to_clip(world.xyz);
    out.size = vec3(world_from_box[0][0], world_from_box[1][1], world_from_box[2][2]);
    out.uv = uv;
#ifdef MESH_HEIGHT
    out.height = height;
#endif
#ifdef MAPPED
    out.on_map = st * surface.map.xy + surface.map.zw;
#endif
    return out;
}

#ifdef CUT
// Whether the surface leaves the box here, or jumps through all of it from one node to the next, as beside a pole.
fn is_beyond(st: vec2<f32>, height: f32, drawn: f32) -> bool {
    if drawn < 0.0 || drawn > 1.0 || height < -0.05 || height > 1.05 {
        return true;
    }
    let last = vec2<i32>(textureDimensions(field)) - 1;
    let a = min(vec2<i32>(clamp(st, vec2(0.0), vec2(1.0)) * vec2<f32>(last)), max(last - 1, vec2(0)));
    let b = min(a + 1, last);
    let nodes = vec4(
        textureLoad(field, a, 0).x,
        textureLoad(field, vec2(b.x, a.y), 0).x,
        textureLoad(field, vec2(a.x, b.y), 0).x,
        textureLoad(field, b, 0).x,
    );
    let low = min(min(nodes.x, nodes.y), min(nodes.z, nodes.w));
    let high = max(max(nodes.x, nodes.y), max(nodes.z, nodes.w));
    return low < -0.2 && high > 1.2;
}
#endif

// How much of a line is seen at a distance from its middle, where lines of its kind lie so far apart: where they would
// crowd, they fade. All in pixels.
fn line(away: f32, half_width: f32, apart: f32) -> f32 {
    let crowd = smoothstep(2.2, 5.5, apart);
    return crowd * (1.0 - smoothstep(half_width - 0.35, half_width + 0.65, away));
}

// Isolines that part the height into bands, every fifth stronger. `slope` is the change of height a pixel.
fn band_lines(height: f32, slope: f32, bands: f32) -> f32 {
    let at = height * bands;
    let apart = 1.0 / max(slope * bands, 1e-5);
    var ink = 0.0;
    if bands > 1.5 {
        let nearest = clamp(round(at), 1.0, bands - 1.0);
        ink = 0.30 * line(abs(at - nearest) * apart, 0.45, apart);
    }
    if bands > 5.5 {
        let nearest = clamp(round(at / 5.0), 1.0, floor((bands - 1.0) / 5.0)) * 5.0;
        ink = max(ink, 0.50 * line(abs(at - nearest) * apart, 0.75, apart * 5.0));
    }
    return ink;
}

// Isolines at heights of their own.
fn level_lines(height: f32, slope: f32) -> f32 {
    let per_height = 1.0 / max(slope, 1e-7);
    var ink = 0.0;
    var before = -1e9;
    for (var i = 0; i < i32(surface.look.w); i++) {
        let level = surface.levels[i / 4][i % 4];
        ink = max(ink, 0.50 * line(abs(height - level) * per_height, 0.75, (level - before) * per_height));
        before = level;
    }
    return ink;
}

#ifdef MAPPED
// A cell of the map as it is seen at a place of the screen, in logical pixels: patterns have the screen's size (`Look::at`).
fn map_cell(cell: vec2<i32>, pixel: vec2<f32>) -> vec4<f32> {
    let code = textureLoad(map, cell, 0);
    let rising = (pixel.x + pixel.y) % 6.0 < 1.0;
    let falling = (pixel.x - pixel.y + 6000.0) % 6.0 < 1.0;
    let shifted = pixel.x + 3.0 * floor(pixel.y / 6.0);
    let dotted = shifted % 6.0 < 1.0 && pixel.y % 6.0 < 1.0;
    let kind = i32(code.a * 4.0 + 0.1);
    let inked = (kind == 1 && (rising || falling)) || (kind == 2 && rising) || (kind == 3 && dotted);
    let ink = select(vec3(1.0), vec3(0.0), dot(code.rgb, vec3(0.2126, 0.7152, 0.0722)) > 0.212);
    let color = mix(code.rgb, ink, select(0.0, 0.45, inked));
    return select(vec4(color, 1.0), vec4(0.0), kind == 0);
}

// The map here: the mean of the cells that a pixel covers, of many a few.
fn map_at(at: vec2<f32>, covered: vec2<f32>, pixel: vec2<f32>) -> vec4<f32> {
    let last = vec2<f32>(textureDimensions(map)) - 1.0;
    if any(at < vec2(-0.5 / last)) || any(at > 1.0 + 0.5 / last) {
        return vec4(0.0);
    }
    let cells = covered * last;
    let count = vec2<i32>(clamp(ceil(cells), vec2(1.0), vec2(4.0)));
    var sum = vec4(0.0);
    for (var i = 0; i < count.x; i++) {
        for (var k = 0; k < count.y; k++) {
            let away = (vec2(f32(i), f32(k)) + 0.5) / vec2<f32>(count) - 0.5;
            let cell = clamp(round(at * last + away * cells), vec2(0.0), last);
            sum += map_cell(vec2<i32>(cell), pixel);
        }
    }
    return sum / f32(count.x * count.y);
}
#endif

@fragment
fn fragment(in: VertexOut) -> @location(0) vec4<f32> {
    var here = field_at(in.uv);
#ifdef TORN
    // Beside a break not all nodes around have a say: the mesh knows better.
    if here.w < 0.999 {
        here.x = in.height;
    }
#endif
    // Derivatives belong before any discard.
    let change = fwidth(here.x);
#ifdef MAPPED
    let covered = fwidth(in.on_map);
#endif
#ifdef CUT
    if is_beyond(in.uv, here.x, in.height) {
        discard;
    }
#endif
    let last_color = f32(textureDimensions(colors).x - 1u);
    var color = textureLoad(colors, vec2(i32(clamp(here.x, 0.0, 1.0) * last_color + 0.5), 0), 0).rgb;

    var shading = surface.look.x;
#ifdef MAPPED
    let mapped = map_at(in.on_map, covered, in.clip.xy / view.mip_bias);
    color = mix(color, mapped.rgb, mapped.a);
    // Its shades mean something.
    shading *= 1.0 - 0.45 * mapped.a;
#endif

    // Soft light from the upper left of the viewer.
    let slope = vec2(here.y * in.size.y / in.size.x, -here.z * in.size.y / in.size.z);
    var normal = normalize(vec3(-slope.x, 1.0, -slope.y));
    let light = normalize((view.world_from_view * vec4(-0.45, 0.55, 0.5, 0.0)).xyz + vec3(0.0, 0.5, 0.0));
    let lit = dot(normal, light) * 0.5 + 0.5;
    let shade = mix(1.0, 0.42 + 0.72 * lit * lit + 0.10 * lit, shading);
    color *= shade;

    // Isolines: thin, darker than the surface, or lighter where it is dark already.
    let ink = surface.look.y * max(band_lines(here.x, change, surface.bands), level_lines(here.x, change));
    let lightness = dot(color, vec3(0.2126, 0.7152, 0.0722));
    color = mix(color, select(color * 0.25, color * 0.6 + 0.22, lightness < 0.055), ink);
    return vec4(color, surface.look.z);
}
