//! A panel: its heading, its parts, and below them the legend.

use super::scene::{Written, written};
use super::wish::{Columns, FigureParts};
use super::{Anchor, Area, GAP, Sheet, TITLE, bar, contours, legend, losses, scene};
use crate::export::{PanelScene, Scene};

/// Scenes of a figure reach from here to there in their pictures, in points: the same of all, so that they stand in a row.
#[derive(Debug, Clone, Copy)]
pub(super) struct SceneRows {
    top: f64,
    bottom: f64,
}

impl SceneRows {
    /// Of scenes that are drawn so wide; `None` where there is none.
    pub(super) fn of(sheet: &Sheet, scene: &Scene, width: f64) -> Option<SceneRows> {
        let drawn = scene.panels.iter().filter_map(|panel| panel.drawn.as_ref());
        let rows = drawn.map(|drawn| {
            let Written { top, bottom, .. } = written(sheet, drawn, width);
            SceneRows { top, bottom }
        });
        rows.reduce(|a, b| SceneRows {
            top: a.top.min(b.top),
            bottom: a.bottom.max(b.bottom),
        })
    }
}

/// What is drawn of every panel, and how.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plan {
    pub parts: FigureParts,
    pub columns: Columns,
    pub rows: Option<SceneRows>,
}

/// Draws a panel from the area's upper edge on; the result is where it ends.
pub(super) fn draw(
    sheet: &mut Sheet,
    scene: &Scene,
    drawn: &PanelScene,
    area: Area,
    plan: &Plan,
) -> f64 {
    let top = heading(sheet, scene, drawn, area);
    let column = |left: f64, width: f64| Area {
        left,
        top,
        width,
        height: 0.0,
    };
    let parts = plan.parts;
    let flat = FigureParts {
        scene: false,
        ..parts
    };
    let (first, second) = match plan.columns.scene_beside {
        Some(width) => (
            (FigureParts::SCENE, column(area.left, width)),
            Some((
                flat,
                column(area.left + width + GAP, area.width - width - GAP),
            )),
        ),
        None if plan.columns.is_beside => {
            let width = 0.5 * (area.width - GAP);
            let plot = FigureParts { map: false, ..flat };
            (
                (FigureParts::MAP, column(area.left, width)),
                Some((plot, column(area.left + width + GAP, width))),
            )
        }
        None => ((parts, column(area.left, area.width)), None),
    };
    let mut end = stack(sheet, scene, drawn, first.1, first.0, plan.rows);
    let mut beneath = Area {
        top: end,
        ..first.1
    };
    let beside = second.map(|(parts, area)| stack(sheet, scene, drawn, area, parts, None));
    if plan.columns.scene_beside.is_none() {
        end = end.max(beside.unwrap_or(end));
        beneath = Area { top: end, ..area };
    }
    // What the star stands for is said once.
    let is_first = scene
        .panels
        .first()
        .is_some_and(|first| std::ptr::eq(first, drawn));
    let stars = is_first && (parts.scene || parts.map);
    let beneath = Area {
        left: beneath.left + 2.0,
        width: beneath.width - 2.0,
        ..beneath
    };
    let end = legend::draw(sheet, drawn, beneath, beneath.top + 4.0, stars);
    end.max(beside.unwrap_or(end))
}

/// The title, where there are several; the result is where what follows begins.
fn heading(sheet: &mut Sheet, scene: &Scene, drawn: &PanelScene, area: Area) -> f64 {
    let top = area.top + 4.0;
    if scene.panels.len() < 2 {
        return top;
    }
    let title = sheet.fitting(&drawn.panel.title, TITLE, area.width);
    let (at, color) = ([area.left, top + 0.75 * TITLE], sheet.theme.text);
    sheet.words(at, &title, TITLE, Anchor::Start, color);
    top + TITLE + 4.0
}

/// Parts one below the other.
fn stack(
    sheet: &mut Sheet,
    scene: &Scene,
    drawn: &PanelScene,
    area: Area,
    parts: FigureParts,
    rows: Option<SceneRows>,
) -> f64 {
    let mut end = area.top;
    if let (true, Some(picture), Some(rows)) = (parts.scene, &drawn.drawn, rows) {
        let written = written(sheet, picture, area.width);
        scene::draw(sheet, picture, written, area, rows.top);
        end += rows.bottom - rows.top;
        // Where a map lies on the surface its colours say something else.
        if !drawn.map.as_ref().is_some_and(|map| map.on_surface) {
            let colors = scene.experiment.view.colormap;
            end = bar::draw(sheet, drawn, colors, Area { top: end, ..area });
        }
    }
    let gap = |end: f64| if end > area.top { end + GAP } else { end };
    if parts.map {
        let area = Area {
            top: gap(end),
            ..area
        };
        end = contours::draw(sheet, scene, drawn, area);
    }
    if parts.plot {
        let area = Area {
            top: gap(end),
            ..area
        };
        end = losses::draw(sheet, scene, drawn, area);
    }
    end
}
