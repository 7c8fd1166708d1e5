//! A folder of numbered PNG pictures.

use std::fs;
use std::path::{Path, PathBuf};

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};

use super::output::Sink;
use super::{Codec, VideoError, VideoSpec};
use crate::report::file::folder_of;

pub(super) struct PngSink {
    folder: PathBuf,
    /// The folders that are this sink's own work, each before the one it lies in.
    made: Vec<PathBuf>,
    size: [u32; 2],
    alpha: bool,
    /// Frames of an earlier sequence, removed when the first new one comes.
    old: Vec<PathBuf>,
    frames: u64,
    bytes: u64,
    opaque: Vec<u8>,
    file: Vec<u8>,
}

impl PngSink {
    pub fn create(folder: &Path, spec: &VideoSpec, force: bool) -> Result<PngSink, VideoError> {
        let made = missing(folder);
        let old = numbered(folder, force)?;
        fs::create_dir_all(folder).map_err(VideoError::io(folder))?;
        Ok(PngSink {
            folder: folder.into(),
            made,
            size: spec.size,
            alpha: spec.alpha,
            old,
            frames: 0,
            bytes: 0,
            opaque: Vec::new(),
            file: Vec::new(),
        })
    }

    /// Refuses what [`PngSink::create`] would refuse, and leaves nothing.
    pub fn check(folder: &Path, force: bool) -> Result<(), VideoError> {
        numbered(folder, force)?;
        let missing = missing(folder);
        let there = missing
            .last()
            .map_or(folder, |outermost| folder_of(outermost));
        // Without the temporary file's name, which means nothing to a person.
        tempfile::tempfile_in(there)
            .map(drop)
            .map_err(|error| VideoError::io(folder)(error.kind().into()))
    }

    fn path(&self, frame: u64) -> PathBuf {
        self.folder.join(format!("frame_{frame:05}.png"))
    }
}

impl Sink for PngSink {
    fn frame(&mut self, rgba: &[u8]) -> Result<(), VideoError> {
        for old in self.old.drain(..) {
            fs::remove_file(&old).map_err(VideoError::io(&old))?;
        }
        let path = self.path(self.frames);
        let [width, height] = self.size;
        self.file.clear();
        let encoder = PngEncoder::new_with_quality(
            &mut self.file,
            CompressionType::Fast,
            FilterType::Adaptive,
        );
        let encoded = if self.alpha {
            encoder.write_image(rgba, width, height, ExtendedColorType::Rgba8)
        } else {
            self.opaque.clear();
            self.opaque.extend(
                rgba.as_chunks::<4>()
                    .0
                    .iter()
                    .flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]),
            );
            encoder.write_image(&self.opaque, width, height, ExtendedColorType::Rgb8)
        };
        encoded.map_err(|error| VideoError::Encoder {
            codec: Codec::Png,
            path: path.clone(),
            part: None,
            message: error.to_string(),
        })?;
        fs::write(&path, &self.file).map_err(|error| {
            // Half a picture is of no use; the frames before it are whole.
            let _ = fs::remove_file(&path);
            VideoError::io(&path)(error)
        })?;
        self.frames += 1;
        self.bytes += self.file.len() as u64;
        Ok(())
    }

    fn bytes(&self) -> u64 {
        self.bytes
    }

    fn finish(self: Box<Self>) -> Result<u64, VideoError> {
        Ok(self.bytes)
    }

    fn keep(self: Box<Self>) {
        if self.frames == 0 {
            self.discard();
        }
    }

    fn discard(self: Box<Self>) {
        for frame in 0..self.frames {
            let _ = fs::remove_file(self.path(frame));
        }
        // Ends, as it should, where something else was put there.
        let _ = self.made.iter().try_for_each(fs::remove_dir);
    }
}

/// The folders that have to be made for this one to be there, each before the one it lies in.
fn missing(folder: &Path) -> Vec<PathBuf> {
    let all = folder.ancestors();
    all.take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists())
        .map(Path::to_owned)
        .collect()
}

/// The files of a folder named exactly `frame_`, digits, `.png`.
///
/// # Errors
/// If there are any, unless `force`.
fn numbered(folder: &Path, force: bool) -> Result<Vec<PathBuf>, VideoError> {
    let mut found = Vec::new();
    if !folder.exists() {
        return Ok(found);
    }
    for entry in fs::read_dir(folder).map_err(VideoError::io(folder))? {
        let entry = entry.map_err(VideoError::io(folder))?;
        let name = entry.file_name();
        let digits = name
            .to_str()
            .and_then(|name| name.strip_prefix("frame_")?.strip_suffix(".png"));
        if digits.is_some_and(|digits| {
            !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
        }) {
            found.push(entry.path());
        }
    }
    match found.len() {
        count @ 1.. if !force => Err(VideoError::FramesExist {
            folder: folder.into(),
            count,
        }),
        _ => Ok(found),
    }
}
