//! `steepest mnist`: gets the data set, or says what is there.

use std::fmt::Write as _;
use std::io::{Write as _, stderr};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::output::print;
use super::waiting::{INTERRUPTED, Interrupt, progress};
use super::{Common, Failure};
use crate::landscape::ticks::thousands;
use crate::mnist::{
    self, DataSet, FILES, FetchError, FetchPlan, FetchProgress, Fetched, FileState, How, Place,
    PublishedFile,
};

#[derive(Subcommand, Debug)]
pub(super) enum MnistCommand {
    /// Download the four files, where they are not there yet, and check them
    #[command(
        after_help = "Examples:\n  steepest mnist fetch                      into the cache folder, where they are found\n  steepest mnist fetch --data ~/mnist       into a folder of your choice"
    )]
    Fetch(FetchArgs),
    /// Say which files are there and what they hold
    #[command(after_help = "Example:\n  steepest mnist info --data ~/mnist")]
    Info,
}

#[derive(Args, Debug)]
pub(super) struct FetchArgs {
    /// Replace files of another data set that have MNIST's names
    #[arg(long)]
    force: bool,
    /// Folders on the web to download from, in place of the usual ones
    #[arg(long, hide = true, value_name = "URL")]
    mirror: Vec<String>,
}

impl From<FetchError> for Failure {
    fn from(error: FetchError) -> Failure {
        match error {
            FetchError::Occupied { .. } => Failure::bad_input(error),
            FetchError::Cancelled => Failure {
                message: "interrupted: the files that were complete stay".to_owned(),
                code: INTERRUPTED,
            },
            error => Failure::failed(error),
        }
    }
}

pub(super) fn mnist(command: &MnistCommand, common: &Common) -> Result<(), Failure> {
    match command {
        MnistCommand::Fetch(args) => fetch(args, common),
        MnistCommand::Info => info(common),
    }
}

// ---- fetch ----

fn fetch(args: &FetchArgs, common: &Common) -> Result<(), Failure> {
    let folder = match common.data.clone().unwrap_or_default().place() {
        Place::Named(folder) | Place::Cache(folder) => folder,
        Place::Synthetic => {
            return Err(Failure::bad_input(
                "--data: found `synthetic`, expected a folder to download into (STEEPEST_DATA counts as --data)",
            ));
        }
        Place::Nowhere => {
            return Err(Failure::bad_input(
                "the platform names no cache folder: name one to download into with --data DIR",
            ));
        }
    };
    let mut plan = FetchPlan {
        replace: args.force,
        ..FetchPlan::default()
    };
    if !args.mirror.is_empty() {
        plan.mirrors.clone_from(&args.mirror);
    }
    let bar = progress(0, "{bar:30} {msg}, {bytes} of {total_bytes}", common.quiet);
    let interrupt = Interrupt::caught();
    let mut show = |progress: FetchProgress| {
        if bar.message() != progress.file {
            bar.set_message(progress.file.to_owned());
        }
        bar.set_length(progress.all_total);
        bar.set_position(progress.all_done);
        match interrupt.is_asked() {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    };
    let result = mnist::fetch(&folder, &plan, &mut show);
    bar.finish_and_clear();
    for file in result? {
        if !common.quiet {
            // A message that cannot be said is no reason to fail.
            let _ = writeln!(stderr(), "{}", line(&file));
        }
    }
    print(&format!("{}\n", folder.display()))
}

/// What became of a file.
fn line(file: &Fetched) -> String {
    let name = file.path.file_name().unwrap_or_default().to_string_lossy();
    let bytes = thousands(file.bytes);
    match &file.how {
        How::Kept => format!("{name}: {bytes} bytes, already there"),
        How::Downloaded { mirror } => format!("{name}: {bytes} bytes from {mirror}"),
    }
}

// ---- info ----

fn info(common: &Common) -> Result<(), Failure> {
    let wish = common.data.clone().unwrap_or_default();
    let mut text = String::new();
    let (folder, why) = match wish.place() {
        Place::Named(folder) => (Some(folder), "named"),
        Place::Cache(folder) => (Some(folder), "the default"),
        Place::Synthetic => (None, "synthetic asked for"),
        Place::Nowhere => (None, "the platform names no cache folder"),
    };
    match &folder {
        Some(folder) => {
            row(
                &mut text,
                "folder",
                &format!("{} ({why})", folder.display()),
            );
            for (i, file) in FILES.iter().enumerate() {
                let key = if i == 0 { "files" } else { "" };
                row(&mut text, key, &file_line(file, folder));
            }
        }
        None => row(&mut text, "folder", &format!("none ({why})")),
    }
    let result = mnist::load_cached(&wish);
    if let Ok(set) = &result {
        describe(&mut text, set);
    }
    // What is there is said also when it cannot be used.
    print(&text)?;
    let set = result?;
    if let Some(note) = set.note(&wish).filter(|_| !common.quiet) {
        let _ = writeln!(stderr(), "note: {note}");
    }
    Ok(())
}

fn row(text: &mut String, key: &str, value: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{key:10}{value}");
}

fn file_line(file: &PublishedFile, folder: &Path) -> String {
    let there = |path: PathBuf, verdict: &str| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let bytes = path.metadata().map_or(0, |metadata| metadata.len());
        format!("{name:28}{:>10} bytes, {verdict}", thousands(bytes))
    };
    match file.state(folder) {
        Ok(FileState::Missing) => format!("{:28}missing", file.name),
        Ok(FileState::Published(path)) => there(path, "checksum ok"),
        Ok(FileState::Different(path)) => there(path, "not the published file"),
        Ok(FileState::Unchecked(path)) => there(path, "no checksum is known"),
        Err(error) => format!("{:28}cannot be read: {error}", file.name),
    }
}

fn describe(text: &mut String, set: &DataSet) {
    row(text, "data", &set.name());
    if let Some([rows, cols]) = set.image_size {
        row(text, "images", &format!("{rows}×{cols} pixels"));
    }
    let counts = set.class_counts();
    let digits: Vec<String> = (0..)
        .zip(counts)
        .map(|(digit, count)| format!("{digit}: {}", thousands(count as u64)))
        .collect();
    row(text, "digits", &digits.join("  "));
    let [mean, std] = [set.mean, set.std];
    for (f, feature) in ["pixel mean", "pixel standard deviation"]
        .iter()
        .enumerate()
    {
        let key = if f == 0 { "features" } else { "" };
        let value = format!("{feature} {:.4} ± {:.4}", mean[f], std[f]);
        row(text, key, &value);
    }
}
