//! What the colours of a map say, in words and numbers beside it.

use bevy_egui::egui;
use egui::{Align2, Pos2, Rect, pos2, vec2};

use super::pen::Pen;
use crate::experiment::MapShow;
use crate::lab::showing::map_shades::{Look, Shades};
use crate::lab::theme::mixed;
use crate::landscape::ticks::{label, label_within};
use crate::maps::{Axis, Map, NOT_YET, Outcomes, STATUSES};

/// Minima that are named; of more those that most cells end at.
const MOST: usize = 12;
const WIDTH: f32 = 230.0;
const SWATCH: egui::Vec2 = vec2(42.0, 15.0);

pub(super) struct Legend<'m> {
    pub(super) map: &'m Map,
    pub(super) outcomes: &'m Outcomes,
    pub(super) show: MapShow,
    pub(super) shades: &'m Shades,
}

impl Legend<'_> {
    /// Draws it from its upper left corner on; the result is its lower right one.
    pub(super) fn draw(&self, pen: &mut Pen, at: Pos2) -> Pos2 {
        let mut list = List {
            pen,
            at,
            right: at.x + WIDTH,
        };
        let shares = self.outcomes.shares(self.map.minima.len());
        let share = |count: usize| percent(count, shares.all);
        match self.show {
            MapShow::Minimum => {
                list.heading("Settles at");
                self.minima(&mut list, &shares.minima);
            }
            MapShow::Steps => {
                list.heading("Settles after");
                let [first, last] = self.shades.steps().map(steps);
                list.bar(&first, &last, |part| self.shades.soon(part));
            }
            MapShow::Loss => {
                let ([low, high], lowest) = self.shades.losses();
                list.heading(&format!("Last loss above {}", label(lowest)));
                let loss = |part: f32| {
                    let above = low.ln() + f64::from(part) * (high.ln() - low.ln());
                    self.shades.loss(lowest + above.exp())
                };
                list.bar(&label(low), &label(high), loss);
            }
            MapShow::Status => {
                list.heading("Ends");
                for (code, name) in STATUSES.iter().enumerate() {
                    let same = self
                        .outcomes
                        .status
                        .iter()
                        .filter(|status| usize::from(**status) == code);
                    let look = self.shades.status(code as u8);
                    list.entry(|_| look, name, &share(same.count()));
                }
            }
        }
        let is_settling = self.show == MapShow::Minimum || self.show == MapShow::Steps;
        if is_settling {
            list.entry(
                |_| self.shades.nowhere(),
                "settles nowhere",
                &share(shares.nowhere),
            );
        }
        if self.show != MapShow::Status {
            list.entry(
                |_| self.shades.diverged(),
                "diverges",
                &share(shares.diverged),
            );
        }
        if self.show == MapShow::Minimum && shares.minima.iter().any(|count| *count > 0) {
            list.gap();
            list.heading("The shade: how soon");
            let theme = *list.pen.theme;
            let grey = |part: f32| {
                let look = self.shades.minimum(0, part);
                let [r, g, b] = look.color.map(f32::from);
                let grey = (0.299 * r + 0.587 * g + 0.114 * b) as u8;
                Look {
                    color: mixed([grey; 3], theme.background, 0.0),
                    ..look
                }
            };
            let [first, last] = self.shades.steps().map(steps);
            list.bar(&first, &last, grey);
        }
        self.best(&mut list);
        pos2(list.right, list.at.y)
    }

    fn minima(&self, list: &mut List, counts: &[usize]) {
        let minima = &self.map.minima;
        let mut named: Vec<usize> = (0..minima.len()).collect();
        named.sort_by_key(|index| (std::cmp::Reverse(counts[*index]), *index));
        let others = named.split_off(MOST.min(named.len()));
        named.sort_unstable();
        let all = self
            .outcomes
            .status
            .iter()
            .filter(|status| **status != NOT_YET);
        let all = all.count();
        let places = self.places(&named);
        for (index, place) in named.into_iter().zip(places) {
            let minimum = &minima[index];
            let place = format!("{index}:  {place}");
            let words = format!(
                "loss {}, {}",
                loss(minimum.loss),
                percent(counts[index], all)
            );
            list.entry(|part| self.shades.minimum(index, part), &place, &words);
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

    /// Where minima are, to three digits, and to more where these are the same.
    fn places(&self, minima: &[usize]) -> Vec<String> {
        let radius = self.map.radius;
        let places = |text: &dyn Fn(f64) -> String| -> Vec<String> {
            let places = minima.iter().map(|index| {
                let [x, y] = self.map.minima[*index].at.map(|x| {
                    // A root is found to within rounding.
                    let is_zero = x.abs() < 1e-6 * radius;
                    text(if is_zero { 0.0 } else { x })
                });
                match self.map.objective.dim() {
                    1 => format!("at {x}"),
                    _ => format!("({x}, {y})"),
                }
            });
            places.collect()
        };
        let short = places(&label);
        let mut distinct = short.clone();
        distinct.sort();
        distinct.dedup();
        if distinct.len() == short.len() {
            short
        } else {
            places(&|x| label_within(x, 10.0 * radius))
        }
    }

    fn best(&self, list: &mut List) {
        let axes = self.map.spans.map(|span| span.axis);
        let over_starts = axes.iter().all(|axis| matches!(axis, Axis::Start(_)));
        let Some(best) = self
            .outcomes
            .best(&self.map.minima)
            .filter(|_| !over_starts)
        else {
            return;
        };
        list.gap();
        let values = axes.iter().zip(self.map.at(best)).map(|(axis, value)| {
            let range = match axis {
                Axis::Start(_) => 1.0,
                _ => value.abs().min((1.0 - value).abs()).max(1e-9),
            };
            let name = axis.symbol().unwrap_or(axis.name());
            format!("{name} {}", label_within(value, range))
        });
        let values: Vec<String> = values.collect();
        let how = match self.outcomes.steps[best] {
            -1 => format!("loss {}", loss(self.outcomes.loss[best])),
            count => format!("settles after {}", steps(f64::from(count))),
        };
        let middle = list.at + vec2(SWATCH.x / 2.0, 15.0);
        list.pen.ring(middle);
        list.words(&format!("best: {}", values.join(", ")), &how);
    }
}

fn percent(count: usize, all: usize) -> String {
    let share = 100.0 * count as f64 / all.max(1) as f64;
    match share {
        0.0 => "0 %".to_owned(),
        ..0.01 => "under 0.01 %".to_owned(),
        ..10.0 => format!("{share:.2} %"),
        _ => format!("{share:.1} %"),
    }
}

/// What is 0 but for rounding is 0.
fn loss(loss: f64) -> String {
    if loss.abs() < 1e-12 {
        "0".to_owned()
    } else {
        label(loss)
    }
}

fn steps(count: f64) -> String {
    let s = if count == 1.0 { "" } else { "s" };
    format!("{count:.0} step{s}")
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
