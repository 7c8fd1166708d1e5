//! What is narrower than the evenly spaced lines of a grid: where it would be missed, and the lines that show it.

use super::Lines;
use super::lines::Narrow;

/// A grid may miss the drawn height of a place by this share of the box.
const MISSED: f64 = 0.01;
/// The most places that get lines of their own.
const MOST: usize = 12;
/// A place within so many half widths of another has that one's lines.
const BESIDE: f64 = 4.0;
/// Half of a narrow place's height is looked for within so many cells.
const WITHIN_CELLS: f64 = 4.0;
/// And down to 2⁻ᴴᴬᴸᵛᴵᴺᴳˢ of that.
const HALVINGS: i32 = 36;

/// A hole, a peak or a trench narrower than a cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NarrowPlace {
    /// Fractions of the domain.
    pub at: [f64; 2],
    /// How far from there along each axis the height has changed by half; infinite where it does not.
    pub half_widths: [f64; 2],
}

/// The lines of a grid on which none of these places is missed, the first of them having the first claim: neither by the
/// grid nor by what is drawn of it coarsely, however they lie to the evenly spaced lines.
///
/// Places are fractions of the domain, of which `height` is the drawn height as a fraction of the box; `even` is the
/// number of evenly spaced lines along each axis, 1 along the second for a curve. Also returns the places that got some.
pub fn lines(
    even: [usize; 2],
    height: impl Fn([f64; 2]) -> f64,
    places: impl IntoIterator<Item = [f64; 2]>,
) -> ([Lines; 2], Vec<NarrowPlace>) {
    let axes = if even[1] > 1 { 2 } else { 1 };
    let spacing = even.map(|count| 1.0 / (count.max(2) - 1) as f64);
    let mut lines = even.map(Lines::even);
    let mut found: Vec<NarrowPlace> = Vec::new();
    let is_inside = |place: &[f64; 2]| place.iter().take(axes).all(|c| (0.0..=1.0).contains(c));
    for place in places.into_iter().filter(is_inside) {
        if found.len() == MOST {
            break;
        }
        let here = height(place);
        // A cell in whose middle the place is misses it by most.
        let around = [0, 1].map(|axis| {
            let half = 0.5 * spacing[axis];
            [place[axis] - half, place[axis] + half].map(|c| c.clamp(0.0, 1.0))
        });
        let missed = (interpolated(around, axes, &height, place) - here).abs();
        // Neither NaN nor what is infinite can be shown.
        if !(missed > MISSED && missed.is_finite()) {
            continue;
        }
        let is_beside = |other: &NarrowPlace| {
            let is_near = |axis: usize| {
                (other.at[axis] - place[axis]).abs() <= BESIDE * other.half_widths[axis]
            };
            (0..axes).all(is_near)
        };
        let cell = [0, 1].map(|axis| {
            let (line, _) = lines[axis].find(place[axis]);
            [line, line + 1].map(|line| lines[axis].fraction(line))
        });
        if found.iter().any(is_beside)
            && (interpolated(cell, axes, &height, place) - here).abs() <= MISSED
        {
            continue;
        }
        let half_widths = [0, 1].map(|axis| {
            let changes = |by: f64| {
                let mut beside = place;
                beside[axis] += by;
                is_inside(&beside) && (height(beside) - here).abs() >= 0.5 * missed
            };
            if axis < axes {
                half_width(spacing[axis], changes)
            } else {
                f64::INFINITY
            }
        });
        found.push(NarrowPlace {
            at: place,
            half_widths,
        });
        for axis in 0..axes {
            let along = found.iter().map(|place| Narrow {
                at: place.at[axis],
                width: place.half_widths[axis],
            });
            lines[axis] = Lines::with_narrow(even[axis], &along.collect::<Vec<_>>());
        }
    }
    (lines, found)
}

/// The height at a place in a cell with these sides, between those at its corners.
fn interpolated(
    cell: [[f64; 2]; 2],
    axes: usize,
    height: &impl Fn([f64; 2]) -> f64,
    place: [f64; 2],
) -> f64 {
    let within = |axis: usize| {
        let [from, to] = cell[axis];
        (place[axis] - from) / (to - from)
    };
    let across = within(0);
    let along_x = |t: f64| {
        let [from, to] = cell[0].map(|s| height([s, t]));
        from + (to - from) * across
    };
    if axes == 1 {
        return along_x(place[1]);
    }
    let [from, to] = cell[1].map(along_x);
    from + (to - from) * within(1)
}

