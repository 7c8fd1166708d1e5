//! Isolines of a grid, by marching squares.
//!
//! (The crate `contour` closes its lines along the grid's edge and has no holes.)

use rayon::prelude::*;

use super::{Grid, HeightScale};

/// The losses that part the height into `count` equal bands: at the fractions k/count, 0 and 1 left out.
pub fn levels(scale: &HeightScale, count: usize) -> Vec<f64> {
    (1..count)
        .map(|k| scale.loss(k as f64 / count as f64))
        .collect()
}

/// The lines along which a grid has one loss.
#[derive(Debug, Clone, PartialEq)]
pub struct Isoline {
    /// The loss.
    pub level: f64,
    /// Polylines in the grid's coordinates (x, y); a closed one ends where it starts.
    pub lines: Vec<Vec<[f64; 2]>>,
}

/// The isolines of a grid at `levels`. They break off at the edge and around holes; a curve has
/// none.
pub fn isolines(grid: &Grid, levels: &[f64]) -> Vec<Isoline> {
    levels
        .par_iter()
        .map(|level| Isoline {
            level: *level,
            lines: Crossings::new(grid, *level).lines(),
        })
        .collect()
}

/// The absence of a neighbour.
const NONE: u32 = u32::MAX;

/// Where one level crosses the grid's edges, and which crossings a line connects.
///
/// Edge `2 i` runs from node i to the next in its row, edge `2 i + 1` to the next in its column.
struct Crossings<'a> {
    grid: &'a Grid,
    level: f64,
    /// Per edge, the crossings that the cells on both sides connect it to.
    neighbours: Vec<[u32; 2]>,
    /// The edges in the order in which they were first crossed.
    crossed: Vec<u32>,
}

