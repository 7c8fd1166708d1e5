//! The map under the inset: the landscape's colours with its isolines as a texture, and the arrows of steepest descent.

use std::collections::BTreeMap;
use std::sync::Arc;

use bevy_egui::egui;
use egui::{Color32, ColorImage, TextureHandle};

use super::isoline_labels::{self, IsolineLabel, STRONG};
use super::style::color32;
use crate::experiment::ColorMap;
use crate::lab::Scenery;
use crate::lab::field::Field;
use crate::lab::theme;
use crate::landscape::HeightScale;

/// Arrows along the longer side.
const ARROWS: usize = 13;
/// The background's side is a multiple of so many pixels, so that it is not made anew at every pixel of a resize.
const SIZE_STEP: usize = 64;
const MAX_PIXELS: usize = 1024;

/// The maps, one a panel: made anew when the landscape, the colours or the size change, because lines by the thousand
/// would be the dearest thing in a frame.
#[derive(Default)]
pub(crate) struct ContourMaps(BTreeMap<usize, Map>);

/// The colours with isolines as a texture, the labels of these, and the arrows of steepest descent.
pub(crate) struct Map {
    key: MapKey,
    pub(crate) texture: TextureHandle,
    pub(crate) arrows: Vec<Arrow>,
    pub(crate) labels: Vec<IsolineLabel>,
}

struct MapKey {
    field: Arc<Field>,
    scale: HeightScale,
    contours: usize,
    colors: ColorMap,
    pixels: usize,
}

impl PartialEq for MapKey {
    fn eq(&self, other: &MapKey) -> bool {
        Arc::ptr_eq(&self.field, &other.field)
            && self.scale == other.scale
            && self.contours == other.contours
            && self.colors == other.colors
            && self.pixels == other.pixels
    }
}

/// From one place in the parameters to another.
pub(crate) struct Arrow {
    pub(crate) from: [f64; 2],
    pub(crate) to: [f64; 2],
}

impl ContourMaps {
    pub(crate) fn get(
        &mut self,
        ctx: &egui::Context,
        panel: usize,
        scenery: &Scenery,
        colors: ColorMap,
        side: f32,
    ) -> Option<&Map> {
        let pixels = (side * ctx.pixels_per_point()) as usize;
        let key = MapKey {
            field: scenery.field.clone(),
            scale: scenery.scale,
            contours: scenery.panel.contours,
            colors,
            pixels: pixels.div_ceil(SIZE_STEP).max(1) * SIZE_STEP,
        };
        if self.0.get(&panel).is_none_or(|map| map.key != key) {
            let image = background(scenery, colors, key.pixels.min(MAX_PIXELS));
            let options = egui::TextureOptions::LINEAR;
            let texture = ctx.load_texture(format!("contours {panel}"), image, options);
            let arrows = arrows(scenery);
            let labels = isoline_labels::place(scenery, f64::from(side));
            self.0.insert(
                panel,
                Map {
                    key,
                    texture,
                    arrows,
                    labels,
                },
            );
        }
        self.0.get(&panel)
    }
}

/// The landscape's colours with its isolines, as the surface has them, `pixels` a side.
fn background(scenery: &Scenery, colors: ColorMap, pixels: usize) -> ColorImage {
    let lut = theme::color_map(colors, 256);
    let [x0, x1] = scenery.panel.domain.x;
    let [y0, y1] = scenery.panel.domain.y.unwrap_or([0.0, 1.0]);
    let at = |k: usize, [low, high]: [f64; 2]| low + (high - low) * k as f64 / (pixels - 1) as f64;
    let heights: Vec<f32> = (0..pixels)
        .rev()
        .flat_map(|row| (0..pixels).map(move |col| (col, row)))
        .map(|(col, row)| {
            let grid = &scenery.field.grid;
            grid.interpolate(at(col, [x0, x1]), at(row, [y0, y1]))
                .filter(|loss| loss.is_finite())
                .map_or(f32::NAN, |loss| scenery.scale.fraction(loss) as f32)
        })
        .collect();
    let height = |col: usize, row: usize| heights[row * pixels + col];
    let mut image = Vec::with_capacity(heights.len());
    for row in 0..pixels {
        for col in 0..pixels {
            let here = height(col, row);
            if !here.is_finite() {
                image.push(Color32::TRANSPARENT);
                continue;
            }
            let color = lut[(here.clamp(0.0, 1.0) * 255.0).round() as usize];
            let across =
                height((col + 1).min(pixels - 1), row) - height(col.saturating_sub(1), row);
            let along = height(col, (row + 1).min(pixels - 1)) - height(col, row.saturating_sub(1));
            let slope = across.hypot(along) / 2.0 * scenery.panel.contours as f32;
            let line = isoline(here * scenery.panel.contours as f32, slope);
            image.push(color32(color.map(|c| (f32::from(c) * (1.0 - line)) as u8)));
        }
    }
    ColorImage::new([pixels, pixels], image)
}

/// How much of a pixel an isoline darkens: `level` counts levels, `slope` is levels a pixel. Every fifth is stronger, and
/// where lines would crowd they fade.
fn isoline(level: f32, slope: f32) -> f32 {
    let nearest = level.round();
    if nearest < 0.5 || !slope.is_finite() {
        return 0.0;
    }
    let strong = nearest % STRONG as f32 == 0.0;
    let distance = (level - nearest).abs() / slope.max(1e-6);
    let width = if strong { 1.5 } else { 1.2 };
    let crowd = 1.0 - ((slope - 0.15) / 0.25).clamp(0.0, 1.0);
    let strength = if strong { 0.55 } else { 0.38 };
    (width - distance).clamp(0.0, 1.0) * strength * crowd
}

/// The direction of steepest descent on a lattice of points. Lengths grow with the slope, but slowly.
fn arrows(scenery: &Scenery) -> Vec<Arrow> {
    let [x0, x1] = scenery.panel.domain.x;
    let [y0, y1] = scenery.panel.domain.y.unwrap_or([0.0, 1.0]);
    let spacing = ((x1 - x0).max(y1 - y0)) / ARROWS as f64;
    let count = |low: f64, high: f64| (((high - low) / spacing).round() as usize).max(1);
    let (cols, rows) = (count(x0, x1), count(y0, y1));
    let mut field = Vec::with_capacity(cols * rows);
    for row in 0..rows {
        for col in 0..cols {
            let x = x0 + (x1 - x0) * (col as f64 + 0.5) / cols as f64;
            let y = y0 + (y1 - y0) * (row as f64 + 0.5) / rows as f64;
            let Some(gradient) = scenery.field.slopes(x, y) else {
                continue;
            };
            let slope = gradient[0].hypot(gradient[1]);
            if slope > 0.0 {
                field.push((x, y, gradient.map(|g| g / slope), slope));
            }
        }
    }
    let steepest = field.iter().map(|&(.., slope)| slope).fold(0.0, f64::max);
    field
        .into_iter()
        .map(|(x, y, [gx, gy], slope)| {
            let half = spacing * 0.42 * (slope / steepest).powf(0.35);
            Arrow {
                from: [x + gx * half, y + gy * half],
                to: [x - gx * half, y - gy * half],
            }
        })
        .collect()
}
