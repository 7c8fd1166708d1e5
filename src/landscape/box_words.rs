//! Where words stand around a box that is seen in perspective: numbers and titles outside its axes, and names beside places in it.
//!
//! The places are the same for the window and for paper; what words look like, how large they are and where there is room for them
//! is known to a [`Paper`]. Its units are whatever it counts in; y points down.

/// A place.
pub type At = [f64; 2];

/// A rectangle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Block {
    pub min: At,
    pub max: At,
}

/// An axis of the box.
#[derive(Debug, Clone, PartialEq)]
pub struct BoxAxis {
    pub ends: [At; 2],
    /// Away from the box: a unit vector.
    pub away: At,
    pub title: String,
    /// Places on the axis with their numbers.
    pub ticks: Vec<(At, String)>,
}

/// The name of a place.
#[derive(Debug, Clone, PartialEq)]
pub struct PlaceName {
    pub at: At,
    pub text: String,
    /// Places that must not be covered.
    pub avoid: Vec<At>,
}

/// What kind of words these are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Number,
    Title,
    Name,
}

/// Words with their place.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed<'a> {
    pub kind: Kind,
    pub text: &'a str,
    pub block: Block,
    /// In how much width they were measured.
    pub width: f64,
    /// Whether they read upwards.
    pub is_turned: bool,
    /// From what they belong to.
    pub away: At,
}

/// How far apart things are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Distances {
    /// From an axis to its numbers.
    pub number: f64,
    /// From an axis to its title, at least and at most, clear of the numbers; and at least where there is no room but among them.
    pub title: [f64; 2],
    pub among_numbers: f64,
    /// Between a title and numbers, sideways and up or down.
    pub apart: At,
    /// From a place to its name, and from the name's edges to what it must not cover.
    pub name: f64,
    pub uncovered: f64,
    /// Whether titles of upright axes read upwards along them.
    pub turns: bool,
}

/// What words are written on.
pub trait Paper {
    /// Width and height of a text that has so much width.
    fn size(&self, kind: Kind, text: &str, width: f64) -> [f64; 2];

    /// How wide all there is may be.
    fn width(&self) -> f64;

    /// Where words may begin.
    fn left(&self) -> f64;

    /// Whether words may stand there, and none do.
    fn is_free(&self, block: Block) -> bool;

    /// Whether nothing is drawn there.
    fn is_clear(&self, _: Block) -> bool {
        true
    }

    /// Sideways to where words may stand.
    fn shifted(&self, block: Block) -> Block;

    /// Keeps the place from what comes after.
    fn take(&mut self, block: Block);
}

/// What of a width a title takes, the first that has room.
const TITLE_SHARES: [f64; 5] = [0.6, 0.45, 0.34, 0.26, 0.2];
/// What of it a name takes.
const NAME_SHARE: f64 = 0.5;
/// An axis is upright whose outside is this much to a side.
const UPRIGHT: f64 = 0.8;
/// A text whose axis lies less than this to a side is in the middle above or below it.
const AMIDST: f64 = 0.38;
/// So much of a title over an upright axis may lie over the box.
const OVER_BOX: f64 = 50.0;
/// From the end of an axis to what stands over it.
const OVER_END: f64 = 6.0;
/// A turned title is at least so long.
const LEAST_LENGTH: f64 = 60.0;
/// Ways from a place to its name.
const AROUND: [At; 8] = [
    [0.0, 1.0],
    [0.0, -1.0],
    [1.0, 0.0],
    [-1.0, 0.0],
    [0.8, 0.8],
    [-0.8, 0.8],
    [0.8, -0.8],
    [-0.8, -0.8],
];

impl Block {
    /// Of a size, with the side or corner that faces what it belongs to at a place.
    fn facing(at: At, away: At, size: [f64; 2]) -> Block {
        let min = [0, 1].map(|k| {
            let back = match away[k] {
                c if c > AMIDST => 0.0,
                c if c < -AMIDST => 1.0,
                _ => 0.5,
            };
            at[k] - back * size[k]
        });
        Block {
            min,
            max: [min[0] + size[0], min[1] + size[1]],
        }
    }

