//! The panel in focus from above: isolines, the descents' paths, and the direction of descent, true to units and turning
//! with the camera. For a curve it is the classic plot of f with the iterates on it.

use std::collections::BTreeMap;
use std::sync::Arc;

use bevy_egui::egui;
use egui::{Color32, ColorImage, Painter, Pos2, Rect, Shape, Stroke, TextureHandle, pos2, vec2};

use super::style::{color32, font, with_alpha};
use super::{LabReader, Shown};
use crate::experiment::ColorMap;
use crate::lab::Scenery;
use crate::lab::model::Field;
use crate::lab::theme::{self, Theme};
use crate::landscape::critical::CriticalKind;
use crate::landscape::{Domain, HeightScale, ticks};

/// Arrows along the longer side.
const ARROWS: usize = 13;
const MARGIN: f32 = 26.0;
/// Path points nearer than this are one, in logical pixels.
const SAME_POINT: f32 = 0.6;
/// The background's side is a multiple of so many pixels, so that it is not made anew at every pixel of a resize.
const SIZE_STEP: usize = 64;
const MAX_PIXELS: usize = 1024;

/// The maps, one a panel: made anew when the landscape, the colours or the size change, because lines by the thousand
/// would be the dearest thing in a frame.
#[derive(Default)]
pub(crate) struct ContourMaps(BTreeMap<usize, Map>);

/// The colours with isolines as a texture, and the arrows of steepest descent.
struct Map {
    key: MapKey,
    texture: TextureHandle,
    arrows: Vec<Arrow>,
}

struct MapKey {
    field: Arc<Field>,
    scale: HeightScale,
    contours: usize,
    colors: ColorMap,
    pixels: usize,
}

impl PartialEq for MapKey {
    fn eq(&self, other: &MapKey) -> bool {
        Arc::ptr_eq(&self.field, &other.field)
            && self.scale == other.scale
            && self.contours == other.contours
            && self.colors == other.colors
            && self.pixels == other.pixels
    }
}

/// From one place in the parameters to another.
struct Arrow {
    from: [f64; 2],
    to: [f64; 2],
}

impl ContourMaps {
    fn get(
        &mut self,
        ctx: &egui::Context,
        panel: usize,
        scenery: &Scenery,
        colors: ColorMap,
        side: f32,
    ) -> Option<&Map> {
        let pixels = (side * ctx.pixels_per_point()) as usize;
        let key = MapKey {
            field: scenery.field.clone(),
            scale: scenery.scale,
            contours: scenery.panel.contours,
            colors,
            pixels: pixels.div_ceil(SIZE_STEP).max(1) * SIZE_STEP,
        };
        if self.0.get(&panel).is_none_or(|map| map.key != key) {
            let image = background(scenery, colors, key.pixels.min(MAX_PIXELS));
            let options = egui::TextureOptions::LINEAR;
            let texture = ctx.load_texture(format!("contours {panel}"), image, options);
            let arrows = arrows(scenery);
            self.0.insert(
                panel,
                Map {
                    key,
                    texture,
                    arrows,
                },
            );
        }
        self.0.get(&panel)
    }
}

