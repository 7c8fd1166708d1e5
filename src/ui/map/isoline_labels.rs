//! Where the losses of the stronger isolines stand on the map.

use crate::experiment::Contours;
use crate::lab::PanelLandscape;
use crate::landscape::contour::isolines;
use crate::landscape::ticks;

/// Every so many lines one is stronger, and has its loss written on it.
pub(super) const STRONG: usize = 5;
/// From one label to the next, and to the map's edge, in logical pixels.
const APART: f64 = 46.0;
const FROM_EDGE: f64 = 20.0;
/// Labels on one map.
const MAX_LABELS: usize = 24;

/// A loss and its place, in parameters.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct IsolineLabel {
    pub(crate) at: [f64; 2],
    pub(crate) text: String,
}

/// The labels of a map, and what they leave out of their losses, in words.
#[derive(Debug, Clone, Default)]
pub(crate) struct IsolineLabels {
    pub(crate) labels: Vec<IsolineLabel>,
    pub(crate) note: Option<String>,
}

/// Labels on a map whose axes are so many logical pixels long, the longest lines first.
pub(super) fn place(landscape: &PanelLandscape, sides: [f64; 2]) -> IsolineLabels {
    let domain = landscape.panel.domain;
    let Some(y) = domain.y else {
        return IsolineLabels::default();
    };
    // Few lines are all labelled.
    let stride = match landscape.panel.contours {
        Contours::Bands(count) if count > STRONG => STRONG,
        _ => 1,
    };
    let levels: Vec<f64> = landscape
        .levels()
        .into_iter()
        .skip(stride - 1)
        .step_by(stride)
        .collect();
    let texts = ticks::labels(&levels);
    let note = texts
        .has_offset()
        .then(|| texts.title(&landscape.panel.labels[2]));
    let [width, height] = domain.size();
    // Pixels a unit.
    let scale = [sides[0] / width, sides[1] / height];
    let inside = |[px, py]: [f64; 2]| {
        let from_x = (px - domain.x[0]).min(domain.x[1] - px) * scale[0];
        let from_y = (py - y[0]).min(y[1] - py) * scale[1];
        from_x.min(from_y) > FROM_EDGE
    };
    let apart =
        |a: [f64; 2], b: [f64; 2]| ((a[0] - b[0]) * scale[0]).hypot((a[1] - b[1]) * scale[1]);
    let mut lines: Vec<(String, Vec<[f64; 2]>)> = isolines(&landscape.field.grid, &levels)
        .into_iter()
        .zip(texts.texts)
        .flat_map(|(isoline, text)| {
            isoline
                .lines
                .into_iter()
                .map(move |line| (text.clone(), line))
        })
        .collect();
    lines.sort_by_key(|(_, line)| std::cmp::Reverse(line.len()));
    let mut labels: Vec<IsolineLabel> = Vec::new();
    for (text, line) in lines {
        let length: f64 = line.windows(2).map(|w| apart(w[0], w[1])).sum();
        if labels.len() == MAX_LABELS || length < APART {
            break;
        }
        let room = |at: [f64; 2]| {
            let nearest = labels.iter().map(|label| apart(label.at, at));
            nearest.fold(f64::INFINITY, f64::min)
        };
        // Where there is most room, but not further than it matters: then in the middle of the line.
        let best = line
            .iter()
            .enumerate()
            .filter(|&(_, &at)| inside(at))
            .map(|(i, &at)| {
                let off_middle = (i as f64 / line.len() as f64 - 0.5).abs();
                (room(at).min(3.0 * APART) - APART * off_middle, at)
            })
            .max_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((_, at)) = best
            && room(at) >= APART
        {
            labels.push(IsolineLabel { at, text });
        }
    }
    IsolineLabels { labels, note }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::Experiment;

    #[test]
    fn labels_lie_on_their_isolines_and_apart() {
        let experiment = Experiment::load("rosenbrock").expect("a built-in");
        let panel = experiment.panels[0].clone();
        let landscape = PanelLandscape::of_function(panel);
        let labels = place(&landscape, [400.0, 400.0]).labels;
        assert!(labels.len() >= 3, "{labels:?}");
        let [x0, x1] = landscape.panel.domain.x;
        for (i, label) in labels.iter().enumerate() {
            let [x, y] = label.at;
            let loss = landscape.field.grid.interpolate(x, y).expect("on the grid");
            let level = landscape.scale.fraction(loss) * 20.0;
            assert!((level - level.round()).abs() < 0.15, "{label:?}: {level}");
            assert_eq!(level.round() as usize % STRONG, 0, "{label:?}");
            for other in &labels[..i] {
                let away = (x - other.at[0]).hypot(y - other.at[1]) * 400.0 / (x1 - x0);
                assert!(away >= APART * 0.99, "{label:?} and {other:?}");
            }
        }
    }
}
