//! The files of the data set: what they are called, how the published ones look, and what lies in a folder.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// A file as it is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublishedFile {
    /// Its name, at the mirror and on disk.
    pub name: &'static str,
    pub bytes: u64,
    /// In lower-case hexadecimal digits.
    pub sha256: &'static str,
}

/// The four files of MNIST (LeCun, Cortes and Burges 1998), gzipped: the training set's first.
pub const FILES: [PublishedFile; 4] = [
    PublishedFile {
        name: "train-images-idx3-ubyte.gz",
        bytes: 9_912_422,
        sha256: "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    },
    PublishedFile {
        name: "train-labels-idx1-ubyte.gz",
        bytes: 28_881,
        sha256: "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    },
    PublishedFile {
        name: "t10k-images-idx3-ubyte.gz",
        bytes: 1_648_877,
        sha256: "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    },
    PublishedFile {
        name: "t10k-labels-idx1-ubyte.gz",
        bytes: 4_542,
        sha256: "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
    },
];

/// The training images, of which the samples are made.
pub const TRAINING_IMAGES: PublishedFile = FILES[0];
/// The training labels.
pub const TRAINING_LABELS: PublishedFile = FILES[1];
/// The test images, which no model is trained on.
pub const TEST_IMAGES: PublishedFile = FILES[2];
/// The test labels.
pub const TEST_LABELS: PublishedFile = FILES[3];

/// How a file in a folder compares with the published one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileState {
    Missing,
    /// Byte for byte the published one.
    Published(PathBuf),
    /// Another content under the published name.
    Different(PathBuf),
    /// Unzipped, or under another usual name: there is no checksum for it.
    Unchecked(PathBuf),
}

impl PublishedFile {
    /// The file in `folder`, under its name or another that is usual: unzipped, with a dot before `idx`. The name
    /// under which [`fetch`](super::fetch()) writes comes first.
    ///
    /// # Errors
    /// When the folder cannot be searched.
    pub fn find(&self, folder: &Path) -> io::Result<Option<PathBuf>> {
        let plain = self.name.trim_end_matches(".gz");
        let dotted = |name: &str| name.replace("-idx", ".idx");
        for name in [self.name, plain, &dotted(self.name), &dotted(plain)] {
            let path = folder.join(name);
            match fs::metadata(&path) {
                Ok(_) => return Ok(Some(path)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// Compares what lies in `folder` with the published file.
    ///
    /// # Errors
    /// When the folder or the file cannot be read.
    pub fn state(&self, folder: &Path) -> io::Result<FileState> {
        let Some(path) = self.find(folder)? else {
            return Ok(FileState::Missing);
        };
        if path != folder.join(self.name) {
            return Ok(FileState::Unchecked(path));
        }
        let same = fs::metadata(&path)?.len() == self.bytes
            && sha256(&mut File::open(&path)?)? == self.sha256;
        Ok(match same {
            true => FileState::Published(path),
            false => FileState::Different(path),
        })
    }
}

/// The SHA-256 of all that is left to read, in lower-case hexadecimal digits.
pub fn sha256(content: &mut impl Read) -> io::Result<String> {
    let mut hasher = Sha256::new();
    let mut piece = vec![0; 1 << 16];
    loop {
        match content.read(&mut piece) {
            Ok(0) => break,
            Ok(count) => hasher.update(&piece[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    let digits = hasher.finalize();
    Ok(digits.iter().map(|byte| format!("{byte:02x}")).collect())
}
