//! What outlives the program: an experiment saved to a file, the files used last, and a copy of what is unsaved, also after a crash.

mod unsaved;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bevy::prelude::*;
use directories::ProjectDirs;

use super::data::DataTasks;
use super::history::EditHistory;
use super::tune::Tuning;
use super::watch::recordings;
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
/// Unsaved changes are copied once nothing has changed for so long, and at the latest so long after the first of them.
const CALM: Duration = Duration::from_millis(1500);
const LATEST: Duration = Duration::from_secs(5);
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
    /// When the first and the last change were made that are not copied, since the program began.
    changed: Option<[Duration; 2]>,
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
            changed: None,
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
        self.changed = None;
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
    app.add_systems(Update, keep_unsaved.in_set(Stage::Compute))
        .add_systems(Last, keep_at_the_end.run_if(on_message::<AppExit>));
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
    world.insert_resource(Tuning::default());
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
    let name = path.display();
    let now = Source::File(path.to_owned());
    if now.is_recording() {
        return Err(format!(
            "{name} is a run file, which is not overwritten: an experiment has a file of its own, in .toml"
        ));
    }
    let mut current = world.resource_mut::<CurrentExperiment>();
    let text = match path.parent() {
        Some(folder) => current.experiment.to_toml_in(folder),
        None => current.experiment.to_toml(),
    };
    write_atomically(path, |out| out.write_all(text.as_bytes()))
        .map_err(|error| error.to_string())?;
    let before = std::mem::replace(&mut current.source, now.clone());
    // What was recorded is read when it is opened, and may be written anew at this moment.
    let has_records = recordings(&current.experiment).next().is_some();
    let opens = match has_records {
        true => Ok(()),
        false => now.load().map(drop),
    };
    current.edited = opens.is_err();
    world
        .resource_mut::<EditHistory>()
        .is_saved_as(&before, &now);
    if let Some(mut persistence) = world.get_resource_mut::<Persistence>() {
        persistence.used(path);
    }
    opens.map_err(|error| format!("{name} is saved, but it would not open again: {error}"))
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
        let first = persistence.changed.map_or(now, |[first, _]| first);
        persistence.changed = Some([first, now]);
    }
    if let Some([first, last]) = persistence.changed
        && (now - last > CALM || now - first > LATEST)
    {
        persistence.keep_now(&current);
    }
}

/// Closing the window is no pause.
fn keep_at_the_end(current: Res<CurrentExperiment>, persistence: Option<ResMut<Persistence>>) {
    if let Some(mut persistence) = persistence
        && persistence.changed.is_some()
    {
        persistence.keep_now(&current);
    }
}

#[cfg(test)]
mod tests;
