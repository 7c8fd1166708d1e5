//! Contours with their losses, and the paths over them; of a curve the curve.

use super::axes::{Axis, Frame, Shape};
use super::ink::Ink;
use super::{Anchor, Area, Item, NUMBERS, Sheet, Text, fonts};
use crate::experiment::Contours;
use crate::export::{PanelScene, Scene};
use crate::landscape::contour::isolines;
use crate::landscape::labels::{LabelRoom, isoline_labels};
use crate::landscape::{CriticalKind, CriticalPoint, clip_to_unit, ticks};
use crate::palette::mixed;
use crate::palette::strokes::MOST_MARKS;

/// Every so many lines one is stronger and has its loss written on it.
const STRONG: usize = 5;
/// Of a map that is not true to units, and of a curve.
const USUAL: f64 = 0.72;
/// What differs by less than this from a straight line is one, in points.
const STRAIGHT: f64 = 0.03;
const TICKS: usize = 5;
/// The size of isolines' losses.
const LABELS: f64 = NUMBERS - 0.5;
/// How wide a path is.
const PATH: f64 = 1.25;
/// A path of more iterates may scribble: what it draws over and over is left out.
const LONG: usize = 2000;
/// Between iterates that are dots on a curve.
const DOTS_APART: f64 = 2.2;
/// Iterates are drawn as if they were no further away, in lengths of the frame.
const FURTHEST: f64 = 1e9;

/// Draws them from the area's upper edge on; the result is where they end.
pub(super) fn draw(sheet: &mut Sheet, scene: &Scene, drawn: &PanelScene, area: Area) -> f64 {
    let panel = &drawn.panel;
    let [x_title, y_title, loss_title] = &panel.labels;
    let along = |[low, high]: [f64; 2], title: &str| {
        axis(&ticks::round_ticks(low, high, TICKS), title, |value| {
            (value - low) / (high - low)
        })
    };
    let across = along(panel.domain.x, x_title);
    let upright = match panel.domain.y {
        Some(range) => along(range, y_title),
        None => {
            let losses = drawn.scale.ticks(TICKS);
            axis(&losses, loss_title, |loss| curve_height(drawn, loss))
        }
    };
    let shape = match panel.domain.y {
        Some(_) if panel.is_to_scale() => {
            let [width, height] = panel.domain.size();
            Shape::True(height / width)
        }
        _ => Shape::Usual(USUAL),
    };
    let around = Frame::new(sheet, area, [&across, &upright], shape);
    let frame = around.area;
    sheet.items.push(Item::Clip(frame));
    if drawn.is_curve() {
        curve(sheet, drawn, frame);
    } else {
        ground(sheet, scene, drawn, frame);
        paths(sheet, drawn, frame);
    }
    sheet.items.push(Item::ClipEnd);
    let end = around.draw(sheet);
    marks(sheet, drawn, frame);
    end
}

pub(super) fn axis(values: &[f64], title: &str, place: impl Fn(f64) -> f64) -> Axis {
    let texts = ticks::labels(values);
    Axis {
        title: texts.title(title),
        ticks: values
            .iter()
            .map(|value| place(*value))
            .zip(texts.texts)
            .collect(),
    }
}

/// Isolines and their losses; below them the cells of a map.
fn ground(sheet: &mut Sheet, scene: &Scene, drawn: &PanelScene, frame: Area) {
    let (grid, panel, theme) = (&drawn.fine_grid(), &drawn.panel, sheet.theme);
    let map = drawn.map.as_ref().filter(|map| map.on_surface);
    let mapped = map.is_some();
    if let Some(map) = map {
        let (size, rgb) = map.pixels(theme, scene.experiment.view.colormap);
        // The outermost cells reach beyond the frame.
        let [x, y] = map.edges();
        let corner = |x: f64, y: f64| {
            let [s, t] = grid.domain.fractions(&[x, y]);
            frame.at(s, t)
        };
        let ([left, top], [right, bottom]) = (corner(x[0], y[1]), corner(x[1], y[0]));
        let area = Area {
            left,
            top,
            width: right - left,
            height: bottom - top,
        };
        sheet.items.push(Item::Picture { area, size, rgb });
    }
    let levels = panel.isoline_levels(&drawn.scale);
    let stride = match panel.contours {
        Contours::Bands(count) if count > STRONG => STRONG,
        _ => 1,
    };
    let is_strong = |k: usize| (k + 1).is_multiple_of(stride);
    let domain = grid.domain;
    for (k, isoline) in isolines(grid, &levels).into_iter().enumerate() {
        let lines = isoline.lines.into_iter().map(|line| {
            let points = line.into_iter().map(|point| {
                let [s, t] = domain.fractions(&point);
                frame.at(s, t)
            });
            simplified(&points.collect::<Vec<_>>())
        });
        let (width, part) = if is_strong(k) {
            (0.55, 0.42)
        } else {
            (0.3, 0.62)
        };
        let color = mixed(theme.text, theme.background, part);
        sheet.lines(lines.collect(), color, width, None);
    }
    let strong: Vec<f64> = levels
        .into_iter()
        .enumerate()
        .filter(|(k, _)| is_strong(*k))
        .map(|(_, l)| l)
        .collect();
    let texts = ticks::labels(&strong);
    let room = LabelRoom {
        sides: [frame.width, frame.height],
        apart: 46.0,
        from_edge: 14.0,
        most: 14,
    };
    for label in isoline_labels(grid, &strong, &texts.texts, room) {
        let [s, t] = domain.fractions(&label.at);
        let [width, height] = domain.size();
        let slope = [
            label.along[0] / width * frame.width,
            -label.along[1] / height * frame.height,
        ];
        // Read from the left, never head over heels.
        let mut turn = slope[1].atan2(slope[0]);
        if turn.abs() > std::f64::consts::FRAC_PI_2 {
            turn -= std::f64::consts::PI.copysign(turn);
        }
        let [x, y] = frame.at(s, t);
        if !has_room([x, y], turn, &label.text, frame) {
            continue;
        }
        let text = Text {
            at: [x, y],
            text: label.text,
            size: LABELS,
            anchor: Anchor::Middle,
            turn,
            color: theme.muted,
            halo: mapped.then_some(theme.background),
        };
        if !mapped {
            sheet.gap_for(&text);
        }
        let down = 0.33 * text.size;
        let at = [x - down * turn.sin(), y + down * turn.cos()];
        sheet.items.push(Item::Text(Text { at, ..text }));
    }
}

