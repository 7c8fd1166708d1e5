//! The place of an axis's title.

use super::{Block, BoxAxis, Distances, Kind, Paper, Placed, beyond};

/// What of a width a title takes, the first that has room.
const TITLE_SHARES: [f64; 5] = [0.6, 0.45, 0.34, 0.26, 0.2];
/// An axis is upright whose outside is this much to a side.
const UPRIGHT: f64 = 0.8;
/// So much of a title over an upright axis may lie over the box.
const OVER_BOX: f64 = 50.0;
/// From the end of an axis to what stands over it.
const OVER_END: f64 = 6.0;
/// A turned title is at least so long.
const LEAST_LENGTH: f64 = 60.0;

/// A title looking for its place.
pub(super) struct Title<'a, 'd> {
    axis: &'a BoxAxis,
    distances: &'d Distances,
    is_upright: bool,
    is_turned: bool,
    /// Widths to be tried, and its size in each.
    sizes: Vec<(f64, [f64; 2])>,
}

impl<'a, 'd> Title<'a, 'd> {
    pub fn of(axis: &'a BoxAxis, paper: &impl Paper, distances: &'d Distances) -> Title<'a, 'd> {
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
    pub fn place(&self, paper: &impl Paper, numbers: &[Block]) -> Option<Placed<'a>> {
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

fn length(axis: &BoxAxis) -> f64 {
    let [a, b] = axis.ends;
    (a[0] - b[0]).hypot(a[1] - b[1])
}
