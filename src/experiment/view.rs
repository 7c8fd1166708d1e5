//! How an experiment is looked at: camera, colours, theme.

use std::f64::consts::FRAC_PI_2;
use std::fmt;
use std::str::FromStr;

use super::names::{UnknownName, choose};
use super::{Panel, PlotQuantity};
use crate::landscape::HeightKind;

/// The `[view]` table of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct ViewSettings {
    pub camera: ViewPreset,
    pub colormap: ColorMap,
    pub theme: ThemeKind,
    /// Playback time that one step takes, in seconds.
    pub seconds_per_step: f64,
    /// How fast the camera turns by itself, in radians per second.
    pub turntable: f64,
    /// Of the surface, from 0.1 (nearly clear) to 1.
    pub opacity: f64,
    /// A factor on the drawn height.
    pub exaggeration: f64,
    /// Without perspective.
    pub parallel: bool,
    /// The contours beside the scene turn with the camera.
    pub turn_contours: bool,
    /// What the plot shows; `None`: the loss, as the height is.
    pub plot: Option<PlotQuantity>,
}

/// What `opacity` and `exaggeration` may be.
pub const OPACITIES: std::ops::RangeInclusive<f64> = 0.1..=1.0;
pub const EXAGGERATIONS: std::ops::RangeInclusive<f64> = 0.1..=3.0;

impl ViewSettings {
    /// What holds where a file says nothing of these panels' view. Curves are seen nearly from the front, or an arm of theirs would be
    /// seen edge-on.
    pub(super) fn usual(panels: &[Panel]) -> ViewSettings {
        let only_curves = !panels.is_empty() && panels.iter().all(|panel| panel.dim() == 1);
        ViewSettings {
            camera: if only_curves {
                ViewPreset::CURVE
            } else {
                ViewPreset::default()
            },
            seconds_per_step: recorded_pace(panels)
                .unwrap_or(ViewSettings::default().seconds_per_step),
            ..ViewSettings::default()
        }
    }
}

/// Seconds a step, so that what was recorded plays as long as a lecturer wants it to; `None` where nothing was.
fn recorded_pace(panels: &[Panel]) -> Option<f64> {
    const SECONDS: f64 = 12.0;
    let plans = panels
        .iter()
        .flat_map(|panel| &panel.descents)
        .map(|spec| &spec.plan);
    let recorded = plans.filter(|plan| plan.record.is_some());
    let last = recorded.map(|plan| plan.steps).max()?;
    Some(SECONDS / last.max(1) as f64)
}

impl Default for ViewSettings {
    fn default() -> Self {
        ViewSettings {
            camera: ViewPreset::Iso,
            colormap: ColorMap::Viridis,
            theme: ThemeKind::Dark,
            seconds_per_step: 0.05,
            turntable: 0.0,
            opacity: 1.0,
            exaggeration: 1.0,
            parallel: false,
            turn_contours: false,
            plot: None,
        }
    }
}

/// Where the camera stands.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum ViewPreset {
    #[default]
    Iso,
    Front,
    Side,
    Top,
    /// Radians; pitch is 0 at the horizon and π/2 straight from above.
    Angles {
        yaw: f64,
        pitch: f64,
    },
}

impl ViewPreset {
    const CURVE: ViewPreset = ViewPreset::Angles {
        yaw: 0.35,
        pitch: 0.32,
    };
    /// Yaw and pitch, in radians.
    pub fn angles(self) -> (f64, f64) {
        match self {
            ViewPreset::Iso => (0.65, 0.52),
            ViewPreset::Front => (0.0, 0.0),
            ViewPreset::Side => (FRAC_PI_2, 0.0),
            ViewPreset::Top => (0.0, FRAC_PI_2),
            ViewPreset::Angles { yaw, pitch } => (yaw, pitch),
        }
    }

    const NAMED: [(&'static str, ViewPreset); 4] = [
        ("iso", ViewPreset::Iso),
        ("front", ViewPreset::Front),
        ("side", ViewPreset::Side),
        ("top", ViewPreset::Top),
    ];
}

impl fmt::Display for ViewPreset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ViewPreset::Angles { yaw, pitch } => write!(f, "{yaw},{pitch}"),
            ViewPreset::Iso => f.write_str("iso"),
            ViewPreset::Front => f.write_str("front"),
            ViewPreset::Side => f.write_str("side"),
            ViewPreset::Top => f.write_str("top"),
        }
    }
}

impl FromStr for ViewPreset {
    type Err = UnknownName;

    /// A preset's name, or `yaw,pitch` in radians, as in `0.6,0.5`.
    fn from_str(text: &str) -> Result<Self, UnknownName> {
        let Some((yaw, pitch)) = text.split_once(',') else {
            return choose(text, &Self::NAMED).map_err(|unknown| UnknownName {
                expected: format!("{} (or \"yaw,pitch\" in radians)", unknown.expected),
                ..unknown
            });
        };
        match (yaw.trim().parse::<f64>(), pitch.trim().parse::<f64>()) {
            (Ok(yaw), Ok(pitch)) if yaw.is_finite() && is_pitch(pitch) => {
                Ok(ViewPreset::Angles { yaw, pitch })
            }
            _ => Err(UnknownName {
                found: text.to_owned(),
                expected: "expected \"yaw,pitch\" in radians, the pitch from -π/2 to π/2, \
                           as in \"0.6,0.5\""
                    .to_owned(),
            }),
        }
    }
}

/// Between straight from below and straight from above; 1.5708 is meant to be π/2.
pub(super) fn is_pitch(pitch: f64) -> bool {
    pitch.abs() <= FRAC_PI_2 + 1e-4
}

