//! A map over other axes than the starts, in a viewport of its own beside its panel's surface: dragging and scrolling change its
//! range, a click takes a cell's settings over.

use std::collections::BTreeMap;
use std::sync::Arc;

use bevy_egui::egui;
use egui::{Color32, ColorImage, Rect, TextureHandle, pos2, vec2};

use super::map_legend;
use super::overlay::MARGIN;
use crate::experiment::{Experiment, MapSpec, Panel};
use crate::lab::showing::map_cell::AdoptCell;
use crate::lab::showing::map_picture::MapPicture;
use crate::landscape::Range;
use crate::maps::Span;
use crate::report::map_words::MapWords;
use crate::ui::page::chart::Chart;
use crate::ui::page::pen::Pen;
use crate::ui::reader::{Edits, LabReader, ShownPanelMap};
use crate::ui::text::style::{color32, font};
use crate::ui::text::words::Words;

/// Change of the range's logarithm for a pixel of scrolling.
const SCROLL_ZOOM: f64 = 0.003;
/// Zoomed out further than this share of what can be drawn there is nothing more to see.
const SMALLEST: f32 = 60.0;

/// The maps' cells as textures, one a panel: made anew when the picture, its place or its size change. And their axes.
#[derive(Default)]
pub(crate) struct MapPanels {
    drawn: BTreeMap<usize, Drawn>,
    axes: BTreeMap<usize, Axes>,
}

/// What a panel's map has along its axes by now, and what decided it.
struct Axes {
    experiment: Arc<Experiment>,
    panel: Panel,
    spans: Option<[Span; 2]>,
}

struct Drawn {
    picture: Arc<MapPicture>,
    edges: [Range; 2],
    size: [usize; 2],
    texture: TextureHandle,
}

impl MapPanels {
    fn texture(
        &mut self,
        ctx: &egui::Context,
        panel: usize,
        (picture, edges): (&Arc<MapPicture>, [Range; 2]),
        size: [usize; 2],
    ) -> egui::TextureId {
        let is_same = |drawn: &Drawn| {
            Arc::ptr_eq(&drawn.picture, picture) && (drawn.edges, drawn.size) == (edges, size)
        };
        if let Some(drawn) = self.drawn.get(&panel).filter(|drawn| is_same(drawn)) {
            return drawn.texture.id();
        }
        let pixels = picture.pixels(size, edges, ctx.pixels_per_point());
        let pixels = pixels.into_iter().map(|[r, g, b, a]| {
            // Beyond the map, which is about to be computed there, nothing is drawn.
            Color32::from_rgba_unmultiplied(r, g, b, a)
        });
        let image = ColorImage::new(size, pixels.collect());
        let texture =
            ctx.load_texture(format!("map {panel}"), image, egui::TextureOptions::NEAREST);
        let id = texture.id();
        self.drawn.insert(
            panel,
            Drawn {
                picture: picture.clone(),
                edges,
                size,
                texture,
            },
        );
        id
    }

    /// What is asked for by now: the axes with their ranges.
    fn spans(&mut self, lab: &LabReader, index: usize, panel: &Panel) -> Option<[Span; 2]> {
        let experiment = &lab.current.experiment;
        let is_known =
            |axes: &Axes| Arc::ptr_eq(&axes.experiment, experiment) && axes.panel == *panel;
        if let Some(known) = self.axes.get(&index).filter(|axes| is_known(axes)) {
            return known.spans;
        }
        let spans = spans(panel, experiment.panels.get(index)?);
        let axes = Axes {
            experiment: experiment.clone(),
            panel: panel.clone(),
            spans,
        };
        self.axes.insert(index, axes);
        spans
    }
}

/// The area that a map fills in its viewport, and its axes.
struct Sheet {
    area: Rect,
    spans: [Span; 2],
}

/// Paints the map of a panel.
pub(crate) fn paint(
    painter: &egui::Painter,
    lab: &LabReader,
    panel: usize,
    rect: Rect,
    panels: &mut MapPanels,
) {
    if let Some(map) = lab.map(panel) {
        paint_map(&painter.with_clip_rect(rect), lab, panel, map, rect, panels);
    }
}

/// The axes of a panel as it is at the moment, with the descents that it has in the experiment.
fn spans(panel: &Panel, whole: &Panel) -> Option<[Span; 2]> {
    let panel = Panel {
        descents: whole.descents.clone(),
        ..panel.clone()
    };
    let spec = MapSpec {
        size: [2; 2],
        ..panel.map.clone()?
    };
    Some(panel.map_plan(&spec).ok()?.spans)
}

