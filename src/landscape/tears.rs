//! Where a function breaks off between the nodes of a grid: at the edge of where it is defined, at a pole, at a jump.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::Grid;

/// A break lies within 2⁻ᴴᴬᴸᵛᴵᴺᴳˢ of a cell of where it is said to be.
const HALVINGS: usize = 26;
/// Between two nodes that differ by less than these shares of the usual range of losses, and of the whole one, no
/// break is looked for.
const STEEP: f64 = 0.25;
const HIGH: f64 = 0.01;
/// How far a loss at a break may lie beyond those of the nodes, as a share of their range: next to a pole it is anything.
const BEYOND: f64 = 0.05;

/// A break between two nodes that follow one another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tear {
    /// How far the function reaches from the first node and from the second, from 0 at the first to 1 at the second.
    pub at: [f64; 2],
    /// The losses there; NaN on the side of a node where it is not defined.
    pub losses: [f64; 2],
}

/// All breaks of a grid.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tears {
    /// By [`edge`].
    by_edge: BTreeMap<usize, Tear>,
    /// By a cell's first node, whether it is not whole; empty where all are.
    cells: Vec<bool>,
}

/// The way from a node to the next in its row, or in its column.
fn edge(node: usize, in_row: bool) -> usize {
    2 * node + usize::from(!in_row)
}

impl Tears {
    /// Looks for the breaks of the function `loss` of fractions of the rectangle, of which `grid` holds the values.
    pub(super) fn find(grid: &Grid, loss: impl Fn([f64; 2]) -> f64 + Sync) -> Tears {
        let mut tears = Tears::default();
        if let Some(bounds) = grid.bounds() {
            tears.by_edge = breaks(grid, bounds, loss);
        }
        tears.note_cells(grid);
        tears
    }

    fn note_cells(&mut self, grid: &Grid) {
        let is_hole = |node: &f64| !node.is_finite();
        if self.by_edge.is_empty() && !grid.values.iter().any(is_hole) {
            return;
        }
        let (rows, above) = if grid.rows > 1 {
            (grid.rows - 1, grid.cols)
        } else {
            (1, 0)
        };
        self.cells = vec![false; grid.values.len()];
        for row in 0..rows {
            for col in 0..grid.cols.saturating_sub(1) {
                let node = row * grid.cols + col;
                let corners = [node, node + 1, node + above, node + above + 1];
                let is_torn = |edge: usize| self.by_edge.contains_key(&edge);
                self.cells[node] = corners.iter().any(|i| is_hole(&grid.values[*i]))
                    || is_torn(edge(node, true))
                    || is_torn(edge(node + above, true))
                    || is_torn(edge(node, false))
                    || is_torn(edge(node + 1, false));
            }
        }
    }

    /// Whether the function is defined and unbroken everywhere, as far as is known.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// Whether the cell beyond a node is not whole.
    pub fn is_torn(&self, node: usize) -> bool {
        self.cells.get(node).copied().unwrap_or(false)
    }

    /// The break between a node and the next in its row, or in its column.
    pub fn get(&self, node: usize, in_row: bool) -> Option<Tear> {
        self.by_edge.get(&edge(node, in_row)).copied()
    }

    /// The finite losses on both sides of every break.
    pub(super) fn losses(&self) -> impl Iterator<Item = f64> {
        let losses = self.by_edge.values().flat_map(|tear| tear.losses);
        losses.filter(|loss| loss.is_finite())
    }
}

