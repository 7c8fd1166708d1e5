//! The domain as it lies in the inset: upright, or turned with the camera; its frame, numbers and names.

use bevy_egui::egui;
use egui::{Align2, Color32, Painter, Pos2, Rect, Shape, Stroke, pos2, vec2};

use crate::lab::theme::Theme;
use crate::lab::{CameraPose, PanelLandscape, RangeChange};
use crate::landscape::{Domain, ticks};
use crate::ui::text::style::{color32, font};
use crate::ui::text::words::Words;

/// Size of the numbers at the axes.
const TICK: f32 = 10.0;
/// Change of the range's logarithm for a pixel of scrolling.
const SCROLL_ZOOM: f64 = 0.003;

/// The domain as it lies in the inset: upright, or turned with the camera.
pub(super) struct TurnedMap {
    pub(super) domain: [[f64; 2]; 2],
    center: Pos2,
    /// Along x and y.
    pixels_per_unit: [f64; 2],
    sin: f64,
    cos: f64,
}

impl TurnedMap {
    /// As large as it may be in a rectangle, the first axis turned away from the right by `yaw`. `shape` are the
    /// lengths of the axes against each other.
    pub(super) fn new(domain: Domain, rect: Rect, yaw: f64, shape: [f64; 2]) -> TurnedMap {
        let domain = [domain.x, domain.y.unwrap_or([0.0, 1.0])];
        let (sin, cos) = yaw.sin_cos();
        let across = shape[0] * cos.abs() + shape[1] * sin.abs();
        let along = shape[0] * sin.abs() + shape[1] * cos.abs();
        let size = (f64::from(rect.width()) / across).min(f64::from(rect.height()) / along);
        TurnedMap {
            domain,
            center: rect.center(),
            pixels_per_unit: [0, 1].map(|k| size * shape[k] / (domain[k][1] - domain[k][0])),
            sin,
            cos,
        }
    }

    pub(super) fn screen(&self, x: f64, y: f64) -> Pos2 {
        let [dx, dy] = [(x, 0), (y, 1)].map(|(value, axis)| {
            let [low, high] = self.domain[axis];
            (value - (low + high) / 2.0) * self.pixels_per_unit[axis]
        });
        // Right of and ahead of the viewer.
        let right = dx * self.cos + dy * self.sin;
        let ahead = dy * self.cos - dx * self.sin;
        self.center + vec2(right as f32, -ahead as f32)
    }

    /// The lengths of its axes, in logical pixels.
    pub(super) fn sides(&self) -> [f64; 2] {
        [0, 1].map(|k| self.pixels_per_unit[k] * (self.domain[k][1] - self.domain[k][0]))
    }

    /// A wedge at the edge, on the side from where the scene is seen.
    pub(super) fn paint_viewer(&self, painter: &Painter, theme: &Theme, pose: &CameraPose) {
        const DEPTH: f32 = 9.0;
        // From above there is no side.
        if pose.pitch.abs() > 1.45 {
            return;
        }
        let from = vec2(pose.yaw.sin() as f32, pose.yaw.cos() as f32);
        let half = self.sides().map(|side| side as f32 / 2.0);
        let reach = (half[0] / from.x.abs()).min(half[1] / from.y.abs());
        let tip = self.center + from * (reach - DEPTH);
        let foot = self.center + from * reach;
        let across = from.rot90() * (0.6 * DEPTH);
        let wedge = vec![tip, foot + across, foot - across];
        let outline = Stroke::new(1.0, color32(theme.casing));
        painter.add(Shape::convex_polygon(wedge, color32(theme.accent), outline));
    }

    /// Parameters as fractions of the map.
    pub(super) fn fractions(&self, place: [f64; 2]) -> [f64; 2] {
        std::array::from_fn(|axis| {
            let [low, high] = self.domain[axis];
            (place[axis] - low) / (high - low)
        })
    }

