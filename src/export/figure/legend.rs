//! What lines, colours and marks stand for, in rows below a picture.

use super::{Anchor, Area, Item, MOST_ROWS, NUMBERS, Sheet, Stroke, UNBROKEN, WORDS, fonts};
use crate::export::map::MapKey;
use crate::export::{PanelScene, SceneDescent};
use crate::landscape::CriticalKind;
use crate::palette::map_shades::{Look, Pattern};

const ROW: f64 = 10.5;
/// Between rows of one entry.
const NEXT: f64 = 9.0;
const SAMPLE: f64 = 14.0;
/// A swatch's height.
const TALL: f64 = 6.0;
/// From one line or dot of a pattern to the next.
const PITCH: f64 = 3.0;
const GAP: f64 = 4.0;
/// A mark's radius.
const MARK: f64 = 1.9;
const SIZE: f64 = NUMBERS + 0.5;
const MOST_COLUMNS: usize = 3;

/// An entry: a sample, a name, and what is said of it, in another colour.
pub(super) struct Entry<'a> {
    pub sample: Sample<'a>,
    pub name: String,
    pub about: Option<String>,
}

/// What stands before a name.
pub(super) enum Sample<'a> {
    None,
    Line(&'a SceneDescent),
    Star,
    /// Looks from left to right.
    Swatch(Vec<Look>),
    /// What a network makes of its data: its curve, a sample, one of a class, one that it does not tell.
    Curve(&'a SceneDescent),
    Dot,
    Class(usize),
    Cross,
}

/// An entry in the rows of a width: what is said of a name after it, or in rows of its own.
struct Laid<'a> {
    sample: Sample<'a>,
    name: Vec<String>,
    about: Vec<String>,
    is_after: bool,
}

/// Which line is whose, and what the star is if that is to be said, from `top` on; the result is where it ends.
pub(super) fn descents(
    sheet: &mut Sheet,
    panel: &PanelScene,
    area: Area,
    top: f64,
    stars: bool,
) -> f64 {
    let shown = panel.descents.iter().filter(|descent| descent.spec.shown);
    let entries = shown.map(|descent| Entry {
        sample: Sample::Line(descent),
        name: descent.spec.name.clone(),
        about: descent.ending(),
    });
    let star = stars.then(|| lowest(panel)).flatten();
    let star = star.map(|title| Entry {
        sample: Sample::Star,
        name: title.to_owned(),
        about: None,
    });
    list(sheet, entries.chain(star).collect(), area, top)
}

/// What the colours of a map stand for.
pub(super) fn map(sheet: &mut Sheet, key: MapKey, area: Area, top: f64) -> f64 {
    let top = heading(sheet, &key.heading, area, top);
    let unbroken = UNBROKEN.to_string();
    let entries = key.entries.into_iter().map(|(looks, name)| Entry {
        sample: match looks.is_empty() {
            true => Sample::None,
            false => Sample::Swatch(looks),
        },
        // A row may end before a dot.
        name: name
            .replace(' ', &unbroken)
            .replace(&format!("{unbroken}·"), " ·"),
        about: None,
    });
    list(sheet, entries.collect(), area, top)
}

/// What entries have in common, above them; the result is where they begin.
pub(super) fn heading(sheet: &mut Sheet, text: &str, area: Area, top: f64) -> f64 {
    let color = sheet.theme.muted;
    let mut at = [area.left, top + 0.8 * ROW];
    for row in sheet.wrapped(text, SIZE, area.width, MOST_ROWS) {
        sheet.words(at, &row, SIZE, Anchor::Start, color);
        at[1] += NEXT;
    }
    at[1] - 0.8 * ROW + 1.0
}

/// Entries in as many columns as have room, from `top` on; the result is where they end.
pub(super) fn list(sheet: &mut Sheet, entries: Vec<Entry>, area: Area, top: f64) -> f64 {
    let widths = entries.iter().map(|entry| {
        let about = entry.about.as_deref().map_or(0.0, width_after);
        fonts::room(&entry.name, SIZE) + about
    });
    let widest = widths.fold(0.0, f64::max) + SAMPLE + 2.0 * GAP;
    let columns = ((area.width / widest) as usize).clamp(1, MOST_COLUMNS);
    let each = area.width / columns as f64;
    let room = each - SAMPLE - 2.0 * GAP;
    let entries: Vec<Laid> = entries
        .into_iter()
        .map(|entry| entry.laid(sheet, room))
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

/// How wide it is after a name.
fn width_after(about: &str) -> f64 {
    fonts::room(&after(about), SIZE)
}

fn after(about: &str) -> String {
    if about.is_empty() {
        String::new()
    } else {
        format!(" · {about}")
    }
}

impl<'a> Entry<'a> {
    fn laid(self, sheet: &Sheet, room: f64) -> Laid<'a> {
        let name = sheet.wrapped(&self.name, SIZE, room, MOST_ROWS);
        let about = self.about.unwrap_or_default();
        let last = name.last().map_or(0.0, |row| fonts::room(row, SIZE));
        let is_after = last + width_after(&about) <= room;
        Laid {
            sample: self.sample,
            name,
            about: if is_after {
                vec![about]
            } else {
                sheet.wrapped(&about, SIZE, room, MOST_ROWS)
            },
            is_after,
        }
    }
}

