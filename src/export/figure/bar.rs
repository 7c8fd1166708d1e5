//! The colour map of a scene with losses at round values, level below it.

use super::{Anchor, Area, Item, MOST_ROWS, NUMBERS, Sheet, Stroke, fonts};
use crate::experiment::ColorMap;
use crate::export::PanelScene;
use crate::landscape::ticks;
use crate::palette::{Rgb, color_map};

const STRIPES: usize = 128;
const TALL: f64 = 5.0;
/// The points of a bar whose losses go on beyond it.
const END: f64 = 4.0;
const TICK: f64 = 2.0;
/// What of the width it takes, and at most.
const SHARE: f64 = 0.5;
const WIDEST: f64 = 150.0;
const TICKS: usize = 5;
const ABOVE: f64 = 6.0;

/// Draws it from the area's upper edge on; the result is where it ends.
pub(super) fn draw(sheet: &mut Sheet, drawn: &PanelScene, colors: ColorMap, area: Area) -> f64 {
    let theme = sheet.theme;
    let losses = drawn.scale.ticks(TICKS);
    let texts = ticks::labels(&losses);
    let size = NUMBERS + 0.5;
    let length = (SHARE * area.width).min(WIDEST);
    let whole = texts.title(&drawn.panel.labels[2]);
    // Numbers reach beyond its ends.
    let widths = texts.texts.iter().map(|text| fonts::room(text, NUMBERS));
    let beyond = (0.5 * widths.fold(0.0, f64::max)).max(END);
    // Title and bar together are in the middle; a title that has no room there stands above.
    let beside = fonts::room(&whole, size) + 6.0 + END;
    let has_room = beside + length + 2.0 * beyond <= area.width;
    let rows = if has_room {
        Vec::new()
    } else {
        sheet.wrapped(&whole, size, area.width, MOST_ROWS)
    };
    let beside = if has_room { beside } else { 0.0 };
    let left = area.left + 0.5 * (area.width - beside - length);
    let mut top = area.top + ABOVE;
    for row in &rows {
        let at = [area.left + 0.5 * area.width, top + 0.75 * size];
        sheet.words(at, row, size, Anchor::Middle, theme.text);
        top += size + 2.0;
    }
    let bar = Area {
        left: left + beside,
        top,
        width: length,
        height: TALL,
    };
    let colors = color_map(colors, STRIPES);
    // Each stripe goes on to the end, so that none shows a seam to the next.
    for (k, color) in colors.iter().enumerate() {
        let from = k as f64 / STRIPES as f64;
        let stripe = Area {
            left: bar.left + from * bar.width,
            width: (1.0 - from) * bar.width,
            ..bar
        };
        sheet.filled(stripe.outline(), *color, None);
    }
    let edge = Stroke {
        color: theme.axis,
        width: 0.5,
        dash: None,
    };
    // Where losses go on beyond the range, so does the bar.
    let [below, above] = drawn.goes_on;
    let ends = [
        (below, bar.left, -END, colors.first()),
        (above, bar.right(), END, colors.last()),
    ];
    for (goes_on, x, way, color) in ends {
        if let Some(color) = color.filter(|_| goes_on) {
            let tip = [x + way, bar.top + 0.5 * TALL];
            let foot = vec![[x, bar.top], tip, [x, bar.bottom()]];
            sheet.filled(foot, *color, Some(edge));
        }
    }
    let mut outline = bar.outline();
    outline.push(outline[0]);
    sheet.line(outline, theme.axis, 0.5, None);
    let baseline = bar.bottom() + TICK + 2.0 + 0.72 * NUMBERS;
    let mut end = f64::NEG_INFINITY;
    for (loss, text) in losses.iter().zip(&texts.texts) {
        let x = bar.at(drawn.scale.fraction(*loss), 0.0)[0];
        let half = 0.5 * fonts::room(text, NUMBERS);
        if x - half > end + 4.0 {
            let tick = vec![[x, bar.bottom()], [x, bar.bottom() + TICK]];
            sheet.line(tick, theme.axis, 0.5, None);
            sheet.words([x, baseline], text, NUMBERS, Anchor::Middle, theme.text);
            end = x + half;
        }
    }
    if has_room {
        let at = [bar.left - END - 6.0, bar.bottom()];
        sheet.words(at, &whole, size, Anchor::End, theme.text);
    }
    baseline + 3.0
}

impl Sheet {
    pub(super) fn filled(&mut self, outline: Vec<[f64; 2]>, color: Rgb, stroke: Option<Stroke>) {
        self.items.push(Item::Path {
            lines: vec![outline],
            closed: true,
            stroke,
            fill: Some(color),
        });
    }
}
