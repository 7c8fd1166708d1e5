//! A panel's scene: the renderer's picture, and over it the axes with their numbers and titles, and the names of minima.

use super::drawn::{DrawnAxis, DrawnName, DrawnScene};
use super::{Anchor, Area, Item, NUMBERS, Sheet, Text, WORDS, fonts};

/// Logical pixels that the renderer's edges of the box are wide.
const EDGE: f64 = 1.3;
const TICK: f64 = 2.5;
/// Numbers begin this far from their axis.
const TO_NUMBER: f64 = 5.0;
/// Titles stand at least and at most this far from it.
const TITLE_FROM: f64 = 8.0;
const TITLE_TO: f64 = 60.0;
/// An axis is upright whose outside is this much to a side: its title is turned along it.
const UPRIGHT: f64 = 0.8;
/// What of the width a title takes, the first that has room.
const TITLE_SHARES: [f64; 5] = [0.6, 0.45, 0.34, 0.26, 0.2];
const APART: f64 = 2.0;
const FROM_NUMBERS: f64 = 4.0;
/// Between numbers one above the other.
const ABOVE: f64 = 0.8;
/// The height of capitals and figures, in their size.
const TALL: f64 = 0.72;
/// From a minimum to its name.
const NAME_AWAY: f64 = 8.0;
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
    taken: Vec<[[f64; 2]; 2]>,
    words: Vec<Text>,
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
        words: Vec::new(),
    };
    let mut lines = Vec::new();
    for axis in &drawn.axes {
        let [from, to] = axis.ends.map(|end| end.map(|c| c * scale));
        let seen = if drawn.is_flat {
            vec![[0.0, 1.0]]
        } else {
            drawn.seen_stretches(axis.ends, theme.axis)
        };
        for [a, b] in seen.iter().copied() {
            let at = |t: f64| [0, 1].map(|k| from[k] + (to[k] - from[k]) * t);
            if distance(at(a), at(b)) > LEAST_STRETCH {
                lines.push(([at(a), at(b)], EDGE * scale));
            }
        }
        for (foot, _) in &axis.ticks {
            let foot = foot.map(|c| c * scale);
            let length = distance(from, to).max(1e-9);
            let (part, near) = (distance(from, foot) / length, LEAST_STRETCH / length);
            // Where the axis is hidden, so are its ticks.
            if seen
                .iter()
                .any(|[a, b]| (a - near..=b + near).contains(&part))
            {
                lines.push(([foot, beyond(foot, axis.away, TICK)], 0.6));
            }
        }
    }
    let numbers: Vec<Text> = drawn
        .axes
        .iter()
        .flat_map(|axis| places.numbers(axis))
        .collect();
    let beside: Vec<_> = numbers.iter().map(extent).collect();
    for axis in &drawn.axes {
        places.title(axis, &beside);
    }
    for number in numbers {
        places.put_if_free(number);
    }
    for name in &drawn.names {
        places.name(name);
    }
    let words = std::mem::take(&mut places.words);
    let extents = words.iter().map(extent);
    let [top, bottom] = extents.fold(ends(1), |[top, bottom], [from, to]| {
        [top.min(from[1] - 1.0), bottom.max(to[1] + 1.0)]
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
    fn numbers(&self, axis: &DrawnAxis) -> Vec<Text> {
        let color = self.sheet.theme.text;
        let numbers = axis.ticks.iter().map(|(foot, text)| {
            let at = beyond(foot.map(|c| c * self.scale), axis.away, TO_NUMBER);
            let number = Text {
                at: [0.0; 2],
                text: text.clone(),
                size: NUMBERS,
                anchor: Anchor::Start,
                turn: 0.0,
                color,
                halo: None,
            };
            facing(number, at, axis.away)
        });
        numbers
            .filter(|number| self.is_free(extent(number)) && self.is_clear(extent(number)))
            .collect()
    }

    fn is_within(&self, [from, to]: [[f64; 2]; 2]) -> bool {
        self.sides[1].max(to[0]) - self.sides[0].min(from[0]) <= self.width
    }

    fn is_free(&self, rect: [[f64; 2]; 2]) -> bool {
        self.is_within(rect)
            && !self
                .taken
                .iter()
                .any(|taken| meet(*taken, rect, [APART, ABOVE]))
    }

    fn put_if_free(&mut self, text: Text) {
        let rect = extent(&text);
        if self.is_free(rect) {
            let [left, right] = self.sides;
            self.sides = [left.min(rect[0][0]), right.max(rect[1][0])];
            self.taken.push(rect);
            self.words.push(text);
        }
    }

    /// The title at the nearest place outside its axis where nothing is, clear of the numbers if there is one.
    fn title(&mut self, axis: &DrawnAxis, numbers: &[[[f64; 2]; 2]]) {
        if axis.title.trim().is_empty() {
            return;
        }
        let is_upright = axis.away[0].abs() >= UPRIGHT;
        let middle = [0, 1].map(|k| 0.5 * self.scale * (axis.ends[0][k] + axis.ends[1][k]));
        let length = self.scale * distance(axis.ends[0], axis.ends[1]);
        let [a, b] = axis.ends.map(|end| self.scale * end[1]);
        let ends = [a.min(b), a.max(b)];
        let widths: Vec<f64> = if is_upright {
            vec![length.max(60.0)]
        } else {
            TITLE_SHARES
                .iter()
                .map(|share| share * self.width)
                .collect()
        };
        let candidates = [(true, true), (true, false), (false, false)];
        let tries = candidates.into_iter().flat_map(|(beside, clear)| {
            widths
                .iter()
                .map(move |width| (beside, clear, *width))
                .collect::<Vec<_>>()
        });
        let found = tries.into_iter().find_map(|(beside, clear, width)| {
            let title = self.title_text(&axis.title, width);
            let mut steps = (0..=(TITLE_TO - TITLE_FROM) as usize).map(|k| TITLE_FROM + k as f64);
            steps.find_map(|out| {
                let at = beyond(middle, axis.away, out);
                let text = if is_upright {
                    turned(title.clone(), at, axis.away)
                } else {
                    self.shifted(facing(title.clone(), at, axis.away))
                };
                let rect = extent(&text);
                // An upright title stands beyond the numbers of all the axis.
                let mut rect_beside = rect;
                if is_upright {
                    rect_beside[0][1] = rect[0][1].min(ends[0]);
                    rect_beside[1][1] = rect[1][1].max(ends[1]);
                }
                let among = beside
                    && numbers
                        .iter()
                        .any(|number| meet(*number, rect_beside, [FROM_NUMBERS, APART]));
                let is_clear = !clear || self.is_clear(rect);
                (self.is_free(rect) && !among && is_clear).then_some(text)
            })
        });
        if let Some(text) = found {
            self.put_if_free(text);
        }
    }

    fn title_text(&self, title: &str, width: f64) -> Text {
        Text {
            at: [0.0; 2],
            text: self.sheet.fitting(title, WORDS, width),
            size: WORDS,
            anchor: Anchor::Start,
            turn: 0.0,
            color: self.sheet.theme.text,
            halo: None,
        }
    }

    /// Sideways to where there is room for it.
    fn shifted(&self, mut text: Text) -> Text {
        let [[from, _], [to, _]] = extent(&text);
        let [least, most] = [self.sides[1] - self.width, self.sides[0] + self.width];
        text.at[0] += (least - from).max(0.0) - (to - most).max(0.0);
        text
    }

    /// Whether nothing of the picture lies there or close by.
    fn is_clear(&self, [from, to]: [[f64; 2]; 2]) -> bool {
        let rect = [
            from.map(|c| (c - 1.0) / self.scale),
            to.map(|c| (c + 1.0) / self.scale),
        ];
        self.drawn.is_clear(rect, self.sheet.theme.background)
    }

    /// The name of a minimum beside it, where it covers neither words nor paths.
    fn name(&mut self, name: &DrawnName) {
        let theme = self.sheet.theme;
        let at = name.at.map(|c| c * self.scale);
        let around = [
            [0.0, 1.0],
            [0.0, -1.0],
            [1.0, 0.0],
            [-1.0, 0.0],
            [0.8, 0.8],
            [-0.8, 0.8],
            [0.8, -0.8],
            [-0.8, -0.8],
        ];
        let places = around
            .into_iter()
            .flat_map(|away| [1.0, 2.2].map(|far| (away, NAME_AWAY * far)));
        let covers = |[from, to]: [[f64; 2]; 2]| {
            name.avoid.iter().any(|place| {
                let place = place.map(|c| c * self.scale);
                (0..2).all(|k| place[k] > from[k] - 3.0 && place[k] < to[k] + 3.0)
            })
        };
        let free = places
            .into_iter()
            .map(|(away, far)| {
                let text = Text {
                    halo: Some(theme.background),
                    size: NUMBERS,
                    ..self.title_text(&name.text, 0.5 * self.width)
                };
                facing(text, beyond(at, away, far), away)
            })
            .find(|text| self.is_free(extent(text)) && !covers(extent(text)));
        if let Some(text) = free {
            self.put_if_free(text);
        }
    }
}

/// A text whose side or corner towards an axis is at a place.
fn facing(text: Text, at: [f64; 2], away: [f64; 2]) -> Text {
    let size = [fonts::width(&text.text, text.size), TALL * text.size];
    // Of the way from the text's beginning to its end that lies on this side of the place.
    let back = |c: f64| match c {
        c if c > 0.38 => 0.0,
        c if c < -0.38 => 1.0,
        _ => 0.5,
    };
    let [left, top] = [0, 1].map(|k| at[k] - back(away[k]) * size[k]);
    Text {
        at: [left, top + size[1]],
        anchor: Anchor::Start,
        ..text
    }
}

/// The same, reading upwards beside an upright axis.
fn turned(text: Text, at: [f64; 2], away: [f64; 2]) -> Text {
    let length = fonts::width(&text.text, text.size);
    let baseline = if away[0] < 0.0 {
        at[0]
    } else {
        at[0] + TALL * text.size
    };
    Text {
        at: [baseline, at[1] + 0.5 * length],
        turn: -std::f64::consts::FRAC_PI_2,
        anchor: Anchor::Start,
        ..text
    }
}

/// Corners of the rectangle around a text that is level or reads upwards.
fn extent(text: &Text) -> [[f64; 2]; 2] {
    let length = fonts::width(&text.text, text.size);
    let ([x, y], tall) = (text.at, TALL * text.size);
    if text.turn == 0.0 {
        [[x, y - tall], [x + length, y + 0.2 * text.size]]
    } else {
        [[x - 0.8 * text.size, y - length], [x + 0.2 * text.size, y]]
    }
}

fn meet(a: [[f64; 2]; 2], b: [[f64; 2]; 2], apart: [f64; 2]) -> bool {
    (0..2).all(|k| a[0][k] < b[1][k] + apart[k] && b[0][k] < a[1][k] + apart[k])
}

fn beyond(from: [f64; 2], way: [f64; 2], by: f64) -> [f64; 2] {
    [0, 1].map(|k| from[k] + way[k] * by)
}

fn distance(a: [f64; 2], b: [f64; 2]) -> f64 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}
