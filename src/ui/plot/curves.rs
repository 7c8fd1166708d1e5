//! The plot's curves, thinned out once a run, and the range that shows them all.

use egui_plot::PlotPoint;

use super::band::SpreadBand;
use super::plot_range::{PlotLimits, PlotRange};
use super::quantity::{PlotAxis, Quantity};
use super::series::{Derived, Series, directions, series};
use crate::lab::{PanelLandscape, RunStamp};
use crate::landscape::{HeightScale, clip_to_unit};
use crate::ui::reader::ShownDescent;

/// More points than this are thinned out: a plot this wide has no more pixels.
const MAX_POINTS: usize = 600;
/// Of a part that is looked at closely, whose neighbourhood is thinned along with it.
const MAX_DETAIL: usize = 1800;
/// The least that can be looked at: steps, and a share of the automatic height.
const FEWEST_STEPS: f64 = 2.0;
const FINEST_HEIGHT: f64 = 1e-6;

/// What curves are compared with is in view up to so many decades beyond them.
const NEAR: f64 = 1.5;
/// All steps.
const WHOLE: [usize; 2] = [0, usize::MAX];
/// How far below all others the zeros of a logarithmic axis lie, as a share of its length, and in decades at least.
const ZERO_GAP: f64 = 0.1;
const LEAST_ZERO_GAP: f64 = 0.3;

#[derive(Default)]
pub(crate) struct Curves {
    key: Option<CurvesKey>,
    made: Option<Made>,
    /// A part of the steps, thinned less.
    detail: Option<([usize; 2], Vec<Vec<PlotPoint>>)>,
}

#[derive(PartialEq)]
struct CurvesKey {
    panel: usize,
    scale: HeightScale,
    known_minimum: Option<f64>,
    shown: Vec<bool>,
    quantity: Quantity,
    runs: Vec<RunStamp>,
    /// The number of repeats that are done, and of steps of which more was measured.
    repeats: Vec<usize>,
    measured: Vec<[usize; 2]>,
}

/// What is made of the histories once a run.
struct Made {
    axis: PlotAxis,
    /// Of what does not stand in the histories.
    derived: Vec<Option<Derived>>,
    curves: Vec<Vec<PlotPoint>>,
    /// What the curves are compared with.
    companions: Vec<Vec<PlotPoint>>,
    bands: Vec<Option<SpreadBand>>,
    /// The automatic range of the second axis.
    height: [f64; 2],
    /// Whether a logarithmic axis has zeros to show.
    has_zeros: bool,
    zero_gap: f64,
}

