//! The part of a plot that is shown: moved, zoomed, kept within limits, and the ticks for it.

use crate::landscape::ticks::{self, Labels, round_ticks};

/// What is shown along both axes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct PlotRange {
    pub(crate) x: [f64; 2],
    pub(crate) y: [f64; 2],
}

/// How far a range may go.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PlotLimits {
    pub(crate) widest: PlotRange,
    /// The least extents.
    pub(crate) finest: [f64; 2],
}

impl PlotRange {
    fn axes(self, change: impl Fn(usize, [f64; 2]) -> [f64; 2]) -> PlotRange {
        PlotRange {
            x: change(0, self.x),
            y: change(1, self.y),
        }
    }

    pub(crate) fn moved(self, by: [f64; 2], limits: &PlotLimits) -> PlotRange {
        let moved = self.axes(|axis, range| range.map(|end| end + by[axis]));
        moved.within(limits)
    }

    /// Extents times these factors, with a place that stays where it is.
    pub(crate) fn zoomed(self, factors: [f64; 2], at: [f64; 2], limits: &PlotLimits) -> PlotRange {
        let widest = [limits.widest.x, limits.widest.y];
        let zoomed = self.axes(|axis, [low, high]| {
            let width = high - low;
            let wished = width * factors[axis];
            // Clamped before, so that a zoom that can go no further does not shift.
            let to = wished.clamp(limits.finest[axis], widest[axis][1] - widest[axis][0]);
            let factor = to / width;
            [low, high].map(|end| at[axis] + (end - at[axis]) * factor)
        });
        zoomed.within(limits)
    }

    /// The range between two opposite corners.
    pub(crate) fn between(a: [f64; 2], b: [f64; 2], limits: &PlotLimits) -> PlotRange {
        let sides = [0, 1].map(|axis| [a[axis].min(b[axis]), a[axis].max(b[axis])]);
        PlotRange {
            x: sides[0],
            y: sides[1],
        }
        .within(limits)
    }

    /// As near as possible within the limits, no smaller than the finest.
    pub(crate) fn within(self, limits: &PlotLimits) -> PlotRange {
        let widest = [limits.widest.x, limits.widest.y];
        self.axes(|axis, [low, high]| {
            let [least, most] = widest[axis];
            let width = (high - low).max(limits.finest[axis]).min(most - least);
            let low = (0.5 * (low + high - width)).min(most - width).max(least);
            [low, low + width]
        })
    }
}

/// Where the ticks of an axis are, and their labels.
#[derive(Debug, Clone)]
pub(crate) struct Ticks {
    pub(crate) places: Vec<f64>,
    pub(crate) labels: Labels,
}

impl Ticks {
    fn labelled(values: Vec<f64>, place: impl Fn(f64) -> f64) -> Ticks {
        let labels = ticks::labels(&values);
        let places = values.into_iter().map(place).collect();
        Ticks { places, labels }
    }

    /// Leaves out what lies below a place.
    pub(crate) fn end_at(&mut self, place: f64) {
        let mut kept = self.places.iter().map(|tick| *tick >= place);
        self.labels.texts.retain(|_| kept.next().unwrap_or(false));
        self.places.retain(|tick| *tick >= place);
    }

    pub(crate) fn add(&mut self, place: f64, text: &str) {
        self.places.push(place);
        self.labels.texts.push(text.to_owned());
    }

    /// The label at a place.
    pub(crate) fn text(&self, place: f64) -> &str {
        let tick = self.places.iter().position(|other| *other == place);
        let text = tick.and_then(|i| self.labels.texts.get(i));
        text.map_or("", String::as_str)
    }
}

/// Whole steps, written out while they are short.
pub(crate) fn step_ticks([low, high]: [f64; 2]) -> Ticks {
    let mut steps = round_ticks(low.max(0.0), high, 4);
    steps.retain(|step| step.fract() == 0.0);
    let apart = steps
        .windows(2)
        .map(|pair| pair[1] - pair[0])
        .fold(0.0, f64::max);
    if apart >= 1e5 {
        return Ticks::labelled(steps, |step| step);
    }
    let texts: Vec<String> = steps.iter().map(|step| format!("{step:.0}")).collect();
    Ticks {
        places: steps,
        labels: texts.into(),
    }
}

pub(crate) fn linear_ticks([low, high]: [f64; 2]) -> Ticks {
    Ticks::labelled(round_ticks(low, high, 5), |value| value)
}

