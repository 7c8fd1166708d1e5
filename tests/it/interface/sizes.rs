//! The layout at every size and scale: everything inside the picture, nothing on top of something else.

use std::collections::BTreeSet;

use egui::accesskit::Role;
use egui::{Rect, pos2, vec2};
use steepest::lab::Viewports;

use super::person::{Person, Widget};
use bevy_egui::egui;

/// Height of the timeline, in logical pixels.
const TIMELINE: f32 = 42.0;

/// What is drawn: one panel or several, at logical sizes with their scales, up to 4K.
const DRAWN: [(&str, [u32; 2], u32); 9] = [
    ("race", [640, 480], 1),
    ("race", [640, 480], 2),
    ("race", [640, 480], 3),
    ("race", [1280, 720], 1),
    ("race", [1280, 720], 2),
    ("race", [1280, 720], 3),
    ("race", [3840, 2160], 1),
    ("learning-rate-sensitivity", [640, 480], 1),
    ("learning-rate-sensitivity", [1280, 720], 1),
];

fn to_egui(rect: bevy::math::Rect) -> Rect {
    Rect::from_min_max(pos2(rect.min.x, rect.min.y), pos2(rect.max.x, rect.max.y))
}

/// Whether two lie on top of each other, rounding of places aside.
fn overlap(a: Rect, b: Rect) -> bool {
    a.shrink(0.6).intersects(b.shrink(0.6))
}

fn is_control(widget: &Widget) -> bool {
    matches!(
        widget.role,
        Role::Button
            | Role::CheckBox
            | Role::ComboBox
            | Role::SpinButton
            | Role::Slider
            | Role::ColorWell
    )
}

/// What is wrong with the layout, in words.
fn faults(person: &mut Person, size: [u32; 2]) -> Vec<String> {
    let mut faults = Vec::new();
    let whole = Rect::from_min_size(pos2(0.0, 0.0), vec2(size[0] as f32, size[1] as f32));
    let timeline = Rect::from_min_max(pos2(0.0, whole.bottom() - TIMELINE), whole.max);
    let viewports = person.read::<Viewports>().panels.clone();
    let viewports: Vec<Rect> = viewports.into_iter().map(to_egui).collect();
    let panels = person.shown().panels.len();
    if viewports.len() != panels {
        faults.push(format!("{} viewports of {panels} panels", viewports.len()));
    }
    let widgets = person.widgets();
    let controls: Vec<&Widget> = widgets.iter().filter(|widget| is_control(widget)).collect();
    for (index, viewport) in viewports.iter().enumerate() {
        let large = viewport.width() >= 40.0 && viewport.height() >= 40.0;
        if !large || !whole.expand(0.5).contains_rect(*viewport) || overlap(*viewport, timeline) {
            faults.push(format!("viewport {index} at {viewport:?}"));
        }
        for other in &viewports[..index] {
            if overlap(*viewport, *other) {
                faults.push(format!("viewport {index} on another"));
            }
        }
        for control in &controls {
            if overlap(*viewport, control.rect) {
                faults.push(format!("{control:?} over viewport {index}"));
            }
        }
    }
    // What the left-hand side scrolls is clipped; the timeline is always there, all of it.
    // Narrow windows have the speeds in a menu.
    let words: &[&str] = if size[0] < 900 {
        &["⏮", "◀", "▶", "▶|", "⏭", "1×", "picture", "record"]
    } else {
        &[
            "⏮", "◀", "▶", "▶|", "⏭", "¼×", "½×", "1×", "2×", "4×", "loop", "picture", "record",
        ]
    };
    let mut row: Vec<Widget> = words
        .iter()
        .flat_map(|text| person.all(Role::Button, text))
        .filter(|widget| timeline.contains(widget.rect.center()))
        .collect();
    if row.len() != words.len() {
        faults.push(format!("{} buttons in the timeline", row.len()));
    }
    row.push(person.scrubber());
    for (index, widget) in row.iter().enumerate() {
        if !timeline.expand(0.5).contains_rect(widget.rect) {
            faults.push(format!("{widget:?} leaves the timeline"));
        }
        for other in &row[..index] {
            if overlap(widget.rect, other.rect) {
                faults.push(format!("{widget:?} on {other:?}"));
            }
        }
    }
    // On the left, rows and what is in them.
    let left: Vec<&&Widget> = controls
        .iter()
        .filter(|widget| widget.rect.bottom() < timeline.top() && widget.rect.right() < 290.0)
        .collect();
    for (index, widget) in left.iter().enumerate() {
        for other in &left[..index] {
            if overlap(widget.rect, other.rect) {
                faults.push(format!("{widget:?} on {other:?}"));
            }
        }
    }
    faults
}

#[test]
fn everything_has_its_place_at_every_size_and_scale() {
    for (experiment, size, scale) in DRAWN {
        let Some(mut person) = Person::with(experiment, size, scale) else {
            return;
        };
        let name = format!("{experiment} at {size:?}, scale {scale}");
        let faults = faults(&mut person, size);
        assert!(faults.is_empty(), "{name}:\n{}", faults.join("\n"));
        assert_eq!(person.read::<Viewports>().scale_factor, scale as f32);
        let viewport = to_egui(person.read::<Viewports>().panels[0]) * scale as f32;
        let picture = person.picture();
        let drawn = [picture.width, picture.height];
        assert_eq!(drawn, size.map(|side| side * scale), "{name}");
        let middle = viewport.shrink2(viewport.size() / 4.0);
        let columns = middle.left() as usize..middle.right() as usize;
        let rows = middle.top() as usize..middle.bottom() as usize;
        let pixels = rows.flat_map(|y| columns.clone().map(move |x| (x, y)));
        let colors: BTreeSet<&[u8]> = pixels
            .map(|(x, y)| {
                let at = 4 * (y * picture.width as usize + x);
                &picture.rgba[at..at + 3]
            })
            .collect();
        assert!(colors.len() > 60, "{name}: {} colours", colors.len());
    }
}
