//! The codecs that the program `ffmpeg` encodes, fed through a pipe.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::thread::{self, JoinHandle};

use super::output::{Sink, check_part, create_part, part_path, publish};
use super::yuv::pad_to_even;
use super::{Codec, VideoError, VideoSpec};

/// How many of ffmpeg's last lines an error repeats.
const LINES: usize = 6;

pub(super) struct FfmpegSink {
    spec: VideoSpec,
    target: PathBuf,
    part: PathBuf,
    force: bool,
    child: Child,
    messages: Option<JoinHandle<String>>,
}

impl FfmpegSink {
    pub fn check(target: &Path, spec: &VideoSpec, force: bool) -> Result<(), VideoError> {
        find_encoder(spec.codec)?;
        check_part(target, force)
    }

    pub fn create(target: &Path, spec: &VideoSpec, force: bool) -> Result<FfmpegSink, VideoError> {
        let encoder = find_encoder(spec.codec)?;
        // Reserves the name; ffmpeg then writes over the empty file.
        let (_, part) = create_part(target, force)?;
        let [width, height] = coded_size(spec);
        let mut command = ffmpeg();
        command
            .args(["-y", "-f", "rawvideo", "-pix_fmt", "rgba"])
            .args([
                "-s",
                &format!("{width}x{height}"),
                "-r",
                &spec.fps.to_string(),
                "-i",
                "pipe:0",
            ])
            .args(encode_arguments(spec, encoder));
        if is_quicktime(target) {
            // Half-second fragments play even when ffmpeg is killed.
            command
                .args([
                    "-movflags",
                    "+empty_moov+default_base_moof+frag_keyframe",
                    "-frag_duration",
                    "500000",
                ])
                .args(["-video_track_timescale", &spec.fps.clock().0.to_string()]);
        }
        let mut child = command
            .args(["-flush_packets", "1"])
            .arg(file_argument(&part))
            .stdin(Stdio::piped())
            .spawn()
            .map_err(|error| {
                let _ = fs::remove_file(&part);
                VideoError::io(target)(error)
            })?;
        let messages = child.stderr.take().map(collect);
        Ok(FfmpegSink {
            spec: *spec,
            target: target.into(),
            part,
            force,
            child,
            messages,
        })
    }

    /// Closes the pipe and waits for ffmpeg to end its file.
    fn end(&mut self) -> Result<(), VideoError> {
        drop(self.child.stdin.take());
        let status = self
            .child
            .wait()
            .map_err(VideoError::io_kept(&self.target, &self.part))?;
        let stderr = self
            .messages
            .take()
            .and_then(|messages| messages.join().ok())
            .unwrap_or_default();
        if status.success() {
            Ok(())
        } else {
            Err(self.failed(status, stderr))
        }
    }

    fn failed(&self, status: ExitStatus, stderr: String) -> VideoError {
        let part = fs::metadata(&self.part)
            .is_ok_and(|part| part.len() > 0)
            .then(|| self.part.clone());
        VideoError::Ffmpeg {
            path: self.target.clone(),
            part,
            status: status.to_string(),
            stderr,
        }
    }
}

impl Sink for FfmpegSink {
    fn frame(&mut self, rgba: &[u8]) -> Result<(), VideoError> {
        let padded = if self.spec.codec.pads_to_even() {
            pad_to_even(rgba, self.spec.size)
        } else {
            None
        };
        let written = match &mut self.child.stdin {
            Some(pipe) => pipe.write_all(padded.as_deref().unwrap_or(rgba)),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        };
        // A closed pipe means that ffmpeg has given up; its own words say why.
        written.or_else(|error| {
            self.end()?;
            Err(VideoError::io_kept(&self.target, &self.part)(error))
        })
    }

    fn bytes(&self) -> u64 {
        fs::metadata(&self.part).map_or(0, |part| part.len())
    }

    fn finish(mut self: Box<Self>) -> Result<u64, VideoError> {
        self.end()?;
        if is_quicktime(&self.target) {
            self.index_in_front()?;
        } else {
            publish(&self.part, &self.target, self.force, &self.part)?;
        }
        Ok(fs::metadata(&self.target).map_or(0, |file| file.len()))
    }

    fn keep(mut self: Box<Self>) {
        let _ = self.end();
        if self.bytes() == 0 {
            let _ = fs::remove_file(&self.part);
        }
    }

    fn discard(mut self: Box<Self>) {
        // It may have ended already, and then there is nothing to kill.
        let _ = self.child.kill();
        let _ = self.end();
        let _ = fs::remove_file(&self.part);
    }
}

impl FfmpegSink {
    /// Copies the fragmented part file into a plain one with its index in front, and names that.
    fn index_in_front(&self) -> Result<(), VideoError> {
        let indexed = part_path(&self.part);
        let output = ffmpeg()
            .args(["-y", "-i"])
            .arg(file_argument(&self.part))
            .args(["-c", "copy", "-movflags", "+faststart"])
            .args([
                "-video_track_timescale",
                &self.spec.fps.clock().0.to_string(),
            ])
            .arg(file_argument(&indexed))
            .stdin(Stdio::null())
            .output()
            .map_err(VideoError::io_kept(&self.target, &self.part))?;
        let result = if output.status.success() {
            publish(&indexed, &self.target, self.force, &self.part)
        } else {
            Err(self.failed(
                output.status,
                last_lines(&String::from_utf8_lossy(&output.stderr)),
            ))
        };
        if result.is_err() {
            let _ = fs::remove_file(&indexed);
        } else {
            let _ = fs::remove_file(&self.part);
        }
        result
    }
}

