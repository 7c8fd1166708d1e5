//! The map under the inset: the landscape's colours with its isolines as a texture, and the arrows of steepest descent.

use std::collections::BTreeMap;
use std::sync::Arc;

use bevy_egui::egui;
use egui::{Color32, ColorImage, TextureHandle};

use super::isoline_labels::{self, IsolineLabels, STRONG};
use crate::experiment::{ColorMap, Contours};
use crate::lab::PanelLandscape;
use crate::lab::model::field::Field;
use crate::lab::model::jobs::{Job, Patience};
use crate::lab::showing::map_picture::MapPicture;
use crate::lab::theme;
use crate::landscape::{Domain, HeightScale};
use crate::ui::text::style::with_alpha;

/// Arrows along the longer side.
const ARROWS: usize = 13;
/// The background's longer side is a multiple of so many pixels, and the shorter one of so many shares of it, so that it
/// is not made anew at every pixel of a resize.
const SIZE_STEP: usize = 64;
const SHARES: f64 = 32.0;
const MAX_PIXELS: usize = 1024;

/// The maps, one a panel: made anew beside the frames when the landscape, the colours or the size change, because lines by the thousand
/// would be the dearest thing in a frame.
#[derive(Default)]
pub(crate) struct ContourMaps(BTreeMap<usize, Slot>);

#[derive(Default)]
struct Slot {
    map: Option<Map>,
    job: Option<Job<MapKey, Made>>,
}

/// The colours with isolines as a texture, the labels of these, and the arrows of steepest descent. While another is being made it is
/// of what was shown before.
pub(crate) struct Map {
    key: MapKey,
    pub(crate) texture: TextureHandle,
    pub(crate) arrows: Vec<Arrow>,
    pub(crate) labels: IsolineLabels,
}

/// The same without a place on the graphics device.
struct Made {
    image: ColorImage,
    arrows: Vec<Arrow>,
    labels: IsolineLabels,
}

#[derive(Clone)]
struct MapKey {
    field: Arc<Field>,
    scale: HeightScale,
    contours: Contours,
    colors: ColorMap,
    picture: Option<Arc<MapPicture>>,
    pixels: [usize; 2],
}

impl PartialEq for MapKey {
    fn eq(&self, other: &MapKey) -> bool {
        Arc::ptr_eq(&self.field, &other.field)
            && self.scale == other.scale
            && self.contours == other.contours
            && self.colors == other.colors
            && self.picture.as_ref().map(Arc::as_ptr) == other.picture.as_ref().map(Arc::as_ptr)
            && self.pixels == other.pixels
    }
}

/// From one place in the parameters to another.
pub(crate) struct Arrow {
    pub(crate) from: [f64; 2],
    pub(crate) to: [f64; 2],
}

impl Map {
    /// The range that it is of.
    pub(crate) fn domain(&self) -> Domain {
        self.key.field.key.domain
    }
}

impl ContourMaps {
    /// `sides` are the lengths of the map's axes in logical pixels; `picture` is what lies on the surface in place of its colours. Until
    /// `patience` it is waited for what is begun.
    pub(crate) fn get(
        &mut self,
        ctx: &egui::Context,
        (panel, patience): (usize, &Patience),
        landscape: &PanelLandscape,
        (colors, picture): (ColorMap, Option<&Arc<MapPicture>>),
        sides: [f64; 2],
    ) -> Option<&Map> {
        let slot = self.0.entry(panel).or_default();
        let scale = ctx.pixels_per_point();
        let key = MapKey {
            field: landscape.field.clone(),
            scale: landscape.scale,
            contours: landscape.panel.contours.clone(),
            colors,
            picture: picture.cloned(),
            pixels: pixels(sides.map(|side| side * f64::from(scale))),
        };
        if slot.map.as_ref().is_some_and(|map| map.key == key) {
            slot.job = None;
            return slot.map.as_ref();
        }
        // What is under way is finished: something newer may come in every frame.
        let failed = |job: &Job<MapKey, _>| job.has_failed() && job.key != key;
        if slot.job.as_ref().is_some_and(failed) {
            slot.job = None;
        }
        let job = slot.job.get_or_insert_with(|| {
            let (landscape, of) = (landscape.clone(), key.clone());
            let job = Job::at_once(key, move || Made::of(&landscape, &of, (sides, scale)));
            job.wait(patience.0);
            job
        });
        if let Some(made) = job.take().pop() {
            let options = egui::TextureOptions::LINEAR;
            let texture = ctx.load_texture(format!("contours {panel}"), made.image, options);
            slot.map = Some(Map {
                key: job.key.clone(),
                texture,
                arrows: made.arrows,
                labels: made.labels,
            });
            slot.job = None;
        }
        slot.map.as_ref()
    }
}

