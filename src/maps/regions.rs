//! Where the number of a minimum stands on a map over which minima have no place: in the middle of its widest area.

use super::Outcomes;

/// Cells along a side that are looked at.
const LOOKED_AT: usize = 128;

/// The middle of an area.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Middle {
    /// As fractions of the map, from the left and from the bottom.
    pub at: [f64; 2],
    /// How far the area reaches on all sides, as a fraction of the map.
    pub room: f64,
}

/// The middles of the widest areas of so many minima; `None` for those that no cell looked at ends at.
pub fn middles(
    outcomes: &Outcomes,
    [cols, rows]: [usize; 2],
    minima: usize,
) -> Vec<Option<Middle>> {
    let [across, up] = [cols, rows].map(|side| side.min(LOOKED_AT));
    let part = |k: usize, count: usize| (k as f64 + 0.5) / count as f64;
    let cell = |k: usize, count: usize, side: usize| (part(k, count) * side as f64) as usize;
    let ends: Vec<i32> = (0..across * up)
        .map(|k| {
            let (col, row) = (cell(k % across, across, cols), cell(k / across, up, rows));
            outcomes.minimum[row * cols + col]
        })
        .collect();
    let distances = distances(&ends, across);
    let mut middles = vec![None; minima];
    for (k, (end, distance)) in ends.iter().zip(distances).enumerate() {
        let Ok(minimum) = usize::try_from(*end) else {
            continue;
        };
        let room = distance as f64 / across.max(up) as f64;
        let is_wider = |known: Middle| room > known.room;
        if middles[minimum].is_none_or(is_wider) {
            let at = [part(k % across, across), part(k / across, up)];
            middles[minimum] = Some(Middle { at, room });
        }
    }
    middles
}

/// How many steps, diagonal ones too, lead from each cell to the nearest of another kind or out of the map.
fn distances(kinds: &[i32], across: usize) -> Vec<usize> {
    let up = kinds.len() / across;
    let mut distances = vec![usize::MAX; kinds.len()];
    let forth: Vec<usize> = (0..kinds.len()).collect();
    let before = [(-1, -1), (0, -1), (1, -1), (-1, 0)];
    // Once over the cells before, once back over those after.
    for (order, sign) in [(forth.clone(), 1), (forth.into_iter().rev().collect(), -1)] {
        for k in order {
            let nearest = before.iter().map(|(dx, dy)| {
                let x = (k % across).checked_add_signed(sign * dx);
                let y = (k / across).checked_add_signed(sign * dy);
                match (x.filter(|x| *x < across), y.filter(|y| *y < up)) {
                    (Some(x), Some(y)) if kinds[y * across + x] == kinds[k] => {
                        distances[y * across + x].saturating_add(1)
                    }
                    _ => 1,
                }
            });
            let nearest = nearest.min().unwrap_or(1);
            distances[k] = distances[k].min(nearest);
        }
    }
    distances
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_in_the_middle_of_the_widest_area() {
        // Left 40 columns, then a narrow band of the second, then the first again.
        let kind = |col: usize| if (40..50).contains(&col) { 1 } else { 0 };
        let outcomes = Outcomes {
            minimum: (0..100 * 100).map(|k| kind(k % 100)).collect(),
            ..Outcomes::default()
        };
        let found = middles(&outcomes, [100, 100], 3);
        let [Some(wide), Some(narrow), None] = found[..] else {
            panic!("{found:?}");
        };
        assert!((wide.at[0] - 0.75).abs() < 0.02 && (wide.room - 0.25).abs() < 0.02);
        assert!((narrow.at[0] - 0.45).abs() < 0.02 && (narrow.room - 0.05).abs() < 0.02);
    }
}
