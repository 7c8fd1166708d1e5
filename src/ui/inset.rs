//! The panel in focus from above: isolines, the descents' paths, and the direction of descent, true to units and turning
//! with the camera. For a curve it is the plot of f.

use bevy_egui::egui;
use egui::{Color32, Painter, Pos2, Rect, Shape, Stroke, pos2, vec2};

use super::contour_map::{Arrow, ContourMaps};
use super::highlight::{marked_step, nearest_iterate, ring};
use super::map_path::{self, MapPaths};
use super::style::{color32, font, with_alpha};
use super::{LabReader, Shown, curve_plot};
use crate::lab::theme::{MARK, SHADE, Theme};
use crate::lab::{Iterate, RangeChange, Scenery};
use crate::landscape::critical::CriticalKind;
use crate::landscape::{Domain, ticks};

const MARGIN: f32 = 26.0;
/// Change of the range's logarithm for a pixel of scrolling.
const SCROLL_ZOOM: f64 = 0.003;

/// What a person does on the inset.
#[derive(Default)]
pub(crate) struct InsetOutcome {
    pub(crate) change: Option<RangeChange>,
    pub(crate) pointed: Option<Iterate>,
}

pub(crate) fn inset_ui(
    ui: &mut egui::Ui,
    size: egui::Vec2,
    lab: &LabReader,
    scenery: &Scenery,
    descents: &[Shown<'_>],
    (maps, paths): (&mut ContourMaps, &mut MapPaths),
    panel: usize,
) -> InsetOutcome {
    let size = size.max(vec2(60.0, 60.0));
    let (rect, response) = ui.allocate_exact_size(size, egui::Sense::drag());
    let painter = ui.painter_at(rect);
    let position = lab.playback.position();
    if scenery.is_curve() {
        return InsetOutcome {
            change: None,
            pointed: curve_plot::curve_ui(
                &painter,
                rect,
                lab,
                scenery,
                descents,
                response.hover_pos(),
            ),
        };
    }
    let map = TurnedMap::new(scenery.panel.domain, rect.shrink(MARGIN), lab.rig.pose.yaw);
    let colors = lab.current.experiment.view.colormap;
    // Not the map's own side, which changes as it turns.
    let side = rect.width().min(rect.height());
    if let Some(made) = maps.get(ui.ctx(), panel, scenery, colors, side) {
        map.paint_background(&painter, made.texture.id());
        paint_arrows(&painter, &made.arrows, &map);
        for label in &made.labels {
            let at = map.screen(label.at[0], label.at[1]);
            let text = color32(MARK);
            let galley = painter.layout_no_wrap(label.text.clone(), font(9.5), text);
            let rect = egui::Align2::CENTER_CENTER.anchor_size(at, galley.size());
            painter.rect_filled(rect.expand2(vec2(2.0, 0.0)), 2.0, with_alpha(SHADE, 150));
            painter.galley(rect.min, galley, text);
        }
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
            inside.circle(map.screen(x, y), radius, color32(MARK), stroke);
        }
    }
    for descent in descents.iter().filter(|descent| descent.style.shown) {
        if let Some(path) = paths.path(panel, descent, position, scenery, &map) {
            if lab.path_ahead.0 {
                let ahead = paths.ahead(panel, descent, position, scenery, &map);
                map_path::faint(&inside, descent, ahead);
            }
            map_path::trail(&inside, &lab.theme, descent, path);
        }
    }
    map.paint_frame(&painter, &lab.theme, scenery);
    for descent in descents.iter().filter(|descent| descent.style.shown) {
        if let Some(step) = marked_step(lab, descent) {
            let [x, y] = scenery
                .field
                .plane
                .coordinates(descent.run.history().at(step));
            if scenery.panel.domain.contains(&[x, y]) {
                ring(&inside, &lab.theme, map.screen(x, y));
            }
        }
    }
    let pointer = response.hover_pos().filter(|_| !response.dragged());
    InsetOutcome {
        change: map.change(ui, &response),
        pointed: pointer.and_then(|pointer| {
            let iterates = descents.iter().filter(|descent| descent.style.shown);
            let iterates = iterates.flat_map(|descent| {
                paths.iterates(panel, descent, (position, lab.path_ahead.0), &map)
            });
            nearest_iterate(pointer, iterates)
        }),
    }
}

fn paint_arrows(painter: &Painter, arrows: &[Arrow], map: &TurnedMap) {
    let stroke = Stroke::new(1.0, with_alpha(MARK, 150));
    for arrow in arrows {
        let from = map.screen(arrow.from[0], arrow.from[1]);
        let to = map.screen(arrow.to[0], arrow.to[1]);
        let back = (from - to).normalized() * 3.4;
        let barb = back.rot90() * 0.6;
        painter.line_segment([from, to], stroke);
        painter.line(vec![to + back + barb, to, to + back - barb], stroke);
    }
}

/// The domain as it lies in the inset: one scale for both axes, turned with the camera.
pub(super) struct TurnedMap {
    pub(super) domain: [[f64; 2]; 2],
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

    /// Parameters as fractions of the map.
    pub(super) fn fractions(&self, place: [f64; 2]) -> [f64; 2] {
        std::array::from_fn(|axis| {
            let [low, high] = self.domain[axis];
            (place[axis] - low) / (high - low)
        })
    }

    /// What a drag or a scroll over the map makes of its range.
    fn change(&self, ui: &egui::Ui, response: &egui::Response) -> Option<RangeChange> {
        let delta = response.drag_delta();
        if delta != vec2(0.0, 0.0) {
            let [from, to] = [self.center, self.center + delta].map(|at| self.fractions_at(at));
            return Some(RangeChange::Move([from[0] - to[0], from[1] - to[1]]));
        }
        let pointer = response.hover_pos()?;
        let (scroll, pinch) = ui.input(|input| (input.smooth_scroll_delta.y, input.zoom_delta()));
        let factor = (-SCROLL_ZOOM * f64::from(scroll)).exp() / f64::from(pinch);
        (factor != 1.0).then(|| RangeChange::Zoom {
            factor,
            at: self.fractions_at(pointer).map(|c| c.clamp(0.0, 1.0)),
        })
    }

    /// The fractions of the map at a place on the screen: the inverse of [`screen_from_fractions`](Self::screen_from_fractions).
    fn fractions_at(&self, at: Pos2) -> [f64; 2] {
        let [right, ahead] = [at.x - self.center.x, self.center.y - at.y].map(f64::from);
        let [dx, dy] = [
            right * self.cos - ahead * self.sin,
            right * self.sin + ahead * self.cos,
        ];
        let [width, height] = self.domain.map(|[low, high]| high - low);
        [
            0.5 + dx / self.pixels_per_unit / width,
            0.5 + dy / self.pixels_per_unit / height,
        ]
    }

    pub(super) fn screen_from_fractions(&self, fractions: [f64; 2]) -> Pos2 {
        let [x, y] = std::array::from_fn(|axis| {
            let [low, high] = self.domain[axis];
            low + (high - low) * fractions[axis]
        });
        self.screen(x, y)
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
    fn a_place_on_the_screen_leads_back_to_its_fractions() {
        for yaw in [0.0, 0.4, 2.0, -1.3] {
            let map = map(yaw);
            for fractions in [[0.5, 0.5], [0.1, 0.9], [1.0, 0.0]] {
                let back = map.fractions_at(map.screen_from_fractions(fractions));
                let off = (back[0] - fractions[0]).hypot(back[1] - fractions[1]);
                assert!(off < 1e-4, "{back:?} instead of {fractions:?} at {yaw}");
            }
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