    /// Whether two have less than this between them.
    pub fn meets(&self, other: &Block, apart: At) -> bool {
        (0..2)
            .all(|k| self.min[k] < other.max[k] + apart[k] && other.min[k] < self.max[k] + apart[k])
    }

    fn has(&self, at: At, around: f64) -> bool {
        (0..2).all(|k| at[k] > self.min[k] - around && at[k] < self.max[k] + around)
    }
}

/// The words of a box that have room, titles before numbers before names. A title clear of the numbers is best; else they make
/// room for it.
pub fn place<'a>(
    axes: &'a [BoxAxis],
    names: &'a [PlaceName],
    paper: &mut impl Paper,
    distances: &Distances,
) -> Vec<Placed<'a>> {
    let numbers: Vec<Placed> = axes
        .iter()
        .flat_map(|axis| axis.ticks.iter().map(move |tick| (axis.away, tick)))
        .map(|(away, (foot, text))| {
            let size = paper.size(Kind::Number, text, f64::INFINITY);
            Placed {
                kind: Kind::Number,
                text,
                block: Block::facing(beyond(*foot, away, distances.number), away, size),
                width: f64::INFINITY,
                is_turned: false,
                away,
            }
        })
        .filter(|number| paper.is_free(number.block) && paper.is_clear(number.block))
        .collect();
    let beside: Vec<Block> = numbers.iter().map(|number| number.block).collect();
    let mut placed = Vec::new();
    for axis in axes.iter().filter(|axis| !axis.title.trim().is_empty()) {
        let found = Title::of(axis, paper, distances).place(paper, &beside);
        if let Some(title) = found {
            paper.take(title.block);
            placed.push(title);
        }
    }
    for number in numbers {
        if paper.is_free(number.block) {
            paper.take(number.block);
            placed.push(number);
        }
    }
    for name in names {
        if let Some(name) = name_place(name, paper, distances) {
            paper.take(name.block);
            placed.push(name);
        }
    }
    placed
}

/// A title looking for its place.
struct Title<'a, 'd> {
    axis: &'a BoxAxis,
    distances: &'d Distances,
    is_upright: bool,
    is_turned: bool,
    /// Widths to be tried, and its size in each.
    sizes: Vec<(f64, [f64; 2])>,
}

impl<'a, 'd> Title<'a, 'd> {
    fn of(axis: &'a BoxAxis, paper: &impl Paper, distances: &'d Distances) -> Title<'a, 'd> {
        let is_upright = axis.away[0].abs() >= UPRIGHT;
        let is_turned = is_upright && distances.turns;
        let widths = if is_turned {
            vec![length(axis).max(LEAST_LENGTH)]
        } else {
            TITLE_SHARES.map(|share| share * paper.width()).to_vec()
        };
        let size = |width: f64| paper.size(Kind::Title, &axis.title, width);
        Title {
            axis,
            distances,
            is_upright,
            is_turned,
            sizes: widths
                .into_iter()
                .map(|width| (width, size(width)))
                .collect(),
        }
    }

