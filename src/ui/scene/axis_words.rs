//! The numbers and titles at the axes of the box, and the names of minima: where `view` says they belong, as far as there
//! is room.

use bevy::math::Vec2 as Direction;
use bevy_egui::egui;
use egui::{Align2, Pos2, Rect, pos2, vec2};

use crate::lab::{Label, LabelKind};
use crate::ui::text::style::{color32, font};
use crate::ui::text::words::{Laid, Words};

/// Numbers begin this far from their axis, in logical pixels.
const TICK_OFFSET: f32 = 9.0;
/// Around words.
const APART: f32 = 2.0;
/// Titles stand at least and at most this far out, and where there is no room among the numbers.
const TITLE_FROM: f32 = 12.0;
const TITLE_TO: f32 = 84.0;
const TITLE_AMONG_NUMBERS: f32 = 2.0;
/// What of a viewport's width a title takes, the first that has room.
const TITLE_SHARES: [f32; 5] = [0.6, 0.45, 0.34, 0.26, 0.2];
/// An axis is upright whose outside is this much to a side.
const UPRIGHT: f32 = 0.8;
/// So much of a title may lie over the box.
const OVER_BOX: f32 = 50.0;
/// From a minimum to its name.
const NAME_AWAY: f32 = 12.0;
const NAME_PADDING: f32 = 3.0;

pub(super) fn paint(words: &mut Words, labels: &[Label]) {
    let of_kind = |kind: LabelKind| labels.iter().filter(move |label| label.kind == kind);
    let muted = color32(words.theme.muted);
    let numbers: Vec<(Laid, Rect)> = of_kind(LabelKind::Tick)
        .map(|label| {
            let laid = words.line(&label.text, font(11.5), muted, f32::INFINITY);
            let at = position(label) + TICK_OFFSET * vec2(label.away.x, label.away.y);
            let rect = align(label.away).anchor_size(at, laid.size());
            (laid, rect)
        })
        .filter(|(_, rect)| words.is_free(*rect))
        .collect();
    for label in of_kind(LabelKind::AxisTitle) {
        // A title clear of the numbers is best; else they make room for it.
        let beside: Vec<Rect> = numbers.iter().map(|(_, rect)| rect.expand(APART)).collect();
        if let Some((title, rect)) = title(words, label, &beside, TITLE_FROM)
            .or_else(|| title(words, label, &[], TITLE_AMONG_NUMBERS))
        {
            words.paint(title, rect.min, Align2::LEFT_TOP);
        }
    }
    for (number, rect) in numbers {
        words.paint_if_free(number, rect.min, Align2::LEFT_TOP);
    }
    for label in of_kind(LabelKind::Critical) {
        name(words, label);
    }
}

/// An axis' title and the nearest place outside the axis where nothing is, else over its upper end if it is upright: that
/// of an axis on the floor is beside another axis.
fn title(words: &Words, label: &Label, numbers: &[Rect], nearest: f32) -> Option<(Laid, Rect)> {
    let color = color32(words.theme.text);
    let laid = TITLE_SHARES.map(|share| {
        let width = share * words.area.width();
        words.line(&label.text, font(13.5), color, width)
    });
    let free = |rect: &Rect| {
        words.is_free(*rect) && !numbers.iter().any(|number| number.intersects(*rect))
    };
    let (from, away) = (position(label), vec2(label.away.x, label.away.y));
    let beside = laid.iter().find_map(|laid| {
        let steps = (0..=(TITLE_TO - nearest) as usize).map(|step| nearest + step as f32);
        let mut places = steps.map(|out| {
            let place = align(label.away).anchor_size(from + out * away, laid.size());
            shifted(words, place)
        });
        // Of an upright axis it may not be pushed over the box.
        let outside = |place: &Rect| {
            away.x.abs() < UPRIGHT || (place.center().x - from.x) / away.x > 0.5 * place.width()
        };
        let place = places.find(|place| free(place) && outside(place))?;
        Some((laid.clone(), place))
    });
    beside.or_else(|| {
        let ends = label.axis.filter(|_| away.x.abs() >= UPRIGHT)?;
        let over = if ends[0].y < ends[1].y {
            ends[0]
        } else {
            ends[1]
        };
        // Little of it may lie over the box.
        let left = words.area.left() + 2.0 * APART;
        let width = (over.x - left + OVER_BOX).max(OVER_BOX);
        let laid = words.line(&label.text, font(13.5), color, width);
        let at = pos2((over.x - 0.5 * laid.size().x).max(left), over.y - 6.0);
        let place = Align2::LEFT_BOTTOM.anchor_size(at, laid.size());
        free(&place).then_some((laid, place))
    })
}

/// A place shifted sideways off the viewport's edges.
fn shifted(words: &Words, place: Rect) -> Rect {
    let margin = vec2(2.0 * APART, 0.0);
    words.shifted(place.expand2(margin)).shrink2(margin)
}

/// The name of a minimum beside it, where it covers neither words nor paths.
fn name(words: &mut Words, label: &Label) {
    let color = color32(words.theme.text);
    let name = words.line(&label.text, font(11.5), color, 0.5 * words.area.width());
    let (at, size) = (position(label), name.size() + vec2(2.0, 2.0) * NAME_PADDING);
    let around = [
        (Align2::CENTER_TOP, vec2(0.0, 1.0)),
        (Align2::CENTER_BOTTOM, vec2(0.0, -1.0)),
        (Align2::LEFT_CENTER, vec2(1.0, 0.0)),
        (Align2::RIGHT_CENTER, vec2(-1.0, 0.0)),
        (Align2::LEFT_TOP, vec2(0.8, 0.8)),
        (Align2::RIGHT_TOP, vec2(-0.8, 0.8)),
        (Align2::LEFT_BOTTOM, vec2(0.8, -0.8)),
        (Align2::RIGHT_BOTTOM, vec2(-0.8, -0.8)),
    ];
    let places = around.into_iter().flat_map(|(align, way)| {
        [1.0, 2.2].map(|far| align.anchor_size(at + way * (NAME_AWAY * far), size))
    });
    let covers = |place: &Rect| {
        let near = place.expand(4.0);
        label.avoid.iter().any(|at| near.contains(pos2(at.x, at.y)))
    };
    let free = places
        .into_iter()
        .find(|place| words.is_free(*place) && !covers(place));
    if let Some(place) = free {
        words.paint_boxed(name, place.min, Align2::LEFT_TOP, NAME_PADDING);
    }
}

fn position(label: &Label) -> Pos2 {
    pos2(label.position.x, label.position.y)
}

/// The point of a text's box that faces the axis.
fn align(away: Direction) -> Align2 {
    let side = |c: f32| {
        if c > 0.38 {
            egui::Align::Min
        } else if c < -0.38 {
            egui::Align::Max
        } else {
            egui::Align::Center
        }
    };
    Align2([side(away.x), side(away.y)])
}
