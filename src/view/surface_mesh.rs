//! The surface's mesh: evenly spaced over most landscapes, along the grid's own lines where something is narrow, and cut
//! where the function breaks off.
//!
//! A vertex is its place (s, t) and its height, which only a torn surface uses, and its place among the grid's nodes,
//! from 0 to 1 along both axes.

use bevy::asset::RenderAssetUsages;
use bevy::mesh::{Indices, PrimitiveTopology};
use bevy::prelude::*;

use crate::landscape::{Grid, HeightScale, Lines};

/// A grid of cols × rows vertices over the unit square.
pub(super) fn even_mesh([cols, rows]: [usize; 2]) -> Mesh {
    let lines =
        |count: usize| -> Vec<f32> { (0..count).map(|i| i as f32 / (count - 1) as f32).collect() };
    let [across, along] = [cols, rows].map(|count| {
        let lines = lines(count);
        lines.iter().map(|line| [*line; 2]).collect::<Vec<_>>()
    });
    lattice(&across, &along)
}

/// About `cells` cells along each side, every line of the grid where something is narrow, and true edges where the
/// function breaks off.
pub(super) fn fitted_mesh(grid: &Grid, scale: &HeightScale, cells: [usize; 2]) -> Mesh {
    let [across, along] = grid.lines();
    if grid.tears().is_empty() {
        let chosen = |lines: &Lines, cells: usize| -> Vec<[f32; 2]> {
            let last = (lines.count() - 1) as f32;
            let kept = lines.coarse(cells).into_iter();
            kept.map(|i| [lines.fraction(i) as f32, i as f32 / last])
                .collect()
        };
        let along = if grid.rows > 1 {
            chosen(along, cells[1])
        } else {
            vec![[0.0; 2], [1.0; 2]]
        };
        return lattice(&chosen(across, cells[0]), &along);
    }
    let is_even = grid.rows > 1 && across.is_even() && along.is_even();
    let stride = if is_even {
        ((grid.cols - 1) / cells[0]).max(1)
    } else {
        1
    };
    Torn::new(grid, scale, stride).build().mesh()
}

/// Vertices where lines cross; every line as its place and its place among the nodes.
fn lattice(across: &[[f32; 2]], along: &[[f32; 2]]) -> Mesh {
    let (cols, rows) = (across.len(), along.len());
    let mut built = Built::default();
    for [t, v] in along {
        for [s, u] in across {
            built.positions.push([*s, *t, 0.0]);
            built.nodes.push([*u, *v]);
        }
    }
    for row in 0..rows - 1 {
        for col in 0..cols - 1 {
            let a = (row * cols + col) as u32;
            let (b, c) = (a + 1, a + cols as u32);
            built.indices.extend([a, b, c, b, c + 1, c]);
        }
    }
    built.mesh()
}

#[derive(Default)]
struct Built {
    positions: Vec<[f32; 3]>,
    nodes: Vec<[f32; 2]>,
    indices: Vec<u32>,
}

impl Built {
    fn mesh(mut self) -> Mesh {
        if self.positions.is_empty() {
            // All hole; the renderer has no place for nothing.
            self.positions.push([0.0; 3]);
            self.nodes.push([0.0; 2]);
            self.indices = vec![0; 3];
        }
        Mesh::new(
            PrimitiveTopology::TriangleList,
            RenderAssetUsages::RENDER_WORLD,
        )
        .with_inserted_attribute(Mesh::ATTRIBUTE_POSITION, self.positions)
        .with_inserted_attribute(Mesh::ATTRIBUTE_UV_0, self.nodes)
        .with_inserted_indices(Indices::U32(self.indices))
    }
}

/// At every node, whether the function breaks off in a cell beside it.
pub(super) fn beside_tears(grid: &Grid) -> Vec<bool> {
    let mut beside = vec![false; grid.values.len()];
    if grid.tears().is_empty() {
        return beside;
    }
    let above = if grid.rows > 1 { grid.cols } else { 0 };
    for node in (0..grid.values.len()).filter(|node| grid.tears().is_torn(*node)) {
        for corner in [node, node + 1, node + above, node + above + 1] {
            beside[corner] = true;
        }
    }
    beside
}

/// A mesh under way: blocks of stride × stride cells, those beside a break cell by cell.
struct Torn<'a> {
    grid: &'a Grid,
    scale: &'a HeightScale,
    stride: usize,
    /// By block.
    fine: Vec<bool>,
    blocks: [usize; 2],
    built: Built,
    /// A node's vertex, or none yet.
    vertices: Vec<Option<u32>>,
}

