//! Descents' paths on the contour inset. They are thinned out once a run: what is done every frame does not grow with the
//! number of steps.

use std::collections::BTreeMap;

use bevy_egui::egui;
use egui::{Painter, Pos2, Shape, Stroke, pos2};

use super::Shown;
use super::style::{color32, with_alpha};
use super::turned_map::TurnedMap;
use crate::lab::theme::Theme;
use crate::lab::{DescentRun, Iterate, RunStamp, Scenery};
use crate::landscape::clip_to_unit;
use crate::landscape::coverage::Coverage;
use crate::plane::Plane;

/// Path points nearer than this are one, in logical pixels, and as a share of the map.
const SAME_POINT: f32 = 0.6;
const FINEST: f64 = 1.0 / 1500.0;
/// Beyond so many points a path may scribble, and what it draws over and over is left out.
const LONG: usize = 2000;
/// Iterates are far out beyond so many lengths of the map.
const FAR: f64 = 1e6;

/// The thinned paths, by panel and descent.
#[derive(Default)]
pub(crate) struct MapPaths(BTreeMap<(usize, usize), Thinned>);

struct Thinned {
    domain: [[f64; 2]; 2],
    axes: (Vec<f64>, Option<Vec<f64>>),
    of: RunStamp,
    points: Vec<Point>,
}

/// An iterate, and its place as fractions of the map.
struct Point {
    step: usize,
    place: [f64; 2],
    /// Nothing is drawn on the way here.
    pen_up: bool,
}

impl Thinned {
    fn new(run: &DescentRun, plane: &Plane, map: &TurnedMap) -> Thinned {
        let history = run.history();
        let mut points: Vec<Point> = Vec::new();
        let mut coverage = (history.len() > LONG).then(Coverage::default);
        let mut from: Option<(usize, [f64; 2])> = None;
        let mut pen_up = true;
        for (step, w) in history.iter().enumerate() {
            let place = map.fractions(plane.coordinates(w));
            if let Some((from_step, last)) = from {
                if (last[0] - place[0]).hypot(last[1] - place[1]) < FINEST {
                    continue;
                }
                let inside = |place: [f64; 2]| place.iter().all(|c| (0.0..=1.0).contains(c));
                let [a, b] = [last, place].map(|[s, t]| [s, t, 0.0]);
                let covered = coverage
                    .as_mut()
                    .is_some_and(|coverage| inside(last) && inside(place) && !coverage.adds(a, b));
                if !covered {
                    if pen_up {
                        let (step, place) = (from_step, last);
                        points.push(Point {
                            step,
                            place,
                            pen_up,
                        });
                    }
                    points.push(Point {
                        step,
                        place,
                        pen_up: false,
                    });
                }
                pen_up = covered;
            }
            from = Some((step, place));
        }
        Thinned {
            domain: map.domain,
            axes: (plane.u.clone(), plane.v.clone()),
            of: run.stamp(),
            points,
        }
    }

    /// Whether it still is the path of this run on this map.
    fn fits(&self, run: RunStamp, plane: &Plane, map: &TurnedMap) -> bool {
        self.of == run
            && self.domain == map.domain
            && (&self.axes.0, &self.axes.1) == (&plane.u, &plane.v)
    }
}

/// The path up to the position shown, in the pieces that lie on the map.
pub(super) struct MapPath {
    pieces: Vec<Vec<Pos2>>,
    /// Where it starts and where it is, if that is on the map.
    start: Option<Pos2>,
    end: Option<Pos2>,
}

impl MapPaths {
    pub(super) fn path(
        &mut self,
        panel: usize,
        descent: &Shown<'_>,
        position: f64,
        scenery: &Scenery,
        map: &TurnedMap,
    ) -> Option<MapPath> {
        let history = descent.run.history();
        let last = history.len().checked_sub(1)?;
        let position = position.min(last as f64);
        let whole = position.floor() as usize;
        let plane = &scenery.field.plane;
        let key = (panel, descent.style.index);
        let old = self.0.get(&key);
        if !old.is_some_and(|old| old.fits(descent.run.stamp(), plane, map)) {
            self.0.insert(key, Thinned::new(descent.run, plane, map));
        }
        let points = &self.0.get(&key)?.points;
        // Cut in f64 and as fractions of the map: iterates may be anywhere.
        let place = |step: usize| map.fractions(plane.coordinates(history.at(step)));
        let now = if whole < last {
            mix(place(whole), place(whole + 1), position - whole as f64)
        } else {
            place(whole)
        };
        let shown = points.partition_point(|point| point.step <= whole);
        let mut pen = Pen::new(map, place(0));
        for point in points.get(..shown).unwrap_or_default() {
            if point.pen_up {
                pen.move_to(point.place);
            } else {
                pen.draw(point.place, false);
            }
        }
        // The last iterates may be left out of the points, but not what leads to the ball.
        if points.get(shown).is_none_or(|next| next.pen_up) {
            pen.move_to(place(whole));
        }
        pen.draw(now, true);
        Some(MapPath {
            start: on_map(map, place(0)),
            end: on_map(map, now),
            pieces: pen.pieces(),
        })
    }
}