fn ffmpeg() -> Command {
    let mut command = Command::new("ffmpeg");
    command
        .args(["-hide_banner", "-nostdin", "-loglevel", "error"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    #[cfg(unix)]
    {
        // Ctrl-C in a terminal goes to a whole process group; ffmpeg shall end when the pipe closes.
        use std::os::unix::process::CommandExt;
        command.process_group(0);
    }
    command
}

/// A path as ffmpeg reads it, whatever its first characters are.
fn file_argument(path: &Path) -> OsString {
    let mut argument = OsString::from("file:");
    argument.push(path);
    argument
}

fn is_quicktime(target: &Path) -> bool {
    target.extension().is_some_and(|extension| {
        extension.eq_ignore_ascii_case("mp4") || extension.eq_ignore_ascii_case("mov")
    })
}

fn coded_size(spec: &VideoSpec) -> [u32; 2] {
    if spec.codec.pads_to_even() {
        spec.size.map(|side| side.next_multiple_of(2))
    } else {
        spec.size
    }
}

/// The encoder to use, asking ffmpeg which it has.
fn find_encoder(codec: Codec) -> Result<&'static str, VideoError> {
    let (wanted, needs, instead): (&[&str], _, _) = match codec {
        Codec::ProRes4444 => (
            &["prores_ks"],
            "an ffmpeg with prores_ks",
            "png (a lossless sequence)",
        ),
        Codec::Av1 => (
            &["libsvtav1", "libaom-av1", "librav1e"],
            "an ffmpeg with libsvtav1, libaom-av1 or librav1e",
            "h264 (a .mp4 file)",
        ),
        _ => (&["libx264"], "an ffmpeg with libx264", "h264 (a .mp4 file)"),
    };
    let missing = |needs| VideoError::NoFfmpeg {
        codec,
        needs,
        instead,
    };
    let listed = ffmpeg()
        .arg("-encoders")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .output()
        .map_err(|_| missing("the program ffmpeg, which is not on the PATH"))?;
    let listed = String::from_utf8_lossy(&listed.stdout);
    let has = |name: &str| {
        listed
            .lines()
            .any(|line| line.split_whitespace().nth(1) == Some(name))
    };
    wanted
        .iter()
        .copied()
        .find(|name| has(name))
        .ok_or_else(|| missing(needs))
}

fn encode_arguments(spec: &VideoSpec, encoder: &str) -> Vec<String> {
    // From 100 to 0 in quality, the rate factor goes from the first number to the second.
    let factor = |best: u32, worst: u32| {
        (best + (worst - best) * (100 - u32::from(spec.quality)) / 100).to_string()
    };
    let (format, settings): (&str, Vec<String>) = match encoder {
        "libx264" => (
            "yuv420p",
            own(&["-preset", "medium", "-crf", &factor(12, 42)]),
        ),
        "libsvtav1" => ("yuv420p", own(&["-preset", "8", "-crf", &factor(15, 60)])),
        "libaom-av1" => (
            "yuv420p",
            own(&[
                "-cpu-used",
                "6",
                "-row-mt",
                "1",
                "-b:v",
                "0",
                "-crf",
                &factor(12, 60),
            ]),
        ),
        "librav1e" => ("yuv420p", own(&["-speed", "8", "-qp", &factor(40, 220)])),
        _ if spec.alpha => (
            "yuva444p10le",
            own(&["-profile:v", "4444", "-vendor", "apl0", "-alpha_bits", "16"]),
        ),
        _ => (
            "yuv444p10le",
            own(&["-profile:v", "4444", "-vendor", "apl0"]),
        ),
    };
    // Some encoders take the tags from the options below, others from the frames.
    let filter = format!(
        "scale=out_color_matrix=bt709:out_range=tv:flags=accurate_rnd+full_chroma_int,format={format},\
         setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"
    );
    let mut arguments = own(&["-vf", &filter, "-c:v", encoder]);
    arguments.extend(settings);
    arguments.extend(own(&[
        "-g",
        &spec.fps.frames_in(2.0).to_string(),
        "-colorspace",
        "bt709",
        "-color_primaries",
        "bt709",
    ]));
    arguments.extend(own(&["-color_trc", "bt709", "-color_range", "tv"]));
    arguments
}

fn own(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// Reads what ffmpeg says while it runs, so that it never waits for a reader.
fn collect(mut stderr: ChildStderr) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut text = Vec::new();
        let _ = stderr.read_to_end(&mut text);
        last_lines(&String::from_utf8_lossy(&text))
    })
}

fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    lines[lines.len().saturating_sub(LINES)..].join("\n")
}
