//! Landscapes: objectives seen through a plane, sampled on a grid of heights.

pub mod clip;
pub mod contour;
pub mod coverage;
pub mod critical;
pub mod intersect;
pub mod scale;
pub mod sweep;
pub mod ticks;

pub use clip::clip_to_unit;
pub use contour::{Isoline, isolines, levels};
pub use critical::{CriticalKind, CriticalPoint, critical_points};
pub use intersect::intersect;
pub use scale::{HeightKind, HeightScale};

use rayon::prelude::*;

use crate::objective::Objective;
use crate::plane::Plane;

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

/// Losses on a grid of plane coordinates, exact at the nodes. Cells that are not finite are holes.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    pub domain: Domain,
    /// Nodes along x; the first and the last lie on the domain's edge.
    pub cols: usize,
    /// Nodes along y; 1 for a curve.
    pub rows: usize,
    /// `values[row * cols + col]`.
    pub values: Vec<f64>,
}

impl Grid {
    /// Evaluates `objective` on a grid over `domain`, on all processors. A curve has one row,
    /// whatever `rows` says.
    pub fn sample(
        objective: &dyn Objective,
        plane: &Plane,
        domain: Domain,
        cols: usize,
        rows: usize,
    ) -> Grid {
        let mut grid = Grid {
            domain,
            cols: cols.max(1),
            rows: if domain.y.is_some() { rows.max(1) } else { 1 },
            values: Vec::new(),
        };
        let mut values = vec![0.0; grid.cols * grid.rows];
        values.par_chunks_mut(grid.cols).enumerate().for_each_init(
            || vec![0.0; objective.dim()],
            |w, (row, values)| {
                for (col, value) in values.iter_mut().enumerate() {
                    plane.point_into(grid.x(col), grid.y(row), w);
                    *value = objective.value(w);
                }
            },
        );
        grid.values = values;
        grid
    }

    /// The x coordinate of a column.
    pub fn x(&self, col: usize) -> f64 {
        node(self.domain.x, col, self.cols)
    }

    /// The y coordinate of a row; 0 for a curve.
    pub fn y(&self, row: usize) -> f64 {
        node(self.domain.y_or_zero(), row, self.rows)
    }

    /// The least and the greatest finite loss; `None` if all is hole.
    pub fn bounds(&self) -> Option<[f64; 2]> {
        let finite = self.values.iter().copied().filter(|v| v.is_finite());
        finite.fold(None, |bounds, v| match bounds {
            None => Some([v, v]),
            Some([low, high]) => Some([v.min(low), v.max(high)]),
        })
    }

    /// The losses between which most nodes lie: the bounds, but for an end that only a pole or a cliff reaches, further
    /// out than all the rest is wide. `None` if all is hole.
    pub fn usual_bounds(&self) -> Option<[f64; 2]> {
        const FEW: f64 = 0.02;
        let [lowest, highest] = self.bounds()?;
        let mut finite: Vec<f64> = self
            .values
            .iter()
            .copied()
            .filter(|v| v.is_finite())
            .collect();
        finite.sort_by(f64::total_cmp);
        let few = (FEW * finite.len() as f64) as usize;
        let (low, high) = (*finite.get(few)?, *finite.get(finite.len() - 1 - few)?);
        let width = high - low;
        Some([
            if low - lowest > width { low } else { lowest },
            if highest - high > width {
                high
            } else {
                highest
            },
        ])
    }

    /// The loss between the nodes, bilinear; `None` outside the domain and beside a hole.
    pub fn interpolate(&self, x: f64, y: f64) -> Option<f64> {
        let (col, s) = place(self.domain.x, x, self.cols)?;
        let (row, t) = match self.domain.y {
            Some(range) => place(range, y, self.rows)?,
            None => (0, 0.0),
        };
        let mut sum = 0.0;
        for (row, weight_y) in [(row, 1.0 - t), (row + 1, t)] {
            for (col, weight_x) in [(col, 1.0 - s), (col + 1, s)] {
                let weight = weight_x * weight_y;
                // A corner without weight may be a hole, or past the last node.
                if weight != 0.0 {
                    sum += weight * self.values[row * self.cols + col];
                }
            }
        }
        sum.is_finite().then_some(sum)
    }

    /// The slopes along x and y by differences over one cell's width; `None` outside, near a hole, and for a curve.
    pub fn slopes(&self, x: f64, y: f64) -> Option<[f64; 2]> {
        let range_y = self.domain.y?;
        let across = |range: Range, at: f64, nodes: usize| {
            let half = 0.5 * (range[1] - range[0]) / (nodes.max(2) - 1) as f64;
            [(at - half).max(range[0]), (at + half).min(range[1])]
        };
        let [x0, x1] = across(self.domain.x, x, self.cols);
        let [y0, y1] = across(range_y, y, self.rows);
        let along_x = self.interpolate(x1, y)? - self.interpolate(x0, y)?;
        let along_y = self.interpolate(x, y1)? - self.interpolate(x, y0)?;
        Some([along_x / (x1 - x0), along_y / (y1 - y0)])
    }