/// Defines an enum whose variants have names in files and on the command line.
macro_rules! named_enum {
    ($(#[$doc:meta])* $Enum:ident { $($(#[$attribute:meta])* $Variant:ident = $name:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
        pub enum $Enum { $($(#[$attribute])* $Variant),+ }

        impl $Enum {
            pub const ALL: &'static [$Enum] = &[$($Enum::$Variant),+];
            pub(super) const NAMED: &'static [(&'static str, $Enum)] = &[$(($name, $Enum::$Variant)),+];

            /// The name in files and on the command line.
            pub fn name(self) -> &'static str {
                match self { $($Enum::$Variant => $name),+ }
            }
        }

        impl fmt::Display for $Enum {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }

        impl FromStr for $Enum {
            type Err = UnknownName;

            fn from_str(text: &str) -> Result<Self, UnknownName> {
                choose(text, Self::NAMED)
            }
        }
    };
}

pub(super) use named_enum;

named_enum! {
    /// The colours of the surface.
    ColorMap {
        #[default]
        Viridis = "viridis",
        Plasma = "plasma",
        Magma = "magma",
        Cividis = "cividis",
        Inferno = "inferno",
        Turbo = "turbo",
        Greys = "greys",
    }
}

named_enum! {
    /// The colours of everything else.
    ThemeKind {
        #[default]
        Dark = "dark",
        Light = "light",
        Paper = "paper",
    }
}

named_enum! {
    /// How a panel is drawn.
    PanelView {
        /// In space.
        #[default]
        Surface = "surface",
        /// Flat, from above.
        Contour = "contour",
    }
}

named_enum! {
    /// How long the axes of a panel are drawn against each other.
    Aspect {
        /// Equal units equally long, unless one axis would become a line.
        #[default]
        Auto = "auto",
        /// Equal units equally long.
        Equal = "equal",
        /// As the space has room.
        Fit = "fit",
    }
}

named_enum! {
    /// What the colours of a map say.
    MapShow {
        /// The minimum by the hue, and by the shade how soon.
        #[default]
        Minimum = "minimum",
        /// How soon, whichever the minimum.
        Steps = "steps",
        /// The last finite loss.
        Loss = "loss",
        /// How the run ended.
        Status = "status",
    }
}

named_enum! {
    /// How camera and ranges move between two keys.
    Easing {
        Linear = "linear",
        #[default]
        Cubic = "cubic",
    }
}

impl Easing {
    /// How far the way between two keys is, a share of the time between them being over.
    pub fn at(self, t: f64) -> f64 {
        match self {
            Easing::Linear => t,
            Easing::Cubic => t * t * (3.0 - 2.0 * t),
        }
    }
}

/// The scales of height by their names in files.
pub const HEIGHT_NAMES: [(&str, HeightKind); 2] =
    [("linear", HeightKind::Linear), ("log", HeightKind::Log)];

/// One key of a camera path.
#[derive(Debug, Clone, PartialEq)]
pub struct CameraKey {
    /// Seconds from the beginning.
    pub time: f64,
    /// Radians.
    pub yaw: f64,
    /// Radians; 0 at the horizon.
    pub pitch: f64,
    /// In sizes of the box that the landscape fills.
    pub distance: f64,
    /// What the camera looks at, in box coordinates.
    pub target: [f64; 3],
    /// How it moves from this key to the next.
    pub easing: Easing,
}

impl Default for CameraKey {
    fn default() -> Self {
        CameraKey {
            time: 0.0,
            yaw: 0.6,
            pitch: 0.5,
            distance: 2.4,
            target: [0.0; 3],
            easing: Easing::Cubic,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Experiment;
    use super::*;

    #[test]
    fn presets_are_read_and_shown_as_they_are_written() {
        for text in ["iso", "front", "side", "top", "0.6,0.5", "-1.25,-0.5"] {
            let preset = text.parse::<ViewPreset>().map(|preset| preset.to_string());
            assert_eq!(preset.as_deref(), Ok(text));
        }
        for text in ["", "izo", "1,", "nan,0", "0,inf", "0,2", "1,2,3"] {
            assert!(text.parse::<ViewPreset>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn curves_are_seen_from_the_front_unless_a_file_says_otherwise() {
        let curve = "steepest = 1\n[[panel]]\nformula = 'x^2'\ndomain = [[-1, 1]]\n";
        let surface = "[[panel]]\nformula = 'x^2 + y^2'\ndomain = [[-1, 1], [-1, 1]]\n";
        let iso = "[view]\ncamera = 'iso'\n";
        for (text, camera) in [
            (curve.to_owned(), ViewPreset::CURVE),
            (
                format!("{curve}[view]\ntheme = 'paper'\n"),
                ViewPreset::CURVE,
            ),
            (format!("{curve}{iso}"), ViewPreset::Iso),
            (format!("{curve}{surface}"), ViewPreset::Iso),
        ] {
            let experiment = Experiment::parse(&text, "test").expect("an experiment");
            assert_eq!(experiment.view.camera, camera, "{text}");
            let again = Experiment::parse(&experiment.to_toml(), "test").expect("again");
            assert_eq!(again.view, experiment.view, "{text}");
        }
    }

    #[test]
    fn every_name_is_read_back_and_a_misspelt_one_is_put_right() {
        for &map in ColorMap::ALL {
            assert_eq!(map.name().parse(), Ok(map));
        }
        for &theme in ThemeKind::ALL {
            assert_eq!(theme.name().parse(), Ok(theme));
        }
        let unknown = "Viridis".parse::<ColorMap>().map_err(|u| u.to_string());
        assert_eq!(
            unknown,
            Err(
                "found \"Viridis\", expected one of viridis, plasma, magma, cividis, inferno, \
                 turbo, greys; did you mean \"viridis\"?"
                    .to_owned()
            )
        );
    }
}
