//! The loss against the step, for every descent of the panel in focus, up to the step shown.

use bevy::prelude::DetectChanges;
use bevy_egui::egui;
use egui_plot::{GridMark, Line, LineStyle, Plot, PlotPoint, PlotPoints, Points, VLine};

use super::style::color32;
use super::{LabReader, Shown};
use crate::lab::Scenery;
use crate::landscape::{HeightScale, ticks};

/// More points than this are thinned out: a plot this wide has no more pixels.
const MAX_POINTS: usize = 600;
/// Losses below this, or not positive, lie at the bottom of a logarithmic plot.
const SMALLEST: f64 = 1e-16;

/// The curves, thinned out once a run.
#[derive(Default)]
pub(crate) struct Curves {
    key: Option<CurvesKey>,
    curves: Vec<Vec<PlotPoint>>,
    bounds: Option<[f64; 2]>,
    /// What a logarithmic plot takes off every loss, because some are not positive.
    pub(crate) offset: f64,
}

#[derive(PartialEq, Clone)]
struct CurvesKey {
    panel: usize,
    scale: HeightScale,
    shown: Vec<bool>,
    log: bool,
    lengths: Vec<usize>,
}

impl Curves {
    fn refresh(&mut self, panel: usize, scenery: &Scenery, descents: &[Shown<'_>], log: bool) {
        let key = CurvesKey {
            panel,
            scale: scenery.scale,
            shown: descents.iter().map(|d| d.style.shown).collect(),
            log,
            lengths: descents.iter().map(|d| d.run.history().len()).collect(),
        };
        let changed = descents.iter().any(|d| d.run.is_changed());
        if !changed && self.key.as_ref() == Some(&key) {
            return;
        }
        self.key = Some(key);
        let lowest = descents
            .iter()
            .flat_map(|descent| descent.run.history().losses())
            .fold(f64::INFINITY, |a, &b| a.min(b));
        self.offset = if log && lowest <= 0.0 {
            scenery.scale.base
        } else {
            0.0
        };
        // A descent that runs away must not flatten the others.
        let reach = scenery.scale.high - scenery.scale.low;
        let [least, most] = [scenery.scale.low - reach, scenery.scale.high + reach]
            .map(|loss| height(loss, log, self.offset));
        self.curves = descents
            .iter()
            .map(|descent| thinned(descent.run.history().losses(), log, self.offset))
            .collect();
        self.bounds = self
            .curves
            .iter()
            .zip(descents)
            .filter(|(_, descent)| descent.style.shown)
            .flat_map(|(curve, _)| curve.iter().map(|point| point.y.clamp(least, most)))
            .fold(None, |bounds: Option<[f64; 2]>, y| {
                Some(bounds.map_or([y, y], |[low, high]| [low.min(y), high.max(y)]))
            });
    }
}

/// The plotted height of a loss.
fn height(loss: f64, log: bool, offset: f64) -> f64 {
    if log {
        (loss - offset).clamp(SMALLEST, 1e300).log10()
    } else {
        loss.clamp(-1e300, 1e300)
    }
}

/// At most about `MAX_POINTS` points: of every stretch the lowest and the highest, in order.
fn thinned(losses: &[f64], log: bool, offset: f64) -> Vec<PlotPoint> {
    let point =
        |(step, &loss): (usize, &f64)| PlotPoint::new(step as f64, height(loss, log, offset));
    if losses.len() <= MAX_POINTS {
        return losses.iter().enumerate().map(point).collect();
    }
    let stretch = losses.len().div_ceil(MAX_POINTS / 2);
    let mut points = Vec::with_capacity(MAX_POINTS + 2);
    for (i, chunk) in losses.chunks(stretch).enumerate() {
        let numbered = || {
            chunk
                .iter()
                .enumerate()
                .map(|(k, loss)| (i * stretch + k, loss))
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

pub(crate) fn plot_ui(
    ui: &mut egui::Ui,
    panel: usize,
    lab: &LabReader,
    scenery: &Scenery,
    descents: &[Shown<'_>],
    log: bool,
    curves: &mut Curves,
) {
    curves.refresh(panel, scenery, descents, log);
    let position = lab.playback.position();
    let [low, high] = curves.bounds.unwrap_or([0.0, 1.0]);
    let (floor, ceiling) = (low - (high - low) - 1.0, high + (high - low) + 1.0);
    let pad = ((high - low) * 0.06).max(high.abs() * 1e-9 + 1e-12);
    let last = lab.playback.last_step().max(1) as f64;
    let accent = color32(lab.theme.accent);
    let tick = move |mark: GridMark, _: &std::ops::RangeInclusive<f64>| loss_tick(mark.value, log);
    let offset = curves.offset;
    let hover = move |at: &egui_plot::HoverPosition<'_>| match at {
        egui_plot::HoverPosition::NearDataPoint {
            plot_name,
            position,
            ..
        } => {
            if position.y <= floor || position.y >= ceiling {
                return Some(format!(
                    "{plot_name}\nstep {}\nbeyond the plot",
                    position.x.round()
                ));
            }
            let loss = if log {
                10f64.powf(position.y) + offset
            } else {
                position.y
            };
            Some(format!(
                "{plot_name}\nstep {}\nloss {}",
                position.x.round(),
                ticks::label(loss)
            ))
        }
        egui_plot::HoverPosition::Elsewhere { .. } => None,
    };
    Plot::new(("loss", log))
        .height(ui.available_height())
        // The last tick's number reaches over the plot's edge.
        .width(ui.available_width() - 12.0)
        .x_axis_label("step")
        .y_axis_label("")
        .x_grid_spacer(move |input| grid_marks(ticks::round_ticks(0.0, last, 4), input.bounds))
        .y_grid_spacer(move |input| {
            let (low, high) = input.bounds;
            let values = if log {
                decades(low, high)
            } else {
                ticks::round_ticks(low, high, 5)
            };
            grid_marks(values, input.bounds)
        })
        .x_axis_formatter(|mark, _| ticks::label(mark.value))
        .y_axis_formatter(tick)
        .label_formatter(hover)
        .allow_drag(false)
        .allow_zoom(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .show_background(false)
        .grid_color(color32(lab.theme.line))
        .grid_fade(0.0)
        .set_margin_fraction(egui::Vec2::ZERO)
        .show(ui, |plot| {
            plot.set_plot_bounds_x(0.0..=last);
            plot.set_plot_bounds_y((low - pad)..=(high + pad));
            plot.vline(
                VLine::new("", position)
                    .color(accent.gamma_multiply(0.6))
                    .width(1.0),
            );
            for (descent, curve) in descents.iter().zip(&curves.curves) {
                if !descent.style.shown {
                    continue;
                }
                let color = color32(descent.style.color);
                let shown = curve.partition_point(|point| point.x <= position);
                let Some(now) = curve.get(shown.wrapping_sub(1)) else {
                    continue;
                };
                let style = if descent.style.dashed {
                    LineStyle::dashed_dense()
                } else {
                    LineStyle::Solid
                };
                // What runs away is drawn just beyond the edge: a dashed line to 1e300 would have no end of dashes.
                let points = curve
                    .get(..shown)
                    .unwrap_or_default()
                    .iter()
                    .map(|point| PlotPoint::new(point.x, point.y.clamp(floor, ceiling)))
                    .collect();
                plot.line(
                    Line::new(&descent.style.name, PlotPoints::Owned(points))
                        .color(color)
                        .style(style)
                        .width(1.8),
                );
                plot.points(
                    Points::new("", vec![[now.x, now.y.clamp(floor, ceiling)]])
                        .color(color)
                        .radius(3.2),
                );
            }
        });
}

/// Whole powers of ten, as exponents, no more than about six.
fn decades(low: f64, high: f64) -> Vec<f64> {
    let stride = ((high - low) / 6.0).ceil().max(1.0) as i64;
    let (first, last) = (low.ceil() as i64, high.floor() as i64);
    (first..=last)
        .filter(|exponent| exponent.rem_euclid(stride) == 0)
        .map(|exponent| exponent as f64)
        .collect()
}

/// Grid lines at these values, each with a label.
fn grid_marks(values: Vec<f64>, (low, high): (f64, f64)) -> Vec<GridMark> {
    values
        .into_iter()
        .map(|value| GridMark {
            value,
            // Lines this far apart are drawn, and labelled, at full strength.
            step_size: high - low,
        })
        .collect()
}

fn loss_tick(value: f64, log: bool) -> String {
    if !log {
        return ticks::label(value);
    }
    if (value - value.round()).abs() > 1e-6 {
        return String::new();
    }
    ticks::label(10f64.powf(value.round()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thinning_keeps_the_extremes() {
        let mut losses = vec![1.0; 100_000];
        losses[54_321] = 99.0;
        losses[54_400] = -3.0;
        let points = thinned(&losses, false, 0.0);
        assert!(points.len() <= MAX_POINTS + 2);
        assert!(points.iter().any(|p| p.y == 99.0 && p.x == 54_321.0));
        assert!(points.iter().any(|p| p.y == -3.0));
        assert!(points.windows(2).all(|w| w[0].x < w[1].x));
    }

    #[test]
    fn a_logarithmic_plot_has_no_holes() {
        let points = thinned(&[100.0, 1.0, 0.0, -5.0], true, 0.0);
        assert_eq!(points[0].y, 2.0);
        assert_eq!(points[1].y, 0.0);
        assert!(points.iter().all(|p| p.y.is_finite()));
    }
}
