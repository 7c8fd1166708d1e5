//! What `view` and `ui` tell each other about the picture: where the panels' viewports are, which words stand where,
//! and who has the pointer.

use bevy::prelude::*;

use bevy::render::extract_component::ExtractComponent;

use super::glyphs::Form;
use crate::lab::theme::Role;

/// Where the panels are drawn, in logical pixels of the target. Written by `ui`, read by `view`.
#[derive(Resource, Debug, Clone, Default, PartialEq)]
pub struct Viewports {
    pub panels: Vec<Rect>,
    /// Where maps are drawn that lie beside their panels' surfaces, with the panels.
    pub maps: Vec<(usize, Rect)>,
    /// Physical pixels per logical pixel.
    pub scale_factor: f32,
}

impl Viewports {
    /// Whether a point of the target lies over one of them.
    pub fn contain(&self, point: Vec2) -> bool {
        self.panels.iter().any(|panel| panel.contains(point))
    }

    /// All of them together; `None` where the scene is not to be seen.
    pub fn whole(&self) -> Option<Rect> {
        let maps = self.maps.iter().map(|(_, map)| *map);
        let all = self.panels.iter().copied().chain(maps);
        all.reduce(|a, b| a.union(b))
    }
}

/// The camera that is drawn last: after it the picture is whole. Spawned by `view`.
#[derive(Component, ExtractComponent, Debug, Clone, Copy, Default)]
pub struct PictureCamera;

/// Who uses mouse and keyboard. Written by `ui`.
#[derive(Resource, Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PointerFocus {
    /// The pointer is over a panel or drags one of its controls.
    pub pointer_on_ui: bool,
    /// A text field has the keyboard.
    pub keyboard_on_ui: bool,
    /// A button of the mouse is held down.
    pub pressed: bool,
    /// The panel that commands without a panel of their own are for: the last one under the pointer.
    pub panel: usize,
}

/// The point of a panel's landscape under the pointer. Written by `view`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PointedAt {
    pub panel: usize,
    /// In the panel's coordinates; the second has no use for a curve.
    pub at: [f64; 2],
}

/// What is under the pointer, if that is a landscape.
#[derive(Resource, Debug, Clone, Copy, Default, PartialEq)]
pub struct Pointed(pub Option<PointedAt>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabelKind {
    Tick,
    AxisTitle,
    Critical,
}

/// A word in the picture, in logical pixels of the target. Written by `view`, painted by `ui` as far as there is room.
#[derive(Debug, Clone, PartialEq)]
pub struct Label {
    /// Of a number its place on the axis, of a title the middle of its axis, of a critical point's name the point.
    pub position: Vec2,
    pub text: String,
    pub kind: LabelKind,
    /// Away from the box: a unit vector, or zero where every side is as good.
    pub away: Vec2,
    /// Places that must not be covered.
    pub avoid: Vec<Vec2>,
    /// Of a title the ends of its axis.
    pub axis: Option<[Vec2; 2]>,
}

/// A glyph in the picture, its places in logical pixels of the target. Written by `view`, painted by `ui`.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacedGlyph {
    pub role: Role,
    pub form: Form,
    pub places: Vec<Vec2>,
    pub strength: f32,
    pub symbol: String,
}

/// The labels of every panel, by panel index.
#[derive(Resource, Debug, Clone, Default, PartialEq)]
pub struct Overlay {
    pub panels: Vec<Vec<Label>>,
}

/// The glyphs of every panel, by panel index.
#[derive(Resource, Debug, Clone, Default, PartialEq)]
pub struct Glyphs {
    pub panels: Vec<Vec<PlacedGlyph>>,
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Viewports>()
        .init_resource::<PointerFocus>()
        .init_resource::<Pointed>()
        .init_resource::<Overlay>()
        .init_resource::<Glyphs>();
}
