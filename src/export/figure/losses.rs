//! Loss against step.

use super::axes::{Axis, Frame, Shape};
use super::contours::{axis, simplified};
use super::{Area, Item, Sheet};
use crate::export::{PanelScene, Scene};
use crate::landscape::ticks::{self, round_ticks};

const SHAPE: f64 = 0.68;
const TICKS: usize = 5;
/// Losses are on a logarithmic axis where the greatest is so many times the least.
const WIDE: f64 = 50.0;
/// A loss so many times above where descents start is out of the picture.
const ABOVE_STARTS: f64 = 0.5;

/// Draws them from the area's upper edge on; the result is where they end.
pub(super) fn draw(sheet: &mut Sheet, scene: &Scene, drawn: &PanelScene, area: Area) -> f64 {
    let last_step = scene.last_step.max(1) as f64;
    let heights = Heights::of(drawn);
    let steps: Vec<f64> = round_ticks(0.0, last_step, TICKS);
    let steps: Vec<f64> = steps
        .into_iter()
        .filter(|step| step.fract() == 0.0)
        .collect();
    let across = axis(&steps, "step", |step| step / last_step);
    let upright = heights.axis(&drawn.panel.labels[2]);
    let theme = sheet.theme;
    let around = Frame::new(sheet, area, [&across, &upright], Shape::Usual(SHAPE));
    let frame = around.area;
    for (place, _) in &upright.ticks {
        sheet.line(
            vec![frame.at(0.0, *place), frame.at(1.0, *place)],
            theme.grid,
            0.4,
            None,
        );
    }
    sheet.items.push(Item::Clip(frame));
    let shown = || drawn.descents.iter().filter(|descent| descent.spec.shown);
    let at =
        |step: f64, loss: f64| frame.at(step / last_step, heights.place(loss).clamp(-9.0, 9.0));
    for descent in shown() {
        let losses = descent.history.losses().iter().enumerate();
        let points: Vec<[f64; 2]> = losses
            .map(|(entry, loss)| at(descent.step_of(entry as f64), *loss))
            .collect();
        let dash = descent.dashed.then_some([3.0, 1.8]);
        sheet.traced(vec![simplified(&points)], descent.color, 1.1, dash);
    }
    sheet.items.push(Item::ClipEnd);
    let end = around.draw(sheet);
    for descent in shown() {
        let last = descent.history.losses().len().saturating_sub(1);
        if let Some(loss) = descent.history.losses().last()
            && (0.0..=1.0).contains(&heights.place(*loss))
        {
            sheet.end(
                at(descent.step_of(last as f64), *loss),
                descent.status,
                descent.color,
            );
        }
    }
    end
}

/// From losses to places on the upright axis.
struct Heights {
    is_log: bool,
    low: f64,
    high: f64,
}

impl Heights {
    fn of(drawn: &PanelScene) -> Heights {
        let shown = || drawn.descents.iter().filter(|descent| descent.spec.shown);
        let all = || shown().flat_map(|descent| descent.history.losses().iter().copied());
        let starts = shown().filter_map(|descent| descent.history.losses().first().copied());
        let low = all().fold(f64::INFINITY, f64::min);
        let highest = all().fold(f64::NEG_INFINITY, f64::max);
        let start = starts.fold(f64::NEG_INFINITY, f64::max);
        if !(low.is_finite() && highest.is_finite()) {
            return Heights {
                is_log: false,
                low: 0.0,
                high: 1.0,
            };
        }
        let is_log = low > 0.0 && highest / low > WIDE;
        let usual = start + ABOVE_STARTS * (start - low);
        let (low, high) = if is_log {
            (
                low.log10(),
                highest.log10().min(usual.max(low).log10() + 3.0),
            )
        } else {
            (low, highest.min(usual.max(low)))
        };
        let (low, high) = if high > low {
            (low, high)
        } else {
            (low - 0.5, high + 0.5)
        };
        let room = 0.04 * (high - low);
        Heights {
            is_log,
            low: low - room,
            high: high + room,
        }
    }

    fn place(&self, loss: f64) -> f64 {
        let value = if self.is_log { loss.log10() } else { loss };
        (value - self.low) / (self.high - self.low)
    }

    fn axis(&self, title: &str) -> Axis {
        if !self.is_log {
            return axis(&round_ticks(self.low, self.high, TICKS), title, |loss| {
                self.place(loss)
            });
        }
        let powers = round_ticks(self.low, self.high, TICKS);
        let losses: Vec<f64> = powers
            .into_iter()
            .filter(|p| p.fract() == 0.0)
            .map(|p| 10f64.powf(p))
            .collect();
        Axis {
            title: title.to_owned(),
            ticks: losses
                .iter()
                .map(|loss| {
                    (
                        self.place(*loss),
                        ticks::label(*loss).replacen("1×10", "10", 1),
                    )
                })
                .collect(),
        }
    }
}
