//! `steepest map`: what becomes of one descent from many starts, or with many settings.

use std::fmt::Display;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use bevy_egui::egui;
use clap::Args;

use super::output::{check_output, check_source, write_out};
use super::sweep::{median, milliseconds, parse_sides};
use super::waiting::{Interrupt, progress, share_of, stopped};
use super::{Common, Failure, whole};
use crate::experiment::{MapError, MapShow, MapSpec, ThemeKind};
use crate::gpu::backend::BackendWish;
use crate::gpu::maps::{Mapper, MapperError};
use crate::lab::Theme;
use crate::lab::model::maps::ShownMap;
use crate::lab::showing::map_picture::MapPicture;
use crate::landscape::ticks::thousands;
use crate::maps::{MOST_SIDE, Map, Order, Outcomes};
use crate::objective::softmax::instruction_set;
use crate::record::still::Picture;
use crate::report::file::check_folder;
use crate::report::{MapResults, counted};
use crate::ui::page::map::MapPage;

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  steepest map race --descent Adam -o basins.png\n  steepest map quadratic --descent Momentum --x rate=0.001:1 --y momentum=0:0.999 -o tuning.npz\n  steepest map my.toml --x start.x=-6:6 --y rate --grid 256x256 --steps 200 -o - | head"
)]
pub(super) struct MapArgs {
    /// A built-in's name, or the path of an experiment
    experiment: String,
    /// The file to write: .npz, .csv, or a picture, .png; `-` is CSV on the standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The panel whose descent it is, counted from 1
    #[arg(long, default_value = "1", value_name = "N", value_parser = parse_panel)]
    panel: usize,
    /// The descent whose rule, rate, start, schedule … it is [default: the panel's first that is shown]
    #[arg(long, value_name = "NAME")]
    descent: Option<String>,
    /// What varies from left to right: start.x, start.y, rate, noise, or a parameter of the rule such as momentum or beta1; A
    /// and B are its ends. rate, noise and what is below 1 (momentum, betas) are spaced by the logarithm, the last by that of
    /// 1 − value [default: start.x, for a model rate]
    #[arg(long, value_name = "AXIS[=A:B]")]
    x: Option<String>,
    /// What varies from bottom to top, likewise [default: start.y; for a curve rate; for a
    /// model the rule's first parameter, or noise]
    #[arg(long, value_name = "AXIS[=A:B]")]
    y: Option<String>,
    /// Cells along x and y, 2 to 4096 each
    #[arg(long, default_value = "512x512", value_name = "COLSxROWS", value_parser = parse_grid)]
    grid: [usize; 2],
    /// Steps of each run [default: the descent's]
    #[arg(long, value_name = "N", value_parser = whole::<usize>)]
    steps: Option<usize>,
    /// How near to a minimum a run has settled there [default: 1/500 of the domain's diagonal]
    #[arg(long, value_name = "R", allow_hyphen_values = true)]
    radius: Option<f64>,
    /// What the colours of a picture say: minimum (and how soon), steps, loss or status
    #[arg(long, default_value = "minimum", value_name = "WHAT")]
    show: MapShow,
    /// dark, light or paper [default: the experiment's]
    #[arg(long)]
    theme: Option<ThemeKind>,
    /// Replace the picture if it is there
    #[arg(long)]
    force: bool,
    /// auto: the GPU if there is one; gpu: whatever graphics adapter there is, a software renderer too; cpu: every cell is what
    /// `run` gives
    #[arg(long, default_value = "auto", value_name = "BACKEND")]
    backend: BackendWish,
    /// Times it is computed and timed; with more than one, another comes before and is not
    #[arg(long, default_value_t = 1, value_name = "K", value_parser = clap::value_parser!(u32).range(1..))]
    repeat: u32,
}

pub(super) fn parse_panel(text: &str) -> Result<usize, String> {
    let number = text.trim().parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| format!("found `{text}`, expected a panel's number, 1 or more"))
}

fn parse_grid(text: &str) -> Result<[usize; 2], String> {
    parse_sides(text, MOST_SIDE)
}

impl From<MapperError> for Failure {
    fn from(error: MapperError) -> Failure {
        match error {
            MapperError::Adapter(error) => error.into(),
            MapperError::Device { .. } => Failure::failed(error),
        }
    }
}

