//! Pages, models and figures of what is shown: made beside the frames, from the experiment alone.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bevy::prelude::*;

use crate::experiment::Experiment;
use crate::export::{DrawnScene, FigureWish, FileKind, Scene};
use crate::lab::command::{LabCommand, Notice};
use crate::lab::model::CurrentExperiment;
use crate::lab::model::data::Data;
use crate::lab::model::jobs::Job;
use crate::lab::model::zoom::RangeLeads;
use crate::lab::playback::Playback;
use crate::lab::showing::camera::{CameraPose, CameraRig};
use crate::lab::stage::Stage;
use crate::lab::timeline::Timeline;
use crate::mnist::DataError;
use crate::report::file::write_atomically;

/// The file being made.
#[derive(Resource, Default)]
pub struct Exporting(Option<Job<PathBuf, Result<(), String>>>);

impl Exporting {
    /// Whether one is.
    pub fn busy(&self) -> bool {
        self.0.is_some()
    }
}

/// The scenes that a figure is to have.
#[derive(Debug, Clone)]
pub struct SceneWish {
    pub experiment: Experiment,
    pub data: Data,
    pub figure: FigureWish,
    /// From where it is seen; `None`: as the experiment says.
    pub pose: Option<CameraPose>,
    /// The step that is seen, perhaps between two iterates; `None`: the last of all.
    pub step: Option<f64>,
}

impl SceneWish {
    /// What is shown, computed: for a page with all its moments, for what stands still with the ranges that panels have at the step.
    ///
    /// # Errors
    /// When the experiment needs a data set that is not there or cannot be used.
    pub fn scene(&self, kind: FileKind) -> Result<Scene, DataError> {
        let (experiment, data) = (self.experiment.clone(), self.data.wish());
        if kind == FileKind::Page {
            return Scene::of(experiment, data);
        }
        let timeline = Timeline::new(&experiment);
        Scene::of_moment(experiment, data, |last_step| {
            let step = self.step.unwrap_or(f64::MAX).min(last_step as f64);
            let timeline = Timeline {
                last_step,
                ..timeline
            };
            timeline.seconds_at(step)
        })
    }
}

type DrawScenes = dyn Fn(SceneWish) -> Result<Vec<DrawnScene>, String> + Send + Sync;

/// Draws the scenes of figures, on any thread. Put here by `app`, which has a renderer besides the window's.
#[derive(Resource, Clone)]
pub struct SceneDrawer(pub Arc<DrawScenes>);

/// Makes a file of what is shown; its ending says which kind. Scenes of figures are seen as they are at the moment, in the theme of the
/// figure.
#[derive(Debug)]
pub struct ExportTo {
    pub file: PathBuf,
    pub figure: FigureWish,
}

impl LabCommand for ExportTo {
    fn apply(&self, world: &mut World) {
        let Some(kind) = FileKind::of(&self.file) else {
            let endings = FileKind::ALL
                .map(|(ending, ..)| format!(".{ending}"))
                .join(", ");
            let name = self.file.display();
            world.insert_resource(Notice::bad(format!(
                "{name}: expected a name that ends in one of {endings}"
            )));
            return;
        };
        if world.resource::<Exporting>().busy() {
            world.insert_resource(Notice::bad("another file is still being made"));
            return;
        }
        let mut experiment = (*world.resource::<CurrentExperiment>().experiment).clone();
        let ranges = world.resource::<RangeLeads>();
        for (index, panel) in experiment.panels.iter_mut().enumerate() {
            if !ranges.leads(index) {
                // Their ranges are those that a person has given them.
                panel.zoom.clear();
            }
        }
        let wish = SceneWish {
            experiment,
            data: world.resource::<Data>().clone(),
            figure: self.figure,
            pose: world.get_resource::<CameraRig>().map(|rig| rig.pose),
            step: kind
                .is_figure()
                .then(|| world.resource::<Playback>().position()),
        };
        let drawer = world.get_resource::<SceneDrawer>().cloned();
        let path = self.file.clone();
        // The scene is drawn by an app that has jobs of its own.
        let job = Job::begin_apart(path.clone(), move |output| {
            output.put(write(wish, drawer, kind, &path));
        });
        world.insert_resource(Exporting(Some(job)));
    }
}

