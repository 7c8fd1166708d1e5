//! What outlives the program: an experiment saved to a file, the files used last, and a copy of what is unsaved, also after a crash.

mod unsaved;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bevy::prelude::*;
use directories::ProjectDirs;

use super::data::DataTasks;
use crate::experiment::Source;
use crate::lab::command::{LabCommand, Notice};
use crate::lab::model::CurrentExperiment;
use crate::lab::model::data::Data;
use crate::lab::playback::Playback;
use crate::lab::showing::camera::CameraRig;
use crate::lab::stage::Stage;
use crate::report::file::write_atomically;
use unsaved::Unsaved;

/// Files used last that are offered again.
const RECENT: usize = 8;
/// Unsaved changes are copied once nothing has changed for so long.
const CALM: Duration = Duration::from_millis(1500);
const RECENT_LIST: &str = "recent.txt";

/// Where this person's work is kept between runs. Only the window has it: pictures leave nothing behind.
#[derive(Resource, Debug, Default)]
pub struct Persistence {
    /// `None` where the platform has no such folder: then nothing is kept but what is saved.
    folder: Option<PathBuf>,
    recent: Vec<PathBuf>,
    /// Where this program's unsaved work is copied.
    unsaved: Option<Unsaved>,
    /// What was not saved when the program last ended.
    left_over: Option<PathBuf>,
    /// Since the program began.
    changed_at: Option<Duration>,
}

impl Persistence {
    /// What was kept before, in the platform's folder for such data.
    pub fn of_this_person() -> Persistence {
        let folders = ProjectDirs::from("", "", "steepest");
        Persistence::in_folder(folders.map(|folders| folders.data_local_dir().to_owned()))
    }

    fn in_folder(folder: Option<PathBuf>) -> Persistence {
        let unsaved = folder.as_deref().and_then(Unsaved::claim);
        let own = unsaved.as_ref().zip(folder.as_deref());
        Persistence {
            left_over: own.and_then(|(own, folder)| own.take_left_over(folder)),
            recent: folder.as_deref().map(listed).unwrap_or_default(),
            unsaved,
            folder,
            changed_at: None,
        }
    }

    /// Files of this person's own, the last used first.
    pub fn recent(&self) -> &[PathBuf] {
        &self.recent
    }

    /// The file with what was not saved when the program last ended, if there was anything.
    pub fn left_over(&self) -> Option<&Path> {
        self.left_over.as_deref()
    }

    /// Puts a file at the front of those used last, by this program and by others meanwhile.
    fn used(&mut self, path: &Path) {
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        if let Some(folder) = &self.folder {
            self.recent = listed(folder);
        }
        self.recent.retain(|other| *other != path);
        self.recent.insert(0, path);
        self.recent.truncate(RECENT);
        let list: Vec<String> = self
            .recent
            .iter()
            .map(|p| p.display().to_string())
            .collect();
        if let Some(folder) = &self.folder {
            write(&folder.join(RECENT_LIST), &(list.join("\n") + "\n"));
        }
    }

    /// Copies what is unsaved beside. Says whether there is something.
    pub fn keep_now(&mut self, current: &CurrentExperiment) -> bool {
        self.changed_at = None;
        if current.edited {
            self.keep_unsaved(&current.experiment.to_toml());
        } else {
            self.forget_unsaved();
        }
        current.edited && self.unsaved.is_some()
    }

    fn keep_unsaved(&self, text: &str) {
        if let Some(unsaved) = &self.unsaved {
            write(unsaved.file(), text);
        }
    }

    fn forget_unsaved(&self) {
        if let Some(unsaved) = &self.unsaved {
            let _ = fs::remove_file(unsaved.file());
        }
    }
}

/// A convenience that cannot be kept is no reason to disturb anybody.
fn write(path: &Path, text: &str) {
    if let Some(folder) = path.parent() {
        let _ = fs::create_dir_all(folder);
    }
    let _ = write_atomically(path, |out| out.write_all(text.as_bytes()));
}

/// The files used last, as they are kept in this folder.
fn listed(folder: &Path) -> Vec<PathBuf> {
    let list = fs::read_to_string(folder.join(RECENT_LIST)).unwrap_or_default();
    list.lines().map(PathBuf::from).collect()
}

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, keep_unsaved.in_set(Stage::Compute));
}

/// What is asked of files.
#[derive(Debug, Clone)]
pub enum FileCommand {
    /// Show another experiment.
    Open(Source),
    /// Write the experiment to this file, which becomes its source.
    Save(PathBuf),
    /// Show a folder in the platform's file manager.
    ShowFolder(PathBuf),
}

impl LabCommand for FileCommand {
    fn apply(&self, world: &mut World) {
        let failed = match self {
            FileCommand::Open(source) => open(world, source),
            FileCommand::Save(path) => save(world, path),
            FileCommand::ShowFolder(folder) => open::that_detached(folder)
                .map_err(|error| format!("cannot open {}: {error}", folder.display())),
        };
        if let Err(error) = failed {
            world.insert_resource(Notice::bad(error));
        }
    }
}

