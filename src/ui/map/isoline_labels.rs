//! Where the losses of the stronger isolines stand on the map.

use crate::experiment::Contours;
use crate::lab::PanelLandscape;
use crate::landscape::labels::{IsolineLabel, LabelRoom, isoline_labels};
use crate::landscape::ticks;

/// Every so many lines one is stronger, and has its loss written on it.
pub(super) const STRONG: usize = 5;
/// From one label to the next, and to the map's edge, in logical pixels.
const APART: f64 = 46.0;
const FROM_EDGE: f64 = 20.0;
/// Labels on one map.
const MAX_LABELS: usize = 24;

/// The labels of a map, and what they leave out of their losses, in words.
#[derive(Debug, Clone, Default)]
pub(crate) struct IsolineLabels {
    pub(crate) labels: Vec<IsolineLabel>,
    pub(crate) note: Option<String>,
}

/// Labels on a map whose axes are so many logical pixels long, the longest lines first.
pub(super) fn place(landscape: &PanelLandscape, sides: [f64; 2]) -> IsolineLabels {
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
    let room = LabelRoom {
        sides,
        apart: APART,
        from_edge: FROM_EDGE,
        most: MAX_LABELS,
    };
    let labels = isoline_labels(&landscape.field.grid, &levels, &texts.texts, room);
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
