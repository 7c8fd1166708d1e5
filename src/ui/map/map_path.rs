//! Descents' paths painted on the contour inset and on the plot of a curve.

use bevy_egui::egui;
use egui::epaint::PathStroke;
use egui::{Color32, Painter, Pos2, Shape, Stroke, pos2};

use super::flat_path::{FlatPath, Frame, Piece, SAME_POINT, Sheet};
use super::turned_map::TurnedMap;
use crate::lab::DescentRun;
use crate::lab::theme::Theme;
use crate::plane::Plane;
use crate::ui::reader::ShownDescent;
use crate::ui::text::style::{color32, with_alpha};

/// Lengths of dashes and of the gaps between them, in logical pixels.
const DASH: f32 = 4.0;
const GAP: f32 = 2.5;

/// The map, on which a plane's coordinates are the places.
pub(super) struct MapSheet<'a> {
    pub(super) map: &'a TurnedMap,
    pub(super) plane: &'a Plane,
}

impl Sheet for MapSheet<'_> {
    fn place(&self, run: &DescentRun, step: usize) -> [f64; 2] {
        self.map.fractions(run.place(step, self.plane))
    }

    fn screen_from_fractions(&self, fractions: [f64; 2]) -> Pos2 {
        self.map.screen_from_fractions(fractions)
    }

    fn frame(&self) -> Frame {
        let zero = vec![0.0; self.plane.origin().len()];
        let zero = self.plane.coordinates(&zero);
        Frame::Map(self.map.domain, self.plane.directions(), zero)
    }
}

/// Points without those that fall on the same pixel as the one before. Far-off points are brought within f32's reach.
pub(crate) fn thinned(points: impl Iterator<Item = Pos2>) -> Vec<Pos2> {
    let mut kept: Vec<Pos2> = Vec::new();
    let mut skipped = None;
    for point in points {
        let point = pos2(point.x.clamp(-1e5, 1e5), point.y.clamp(-1e5, 1e5));
        if kept
            .last()
            .is_some_and(|last| last.distance(point) < SAME_POINT)
        {
            skipped = Some(point);
            continue;
        }
        skipped = None;
        kept.push(point);
    }
    kept.extend(skipped);
    kept
}

/// A line in its strength at every place.
pub(super) fn line(painter: &Painter, piece: &Piece, stroke: Stroke, dashed: bool) {
    let is_full = |(_, strength): &(Pos2, f32)| *strength >= 1.0;
    let first = piece.iter().position(is_full).unwrap_or(piece.len() - 1);
    let last = piece.iter().rposition(is_full).unwrap_or(first);
    // In between it is in full strength, and before and after it straight.
    for part in [&piece[..=first], &piece[first..=last], &piece[last..]] {
        if part.len() < 2 {
            continue;
        }
        let points: Vec<Pos2> = part.iter().map(|(place, _)| *place).collect();
        let color = fading(part, stroke.color);
        if dashed {
            let dashes = Shape::dashed_line(&points, stroke, DASH, GAP).into_iter();
            painter.extend(dashes.map(|mut dash| {
                if let Shape::LineSegment { points, stroke } = &mut dash {
                    stroke.color = color(points[0].lerp(points[1], 0.5));
                }
                dash
            }));
        } else if part.iter().all(is_full) {
            painter.add(Shape::line(points, stroke));
        } else {
            let stroke = PathStroke::new_uv(stroke.width, move |_, at| color(at));
            painter.add(Shape::line(points, stroke));
        }
    }
}

/// The colour at a place on a piece: where it is not in full strength, it is straight.
fn fading(
    piece: &[(Pos2, f32)],
    color: Color32,
) -> impl Fn(Pos2) -> Color32 + Send + Sync + 'static {
    let piece = piece.to_vec();
    move |at| {
        let (Some(first), Some(last)) = (piece.first(), piece.last()) else {
            return color;
        };
        let way = (last.0 - first.0).normalized();
        let along = |place: Pos2| (place - first.0).dot(way);
        let next = piece.partition_point(|(place, _)| along(*place) < along(at));
        let strength = match (next.checked_sub(1).map(|i| piece[i]), piece.get(next)) {
            (Some((a, from)), Some(&(b, to))) => {
                let share = (along(at) - along(a)) / (along(b) - along(a));
                from + (to - from) * share
            }
            (Some((_, end)), None) | (None, Some(&(_, end))) => end,
            (None, None) => 1.0,
        };
        color.gamma_multiply(strength)
    }
}

/// What lies ahead of the step shown.
pub(super) fn faint(painter: &Painter, descent: &ShownDescent<'_>, pieces: &[Piece]) {
    let color = color32(descent.style.color).gamma_multiply(0.55);
    for piece in pieces {
        line(painter, piece, Stroke::new(1.4, color), false);
    }
}

pub(super) fn trail(painter: &Painter, theme: &Theme, descent: &ShownDescent<'_>, path: &FlatPath) {
    let color = color32(descent.style.color);
    for piece in &path.pieces {
        let casing = Stroke::new(3.2, with_alpha(theme.casing, 150));
        line(painter, piece, casing, false);
        line(
            painter,
            piece,
            Stroke::new(1.8, color),
            descent.style.dashed,
        );
    }
    if let Some(start) = path.start {
        painter.circle_stroke(start, 3.0, Stroke::new(1.4, color));
    }
    if let Some(end) = path.end {
        painter.circle(end, 4.0, color, Stroke::new(1.0, color32(theme.casing)));
    }
}
