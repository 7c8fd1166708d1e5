//! What the window shows of a panel and a page does not, in words for its reader.

use super::network;
use crate::experiment::{Overview, PlotQuantity};
use crate::export::moments::{Moments, When};
use crate::export::{PanelScene, Scene, SceneMap};

/// One sentence for each.
pub(super) fn of(scene: &Scene, drawn: &PanelScene, moments: Option<&Moments>) -> Vec<String> {
    let panel = &drawn.panel;
    let plane = panel.plane.as_ref();
    let mut left = Vec::new();
    let follows = plane.is_some_and(|plane| plane.follows);
    let is_of_batch = plane.is_some_and(|plane| plane.batch.is_some());
    match moments.map(|moments| (moments.when, moments.surfaces.len().max(moments.maps.len()))) {
        Some((When::Seconds, count)) => {
            left.push(format!(
                "The range changes with time. What is seen of it was computed at {count} ranges on the way; in between it passes from one to the next."
            ));
            if follows || is_of_batch {
                left.push("In the program the surface is that of the step shown, too; here it is that of the last.".to_owned());
            }
        }
        Some((When::Steps(every @ 2..), _)) => left.push(format!(
            "In the program the surface is that of the step shown; here it is computed at every {every} steps, and stays in between."
        )),
        _ => {}
    }
    if network::fitting(scene, drawn).is_some_and(|most| most < 2) {
        left.push("The program shows what the network makes of its samples; its parameters are too many for a page.".to_owned());
    }
    if let (Some(spec), Some(map)) = (&panel.map, &drawn.map) {
        let on_the_way = moments.into_iter().flat_map(|moments| &moments.maps);
        let cells = on_the_way.map(SceneMap::cells).min();
        let ([cols, rows], [fewer_cols, fewer_rows]) = (spec.size, cells.unwrap_or(map.cells()));
        if [cols, rows] != [fewer_cols, fewer_rows] {
            left.push(format!(
                "In the program the map has {cols} × {rows} cells; here {fewer_cols} × {fewer_rows}."
            ));
        }
    }
    if panel.descents.is_empty() {
        return left;
    }
    match scene.experiment.view.plot.and_then(other) {
        Some(plotted) => left.push(format!(
            "The program's plot shows {plotted}; here it is the loss."
        )),
        None if drawn.objective.held_out().is_some() => left.push(
            "In the program's plot dashed lines are the loss on the samples that are kept apart."
                .to_owned(),
        ),
        None => {}
    }
    let explained = &scene.experiment.explain;
    if panel.descents.iter().any(|spec| spec.explained) {
        left.push("The program takes steps apart, phase by phase, with arrows and words; here they only take their time.".to_owned());
    } else if Overview::ALL.iter().any(|what| explained.shows(*what)) {
        left.push("In the program arrows at the balls say what their rules go by.".to_owned());
    }
    left
}

/// What the program plots, if that is no loss.
fn other(quantity: PlotQuantity) -> Option<&'static str> {
    Some(match quantity {
        PlotQuantity::Loss | PlotQuantity::LogLoss => return None,
        PlotQuantity::LogGap => "how far the loss is above the known minimum",
        PlotQuantity::Accuracy => "the accuracy",
        PlotQuantity::GradientNorm => "the norm of the gradient",
        PlotQuantity::Rate => "the learning rate",
        PlotQuantity::Sharpness => "the sharpness and what the rule bears of it",
        PlotQuantity::Errors => "the errors along the eigenvectors",
    })
}
