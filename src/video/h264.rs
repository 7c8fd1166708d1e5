//! H.264 in MP4 with the built-in encoder.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use openh264::OpenH264API;
use openh264::encoder::{
    BitRate, Complexity, Encoder, EncoderConfig, FrameRate, FrameType, IntraFramePeriod, QpRange,
    RateControlMode, UsageType, VuiConfig,
};
use openh264::formats::YUVSource;

use super::mp4::Fragments;
use super::output::{Sink, create_part, publish};
use super::track::Track;
use super::yuv::{Yuv420, pad_to_even};
use super::{Codec, VideoError, VideoSpec};
use crate::report::file::folder_of;

/// Seconds between key frames: how far a player may have to decode to show a place.
const KEY_SECONDS: f64 = 2.0;

pub(super) struct H264Sink {
    encoder: H264Encoder,
    spec: VideoSpec,
    target: PathBuf,
    part: PathBuf,
    force: bool,
    /// Taken by the first frame, whose parameter sets the head of the file needs.
    file: Option<File>,
    fragments: Option<Fragments>,
}

impl H264Sink {
    pub fn create(target: &Path, spec: &VideoSpec, force: bool) -> Result<H264Sink, VideoError> {
        let (file, part) = create_part(target, force)?;
        let encoder = H264Encoder::new(spec).map_err(|error| {
            let _ = fs::remove_file(&part);
            encoder_error(target, None, &error)
        })?;
        Ok(H264Sink {
            encoder,
            spec: *spec,
            target: target.into(),
            part,
            force,
            file: Some(file),
            fragments: None,
        })
    }

    fn kept(&self) -> impl Fn(io::Error) -> VideoError + '_ {
        VideoError::io_kept(&self.target, &self.part)
    }
}

impl Sink for H264Sink {
    fn frame(&mut self, rgba: &[u8]) -> Result<(), VideoError> {
        let key = self.encoder.encode(rgba).map_err(|error| {
            encoder_error(
                &self.target,
                self.fragments.as_ref().map(|_| self.part.clone()),
                &error,
            )
        })?;
        if let Some(file) = self.file.take() {
            let [width, height] = self.spec.size.map(|side| side.next_multiple_of(2) as u16);
            let track = Track {
                width,
                height,
                rate: self.spec.fps,
                sps: self.encoder.sps.clone(),
                pps: self.encoder.pps.clone(),
            };
            self.fragments =
                Some(Fragments::create(file, track).map_err(VideoError::io(&self.part))?);
        }
        let written = match &mut self.fragments {
            Some(fragments) => fragments.sample(&self.encoder.sample, key),
            None => Err(io::Error::other("the file's head could not be written")),
        };
        written.map_err(self.kept())
    }

    fn bytes(&self) -> u64 {
        self.fragments.as_ref().map_or(0, Fragments::length)
    }

    fn finish(mut self: Box<Self>) -> Result<u64, VideoError> {
        let Some(mut fragments) = self.fragments.take() else {
            return Err(VideoError::NoFrames {
                path: self.target.clone(),
            });
        };
        fragments.flush().map_err(self.kept())?;
        let mut named = tempfile::Builder::new();
        named.prefix(".video-").suffix(".mp4");
        #[cfg(unix)]
        {
            // Temporary files are private by default; this one becomes the recording.
            use std::os::unix::fs::PermissionsExt;
            named.permissions(fs::Permissions::from_mode(0o666));
        }
        let mut named = named
            .tempfile_in(folder_of(&self.part))
            .map_err(self.kept())?;
        let bytes = fragments.remux(named.as_file_mut()).map_err(self.kept())?;
        let named = named.into_temp_path();
        publish(&named, &self.target, self.force, &self.part)?;
        // It has its final name now: nothing is left to clean up.
        let _ = named.keep();
        // The finished file is in place: a part that cannot be removed is not worth failing for.
        let _ = fs::remove_file(&self.part);
        Ok(bytes)
    }

    fn keep(mut self: Box<Self>) {
        match &mut self.fragments {
            Some(fragments) => {
                let _ = fragments.flush();
            }
            // Without a head the file plays nowhere.
            None => {
                let _ = fs::remove_file(&self.part);
            }
        }
    }

    fn discard(self: Box<Self>) {
        let _ = fs::remove_file(&self.part);
    }
}

fn encoder_error(target: &Path, part: Option<PathBuf>, error: &openh264::Error) -> VideoError {
    VideoError::Encoder {
        codec: Codec::H264,
        path: target.into(),
        part,
        message: error.to_string(),
    }
}

/// OpenH264 with the conversion before it and the NAL units after it sorted.
pub(super) struct H264Encoder {
    encoder: Encoder,
    spec: VideoSpec,
    /// How much coarser than asked for the encoder quantizes now, and for how many frames yet.
    coarser: u8,
    coarse_frames: u32,
    pub picture: Yuv420,
    /// The last frame's NAL units, each with its length in four bytes.
    pub sample: Vec<u8>,
    pub sps: Vec<u8>,
    pub pps: Vec<u8>,
}