    /// The lowest node: x, y and loss; `None` if all is hole.
    pub fn lowest(&self) -> Option<(f64, f64, f64)> {
        let finite = self
            .values
            .iter()
            .enumerate()
            .filter(|(_, v)| v.is_finite());
        let (i, value) = finite.min_by(|a, b| a.1.total_cmp(b.1))?;
        Some((self.x(i % self.cols), self.y(i / self.cols), *value))
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

/// The coordinate of node `i` of `count` over `range`, exact at both ends.
fn node([low, high]: Range, i: usize, count: usize) -> f64 {
    if count < 2 {
        return low;
    }
    let t = i as f64 / (count - 1) as f64;
    low * (1.0 - t) + high * t
}

/// The cell of `count` nodes over `range` in which `value` lies, and where in it from 0 to 1.
fn place([low, high]: Range, value: f64, count: usize) -> Option<(usize, f64)> {
    if !(low <= value && value <= high) {
        return None;
    }
    let cells = count.saturating_sub(1);
    let position = (value - low) / (high - low) * cells as f64;
    let cell = (position as usize).min(cells.saturating_sub(1));
    Some((cell, position - cell as f64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objective::Formula;
    use approx::assert_relative_eq;

    fn sample(formula: &str, domain: Domain, cols: usize, rows: usize) -> Grid {
        let formula = Formula::parse(formula).and_then(|f| f.with_dim(domain.dim()));
        let formula = formula.expect("a formula");
        let plane = Plane::identity(domain.dim());
        Grid::sample(&formula, &plane, domain, cols, rows)
    }

    const SQUARE: Domain = Domain {
        x: [-2.0, 2.0],
        y: Some([-0.5, 3.5]),
    };

    #[test]
    fn nodes_are_exact_and_rows_run_along_y() {
        let grid = sample("x + 10y", SQUARE, 5, 3);
        assert_eq!((grid.cols, grid.rows, grid.values.len()), (5, 3, 15));
        for row in 0..3 {
            for col in 0..5 {
                let (x, y) = (grid.x(col), grid.y(row));
                assert_eq!(grid.values[row * 5 + col], x + 10.0 * y);
            }
        }
        assert_eq!((grid.x(0), grid.x(4)), (-2.0, 2.0));
        assert_eq!((grid.y(0), grid.y(2)), (-0.5, 3.5));
        assert_eq!(grid.bounds(), Some([-7.0, 37.0]));
        assert_eq!(grid.lowest(), Some((-2.0, -0.5, -7.0)));
    }

    #[test]
    fn ends_are_exact_for_awkward_numbers() {
        let domain = Domain {
            x: [0.1, 0.7],
            y: None,
        };
        for cols in 2..200 {
            let grid = sample("x", domain, cols, 1);
            assert_eq!((grid.x(0), grid.x(cols - 1)), (0.1, 0.7));
        }
    }

    #[test]
    fn a_curve_has_one_row() {
        let domain = Domain {
            x: [-3.0, 3.0],
            y: None,
        };
        let grid = sample("x^2", domain, 7, 50);
        assert_eq!((grid.rows, grid.values.len()), (1, 7));
        assert_eq!(grid.interpolate(0.5, 99.0), Some(0.5));
        assert_eq!(grid.lowest(), Some((0.0, 0.0, 0.0)));
        assert_eq!(grid.interpolate(3.0, 0.0), Some(9.0));
        assert_eq!(grid.interpolate(3.1, 0.0), None);
    }

    #[test]
    fn interpolation_is_bilinear() {
        let grid = sample("1 + 2x - 3y + 0.5x*y", SQUARE, 4, 6);
        for (x, y) in [
            (-2.0, -0.5),
            (2.0, 3.5),
            (0.123, 1.7),
            (-1.9, 3.49),
            (2.0, 0.0),
        ] {
            let value = grid.interpolate(x, y).expect("inside");
            assert_relative_eq!(
                value,
                1.0 + 2.0 * x - 3.0 * y + 0.5 * x * y,
                epsilon = 1e-13
            );
        }
        for (x, y) in [(-2.1, 0.0), (0.0, 3.6), (f64::NAN, 0.0)] {
            assert_eq!(grid.interpolate(x, y), None);
        }
    }

    #[test]
    fn what_is_not_finite_is_a_hole() {
        let grid = sample("y/sqrt(x)", SQUARE, 5, 5);
        assert_eq!(grid.bounds(), Some([-0.5, 3.5]));
        assert_eq!(grid.interpolate(-1.0, 1.0), None);
        assert_eq!(grid.interpolate(0.5, 1.0), None, "beside the hole");
        assert_eq!(
            grid.interpolate(1.0, 1.5),
            Some(1.5),
            "on the last sound node"
        );
        let nothing = sample("ln(-1 - x^2)", SQUARE, 5, 5);
        assert_eq!((nothing.bounds(), nothing.lowest()), (None, None));
    }

    #[test]
    fn a_pole_is_not_among_the_usual_losses() {
        let bowl = sample("x^2 + y", SQUARE, 65, 65);
        assert_eq!(bowl.usual_bounds(), bowl.bounds());
        let pole = sample("1/(x^2 + y^2)", SQUARE, 65, 65);
        let [low, high] = pole.usual_bounds().expect("finite nodes");
        assert_eq!(Some(low), pole.bounds().map(|[low, _]| low));
        assert!((1.0..30.0).contains(&high), "{high}");
        let nothing = sample("ln(-1 - x^2)", SQUARE, 5, 5);
        assert_eq!(nothing.usual_bounds(), None);
    }

    #[test]
    fn a_domain_knows_its_points() {
        assert!(SQUARE.contains(&[2.0, -0.5]) && !SQUARE.contains(&[2.1, 0.0]));
        assert!(!SQUARE.contains(&[0.0, f64::NAN]));
        assert_eq!((SQUARE.center(), SQUARE.size()), ([0.0, 1.5], [4.0, 4.0]));
        let line = Domain { y: None, ..SQUARE };
        assert!(line.contains(&[1.0]) && line.dim() == 1);
    }
}
