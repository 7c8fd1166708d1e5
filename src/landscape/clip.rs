//! Cutting moves at the edge of the drawn rectangle, and fading them towards it.

/// Over so much of a side of the unit square a line fades that goes on out of sight.
const FADE: f64 = 0.2;
/// A line that only passes through is no stronger than this.
const PASSING: f64 = 0.5;

/// The part of the way from a to b that lies in the unit square (Liang and Barsky 1984), as fractions of the way.
pub fn clip_to_unit(a: [f64; 2], b: [f64; 2]) -> Option<(f64, f64)> {
    let (mut enter, mut leave) = (0.0_f64, 1.0_f64);
    for axis in 0..2 {
        let move_ = b[axis] - a[axis];
        // Iterates up to 1e300 away: only ratios are formed.
        for (towards, room) in [(-move_, a[axis]), (move_, 1.0 - a[axis])] {
            if towards == 0.0 {
                if room < 0.0 {
                    return None;
                }
            } else {
                let t = room / towards;
                if towards < 0.0 {
                    enter = enter.max(t);
                } else {
                    leave = leave.min(t);
                }
            }
        }
    }
    (enter <= leave && leave.is_finite() && enter.is_finite()).then_some((enter, leave))
}

/// How strongly a straight line is drawn at a share of its length, from 0 at an end where it goes on out of sight to 1
/// at an end that is seen. `length` is in sides of the unit square. Lines in parallel from edge to edge would tell of
/// a grid where a path comes and goes.
pub fn strength(share: f64, length: f64, goes_on: [bool; 2]) -> f64 {
    let reach = FADE.min(length).max(f64::MIN_POSITIVE);
    let rise = |goes_on: bool, distance: f64| {
        let t = (distance / reach).min(1.0);
        if goes_on {
            t * t * (3.0 - 2.0 * t)
        } else {
            1.0
        }
    };
    let most = if goes_on == [true; 2] { PASSING } else { 1.0 };
    most * rise(goes_on[0], share * length) * rise(goes_on[1], (1.0 - share) * length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fade_towards_ends_out_of_sight_alone() {
        for length in [0.01, 0.5, 1.4] {
            for share in [0.0, 0.3, 1.0] {
                assert_eq!(strength(share, length, [false; 2]), 1.0);
            }
            assert_eq!(strength(0.0, length, [false, true]), 1.0);
            assert_eq!(strength(1.0, length, [false, true]), 0.0);
            assert_eq!(strength(0.0, length, [true, false]), 0.0);
            assert!(strength(0.5, length, [true; 2]) <= PASSING);
        }
        let leaving = [0.5, 0.9, 0.95].map(|share| strength(share, 1.0, [false, true]));
        assert!(leaving.is_sorted_by(|a, b| a > b), "{leaving:?}");
        assert_eq!(strength(0.5, 0.0, [true; 2]), 0.0, "a touch at a corner");
    }

    #[test]
    fn moves_are_cut_at_the_edge() {
        for (a, b, expected) in [
            ([0.2, 0.2], [0.8, 0.8], Some((0.0, 1.0))),
            ([0.5, 0.5], [1.5, 0.5], Some((0.0, 0.5))),
            ([-1.0, 0.5], [1.0, 0.5], Some((0.5, 1.0))),
            ([-1.0, 0.5], [3.0, 0.5], Some((0.25, 0.5))),
            ([-1.0, 2.0], [3.0, 2.0], None),
            ([2.0, 2.0], [3.0, 3.0], None),
        ] {
            assert_eq!(clip_to_unit(a, b), expected, "{a:?} to {b:?}");
        }
    }

    #[test]
    fn a_move_to_the_end_of_the_numbers_is_cut_too() {
        let (enter, leave) = clip_to_unit([0.5, 0.5], [1e300, -1e300]).expect("starts inside");
        assert_eq!(enter, 0.0);
        assert!(leave > 0.0 && leave < 1e-299);
    }
}
