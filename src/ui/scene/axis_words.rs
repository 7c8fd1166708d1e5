//! The numbers and titles at the axes of the box, and the names of minima: where `view` says they belong, as far as there
//! is room.

use bevy_egui::egui;
use egui::{Align2, Rect, pos2, vec2};

use crate::lab::{Label, LabelKind};
use crate::landscape::box_words::{
    At, Block, BoxAxis, Distances, Kind, Paper, PlaceName, Placed, place,
};
use crate::ui::text::style::{color32, font};
use crate::ui::text::words::{Laid, Words};

/// In logical pixels.
const DISTANCES: Distances = Distances {
    number: 9.0,
    title: [12.0, 84.0],
    among_numbers: 2.0,
    apart: [2.0, 2.0],
    name: 12.0,
    uncovered: 4.0,
    turns: false,
};
/// From a viewport's edges to words that were shifted away from them.
const MARGIN: f32 = 4.0;
/// Around a name.
const PADDING: f32 = 3.0;

/// The axes and names that labels make up, their places as they are told.
pub fn parts(
    labels: &[Label],
    at: impl Fn(bevy::math::Vec2) -> At,
) -> (Vec<BoxAxis>, Vec<PlaceName>) {
    let (mut axes, mut names) = (Vec::new(), Vec::new());
    let mut ticks = Vec::new();
    for label in labels {
        match label.kind {
            LabelKind::Tick => ticks.push((at(label.position), label.text.clone())),
            // An axis' title comes after its numbers.
            LabelKind::AxisTitle => axes.push(BoxAxis {
                ends: label.axis.unwrap_or([label.position; 2]).map(&at),
                away: label.away.to_array().map(f64::from),
                title: label.text.clone(),
                ticks: std::mem::take(&mut ticks),
            }),
            LabelKind::Critical => names.push(PlaceName {
                at: at(label.position),
                text: label.text.clone(),
                avoid: label.avoid.iter().map(|place| at(*place)).collect(),
            }),
        }
    }
    (axes, names)
}

pub(super) fn paint(words: &mut Words, labels: &[Label]) {
    let (axes, names) = parts(labels, |at| at.to_array().map(f64::from));
    let placed = place(&axes, &names, &mut Viewport(words), &DISTANCES);
    for Placed {
        kind,
        text,
        block,
        width,
        ..
    } in placed
    {
        let laid = Viewport(words).laid(kind, text, width);
        let corner = rect(block).min;
        match kind {
            Kind::Name => words.paint_boxed(laid, corner, Align2::LEFT_TOP, PADDING),
            Kind::Number | Kind::Title => {
                words.paint(laid, corner, Align2::LEFT_TOP);
            }
        }
    }
}

/// A viewport with what is written in it.
struct Viewport<'v, 'w>(&'v mut Words<'w>);

impl Viewport<'_, '_> {
    fn laid(&self, kind: Kind, text: &str, width: f64) -> Laid {
        let theme = self.0.theme;
        let (size, color) = match kind {
            Kind::Number => (11.5, theme.muted),
            Kind::Title => (13.5, theme.text),
            Kind::Name => (11.5, theme.text),
        };
        self.0.line(text, font(size), color32(color), width as f32)
    }
}

impl Paper for Viewport<'_, '_> {
    fn size(&self, kind: Kind, text: &str, width: f64) -> [f64; 2] {
        let size = self.laid(kind, text, width).size();
        let padding = match kind {
            Kind::Name => 2.0 * PADDING,
            Kind::Number | Kind::Title => 0.0,
        };
        [size.x, size.y].map(|side| f64::from(side + padding))
    }

    fn width(&self) -> f64 {
        f64::from(self.0.area.width())
    }

    fn left(&self) -> f64 {
        f64::from(self.0.area.left() + MARGIN)
    }

    fn is_free(&self, block: Block) -> bool {
        self.0.is_free(rect(block))
    }

    fn shifted(&self, place: Block) -> Block {
        let margin = vec2(MARGIN, 0.0);
        block(self.0.shifted(rect(place).expand2(margin)).shrink2(margin))
    }

    fn take(&mut self, block: Block) {
        self.0.take(rect(block));
    }
}

fn rect(block: Block) -> Rect {
    let [min, max] = [block.min, block.max].map(|[x, y]| pos2(x as f32, y as f32));
    Rect::from_min_max(min, max)
}

fn block(rect: Rect) -> Block {
    let [min, max] = [rect.min, rect.max].map(|at| [at.x, at.y].map(f64::from));
    Block { min, max }
}