    /// What a drag or a scroll over the map makes of its range.
    pub(super) fn change(&self, ui: &egui::Ui, response: &egui::Response) -> Option<RangeChange> {
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
            0.5 + dx / self.pixels_per_unit[0] / width,
            0.5 + dy / self.pixels_per_unit[1] / height,
        ]
    }

    pub(super) fn screen_from_fractions(&self, fractions: [f64; 2]) -> Pos2 {
        let [x, y] = std::array::from_fn(|axis| {
            let [low, high] = self.domain[axis];
            low + (high - low) * fractions[axis]
        });
        self.screen(x, y)
    }

    fn corners(&self, [[x0, x1], [y0, y1]]: [[f64; 2]; 2]) -> [Pos2; 4] {
        [(x0, y0), (x1, y0), (x1, y1), (x0, y1)].map(|(x, y)| self.screen(x, y))
    }

    /// Colours of a range, which is another one while they are being made.
    pub(super) fn paint_background(&self, painter: &Painter, texture: egui::TextureId, of: Domain) {
        let mut mesh = egui::Mesh::with_texture(texture);
        let uv = [(0.0, 1.0), (1.0, 1.0), (1.0, 0.0), (0.0, 0.0)];
        for (corner, (u, v)) in self.corners([of.x, of.y_or_zero()]).into_iter().zip(uv) {
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
    pub(super) fn paint_frame(&self, words: &mut Words, landscape: &PanelLandscape) {
        let corners = self.corners(self.domain);
        let outline = Stroke::new(1.0, color32(words.theme.axis));
        let outline = Shape::closed_line(corners.to_vec(), outline);
        words.painter.add(outline);
        let [text, muted] = [words.theme.text, words.theme.muted].map(color32);
        let rect = words.area;
        let [[x0, x1], [y0, y1]] = self.domain;
        // The sides nearest to the viewer are those lowest in the picture.
        let near_y = if self.cos >= 0.0 { y0 } else { y1 };
        let near_x = if self.sin > 0.0 { x1 } else { x0 };
        let upright = self.sin == 0.0;
        for (axis, title) in landscape.panel.labels.iter().take(2).enumerate() {
            let place = |value: f64| {
                if axis == 0 {
                    self.screen(value, near_y)
                } else {
                    self.screen(near_x, value)
                }
            };
            let [low, high] = self.domain[axis];
            let middle = place((low + high) / 2.0);
            let outwards = (middle - self.center).normalized();
            let (values, labels) = axis_ticks(self.domain[axis]);
            let (gap, align) = match (upright, axis) {
                (true, 1) => (5.0, Align2::RIGHT_CENTER),
                _ => (9.0, Align2::CENTER_CENTER),
            };
            let numbers = values.iter().zip(&labels.texts).map(|(&value, number)| {
                let number = words.line(number, font(TICK), muted, f32::INFINITY);
                (number, place(value) + outwards * gap, align)
            });
            let numbers: Vec<_> = numbers.collect();
            let title = labels.title(title);
            let (at, align) = if upright && axis == 1 {
                // Over its axis, where there is room for more than a letter.
                let left = (middle.x - 0.5 * TICK).max(rect.left());
                (pos2(left, corners[2].y - 3.0), Align2::LEFT_BOTTOM)
            } else {
                (middle + outwards * 20.0, Align2::CENTER_CENTER)
            };
            let most = match align {
                Align2::LEFT_BOTTOM => rect.right() - at.x,
                _ => 2.0 * (rect.right() - at.x).min(at.x - rect.left()),
            };
            let title = words.line(&title, font(11.5), text, most.max(20.0));
            words.paint_if_free(title, at, align);
            for (number, at, align) in numbers {
                words.paint_if_free(number, at, align);
            }
        }
    }
}

/// Round numbers along an axis of the map.
fn axis_ticks([low, high]: [f64; 2]) -> (Vec<f64>, ticks::Labels) {
    let values = ticks::round_ticks(low, high, 4);
    let labels = ticks::labels(&values);
    (values, labels)
}

/// What an upright map leaves to the numbers at its left and below, and to the names of its axes.
pub(super) fn upright_room(painter: &Painter, rect: Rect, domain: Domain) -> Rect {
    let (_, labels) = axis_ticks(domain.y_or_zero());
    let width = |text: &String| {
        let galley = painter.layout_no_wrap(text.clone(), font(TICK), Color32::WHITE);
        galley.size().x
    };
    let widest = labels.texts.iter().map(width).fold(0.0, f32::max);
    let left = (widest + 8.0).min(0.35 * rect.width());
    let min = rect.min + vec2(left, 18.0);
    Rect::from_min_max(
        min,
        (rect.max - vec2(12.0, 32.0)).max(min + vec2(20.0, 20.0)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::FRAC_PI_2;

    fn map(yaw: f64) -> TurnedMap {
        shaped(yaw, [4.0, 1.0])
    }

    fn shaped(yaw: f64, shape: [f64; 2]) -> TurnedMap {
        let domain = Domain {
            x: [-2.0, 2.0],
            y: Some([0.0, 1.0]),
        };
        let rect = Rect::from_min_size(pos2(0.0, 0.0), vec2(400.0, 300.0));
        TurnedMap::new(domain, rect, yaw, shape)
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
        let turned = [0.0, 0.4, 2.0, -1.3].map(|yaw| (yaw, [4.0, 1.0]));
        for (yaw, shape) in turned
            .into_iter()
            .chain([(0.0, [1.0, 1.0]), (0.7, [1.0, 1.5])])
        {
            let map = shaped(yaw, shape);
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
