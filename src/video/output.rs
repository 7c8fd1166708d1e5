//! What every codec is to the writer's thread, and the names files have before they are finished.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use super::VideoError;
use crate::report::file::check_folder;

/// One file being written. Dropping it unfinished must leave what was written so far.
pub(super) trait Sink: Send {
    /// Adds a frame: RGBA, already checked for its size.
    fn frame(&mut self, rgba: &[u8]) -> Result<(), VideoError>;

    /// Bytes on disk so far.
    fn bytes(&self) -> u64;

    /// Ends the file and gives it its name. Returns its size in bytes.
    fn finish(self: Box<Self>) -> Result<u64, VideoError>;

    /// Ends without a finished file, leaving what was written so far as good as it can be.
    fn keep(self: Box<Self>);

    /// Ends and removes everything this sink wrote.
    fn discard(self: Box<Self>);
}

/// What a symbolic link leads to, which is replaced, and not the link; of all else the path itself.
fn behind(target: &Path) -> PathBuf {
    let is_link = fs::symlink_metadata(target).is_ok_and(|found| found.is_symlink());
    let there = is_link.then(|| fs::canonicalize(target).ok()).flatten();
    there.unwrap_or_else(|| target.to_owned())
}

/// `NAME.part.EXT` beside `NAME.EXT`; beside what a symbolic link leads to, so that it can get that name.
pub(super) fn part_path(target: &Path) -> PathBuf {
    let extension = target.extension().unwrap_or_default().to_os_string();
    let mut name = target.file_stem().unwrap_or_default().to_os_string();
    name.push(".part.");
    name.push(extension);
    behind(target).with_file_name(name)
}

/// Refuses a target that exists, unless `force`.
pub(super) fn check_target(target: &Path, force: bool) -> Result<(), VideoError> {
    match fs::symlink_metadata(target) {
        Ok(found) if found.is_dir() || !force => Err(VideoError::Exists {
            path: target.into(),
        }),
        Ok(_) if target.metadata().is_ok_and(|found| !found.is_file()) => {
            let wrong = "this is no file, and a video is not written in one go";
            Err(VideoError::io(target)(io::Error::other(wrong)))
        }
        _ => check_folder(target).map_err(|error| VideoError::io(target)(error.source)),
    }
}

/// Refuses what [`create_part`] would refuse, and leaves nothing.
pub(super) fn check_part(target: &Path, force: bool) -> Result<(), VideoError> {
    check_target(target, force)?;
    let part = part_path(target);
    let is_left = fs::symlink_metadata(&part).is_ok();
    if is_left && !force {
        return Err(VideoError::PartExists { part });
    }
    let mut options = OpenOptions::new();
    let opened = options.write(true).create(true).truncate(false).open(&part);
    opened.map_err(VideoError::io(&part))?;
    if !is_left {
        fs::remove_file(&part).map_err(VideoError::io(&part))?;
    }
    Ok(())
}

/// Opens the part file of `target`, after both names were checked. A left-over part is never replaced
/// without `force`; the check and the creation are one step, so two recordings cannot share it.
pub(super) fn create_part(target: &Path, force: bool) -> Result<(File, PathBuf), VideoError> {
    check_target(target, force)?;
    let part = part_path(target);
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    if force {
        options.create(true).truncate(true)
    } else {
        options.create_new(true)
    };
    match options.open(&part) {
        Ok(file) => Ok((file, part)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            Err(VideoError::PartExists { part })
        }
        Err(error) => Err(VideoError::io(&part)(error)),
    }
}

/// Gives the finished file `from` its name. A target that appeared meanwhile stays, unless `force`. An
/// error says that `part` keeps the recording.
pub(super) fn publish(
    from: &Path,
    target: &Path,
    force: bool,
    part: &Path,
) -> Result<(), VideoError> {
    if !force && fs::symlink_metadata(target).is_ok() {
        let appeared = io::Error::new(
            io::ErrorKind::AlreadyExists,
            "a file of this name appeared meanwhile",
        );
        return Err(VideoError::io_kept(target, part)(appeared));
    }
    fs::rename(from, behind(target)).map_err(VideoError::io_kept(target, part))
}
