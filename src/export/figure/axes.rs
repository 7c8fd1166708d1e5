//! The frame of a picture: ticks, numbers and titles.

use std::f64::consts::FRAC_PI_2;

use super::{Anchor, Area, Item, MOST_ROWS, NUMBERS, Sheet, Text, WORDS, fonts};

const TICK: f64 = 2.5;
/// Between a tick and its number, and between numbers and a title.
const AIR: f64 = 2.0;
/// From a baseline to the middle of figures, in their size.
const HALF: f64 = 0.36;
/// Frames are no higher than this, in their width.
const TALLEST: f64 = 1.25;
/// To the right of a frame, at least.
const RIGHT: f64 = 4.0;
/// From row to row of a title.
const ROW: f64 = 9.0;
/// Between numbers side by side, and one above the other.
const APART: [f64; 2] = [3.0, 1.0];
/// Rows of a title beside a frame; one that needs more stands above it.
const ROWS_BESIDE: usize = 2;

/// An axis: its title, and places from 0 to 1 with texts.
#[derive(Debug, Clone, Default)]
pub(super) struct Axis {
    pub title: String,
    pub ticks: Vec<(f64, String)>,
}

impl Axis {
    /// How wide its widest number is.
    fn widest(&self) -> f64 {
        let widths = self
            .ticks
            .iter()
            .map(|(_, text)| fonts::room(text, NUMBERS));
        widths.fold(0.0, f64::max)
    }
}

/// How high a frame is in its width: exactly, where both axes are true to the same unit; else of the width with its numbers, so that
/// frames beside each other are equally high.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shape {
    True(f64),
    Usual(f64),
}

/// A frame, and what stands around it.
pub(super) struct Frame<'a> {
    pub area: Area,
    across: &'a Axis,
    upright: &'a Axis,
    /// What it has been given.
    room: Area,
    /// The upright axis' title in rows: beside the frame, reading upwards, or above it.
    title: Vec<String>,
    is_beside: bool,
}

impl<'a> Frame<'a> {
    /// At an area's upper edge, with room for what stands around it.
    pub(super) fn new(
        sheet: &Sheet,
        room: Area,
        [across, upright]: [&'a Axis; 2],
        shape: Shape,
    ) -> Frame<'a> {
        let words = upright.title.split_whitespace();
        let longest = words
            .map(|word| fonts::room(word, WORDS))
            .fold(0.0, f64::max);
        let beside = (1..=ROWS_BESIDE).find_map(|count| {
            let area = inner(room, [across, upright], shape, count);
            let title = sheet.wrapped(&upright.title, WORDS, area.height, MOST_ROWS);
            (title.len() <= count && longest <= area.height).then_some((area, title))
        });
        let is_beside = beside.is_some();
        let (area, title) = beside.unwrap_or_else(|| {
            let title = sheet.wrapped(&upright.title, WORDS, room.width, MOST_ROWS);
            let top = room.top + ROW * title.len() as f64 + AIR;
            let below = Area { top, ..room };
            (inner(below, [across, upright], shape, 0), title)
        });
        Frame {
            area,
            across,
            upright,
            room,
            title,
            is_beside,
        }
    }

    /// Draws what stands around it; the result is where that ends.
    pub(super) fn draw(&self, sheet: &mut Sheet) -> f64 {
        let (theme, area) = (sheet.theme, self.area);
        let mut outline = area.outline();
        outline.push(outline[0]);
        sheet.line(outline, theme.axis, 0.6, None);
        let bottom = area.bottom();
        let baseline = bottom + TICK + AIR + NUMBERS * 0.75;
        // Numbers that would run into each other are left out.
        let mut end = f64::NEG_INFINITY;
        for (place, text) in in_order(&self.across.ticks) {
            let x = area.at(*place, 0.0)[0];
            sheet.line(vec![[x, bottom], [x, bottom + TICK]], theme.axis, 0.6, None);
            let half = 0.5 * fonts::room(text, NUMBERS);
            if x - half > end + APART[0] {
                sheet.words([x, baseline], text, NUMBERS, Anchor::Middle, theme.text);
                end = x + half;
            }
        }
        let mut end = f64::INFINITY;
        for (place, text) in in_order(&self.upright.ticks) {
            let y = area.at(0.0, *place)[1];
            let tick = vec![[area.left - TICK, y], [area.left, y]];
            sheet.line(tick, theme.axis, 0.6, None);
            if y + HALF * NUMBERS < end - APART[1] {
                let at = [area.left - TICK - AIR, y + HALF * NUMBERS];
                sheet.words(at, text, NUMBERS, Anchor::End, theme.text);
                end = y - HALF * NUMBERS;
            }
        }
        self.upright_title(sheet);
        let middle = area.at(0.5, 0.5)[0];
        let half = (middle - self.room.left).min(self.room.right() - middle);
        let mut y = bottom + TICK + AIR + NUMBERS + AIR + 0.85 * WORDS;
        for row in sheet.wrapped(&self.across.title, WORDS, 2.0 * half, MOST_ROWS) {
            sheet.words([middle, y], &row, WORDS, Anchor::Middle, theme.text);
            y += ROW;
        }
        y - ROW + 0.15 * WORDS + 3.0
    }

    fn upright_title(&self, sheet: &mut Sheet) {
        let color = sheet.theme.text;
        let numbers = self.area.left - TICK - AIR - self.upright.widest();
        for (k, row) in self.title.iter().enumerate() {
            let (at, anchor, turn) = if self.is_beside {
                let rows = (self.title.len() - 1 - k) as f64;
                let x = numbers - AIR - 0.2 * WORDS - ROW * rows;
                ([x, self.area.at(0.5, 0.5)[1]], Anchor::Middle, -FRAC_PI_2)
            } else {
                let y = self.room.top + ROW * k as f64 + 0.75 * WORDS;
                ([self.room.left, y], Anchor::Start, 0.0)
            };
            sheet.items.push(Item::Text(Text {
                at,
                text: row.clone(),
                size: WORDS,
                anchor,
                turn,
                color,
                halo: None,
            }));
        }
    }
}

/// The frame itself, beside a title of so many rows.
fn inner(room: Area, [across, upright]: [&Axis; 2], shape: Shape, rows: usize) -> Area {
    let title = match rows {
        0 => 0.0,
        rows => AIR + WORDS + ROW * (rows - 1) as f64,
    };
    let beside = TICK + AIR + upright.widest() + title;
    // The first number and the last one reach beyond the frame.
    let half = |text: &str| 0.5 * fonts::room(text, NUMBERS) + 1.0;
    let most = 0.9 * (room.width - beside);
    let ticks = || across.ticks.iter();
    let left = ticks().map(|(place, text)| half(text) - place * most);
    let left = left.fold(beside, f64::max);
    let right = ticks().map(|(place, text)| half(text) - (1.0 - place) * most);
    let right = right.fold(RIGHT, f64::max);
    let width = (room.width - left - right).max(1.0);
    let (narrow, height) = match shape {
        Shape::True(shape) => {
            let height = width * shape.min(TALLEST);
            (height / shape, height)
        }
        Shape::Usual(shape) => (width, room.width * 0.88 * shape),
    };
    Area {
        left: room.left + left + 0.5 * (width - narrow),
        top: room.top,
        width: narrow,
        height,
    }
}

fn in_order(ticks: &[(f64, String)]) -> Vec<&(f64, String)> {
    let mut ticks: Vec<_> = ticks.iter().collect();
    ticks.sort_by(|a, b| a.0.total_cmp(&b.0));
    ticks
}
