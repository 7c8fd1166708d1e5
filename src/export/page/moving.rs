//! Moments on the way as the viewer reads them.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::data::{base64, hex};
use super::{packed, shown};
use crate::experiment::{Panel, PanelView};
use crate::export::map::{MapAxis, MapEntry, SceneMap};
use crate::export::moments::{Moment, Moments, Places, When, turned};
use crate::export::{PanelScene, Scene};
use crate::landscape::{Domain, Grid, HeightScale};
use crate::palette::ThemeColors;

/// All surfaces on the way, of all panels, and where iterates lie over them, at most, in characters.
const MOST: usize = 450_000;
/// What the place of an iterate takes.
const PLACE: usize = 11;
/// Nothing is written further out, in lengths of the range.
const FARTHEST: f64 = 1e30;
/// Nodes of which every so many are kept where all would be too many.
const STRIDES: [usize; 3] = [1, 2, 4];

/// The moments of each panel, if anything changes on the way.
pub(super) fn all(scene: &Scene) -> Vec<Option<Moments>> {
    let panels = scene.panels.iter();
    panels
        .map(|panel| {
            let most = |grid: &Grid, scale: &HeightScale| {
                let stride = strides(grid).last().unwrap_or(1);
                let places = PLACE * turned(panel);
                room(scene) / (packed::of(grid, scale, stride).len() + places + 1000)
            };
            Moments::of(panel, scene.last_step, most, scene.data.as_deref())
        })
        .collect()
}

/// What a panel's surfaces may take.
fn room(scene: &Scene) -> usize {
    let moves = |panel: &&PanelScene| {
        let plane = panel.panel.plane.as_ref();
        let follows = plane.is_some_and(|plane| plane.follows || plane.batch.is_some());
        follows || !panel.panel.zoom.is_empty()
    };
    MOST / scene.panels.iter().filter(moves).count().max(1)
}

/// The strides that leave the first and the last node of a grid.
fn strides(grid: &Grid) -> impl Iterator<Item = usize> {
    let fits = |count: usize, stride: usize| {
        count == 1 || (count > 64 && (count - 1).is_multiple_of(stride))
    };
    let (cols, rows) = (grid.cols, grid.rows);
    STRIDES
        .into_iter()
        .filter(move |stride| fits(cols, *stride) && fits(rows, *stride))
}

pub(super) fn of(scene: &Scene, drawn: &PanelScene, moments: &Moments) -> Value {
    let stride = stride(scene, drawn, moments);
    let surface = |(grid, scale): &(Grid, HeightScale)| {
        let Domain { x, y } = grid.domain;
        json!({
            "x": x,
            "y": y,
            "cols": packed::nodes(grid.cols, stride),
            "rows": packed::nodes(grid.rows, stride),
            "scale": shown::of_scale(scale),
            "heights": packed::of(grid, scale, stride),
            "cuts": cuts(grid),
        })
    };
    json!({
        "bySteps": moments.when != When::Seconds,
        "at": moments.list.iter().map(|moment| moment.at).collect::<Vec<f64>>(),
        "list": moments.list.iter().map(|moment| of_moment(scene, drawn, moments, moment)).collect::<Vec<Value>>(),
        "surfaces": moments.surfaces.iter().map(surface).collect::<Vec<Value>>(),
        "pictures": moments.maps.iter().map(|map| picture(scene, map)).collect::<Vec<Value>>(),
    })
}

/// The smallest with which all surfaces fit; under the colours of a map that is drawn flat heights are hardly seen.
pub(super) fn stride(scene: &Scene, drawn: &PanelScene, moments: &Moments) -> usize {
    let Some((grid, _)) = moments.surfaces.first() else {
        return 1;
    };
    let all = |stride: &usize| -> usize {
        let surfaces = moments.surfaces.iter();
        let sizes = surfaces.map(|(grid, scale)| packed::of(grid, scale, *stride).len());
        sizes.sum()
    };
    let last = strides(grid).last().unwrap_or(1);
    let is_covered = drawn.panel.view == PanelView::Contour;
    if is_covered && drawn.map.as_ref().is_some_and(|map| map.on_surface) {
        return last;
    }
    let fitting = strides(grid).find(|stride| all(stride) <= room(scene));
    fitting.unwrap_or(last)
}

