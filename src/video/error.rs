//! What can go wrong while a video is written.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Codec;

/// Why a video could not be started, continued or ended.
///
/// Every variant names the file or value concerned and what was expected. The type is `Clone`,
/// because the failure of the encoder's thread is reported by every later call.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum VideoError {
    /// A codec's name that does not exist.
    #[error("unknown codec \"{found}\": expected one of {expected}")]
    UnknownCodec {
        /// What was asked for.
        found: String,
        /// The names that exist, separated by commas.
        expected: String,
    },
    /// A file name whose extension belongs to no codec.
    #[error(
        "{}: no codec writes \".{extension}\" files: name it .mp4, .gif, .mov, .mkv or .webm, or give a folder \
         (no extension) for a PNG sequence", path.display()
    )]
    UnknownExtension {
        /// The target.
        path: PathBuf,
        /// Its extension, without the dot.
        extension: String,
    },
    /// A file name that does not go with the codec asked for.
    #[error("{}: the codec {codec} writes {expected}", path.display())]
    Mismatch {
        /// The target.
        path: PathBuf,
        /// The codec asked for.
        codec: Codec,
        /// What the codec writes, in words.
        expected: &'static str,
    },
    /// A size, rate or quality that the codec cannot write.
    #[error("{codec} cannot write {found}: expected {expected}")]
    Spec {
        /// The codec asked for.
        codec: Codec,
        /// What of it cannot be written.
        part: SpecPart,
        /// The value found, in words.
        found: String,
        /// What is possible, in words.
        expected: String,
    },
    /// The target exists and may not be replaced.
    #[error("{} exists already: choose another name, or force replacing it", path.display())]
    Exists {
        /// The target.
        path: PathBuf,
    },
    /// A recording that never ended lies where the new one would grow.
    #[error(
        "{} is left from a recording that did not end (it plays as it is), or another recording is writing it: \
         rename or delete it, choose another name, or force replacing it", part.display()
    )]
    PartExists {
        /// The left-over file.
        part: PathBuf,
    },
    /// The folder of a PNG sequence already holds frames.
    #[error(
        "{} already holds {count} frame_*.png: choose another folder, or force replacing them", folder.display()
    )]
    FramesExist {
        /// The folder.
        folder: PathBuf,
        /// How many frames lie there.
        count: usize,
    },
    /// A frame whose bytes do not make a picture of the video's size.
    #[error("a frame has {found} bytes; {width}x{height} RGBA needs {expected}")]
    FrameSize {
        /// Bytes found.
        found: usize,
        /// Bytes expected, `width * height * 4`.
        expected: usize,
        /// The video's width in pixels.
        width: u32,
        /// The video's height in pixels.
        height: u32,
    },
    /// The video ended before a frame came; nothing is left on disk.
    #[error("{}: no frame was recorded, so no file was written", path.display())]
    NoFrames {
        /// The target.
        path: PathBuf,
    },
    /// The file system refused (no permission, no space …).
    #[error("cannot write {}: {source}{}", path.display(), kept(part))]
    Io {
        /// The file or folder concerned.
        path: PathBuf,
        /// The file that keeps what was recorded so far, if there is one.
        part: Option<PathBuf>,
        /// What the system said.
        source: Arc<io::Error>,
    },
    /// The encoder refused a frame or its settings.
    #[error("{codec} failed on {}: {message}{}", path.display(), kept(part))]
    Encoder {
        /// The codec.
        codec: Codec,
        /// The target.
        path: PathBuf,
        /// The file that keeps what was recorded so far, if there is one.
        part: Option<PathBuf>,
        /// What the encoder said.
        message: String,
    },
    /// The codec needs ffmpeg, and there is none (or one without the encoder).
    #[error(
        "the codec {codec} needs {needs}: install it (for example `apt install ffmpeg`, `brew install ffmpeg` or \
             https://ffmpeg.org/download.html), or use the built-in {instead}"
    )]
    NoFfmpeg {
        /// The codec.
        codec: Codec,
        /// What is missing, in words.
        needs: &'static str,
        /// The built-in codec nearest to it, in words.
        instead: &'static str,
    },
    /// ffmpeg ended with an error.
    #[error("ffmpeg failed on {} ({status}){}:\n{stderr}", path.display(), kept(part))]
    Ffmpeg {
        /// The target.
        path: PathBuf,
        /// The file that keeps what was recorded so far, if there is one.
        part: Option<PathBuf>,
        /// How it ended, in words.
        status: String,
        /// The last lines it wrote.
        stderr: String,
    },
}

/// A part of a [`VideoSpec`](super::VideoSpec).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpecPart {
    Size,
    Fps,
    Quality,
    Alpha,
}

impl VideoError {
    /// An [`VideoError::Io`] on `path`, with no recording to keep.
    pub(super) fn io(path: &Path) -> impl Fn(io::Error) -> VideoError + '_ {
        |source| VideoError::Io {
            path: path.into(),
            part: None,
            source: Arc::new(source),
        }
    }

    /// An [`VideoError::Io`] on `path`, saying that `part` keeps the recording so far.
    pub(super) fn io_kept<'a>(
        path: &'a Path,
        part: &'a Path,
    ) -> impl Fn(io::Error) -> VideoError + 'a {
        |source| VideoError::Io {
            path: path.into(),
            part: Some(part.into()),
            source: Arc::new(source),
        }
    }
}

/// The clause that says where the recording so far lies.
fn kept(part: &Option<PathBuf>) -> String {
    part.as_ref().map_or_else(String::new, |part| {
        format!("; what was recorded so far is kept in {}", part.display())
    })
}
