//! The surface's textures: heights and slopes at the grid's nodes, and the colour map.

use bevy::asset::RenderAssetUsages;
use bevy::prelude::*;
use bevy::render::render_resource::{Extent3d, TextureDimension, TextureFormat};

use super::surface_mesh::beside_tears;
use crate::experiment::ColorMap;
use crate::lab::PanelLandscape;
use crate::lab::theme;
use crate::landscape::Grid;

/// Colours in the colour map's texture.
const COLORS: usize = 1024;

/// At every node of the grid: the drawn height as a fraction, its slopes along s and t, and 1 where the landscape is
/// whole all around, else 0.
pub(super) fn field_texture(landscape: &PanelLandscape) -> Image {
    let grid = &landscape.field.grid;
    let (cols, rows) = (grid.cols, grid.rows);
    let heights: Vec<f32> = grid
        .values
        .iter()
        .map(|&loss| {
            if loss.is_finite() {
                landscape.scale.fraction(loss) as f32
            } else {
                f32::NAN
            }
        })
        .collect();
    let beside = beside_tears(grid);
    let mut data: Vec<[f32; 4]> = (0..heights.len())
        .map(|node| {
            if !heights[node].is_finite() {
                return [0.0; 4];
            }
            let (col, row) = (node % cols, node / cols);
            let across = (col > 0).then(|| node - 1);
            let along = (row > 0).then(|| node - cols);
            let beyond = [
                (col + 1 < cols).then_some(node + 1),
                (row + 1 < rows).then_some(node + cols),
            ];
            let whole = if beside[node] { 0.0 } else { 1.0 };
            let slope = |axis: usize, before: Option<usize>| {
                slope(grid, &heights, axis, node, [before, beyond[axis]])
            };
            [heights[node], slope(0, across), slope(1, along), whole]
        })
        .collect();
    // Holes are as steep as what is beside them, so that the light does not change at the edge.
    let holes = (0..heights.len()).filter(|node| beside[*node] && !heights[*node].is_finite());
    for node in holes.collect::<Vec<_>>() {
        let (col, row) = (node % cols, node / cols);
        let near = |i: usize, count: usize| i.saturating_sub(1)..(i + 2).min(count);
        let around =
            near(row, rows).flat_map(|row| near(col, cols).map(move |col| row * cols + col));
        let sound: Vec<usize> = around.filter(|i| heights[*i].is_finite()).collect();
        let sum = |slope: usize| sound.iter().map(|i| data[*i][slope]).sum::<f32>();
        let count = sound.len().max(1) as f32;
        data[node] = [0.0, sum(1) / count, sum(2) / count, 0.0];
    }
    float_texture(&data, cols, rows)
}

/// Central differences along an axis, one-sided at edges and beside breaks.
fn slope(
    grid: &Grid,
    heights: &[f32],
    axis: usize,
    node: usize,
    [before, after]: [Option<usize>; 2],
) -> f32 {
    let is_joined = |first: usize, second: usize| {
        let joined = heights[first].is_finite() && heights[second].is_finite();
        joined && grid.tears().get(first, axis == 0).is_none()
    };
    let before = before
        .filter(|before| is_joined(*before, node))
        .unwrap_or(node);
    let after = after
        .filter(|after| is_joined(node, *after))
        .unwrap_or(node);
    let lines = &grid.lines()[axis];
    let per_unit = if lines.is_even() {
        let apart = usize::from(before != node) + usize::from(after != node);
        (lines.count().max(2) - 1) as f32 / apart.max(1) as f32
    } else {
        let [from, to] = [before, after].map(|node| grid.fractions(node)[axis]);
        if to > from {
            1.0 / (to - from) as f32
        } else {
            0.0
        }
    };
    (heights[after] - heights[before]) * per_unit
}

pub(super) fn color_texture(map: ColorMap) -> Image {
    let colors: Vec<[f32; 4]> = theme::color_map(map, COLORS)
        .into_iter()
        .map(|color| theme::linear(color, 1.0).to_array())
        .collect();
    float_texture(&colors, COLORS, 1)
}

/// Four floats a texel, row by row.
fn float_texture(texels: &[[f32; 4]], width: usize, height: usize) -> Image {
    Image::new(
        Extent3d {
            width: width as u32,
            height: height as u32,
            depth_or_array_layers: 1,
        },
        TextureDimension::D2,
        bytemuck::cast_slice(texels).to_vec(),
        TextureFormat::Rgba32Float,
        RenderAssetUsages::RENDER_WORLD,
    )
}