/// How far to either side the height `changes` by half; infinite where it does not nearby.
fn half_width(spacing: f64, changes: impl Fn(f64) -> bool) -> f64 {
    let either_side = |width: f64| changes(width) || changes(-width);
    let halvings = (0..=HALVINGS).rev();
    let mut widths = halvings.map(|k| WITHIN_CELLS * spacing * 0.5f64.powi(k));
    let Some(width) = widths.find(|width| either_side(*width)) else {
        return f64::INFINITY;
    };
    let (mut inside, mut outside) = (0.5 * width, width);
    for _ in 0..4 {
        let middle = 0.5 * (inside + outside);
        if either_side(middle) {
            outside = middle;
        } else {
            inside = middle;
        }
    }
    outside
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVEN: [usize; 2] = [257, 257];

    fn lines_of(height: impl Fn([f64; 2]) -> f64, places: &[[f64; 2]]) -> [Lines; 2] {
        lines(EVEN, height, places.iter().copied()).0
    }

    /// How far off the grid is at a place.
    fn missed(lines: &[Lines; 2], height: impl Fn([f64; 2]) -> f64, place: [f64; 2]) -> f64 {
        let cell = [0, 1].map(|axis| {
            let (line, _) = lines[axis].find(place[axis]);
            [line, line + 1].map(|line| lines[axis].fraction(line))
        });
        (interpolated(cell, 2, &height, place) - height(place)).abs()
    }

    #[test]
    fn a_hole_between_the_lines_gets_some_of_its_own() {
        let at = [0.5017, 0.4983];
        for width in [5e-2, 1e-2, 2e-3, 1e-4, 1e-6] {
            let hole = |[s, t]: [f64; 2]| {
                1.0 - (-((s - at[0]).powi(2) + (t - at[1]).powi(2)) / (width * width)).exp()
            };
            let lines = lines_of(hole, &[at]);
            if width == 5e-2 {
                assert!(lines.iter().all(Lines::is_even), "wide enough to be seen");
                continue;
            }
            assert!(missed(&lines, hole, at) < 1e-12, "{width}");
            for (ds, dt) in [(0.5, 0.0), (-0.3, 0.8), (1.0, 1.0), (0.1, -1.7), (9.0, 9.0)] {
                let place = [at[0] + ds * width, at[1] + dt * width];
                let off = missed(&lines, hole, place);
                assert!(off < 0.05, "{off} at ({ds}, {dt}) of {width}");
            }
            assert!(lines.iter().all(|lines| lines.count() < 257 + 100));
        }
    }

    #[test]
    fn what_the_even_lines_show_gets_none() {
        let bowl = |[s, t]: [f64; 2]| (s - 0.41).powi(2) + 2.0 * (t - 0.77).powi(2);
        let places = [
            [0.41, 0.77],
            [0.1, 0.2],
            [0.999, 0.001],
            [1.0, 1.0],
            [0.0, 0.3],
        ];
        assert!(lines_of(bowl, &places).iter().all(Lines::is_even));
    }

    #[test]
    fn a_hole_on_a_line_is_missed_by_what_is_drawn_coarsely() {
        let hole = |[s, t]: [f64; 2]| {
            let away = (s - 0.50390625).powi(2) + (t - 0.5).powi(2);
            1.0 - (-away / 9e-6).exp()
        };
        let at = [0.50390625, 0.5];
        let lines = lines_of(hole, &[at, at, [0.5038, 0.5001], [0.5, 0.499]]);
        let coarse = lines.each_ref().map(|lines| {
            let kept = lines.coarse(64).into_iter();
            kept.map(|i| lines.fraction(i)).collect::<Vec<_>>()
        });
        assert!(coarse[0].contains(&at[0]) && coarse[1].contains(&at[1]));
        assert!(lines[0].count() < 257 + 40, "{}", lines[0].count());
    }

    #[test]
    fn a_trench_gets_lines_along_itself_alone() {
        let trench = |[s, _]: [f64; 2]| 1.0 - (-((s - 0.3003) / 1e-4).powi(2)).exp();
        let [across, along] = lines_of(trench, &[[0.3003, 0.6001]]);
        assert!(across.count() > 270, "{}", across.count());
        assert_eq!(along.count(), 258, "one through the place itself");
    }

    #[test]
    fn many_places_end_and_bad_ones_are_passed_over() {
        let noise = |[s, t]: [f64; 2]| (1e5 * s).sin() * (1e5 * t).cos();
        let places: Vec<[f64; 2]> = (0..1000)
            .map(|k| [f64::from(k) * 9.7e-4, f64::from(k) * 8.3e-4])
            .collect();
        for lines in lines_of(noise, &places) {
            assert!(lines.count() <= 257 + 256, "{}", lines.count());
        }
        for bad in [f64::NAN, f64::INFINITY] {
            let height = |[s, _]: [f64; 2]| if s == 0.3 { bad } else { 0.0 };
            let places = [[0.3, 0.3], [f64::NAN, 0.1], [1.1, 0.5], [0.5, -1.0]];
            assert!(lines_of(height, &places).iter().all(Lines::is_even));
        }
    }

    #[test]
    fn a_curve_has_lines_along_one_axis() {
        let dip = |[s, _]: [f64; 2]| 1.0 - (-((s - 0.123_456) / 1e-5).powi(2)).exp();
        let ([across, along], places) = lines([1025, 1], dip, [[0.123_456, 0.0]]);
        assert!(places.len() == 1 && places[0].at[0] == 0.123_456);
        let expected = 1e-5 * 2f64.ln().sqrt();
        assert!(
            (places[0].half_widths[0] / expected - 1.0).abs() < 0.1,
            "{places:?}"
        );
        assert!(!across.is_even() && along == Lines::even(1));
        assert!((0..across.count()).any(|i| across.fraction(i) == 0.123_456));
    }
}
