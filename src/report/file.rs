//! Writing a file whole or not at all.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

/// Symbolic links that lead to one another, at most.
const MOST_LINKS: usize = 40;

/// Why something could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {}: {source}", target.display())]
pub struct WriteError {
    pub target: PathBuf,
    pub source: io::Error,
}

impl WriteError {
    /// Whether the reader at the other end of a pipe went away, which is no fault of anybody.
    pub fn is_broken_pipe(&self) -> bool {
        self.source.kind() == io::ErrorKind::BrokenPipe
    }
}

/// Whether this stands for stdout.
pub fn is_stdout(target: &Path) -> bool {
    target == Path::new("-")
}

/// Writes to a file as [`write_atomically`] does, or to stdout for `-`.
///
/// # Errors
/// Those of `write` and of the file system; a closed pipe behind stdout too.
pub fn write_to(
    target: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), WriteError> {
    if !is_stdout(target) {
        return write_atomically(target, write);
    }
    buffered(io::stdout().lock(), write).map_err(|source| WriteError {
        target: PathBuf::from("stdout"),
        source,
    })
}

/// Whether a file can be written: to be asked before hours are spent on what it is to hold. What is there stays as it is.
///
/// # Errors
/// That the name is none of a file, that its folder is not there or takes no files, or that the file that is there may not be written.
pub fn check_folder(path: &Path) -> Result<(), WriteError> {
    if is_stdout(path) {
        return Ok(());
    }
    let failed = |source| WriteError {
        target: path.to_owned(),
        source,
    };
    if let Place::File { folder, .. } = place_of(path).map_err(failed)? {
        // A file beside it, as the one that is written first.
        let denied = |error: io::Error| {
            let name = folder.display();
            let kind = error.kind();
            io::Error::new(kind, format!("the folder `{name}` takes no files: {kind}"))
        };
        beside(&folder).map_err(denied).map_err(failed)?;
    }
    Ok(())
}

/// What a name stands for that can be written to.
enum Place {
    /// A device or a pipe.
    Stream,
    /// A file, perhaps behind a symbolic link, and who may do what with it if it is there.
    File {
        path: PathBuf,
        folder: PathBuf,
        existing: Option<fs::Permissions>,
    },
}

/// Where what is written under a name goes.
fn place_of(path: &Path) -> io::Result<Place> {
    if path.as_os_str().is_empty() {
        let wrong = "a file has a name";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, wrong));
    }
    let existing = match fs::metadata(path) {
        Ok(found) => Some(found),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => {
            check_is_folder(folder_of(path))?;
            return Err(error);
        }
    };
    let is_named_so = path.to_string_lossy().ends_with(std::path::is_separator);
    // The file behind a symbolic link is meant, also where it is not there yet.
    let path = match &existing {
        Some(found) if found.is_dir() => return Err(io::Error::other("this is a folder")),
        Some(found) if !found.is_file() => return Ok(Place::Stream),
        Some(_) => {
            // A file that may not be written to is not replaced either.
            drop(fs::OpenOptions::new().write(true).open(path)?);
            fs::canonicalize(path)?
        }
        None => behind(path)?,
    };
    let folder = folder_of(&path).to_owned();
    check_is_folder(&folder)?;
    if is_named_so {
        return Err(io::Error::other("this is the name of a folder"));
    }
    Ok(Place::File {
        path,
        folder,
        existing: existing.map(|found| found.permissions()),
    })
}

fn check_is_folder(folder: &Path) -> io::Result<()> {
    let name = folder.display();
    let (kind, wrong) = match fs::metadata(folder) {
        Ok(found) if found.is_dir() => return Ok(()),
        Ok(_) => (
            io::ErrorKind::NotADirectory,
            format!("`{name}` is not a folder"),
        ),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            (error.kind(), format!("the folder `{name}` does not exist"))
        }
        Err(error) => (
            error.kind(),
            format!("the folder `{name}` cannot be used: {error}"),
        ),
    };
    Err(io::Error::new(kind, wrong))
}

/// What a symbolic link leads to, and what that leads to.
fn behind(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        match fs::read_link(&path) {
            // Of a path that begins at the root the folder is left out.
            Ok(target) => path = folder_of(&path).join(target),
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::other("too many symbolic links"))
}