/// All breaks between nodes that follow one another, by their edges.
fn breaks(
    grid: &Grid,
    [low, high]: [f64; 2],
    loss: impl Fn([f64; 2]) -> f64 + Sync,
) -> BTreeMap<usize, Tear> {
    let [usual_low, usual_high] = grid.usual_bounds().unwrap_or([low, high]);
    let steep = (STEEP * usual_high - STEEP * usual_low).max(HIGH * high - HIGH * low);
    let is_suspect = |a: f64, b: f64| {
        a.is_finite() != b.is_finite() || (a.is_finite() && (0.5 * b - 0.5 * a).abs() > 0.5 * steep)
    };
    let mut suspects: Vec<(usize, usize, bool)> = Vec::new();
    for (node, value) in grid.values.iter().enumerate() {
        let (col, row) = (node % grid.cols, node / grid.cols);
        for (next, in_row, is_there) in [
            (node + 1, true, col + 1 < grid.cols),
            (node + grid.cols, false, row + 1 < grid.rows),
        ] {
            if is_there && is_suspect(*value, grid.values[next]) {
                suspects.push((node, next, in_row));
            }
        }
    }
    let margin = BEYOND * high - BEYOND * low;
    let tame = |loss: f64| {
        if loss.is_nan() {
            loss
        } else {
            loss.clamp(low - margin, high + margin)
        }
    };
    let found: Vec<(usize, Tear)> = suspects
        .into_par_iter()
        .filter_map(|(node, next, in_row)| {
            let [from, to] = [node, next].map(|i| grid.fractions(i));
            let along = |t: f64| loss([0, 1].map(|k| from[k] * (1.0 - t) + to[k] * t));
            let tear = between(&along, [grid.values[node], grid.values[next]])?;
            let losses = tear.losses.map(tame);
            Some((edge(node, in_row), Tear { losses, ..tear }))
        })
        .collect();
    found.into_iter().collect()
}

