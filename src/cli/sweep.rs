//! `steepest sweep`: the MNIST loss surface on a dense grid, and how fast it came about.

use std::io::{self, Write, stderr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Args;
use ndarray::ArrayView2;
use ndarray_npy::WriteNpyExt;

use super::output::write_out;
use super::{Common, Failure};
use crate::descent::Descent;
use crate::experiment::{Experiment, PathSoFar, ResolvedPlane};
use crate::gpu::sweep::{BackendWish, LEAST_SIDE, MOST_SIDE, SweepError, Sweeper};
use crate::landscape::ticks::thousands;
use crate::landscape::{Domain, Grid, Range};
use crate::mnist;
use crate::objective::formula::is_minus;
use crate::objective::softmax::{Samples, Softmax};
use crate::report::counted;
use crate::report::file::check_folder;

/// The experiment, and the descent in it, through whose final weights the plane passes.
const EXPERIMENT: &str = "mnist";
const THROUGH: &str = "Adam";

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  steepest sweep --grid 512x512 --repeat 5\n  steepest sweep --u -50:50 --v -50:50 --backend cpu -o surface.npy\n  steepest sweep --data synthetic -o - | head"
)]
pub(super) struct SweepArgs {
    /// Nodes along u and v, 2 to 2048 each
    #[arg(long, default_value = "100x100", value_name = "COLSxROWS", value_parser = parse_grid)]
    grid: [usize; 2],
    /// The range of the weight W[0,0]
    #[arg(long, default_value = "-5:5", value_name = "A:B", allow_hyphen_values = true, value_parser = parse_range)]
    u: Range,
    /// The range of the weight W[1,0]
    #[arg(long, default_value = "-5:5", value_name = "A:B", allow_hyphen_values = true, value_parser = parse_range)]
    v: Range,
    /// gpu, cpu, or auto: a real GPU if there is one, else the CPU
    #[arg(long, default_value = "auto", value_name = "BACKEND")]
    backend: BackendWish,
    /// Sweeps that are timed; with more than one, another comes before and is not
    #[arg(long, default_value_t = 1, value_name = "K", value_parser = clap::value_parser!(u32).range(1..))]
    repeat: u32,
    /// The file to write, .npy or .csv; `-` is CSV on the standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

fn parse_grid(text: &str) -> Result<[usize; 2], String> {
    parse_sides(text, MOST_SIDE)
}

/// `COLSxROWS`, at most so many each.
pub(super) fn parse_sides(text: &str, most: usize) -> Result<[usize; 2], String> {
    let sides = || format!("{LEAST_SIDE} to {most} nodes along each side");
    let expected = || {
        format!(
            "found `{text}`, expected COLSxROWS, such as 100x100: {}",
            sides()
        )
    };
    let (cols, rows) = text.split_once(['x', 'X', '×']).ok_or_else(expected)?;
    let side = |text: &str| match text.trim().parse::<usize>() {
        Ok(side) if (LEAST_SIDE..=most).contains(&side) => Ok(side),
        Ok(side) => Err(format!("found {side} nodes, expected {}", sides())),
        Err(_) => Err(expected()),
    };
    Ok([side(cols)?, side(rows)?])
}

pub(super) fn parse_range(text: &str) -> Result<Range, String> {
    let number = |text: &str| {
        text.trim()
            .replace(is_minus, "-")
            .parse::<f64>()
            .ok()
            .filter(|v| v.is_finite())
    };
    let ends = text
        .split_once(':')
        .and_then(|(low, high)| Some([number(low)?, number(high)?]));
    ends.filter(|[low, high]| low < high && (high - low).is_finite())
        .ok_or_else(|| {
            format!("found `{text}`, expected A:B with A less than B, both finite, such as -5:5")
        })
}

impl From<SweepError> for Failure {
    fn from(error: SweepError) -> Failure {
        match error {
            SweepError::Adapter(error) => error.into(),
            SweepError::Device { .. } => Failure::failed(error),
            error => Failure::bad_input(error),
        }
    }
}

impl SweepArgs {
    pub(super) fn uses_graphics(&self) -> bool {
        self.backend != BackendWish::Cpu
    }
}

#[derive(Debug, Clone, Copy)]
enum SweepFormat {
    Npy,
    Csv,
}

pub(super) fn sweep(args: &SweepArgs, common: &Common) -> Result<(), Failure> {
    let output = match &args.output {
        Some(path) => Some((path, format_of(path)?)),
        None => None,
    };
    if let Some((path, _)) = output {
        check_folder(path)?;
    }
    let wish = common.data.clone().unwrap_or_default();
    let set = mnist::load_cached(&wish)?;
    let mut sweeper = Sweeper::new(args.backend, &common.adapter.clone().unwrap_or_default())?;
    let say = |line: &str| {
        if !common.quiet {
            // A message that cannot be said is no reason to fail.
            let _ = writeln!(stderr(), "{line}");
        }
    };
    if let Some(note) = set.note(&wish) {
        say(&format!("note: {note}"));
    }
    let [cols, rows] = args.grid;
    let cells = cols * rows;
    say(&format!("backend {}", sweeper.describe()));
    say(&format!(
        "cells {} ({cols}x{rows})",
        thousands(cells as u64)
    ));
    let count = set.samples.len();
    say(&format!(
        "samples {} ({})",
        thousands(count as u64),
        set.name()
    ));

    let domain = Domain {
        x: args.u,
        y: Some(args.v),
    };
    let (grid, times) = timed(&mut sweeper, &set.samples, domain, args)?;
    if let Some(note) = sweeper.note() {
        say(&format!("note: {note}"));
    }
    let median = median(times.iter().map(|time| time.wall).collect());
    let device = times.iter().map(|time| time.device).collect::<Option<_>>();
    let device = device.map_or(String::new(), |times| {
        format!(", {} on the device", milliseconds(self::median(times)))
    });
    say(&format!(
        "median {} over {}{device}",
        milliseconds(median),
        counted(args.repeat as usize, "repeat")
    ));
    let rate = cells as f64 * count as f64 / median.as_secs_f64();
    say(&format!("{rate:.3e} cell·samples/s"));

    if let Some((path, format)) = output {
        write_out(path, |out| match format {
            SweepFormat::Npy => write_npy(&grid, out),
            SweepFormat::Csv => write_csv(&grid, out),
        })?;
    }
    Ok(())
}

struct Time {
    wall: Duration,
    device: Option<Duration>,
}

fn timed(
    sweeper: &mut Sweeper,
    samples: &Arc<Samples>,
    domain: Domain,
    args: &SweepArgs,
) -> Result<(Grid, Vec<Time>), Failure> {
    let experiment = Experiment::load(EXPERIMENT)?;
    let panel = experiment.panels.iter().find_map(|panel| {
        let descent = panel.descents.iter().find(|d| d.name == THROUGH)?;
        Some((panel, panel.plane.as_ref()?, descent.plan.clone()))
    });
    let (panel, spec, plan) = panel.ok_or_else(|| {
        Failure::failed(format!(
            "the experiment {EXPERIMENT} has no descent {THROUGH}"
        ))
    })?;
    let objective = Arc::new(Softmax::new(samples.clone()));
    let mut descent = Descent::new(objective.clone(), plan);
    descent.run();
    let path = PathSoFar {
        name: THROUGH,
        shown: true,
        history: descent.history(),
        is_complete: true,
    };
    let resolved = spec.resolve(&*panel.objective, &*objective, &[path], None);
    let ResolvedPlane { plane, .. } =
        resolved.ok_or_else(|| Failure::failed("there is no plane through what has no end"))?;

    let warm_ups = usize::from(args.repeat > 1);
    let mut last = None;
    let mut times = Vec::new();
    for _ in 0..warm_ups + args.repeat as usize {
        let start = Instant::now();
        last = sweeper.sweep(&*objective, &plane, domain, args.grid, &|| true)?;
        times.push(Time {
            wall: start.elapsed(),
            device: sweeper.device_time(),
        });
    }
    times.drain(..warm_ups);
    // Nobody cancels it.
    let grid = last.ok_or_else(|| Failure::failed("the sweep was cancelled"))?;
    Ok((grid, times))
}

/// Of at least one; of an even number the mean of the middle two.
pub(super) fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    let half = times.len() / 2;
    (times[half] + times[(times.len() - 1) / 2]) / 2
}