/// The landscape's colours with its isolines, as the surface has them, `pixels` a side.
fn background(scenery: &Scenery, colors: ColorMap, pixels: usize) -> ColorImage {
    let lut = theme::color_map(colors, 256);
    let [x0, x1] = scenery.panel.domain.x;
    let [y0, y1] = scenery.panel.domain.y.unwrap_or([0.0, 1.0]);
    let at = |k: usize, [low, high]: [f64; 2]| low + (high - low) * k as f64 / (pixels - 1) as f64;
    let heights: Vec<f32> = (0..pixels)
        .rev()
        .flat_map(|row| (0..pixels).map(move |col| (col, row)))
        .map(|(col, row)| {
            let grid = &scenery.field.grid;
            grid.interpolate(at(col, [x0, x1]), at(row, [y0, y1]))
                .filter(|loss| loss.is_finite())
                .map_or(f32::NAN, |loss| scenery.scale.fraction(loss) as f32)
        })
        .collect();
    let height = |col: usize, row: usize| heights[row * pixels + col];
    let mut image = Vec::with_capacity(heights.len());
    for row in 0..pixels {
        for col in 0..pixels {
            let here = height(col, row);
            if !here.is_finite() {
                image.push(Color32::TRANSPARENT);
                continue;
            }
            let color = lut[(here.clamp(0.0, 1.0) * 255.0).round() as usize];
            let across =
                height((col + 1).min(pixels - 1), row) - height(col.saturating_sub(1), row);
            let along = height(col, (row + 1).min(pixels - 1)) - height(col, row.saturating_sub(1));
            let slope = across.hypot(along) / 2.0 * scenery.panel.contours as f32;
            let line = isoline(here * scenery.panel.contours as f32, slope);
            image.push(color32(color.map(|c| (f32::from(c) * (1.0 - line)) as u8)));
        }
    }
    ColorImage::new([pixels, pixels], image)
}

/// How much of a pixel an isoline darkens: `level` counts levels, `slope` is levels a pixel. Every fifth is stronger, and
/// where lines would crowd they fade.
fn isoline(level: f32, slope: f32) -> f32 {
    let nearest = level.round();
    if nearest < 0.5 || !slope.is_finite() {
        return 0.0;
    }
    let strong = nearest % 5.0 == 0.0;
    let distance = (level - nearest).abs() / slope.max(1e-6);
    let width = if strong { 1.5 } else { 1.2 };
    let crowd = 1.0 - ((slope - 0.15) / 0.25).clamp(0.0, 1.0);
    let strength = if strong { 0.55 } else { 0.38 };
    (width - distance).clamp(0.0, 1.0) * strength * crowd
}