/// The break of a function between 0 and 1, where it has these values; `None` where it is merely steep, or not defined
/// at either end.
fn between(along: &dyn Fn(f64) -> f64, ends: [f64; 2]) -> Option<Tear> {
    let mut at = [0.0, 1.0];
    let mut losses = ends;
    let step = |losses: [f64; 2]| (0.5 * losses[1] - 0.5 * losses[0]).abs();
    for _ in 0..HALVINGS {
        let middle = 0.5 * at[0] + 0.5 * at[1];
        let loss = along(middle);
        // The half in which the function ends, or else that in which it changes more.
        let side = match (losses.map(f64::is_finite), loss.is_finite()) {
            ([false, false], _) => return None,
            ([true, false], defined) => usize::from(!defined),
            ([false, true], defined) => usize::from(defined),
            ([true, true], true) => usize::from(step([losses[0], loss]) >= step([loss, losses[1]])),
            ([true, true], false) => {
                // Not defined in between: two ends, each of its own.
                let part = |from: f64, to: f64, ends| {
                    let tear = between(&|t| along(from * (1.0 - t) + to * t), ends)?;
                    let place = |t: f64| from * (1.0 - t) + to * t;
                    Some((tear.at.map(place), tear.losses))
                };
                let (before, first) = part(at[0], middle, [losses[0], f64::NAN])?;
                let (after, second) = part(middle, at[1], [f64::NAN, losses[1]])?;
                return Some(Tear {
                    at: [before[0], after[1]],
                    losses: [first[0], second[1]],
                });
            }
        };
        at[side] = middle;
        losses[side] = loss;
    }
    let is_jump = !losses.iter().all(|loss| loss.is_finite()) || step(losses) >= 0.5 * step(ends);
    is_jump.then_some(Tear {
        at,
        losses: losses.map(|loss| if loss.is_finite() { loss } else { f64::NAN }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::landscape::Domain;
    use crate::objective::Formula;
    use crate::plane::Plane;

    fn sample(formula: &str, x: [f64; 2], y: Option<[f64; 2]>, nodes: usize) -> Grid {
        let domain = Domain { x, y };
        let formula = Formula::parse(formula).and_then(|f| f.with_dim(domain.dim()));
        let formula = formula.expect("a formula");
        Grid::sample(
            &formula,
            &Plane::identity(domain.dim()),
            domain,
            nodes,
            nodes,
        )
    }

    #[test]
    fn what_is_whole_has_no_tears_however_steep() {
        let square = Some([-2.0, 2.0]);
        for formula in [
            "x^2 + y^2",
            "abs(x) + cbrt(y)",
            "-5exp(-20000((x - 0.507)^2 + (y - 0.493)^2))",
            "-exp(-1e7(x^2 + y^2))",
            "tanh(1e4 x)",
        ] {
            let grid = sample(formula, [-2.0, 2.0], square, 65);
            assert!(grid.tears().is_empty(), "{formula}");
        }
    }

    #[test]
    fn the_edge_of_where_a_function_is_defined_is_found() {
        let dome = sample("sqrt(1 - x^2 - y^2)", [-2.0, 2.0], Some([-2.0, 2.0]), 65);
        let mut edges = 0;
        for row in 0..65 {
            for col in 0..65 {
                for (next, in_row) in [(col + 1, true), (row + 1, false)] {
                    let node = row * 65 + col;
                    let Some(tear) = dome.tears().get(node, in_row) else {
                        continue;
                    };
                    edges += 1;
                    let side = usize::from(tear.losses[0].is_nan());
                    let (x, y) = if in_row {
                        (
                            dome.x(col) + (dome.x(next) - dome.x(col)) * tear.at[side],
                            dome.y(row),
                        )
                    } else {
                        (
                            dome.x(col),
                            dome.y(row) + (dome.y(next) - dome.y(row)) * tear.at[side],
                        )
                    };
                    assert!((x.hypot(y) - 1.0).abs() < 1e-6, "({x}, {y})");
                    assert!(tear.losses[side].abs() < 1e-3, "{tear:?}");
                }
            }
        }
        // The circle crosses 31 lines of either direction twice, and touches four at a node.
        assert_eq!(edges, 4 * 31 + 8);
        assert_eq!(dome.bounds().map(|[_, high]| high), Some(1.0));
    }

    #[test]
    fn poles_and_jumps_part_the_nodes_on_either_side() {
        // tan has its poles between the nodes.
        let tan = sample("tan(x)", [-2.0, 2.0], None, 1025);
        let torn: Vec<usize> = (0..1024).filter(|i| tan.tears().is_torn(*i)).collect();
        assert_eq!(torn.len(), 2, "{torn:?}");
        for col in torn {
            let tear = tan.tears().get(col, true).expect("a pole");
            let x = tan.x(col) + (tan.x(col + 1) - tan.x(col)) * tear.at[0];
            assert!((x.abs() - std::f64::consts::FRAC_PI_2).abs() < 1e-9, "{x}");
            assert!(tear.losses[0] > 0.0 && tear.losses[1] < 0.0, "{tear:?}");
        }
        // Here a node lies on the pole, there a jump between two.
        let pole = sample("1/x", [-1.0, 1.0], None, 1025);
        let pieces = pole.curve_pieces();
        assert_eq!(pieces.len(), 2);
        assert!(pieces[0].iter().all(|[x, loss]| *x < 0.0 && *loss < 0.0));
        let steps = sample("0.5 + 0.5sign(x - 0.503) + 0.1x", [0.1, 0.9], None, 65).curve_pieces();
        assert_eq!(steps.len(), 2);
        let [[x0, loss0], [x1, loss1]] = [steps[0][steps[0].len() - 1], steps[1][0]];
        assert!((x0 - 0.503).abs() < 1e-6 && (x1 - 0.503).abs() < 1e-6);
        assert!((loss0 - 0.0503).abs() < 1e-6 && (loss1 - 1.0503).abs() < 1e-6);
    }

    #[test]
    fn losses_next_to_a_pole_stay_near_those_of_the_nodes() {
        let grid = sample("1/(x^2 + y^2)", [-1.0, 1.0], Some([-1.0, 1.0]), 33);
        let highest = grid.values.iter().copied().filter(|v| v.is_finite());
        let highest = highest.fold(0.0, f64::max);
        let [_, high] = grid.bounds().expect("finite losses");
        assert!(high > highest && high <= 1.06 * highest, "{high}");
        let beside = grid.interpolate(0.01, 0.01).expect("defined there");
        assert!((100.0..=high).contains(&beside), "{beside}");
    }

    #[test]
    fn a_hole_between_two_nodes_that_differ_is_a_break() {
        let along = |t: f64| {
            if (0.4..0.6).contains(&t) {
                f64::NAN
            } else {
                t.round()
            }
        };
        let tear = between(&along, [0.0, 1.0]).expect("a break");
        assert!((tear.at[0] - 0.4).abs() < 1e-6 && (tear.at[1] - 0.6).abs() < 1e-6);
        assert_eq!(tear.losses, [0.0, 1.0]);
        assert_eq!(between(&|t| t, [0.0, 1.0]), None);
    }
}
