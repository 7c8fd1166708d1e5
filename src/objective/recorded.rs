//! A loss that was computed elsewhere, on a grid over a plane: between its nodes it is interpolated.

use super::{GoOn, Objective};
use crate::landscape::{Domain, Grid};
use crate::plane::Plane;

/// Parameters: two coordinates in the plane, and the distance from it, on which nothing here depends.
const PARAMETERS: usize = 3;
/// Nearer to a node than this share of a cell, a place is that node: coordinates are rounded when they are computed anew.
const AT_NODE: f64 = 1e-9;

/// Losses on a grid, bilinear between the nodes and NaN outside and around holes.
///
/// Nodes that are not computed yet lie between others if the grid is computed from coarse to fine: these are interpolated along
/// their row, then along their column. Others, and those without a finite loss, are holes.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    u: Vec<f64>,
    v: Vec<f64>,
    /// Row by row, NaN and infinities for holes.
    losses: Vec<f64>,
}

impl Recorded {
    /// Of losses at the nodes, `losses[row * u.len() + col]`: NaN where there is none yet, other than finite for a hole. `None`
    /// unless both axes ascend and have two nodes at least, and there is one loss a node.
    pub fn new(u: Vec<f64>, v: Vec<f64>, losses: &[f64]) -> Option<Recorded> {
        let is_axis = |axis: &[f64]| axis.len() >= 2 && axis.windows(2).all(|p| p[0] < p[1]);
        if !is_axis(&u) || !is_axis(&v) || losses.len() != u.len() * v.len() {
            return None;
        }
        let mut losses = losses.to_vec();
        for row in losses.chunks_exact_mut(u.len()) {
            fill(&u, row);
        }
        let mut column = vec![0.0; v.len()];
        for col in 0..u.len() {
            let nodes = || (0..v.len()).map(|row| row * u.len() + col);
            for (value, node) in column.iter_mut().zip(nodes()) {
                *value = losses[node];
            }
            fill(&v, &mut column);
            for (value, node) in column.iter().zip(nodes()) {
                losses[node] = *value;
            }
        }
        Some(Recorded { u, v, losses })
    }

    /// The loss at a place of the plane; NaN outside and around holes.
    pub fn at(&self, u: f64, v: f64) -> f64 {
        let (Some((col, s)), Some((row, t))) = (place(&self.u, u), place(&self.v, v)) else {
            return f64::NAN;
        };
        let mut sum = 0.0;
        for (row, along) in [(row, 1.0 - t), (row + 1, t)] {
            for (col, across) in [(col, 1.0 - s), (col + 1, s)] {
                // A corner without weight may be a hole.
                if across * along != 0.0 {
                    sum += across * along * self.losses[row * self.u.len() + col];
                }
            }
        }
        if sum.is_finite() { sum } else { f64::NAN }
    }
}

/// Interpolates what is NaN between finite neighbours. Infinities are holes, and nothing is interpolated across them.
fn fill(places: &[f64], values: &mut [f64]) {
    let mut before: Option<usize> = None;
    for k in 0..values.len() {
        if values[k].is_nan() {
            continue;
        }
        if let Some(start) = before
            && values[k].is_finite()
        {
            let (from, to) = (values[start], values[k]);
            let width = places[k] - places[start];
            for between in start + 1..k {
                let t = (places[between] - places[start]) / width;
                values[between] = from + t * (to - from);
            }
        }
        before = values[k].is_finite().then_some(k);
    }
}

/// The cell of an axis that a place lies in, and where in it, from 0 to 1; `None` outside.
fn place(axis: &[f64], at: f64) -> Option<(usize, f64)> {
    let last = axis.len() - 1;
    let after = axis.partition_point(|node| *node <= at);
    let cell = after.clamp(1, last) - 1;
    let (from, to) = (axis[cell], axis[cell + 1]);
    let t = (at - from) / (to - from);
    if !(-AT_NODE..=1.0 + AT_NODE).contains(&t) {
        return None;
    }
    let nearest = t.round();
    Some((
        cell,
        if (t - nearest).abs() <= AT_NODE {
            nearest
        } else {
            t
        },
    ))
}

impl Objective for Recorded {
    fn dim(&self) -> usize {
        PARAMETERS
    }

    fn value(&self, w: &[f64]) -> f64 {
        self.at(w[0], w[1])
    }

    /// By differences over a cell: there is nothing exact to be had.
    fn gradient(&self, w: &[f64], out: &mut [f64]) -> f64 {
        out.fill(0.0);
        for (k, axis) in [&self.u, &self.v].into_iter().enumerate() {
            let [first, last] = [axis[0], axis[axis.len() - 1]];
            let half = 0.5 * (last - first) / (axis.len() - 1) as f64;
            let [low, high] = [(w[k] - half).max(first), (w[k] + half).min(last)];
            let at = |place: f64| match k {
                0 => self.at(place, w[1]),
                _ => self.at(w[0], place),
            };
            out[k] = (at(high) - at(low)) / (high - low);
        }
        self.value(w)
    }

    fn cost(&self) -> usize {
        20
    }

