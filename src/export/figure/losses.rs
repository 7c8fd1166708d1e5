//! The loss, or another quantity, against the step.

use super::axes::{Axis, Frame, Shape};
use super::contours::{axis, simplified};
use super::series::{Plotted, Series};
use super::{Area, Item, Sheet};
use crate::export::{PanelScene, Scene};
use crate::landscape::ticks::{self, round_ticks};

const SHAPE: f64 = 0.68;
const TICKS: usize = 5;
/// Numbers are on a logarithmic axis where the greatest is so many times the least.
const WIDE: f64 = 50.0;
/// A loss so many times above where descents start is out of the picture.
const ABOVE_STARTS: f64 = 0.5;
/// A line of more points is drawn by what it comes to in each column, so wide in points.
const LONG: usize = 4000;
const COLUMN: f64 = 0.25;
/// The place of what is far beyond the frame.
const BEYOND: f64 = 9.0;

/// Draws it from the area's upper edge on; the result is where it ends.
pub(super) fn draw(sheet: &mut Sheet, scene: &Scene, drawn: &PanelScene, area: Area) -> f64 {
    let last_step = scene.last_step.max(1) as f64;
    let plotted = Plotted::of(drawn, scene.experiment.view.plot);
    let heights = Heights::of(&plotted);
    let steps: Vec<f64> = round_ticks(0.0, last_step, TICKS);
    let steps: Vec<f64> = steps
        .into_iter()
        .filter(|step| step.fract() == 0.0)
        .collect();
    let across = axis(&steps, "step", |step| step / last_step);
    let upright = heights.axis(&plotted.title);
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
    let at = |[step, number]: [f64; 2]| frame.at(step / last_step, heights.place(number));
    // What lines are compared with lies below them.
    let (companions, own): (Vec<&Series>, Vec<&Series>) =
        plotted.lines.iter().partition(|line| line.is_companion);
    for line in companions.iter().chain(&own) {
        let points: Vec<[f64; 2]> = line.points.iter().map(|point| at(*point)).collect();
        let points = simplified(&by_columns(points));
        let color = line.descent.color;
        let (width, dash) = match line.is_companion {
            true => (0.9, Some([1.6, 1.4])),
            false => (1.1, line.descent.dashed.then_some([3.0, 1.8])),
        };
        sheet.traced(vec![points], color, width, dash);
    }
    sheet.items.push(Item::ClipEnd);
    let end = around.draw(sheet);
    for line in own {
        if let Some(last) = line.points.last()
            && (0.0..=1.0).contains(&heights.place(last[1]))
        {
            sheet.end(at(*last), line.descent.status, line.descent.color);
        }
    }
    end
}

/// Of a long line, in each column where it comes in, its lowest and its highest point, and where it leaves.
fn by_columns(points: Vec<[f64; 2]>) -> Vec<[f64; 2]> {
    if points.len() <= LONG {
        return points;
    }
    let column = |[x, _]: &[f64; 2]| (x / COLUMN).floor();
    let columns = points.chunk_by(|a, b| column(a) == column(b));
    let outlines = columns.flat_map(|points| {
        let by_height = |i: &usize, k: &usize| points[*i][1].total_cmp(&points[*k][1]);
        let all = || 0..points.len();
        let extremes = [all().min_by(by_height), all().max_by(by_height)];
        let mut kept: Vec<usize> = extremes.into_iter().flatten().collect();
        kept.extend([0, points.len() - 1]);
        kept.sort_unstable();
        kept.dedup();
        kept.into_iter().map(|k| points[k])
    });
    outlines.collect()
}

/// From numbers to places on the upright axis.
struct Heights {
    is_log: bool,
    low: f64,
    high: f64,
}

impl Heights {
    fn of(plotted: &Plotted) -> Heights {
        let all = || plotted.lines.iter().flat_map(|line| &line.points);
        let numbers = || all().map(|[_, number]| *number);
        let low = numbers().fold(f64::INFINITY, f64::min);
        let highest = numbers().fold(f64::NEG_INFINITY, f64::max);
        let is_wide = low > 0.0 && highest / low > WIDE;
        let is_log = plotted.is_log.unwrap_or(is_wide);
        // A logarithm has no place for zeros.
        let positive = numbers().filter(|number| !is_log || *number > 0.0);
        let low = positive.fold(f64::INFINITY, f64::min);
        if !(low.is_finite() && highest.is_finite()) {
            return Heights {
                is_log: false,
                low: 0.0,
                high: 1.0,
            };
        }
        let starts = plotted.lines.iter().filter_map(|line| line.points.first());
        let start = starts.map(|[_, number]| *number);
        let start = start.fold(f64::NEG_INFINITY, f64::max);
        let usual = match plotted.is_loss {
            true => (start + ABOVE_STARTS * (start - low)).max(low),
            false => f64::INFINITY,
        };
        let (low, high) = if is_log {
            (low.log10(), highest.log10().min(usual.log10() + 3.0))
        } else {
            (low, highest.min(usual))
        };
        let (low, high) = if high > low {
            (low, high)
        } else {
            // What does not change lies in the middle, and a positive number's axis is positive.
            let half = if low == 0.0 { 0.5 } else { 0.5 * low.abs() };
            (low - half, high + half)
        };
        let room = 0.04 * (high - low);
        Heights {
            is_log,
            low: low - room,
            high: high + room,
        }
    }

    /// As a fraction of the axis, not far beyond it.
    fn place(&self, number: f64) -> f64 {
        let value = match self.is_log {
            false => number,
            true if number > 0.0 => number.log10(),
            true => f64::NEG_INFINITY,
        };
        ((value - self.low) / (self.high - self.low)).clamp(-BEYOND, BEYOND)
    }

    fn axis(&self, title: &str) -> Axis {
        if !self.is_log {
            return axis(&round_ticks(self.low, self.high, TICKS), title, |number| {
                self.place(number)
            });
        }
        let powers = round_ticks(self.low, self.high, TICKS);
        let powers: Vec<f64> = powers
            .into_iter()
            .filter(|p| p.fract() == 0.0)
            .map(|p| 10f64.powf(p))
            .collect();
        if powers.len() < 2 {
            let [low, high] = [self.low, self.high].map(|power| 10f64.powf(power));
            return axis(&round_ticks(low, high, TICKS), title, |number| {
                self.place(number)
            });
        }
        let ticks = powers.iter().map(|number| {
            let text = ticks::label(*number).replacen("1×10", "10", 1);
            (self.place(*number), text)
        });
        Axis {
            title: title.to_owned(),
            ticks: ticks.collect(),
        }
    }
}
