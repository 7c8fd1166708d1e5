//! Figures for papers: contours, losses and what is written over scenes as vectors with real text, at the width that they are
//! printed at.
//!
//! A [`Figure`] is a list of things to draw, in points of 1/72 inch from the upper left corner; `svg` and `pdf` write it.

mod axes;
mod bar;
mod contours;
mod data;
mod drawn;
mod fonts;
mod ink;
mod legend;
mod losses;
mod marks;
mod panel;
mod pdf;
mod scene;
mod series;
mod svg;
mod wish;

use std::collections::BTreeSet;

use super::Scene;
use crate::palette::{MARK, Rgb, ThemeColors};
pub use drawn::DrawnScene;
pub use wish::{FigureParts, FigureWish, SceneSheet, USUAL_WIDTH, WIDTHS};

/// Points a millimetre.
const POINTS: f64 = 72.0 / 25.4;
const GAP: f64 = 12.0;

/// Sizes of letters, in points.
const TITLE: f64 = 8.5;
const WORDS: f64 = 8.0;
const NUMBERS: f64 = 7.0;
/// A text has no more rows than this: longer ones are no names.
const MOST_ROWS: usize = 24;
/// A space at which no row ends.
const UNBROKEN: char = '\u{a0}';

/// A drawing.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    pub title: String,
    /// Width and height, in points.
    pub size: [f64; 2],
    items: Vec<Item>,
}

#[derive(Debug, Clone, PartialEq)]
enum Item {
    Path {
        lines: Vec<Vec<[f64; 2]>>,
        closed: bool,
        stroke: Option<Stroke>,
        fill: Option<Rgb>,
    },
    Circle {
        center: [f64; 2],
        radius: f64,
        stroke: Option<Stroke>,
        fill: Option<Rgb>,
    },
    Text(Text),
    /// Opaque pixels, row by row from the top.
    Picture {
        area: Area,
        size: [usize; 2],
        rgb: Vec<u8>,
    },
    /// What follows is seen only within.
    Clip(Area),
    ClipEnd,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Stroke {
    color: Rgb,
    width: f64,
    /// Lengths of dash and gap.
    dash: Option<[f64; 2]>,
}

#[derive(Debug, Clone, PartialEq)]
struct Text {
    /// On the baseline.
    at: [f64; 2],
    text: String,
    size: f64,
    anchor: Anchor,
    /// Turned by so much about `at`, in radians, clockwise.
    turn: f64,
    color: Rgb,
    /// An outline that sets it off from lines below.
    halo: Option<Rgb>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Anchor {
    Start,
    Middle,
    End,
}

/// A rectangle.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Area {
    left: f64,
    top: f64,
    width: f64,
    height: f64,
}

impl Area {
    /// A place by fractions from the lower left corner.
    fn at(&self, s: f64, t: f64) -> [f64; 2] {
        [
            self.left + s * self.width,
            self.top + (1.0 - t) * self.height,
        ]
    }

    fn bottom(&self) -> f64 {
        self.top + self.height
    }

    fn right(&self) -> f64 {
        self.left + self.width
    }

    fn outline(&self) -> Vec<[f64; 2]> {
        [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]
            .map(|[s, t]| self.at(s, t))
            .to_vec()
    }
}

/// What is drawn on: items, and the theme's colours.
struct Sheet {
    items: Vec<Item>,
    theme: ThemeColors,
    /// What the lowest minima are filled with.
    star: Rgb,
}

/// Parts of a text between which a row may end.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let parts = text.split(|letter: char| letter.is_whitespace() && letter != UNBROKEN);
    parts.filter(|part| !part.is_empty())
}

impl Sheet {
    fn line(&mut self, points: Vec<[f64; 2]>, color: Rgb, width: f64, dash: Option<[f64; 2]>) {
        self.lines(vec![points], color, width, dash);
    }

    fn lines(&mut self, lines: Vec<Vec<[f64; 2]>>, color: Rgb, width: f64, dash: Option<[f64; 2]>) {
        let lines: Vec<_> = lines.into_iter().filter(|line| line.len() > 1).collect();
        if !lines.is_empty() {
            self.items.push(Item::Path {
                lines,
                closed: false,
                stroke: Some(Stroke { color, width, dash }),
                fill: None,
            });
        }
    }

    /// Lines on the figure's own ground, with an outline where they are too much like it.
    fn traced(
        &mut self,
        lines: Vec<Vec<[f64; 2]>>,
        color: Rgb,
        width: f64,
        dash: Option<[f64; 2]>,
    ) {
        if let Some(outline) = self.theme.outline(color) {
            self.lines(lines.clone(), outline, width + 1.0, None);
        }
        self.lines(lines, color, width, dash);
    }

    fn words(&mut self, at: [f64; 2], text: &str, size: f64, anchor: Anchor, color: Rgb) {
        if !text.trim().is_empty() {
            self.items.push(Item::Text(Text {
                at,
                text: text.to_owned(),
                size,
                anchor,
                turn: 0.0,
                color,
                halo: None,
            }));
        }
    }

