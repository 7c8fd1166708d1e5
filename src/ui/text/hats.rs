//! Letters with a hat, such as m̂: no font at hand puts the combining mark where it belongs, so the hats are drawn.

use bevy_egui::egui;
use egui::{Color32, Galley, Painter, Pos2, Shape, Stroke, pos2, vec2};

const HAT: char = '\u{302}';

/// The text without its hats, and which of its letters have one.
pub(crate) fn taken_off(text: &str) -> (String, Vec<usize>) {
    let mut plain = String::new();
    let mut hats = Vec::new();
    let mut count = 0;
    for letter in text.chars() {
        if letter == HAT {
            hats.extend(usize::checked_sub(count, 1));
        } else {
            plain.push(letter);
            count += 1;
        }
    }
    (plain, hats)
}

/// Puts hats on the letters of a text that is painted at a place, in its own colour.
pub(crate) fn put_on(painter: &Painter, at: Pos2, galley: &Galley, hats: &[usize]) {
    let mut first = 0;
    for row in &galley.rows {
        for (index, glyph) in (first..).zip(&row.glyphs) {
            if !hats.contains(&index) {
                continue;
            }
            let Some((size, color)) = look(galley, index) else {
                continue;
            };
            let middle = glyph.pos.x + 0.5 * glyph.advance_width;
            let up = if glyph.chr.is_uppercase() { 0.8 } else { 0.6 };
            let place = at + row.pos.to_vec2() + vec2(middle, glyph.pos.y - up * size);
            painter.add(hat(place, size, color));
        }
        first += row.glyphs.len() + usize::from(row.ends_with_newline);
    }
}

/// The size and colour of a letter.
fn look(galley: &Galley, index: usize) -> Option<(f32, Color32)> {
    let (byte, _) = galley.job.text.char_indices().nth(index)?;
    let mut sections = galley.job.sections.iter();
    let section = sections.find(|section| section.byte_range.contains(&byte.into()))?;
    Some((section.format.font_id.size, section.format.color))
}

fn hat(at: Pos2, size: f32, color: Color32) -> Shape {
    let [wide, tall] = [0.17, 0.14].map(|share| share * size);
    let points = [(-wide, 0.0), (0.0, -tall), (wide, 0.0)];
    let points = points.map(|(x, y)| pos2(at.x + x, at.y + y));
    Shape::line(points.to_vec(), Stroke::new(0.09 * size, color))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hats_belong_to_the_letter_before() {
        let (plain, hats) = taken_off("m̂ / (√v̂ + ε)");
        assert_eq!(plain, "m / (√v + ε)");
        let hatted: Vec<char> = hats
            .iter()
            .filter_map(|&at| plain.chars().nth(at))
            .collect();
        assert_eq!(hatted, ['m', 'v']);
        assert_eq!(taken_off("\u{302}x"), ("x".to_owned(), vec![]));
    }
}
