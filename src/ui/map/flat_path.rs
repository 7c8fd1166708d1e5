//! Descents' paths on flat pictures: on the contour inset, and on the plot of a curve. They are thinned out once a run:
//! what is done every frame does not grow with the number of steps.

use std::collections::BTreeMap;

use bevy_egui::egui;
use egui::Pos2;

use crate::lab::{DescentRun, Iterate, RunStamp};
use crate::landscape::coverage::{Coverage, are_near};
use crate::landscape::{HeightScale, Range, clip_to_unit, strength};
use crate::plane::Directions;
use crate::ui::reader::ShownDescent;

/// Path points nearer than this are one, in logical pixels, and as a share of the picture.
pub(super) const SAME_POINT: f32 = 0.6;
const FINEST: f64 = 1.0 / 1500.0;
/// Beyond so many points a path may scribble, and what it draws over and over is left out.
const LONG: usize = 2000;
/// Iterates are far out beyond so many lengths of the picture.
const FAR: f64 = 1e6;
/// Pieces of a move that fades.
const FADING: usize = 12;

/// A flat picture on which iterates have their places.
pub(super) trait Sheet {
    /// The place of an iterate, as fractions of the picture; it may be anywhere.
    fn place(&self, run: &DescentRun, step: usize) -> [f64; 2];

    fn screen_from_fractions(&self, fractions: [f64; 2]) -> Pos2;

    /// What decides the places of a run's iterates.
    fn frame(&self) -> Frame;
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Frame {
    /// The map's ranges, the axes of the plane, and the coordinates of zero, which tell where its origin lies.
    Map([Range; 2], Directions, [f64; 2]),
    /// The curve's range, and how its losses are drawn.
    Curve(Range, HeightScale),
}

/// The thinned paths, by panel and descent.
#[derive(Default)]
pub(crate) struct FlatPaths(BTreeMap<(usize, usize), Thinned>);

struct Thinned {
    frame: Frame,
    of: RunStamp,
    points: Vec<Point>,
    /// Of a long run, while there is more of it to come.
    coverage: Option<Coverage>,
    /// The last iterate that counted.
    from: Option<(usize, [f64; 2])>,
    pen_up: bool,
}

/// An iterate, and its place as fractions of the picture.
struct Point {
    step: usize,
    place: [f64; 2],
    /// Nothing is drawn on the way here.
    pen_up: bool,
}

impl Thinned {
    fn new(run: &DescentRun, sheet: &impl Sheet) -> Thinned {
        let is_long = run.history().len() > LONG;
        let mut thinned = Thinned {
            frame: sheet.frame(),
            of: RunStamp {
                entries: 0,
                ..run.stamp()
            },
            points: Vec::new(),
            coverage: is_long.then(Coverage::default),
            from: None,
            pen_up: true,
        };
        thinned.extend(run, sheet);
        thinned
    }

    /// Whether it is the path of this run, or of a part of it, on this picture.
    fn fits(&self, run: &DescentRun, frame: &Frame) -> bool {
        let becomes_long = self.of.entries <= LONG && run.history().len() > LONG;
        self.of.run == run.id() && self.frame == *frame && !becomes_long
    }

    /// With what has been computed since.
    fn extend(&mut self, run: &DescentRun, sheet: &impl Sheet) {
        let history = run.history();
        for step in self.of.entries..history.len() {
            self.add(step, sheet.place(run, step));
        }
        self.of = run.stamp();
        if run.status().is_over() {
            self.coverage = None;
        }
    }

    fn add(&mut self, step: usize, place: [f64; 2]) {
        if let Some((from_step, last)) = self.from {
            if (last[0] - place[0]).hypot(last[1] - place[1]) < FINEST {
                return;
            }
            let covered = self.coverage.as_mut().is_some_and(|coverage| {
                clip_to_unit(last, place).is_some_and(|(enter, leave)| {
                    let [a, b] = [enter, leave].map(|t| mix(last, place, t));
                    !coverage.adds([a[0], a[1], 0.0], [b[0], b[1], 0.0])
                })
            });
            if covered && are_near(last, place) {
                return;
            }
            if !covered {
                if self.pen_up {
                    self.points.push(Point {
                        step: from_step,
                        place: last,
                        pen_up: true,
                    });
                }
                self.points.push(Point {
                    step,
                    place,
                    pen_up: false,
                });
            }
            self.pen_up = covered;
        }
        self.from = Some((step, place));
    }
}

/// The path up to the position shown, in the pieces that lie on the picture.
pub(super) struct FlatPath {
    pub(super) pieces: Vec<Piece>,
    /// Where it starts and where it is, if that is on the picture.
    pub(super) start: Option<Pos2>,
    pub(super) end: Option<Pos2>,
}

/// Places along a line, and how strongly it is drawn there: straight wherever it is not in full strength.
pub(super) type Piece = Vec<(Pos2, f32)>;

impl FlatPaths {
    pub(super) fn path(
        &mut self,
        panel: usize,
        descent: &ShownDescent<'_>,
        position: f64,
        sheet: &impl Sheet,
    ) -> Option<FlatPath> {
        let history = descent.run.history();
        let last = history.len().checked_sub(1)?;
        let position = position.min(last as f64);
        let whole = position.floor() as usize;
        let (key, frame) = ((panel, descent.style.index), sheet.frame());
        match self.0.get_mut(&key) {
            Some(old) if old.fits(descent.run, &frame) => old.extend(descent.run, sheet),
            _ => {
                self.0.insert(key, Thinned::new(descent.run, sheet));
            }
        }
        let points = &self.0.get(&key)?.points;
        // Cut in f64 and as fractions of the picture: iterates may be anywhere.
        let place = |step: usize| sheet.place(descent.run, step);
        let shown = points.partition_point(|point| point.step <= whole);
        let mut pen = Pen::new(sheet, place(0));
        pen.follow(points.get(..shown).unwrap_or_default());
        // The last iterates may be left out of the points, but not what leads to the ball.
        if points.get(shown).is_none_or(|next| next.pen_up) {
            pen.move_to(place(whole));
        }
        pen.draw(place(whole), true);
        let part = position - whole as f64;
        let mut now = place(whole);
        if part > 0.0 {
            let next = place(whole + 1);
            now = mix(now, next, part);
            pen.draw_part(next, part);
        }
        Some(FlatPath {
            start: on_sheet(sheet, place(0)),
            end: on_sheet(sheet, now),
            pieces: pen.pieces(),
        })
    }

