//! A 3-D model, binary glTF 2.0: surfaces with their colours, paths as thin tubes, balls that move along them.
//!
//! Lengths are in sizes of the box, Y is up; panels stand in rows, as in the window. A surface's colours are a picture, the colour map or the
//! panel's map, which every viewer shows, where some pass over colours of vertices. The animation takes the time of the playback,
//! without the pauses of captions; what plays none shows the end.

mod buffer;
mod mesh;

use serde_json::{Value, json};

use self::buffer::Buffer;
use self::mesh::{Mesh, Place};
use super::map::SceneMap;
use super::{PanelScene, Scene, SceneDescent, png};
use crate::experiment::{ViewSettings, columns};
use crate::landscape::path::{Iterates, PathSurface};
use crate::palette::{Rgb, ThemeColors, color_map};

/// Between panels.
const GAP: f32 = 0.25;
/// The shape of the window that decides how many panels stand in a row.
const WINDOW: [f32; 2] = [16.0, 9.0];
const TUBE_RADIUS: f32 = 0.0045;
const BALL_RADIUS: f32 = 0.018;
const COLORS: usize = 256;
/// A step takes so many seconds, at least: times in single precision are to differ.
const LEAST_PACE: f64 = 1e-6;
/// A last move at this height over a path's tube shows the ball whole.
const LIFT: f32 = 0.7 * BALL_RADIUS;

/// How pictures are shown: smooth, and not repeated.
const LINEAR: u32 = 9729;
const MIPS: u32 = 9987;
const CLAMP: u32 = 33071;

/// The lists of a glTF file, as they grow.
#[derive(Default)]
struct Model {
    buffer: Buffer,
    nodes: Vec<Value>,
    meshes: Vec<Value>,
    materials: Vec<Value>,
    images: Vec<Value>,
    textures: Vec<Value>,
    channels: Vec<Value>,
    samplers: Vec<Value>,
    /// What is in the buffer already: panels share surfaces, descents balls.
    known: Vec<(Mesh, Value)>,
    /// Pictures, each with its material.
    pictures: Vec<(Vec<u8>, usize)>,
}

impl Scene {
    /// The bytes of a .glb file.
    pub fn to_glb(&self) -> Vec<u8> {
        let mut model = Model::default();
        let view = &self.experiment.view;
        let mut roots = Vec::new();
        let mut front = 0.0;
        let columns = columns(WINDOW, self.panels.len().max(1));
        // The first row is the furthest from the viewer, as the first is on top in the window.
        for row in self.panels.chunks(columns) {
            let deep = row.iter().map(|panel| panel.size[2]).fold(0.0, f32::max);
            let mut right = 0.0;
            for panel in row {
                let place = [right + 0.5 * panel.size[0], 0.0, front + 0.5 * deep];
                right += panel.size[0] + GAP;
                let children = model.panel(panel, view);
                let mut root = json!({ "name": panel.panel.title, "translation": place });
                // Lists may not be empty.
                if !children.is_empty() {
                    root["children"] = children.into();
                }
                roots.push(model.node(root));
            }
            front += deep + GAP;
        }
        model.finish(&self.experiment.title, &roots)
    }
}