impl Curves {
    pub(crate) fn refresh(
        &mut self,
        panel: usize,
        landscape: &PanelLandscape,
        descents: &[ShownDescent<'_>],
        quantity: Quantity,
    ) {
        let key = CurvesKey {
            panel,
            scale: landscape.scale,
            known_minimum: landscape.known_minimum(),
            shown: descents.iter().map(|d| d.style.shown).collect(),
            quantity,
            runs: descents.iter().map(|d| d.run.stamp()).collect(),
            repeats: descents.iter().map(repeats_done).collect(),
            measured: descents.iter().map(measured).collect(),
        };
        if self.key.as_ref() == Some(&key) {
            return;
        }
        self.key = Some(key);
        self.detail = None;
        let losses = descents.iter().flat_map(|d| d.run.history().losses());
        let lowest = losses.fold(f64::INFINITY, |a, &b| a.min(b));
        let axis = PlotAxis::new(quantity, landscape, lowest);
        let both = |a: [f64; 2], b: [f64; 2]| [a[0].min(b[0]), a[1].max(b[1])];
        let directions = match quantity {
            Quantity::Errors => directions(landscape),
            _ => None,
        };
        let derived = descents.iter();
        let derived: Vec<Option<Derived>> = derived
            .map(|descent| Derived::new(quantity, descent, directions.as_ref()))
            .collect();
        let all = || descents.iter().zip(&derived);
        let series = |(descent, derived)| series(quantity, descent, Option::as_ref(derived));
        let shown = || all().filter(|(descent, _)| descent.style.shown);
        let height = shown().filter_map(|one| reach(one.0, &series(one), landscape.scale, &axis));
        let shown_height = height.reduce(both).unwrap_or([0.0, 1.0]);
        let height = shown().filter_map(|(_, derived)| derived.as_ref()).fold(
            shown_height,
            |height, derived| {
                let compared = derived.companion();
                let near = compared.iter().map(|(_, number)| axis.place(number));
                let room = match quantity.is_log() {
                    true => NEAR,
                    false => shown_height[1] - shown_height[0],
                };
                let within = shown_height[0] - room..=shown_height[1] + room;
                let near = near.filter(|y| within.contains(y));
                near.fold(height, |height, y| both(height, [y; 2]))
            },
        );
        // Zeros have no place on a logarithmic axis: they get one below, beyond a break.
        let gap = (ZERO_GAP * (height[1] - height[0])).max(LEAST_ZERO_GAP);
        let axis = axis.with_zero(height[0] - gap);
        let bands: Vec<Option<SpreadBand>> =
            descents.iter().map(|d| SpreadBand::new(d, &axis)).collect();
        // As far again as the descents themselves reach.
        let room = (height[1] - height[0]).max(0.1);
        let near = [height[0] - room, height[1] + room];
        let spread = bands.iter().flatten().filter_map(|band| band.reach(near));
        let height = spread.fold(height, both);
        let mut zeros = shown().flat_map(|one| series(one).numbers);
        let has_zeros = quantity.is_log() && zeros.any(|number| axis.place(*number) == axis.zero);
        let height = if has_zeros {
            both(height, [axis.zero; 2])
        } else {
            height
        };
        let companions = derived.iter().map(|derived| {
            let companion = derived.as_ref().map(Derived::companion);
            companion.map_or(Vec::new(), |it| thinned(&it, WHOLE, MAX_POINTS, &axis))
        });
        self.made = Some(Made {
            axis,
            curves: all()
                .map(|one| thinned(&series(one), WHOLE, MAX_POINTS, &axis))
                .collect(),
            companions: companions.collect(),
            bands,
            height: padded(height, quantity),
            has_zeros,
            zero_gap: gap,
            derived,
        });
    }

    pub(crate) fn axis(&self) -> Option<PlotAxis> {
        self.made.as_ref().map(|made| made.axis)
    }

    /// The break below which a logarithmic axis has its zeros, and their place; `None` if there are none.
    pub(crate) fn zeros(&self) -> Option<[f64; 2]> {
        let made = self.made.as_ref().filter(|made| made.has_zeros)?;
        Some([made.axis.zero + 0.5 * made.zero_gap, made.axis.zero])
    }

    /// Of how many runs the bands are made: a number, or the fewest and the most.
    pub(crate) fn runs(&self) -> Option<String> {
        let bands = self
            .made
            .iter()
            .flat_map(|made| made.bands.iter().flatten());
        let runs = bands.map(|band| [band.runs(); 2]);
        let [least, most] = runs.reduce(|a, b| [a[0].min(b[0]), a[1].max(b[1])])?;
        Some(if least == most {
            most.to_string()
        } else {
            format!("{least} to {most}")
        })
    }

    /// The range that shows everything, and how far others may go.
    pub(crate) fn ranges(&self, last_step: usize) -> (PlotRange, PlotLimits) {
        let last = last_step.max(1) as f64;
        let [low, high] = self.made.as_ref().map_or([0.0, 1.0], |made| made.height);
        let room = high - low;
        let range = PlotRange {
            x: [0.0, last],
            y: [low, high],
        };
        let limits = PlotLimits {
            widest: PlotRange {
                x: [-0.2 * last, 1.2 * last],
                y: [low - room, high + room],
            },
            finest: [FEWEST_STEPS.min(last), FINEST_HEIGHT * room],
        };
        (range, limits)
    }

    /// The curves, in enough detail for these steps, and the bands.
    pub(crate) fn for_steps(&mut self, descents: &[ShownDescent<'_>], x: [f64; 2]) -> Drawn<'_> {
        let Some(made) = &self.made else {
            return Drawn::default();
        };
        let drawn = |curves| Drawn {
            curves,
            companions: &made.companions,
            bands: &made.bands,
            derived: &made.derived,
        };
        let lengths = descents.iter().map(|d| d.run.history().len());
        let longest = lengths.max().unwrap_or(0);
        let [from, to] = [x[0].floor().max(0.0) as usize, x[1].ceil() as usize + 1];
        let seen = to.saturating_sub(from);
        if longest <= MAX_POINTS || 2 * seen > longest {
            return drawn(&made.curves);
        }
        let fits = |&[a, b]: &[usize; 2]| a <= from && to.min(longest) <= b && b - a < 8 * seen;
        let old = self.detail.take().filter(|(steps, _)| fits(steps));
        let detail = old.unwrap_or_else(|| {
            let steps = [from.saturating_sub(seen), (to + seen).min(longest)];
            let quantity = made.axis.quantity;
            let curves = descents
                .iter()
                .zip(&made.derived)
                .map(|(descent, derived)| {
                    let series = series(quantity, descent, derived.as_ref());
                    thinned(&series, steps, MAX_DETAIL, &made.axis)
                });
            (steps, curves.collect())
        });
        drawn(&self.detail.insert(detail).1)
    }
}

/// What is drawn of the descents, in their order.
#[derive(Clone, Copy, Default)]
pub(crate) struct Drawn<'a> {
    pub(crate) curves: &'a [Vec<PlotPoint>],
    pub(crate) companions: &'a [Vec<PlotPoint>],
    pub(crate) bands: &'a [Option<SpreadBand>],
    derived: &'a [Option<Derived>],
}

impl<'a> Drawn<'a> {
    /// The numbers of a descent of the panel.
    pub(crate) fn series(
        &self,
        quantity: Quantity,
        place: usize,
        descent: &'a ShownDescent<'_>,
    ) -> Series<'a> {
        let derived = self.derived.get(place);
        series(quantity, descent, derived.and_then(Option::as_ref))
    }
}

/// How many steps are known of what does not stand in histories.
fn measured(descent: &ShownDescent<'_>) -> [usize; 2] {
    [descent.sharpness.steps.len(), descent.held_out.steps.len()]
}

fn repeats_done(descent: &ShownDescent<'_>) -> usize {
    descent.repeats.map_or(0, |repeats| repeats.outcomes.len())
}

/// The places on the axis that a descent takes up while its loss is within twice the landscape's range: one that runs
/// away must not flatten the others.
fn reach(
    descent: &ShownDescent<'_>,
    series: &Series,
    scale: HeightScale,
    axis: &PlotAxis,
) -> Option<[f64; 2]> {
    let room = scale.high - scale.low;
    let near = (scale.low - room)..=(scale.high + room);
    let losses = descent.run.history().losses();
    let entry = |step: usize| descent.run.entry_at(step as f64) as usize;
    let is_near = |step: usize| {
        losses
            .get(entry(step))
            .is_some_and(|loss| near.contains(loss))
    };
    let within = series.iter().filter(|(step, _)| is_near(*step));
    let all = within.chain(series.iter().next());
    let places = all.map(|(_, number)| axis.place(number));
    places
        .filter(|place| place.is_finite())
        .fold(None, |bounds: Option<[f64; 2]>, y| {
            Some(bounds.map_or([y, y], |[low, high]| [low.min(y), high.max(y)]))
        })
}

/// With some room around; a curve that is level has some too.
fn padded([low, high]: [f64; 2], quantity: Quantity) -> [f64; 2] {
    // Rates are compared by their proportions.
    let low = if quantity == Quantity::Rate {
        low.min(0.0)
    } else {
        low
    };
    let height = high - low;
    // Less is rounding.
    let pad = if height > high.abs() * 1e-13 {
        height * 0.06
    } else if quantity.is_log() || high == 0.0 {
        0.5
    } else {
        high.abs() * 0.1
    };
    [low - pad, high + pad]
}

/// The numbers of these steps as at most about so many points: of every stretch the lowest and the highest, in order.
fn thinned(
    series: &Series,
    [from, to]: [usize; 2],
    at_most: usize,
    axis: &PlotAxis,
) -> Vec<PlotPoint> {
    let first = series.before(from);
    let count = series.before(to).saturating_sub(first);
    let seen = || series.iter().skip(first).take(count);
    let point = |(step, number): (usize, f64)| PlotPoint::new(step as f64, axis.place(number));
    if count <= at_most {
        return seen().map(point).collect();
    }
    let stretch = count.div_ceil(at_most / 2);
    let numbered: Vec<(usize, f64)> = seen().collect();
    let mut points = Vec::with_capacity(at_most + 2);
    for chunk in numbered.chunks(stretch) {
        let low = chunk.iter().min_by(|a, b| a.1.total_cmp(&b.1));
        let high = chunk.iter().max_by(|a, b| a.1.total_cmp(&b.1));
        if let Some((low, high)) = low.zip(high) {
            let (first, second) = if low.0 <= high.0 {
                (low, high)
            } else {
                (high, low)
            };
            points.push(point(*first));
            if second.0 != first.0 {
                points.push(point(*second));
            }
        }
    }
    points
}

/// The pieces of a curve that lie in a range: what is far outside would be dashed all the way there.
pub(crate) fn pieces(curve: &[PlotPoint], range: PlotRange) -> Vec<Vec<PlotPoint>> {
    // A little beyond, so that ends and corners are out of sight.
    let [x, y] = [range.x, range.y].map(|[low, high]| {
        let room = 0.1 * (high - low);
        [low - room, high + room]
    });
    let fraction = |value: f64, [low, high]: [f64; 2]| (value - low) / (high - low);
    let place = |point: &PlotPoint| [fraction(point.x, x), fraction(point.y, y)];
    let mut pieces: Vec<Vec<PlotPoint>> = Vec::new();
    let mut joined = false;
    for pair in curve.windows(2) {
        let (a, b) = (&pair[0], &pair[1]);
        let Some((enter, leave)) = clip_to_unit(place(a), place(b)) else {
            joined = false;
            continue;
        };
        let between = |t: f64| PlotPoint::new(a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t);
        match pieces.last_mut() {
            Some(piece) if joined => piece.push(between(leave)),
            _ => pieces.push(vec![between(enter), between(leave)]),
        }
        joined = leave >= 1.0;
    }
    pieces
}

#[cfg(test)]
mod tests;