    /// The path beyond the position, in the pieces that lie on the picture.
    pub(super) fn ahead(
        &self,
        panel: usize,
        descent: &ShownDescent<'_>,
        position: f64,
        sheet: &impl Sheet,
    ) -> Vec<Piece> {
        let history = descent.run.history();
        let now = position.floor() as usize;
        let Some(path) = self.0.get(&(panel, descent.style.index)) else {
            return Vec::new();
        };
        if now >= history.len() {
            return Vec::new();
        }
        let mut pen = Pen::new(sheet, sheet.place(descent.run, now));
        let shown = path.points.partition_point(|point| point.step <= now);
        pen.follow(&path.points[shown..]);
        pen.pieces()
    }

    /// The iterates drawn up to the position, or all, the one at the position first, and where they are.
    pub(super) fn iterates(
        &self,
        panel: usize,
        descent: &ShownDescent<'_>,
        (position, all): (f64, bool),
        sheet: &impl Sheet,
    ) -> impl Iterator<Item = (Iterate, Pos2)> {
        let index = descent.style.index;
        let points = self.0.get(&(panel, index)).map(|path| &path.points);
        let points = points.map_or(&[][..], |points| points);
        let history = descent.run.history();
        let now = (position.floor() as usize).min(history.len().saturating_sub(1));
        let shown = points.partition_point(|point| point.step <= now);
        // Where a descent rests, its points stand for many iterates.
        let resting = (now < history.len()).then(|| (now, sheet.place(descent.run, now)));
        let drawn = if all { points } else { &points[..shown] };
        let passed = drawn.iter().map(|point| (point.step, point.place));
        let iterates = resting.into_iter().chain(passed);
        iterates.filter_map(move |(step, place)| {
            let descent = descent.entity;
            Some((Iterate { descent, step }, on_sheet(sheet, place)?))
        })
    }
}

fn on_sheet(sheet: &impl Sheet, fractions: [f64; 2]) -> Option<Pos2> {
    let inside = fractions.iter().all(|c| (-1e-9..=1.0 + 1e-9).contains(c));
    inside.then(|| sheet.screen_from_fractions(fractions))
}

/// Draws straight moves, cut at the picture's edge, and fading where they go on beyond it.
struct Pen<'a, S> {
    sheet: &'a S,
    from: [f64; 2],
    pieces: Vec<Piece>,
    piece: Piece,
}

impl<S: Sheet> Pen<'_, S> {
    fn new(sheet: &S, from: [f64; 2]) -> Pen<'_, S> {
        Pen {
            sheet,
            from,
            pieces: Vec::new(),
            piece: Vec::new(),
        }
    }

    fn follow(&mut self, points: &[Point]) {
        for point in points {
            if point.pen_up {
                self.move_to(point.place);
            } else {
                self.draw(point.place, false);
            }
        }
    }

    fn move_to(&mut self, to: [f64; 2]) {
        self.lift();
        self.from = to;
    }

    /// The last move is drawn however short it is.
    fn draw(&mut self, to: [f64; 2], last: bool) {
        let here = on_sheet(self.sheet, to);
        let before = self.piece.last();
        let near = here
            .zip(before)
            .is_some_and(|(a, (b, _))| a.distance(*b) < SAME_POINT);
        if !near || last {
            self.draw_part(to, 1.0);
        }
    }

    /// Draws a part of the way to a place.
    fn draw_part(&mut self, to: [f64; 2], part: f64) {
        let (sheet, from) = (self.sheet, self.from);
        self.from = mix(from, to, part);
        let far = |place: [f64; 2]| place.iter().any(|c| c.abs() > FAR);
        let is_seen = |place: [f64; 2]| on_sheet(sheet, place).is_some();
        let cut = clip_to_unit(from, to)
            .filter(|_| is_seen(from) || is_seen(to) || !(far(from) || far(to)))
            .filter(|(enter, _)| *enter < part);
        let Some((enter, leave)) = cut else {
            self.lift();
            return;
        };
        if enter > 0.0 {
            self.lift();
        }
        let goes_on = [enter > 0.0, leave < 1.0];
        let [a, b] = [enter, leave].map(|t| mix(from, to, t));
        let length = (b[0] - a[0]).hypot(b[1] - a[1]);
        let end = ((part - enter) / (leave - enter)).min(1.0);
        let pieces = if goes_on == [false; 2] { 1 } else { FADING };
        let first = usize::from(!self.piece.is_empty());
        for k in first..=pieces {
            let share = end * k as f64 / pieces as f64;
            let place = sheet.screen_from_fractions(mix(a, b, share));
            let strength = strength(share, length, goes_on);
            self.piece.push((place, strength as f32));
        }
    }

    fn lift(&mut self) {
        self.pieces.push(std::mem::take(&mut self.piece));
    }

    fn pieces(mut self) -> Vec<Piece> {
        self.lift();
        self.pieces.retain(|piece| piece.len() > 1);
        self.pieces
    }
}

fn mix(a: [f64; 2], b: [f64; 2], t: f64) -> [f64; 2] {
    [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t]
}
