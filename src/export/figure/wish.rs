//! What a figure is to show, how wide it is, and how its panels and their parts share that width.

use std::fmt;
use std::str::FromStr;

use super::{GAP, POINTS};
use crate::experiment::ThemeKind;

/// A column of most journals, in millimetres.
pub const USUAL_WIDTH: f64 = 86.0;
/// What a width may be.
pub const WIDTHS: std::ops::RangeInclusive<f64> = 30.0..=1000.0;
/// Logical pixels of the renderer for each point: its lines and marks are then as strong as those of maps, and two pixels for each are
/// 300 an inch.
const PIXELS_A_POINT: f64 = 300.0 / 72.0 / 2.0;
/// The box of a scene takes so much of its picture's width, at most; what is left and right of it is cut off.
const BOX_SHARE: f64 = 0.82;
/// Beside it stand numbers and a title, so wide in points.
const WORDS_BESIDE: f64 = 38.0;
/// A scene's width in its height.
const SCENE_SHAPE: f64 = 1.25;
/// Panels are no narrower than this, in points, or they stand one below the other.
const LEAST_PANEL: f64 = 110.0;
/// Parts of a panel stand side by side in a figure as wide as this.
const LEAST_BESIDE: f64 = 300.0;
/// What of the width a scene has with another part beside it, and with two, one below the other.
const SCENE_SHARES: [f64; 2] = [0.58, 0.64];

/// The parts that a figure shows of every panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FigureParts {
    /// The scene in three dimensions, drawn by the app's renderer, with words as vectors.
    pub scene: bool,
    /// Contours with the paths; of curves the curve.
    pub map: bool,
    /// Loss against step.
    pub plot: bool,
    /// What networks make of their data, where there are any.
    pub data: bool,
}

impl FigureParts {
    pub const MAP: FigureParts = FigureParts {
        scene: false,
        map: true,
        plot: false,
        data: false,
    };
    pub const SCENE: FigureParts = FigureParts {
        scene: true,
        ..FigureParts::NONE
    };
    pub const DATA: FigureParts = FigureParts {
        data: true,
        ..FigureParts::NONE
    };
    pub(super) const NONE: FigureParts = FigureParts {
        map: false,
        ..FigureParts::MAP
    };
    /// All that there is.
    pub const FULL: FigureParts = FigureParts {
        scene: true,
        map: true,
        plot: true,
        data: true,
    };

    /// What stands on the left and on the right where there is room for two columns.
    pub(super) fn in_two(self) -> [FigureParts; 2] {
        let mut left = FigureParts::NONE;
        let mut right = self;
        if self.scene {
            (left.scene, right.scene) = (true, false);
        } else if self.map {
            (left.map, right.map) = (true, false);
        } else {
            (left.data, right.data) = (true, false);
        }
        // So that both are about equally high.
        if self.plot && right.data && self.map {
            (left.plot, right.plot) = (true, false);
        }
        [left, right]
    }

    pub fn count(self) -> usize {
        [self.scene, self.map, self.plot, self.data]
            .map(usize::from)
            .iter()
            .sum()
    }
}

impl FromStr for FigureParts {
    type Err = String;

    /// `full`, or parts joined by `+`: `scene`, `map` (or `inset`, as pictures call it), `plot`, `data`.
    fn from_str(text: &str) -> Result<FigureParts, String> {
        if text.trim() == "full" {
            return Ok(FigureParts::FULL);
        }
        let mut parts = FigureParts::NONE;
        for part in text.split('+') {
            match part.trim() {
                "scene" => parts.scene = true,
                "map" | "inset" => parts.map = true,
                "plot" => parts.plot = true,
                "data" => parts.data = true,
                other => {
                    return Err(format!(
                        "found `{other}`, expected `full`, or parts joined by +: scene, map, plot, data"
                    ));
                }
            }
        }
        Ok(parts)
    }
}

impl fmt::Display for FigureParts {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        let parts = [
            (self.scene, "scene"),
            (self.map, "map"),
            (self.plot, "plot"),
            (self.data, "data"),
        ];
        let shown = parts.into_iter().filter(|(shown, _)| *shown);
        let names: Vec<&str> = shown.map(|(_, name)| name).collect();
        out.write_str(&names.join("+"))
    }
}

