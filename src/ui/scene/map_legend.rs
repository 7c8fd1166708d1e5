//! What the colours of a map say, in a viewport: each minimum with its loss and its share, and what settles nowhere.

use bevy_egui::egui;
use egui::{Align2, Rect, Stroke, pos2, vec2};

use super::overlay::MARGIN;
use crate::experiment::MapShow;
use crate::lab::showing::map_picture::MapPicture;
use crate::lab::theme::Rgb;
use crate::landscape::ticks::label;
use crate::maps::STATUSES;
use crate::palette::map_shades::{Look, Pattern};
use crate::report::map_words::{MapWords, loss, percent, steps};
use crate::ui::text::style::{color32, font, with_alpha};
use crate::ui::text::words::Words;

const SWATCH: egui::Vec2 = vec2(22.0, 10.0);
/// Smaller viewports have no legend.
const MIN: egui::Vec2 = vec2(240.0, 190.0);
/// What of a viewport's height it may take.
const SHARE: f32 = 0.42;
/// Pieces of a swatch, whose shade changes from one to the next.
const PIECES: usize = 11;

/// Paints it below what is there; the result is where it ends.
pub(super) fn paint(words: &mut Words, of: &MapWords, picture: &MapPicture, above: Rect) -> Rect {
    let area = words.area;
    if area.width() < MIN.x || area.height() < MIN.y {
        return above;
    }
    let size = if area.width() < 420.0 { 10.0 } else { 11.5 };
    let row = size + 5.0;
    let fitting = ((SHARE * area.height()) / row) as usize;
    let entries = entries(of, picture);
    let over = entries.len().saturating_sub(fitting);
    let named = match over {
        0 => entries.len(),
        _ => fitting.saturating_sub(1),
    };
    let corner = above.left_bottom() + vec2(0.0, 6.0);
    let beside = SWATCH.x + 7.0;
    let room = area.right() - MARGIN - corner.x;
    let theme = words.theme;
    let line = |text: &str, left: f32, color: Rgb| {
        let width = (room - left).max(40.0);
        (left, words.line(text, font(size), color32(color), width))
    };
    let mut lines = vec![line(&heading(of, picture), 0.0, theme.muted)];
    let named_entries = entries[..named].iter();
    lines.extend(named_entries.map(|entry| line(&entry.text, beside, theme.text)));
    if over > 0 {
        let more = format!("and {} more", entries.len() - named);
        lines.push(line(&more, 0.0, theme.muted));
    }
    let widths = lines.iter().map(|(left, line)| left + line.size().x);
    let width = widths.fold(0.0, f32::max);
    let whole = Rect::from_min_size(corner, vec2(width, row * lines.len() as f32));
    for (k, (left, line)) in lines.into_iter().enumerate() {
        let at = corner + vec2(0.0, row * k as f32);
        // A flat map reaches below it.
        let ground =
            Rect::from_min_size(at - vec2(5.0, 1.5), vec2(left + line.size().x + 10.0, row));
        let color = with_alpha(theme.background, 215);
        words.painter.rect_filled(ground, 0.0, color);
        if let Some(entry) = k.checked_sub(1).and_then(|k| entries[..named].get(k)) {
            let place = at + vec2(0.0, 0.5 * (row - SWATCH.y) - 2.0);
            swatch(words, Rect::from_min_size(place, SWATCH), &entry.look);
        }
        words.paint(line, at + vec2(left, 0.0), Align2::LEFT_TOP);
    }
    words.take(whole);
    whole.union(above)
}

struct Entry<'p> {
    look: Box<dyn Fn(f32) -> Look + 'p>,
    text: String,
}

fn heading(of: &MapWords, picture: &MapPicture) -> String {
    let shades = &picture.shades;
    let all = picture.map.map.cells();
    let done = match picture.shares.all {
        done if done < all => format!(" · {} computed", percent(done, all)),
        _ => String::new(),
    };
    let runs = "each point a run";
    let name = of.descent;
    let what = match picture.show {
        MapShow::Minimum => {
            let [first, last] = shades.steps().map(steps);
            format!("{name} settles at (light: after {first}, dark: {last})")
        }
        MapShow::Steps => format!("{name} settles after"),
        MapShow::Loss => format!("{name}'s last loss"),
        MapShow::Status => format!("{name} ends"),
    };
    format!("{runs} · {what}{done}")
}

