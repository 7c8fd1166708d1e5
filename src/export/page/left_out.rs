//! What the window shows of a panel and a page does not, in words for its reader.

use crate::export::PanelScene;

/// One sentence for each.
pub(super) fn of(drawn: &PanelScene) -> Vec<String> {
    let panel = &drawn.panel;
    let plane = panel.plane.as_ref();
    let mut left = Vec::new();
    if !panel.zoom.is_empty() {
        left.push("In the program the range shown changes with time; here it stays.".to_owned());
    }
    if plane.is_some_and(|plane| plane.follows) {
        let where_it_lies = "In the program the plane follows the step; here it stays at the last.";
        left.push(where_it_lies.to_owned());
    }
    if plane.is_some_and(|plane| plane.batch.is_some()) {
        let over = "In the program the surface is the loss over the batch of each step; here it is that over all samples.";
        left.push(over.to_owned());
    }
    if let (Some(spec), Some(map)) = (&panel.map, &drawn.map) {
        let ([cols, rows], [fewer_cols, fewer_rows]) = (spec.size, map.cells());
        if [cols, rows] != [fewer_cols, fewer_rows] {
            left.push(format!(
                "In the program the map has {cols} × {rows} cells; here {fewer_cols} × {fewer_rows}."
            ));
        }
    }
    left
}
