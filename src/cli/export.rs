//! `steepest export`: an experiment as an interactive page, as a 3-D model, or as a figure in vectors.

use std::path::{Path, PathBuf};

use clap::Args;

use super::output::{check_output, write_out};
use super::{Common, Failure};
use crate::app::figure;
use crate::experiment::{ThemeKind, ViewPreset};
use crate::export::{FigureParts, FigureWish, FileKind, USUAL_WIDTH, WIDTHS};
use crate::gpu::adapter;
use crate::lab::session::export::SceneWish;

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  steepest export race -o race.html                        a page to turn and play, in one file\n  steepest export saddle -o saddle.glb                     a model for slides and 3-D programs\n  steepest export rosenbrock -o fig1.pdf --width 86mm      contours and paths, for a paper\n  steepest export rosenbrock -o fig2.svg --layout plot     losses against steps\n  steepest export race -o fig3.pdf --layout scene+plot --width 180mm"
)]
pub(super) struct ExportArgs {
    /// A built-in's name, or the path of an experiment or a run file
    experiment: String,
    /// The file to write; its ending says what: .html, a page; .glb, a 3-D model; .svg or .pdf, a figure
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// dark, light or paper [default: of a figure paper; a page has all, and begins with the reader's own]
    #[arg(long)]
    theme: Option<ThemeKind>,
    /// Where the camera stands: iso, front, side, top, or "yaw,pitch" in radians
    #[arg(long, allow_hyphen_values = true, value_name = "VIEW")]
    view: Option<ViewPreset>,
    /// Of a figure: full, or parts joined by +: scene, a picture with axes and words as vectors; map, the contours with the paths; plot, the
    /// losses; data, what a network makes of its data
    #[arg(long, default_value_t = FigureParts::MAP, value_name = "PARTS")]
    layout: FigureParts,
    /// Of a figure: how wide it is printed, in mm, cm, in or pt; letters have 7 to 8 points at any width
    #[arg(long, default_value = "86mm", value_name = "WIDTH", value_parser = parse_width)]
    width: f64,
    /// Overwrite the file if it is there
    #[arg(long)]
    force: bool,
}

/// In millimetres.
fn parse_width(text: &str) -> Result<f64, String> {
    let text = text.trim();
    let units = [("mm", 1.0), ("cm", 10.0), ("in", 25.4), ("pt", 25.4 / 72.0)];
    let unit = units.into_iter().find(|(unit, _)| text.ends_with(unit));
    let (number, times) = match unit {
        Some((unit, times)) => (&text[..text.len() - unit.len()], times),
        None => (text, 1.0),
    };
    let [least, most] = [WIDTHS.start(), WIDTHS.end()];
    match number.trim().parse::<f64>() {
        Ok(number) if WIDTHS.contains(&(number * times)) => Ok(number * times),
        _ => Err(format!(
            "found `{text}`, expected {least}mm to {most}mm, such as {USUAL_WIDTH}mm or 3.4in"
        )),
    }
}

/// By the name's ending.
fn kind_of(output: &Path) -> Result<FileKind, Failure> {
    FileKind::of(output).ok_or_else(|| {
        let names = FileKind::ALL
            .map(|(name, ..)| format!(".{name}"))
            .join(", ");
        let found = output.display();
        Failure::bad_input(format!(
            "--output: found `{found}`, expected a name that ends in one of {names}"
        ))
    })
}

impl ExportArgs {
    /// Scenes are drawn by the renderer; all else needs none.
    pub(super) fn uses_graphics(&self) -> bool {
        self.layout.scene && FileKind::of(&self.output).is_some_and(FileKind::is_figure)
    }
}

pub(super) fn export(args: &ExportArgs, common: &Common) -> Result<(), Failure> {
    let kind = kind_of(&args.output)?;
    check_output(&args.output, args.force)?;
    let mut experiment = common.load(&args.experiment)?;
    if let Some(theme) = args.theme {
        experiment.view.theme = theme;
    }
    if let Some(view) = args.view {
        experiment.see_from(view);
    }
    let figure = FigureWish {
        parts: args.layout,
        width: args.width,
        theme: args.theme.unwrap_or(ThemeKind::Paper),
    };
    let wish = SceneWish {
        // Says which data are used.
        data: common.data(&experiment)?,
        experiment,
        figure,
        pose: None,
        step: None,
    };
    let mut scene = wish.scene(kind)?;
    let only_data = figure.parts.data && figure.parts != FigureParts::FULL;
    if kind.is_figure() && only_data && !scene.has_data() {
        return Err(Failure::bad_input(
            "--layout: found `data`, expected an experiment with a network of one or two features",
        ));
    }
    if args.uses_graphics() {
        let adapter = adapter::find(&common.adapter.clone().unwrap_or_default())?;
        let drawn = figure::draw(wish, &adapter, common.verbosity());
        scene.put_drawn(drawn.map_err(Failure::failed)?);
    }
    // Made before there is a temporary file, which would stay if this were stopped.
    let file = scene.file(kind, &figure).map_err(Failure::failed)?;
    for note in file.notes.iter().filter(|_| !common.quiet) {
        common.say(&format!("note: {note}"));
    }
    write_out(&args.output, |out| out.write_all(&file.bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_have_units() {
        for (text, width) in [
            ("86mm", 86.0),
            ("8.6 cm", 86.0),
            ("3in", 76.2),
            ("144pt", 50.8),
            ("100", 100.0),
        ] {
            let parsed = parse_width(text).expect(text);
            assert!((parsed - width).abs() < 1e-9, "{text}: {parsed}");
        }
        for bad in ["72pt", "", "mm", "-5mm", "nan", "inf", "1e9mm", "12px", "0"] {
            assert!(parse_width(bad).is_err(), "{bad}");
        }
    }
}
