//! A map with its axes: what stands around an area and in it, whether that is part of a page or of the window.

use bevy_egui::egui;
use egui::{Align2, Pos2, Rect, pos2};

use super::pen::Pen;
use crate::experiment::MapShow;
use crate::lab::showing::map_picture::MapPicture;
use crate::landscape::Range;
use crate::landscape::ticks::labels;
use crate::maps::{Axis, Middle, Span};
use crate::report::map_words::MapWords;

/// Size of the numbers at the axes; titles are a little larger.
pub(crate) const NUMBERS: f32 = 12.0;
const TICK: f32 = 5.0;
const TICKS: usize = 5;
/// The room that a minimum's number takes to all sides.
const NUMBER: f32 = 12.0;

pub(crate) struct Chart<'m> {
    pub(crate) picture: &'m MapPicture,
    pub(crate) words: MapWords<'m>,
    /// What its axes are; the picture may be of another part of them.
    pub(crate) spans: [Span; 2],
    /// Where the area begins and ends, as fractions of the axes.
    pub(crate) edges: [Range; 2],
}

impl Chart<'_> {
    /// Where a value lies, as a fraction of the area.
    fn fraction(&self, k: usize, value: f64) -> f64 {
        let [low, high] = self.edges[k];
        (self.spans[k].fraction(value) - low) / (high - low)
    }

    fn fractions(&self, values: [f64; 2]) -> [f64; 2] {
        [0, 1].map(|k| self.fraction(k, values[k]))
    }

    fn ticks(&self, k: usize) -> Vec<(f64, String)> {
        let ticks = self.spans[k].ticks(TICKS);
        let texts = labels(&ticks).texts;
        let places = ticks.iter().map(|tick| self.fraction(k, *tick));
        places.zip(texts).collect()
    }

    /// The room that numbers and titles take at the left of the area and below it.
    pub(crate) fn room(&self, pen: &Pen) -> [f32; 2] {
        let widths = self.ticks(1).into_iter();
        let widths = widths.map(|(_, text)| pen.width(&text, NUMBERS));
        let widest = widths.fold(0.0, f32::max);
        [20.0 + (widest + TICK + 4.0).ceil(), TICK + 38.0]
    }

    /// The area's frame, with ticks and titles.
    pub(crate) fn frame(&self, pen: &Pen, area: Rect) {
        let theme = pen.theme;
        pen.frame(area, theme.axis);
        let mut free = f32::NEG_INFINITY;
        for (at, text) in self.ticks(0) {
            let x = area.left() + at as f32 * area.width();
            let ends = [0.0, TICK].map(|down| pos2(x, area.bottom() + down));
            pen.line(ends[0], ends[1], theme.axis);
            // Where they have no room, not all ticks have numbers.
            let half = 0.5 * pen.width(&text, NUMBERS);
            if x - half < free {
                continue;
            }
            free = x + half + 4.0;
            let below = pos2(x, area.bottom() + TICK + 2.0);
            pen.words(below, Align2::CENTER_TOP, &text, NUMBERS, theme.text);
        }
        for (at, text) in self.ticks(1) {
            let y = area.bottom() - at as f32 * area.height();
            let ends = [TICK, 0.0].map(|left| pos2(area.left() - left, y));
            pen.line(ends[0], ends[1], theme.axis);
            let left = pos2(area.left() - TICK - 4.0, y);
            pen.words(left, Align2::RIGHT_CENTER, &text, NUMBERS, theme.text);
        }
        let [x, y] = [0, 1].map(|k| self.words.axis_title(k));
        let below = pos2(area.center().x, area.bottom() + TICK + 20.0);
        pen.words(below, Align2::CENTER_TOP, &x, NUMBERS + 1.0, theme.text);
        let left = area.left() - self.room(pen)[0];
        pen.upright(pos2(left, area.center().y), &y, NUMBERS + 1.0, theme.text);
    }

    /// The best cell, and the numbers of the minima: over starts where they lie, else in the middle of their areas.
    pub(crate) fn marks(&self, pen: &Pen, area: Rect) {
        let (map, show) = (&self.picture.map.map, self.picture.show);
        let is_inside = |at: [f64; 2]| at.iter().all(|part| (0.0..=1.0).contains(part));
        let over_starts = match map.spans.map(|span| span.axis) {
            [Axis::Start(first), Axis::Start(_)] => Some(first),
            _ => None,
        };
        if let (Some(first), true) = (over_starts, show != MapShow::Status) {
            for (index, minimum) in map.minima.iter().enumerate() {
                let [x, y] = minimum.at;
                let at = self.fractions(if first == 0 { [x, y] } else { [y, x] });
                if is_inside(at) {
                    pen.badge(on_page(area, at), index);
                }
            }
        } else if show == MapShow::Minimum && map.minima.len() > 1 {
            for (index, middle) in self.picture.middles.iter().enumerate() {
                let room = |middle: &Middle| middle.room as f32 * area.size().min_elem();
                let wide = middle.filter(|middle| room(middle) > NUMBER);
                let values = wide.map(|middle| [0, 1].map(|k| map.spans[k].value(middle.at[k])));
                let at = values.map(|values| self.fractions(values));
                if let Some(at) = at.filter(|at| is_inside(*at)) {
                    pen.badge(on_page(area, at), index);
                }
            }
        }
        // Near a minimum every start is a good one.
        let best = self.picture.best.filter(|_| over_starts.is_none());
        let best = best.map(|best| self.fractions(map.at(best)));
        if let Some(at) = best.filter(|at| is_inside(*at)) {
            pen.ring(on_page(area, at));
        }
    }
}

fn on_page(area: Rect, [x, y]: [f64; 2]) -> Pos2 {
    let x = area.left() + x as f32 * area.width();
    pos2(x, area.bottom() - y as f32 * area.height())
}
