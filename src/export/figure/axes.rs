//! The frame of a picture: ticks, numbers and titles.

use super::{Anchor, Area, NUMBERS, Sheet, WORDS, fonts};

const TICK: f64 = 2.5;
/// Between a tick and its number, and between numbers and a title.
const AIR: f64 = 2.0;
/// From a baseline to the middle of figures, in their size.
const HALF: f64 = 0.36;
/// Frames are no higher than this, in their width.
const TALLEST: f64 = 1.25;
/// To the right of a frame, at least.
const RIGHT: f64 = 4.0;

/// An axis: its title, and places from 0 to 1 with texts.
#[derive(Debug, Clone, Default)]
pub(super) struct Axis {
    pub title: String,
    pub ticks: Vec<(f64, String)>,
}

/// What stands to the left of a frame takes so much room.
fn left_room(upright: &Axis) -> f64 {
    let numbers = upright
        .ticks
        .iter()
        .map(|(_, text)| fonts::width(text, NUMBERS));
    TICK + AIR + numbers.fold(0.0, f64::max) + AIR + WORDS
}

/// What stands below it.
const BELOW: f64 = TICK + AIR + NUMBERS + AIR + WORDS + 1.0;

/// How high a frame is in its width: exactly, where both axes are true to the same unit; else of the width with its numbers, so that
/// frames beside each other are equally high.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shape {
    True(f64),
    Usual(f64),
}

/// The frame at an area's upper edge, not higher than it may be, with room for what stands beside it.
pub(super) fn frame(area: Area, [across, upright]: [&Axis; 2], shape: Shape) -> Area {
    let left = area.left + left_room(upright);
    let inner = area.right() - left;
    // The last number reaches beyond the frame.
    let beyond = |(place, text): &(f64, String)| {
        0.5 * fonts::width(text, NUMBERS) + 1.0 - (1.0 - place) * 0.9 * inner
    };
    let width = inner - across.ticks.iter().map(beyond).fold(RIGHT, f64::max);
    let (narrow, height) = match shape {
        Shape::True(shape) => {
            let height = width * shape.min(TALLEST);
            (height / shape, height)
        }
        Shape::Usual(shape) => (width, area.width * 0.88 * shape),
    };
    Area {
        left: left + 0.5 * (width - narrow),
        top: area.top,
        width: narrow,
        height,
    }
}

/// Draws what stands around a frame; the result is where it ends.
pub(super) fn draw(sheet: &mut Sheet, frame: Area, across: &Axis, upright: &Axis) -> f64 {
    let theme = sheet.theme;
    let mut outline = frame.outline();
    outline.push(outline[0]);
    sheet.line(outline, theme.axis, 0.6, None);
    let bottom = frame.bottom();
    let baseline = bottom + TICK + AIR + NUMBERS * 0.75;
    let mut end = f64::NEG_INFINITY;
    for (place, text) in &across.ticks {
        let x = frame.at(*place, 0.0)[0];
        sheet.line(vec![[x, bottom], [x, bottom + TICK]], theme.axis, 0.6, None);
        let half = 0.5 * fonts::width(text, NUMBERS);
        // Numbers that would run into each other are left out, and those at the ends stay within the picture.
        if x - half > end + 3.0 {
            sheet.words([x, baseline], text, NUMBERS, Anchor::Middle, theme.text);
            end = x + half;
        }
    }
    for (place, text) in &upright.ticks {
        let y = frame.at(0.0, *place)[1];
        sheet.line(
            vec![[frame.left - TICK, y], [frame.left, y]],
            theme.axis,
            0.6,
            None,
        );
        let at = [frame.left - TICK - AIR, y + HALF * NUMBERS];
        sheet.words(at, text, NUMBERS, Anchor::End, theme.text);
    }
    let middle = frame.at(0.5, 0.5);
    let title = sheet.fitting(&across.title, WORDS, frame.width);
    let below = [middle[0], bottom + BELOW - 2.0];
    sheet.words(below, &title, WORDS, Anchor::Middle, theme.text);
    let title = sheet.fitting(&upright.title, WORDS, frame.height);
    let beside = [frame.left - left_room(upright) + WORDS * 0.8, middle[1]];
    sheet.words(beside, &title, WORDS, Anchor::Middle, theme.text);
    sheet.turn_last(-std::f64::consts::FRAC_PI_2, &title);
    bottom + BELOW
}

impl Sheet {
    /// Turns the words that were written last, if these are they.
    fn turn_last(&mut self, turn: f64, words: &str) {
        if let Some(super::Item::Text(text)) = self.items.last_mut()
            && text.text == words
        {
            text.turn = turn;
        }
    }
}
