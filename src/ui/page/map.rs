//! A map as a picture: the map with its axes, and beside it what the colours say.

use bevy_egui::egui;
use egui::{Align2, ColorImage, Rect, Vec2, pos2, vec2};

use super::legend::Legend;
use super::pen::Pen;
use super::raster::paint;
use super::regions::{Middle, middles};
use crate::experiment::{ColorMap, MapShow};
use crate::lab::Theme;
use crate::lab::showing::map_shades::Shades;
use crate::lab::theme::Rgb;
use crate::landscape::ticks::labels;
use crate::maps::{Axis, Map, Outcomes};
use crate::optimizer::{ParamKind, Sampling};

/// Pixels along a side of the map, about.
const SIDE: usize = 1024;
/// Pixels to a point.
const SCALE: f32 = 2.0;
const MARGIN: f32 = 20.0;
/// Between the map and what stands beside it.
const GAP: f32 = 26.0;
const TICK: f32 = 5.0;
const TICKS: usize = 5;
/// The room that a minimum's number takes to all sides.
const NUMBER: f32 = 12.0;

/// What a picture of a map is made from.
#[derive(Debug, Clone, Copy)]
pub struct MapPage<'m> {
    pub map: &'m Map,
    pub outcomes: &'m Outcomes,
    pub show: MapShow,
    pub theme: Theme,
    pub colors: ColorMap,
    /// The panel's title, the titles of its axes, and the descent's name.
    pub title: &'m str,
    pub labels: &'m [String; 3],
    pub descent: &'m str,
}

