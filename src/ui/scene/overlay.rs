//! The words over the scene, in the order of their importance: notices and captions, titles, legends, colour bars, and
//! what stands at the axes. None lies on another; what has no room is elided or left out.

use bevy_egui::egui;
use egui::{Align2, FontId, Pos2, Rect, Stroke, pos2, vec2};

use super::axis_words;
use super::color_bar;
use super::explained;
use super::legend::Legend;
use super::map_legend;
use crate::experiment::{Caption, Directions, PanelView, Through};
use crate::lab::command::Notice;
use crate::lab::showing::overlay::PlacedGlyph;
use crate::lab::{PanelLandscape, Playback};
use crate::mnist::DataSet;
use crate::report::map_words::MapWords;
use crate::ui::glyphs;
use crate::ui::layout::Layout;
use crate::ui::map::inset::{NOT_TO_SCALE, lies_on};
use crate::ui::reader::LabReader;
use crate::ui::text::style::{color32, font};
use crate::ui::text::words::{Laid, Words};

/// From the edges of a viewport, in logical pixels.
pub(super) const MARGIN: f32 = 14.0;
/// What is written at the lower edge stands this far above it.
const FOOT: f32 = 12.0;
/// Rows of a caption and of a notice.
const CAPTION_ROWS: usize = 5;
const NOTICE_ROWS: usize = 8;
/// The title of a single scene as wide as this may have two rows.
const WIDE: f32 = 420.0;
/// What can be done, in as many words as fit.
const HINTS: [&str; 3] = [
    "drag to orbit · scroll to zoom · click the surface to drop everyone there · space pauses · H shows all keys",
    "drag to orbit · scroll to zoom · space pauses · H shows all keys",
    "H shows all keys",
];

/// Paints them; a notice, if there is one, is the most important.
pub(crate) fn show(
    ctx: &egui::Context,
    lab: &LabReader,
    layout: &Layout,
    rects: &[Rect],
    notice: Option<&Notice>,
) {
    let Some(whole) = rects.iter().copied().reduce(Rect::union) else {
        return;
    };
    let painter = ctx.layer_painter(egui::LayerId::background());
    let painter = painter.with_clip_rect(whole);
    for (rect, glyphs) in rects.iter().zip(&lab.glyphs.panels) {
        paint_glyphs(&painter.with_clip_rect(*rect), glyphs);
    }
    let (taken, foot) = explanations(&painter, lab, rects);
    let mut words = Words::new(painter.clone(), &lab.theme, whole, taken);
    over_all(&mut words, lab, layout, (rects, foot), notice);
    let taken = words.taken();
    let several = rects.len() > 1;
    for (index, &rect) in rects.iter().enumerate() {
        let Some(landscape) = lab.landscape(index) else {
            continue;
        };
        let clipped = painter.with_clip_rect(rect);
        let mut words = Words::new(clipped, &lab.theme, rect, taken.clone());
        let descents = lab.descents(index);
        let position = lab.playback.position();
        let legend = Legend::new(&words, &descents, position, several);
        let beside = legend.as_ref().map_or(0.0, |legend| legend.size.x + MARGIN);
        let title = if several {
            &landscape.panel.title
        } else {
            &lab.current.experiment.title
        };
        let title = headline(&mut words, title, several, beside);
        let title = shape_note(&mut words, landscape, title);
        let title = provenance(&mut words, landscape, lab, title);
        let title = map_words(&mut words, landscape, lab, index, title);
        if let Some(legend) = legend {
            legend.paint(&mut words, title);
        }
        // Where a map lies on the surface its colours say something else.
        let is_mapped = lab.map(index).is_some_and(|map| {
            map.picture
                .is_some_and(|picture| lies_on(picture, landscape))
        });
        if !is_mapped {
            color_bar::paint(&mut words, landscape, lab);
        }
        if let Some(labels) = lab.overlay.panels.get(index) {
            axis_words::paint(&mut words, labels);
        }
        let line = Stroke::new(1.0, color32(lab.theme.line));
        if rect.right() < whole.right() - 1.0 {
            painter.vline(rect.right() + 1.0, rect.y_range(), line);
        }
        if rect.bottom() < whole.bottom() - 1.0 {
            painter.hline(rect.x_range(), rect.bottom() + 1.0, line);
        }
    }
}

fn paint_glyphs(painter: &egui::Painter, placed: &[PlacedGlyph]) {
    let places: Vec<Vec<Pos2>> = placed
        .iter()
        .map(|glyph| glyph.places.iter().map(|at| pos2(at.x, at.y)).collect())
        .collect();
    let glyphs = placed.iter().zip(&places);
    glyphs::paint(
        painter,
        glyphs.map(|(glyph, places)| glyphs::OnScreen {
            role: glyph.role,
            form: glyph.form,
            places,
            strength: glyph.strength,
            symbol: &glyph.symbol,
        }),
    );
}

