//! The theme as a resource, and the colours of [`palette`](crate::palette) as bevy's types.

use bevy::prelude::*;

use crate::experiment::ThemeKind;
pub use crate::palette::{
    MARK, Rgb, SHADE, ThemeColors, class_color, color_map, descent_color, mixed,
};

/// What a glyph stands for; each has its own colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    Gradient,
    Momentum,
    Squares,
    Update,
    Curvature,
}

/// What a glyph lies on the surface with: light, so that its dark casing sets it off on any colour map.
pub fn role_color(role: Role) -> Rgb {
    match role {
        Role::Gradient => [0x6F, 0xE3, 0xFF],
        Role::Momentum => [0xFF, 0x7A, 0xDC],
        Role::Squares => [0xFF, 0xB5, 0x47],
        Role::Update => [0xFF, 0xFF, 0xFF],
        Role::Curvature => [0xB8, 0xF2, 0x8B],
    }
}

/// The colours of the theme in use.
#[derive(Resource, Deref, Debug, Clone, Copy, PartialEq)]
pub struct Theme(pub ThemeColors);

impl Theme {
    pub const fn new(kind: ThemeKind) -> Theme {
        Theme(ThemeColors::new(kind))
    }
}

/// As bevy's colour type.
pub fn srgb([r, g, b]: Rgb) -> Color {
    Color::srgb_u8(r, g, b)
}

/// What isolines are drawn in on a ground of this colour: dark, or light where the ground is dark already.
pub fn ink_on(ground: Rgb) -> Rgb {
    let [red, green, blue, _] = linear(ground, 1.0).to_array();
    // As in `surface.wgsl`.
    if 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.055 {
        ground.map(|c| (0.6 * f32::from(c) + 110.0) as u8)
    } else {
        [0; 3]
    }
}

/// Linear components with the given opacity, for shaders.
pub fn linear(color: Rgb, alpha: f32) -> Vec4 {
    let linear = srgb(color).to_linear();
    Vec4::new(linear.red, linear.green, linear.blue, alpha)
}

pub(super) fn plugin(app: &mut App) {
    app.insert_resource(Theme::new(ThemeKind::Dark));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::ColorMap;

    /// WCAG 2.1 relative luminance.
    fn luminance(color: Rgb) -> f32 {
        let c = srgb(color).to_linear();
        0.2126 * c.red + 0.7152 * c.green + 0.0722 * c.blue
    }

    #[test]
    fn text_has_the_contrast_that_wcag_asks_for() {
        for &kind in ThemeKind::ALL {
            let theme = Theme::new(kind);
            for (name, color) in [
                ("text", theme.text),
                ("muted", theme.muted),
                ("accent", theme.accent),
                ("warning", theme.warning),
            ] {
                for ground in [theme.background, theme.panel] {
                    let (a, b) = (luminance(color), luminance(ground));
                    let ratio = (a.max(b) + 0.05) / (a.min(b) + 0.05);
                    assert!(ratio >= 4.5, "{kind:?} {name}: {ratio:.2}");
                }
            }
        }
    }

    #[test]
    fn colour_maps_rise_from_dark_to_light() {
        for &map in ColorMap::ALL {
            let colors = color_map(map, 64);
            assert_eq!(colors.len(), 64);
            if map != ColorMap::Turbo {
                assert!(luminance(colors[63]) > luminance(colors[0]), "{map:?}");
            }
        }
    }
}