/// Shows an experiment, once its data are there, and remembers which files of this person's own were opened.
fn open(world: &mut World, source: &Source) -> Result<(), String> {
    let experiment = source.load().map_err(|error| error.to_string())?;
    if experiment.lacks(world.resource::<Data>().set()) {
        let again = FileCommand::Open(source.clone());
        DataTasks::load(world, experiment.needs_images(), Some(again.into()));
        return Ok(());
    }
    world.resource_mut::<DataTasks>().forget_what_waits();
    world.resource_mut::<CameraRig>().open(&experiment);
    world.resource_mut::<Playback>().open(&experiment);
    world.insert_resource(CurrentExperiment::new(source.clone(), experiment));
    if let Some(path) = source.file()
        && let Some(mut persistence) = world.get_resource_mut::<Persistence>()
        && persistence.left_over() != Some(path)
    {
        persistence.used(path);
    }
    Ok(())
}

fn save(world: &mut World, path: &Path) -> Result<(), String> {
    let mut current = world.resource_mut::<CurrentExperiment>();
    let text = match path.parent() {
        Some(folder) => current.experiment.to_toml_in(folder),
        None => current.experiment.to_toml(),
    };
    write_atomically(path, |out| out.write_all(text.as_bytes()))
        .map_err(|error| error.to_string())?;
    current.source = Source::File(path.to_owned());
    current.edited = false;
    if let Some(mut persistence) = world.get_resource_mut::<Persistence>() {
        persistence.used(path);
    }
    Ok(())
}

/// Copies what is unsaved beside, once the person pauses.
fn keep_unsaved(
    current: Res<CurrentExperiment>,
    persistence: Option<ResMut<Persistence>>,
    time: Res<Time<Real>>,
) {
    let Some(mut persistence) = persistence else {
        return;
    };
    let now = time.elapsed();
    if current.is_changed() {
        persistence.changed_at = Some(now);
    }
    if persistence.changed_at.is_some_and(|at| now - at > CALM) {
        persistence.keep_now(&current);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_used_last_come_first_and_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        let mut persistence = Persistence::in_folder(Some(path("kept")));
        for name in ["a.toml", "b.toml", "a.toml"] {
            persistence.used(&path(name));
        }
        assert_eq!(persistence.recent(), [path("a.toml"), path("b.toml")]);
        for number in 0..20 {
            persistence.used(&path(&number.to_string()));
        }
        let again = Persistence::in_folder(Some(path("kept")));
        assert_eq!(again.recent(), persistence.recent());
        assert_eq!(again.recent().len(), RECENT);
    }

    fn text(file: &Path) -> String {
        fs::read_to_string(file).expect("a readable file")
    }

    #[test]
    fn what_was_unsaved_is_offered_by_the_next_run() {
        let folder = tempfile::tempdir().expect("a folder");
        let kept = || Persistence::in_folder(Some(folder.path().to_owned()));
        let first = kept();
        assert_eq!(first.left_over(), None);
        first.keep_unsaved("steepest = 1\n");
        drop(first);
        let second = kept();
        let left_over = second.left_over().expect("what was unsaved");
        assert_eq!(text(left_over), "steepest = 1\n");
        drop(second);
        // Until something else is left unsaved, it stays.
        assert!(kept().left_over().is_some());
    }

    #[test]
    fn programs_that_run_side_by_side_leave_each_others_work_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let kept = || Persistence::in_folder(Some(folder.path().to_owned()));
        let first = kept();
        first.keep_unsaved("first");
        let second = kept();
        assert_eq!(second.left_over(), None, "the first still runs");
        second.keep_unsaved("second");
        let own =
            |persistence: &Persistence| persistence.unsaved.as_ref().map(|own| text(own.file()));
        assert_eq!(own(&first).as_deref(), Some("first"));
        first.forget_unsaved();
        first.keep_unsaved("first again");
        assert_eq!(own(&second).as_deref(), Some("second"));
        drop(second);
        let third = kept();
        let left_over = third.left_over().expect("of the second, which ended");
        assert_eq!(text(left_over), "second");
        assert_eq!(own(&first).as_deref(), Some("first again"));
        // Of two that ended both are offered, one a start.
        third.keep_unsaved("third");
        drop((first, third));
        let mut texts = [0, 1].map(|_| text(kept().left_over().expect("one a start")));
        texts.sort();
        assert_eq!(texts, ["first again", "third"]);
    }

    #[test]
    fn the_files_used_last_are_those_of_all_programs() {
        let folder = tempfile::tempdir().expect("a folder");
        let kept = || Persistence::in_folder(Some(folder.path().to_owned()));
        let (mut first, mut second) = (kept(), kept());
        first.used(Path::new("/a.toml"));
        second.used(Path::new("/b.toml"));
        assert_eq!(kept().recent(), ["/b.toml", "/a.toml"].map(PathBuf::from));
    }
}
