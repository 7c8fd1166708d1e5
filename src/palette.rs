//! Every colour of the program: the themes' tokens, the descents' palette and the colour maps. No other module holds one.

pub mod map_shades;
pub mod strokes;

use colorgrad::{Gradient, preset};

use crate::experiment::{ColorMap, ThemeKind};

/// Marks at critical points and arrows of descent, which lie on any colour of a map.
pub const MARK: Rgb = [0xFF, 0xFF, 0xFF];
/// What words on a map lie on.
pub const SHADE: Rgb = [0x10, 0x12, 0x16];

/// An opaque sRGB colour.
pub type Rgb = [u8; 3];

/// Colours for descents that remain apart for colour-blind people (Okabe and Ito 2008, without black), in the order
/// they are given out. Further descents repeat them dashed.
pub const DESCENTS: [Rgb; 7] = [
    [0xE6, 0x9F, 0x00],
    [0x56, 0xB4, 0xE9],
    [0x00, 0x9E, 0x73],
    [0xCC, 0x79, 0xA7],
    [0xD5, 0x5E, 0x00],
    [0xF0, 0xE4, 0x42],
    [0x00, 0x72, 0xB2],
];

/// Colours for classes of samples, apart for colour-blind people and from those that descents have first.
const CLASSES: [Rgb; 7] = [
    [0xD5, 0x5E, 0x00],
    [0x00, 0x72, 0xB2],
    [0x00, 0x9E, 0x73],
    [0xE6, 0x9F, 0x00],
    [0xCC, 0x79, 0xA7],
    [0x56, 0xB4, 0xE9],
    [0xF0, 0xE4, 0x42],
];

/// The colour of a class; those beyond the seventh are the same, greyer.
pub fn class_color(class: usize) -> Rgb {
    const GREY: Rgb = [0x80, 0x80, 0x80];
    let again = (class / CLASSES.len()).min(1) as f32;
    mixed(CLASSES[class % CLASSES.len()], GREY, 0.5 * again)
}

/// The colours of one theme.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ThemeColors {
    pub kind: ThemeKind,
    pub background: Rgb,
    pub panel: Rgb,
    /// Separators, frames, grid lines.
    pub line: Rgb,
    pub text: Rgb,
    pub muted: Rgb,
    pub accent: Rgb,
    pub warning: Rgb,
    /// The outline of trails and marks: dark on a dark theme would vanish at the box's edge, so it follows the theme.
    pub casing: Rgb,
    /// Edges of the axes box.
    pub axis: Rgb,
    /// Lines of the axes box's grid.
    pub grid: Rgb,
    /// How strongly light and shade model the surface, 0 to 1.
    pub shading: f32,
}

impl ThemeColors {
    pub const fn new(kind: ThemeKind) -> ThemeColors {
        match kind {
            ThemeKind::Dark => ThemeColors {
                kind,
                background: [0x10, 0x12, 0x16],
                panel: [0x18, 0x1B, 0x21],
                line: [0x2C, 0x32, 0x3B],
                text: [0xE6, 0xE8, 0xEB],
                muted: [0x9A, 0xA3, 0xAD],
                accent: [0x4C, 0xC2, 0xFF],
                warning: [0xFF, 0x8A, 0x70],
                casing: [0x0A, 0x0B, 0x0E],
                axis: [0x5A, 0x64, 0x70],
                grid: [0x2C, 0x32, 0x3B],
                shading: 0.75,
            },
            ThemeKind::Light => ThemeColors {
                kind,
                background: [0xF6, 0xF7, 0xF9],
                panel: [0xFF, 0xFF, 0xFF],
                line: [0xD9, 0xDE, 0xE5],
                text: [0x1B, 0x1F, 0x24],
                muted: [0x5B, 0x65, 0x70],
                accent: [0x08, 0x6F, 0xB0],
                warning: [0xB3, 0x26, 0x1E],
                casing: [0x1B, 0x1F, 0x24],
                axis: [0x8A, 0x94, 0x9F],
                grid: [0xD9, 0xDE, 0xE5],
                shading: 0.6,
            },
            ThemeKind::Paper => ThemeColors {
                kind,
                background: [0xFF, 0xFF, 0xFF],
                panel: [0xFF, 0xFF, 0xFF],
                line: [0xC8, 0xC8, 0xC8],
                text: [0x00, 0x00, 0x00],
                muted: [0x50, 0x50, 0x50],
                accent: [0x00, 0x5A, 0x9C],
                warning: [0xA0, 0x1C, 0x14],
                casing: [0x00, 0x00, 0x00],
                axis: [0x60, 0x60, 0x60],
                grid: [0xD8, 0xD8, 0xD8],
                shading: 0.5,
            },
        }
    }

