//! The codecs, their names, and which file names they go with.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use super::VideoError;

/// How frames become a file. The first three are built in; the others need the program `ffmpeg`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Codec {
    /// H.264 in MP4, 4:2:0, BT.709, encoded in this process (OpenH264).
    H264,
    /// An animated GIF that loops for ever: at most 255 colours a frame, at most 50 frames a second.
    Gif,
    /// A folder of `frame_00000.png`, …; exact, with transparency where asked for.
    Png,
    /// H.264 in MP4 by x264: smaller files than [`Codec::H264`] at the same quality. Needs ffmpeg.
    X264,
    /// Apple ProRes 4444 in QuickTime, 10 bits, with transparency where asked for. Needs ffmpeg.
    ProRes4444,
    /// AV1 in MP4, Matroska or WebM: the smallest files. Needs ffmpeg.
    Av1,
}

impl Codec {
    /// Every codec, the built-in ones first.
    pub const ALL: [Codec; 6] = [
        Codec::H264,
        Codec::Gif,
        Codec::Png,
        Codec::X264,
        Codec::ProRes4444,
        Codec::Av1,
    ];

    /// The name that [`Codec::from_str`] reads.
    pub fn name(self) -> &'static str {
        match self {
            Codec::H264 => "h264",
            Codec::Gif => "gif",
            Codec::Png => "png",
            Codec::X264 => "x264",
            Codec::ProRes4444 => "prores4444",
            Codec::Av1 => "av1",
        }
    }

    /// Frames per second where nobody says: GIFs count hundredths of a second.
    pub fn usual_fps(self) -> u32 {
        match self {
            Codec::Gif => 25,
            _ => 30,
        }
    }

    /// The file extensions it writes, without the dot, the usual one first; empty for a folder.
    pub fn extensions(self) -> &'static [&'static str] {
        match self {
            Codec::H264 => &["mp4"],
            Codec::Gif => &["gif"],
            Codec::Png => &[],
            Codec::X264 => &["mp4", "mov", "mkv"],
            Codec::ProRes4444 => &["mov"],
            Codec::Av1 => &["mp4", "mkv", "webm"],
        }
    }

    /// Whether it needs the program `ffmpeg`.
    pub fn needs_ffmpeg(self) -> bool {
        matches!(self, Codec::X264 | Codec::ProRes4444 | Codec::Av1)
    }

    /// Whether it can keep transparency.
    pub fn keeps_alpha(self) -> bool {
        matches!(self, Codec::Png | Codec::ProRes4444)
    }

    /// Whether width and height are padded to even numbers (4:2:0 colour).
    pub fn pads_to_even(self) -> bool {
        matches!(self, Codec::H264 | Codec::X264 | Codec::Av1)
    }

    /// The codec a file name asks for: `.mp4` is [`Codec::H264`], `.gif` [`Codec::Gif`], `.mov`
    /// [`Codec::ProRes4444`], `.mkv` and `.webm` [`Codec::Av1`]; an existing folder or a name without
    /// extension is [`Codec::Png`].
    ///
    /// # Errors
    /// [`VideoError::UnknownExtension`] for any other extension.
    pub fn for_path(path: &Path) -> Result<Codec, VideoError> {
        if path.is_dir() {
            return Ok(Codec::Png);
        }
        match extension(path).as_deref() {
            None => Ok(Codec::Png),
            Some("mp4") => Ok(Codec::H264),
            Some("gif") => Ok(Codec::Gif),
            Some("mov") => Ok(Codec::ProRes4444),
            Some("mkv" | "webm") => Ok(Codec::Av1),
            Some(other) => Err(VideoError::UnknownExtension {
                path: path.into(),
                extension: other.into(),
            }),
        }
    }

    /// Whether this codec can write `path`.
    ///
    /// # Errors
    /// [`VideoError::Mismatch`] naming what the codec writes.
    pub fn check_path(self, path: &Path) -> Result<(), VideoError> {
        let fits = match (self, extension(path)) {
            _ if path.is_dir() => self == Codec::Png,
            (Codec::Png, found) => found.is_none(),
            (_, Some(found)) => self.extensions().contains(&found.as_str()),
            (_, None) => false,
        };
        if fits {
            return Ok(());
        }
        let expected = match self {
            Codec::H264 => "a .mp4 file",
            Codec::Gif => "a .gif file",
            Codec::Png => "a folder (a name without extension)",
            Codec::X264 => "a .mp4, .mov or .mkv file",
            Codec::ProRes4444 => "a .mov file",
            Codec::Av1 => "a .mp4, .mkv or .webm file",
        };
        Err(VideoError::Mismatch {
            path: path.into(),
            codec: self,
            expected,
        })
    }
}

fn extension(path: &Path) -> Option<String> {
    path.extension()
        .map(|extension| extension.to_string_lossy().to_ascii_lowercase())
}

impl fmt::Display for Codec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Codec {
    type Err = VideoError;

    /// Reads a codec's name; letter case, `-` and `_` do not matter, and `prores` is ProRes 4444.
    fn from_str(text: &str) -> Result<Codec, VideoError> {
        let plain = text.to_ascii_lowercase().replace(['-', '_', ' '], "");
        let plain = if plain == "prores" {
            "prores4444"
        } else {
            plain.as_str()
        };
        Codec::ALL
            .into_iter()
            .find(|codec| codec.name() == plain)
            .ok_or_else(|| VideoError::UnknownCodec {
                found: text.into(),
                expected: Codec::ALL.map(Codec::name).join(", "),
            })
    }
}
