//! Writing a file whole or not at all.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::Builder;

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

/// Whether the folder of a file to write is there: to be asked before hours are spent on what it is to hold.
///
/// # Errors
/// That it is not.
pub fn check_folder(path: &Path) -> Result<(), WriteError> {
    if is_stdout(path) {
        return Ok(());
    }
    let folder = folder_of(path);
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
    Err(WriteError {
        target: path.to_owned(),
        source: io::Error::new(kind, wrong),
    })
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
    check_folder(path)?;
    replace(path, write).map_err(|source| WriteError {
        target: path.to_owned(),
        source,
    })
}

fn replace(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let existing = fs::metadata(path).ok();
    match &existing {
        Some(meta) if meta.is_dir() => return Err(io::Error::other("this is a folder")),
        Some(meta) if !meta.is_file() => {
            return buffered(fs::OpenOptions::new().write(true).open(path)?, write);
        }
        // A file that may not be written to is not replaced either.
        Some(_) => drop(fs::OpenOptions::new().write(true).open(path)?),
        None => {}
    }
    // The file behind a symbolic link is replaced, not the link.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let mut builder = Builder::new();
    builder.prefix(".steepest-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    // Without the temporary file's name, which means nothing to a person.
    let mut file = builder
        .tempfile_in(folder_of(&path))
        .map_err(|error| io::Error::from(error.kind()))?;
    if let Some(meta) = existing {
        file.as_file().set_permissions(meta.permissions())?;
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

    #[cfg(unix)]
    #[test]
    fn a_device_is_written_to_and_stays() -> Tested {
        let null = Path::new("/dev/null");
        write_atomically(null, |out| out.write_all(b"gone"))?;
        assert!(!fs::metadata(null)?.is_file());
        Ok(())
    }
}
