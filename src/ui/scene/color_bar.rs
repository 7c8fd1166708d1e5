//! The colour map of a viewport with real losses at round values, at its lower right.

use bevy_egui::egui;
use egui::{Align2, Color32, Rect, Shape, Stroke, Vec2, pos2, vec2};

use super::overlay::MARGIN;
use crate::lab::PanelLandscape;
use crate::lab::theme;
use crate::landscape::ticks;
use crate::ui::reader::LabReader;
use crate::ui::text::style::{color32, font};
use crate::ui::text::words::Words;

const BAR: Vec2 = vec2(12.0, 150.0);
/// The points of a bar whose losses go on beyond it.
const END: f32 = 9.0;
/// Smaller viewports have none.
const MIN: Vec2 = vec2(420.0, 320.0);
/// What of a viewport's width its title may take.
const TITLE: f32 = 0.3;
const STRIPES: usize = 64;

pub(super) fn has_room(viewport: Rect) -> bool {
    viewport.width() > MIN.x && viewport.height() > MIN.y
}

pub(super) fn paint(words: &mut Words, landscape: &PanelLandscape, lab: &LabReader) {
    let corner = words.area.right_bottom() - vec2(MARGIN, MARGIN);
    let bar = Rect::from_min_max(corner - BAR, corner);
    let top = bar.top() - 22.0 - END;
    if !has_room(words.area) || !words.is_free(Rect::from_min_max(pos2(bar.left(), top), corner)) {
        return;
    }
    let colors = theme::color_map(lab.current.experiment.view.colormap, STRIPES);
    let mut mesh = egui::Mesh::default();
    for (i, color) in colors.iter().enumerate() {
        let y = |k: usize| bar.bottom() - bar.height() * k as f32 / STRIPES as f32;
        let stripe = Rect::from_min_max(pos2(bar.left(), y(i + 1)), pos2(bar.right(), y(i)));
        mesh.add_colored_rect(stripe, color32(*color));
    }
    words.painter.add(mesh);
    let outline = Stroke::new(1.0, color32(words.theme.axis));
    let outside = egui::StrokeKind::Outside;
    words.painter.rect_stroke(bar, 0.0, outline, outside);
    // Where losses go on beyond the range, so does the bar.
    let [below, above] = landscape.goes_on;
    let ends = [
        (below, bar.bottom(), colors.first(), 1.0),
        (above, bar.top(), colors.last(), -1.0),
    ];
    for (_, y, color, way) in ends.into_iter().filter(|(goes_on, ..)| *goes_on) {
        let tip = pos2(bar.center().x, y + way * END);
        let foot = [pos2(bar.left(), y), tip, pos2(bar.right(), y)];
        let color = color.map_or(Color32::TRANSPARENT, |color| color32(*color));
        let point = Shape::convex_polygon(foot.to_vec(), color, outline);
        words.painter.add(point);
    }
    words.take(bar.expand2(vec2(2.0, END)));
    let muted = color32(words.theme.muted);
    let losses = landscape.scale.ticks(6);
    let labels = ticks::labels(&losses);
    for (&loss, text) in losses.iter().zip(&labels.texts) {
        let y = bar.bottom() - bar.height() * landscape.scale.fraction(loss) as f32;
        let text = words.line(text, font(11.0), muted, f32::INFINITY);
        let at = pos2(bar.left() - 6.0, y);
        if words.is_free(Align2::RIGHT_CENTER.anchor_size(at, text.size())) {
            let tick = Stroke::new(1.0, muted);
            words.painter.hline(bar.left() - 3.0..=bar.left(), y, tick);
            words.paint(text, at, Align2::RIGHT_CENTER);
        }
    }
    let title = labels.title(&landscape.panel.labels[2]);
    let most = TITLE * words.area.width();
    let title = words.line(&title, font(11.5), color32(words.theme.text), most);
    let at = pos2(bar.right(), bar.top() - 5.0 - if above { END } else { 0.0 });
    words.paint(title, at, Align2::RIGHT_BOTTOM);
}