pub(crate) fn inset_ui(
    ui: &mut egui::Ui,
    size: egui::Vec2,
    lab: &LabReader,
    scenery: &Scenery,
    descents: &[Shown<'_>],
    maps: &mut ContourMaps,
    panel: usize,
) {
    let (rect, _) = ui.allocate_exact_size(size.max(vec2(60.0, 60.0)), egui::Sense::hover());
    let painter = ui.painter_at(rect);
    let position = lab.playback.position();
    if scenery.is_curve() {
        curve(&painter, rect, &lab.theme, scenery, descents, position);
        return;
    }
    let map = TurnedMap::new(scenery.panel.domain, rect.shrink(MARGIN), lab.rig.pose.yaw);
    let colors = lab.current.experiment.view.colormap;
    // Not the map's own side, which changes as it turns.
    let side = rect.width().min(rect.height());
    if let Some(made) = maps.get(ui.ctx(), panel, scenery, colors, side) {
        map.paint_background(&painter, made.texture.id());
        paint_arrows(&painter, &made.arrows, &map);
    }
    let inside = painter.with_clip_rect(rect);
    for point in &scenery.field.critical {
        let (&[x, y], kind) = (&[point.at[0], point.at[1]], point.kind);
        if matches!(
            kind,
            CriticalKind::GlobalMinimum | CriticalKind::LocalMinimum
        ) {
            let radius = if kind == CriticalKind::GlobalMinimum {
                3.2
            } else {
                2.2
            };
            let stroke = Stroke::new(1.0, color32(lab.theme.casing));
            inside.circle(map.screen(x, y), radius, Color32::WHITE, stroke);
        }
    }
    for descent in descents.iter().filter(|descent| descent.style.shown) {
        let path = path(descent, position, &scenery.field.plane, |x, y| {
            map.screen(x, y)
        });
        trail(&inside, &lab.theme, descent, path);
    }
    map.paint_frame(&painter, &lab.theme, scenery);
}

/// The path up to the position shown, on the screen.
fn path(
    descent: &Shown<'_>,
    position: f64,
    plane: &crate::plane::Plane,
    screen: impl Fn(f64, f64) -> Pos2,
) -> Vec<Pos2> {
    let history = descent.run.history();
    let Some(last) = history.len().checked_sub(1) else {
        return Vec::new();
    };
    let position = position.min(last as f64);
    let whole = position.floor() as usize;
    let place = |step: usize| {
        let [x, y] = plane.coordinates(history.at(step));
        screen(x, y)
    };
    let mut points: Vec<Pos2> = thinned((0..=whole).map(place));
    if whole < last {
        let (from, to) = (place(whole), place(whole + 1));
        points.push(from + (to - from) * (position - whole as f64) as f32);
    }
    points
}

/// Points without those that fall on the same pixel as the one before. Far-off points are brought within f32's reach.
fn thinned(points: impl Iterator<Item = Pos2>) -> Vec<Pos2> {
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

fn trail(painter: &Painter, theme: &Theme, descent: &Shown<'_>, points: Vec<Pos2>) {
    let color = color32(descent.style.color);
    let (Some(&start), Some(&end)) = (points.first(), points.last()) else {
        return;
    };
    if points.len() > 1 {
        let casing = Stroke::new(3.2, with_alpha(theme.casing, 150));
        painter.add(Shape::line(points.clone(), casing));
        let line = Stroke::new(1.8, color);
        if descent.style.dashed {
            painter.extend(Shape::dashed_line(&points, line, 4.0, 2.5));
        } else {
            painter.add(Shape::line(points, line));
        }
    }
    painter.circle_stroke(start, 3.0, Stroke::new(1.4, color));
    painter.circle(end, 4.0, color, Stroke::new(1.0, color32(theme.casing)));
}

/// The domain as it lies in the inset: one scale for both axes, turned with the camera.
struct TurnedMap {
    domain: [[f64; 2]; 2],
    center: Pos2,
    pixels_per_unit: f64,
    sin: f64,
    cos: f64,
}

impl TurnedMap {
    fn new(domain: Domain, rect: Rect, yaw: f64) -> TurnedMap {
        let domain = [domain.x, domain.y.unwrap_or([0.0, 1.0])];
        let [width, height] = domain.map(|[low, high]| high - low);
        let (sin, cos) = yaw.sin_cos();
        let across = width * cos.abs() + height * sin.abs();
        let along = width * sin.abs() + height * cos.abs();
        TurnedMap {
            domain,
            center: rect.center(),
            pixels_per_unit: (f64::from(rect.width()) / across)
                .min(f64::from(rect.height()) / along),
            sin,
            cos,
        }
    }

    fn screen(&self, x: f64, y: f64) -> Pos2 {
        let [dx, dy] = [(x, self.domain[0]), (y, self.domain[1])]
            .map(|(value, [low, high])| (value - (low + high) / 2.0) * self.pixels_per_unit);
        // Right of and ahead of the viewer.
        let right = dx * self.cos + dy * self.sin;
        let ahead = dy * self.cos - dx * self.sin;
        self.center + vec2(right as f32, -ahead as f32)
    }

    fn corners(&self) -> [Pos2; 4] {
        let [[x0, x1], [y0, y1]] = self.domain;
        [(x0, y0), (x1, y0), (x1, y1), (x0, y1)].map(|(x, y)| self.screen(x, y))
    }

    fn paint_background(&self, painter: &Painter, texture: egui::TextureId) {
        let mut mesh = egui::Mesh::with_texture(texture);
        let uv = [(0.0, 1.0), (1.0, 1.0), (1.0, 0.0), (0.0, 0.0)];
        for (corner, (u, v)) in self.corners().into_iter().zip(uv) {
            mesh.vertices.push(egui::epaint::Vertex {
                pos: corner,
                uv: pos2(u, v),
                color: Color32::WHITE,
            });
        }
        mesh.add_triangle(0, 1, 2);
        mesh.add_triangle(0, 2, 3);
        painter.add(mesh);
    }

    /// The outline, ticks on the two sides nearest to the viewer, and the axes' names.
    fn paint_frame(&self, painter: &Painter, theme: &Theme, scenery: &Scenery) {
        let corners = self.corners();
        let outline = Stroke::new(1.0, color32(theme.axis));
        painter.add(Shape::closed_line(corners.to_vec(), outline));
        let [[x0, x1], [y0, y1]] = self.domain;
        // The sides nearest to the viewer are those lowest in the picture.
        let near_y = if self.cos >= 0.0 { y0 } else { y1 };
        let near_x = if self.sin >= 0.0 { x1 } else { x0 };
        for (axis, title) in scenery.panel.labels.iter().take(2).enumerate() {
            let [low, high] = self.domain[axis];
            let place = |value: f64| {
                if axis == 0 {
                    self.screen(value, near_y)
                } else {
                    self.screen(near_x, value)
                }
            };
            let middle = place((low + high) / 2.0);
            let outwards = (middle - self.center).normalized();
            let values = ticks::round_ticks(low, high, 4);
            for (&value, text) in values.iter().zip(ticks::labels(&values)) {
                let at = place(value) + outwards * 9.0;
                let center = egui::Align2::CENTER_CENTER;
                painter.text(at, center, text, font(10.0), color32(theme.muted));
            }
            let at = middle + outwards * 20.0;
            let center = egui::Align2::CENTER_CENTER;
            painter.text(at, center, title, font(11.5), color32(theme.text));
        }
    }
}

/// The direction of steepest descent on a lattice of points. Lengths grow with the slope, but slowly.
fn arrows(scenery: &Scenery) -> Vec<Arrow> {
    let [x0, x1] = scenery.panel.domain.x;
    let [y0, y1] = scenery.panel.domain.y.unwrap_or([0.0, 1.0]);
    let spacing = ((x1 - x0).max(y1 - y0)) / ARROWS as f64;
    let count = |low: f64, high: f64| (((high - low) / spacing).round() as usize).max(1);
    let (cols, rows) = (count(x0, x1), count(y0, y1));
    let mut field = Vec::with_capacity(cols * rows);
    let mut gradient = [0.0; 2];
    for row in 0..rows {
        for col in 0..cols {
            let x = x0 + (x1 - x0) * (col as f64 + 0.5) / cols as f64;
            let y = y0 + (y1 - y0) * (row as f64 + 0.5) / rows as f64;
            scenery.field.objective.gradient(&[x, y], &mut gradient);
            let slope = gradient[0].hypot(gradient[1]);
            if slope.is_finite() && slope > 0.0 {
                field.push((x, y, gradient.map(|g| g / slope), slope));
            }
        }
    }
    let steepest = field.iter().map(|&(.., slope)| slope).fold(0.0, f64::max);
    field
        .into_iter()
        .map(|(x, y, [gx, gy], slope)| {
            let half = spacing * 0.42 * (slope / steepest).powf(0.35);
            Arrow {
                from: [x + gx * half, y + gy * half],
                to: [x - gx * half, y - gy * half],
            }
        })
        .collect()
}

fn paint_arrows(painter: &Painter, arrows: &[Arrow], map: &TurnedMap) {
    let stroke = Stroke::new(1.0, Color32::from_white_alpha(150));
    for arrow in arrows {
        let from = map.screen(arrow.from[0], arrow.from[1]);
        let to = map.screen(arrow.to[0], arrow.to[1]);
        let back = (from - to).normalized() * 3.4;
        let barb = back.rot90() * 0.6;
        painter.line_segment([from, to], stroke);
        painter.line(vec![to + back + barb, to, to + back - barb], stroke);
    }
}

/// The plot of f over x, with the iterates on it.
fn curve(
    painter: &Painter,
    rect: Rect,
    theme: &Theme,
    scenery: &Scenery,
    descents: &[Shown<'_>],
    position: f64,
) {
    let area = Rect::from_min_max(rect.min + vec2(44.0, 8.0), rect.max - vec2(10.0, 34.0));
    let [x0, x1] = scenery.panel.domain.x;
    let screen = |x: f64, loss: f64| {
        let s = (x - x0) / (x1 - x0);
        let h = scenery.scale.fraction(loss);
        pos2(
            area.left() + area.width() * s as f32,
            area.bottom() - area.height() * h as f32,
        )
    };
    let muted = color32(theme.muted);
    let grid = Stroke::new(1.0, color32(theme.line));
    let x_ticks = ticks::round_ticks(x0, x1, 6);
    for (&x, text) in x_ticks.iter().zip(ticks::labels(&x_ticks)) {
        let at = pos2(screen(x, 0.0).x, area.bottom());
        painter.vline(at.x, area.y_range(), grid);
        let below = egui::Align2::CENTER_TOP;
        painter.text(at + vec2(0.0, 4.0), below, text, font(10.5), muted);
    }
    for loss in scenery.scale.ticks(5) {
        let at = pos2(area.left(), screen(x0, loss).y);
        painter.hline(area.x_range(), at.y, grid);
        let left = egui::Align2::RIGHT_CENTER;
        painter.text(
            at - vec2(5.0, 0.0),
            left,
            ticks::label(loss),
            font(10.5),
            muted,
        );
    }
    let [x_title, _, loss_title] = &scenery.panel.labels;
    let below = egui::Align2::CENTER_BOTTOM;
    let text = color32(theme.text);
    painter.text(
        pos2(area.center().x, rect.bottom()),
        below,
        x_title,
        font(11.5),
        text,
    );
    let corner = area.left_top() + vec2(6.0, 2.0);
    painter.text(corner, egui::Align2::LEFT_TOP, loss_title, font(11.5), text);

    let inside = painter.with_clip_rect(area.expand(5.0));
    let grid = &scenery.field.grid;
    let mut piece = Vec::new();
    for (col, &loss) in grid.values.iter().enumerate() {
        if loss.is_finite() {
            piece.push(screen(grid.x(col), loss));
        } else {
            let line = std::mem::take(&mut piece);
            inside.add(Shape::line(line, Stroke::new(2.0, color32(theme.axis))));
        }
    }
    inside.add(Shape::line(
        thinned(piece.into_iter()),
        Stroke::new(2.0, color32(theme.axis)),
    ));
    for descent in descents.iter().filter(|descent| descent.style.shown) {
        let history = descent.run.history();
        let Some(last) = history.len().checked_sub(1) else {
            continue;
        };
        let now = (position.floor() as usize).min(last);
        let color = color32(descent.style.color);
        let points = (0..=now).map(|k| screen(history.at(k)[0], history.losses()[k]));
        let points = thinned(points);
        let faint = Stroke::new(1.0, color.gamma_multiply(0.55));
        inside.add(Shape::line(points.clone(), faint));
        for &point in &points {
            inside.circle_filled(point, 2.3, color);
        }
        if let Some(&end) = points.last() {
            inside.circle(end, 4.5, color, Stroke::new(1.2, color32(theme.casing)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::FRAC_PI_2;

    fn map(yaw: f64) -> TurnedMap {
        let domain = Domain {
            x: [-2.0, 2.0],
            y: Some([0.0, 1.0]),
        };
        let rect = Rect::from_min_size(pos2(0.0, 0.0), vec2(400.0, 300.0));
        TurnedMap::new(domain, rect, yaw)
    }

    #[test]
    fn units_are_as_long_on_both_axes() {
        for yaw in [0.0, 0.4, 2.0] {
            let map = map(yaw);
            let origin = map.screen(0.0, 0.0);
            let x = origin.distance(map.screen(1.0, 0.0));
            let y = origin.distance(map.screen(0.0, 1.0));
            assert!((x - y).abs() < 1e-3, "{x} against {y} at {yaw}");
        }
    }

    #[test]
    fn the_map_turns_with_the_camera() {
        // From the front the first axis points right and the second up.
        let front = map(0.0);
        assert!(front.screen(1.0, 0.5).x > front.screen(-1.0, 0.5).x);
        assert!(front.screen(0.0, 1.0).y < front.screen(0.0, 0.0).y);
        // From the right the first axis points towards the viewer, which is down.
        let side = map(FRAC_PI_2);
        assert!(side.screen(1.0, 0.5).y > side.screen(-1.0, 0.5).y);
        assert!(side.screen(0.0, 1.0).x > side.screen(0.0, 0.0).x);
    }
}