/// For a range of exponents of ten: whole powers, about six at most; 1, 2 and 5 times powers where fewer than two
/// decades are seen; round numbers where not even one is.
pub(crate) fn log_ticks([low, high]: [f64; 2]) -> Ticks {
    let span = high - low;
    if span < 0.9 {
        let values = round_ticks(10f64.powf(low), 10f64.powf(high), 4);
        return Ticks::labelled(values, f64::log10);
    }
    let powers = (low.floor() as i32)..=(high.ceil() as i32);
    let stride = (span / 6.0).ceil().max(1.0) as i32;
    let factors: &[f64] = if span < 2.0 { &[1.0, 2.0, 5.0] } else { &[1.0] };
    let (places, texts): (Vec<f64>, Vec<String>) = powers
        .filter(|power| power.rem_euclid(stride) == 0)
        .flat_map(|power| {
            factors.iter().map(move |factor| {
                let place = f64::from(power) + factor.log10();
                (place, ticks::label(factor * 10f64.powi(power)))
            })
        })
        .filter(|(place, _)| (low..=high).contains(place))
        .unzip();
    Ticks {
        places,
        labels: texts.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: PlotLimits = PlotLimits {
        widest: PlotRange {
            x: [-10.0, 110.0],
            y: [-5.0, 5.0],
        },
        finest: [2.0, 0.01],
    };
    const RANGE: PlotRange = PlotRange {
        x: [20.0, 60.0],
        y: [-1.0, 1.0],
    };

    #[test]
    fn a_zoom_keeps_what_is_under_the_pointer() {
        let at = [30.0, 0.5];
        let zoomed = RANGE.zoomed([0.5, 0.1], at, &LIMITS);
        assert_eq!(zoomed.x, [25.0, 45.0]);
        assert!((zoomed.y[0] - 0.35).abs() < 1e-12 && (zoomed.y[1] - 0.55).abs() < 1e-12);
    }

    #[test]
    fn ranges_stay_within_their_limits() {
        let finest = RANGE.zoomed([1e-9, 1e-9], [30.0, 0.5], &LIMITS);
        assert!((finest.x[1] - finest.x[0] - 2.0).abs() < 1e-9);
        assert!(finest.x[0] < 30.0 && 30.0 < finest.x[1]);
        assert_eq!(
            RANGE.zoomed([1e9, 1e9], [30.0, 0.5], &LIMITS),
            LIMITS.widest
        );
        assert_eq!(RANGE.moved([-1e3, 0.0], &LIMITS).x, [-10.0, 30.0]);
        assert_eq!(RANGE.moved([0.0, 1e3], &LIMITS).y, [3.0, 5.0]);
        let point = PlotRange::between([50.0, 0.0], [50.0, 0.0], &LIMITS);
        assert_eq!(point.x, [49.0, 51.0]);
        let box_drawn_upwards = PlotRange::between([50.0, 1.0], [40.0, 0.0], &LIMITS);
        assert_eq!(
            (box_drawn_upwards.x, box_drawn_upwards.y),
            ([40.0, 50.0], [0.0, 1.0])
        );
    }

    fn words(ticks: &Ticks) -> Vec<&str> {
        ticks.labels.texts.iter().map(String::as_str).collect()
    }

    #[test]
    fn steps_are_whole_and_told_apart() {
        assert_eq!(words(&step_ticks([0.0, 150.0])), ["0", "50", "100", "150"]);
        assert_eq!(words(&step_ticks([-5.0, 2.5])), ["0", "1", "2"]);
        assert_eq!(
            words(&step_ticks([12_340.0, 12_344.0])),
            ["12340", "12341", "12342", "12343", "12344"]
        );
        assert_eq!(
            words(&step_ticks([999_990.0, 1_000_000.0])),
            ["999990", "999992", "999994", "999996", "999998", "1000000"]
        );
        assert_eq!(
            words(&step_ticks([0.0, 1e6])),
            ["0", "0.2×10⁶", "0.4×10⁶", "0.6×10⁶", "0.8×10⁶", "1.0×10⁶"]
        );
    }

    #[test]
    fn decades_become_finer_as_fewer_are_seen() {
        assert_eq!(words(&log_ticks([-2.1, 1.2])), ["0.01", "0.1", "1", "10"]);
        assert_eq!(words(&log_ticks([-16.0, 3.0])).len(), 5);
        assert_eq!(words(&log_ticks([-0.1, 1.0])), ["1", "2", "5", "10"]);
        let narrow = log_ticks([0.3, 0.5]);
        assert_eq!(words(&narrow), ["2.0", "2.2", "2.4", "2.6", "2.8", "3.0"]);
        assert!((narrow.places[1] - 2.2f64.log10()).abs() < 1e-12);
    }
}
