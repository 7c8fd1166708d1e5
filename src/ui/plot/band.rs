//! The spread of a descent's repeats in the plot: their median, and the band from the 10 % to the 90 % quantile.

use bevy_egui::egui;
use egui::Pos2;
use egui_plot::{FilledArea, Line, PlotPoint, PlotPoints, PlotTransform, PlotUi};

use super::plot_range::PlotRange;
use super::quantity::PlotAxis;
use crate::descent::spread::{compared_steps, quantiles};
use crate::lab::theme::Theme;
use crate::landscape::ticks;
use crate::ui::reader::ShownDescent;
use crate::ui::text::style::color32;

/// What is told of a band that the pointer is on.
const NEAR: f32 = 5.0;

/// The quantiles of so many runs, placed on the axis.
#[derive(Debug, Default)]
pub(crate) struct SpreadBand {
    runs: usize,
    steps: Vec<f64>,
    low: Vec<f64>,
    median: Vec<f64>,
    high: Vec<f64>,
}

impl SpreadBand {
    /// `None` while none is done, and for what does not differ between runs.
    pub(crate) fn new(descent: &ShownDescent<'_>, axis: &PlotAxis) -> Option<SpreadBand> {
        let outcomes = &descent.repeats?.outcomes;
        let runs: Option<Vec<&[f64]>> = outcomes
            .iter()
            .map(|outcome| axis.quantity.of_repeat(outcome))
            .collect();
        let runs = runs.filter(|runs| !runs.is_empty())?;
        let spread = quantiles(runs.iter().copied());
        let steps = compared_steps(descent.run.plan().steps);
        let placed = |which: usize| {
            let placed = spread.iter().map(|at| axis.place(at[which]));
            placed.collect::<Vec<f64>>()
        };
        Some(SpreadBand {
            runs: runs.len(),
            steps: steps.iter().map(|&step| step as f64).collect(),
            low: placed(0),
            median: placed(1),
            high: placed(2),
        })
    }

    /// The places between the band's edges that lie in a range, lowest and highest.
    pub(crate) fn reach(&self, [least, most]: [f64; 2]) -> Option<[f64; 2]> {
        let all = self.low.iter().chain(&self.high);
        let near = all.filter(|place| (least..=most).contains(*place));
        near.fold(None, |reach: Option<[f64; 2]>, &y| {
            Some(reach.map_or([y, y], |[low, high]| [low.min(y), high.max(y)]))
        })
    }

    pub(crate) fn runs(&self) -> usize {
        self.runs
    }

    /// Draws it up to a step, with what is far outside the range brought near.
    pub(crate) fn draw(
        &self,
        plot: &mut PlotUi<'_>,
        theme: &Theme,
        descent: &ShownDescent<'_>,
        range: PlotRange,
        position: f64,
    ) {
        let shown = self.steps.partition_point(|&step| step <= position);
        let room = 1e3 * (range.y[1] - range.y[0]);
        let near = |places: &[f64]| {
            let places = places[..shown].iter();
            let (least, most) = (range.y[0] - room, range.y[1] + room);
            places.map(|y| y.clamp(least, most)).collect::<Vec<f64>>()
        };
        let (low, median, high) = (near(&self.low), near(&self.median), near(&self.high));
        let steps = &self.steps[..shown];
        let color = descent.style.color;
        // What is too much like the ground is seen by its outline.
        let outline = theme.outline(color);
        let area = FilledArea::new("", steps, &low, &high);
        let area = area.fill_color(color32(outline.unwrap_or(color)).gamma_multiply(0.22));
        plot.add(area.allow_hover(false));
        let points = steps.iter().zip(&median);
        let points: Vec<PlotPoint> = points.map(|(&x, &y)| PlotPoint::new(x, y)).collect();
        let outline = outline.map(|outline| (outline, 4.0));
        for (color, width) in outline.into_iter().chain([(color, 2.4)]) {
            let line = Line::new("", PlotPoints::Owned(points.clone()));
            let line = line.color(color32(color)).width(width);
            plot.line(line.allow_hover(false));
        }
    }

    /// What it says where the pointer is, if it is there up to the position.
    pub(crate) fn words(
        &self,
        descent: &ShownDescent<'_>,
        axis: &PlotAxis,
        transform: &PlotTransform,
        pointer: Pos2,
        position: f64,
    ) -> Option<String> {
        let at = transform.value_from_position(pointer).x;
        let after = self.steps.partition_point(|&step| step < at);
        let place = [after.checked_sub(1), Some(after)].into_iter().flatten();
        let place = place.filter(|&place| self.steps.get(place).is_some_and(|s| *s <= position));
        let off = |place: &usize| (self.steps[*place] - at).abs();
        let place = place.min_by(|a, b| off(a).total_cmp(&off(b)))?;
        let [low, median, high] = [&self.low, &self.median, &self.high].map(|all| all[place]);
        let [top, bottom] = [high, low].map(|y| transform.position_from_point_y(y));
        if !(top - NEAR..=bottom + NEAR).contains(&pointer.y) {
            return None;
        }
        let number = |place: f64| {
            let number = axis.number(place);
            if number < 1e299 {
                ticks::label_within(number, axis.number(high) - axis.number(low))
            } else {
                "∞".to_owned()
            }
        };
        Some(format!(
            "{} · step {} · {} of {} runs: median {}, 10–90 % from {} to {}",
            descent.style.name,
            self.steps[place],
            axis.title(),
            self.runs,
            number(median),
            number(low),
            number(high),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_band_that_runs_away_does_not_set_the_range() {
        let band = SpreadBand {
            runs: 3,
            steps: vec![0.0, 1.0, 2.0],
            low: vec![1.0, 0.5, 0.25],
            median: vec![1.0, 0.6, 0.3],
            high: vec![1.0, 2.0, 1e300],
        };
        assert_eq!(band.reach([-10.0, 10.0]), Some([0.25, 2.0]));
        assert_eq!(band.reach([20.0, 30.0]), None);
    }
}
