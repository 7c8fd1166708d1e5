//! Where lines of one colour have been drawn already. A noisy descent of a million steps scribbles over the same place again and again:
//! what it adds there cannot be seen, but would make a file of many megabytes.

use super::Area;

/// The side of a cell, in points: about half of what can be told apart in print.
const CELL: f64 = 0.3;
/// Cells along a side, at most.
const MOST_CELLS: f64 = 2000.0;
/// A line is worth drawing if more than this share of it is on blank ground.
const FRESH_SHARE: f64 = 0.125;

/// For every cell of an area, whether it is inked.
pub(super) struct Ink {
    area: Area,
    cell: f64,
    size: [usize; 2],
    inked: Vec<bool>,
    /// Cells around a line's middle that it covers.
    brush: Vec<[isize; 2]>,
}

impl Ink {
    /// Of lines so wide, in points.
    pub fn new(area: Area, width: f64) -> Ink {
        let cell = CELL.max(area.width.max(area.height) / MOST_CELLS);
        let size = [area.width, area.height].map(|side| (side / cell).ceil().max(1.0) as usize);
        let reach = (0.5 * width / cell) as isize;
        let brush = (-reach..=reach).flat_map(|y| (-reach..=reach).map(move |x| [x, y]));
        Ink {
            area,
            cell,
            size,
            inked: vec![false; size[0] * size[1]],
            brush: brush
                .filter(|[x, y]| x * x + y * y <= reach * reach)
                .collect(),
        }
    }

    /// Whether the straight line from a to b, both within the area, would be seen. If so it counts as drawn.
    pub fn adds(&mut self, a: [f64; 2], b: [f64; 2]) -> bool {
        let length = (b[0] - a[0]).hypot(b[1] - a[1]);
        let parts = (length / self.cell).ceil().max(1.0) as usize;
        let cells: Vec<[isize; 2]> = (0..=parts)
            .map(|part| {
                let t = part as f64 / parts as f64;
                self.cell_at([0, 1].map(|k| a[k] + (b[k] - a[k]) * t))
            })
            .collect();
        let is_fresh = |cell: &&[isize; 2]| self.index(**cell).is_some_and(|at| !self.inked[at]);
        let fresh = cells.iter().filter(is_fresh).count();
        if fresh as f64 <= FRESH_SHARE * cells.len() as f64 {
            return false;
        }
        for [x, y] in cells {
            for k in 0..self.brush.len() {
                let [right, down] = self.brush[k];
                if let Some(at) = self.index([x + right, y + down]) {
                    self.inked[at] = true;
                }
            }
        }
        true
    }

    /// The same of a dot.
    pub fn adds_dot(&mut self, at: [f64; 2]) -> bool {
        self.adds(at, at)
    }

    fn cell_at(&self, [x, y]: [f64; 2]) -> [isize; 2] {
        let along = |c: f64, count: usize| ((c / self.cell) as usize).min(count - 1) as isize;
        let Area { left, top, .. } = self.area;
        [along(x - left, self.size[0]), along(y - top, self.size[1])]
    }

    fn index(&self, [x, y]: [isize; 2]) -> Option<usize> {
        let [x, y] = [usize::try_from(x).ok()?, usize::try_from(y).ok()?];
        (x < self.size[0] && y < self.size[1]).then_some(y * self.size[0] + x)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AREA: Area = Area {
        left: 20.0,
        top: 10.0,
        width: 200.0,
        height: 150.0,
    };

    #[test]
    fn what_is_inked_already_is_not_drawn_again() {
        let mut ink = Ink::new(AREA, 1.25);
        let (a, b) = ([30.0, 20.0], [200.0, 90.0]);
        assert!(ink.adds(a, b) && !ink.adds(a, b) && !ink.adds(b, a));
        assert!(ink.adds([30.0, 22.0], [200.0, 92.0]), "beside it");
        assert!(ink.adds(b, [200.0, 140.0]), "on from its end");
        assert!(ink.adds_dot([50.0, 150.0]) && !ink.adds_dot([50.0, 150.1]));
    }

    /// However small its moves are: what is left out is not longer than the line is wide.
    #[test]
    fn a_slow_path_is_drawn_all_along() {
        let mut ink = Ink::new(AREA, 1.25);
        let at = |k: u32| [30.0 + 0.01 * f64::from(k), 60.0];
        let drawn: Vec<u32> = (0..10_000)
            .filter(|k| ink.adds(at(*k), at(k + 1)))
            .collect();
        assert!(drawn.len() < 1000, "{}", drawn.len());
        let gaps = drawn.windows(2).map(|pair| pair[1] - pair[0]);
        assert!(gaps.max().is_some_and(|gap| 0.01 * f64::from(gap) < 1.25));
    }

    #[test]
    fn a_scribble_ends_up_full() {
        let mut ink = Ink::new(AREA, 1.25);
        let mut seed = 1_u64;
        let mut random = move || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            30.0 * (seed >> 33) as f64 / (1_u64 << 31) as f64
        };
        let mut from = [60.0, 60.0];
        let mut drawn = 0;
        for _ in 0..100_000 {
            let to = [60.0 + random(), 60.0 + random()];
            drawn += usize::from(ink.adds(from, to));
            from = to;
        }
        assert!((20..2000).contains(&drawn), "{drawn}");
    }
}