impl<'a> Torn<'a> {
    fn new(grid: &'a Grid, scale: &'a HeightScale, stride: usize) -> Torn<'a> {
        let cells = [grid.cols - 1, (grid.rows - 1).max(1)];
        let blocks = cells.map(|cells| cells.div_ceil(stride));
        let mut fine = vec![stride == 1; blocks[0] * blocks[1]];
        let beside = beside_tears(grid);
        for (node, _) in beside.iter().enumerate().filter(|(_, beside)| **beside) {
            let (col, row) = (node % grid.cols, node / grid.cols);
            // A node on the border is one of the blocks on either side.
            for (i, j) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
                let (col, row) = (
                    col.saturating_sub(i) / stride,
                    row.saturating_sub(j) / stride,
                );
                if col < blocks[0] && row < blocks[1] {
                    fine[row * blocks[0] + col] = true;
                }
            }
        }
        Torn {
            grid,
            scale,
            stride,
            fine,
            blocks,
            built: Built::default(),
            vertices: vec![None; grid.values.len().max(2 * grid.cols)],
        }
    }

    fn build(mut self) -> Built {
        for row in 0..self.blocks[1] {
            for col in 0..self.blocks[0] {
                if self.fine[row * self.blocks[0] + col] {
                    self.cells(col * self.stride, row * self.stride);
                } else {
                    self.block(col, row);
                }
            }
        }
        self.built
    }

    fn is_fine(&self, col: Option<usize>, row: Option<usize>) -> bool {
        match (col, row) {
            (Some(col), Some(row)) if col < self.blocks[0] && row < self.blocks[1] => {
                self.fine[row * self.blocks[0] + col]
            }
            _ => false,
        }
    }

    /// A whole block as few triangles, which share every vertex with the blocks beside it.
    fn block(&mut self, col: usize, row: usize) {
        let (left, low) = (col * self.stride, row * self.stride);
        let right = (left + self.stride).min(self.grid.cols - 1);
        let high = (low + self.stride).min(self.grid.rows - 1);
        let mut around = Vec::new();
        let step = |fine: bool, length: usize| if fine { 1 } else { length };
        let below = step(self.is_fine(Some(col), row.checked_sub(1)), right - left);
        let beyond = step(self.is_fine(Some(col + 1), Some(row)), high - low);
        let above = step(self.is_fine(Some(col), Some(row + 1)), right - left);
        let before = step(self.is_fine(col.checked_sub(1), Some(row)), high - low);
        around.extend((left..right).step_by(below).map(|col| (col, low)));
        around.extend((low..high).step_by(beyond).map(|row| (right, row)));
        around.extend(
            (left + 1..=right)
                .rev()
                .step_by(above)
                .map(|col| (col, high)),
        );
        around.extend(
            (low + 1..=high)
                .rev()
                .step_by(before)
                .map(|row| (left, row)),
        );
        let around: Vec<u32> = around
            .into_iter()
            .map(|(col, row)| self.node(col, row))
            .collect();
        if let [a, b, c, d] = around[..] {
            self.built.indices.extend([a, b, d, b, c, d]);
            return;
        }
        let middle = self.node((left + right) / 2, (low + high) / 2);
        for (k, corner) in around.iter().enumerate() {
            let next = around[(k + 1) % around.len()];
            self.built.indices.extend([middle, *corner, next]);
        }
    }

    /// A block cell by cell.
    fn cells(&mut self, left: usize, low: usize) {
        let right = (left + self.stride).min(self.grid.cols - 1);
        let high = (low + self.stride).min((self.grid.rows - 1).max(1));
        for row in low..high {
            for col in left..right {
                if self.grid.tears().is_torn(row * self.grid.cols + col) {
                    for corner in self.grid.triangles(col, row).into_iter().flatten() {
                        let vertex = self.vertex([col, row], corner);
                        self.built.indices.push(vertex);
                    }
                } else {
                    let [a, b] = [col, col + 1].map(|col| self.node(col, row));
                    let [c, d] = [col, col + 1].map(|col| self.node(col, row + 1));
                    self.built.indices.extend([a, b, c, b, d, c]);
                }
            }
        }
    }

    /// The vertex at a node; a curve has the same nodes in a second row.
    fn node(&mut self, col: usize, row: usize) -> u32 {
        let number = row * self.grid.cols + col;
        if let Some(vertex) = self.vertices[number] {
            return vertex;
        }
        let loss = self.grid.values[row.min(self.grid.rows - 1) * self.grid.cols + col];
        let vertex = self.vertex([col, row], [0.0, 0.0, loss]);
        self.vertices[number] = Some(vertex);
        vertex
    }

    /// A new vertex in a cell.
    fn vertex(&mut self, [col, row]: [usize; 2], [p, q, loss]: [f64; 3]) -> u32 {
        let last = [self.grid.cols - 1, (self.grid.rows - 1).max(1)];
        let place = |axis: usize, cell: usize, within: f64| {
            let lines = &self.grid.lines()[axis];
            if lines.count() < 2 {
                return cell as f64 + within;
            }
            let [from, to] = [cell, (cell + 1).min(last[axis])].map(|i| lines.fraction(i));
            from + (to - from) * within
        };
        self.built.positions.push([
            place(0, col, p) as f32,
            place(1, row, q) as f32,
            self.scale.fraction(loss) as f32,
        ]);
        self.built.nodes.push([
            (col as f64 + p) as f32 / last[0] as f32,
            (row as f64 + q) as f32 / last[1] as f32,
        ]);
        (self.built.positions.len() - 1) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    use crate::landscape::{Domain, HeightKind};
    use crate::objective::Formula;
    use crate::plane::Plane;

    fn build(formula: &str, y: Option<[f64; 2]>, stride: usize) -> Built {
        let domain = Domain { x: [-2.0, 2.0], y };
        let formula = Formula::parse(formula).and_then(|f| f.with_dim(domain.dim()));
        let plane = Plane::identity(domain.dim());
        let grid = Grid::sample(&formula.expect("a formula"), &plane, domain, 65, 65);
        let scale = HeightScale::new(HeightKind::Linear, 0.0, 0.0, 1.0);
        Torn::new(&grid, &scale, stride).build()
    }

    /// The ends of all edges that only one triangle has, as places and heights.
    fn rim(built: &Built) -> Vec<[[f32; 3]; 2]> {
        let mut edges: BTreeMap<[[i32; 3]; 2], (usize, [[f32; 3]; 2])> = BTreeMap::new();
        for triangle in built.indices.chunks(3) {
            let corners = [0, 1, 2].map(|k| built.positions[triangle[k] as usize]);
            for k in 0..3 {
                let ends = [corners[k], corners[(k + 1) % 3]];
                let mut key = ends.map(|end| end.map(|c| (c * 1e5).round() as i32));
                key.sort();
                edges.entry(key).or_insert((0, ends)).0 += 1;
            }
        }
        let once = edges.values().filter(|(count, _)| *count == 1);
        once.map(|(_, ends)| *ends).collect()
    }

    #[test]
    fn a_torn_surface_has_no_cracks_and_ends_where_the_function_does() {
        for stride in [1, 4] {
            let built = build("sqrt(1 - x^2 - y^2)", Some([-2.0, 2.0]), stride);
            let rim = rim(&built);
            assert!(rim.len() > 60, "{}", rim.len());
            for [s, t, height] in rim.iter().flatten() {
                let away = (4.0 * s - 2.0).hypot(4.0 * t - 2.0);
                assert!((away - 1.0).abs() < 2e-3, "({s}, {t}) with stride {stride}");
                assert!(height.abs() < 0.05, "{height} at ({s}, {t})");
            }
        }
        let [fine, coarse] =
            [1, 4].map(|stride| build("sqrt(1 - x^2 - y^2)", Some([-2.0, 2.0]), stride));
        assert!(coarse.indices.len() < fine.indices.len());
    }

    #[test]
    fn a_torn_curve_is_a_ribbon_with_ends() {
        let built = build("sqrt(x)", None, 1);
        let left = built.positions.iter().map(|[s, ..]| *s);
        assert_eq!(left.fold(1.0, f32::min), 0.5);
        assert!(
            built
                .positions
                .iter()
                .all(|[_, t, _]| [0.0, 1.0].contains(t))
        );
        let rim = rim(&built);
        assert!(
            rim.iter()
                .flatten()
                .all(|[s, t, _]| { [0.5, 1.0].contains(s) || [0.0, 1.0].contains(t) })
        );
    }
}
