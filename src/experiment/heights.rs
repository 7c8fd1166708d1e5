//! How a panel's losses become heights, and where its isolines are.

use super::{Contours, Panel};
use crate::landscape::{CriticalPoints, HeightScale, Range, levels};

/// Losses of descents off the plane find room in the box as far as this share of its height beyond the surface: what
/// runs away must not flatten it.
const ROOM_BEYOND: f64 = 0.15;

impl Panel {
    /// How the losses of a grid with these bounds become heights, and between which the landscape lies.
    pub fn heights(
        &self,
        critical: &CriticalPoints,
        bounds: Option<[f64; 2]>,
    ) -> (HeightScale, [f64; 2]) {
        let [lowest, highest] = bounds.unwrap_or([0.0, 1.0]);
        // A known minimum may lie between the grid's nodes, or below all of them.
        let known = critical.lowest_inside().filter(|loss| *loss <= lowest);
        let lowest = known.unwrap_or(lowest);
        let [low, high] = self.range.unwrap_or([lowest, highest]);
        // Beside a pole the lowest node is anything: then the range tells where to count from.
        let base = known.unwrap_or(if self.range.is_some() {
            lowest.max(low)
        } else {
            lowest
        });
        let scale = HeightScale::new(self.height, base, low, high);
        (scale, [lowest, highest])
    }

    /// The losses from floor to ceiling of a landscape with these heights, with some room for descents that lie off the plane
    /// at such losses, as far as they are not far away. A range of the panel's own stays as it is.
    pub fn range_with(
        &self,
        [low, high]: Range,
        scale: HeightScale,
        losses: impl Iterator<Item = f64>,
    ) -> Range {
        if self.range.is_some() {
            return [low, high];
        }
        let scale = HeightScale::new(scale.kind, scale.base, low, high);
        let near = -ROOM_BEYOND..=1.0 + ROOM_BEYOND;
        let near = losses.filter(|loss| near.contains(&scale.fraction(*loss)));
        near.fold([low, high], |[low, high], loss| {
            [low.min(loss), high.max(loss)]
        })
    }

    /// The losses of the isolines, ascending, those within the box.
    pub fn isoline_levels(&self, scale: &HeightScale) -> Vec<f64> {
        match &self.contours {
            Contours::Bands(count) => levels(scale, *count),
            Contours::Levels(levels) => {
                let inside = |loss: &&f64| (scale.low..=scale.high).contains(*loss);
                levels.iter().filter(inside).copied().collect()
            }
        }
    }
}