/// Of what is asked for of this place.
pub(super) fn refused(place: impl Display) -> impl Fn(MapError) -> Failure {
    move |error| match error.key {
        Some(key) => Failure::bad_input(format!("--{key}: {error}")),
        None => Failure::bad_input(format!("{place}: {error}")),
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum MapFormat {
    Npz,
    Csv,
    Png,
}

/// By the name's ending; stdout gets CSV.
fn format_of(path: &Path) -> Result<MapFormat, Failure> {
    let ending = path.extension().map(|ending| ending.to_ascii_lowercase());
    match ending.as_deref().and_then(|ending| ending.to_str()) {
        _ if path == Path::new("-") => Ok(MapFormat::Csv),
        Some("csv") => Ok(MapFormat::Csv),
        Some("npz") => Ok(MapFormat::Npz),
        Some("png") => Ok(MapFormat::Png),
        _ => Err(Failure::bad_input(format!(
            "--output: found {}, expected a name that ends in .npz, .csv or .png, or - for CSV on stdout",
            path.display()
        ))),
    }
}

impl MapArgs {
    pub(super) fn uses_graphics(&self) -> bool {
        self.backend != BackendWish::Cpu
    }
}

pub(super) fn map(args: &MapArgs, common: &Common) -> Result<(), Failure> {
    let output = match &args.output {
        Some(path) => Some((path, format_of(path)?)),
        None => None,
    };
    if let Some((path, format)) = output {
        match format {
            MapFormat::Png => check_output(path, args.force)?,
            MapFormat::Npz | MapFormat::Csv => check_folder(path)?,
        }
        check_source(path, &args.experiment)?;
    }
    let experiment = common.load(&args.experiment)?;
    let spec = MapSpec {
        descent: args.descent.clone(),
        axes: [args.x.clone(), args.y.clone()],
        size: args.grid,
        steps: args.steps,
        radius: args.radius,
        ..MapSpec::default()
    };
    let refused = refused(format!("panel {}", args.panel));
    let panel = experiment.mapped_panel(args.panel - 1).map_err(&refused)?;
    let descent = panel.mapped_descent(&spec).map_err(&refused)?;
    let plan = panel.map_plan(&spec).map_err(&refused)?;
    let data = common.data(&experiment)?;
    let objective = panel.objective(data.set());
    let mut map = plan.of(objective.ok_or_else(|| Failure::failed("the data set is not there"))?);
    let mut mapper = Mapper::new(args.backend, &common.adapter.clone().unwrap_or_default())?;
    let mut outcomes = Outcomes::awaited(map.cells()).map_err(Failure::failed)?;

    let interrupt = Interrupt::caught();
    let go_on = || !interrupt.is_asked();
    let say = |line: String| {
        if !common.quiet {
            common.say(&line);
        }
    };
    let told = panel.objective.told_minima();
    map.find_minima(panel.domain, told, &go_on)
        .ok_or_else(stopped)?;
    let [cols, rows] = map.size();
    let cells = map.cells() as u64;
    let updates = cells * map.plan.steps as u64;
    let device = mapper.describe(&map);
    say(format!(
        "backend {}",
        device.unwrap_or_else(|| describe_cpu(&map))
    ));
    say(format!("cells {} ({cols}x{rows})", thousands(cells)));
    say(format!(
        "runs·steps {} ({} each)",
        thousands(updates),
        thousands(map.plan.steps as u64)
    ));

    let warm_ups = usize::from(args.repeat > 1);
    let repeats = warm_ups + args.repeat as usize;
    let bar = progress(cells * repeats as u64, &share_of("cells"), common.quiet);
    let mut times = Vec::new();
    for repeat in 0..repeats {
        let before = repeat as u64 * cells;
        let began = Instant::now();
        let mut after = |_: &Outcomes, done: usize| bar.set_position(before + done as u64);
        let done = mapper.compute(&map, Order::Rows, &mut outcomes, &go_on, &mut after);
        if !matches!(done, Ok(true)) {
            bar.finish_and_clear();
        }
        if !done? {
            return Err(stopped());
        }
        times.push(began.elapsed());
    }
    bar.finish_and_clear();
    if interrupt.is_asked() {
        return Err(stopped());
    }
    if let Some(note) = mapper.note() {
        say(format!("note: {note}"));
    }
    times.drain(..warm_ups);
    let median = median(times);
    say(format!(
        "median {} over {}",
        milliseconds(median),
        counted(args.repeat as usize, "repeat")
    ));
    say(format!(
        "{:.3e} runs·steps/s",
        updates as f64 / median.as_secs_f64()
    ));

    let results = MapResults {
        experiment: &experiment.title,
        panel: &panel.title,
        descent: &descent.name,
        map: &map,
        outcomes: &outcomes,
    };
    results.summary().into_iter().for_each(say);
    let Some((path, format)) = output else {
        return Ok(());
    };
    match format {
        MapFormat::Npz => write_out(path, |out| results.write_npz(out))?,
        MapFormat::Csv => write_out(path, |out| results.write_csv(out))?,
        MapFormat::Png => {
            let theme = Theme::new(args.theme.unwrap_or(experiment.view.theme));
            let shown = ShownMap {
                done: map.cells(),
                descent: descent.name.clone(),
                note: None,
                map,
                outcomes,
            };
            let colors = experiment.view.colormap;
            let page = MapPage {
                picture: &MapPicture::new(Arc::new(shown), args.show, theme, colors),
                theme,
                title: &panel.title,
                labels: &panel.labels,
            };
            let image = page.pixels();
            write_out(path, |out| write_png(&image, out))?;
        }
    }
    Ok(())
}

fn write_png(image: &egui::ColorImage, out: &mut dyn Write) -> io::Result<()> {
    let [width, height] = image.size.map(|side| side as u32);
    let rgba = image.pixels.iter().flat_map(|pixel| pixel.to_array());
    let rgba = rgba.collect();
    Picture {
        width,
        height,
        rgba,
    }
    .write_png(out)
}

/// The instructions are said where they are used.
fn describe_cpu(map: &Map) -> String {
    let threads = rayon::current_num_threads();
    let how = if map.is_in_lanes() {
        instruction_set()
    } else {
        "cell by cell"
    };
    format!("CPU: {how}, {}", counted(threads, "thread"))
}
