//! Where words stand around a box that is seen in perspective: numbers and titles outside its axes, and names beside places in it.
//!
//! The places are the same for the window and for paper; what words look like, how large they are and where there is room for them
//! is known to a [`Paper`]. Its units are whatever it counts in; y points down.

mod title;

use title::Title;

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

/// What of a width a name takes.
const NAME_SHARE: f64 = 0.5;
/// A text whose axis lies less than this to a side is in the middle above or below it.
const AMIDST: f64 = 0.38;
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

#[cfg(test)]
mod tests;
