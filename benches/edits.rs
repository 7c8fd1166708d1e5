//! The longest frame while a person edits: formulas typed key by key, starts and rates dragged, the range zoomed, panels
//! switched to `mnist` with made-up data. Every update of the lab is timed, without view, interface and rendering: what is
//! measured is how long commands, descents and landscapes hold a frame. `cargo bench --bench edits`; figures go into
//! docs/benchmarks.md.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bevy::prelude::*;
use steepest::experiment::{Experiment, Source};
use steepest::lab::model::ComputeBudget;
use steepest::lab::session::edit::Edit;
use steepest::lab::{self, CameraRig, CurrentExperiment, Data, Playback, command};
use steepest::mnist::DataWish;

/// Between two frames, as the window has it.
const FRAME: Duration = Duration::from_millis(16);
/// So many characters a formula may have.
const LONGEST: usize = 9_800;

/// An app and how long its frames took.
struct Person {
    app: App,
    frames: Vec<f64>,
}

impl Person {
    fn new(name: &str) -> Result<Person, Box<dyn std::error::Error>> {
        let experiment = Experiment::load(name)?;
        let data = DataWish::Synthetic;
        let set = Experiment::load("mnist")?.data(&data)?;
        let mut app = App::new();
        app.add_plugins((MinimalPlugins, lab::plugin))
            .insert_resource(Data::new(data, set))
            .insert_resource(ComputeBudget(Some(lab::model::FRAME_BUDGET)))
            .insert_resource(Playback::new(&experiment))
            .insert_resource(CameraRig::new(&experiment).at_rest())
            .insert_resource(CurrentExperiment::new(Source::named(name), experiment));
        let mut person = Person {
            app,
            frames: Vec::new(),
        };
        person.rest(30);
        Ok(person)
    }

    fn frame(&mut self) {
        let began = Instant::now();
        self.app.update();
        let took = began.elapsed();
        self.frames.push(took.as_secs_f64() * 1e3);
        std::thread::sleep(FRAME.saturating_sub(took));
    }

    fn rest(&mut self, frames: usize) {
        for _ in 0..frames {
            self.frame();
        }
    }

    fn edit(&mut self, change: impl FnOnce(&mut Experiment)) {
        let edit = Edit::of(self.app.world(), change);
        command::send(self.app.world_mut(), edit);
        self.frame();
    }

    /// Types a formula; what is no formula yet changes nothing. Of a long one the keys in the middle are left out.
    fn types(&mut self, formula: &str) -> Result<(), Box<dyn std::error::Error>> {
        let keys = formula.len();
        let ends = (1..=keys).filter(|&key| key <= 40 || key + 40 > keys);
        for key in ends {
            let text = &formula[..key];
            let panel = "steepest = 1\n[[panel]]\ndomain = [[-2, 2], [-2, 2]]\n";
            let typed = Experiment::parse(&format!("{panel}formula = '{text}'"), "typed");
            match typed {
                Ok(mut typed) => {
                    let objective = typed.panels.remove(0).objective;
                    self.edit(|e| e.panels[0].objective = objective);
                }
                Err(_) => self.frame(),
            }
            // A fast writer leaves 100 ms between two keys.
            self.rest(5);
        }
        Ok(())
    }

    /// Prints the longest frame since the last time, and the median.
    fn says(&mut self, what: &str) {
        let mut frames = std::mem::take(&mut self.frames);
        frames.sort_by(f64::total_cmp);
        let (longest, median) = (frames[frames.len() - 1], frames[frames.len() / 2]);
        println!("{what:52} longest {longest:8.1} ms, median {median:6.2} ms");
    }
}

fn long_formula() -> String {
    let mut formula = "x^2 + y^2".to_owned();
    let mut k = 1;
    loop {
        let term = format!(" + 0.1*sin({k}*x)*cos(y - {k})");
        if formula.len() + term.len() > LONGEST {
            return formula;
        }
        formula += &term;
        k += 1;
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut person = Person::new("race")?;
    person.says("race: opening");
    person.types("sin(x)*y + 0.1*x^2 + 0.1*y^2")?;
    person.says("race: typing a short formula");
    for k in 0..60 {
        let at = 0.02 * f64::from(k);
        person.edit(|e| {
            for descent in &mut e.panels[0].descents {
                descent.plan.start = vec![at - 0.5, 1.0 - at];
            }
        });
    }
    person.says("race: dragging the start");
    for k in 0..60 {
        person.edit(|e| e.panels[0].descents[0].plan.rate = 1e-3 * f64::from(k + 1));
    }
    person.says("race: dragging a rate");
    for _ in 0..40 {
        person.edit(|e| e.panels[0].domain = e.panels[0].domain.zoomed(0.95, [0.3, 0.6]));
    }
    person.says("race: zooming the range");
    let basins = Arc::new(Experiment::load("basins")?);
    command::send(person.app.world_mut(), Edit(basins));
    person.edit(|e| {
        if let Some(map) = &mut e.panels[0].map {
            map.size = [1024; 2];
        }
    });
    person.rest(120);
    person.says("basins: a map of 1024 x 1024 cells");
    for k in 0..60 {
        person.edit(|e| e.panels[0].descents[0].plan.rate = 1e-3 + 1e-5 * f64::from(k));
    }
    person.says("the same: dragging the mapped rate");
    for _ in 0..40 {
        person.edit(|e| e.panels[0].domain = e.panels[0].domain.zoomed(0.95, [0.3, 0.6]));
    }
    person.rest(60);
    person.says("the same: zooming the range");
    let race = Arc::new(Experiment::load("race")?);
    command::send(person.app.world_mut(), Edit(race));
    person.rest(30);
    person.says("from there to race");
    let long = long_formula();
    person.types(&long)?;
    person.says(&format!("race: typing {} characters", long.len()));
    for k in 0..30 {
        let at = 0.02 * f64::from(k);
        person.edit(|e| e.panels[0].descents[0].plan.start = vec![at, 1.0 - at]);
    }
    person.says("the same: dragging the start");
    let mnist = Arc::new(Experiment::load("mnist")?);
    command::send(person.app.world_mut(), Edit(mnist));
    person.rest(200);
    person.says("from there to mnist");
    for k in 0..60 {
        person.edit(|e| e.panels[0].descents[0].plan.rate = 0.01 * f64::from(k + 1));
    }
    person.says("mnist: dragging a rate");
    for _ in 0..30 {
        person.edit(|e| e.panels[0].domain = e.panels[0].domain.zoomed(0.95, [0.3, 0.6]));
    }
    person.rest(60);
    person.says("mnist: zooming the range");
    Ok(())
}
