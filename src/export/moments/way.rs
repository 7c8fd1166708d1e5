//! Along which ranges a zoom leads, and at which of them there are surfaces.

use super::MOST;
use crate::experiment::Panel;
use crate::landscape::Range;
use crate::maps::Span;

/// How many times as many moments as surfaces have ranges and words of their own, by how much has changed; and how many by the time
/// besides, along the whole way, so that what begins slowly does so on a page.
const FINER: usize = 4;
const EVENLY: usize = 64;
/// Times between two keys at which the pace is looked at.
const LOOKED_AT: usize = 1024;

/// The ranges at a time, on scales on which they are even: those of the axes, or of a map that has its own.
fn ranges(panel: &Panel) -> [Range; 2] {
    if let Some(spans) = own_spans(panel) {
        return spans.map(|span| span.range.map(|value| span.axis.spacing().along(value)));
    }
    [panel.domain.x, panel.domain.y_or_zero()]
}

/// The axes of a map that lies beside its surface.
pub(super) fn own_spans(panel: &Panel) -> Option<[Span; 2]> {
    let spec = panel.map.as_ref();
    let spec = spec.filter(|spec| !panel.map_lies_on_surface(spec))?;
    panel.map_plan(spec).ok().map(|plan| plan.spans)
}

/// The panel after so many seconds.
pub(super) fn after(panel: &Panel, seconds: f64) -> Panel {
    let mut panel = panel.clone();
    panel.zoom_to(seconds);
    panel
}

/// How much changes from one range to another: 1 where it doubles, halves, or moves by a quarter of itself out of what was seen.
fn change(from: [Range; 2], to: [Range; 2]) -> f64 {
    let sorted = |[a, b]: Range| [a.min(b), a.max(b)];
    let along = |from: Range, to: Range| {
        let ([a, b], [c, d]) = (sorted(from), sorted(to));
        let (wide, narrow) = ((b - a).max(d - c), (b - a).min(d - c));
        if !(narrow > 0.0 && wide.is_finite()) {
            return 0.0;
        }
        // What of the narrower one lies beyond the wider.
        let (wider, other) = if b - a >= d - c {
            ([a, b], [c, d])
        } else {
            ([c, d], [a, b])
        };
        let beyond = (wider[0] - other[0]).max(other[1] - wider[1]).max(0.0);
        (wide / narrow).log2() + 4.0 * beyond / narrow
    };
    along(from[0], to[0]).max(along(from[1], to[1]))
}

/// Times along a zoom, each with how many surfaces come before it.
pub(super) fn way(panel: &Panel) -> Vec<(f64, f64)> {
    let times = panel.zoom.iter().map(|key| key.time);
    // Of very many keys some have none of their own.
    let every = times.len().div_ceil(MOST);
    let last = times.clone().next_back();
    let mut times: Vec<f64> = times.step_by(every.max(1)).chain(last).collect();
    times.dedup();
    let pieces: Vec<Vec<(f64, f64)>> = times.windows(2).map(|ends| pace(panel, ends)).collect();
    let whole: f64 = pieces
        .iter()
        .filter_map(|piece| piece.last())
        .map(|(_, sum)| sum)
        .sum();
    let room = MOST.saturating_sub(times.len()).max(1);
    let apart = (whole / room as f64).max(1.0);
    let mut way = vec![(times.first().copied().unwrap_or(0.0), 0.0)];
    let mut before = 0;
    let evenly = (LOOKED_AT * pieces.len()).div_ceil(EVENLY).max(1);
    for piece in pieces {
        let Some(&(end, sum)) = piece.last() else {
            continue;
        };
        if sum <= 0.0 {
            // It rests.
            way.push((end, before as f64));
            continue;
        }
        // Sums come out a hair beside whole numbers.
        let surfaces = ((sum / apart - 1e-6).ceil() as usize).max(1);
        let parts = surfaces * FINER;
        let by_change = (1..=parts).map(|part| {
            let share = sum * part as f64 / parts as f64;
            let next = piece.partition_point(|(_, sum)| *sum < share);
            let time = piece.get(next).map_or(end, |(time, _)| *time);
            let time = if part == parts { end } else { time };
            (time, before as f64 + part as f64 / FINER as f64)
        });
        let by_time = piece.iter().step_by(evenly).skip(1).map(|(time, changed)| {
            let near = surfaces as f64 * changed / sum;
            // Whole numbers are those of surfaces.
            (
                *time,
                before as f64 + near.clamp(1e-9, surfaces as f64 - 1e-9),
            )
        });
        let from = way.len();
        way.extend(by_change.chain(by_time));
        way[from..].sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        before += surfaces;
    }
    // Of times that come out alike those with a surface of their own count.
    way.dedup_by(|later, before| {
        let is_same = later.0 == before.0;
        if is_same && later.1.fract() == 0.0 {
            before.1 = later.1;
        }
        is_same
    });
    let mut distinct: Vec<f64> = way.iter().map(|(_, near)| *near).collect();
    distinct.retain(|near| near.fract() == 0.0);
    distinct.dedup();
    way.iter()
        .map(|&(time, near)| {
            let before = distinct
                .partition_point(|own| *own <= near)
                .saturating_sub(1);
            (time, before as f64 + near.fract())
        })
        .collect()
}

