//! Where a ray meets the surface.

use super::{Grid, HeightScale};

/// How much of its height the surface may lie outside the box.
const EDGE: f64 = 1e-3;

/// The first point (s, t) where a ray meets the surface of heights over the unit square, bilinear
/// in each cell. The ray is given in box coordinates (s, t, h), all from 0 to 1 inside the box,
/// and may start anywhere; what lies behind its origin is not met, and neither are holes.
pub fn intersect(
    grid: &Grid,
    scale: &HeightScale,
    origin: [f64; 3],
    direction: [f64; 3],
) -> Option<[f64; 2]> {
    // A curve is a ribbon: the same all along t.
    let cells = [
        grid.cols.checked_sub(1)?,
        grid.rows.saturating_sub(1).max(1),
    ];
    let along = |k: f64| [0, 1, 2].map(|i| origin[i] + k * direction[i]);
    let [enter, leave] = over_the_square(origin, direction)?;

    // The ray's parameter at every grid line that it passes over, in order.
    let mut stops = vec![enter, leave];
    for axis in 0..2 {
        for i in 1..cells[axis] {
            let k = (i as f64 / cells[axis] as f64 - origin[axis]) / direction[axis];
            if enter < k && k < leave {
                stops.push(k);
            }
        }
    }
    stops.sort_by(f64::total_cmp);
    stops.windows(2).find_map(|pair| {
        let [from, to] = [pair[0], pair[1]];
        let middle = along(if to.is_finite() {
            0.5 * (from + to)
        } else {
            from
        });
        let place = [0, 1].map(|i| (middle[i] * cells[i] as f64, cells[i]));
        let [col, row] = place.map(|(at, count)| (at.max(0.0) as usize).min(count - 1));
        let cell = Cell::new(grid, scale, col, row)?;
        let k = cell.first_hit([from, to], along, cells)?;
        let [s, t, _] = along(k);
        Some([s.clamp(0.0, 1.0), t.clamp(0.0, 1.0)])
    })
}

/// The parameters from 0 on between which a ray is above, in or below the unit square.
fn over_the_square(origin: [f64; 3], direction: [f64; 3]) -> Option<[f64; 2]> {
    let (mut enter, mut leave) = (0.0f64, f64::INFINITY);
    for (o, d) in origin.iter().zip(&direction).take(2) {
        if *d == 0.0 {
            if !(0.0..=1.0).contains(o) {
                return None;
            }
            continue;
        }
        let (a, b) = (-o / d, (1.0 - o) / d);
        enter = enter.max(a.min(b));
        leave = leave.min(a.max(b));
    }
    // NaN is no interval either.
    (enter <= leave).then_some([enter, leave])
}

/// The heights of one cell: over its place (p, q) from 0 to 1 they are c + cp p + cq q + cpq p q.
struct Cell {
    col: f64,
    row: f64,
    c: f64,
    cp: f64,
    cq: f64,
    cpq: f64,
}

impl Cell {
    /// The cell beyond a node; `None` beside a hole.
    fn new(grid: &Grid, scale: &HeightScale, col: usize, row: usize) -> Option<Cell> {
        let height = |col: usize, row: usize| {
            scale.fraction(grid.values[row.min(grid.rows - 1) * grid.cols + col])
        };
        let [a, b] = [height(col, row), height(col + 1, row)];
        let [c, d] = [height(col, row + 1), height(col + 1, row + 1)];
        let cell = Cell {
            col: col as f64,
            row: row as f64,
            c: a,
            cp: b - a,
            cq: c - a,
            cpq: d - c - b + a,
        };
        [a, b, c, d].iter().all(|h| h.is_finite()).then_some(cell)
    }

    /// The least parameter in a range at which a ray that stays over the cell meets it.
    fn first_hit(
        &self,
        [from, to]: [f64; 2],
        along: impl Fn(f64) -> [f64; 3],
        cells: [usize; 2],
    ) -> Option<f64> {
        // The height of the surface above the ray is a quadratic function of the parameter.
        let ([s0, t0, h0], [s1, t1, h1]) = (along(from), along(from + 1.0));
        let p = s0 * cells[0] as f64 - self.col;
        let q = t0 * cells[1] as f64 - self.row;
        let (dp, dq) = ((s1 - s0) * cells[0] as f64, (t1 - t0) * cells[1] as f64);
        let constant = self.c + self.cp * p + self.cq * q + self.cpq * p * q - h0;
        let linear = self.cp * dp + self.cq * dq + self.cpq * (p * dq + q * dp) - (h1 - h0);
        let square = self.cpq * dp * dq;
        let slack = 1e-9 * (to - from).min(1.0);
        // Beyond the box the surface is cut off.
        let in_box = |k: &f64| (-EDGE..=1.0 + EDGE).contains(&(h0 + k * (h1 - h0)));
        roots(square, linear, constant)
            .into_iter()
            .filter(|k| k.is_finite() && (-slack..=to - from + slack).contains(k))
            .filter(in_box)
            .min_by(f64::total_cmp)
            .map(|k| from + k)
    }
}