impl MapPage<'_> {
    pub fn picture(&self) -> ColorImage {
        let shades = Shades::new(self.map, self.outcomes, self.show, self.theme, self.colors);
        let pixels = self.pixels(&shades);
        paint(&self.theme, SCALE, |painter, images| {
            let mut pen = Pen {
                painter,
                theme: &self.theme,
                scale: SCALE,
                images,
            };
            self.draw(&mut pen, &shades, &pixels)
        })
    }

    fn draw(&self, pen: &mut Pen, shades: &Shades, pixels: &ColorImage) -> Vec2 {
        let title = pen.words(
            pos2(MARGIN, MARGIN),
            Align2::LEFT_TOP,
            self.title,
            19.0,
            pen.theme.text,
        );
        let below = pos2(MARGIN, title.max.y + 3.0);
        let subtitle = pen.words(
            below,
            Align2::LEFT_TOP,
            &self.what_was_run(),
            12.5,
            pen.theme.muted,
        );
        let [ticks_x, ticks_y] = [0, 1].map(|k: usize| self.ticks(k));
        let widest = ticks_y
            .iter()
            .map(|(_, text)| pen.width(text, 12.0))
            .fold(0.0, f32::max);
        let corner = pos2(
            MARGIN + 20.0 + (widest + TICK + 4.0).ceil(),
            (subtitle.max.y + 14.0).ceil(),
        );
        let [width, height] = pixels.size.map(|side| side as f32 / SCALE);
        let area = Rect::from_min_size(corner, vec2(width, height));
        pen.image(area, pixels.clone());
        pen.frame(area, pen.theme.axis);
        for (at, text) in &ticks_x {
            let x = area.left() + *at as f32 * width;
            pen.line(
                pos2(x, area.bottom()),
                pos2(x, area.bottom() + TICK),
                pen.theme.axis,
            );
            let below = pos2(x, area.bottom() + TICK + 2.0);
            pen.words(below, Align2::CENTER_TOP, text, 12.0, pen.theme.text);
        }
        for (at, text) in &ticks_y {
            let y = area.bottom() - *at as f32 * height;
            pen.line(
                pos2(area.left() - TICK, y),
                pos2(area.left(), y),
                pen.theme.axis,
            );
            let left = pos2(area.left() - TICK - 4.0, y);
            pen.words(left, Align2::RIGHT_CENTER, text, 12.0, pen.theme.text);
        }
        let title_x = pos2(area.center().x, area.bottom() + TICK + 20.0);
        let bottom = pen.words(
            title_x,
            Align2::CENTER_TOP,
            &self.axis_title(0),
            13.0,
            pen.theme.text,
        );
        pen.upright(
            pos2(MARGIN, area.center().y),
            &self.axis_title(1),
            13.0,
            pen.theme.text,
        );
        self.mark(pen, area);
        let beside = pos2(area.right() + GAP, area.top());
        let legend = Legend {
            map: self.map,
            outcomes: self.outcomes,
            show: self.show,
            shades,
        };
        let end = legend.draw(pen, beside);
        let right = end.x.max(title.max.x).max(subtitle.max.x);
        vec2(right + MARGIN, end.y.max(bottom.max.y) + MARGIN)
    }

    /// The best cell, and the numbers of the minima: over starts where they lie, else in the middle of their areas.
    fn mark(&self, pen: &Pen, area: Rect) {
        let on_page = |[x, y]: [f64; 2]| {
            let [x, y] = [x as f32, y as f32];
            pos2(
                area.left() + x * area.width(),
                area.bottom() - y * area.height(),
            )
        };
        let fractions = |values: [f64; 2]| [0, 1].map(|k: usize| self.fraction(k, values[k]));
        let minima = &self.map.minima;
        let over_starts = match self.map.spans.map(|span| span.axis) {
            [Axis::Start(first), Axis::Start(_)] => Some(first),
            _ => None,
        };
        if let (Some(first), true) = (over_starts, self.show != MapShow::Status) {
            for (index, minimum) in minima.iter().enumerate() {
                let [x, y] = minimum.at;
                let at = fractions(if first == 0 { [x, y] } else { [y, x] });
                if at.iter().all(|part| (0.0..=1.0).contains(part)) {
                    pen.badge(on_page(at), index);
                }
            }
        } else if self.show == MapShow::Minimum && minima.len() > 1 {
            let middles = middles(self.outcomes, self.map.size(), minima.len());
            for (index, middle) in middles.into_iter().enumerate() {
                let room = |middle: &Middle| middle.room as f32 * area.size().min_elem();
                if let Some(middle) = middle.filter(|middle| room(middle) > NUMBER) {
                    pen.badge(on_page(middle.at), index);
                }
            }
        }
        // Near a minimum every start is a good one.
        let best = self.outcomes.best(minima).filter(|_| over_starts.is_none());
        let best = best.map(|best| on_page(fractions(self.map.at(best))));
        best.into_iter().for_each(|best| pen.ring(best));
    }

    /// One pixel or a block of them for each cell, the first row at the bottom; of large maps several cells a pixel.
    fn pixels(&self, shades: &Shades) -> ColorImage {
        let [cols, rows] = self.map.size();
        let [across, down] = [cols, rows].map(Blocks::of);
        let size = [across.pixels(cols), down.pixels(rows)];
        let mut image = ColorImage::filled(size, egui::Color32::BLACK);
        for y in 0..size[1] {
            for x in 0..size[0] {
                let (cells_x, cells_y) = (across.cells(x, cols), down.cells(size[1] - 1 - y, rows));
                let cells =
                    cells_y.flat_map(|row| cells_x.clone().map(move |col| row * cols + col));
                let colors = cells.map(|index| shades.look(self.outcomes, index).at(x, y));
                image[(x, y)] = mean(colors);
            }
        }
        image
    }

    /// The rule and what does not vary.
    fn what_was_run(&self) -> String {
        let plan = &self.map.plan;
        let varies =
            |axis: &dyn Fn(&Axis) -> bool| self.map.spans.iter().any(|span| axis(&span.axis));
        let number = crate::landscape::ticks::label;
        let mut settings = Vec::new();
        if !varies(&|axis| *axis == Axis::Rate) {
            settings.push(format!("η {}", number(plan.rate)));
        }
        for (k, param) in plan.rule.info().params.iter().enumerate() {
            let value = plan.rule.values()[k];
            let is_varied = varies(&|axis| matches!(axis, Axis::Param(other, _) if *other == k));
            let is_usual = value == param.default;
            let is_number = matches!(param.kind, ParamKind::Number | ParamKind::Whole);
            // What is usually not there, or a choice that nobody made, is not worth a word.
            if is_varied || (is_usual && (value == 0.0 || !is_number)) {
                continue;
            }
            settings.push(match param.word(value) {
                Some(word) => format!("{} {word}", param.key),
                None => format!("{} {}", param.symbol, number(value)),
            });
        }
        match plan.sampling {
            Sampling::Noise { sigma } if !varies(&|axis| *axis == Axis::Noise) => {
                settings.push(format!("noise σ {}", number(sigma)));
            }
            _ => {}
        }
        let start = plan.start.iter().enumerate().map(|(k, x)| {
            let is_varied = varies(&|axis| *axis == Axis::Start(k));
            if is_varied {
                "·".to_owned()
            } else {
                number(*x)
            }
        });
        let start: Vec<String> = start.collect();
        if start.iter().any(|part| part != "·") {
            settings.push(format!("from ({})", start.join(", ")));
        }
        let s = if plan.steps == 1 { "" } else { "s" };
        settings.push(format!("{} step{s}", plan.steps));
        let title = plan.rule.info().title;
        let name = if self.descent == title {
            title.to_owned()
        } else {
            format!("{} ({title})", self.descent)
        };
        format!("{name}: {}", settings.join(", "))
    }

    /// Where ticks lie, as fractions, and their words.
    fn ticks(&self, k: usize) -> Vec<(f64, String)> {
        let ticks = self.map.spans[k].ticks(TICKS);
        let texts = labels(&ticks).texts;
        let places = ticks.iter().map(|tick| self.fraction(k, *tick));
        places.zip(texts).collect()
    }

    /// Where a value lies on an axis of the picture, whose ends are half a cell beyond the first and the last node.
    fn fraction(&self, k: usize, value: f64) -> f64 {
        let cells = self.map.size()[k] as f64;
        (self.map.spans[k].fraction(value) * (cells - 1.0) + 0.5) / cells
    }

    fn axis_title(&self, k: usize) -> String {
        match &self.map.spans[k].axis {
            Axis::Start(axis) => format!("start {}", self.labels[*axis]),
            Axis::Rate => "learning rate η".to_owned(),
            Axis::Noise => "noise σ".to_owned(),
            Axis::Param(_, param) => format!("{} {}", param.key, param.symbol),
        }
    }
}

