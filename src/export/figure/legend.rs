//! Which line is whose, below a picture.

use super::{Anchor, Area, NUMBERS, Sheet, WORDS, fonts};
use crate::export::{PanelScene, SceneDescent};
use crate::landscape::CriticalKind;

const ROW: f64 = 10.5;
const SAMPLE: f64 = 14.0;
const GAP: f64 = 4.0;

/// Draws the legend from `top` on; the result is where it ends.
pub(super) fn draw(
    sheet: &mut Sheet,
    panel: &PanelScene,
    area: Area,
    top: f64,
    stars: bool,
) -> f64 {
    let shown: Vec<&SceneDescent> = panel.descents.iter().filter(|d| d.spec.shown).collect();
    let ending = |descent: &SceneDescent| {
        descent
            .ending()
            .map_or(String::new(), |e| format!(" · {e}"))
    };
    let star = stars.then(|| lowest(panel)).flatten();
    let widest = shown.iter().map(|descent| {
        let words = format!("{}{}", descent.spec.name, ending(descent));
        fonts::width(&words, NUMBERS + 0.5)
    });
    let star_width = star.map_or(0.0, |title| fonts::width(title, NUMBERS + 0.5));
    let widest = widest.fold(star_width, f64::max) + SAMPLE + 2.0 * GAP;
    let columns = ((area.width / widest) as usize).clamp(1, 3);
    let each = area.width / columns as f64;
    let count = shown.len() + usize::from(star.is_some());
    let rows = count.div_ceil(columns);
    for (k, descent) in shown.iter().enumerate() {
        let [x, y] = place(k, rows, each, area.left, top);
        let middle = y - 0.33 * WORDS;
        let dash = descent.dashed.then_some([3.0, 1.8]);
        let sample = vec![[x, middle], [x + SAMPLE, middle]];
        let casing = sheet.casing(descent.color);
        if casing != sheet.theme.background {
            sheet.line(sample.clone(), casing, 2.3, None);
        }
        sheet.line(sample, descent.color, 1.4, dash);
        let beside = x + SAMPLE + GAP;
        let room = each - SAMPLE - 2.0 * GAP;
        let name = sheet.fitting(&descent.spec.name, NUMBERS + 0.5, room);
        let text = sheet.theme.text;
        sheet.words([beside, y], &name, NUMBERS + 0.5, Anchor::Start, text);
        let taken = fonts::width(&name, NUMBERS + 0.5);
        let state = sheet.fitting(&ending(descent), NUMBERS + 0.5, room - taken);
        let muted = sheet.theme.muted;
        sheet.words(
            [beside + taken, y],
            &state,
            NUMBERS + 0.5,
            Anchor::Start,
            muted,
        );
    }
    if let Some(title) = star {
        let [x, y] = place(shown.len(), rows, each, area.left, top);
        sheet.critical(
            [x + SAMPLE / 2.0, y - 0.33 * WORDS],
            CriticalKind::GlobalMinimum,
        );
        let text = sheet.theme.text;
        let at = [x + SAMPLE + GAP, y];
        sheet.words(at, title, NUMBERS + 0.5, Anchor::Start, text);
    }
    top + ROW * rows as f64
}

fn place(k: usize, rows: usize, each: f64, left: f64, top: f64) -> [f64; 2] {
    let (column, row) = (k / rows.max(1), k % rows.max(1));
    [left + each * column as f64, top + ROW * (row as f64 + 0.8)]
}

/// What the black star stands for, if there is one.
fn lowest(panel: &PanelScene) -> Option<&'static str> {
    let point = panel.critical.iter().find(|point| point.kind.is_lowest());
    point.map(|point| point.kind.title())
}