impl Made {
    /// There are so many pixels to a logical one.
    fn of(landscape: &PanelLandscape, key: &MapKey, (sides, scale): ([f64; 2], f32)) -> Made {
        let mapped = key.picture.as_ref().map(|picture| {
            let domain = landscape.panel.domain;
            let spans = picture.map.map.spans;
            let ranges = [(domain.x, 0), (domain.y_or_zero(), 1)]
                .map(|(range, k)| range.map(|value| spans[k].fraction(value)));
            picture.pixels(key.pixels, ranges, scale)
        });
        Made {
            image: background(landscape, key.colors, mapped.as_deref(), key.pixels),
            // On a map they would be too much.
            arrows: match key.picture {
                Some(_) => Vec::new(),
                None => arrows(landscape, sides),
            },
            labels: isoline_labels::place(landscape, sides),
        }
    }
}

/// The size of a texture for a map of this size in pixels.
fn pixels(sides: [f64; 2]) -> [usize; 2] {
    let longer = sides[0].max(sides[1]).max(1.0);
    let pixels = ((longer as usize).div_ceil(SIZE_STEP) * SIZE_STEP).clamp(SIZE_STEP, MAX_PIXELS);
    sides.map(|side| {
        let share = (side / longer * SHARES).ceil().max(1.0) / SHARES;
        (pixels as f64 * share) as usize
    })
}

/// The landscape's colours, or where there is something those of a map, with its isolines, as the surface has them; so many
/// pixels along x and y.
fn background(
    landscape: &PanelLandscape,
    colors: ColorMap,
    mapped: Option<&[[u8; 4]]>,
    [cols, rows]: [usize; 2],
) -> ColorImage {
    let lut = theme::color_map(colors, 256);
    let inks: Vec<theme::Rgb> = lut.iter().map(|&color| theme::ink_on(color)).collect();
    let lines = Lines::new(landscape);
    let [x, y] = [
        landscape.panel.domain.x,
        landscape.panel.domain.y.unwrap_or([0.0, 1.0]),
    ];
    let at = |k: f64, count: usize, [low, high]: [f64; 2]| {
        (low + (high - low) * k / (count - 1) as f64).clamp(low, high)
    };
    let sample = |col: f64, row: f64| {
        let grid = &landscape.field.grid;
        let loss = grid.interpolate(at(col, cols, x), at(row, rows, y));
        loss.map_or(f32::NAN, |loss| landscape.scale.fraction(loss) as f32)
    };
    let mut heights: Vec<f32> = (0..rows)
        .rev()
        .flat_map(|row| (0..cols).map(move |col| (col, row)))
        .map(|(col, row)| sample(col as f64, row as f64))
        .collect();
    // What would fall between the pixels has one.
    for place in &landscape.field.narrow {
        let loss = landscape.field.loss_at(place.at);
        let pixel = |c: f64, count: usize| (c * (count - 1) as f64).round() as usize;
        let [col, row] = [pixel(place.at[0], cols), pixel(1.0 - place.at[1], rows)];
        heights[row * cols + col] = landscape.scale.fraction(loss) as f32;
    }
    let height = |col: usize, row: usize| heights[row * cols + col];
    let is_torn = !landscape.field.grid.tears().is_empty();
    let mut image = Vec::with_capacity(heights.len());
    for row in 0..rows {
        for col in 0..cols {
            let mut here = height(col, row);
            let mut cover = 1.0;
            if is_torn && is_at_edge(&heights, [cols, rows], [col, row]) {
                // From the top down, unlike the grid.
                let up = (rows - 1 - row) as f64;
                (here, cover) = part_of_pixel(|a, b| sample(col as f64 + a, up + b));
            }
            if !here.is_finite() {
                image.push(Color32::TRANSPARENT);
                continue;
            }
            let color = (here.clamp(0.0, 1.0) * 255.0).round() as usize;
            let across = height((col + 1).min(cols - 1), row) - height(col.saturating_sub(1), row);
            let along = height(col, (row + 1).min(rows - 1)) - height(col, row.saturating_sub(1));
            let line = lines.strength(here, across.hypot(along) / 2.0);
            let mapped = mapped.map(|mapped| mapped[row * cols + col]);
            let (ground, ink) = match mapped {
                Some([r, g, b, cover]) if cover > 127 => ([r, g, b], theme::ink_on([r, g, b])),
                _ => (lut[color], inks[color]),
            };
            let mix = |k: usize| {
                let [ground, ink] = [ground[k], ink[k]].map(f32::from);
                (ground + (ink - ground) * line) as u8
            };
            image.push(with_alpha([mix(0), mix(1), mix(2)], (cover * 255.0) as u8));
        }
    }
    ColorImage::new([cols, rows], image)
}

/// Whether the landscape ends at a pixel or beside it.
fn is_at_edge(heights: &[f32], [cols, rows]: [usize; 2], [col, row]: [usize; 2]) -> bool {
    let near = |i: usize, count: usize| i.saturating_sub(1)..(i + 2).min(count);
    let mut around = near(row, rows).flat_map(|row| near(col, cols).map(move |col| (col, row)));
    let here = heights[row * cols + col].is_finite();
    around.any(|(col, row)| heights[row * cols + col].is_finite() != here)
}

