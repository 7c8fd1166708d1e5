//! How long a frame takes, off-screen at 1280×720, with the whole interface and playback running, and how long it takes
//! from the start of the renderer to the first frame; and the longest frame as the window has them, which do not wait for
//! landscapes that are swept again. `cargo bench --bench frames`; figures go into docs/benchmarks.md.

use std::time::Instant;

use steepest::app::Verbosity;
use steepest::app::offscreen::{Offscreen, Scene};
use steepest::experiment::Experiment;
use steepest::gpu::adapter::{self, AdapterWish};
use steepest::lab::Data;
use steepest::lab::model::{ComputeBudget, FRAME_BUDGET};
use steepest::mnist::DataWish;
use steepest::ui::Layout;

const EXPERIMENTS: [&str; 6] = [
    "race",
    "mnist",
    "learning-rate-sensitivity",
    "rosenbrock",
    "noisy-quartic",
    "moons",
];
const WARM_UP: u32 = 30;
const FRAMES: u32 = 150;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Cargo passes `--bench`; any other words are experiments' names.
    let asked: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with("--"))
        .collect();
    let names = if asked.is_empty() {
        EXPERIMENTS.map(str::to_owned).to_vec()
    } else {
        asked
    };
    // A process can have one renderer's log only, so every experiment gets a process of its own.
    if names.len() > 1 {
        for name in names {
            std::process::Command::new(std::env::current_exe()?)
                .arg(name)
                .status()?;
        }
        return Ok(());
    }
    let Some(name) = names.first() else {
        return Ok(());
    };
    let began = Instant::now();
    let adapter = adapter::find(&AdapterWish::Best)?;
    let experiment = Experiment::load(name)?;
    let data = experiment.data(&DataWish::Default)?;
    let scene = Scene {
        source: steepest::experiment::Source::named(name),
        experiment,
        data: Data::new(DataWish::Default, data),
        size: [1280, 720],
        scale: 1,
        samples: 1,
        layout: Layout::FULL,
        transparent: false,
        captured: false,
    };
    let mut offscreen = Offscreen::new(scene, &adapter, Verbosity::Quiet);
    offscreen.settle()?;
    let settled = began.elapsed().as_secs_f64();
    offscreen.time_frames(WARM_UP);
    let frame = offscreen.time_frames(FRAMES);
    println!(
        "{name:28} {:6.1} ms a frame, settled after {settled:.2} s, on {}",
        frame * 1e3,
        adapter.name
    );
    let budget = ComputeBudget(Some(FRAME_BUDGET));
    offscreen.world().insert_resource(budget);
    let mut frames: Vec<f64> = (0..FRAMES)
        .map(|_| {
            let began = Instant::now();
            offscreen.update();
            began.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    frames.sort_by(f64::total_cmp);
    let (median, longest) = (frames[frames.len() / 2], frames[frames.len() - 1]);
    println!(
        "{:28} as in a window: median {median:6.1} ms, longest {longest:6.1} ms",
        ""
    );
    Ok(())
}
