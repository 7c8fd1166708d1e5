//! What the colours of a map say, in words and numbers beside it.

use bevy_egui::egui;
use egui::{Align2, Pos2, Rect, pos2, vec2};

use super::pen::Pen;
use crate::experiment::MapShow;
use crate::lab::showing::map_picture::MapPicture;
use crate::lab::theme::mixed;
use crate::landscape::ticks::label;
use crate::maps::{Axis, STATUSES};
use crate::palette::map_shades::Look;
use crate::report::map_words::{MapWords, loss, percent, steps};

/// Minima that are named; of more those that most cells end at.
const MOST: usize = 12;
const WIDTH: f32 = 230.0;
const SWATCH: egui::Vec2 = vec2(42.0, 15.0);

pub(super) struct Legend<'m> {
    pub(super) picture: &'m MapPicture,
    pub(super) words: &'m MapWords<'m>,
}

impl Legend<'_> {
    /// Draws it from its upper left corner on; the result is its lower right one.
    pub(super) fn draw(&self, pen: &mut Pen, at: Pos2) -> Pos2 {
        let mut list = List {
            pen,
            at,
            right: at.x + WIDTH,
        };
        let MapPicture {
            shares,
            shades,
            show,
            ..
        } = self.picture;
        let share = |count: usize| percent(count, shares.all);
        match show {
            MapShow::Minimum => {
                list.heading("Settles at");
                self.minima(&mut list);
            }
            MapShow::Steps => {
                list.heading("Settles after");
                let [first, last] = shades.steps().map(steps);
                list.bar(&first, &last, |part| shades.soon(part));
            }
            MapShow::Loss => {
                let ([low, high], lowest) = shades.losses();
                list.heading(&format!("Last loss above {}", label(lowest)));
                let loss = |part: f32| {
                    let above = low.ln() + f64::from(part) * (high.ln() - low.ln());
                    shades.loss(lowest + above.exp())
                };
                list.bar(&label(low), &label(high), loss);
            }
            MapShow::Status => {
                list.heading("Ends");
                for (code, name) in STATUSES.iter().enumerate() {
                    let look = shades.status(code as u8);
                    list.entry(|_| look, name, &share(shares.ended[code]));
                }
            }
        }
        let is_settling = *show == MapShow::Minimum || *show == MapShow::Steps;
        if is_settling {
            list.entry(
                |_| shades.nowhere(),
                "settles nowhere",
                &share(shares.nowhere),
            );
        }
        if *show != MapShow::Status {
            list.entry(|_| shades.diverged(), "diverges", &share(shares.diverged));
        }
        if *show == MapShow::Minimum && shares.minima.iter().any(|count| *count > 0) {
            list.gap();
            list.heading("The shade: how soon");
            let theme = *list.pen.theme;
            let grey = |part: f32| {
                let look = shades.minimum(0, part);
                let [r, g, b] = look.color.map(f32::from);
                let grey = (0.299 * r + 0.587 * g + 0.114 * b) as u8;
                Look {
                    color: mixed([grey; 3], theme.background, 0.0),
                    ..look
                }
            };
            let [first, last] = shades.steps().map(steps);
            list.bar(&first, &last, grey);
        }
        self.best(&mut list);
        pos2(list.right, list.at.y)
    }

    fn minima(&self, list: &mut List) {
        let (minima, shades) = (&self.words.map.minima, &self.picture.shades);
        let (counts, all) = (&self.picture.shares.minima, self.picture.shares.all);
        let mut named: Vec<usize> = (0..minima.len()).collect();
        named.sort_by_key(|index| (std::cmp::Reverse(counts[*index]), *index));
        let others = named.split_off(MOST.min(named.len()));
        named.sort_unstable();
        let places = self.words.places(&named);
        for (index, place) in named.into_iter().zip(places) {
            let minimum = &minima[index];
            let place = format!("{index}:  {place}");
            let words = format!(
                "loss {}, {}",
                loss(minimum.loss),
                percent(counts[index], all)
            );
            list.entry(|part| shades.minimum(index, part), &place, &words);
        }
        if !others.is_empty() {
            let count = others.iter().map(|index| counts[*index]).sum();
            let words = format!("and {} others: {}", others.len(), percent(count, all));
            list.line(&words);
        }
        if minima.is_empty() {
            list.line("no minimum is known");
        }
    }

    fn best(&self, list: &mut List) {
        let outcomes = &self.picture.map.outcomes;
        let axes = self.words.map.spans.map(|span| span.axis);
        let over_starts = axes.iter().all(|axis| matches!(axis, Axis::Start(_)));
        let Some(best) = self.picture.best.filter(|_| !over_starts) else {
            return;
        };
        list.gap();
        let values = self.words.settings(best);
        let how = self.words.outcome(outcomes, best);
        let middle = list.at + vec2(SWATCH.x / 2.0, 15.0);
        list.pen.ring(middle);
        list.words(&format!("best: {values}"), &how);
    }
}

/// Entries one below the other.
struct List<'l, 'p> {
    pen: &'l mut Pen<'p>,
    at: Pos2,
    right: f32,
}

impl List<'_, '_> {
    fn heading(&mut self, text: &str) {
        let theme = self.pen.theme;
        let words = self
            .pen
            .words(self.at, Align2::LEFT_TOP, text, 13.0, theme.text);
        self.note(words);
        self.at.y = words.max.y + 7.0;
    }

    fn gap(&mut self) {
        self.at.y += 12.0;
    }

    fn note(&mut self, words: Rect) {
        self.right = self.right.max(words.max.x);
    }

    fn line(&mut self, text: &str) {
        let at = self.at + vec2(SWATCH.x + 10.0, 0.0);
        let words = self
            .pen
            .words(at, Align2::LEFT_TOP, text, 12.0, self.pen.theme.muted);
        self.note(words);
        self.at.y = words.max.y + 7.0;
    }

    /// A swatch, and beside it a name and what is said of it.
    fn entry(&mut self, look: impl Fn(f32) -> Look, name: &str, about: &str) {
        let swatch = Rect::from_min_size(self.at + vec2(0.0, 7.0), SWATCH);
        self.pen.swatch(swatch, |x, y, part| look(part).at(x, y));
        self.words(name, about);
    }

    fn words(&mut self, name: &str, about: &str) {
        let beside = self.at + vec2(SWATCH.x + 10.0, 0.0);
        let theme = self.pen.theme;
        let name = self
            .pen
            .words(beside, Align2::LEFT_TOP, name, 12.5, theme.text);
        let below = pos2(beside.x, name.max.y);
        let about = self
            .pen
            .words(below, Align2::LEFT_TOP, about, 11.5, theme.muted);
        self.note(name);
        self.note(about);
        self.at.y = about.max.y + 7.0;
    }

    /// Colours from one end to the other.
    fn bar(&mut self, first: &str, last: &str, look: impl Fn(f32) -> Look) {
        let bar = Rect::from_min_size(self.at, vec2(WIDTH - 20.0, SWATCH.y));
        self.pen.swatch(bar, |x, y, part| look(part).at(x, y));
        let theme = self.pen.theme;
        let below = bar.bottom() + 3.0;
        let left = self.pen.words(
            pos2(bar.left(), below),
            Align2::LEFT_TOP,
            first,
            11.5,
            theme.muted,
        );
        self.pen.words(
            pos2(bar.right(), below),
            Align2::RIGHT_TOP,
            last,
            11.5,
            theme.muted,
        );
        self.at.y = left.max.y + 10.0;
    }
}
