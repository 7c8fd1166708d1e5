//! How long a frame takes, off-screen at 1280×720, with the whole interface and playback running, and how long it takes
//! from the start of the renderer to the first frame. `cargo bench --bench frames`; figures go into docs/benchmarks.md.

use std::time::Instant;

use steepest::app::Verbosity;
use steepest::app::offscreen::{Offscreen, Scene};
use steepest::experiment::Experiment;
use steepest::gpu::adapter::{self, AdapterWish};
use steepest::lab::Data;
use steepest::mnist::DataWish;
use steepest::ui::Layout;

const EXPERIMENTS: [&str; 5] = [
    "race",
    "mnist",
    "learning-rate-sensitivity",
    "rosenbrock",
    "noisy-quartic",
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
    Ok(())
}
