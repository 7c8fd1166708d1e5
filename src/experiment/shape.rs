//! How long the sides of a panel's box and of its map are against each other.

use super::{Aspect, Panel};

/// Height of the box, in units of its longer side.
const BOX_HEIGHT: f32 = 0.55;
/// A very long rectangle is not drawn longer than this, unless it is to be true to units.
const MIN_SIDE: f32 = 0.6;
/// What is true to units still has two sides.
pub const THINNEST_SIDE: f32 = 1e-3;
/// Depth of a curve's lanes.
const LANE_DEPTH: f32 = 0.11;
/// A map is true to units unless one axis would be so many times as long as the other.
const LONGEST: f64 = 4.0;

/// With how many columns so many panels, one or more, fill an area of this width and height: those that make them least elongated.
pub fn columns([width, height]: [f32; 2], count: usize) -> usize {
    let shape = |columns: usize| {
        let rows = count.div_ceil(columns);
        let [across, along] = [width / columns as f32, height / rows as f32];
        // The box looks best a little wider than high; empty cells are a waste.
        let waste = (columns * rows - count) as f32 / count as f32;
        (across / along / 1.25).ln().abs() + waste
    };
    let best = (1..=count).min_by(|&a, &b| shape(a).total_cmp(&shape(b)));
    best.unwrap_or(1)
}

impl Panel {
    /// Whether equal units are drawn equally long on a map.
    pub fn is_to_scale(&self) -> bool {
        let [width, height] = self.domain.size();
        match self.aspect {
            Aspect::Equal => true,
            Aspect::Fit => false,
            Aspect::Auto => (LONGEST.recip()..=LONGEST).contains(&(width / height)),
        }
    }

    /// The lengths of a map's axes against each other, in a space of this width and height.
    pub fn map_shape(&self, space: [f64; 2]) -> [f64; 2] {
        let shape = if self.is_to_scale() {
            self.domain.size()
        } else {
            space
        };
        let longer = shape[0].max(shape[1]);
        shape.map(|length| length / longer)
    }

    /// The box's extent along the first axis, in height, and along the second axis, in units of its longer side. `lanes` is
    /// the number of descents, which lie side by side along a curve; `tall` a factor on the usual height.
    pub fn box_size(&self, lanes: usize, tall: f64) -> [f32; 3] {
        let height = BOX_HEIGHT * tall as f32;
        if self.domain.y.is_none() {
            let depth = (lanes as f32 * LANE_DEPTH).clamp(LANE_DEPTH * 1.5, 0.7);
            return [1.2, height, depth];
        }
        let [width, depth] = self.domain.size();
        let least = match self.aspect {
            Aspect::Auto => MIN_SIDE,
            Aspect::Equal => THINNEST_SIDE,
            Aspect::Fit => 1.0,
        };
        let side = |length: f64| ((length / width.max(depth)) as f32).max(least);
        [side(width), height, side(depth)]
    }
}