/// To three digits or more.
pub(super) fn milliseconds(time: Duration) -> String {
    let ms = time.as_secs_f64() * 1e3;
    match ms {
        ..1.0 => format!("{ms:.3} ms"),
        1.0..10.0 => format!("{ms:.2} ms"),
        _ => format!("{ms:.1} ms"),
    }
}

/// By the name's ending; stdout gets CSV.
fn format_of(path: &Path) -> Result<SweepFormat, Failure> {
    let ending = path.extension().map(|ending| ending.to_ascii_lowercase());
    match ending.as_deref().and_then(|ending| ending.to_str()) {
        _ if path == Path::new("-") => Ok(SweepFormat::Csv),
        Some("csv") => Ok(SweepFormat::Csv),
        Some("npy") => Ok(SweepFormat::Npy),
        _ => Err(Failure::bad_input(format!(
            "--output: found {}, expected a name that ends in .npy or .csv, or - for CSV on stdout",
            path.display()
        ))),
    }
}

/// Long form, v slowest, every number to full precision.
fn write_csv(grid: &Grid, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "u,v,loss")?;
    for row in 0..grid.rows {
        let v = grid.y(row);
        for col in 0..grid.cols {
            let loss = grid.values[row * grid.cols + col];
            writeln!(out, "{},{v},{loss}", grid.x(col))?;
        }
    }
    Ok(())
}

/// Rows × columns.
fn write_npy(grid: &Grid, out: &mut dyn Write) -> io::Result<()> {
    let matrix = ArrayView2::from_shape((grid.rows, grid.cols), &grid.values);
    let matrix = matrix.map_err(io::Error::other)?;
    matrix.write_npy(out).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grids_are_columns_by_rows() {
        assert_eq!(parse_grid("100x7"), Ok([100, 7]));
        assert_eq!(parse_grid("2×2048"), Ok([2, 2048]));
        for bad in [
            "100", "5x", "x5", "1x9", "9x0", "2049x5", "-3x5", "2.5x5", "",
        ] {
            let message = parse_grid(bad).expect_err(bad);
            assert!(message.contains("expected"), "{message}");
        }
    }

    #[test]
    fn ranges_go_up() {
        assert_eq!(parse_range("-5:5"), Ok([-5.0, 5.0]));
        assert_eq!(parse_range("1e-3:2e-3"), Ok([1e-3, 2e-3]));
        for bad in [
            "5",
            "5:5",
            "5:-5",
            "a:b",
            "1:inf",
            "nan:1",
            ":",
            "-1e308:1e308",
        ] {
            let message = parse_range(bad).expect_err(bad);
            assert!(message.contains("such as -5:5"), "{message}");
        }
    }

    #[test]
    fn the_median_is_in_the_middle() {
        let of = |ms: &[u64]| median(ms.iter().map(|&ms| Duration::from_millis(ms)).collect());
        assert_eq!(of(&[9]), Duration::from_millis(9));
        assert_eq!(of(&[9, 1, 2]), Duration::from_millis(2));
        assert_eq!(of(&[9, 1, 2, 4]), Duration::from_millis(3));
    }
}