/// A temporary file in a folder.
fn beside(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = Builder::new();
    builder.prefix(".steepest-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    // Without the temporary file's name, which means nothing to a person.
    let file = builder.tempfile_in(folder);
    file.map_err(|error| io::Error::from(error.kind()))
}

/// The folder that a file lies in.
pub fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

/// Writes a file by way of a temporary one beside it, so that after a failure the old file, or
/// none, is there. A device or a pipe is written to directly.
///
/// # Errors
/// Those of `write` and of the file system.
pub fn write_atomically(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), WriteError> {
    replace(path, write).map_err(|source| WriteError {
        target: path.to_owned(),
        source,
    })
}

fn replace(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let Place::File {
        path,
        folder,
        existing,
    } = place_of(path)?
    else {
        return buffered(fs::OpenOptions::new().write(true).open(path)?, write);
    };
    let mut file = beside(&folder)?;
    if let Some(permissions) = existing {
        file.as_file().set_permissions(permissions)?;
    }
    buffered(&mut file, write)?;
    file.as_file().sync_all()?;
    file.persist(&path)?;
    Ok(())
}

fn buffered(
    out: impl Write,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let mut out = BufWriter::new(out);
    write(&mut out)?;
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    type Tested = Result<(), Box<dyn std::error::Error>>;

    fn failure(result: Result<(), WriteError>) -> String {
        result.map_or_else(|error| error.to_string(), |()| "no error".to_owned())
    }

    #[test]
    fn a_failure_leaves_the_old_file_and_nothing_else() -> Tested {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("out.txt");
        write_atomically(&path, |out| out.write_all(b"first"))?;
        let failed = write_atomically(&path, |out| {
            out.write_all(b"second")?;
            Err(io::Error::other("the disk is full"))
        });
        let message = failure(failed);
        assert!(message.contains("out.txt: the disk is full"), "{message}");
        assert_eq!(fs::read(&path)?, b"first");
        assert_eq!(fs::read_dir(folder.path())?.count(), 1);

        write_atomically(&path, |out| out.write_all(b"third"))?;
        assert_eq!(fs::read(&path)?, b"third");
        Ok(())
    }

    #[test]
    fn a_folder_and_a_missing_folder_are_refused() -> Tested {
        let folder = tempfile::tempdir()?;
        let at = |name: &str| folder.path().join(name);
        fs::write(at("file"), "no folder")?;
        let here = folder.path().display();
        for (target, what) in [
            (folder.path().to_owned(), "this is a folder".to_owned()),
            (
                at("nowhere/out.txt"),
                format!("the folder `{here}/nowhere` does not exist"),
            ),
            (at("file/out.txt"), format!("`{here}/file` is not a folder")),
        ] {
            let message = failure(write_atomically(&target, |_| Ok(())));
            let expected = format!("cannot write {}: {what}", target.display());
            assert_eq!(message, expected);
        }
        Ok(())
    }

    #[cfg(unix)]
    #[test]
    fn the_file_behind_a_link_is_replaced_and_keeps_its_permissions() -> Tested {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir()?;
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "old")?;
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640))?;
        symlink(&file, &link)?;
        write_atomically(&link, |out| out.write_all(b"new"))?;
        assert!(fs::symlink_metadata(&link)?.is_symlink());
        assert_eq!(fs::read(&file)?, b"new");
        assert_eq!(fs::metadata(&file)?.permissions().mode() & 0o777, 0o640);
        Ok(())
    }

    #[test]
    fn what_cannot_be_written_is_refused_before_it_is_made() -> Tested {
        let folder = tempfile::tempdir()?;
        let at = |name: &str| folder.path().join(name);
        fs::write(at("file"), "old")?;
        for target in [
            PathBuf::new(),
            folder.path().to_owned(),
            PathBuf::from("."),
            PathBuf::from(".."),
            at("new/"),
            at("file/out.txt"),
            at(&"n".repeat(300)),
            at("a\0b"),
        ] {
            let message = failure(check_folder(&target));
            let start = format!("cannot write {}: ", target.display());
            assert!(message.starts_with(&start), "{message}");
        }
        check_folder(&at("new"))?;
        check_folder(&at("file"))?;
        check_folder(Path::new("-"))?;
        assert_eq!(fs::read(at("file"))?, b"old");
        assert_eq!(fs::read_dir(folder.path())?.count(), 1, "nothing is left");
        Ok(())
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_folder_that_takes_no_files_is_refused() {
        let message = failure(check_folder(Path::new("/proc/out.txt")));
        assert!(
            message.contains("the folder `/proc` takes no files"),
            "{message}"
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_link_to_what_is_not_there_yet_is_written_through() -> Tested {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir()?;
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("runs"))?;
        // Links lead on from where they lie.
        symlink("runs/link", at("first"))?;
        symlink("new", at("runs/link"))?;
        write_atomically(&at("first"), |out| out.write_all(b"new"))?;
        assert!(fs::symlink_metadata(at("first"))?.is_symlink());
        assert!(fs::symlink_metadata(at("runs/link"))?.is_symlink());
        assert_eq!(fs::read(at("runs/new"))?, b"new");
        symlink("gone/new", at("lost"))?;
        symlink("round", at("round"))?;
        for (name, why) in [("lost", "does not exist"), ("round", "symbolic links")] {
            let message = failure(check_folder(&at(name)));
            assert!(message.contains(why), "{message}");
        }
        Ok(())
    }

    #[cfg(unix)]
    #[test]
    fn a_device_is_written_to_and_stays() -> Tested {
        let null = Path::new("/dev/null");
        write_atomically(null, |out| out.write_all(b"gone"))?;
        assert!(!fs::metadata(null)?.is_file());
        Ok(())
    }
}
