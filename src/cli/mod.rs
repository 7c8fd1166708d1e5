//! The command line: its commands, their arguments, and what each does.

mod commands;
mod export;
mod import;
mod looks;
mod manual;
mod map;
mod mnist;
mod output;
mod record;
mod reference;
mod shot;
mod sweep;
mod tune;
mod waiting;

use std::io::Write;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Parser, Subcommand};

use crate::app::offscreen::Offscreen;
use crate::app::{Verbosity, driver};
use crate::experiment::{Experiment, ExperimentError, Mnist};
use crate::gpu::adapter::{AdapterError, AdapterWish};
use crate::lab::Data;
use crate::mnist::{DataError, DataWish};
use crate::report::Format;
use crate::report::file::WriteError;
use looks::PictureOptions;
use reference::ReferencePage;

/// See how optimizers move on loss surfaces.
///
/// Without a command the window opens on an experiment: a built-in's name, or the path of a file of your own, an experiment (TOML) or
/// a run file (NPZ).
#[derive(Parser, Debug)]
#[command(
    name = "steepest",
    version,
    max_term_width = 100,
    override_usage = "steepest [OPTIONS] [EXPERIMENT]\n       steepest [OPTIONS] <COMMAND>",
    after_help = "Examples:\n  steepest                       open the window on `race`\n  steepest rosenbrock            another built-in experiment\n  steepest show bowl > my.toml   a template to start from\n  steepest my.toml               your own\n  steepest run.npz               a recorded training\n  steepest list                  what else there is"
)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    /// A built-in's name, or the path of an experiment or a run file
    #[arg(default_value = "race")]
    experiment: String,
    #[command(flatten)]
    common: Common,
}

#[derive(Args, Debug, Clone)]
struct Common {
    /// Added to the seed of every descent's noise
    #[arg(long, global = true, value_name = "N", value_parser = whole::<u64>)]
    seed: Option<u64>,
    /// The graphics adapter: `gpu`, `cpu` (software), or part of its name
    #[arg(long, global = true, value_name = "NAME")]
    adapter: Option<AdapterWish>,
    /// The folder with MNIST's files, or `synthetic` for the stand-in
    /// [default: STEEPEST_DATA, else steepest/mnist in the cache folder]
    #[arg(long, global = true, value_name = "DIR", verbatim_doc_comment)]
    data: Option<DataWish>,
    /// Say more
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    verbose: bool,
    /// Say nothing but errors
    #[arg(short, long, global = true)]
    quiet: bool,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// List the built-in experiments, objectives, rules, schedules and colour maps
    #[command(after_help = "Example:\n  steepest list --json | jq '.experiments[].name'")]
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
        /// As a page of the book: the names of rules, schedules and objectives with what they mean, or the keys of a file
        #[arg(long, value_name = "PAGE", conflicts_with = "json", num_args = 0..=1, default_missing_value = "names")]
        markdown: Option<ReferencePage>,
    },
    /// Print an experiment's file: a built-in is a template to start from
    #[command(after_help = "Example:\n  steepest show rosenbrock > mine.toml")]
    Show {
        /// A built-in's name, or the path of an experiment or a run file
        experiment: String,
    },
    /// Validate an experiment file; errors name the file, line and key
    #[command(after_help = "Example:\n  steepest check mine.toml")]
    Check {
        /// A built-in's name, or the path of an experiment or a run file
        experiment: String,
    },
    /// Compute an experiment's descents, without graphics
    #[command(
        after_help = "Examples:\n  steepest run rosenbrock | jq '.panels[0].descents[].status'\n  steepest run saddle --format csv -o saddle.csv"
    )]
    Run(RunArgs),
    /// Draw one picture, off-screen
    #[command(
        after_help = "Examples:\n  steepest shot race -o race.png\n  steepest shot rosenbrock -o fig.png --theme paper --no-ui --size 1600x1200 --step 40"
    )]
    Shot(ShotArgs),
    /// Record a video, off-screen
    Record(record::RecordArgs),
    /// Write what an experiment shows to be shared: an interactive page, a 3-D model, or a figure for a paper
    Export(export::ExportArgs),
    /// Run one descent from many starts or with many settings, and map what comes of it
    Map(map::MapArgs),
    /// Find the learning rate, and momentum, with which descents come to a minimum soonest
    Tune(tune::TuneArgs),
    /// Make a run file of another tool's grid of losses
    Import(import::ImportArgs),
    /// Write man pages and shell completions
    #[command(hide = true)]
    Manual(manual::ManualArgs),
    /// Sweep the MNIST loss surface, and say how fast
    Sweep(sweep::SweepArgs),
    /// Get the MNIST data set, or say what is there
    #[command(
        after_help = "Examples:\n  steepest mnist           open the window on the experiment `mnist`\n  steepest mnist fetch     get the data set"
    )]
    Mnist {
        #[command(subcommand)]
        command: Option<mnist::MnistCommand>,
    },
}