/// The real roots of a x² + b x + c, without cancellation; NaN or infinite where there is none.
fn roots(a: f64, b: f64, c: f64) -> [f64; 2] {
    let q = -0.5 * (b + (b * b - 4.0 * a * c).sqrt().copysign(b));
    [c / q, q / a]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::landscape::{Domain, HeightKind};
    use crate::objective::Formula;
    use crate::plane::Plane;

    fn surface(formula: &str, nodes: usize) -> (Grid, HeightScale) {
        let domain = Domain {
            x: [0.0, 1.0],
            y: Some([0.0, 1.0]),
        };
        let formula = Formula::parse(formula).and_then(|f| f.with_dim(2));
        let formula = formula.expect("a formula");
        let grid = Grid::sample(&formula, &Plane::identity(2), domain, nodes, nodes);
        let unit = HeightScale::new(HeightKind::Linear, 0.0, 0.0, 1.0);
        (grid, unit)
    }

    fn hit(formula: &str, nodes: usize, origin: [f64; 3], target: [f64; 3]) -> Option<[f64; 2]> {
        let (grid, scale) = surface(formula, nodes);
        let direction = [0, 1, 2].map(|i| target[i] - origin[i]);
        intersect(&grid, &scale, origin, direction)
    }

    fn close(found: Option<[f64; 2]>, [s, t]: [f64; 2]) {
        let [a, b] = found.expect("a hit");
        assert!((a - s).abs() < 1e-9 && (b - t).abs() < 1e-9, "{a}, {b}");
    }

    #[test]
    fn a_ray_meets_what_it_aims_at() {
        // on a plane, from above, from the side, from below and from within
        for origin in [
            [0.3, 0.4, 5.0],
            [-2.0, 0.1, 1.5],
            [4.0, 5.0, -3.0],
            [0.5, 0.5, 0.9],
        ] {
            let target = [0.3, 0.4, 0.35];
            close(hit("0.5x + 0.5y", 9, origin, target), [0.3, 0.4]);
        }
    }

    #[test]
    fn the_nearest_of_several_hits_counts() {
        // a ridge at s = 0.5 hides the valley behind it
        let ridge = "1 - 2 abs(x - 0.5)";
        let found = hit(ridge, 11, [-1.0, 0.5, 0.5], [2.0, 0.5, 0.5]);
        close(found, [0.25, 0.5]);
        let found = hit(ridge, 11, [2.0, 0.5, 0.5], [-1.0, 0.5, 0.5]);
        close(found, [0.75, 0.5]);
    }

    #[test]
    fn a_bilinear_cell_is_met_exactly() {
        // x y on one cell; along the diagonal the surface is s², the ray falls from 1 to 0
        let found = hit("x y", 2, [0.0, 0.0, 1.0], [1.0, 1.0, 0.0]);
        let golden = (5f64.sqrt() - 1.0) / 2.0;
        close(found, [golden, golden]);
        // s² = s − 0.2 twice in the cell: the first on the way counts, from either side
        let first = 0.5 - 0.05f64.sqrt();
        let found = hit("x y", 2, [0.0, 0.0, -0.2], [1.0, 1.0, 0.8]);
        close(found, [first, first]);
        let found = hit("x y", 2, [1.0, 1.0, 0.8], [0.0, 0.0, -0.2]);
        close(found, [1.0 - first, 1.0 - first]);
    }

    #[test]
    fn a_vertical_ray_meets_the_height_below_it() {
        close(hit("x^2", 33, [0.2, 0.9, 3.0], [0.2, 0.9, 2.0]), [0.2, 0.9]);
        close(
            hit("x^2", 33, [0.25, 1.0, 3.0], [0.25, 1.0, 2.0]),
            [0.25, 1.0],
        );
        assert_eq!(hit("x^2", 33, [0.2, 0.9, 3.0], [0.2, 0.9, 4.0]), None);
        assert_eq!(hit("x^2", 33, [1.2, 0.9, 3.0], [1.2, 0.9, 2.0]), None);
    }

    #[test]
    fn what_is_cut_off_is_not_met() {
        // A steep ramp: beyond s = 0.25 it has left the box.
        close(hit("4x", 9, [0.2, 0.5, 9.0], [0.2, 0.5, 8.0]), [0.2, 0.5]);
        assert_eq!(hit("4x", 9, [0.6, 0.5, 9.0], [0.6, 0.5, 8.0]), None);
    }

    #[test]
    fn misses_holes_and_bad_rays_are_no_hits() {
        assert_eq!(hit("0*x", 5, [-1.0, 0.5, 0.5], [2.0, 0.5, 0.5]), None);
        assert_eq!(
            hit("ln(0.5 - x)", 5, [0.8, 0.5, 3.0], [0.8, 0.5, 2.0]),
            None
        );
        assert_eq!(hit("x", 5, [f64::NAN, 0.5, 3.0], [0.8, 0.5, 2.0]), None);
        assert_eq!(hit("x", 5, [0.5, 0.5, 2.0], [0.5, 0.5, 2.0]), None);
    }

    #[test]
    fn a_curve_is_a_ribbon() {
        let domain = Domain {
            x: [0.0, 1.0],
            y: None,
        };
        let curve = Formula::parse("x").expect("a formula");
        let grid = Grid::sample(&curve, &Plane::identity(1), domain, 11, 1);
        let scale = HeightScale::new(HeightKind::Linear, 0.0, 0.0, 1.0);
        let found = intersect(&grid, &scale, [0.35, 0.8, 2.0], [0.0, 0.0, -1.0]);
        close(found, [0.35, 0.8]);
    }
}