/// OpenH264 for `spec`, quantizing `coarser` than its quality asks for.
fn open(spec: &VideoSpec, coarser: u8) -> Result<Encoder, openh264::Error> {
    let qp = (quantizer(spec.quality) + coarser).min(51);
    let config = EncoderConfig::new()
        .usage_type(UsageType::CameraVideoRealTime)
        .rate_control_mode(RateControlMode::Bufferbased)
        // One value for the whole range: constant quality, so that text stays sharp when much moves.
        .qp(QpRange::new(qp, qp))
        // Only decides the level that the stream declares; the quantizer decides the size.
        .bitrate(BitRate::from_bps(4_000_000))
        .max_frame_rate(FrameRate::from_hz(spec.fps.per_second() as f32))
        .skip_frames(false)
        .scene_change_detect(false)
        .adaptive_quantization(false)
        .background_detection(false)
        .complexity(Complexity::Low)
        .intra_frame_period(IntraFramePeriod::from_num_frames(
            spec.fps.frames_in(KEY_SECONDS),
        ))
        .num_threads(1)
        .vui(VuiConfig::bt709());
    Encoder::with_api_config(OpenH264API::from_source(), config)
}

impl H264Encoder {
    pub fn new(spec: &VideoSpec) -> Result<H264Encoder, openh264::Error> {
        let [width, height] = spec.size.map(|side| side.next_multiple_of(2) as usize);
        Ok(H264Encoder {
            encoder: open(spec, 0)?,
            spec: *spec,
            coarser: 0,
            coarse_frames: 0,
            picture: Yuv420::new(width, height),
            sample: Vec::new(),
            sps: Vec::new(),
            pps: Vec::new(),
        })
    }

    /// Encodes a frame into `sample`. Returns whether it is a key frame.
    pub fn encode(&mut self, rgba: &[u8]) -> Result<bool, openh264::Error> {
        match pad_to_even(rgba, self.spec.size) {
            Some(padded) => self.picture.convert(&padded),
            None => self.picture.convert(rgba),
        }
        self.encode_picture()
    }

    /// Encodes `picture` into `sample`. Returns whether it is a key frame.
    ///
    /// The encoder gives up on pictures that overflow its buffers (noise in high quality). Then a new one
    /// goes on from a key frame, coarser, and the quality asked for returns with the next key frame.
    pub fn encode_picture(&mut self) -> Result<bool, openh264::Error> {
        if self.coarser > 0 && self.coarse_frames == 0 {
            self.reopen(0)?;
        }
        self.coarse_frames = self.coarse_frames.saturating_sub(1);
        loop {
            match self.encode_once() {
                Err(_) if quantizer(self.spec.quality) + self.coarser < 51 => {
                    self.reopen(self.coarser + 6)?
                }
                result => return result,
            }
        }
    }

    fn reopen(&mut self, coarser: u8) -> Result<(), openh264::Error> {
        self.encoder = open(&self.spec, coarser)?;
        self.coarser = coarser;
        self.coarse_frames = self.spec.fps.frames_in(KEY_SECONDS);
        Ok(())
    }

    fn encode_once(&mut self) -> Result<bool, openh264::Error> {
        self.sample.clear();
        let stream = self.encoder.encode(&self.picture)?;
        let key = stream.frame_type() == FrameType::IDR;
        for layer in (0..stream.num_layers()).filter_map(|index| stream.layer(index)) {
            for nal in (0..layer.nal_count()).filter_map(|index| layer.nal_unit(index)) {
                let nal = strip_start_code(nal);
                // ITU-T H.264, table 7-1.
                match nal.first().map(|byte| byte & 31) {
                    Some(7) => same(&mut self.sps, nal)?,
                    Some(8) => same(&mut self.pps, nal)?,
                    Some(1 | 5) => {
                        self.sample
                            .extend_from_slice(&(nal.len() as u32).to_be_bytes());
                        self.sample.extend_from_slice(nal);
                    }
                    _ => {}
                }
            }
        }
        if self.sample.is_empty() || self.sps.is_empty() || self.pps.is_empty() {
            return Err(openh264::Error::msg("the encoder gave no picture"));
        }
        Ok(key)
    }
}

impl YUVSource for Yuv420 {
    fn dimensions(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    fn strides(&self) -> (usize, usize, usize) {
        (self.width, self.width / 2, self.width / 2)
    }

    fn y(&self) -> &[u8] {
        &self.y
    }

    fn u(&self) -> &[u8] {
        &self.u
    }

    fn v(&self) -> &[u8] {
        &self.v
    }
}

/// The quantizer of a quality: 12 (the encoder's finest) at 100, 20 at 80, 42 at 0.
fn quantizer(quality: u8) -> u8 {
    let loss = 100 - u32::from(quality.min(100));
    (12 + if loss <= 20 {
        loss * 8 / 20
    } else {
        8 + (loss - 20) * 22 / 80
    }) as u8
}

/// Keeps the first parameter set; the file's head holds no second one.
fn same(kept: &mut Vec<u8>, nal: &[u8]) -> Result<(), openh264::Error> {
    if kept.is_empty() {
        kept.extend_from_slice(nal);
    }
    if kept == nal {
        Ok(())
    } else {
        Err(openh264::Error::msg(
            "the encoder changed its stream's format",
        ))
    }
}

fn strip_start_code(nal: &[u8]) -> &[u8] {
    nal.strip_prefix(&[0, 0, 0, 1])
        .or_else(|| nal.strip_prefix(&[0, 0, 1]))
        .unwrap_or(nal)
}
