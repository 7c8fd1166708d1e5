//! The pieces of a cell in which a function breaks off: what is drawn, pointed at and stood upon there.

use super::Grid;

/// A corner of a piece: its place in the cell, from 0 to 1 along both axes, and its loss.
pub type Corner = [f64; 3];

/// Triangles smaller than this seen from above, in cells, are the wall of a jump or nothing.
const SMALLEST: f64 = 1e-9;

impl Grid {
    /// The triangles that a torn cell is made of, none where the function is not defined in it. Their edges on the
    /// cell's sides are those of the cells beside it.
    pub fn triangles(&self, col: usize, row: usize) -> Vec<[Corner; 3]> {
        let mut triangles = Vec::new();
        for piece in self.pieces(col, row) {
            // From the middle of what is whole, so that no triangle leads along a break.
            let (count, hub) = (piece.len(), piece.len() / 2);
            let at = |k: usize| piece[(hub + k) % count];
            for k in 1..count.saturating_sub(1) {
                let triangle = [at(0), at(k), at(k + 1)];
                if area(&triangle) > SMALLEST {
                    triangles.push(triangle);
                }
            }
        }
        triangles
    }

    /// The outlines of a torn cell's connected pieces.
    fn pieces(&self, col: usize, row: usize) -> Vec<Vec<Corner>> {
        let above = if self.rows > 1 { self.cols } else { 0 };
        let first = row * self.cols + col;
        // Around the cell, so that side k leads from corner k to the next.
        let nodes = [first, first + 1, first + 1 + above, first + above];
        let places = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]];
        let corner = |k: usize| {
            let [p, q] = places[k % 4];
            [p, q, self.values[nodes[k % 4]]]
        };
        let is_there = |k: usize| self.values[nodes[k % 4]].is_finite();
        let tears = [
            self.tears().get(first, true),
            // The sides of a curve's ribbon are whole.
            self.tears().get(first + 1, false),
            self.tears().get(first + above, true),
            self.tears().get(first, false),
        ];
        let is_cut = |k: usize| tears[k % 4].is_some() || !(is_there(k) && is_there(k + 1));
        // The end of what is whole on side k, as seen from its first corner or its second.
        let end = |k: usize, second: bool| {
            let tear = tears[k % 4]?;
            let ([ap, aq], [bp, bq]) = (places[k % 4], places[(k + 1) % 4]);
            // The third side and the fourth run against their axes.
            let of = usize::from(second != (k % 4 >= 2));
            let t = if k % 4 >= 2 {
                1.0 - tear.at[of]
            } else {
                tear.at[of]
            };
            let place = [ap + (bp - ap) * t, aq + (bq - aq) * t];
            tear.losses[of]
                .is_finite()
                .then_some([place[0], place[1], tear.losses[of]])
        };
        let begins = (0..4).filter(|k| is_there(*k) && is_cut(k + 3));
        begins
            .map(|k| {
                let whole = (0..4).find(|i| is_cut(k + i)).unwrap_or(3);
                let corners = (k..=k + whole).map(corner);
                let (before, after) = (end(k + 3, true), end(k + whole, false));
                before.into_iter().chain(corners).chain(after).collect()
            })
            .collect()
    }

    /// The loss at a place in a torn cell.
    pub(super) fn interpolate_torn(&self, col: usize, row: usize, place: [f64; 2]) -> Option<f64> {
        let triangles = self.triangles(col, row);
        triangles.iter().find_map(|triangle| {
            let weights = weights(triangle, place)?;
            Some((0..3).map(|k| weights[k] * triangle[k][2]).sum())
        })
    }

    /// The connected pieces of a curve, each as places and losses in order.
    pub fn curve_pieces(&self) -> Vec<Vec<[f64; 2]>> {
        let mut pieces = vec![Vec::new()];
        for col in 0..self.cols {
            let (x, loss) = (self.x(col), self.values[col]);
            let whole = loss.is_finite();
            if whole && let Some(piece) = pieces.last_mut() {
                piece.push([x, loss]);
            }
            let tear = self.tears().get(col, true);
            let next = if col + 1 < self.cols {
                self.x(col + 1)
            } else {
                x
            };
            let end = |of: usize| {
                let tear = tear?;
                let at = x * (1.0 - tear.at[of]) + next * tear.at[of];
                tear.losses[of].is_finite().then_some([at, tear.losses[of]])
            };
            if !whole || tear.is_some() {
                if let Some(piece) = pieces.last_mut() {
                    piece.extend(end(0));
                }
                pieces.push(end(1).into_iter().collect());
            }
        }
        pieces.retain(|piece| piece.len() > 1);
        pieces
    }
}

