//! What a picture or a video looks like: options that `shot` and `record` share.

use clap::Args;

use super::{Common, Failure};
use crate::app::offscreen::{MAX_PIXELS, Scene};
use crate::experiment::{Experiment, Source, ThemeKind, ViewPreset};
use crate::ui::Layout;

#[derive(Args, Debug)]
pub(super) struct PictureOptions {
    /// Width and height in logical pixels, which are pixels unless --scale says otherwise
    #[arg(long, default_value = "1280x720", value_name = "WxH", value_parser = parse_size)]
    pub(super) size: [u32; 2],
    /// Pixels for each logical pixel along a side: 2 draws the same at twice the size, text and lines too
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=4))]
    pub(super) scale: u32,
    /// iso, front, side, top, or "yaw,pitch" in radians
    #[arg(long, allow_hyphen_values = true, value_name = "VIEW")]
    view: Option<ViewPreset>,
    /// dark, light or paper
    #[arg(long)]
    theme: Option<ThemeKind>,
    /// full, or parts joined by +: scene, inset, data (of a network), plot [default: full, of a video all four]
    #[arg(long)]
    layout: Option<Layout>,
    /// The scene alone, with its labels
    #[arg(long, conflicts_with = "layout")]
    no_ui: bool,
    /// Explain the steps of the descent of this name, phase by phase; a fraction of a step is a phase [may be repeated]
    #[arg(long, value_name = "NAME")]
    explain: Vec<String>,
    /// Leave the background out
    #[arg(long)]
    pub(super) transparent: bool,
}

impl PictureOptions {
    /// The scene to draw, `samples` along each side of a pixel; `usual` is the layout unless one was chosen.
    ///
    /// # Errors
    /// If the picture would be too large, or the data are not there.
    pub(super) fn scene(
        &self,
        source: &str,
        mut experiment: Experiment,
        usual: Layout,
        samples: u32,
        common: &Common,
    ) -> Result<Scene, Failure> {
        let times = self.scale * samples;
        if let Some(side) = self.size.iter().find(|&&side| side * times > MAX_PIXELS) {
            return Err(Failure::bad_input(format!(
                "--size with --scale {} and --samples {samples}: found {side} pixels, expected at most {}",
                self.scale,
                MAX_PIXELS / times
            )));
        }
        if let Some(theme) = self.theme {
            experiment.view.theme = theme;
        }
        if let Some(view) = self.view {
            experiment.see_from(view);
        }
        for name in &self.explain {
            experiment
                .explain_descent(name)
                .map_err(|unknown| Failure::bad_input(format!("--explain: {unknown}")))?;
        }
        let data = common.data(&experiment)?;
        Ok(Scene {
            source: Source::named(source),
            experiment,
            data,
            size: self.size,
            scale: self.scale,
            samples,
            layout: match self.layout {
                _ if self.no_ui => Layout::SCENE,
                None => usual,
                Some(layout) => Layout {
                    counter: usual.counter && !layout.controls,
                    ..layout
                },
            },
            transparent: self.transparent,
            captured: false,
        })
    }
}

fn parse_size(text: &str) -> Result<[u32; 2], String> {
    let expected = || format!("found `{text}`, expected WIDTHxHEIGHT in pixels, such as 1280x720");
    let (width, height) = text.split_once(['x', 'X', '×']).ok_or_else(expected)?;
    let side = |text: &str| match text.trim().parse::<u32>() {
        Ok(pixels @ 64..=8192) => Ok(pixels),
        Ok(pixels) => Err(format!("found {pixels} pixels, expected 64 to 8192 a side")),
        Err(_) => Err(expected()),
    };
    Ok([side(width)?, side(height)?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_width_and_height() {
        assert_eq!(parse_size("1280x720"), Ok([1280, 720]));
        for bad in ["1280", "x", "0x5", "99999x100", "-1x100", "12.5x100"] {
            assert!(parse_size(bad).is_err(), "{bad}");
        }
    }
}