    /// A text in rows of a width, at most so many: the last is cut off where that is not enough.
    fn wrapped(&self, text: &str, size: f64, width: f64, most: usize) -> Vec<String> {
        let fits = |text: &str| fonts::room(text, size) <= width;
        let mut rows: Vec<String> = Vec::new();
        let mut rest: Vec<&str> = words(text).collect();
        rest.reverse();
        while !rest.is_empty() && rows.len() < most {
            let left: Vec<&str> = rest.iter().rev().copied().collect();
            let count = (1..=left.len())
                .take_while(|count| fits(&left[..*count].join(" ")))
                .last();
            match count {
                _ if rows.len() + 1 == most => {
                    rows.push(self.fitting(&left.join(" "), size, width));
                    break;
                }
                Some(count) => {
                    rows.push(left[..count].join(" "));
                    rest.truncate(rest.len() - count);
                }
                // A word that has no room is broken.
                None => {
                    let word = left[0];
                    let ends = word.char_indices().map(|(end, _)| end).skip(1);
                    let end = ends.take_while(|end| fits(&word[..*end])).last();
                    let end = end.unwrap_or(word.len());
                    rows.push(word[..end].to_owned());
                    rest.pop();
                    rest.extend((end < word.len()).then(|| &word[end..]));
                }
            }
        }
        rows
    }

    /// The words that fit into a width, cut off with … if need be.
    fn fitting(&self, text: &str, size: f64, width: f64) -> String {
        if fonts::room(text, size) <= width {
            return text.to_owned();
        }
        let ends: Vec<usize> = text.char_indices().map(|(end, _)| end).collect();
        let cut = |end: &usize| format!("{}…", text[..*end].trim_end());
        let fits = |end: &usize| fonts::room(&cut(end), size) <= width;
        let count = ends.partition_point(fits);
        count
            .checked_sub(1)
            .map(|last| cut(&ends[last]))
            .unwrap_or_default()
    }
}

impl Scene {
    /// The figure that is wished for. Of scenes it has those that were drawn ([`PanelScene::drawn`](super::PanelScene)).
    pub fn figure(&self, wish: &FigureWish) -> Figure {
        fonts::load(self.letters());
        let mut wish = *wish;
        wish.parts.data &= self.has_data();
        let mut sheet = Sheet {
            items: Vec::new(),
            theme: ThemeColors::new(wish.theme),
            star: if wish.parts.scene {
                // As the renderer has them, so that a map beside the scene has the same.
                MARK
            } else {
                ThemeColors::new(wish.theme).text
            },
        };
        let columns = wish.columns(self.panels.len());
        let mut top = 0.0;
        for row in self.panels.chunks(columns.count) {
            let mut bottom = top;
            let plan = panel::Plan {
                parts: wish.parts,
                columns,
                frame: panel::SceneFrame::of(&sheet, row, columns),
            };
            for (column, drawn) in row.iter().enumerate() {
                let area = Area {
                    left: column as f64 * (columns.each + GAP),
                    top,
                    width: columns.each,
                    height: 0.0,
                };
                bottom = f64::max(bottom, panel::draw(&mut sheet, self, drawn, area, &plan));
            }
            top = bottom + GAP;
        }
        let size = [wish.points(), (top - GAP).max(1.0)];
        Figure {
            title: self.experiment.title.clone(),
            size,
            items: sheet.with_ground(size),
        }
    }
}

impl Scene {
    /// Whether there is a network whose data can be seen.
    pub fn has_data(&self) -> bool {
        self.panels.iter().any(data::is_seen)
    }

    /// Those of all that a figure may say.
    fn letters(&self) -> impl Iterator<Item = char> {
        let texts = self.panels.iter().flat_map(|drawn| {
            let names = drawn.descents.iter().map(|descent| &descent.spec.name);
            drawn
                .panel
                .labels
                .iter()
                .chain([&drawn.panel.title])
                .chain(names)
        });
        texts.flat_map(|text| text.chars())
    }
}

impl Sheet {
    /// All items, on a ground unless that is white paper.
    fn with_ground(self, [width, height]: [f64; 2]) -> Vec<Item> {
        let ground = self.theme.background;
        let area = Area {
            left: 0.0,
            top: 0.0,
            width,
            height,
        };
        let filled = Item::Path {
            lines: vec![area.outline()],
            closed: true,
            stroke: None,
            fill: Some(ground),
        };
        let ground = (ground != [255; 3]).then_some(filled);
        ground.into_iter().chain(self.items).collect()
    }
}

impl Figure {
    /// The letters that no font here has.
    pub fn missing_letters(&self) -> BTreeSet<char> {
        let texts = self.items.iter().filter_map(|item| match item {
            Item::Text(Text { text, .. }) => Some(text),
            _ => None,
        });
        let letters = texts.flat_map(|text| text.chars());
        letters.filter(|letter| !fonts::has(*letter)).collect()
    }
}

#[cfg(test)]
mod tests;
