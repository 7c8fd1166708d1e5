//! A map as a picture: the map with its axes, and beside it what the colours say.

use bevy_egui::egui;
use egui::{Align2, Color32, ColorImage, Rect, Vec2, pos2, vec2};

use super::chart::Chart;
use super::legend::Legend;
use super::pen::Pen;
use super::raster::paint;
use crate::lab::Theme;
use crate::lab::showing::map_picture::MapPicture;
use crate::report::map_words::MapWords;

/// Pixels along a side of the map, about.
const SIDE: usize = 1024;
/// Pixels to a point.
const SCALE: f32 = 2.0;
const MARGIN: f32 = 20.0;
/// Between the map and what stands beside it.
const GAP: f32 = 26.0;

/// What a picture of a map is made from.
#[derive(Debug, Clone, Copy)]
pub struct MapPage<'m> {
    pub picture: &'m MapPicture,
    pub theme: Theme,
    /// The panel's title, and those of its axes.
    pub title: &'m str,
    pub labels: &'m [String; 3],
}

impl MapPage<'_> {
    /// Pixels of the whole page.
    pub fn pixels(&self) -> ColorImage {
        let map = &self.picture.map.map;
        let (sizes, spans) = (map.size(), map.spans);
        // One pixel or a block of them for each cell, of large maps a block of cells for each pixel. The ends of the axes are
        // half a cell beyond the first and the last node.
        let size = sizes.map(pixels);
        let edges = [0, 1].map(|k: usize| {
            let half = 0.5 / (sizes[k] - 1) as f64;
            let covered = match sizes[k] > SIDE {
                true => (size[k] * sizes[k].div_ceil(SIDE)) as f64 / sizes[k] as f64,
                false => 1.0,
            };
            [-half, -half + (1.0 + 2.0 * half) * covered]
        });
        let cells = self.picture.pixels(size, edges, SCALE);
        let cells = cells
            .into_iter()
            .map(|[r, g, b, _]| Color32::from_rgb(r, g, b));
        let image = ColorImage::new(size, cells.collect());
        let chart = Chart {
            picture: self.picture,
            words: MapWords {
                map,
                labels: self.labels,
                descent: &self.picture.map.descent,
            },
            spans,
            edges,
        };
        paint(&self.theme, SCALE, |painter, images| {
            let mut pen = Pen {
                painter,
                theme: &self.theme,
                scale: SCALE,
                images,
            };
            self.draw(&mut pen, &chart, image.clone())
        })
    }

    fn draw(&self, pen: &mut Pen, chart: &Chart, image: ColorImage) -> Vec2 {
        let theme = pen.theme;
        let corner = pos2(MARGIN, MARGIN);
        let title = pen.words(corner, Align2::LEFT_TOP, self.title, 19.0, theme.text);
        let below = pos2(MARGIN, title.max.y + 3.0);
        let run = chart.words.what_was_run();
        let subtitle = pen.words(below, Align2::LEFT_TOP, &run, 12.5, theme.muted);
        let [left, under] = chart.room(pen);
        let corner = pos2(MARGIN + left, (subtitle.max.y + 14.0).ceil());
        let [width, height] = image.size.map(|side| side as f32 / SCALE);
        let area = Rect::from_min_size(corner, vec2(width, height));
        pen.image(area, image);
        chart.frame(pen, area);
        chart.marks(pen, area);
        let beside = pos2(area.right() + GAP, area.top());
        let legend = Legend {
            picture: self.picture,
            words: &chart.words,
        };
        let end = legend.draw(pen, beside);
        let right = end.x.max(title.max.x).max(subtitle.max.x);
        let bottom = end.y.max(area.bottom() + under);
        vec2(right + MARGIN, bottom + MARGIN)
    }
}

/// The pixels for so many cells.
fn pixels(cells: usize) -> usize {
    if cells <= SIDE {
        cells * ((SIDE + cells / 2) / cells).max(1)
    } else {
        cells.div_ceil(cells.div_ceil(SIDE))
    }
}
