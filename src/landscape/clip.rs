//! Cutting moves at the edge of the drawn rectangle.

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

#[cfg(test)]
mod tests {
    use super::*;

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
