//! Where the lines of a grid lie along an axis: evenly spaced, with more of them around what is narrower than that.

/// How many of the lines around a narrow place lie within its width, on either side.
const WITHIN: f64 = 4.0;
/// Further out each line is so much of its distance from the place away from the one before.
const GROWTH: f64 = 0.25;
/// The most lines beside the evenly spaced ones.
const MOST_EXTRA: usize = 256;
/// Lines nearer to each other than this are one.
const SAME: f64 = 1e-13;

/// Something narrow along an axis: where, and how far from there it has half its height, as fractions of the range.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Narrow {
    pub at: f64,
    pub width: f64,
}

/// The lines of a grid along one axis, as fractions of its range from 0 to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Lines {
    /// How many are evenly spaced, the first and the last among them.
    even: usize,
    /// All of them, ascending; empty where there are no others.
    all: Vec<f64>,
}

impl Lines {
    /// So many evenly spaced lines.
    pub fn even(count: usize) -> Lines {
        Lines {
            even: count.max(1),
            all: Vec::new(),
        }
    }

    /// So many evenly spaced lines, and others in between: one through the middle of everything narrow, and enough
    /// around it to show its shape. The first of `narrow` have the first claim on them.
    pub fn with_narrow(count: usize, narrow: &[Narrow]) -> Lines {
        let mut lines = Lines::even(count);
        let spacing = 1.0 / (lines.even.max(2) - 1) as f64;
        let mut extra: Vec<f64> = Vec::new();
        for place in narrow {
            let around = around(*place, spacing);
            if extra.len() + around.len() > MOST_EXTRA {
                break;
            }
            extra.extend(around);
        }
        if extra.is_empty() {
            return lines;
        }
        let mut all: Vec<f64> = (0..lines.even).map(|i| lines.fraction(i)).collect();
        // Evenly spaced lines come first among equals: what is drawn coarsely relies on them.
        for line in extra {
            if all.iter().all(|other| (other - line).abs() > SAME) {
                all.push(line);
            }
        }
        all.sort_by(f64::total_cmp);
        if all.len() > lines.even {
            lines.all = all;
        }
        lines
    }

    pub fn count(&self) -> usize {
        self.all.len().max(self.even)
    }

    pub fn is_even(&self) -> bool {
        self.all.is_empty()
    }

    /// Where line `i` lies.
    pub fn fraction(&self, i: usize) -> f64 {
        match self.all.get(i) {
            Some(fraction) => *fraction,
            None if self.even < 2 => 0.0,
            None => i as f64 / (self.even - 1) as f64,
        }
    }

    /// The number of the line before a place that is a fraction from 0 to 1, and where between that line and the next
    /// the place lies, from 0 to 1.
    pub fn find(&self, fraction: f64) -> (usize, f64) {
        let cells = self.count().saturating_sub(1);
        if self.is_even() {
            let position = fraction * cells as f64;
            let cell = (position as usize).min(cells.saturating_sub(1));
            return (cell, position - cell as f64);
        }
        let after = self.all.partition_point(|line| *line <= fraction);
        let cell = after.clamp(1, cells) - 1;
        let [from, to] = [cell, cell + 1].map(|i| self.all[i]);
        (cell, (fraction - from) / (to - from))
    }

    /// The numbers of those lines that a coarser drawing of about `cells` cells needs: between any two of them that
    /// follow one another the lines are evenly spaced.
    pub fn coarse(&self, cells: usize) -> Vec<usize> {
        let last = self.even - 1;
        let stride = (last / cells.max(1)).max(1);
        let is_even = |line: f64| {
            let place = line * last as f64;
            (place - place.round()).abs() < 1e-9
        };
        let mut kept = Vec::new();
        let mut block: Vec<usize> = Vec::new();
        for i in 0..self.count() {
            let line = self.fraction(i);
            let even = is_even(line).then(|| (line * last as f64).round() as usize);
            let ends_block = even.is_some_and(|k| k.is_multiple_of(stride) || k == last);
            if ends_block {
                // Lines in between are passed over where there are but evenly spaced ones.
                if block.iter().any(|i| !is_even(self.fraction(*i))) {
                    kept.append(&mut block);
                }
                block.clear();
                kept.push(i);
            } else {
                block.push(i);
            }
        }
        kept
    }
}

