//! The curves of the plot, and which of them is under the pointer.

use bevy_egui::egui;
use egui::Pos2;
use egui_plot::{Line, LineStyle, PlotPoint, PlotPoints, PlotTransform, Points};

use super::super::curves::{Drawn, pieces};
use super::super::plot_range::PlotRange;
use super::super::quantity::PlotAxis;
use crate::lab::Iterate;
use crate::lab::theme::Theme;
use crate::ui::highlight::nearest_iterate;
use crate::ui::reader::ShownDescent;
use crate::ui::text::style::color32;

/// Strength of what lies ahead of the step shown.
const AHEAD: f32 = 0.5;
/// Strength of what a curve is compared with.
const COMPANION: f32 = 0.8;

/// The curves in their place.
pub(super) struct Drawing<'t> {
    pub theme: &'t Theme,
    pub axis: PlotAxis,
    pub range: PlotRange,
    pub clip: PlotRange,
    pub position: f64,
    /// Curves go on, faintly, beyond the position.
    pub ahead: bool,
}

/// How a curve is drawn.
struct Look {
    strength: f32,
    width: f32,
    style: LineStyle,
}

impl Drawing<'_> {
    /// What is far beyond the plot is drawn just beyond it.
    fn clamped(&self, point: PlotPoint) -> PlotPoint {
        let [low, high] = self.clip.y;
        PlotPoint::new(point.x, point.y.clamp(low, high))
    }

    /// The iterate whose piece of curve is nearest to the pointer.
    pub fn pointed<'a>(
        &self,
        transform: &PlotTransform,
        pointer: Pos2,
        curves: impl Iterator<Item = (&'a ShownDescent<'a>, &'a Vec<PlotPoint>)>,
    ) -> Option<Iterate> {
        let iterates = curves.flat_map(|(descent, curve)| {
            let reached = curve.partition_point(|point| point.x <= self.position || self.ahead);
            let curve = &curve[..reached];
            let first = curve.first().map(|point| (*point, *point));
            let pairs = curve.windows(2).map(|pair| (pair[0], pair[1]));
            first.into_iter().chain(pairs).map(|(a, b)| {
                let [from, to] = [a, b].map(|point| transform.position_from_point(&point));
                let along = along(pointer, from, to);
                let there = a.x + (b.x - a.x) * f64::from(along);
                let step = descent.run.entry_at(there).round() as usize;
                let descent = descent.entity;
                (Iterate { descent, step }, from + (to - from) * along)
            })
        });
        nearest_iterate(pointer, iterates)
    }

    /// A descent's curve up to the step shown, and what it is compared with.
    pub fn descent(
        &self,
        plot: &mut egui_plot::PlotUi,
        descent: &ShownDescent<'_>,
        place: usize,
        drawn: &Drawn,
    ) {
        let series = drawn.series(self.axis.quantity, place, descent);
        let step = self.position.floor() as usize;
        let (Some(curve), Some((step, number))) = (drawn.curves.get(place), series.at(step)) else {
            return;
        };
        let one_of_many = drawn.bands.get(place).is_some_and(Option::is_some);
        // The step shown may be thinned out.
        let now = PlotPoint::new(step as f64, self.axis.place(number));
        if let Some(companion) = drawn.companions.get(place) {
            let reached = companion.partition_point(|point| point.x <= now.x || self.ahead);
            let points = companion[..reached].iter().map(|&p| self.clamped(p));
            let look = Look {
                strength: COMPANION,
                width: 1.2,
                style: LineStyle::dashed_loose(),
            };
            self.curve(plot, descent, &points.collect::<Vec<_>>(), look);
        }
        let passed = curve.partition_point(|point| point.x < now.x);
        let mut points: Vec<PlotPoint> = curve[..passed].iter().map(|&p| self.clamped(p)).collect();
        points.push(self.clamped(now));
        // The median is the thicker line.
        let (strength, width) = if one_of_many { (0.6, 1.0) } else { (1.0, 1.8) };
        let style = if descent.style.dashed {
            LineStyle::dashed_dense()
        } else {
            LineStyle::Solid
        };
        if self.ahead {
            let rest = curve.iter().filter(|point| point.x > now.x);
            let rest = std::iter::once(&now).chain(rest).map(|&p| self.clamped(p));
            let rest: Vec<PlotPoint> = rest.collect();
            let look = Look {
                strength: AHEAD,
                width,
                style: LineStyle::Solid,
            };
            self.curve(plot, descent, &rest, look);
        }
        let look = Look {
            strength,
            width,
            style,
        };
        self.curve(plot, descent, &points, look);
        let color = descent.style.color;
        let outline = self.theme.outline(color).map(|outline| (outline, 4.2));
        for (color, radius) in outline.into_iter().chain([(color, 3.2)]) {
            let end = Points::new("", vec![[now.x, now.y]]);
            plot.points(end.color(color32(color)).radius(radius).allow_hover(false));
        }
    }

    /// What of a curve can be seen, with an outline where its colour is too much like the ground.
    fn curve(
        &self,
        plot: &mut egui_plot::PlotUi,
        descent: &ShownDescent<'_>,
        points: &[PlotPoint],
        look: Look,
    ) {
        let color = descent.style.color;
        let pieces = pieces(points, self.range);
        let outline = self.theme.outline(color);
        let outline = outline.map(|outline| (outline, look.width + 1.6, LineStyle::Solid));
        for (color, width, style) in outline.into_iter().chain([(color, look.width, look.style)]) {
            let color = color32(color).gamma_multiply(look.strength);
            for piece in &pieces {
                let line = Line::new("", PlotPoints::Owned(piece.clone())).color(color);
                plot.line(line.style(style).width(width).allow_hover(false));
            }
        }
    }
}

/// Where between two places, as a fraction, the point nearest to the pointer lies.
fn along(pointer: Pos2, from: Pos2, to: Pos2) -> f32 {
    let way = to - from;
    let length = way.length_sq();
    if length > 0.0 {
        ((pointer - from).dot(way) / length).clamp(0.0, 1.0)
    } else {
        0.0
    }
}