    fn placed(&self, block: Block, width: f64) -> Placed<'a> {
        Placed {
            kind: Kind::Title,
            text: &self.axis.title,
            block,
            width,
            is_turned: self.is_turned,
            away: self.axis.away,
        }
    }

    /// The nearest place outside the axis where nothing is; best clear of numbers and of what is drawn.
    fn place(&self, paper: &impl Paper, numbers: &[Block]) -> Option<Placed<'a>> {
        [(true, true), (true, false), (false, false)]
            .into_iter()
            .find_map(|(spares_numbers, is_clear)| {
                let numbers = if spares_numbers { numbers } else { &[] };
                let fits = |block: Block| {
                    paper.is_free(block)
                        && !self.meets_numbers(block, numbers)
                        && (!is_clear || paper.is_clear(block))
                };
                let nearest = match spares_numbers {
                    true => self.distances.title[0],
                    false => self.distances.among_numbers,
                };
                self.beside(paper, nearest, &fits)
                    .or_else(|| self.over(paper, &fits))
            })
    }

    /// One that reads upwards stands beyond the numbers of all its axis.
    fn meets_numbers(&self, mut block: Block, numbers: &[Block]) -> bool {
        if self.is_turned {
            let [a, b] = self.axis.ends.map(|end| end[1]);
            block.min[1] = block.min[1].min(a.min(b));
            block.max[1] = block.max[1].max(a.max(b));
        }
        let apart = self.distances.apart;
        numbers.iter().any(|number| number.meets(&block, apart))
    }

    fn beside(
        &self,
        paper: &impl Paper,
        nearest: f64,
        fits: &dyn Fn(Block) -> bool,
    ) -> Option<Placed<'a>> {
        let away = self.axis.away;
        let [a, b] = self.axis.ends;
        let from = [0.5 * (a[0] + b[0]), 0.5 * (a[1] + b[1])];
        let steps = (self.distances.title[1] - nearest).max(0.0) as usize;
        self.sizes.iter().find_map(|&(width, [across, down])| {
            (0..=steps).find_map(|step| {
                let at = beyond(from, away, nearest + step as f64);
                let block = if self.is_turned {
                    Block::facing(at, [away[0].signum(), 0.0], [down, across])
                } else {
                    paper.shifted(Block::facing(at, away, [across, down]))
                };
                // It may not be pushed over the box.
                let middle = 0.5 * (block.min[0] + block.max[0]);
                let half = 0.5 * (block.max[0] - block.min[0]);
                let is_outside = !self.is_upright || (middle - from[0]) * away[0].signum() >= half;
                (is_outside && fits(block)).then(|| self.placed(block, width))
            })
        })
    }

    /// Over the upper end of an upright axis.
    fn over(&self, paper: &impl Paper, fits: &dyn Fn(Block) -> bool) -> Option<Placed<'a>> {
        if !self.is_upright || self.is_turned {
            return None;
        }
        let [a, b] = self.axis.ends;
        let end = if a[1] < b[1] { a } else { b };
        let left = paper.left();
        let width = (end[0] - left + OVER_BOX).max(OVER_BOX);
        let size = paper.size(Kind::Title, &self.axis.title, width);
        let min = [
            (end[0] - 0.5 * size[0]).max(left),
            end[1] - OVER_END - size[1],
        ];
        let block = Block {
            min,
            max: [min[0] + size[0], min[1] + size[1]],
        };
        fits(block).then(|| self.placed(block, width))
    }
}

/// The name of a place beside it, where it covers neither words nor what must not be covered.
fn name_place<'a>(
    name: &'a PlaceName,
    paper: &impl Paper,
    distances: &Distances,
) -> Option<Placed<'a>> {
    let width = NAME_SHARE * paper.width();
    let size = paper.size(Kind::Name, &name.text, width);
    let covers = |block: &Block| {
        let mut avoided = name.avoid.iter();
        avoided.any(|at| block.has(*at, distances.uncovered))
    };
    let ways = AROUND.into_iter();
    let mut ways = ways.flat_map(|away| [1.0, 2.2].map(|far| (away, far * distances.name)));
    ways.find_map(|(away, far)| {
        let block = Block::facing(beyond(name.at, away, far), away, size);
        (paper.is_free(block) && !covers(&block)).then_some(Placed {
            kind: Kind::Name,
            text: &name.text,
            block,
            width,
            is_turned: false,
            away,
        })
    })
}

fn beyond(from: At, way: At, by: f64) -> At {
    [0, 1].map(|k| from[k] + way[k] * by)
}