/// Whether all of a text around a place lies within the frame.
fn has_room([x, y]: [f64; 2], turn: f64, text: &str, frame: Area) -> bool {
    let (length, tall) = (fonts::room(text, LABELS) + 2.0, LABELS + 1.0);
    let (sin, cos) = (turn.sin().abs(), turn.cos().abs());
    let across = 0.5 * (length * cos + tall * sin);
    let down = 0.5 * (length * sin + tall * cos);
    let is_within = |c: f64, by: f64, [low, high]: [f64; 2]| c - by >= low && c + by <= high;
    is_within(x, across, [frame.left, frame.right()])
        && is_within(y, down, [frame.top, frame.bottom()])
}

impl Sheet {
    /// Leaves room in lines for words around their middle.
    fn gap_for(&mut self, text: &Text) {
        let half = [
            0.5 * fonts::room(&text.text, text.size) + 1.0,
            0.45 * text.size,
        ];
        let (sin, cos) = text.turn.sin_cos();
        let corners = [[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]].map(|[p, q]| {
            let [across, down] = [p * half[0], q * half[1]];
            let [x, y] = text.at;
            [x + across * cos - down * sin, y + across * sin + down * cos]
        });
        self.items.push(Item::Path {
            lines: vec![corners.to_vec()],
            closed: true,
            stroke: None,
            fill: Some(self.theme.background),
        });
    }
}

fn paths(sheet: &mut Sheet, drawn: &PanelScene, frame: Area) {
    for descent in drawn.descents.iter().filter(|descent| descent.spec.shown) {
        let casing = sheet.casing(descent.color);
        let mut lines: Vec<Vec<[f64; 2]>> = vec![Vec::new()];
        let places: Vec<[f64; 2]> = descent
            .places
            .iter()
            .map(|place| near(drawn.grid.domain.fractions(place)))
            .collect();
        let mut is_skipped = false;
        let mut ink = (places.len() > LONG).then(|| Ink::new(frame, PATH));
        for pair in places.windows(2) {
            let (a, b) = (pair[0], pair[1]);
            let Some((enter, leave)) = clip_to_unit(a, b) else {
                lift(&mut lines);
                continue;
            };
            let at = |t: f64| frame.at(a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t);
            let ink = ink.as_mut();
            if ink.is_some_and(|ink| !ink.adds(at(enter), at(leave))) {
                is_skipped = true;
                continue;
            }
            // Over what is inked a slow path goes on, so that it is one line.
            let [x, y] = at(enter);
            let is_near = |end: &[f64; 2]| (end[0] - x).hypot(end[1] - y) < PATH;
            let end = lines.last().and_then(|line| line.last());
            if enter > 0.0 || (is_skipped && !end.is_some_and(is_near)) {
                lift(&mut lines);
            }
            if let Some(line) = lines.last_mut() {
                if line.is_empty() || is_skipped {
                    line.push(at(enter));
                }
                line.push(at(leave));
            }
            is_skipped = false;
            if leave < 1.0 {
                lift(&mut lines);
            }
        }
        let lines: Vec<_> = lines.iter().map(|line| simplified(line)).collect();
        sheet.lines(lines.clone(), casing, 2.2, None);
        let dash = descent.dashed.then_some([3.0, 1.8]);
        sheet.lines(lines, descent.color, PATH, dash);
    }
}

/// The next point has no line towards it.
fn lift(lines: &mut Vec<Vec<[f64; 2]>>) {
    if lines.last().is_some_and(|line| !line.is_empty()) {
        lines.push(Vec::new());
    }
}

