//! Animated GIF: changed pixels only, a palette for every frame, error diffusion where colours run out.

use std::borrow::Cow;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use gif::{DisposalMethod, Encoder, EncodingError, Frame, Repeat};

use super::output::{Sink, create_part, publish};
use super::palette::Quantizer;
use super::rate::Rate;
use super::{Codec, VideoError, VideoSpec};

/// The colour index of pixels that keep what earlier frames showed.
const CLEAR: u8 = 255;
/// What a GIF ends with.
const END: u8 = 0x3b;

pub(super) struct GifSink {
    encoder: Option<Encoder<Counted>>,
    target: PathBuf,
    part: PathBuf,
    force: bool,
    width: usize,
    rate: Rate,
    frames: u64,
    /// The length of the file up to the end of the last frame.
    whole: u64,
    /// The last frame pushed; empty before the first.
    before: Vec<u8>,
    quantizer: Quantizer,
}

impl GifSink {
    pub fn create(target: &Path, spec: &VideoSpec, force: bool) -> Result<GifSink, VideoError> {
        let (file, part) = create_part(target, force)?;
        let [width, height] = spec.size.map(|side| side as u16);
        let file = Counted {
            file: BufWriter::with_capacity(1 << 16, file),
            bytes: 0,
        };
        let encoder = Encoder::new(file, width, height, &[]).and_then(|mut encoder| {
            encoder.set_repeat(Repeat::Infinite)?;
            Ok(encoder)
        });
        let encoder = encoder.map_err(|error| {
            let _ = fs::remove_file(&part);
            failed(target, None, error)
        })?;
        Ok(GifSink {
            encoder: Some(encoder),
            target: target.into(),
            part,
            force,
            width: usize::from(width),
            rate: spec.fps,
            frames: 0,
            whole: 0,
            before: Vec::new(),
            quantizer: Quantizer::new(usize::from(CLEAR)),
        })
    }

    fn failed(&self, error: impl Into<EncodingError>) -> VideoError {
        let part = (self.frames > 0).then_some(&self.part);
        failed(&self.target, part, error.into())
    }

    /// Hundredths of a second for a frame, such that the sum over many is exact.
    fn delay(&self) -> u16 {
        let begins = |frame: u64| self.rate.hundredths(frame);
        (begins(self.frames + 1) - begins(self.frames)) as u16
    }
}

impl Sink for GifSink {
    fn frame(&mut self, rgba: &[u8]) -> Result<(), VideoError> {
        let area = Area::changed(&self.before, rgba, self.width);
        let stride = self.width * 4;
        let rows = (area.top..area.top + area.height).map(|row| row * stride + area.left * 4);
        let mut now = Vec::with_capacity(area.width * area.height);
        let mut keep = Vec::new();
        for start in rows {
            let row = &rgba[start..][..area.width * 4];
            now.extend(row.as_chunks::<4>().0.iter().map(|&[r, g, b, _]| [r, g, b]));
            if !self.before.is_empty() {
                let before = &self.before[start..][..area.width * 4];
                let pairs = row.as_chunks::<4>().0.iter().zip(before.as_chunks::<4>().0);
                keep.extend(pairs.map(|(now, before)| now[..3] == before[..3]));
            }
        }
        let delay = self.delay();
        let (palette, indices) = self.quantizer.run(&now, &keep, area.width, CLEAR);
        let frame = Frame {
            delay,
            dispose: DisposalMethod::Keep,
            transparent: (!keep.is_empty()).then_some(CLEAR),
            top: area.top as u16,
            left: area.left as u16,
            width: area.width as u16,
            height: area.height as u16,
            palette: Some(palette),
            buffer: Cow::Borrowed(indices),
            ..Frame::default()
        };
        let written = match &mut self.encoder {
            Some(encoder) => {
                // Flushed with every frame, so that a killed recording has them all.
                encoder
                    .write_frame(&frame)
                    .and_then(|()| Ok(encoder.get_mut().flush()?))
            }
            None => Err(io::Error::other("the file has ended").into()),
        };
        written.map_err(|error| self.failed(error))?;
        self.before.clear();
        self.before.extend_from_slice(rgba);
        self.frames += 1;
        self.whole = self.bytes();
        Ok(())
    }

    fn bytes(&self) -> u64 {
        self.encoder
            .as_ref()
            .map_or(0, |encoder| encoder.get_ref().bytes)
    }

    fn finish(mut self: Box<Self>) -> Result<u64, VideoError> {
        let Some(encoder) = self.encoder.take() else {
            return Err(VideoError::NoFrames {
                path: self.target.clone(),
            });
        };
        let mut file = encoder.into_inner().map_err(|error| self.failed(error))?;
        file.flush()
            .and_then(|()| file.file.get_ref().sync_all())
            .map_err(|error| self.failed(error))?;
        publish(&self.part, &self.target, self.force, &self.part)?;
        Ok(file.bytes)
    }

    fn keep(mut self: Box<Self>) {
        self.encoder = None;
        if self.frames == 0 {
            let _ = fs::remove_file(&self.part);
        } else {
            // Without it there is a file that plays, too.
            let _ = end(&self.part, self.whole);
        }
    }

    fn discard(mut self: Box<Self>) {
        self.encoder = None;
        let _ = fs::remove_file(&self.part);
    }
}

/// Ends a file after so many bytes: a frame begun on a full disk makes room for the end mark.
fn end(path: &Path, whole: u64) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).open(path)?;
    file.set_len(whole)?;
    file.seek(SeekFrom::End(0))?;
    file.write_all(&[END])
}

fn failed(target: &Path, part: Option<&PathBuf>, error: EncodingError) -> VideoError {
    match (error, part) {
        (EncodingError::Io(source), Some(part)) => VideoError::io_kept(target, part)(source),
        (EncodingError::Io(source), None) => VideoError::io(target)(source),
        (error, part) => VideoError::Encoder {
            codec: Codec::Gif,
            path: target.into(),
            part: part.cloned(),
            message: error.to_string(),
        },
    }
}

/// A buffered file that counts its bytes.
struct Counted {
    file: BufWriter<File>,
    bytes: u64,
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// A rectangle of pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Area {
    left: usize,
    top: usize,
    width: usize,
    height: usize,
}

impl Area {
    /// The smallest rectangle around the pixels that differ; everything if `before` is empty, and one
    /// pixel if nothing differs (a frame of a GIF cannot be empty).
    fn changed(before: &[u8], now: &[u8], width: usize) -> Area {
        let height = now.len() / (width * 4);
        if before.is_empty() {
            return Area {
                left: 0,
                top: 0,
                width,
                height,
            };
        }
        let (mut left, mut right, mut top, mut bottom) = (width, 0, height, 0);
        let rows = before
            .chunks_exact(width * 4)
            .zip(now.chunks_exact(width * 4))
            .enumerate();
        for (row, (before, now)) in rows.filter(|(_, (before, now))| before != now) {
            let differs = |(before, now): (&[u8; 4], &[u8; 4])| before[..3] != now[..3];
            let mut pairs = before.as_chunks::<4>().0.iter().zip(now.as_chunks::<4>().0);
            let Some(first) = pairs.clone().position(differs) else {
                continue;
            };
            let last = pairs.rposition(differs).unwrap_or(first);
            (left, right) = (left.min(first), right.max(last + 1));
            (top, bottom) = (top.min(row), row + 1);
        }
        if bottom == 0 {
            return Area {
                left: 0,
                top: 0,
                width: 1,
                height: 1,
            };
        }
        Area {
            left,
            top,
            width: right - left,
            height: bottom - top,
        }
    }
}
