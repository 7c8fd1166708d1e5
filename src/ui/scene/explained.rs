//! The step that is explained, in words: the rule's formula with what moves now highlighted, and a sentence with the numbers
//! of this step.

use bevy_egui::egui;
use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{Align2, Color32, FontId, Rect, pos2, vec2};

use crate::lab::showing::explain::ExplainedPhase;
use crate::ui::reader::ShownDescent;
use crate::ui::text::style::{color32, font};
use crate::ui::text::words::Words;

const PADDING: f32 = 9.0;
const GAP: f32 = 4.0;

/// From below upwards; returns what is left of the room. What has no room is left out, the last descent first.
pub(super) fn paint(words: &mut Words, descents: &[ShownDescent<'_>], room: Rect) -> Rect {
    let mut room = room;
    let explained = descents.iter().filter(|descent| descent.style.shown);
    let explained: Vec<_> = explained
        .filter_map(|descent| Some((descent, descent.explanation.phase.as_ref()?)))
        .collect();
    let formulas = explained.len() == 1;
    for (descent, phase) in explained {
        let job = text(
            words,
            descent,
            phase,
            formulas,
            room.width() - 2.0 * PADDING,
        );
        let galley = words.painter.layout_job(job);
        let size = galley.size() + vec2(2.0, 2.0) * PADDING;
        if size.y > room.height() {
            break;
        }
        let rect = Align2::CENTER_BOTTOM.anchor_size(room.center_bottom(), size);
        words.take(rect);
        let ground = color32(words.theme.background);
        words
            .painter
            .rect_filled(rect, 5.0, ground.gamma_multiply(0.94));
        words
            .painter
            .galley(rect.min + vec2(1.0, 1.0) * PADDING, galley, Color32::WHITE);
        room.max = pos2(room.right(), rect.top() - GAP);
    }
    room
}

fn text(
    words: &Words,
    descent: &ShownDescent<'_>,
    phase: &ExplainedPhase,
    formula: bool,
    width: f32,
) -> LayoutJob {
    let theme = words.theme;
    let [plain, muted, accent] = [theme.text, theme.muted, theme.accent].map(color32);
    let size = if width < 420.0 { 12.0 } else { 14.0 };
    let mut job = LayoutJob {
        wrap: TextWrapping {
            max_width: width.max(1.0),
            max_rows: 12,
            ..TextWrapping::default()
        },
        ..LayoutJob::default()
    };
    let format = |font_id: FontId, color: Color32| TextFormat {
        font_id,
        color,
        ..TextFormat::default()
    };
    job.append("● ", 0.0, format(font(size), color32(descent.style.color)));
    job.append(&descent.style.name, 0.0, format(font(size), plain));
    let count = format!(
        "  step {} · {} of {}\n",
        phase.step,
        phase.number + 1,
        phase.count
    );
    job.append(&count, 0.0, format(font(size - 2.0), muted));
    if formula {
        for (piece, moves) in &phase.formula {
            let color = if *moves { accent } else { muted };
            let mut look = format(FontId::monospace(size), color);
            if *moves {
                look.background = accent.gamma_multiply(0.18);
            }
            job.append(piece, 0.0, look);
        }
        job.append("\n", 0.0, format(font(size), plain));
    }
    job.append(&phase.sentence, 0.0, format(font(size + 1.0), plain));
    job
}
