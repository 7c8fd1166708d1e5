//! Vectors and areas at a ball, as they are drawn over the scene and on the map: in the surface's tangent plane.

use crate::lab::theme::Role;
use crate::landscape::Domain;

/// Height of the box in units of its longer side: what is steep is long.
const TALL: f64 = 0.55;
/// The longest arrow of a step, in box sizes, where it is the longest of the whole run.
const LONGEST: f64 = 0.3;

/// How a glyph is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// From the first place to the last, with a head.
    Arrow,
    /// A line through all places.
    Line,
    /// An area with an outline.
    Area,
    /// A part of a larger area, without one.
    Cell,
    /// A hollow ball at the first place.
    Ghost,
}

/// Something drawn at a ball.
#[derive(Debug, Clone, PartialEq)]
pub struct Glyph {
    pub role: Role,
    pub form: Form,
    /// The panel's coordinates, and the drawn height as a fraction of the box's.
    pub places: Vec<[f64; 3]>,
    /// From 0 to 1.
    pub strength: f32,
    /// What is written beside its end; may be empty.
    pub symbol: String,
}

/// The tangent plane of the drawn surface at a ball.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tangent {
    /// In the panel's coordinates.
    pub at: [f64; 2],
    /// The drawn height there, as a fraction.
    pub height: f64,
    /// Its change along the coordinates.
    pub slopes: [f64; 2],
    /// What a coordinate is divided by for lengths in box sizes.
    pub extent: [f64; 2],
}

impl Tangent {
    pub fn new(at: [f64; 2], height: f64, slopes: [f64; 2], domain: Domain) -> Tangent {
        let length = |[low, high]: [f64; 2]| if high > low { high - low } else { 1.0 };
        Tangent {
            at,
            height,
            slopes,
            extent: [length(domain.x), domain.y.map_or(1.0, length)],
        }
    }

    /// The place in the plane so far from the ball.
    pub fn place(&self, [dx, dy]: [f64; 2]) -> [f64; 3] {
        let rise = self.slopes[0] * dx + self.slopes[1] * dy;
        [self.at[0] + dx, self.at[1] + dy, self.height + rise]
    }

    /// The same with the slopes of a straight line that ends at this height after that way.
    pub fn towards(&self, way: [f64; 2], height: f64) -> Tangent {
        let scaled = [0, 1].map(|axis| way[axis] / self.extent[axis]);
        let length = scaled[0].powi(2) + scaled[1].powi(2);
        let rise = if length > 0.0 {
            (height - self.height) / length
        } else {
            0.0
        };
        Tangent {
            slopes: [0, 1].map(|axis| rise * scaled[axis] / self.extent[axis]),
            ..*self
        }
    }

    /// The length in box sizes of a vector from the ball.
    pub fn length(&self, vector: [f64; 2]) -> f64 {
        let rise = self.slopes[0] * vector[0] + self.slopes[1] * vector[1];
        let [dx, dy] = [0, 1].map(|axis| vector[axis] / self.extent[axis]);
        dx.hypot(dy).hypot(TALL * rise)
    }

    pub fn arrow(&self, role: Role, from: [f64; 2], to: [f64; 2]) -> Glyph {
        Glyph {
            role,
            form: Form::Arrow,
            places: vec![self.place(from), self.place(to)],
            strength: 1.0,
            symbol: String::new(),
        }
    }

    /// A rectangle around the ball with these half-sides; along a curve a line.
    pub fn rectangle(&self, role: Role, [a, b]: [f64; 2]) -> Glyph {
        let corners = [[-a, -b], [a, -b], [a, b], [-a, b]];
        Glyph {
            role,
            form: Form::Area,
            places: corners.map(|corner| self.place(corner)).to_vec(),
            strength: 1.0,
            symbol: String::new(),
        }
    }

    pub fn ghost(&self, role: Role, at: [f64; 2]) -> Glyph {
        Glyph {
            form: Form::Ghost,
            ..self.arrow(role, at, at)
        }
    }
}

impl Glyph {
    pub fn named(mut self, symbol: impl Into<String>) -> Glyph {
        self.symbol = symbol.into();
        self
    }

    pub fn faded(mut self, strength: f32) -> Glyph {
        self.strength = strength;
        self
    }

    pub fn is_finite(&self) -> bool {
        self.places
            .iter()
            .flatten()
            .all(|number| number.is_finite())
    }
}

/// What vectors of one unit are multiplied with so that they can be seen: within a step all the same, so that sums are
/// sums; from step to step lengths grow with the cube root, so that a run's steepest and flattest places both show.
/// `longest` is the length in box sizes of this step's longest vector as it is, `of_run` that of the whole run.
pub fn magnification(longest: f64, of_run: f64) -> f64 {
    let usable = |length: f64| length.is_finite() && length > f64::MIN_POSITIVE;
    if !usable(longest) {
        return 0.0;
    }
    let of_run = if usable(of_run) {
        of_run.max(longest)
    } else {
        longest
    };
    LONGEST * (longest / of_run).cbrt() / longest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrows_lie_in_the_tangent_plane() {
        let domain = Domain {
            x: [-2.0, 2.0],
            y: Some([0.0, 1.0]),
        };
        let tangent = Tangent::new([1.0, 0.5], 0.25, [0.5, -1.0], domain);
        assert_eq!(tangent.place([0.2, 0.1]), [1.2, 0.6, 0.25]);
        assert_eq!(tangent.place([1.0, 0.0]), [2.0, 0.5, 0.75]);
        let chord = tangent.towards([0.4, 0.2], 0.75);
        assert!((chord.place([0.4, 0.2])[2] - 0.75).abs() < 1e-12);
        assert!((chord.place([0.2, 0.1])[2] - 0.5).abs() < 1e-12);
        let length = tangent.length([2.0, 0.0]);
        assert!((length - 0.5f64.hypot(TALL)).abs() < 1e-15);
    }

    #[test]
    fn what_is_long_is_shown_long_and_nothing_is_lost() {
        let shown = |longest: f64| longest * magnification(longest, 1e6);
        assert!((shown(1e6) - LONGEST).abs() < 1e-12);
        assert!(shown(1.0) > 0.002 && shown(1.0) < shown(1e3));
        for odd in [0.0, f64::NAN, f64::INFINITY] {
            assert_eq!(magnification(odd, 1.0), 0.0);
        }
        assert!((magnification(2.0, f64::NAN) * 2.0 - LONGEST).abs() < 1e-12);
    }
}
