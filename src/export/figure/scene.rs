//! A panel's scene: the renderer's picture, and over it the axes with their numbers and titles, and the names of minima.

use std::f64::consts::FRAC_PI_2;

use super::drawn::DrawnScene;
use super::{Anchor, Area, Item, MOST_ROWS, NUMBERS, Sheet, Text, WORDS, fonts};
use crate::landscape::box_words::{
    Block, BoxAxis, Distances, Kind, Paper, PlaceName, Placed, place,
};

/// Logical pixels that the renderer's edges of the box are wide.
const EDGE: f64 = 1.3;
const TICK: f64 = 2.5;
/// In points.
const DISTANCES: Distances = Distances {
    number: 5.0,
    title: [8.0, 90.0],
    among_numbers: 8.0,
    apart: [4.0, 2.0],
    name: 8.0,
    uncovered: 3.0,
    turns: true,
};
/// Between words side by side, and one above the other.
const APART: [f64; 2] = [2.0, 0.8];
/// Around what is to be clear of the picture.
const CLEAR: f64 = 1.0;
/// From row to row of a title, in its size.
const ROW: f64 = 1.12;
/// From a text's upper edge to its baseline, and from there to its lower edge, in its size.
const ASCENT: f64 = 0.74;
const DESCENT: f64 = 0.22;
/// What is shorter, of a line that is hidden in between, is left to the picture.
const LEAST_STRETCH: f64 = 1.5;

/// What stands over a picture, in points from its upper left corner.
pub(super) struct Written {
    lines: Vec<([[f64; 2]; 2], f64)>,
    words: Vec<Text>,
    /// What of the picture has something in it, and all that is written.
    pub extent: [[f64; 2]; 2],
    /// Columns and rows of the picture that have something in them.
    inked: [[usize; 2]; 2],
}

/// Words finding their places.
struct Places<'a> {
    drawn: &'a DrawnScene,
    sheet: &'a Sheet,
    /// Points for a logical pixel.
    scale: f64,
    /// What there is may be so wide.
    width: f64,
    /// Where it begins and ends.
    sides: [f64; 2],
    taken: Vec<Block>,
}

/// Where the words of a scene stand whose picture is drawn so wide; with what they add to it, it is at most `most` wide.
pub(super) fn written(sheet: &Sheet, drawn: &DrawnScene, width: f64, most: f64) -> Written {
    let scale = width / drawn.size[0].max(1.0);
    let theme = sheet.theme;
    let whole = drawn.pixels.map(|side| [0, side]);
    let inked = drawn.inked(theme.background).unwrap_or(whole);
    let pixel = pixel(drawn, scale);
    let ends = |k: usize| inked[k].map(|end| end as f64 * pixel[k]);
    let mut places = Places {
        drawn,
        sheet,
        scale,
        width: most,
        sides: ends(0),
        taken: Vec::new(),
    };
    let scaled = |at: [f64; 2]| at.map(|c| c * scale);
    let axes: Vec<BoxAxis> = drawn
        .axes
        .iter()
        .map(|axis| BoxAxis {
            ends: axis.ends.map(scaled),
            ticks: axis
                .ticks
                .iter()
                .map(|(foot, text)| (scaled(*foot), text.clone()))
                .collect(),
            ..axis.clone()
        })
        .collect();
    let names: Vec<PlaceName> = drawn
        .names
        .iter()
        .map(|name| PlaceName {
            at: scaled(name.at),
            text: name.text.clone(),
            avoid: name.avoid.iter().copied().map(scaled).collect(),
        })
        .collect();
    let both = drawn.axes.iter().zip(&axes);
    let lines = both.flat_map(|(drawn_axis, axis)| places.lines(drawn_axis, axis));
    let lines = lines.collect();
    let words: Vec<Text> = place(&axes, &names, &mut places, &DISTANCES)
        .iter()
        .flat_map(|placed| places.written(placed))
        .collect();
    let taken = places.taken.iter();
    let [top, bottom] = taken.fold(ends(1), |[top, bottom], block| {
        [top.min(block.min[1] - 1.0), bottom.max(block.max[1] + 1.0)]
    });
    let [left, right] = places.sides;
    Written {
        lines,
        words,
        extent: [[left, top], [right, bottom]],
        inked,
    }
}

/// A pixel's sides, in points.
fn pixel(drawn: &DrawnScene, scale: f64) -> [f64; 2] {
    [0, 1].map(|k| scale * drawn.size[k] / drawn.pixels[k].max(1) as f64)
}

/// Draws the picture, so wide, and what stands over it; its upper left corner is `shift`.
pub(super) fn draw(
    sheet: &mut Sheet,
    drawn: &DrawnScene,
    written: Written,
    width: f64,
    shift: [f64; 2],
) {
    let scale = width / drawn.size[0].max(1.0);
    let pixel = pixel(drawn, scale);
    let [columns, rows] = written.inked;
    let size = [columns, rows].map(|[from, to]| to - from);
    sheet.items.push(Item::Picture {
        area: Area {
            left: shift[0] + columns[0] as f64 * pixel[0],
            top: shift[1] + rows[0] as f64 * pixel[1],
            width: size[0] as f64 * pixel[0],
            height: size[1] as f64 * pixel[1],
        },
        size,
        rgb: drawn.cut(written.inked),
    });
    let moved = |[x, y]: [f64; 2]| [x + shift[0], y + shift[1]];
    let axis = sheet.theme.axis;
    for (ends, width) in written.lines {
        sheet.line(ends.map(moved).to_vec(), axis, width, None);
    }
    let words = written.words.into_iter().map(|text| {
        Item::Text(Text {
            at: moved(text.at),
            ..text
        })
    });
    sheet.items.extend(words);
}