/// In the same direction, but so near that differences between such places have digits within the frame.
fn near(place: [f64; 2]) -> [f64; 2] {
    let place = place.map(|c| c.clamp(-f64::MAX, f64::MAX));
    let far = place[0].abs().max(place[1].abs());
    if far > FURTHEST {
        place.map(|c| c / far * FURTHEST)
    } else {
        place
    }
}

/// The height of a loss along a curve's axis: there is room above and below for what stands on it.
fn curve_height(drawn: &PanelScene, loss: f64) -> f64 {
    0.05 + 0.9 * drawn.scale.fraction(loss)
}

fn curve(sheet: &mut Sheet, drawn: &PanelScene, frame: Area) {
    let domain = drawn.grid.domain;
    let at = |x: f64, loss: f64| {
        frame.at(
            domain.fractions(&[x])[0],
            curve_height(drawn, loss).clamp(-2.0, 3.0),
        )
    };
    let pieces = drawn.grid.curve_pieces().into_iter().map(|piece| {
        let points: Vec<[f64; 2]> = piece.into_iter().map(|[x, loss]| at(x, loss)).collect();
        simplified(&points)
    });
    let color = sheet.theme.muted;
    sheet.lines(pieces.collect(), color, 1.2, None);
    for descent in drawn.descents.iter().filter(|descent| descent.spec.shown) {
        // Iterates a good deal apart: else they would be a band.
        let mut last: Option<[f64; 2]> = None;
        let mut ink = Ink::new(frame, DOTS_APART);
        for (place, loss) in descent.places.iter().zip(descent.history.losses()) {
            let point = at(place[0], *loss);
            let apart = |[x, y]: [f64; 2]| (point[0] - x).hypot(point[1] - y);
            let is_far = last.is_none_or(|last| apart(last) > DOTS_APART);
            if is_far && domain.contains(&[place[0]]) && ink.adds_dot(point) {
                sheet.dot(point, 0.9, descent.color);
                last = Some(point);
            }
        }
    }
}

/// Minima and saddles, starts and ends.
fn marks(sheet: &mut Sheet, drawn: &PanelScene, frame: Area) {
    let domain = drawn.grid.domain;
    let at = |place: &[f64], loss: f64| {
        let [s, t] = domain.fractions(place);
        let height = if drawn.is_curve() {
            curve_height(drawn, loss)
        } else {
            t
        };
        let inside = |c: f64| (-1e-9..=1.0 + 1e-9).contains(&c);
        (inside(s) && inside(height)).then(|| frame.at(s, height))
    };
    let many = drawn.critical.len() > MOST_MARKS;
    let is_told = |kind: CriticalKind| kind.is_lowest() || kind == CriticalKind::GivenMinimum;
    let is_worth = |point: &&CriticalPoint| !many || is_told(point.kind);
    for point in drawn.critical.iter().filter(is_worth).take(MOST_MARKS) {
        if let Some(place) = at(&point.at, point.value) {
            sheet.critical(place, point.kind);
        }
    }
    let shown = || drawn.descents.iter().filter(|descent| descent.spec.shown);
    for descent in shown() {
        if let (Some(place), Some(loss)) =
            (descent.places.first(), descent.history.losses().first())
            && let Some(place) = at(place, *loss)
        {
            sheet.ring(place, 2.4, descent.color);
        }
    }
    for descent in shown() {
        if let (Some(place), Some(loss)) = (descent.places.last(), descent.history.losses().last())
            && let Some(place) = at(place, *loss)
        {
            sheet.end(place, descent.status, descent.color);
        }
    }
}

/// A line without the points that lie on it anyway (Douglas and Peucker 1973).
pub(super) fn simplified(line: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let Some(last) = line.len().checked_sub(1).filter(|last| *last > 1) else {
        return line.to_vec();
    };
    let mut kept = vec![false; line.len()];
    (kept[0], kept[last]) = (true, true);
    let mut spans = vec![(0, last)];
    while let Some((from, to)) = spans.pop() {
        let (a, b) = (line[from], line[to]);
        let along = [b[0] - a[0], b[1] - a[1]];
        let length = along[0].hypot(along[1]);
        let away = |k: usize| {
            let off = [line[k][0] - a[0], line[k][1] - a[1]];
            let part = (off[0] * along[0] + off[1] * along[1]) / (length * length);
            if length == 0.0 || !(0.0..=1.0).contains(&part) {
                let end = if part > 1.0 { b } else { a };
                return (line[k][0] - end[0]).hypot(line[k][1] - end[1]);
            }
            (off[0] * along[1] - off[1] * along[0]).abs() / length
        };
        let furthest = (from + 1..to).max_by(|i, k| away(*i).total_cmp(&away(*k)));
        if let Some(k) = furthest.filter(|k| away(*k) > STRAIGHT) {
            kept[k] = true;
            spans.extend([(from, k), (k, to)]);
        }
    }
    let kept = line.iter().zip(kept).filter(|(_, kept)| *kept);
    kept.map(|(point, _)| *point).collect()
}
