//! Landscapes: objectives seen through a plane, sampled on a grid of heights.

pub mod box_words;
pub mod clip;
pub mod contour;
pub mod coverage;
pub mod critical;
pub mod grid;
pub mod intersect;
pub mod labels;
pub mod lines;
pub mod narrow;
pub mod path;
pub mod pieces;
pub mod scale;
pub mod tears;
pub mod ticks;

pub use clip::{clip_to_unit, strength};
pub use contour::{Isoline, isolines, levels};
pub use critical::{CriticalKind, CriticalPoint, CriticalPoints, ToldMinima};
pub use grid::Grid;
pub use intersect::intersect;
pub use lines::Lines;
pub use narrow::NarrowPlace;
pub use scale::{HeightKind, HeightScale};

/// An interval `[low, high]`, low < high, both finite.
pub type Range = [f64; 2];

/// The rectangle, or for a curve the interval, of plane coordinates that is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Domain {
    pub x: Range,
    /// `None` for a curve.
    pub y: Option<Range>,
}

impl Domain {
    /// 2 for a surface, 1 for a curve.
    pub fn dim(&self) -> usize {
        if self.y.is_some() { 2 } else { 1 }
    }

    /// The y range, and [0, 0] for a curve.
    pub fn y_or_zero(&self) -> Range {
        self.y.unwrap_or([0.0, 0.0])
    }

    /// Whether a point with as many coordinates as the domain lies inside, the edge included.
    pub fn contains(&self, point: &[f64]) -> bool {
        let inside = |value: f64, range: Range| range[0] <= value && value <= range[1];
        match (self.y, point) {
            (None, [x, ..]) => inside(*x, self.x),
            (Some(y_range), [x, y, ..]) => inside(*x, self.x) && inside(*y, y_range),
            _ => false,
        }
    }

    /// A place as fractions of the rectangle; the second is 0 for a curve.
    pub fn fractions(&self, point: &[f64]) -> [f64; 2] {
        let fraction = |k: usize, [low, high]: Range| {
            let at = point.get(k).copied().unwrap_or(low);
            (at - low) / (high - low)
        };
        [
            fraction(0, self.x),
            self.y.map_or(0.0, |range| fraction(1, range)),
        ]
    }

    /// The coordinates at fractions of the rectangle: the inverse of [`fractions`](Self::fractions); y is 0 for a curve.
    pub fn at(&self, [s, t]: [f64; 2]) -> [f64; 2] {
        let along = |[low, high]: Range, t: f64| low * (1.0 - t) + high * t;
        [along(self.x, s), along(self.y_or_zero(), t)]
    }

    /// The rectangle around points of the plane, with some room; `None` without a finite point. Its sides are at least a
    /// twentieth of each other and of the distance from the origin, so that no path is drawn as a line along an edge.
    pub fn around(points: impl IntoIterator<Item = [f64; 2]>) -> Option<Domain> {
        const ROOM: f64 = 0.12;
        const LEAST: f64 = 0.05;
        let mut ranges = [[f64::INFINITY, f64::NEG_INFINITY]; 2];
        let finite = |point: &[f64; 2]| point.iter().all(|c| c.is_finite());
        for point in points.into_iter().filter(finite) {
            for (range, value) in ranges.iter_mut().zip(point) {
                *range = [range[0].min(value), range[1].max(value)];
            }
        }
        let sizes = ranges.map(|[low, high]| high - low);
        if !sizes.iter().all(|size| size.is_finite()) {
            return None;
        }
        let furthest = ranges
            .iter()
            .flatten()
            .fold(0.0, |far: f64, c| far.max(c.abs()));
        let least = LEAST * sizes[0].max(sizes[1]).max(furthest).max(1e-6);
        let [x, y] = ranges.map(|[low, high]| {
            let half = (high - low).max(least) * (0.5 + ROOM);
            let middle = 0.5 * low + 0.5 * high;
            round_outwards([middle - half, middle + half])
        });
        Some(Domain { x, y: Some(y) })
    }

    /// The rectangle `factor` times as large, with the point at `at` (fractions of the rectangle) left where it is.
    pub fn zoomed(&self, factor: f64, at: [f64; 2]) -> Domain {
        let zoom = |[low, high]: Range, at: f64| {
            let still = low + (high - low) * at;
            [
                still + (low - still) * factor,
                still + (high - still) * factor,
            ]
        };
        Domain {
            x: zoom(self.x, at[0]),
            y: self.y.map(|range| zoom(range, at[1])),
        }
    }

    /// The rectangle moved by fractions of its size.
    pub fn moved(&self, by: [f64; 2]) -> Domain {
        let shift = |[low, high]: Range, by: f64| {
            let by = (high - low) * by;
            [low + by, high + by]
        };
        Domain {
            x: shift(self.x, by[0]),
            y: self.y.map(|range| shift(range, by[1])),
        }
    }

    /// Its middle; y is 0 for a curve.
    pub fn center(&self) -> [f64; 2] {
        [self.x, self.y_or_zero()].map(|[low, high]| 0.5 * low + 0.5 * high)
    }

    /// Its extent along x and y; 0 along y for a curve.
    pub fn size(&self) -> [f64; 2] {
        [self.x, self.y_or_zero()].map(|[low, high]| high - low)
    }
}

/// The range with ends of two or three digits, no smaller.
fn round_outwards([low, high]: Range) -> Range {
    let unit = 10f64.powf((high - low).log10().floor() - 1.0);
    // Dividing by a whole number of units a one keeps decimal fractions as they are written.
    let (down, up) = ((low / unit).floor(), (high / unit).ceil());
    let per_one = (1.0 / unit).round();
    if per_one >= 1.0 {
        [down / per_one, up / per_one]
    } else {
        [down * unit, up * unit]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SQUARE: Domain = Domain {
        x: [-2.0, 2.0],
        y: Some([-0.5, 3.5]),
    };

    #[test]
    fn a_domain_knows_its_points() {
        assert!(SQUARE.contains(&[2.0, -0.5]) && !SQUARE.contains(&[2.1, 0.0]));
        assert!(!SQUARE.contains(&[0.0, f64::NAN]));
        assert_eq!((SQUARE.center(), SQUARE.size()), ([0.0, 1.5], [4.0, 4.0]));
        let line = Domain { y: None, ..SQUARE };
        assert!(line.contains(&[1.0]) && line.dim() == 1);
    }
}
