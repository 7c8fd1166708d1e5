//! `steepest tune`: the settings with which descents come to a lowest minimum soonest.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::map::{parse_panel, refused};
use super::output::{check_output, write_out};
use super::waiting::{Interrupt, progress, share_of, stopped};
use super::{Common, Failure, whole};
use crate::experiment::{Experiment, ExperimentError, TunePlan, TuneSpec};
use crate::landscape::ticks::thousands;
use crate::maps::{Course, Entrant, TunedEach, tune_each, tuning_runs};
use crate::report::file::{folder_of, is_stdout};
use crate::report::{TuneFormat, TuneResults};

/// Parts of all the work that the progress is told in.
const PARTS: u64 = 1000;

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  steepest tune race\n  steepest tune quadratic --descent SGD --descent Momentum --steps 60\n  steepest tune my.toml --only rate=0.001:1 -o tuned.toml\n  steepest tune race --format json | jq '.panels[0].descents[].after.settings'"
)]
pub(super) struct TuneArgs {
    /// A built-in's name, or the path of an experiment
    experiment: String,
    /// Write the experiment with what was found, as TOML; `-` is the standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The descent to tune; may be given again for others [default: all that are shown]
    #[arg(long, value_name = "NAME")]
    descent: Vec<String>,
    /// The panel whose descents are tuned, counted from 1 [default: all]
    #[arg(long, value_name = "N", value_parser = parse_panel)]
    panel: Option<usize>,
    /// What is tuned: rate, or a parameter of the rule such as momentum or beta1, or two of them with a comma; A and B are the
    /// ends of what is searched [default: rate, and the first of momentum, beta1 … that the rule has]
    #[arg(long, value_name = "AXIS[=A:B]", value_delimiter = ',')]
    only: Vec<String>,
    /// Steps of each run, which a descent that is tuned has in the written experiment, too [default: the descent's]
    #[arg(long, value_name = "N", value_parser = whole::<usize>)]
    steps: Option<usize>,
    /// How near to a minimum a run has settled there [default: 1/500 of the domain's diagonal]
    #[arg(long, value_name = "R", allow_hyphen_values = true)]
    radius: Option<f64>,
    /// How the results are printed: table, json or csv
    #[arg(long, default_value = "table", value_name = "FORMAT")]
    format: TuneFormat,
    /// Replace the file if it is there
    #[arg(long)]
    force: bool,
}

pub(super) fn tune(args: &TuneArgs, common: &Common) -> Result<(), Failure> {
    let output = args.output.as_deref();
    let to_stdout = output.is_some_and(is_stdout);
    if to_stdout && args.format != TuneFormat::Table {
        return Err(Failure::bad_input(
            "--format: the experiment goes to the standard output; -o FILE leaves it to the results",
        ));
    }
    if let Some(path) = output {
        check_output(path, args.force)?;
    }
    let experiment = common.load(&args.experiment)?;
    let spec = TuneSpec {
        panel: args.panel.map(|number| number - 1),
        descents: args.descent.clone(),
        only: args.only.clone(),
        steps: args.steps,
        radius: args.radius,
    };
    let plans = experiment.tune_plans(&spec);
    let plans = plans.map_err(refused(&args.experiment))?;
    if output.is_some() && args.steps.is_some() {
        check_steps(&experiment, &plans.panels)?;
    }
    let say = |line: &str| {
        if !common.quiet {
            common.say(line);
        }
    };
    plans
        .notes
        .iter()
        .for_each(|note| say(&format!("note: {note}")));
    let found = search(&experiment, &plans.panels, common)?;

    let results = TuneResults {
        experiment: &experiment,
        plans: &plans.panels,
        found: &found,
    };
    let mut tuned = experiment.clone();
    for (plan, found) in plans.panels.iter().zip(&found) {
        for ((place, entrant), found) in plan.entrants.iter().zip(&found.tuned) {
            if let Some(found) = found {
                tuned.settle_on(plan.panel, *place, &entrant.plan, &found.cell);
            }
        }
    }
    let written = output.map_or(Ok(()), |path| {
        let text = match to_stdout {
            true => tuned.to_toml(),
            false => tuned.to_toml_in(folder_of(path)),
        };
        write_out(path, |out| out.write_all(text.as_bytes()))
    });
    // Whatever became of the file, what was found is worth its time.
    if to_stdout {
        let mut table = Vec::new();
        if !common.quiet && results.write(args.format, &mut table).is_ok() {
            // What cannot be said is no reason to fail.
            let _ = std::io::stderr().write_all(&table);
        }
    } else {
        write_out("-".as_ref(), |out| results.write(args.format, out))?;
    }
    results
        .notes()
        .iter()
        .for_each(|note| say(&format!("note: {note}")));
    written
}

/// Finds the best settings, panel by panel.
fn search(
    experiment: &Experiment,
    plans: &[TunePlan],
    common: &Common,
) -> Result<Vec<TunedEach>, Failure> {
    let data = common.data(experiment)?;
    let interrupt = Interrupt::caught();
    let go_on = || !interrupt.is_asked();
    let bar = progress(PARTS, &share_of("runs"), common.quiet);
    let mut found = Vec::new();
    for (index, plan) in plans.iter().enumerate() {
        let panel = &experiment.panels[plan.panel];
        let objective = panel.objective(data.set());
        let objective = objective.ok_or_else(|| Failure::failed("the data set is not there"))?;
        let entrants = plan.entrants.iter().map(|(_, entrant)| entrant.clone());
        let entrants: Vec<Entrant> = entrants.collect();
        if common.verbosity() == crate::app::Verbosity::Verbose {
            let each: Vec<_> = entrants
                .iter()
                .map(|entrant| entrant.plan.clone())
                .collect();
            let runs = thousands(tuning_runs(&*objective, &each) as u64);
            bar.suspend(|| common.say(&format!("{}: {runs} runs of each descent", panel.title)));
        }
        let course = Course {
            objective: &objective,
            domain: panel.domain,
            told: panel.objective.told_minima(),
            radius: plan.radius,
        };
        let mut after = |done: usize, all: usize| {
            let part = done as f64 / all.max(1) as f64;
            let parts = (index as f64 + part) / plans.len() as f64 * PARTS as f64;
            bar.set_position(parts as u64);
        };
        let tuned = tune_each(&course, &entrants, &go_on, &mut after);
        if tuned.is_none() {
            bar.finish_and_clear();
        }
        found.push(tuned.ok_or_else(stopped)?);
    }
    bar.finish_and_clear();
    Ok(found)
}

/// Says that the experiment with so many steps would be none.
fn check_steps(experiment: &Experiment, plans: &[TunePlan]) -> Result<(), Failure> {
    let mut longer = experiment.clone();
    for plan in plans {
        for (place, entrant) in &plan.entrants {
            longer.panels[plan.panel].descents[*place].plan.steps = entrant.plan.steps;
        }
    }
    let Err(error) = Experiment::parse(&longer.to_toml(), "the experiment with --steps") else {
        return Ok(());
    };
    let wrong = match error {
        // Its lines are those of a text that nobody has.
        ExperimentError::Invalid { problems, .. } => {
            let problems = problems.iter().map(|problem| &*problem.message);
            problems.collect::<Vec<_>>().join("; ")
        }
        error => error.to_string(),
    };
    Err(Failure::bad_input(format!("--steps: {wrong}")))
}