impl Model {
    fn node(&mut self, node: Value) -> usize {
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    /// A material of one colour.
    fn plain(&mut self, name: &str, color: Rgb) -> usize {
        let [r, g, b] = linear(color);
        self.material(name, json!({ "baseColorFactor": [r, g, b, 1.0] }))
    }

    /// The material that shows a picture, a PNG.
    fn pictured(&mut self, png: Vec<u8>) -> usize {
        if let Some((_, material)) = self.pictures.iter().find(|(known, _)| *known == png) {
            return *material;
        }
        let view = self.buffer.file(&png);
        self.images
            .push(json!({ "bufferView": view, "mimeType": "image/png" }));
        self.textures
            .push(json!({ "source": self.images.len() - 1, "sampler": 0 }));
        let texture = json!({ "baseColorTexture": { "index": self.textures.len() - 1 } });
        let material = self.material("surface", texture);
        self.pictures.push((png, material));
        material
    }

    fn material(&mut self, name: &str, mut looks: Value) -> usize {
        looks["metallicFactor"] = json!(0.0);
        looks["roughnessFactor"] = json!(0.85);
        self.materials
            .push(json!({ "name": name, "pbrMetallicRoughness": looks, "doubleSided": true }));
        self.materials.len() - 1
    }

    fn mesh(&mut self, name: &str, mesh: Mesh, material: usize) -> Option<usize> {
        if mesh.indices.is_empty() {
            return None;
        }
        let mut primitive = self.geometry(mesh);
        primitive["material"] = material.into();
        self.meshes
            .push(json!({ "name": name, "primitives": [primitive] }));
        Some(self.meshes.len() - 1)
    }

    /// Where in the buffer a mesh is.
    fn geometry(&mut self, mesh: Mesh) -> Value {
        if let Some((_, place)) = self.known.iter().find(|(known, _)| *known == mesh) {
            return place.clone();
        }
        let mut attributes = json!({
            "POSITION": self.buffer.points(&mesh.points),
            "NORMAL": self.buffer.directions(&mesh.normals),
        });
        if !mesh.spots.is_empty() {
            attributes["TEXCOORD_0"] = self.buffer.spots(&mesh.spots).into();
        }
        let indices = self.buffer.indices(&mesh.indices, mesh.points.len());
        let place = json!({ "attributes": attributes, "indices": indices });
        self.known.push((mesh, place.clone()));
        place
    }

    /// The nodes of a panel.
    fn panel(&mut self, panel: &PanelScene, view: &ViewSettings) -> Vec<usize> {
        let pace = view.seconds_per_step.max(LEAST_PACE);
        let mut nodes = Vec::new();
        let picture = match on_surface(panel) {
            Some(map) => map.png(ThemeColors::new(view.theme), view.colormap),
            None => png::rgb([COLORS, 1], color_map(view.colormap, COLORS).as_flattened()),
        };
        let surface = mesh::surface(panel, |place| spot(panel, place));
        let material = self.pictured(picture);
        if let Some(mesh) = self.mesh("surface", surface, material) {
            nodes.push(self.node(json!({ "name": "surface", "mesh": mesh })));
        }
        for descent in panel.descents.iter().filter(|descent| descent.spec.shown) {
            let name = &descent.spec.name;
            let material = self.plain(name, descent.color);
            let tube = mesh::tube(&lines(panel, descent), TUBE_RADIUS);
            if let Some(mesh) = self.mesh(&format!("{name}: path"), tube, material) {
                nodes.push(self.node(json!({ "name": format!("{name}: path"), "mesh": mesh })));
            }
            let keys = keys(panel, descent, pace);
            let Some((last, end)) = keys.last() else {
                continue;
            };
            let ball = mesh::ball(BALL_RADIUS);
            if let Some(mesh) = self.mesh(&format!("{name}: ball"), ball, material) {
                let node = self.node(json!({ "name": name, "mesh": mesh, "translation": end }));
                nodes.push(node);
                self.animate(node, &keys);
                if end_of(panel, descent).is_none() {
                    self.hide_after(node, *last);
                }
            }
        }
        nodes
    }

    /// Moves a node from place to place; times ascend.
    fn animate(&mut self, node: usize, keys: &[(f32, [f32; 3])]) {
        if keys.len() < 2 {
            return;
        }
        let (times, places): (Vec<f32>, Vec<[f32; 3]>) = keys.iter().copied().unzip();
        let input = self.buffer.times(&times);
        let output = self.buffer.values(&places);
        self.channel(node, "translation", "LINEAR", [input, output]);
    }

    /// What is not in the box any more after so many seconds is seen no more.
    fn hide_after(&mut self, node: usize, seconds: f32) {
        let input = self.buffer.times(&[0.0, seconds.max(LEAST_PACE as f32)]);
        let output = self.buffer.values(&[[1.0; 3], [0.0; 3]]);
        self.channel(node, "scale", "STEP", [input, output]);
    }

    fn channel(&mut self, node: usize, path: &str, how: &str, [input, output]: [usize; 2]) {
        let sampler = self.samplers.len();
        self.samplers
            .push(json!({ "input": input, "output": output, "interpolation": how }));
        self.channels
            .push(json!({ "sampler": sampler, "target": { "node": node, "path": path } }));
    }

    fn finish(self, title: &str, roots: &[usize]) -> Vec<u8> {
        let (bytes, views, accessors) = self.buffer.finish();
        let mut value = json!({
            "asset": { "version": "2.0", "generator": concat!("steepest ", env!("CARGO_PKG_VERSION")) },
            "scene": 0,
            "scenes": [{ "name": title, "nodes": roots }],
            "nodes": self.nodes,
            "meshes": self.meshes,
            "materials": self.materials,
            "images": self.images,
            "textures": self.textures,
            "buffers": [{ "byteLength": bytes.len() }],
            "bufferViews": views,
            "accessors": accessors,
        });
        if !self.channels.is_empty() {
            value["animations"] = json!([{ "name": "descent", "channels": self.channels, "samplers": self.samplers }]);
        }
        if !self.textures.is_empty() {
            value["samplers"] =
                json!([{ "magFilter": LINEAR, "minFilter": MIPS, "wrapS": CLAMP, "wrapT": CLAMP }]);
        }
        // Lists may not be empty.
        if let Some(lists) = value.as_object_mut() {
            lists.retain(|_, list| list.as_array().is_none_or(|list| !list.is_empty()));
            if bytes.is_empty() {
                lists.remove("buffers");
            }
        }
        packed(&value.to_string(), &bytes)
    }
}

/// Header, text and data, each a multiple of four bytes long.
fn packed(text: &str, data: &[u8]) -> Vec<u8> {
    let padded = |bytes: &[u8], with: u8| {
        let mut bytes = bytes.to_vec();
        bytes.resize(bytes.len().next_multiple_of(4), with);
        bytes
    };
    let (text, data) = (padded(text.as_bytes(), b' '), padded(data, 0));
    let chunks = [(b"JSON", &text), (b"BIN\0", &data)];
    let chunks = chunks.into_iter().filter(|(_, chunk)| !chunk.is_empty());
    let mut body = Vec::new();
    for (kind, chunk) in chunks {
        body.extend((chunk.len() as u32).to_le_bytes());
        body.extend(kind);
        body.extend(chunk);
    }
    let mut file = b"glTF".to_vec();
    file.extend(2u32.to_le_bytes());
    file.extend((body.len() as u32 + 12).to_le_bytes());
    file.extend(body);
    file
}

/// The panel's map, where it is what the surface shows.
fn on_surface(panel: &PanelScene) -> Option<&SceneMap> {
    panel.map.as_ref().filter(|map| map.on_surface)
}

/// Where on its picture a place of the surface lies, from the upper left: on the map, whose outermost cells reach beyond the edges, or on
/// the colour map.
fn spot(panel: &PanelScene, [s, t, height]: Place) -> [f32; 2] {
    let Some(map) = on_surface(panel) else {
        let count = COLORS as f64;
        let middle = (height.clamp(0.0, 1.0) * (count - 1.0) + 0.5) / count;
        return [middle as f32, 0.5];
    };
    let [x, y] = panel.grid.domain.at([s, t]);
    let [across, up] = map.edges();
    let part = |value: f64, [low, high]: [f64; 2]| (value - low) / (high - low);
    [part(x, across) as f32, 1.0 - part(y, up) as f32]
}

/// From fractions of the rectangle and of the height.
fn in_world(panel: &PanelScene, [s, t, height]: [f64; 3]) -> [f32; 3] {
    let [width, tall, depth] = panel.size;
    [
        (s as f32 - 0.5) * width,
        height as f32 * tall,
        (0.5 - t as f32) * depth,
    ]
}

/// A descent's path in pieces without gaps, a little above the surface.
fn lines(panel: &PanelScene, descent: &SceneDescent) -> Vec<Vec<[f32; 3]>> {
    let points = &descent.path.points;
    let pieces = points.chunk_by(|_, next| !next.pen_up);
    let raised = |place| {
        let [x, y, z] = in_world(panel, place);
        [x, y + 0.5 * TUBE_RADIUS, z]
    };
    pieces
        .map(|piece| piece.iter().map(|point| raised(point.place)).collect())
        .collect()
}

/// Where the ball is at which second. Of what comes at one time in single precision the first counts.
fn keys(panel: &PanelScene, descent: &SceneDescent, pace: f64) -> Vec<(f32, [f32; 3])> {
    let mut keys: Vec<(f32, [f32; 3])> = Vec::new();
    let points = descent
        .path
        .points
        .iter()
        .map(|point| (point.step, point.place));
    // A path that is cut short does not come to its end.
    let last = descent.history.len().saturating_sub(1) as f64;
    let end = end_of(panel, descent).map(|place| (last, place));
    let ball = |place| {
        let [x, y, z] = in_world(panel, place);
        [x, y + LIFT, z]
    };
    for (entry, place) in points.chain(end) {
        let time = (descent.step_of(entry) * pace) as f32;
        if keys.last().is_none_or(|(last, _)| time > *last) {
            keys.push((time, ball(place)));
        }
    }
    // The end is shown in any case.
    if let (Some((_, place)), Some((_, last))) = (end, keys.last_mut()) {
        *last = ball(place);
    }
    keys
}

/// Where a descent ends, as fractions of the box; `None` outside of it.
fn end_of(panel: &PanelScene, descent: &SceneDescent) -> Option<[f64; 3]> {
    let surface = PathSurface {
        grid: &panel.grid,
        scale: &panel.scale,
        lane: descent.lane,
        own_losses: panel.is_slice(),
    };
    let run = Iterates {
        place: &|entry| descent.places[entry],
        losses: descent.history.losses(),
    };
    surface.at(run, f64::MAX)
}

/// sRGB to linear light.
fn linear(color: Rgb) -> [f32; 3] {
    color.map(|c| {
        let c = f32::from(c) / 255.0;
        if c <= 0.04045 {
            c / 12.92
        } else {
            ((c + 0.055) / 1.055).powf(2.4)
        }
    })
}