/// The steps that are explained, at the foot of each viewport: what they take, and how far up they reach.
fn explanations(painter: &egui::Painter, lab: &LabReader, rects: &[Rect]) -> (Vec<Rect>, f32) {
    let mut taken = Vec::new();
    let mut foot = f32::INFINITY;
    for (index, rect) in rects.iter().enumerate() {
        let clipped = painter.with_clip_rect(*rect);
        let mut words = Words::new(clipped, &lab.theme, *rect, taken);
        let side = if color_bar::has_room(*rect) {
            120.0
        } else {
            MARGIN
        };
        let room = Rect::from_x_y_ranges(
            rect.left() + side..=rect.right() - side,
            rect.center().y..=rect.bottom() - 2.0 * FOOT,
        );
        let left = explained::paint(&mut words, &lab.descents(index), room);
        foot = foot.min(left.bottom());
        taken = words.taken();
    }
    (taken, foot)
}

/// What concerns all viewports. Words at their foot begin above `foot`.
fn over_all(
    words: &mut Words,
    lab: &LabReader,
    layout: &Layout,
    (rects, foot): (&[Rect], f32),
    notice: Option<&Notice>,
) {
    if layout.counter {
        counter(words, &lab.playback);
    }
    // The colour bar's corner is left free.
    let bar = rects.iter().any(|rect| color_bar::has_room(*rect));
    let side = if bar { 120.0 } else { MARGIN };
    // And the titles of the lowest row.
    let lowest = rects
        .iter()
        .map(Rect::top)
        .fold(f32::NEG_INFINITY, f32::max);
    let room = Rect::from_x_y_ranges(
        words.area.left() + side..=words.area.right() - side,
        (lowest + 30.0).max(words.area.center().y)..=(words.area.bottom() - 26.0).min(foot),
    );
    captions(words, lab, room);
    if let Some((notice, text)) = notice.and_then(|notice| Some((notice, notice.text.as_ref()?))) {
        let color = if notice.is_good {
            lab.theme.text
        } else {
            lab.theme.warning
        };
        let width = (words.area.width() - 60.0).min(640.0);
        let notice = words.rows(text, font(13.5), color32(color), width, NOTICE_ROWS);
        words.paint_boxed(notice, words.area.center(), Align2::CENTER_CENTER, 10.0);
    } else if layout.controls && lab.rig.is_untouched() && lab.pointed.0.is_none() {
        hint(words, side);
    }
}

/// From below upwards, as many as there is room for.
fn captions(words: &mut Words, lab: &LabReader, room: Rect) {
    const PADDING: f32 = 9.0;
    let step = lab.playback.step();
    let is_shown =
        |caption: &&Caption| (caption.step..caption.step + caption.steps.max(1)).contains(&step);
    let size = if room.width() < WIDE { 13.0 } else { 16.0 };
    let color = color32(words.theme.text);
    let mut at = room.center_bottom();
    for caption in lab.current.experiment.captions.iter().filter(is_shown) {
        let fitting = ((at.y - room.top() - 2.0 * PADDING) / (1.4 * size)) as usize;
        if fitting == 0 {
            break;
        }
        let (width, rows) = (room.width() - 2.0 * PADDING, fitting.min(CAPTION_ROWS));
        let caption = words.rows(&caption.text, font(size), color, width, rows);
        let height = caption.size().y + 2.0 * PADDING;
        words.paint_boxed(caption, at, Align2::CENTER_BOTTOM, PADDING);
        at.y -= height + 2.0;
    }
}

/// The title: in one row if that leaves the legend its place beside it, else in up to two.
fn headline(words: &mut Words, title: &str, several: bool, beside: f32) -> Rect {
    let font = font(if several { 13.5 } else { 17.0 });
    let color = color32(words.theme.text);
    let width = words.area.width() - 2.0 * MARGIN;
    let mut laid = words.line(title, font.clone(), color, width - beside);
    if laid.is_elided() {
        let rows = if several || words.area.width() < WIDE {
            1
        } else {
            2
        };
        let title = title.replace(['\n', '\t'], " ");
        laid = match rows {
            1 => words.line(&title, font, color, width),
            _ => words.rows(&title, font, color, width, rows),
        };
    }
    let at = words.area.min + vec2(MARGIN, MARGIN * 0.8);
    let none = Rect::from_min_size(at, vec2(0.0, 0.0));
    words
        .paint_if_free(laid, at, Align2::LEFT_TOP)
        .unwrap_or(none)
}

/// Beside the title of a flat map, or under it: that its axes are not true to units, if they are not.
fn shape_note(words: &mut Words, landscape: &PanelLandscape, title: Rect) -> Rect {
    let flat = landscape.panel.view == PanelView::Contour && !landscape.is_curve();
    if !flat || landscape.panel.is_to_scale() {
        return title;
    }
    let color = color32(words.theme.muted);
    let note = words.line(NOT_TO_SCALE, font(11.5), color, f32::INFINITY);
    let at = title.right_bottom() + vec2(10.0, -1.0);
    if at.x + note.size().x > words.area.right() - MARGIN {
        return under(words, NOT_TO_SCALE, title);
    }
    title.union(words.paint(note, at, Align2::LEFT_BOTTOM))
}