impl Places<'_> {
    /// What of an axis the picture shows, and its ticks there: ends and widths.
    fn lines(&self, drawn: &BoxAxis, axis: &BoxAxis) -> Vec<([[f64; 2]; 2], f64)> {
        let seen = if self.drawn.is_flat {
            vec![[0.0, 1.0]]
        } else {
            let color = self.sheet.theme.axis;
            self.drawn.seen_stretches(drawn.ends, color)
        };
        let [from, to] = axis.ends;
        let at = |t: f64| [0, 1].map(|k| from[k] + (to[k] - from[k]) * t);
        let stretches = seen.iter().map(|[a, b]| [at(*a), at(*b)]);
        let stretches = stretches.filter(|[a, b]| distance(*a, *b) > LEAST_STRETCH);
        let length = distance(from, to).max(1e-9);
        // Where the axis is hidden, so are its ticks.
        let is_seen = |foot: [f64; 2]| {
            let (part, near) = (distance(from, foot) / length, LEAST_STRETCH / length);
            let mut seen = seen.iter();
            seen.any(|[a, b]| (a - near..=b + near).contains(&part))
        };
        let feet = axis.ticks.iter().map(|(foot, _)| *foot);
        let ticks = feet.filter(|foot| is_seen(*foot)).map(|foot| {
            let outer = [0, 1].map(|k| foot[k] + TICK * axis.away[k]);
            ([foot, outer], 0.6)
        });
        let edges = stretches.map(|ends| (ends, EDGE * self.scale));
        edges.chain(ticks).collect()
    }

    fn rows(&self, kind: Kind, text: &str, width: f64) -> Vec<String> {
        let size = size_of(kind);
        // Words are broken only where nothing else helps.
        let words = text.split_whitespace();
        let longest = words
            .map(|word| fonts::room(word, size))
            .fold(0.0, f64::max);
        let width = width.max(longest.min(0.6 * self.width));
        self.sheet.wrapped(text, size, width, MOST_ROWS)
    }

    /// Words as texts of one row each.
    fn written(&self, placed: &Placed) -> Vec<Text> {
        let theme = self.sheet.theme;
        let size = size_of(placed.kind);
        let Block { min, max } = placed.block;
        let rows = self
            .rows(placed.kind, placed.text, placed.width)
            .into_iter();
        // Rows stand at the side that faces what they belong to, wherever another font ends.
        let (anchor, part) = match placed.away[0] {
            _ if placed.is_turned => (Anchor::Middle, 0.5),
            c if c > 0.38 => (Anchor::Start, 0.0),
            c if c < -0.38 => (Anchor::End, 1.0),
            _ => (Anchor::Middle, 0.5),
        };
        rows.enumerate()
            .map(|(k, text)| {
                let down = size * (ASCENT + ROW * k as f64);
                let at = if placed.is_turned {
                    [min[0] + down, 0.5 * (min[1] + max[1])]
                } else {
                    [min[0] + part * (max[0] - min[0]), min[1] + down]
                };
                Text {
                    at,
                    text,
                    size,
                    anchor,
                    turn: if placed.is_turned { -FRAC_PI_2 } else { 0.0 },
                    color: theme.text,
                    halo: (placed.kind == Kind::Name).then_some(theme.background),
                }
            })
            .collect()
    }
}

fn size_of(kind: Kind) -> f64 {
    match kind {
        Kind::Title => WORDS,
        Kind::Number | Kind::Name => NUMBERS,
    }
}

impl Paper for Places<'_> {
    fn size(&self, kind: Kind, text: &str, width: f64) -> [f64; 2] {
        let size = size_of(kind);
        let rows = self.rows(kind, text, width);
        let widths = rows.iter().map(|row| fonts::room(row, size));
        let between = ROW * rows.len().saturating_sub(1) as f64;
        let height = size * (ASCENT + DESCENT + between);
        [widths.fold(0.0, f64::max), height]
    }

    fn width(&self) -> f64 {
        self.width
    }

    fn left(&self) -> f64 {
        self.sides[1] - self.width
    }

    fn is_free(&self, block: Block) -> bool {
        let [left, right] = self.sides;
        let width = right.max(block.max[0]) - left.min(block.min[0]);
        width <= self.width && !self.taken.iter().any(|taken| taken.meets(&block, APART))
    }

    fn is_clear(&self, block: Block) -> bool {
        let rect = [
            block.min.map(|c| (c - CLEAR) / self.scale),
            block.max.map(|c| (c + CLEAR) / self.scale),
        ];
        self.drawn.is_clear(rect, self.sheet.theme.background)
    }

    fn shifted(&self, block: Block) -> Block {
        let [least, most] = [self.sides[1] - self.width, self.sides[0] + self.width];
        let by = (least - block.min[0]).max(0.0) - (block.max[0] - most).max(0.0);
        Block {
            min: [block.min[0] + by, block.min[1]],
            max: [block.max[0] + by, block.max[1]],
        }
    }

    fn take(&mut self, block: Block) {
        let [left, right] = self.sides;
        self.sides = [left.min(block.min[0]), right.max(block.max[0])];
        self.taken.push(block);
    }
}

fn distance(a: [f64; 2], b: [f64; 2]) -> f64 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}
