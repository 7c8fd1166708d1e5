//! `steepest manual`: man pages and shell completions, made of the command line itself, for those who package it.

use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, CommandFactory};
use clap_complete::{Shell, generate_to};

use super::{Cli, Failure};

const NAME: &str = "steepest";

#[derive(Args, Debug)]
pub(super) struct ManualArgs {
    /// The folder to write into: man1 and completions within it
    folder: PathBuf,
}

pub(super) fn manual(args: &ManualArgs) -> Result<(), Failure> {
    let written = write(&args.folder);
    written.map_err(|error| {
        let folder = args.folder.display();
        Failure::failed(format!("cannot write into {folder}: {error}"))
    })
}

fn write(folder: &Path) -> io::Result<()> {
    let [man, completions] = ["man1", "completions"].map(|name| folder.join(name));
    for folder in [&man, &completions] {
        std::fs::create_dir_all(folder)?;
    }
    clap_mangen::generate_to(Cli::command(), man)?;
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
        generate_to(shell, &mut Cli::command(), NAME, &completions)?;
    }
    Ok(())
}