impl Laid<'_> {
    fn height(&self) -> f64 {
        let rows = self.name.len() + if self.is_after { 0 } else { self.about.len() };
        ROW + NEXT * rows.saturating_sub(1) as f64
    }

    fn draw(&self, sheet: &mut Sheet, [x, top]: [f64; 2]) {
        let theme = sheet.theme;
        let baseline = top + 0.8 * ROW;
        let middle = baseline - 0.33 * WORDS;
        let center = [x + 0.5 * SAMPLE, middle];
        match &self.sample {
            Sample::None => {}
            Sample::Line(descent) => {
                let dash = descent.dashed.then_some([3.0, 1.8]);
                let sample = vec![[x, middle], [x + SAMPLE, middle]];
                sheet.traced(vec![sample], descent.color, 1.4, dash);
            }
            Sample::Star => {
                sheet.critical(center, CriticalKind::GlobalMinimum);
            }
            Sample::Curve(descent) => {
                sheet.traced(
                    vec![vec![[x, middle], [x + SAMPLE, middle]]],
                    descent.color,
                    1.4,
                    None,
                );
            }
            Sample::Dot => sheet.circle(center, MARK, None, Some(theme.muted)),
            Sample::Class(class) => sheet.sample(center, *class, MARK),
            Sample::Cross => sheet.cross(center, 1.1 * MARK, theme.text),
            Sample::Swatch(looks) => sheet.swatch(
                Area {
                    left: x,
                    top: middle - 0.5 * TALL,
                    width: SAMPLE,
                    height: TALL,
                },
                looks,
            ),
        }
        let mut at = [x + SAMPLE + GAP, baseline];
        for row in &self.name {
            sheet.words(at, row, SIZE, Anchor::Start, theme.text);
            at[1] += NEXT;
        }
        if let (true, Some(about)) = (self.is_after, self.about.first()) {
            let last = self.name.last().map_or(0.0, |row| fonts::room(row, SIZE));
            let at = [at[0] + last, at[1] - NEXT];
            sheet.words(at, &after(about), SIZE, Anchor::Start, theme.muted);
        } else {
            for row in &self.about {
                sheet.words(at, row, SIZE, Anchor::Start, theme.muted);
                at[1] += NEXT;
            }
        }
    }
}

impl Sheet {
    /// A piece of a map.
    fn swatch(&mut self, area: Area, looks: &[Look]) {
        for (k, look) in looks.iter().enumerate() {
            // Each goes on to the end, so that none shows a seam to the next.
            let from = k as f64 / looks.len() as f64;
            let part = Area {
                left: area.left + from * area.width,
                width: (1.0 - from) * area.width,
                ..area
            };
            self.filled(part.outline(), look.color, None);
        }
        self.items.push(Item::Clip(area));
        if let Some(look) = looks.first() {
            self.pattern(area, look);
        }
        self.items.push(Item::ClipEnd);
        let edge = Stroke {
            color: self.theme.axis,
            width: 0.4,
            dash: None,
        };
        self.items.push(Item::Path {
            lines: vec![area.outline()],
            closed: true,
            stroke: Some(edge),
            fill: None,
        });
    }

    fn pattern(&mut self, area: Area, look: &Look) {
        let count = ((area.width + area.height) / PITCH) as usize + 1;
        let along = |k: usize| area.left + PITCH * (k as f64 + 0.5);
        let rising = (0..count).map(|k| {
            let [low, high] = [area.bottom(), area.top];
            vec![[along(k) - area.height, low], [along(k), high]]
        });
        let falling = (0..count).map(|k| {
            let [low, high] = [area.bottom(), area.top];
            vec![[along(k), low], [along(k) - area.height, high]]
        });
        let lines = match look.pattern {
            Pattern::Plain => return,
            Pattern::Dotted => {
                let middle = area.at(0.5, 0.5)[1];
                for k in 0..count {
                    let y = if k % 2 == 0 {
                        middle - 1.0
                    } else {
                        middle + 1.0
                    };
                    self.circle([along(k), y], 0.5, None, Some(look.ink()));
                }
                return;
            }
            Pattern::Hatched => rising.collect(),
            Pattern::Crossed => rising.chain(falling).collect(),
        };
        self.lines(lines, look.ink(), 0.5, None);
    }
}

/// What the star stands for, if there is one.
fn lowest(panel: &PanelScene) -> Option<&'static str> {
    let point = panel.critical.iter().find(|point| point.kind.is_lowest());
    point.map(|point| point.kind.title())
}