/// A line of small type under what is there already.
fn under(words: &mut Words, line: &str, above: Rect) -> Rect {
    let width = words.area.right() - MARGIN - above.left();
    let line = words.line(line, font(11.5), color32(words.theme.muted), width);
    let at = above.left_bottom() + vec2(0.0, 2.0);
    above.union(words.paint(line, at, Align2::LEFT_TOP))
}

/// Under the title of a data set's slice: which data, which plane, and what the thin lines mean.
fn provenance(words: &mut Words, landscape: &PanelLandscape, lab: &LabReader, title: Rect) -> Rect {
    let Some(plane) = &landscape.panel.plane else {
        return title;
    };
    let data = lab
        .data
        .set()
        .filter(|_| landscape.panel.objective.needs_data());
    let through = match (&plane.through, &plane.directions) {
        (_, Directions::Between([a, b, c])) => format!("the ends of {a}, {b} and {c}"),
        (Through::Origin, _) => "the origin".to_owned(),
        (Through::Descent(name), _) if plane.follows => format!("{name} at the step shown"),
        (Through::Descent(name), _) => format!("{name}'s final weights"),
    };
    let kind = &landscape.panel.objective;
    let own_plane = kind.records().is_none();
    let lines = [
        data.map(DataSet::name),
        kind.progress().map(str::to_owned),
        own_plane.then(|| format!("plane through {through}")),
        directions(&plane.directions).map(str::to_owned),
        landscape.field.explained.map(explained),
        batch(landscape, lab.net_of_all.0),
        Some("balls and trails: true loss; thin lines: to the plane drawn".to_owned()),
    ];
    let lines = lines.iter().flatten();
    lines.fold(title, |above, line| under(words, line, above))
}

/// What the colours of a map on the surface say, or why there is none.
fn map_words(
    words: &mut Words,
    landscape: &PanelLandscape,
    lab: &LabReader,
    index: usize,
    title: Rect,
) -> Rect {
    let lies_on_it = |spec| landscape.panel.map_lies_on_surface(spec);
    let Some(map) = lab
        .map(index)
        .filter(|map| map.panel.map.as_ref().is_some_and(lies_on_it))
    else {
        return title;
    };
    let title = match &map.map.problem {
        Some(problem) => under(words, problem, title),
        None => title,
    };
    let picture = map.picture.filter(|picture| lies_on(picture, landscape));
    picture.map_or(title, |picture| {
        let of = MapWords {
            map: &picture.map.map,
            labels: &landscape.panel.labels,
            descent: &picture.map.descent,
        };
        map_legend::paint(words, &of, picture, title)
    })
}

/// Which samples the surface is the loss over, where these are not all.
fn batch(landscape: &PanelLandscape, has_net: bool) -> Option<String> {
    let panel = &landscape.panel;
    let name = panel.plane.as_ref()?.batch.as_ref()?;
    let count = landscape.field.key.batch.as_ref()?.len();
    let s = if count == 1 { "" } else { "s" };
    let net = match has_net && panel.view == PanelView::Surface {
        true => "; net: over all",
        false => "",
    };
    Some(format!(
        "surface: the loss over the {count} sample{s} of {name}'s step{net}"
    ))
}

/// Which directions a plane has, where the axes' titles do not say it.
fn directions(directions: &Directions) -> Option<&'static str> {
    match directions {
        Directions::Random { .. } => {
            Some("random directions, each neuron's part as long as its weights and bias")
        }
        Directions::Hessian => Some("along the two directions in which the loss curves most"),
        _ => None,
    }
}

/// What principal components show of the paths, in words.
fn explained(shares: [f64; 2]) -> String {
    let [u, v] = shares.map(|share| 100.0 * share);
    format!("{u:.1} + {v:.1} % of the paths' spread lie in it")
}

/// The step, where no timeline says it.
fn counter(words: &mut Words, playback: &Playback) {
    let last = playback.last_step();
    let digits = last.to_string().len();
    let text = format!("step {:>digits$} / {last}", playback.step());
    let at = words.area.left_bottom() + vec2(MARGIN, -FOOT);
    let (font, color) = (FontId::monospace(13.0), color32(words.theme.muted));
    // Its spaces count.
    let laid = words.rows(&text, font, color, words.area.width() - 2.0 * MARGIN, 1);
    words.paint(laid, at, Align2::LEFT_BOTTOM);
}

fn hint(words: &mut Words, side: f32) {
    let color = color32(words.theme.muted);
    let at = pos2(words.area.center().x, words.area.bottom() - 0.5 * FOOT);
    let hints = HINTS.map(|hint| words.line(hint, font(12.5), color, f32::INFINITY));
    let fits = |hint: &Laid| {
        words.is_free(Align2::CENTER_BOTTOM.anchor_size(at, hint.size() + vec2(2.0 * side, 0.0)))
    };
    if let Some(hint) = hints.into_iter().find(fits) {
        words.paint(hint, at, Align2::CENTER_BOTTOM);
    }
}
