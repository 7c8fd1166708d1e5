//! The plot's curves, thinned out once a run, and the range that shows them all.

use egui_plot::PlotPoint;

use super::band::SpreadBand;
use super::plot_range::{PlotLimits, PlotRange};
use super::quantity::{PlotAxis, Quantity};
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
    /// The number of repeats that are done.
    repeats: Vec<usize>,
}

/// What is made of the histories once a run.
struct Made {
    axis: PlotAxis,
    curves: Vec<Vec<PlotPoint>>,
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
        let shown = descents.iter().filter(|descent| descent.style.shown);
        let height = shown.filter_map(|d| reach(d, landscape.scale, &axis));
        let height = height.reduce(both).unwrap_or([0.0, 1.0]);
        // Zeros have no place on a logarithmic axis: they get one below, beyond a break.
        let gap = (ZERO_GAP * (height[1] - height[0])).max(LEAST_ZERO_GAP);
        let axis = axis.with_zero(height[0] - gap);
        let numbers = |descent: &ShownDescent<'_>| -> Vec<PlotPoint> {
            let numbers = quantity.of(descent.run.history());
            thinned(numbers, [0, numbers.len()], MAX_POINTS, &axis)
        };
        let bands: Vec<Option<SpreadBand>> =
            descents.iter().map(|d| SpreadBand::new(d, &axis)).collect();
        // As far again as the descents themselves reach.
        let room = (height[1] - height[0]).max(0.1);
        let near = [height[0] - room, height[1] + room];
        let spread = bands.iter().flatten().filter_map(|band| band.reach(near));
        let height = spread.fold(height, both);
        let zeros = descents.iter().filter(|descent| descent.style.shown);
        let mut zeros = zeros.flat_map(|descent| quantity.of(descent.run.history()));
        let has_zeros = quantity.is_log() && zeros.any(|number| axis.place(*number) == axis.zero);
        let height = if has_zeros {
            both(height, [axis.zero; 2])
        } else {
            height
        };
        self.made = Some(Made {
            axis,
            curves: descents.iter().map(numbers).collect(),
            bands,
            height: padded(height, quantity),
            has_zeros,
            zero_gap: gap,
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
    pub(crate) fn for_steps(
        &mut self,
        descents: &[ShownDescent<'_>],
        x: [f64; 2],
    ) -> (&[Vec<PlotPoint>], &[Option<SpreadBand>]) {
        let Some(made) = &self.made else {
            return (&[], &[]);
        };
        let lengths = descents.iter().map(|d| d.run.history().len());
        let longest = lengths.max().unwrap_or(0);
        let [from, to] = [x[0].floor().max(0.0) as usize, x[1].ceil() as usize + 1];
        let seen = to.saturating_sub(from);
        if longest <= MAX_POINTS || 2 * seen > longest {
            return (&made.curves, &made.bands);
        }
        let fits = |&[a, b]: &[usize; 2]| a <= from && to.min(longest) <= b && b - a < 8 * seen;
        let old = self.detail.take().filter(|(steps, _)| fits(steps));
        let detail = old.unwrap_or_else(|| {
            let steps = [from.saturating_sub(seen), (to + seen).min(longest)];
            let quantity = made.axis.quantity;
            let curves = descents.iter().map(|descent| {
                let numbers = quantity.of(descent.run.history());
                thinned(numbers, steps, MAX_DETAIL, &made.axis)
            });
            (steps, curves.collect())
        });
        (&self.detail.insert(detail).1, &made.bands)
    }
}

fn repeats_done(descent: &ShownDescent<'_>) -> usize {
    descent.repeats.map_or(0, |repeats| repeats.outcomes.len())
}

/// The places on the axis that a descent takes up while its loss is within twice the landscape's range: one that runs
/// away must not flatten the others.
fn reach(descent: &ShownDescent<'_>, scale: HeightScale, axis: &PlotAxis) -> Option<[f64; 2]> {
    let room = scale.high - scale.low;
    let near = (scale.low - room)..=(scale.high + room);
    let history = descent.run.history();
    let numbers = axis.quantity.of(history);
    let within = numbers.iter().zip(history.losses());
    let within = within.filter(|(_, loss)| near.contains(loss));
    let all = within.map(|(number, _)| number).chain(numbers.first());
    let places = all.map(|&number| axis.place(number));
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
    numbers: &[f64],
    [from, to]: [usize; 2],
    at_most: usize,
    axis: &PlotAxis,
) -> Vec<PlotPoint> {
    let to = to.min(numbers.len());
    let numbers = numbers.get(from..to).unwrap_or_default();
    let point =
        |(step, &number): (usize, &f64)| PlotPoint::new((from + step) as f64, axis.place(number));
    if numbers.len() <= at_most {
        return numbers.iter().enumerate().map(point).collect();
    }
    let stretch = numbers.len().div_ceil(at_most / 2);
    let mut points = Vec::with_capacity(at_most + 2);
    for (i, chunk) in numbers.chunks(stretch).enumerate() {
        let numbered = || {
            let numbered = chunk.iter().enumerate();
            numbered.map(|(k, number)| (i * stretch + k, number))
        };
        let low = numbered().min_by(|a, b| a.1.total_cmp(b.1));
        let high = numbered().max_by(|a, b| a.1.total_cmp(b.1));
        if let Some((low, high)) = low.zip(high) {
            let (first, second) = if low.0 <= high.0 {
                (low, high)
            } else {
                (high, low)
            };
            points.push(point(first));
            if second.0 != first.0 {
                points.push(point(second));
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
mod tests {
    use super::*;
    use crate::descent::Descent;
    use crate::experiment::Experiment;
    use crate::lab::{DescentRun, DescentStyle};

    fn loss_axis() -> PlotAxis {
        let experiment = Experiment::load("bowl").expect("a built-in");
        let panel = experiment.panels[0].clone();
        let landscape = PanelLandscape::of_function(panel);
        PlotAxis::new(Quantity::Loss, &landscape, 0.0)
    }

    #[test]
    fn thinning_keeps_the_extremes() {
        let axis = loss_axis();
        let mut losses = vec![1.0; 100_000];
        losses[54_321] = 99.0;
        losses[54_400] = -3.0;
        let points = thinned(&losses, [0, losses.len()], MAX_POINTS, &axis);
        assert!(points.len() <= MAX_POINTS + 2);
        assert!(points.iter().any(|p| p.y == 99.0 && p.x == 54_321.0));
        assert!(points.iter().any(|p| p.y == -3.0));
        assert!(points.windows(2).all(|w| w[0].x < w[1].x));
        let part = thinned(&losses, [54_000, 54_500], MAX_POINTS, &axis);
        assert_eq!((part.len(), part[0].x), (500, 54_000.0));
        assert_eq!(part[321].y, 99.0);
        assert!(thinned(&losses, [200_000, 300_000], MAX_POINTS, &axis).is_empty());
    }

    #[test]
    fn zeros_lie_below_a_break_and_do_not_set_the_range() {
        let text = "steepest = 1\n[[panel]]\nformula = 'x^2 + y^2'\ndomain = [[-2, 2], [-2, 2]]\n\
                    [[panel.descent]]\nrule = 'gd'\nrate = 0.5\nstart = [1, 1]\nsteps = 9\n";
        let panel = Experiment::parse(text, "test")
            .expect("an experiment")
            .panels
            .remove(0);
        let field = PanelLandscape::of_function(panel.clone()).field;
        let plan = panel.descents[0].plan.clone();
        let mut descent = Descent::new(field.objective.clone(), plan);
        descent.run();
        assert_eq!(descent.history().losses()[..2], [2.0, 0.0]);
        let run = DescentRun::new(descent);
        let style = DescentStyle {
            index: 0,
            count: 1,
            name: "gd".to_owned(),
            color: [0; 3],
            dashed: false,
            shown: true,
            explained: false,
        };
        let landscape = PanelLandscape::new(panel, field);
        let shown = [ShownDescent {
            entity: bevy::prelude::Entity::PLACEHOLDER,
            run: &run,
            style: &style,
            excursions: &Default::default(),
            explanation: &Default::default(),
            repeats: None,
            landscape: &landscape,
            field: &landscape.field,
        }];
        for quantity in [Quantity::LogLoss, Quantity::LogGap, Quantity::GradientNorm] {
            let mut curves = Curves::default();
            curves.refresh(0, &landscape, &shown, quantity);
            let [axis_break, zero] = curves.zeros().expect("zeros");
            let (range, _) = curves.ranges(9);
            let curve = &curves.for_steps(&shown, range.x).0[0];
            assert!(range.y[0] < zero && zero < axis_break, "{quantity:?}");
            assert!(
                axis_break < curve[0].y && curve[0].y < range.y[1],
                "{quantity:?}"
            );
            assert!(
                curve[1..].iter().all(|point| point.y == zero),
                "{quantity:?}"
            );
            assert!(range.y[1] - range.y[0] < 2.0, "{range:?}");
        }
    }

    #[test]
    fn pieces_are_what_can_be_seen() {
        let range = PlotRange {
            x: [0.0, 10.0],
            y: [0.0, 10.0],
        };
        let curve: Vec<PlotPoint> = [
            [-100.0, 5.0],
            [5.0, 5.0],
            [6.0, 1e6],
            [7.0, 5.0],
            [8.0, 5.0],
        ]
        .map(|[x, y]| PlotPoint::new(x, y))
        .to_vec();
        let pieces = pieces(&curve, range);
        assert_eq!(pieces.len(), 2, "{pieces:?}");
        let ends = |piece: &[PlotPoint]| {
            let (first, last) = (piece[0], piece[piece.len() - 1]);
            [[first.x, first.y], [last.x, last.y]]
        };
        let [[enters, _], [_, leaves]] = ends(&pieces[0]);
        assert!((enters + 1.0).abs() < 1e-9 && (leaves - 11.0).abs() < 1e-6);
        assert_eq!(ends(&pieces[1])[1], [8.0, 5.0]);
    }

    #[test]
    fn a_level_curve_has_room_around_it() {
        assert_eq!(padded([2.0, 2.0], Quantity::Loss), [1.8, 2.2]);
        assert_eq!(padded([2.0, 2.0], Quantity::LogLoss), [1.5, 2.5]);
        let [low, high] = padded([0.1, 0.1], Quantity::Rate);
        assert!(low < 0.0 && high > 0.1 && high < 0.11);
    }
}