/// The lines for one narrow place: through its middle, then further and further apart until they are as far apart as
/// the evenly spaced ones.
fn around(place: Narrow, spacing: f64) -> Vec<f64> {
    let inside = |line: &f64| (0.0..=1.0).contains(line);
    let mut lines: Vec<f64> = Some(place.at).into_iter().filter(inside).collect();
    let mut away = 0.0;
    loop {
        let step = (place.width / WITHIN).max(GROWTH * away);
        // NaN and 0 lead nowhere.
        if !(step > SAME && step < spacing) {
            return lines;
        }
        away += step;
        lines.extend(
            [place.at - away, place.at + away]
                .iter()
                .filter(|l| inside(l)),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evenly_spaced_lines_are_found_where_they_are() {
        let lines = Lines::even(5);
        assert_eq!((lines.count(), lines.is_even()), (5, true));
        assert_eq!(lines.fraction(3), 0.75);
        assert_eq!(lines.find(0.6), (2, 0.6 * 4.0 - 2.0));
        assert_eq!(lines.find(1.0), (3, 1.0));
        assert_eq!(Lines::even(1).find(0.0), (0, 0.0));
    }

    #[test]
    fn a_narrow_place_has_a_line_through_it_and_others_around() {
        let narrow = Narrow {
            at: 0.3141,
            width: 1e-4,
        };
        let lines = Lines::with_narrow(257, &[narrow]);
        let all: Vec<f64> = (0..lines.count()).map(|i| lines.fraction(i)).collect();
        assert!(all.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(all.contains(&0.3141));
        let near = all.iter().filter(|line| (*line - 0.3141).abs() <= 1.01e-4);
        assert_eq!(near.count(), 9);
        assert!((0..257).all(|i| all.contains(&(i as f64 / 256.0))));
        for (i, line) in all.iter().enumerate().take(all.len() - 1) {
            assert_eq!(lines.find(*line), (i, 0.0));
            let middle = 0.5 * line + 0.5 * all[i + 1];
            let (cell, within) = lines.find(middle);
            assert!(cell == i && (within - 0.5).abs() < 1e-6);
        }
        assert_eq!(lines.find(1.0), (all.len() - 2, 1.0));
    }

    #[test]
    fn what_is_wide_or_no_width_adds_at_most_its_middle() {
        for width in [1.0, 0.0, f64::NAN] {
            let lines = Lines::with_narrow(9, &[Narrow { at: 0.3, width }]);
            assert_eq!(lines.count(), 10, "{width}");
        }
        let on_a_line = Narrow {
            at: 0.25,
            width: 1.0,
        };
        assert!(Lines::with_narrow(9, &[on_a_line]).is_even());
        let outside = Narrow {
            at: 1.5,
            width: 1.0,
        };
        assert!(Lines::with_narrow(9, &[outside]).is_even());
    }

    #[test]
    fn many_narrow_places_do_not_make_an_endless_grid() {
        let narrow: Vec<Narrow> = (0..100)
            .map(|i| Narrow {
                at: 0.005 + 0.01 * f64::from(i),
                width: 1e-5,
            })
            .collect();
        let lines = Lines::with_narrow(257, &narrow);
        assert!(lines.count() <= 257 + MOST_EXTRA);
        assert!((0..lines.count()).any(|i| lines.fraction(i) == 0.005));
    }

    #[test]
    fn between_the_lines_of_a_coarse_drawing_all_are_evenly_spaced() {
        let narrow = Narrow {
            at: 0.41,
            width: 3e-4,
        };
        let lines = Lines::with_narrow(257, &[narrow]);
        let coarse = lines.coarse(64);
        assert!(coarse.len() < 64 + 60, "{}", coarse.len());
        assert_eq!(
            (coarse[0], coarse[coarse.len() - 1]),
            (0, lines.count() - 1)
        );
        for pair in coarse.windows(2) {
            let [from, to] = [pair[0], pair[1]].map(|i| lines.fraction(i));
            for i in pair[0]..pair[1] {
                let share = (i - pair[0]) as f64 / (pair[1] - pair[0]) as f64;
                assert!((lines.fraction(i) - (from + (to - from) * share)).abs() < 1e-12);
            }
        }
        assert_eq!(Lines::even(257).coarse(64).len(), 65);
        assert_eq!(Lines::even(257).coarse(256).len(), 257);
    }
}