/// Twice the area seen from above, positive.
fn area([a, b, c]: &[Corner; 3]) -> f64 {
    ((b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])).abs()
}

/// How much of each corner's loss a place in a triangle has; `None` outside.
pub(super) fn weights(triangle: &[Corner; 3], [p, q]: [f64; 2]) -> Option<[f64; 3]> {
    const SLACK: f64 = 1e-9;
    let [a, b, c] = triangle;
    let whole = (b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1]);
    let of_b = ((p - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (q - a[1])) / whole;
    let of_c = ((b[0] - a[0]) * (q - a[1]) - (p - a[0]) * (b[1] - a[1])) / whole;
    let weights = [1.0 - of_b - of_c, of_b, of_c];
    weights.iter().all(|w| *w >= -SLACK).then_some(weights)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::landscape::Domain;
    use crate::objective::Formula;
    use crate::plane::Plane;

    fn sample(formula: &str, nodes: usize) -> Grid {
        let domain = Domain {
            x: [-2.0, 2.0],
            y: Some([-2.0, 2.0]),
        };
        let formula = Formula::parse(formula).and_then(|f| f.with_dim(2));
        let formula = formula.expect("a formula");
        Grid::sample(&formula, &Plane::identity(2), domain, nodes, nodes)
    }

    /// The area of all that is drawn, in parameters.
    fn drawn(grid: &Grid) -> f64 {
        let cell = 4.0 / (grid.cols - 1) as f64;
        let cells =
            (0..grid.rows - 1).flat_map(|row| (0..grid.cols - 1).map(move |col| (col, row)));
        let areas = cells.map(|(col, row)| {
            if !grid.tears().is_torn(row * grid.cols + col) {
                return 1.0;
            }
            grid.triangles(col, row).iter().map(|t| 0.5 * area(t)).sum()
        });
        areas.sum::<f64>() * cell * cell
    }

    #[test]
    fn what_is_drawn_ends_where_the_function_does() {
        for (formula, expected) in [
            ("sqrt(1 - x^2 - y^2)", std::f64::consts::PI),
            ("sqrt(x - 0.1)", 4.0 * 1.9),
            ("asin(0.7x + 0.7y)", 16.0 - (4.0 - 1.0 / 0.7f64).powi(2)),
            ("log(x*y)", 8.0),
        ] {
            let found = drawn(&sample(formula, 65));
            assert!(
                (found - expected).abs() < 0.01 * expected,
                "{formula}: {found}"
            );
        }
        assert_eq!(drawn(&sample("log(-1 - x^2)", 9)), 0.0);
    }

    #[test]
    fn heights_at_the_edge_are_the_functions_own() {
        let dome = sample("sqrt(1 - x^2 - y^2)", 257);
        for k in 0..100 {
            let (sin, cos) = (0.0628 * f64::from(k)).sin_cos();
            let edge = dome.interpolate(0.9995 * cos, 0.9995 * sin);
            let edge = edge.unwrap_or_default();
            assert!((0.0..0.05).contains(&edge), "{edge} at the edge");
            assert_eq!(dome.interpolate(1.001 * cos, 1.001 * sin), None);
            let inside = dome.interpolate(0.97 * cos, 0.97 * sin).expect("defined");
            assert!((inside - 0.2431).abs() < 0.03, "{inside}");
        }
    }

    #[test]
    fn no_triangle_stands_in_a_jump() {
        let step = sample("sign(x - 0.01) + 0.1y", 33);
        for row in 0..32 {
            for col in 0..32 {
                for triangle in step.triangles(col, row) {
                    let losses = triangle.map(|corner| corner[2]);
                    let spread = losses
                        .into_iter()
                        .fold(0.0f64, |s, l| s.max((l - losses[0]).abs()));
                    assert!(spread < 0.1, "{triangle:?}");
                }
            }
        }
        let at = |x: f64| step.interpolate(x, 0.0).expect("defined");
        assert!((at(0.005) + 1.0).abs() < 1e-9 && (at(0.015) - 1.0).abs() < 1e-9);
    }
}