/// The mean height over that part of a pixel where there is one, and how much of the pixel that is. `sample` takes
/// distances from the pixel's middle.
fn part_of_pixel(sample: impl Fn(f64, f64) -> f32) -> (f32, f32) {
    const SIDE: usize = 4;
    let place = |k: usize| (k as f64 + 0.5) / SIDE as f64 - 0.5;
    let samples = (0..SIDE).flat_map(|a| (0..SIDE).map(move |b| (a, b)));
    let heights = samples.map(|(a, b)| sample(place(a), place(b)));
    let (sum, count) = heights
        .filter(|height| height.is_finite())
        .fold((0.0, 0.0), |(sum, count), height| {
            (sum + height, count + 1.0)
        });
    (sum / count, count / (SIDE * SIDE) as f32)
}

/// The isolines by their heights as fractions, as the surface's shader has them.
enum Lines {
    Bands(f32),
    Levels(Vec<f32>),
}

impl Lines {
    fn new(landscape: &PanelLandscape) -> Lines {
        match &landscape.panel.contours {
            Contours::Bands(count) => Lines::Bands(*count as f32),
            Contours::Levels(_) => {
                let levels = landscape.levels();
                let heights = levels
                    .iter()
                    .map(|loss| landscape.scale.fraction(*loss) as f32);
                Lines::Levels(heights.collect())
            }
        }
    }

    /// How much of a pixel at this height a line covers, where the height changes by `slope` a pixel. Every fifth of
    /// evenly spaced lines is stronger.
    fn strength(&self, height: f32, slope: f32) -> f32 {
        if !slope.is_finite() {
            return 0.0;
        }
        match self {
            Lines::Bands(bands) => {
                let apart = 1.0 / (slope * bands).max(1e-6);
                let every = |stride: f32| {
                    let last = ((bands - 1.0) / stride).floor();
                    let nearest = (height * bands / stride).round().clamp(1.0, last.max(1.0));
                    let away = (height * bands - nearest * stride).abs() * apart;
                    if last < 1.0 { f32::INFINITY } else { away }
                };
                let strong = STRONG as f32;
                let fine = 0.38 * line(every(1.0), 1.2, apart);
                fine.max(0.55 * line(every(strong), 1.5, apart * strong))
            }
            Lines::Levels(levels) => {
                let next = levels.partition_point(|level| *level < height);
                let apart = |i: usize| {
                    let before = i.checked_sub(1).and_then(|i| levels.get(i));
                    before.map_or(f32::INFINITY, |before| {
                        (levels[i] - before) / slope.max(1e-9)
                    })
                };
                let near = next.saturating_sub(1)..(next + 1).min(levels.len());
                let lines = near.map(|i| {
                    let away = (height - levels[i]).abs() / slope.max(1e-9);
                    0.55 * line(away, 1.5, apart(i))
                });
                lines.fold(0.0, f32::max)
            }
        }
    }
}

/// How much of a line is seen at a distance from its middle, where lines of its kind lie so far apart: where they would
/// crowd, they fade. All in pixels.
fn line(away: f32, width: f32, apart: f32) -> f32 {
    let crowd = ((apart - 2.5) / 4.0).clamp(0.0, 1.0);
    (width - away).clamp(0.0, 1.0) * crowd
}

/// The direction in which gradient descent moves on the map, on a lattice of points. Lengths grow with the slope, but
/// slowly.
fn arrows(landscape: &PanelLandscape, sides: [f64; 2]) -> Vec<Arrow> {
    let [x, y] = [
        landscape.panel.domain.x,
        landscape.panel.domain.y.unwrap_or([0.0, 1.0]),
    ];
    let spacing = sides[0].max(sides[1]) / ARROWS as f64;
    let [cols, rows] = sides.map(|side| ((side / spacing).round() as usize).max(1));
    let [width, height] = landscape.panel.domain.size();
    // Pixels a unit.
    let scale = [sides[0] / width, sides[1] / height];
    let mut field = Vec::with_capacity(cols * rows);
    for row in 0..rows {
        for col in 0..cols {
            let at = |i: usize, count: usize, [low, high]: [f64; 2]| {
                low + (high - low) * (i as f64 + 0.5) / count as f64
            };
            let (x, y) = (at(col, cols, x), at(row, rows, y));
            let Some([gx, gy]) = landscape.field.slopes(x, y) else {
                continue;
            };
            // On the map: where a step along the gradient leads, and how steep the way is.
            let way = [gx * scale[0], gy * scale[1]];
            let length = way[0].hypot(way[1]);
            let slope = (gx / scale[0]).hypot(gy / scale[1]);
            if length.is_normal() && slope.is_normal() {
                field.push(([x, y], way.map(|c| c / length), slope));
            }
        }
    }
    let steepest = field.iter().map(|&(.., slope)| slope).fold(0.0, f64::max);
    field
        .into_iter()
        .map(|([x, y], [across, along], slope)| {
            let half = spacing * 0.42 * (slope / steepest).powf(0.35);
            let [dx, dy] = [across * half / scale[0], along * half / scale[1]];
            Arrow {
                from: [x + dx, y + dy],
                to: [x - dx, y - dy],
            }
        })
        .collect()
}

#[cfg(test)]
mod tests;