fn length(axis: &BoxAxis) -> f64 {
    let [a, b] = axis.ends;
    (a[0] - b[0]).hypot(a[1] - b[1])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Letters of 5 by 10 on a sheet of so much width; what has no room in it goes on in the next row.
    struct Sheet {
        width: f64,
        taken: Vec<Block>,
    }

    impl Paper for Sheet {
        fn size(&self, _: Kind, text: &str, width: f64) -> [f64; 2] {
            let letters = 5.0 * text.chars().count() as f64;
            let rows = (letters / width).ceil().max(1.0);
            [letters.min(width), 10.0 * rows]
        }

        fn width(&self) -> f64 {
            self.width
        }

        fn left(&self) -> f64 {
            0.0
        }

        fn is_free(&self, block: Block) -> bool {
            let is_inside = block.min[0] >= 0.0 && block.max[0] <= self.width;
            is_inside && !self.taken.iter().any(|taken| taken.meets(&block, [0.0; 2]))
        }

        fn shifted(&self, block: Block) -> Block {
            let by = (-block.min[0]).max(0.0) - (block.max[0] - self.width).max(0.0);
            Block {
                min: [block.min[0] + by, block.min[1]],
                max: [block.max[0] + by, block.max[1]],
            }
        }

        fn take(&mut self, block: Block) {
            self.taken.push(block);
        }
    }

    fn axis(ends: [At; 2], away: At, title: &str) -> BoxAxis {
        let [a, b] = ends;
        let tick = |k: usize| {
            let t = k as f64 / 4.0;
            let at = [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])];
            (at, format!("{k}.25"))
        };
        BoxAxis {
            ends,
            away,
            title: title.to_owned(),
            ticks: (0..5).map(tick).collect(),
        }
    }

    const DISTANCES: Distances = Distances {
        number: 9.0,
        title: [12.0, 84.0],
        among_numbers: 2.0,
        apart: [2.0, 2.0],
        name: 12.0,
        uncovered: 4.0,
        turns: false,
    };

    #[test]
    fn no_word_lies_on_another_and_every_title_has_its_place() {
        let slanted = 0.5_f64.sqrt();
        let axes = [
            axis(
                [[60.0, 200.0], [160.0, 250.0]],
                [-slanted, slanted],
                "the first weight",
            ),
            axis(
                [[160.0, 250.0], [260.0, 200.0]],
                [slanted, slanted],
                "the second weight",
            ),
            axis([[60.0, 200.0], [60.0, 80.0]], [-1.0, 0.0], "loss"),
        ];
        let names = [PlaceName {
            at: [160.0, 180.0],
            text: "global minimum".to_owned(),
            avoid: vec![[160.0, 200.0]],
        }];
        for turns in [false, true] {
            for width in [320.0, 300.0, 270.0] {
                let mut sheet = Sheet {
                    width,
                    taken: Vec::new(),
                };
                let distances = Distances { turns, ..DISTANCES };
                let placed = place(&axes, &names, &mut sheet, &distances);
                let of = |kind: Kind| placed.iter().filter(move |words| words.kind == kind);
                assert_eq!(of(Kind::Title).count(), 3, "{turns} {width}");
                assert!(of(Kind::Number).count() > 8, "{turns} {width}");
                assert_eq!(of(Kind::Name).count(), 1);
                assert!(of(Kind::Name).all(|name| !name.block.has([160.0, 200.0], 4.0)));
                for (k, a) in placed.iter().enumerate() {
                    let others = placed[..k].iter();
                    let on = others.filter(|b| a.block.meets(&b.block, [0.0; 2]));
                    assert_eq!(on.count(), 0, "{turns} {width}: {a:?}");
                    assert!(a.block.min[0] >= 0.0 && a.block.max[0] <= width, "{a:?}");
                }
                let loss = of(Kind::Title).find(|title| title.text == "loss");
                let loss = loss.expect("a title");
                assert_eq!(loss.is_turned, turns);
            }
        }
    }

    #[test]
    fn what_has_no_room_is_left_out() {
        let axes = [axis([[10.0, 50.0], [20.0, 50.0]], [0.0, 1.0], "x")];
        let mut sheet = Sheet {
            width: 12.0,
            taken: Vec::new(),
        };
        let placed = place(&axes, &[], &mut sheet, &DISTANCES);
        assert!(placed.iter().all(|words| words.block.max[0] <= 12.0));
        assert!(place(&[], &[], &mut sheet, &DISTANCES).is_empty());
    }
}