fn write(
    wish: SceneWish,
    drawer: Option<SceneDrawer>,
    kind: FileKind,
    path: &Path,
) -> Result<(), String> {
    let figure = wish.figure;
    let mut scene = wish.scene(kind).map_err(|error| error.to_string())?;
    if kind.is_figure() && figure.parts.scene {
        let drawer = drawer.ok_or("there is no renderer that could draw the scene")?;
        scene.put_drawn((drawer.0)(wish)?);
    }
    let made = scene.file(kind, &figure);
    let bytes = made.map_err(|error| error.to_string())?.bytes;
    write_atomically(path, |out| out.write_all(&bytes)).map_err(|error| error.to_string())
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Exporting>().add_systems(
        Update,
        receive
            .in_set(Stage::Input)
            .run_if(|exporting: Res<Exporting>| exporting.busy()),
    );
    app.add_systems(Last, finish.run_if(on_message::<AppExit>));
}

/// The program does not end before the file is there under its name.
fn finish(exporting: Res<Exporting>) {
    if let Some(job) = &exporting.0 {
        job.wait(None);
    }
}

fn receive(mut exporting: ResMut<Exporting>, mut notice: ResMut<Notice>) {
    let Some(job) = &exporting.0 else { return };
    let done = job.take().pop();
    if done.is_none() && !job.is_over() {
        return;
    }
    let path = job.key.clone();
    exporting.0 = None;
    *notice = match done {
        Some(Ok(())) => Notice {
            folder: path.parent().map(PathBuf::from),
            ..Notice::good(format!("wrote {}", path.display()))
        },
        Some(Err(error)) => Notice::bad(error),
        None => Notice::bad(format!("{} could not be made", path.display())),
    };
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::lab;
    use crate::lab::command::send;

    fn wish(file: PathBuf) -> ExportTo {
        ExportTo {
            file,
            figure: FigureWish::default(),
        }
    }

    #[test]
    fn a_scene_with_a_map_of_its_own_is_drawn_on_whatever_machine() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("a.svg");
        let mut app = lab::alone(Experiment::load("bowl").expect("a built-in"));
        // As an app off-screen does, which waits for each of its maps.
        app.insert_resource(SceneDrawer(Arc::new(|_| {
            let maps: Vec<Job<(), ()>> = (0..2)
                .map(|_| Job::begin_long((), |output| output.put(())))
                .collect();
            let limit = Instant::now() + Duration::from_secs(120);
            maps.iter().for_each(|map| map.wait(Some(limit)));
            match maps.iter().all(|map| map.take().len() == 1) {
                true => Err("both maps are there".to_owned()),
                false => Err("they wait for one another".to_owned()),
            }
        })));
        let mut figure = FigureWish::default();
        figure.parts.scene = true;
        send(app.world_mut(), ExportTo { file, figure });
        app.update();
        while app.world().resource::<Exporting>().busy() {
            app.update();
        }
        let said = app.world().resource::<Notice>().text.clone();
        assert_eq!(said.as_deref(), Some("both maps are there"));
    }

    #[test]
    fn the_program_does_not_end_before_the_file_is_there() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("a.html");
        let mut app = lab::alone(Experiment::load("bowl").expect("a built-in"));
        send(app.world_mut(), wish(file.clone()));
        app.world_mut().write_message(AppExit::Success);
        app.update();
        assert!(file.exists());
    }

    #[test]
    fn what_is_shown_becomes_a_file_beside_the_frames() {
        let folder = tempfile::tempdir().expect("a folder");
        let experiment = Experiment::load("bowl").expect("a built-in");
        let mut app = lab::alone(experiment);
        let mut export = |name: &str| {
            send(app.world_mut(), wish(folder.path().join(name)));
            app.update();
            while app.world().resource::<Exporting>().busy() {
                app.update();
            }
            app.world().resource::<Notice>().text.clone().expect("said")
        };
        for (name, begin) in [("a.html", "<!"), ("a.svg", "<"), ("a.pdf", "%PDF")] {
            assert!(export(name).contains("wrote"));
            let bytes = std::fs::read(folder.path().join(name)).expect("a file");
            assert!(bytes.starts_with(begin.as_bytes()), "{name}");
        }
        assert!(export("a.doc").contains("expected a name that ends in one of .html"));
        assert!(!folder.path().join("a.doc").exists());
        assert!(export("gone/a.html").contains("cannot write"));
    }
}