fn entries<'p>(of: &MapWords, picture: &'p MapPicture) -> Vec<Entry<'p>> {
    let (shades, shares) = (&picture.shades, &picture.shares);
    let share = |count: usize| percent(count, shares.all);
    let mut entries: Vec<Entry<'p>> = Vec::new();
    let mut add = |look: Box<dyn Fn(f32) -> Look + 'p>, text: String| {
        entries.push(Entry { look, text });
    };
    match picture.show {
        MapShow::Minimum => {
            let minima = &of.map.minima;
            let mut named: Vec<usize> = (0..minima.len()).collect();
            // Those that most cells end at are named first.
            named.sort_by_key(|index| (std::cmp::Reverse(shares.minima[*index]), *index));
            for (index, place) in named.iter().zip(of.places(&named)) {
                let index = *index;
                let (loss, share) = (loss(minima[index].loss), share(shares.minima[index]));
                let look = move |part: f32| shades.minimum(index, part);
                add(
                    Box::new(look),
                    format!("{index}: {place} · loss {loss} · {share}"),
                );
            }
            if minima.is_empty() {
                add(
                    Box::new(|_| shades.nowhere()),
                    "no minimum is known".to_owned(),
                );
            }
        }
        MapShow::Steps => {
            let [first, last] = shades.steps().map(steps);
            add(
                Box::new(|part| shades.soon(part)),
                format!("{first} to {last}"),
            );
        }
        MapShow::Loss => {
            let ([low, high], lowest) = shades.losses();
            let look = move |part: f32| {
                let above = low.ln() + f64::from(part) * (high.ln() - low.ln());
                shades.loss(lowest + above.exp())
            };
            let (low, high, lowest) = (label(low), label(high), label(lowest));
            add(Box::new(look), format!("{low} to {high} above {lowest}"));
        }
        MapShow::Status => {
            for (code, name) in STATUSES.iter().enumerate() {
                let ended = shares.ended[code];
                if ended > 0 {
                    let look = move |_| shades.status(code as u8);
                    add(Box::new(look), format!("{name} · {}", share(ended)));
                }
            }
        }
    }
    let settles = matches!(picture.show, MapShow::Minimum | MapShow::Steps);
    if settles && shares.nowhere > 0 {
        add(
            Box::new(|_| shades.nowhere()),
            format!("settles nowhere · {}", share(shares.nowhere)),
        );
    }
    if picture.show != MapShow::Status && shares.diverged > 0 {
        add(
            Box::new(|_| shades.diverged()),
            format!("diverges · {}", share(shares.diverged)),
        );
    }
    entries
}

fn swatch(words: &Words, area: Rect, look: &dyn Fn(f32) -> Look) {
    let painter = words
        .painter
        .with_clip_rect(area.intersect(words.painter.clip_rect()));
    for piece in 0..PIECES {
        let look = look(piece as f32 / (PIECES - 1) as f32);
        let (from, to) = (
            piece as f32 / PIECES as f32,
            (piece + 1) as f32 / PIECES as f32,
        );
        let x = area.left() + area.width() * from..=area.left() + area.width() * to;
        let part = Rect::from_x_y_ranges(x, area.y_range());
        painter.rect_filled(part, 0.0, color32(look.color));
    }
    let stroke = Stroke::new(1.0, color32(look(0.5).ink()));
    let pattern = look(0.5).pattern;
    let lines = (0..8).map(|k| area.left() + 5.0 * k as f32 - area.height());
    for x in lines {
        let (left, right) = (x, x + area.height());
        if matches!(pattern, Pattern::Hatched | Pattern::Crossed) {
            let ends = [pos2(left, area.bottom()), pos2(right, area.top())];
            painter.line_segment(ends, stroke);
        }
        if pattern == Pattern::Crossed {
            let ends = [pos2(left, area.top()), pos2(right, area.bottom())];
            painter.line_segment(ends, stroke);
        }
        if pattern == Pattern::Dotted {
            painter.circle_filled(pos2(right, area.center().y), 1.0, stroke.color);
        }
    }
}