/// Times from one key to the next, each with what has changed until then.
fn pace(panel: &Panel, ends: &[f64]) -> Vec<(f64, f64)> {
    let mut before = ranges(&after(panel, ends[0]));
    let mut sum = 0.0;
    let part = |k: usize| k as f64 / LOOKED_AT as f64;
    let times = (0..=LOOKED_AT).map(|k| ends[0] + (ends[1] - ends[0]) * part(k));
    times
        .map(|time| {
            let now = ranges(&after(panel, time));
            sum += change(before, now);
            before = now;
            (time, sum)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::Experiment;

    fn way_of(keys: &[(f64, [f64; 2])]) -> Vec<(f64, f64)> {
        let key = |(time, [low, high]): &(f64, [f64; 2])| {
            format!("[[panel.zoom]]\ntime = {time}\nx = [{low}, {high}]\ny = [-1, 1]\n")
        };
        let keys: String = keys.iter().map(key).collect();
        let text = format!(
            "steepest = 1\n[[panel]]\nformula = 'x^2 + y^2'\ndomain = [[-8, 8], [-1, 1]]\n{keys}"
        );
        let experiment = Experiment::parse(&text, "zoom").expect("valid");
        way(&experiment.panels[0])
    }

    fn whole(way: &[(f64, f64)]) -> Vec<f64> {
        let mut nears: Vec<f64> = way.iter().map(|(_, near)| *near).collect();
        nears.retain(|near| near.fract() == 0.0);
        nears
    }

    #[test]
    fn there_is_a_surface_wherever_a_range_has_halved() {
        let way = way_of(&[(1.0, [-8.0, 8.0]), (2.0, [-8.0, 8.0]), (4.0, [-1.0, 1.0])]);
        assert_eq!(
            whole(&way),
            [0.0, 0.0, 1.0, 2.0, 3.0],
            "it rests, then halves three times"
        );
        assert_eq!((way[0].0, way[1].0), (1.0, 2.0));
        assert_eq!(way.last(), Some(&(4.0, 3.0)));
        assert!(way.is_sorted_by(|a, b| a.0 < b.0 && a.1 <= b.1), "{way:?}");
        // A quarter beside itself is as much.
        let beside = way_of(&[(0.0, [-8.0, 8.0]), (1.0, [-4.0, 12.0])]);
        assert_eq!(beside.last(), Some(&(1.0, 1.0)));
    }

    #[test]
    fn there_are_never_too_many() {
        let deep = way_of(&[(0.0, [-8.0, 8.0]), (1.0, [0.0, 1e-300])]);
        assert!(
            (40..=MOST + 1).contains(&whole(&deep).len()),
            "{:?}",
            whole(&deep)
        );
        let key = |k: u32| (f64::from(k), [-8.0, 8.0 - 0.5 * f64::from(k % 2)]);
        let many = way_of(&(0..300).map(key).collect::<Vec<_>>());
        assert!(
            many.len() < 1000 && whole(&many).len() <= 2 * MOST,
            "{}",
            many.len()
        );
        assert_eq!(way_of(&[(3.0, [-1.0, 1.0])]), [(3.0, 0.0)]);
    }
}