/// How cells and pixels along a side belong together.
#[derive(Clone, Copy)]
enum Blocks {
    PixelsPerCell(usize),
    CellsPerPixel(usize),
}

impl Blocks {
    fn of(cells: usize) -> Blocks {
        if cells <= SIDE {
            Blocks::PixelsPerCell(((SIDE + cells / 2) / cells).max(1))
        } else {
            Blocks::CellsPerPixel(cells.div_ceil(SIDE))
        }
    }

    fn pixels(self, cells: usize) -> usize {
        match self {
            Blocks::PixelsPerCell(pixels) => cells * pixels,
            Blocks::CellsPerPixel(block) => cells.div_ceil(block),
        }
    }

    fn cells(self, pixel: usize, cells: usize) -> std::ops::Range<usize> {
        match self {
            Blocks::PixelsPerCell(pixels) => pixel / pixels..pixel / pixels + 1,
            Blocks::CellsPerPixel(block) => pixel * block..((pixel + 1) * block).min(cells),
        }
    }
}

fn mean(colors: impl Iterator<Item = Rgb>) -> egui::Color32 {
    let (mut sum, mut count) = ([0_u32; 3], 0);
    for color in colors {
        (0..3).for_each(|k| sum[k] += u32::from(color[k]));
        count += 1;
    }
    let [r, g, b] = sum.map(|sum| (sum / count.max(1)) as u8);
    egui::Color32::from_rgb(r, g, b)
}
