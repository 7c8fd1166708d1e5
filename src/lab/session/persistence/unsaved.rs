//! The copy of work that is not saved: every running program has one of its own, and what a program left behind is taken over
//! by one that starts later.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// So many programs at a time keep what is unsaved.
const PLACES: usize = 64;
/// What a program of before did not save.
const TAKEN_OVER: &str = "last-session.toml";

/// A place for one program's unsaved work.
#[derive(Debug)]
pub(super) struct Unsaved {
    file: PathBuf,
    /// Locked while the program runs, however it ends. The file beside it is replaced as it is written, so it cannot be.
    _lock: File,
}

impl Unsaved {
    /// The first place that no running program has; `None` if the folder cannot be used.
    pub(super) fn claim(folder: &Path) -> Option<Unsaved> {
        fs::create_dir_all(folder).ok()?;
        (1..=PLACES).find_map(|place| Unsaved::lock(folder, place))
    }

    fn lock(folder: &Path, place: usize) -> Option<Unsaved> {
        let name = match place {
            1 => "unsaved".to_owned(),
            more => format!("unsaved-{more}"),
        };
        let mut options = File::options();
        options.create(true).truncate(false).write(true);
        let lock = options.open(folder.join(format!("{name}.lock"))).ok()?;
        match lock.try_lock() {
            Err(TryLockError::WouldBlock) => None,
            // Where nothing can be locked, programs have to share.
            Ok(()) | Err(TryLockError::Error(_)) => Some(Unsaved {
                file: folder.join(format!("{name}.toml")),
                _lock: lock,
            }),
        }
    }

    pub(super) fn file(&self) -> &Path {
        &self.file
    }

    fn written_at(&self) -> Option<SystemTime> {
        fs::metadata(&self.file).ok()?.modified().ok()
    }

    /// Takes over what was left by a program that runs no more, the last of several: the next start finds the others. It gets
    /// another name, so that this program's own work does not replace it, and under that name it stays until
    /// something else is left.
    pub(super) fn take_left_over(&self, folder: &Path) -> Option<PathBuf> {
        let others: Vec<Unsaved> = (1..=PLACES)
            .filter_map(|place| Unsaved::lock(folder, place))
            .collect();
        let all = others.iter().chain([self]);
        let dated = all.filter_map(|left| Some((left.written_at()?, left)));
        let kept = folder.join(TAKEN_OVER);
        if let Some((_, last)) = dated.max_by_key(|(at, _)| *at) {
            let _ = fs::rename(&last.file, &kept);
        }
        kept.is_file().then_some(kept)
    }
}
