//! The landscape under the pointer in numbers, and the rate at which plain gradient descent stops being stable there.

use std::sync::Arc;

use bevy_egui::egui;
use egui::{Align2, Painter, Rect, vec2};

use crate::lab::{Field, PanelLandscape, PointedAt, Readout};
use crate::landscape::ticks;
use crate::report::map_words::MapWords;
use crate::ui::reader::LabReader;
use crate::ui::text::style::{color32, font};

/// The last reading: it is taken again only when the pointer or the landscape has moved.
#[derive(Default)]
pub(crate) struct LastReading {
    at: Option<PointedAt>,
    /// Kept, so that no other can take its place in memory.
    field: Option<Arc<Field>>,
    readout: Option<Readout>,
}

/// From the top of a panel to below its title, in logical pixels.
const BELOW_TITLE: f32 = 44.0;

/// A box of numbers at the lower left of the panel that the pointer is on.
pub(crate) fn show(painter: &Painter, lab: &LabReader, rects: &[Rect], last: &mut LastReading) {
    // A trail under the pointer has its own numbers.
    let Some(pointed) = lab.pointed.0.filter(|_| lab.highlighted.0.is_none()) else {
        return;
    };
    let (Some(rect), Some(landscape)) = (rects.get(pointed.panel), lab.landscape(pointed.panel))
    else {
        return;
    };
    let [x, y] = pointed.at;
    let same_field = last
        .field
        .as_ref()
        .is_some_and(|field| Arc::ptr_eq(field, &landscape.field));
    if !same_field || last.at != Some(pointed) {
        *last = LastReading {
            at: Some(pointed),
            field: Some(landscape.field.clone()),
            readout: landscape.field.readout(x, y),
        };
    }
    let [x_title, y_title, _] = &landscape.panel.labels;
    let [width, height] = landscape.panel.domain.size();
    let x = ticks::label_within(x, width);
    let mut lines = vec![if landscape.is_curve() {
        format!("{x_title} {x}")
    } else {
        let y = ticks::label_within(y, height);
        format!("{x_title} {x}   {y_title} {y}")
    }];
    match &last.readout {
        Some(readout) => lines.extend(in_words(readout, landscape)),
        None => lines.push("not defined here".to_owned()),
    }
    if let Some(cell) = &lab.cell.cell
        && cell.panel == pointed.panel
    {
        let of = MapWords {
            map: &cell.map.map,
            labels: &landscape.panel.labels,
            descent: &cell.map.descent,
        };
        let outcome = of.outcome(&cell.map.outcomes, cell.index);
        lines.push(format!("{} from here: {outcome}", cell.map.descent));
    }
    let text = lines.join("\n");
    let color = color32(lab.theme.text);
    let room = (rect.width() - 40.0).clamp(80.0, 420.0);
    let galley = painter.layout(text, font(12.0), color, room);
    let padding = vec2(8.0, 6.0);
    let size = galley.size() + 2.0 * padding;
    // A step that is explained has the foot of the panel.
    let descents = lab.descents(pointed.panel);
    let explained = descents.iter().any(|d| d.explanation.phase.is_some());
    let area = if explained {
        Align2::LEFT_TOP.anchor_size(rect.left_top() + vec2(12.0, BELOW_TITLE), size)
    } else {
        Align2::LEFT_BOTTOM.anchor_size(rect.left_bottom() + vec2(12.0, -12.0), size)
    };
    painter.rect(
        area,
        4.0,
        color32(lab.theme.background),
        egui::Stroke::new(1.0, color32(lab.theme.line)),
        egui::StrokeKind::Inside,
    );
    painter.galley(area.min + padding, galley, color);
}

fn in_words(readout: &Readout, landscape: &PanelLandscape) -> Vec<String> {
    let kind = &landscape.panel.objective;
    if kind.records().is_some() {
        // Between recorded nodes there are no derivatives, only interpolation.
        let loss = landscape.loss_text(readout.loss);
        return vec![format!("{} {loss}", landscape.panel.labels[2])];
    }
    let number = ticks::label;
    let ([gx, gy], [least, most]) = (readout.gradient, readout.curvatures);
    let (gradient, curvature) = if landscape.is_curve() {
        (
            format!("slope {}", number(gx)),
            format!("curvature {}", number(most)),
        )
    } else {
        (
            format!("gradient ({}, {})", number(gx), number(gy)),
            format!("curvatures {} and {}", number(least), number(most)),
        )
    };
    let mut lines = vec![
        format!(
            "{} {}",
            landscape.panel.labels[2],
            landscape.loss_text(readout.loss)
        ),
        gradient,
        curvature,
    ];
    if let Some(limit) = readout.rate_limit() {
        lines.push(format!(
            "gradient descent is stable below η = 2/λ = {}",
            number(limit)
        ));
    }
    lines
}
