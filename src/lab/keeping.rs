//! Keeping work: saving an experiment to a file, the files used last, and a copy of what is unsaved, which outlives a crash.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bevy::prelude::*;
use directories::ProjectDirs;

use super::Stage;
use super::command::{LabCommand, Notice};
use super::model::CurrentExperiment;
use crate::report::file::write_atomically;

/// Files used last that are offered again.
const RECENT: usize = 8;
/// Unsaved changes are copied once nothing has changed for so long.
const CALM: Duration = Duration::from_millis(1500);
const UNSAVED: &str = "unsaved.toml";
const RECENT_LIST: &str = "recent.txt";

/// Where this person's work is kept between runs. Only the window has it: pictures leave nothing behind.
#[derive(Resource, Debug, Default)]
pub struct Keeping {
    /// `None` where the platform has no such folder: then nothing is kept but what is saved.
    folder: Option<PathBuf>,
    recent: Vec<PathBuf>,
    /// What was not saved when the program last ended.
    left_over: Option<PathBuf>,
    changed_at: Option<Instant>,
}

impl Keeping {
    /// What was kept before, in the platform's folder for such data.
    pub fn of_this_person() -> Keeping {
        let folders = ProjectDirs::from("", "", "steepest");
        Keeping::in_folder(folders.map(|folders| folders.data_local_dir().to_owned()))
    }

    fn in_folder(folder: Option<PathBuf>) -> Keeping {
        let list = folder.as_ref().map(|folder| folder.join(RECENT_LIST));
        let list = list.and_then(|list| fs::read_to_string(list).ok());
        let recent = list
            .unwrap_or_default()
            .lines()
            .map(PathBuf::from)
            .collect();
        let left_over = folder.as_ref().and_then(|folder| {
            // Under another name, so that this run's own copy does not replace it.
            let kept = folder.join("last-session.toml");
            let _ = fs::rename(folder.join(UNSAVED), &kept);
            kept.is_file().then_some(kept)
        });
        Keeping {
            folder,
            recent,
            left_over,
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

    /// Puts a file at the front of those used last.
    fn used(&mut self, path: &Path) {
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        self.recent.retain(|other| *other != path);
        self.recent.insert(0, path);
        self.recent.truncate(RECENT);
        let list: Vec<String> = self
            .recent
            .iter()
            .map(|p| p.display().to_string())
            .collect();
        self.write(RECENT_LIST, &(list.join("\n") + "\n"));
    }

    /// A convenience that cannot be kept is no reason to disturb anybody.
    fn write(&self, name: &str, text: &str) {
        if let Some(folder) = &self.folder {
            let _ = fs::create_dir_all(folder);
            let _ = write_atomically(&folder.join(name), |out| out.write_all(text.as_bytes()));
        }
    }

    fn forget_unsaved(&self) {
        if let Some(folder) = &self.folder {
            let _ = fs::remove_file(folder.join(UNSAVED));
        }
    }
}

pub(super) fn plugin(app: &mut App) {
    app.add_systems(
        Update,
        (
            save.before(super::command::apply_commands)
                .in_set(Stage::Model),
            keep_unsaved.in_set(Stage::Compute),
        ),
    );
}

/// Saves when asked to, and remembers which files of this person's own were opened.
fn save(
    mut commands: MessageReader<LabCommand>,
    mut current: ResMut<CurrentExperiment>,
    mut notice: ResMut<Notice>,
    mut keeping: Option<ResMut<Keeping>>,
) {
    for command in commands.read() {
        match command {
            LabCommand::Save(path) => {
                let text = current.experiment.to_toml();
                match write_atomically(path, |out| out.write_all(text.as_bytes())) {
                    Ok(()) => {
                        current.source = path.display().to_string();
                        current.edited = false;
                        if let Some(keeping) = &mut keeping {
                            keeping.used(path);
                        }
                    }
                    Err(error) => *notice = Notice::bad(error),
                }
            }
            LabCommand::Open(name) => {
                let path = Path::new(name);
                if let Some(keeping) = &mut keeping
                    && path.is_file()
                    && keeping.left_over() != Some(path)
                {
                    keeping.used(path);
                }
            }
            _ => {}
        }
    }
}

/// Copies what is unsaved beside, once the person pauses.
fn keep_unsaved(current: Res<CurrentExperiment>, keeping: Option<ResMut<Keeping>>) {
    let Some(mut keeping) = keeping else { return };
    if current.is_changed() {
        keeping.changed_at = Some(Instant::now());
    }
    if keeping.changed_at.is_some_and(|at| at.elapsed() > CALM) {
        keeping.changed_at = None;
        if current.edited {
            keeping.write(UNSAVED, &current.experiment.to_toml());
        } else {
            keeping.forget_unsaved();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_used_last_come_first_and_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        let mut keeping = Keeping::in_folder(Some(path("kept")));
        for name in ["a.toml", "b.toml", "a.toml"] {
            keeping.used(&path(name));
        }
        assert_eq!(keeping.recent(), [path("a.toml"), path("b.toml")]);
        for number in 0..20 {
            keeping.used(&path(&number.to_string()));
        }
        let again = Keeping::in_folder(Some(path("kept")));
        assert_eq!(again.recent(), keeping.recent());
        assert_eq!(again.recent().len(), RECENT);
    }

    #[test]
    fn what_was_unsaved_is_offered_by_the_next_run() {
        let folder = tempfile::tempdir().expect("a folder");
        let kept = || Keeping::in_folder(Some(folder.path().to_owned()));
        let first = kept();
        assert_eq!(first.left_over(), None);
        first.write(UNSAVED, "steepest = 1\n");
        let second = kept();
        let left_over = second.left_over().expect("what was unsaved");
        let text = fs::read_to_string(left_over).expect("a readable file");
        assert_eq!(text, "steepest = 1\n");
        // Until something else is left unsaved, it stays.
        assert!(kept().left_over().is_some());
    }
}
