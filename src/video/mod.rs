//! Frames in, video files out.
//!
//! [`VideoWriter`] takes RGBA pictures and writes them on a thread of its own: H.264 in MP4, GIF and PNG
//! sequences with nothing but this program, and x264, ProRes 4444 and AV1 through `ffmpeg`. Writing is
//! deterministic for the built-in codecs: the same frames give the same bytes.
//!
//! While a recording runs it lies beside its target as `NAME.part.EXT`; only a finished file gets the
//! target's name. A `.part.mp4` of [`Codec::H264`] is a fragmented MP4 that plays at any moment, at most
//! half a second behind, even when the process is killed. A killed [`Codec::Gif`] has every frame but no
//! end mark, which players accept. Recordings through ffmpeg are fragmented too (MP4, QuickTime) or need no
//! index (Matroska, WebM); their encoders hold back more frames, so a second or two may be lost.
//!
//! A left-over part file is never overwritten silently: [`VideoWriter::create`] refuses until it is renamed
//! or deleted, or told to replace.

mod codec;
mod error;
mod ffmpeg;
mod gif;
mod h264;
mod mp4;
mod output;
mod palette;
mod png;
mod rate;
#[cfg(test)]
mod tests;
mod track;
mod writer;
mod yuv;

use std::path::PathBuf;

pub use codec::Codec;
pub use error::{SpecPart, VideoError};
pub use rate::Rate;
pub use writer::{QUEUE, VideoWriter};

/// What to write: the pictures' size and rate, and how to encode them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VideoSpec {
    /// Width and height of the frames in pixels. Codecs with 4:2:0 colour (see
    /// [`Codec::pads_to_even`]) repeat the last column or row of an odd size, so their file is one pixel
    /// larger.
    pub size: [u32; 2],
    /// Frames per second, 1..=240; at most 50 for a GIF. The file's rate is constant and exact.
    pub fps: Rate,
    /// 0 (small) to 100 (best). Constant quality: flat pictures make small files. PNG ignores it, and so
    /// does ProRes 4444.
    pub quality: u8,
    /// The codec.
    pub codec: Codec,
    /// Keep transparency; only where [`Codec::keeps_alpha`]. Without it alpha is ignored, not blended.
    pub alpha: bool,
}

impl VideoSpec {
    /// The default [`VideoSpec::quality`].
    pub const QUALITY: u8 = 80;
    /// The highest [`VideoSpec::fps`].
    pub const MAX_FPS: u32 = 240;
    /// The highest [`VideoSpec::fps`] of a GIF: its delays count hundredths of a second, and players
    /// slow down delays below two.
    pub const MAX_GIF_FPS: u32 = 50;

    /// A video of opaque frames of `size` pixels at `fps` frames per second, in default quality.
    pub fn new(size: [u32; 2], fps: impl Into<Rate>, codec: Codec) -> VideoSpec {
        VideoSpec {
            size,
            fps: fps.into(),
            quality: VideoSpec::QUALITY,
            codec,
            alpha: false,
        }
    }

    /// The bytes of one RGBA frame.
    pub fn frame_bytes(&self) -> usize {
        self.size[0] as usize * self.size[1] as usize * 4
    }

    /// Whether the codec can write this.
    ///
    /// # Errors
    /// [`VideoError::Spec`] naming the value and what is possible.
    pub fn check(&self) -> Result<(), VideoError> {
        let [width, height] = self.size;
        let (long, short) = (width.max(height), width.min(height));
        let refuse = |part: SpecPart, found: String, expected: &str| {
            Err(VideoError::Spec {
                codec: self.codec,
                part,
                found,
                expected: expected.into(),
            })
        };
        let (least, longest, shortest) = match self.codec {
            Codec::H264 => (16, 3840, 2160),
            Codec::X264 | Codec::Av1 | Codec::ProRes4444 => (16, 16384, 16384),
            Codec::Gif | Codec::Png => (1, 65535, 65535),
        };
        if short < least || long > longest || short > shortest {
            return refuse(
                SpecPart::Size,
                format!("{width}x{height} pixels"),
                &format!("sides of {least} to {longest}, the shorter one at most {shortest}"),
            );
        }
        let most = if self.codec == Codec::Gif {
            VideoSpec::MAX_GIF_FPS
        } else {
            VideoSpec::MAX_FPS
        };
        if !(1.0..=f64::from(most)).contains(&self.fps.per_second()) {
            return refuse(
                SpecPart::Fps,
                format!("{} frames per second", self.fps),
                &format!("1 to {most}"),
            );
        }
        if self.quality > 100 {
            return refuse(
                SpecPart::Quality,
                format!("quality {}", self.quality),
                "0 to 100",
            );
        }
        if self.alpha && !self.codec.keeps_alpha() {
            return refuse(
                SpecPart::Alpha,
                "transparency".into(),
                "opaque frames; png and prores4444 keep transparency",
            );
        }
        Ok(())
    }
}

/// What a finished recording left on disk.
#[derive(Debug, Clone, PartialEq)]
pub struct Finished {
    /// The file, or the folder of a PNG sequence.
    pub path: PathBuf,
    /// Frames in it: exactly those pushed.
    pub frames: u64,
    /// Its size in bytes (all frames together for a PNG sequence).
    pub bytes: u64,
    /// Width and height of the pictures in the file, in pixels, after padding to even numbers.
    pub size: [u32; 2],
    /// Length in seconds, `frames / fps`.
    pub seconds: f64,
}