fn paint_map(
    painter: &egui::Painter,
    lab: &LabReader,
    index: usize,
    map: ShownPanelMap,
    rect: Rect,
    panels: &mut MapPanels,
) -> Option<Sheet> {
    let theme = &lab.theme;
    let mut words = Words::new(painter.clone(), theme, rect, Vec::new());
    let width = rect.width() - 2.0 * MARGIN;
    let corner = rect.min + vec2(MARGIN, 0.8 * MARGIN);
    let title = &map.panel.title;
    let title = words.line(title, font(13.5), color32(theme.text), width);
    let title = words.paint(title, corner, egui::Align2::LEFT_TOP);
    let below = title.left_bottom() + vec2(0.0, 2.0);
    let muted = color32(theme.muted);
    if let Some(problem) = &map.map.problem {
        let said = words.rows(problem, font(11.5), color32(theme.warning), width, 4);
        words.paint(said, below, egui::Align2::LEFT_TOP);
    }
    let picture = map.picture?;
    let of = MapWords {
        map: &picture.map.map,
        labels: &map.panel.labels,
        descent: &picture.map.descent,
    };
    let cell = lab.cell.cell.as_ref().filter(|cell| cell.panel == index);
    let line = match cell.filter(|cell| Arc::ptr_eq(&cell.map, &picture.map)) {
        Some(cell) => {
            let outcome = of.outcome(&picture.map.outcomes, cell.index);
            format!(
                "{}: {outcome} · click to take over",
                of.settings(cell.index)
            )
        }
        None => of.what_was_run(),
    };
    let line = words.line(&line, font(11.5), muted, width);
    let above = title.union(words.paint(line, below, egui::Align2::LEFT_TOP));
    let legend = map_legend::paint(&mut words, &of, picture, above);
    let spans = panels.spans(lab, index, map.panel)?;
    // Where the picture lies in what is asked for by now.
    let edges = [0, 1].map(|k| {
        let [low, high] = spans[k].range;
        [low, high].map(|value| picture.map.map.spans[k].fraction(value))
    });
    let chart = Chart {
        picture,
        words: of,
        spans,
        edges: [[0.0, 1.0]; 2],
    };
    let mut images = Vec::new();
    let pen = Pen {
        painter,
        theme,
        scale: painter.ctx().pixels_per_point(),
        images: &mut images,
    };
    let [left, under] = chart.room(&pen);
    let area = Rect::from_min_max(
        pos2(rect.left() + MARGIN + left, legend.bottom() + 10.0),
        pos2(rect.right() - MARGIN, rect.bottom() - 8.0 - under),
    );
    if area.width() < SMALLEST || area.height() < SMALLEST {
        return None;
    }
    let pixels = [area.width(), area.height()].map(|side| (side * pen.scale).round() as usize);
    let texture = panels.texture(painter.ctx(), index, (picture, edges), pixels);
    let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
    painter.image(texture, area, whole, Color32::WHITE);
    chart.frame(&pen, area);
    let inside = Pen {
        painter: &painter.with_clip_rect(area.expand(8.0)),
        images: &mut Vec::new(),
        ..pen
    };
    chart.marks(&inside, area);
    Some(Sheet { area, spans })
}

/// The same in the window, where it can be pointed at, moved and zoomed. The result are the values of the axes under the pointer.
pub(crate) fn show(
    ui: &mut egui::Ui,
    lab: &LabReader,
    panel: usize,
    rect: Rect,
    panels: &mut MapPanels,
    edits: &mut Edits,
) -> Option<[f64; 2]> {
    let painter = ui.painter_at(rect);
    let map = lab.map(panel)?;
    let Sheet { area, spans } = paint_map(&painter, lab, panel, map, rect, panels)?;
    let id = ui.id().with(("map", panel));
    let response = ui.interact(area, id, egui::Sense::click_and_drag());
    let fractions = |at: egui::Pos2| {
        let x = f64::from((at.x - area.left()) / area.width());
        let y = f64::from((area.bottom() - at.y) / area.height());
        [x, y]
    };
    if response.clicked()
        && let Some(cell) = &lab.cell.cell
    {
        edits.send(AdoptCell(cell.clone()));
    }
    let spec = edits.draft.panels.get_mut(panel)?.map.as_mut()?;
    // A double click would begin with one that takes a cell over.
    if response.secondary_clicked() {
        spec.axes.iter_mut().flatten().for_each(|words| {
            if let Some((name, _)) = words.split_once('=') {
                *words = name.trim().to_owned();
            }
        });
        return None;
    }
    let delta = response.drag_delta();
    let pointer = response.hover_pos();
    let (scroll, pinch) = ui.input(|input| (input.smooth_scroll_delta.y, input.zoom_delta()));
    let factor = match pointer {
        Some(_) => (-SCROLL_ZOOM * f64::from(scroll)).exp() / f64::from(pinch),
        None => 1.0,
    };
    if delta != vec2(0.0, 0.0) || factor != 1.0 {
        let moved = [
            -f64::from(delta.x / area.width()),
            f64::from(delta.y / area.height()),
        ];
        let at = pointer.map_or([0.5; 2], fractions);
        for (k, words) in spec.axes.iter_mut().enumerate() {
            let ends = [0.0, 1.0].map(|end| at[k] + (end - at[k]) * factor + moved[k]);
            if let Some(span) = spans[k].part(ends) {
                *words = Some(span.words());
            }
        }
    }
    let [x, y] = fractions(pointer.filter(|_| !response.dragged())?);
    Some([spans[0].value(x), spans[1].value(y)])
}
