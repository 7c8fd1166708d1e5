//! The numbers of a model: one run of bytes, views of it, and accessors that say what is in a view.

use serde_json::{Value, json};

const SHORT: u32 = 5123;
const WHOLE: u32 = 5125;
const FLOAT: u32 = 5126;
const VERTICES: u32 = 34962;
const INDICES: u32 = 34963;

#[derive(Default)]
pub(super) struct Buffer {
    bytes: Vec<u8>,
    views: Vec<Value>,
    accessors: Vec<Value>,
}

impl Buffer {
    /// Places of vertices, with the box that holds them.
    pub fn points(&mut self, points: &[[f32; 3]]) -> usize {
        let fold = |from: f32, with: fn(f32, f32) -> f32| {
            [0, 1, 2].map(|k: usize| points.iter().map(|p| p[k]).fold(from, with))
        };
        let (low, high) = (
            fold(f32::INFINITY, f32::min),
            fold(f32::NEG_INFINITY, f32::max),
        );
        let view = self.view(
            points.iter().flatten().flat_map(|c| c.to_le_bytes()),
            Some(VERTICES),
        );
        self.accessor(json!({ "bufferView": view, "componentType": FLOAT, "count": points.len(), "type": "VEC3", "min": low, "max": high }))
    }

    pub fn directions(&mut self, directions: &[[f32; 3]]) -> usize {
        let view = self.view(
            directions.iter().flatten().flat_map(|c| c.to_le_bytes()),
            Some(VERTICES),
        );
        self.accessor(json!({ "bufferView": view, "componentType": FLOAT, "count": directions.len(), "type": "VEC3" }))
    }

    /// Places on a picture, from 0 to 1.
    pub fn spots(&mut self, spots: &[[f32; 2]]) -> usize {
        let part = |c: &f32| ((c.clamp(0.0, 1.0) * 65535.0).round() as u16).to_le_bytes();
        let view = self.view(spots.iter().flatten().flat_map(part), Some(VERTICES));
        self.accessor(json!({ "bufferView": view, "componentType": SHORT, "normalized": true, "count": spots.len(), "type": "VEC2" }))
    }

    /// Corners of triangles among so many points; two bytes each where these suffice.
    pub fn indices(&mut self, indices: &[u32], points: usize) -> usize {
        let is_small = points <= usize::from(u16::MAX);
        let bytes = indices.iter().flat_map(|i| i.to_le_bytes());
        // The first bytes are the lowest.
        let kept = bytes.enumerate().filter(|(k, _)| !is_small || k % 4 < 2);
        let view = self.view(kept.map(|(_, byte)| byte), Some(INDICES));
        let kind = if is_small { SHORT } else { WHOLE };
        self.accessor(json!({ "bufferView": view, "componentType": kind, "count": indices.len(), "type": "SCALAR" }))
    }

    /// A picture's file.
    pub fn file(&mut self, bytes: &[u8]) -> usize {
        self.view(bytes.iter().copied(), None)
    }

    /// Seconds, ascending.
    pub fn times(&mut self, times: &[f32]) -> usize {
        let view = self.view(times.iter().flat_map(|t| t.to_le_bytes()), None);
        let (first, last) = (times.first(), times.last());
        self.accessor(json!({ "bufferView": view, "componentType": FLOAT, "count": times.len(), "type": "SCALAR", "min": [first], "max": [last] }))
    }

    /// What something is at each time.
    pub fn values(&mut self, values: &[[f32; 3]]) -> usize {
        let view = self.view(values.iter().flatten().flat_map(|c| c.to_le_bytes()), None);
        self.accessor(json!({ "bufferView": view, "componentType": FLOAT, "count": values.len(), "type": "VEC3" }))
    }

    fn view(&mut self, bytes: impl Iterator<Item = u8>, target: Option<u32>) -> usize {
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
        let offset = self.bytes.len();
        self.bytes.extend(bytes);
        let mut view =
            json!({ "buffer": 0, "byteOffset": offset, "byteLength": self.bytes.len() - offset });
        if let Some(target) = target {
            view["target"] = target.into();
        }
        self.views.push(view);
        self.views.len() - 1
    }

    fn accessor(&mut self, accessor: Value) -> usize {
        self.accessors.push(accessor);
        self.accessors.len() - 1
    }

    pub fn finish(mut self) -> (Vec<u8>, Vec<Value>, Vec<Value>) {
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
        (self.bytes, self.views, self.accessors)
    }
}
