//! The step that is explained, in words: the rule's formula with what moves now highlighted, and a sentence with the numbers
//! of this step.

use bevy_egui::egui;
use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{Align2, Color32, Rect, pos2, vec2};

use crate::lab::showing::explain::ExplainedPhase;
use crate::ui::reader::ShownDescent;
use crate::ui::text::hats;
use crate::ui::text::style::{color32, font};
use crate::ui::text::words::{Words, one_line};

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
        let width = room.width() - 2.0 * PADDING;
        let (job, hats) = text(words, descent, phase, formulas, width);
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
        let at = rect.min + vec2(1.0, 1.0) * PADDING;
        hats::put_on(&words.painter, at, &galley, &hats);
        words.painter.galley(at, galley, Color32::WHITE);
        room.max = pos2(room.right(), rect.top() - GAP);
    }
    room
}

/// The words, and which letters have hats.
fn text(
    words: &Words,
    descent: &ShownDescent<'_>,
    phase: &ExplainedPhase,
    formula: bool,
    width: f32,
) -> (LayoutJob, Vec<usize>) {
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
    let mut hatted = Vec::new();
    let mut append = |text: &str, size: f32, color: Color32, background: Color32| {
        let (text, hats) = hats::taken_off(text);
        let before = job.text.chars().count();
        hatted.extend(hats.iter().map(|hat| before + hat));
        let format = TextFormat {
            font_id: font(size),
            color,
            background,
            ..TextFormat::default()
        };
        job.append(&text, 0.0, format);
    };
    let none = Color32::TRANSPARENT;
    append("● ", size, color32(descent.style.color), none);
    append(&one_line(&descent.style.name), size, plain, none);
    let place = format!(
        "   step {}, phase {} of {}\n",
        phase.step,
        phase.number + 1,
        phase.count
    );
    append(&place, size - 2.0, muted, none);
    if formula {
        for (piece, moves) in &phase.formula {
            if *moves {
                append(piece, size, accent, accent.gamma_multiply(0.18));
            } else {
                append(piece, size, muted, none);
            }
        }
        append("\n", size, plain, none);
    }
    append(&phase.sentence, size + 1.0, plain, none);
    (job, hatted)
}
