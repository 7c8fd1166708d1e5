//! The moments of a range that changes with time.

use rayon::prelude::*;

use super::way::{after, own_spans, way};
use super::{Moment, Moments, When, seen};
use crate::experiment::Panel;
use crate::export::PanelScene;
use crate::export::map::SceneMap;
use crate::export::scene::{Landscape, sweep};
use crate::landscape::{Domain, Grid, HeightScale, Range};
use crate::maps::Span;
use crate::mnist::DataSet;

/// The sides of maps on the way, in cells, and what all of them may take, in bytes.
const CELLS: usize = 384;
const BYTES: usize = 850_000;

pub(super) fn zoomed(drawn: &PanelScene, data: Option<&DataSet>) -> Moments {
    let is_beside = own_spans(&drawn.panel).is_some();
    // A slice is swept only where its surface is kept.
    let is_costly = drawn.is_slice() && !is_beside;
    let way = way(&drawn.panel);
    let way = way
        .par_iter()
        .filter(|(_, near)| !is_costly || near.fract() == 0.0);
    let all: Vec<(Moment, Option<Grid>)> = way
        .map(|&(at, near)| moment(drawn, is_beside, at, near))
        .collect();
    let mut surfaces: Vec<(Grid, HeightScale)> = Vec::new();
    let mut maps = Vec::new();
    let whole = all.iter().filter(|(m, _)| m.near.fract() == 0.0);
    let mut whole: Vec<&(Moment, Option<Grid>)> = whole.collect();
    // A range that rests has one surface.
    whole.dedup_by_key(|(moment, _)| moment.near);
    for (k, (moment, grid)) in whole.iter().enumerate() {
        let next = whole.get(k + 1).map_or(moment, |(next, _)| next);
        let panel = reaching(&moment.panel, &next.panel);
        if let Some(grid) = grid {
            let grid = match panel.domain == grid.domain {
                true => grid.clone(),
                false => sweep(&panel, &*drawn.objective, &drawn.plane, panel.domain),
            };
            surfaces.push((grid, moment.scale));
        }
        let most = [CELLS, BYTES / whole.len()];
        maps.extend(SceneMap::coarse(&panel, most, data));
    }
    Moments {
        when: When::Seconds,
        list: all.into_iter().map(|(moment, _)| moment).collect(),
        surfaces,
        maps,
    }
}

/// What is shown at a time, with its surface where that is kept.
fn moment(drawn: &PanelScene, is_beside: bool, at: f64, near: f64) -> (Moment, Option<Grid>) {
    let panel = after(&drawn.panel, at);
    let of_domain = || Landscape::of(&panel, &drawn.objective, &drawn.plane, &seen(drawn, None));
    let landscape = (!is_beside).then(of_domain);
    let (scale, goes_on, critical, grid) = match landscape {
        Some(Landscape {
            grid,
            scale,
            goes_on,
            critical,
        }) => (scale, goes_on, critical, Some(grid)),
        None => (drawn.scale, drawn.goes_on, drawn.critical.clone(), None),
    };
    let moment = Moment {
        at,
        spans: own_spans(&panel),
        panel,
        scale,
        goes_on,
        critical,
        near,
        places: None,
    };
    (moment, grid.filter(|_| near.fract() == 0.0))
}

/// A panel, on its way to another range, with all that comes to be seen on the way.
fn reaching(panel: &Panel, next: &Panel) -> Panel {
    let mut panel = panel.clone();
    if let Some((spans, next)) = own_spans(&panel).zip(own_spans(next)) {
        let domain = |spans: [Span; 2]| Domain {
            x: spans[0].range,
            y: Some(spans[1].range),
        };
        let [from, to] = [spans, next].map(domain);
        if let (false, Some(spec)) = (one_holds_the_other(from, to), &mut panel.map) {
            let around = around([from, to]);
            let ranges = [around.x, around.y_or_zero()];
            for ((words, span), range) in spec.axes.iter_mut().zip(spans).zip(ranges) {
                *words = Some(Span { range, ..span }.words());
            }
        }
    } else if !one_holds_the_other(panel.domain, next.domain) {
        panel.domain = around([panel.domain, next.domain]);
    }
    panel
}

/// The smallest rectangle around two.
fn around([a, b]: [Domain; 2]) -> Domain {
    let both = |[a, b]: Range, [c, d]: Range| [a.min(c), b.max(d)];
    Domain {
        x: both(a.x, b.x),
        y: a.y.zip(b.y).map(|(a, b)| both(a, b)),
    }
}

/// Whether one of two rectangles holds the other, but for rounding.
fn one_holds_the_other(a: Domain, b: Domain) -> bool {
    let both = around([a, b]);
    let is = |one: Domain| {
        let near =
            |[a, b]: Range, [c, d]: Range| (a - c).abs().max((b - d).abs()) <= 1e-9 * (d - c);
        near(one.x, both.x) && one.y.zip(both.y).is_none_or(|(one, both)| near(one, both))
    };
    is(a) || is(b)
}
