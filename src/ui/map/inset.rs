//! The panel in focus from above: isolines, the descents' paths, and the direction of descent, upright or turning with
//! the camera. For a curve it is the plot of f.

use bevy_egui::egui;
use egui::{Align2, Painter, Pos2, Stroke, vec2};

use super::contour_map::{Arrow, ContourMaps};
use super::curve_plot;
use super::flat_path::FlatPaths;
use super::map_path::{self, MapSheet};
use super::turned_map::{TurnedMap, upright_room};
use crate::experiment::PanelView;
use crate::lab::showing::glyphs::Glyph;
use crate::lab::showing::map_picture::MapPicture;
use crate::lab::theme::{MARK, SHADE};
use crate::lab::{Iterate, PanelLandscape, RangeChange};
use crate::landscape::CriticalKind;
use crate::landscape::labels::IsolineLabel;
use crate::ui::glyphs;
use crate::ui::highlight::{marked_step, nearest_iterate, ring};
use crate::ui::reader::{LabReader, ShownDescent};
use crate::ui::text::style::{color32, font, with_alpha};
use crate::ui::text::words::Words;

/// Around a map that turns.
const MARGIN: f32 = 26.0;
pub(crate) const NOT_TO_SCALE: &str = "axes not to scale";

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
    landscape: &PanelLandscape,
    descents: &[ShownDescent<'_>],
    (maps, paths): (&mut ContourMaps, &mut FlatPaths),
    panel: usize,
) -> InsetOutcome {
    let size = size.max(vec2(60.0, 60.0));
    let (rect, response) = ui.allocate_exact_size(size, egui::Sense::drag());
    let painter = ui.painter_at(rect);
    if landscape.is_curve() {
        return InsetOutcome {
            change: None,
            pointed: curve_plot::curve_ui(
                &painter,
                rect,
                lab,
                landscape,
                descents,
                (paths, panel),
                response.hover_pos(),
            ),
        };
    }
    let view = &lab.current.experiment.view;
    let inner = if view.turn_contours {
        rect.shrink(MARGIN)
    } else {
        upright_room(&painter, rect, landscape.panel.domain)
    };
    let shape = landscape
        .panel
        .map_shape([inner.width(), inner.height()].map(f64::from));
    let yaw = if view.turn_contours {
        lab.rig.pose.yaw
    } else {
        0.0
    };
    let map = TurnedMap::new(landscape.panel.domain, inner, yaw, shape);
    // Of a map that turns not its own sides, which change as it does.
    let sides = if view.turn_contours {
        shape.map(|length| length * f64::from(rect.width().min(rect.height())))
    } else {
        map.sides()
    };
    let mut words = Words::new(painter.clone(), &lab.theme, rect, Vec::new());
    let mut notes = Vec::new();
    if !landscape.panel.is_to_scale() {
        notes.push(NOT_TO_SCALE.to_owned());
    }
    let picture = lab.map(panel).and_then(|map| map.picture);
    let picture = picture.filter(|picture| lies_on(picture, landscape));
    let colors = (view.colormap, picture);
    let made = maps.get(ui.ctx(), (panel, &lab.patience), landscape, colors, sides);
    if let Some(made) = made {
        notes.extend(made.labels.note.clone());
        map.paint_background(&painter, made.texture.id(), made.domain());
        paint_arrows(&painter, &made.arrows, &map);
    }
    map.paint_frame(&mut words, landscape);
    if let Some(made) = made {
        paint_losses(&mut words, &made.labels.labels, &map);
    }
    let muted = color32(lab.theme.muted);
    let notes = words.line(&notes.join(" · "), font(10.0), muted, rect.width());
    words.paint_if_free(notes, rect.left_bottom(), Align2::LEFT_BOTTOM);
    let inside = painter.with_clip_rect(rect);
    for point in landscape.critical.iter() {
        let at = map.screen(point.at[0], point.at[1]);
        let casing = Stroke::new(1.0, color32(lab.theme.casing));
        match point.kind {
            CriticalKind::GivenMinimum => {
                inside.circle_stroke(at, 2.6, Stroke::new(3.0, casing.color));
                inside.circle_stroke(at, 2.6, Stroke::new(1.2, color32(MARK)));
            }
            kind if kind.is_minimum() => {
                let radius = if kind.is_lowest() { 3.2 } else { 2.2 };
                inside.circle(at, radius, color32(MARK), casing);
            }
            _ => {}
        }
    }
    let (map, plane) = (&map, &landscape.field.plane);
    let sheet = MapSheet { map, plane };
    for descent in descents.iter().filter(|descent| descent.style.shown) {
        let position = descent.explanation.position;
        if let Some(path) = paths.path(panel, descent, position, &sheet) {
            if lab.path_ahead.0 {
                let ahead = paths.ahead(panel, descent, position, &sheet);
                map_path::faint(&inside, descent, &ahead);
            }
            map_path::trail(&inside, &lab.theme, descent, &path);
        }
    }
    paint_glyphs(&inside, descents, |[x, y, _]| map.screen(x, y));
    if lab
        .cell
        .cell
        .as_ref()
        .is_some_and(|cell| cell.panel == panel)
    {
        paint_all(&inside, &lab.cell.glyphs, |[x, y, _]| map.screen(x, y));
    }
    if landscape.panel.view == PanelView::Surface && !view.turn_contours {
        map.paint_viewer(&painter, &lab.theme, &lab.rig.pose);
    }
    for descent in descents.iter().filter(|descent| descent.style.shown) {
        if let Some(step) = marked_step(lab, descent) {
            let [x, y] = descent.run.place(step, plane);
            if landscape.panel.domain.contains(&[x, y]) {
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
                let position = descent.explanation.position;
                paths.iterates(panel, descent, (position, lab.path_ahead.0), &sheet)
            });
            nearest_iterate(pointer, iterates)
        }),
    }
}