    fn sweep(&self, plane: &Plane, domain: Domain, size: [usize; 2], go_on: &GoOn) -> Option<Grid> {
        let [cols, rows] = size;
        let mut grid = Grid::empty(domain, cols, rows);
        let mut values = Vec::with_capacity(cols * rows);
        let mut w = [0.0; PARAMETERS];
        for row in 0..rows {
            if !go_on() {
                return None;
            }
            for col in 0..cols {
                plane.point_into(grid.x(col), grid.y(row), &mut w);
                values.push(self.value(&w));
            }
        }
        grid.values = values;
        Some(grid)
    }

    fn is_outside(&self, _: &[f64]) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOT_YET: f64 = f64::NAN;
    const HOLE: f64 = f64::INFINITY;

    fn recorded(u: &[f64], v: &[f64], losses: &[f64]) -> Recorded {
        Recorded::new(u.to_vec(), v.to_vec(), losses).expect("a grid")
    }

    #[test]
    fn nodes_are_as_they_are_and_places_between_them_interpolated() {
        let loss = recorded(
            &[0.0, 1.0, 3.0],
            &[-1.0, 1.0],
            &[1.0, 2.0, 6.0, 3.0, 4.0, 8.0],
        );
        assert_eq!(loss.at(3.0, 1.0), 8.0);
        assert_eq!(loss.at(2.0, -1.0), 4.0);
        assert_eq!(loss.at(0.5, 0.0), 2.5);
        assert_eq!(loss.at(1.0 + 1e-13, -1.0), 2.0);
        for outside in [[-0.1, 0.0], [3.1, 0.0], [1.0, 1.1], [f64::NAN, 0.0]] {
            assert!(loss.at(outside[0], outside[1]).is_nan());
        }
        let mut gradient = [9.0; 3];
        assert_eq!(loss.gradient(&[2.0, 0.0, 5.0], &mut gradient), 5.0);
        assert_eq!(gradient[1..], [1.0, 0.0]);
    }

    #[test]
    fn what_is_not_there_yet_is_interpolated_and_holes_are_not() {
        let lines = [0.0, 1.0, 2.0];
        let n = NOT_YET;
        let loss = recorded(&lines, &lines, &[0.0, n, 2.0, n, n, n, 2.0, n, 4.0]);
        assert_eq!([loss.at(1.0, 0.0), loss.at(1.0, 1.0)], [1.0, 2.0]);
        let loss = recorded(
            &lines,
            &lines,
            &[0.0, 1.0, 2.0, 1.0, HOLE, 3.0, 2.0, 3.0, 4.0],
        );
        assert!(loss.at(1.0, 1.0).is_nan() && loss.at(0.5, 0.5).is_nan());
        assert_eq!(loss.at(0.0, 1.0), 1.0);
        // Rows that are still to come have nothing to lie between.
        let loss = recorded(&lines, &lines, &[0.0, 1.0, 2.0, n, n, n, n, n, n]);
        assert!(loss.at(1.0, 1.0).is_nan() && loss.at(1.0, 0.0) == 1.0);
        let all = recorded(&lines, &lines, &[n; 9]);
        assert!(all.at(0.0, 0.0).is_nan());
    }

    #[test]
    fn a_sweep_of_its_own_nodes_gives_them_to_the_last_bit() {
        let u: Vec<f64> = (0..51).map(|k| -1.0 + 2.0 * f64::from(k) / 50.0).collect();
        let v: Vec<f64> = (0..41).map(|k| 0.3 + 1.7 * f64::from(k) / 40.0).collect();
        let losses: Vec<f64> = (0..51 * 41).map(|k| f64::from(k * k % 97).sqrt()).collect();
        let loss = recorded(&u, &v, &losses);
        let domain = Domain {
            x: [u[0], u[50]],
            y: Some([v[0], v[40]]),
        };
        let plane = Plane::of_parameters(&[0.0; 3], [0, 1]);
        let grid = loss
            .sweep(&plane, domain, [51, 41], &|| true)
            .expect("wanted");
        assert_eq!(grid.values, losses);
        assert!(loss.sweep(&plane, domain, [51, 41], &|| false).is_none());
        let mut holed = losses.clone();
        holed[20 * 51 + 20] = HOLE;
        let holed = recorded(&u, &v, &holed);
        let grid = holed.sweep(&plane, domain, [51, 41], &|| true);
        let grid = grid.expect("wanted").torn_at_holes();
        assert!(grid.tears().is_torn(20 * 51 + 20) && !grid.tears().is_torn(22 * 51 + 22));
        assert_eq!(grid.interpolate(0.5 * (u[20] + u[21]), v[20]), None);
    }

    #[test]
    fn what_is_no_grid_is_none() {
        let new = |u: &[f64], losses: usize| {
            Recorded::new(u.to_vec(), vec![0.0, 1.0], &vec![0.0; losses]).is_some()
        };
        assert!(new(&[0.0, 1.0], 4));
        assert!(!new(&[0.0], 2) && !new(&[1.0, 0.0], 4) && !new(&[0.0, 1.0], 5));
        assert!(!new(&[0.0, f64::NAN], 4));
    }
}
