//! Downloading the files: from one mirror after another, checked before they get their names.

mod http;

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Seek, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::NamedTempFile;

use super::files::{FILES, FileState, PublishedFile, sha256};
use super::{read_images, read_labels};

pub use self::http::Refusal;
use self::http::{Client, FetchStop};

/// Folders on the web that hold the published files, in the order in which they are tried.
pub const MIRRORS: [&str; 2] = [
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
];

/// How a file's name starts while it is being downloaded.
const UNFINISHED: &str = ".steepest-fetch-";

/// What to download, and from where.
#[derive(Debug, Clone)]
pub struct FetchPlan {
    pub files: Vec<PublishedFile>,
    /// The folders' addresses, tried in this order.
    pub mirrors: Vec<String>,
    /// The longest wait for a connection.
    pub connect_timeout: Duration,
    /// The longest wait for more data.
    pub stall_timeout: Duration,
    /// Replace sound files of another data set, too.
    pub replace: bool,
}

impl Default for FetchPlan {
    /// The four files of MNIST from [`MIRRORS`]; 10 s for a connection, 20 s for more data.
    fn default() -> FetchPlan {
        FetchPlan {
            files: FILES.to_vec(),
            mirrors: MIRRORS.map(str::to_owned).to_vec(),
            connect_timeout: Duration::from_secs(10),
            stall_timeout: Duration::from_secs(20),
            replace: false,
        }
    }
}

/// How far a download is. Files that were there already count as done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FetchProgress<'a> {
    /// The file being downloaded.
    pub file: &'a str,
    /// Bytes of it that have arrived.
    pub done: u64,
    /// Bytes that it has.
    pub total: u64,
    /// Bytes of all files together that have arrived.
    pub all_done: u64,
    /// Bytes that all files have together.
    pub all_total: u64,
}

/// A file that is now there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    pub path: PathBuf,
    pub bytes: u64,
    pub how: How,
}

/// How a file came to be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum How {
    /// It was there already.
    Kept,
    /// It came from this mirror.
    Downloaded { mirror: String },
}

/// Why the files could not all be got. Those that were finished before stay; nothing unfinished does.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// [`fetch`]'s caller said so.
    #[error("the download was cancelled")]
    Cancelled,
    /// The folder cannot be made or searched, or a file in it not written.
    #[error("cannot write to {}: {source}; make room or give it write permission, or name another folder with --data", path.display())]
    Write { path: PathBuf, source: io::Error },
    /// A sound file of another data set has the name.
    #[error("{}: found images or labels other than MNIST's; name another folder with --data, or replace them with --force", path.display())]
    Occupied { path: PathBuf },
    /// No mirror gave the file.
    #[error("cannot get {file}:{}\ncheck the network, or put the {count} files into {} yourself", lines(failures), folder.display())]
    Mirrors {
        file: &'static str,
        failures: Vec<MirrorFailure>,
        folder: PathBuf,
        /// How many files belong together.
        count: usize,
    },
}

/// What the last answer of a mirror was.
#[derive(Debug)]
pub struct MirrorFailure {
    pub url: String,
    pub refusal: Refusal,
}

impl fmt::Display for MirrorFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.url, self.refusal)
    }
}

fn lines(failures: &[MirrorFailure]) -> String {
    failures.iter().map(|f| format!("\n  {f}")).collect()
}

