//! Keeping work: saving an experiment to a file, the files used last, and a copy of what is unsaved, which outlives a crash.

mod unsaved;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bevy::prelude::*;
use directories::ProjectDirs;

use crate::lab::Stage;
use crate::lab::command::{LabCommand, Notice};
use crate::lab::model::CurrentExperiment;
use crate::report::file::write_atomically;
use unsaved::Unsaved;

/// Files used last that are offered again.
const RECENT: usize = 8;
/// Unsaved changes are copied once nothing has changed for so long.
const CALM: Duration = Duration::from_millis(1500);
const RECENT_LIST: &str = "recent.txt";

/// Where this person's work is kept between runs. Only the window has it: pictures leave nothing behind.
#[derive(Resource, Debug, Default)]
pub struct Keeping {
    /// `None` where the platform has no such folder: then nothing is kept but what is saved.
    folder: Option<PathBuf>,
    recent: Vec<PathBuf>,
    /// Where this program's unsaved work is copied.
    unsaved: Option<Unsaved>,
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
        let unsaved = folder.as_deref().and_then(Unsaved::claim);
        let own = unsaved.as_ref().zip(folder.as_deref());
        Keeping {
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
    app.add_systems(
        Update,
        (
            save.before(crate::lab::command::apply_commands)
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
            keeping.keep_unsaved(&current.experiment.to_toml());
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

    fn text(file: &Path) -> String {
        fs::read_to_string(file).expect("a readable file")
    }

    #[test]
    fn what_was_unsaved_is_offered_by_the_next_run() {
        let folder = tempfile::tempdir().expect("a folder");
        let kept = || Keeping::in_folder(Some(folder.path().to_owned()));
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
        let kept = || Keeping::in_folder(Some(folder.path().to_owned()));
        let first = kept();
        first.keep_unsaved("first");
        let second = kept();
        assert_eq!(second.left_over(), None, "the first still runs");
        second.keep_unsaved("second");
        let own = |keeping: &Keeping| keeping.unsaved.as_ref().map(|own| text(own.file()));
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
        let kept = || Keeping::in_folder(Some(folder.path().to_owned()));
        let (mut first, mut second) = (kept(), kept());
        first.used(Path::new("/a.toml"));
        second.used(Path::new("/b.toml"));
        assert_eq!(kept().recent(), ["/b.toml", "/a.toml"].map(PathBuf::from));
    }
}