impl<'a> Crossings<'a> {
    fn new(grid: &'a Grid, level: f64) -> Crossings<'a> {
        let mut crossings = Crossings {
            grid,
            level,
            neighbours: vec![[NONE; 2]; 2 * grid.values.len()],
            crossed: Vec::new(),
        };
        for row in 1..grid.rows {
            for col in 1..grid.cols {
                crossings.cross_cell(col - 1, row - 1);
            }
        }
        crossings
    }

    /// Connects the crossings on the edges of the cell beyond a node.
    fn cross_cell(&mut self, col: usize, row: usize) {
        let cols = self.grid.cols;
        let node = row * cols + col;
        // Around the cell, so that corner k and the next share edge k.
        let corners = [node, node + 1, node + 1 + cols, node + cols].map(|i| self.grid.values[i]);
        let above = corners.map(|value| value >= self.level);
        if above == [above[0]; 4] || !corners.iter().all(|value| value.is_finite()) {
            return;
        }
        let edges = [
            2 * node,
            2 * (node + 1) + 1,
            2 * (node + cols),
            2 * node + 1,
        ];
        let mut crossed = (0..4).filter(|k| above[*k] != above[(k + 1) % 4]);
        let (Some(a), Some(b)) = (crossed.next(), crossed.next()) else {
            return;
        };
        match (crossed.next(), crossed.next()) {
            (Some(c), Some(d)) => {
                // A saddle: the middle tells which opposite corners are joined.
                let middle = corners.iter().map(|value| 0.25 * value).sum::<f64>();
                if (middle >= self.level) == above[0] {
                    self.connect(edges[a], edges[b]);
                    self.connect(edges[c], edges[d]);
                } else {
                    self.connect(edges[d], edges[a]);
                    self.connect(edges[b], edges[c]);
                }
            }
            _ => self.connect(edges[a], edges[b]),
        }
    }

    fn connect(&mut self, a: usize, b: usize) {
        for (from, to) in [(a, b), (b, a)] {
            let neighbours = &mut self.neighbours[from];
            if neighbours[0] == NONE {
                neighbours[0] = to as u32;
                self.crossed.push(from as u32);
            } else {
                neighbours[1] = to as u32;
            }
        }
    }

    /// Follows the connections: open lines from their ends, then what is left, which is closed.
    fn lines(mut self) -> Vec<Vec<[f64; 2]>> {
        let crossed = std::mem::take(&mut self.crossed);
        let is_end = |edge: &&u32| self.neighbours[**edge as usize][1] == NONE;
        let ends: Vec<u32> = crossed.iter().filter(is_end).copied().collect();
        let mut lines = Vec::new();
        for first in ends.into_iter().chain(crossed) {
            let mut line = Vec::new();
            let mut edge = first;
            while let Some(next) = self.leave(edge) {
                line.push(self.place(edge));
                edge = next;
            }
            if !line.is_empty() {
                line.push(self.place(edge));
                lines.push(line);
            }
        }
        lines
    }

    /// Removes a connection of an edge and returns where it led.
    fn leave(&mut self, edge: u32) -> Option<u32> {
        let neighbours = &mut self.neighbours[edge as usize];
        let k = neighbours.iter().position(|next| *next != NONE)?;
        let next = std::mem::replace(&mut neighbours[k], NONE);
        let back = self.neighbours[next as usize].iter_mut();
        if let Some(back) = back.into_iter().find(|back| **back == edge) {
            *back = NONE;
        }
        Some(next)
    }

    /// The point at which the level crosses an edge.
    fn place(&self, edge: u32) -> [f64; 2] {
        let cols = self.grid.cols;
        let node = edge as usize / 2;
        let (col, row) = (node % cols, node / cols);
        let in_row = edge.is_multiple_of(2);
        let other = if in_row { node + 1 } else { node + cols };
        let (a, b) = (self.grid.values[node], self.grid.values[other]);
        // In halves, for b − a may overflow.
        let t = (0.5 * self.level - 0.5 * a) / (0.5 * b - 0.5 * a);
        let between = |from: f64, to: f64| from * (1.0 - t) + to * t;
        let (x, y) = (self.grid.x(col), self.grid.y(row));
        if in_row {
            [between(x, self.grid.x(col + 1)), y]
        } else {
            [x, between(y, self.grid.y(row + 1))]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::landscape::{Domain, HeightKind};
    use crate::objective::Formula;
    use crate::plane::Plane;

    fn grid(formula: &str, nodes: usize) -> Grid {
        let domain = Domain {
            x: [-2.0, 2.0],
            y: Some([-2.0, 2.0]),
        };
        let formula = Formula::parse(formula).and_then(|f| f.with_dim(2));
        let formula = formula.expect("a formula");
        Grid::sample(&formula, &Plane::identity(2), domain, nodes, nodes)
    }

    fn lines(formula: &str, nodes: usize, level: f64) -> Vec<Vec<[f64; 2]>> {
        let mut isolines = isolines(&grid(formula, nodes), &[level]);
        isolines.pop().expect("one level").lines
    }

    fn is_closed(line: &[[f64; 2]]) -> bool {
        line.len() > 2 && line.first() == line.last()
    }

    #[test]
    fn levels_are_even_in_height() {
        let scale = HeightScale::new(HeightKind::Linear, 0.0, 0.0, 4.0);
        assert_eq!(levels(&scale, 4), [1.0, 2.0, 3.0]);
        let scale = HeightScale::new(HeightKind::Log, 0.0, 0.0, 100.0);
        let heights: Vec<f64> = levels(&scale, 4)
            .iter()
            .map(|l| scale.fraction(*l))
            .collect();
        for (height, expected) in heights.iter().zip([0.25, 0.5, 0.75]) {
            assert!((height - expected).abs() < 1e-14);
        }
        assert!(levels(&scale, 0).is_empty());
    }

    #[test]
    fn a_bowl_has_circles() {
        let lines = lines("x^2 + y^2", 101, 1.0);
        assert_eq!(lines.len(), 1);
        assert!(is_closed(&lines[0]));
        let mut length = 0.0;
        for pair in lines[0].windows(2) {
            let [[a, b], [c, d]] = [pair[0], pair[1]];
            assert!((a.hypot(b) - 1.0).abs() < 1e-3);
            length += (a - c).hypot(b - d);
        }
        assert!((length - std::f64::consts::TAU).abs() < 1e-2, "{length}");
    }

    #[test]
    fn lines_break_off_at_the_edge() {
        let lines = lines("x + y", 5, 0.5);
        assert_eq!(lines.len(), 1);
        let ends = [lines[0][0], *lines[0].last().expect("a point")];
        for [x, y] in ends {
            assert_eq!(x + y, 0.5);
            assert!(x.abs() == 2.0 || y.abs() == 2.0);
        }
        assert!(!is_closed(&lines[0]));
    }

    #[test]
    fn a_saddle_has_two_branches_and_two_wells_have_two_rings() {
        for level in [-0.5, 0.5] {
            let branches = lines("x^2 - y^2", 40, level);
            assert_eq!(branches.len(), 2, "{level}");
            assert!(branches.iter().all(|line| !is_closed(line)));
        }
        let rings = lines("(x^2 - 1)^2 + y^2", 60, 0.2);
        assert_eq!(rings.len(), 2);
        assert!(rings.iter().all(|line| is_closed(line)));
    }

    #[test]
    fn a_saddle_cell_joins_as_its_middle_says() {
        // 1 in the corners where x and y have one sign, 0 in the others, 0.5 in the middle
        let mut grid = grid("0", 2);
        grid.values = vec![1.0, 0.0, 0.0, 1.0];
        for (level, cuts_off_high) in [(0.4, false), (0.6, true)] {
            let lines = isolines(&grid, &[level]).remove(0).lines;
            assert_eq!(lines.len(), 2);
            for line in lines {
                let [x, y] = [0, 1].map(|i| line.iter().map(|point| point[i]).sum::<f64>());
                assert_eq!(x * y > 0.0, cuts_off_high, "{level}: {line:?}");
            }
        }
    }

    #[test]
    fn holes_interrupt_lines() {
        // undefined for x < 0: half circles, open at the hole
        let lines = lines("x^2 + y^2 + 0*sqrt(x)", 81, 1.0);
        assert_eq!(lines.len(), 1);
        assert!(!is_closed(&lines[0]));
        assert!(lines[0].iter().all(|[x, _]| x.is_finite() && *x >= 0.0));
    }

    #[test]
    fn every_crossing_is_in_exactly_one_line() {
        let grid = grid("sin(3x) cos(2y) + 0.3x", 64);
        for isoline in isolines(&grid, &levels(&scale(&grid), 12)) {
            let mut points: Vec<[f64; 2]> = Vec::new();
            for line in &isoline.lines {
                assert!(line.len() >= 2);
                let closed = usize::from(is_closed(line));
                points.extend(&line[closed..]);
            }
            let all = points.len();
            points.sort_by(|a, b| a.partial_cmp(b).expect("finite"));
            points.dedup();
            assert_eq!(points.len(), all, "level {}", isoline.level);
            for [x, y] in points {
                let value = grid.interpolate(x, y).expect("inside");
                assert!((value - isoline.level).abs() < 1e-12);
            }
        }
    }

    fn scale(grid: &Grid) -> HeightScale {
        let [low, high] = grid.bounds().expect("finite losses");
        HeightScale::new(HeightKind::Linear, low, low, high)
    }

    #[test]
    fn a_flat_grid_and_a_curve_have_no_lines() {
        assert!(lines("3", 10, 3.0).is_empty());
        let domain = Domain {
            x: [0.0, 1.0],
            y: None,
        };
        let curve = Formula::parse("x").expect("a formula");
        let grid = Grid::sample(&curve, &Plane::identity(1), domain, 10, 10);
        assert!(isolines(&grid, &[0.5])[0].lines.is_empty());
    }
}
