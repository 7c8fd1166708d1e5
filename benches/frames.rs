//! How long a frame takes, off-screen at 1280×720, with the whole interface and playback running, and how long it takes
//! from the start of the renderer to the first frame; and the longest frame as the window has them, by the clock, which do not wait for
//! landscapes that are swept again. `cargo bench --bench frames`; figures go into docs/benchmarks.md.
//!
//! `NAME+follow` is an experiment whose planes follow the step, so that its surfaces are swept again at every step. On Linux it is said how long
//! processors computed for a frame, and how long the main thread had to wait for one: where that is much, the machine was busy otherwise.

use std::fs;
use std::sync::Arc;
use std::time::Instant;

use bevy::time::TimeUpdateStrategy;
use steepest::app::Verbosity;
use steepest::app::offscreen::{Offscreen, Scene};
use steepest::experiment::Experiment;
use steepest::gpu::adapter::{self, AdapterWish};
use steepest::lab::model::{ComputeBudget, FRAME_BUDGET, put_frames_first};
use steepest::lab::{Data, Field, PanelLandscape};
use steepest::mnist::DataWish;
use steepest::ui::Layout;

const EXPERIMENTS: [&str; 7] = [
    "race",
    "mnist",
    "learning-rate-sensitivity",
    "rosenbrock",
    "noisy-quartic",
    "moons",
    "moons+follow",
];
/// Added to a name.
const FOLLOW: &str = "+follow";
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
    put_frames_first();
    let began = Instant::now();
    let adapter = adapter::find(&AdapterWish::Best)?;
    let follows = name.ends_with(FOLLOW);
    let mut experiment = Experiment::load(name.trim_end_matches(FOLLOW))?;
    let planes = experiment.panels.iter_mut().map(|panel| &mut panel.plane);
    for plane in planes.flatten() {
        plane.follows |= follows;
    }
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
    as_in_a_window(&mut offscreen);
    Ok(())
}

/// Frames by the clock, which wait for nothing that takes long.
fn as_in_a_window(offscreen: &mut Offscreen) {
    let world = offscreen.world();
    world.insert_resource(ComputeBudget(Some(FRAME_BUDGET)));
    let mut landscapes = world.query::<&PanelLandscape>();
    let (mut shown, mut swept) = (Vec::new(), 0);
    let mut frames = Vec::new();
    let (began, work) = (Instant::now(), Work::so_far());
    for _ in 0..FRAMES {
        let began = Instant::now();
        offscreen.update();
        let frame = began.elapsed();
        frames.push(frame.as_secs_f64() * 1e3);
        let world = offscreen.world();
        world.insert_resource(TimeUpdateStrategy::ManualDuration(frame));
        let fields = landscapes
            .iter(world)
            .map(|landscape| landscape.field.clone());
        let fields: Vec<Arc<Field>> = fields.collect();
        let both = fields.iter().zip(&shown);
        swept += both.filter(|(new, old)| !Arc::ptr_eq(new, old)).count();
        shown = fields;
    }
    let took = began.elapsed().as_secs_f64() * 1e3;
    let [computed, waited] = Work::so_far().since(work, FRAMES);
    frames.sort_by(f64::total_cmp);
    let at = |share: f64| frames[((frames.len() - 1) as f64 * share) as usize];
    println!(
        "{:28} as in a window: median {:.1} ms, nine of ten within {:.1} ms, longest {:.1} ms; {computed:.1} ms of processors, \
         {waited:.1} ms waited for one",
        "",
        at(0.5),
        at(0.9),
        at(1.0)
    );
    if swept > 0 {
        let each = took / swept as f64;
        println!("{:28} {swept} surfaces, one every {each:.0} ms", "");
    }
}

/// What this process has had of the machine, in ms; nothing where nobody tells.
#[derive(Clone, Copy)]
struct Work {
    /// The time of all its threads on processors.
    computed: f64,
    /// The time that its first thread could have run and did not.
    waited: f64,
}

impl Work {
    fn so_far() -> Work {
        // Nanoseconds on a processor, and waiting for one (Linux, Documentation/scheduler/sched-stats.rst).
        let numbers = |path: &str| -> [f64; 2] {
            let text = fs::read_to_string(path).unwrap_or_default();
            let mut numbers = text.split_whitespace().map(|word| word.parse().ok());
            std::array::from_fn(|_| numbers.next().flatten().unwrap_or(0.0) / 1e6)
        };
        let threads = fs::read_dir("/proc/self/task").into_iter().flatten();
        let threads = threads
            .flatten()
            .map(|thread| thread.path().join("schedstat"));
        let computed = threads.map(|path| numbers(&path.to_string_lossy())[0]);
        Work {
            computed: computed.sum(),
            waited: numbers("/proc/self/schedstat")[1],
        }
    }

    /// Both for each of so many frames.
    fn since(self, before: Work, frames: u32) -> [f64; 2] {
        let [computed, waited] = [self.computed - before.computed, self.waited - before.waited];
        [computed, waited].map(|time| time / f64::from(frames))
    }
}