/// How figures look.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FigureWish {
    pub parts: FigureParts,
    /// Millimetres.
    pub width: f64,
    pub theme: ThemeKind,
}

impl Default for FigureWish {
    fn default() -> FigureWish {
        FigureWish {
            parts: FigureParts::MAP,
            width: USUAL_WIDTH,
            theme: ThemeKind::Paper,
        }
    }
}

/// How the scenes of a figure lie in one picture, by which they are drawn: in rows of so many, each of this size in logical pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SceneSheet {
    pub columns: usize,
    pub rows: usize,
    pub each: [u32; 2],
}

/// How wide things are, in points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Columns {
    pub count: usize,
    pub each: f64,
    /// Where the scene lies on the left of a panel's other parts: its width.
    pub scene_beside: Option<f64>,
    /// Whether a panel's parts lie side by side.
    pub is_beside: bool,
}

impl Columns {
    /// How wide a scene may be, with its words.
    pub(super) fn scene(&self) -> f64 {
        self.scene_beside.unwrap_or(self.each)
    }

    /// How wide its picture is.
    pub(super) fn picture(&self) -> f64 {
        let room = self.scene();
        ((room - WORDS_BESIDE) / BOX_SHARE).max(0.6 * room)
    }
}

impl FigureWish {
    /// In points.
    pub(super) fn points(&self) -> f64 {
        self.width * POINTS
    }

    /// How so many panels share the width.
    pub(super) fn columns(&self, panels: usize) -> Columns {
        let width = self.points();
        let panels = panels.max(1);
        let most = (((width + GAP) / (LEAST_PANEL + GAP)) as usize).max(1);
        let most = most
            .min(panels)
            .min((panels as f64).sqrt().ceil() as usize + 1);
        // As many rows as need be, and no emptier than need be.
        let count = panels.div_ceil(panels.div_ceil(most));
        let share = SCENE_SHARES[usize::from(self.parts.count() > 2)];
        let is_beside = panels == 1 && self.parts.count() > 1 && width >= LEAST_BESIDE;
        Columns {
            count,
            each: (width - GAP * (count - 1) as f64) / count as f64,
            scene_beside: (is_beside && self.parts.scene).then_some(share * width),
            is_beside,
        }
    }

    /// How the scenes of so many panels are to be drawn.
    pub fn scene_sheet(&self, panels: usize) -> SceneSheet {
        let columns = self.columns(panels);
        let width = columns.picture() * PIXELS_A_POINT;
        SceneSheet {
            columns: columns.count,
            rows: panels.max(1).div_ceil(columns.count),
            each: [width, width / SCENE_SHAPE].map(|side| side.round().max(1.0) as u32),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_full_or_joined_and_can_be_read_back() {
        for text in [
            "scene",
            "map",
            "plot",
            "scene+map",
            "scene+map+plot",
            "map+data",
        ] {
            let parts: FigureParts = text.parse().expect(text);
            assert_eq!(parts.to_string(), text);
        }
        assert_eq!("inset".parse(), Ok(FigureParts::MAP));
        assert_eq!("full".parse(), Ok(FigureParts::FULL));
        for bad in ["", "datum", "scene+", "scene,map"] {
            assert!(bad.parse::<FigureParts>().is_err(), "{bad}");
        }
    }

    #[test]
    fn two_columns_show_all_parts_once() {
        for text in [
            "scene+map+plot+data",
            "map+plot",
            "map+plot+data",
            "plot+data",
            "scene+data",
        ] {
            let parts: FigureParts = text.parse().expect(text);
            let [left, right] = parts.in_two();
            assert!(left.count() > 0 && right.count() > 0);
            assert_eq!(left.count() + right.count(), parts.count(), "{text}");
        }
    }

    #[test]
    fn a_scene_has_room_beside_other_parts_where_it_is_wide() {
        let parts = "scene+plot".parse().expect("parts");
        let wish = |width| FigureWish {
            parts,
            width,
            ..FigureWish::default()
        };
        assert!(wish(180.0).columns(1).is_beside && !wish(86.0).columns(1).is_beside);
        assert!(!wish(180.0).columns(2).is_beside);
        assert_eq!(wish(180.0).scene_sheet(6).columns, 3);
        assert_eq!(wish(86.0).scene_sheet(6).rows, 3);
        assert_eq!(wish(86.0).scene_sheet(1).each, [523, 418]);
    }
}
