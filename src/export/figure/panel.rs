//! A panel: its heading, its parts, and below them the legend.

use super::drawn::DrawnScene;
use super::scene::written;
use super::wish::{Columns, FigureParts};
use super::{
    Anchor, Area, GAP, MOST_ROWS, Sheet, TITLE, bar, contours, data, legend, losses, scene,
};
use crate::export::{PanelScene, Scene};

/// From row to row of a title.
const TITLE_ROW: f64 = 10.0;

/// The places of scenes within their pictures, the same in a row of panels.
#[derive(Debug, Clone, Copy)]
pub(super) struct SceneFrame {
    /// Of each of the pictures.
    width: f64,
    /// What is drawn and written may be so wide.
    most: f64,
    extent: [[f64; 2]; 2],
}

impl SceneFrame {
    /// `None` where there is no scene.
    pub(super) fn of(sheet: &Sheet, row: &[PanelScene], columns: Columns) -> Option<SceneFrame> {
        let all = || row.iter().filter_map(|panel| panel.drawn.as_ref());
        let most = columns.scene();
        // Where the camera is so near that the box fills its picture, this is drawn smaller.
        let inked = all().map(|drawn| drawn.inked_share(sheet.theme.background));
        let widest = columns.picture() * inked.fold(0.0, f64::max);
        let width = columns.picture() * (most / widest.max(1.0)).min(1.0);
        let extents = all().map(|drawn| written(sheet, drawn, width, most).extent);
        let extent = extents.reduce(|a, b| {
            let [from, to] = [0, 1].map(|k| [a[0][k].min(b[0][k]), a[1][k].max(b[1][k])]);
            [[from[0], to[0]], [from[1], to[1]]]
        })?;
        Some(SceneFrame {
            width,
            most,
            extent,
        })
    }

    /// Draws a scene at an area's upper edge, in its middle; the result is where it ends.
    fn draw(&self, sheet: &mut Sheet, drawn: &DrawnScene, area: Area) -> f64 {
        let written = written(sheet, drawn, self.width, self.most);
        let [from, to] = self.extent;
        let sides = if to[0] - from[0] <= area.width {
            [from[0], to[0]]
        } else {
            // They would not all have room in one place.
            written.extent.map(|corner| corner[0])
        };
        let middle = area.left + 0.5 * (area.width - sides[0] - sides[1]);
        scene::draw(
            sheet,
            drawn,
            written,
            self.width,
            [middle, area.top - from[1]],
        );
        area.top + to[1] - from[1]
    }
}

/// What is drawn of every panel, and how.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plan {
    pub parts: FigureParts,
    pub columns: Columns,
    pub frame: Option<SceneFrame>,
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
    let first_width = match plan.columns.scene_beside {
        Some(width) => width,
        None if plan.columns.is_beside => 0.5 * (area.width - GAP),
        None => area.width,
    };
    let second = column(
        area.left + first_width + GAP,
        area.width - first_width - GAP,
    );
    let [left, right] = if plan.columns.is_beside {
        parts.in_two()
    } else {
        [parts, FigureParts::NONE]
    };
    let first = (left, column(area.left, first_width));
    let second = (right.count() > 0).then_some((right, second));
    let mut end = stack(sheet, scene, drawn, first.1, first.0, plan.frame);
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
    let mut end = beneath.top + 4.0;
    let mapped = drawn.map.as_ref().filter(|map| map.on_surface);
    if let Some(map) = mapped.filter(|_| parts.scene || parts.map) {
        let colors = scene.experiment.view.colormap;
        let key = map.key(&drawn.panel.labels, sheet.theme, colors);
        end = legend::map(sheet, key, beneath, end) + 3.0;
    }
    // A network's picture says itself whose it is.
    let end = match parts == FigureParts::DATA {
        true => end,
        false => legend::descents(sheet, drawn, beneath, end, stars),
    };
    end.max(beside.unwrap_or(end))
}

/// The title, where there are several; the result is where what follows begins, the same for all.
fn heading(sheet: &mut Sheet, scene: &Scene, drawn: &PanelScene, area: Area) -> f64 {
    let top = area.top + 4.0;
    if scene.panels.len() < 2 {
        return top;
    }
    let color = sheet.theme.text;
    let rows = |title: &str| sheet.wrapped(title, TITLE, area.width, MOST_ROWS);
    let all = scene
        .panels
        .iter()
        .map(|panel| rows(&panel.panel.title).len());
    let most = all.max().unwrap_or(1);
    for (k, row) in rows(&drawn.panel.title).iter().enumerate() {
        let at = [area.left, top + TITLE_ROW * k as f64 + 0.75 * TITLE];
        sheet.words(at, row, TITLE, Anchor::Start, color);
    }
    top + TITLE_ROW * most as f64 + 2.5
}

/// Parts one below the other.
fn stack(
    sheet: &mut Sheet,
    scene: &Scene,
    drawn: &PanelScene,
    area: Area,
    parts: FigureParts,
    frame: Option<SceneFrame>,
) -> f64 {
    let mut end = area.top;
    if let (true, Some(picture), Some(frame)) = (parts.scene, &drawn.drawn, frame) {
        end = frame.draw(sheet, picture, area);
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
    if parts.data && data::is_seen(drawn) {
        let area = Area {
            top: gap(end),
            ..area
        };
        end = data::draw(sheet, drawn, area);
    }
    end
}
