//! A grid of losses over a rectangle, or over an interval.

use rayon::prelude::*;

use super::tears::Tears;
use super::{Domain, Lines, Range};
use crate::objective::{GoOn, Objective};
use crate::plane::Plane;

/// Losses on a grid of plane coordinates, exact at the nodes. Nodes that are not finite are holes.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    pub domain: Domain,
    /// Nodes along x; the first and the last lie on the domain's edge.
    pub cols: usize,
    /// Nodes along y; 1 for a curve.
    pub rows: usize,
    /// `values[row * cols + col]`.
    pub values: Vec<f64>,
    /// Where the nodes lie along x and along y.
    lines: [Lines; 2],
    tears: Tears,
}

impl Grid {
    /// Evaluates `objective` on an evenly spaced grid over `domain`, on all processors. A curve has one row,
    /// whatever `rows` says.
    pub fn sample(
        objective: &(impl Objective + ?Sized),
        plane: &Plane,
        domain: Domain,
        cols: usize,
        rows: usize,
    ) -> Grid {
        Grid::sample_on(objective, plane, domain, [cols, rows].map(Lines::even))
    }

    /// As [`sample`](Self::sample), but `None` once `go_on` says no; it is asked every few nodes.
    pub fn sample_while(
        objective: &(impl Objective + ?Sized),
        plane: &Plane,
        domain: Domain,
        size: [usize; 2],
        go_on: &GoOn,
    ) -> Option<Grid> {
        Grid::sample_on_while(objective, plane, domain, size.map(Lines::even), go_on)
    }

    /// Evaluates `objective` where these lines cross.
    pub fn sample_on(
        objective: &(impl Objective + ?Sized),
        plane: &Plane,
        domain: Domain,
        lines: [Lines; 2],
    ) -> Grid {
        let grid = Grid::sample_on_while(objective, plane, domain, lines, &|| true);
        grid.expect("it is wanted to the end")
    }

    /// Both: where these lines cross, as long as it is wanted.
    pub fn sample_on_while(
        objective: &(impl Objective + ?Sized),
        plane: &Plane,
        domain: Domain,
        lines: [Lines; 2],
        go_on: &GoOn,
    ) -> Option<Grid> {
        let mut grid = Grid::on(domain, lines);
        let mut values = vec![0.0; grid.cols * grid.rows];
        // About a millisecond between two questions.
        let between = (1_000_000 / objective.cost().max(1)).max(1);
        let rows = values.par_chunks_mut(grid.cols).enumerate();
        rows.try_for_each_init(
            || vec![0.0; objective.dim()],
            |w, (row, values)| {
                for (col, value) in values.iter_mut().enumerate() {
                    if col % between == 0 && !go_on() {
                        return None;
                    }
                    plane.point_into(grid.x(col), grid.y(row), w);
                    *value = objective.value(w);
                }
                Some(())
            },
        )?;
        grid.values = values;
        grid.tears = Tears::find(&grid, |place| {
            if !go_on() {
                return f64::NAN;
            }
            let [x, y] = domain.at(place);
            objective.value(&plane.point(x, y))
        });
        go_on().then_some(grid)
    }

    /// An evenly spaced grid without losses yet.
    pub fn empty(domain: Domain, cols: usize, rows: usize) -> Grid {
        Grid::on(domain, [cols, rows].map(Lines::even))
    }

    fn on(domain: Domain, [across, along]: [Lines; 2]) -> Grid {
        let along = if domain.y.is_some() {
            along
        } else {
            Lines::even(1)
        };
        Grid {
            domain,
            cols: across.count(),
            rows: along.count(),
            values: Vec::new(),
            lines: [across, along],
            tears: Tears::default(),
        }
    }

    /// The same, breaking off at its holes: nothing is known between a hole and its neighbours.
    pub fn torn_at_holes(mut self) -> Grid {
        if self.values.iter().all(|value| value.is_finite()) {
            return self;
        }
        self.tears = Tears::find(&self, |place| {
            let [x, y] = self.domain.at(place);
            self.interpolate(x, y).unwrap_or(f64::NAN)
        });
        self
    }

    /// Where the nodes lie along x and along y.
    pub fn lines(&self) -> &[Lines; 2] {
        &self.lines
    }

    /// Where the function breaks off between the nodes.
    pub fn tears(&self) -> &Tears {
        &self.tears
    }

    /// The x coordinate of a column.
    pub fn x(&self, col: usize) -> f64 {
        node(self.domain.x, self.lines[0].fraction(col))
    }

    /// The y coordinate of a row; 0 for a curve.
    pub fn y(&self, row: usize) -> f64 {
        node(self.domain.y_or_zero(), self.lines[1].fraction(row))
    }

    /// A node's place as fractions of the domain.
    pub fn fractions(&self, node: usize) -> [f64; 2] {
        [
            self.lines[0].fraction(node % self.cols),
            self.lines[1].fraction(node / self.cols),
        ]
    }

    /// The least and the greatest finite loss; `None` if all is hole. Those at the edges of holes count.
    pub fn bounds(&self) -> Option<[f64; 2]> {
        let finite = self.values.iter().copied().filter(|v| v.is_finite());
        finite
            .chain(self.tears.losses())
            .fold(None, |bounds, v| match bounds {
                None => Some([v, v]),
                Some([low, high]) => Some([v.min(low), v.max(high)]),
            })
    }

    /// The losses between which most nodes lie: the bounds, but for an end that only a pole or a cliff reaches, further
    /// out than all the rest is wide. `None` if all is hole.
    pub fn usual_bounds(&self) -> Option<[f64; 2]> {
        const FEW: f64 = 0.02;
        let [lowest, highest] = self.bounds()?;
        let finite = self.values.iter().copied().filter(|v| v.is_finite());
        let mut finite: Vec<f64> = finite.collect();
        let few = (FEW * finite.len() as f64) as usize;
        let last = finite.len().checked_sub(1)?;
        let mut in_order = |k: usize| *finite.select_nth_unstable_by(k, f64::total_cmp).1;
        let (low, high) = (in_order(few), in_order(last - few));
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

    /// The loss between the nodes: bilinear, and linear in the pieces of a torn cell. `None` outside the domain and
    /// where the function is not defined.
    pub fn interpolate(&self, x: f64, y: f64) -> Option<f64> {
        let (col, s) = place(self.domain.x, x, &self.lines[0])?;
        let (row, t) = match self.domain.y {
            Some(range) => place(range, y, &self.lines[1])?,
            None => (0, 0.0),
        };
        if self.tears.is_torn(row * self.cols + col) {
            return self.interpolate_torn(col, row, [s, t]);
        }
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

/// The coordinate at a fraction of a range, exact at both ends.
fn node([low, high]: Range, t: f64) -> f64 {
    low * (1.0 - t) + high * t
}

/// The cell in which `value` lies, and where in it from 0 to 1.
fn place([low, high]: Range, value: f64, lines: &Lines) -> Option<(usize, f64)> {
    if !(low <= value && value <= high) {
        return None;
    }
    Some(lines.find((value - low) / (high - low)))
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
        // Next to a pole the loss is anything: it is taken to be little beyond those of the nodes.
        let [low, high] = grid.bounds().expect("finite losses");
        assert!((-0.75..-0.5).contains(&low) && (3.5..3.75).contains(&high));
        assert_eq!(grid.interpolate(-1.0, 1.0), None);
        let beside = grid.interpolate(0.5, 1.0).expect("it is defined here");
        assert!((1.0..3.75).contains(&beside), "{beside}");
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
}
