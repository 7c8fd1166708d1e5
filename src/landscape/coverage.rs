//! Which parts of a box a long path has drawn already. A noisy descent of 100,000 steps scribbles over the same place
//! again and again: what it adds there cannot be seen, but costs as much to draw as what can.

/// Cells along each side of the unit box: about the width of a line with its casing.
const CELLS: [usize; 3] = [200, 200, 64];
/// A line is worth drawing if more than this share of its cells is new.
const FRESH_SHARE: f64 = 0.125;

/// For every cell of the unit box, whether a line crossed it.
#[derive(Debug, Clone)]
pub struct Coverage {
    crossed: Vec<bool>,
}

impl Default for Coverage {
    fn default() -> Coverage {
        Coverage {
            crossed: vec![false; CELLS.iter().product()],
        }
    }
}

impl Coverage {
    /// Whether the straight line from a to b, in coordinates from 0 to 1, would show something new. If so it counts
    /// as drawn. Coordinates beyond the unit box count as its edge.
    pub fn adds(&mut self, a: [f64; 3], b: [f64; 3]) -> bool {
        let length = (b[0] - a[0]).hypot(b[1] - a[1]) * CELLS[0] as f64;
        let rise = (b[2] - a[2]).abs() * CELLS[2] as f64;
        let samples = length.max(rise).ceil().clamp(1.0, 600.0) as usize;
        let cell = |i: usize| {
            let t = i as f64 / samples as f64;
            (0..3).fold(0, |cell, k| {
                let place = (a[k] + (b[k] - a[k]) * t) * CELLS[k] as f64;
                cell * CELLS[k] + (place as usize).min(CELLS[k] - 1)
            })
        };
        let fresh = (0..=samples).filter(|&i| !self.crossed[cell(i)]).count();
        if fresh as f64 <= FRESH_SHARE * (samples + 1) as f64 {
            return false;
        }
        for i in 0..=samples {
            self.crossed[cell(i)] = true;
        }
        true
    }
}

/// Whether two places are so near that the line between them need not have left its cell: where it adds nothing it is only too short
/// as yet, and is to go on from the first, or a path of small steps would be full of gaps.
pub fn are_near(a: [f64; 2], b: [f64; 2]) -> bool {
    (b[0] - a[0]).hypot(b[1] - a[1]) * (CELLS[0] as f64) < 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_line_is_drawn_once() {
        let mut coverage = Coverage::default();
        let (a, b) = ([0.1, 0.1, 0.0], [0.9, 0.3, 0.5]);
        let drawn: Vec<bool> = (0..3).map(|_| coverage.adds(a, b)).collect();
        assert_eq!(drawn, [true, false, false]);
        assert!(coverage.adds([0.1, 0.2, 0.0], [0.9, 0.4, 0.5]), "beside it");
        assert!(
            coverage.adds([0.1, 0.1, 0.5], [0.9, 0.3, 0.0]),
            "another height"
        );
        assert!(coverage.adds(b, [0.9, 0.9, 0.5]), "on from its end");
    }

    #[test]
    fn a_scribble_ends_up_full() {
        let mut coverage = Coverage::default();
        let mut seed = 1_u64;
        let mut random = move || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            0.4 + 0.2 * (seed >> 33) as f64 / (1_u64 << 31) as f64
        };
        let mut from = [0.5, 0.5, 0.0];
        let mut drawn = [0, 0];
        for i in 0..100_000 {
            let to = [random(), random(), 0.0];
            drawn[usize::from(i >= 10_000)] += usize::from(coverage.adds(from, to));
            from = to;
        }
        assert!(drawn[0] > 50 && drawn[0] < 1000, "{drawn:?}");
        assert!(drawn[1] < 200, "{drawn:?}");
    }
}
