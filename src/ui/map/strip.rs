//! Where small pictures lie: all of one size, layer by layer.

use bevy_egui::egui;
use egui::{Pos2, pos2};

/// Between two pictures, and between two layers besides, in logical pixels.
const GAP: f32 = 2.0;
const BETWEEN: f32 = 2.0;
/// In smaller ones nothing is to be seen.
const LEAST: f32 = 11.0;
const HEADING: f32 = 17.0;
/// Under a picture that has a name.
const NAME: f32 = 11.0;

/// What there is for pictures: width and height, and the side that they have at most, in logical pixels.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Room {
    pub(crate) width: f32,
    pub(crate) height: f32,
    pub(crate) most: f32,
}

/// Where the pictures lie: all of one size, layer by layer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Strip {
    layers: Vec<usize>,
    /// Of a picture.
    pub(super) side: f32,
    per_row: usize,
    names: f32,
}

impl Strip {
    /// With pictures as large as may be in so much room; `None` where they would be too small.
    pub(super) fn new(layers: &[usize], has_names: bool, room: Room) -> Option<Strip> {
        let Room {
            width,
            height,
            most,
        } = room;
        let sides = (LEAST as usize..=most as usize).rev();
        let strips = sides.map(|side| Strip {
            layers: layers.to_vec(),
            side: side as f32,
            per_row: ((width + GAP) / (side as f32 + GAP)).max(0.0) as usize,
            names: if has_names { NAME } else { 0.0 },
        });
        let mut fitting = strips.filter(|strip| strip.per_row > 0 && strip.height() <= height);
        fitting.next()
    }

    pub(crate) fn height(&self) -> f32 {
        let rows: usize = self.layers.iter().map(|n| n.div_ceil(self.per_row)).sum();
        let between = self.layers.len().saturating_sub(1) as f32;
        HEADING + rows as f32 * (self.side + GAP + self.names) + between * BETWEEN
    }

    /// The corners of all pictures, from where the strip begins.
    pub(super) fn corners(&self) -> Vec<Pos2> {
        let mut corners = Vec::new();
        let mut top = HEADING;
        for count in &self.layers {
            for unit in 0..*count {
                let (row, col) = (unit / self.per_row, unit % self.per_row);
                let [x, y] = [col as f32 * (self.side + GAP), row as f32 * self.pitch()];
                corners.push(pos2(x, top + y));
            }
            top += count.div_ceil(self.per_row) as f32 * self.pitch() + BETWEEN;
        }
        corners
    }

    pub(super) fn count(&self) -> usize {
        self.layers.iter().sum()
    }

    pub(super) fn has_names(&self) -> bool {
        self.names > 0.0
    }

    fn pitch(&self) -> f32 {
        self.side + GAP + self.names
    }
}

#[cfg(test)]
mod tests {
    use egui::{Rect, vec2};

    use super::*;

    #[test]
    fn pictures_lie_apart_in_the_room_that_they_have() {
        let of = |width, height| Room {
            width,
            height,
            most: 38.0,
        };
        for (layers, room, is_there) in [
            (&[16, 16][..], [284.0, 60.0], true),
            (&[16, 16], [284.0, 160.0], true),
            (&[16, 16], [284.0, 30.0], false),
            (&[1], [40.0, 90.0], true),
            (&[200, 3], [600.0, 400.0], true),
            (&[64; 9], [284.0, 90.0], false),
            (&[3], [5.0, 900.0], false),
            (&[3], [-5.0, f32::NAN], false),
        ] {
            let [width, height] = room;
            let strip = Strip::new(layers, false, of(width, height));
            assert_eq!(strip.is_some(), is_there, "{layers:?} in {room:?}");
            let Some(strip) = strip else { continue };
            let corners = strip.corners();
            assert_eq!(corners.len(), layers.iter().sum::<usize>());
            assert!(strip.height() <= height);
            let size = vec2(strip.side, strip.side);
            let places: Vec<Rect> = corners
                .iter()
                .map(|at| Rect::from_min_size(*at, size))
                .collect();
            for (k, place) in places.iter().enumerate() {
                let all = Rect::from_min_size(Pos2::ZERO, vec2(width, strip.height()));
                assert!(
                    all.expand(0.1).contains_rect(*place),
                    "{place:?} in {all:?}"
                );
                assert!(places[..k].iter().all(|other| !other.intersects(*place)));
            }
        }
        let small = Strip::new(&[16, 16], false, of(284.0, 60.0)).expect("room");
        let large = Strip::new(&[16, 16], false, of(284.0, 160.0)).expect("room");
        assert!(large.side > small.side);
    }
}