    /// On a map, what settles at no minimum.
    pub fn nowhere(&self) -> Rgb {
        mixed(self.muted, self.background, 0.45)
    }

    pub fn is_dark(&self) -> bool {
        self.kind == ThemeKind::Dark
    }

    /// The ground of a class: the more of its colour, the surer it is, from 0 to 1.
    pub fn region(&self, class: usize, margin: f32) -> Rgb {
        let most = if self.is_dark() { 0.5 } else { 0.42 };
        mixed(self.background, class_color(class), most * margin)
    }

    /// A sample of a class on that ground.
    pub fn sample(&self, class: usize) -> Rgb {
        match self.is_dark() {
            true => mixed(class_color(class), self.text, 0.3),
            false => class_color(class),
        }
    }

    /// What goes around a line or a dot of this colour on the theme's own ground, if the two are too much alike for it to be seen.
    pub fn outline(&self, color: Rgb) -> Option<Rgb> {
        (contrast(color, self.background) < LEAST_CONTRAST).then_some(self.muted)
    }
}

/// A line of less contrast to its ground is hard to find.
const LEAST_CONTRAST: f32 = 1.5;

/// The contrast of two colours, from 1 to 21 (WCAG 2.1).
fn contrast(a: Rgb, b: Rgb) -> f32 {
    let [a, b] = [a, b].map(|color| {
        let [red, green, blue] = color.map(|c| {
            let c = f32::from(c) / 255.0;
            if c <= 0.04045 {
                c / 12.92
            } else {
                ((c + 0.055) / 1.055).powf(2.4)
            }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05
    });
    a.max(b) / a.min(b)
}

/// The colour of the `index`th descent of a panel, and whether its line is dashed.
pub fn descent_color(index: usize) -> (Rgb, bool) {
    (
        DESCENTS[index % DESCENTS.len()],
        (index / DESCENTS.len()) % 2 == 1,
    )
}

/// A colour map as `count` colours from low to high, a little muted so that the trails stand out.
pub fn color_map(map: ColorMap, count: usize) -> Vec<Rgb> {
    let gradient: Box<dyn Gradient> = match map {
        ColorMap::Viridis => Box::new(preset::viridis()),
        ColorMap::Plasma => Box::new(preset::plasma()),
        ColorMap::Magma => Box::new(preset::magma()),
        ColorMap::Cividis => Box::new(preset::cividis()),
        ColorMap::Inferno => Box::new(preset::inferno()),
        ColorMap::Turbo => Box::new(preset::turbo()),
        ColorMap::Greys => Box::new(preset::greys()),
    };
    (0..count)
        .map(|i| {
            let mut t = i as f32 / (count - 1).max(1) as f32;
            if map == ColorMap::Greys {
                // The preset runs from white to black; low is dark in all others.
                t = 1.0 - t;
            }
            let [r, g, b, _] = gradient.at(t).to_rgba8();
            mute([r, g, b])
        })
        .collect()
}

/// Mixes a tenth of its own grey into a colour.
fn mute(color: Rgb) -> Rgb {
    let [r, g, b] = color.map(f32::from);
    let grey = 0.299 * r + 0.587 * g + 0.114 * b;
    color.map(|c| (f32::from(c) * 0.9 + grey * 0.1).round() as u8)
}

/// So much of the second colour in the first.
pub fn mixed(first: Rgb, second: Rgb, part: f32) -> Rgb {
    std::array::from_fn(|k| {
        let mix = f32::from(first[k]) * (1.0 - part) + f32::from(second[k]) * part;
        mix.round() as u8
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_much_like_the_ground_has_an_outline_that_is_not() {
        for kind in ThemeKind::ALL {
            let theme = ThemeColors::new(*kind);
            for color in [[255; 3], [0; 3], theme.background, [0x20, 0x24, 0x2A]] {
                let seen = theme.outline(color).unwrap_or(color);
                assert!(contrast(seen, theme.background) > 3.0, "{kind:?} {color:?}");
            }
            assert!(theme.outline(theme.background).is_some());
            // Most of the palette needs none.
            let plain = DESCENTS
                .iter()
                .filter(|color| theme.outline(**color).is_none());
            assert!(plain.count() >= DESCENTS.len() - 1);
        }
        assert!((contrast([255; 3], [0; 3]) - 21.0).abs() < 1e-3);
    }
}