/// Where a curve breaks off: the middles of the cells in which it does.
fn cuts(grid: &Grid) -> Option<Vec<f64>> {
    let torn = |col: &usize| grid.rows == 1 && grid.tears().is_torn(*col);
    let cells = (0..grid.cols - 1).filter(torn);
    let cuts: Vec<f64> = cells
        .map(|col| 0.5 * grid.x(col) + 0.5 * grid.x(col + 1))
        .collect();
    (!cuts.is_empty()).then_some(cuts)
}

fn of_moment(scene: &Scene, drawn: &PanelScene, moments: &Moments, moment: &Moment) -> Value {
    let heights = (&moment.scale, moment.goes_on);
    let mut value = shown::at(drawn, &moment.panel, heights, &moment.critical);
    value["near"] = moment.near.into();
    // As fractions of the range, which have all digits that are to be seen.
    let fractions = |place: &[f64; 2]| moment.panel.domain.fractions(place);
    let of_all = |places: &Vec<[f64; 2]>| {
        let places = places.iter().flat_map(fractions);
        let places = places.map(|c| c.clamp(-FARTHEST, FARTHEST) as f32);
        base64(places.flat_map(f32::to_le_bytes))
    };
    match &moment.places {
        Some(Places::Shifted(by)) => value["shift"] = json!(by),
        Some(Places::Anew(places)) => value["places"] = places.iter().map(of_all).collect(),
        None => {}
    }
    let map = moments.maps.get(moment.near.round() as usize);
    if let Some(map) = map.filter(|_| moment.near.fract() == 0.0 || moment.spans.is_some()) {
        value["words"] = words(scene, &moment.panel, map);
        if let Some(spans) = moment.spans {
            let ranges = spans.map(|span| span.range.map(|value| span.axis.spacing().along(value)));
            value["words"]["ranges"] = json!(ranges);
            value["words"]["axes"] = axes(map.axes_over(spans, &moment.panel.labels), ranges);
        }
    }
    value
}

/// A panel's map; where there are several on the way, at first the first of them.
pub(super) fn of_map(
    scene: &Scene,
    drawn: &PanelScene,
    map: &SceneMap,
    moments: Option<&Moments>,
) -> Value {
    let first = moments.and_then(|moments| moments.maps.first());
    let mut value = words(scene, &drawn.panel, map);
    value["onSurface"] = map.on_surface.into();
    value["pictures"] = json!([picture(scene, first.unwrap_or(map))]);
    if !map.on_surface {
        value["ranges"] = json!(map.ranges());
        value["axes"] = axes(map.axes(&drawn.panel.labels), map.ranges());
    }
    value
}

/// What a map says beside its cells.
fn words(scene: &Scene, panel: &Panel, map: &SceneMap) -> Value {
    let view = &scene.experiment.view;
    let legend = map.legend(&panel.labels, ThemeColors::new(view.theme), view.colormap);
    let entry = |entry: MapEntry| json!({ "color": hex(entry.color), "hatched": entry.hatched, "name": entry.name, "about": entry.about });
    json!({
        "about": map.about(&panel.labels),
        "best": map.best(),
        "legend": legend.into_iter().map(entry).collect::<Vec<Value>>(),
    })
}

/// The cells, and where their outer edges lie.
fn picture(scene: &Scene, map: &SceneMap) -> Value {
    let view = &scene.experiment.view;
    let png = map.png(ThemeColors::new(view.theme), view.colormap);
    json!({
        "picture": format!("data:image/png;base64,{}", BASE64_STANDARD.encode(png)),
        "edges": map.edges(),
    })
}

/// The axes of a map of its own; ticks have the values along which it is even.
fn axes(axes: [MapAxis; 2], ranges: [[f64; 2]; 2]) -> Value {
    let both = axes.into_iter().zip(ranges).map(|(axis, [low, high])| {
        let ticks = axis
            .ticks
            .into_iter()
            .map(|(part, text)| (low + (high - low) * part, text));
        json!({ "title": axis.title, "ticks": ticks.collect::<Vec<(f64, String)>>() })
    });
    both.collect()
}
