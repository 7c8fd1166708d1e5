//! `steepest export`: an experiment as an interactive page.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{Common, Failure};
use crate::experiment::ThemeKind;
use crate::export::Scene;
use crate::report::file::{check_folder, is_stdout, write_to};

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  steepest export race -o race.html        a page for a course site: one file, no network\n  steepest export my.toml -o my.html --theme light"
)]
pub(super) struct ExportArgs {
    /// A built-in's name, or the path of a file
    experiment: String,
    /// The file to write, of which its ending says the kind: .html
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// dark, light or paper [default: the experiment's]
    #[arg(long)]
    theme: Option<ThemeKind>,
    /// Overwrite the file if it is there
    #[arg(long)]
    force: bool,
}

/// What can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Page,
}

impl Kind {
    const ALL: [(&'static str, Kind); 1] = [("html", Kind::Page)];

    /// By the name's ending.
    fn of(output: &Path) -> Result<Kind, Failure> {
        let ending = output.extension().and_then(|ending| ending.to_str());
        let known = Kind::ALL
            .iter()
            .find(|(name, _)| ending.is_some_and(|ending| ending.eq_ignore_ascii_case(name)));
        known.map(|(_, kind)| *kind).ok_or_else(|| {
            let names = Kind::ALL.map(|(name, _)| format!(".{name}")).join(", ");
            let found = output.display();
            Failure::bad_input(format!(
                "--output: found `{found}`, expected a name that ends in one of {names}"
            ))
        })
    }
}

pub(super) fn export(args: &ExportArgs, common: &Common) -> Result<(), Failure> {
    let kind = Kind::of(&args.output)?;
    check_output(&args.output, args.force)?;
    let mut experiment = common.load(&args.experiment)?;
    if let Some(theme) = args.theme {
        experiment.view.theme = theme;
    }
    // Says which data are used.
    common.data(&experiment)?;
    let scene = Scene::of(experiment, &common.data_wish())?;
    match kind {
        Kind::Page => write_to(&args.output, |out| scene.write_page(out))?,
    }
    Ok(())
}

/// Says what is wrong with the output before anything is computed.
fn check_output(output: &Path, force: bool) -> Result<(), Failure> {
    debug_assert!(!is_stdout(output), "stdout has no ending");
    let name = output.display();
    if output.is_dir() {
        return Err(Failure::failed(format!(
            "cannot write {name}: this is a folder"
        )));
    }
    check_folder(output)?;
    if output.exists() && !force {
        return Err(Failure::failed(format!(
            "{name} is there already; --force overwrites it"
        )));
    }
    Ok(())
}