impl MapPaths {
    /// The path beyond the position, in the pieces that lie on the map.
    pub(super) fn ahead(
        &self,
        panel: usize,
        descent: &Shown<'_>,
        position: f64,
        scenery: &Scenery,
        map: &TurnedMap,
    ) -> Vec<Vec<Pos2>> {
        let history = descent.run.history();
        let now = position.floor() as usize;
        let Some(points) = self.0.get(&(panel, descent.style.index)) else {
            return Vec::new();
        };
        if now >= history.len() {
            return Vec::new();
        }
        let points = &points.points;
        let plane = &scenery.field.plane;
        let mut pen = Pen::new(map, map.fractions(plane.coordinates(history.at(now))));
        let shown = points.partition_point(|point| point.step <= now);
        for point in &points[shown..] {
            if point.pen_up {
                pen.move_to(point.place);
            } else {
                pen.draw(point.place, false);
            }
        }
        pen.pieces()
    }

    /// The iterates drawn up to the position, or all, the one at the position first, and where they are.
    pub(super) fn iterates(
        &self,
        panel: usize,
        descent: &Shown<'_>,
        (position, all): (f64, bool),
        map: &TurnedMap,
    ) -> impl Iterator<Item = (Iterate, Pos2)> {
        let index = descent.style.index;
        let points = self.0.get(&(panel, index)).map(|path| &path.points);
        let points = points.map_or(&[][..], |points| points);
        let history = descent.run.history();
        let now = (position.floor() as usize).min(history.len().saturating_sub(1));
        let shown = points.partition_point(|point| point.step <= now);
        // Where a descent rests, its points stand for many iterates.
        let resting = (now < history.len()).then(|| {
            let place = descent.field.plane.coordinates(history.at(now));
            (now, map.fractions(place))
        });
        let drawn = if all { points } else { &points[..shown] };
        let passed = drawn.iter().map(|point| (point.step, point.place));
        let iterates = resting.into_iter().chain(passed);
        iterates.filter_map(move |(step, place)| {
            let descent = descent.entity;
            Some((Iterate { descent, step }, on_map(map, place)?))
        })
    }
}

fn on_map(map: &TurnedMap, fractions: [f64; 2]) -> Option<Pos2> {
    let inside = fractions.iter().all(|c| (-1e-9..=1.0 + 1e-9).contains(c));
    inside.then(|| map.screen_from_fractions(fractions))
}

/// Draws straight moves, cut at the map's edge.
struct Pen<'a> {
    map: &'a TurnedMap,
    from: [f64; 2],
    pieces: Vec<Vec<Pos2>>,
    piece: Vec<Pos2>,
}

impl Pen<'_> {
    fn new(map: &TurnedMap, from: [f64; 2]) -> Pen<'_> {
        Pen {
            map,
            from,
            pieces: Vec::new(),
            piece: Vec::new(),
        }
    }

    fn move_to(&mut self, to: [f64; 2]) {
        self.lift();
        self.from = to;
    }

    /// The last move is drawn however short it is.
    fn draw(&mut self, to: [f64; 2], last: bool) {
        let (map, from) = (self.map, self.from);
        let here = on_map(map, to);
        let before = self.piece.last();
        let near = here
            .zip(before)
            .is_some_and(|(a, b)| a.distance(*b) < SAME_POINT);
        if near && !last {
            return;
        }
        self.from = to;
        let far = |place: [f64; 2]| place.iter().any(|c| c.abs() > FAR);
        let cut = clip_to_unit(from, to)
            .filter(|_| on_map(map, from).is_some() || here.is_some() || !(far(from) || far(to)));
        let Some((enter, leave)) = cut else {
            self.lift();
            return;
        };
        if enter > 0.0 {
            self.lift();
        }
        if self.piece.is_empty() {
            self.piece
                .push(map.screen_from_fractions(mix(from, to, enter)));
        }
        self.piece
            .push(map.screen_from_fractions(mix(from, to, leave)));
    }

    fn lift(&mut self) {
        self.pieces.push(std::mem::take(&mut self.piece));
    }

    fn pieces(mut self) -> Vec<Vec<Pos2>> {
        self.lift();
        self.pieces.retain(|piece| piece.len() > 1);
        self.pieces
    }
}

fn mix(a: [f64; 2], b: [f64; 2], t: f64) -> [f64; 2] {
    [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t]
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

/// What lies ahead of the step shown.
pub(super) fn faint(painter: &Painter, descent: &Shown<'_>, pieces: Vec<Vec<Pos2>>) {
    let color = color32(descent.style.color).gamma_multiply(0.55);
    for points in pieces {
        painter.add(Shape::line(points, Stroke::new(1.4, color)));
    }
}

pub(super) fn trail(painter: &Painter, theme: &Theme, descent: &Shown<'_>, path: MapPath) {
    let color = color32(descent.style.color);
    for points in path.pieces {
        let casing = Stroke::new(3.2, with_alpha(theme.casing, 150));
        painter.add(Shape::line(points.clone(), casing));
        let line = Stroke::new(1.8, color);
        if descent.style.dashed {
            painter.extend(Shape::dashed_line(&points, line, 4.0, 2.5));
        } else {
            painter.add(Shape::line(points, line));
        }
    }
    if let Some(start) = path.start {
        painter.circle_stroke(start, 3.0, Stroke::new(1.4, color));
    }
    if let Some(end) = path.end {
        painter.circle(end, 4.0, color, Stroke::new(1.0, color32(theme.casing)));
    }
}
