//! `steepest import`: grids of other tools as run files.

use std::path::{Path, PathBuf};

use clap::Args;

use super::output::{check_output, write_out};
use super::sweep::parse_range;
use super::{Common, Failure};
use crate::landscape::Range;
use crate::recording::import::{ImportWish, Projection, import};
use crate::report::counted;
use crate::report::file::is_stdout;

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  steepest import losses.npy --u -1:1 --v -1:1 -o run.npz\n  steepest import surface.h5 --path Adam=projection.h5 -o run.npz && steepest run.npz"
)]
pub(super) struct ImportArgs {
    /// The grid: .npy (rows × columns), .csv (u,v,loss or a matrix), or .h5 of the loss-landscape tools
    file: PathBuf,
    /// The run file to write (.npz); `-` is the standard output
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// The range of its columns, where the file has no coordinates [default: counted from 0]
    #[arg(long, value_name = "A:B", allow_hyphen_values = true, value_parser = parse_range)]
    u: Option<Range>,
    /// The range of its rows
    #[arg(long, value_name = "A:B", allow_hyphen_values = true, value_parser = parse_range)]
    v: Option<Range>,
    /// A training's projection onto an HDF5 surface, and what it is called; may be repeated
    #[arg(long, value_name = "[NAME=]FILE", value_parser = parse_projection)]
    path: Vec<Projection>,
    /// The HDF5 file with the directions, for projections by the method `cos`
    #[arg(long, value_name = "FILE")]
    directions: Option<PathBuf>,
    /// What it is called [default: the file's name]
    #[arg(long)]
    title: Option<String>,
    /// Replace the run file if it is there
    #[arg(long)]
    force: bool,
}

fn parse_projection(text: &str) -> Result<Projection, String> {
    let (name, path) = match text.split_once('=') {
        Some((name, path)) if !name.is_empty() && !Path::new(text).exists() => {
            (Some(name.to_owned()), path)
        }
        _ => (None, text),
    };
    let path = PathBuf::from(path);
    let stem = path
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned());
    let name = name.or(stem).filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| format!("found `{text}`, expected a file's path"))?;
    Ok(Projection { name, path })
}

pub(super) fn import_grid(args: &ImportArgs, common: &Common) -> Result<(), Failure> {
    let name = args.file.display();
    let output = &args.output;
    let is_npz = output
        .extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("npz"));
    if !is_stdout(output) && !is_npz {
        let output = output.display();
        return Err(Failure::bad_input(format!(
            "--output: found `{output}`, expected a name that ends in .npz"
        )));
    }
    check_output(output, args.force)?;
    let wish = ImportWish {
        title: args.title.clone(),
        ranges: [args.u, args.v],
        projections: args.path.clone(),
        directions: args.directions.clone(),
    };
    let (recording, notes) = import(&args.file, &wish)
        .map_err(|error| Failure::bad_input(format!("{name}: {error}")))?;
    write_out(output, |out| recording.write(out))?;
    if !common.quiet {
        for note in notes {
            common.say(&format!("note: {name}: {note}"));
        }
        let (cols, rows) = (recording.u.len(), recording.v.len());
        let share = (100.0 * recording.share_there()).floor();
        common.say(&format!(
            "{name}: {cols}×{rows} nodes, {share} % there, {}",
            counted(recording.paths.len(), "path")
        ));
    }
    Ok(())
}
