//! Colour, name and how each descent fares, at the upper right of a viewport.

use bevy_egui::egui;
use egui::{Align2, Pos2, Rect, Shape, Stroke, Vec2, pos2, vec2};

use super::overlay::MARGIN;
use crate::descent::Status;
use crate::ui::reader::ShownDescent;
use crate::ui::text::style::{color32, font, with_alpha};
use crate::ui::text::words::{Laid, Words};

/// Smaller viewports have no legend.
const MIN: Vec2 = vec2(260.0, 200.0);
/// In viewports narrower than this the letters are the smallest.
const TIGHT: f32 = 520.0;
/// A piece of the line, and where the name begins.
const LINE: f32 = 17.0;
const NAME: f32 = 23.0;
/// Around the whole, and between a name and what is said of it.
const PADDING: Vec2 = vec2(6.0, 4.0);
const GAP: f32 = 4.0;
/// What of a viewport a legend may cover.
const SHARE: Vec2 = vec2(0.62, 0.45);

pub(super) struct Legend<'a> {
    pub(super) size: Vec2,
    row: f32,
    entries: Vec<Entry<'a>>,
    /// How many have no room.
    rest: Option<Laid>,
}

struct Entry<'a> {
    descent: &'a ShownDescent<'a>,
    name: Laid,
    state: Option<Laid>,
}

impl Entry<'_> {
    fn width(&self) -> f32 {
        let state = self.state.as_ref();
        self.name.size().x + state.map_or(0.0, |state| GAP + state.size().x)
    }
}

impl<'a> Legend<'a> {
    /// Lays out the legend of a viewport, if it has one.
    pub(super) fn new(
        words: &Words,
        descents: &'a [ShownDescent<'a>],
        position: f64,
        small: bool,
    ) -> Option<Legend<'a>> {
        let area = words.area.size();
        let shown: Vec<&ShownDescent<'_>> = descents.iter().filter(|d| d.style.shown).collect();
        if shown.is_empty() || area.x <= MIN.x || area.y <= MIN.y {
            return None;
        }
        let (size, row) = match (small, area.x < TIGHT) {
            (_, true) => (9.5, 12.5),
            (true, false) => (11.0, 15.0),
            (false, false) => (12.5, 18.0),
        };
        let color = color32(words.theme.text);
        let most = SHARE.x * area.x - NAME - 2.0 * PADDING.x;
        let fitting = ((SHARE.y * area.y - 2.0 * PADDING.y) / row).max(1.0) as usize;
        // Where there are more, one row says how many.
        let over = shown.len().saturating_sub(fitting);
        let named = if over > 0 { fitting - 1 } else { shown.len() };
        let rest = (over > 0).then(|| {
            let text = format!("and {} more", over + 1);
            words.line(&text, font(size), color32(words.theme.muted), most)
        });
        let entry = |&descent: &&'a ShownDescent<'a>| {
            let state = state_text(descent, position);
            let state = state.map(|state| words.line(&state, font(size), color, 0.7 * most));
            let taken = state.as_ref().map_or(0.0, |state| GAP + state.size().x);
            let name = words.line(&descent.style.name, font(size), color, most - taken);
            Entry {
                descent,
                name,
                state,
            }
        };
        let entries: Vec<Entry<'_>> = shown[..named].iter().map(entry).collect();
        let widths = entries.iter().map(Entry::width);
        let widths = widths.chain(rest.iter().map(|rest| rest.size().x));
        let width = NAME + widths.fold(0.0, f32::max);
        let height = row * (entries.len() + usize::from(rest.is_some())) as f32;
        Some(Legend {
            size: vec2(width, height) + 2.0 * PADDING,
            row,
            entries,
            rest,
        })
    }

    /// Beside the title if there is room, else below it.
    pub(super) fn paint(self, words: &mut Words, title: Rect) {
        let left = words.area.right() - MARGIN * 0.7 - self.size.x;
        let top = if left > title.right() + 0.9 * MARGIN {
            words.area.top() + MARGIN * 0.6
        } else {
            title.bottom() + 2.0
        };
        let area = Rect::from_min_size(pos2(left, top), self.size);
        if !words.is_free(area) {
            return;
        }
        let ground = color32(words.theme.background);
        words.painter.rect_filled(area, 5.0, ground);
        let mut at = area.min + PADDING + vec2(0.0, 0.5 * self.row);
        for entry in self.entries {
            sample(words, at, entry.descent);
            let name = words.paint(entry.name, at + vec2(NAME, 0.0), Align2::LEFT_CENTER);
            if let Some(state) = entry.state {
                let beside = pos2(name.right() + GAP, at.y);
                words.paint(state, beside, Align2::LEFT_CENTER);
            }
            at.y += self.row;
        }
        if let Some(rest) = self.rest {
            words.paint(rest, at + vec2(NAME, 0.0), Align2::LEFT_CENTER);
        }
        words.take(area);
    }
}

/// A piece of the descent's line.
fn sample(words: &Words, from: Pos2, descent: &ShownDescent<'_>) {
    let to = from + vec2(LINE, 0.0);
    let color = color32(descent.style.color);
    let outline = words.theme.outline(descent.style.color);
    let casing = outline.map_or(with_alpha(words.theme.casing, 200), color32);
    let casing = Stroke::new(5.0, casing);
    let line = Stroke::new(3.0, color);
    if descent.style.dashed {
        if outline.is_some() {
            words.painter.line_segment([from, to], casing);
        }
        let dashes = Shape::dashed_line(&[from, to], line, 4.0, 2.5);
        words.painter.extend(dashes);
    } else {
        words.painter.line_segment([from, to], casing);
        words.painter.line_segment([from, to], line);
    }
}

/// In words how the descent ended, once it has: colour and shape alone must not say it.
fn state_text(descent: &ShownDescent<'_>, position: f64) -> Option<String> {
    let run = &descent.run;
    let last = run.last_step();
    if run.is_over_at(position) {
        match run.status() {
            Status::Diverged { .. } if run.plan().record.is_some() => {
                return Some(format!("· diverged after step {last}"));
            }
            Status::Converged => return Some(format!("· converged at step {last}")),
            Status::Stopped => return Some(format!("· stopped at step {last}")),
            Status::Diverged { step } => return Some(format!("· diverged at step {step}")),
            Status::Undefined { step, missing } => {
                return Some(format!("· {} at step {step}", missing.words()));
            }
            Status::Finished | Status::Running => {}
        }
    }
    let now = (position.floor() as usize).min(run.step_of(run.history().len().checked_sub(1)?));
    match descent.excursions.outside_since(now)? {
        0 => Some("· outside the view".to_owned()),
        step => Some(format!("· left the view at step {step}")),
    }
}