/// Downloads what `folder` lacks of the files; makes the folder if need be.
///
/// A file that is there as published is kept, a damaged one is replaced, and a sound one of another data set
/// is an error unless the plan says otherwise. A download goes into a temporary file in `folder`, which gets its name
/// only once its checksum is right. A mirror whose connection breaks off is asked once more, then the next one is.
///
/// `progress` is told of every file and every piece of data, and says whether to go on; while no data
/// arrive nobody is asked. It blocks: call it from a thread of its own.
///
/// # Errors
/// When `progress` breaks off, the folder cannot be written to, or no mirror gives a file.
pub fn fetch(
    folder: &Path,
    plan: &FetchPlan,
    progress: &mut dyn FnMut(FetchProgress) -> ControlFlow<()>,
) -> Result<Vec<Fetched>, FetchError> {
    fs::create_dir_all(folder).map_err(|source| FetchError::Write {
        path: folder.to_owned(),
        source,
    })?;
    let client = Client::new(plan);
    let all_total = plan.files.iter().map(|file| file.bytes).sum();
    let mut all_before = 0;
    let mut fetched = Vec::new();
    for file in &plan.files {
        let path = folder.join(file.name);
        let mut report = |done| {
            let go_on = progress(FetchProgress {
                file: file.name,
                done,
                total: file.bytes,
                all_done: all_before + done,
                all_total,
            });
            match go_on {
                ControlFlow::Continue(()) => Ok(()),
                ControlFlow::Break(()) => Err(FetchStop::Cancelled),
            }
        };
        let how = if is_there(file, folder, plan.replace)? {
            How::Kept
        } else {
            let mirror = download(file, &path, plan, &client, &mut report)?;
            How::Downloaded { mirror }
        };
        all_before += file.bytes;
        fetched.push(Fetched {
            path,
            bytes: file.bytes,
            how,
        });
    }
    Ok(fetched)
}

/// Whether the published file is there already.
fn is_there(file: &PublishedFile, folder: &Path, replace: bool) -> Result<bool, FetchError> {
    match file.state(folder) {
        Ok(FileState::Published(_)) => Ok(true),
        Ok(FileState::Different(path)) if !replace => {
            match read_images(&path).is_ok() || read_labels(&path).is_ok() {
                true => Err(FetchError::Occupied { path }),
                false => Ok(false),
            }
        }
        Ok(_) => Ok(false),
        Err(source) => Err(FetchError::Write {
            path: folder.join(file.name),
            source,
        }),
    }
}

/// Brings the file to `path`; the mirror that gave it.
fn download(
    file: &PublishedFile,
    path: &Path,
    plan: &FetchPlan,
    client: &Client,
    report: &mut dyn FnMut(u64) -> Result<(), FetchStop>,
) -> Result<String, FetchError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let unwritable = |source: io::Error| FetchError::Write {
        path: path.to_owned(),
        // Without the temporary file's name, which means nothing to a person.
        source: match source.raw_os_error() {
            Some(number) => io::Error::from_raw_os_error(number),
            None => source.kind().into(),
        },
    };
    let mut part = unfinished_file(folder).map_err(unwritable)?;
    let mut failures = Vec::new();
    for mirror in &plan.mirrors {
        let url = format!("{}/{}", mirror.trim_end_matches('/'), file.name);
        match ask(client, &url, file, part.as_file_mut(), report) {
            Ok(()) => {
                part.as_file().sync_all().map_err(unwritable)?;
                part.persist(path).map_err(|e| unwritable(e.error))?;
                return Ok(mirror.clone());
            }
            Err(FetchStop::Cancelled) => return Err(FetchError::Cancelled),
            Err(FetchStop::Disk(source)) => return Err(unwritable(source)),
            Err(FetchStop::Refused(refusal)) => failures.push(MirrorFailure { url, refusal }),
        }
    }
    Err(FetchError::Mirrors {
        file: file.name,
        failures,
        folder: folder.to_owned(),
        count: plan.files.len(),
    })
}

/// Asks one mirror, once more if the line broke off, until the file is complete and right.
fn ask(
    client: &Client,
    url: &str,
    file: &PublishedFile,
    part: &mut File,
    report: &mut dyn FnMut(u64) -> Result<(), FetchStop>,
) -> Result<(), FetchStop> {
    let mut attempt = || {
        part.set_len(0)?;
        part.rewind()?;
        client.get(url, file.bytes, part, report)?;
        check(file, part)
    };
    match attempt() {
        Err(FetchStop::Refused(Refusal::BrokenOff { .. })) => attempt(),
        result => result,
    }
}

/// A file in `folder` that goes away unless it gets its name.
fn unfinished_file(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(UNFINISHED);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

/// Compares the complete file with its checksum.
fn check(file: &PublishedFile, part: &mut File) -> Result<(), FetchStop> {
    part.flush()?;
    part.rewind()?;
    let found = sha256(part)?;
    if found == file.sha256 {
        return Ok(());
    }
    Err(FetchStop::Refused(Refusal::Checksum {
        found,
        expected: file.sha256,
    }))
}