#[derive(Args, Debug)]
struct RunArgs {
    /// A built-in's name, or the path of an experiment or a run file
    experiment: String,
    /// json, csv or npz [default: by the output's ending, else json]
    #[arg(long)]
    format: Option<Format>,
    /// The file to write; `-` is the standard output
    #[arg(short, long, default_value = "-", value_name = "FILE")]
    output: PathBuf,
    /// Add the full parameters of every iterate
    #[arg(long)]
    params: bool,
    /// Add what every step is made of, and the curvature of the loss with the rule's greatest stable rate (json)
    #[arg(long)]
    terms: bool,
}

#[derive(Args, Debug)]
struct ShotArgs {
    /// A built-in's name, or the path of an experiment or a run file
    experiment: String,
    /// The PNG file to write; `-` is the standard output
    #[arg(short, long, value_name = "FILE.png")]
    output: PathBuf,
    /// The step shown, 12.5 lying between two; beyond the last it is the last [default: the last]
    #[arg(long, value_name = "N", value_parser = parse_step)]
    step: Option<f64>,
    #[command(flatten)]
    looks: PictureOptions,
    /// Samples along each side of a pixel, for smooth edges
    #[arg(long, default_value_t = 2, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=4))]
    samples: u32,
    /// Overwrite the file if it is there
    #[arg(long)]
    force: bool,
}

/// A whole number, 0 or more.
fn whole<T: FromStr>(text: &str) -> Result<T, String> {
    let number = text.trim().parse::<T>();
    number.map_err(|_| {
        let most = u64::MAX;
        format!("found `{text}`, expected a whole number, 0 to {most}")
    })
}

fn parse_step(text: &str) -> Result<f64, String> {
    match text.trim().parse::<f64>() {
        Ok(step) if step >= 0.0 => Ok(step),
        _ => Err(format!("found `{text}`, expected a step, 0 or more")),
    }
}

/// Why a command ended badly. An empty message has nothing to say.
#[derive(Debug)]
pub struct Failure {
    pub message: String,
    /// 1: it failed; 2: bad usage or input.
    pub code: u8,
}

impl Failure {
    fn failed(error: impl ToString) -> Failure {
        Failure {
            message: error.to_string(),
            code: 1,
        }
    }

    fn bad_input(error: impl ToString) -> Failure {
        Failure {
            message: error.to_string(),
            code: 2,
        }
    }
}

impl From<ExperimentError> for Failure {
    fn from(error: ExperimentError) -> Failure {
        Failure::bad_input(error)
    }
}

impl From<DataError> for Failure {
    fn from(error: DataError) -> Failure {
        Failure::bad_input(error)
    }
}

impl From<AdapterError> for Failure {
    fn from(error: AdapterError) -> Failure {
        match error {
            AdapterError::NoneAtAll => Failure::failed(error),
            AdapterError::NoneLikeIt { .. } => Failure::bad_input(error),
        }
    }
}

impl From<WriteError> for Failure {
    fn from(error: WriteError) -> Failure {
        if error.is_broken_pipe() {
            // Whoever read has read enough.
            return Failure {
                message: String::new(),
                code: 0,
            };
        }
        Failure::failed(error)
    }
}

impl Common {
    fn verbosity(&self) -> Verbosity {
        match (self.quiet, self.verbose) {
            (true, _) => Verbosity::Quiet,
            (_, true) => Verbosity::Verbose,
            _ => Verbosity::Normal,
        }
    }

