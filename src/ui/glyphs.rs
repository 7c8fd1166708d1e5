//! Arrows, areas and ghosts at the balls, over the scene and on the map alike.

use bevy_egui::egui;
use egui::{Align2, Color32, Painter, Pos2, Shape, Stroke, vec2};

use crate::lab::showing::glyphs::Form;
use crate::lab::theme::{Rgb, Role, SHADE, role_color};
use crate::ui::text::hats;
use crate::ui::text::style::font;

/// Widths in logical pixels.
const LINE: f32 = 2.4;
const CASING: f32 = 1.2;
const HEAD: f32 = 9.0;
const GHOST: f32 = 6.5;
/// Shorter arrows are dots.
const SHORTEST: f32 = 1.5;
/// From the end of a glyph to its symbol.
const AWAY: f32 = 4.0;
const FILL: f32 = 0.22;

/// What is to be painted: places on the screen.
pub(crate) struct OnScreen<'a> {
    pub(crate) role: Role,
    pub(crate) form: Form,
    pub(crate) places: &'a [Pos2],
    pub(crate) strength: f32,
    pub(crate) symbol: &'a str,
}

/// Paints glyphs in their order, then their symbols, so that no line crosses a letter. Symbols that would lie on another
/// are moved on.
pub(crate) fn paint<'a>(painter: &Painter, glyphs: impl Iterator<Item = OnScreen<'a>> + Clone) {
    for glyph in glyphs.clone() {
        paint_form(painter, &glyph);
    }
    let mut taken: Vec<egui::Rect> = Vec::new();
    for glyph in glyphs {
        paint_symbol(painter, &glyph, &mut taken);
    }
}

fn color([r, g, b]: Rgb, strength: f32) -> Color32 {
    let alpha = (255.0 * strength.clamp(0.0, 1.0)) as u8;
    Color32::from_rgba_unmultiplied(r, g, b, alpha)
}

fn paint_form(painter: &Painter, glyph: &OnScreen) {
    let line = Stroke::new(LINE, color(role_color(glyph.role), glyph.strength));
    let casing = Stroke::new(LINE + 2.0 * CASING, color(SHADE, 0.8 * glyph.strength));
    match (glyph.form, glyph.places) {
        (Form::Arrow, &[from, to]) => arrow(painter, [from, to], line, casing),
        (Form::Ghost, &[at, ..]) => {
            painter.circle_stroke(at, GHOST, Stroke::new(casing.width, casing.color));
            painter.circle_stroke(at, GHOST, line);
        }
        (Form::Line, places) => {
            painter.line(places.to_vec(), casing);
            painter.line(places.to_vec(), line);
        }
        (Form::Area, places) => {
            let fill = color(role_color(glyph.role), FILL * glyph.strength);
            painter.add(Shape::convex_polygon(places.to_vec(), fill, Stroke::NONE));
            painter.add(Shape::closed_line(places.to_vec(), casing));
            painter.add(Shape::closed_line(places.to_vec(), line));
        }
        (Form::Cell, places) => {
            let fill = color(role_color(glyph.role), 0.6 * glyph.strength);
            painter.add(Shape::convex_polygon(places.to_vec(), fill, Stroke::NONE));
        }
        _ => {}
    }
}

fn arrow(painter: &Painter, [from, to]: [Pos2; 2], line: Stroke, casing: Stroke) {
    let length = from.distance(to);
    if length < SHORTEST {
        painter.circle_filled(to, LINE, line.color);
        return;
    }
    let along = (to - from) / length;
    let head = HEAD.min(0.6 * length);
    let neck = to - along * head;
    let half = along.rot90() * head * 0.45;
    let tip = |out: f32| {
        vec![
            to + along * out,
            neck + half * 1.0 - along * out,
            neck - half - along * out,
        ]
    };
    painter.line_segment([from, neck], casing);
    painter.add(Shape::convex_polygon(
        tip(0.0),
        casing.color,
        Stroke::new(2.0 * CASING, casing.color),
    ));
    painter.line_segment([from, neck], line);
    painter.add(Shape::convex_polygon(tip(0.0), line.color, Stroke::NONE));
}

/// The symbol beside the end, away from where the glyph comes from.
fn paint_symbol(painter: &Painter, glyph: &OnScreen, taken: &mut Vec<egui::Rect>) {
    let (Some(&first), Some(&last)) = (glyph.places.first(), glyph.places.last()) else {
        return;
    };
    if glyph.symbol.is_empty() {
        return;
    }
    let (end, away) = match glyph.form {
        Form::Arrow | Form::Line | Form::Cell => (last, (last - first).normalized()),
        Form::Area => {
            let highest = glyph.places.iter().min_by(|a, b| a.y.total_cmp(&b.y));
            (*highest.unwrap_or(&last), vec2(0.0, -1.0))
        }
        Form::Ghost => (last, vec2(1.0, 0.0)),
    };
    let away = if away == vec2(0.0, 0.0) {
        vec2(1.0, 0.0)
    } else {
        away
    };
    let text = color(role_color(glyph.role), glyph.strength);
    let (symbol, hats) = hats::taken_off(glyph.symbol);
    let galley = painter.layout_no_wrap(symbol, font(14.0), text);
    let size = galley.size();
    let half = 0.5 * size + vec2(3.0, 1.0);
    let gap = if glyph.form == Form::Ghost {
        GHOST + CASING
    } else {
        0.0
    } + AWAY;
    // Straight on, then to either side, then further out.
    let mut places = [
        (0.0, 1.0),
        (0.9, 1.0),
        (-0.9, 1.0),
        (0.0, 2.5),
        (1.5, 2.0),
        (-1.5, 2.0),
    ]
    .into_iter()
    .map(|(aside, out)| {
        let way = (away + away.rot90() * aside).normalized();
        let clear = (half.x * way.x.abs()).max(half.y * way.y.abs());
        Align2::CENTER_CENTER.anchor_size(end + way * (gap * out + clear), size)
    });
    let free = |rect: &egui::Rect| !taken.iter().any(|other| other.intersects(*rect));
    let Some(rect) = places.find(free) else {
        return;
    };
    taken.push(rect);
    painter.rect_filled(
        rect.expand2(vec2(3.0, 0.0)),
        3.0,
        color(SHADE, 0.72 * glyph.strength),
    );
    hats::put_on(painter, rect.min, &galley, &hats);
    painter.galley(rect.min, galley, text);
}