/// Whether a map lies on the surface.
pub(crate) fn lies_on(picture: &MapPicture, landscape: &PanelLandscape) -> bool {
    let panel = &landscape.panel;
    let is_wanted = |spec| panel.map_lies_on_surface(spec);
    picture.lies_on_surface() && panel.map.as_ref().is_some_and(is_wanted)
}

/// What is explained of the descents, at places of the map.
pub(super) fn paint_glyphs(
    painter: &Painter,
    descents: &[ShownDescent<'_>],
    screen: impl Fn([f64; 3]) -> Pos2,
) {
    let shown = descents.iter().filter(|descent| descent.style.shown);
    let all = shown.flat_map(|descent| &descent.explanation.glyphs);
    paint_all(painter, all, screen);
}

fn paint_all<'g>(
    painter: &Painter,
    all: impl IntoIterator<Item = &'g Glyph>,
    screen: impl Fn([f64; 3]) -> Pos2,
) {
    let placed: Vec<_> = all
        .into_iter()
        .map(|glyph| {
            let places: Vec<Pos2> = glyph.places.iter().map(|place| screen(*place)).collect();
            (glyph, places)
        })
        .collect();
    glyphs::paint(
        painter,
        placed.iter().map(|(glyph, places)| glyphs::OnScreen {
            role: glyph.role,
            form: glyph.form,
            places,
            strength: glyph.strength,
            symbol: &glyph.symbol,
        }),
    );
}

/// The losses of isolines, each on a ground of its own.
fn paint_losses(words: &mut Words, labels: &[IsolineLabel], map: &TurnedMap) {
    for label in labels {
        let at = map.screen(label.at[0], label.at[1]);
        let text = words.line(&label.text, font(9.5), color32(MARK), f32::INFINITY);
        let ground = Align2::CENTER_CENTER.anchor_size(at, text.size());
        if words.is_free(ground) {
            let ground = ground.expand2(vec2(2.0, 0.0));
            let shade = with_alpha(SHADE, 150);
            words.painter.rect_filled(ground, 2.0, shade);
            words.paint(text, at, Align2::CENTER_CENTER);
        }
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
