//! Where a ray meets the surface.

use super::pieces::weights;
use super::{Grid, HeightScale, Lines};

/// How much of its height the surface may lie outside the box.
const EDGE: f64 = 1e-3;

/// The first point (s, t) where a ray meets the surface of heights over the unit square, bilinear
/// in each cell, and flat in the pieces of a torn one. The ray is given in box coordinates (s, t, h), all from 0 to 1
/// inside the box, and may start anywhere; what lies behind its origin is not met, and neither are holes.
pub fn intersect(
    grid: &Grid,
    scale: &HeightScale,
    origin: [f64; 3],
    direction: [f64; 3],
) -> Option<[f64; 2]> {
    // A curve is a ribbon: the same all along t.
    let ribbon = Lines::even(2);
    let [across, along_y] = grid.lines();
    let lines = [across, if grid.rows > 1 { along_y } else { &ribbon }];
    if lines[0].count() < 2 {
        return None;
    }
    let along = |k: f64| [0, 1, 2].map(|i| origin[i] + k * direction[i]);
    let [enter, leave] = over_the_square(origin, direction)?;

    // The ray's parameter at every grid line that it passes over, in order.
    let mut stops = vec![enter, leave];
    for axis in 0..2 {
        for i in 1..lines[axis].count() - 1 {
            let k = (lines[axis].fraction(i) - origin[axis]) / direction[axis];
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
        let [(col, _), (row, _)] = [0, 1].map(|i| lines[i].find(middle[i].clamp(0.0, 1.0)));
        let place = [(col, lines[0]), (row, lines[1])]
            .map(|(i, lines)| [lines.fraction(i), lines.fraction(i + 1)]);
        let ray = [from, from + 1.0].map(|k| {
            let [s, t, h] = along(k);
            [
                (s - place[0][0]) / (place[0][1] - place[0][0]),
                (t - place[1][0]) / (place[1][1] - place[1][0]),
                h,
            ]
        });
        let k = hit_in_cell(grid, scale, [col, row], ray, to - from)?;
        let [s, t, _] = along(from + k);
        Some([s.clamp(0.0, 1.0), t.clamp(0.0, 1.0)])
    })
}

/// The least parameter from 0 to `length` at which a ray that stays over a cell meets it. The ray is given by where it
/// is at 0 and at 1, as places in the cell and heights.
fn hit_in_cell(
    grid: &Grid,
    scale: &HeightScale,
    [col, row]: [usize; 2],
    ray: [[f64; 3]; 2],
    length: f64,
) -> Option<f64> {
    if !grid.tears().is_torn(row * grid.cols + col) {
        return Patch::of_cell(grid, scale, col, row)?.first_hit(ray, length, |_| true);
    }
    let triangles = grid.triangles(col, row);
    let hits = triangles.iter().filter_map(|triangle| {
        let heights = triangle.map(|[p, q, loss]| [p, q, scale.fraction(loss)]);
        Patch::of_triangle(heights)?
            .first_hit(ray, length, |place| weights(triangle, place).is_some())
    });
    hits.min_by(f64::total_cmp)
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

/// Heights over a cell: at its place (p, q) from 0 to 1 they are c + cp p + cq q + cpq p q.
struct Patch {
    c: f64,
    cp: f64,
    cq: f64,
    cpq: f64,
}

impl Patch {
    /// Over a whole cell, the one beyond a node; `None` beside a hole.
    fn of_cell(grid: &Grid, scale: &HeightScale, col: usize, row: usize) -> Option<Patch> {
        let height = |col: usize, row: usize| {
            scale.fraction(grid.values[row.min(grid.rows - 1) * grid.cols + col])
        };
        let [a, b] = [height(col, row), height(col + 1, row)];
        let [c, d] = [height(col, row + 1), height(col + 1, row + 1)];
        let patch = Patch {
            c: a,
            cp: b - a,
            cq: c - a,
            cpq: d - c - b + a,
        };
        [a, b, c, d].iter().all(|h| h.is_finite()).then_some(patch)
    }

    /// The plane through three points.
    fn of_triangle([a, b, c]: [[f64; 3]; 3]) -> Option<Patch> {
        let [[bp, bq, bh], [cp, cq, ch]] = [b, c].map(|point| [0, 1, 2].map(|i| point[i] - a[i]));
        let area = bp * cq - cp * bq;
        let [along_p, along_q] = [(bh * cq - ch * bq) / area, (bp * ch - cp * bh) / area];
        let patch = Patch {
            c: a[2] - along_p * a[0] - along_q * a[1],
            cp: along_p,
            cq: along_q,
            cpq: 0.0,
        };
        patch.c.is_finite().then_some(patch)
    }

    /// The least parameter from 0 to `length` at which a ray meets it at a place that belongs to it.
    fn first_hit(
        &self,
        [[p, q, h0], [p1, q1, h1]]: [[f64; 3]; 2],
        length: f64,
        belongs: impl Fn([f64; 2]) -> bool,
    ) -> Option<f64> {
        // The height of the surface above the ray is a quadratic function of the parameter.
        let (dp, dq) = (p1 - p, q1 - q);
        let constant = self.c + self.cp * p + self.cq * q + self.cpq * p * q - h0;
        let linear = self.cp * dp + self.cq * dq + self.cpq * (p * dq + q * dp) - (h1 - h0);
        let square = self.cpq * dp * dq;
        let slack = 1e-9 * length.min(1.0);
        // Beyond the box the surface is cut off.
        let in_box = |k: &f64| (-EDGE..=1.0 + EDGE).contains(&(h0 + k * (h1 - h0)));
        roots(square, linear, constant)
            .into_iter()
            .filter(|k| k.is_finite() && (-slack..=length + slack).contains(k))
            .filter(|k| belongs([p + k * dp, q + k * dq]))
            .filter(in_box)
            .min_by(f64::total_cmp)
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
