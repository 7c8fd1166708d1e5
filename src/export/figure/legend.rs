//! Which line is whose, below a picture.

use super::{Anchor, Area, NUMBERS, Sheet, WORDS, fonts};
use crate::export::{PanelScene, SceneDescent};
use crate::landscape::CriticalKind;

const ROW: f64 = 10.5;
/// Between rows of one entry.
const NEXT: f64 = 9.0;
const SAMPLE: f64 = 14.0;
const GAP: f64 = 4.0;
const SIZE: f64 = NUMBERS + 0.5;
/// Rows of a name, and of how a descent ended.
const NAME_ROWS: usize = 3;
const ENDING_ROWS: usize = 2;

/// What stands beside a sample: a name in rows, and how a descent ended, after it or in rows of its own.
struct Entry<'a> {
    descent: Option<&'a SceneDescent>,
    name: Vec<String>,
    ending: Vec<String>,
    is_after: bool,
}

impl Entry<'_> {
    fn height(&self) -> f64 {
        let rows = self.name.len() + if self.is_after { 0 } else { self.ending.len() };
        ROW + NEXT * rows.saturating_sub(1) as f64
    }
}

/// Draws the legend from `top` on; the result is where it ends.
pub(super) fn draw(
    sheet: &mut Sheet,
    panel: &PanelScene,
    area: Area,
    top: f64,
    stars: bool,
) -> f64 {
    let shown = panel.descents.iter().filter(|descent| descent.spec.shown);
    let texts = shown.map(|descent| (Some(descent), &*descent.spec.name, descent.ending()));
    let star = stars.then(|| lowest(panel)).flatten();
    let texts: Vec<_> = texts.chain(star.map(|title| (None, title, None))).collect();
    let widths = texts.iter().map(|(_, name, ending)| {
        let ending = ending.as_ref().map_or(0.0, |ending| width_after(ending));
        fonts::width(name, SIZE) + ending
    });
    let widest = widths.fold(0.0, f64::max) + SAMPLE + 2.0 * GAP;
    let columns = ((area.width / widest) as usize).clamp(1, 3);
    let each = area.width / columns as f64;
    let room = each - SAMPLE - 2.0 * GAP;
    let entries: Vec<Entry> = texts
        .into_iter()
        .map(|(descent, name, ending)| {
            let name = sheet.wrapped(name, SIZE, room, NAME_ROWS);
            let ending = ending.unwrap_or_default();
            let last = name.last().map_or(0.0, |row| fonts::width(row, SIZE));
            let is_after = last + width_after(&ending) <= room;
            Entry {
                descent,
                name,
                ending: if is_after {
                    vec![ending]
                } else {
                    sheet.wrapped(&ending, SIZE, room, ENDING_ROWS)
                },
                is_after,
            }
        })
        .collect();
    let rows = entries.len().div_ceil(columns).max(1);
    let mut end = top;
    for (column, entries) in entries.chunks(rows).enumerate() {
        let mut at = [area.left + each * column as f64, top];
        for entry in entries {
            entry.draw(sheet, at);
            at[1] += entry.height();
        }
        end = end.max(at[1]);
    }
    end
}

/// How wide an ending is after a name.
fn width_after(ending: &str) -> f64 {
    fonts::width(&after(ending), SIZE)
}

fn after(ending: &str) -> String {
    if ending.is_empty() {
        String::new()
    } else {
        format!(" · {ending}")
    }
}

impl Entry<'_> {
    fn draw(&self, sheet: &mut Sheet, [x, top]: [f64; 2]) {
        let theme = sheet.theme;
        let baseline = top + 0.8 * ROW;
        let middle = baseline - 0.33 * WORDS;
        match self.descent {
            Some(descent) => {
                let dash = descent.dashed.then_some([3.0, 1.8]);
                let sample = vec![[x, middle], [x + SAMPLE, middle]];
                let casing = sheet.casing(descent.color);
                if casing != theme.background {
                    sheet.line(sample.clone(), casing, 2.3, None);
                }
                sheet.line(sample, descent.color, 1.4, dash);
            }
            None => sheet.critical([x + SAMPLE / 2.0, middle], CriticalKind::GlobalMinimum),
        }
        let mut at = [x + SAMPLE + GAP, baseline];
        for row in &self.name {
            sheet.words(at, row, SIZE, Anchor::Start, theme.text);
            at[1] += NEXT;
        }
        if let (true, Some(ending)) = (self.is_after, self.ending.first()) {
            let last = self.name.last().map_or(0.0, |row| fonts::width(row, SIZE));
            let at = [at[0] + last, at[1] - NEXT];
            sheet.words(at, &after(ending), SIZE, Anchor::Start, theme.muted);
        } else {
            for row in &self.ending {
                sheet.words(at, row, SIZE, Anchor::Start, theme.muted);
                at[1] += NEXT;
            }
        }
    }
}

/// What the star stands for, if there is one.
fn lowest(panel: &PanelScene) -> Option<&'static str> {
    let point = panel.critical.iter().find(|point| point.kind.is_lowest());
    point.map(|point| point.kind.title())
}