    fn data_wish(&self) -> DataWish {
        self.data.clone().unwrap_or_default()
    }

    /// The data that the experiment needs, if it needs any; a stand-in nobody asked for is said on stderr.
    fn data(&self, experiment: &Experiment) -> Result<Data, Failure> {
        let wish = self.data_wish();
        let set = experiment.data(&wish)?;
        if let Some(note) = set.as_ref().and_then(|set| set.note(&wish))
            && !self.quiet
        {
            // A note that cannot be said is no reason to fail.
            let _ = writeln!(std::io::stderr(), "note: {note}");
        }
        Ok(Data::new(wish, set))
    }

    /// Says something on stderr.
    fn say(&self, text: &str) {
        // What cannot be said is no reason to fail.
        let _ = writeln!(std::io::stderr(), "{text}");
    }

    /// Says which letters of a picture are boxes, if any.
    fn say_missing(&self, offscreen: &mut Offscreen) {
        if let Some(advice) = offscreen.missing_letters()
            && !self.quiet
        {
            self.say(&format!("note: {advice}"));
        }
    }

    /// The experiment, with its notes said on stderr.
    fn load(&self, name_or_path: &str) -> Result<Experiment, Failure> {
        Ok(self.taken(Experiment::load(name_or_path)?, name_or_path))
    }

    /// The same of a text that was read from there.
    fn parse(&self, text: &str, name_or_path: &str) -> Result<Experiment, Failure> {
        let experiment = Experiment::parse(text, name_or_path)?;
        Ok(self.taken(experiment, name_or_path))
    }

    fn taken(&self, mut experiment: Experiment, name_or_path: &str) -> Experiment {
        if let Some(seed) = self.seed {
            experiment.reseed(seed);
        }
        if !self.quiet {
            for note in experiment.notes() {
                // A note that cannot be said is no reason to fail.
                let _ = writeln!(std::io::stderr(), "note: {name_or_path}: {note}");
            }
        }
        experiment
    }
}

impl Command {
    /// Without a command the window opens.
    fn uses_graphics(command: Option<&Command>) -> bool {
        match command {
            None | Some(Command::Shot(_) | Command::Record(_)) => true,
            Some(Command::Sweep(args)) => args.uses_graphics(),
            Some(Command::Map(args)) => args.uses_graphics(),
            Some(Command::Export(args)) => args.uses_graphics(),
            Some(Command::Mnist { command }) => command.is_none(),
            Some(
                Command::List { .. }
                | Command::Show { .. }
                | Command::Check { .. }
                | Command::Run(_)
                | Command::Tune(_)
                | Command::Import(_)
                | Command::Manual(_),
            ) => false,
        }
    }
}

impl Cli {
    /// Runs the command.
    ///
    /// # Errors
    /// What went wrong, in words for a person, and the exit code.
    pub fn run(self) -> Result<(), Failure> {
        let common = self.common;
        if Command::uses_graphics(self.command.as_ref()) {
            driver::silence();
        }
        match self.command {
            None => commands::window(self.experiment, &common),
            Some(Command::List { json, markdown }) => commands::list(json, markdown),
            Some(Command::Show { experiment }) => commands::show(&experiment),
            Some(Command::Check { experiment }) => commands::check(&experiment, &common),
            Some(Command::Run(args)) => commands::run(&args, &common),
            Some(Command::Shot(args)) => shot::shot(&args, &common),
            Some(Command::Record(args)) => record::record(&args, &common),
            Some(Command::Export(args)) => export::export(&args, &common),
            Some(Command::Manual(args)) => manual::manual(&args),
            Some(Command::Import(args)) => import::import_grid(&args, &common),
            Some(Command::Map(args)) => map::map(&args, &common),
            Some(Command::Tune(args)) => tune::tune(&args, &common),
            Some(Command::Sweep(args)) => sweep::sweep(&args, &common),
            Some(Command::Mnist { command: None }) => {
                commands::window(Mnist::NAME.to_owned(), &common)
            }
            Some(Command::Mnist {
                command: Some(command),
            }) => mnist::mnist(&command, &common),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
