//! Frames, probes and decoders for the tests; what is written is judged by ffprobe and ffmpeg where they
//! are installed, and by other crates' decoders.

mod files;
mod gif;
mod mp4;
mod programs;

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use super::{Codec, Finished, VideoError, VideoSpec, VideoWriter};

const SIZE: [u32; 2] = [320, 180];

/// A gradient with thin dark contours, pixel text, and a red ball that moves with `step`.
fn frame(size: [u32; 2], step: usize) -> Vec<u8> {
    let [width, height] = size.map(|side| side as usize);
    let ball = (
        width as f32 * (0.5 + 0.3 * (step as f32 * 0.15).cos()),
        height as f32 * (0.55 + 0.3 * (step as f32 * 0.15).sin()),
    );
    let mut rgba = Vec::with_capacity(width * height * 4);
    for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
        let (u, v) = (x as f32 / width as f32, y as f32 / height as f32);
        let level = 0.4 * u + 0.5 * v + 0.08 * (9.0 * u).sin();
        let line = (level * 12.0).fract() < 0.05;
        let text = y < 24 && (x / 2 * 7 + y / 2 * 13 + (x / 12) * (y / 2)) % 5 < 2;
        let inside = (x as f32 - ball.0).hypot(y as f32 - ball.1) < 7.0;
        let color = match (inside, y < 24, text || line) {
            (true, ..) => [215, 60, 50],
            (_, true, true) => [15, 15, 15],
            (_, true, false) => [245, 245, 245],
            (_, false, true) => [40, 60, 80],
            _ => [
                (60.0 + 90.0 * level) as u8,
                (110.0 + 90.0 * level) as u8,
                (150.0 + 60.0 * (1.0 - level)) as u8,
            ],
        };
        rgba.extend_from_slice(&[color[0], color[1], color[2], 255]);
    }
    rgba
}

fn spec(codec: Codec, fps: u32) -> VideoSpec {
    VideoSpec::new(SIZE, fps, codec)
}

/// Records `frames` frames and finishes.
fn record(path: &Path, spec: VideoSpec, frames: usize) -> Finished {
    let mut writer = VideoWriter::create(path, spec, false).expect("the video starts");
    for step in 0..frames {
        writer
            .push(frame(spec.size, step))
            .expect("the frame is taken");
    }
    writer.finish().expect("the video ends")
}

/// The error of an attempt that must fail, whoever asks first or not.
fn refused(path: &Path, spec: VideoSpec, force: bool) -> VideoError {
    let error = VideoWriter::create(path, spec, force).expect_err("this must be refused");
    let asked = VideoWriter::check(path, &spec, force).map_err(|error| error.to_string());
    assert_eq!(asked, Err(error.to_string()));
    error
}

/// Whether `program` is installed; says so if not.
fn installed(program: &str) -> bool {
    let found = Command::new(program)
        .arg("-version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok();
    if !found {
        eprintln!("SKIPPED: {program} is not installed, so the files of this test are not checked");
    }
    found
}

/// What ffprobe says of the first stream, and of the format as `format.*`.
fn probe(path: &Path) -> HashMap<String, String> {
    let output = Command::new("ffprobe")
        .args([
            "-v",
            "error",
            "-count_frames",
            "-show_streams",
            "-show_format",
            "-of",
            "flat=s=.",
        ])
        .arg(path)
        .output()
        .expect("ffprobe runs");
    assert!(
        output.stderr.is_empty(),
        "{}: {}",
        path.display(),
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).expect("ffprobe writes UTF-8");
    let pairs = text.lines().filter_map(|line| line.split_once('='));
    pairs
        .map(|(key, value)| {
            (
                key.replace("streams.stream.0.", ""),
                value.trim_matches('"').to_owned(),
            )
        })
        .collect()
}

/// Every frame, one after another, as `format`; `filter` comes before the conversion.
fn decode(path: &Path, filter: &str, format: &str) -> Vec<u8> {
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-i"])
        .arg(path)
        .args([
            "-vf",
            filter,
            "-fps_mode",
            "passthrough",
            "-f",
            "rawvideo",
            "-pix_fmt",
            format,
            "-",
        ])
        .output()
        .expect("ffmpeg runs");
    assert!(
        output.stderr.is_empty(),
        "{}: {}",
        path.display(),
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}

/// The filter that turns BT.709 into RGB.
const TO_RGB: &str = "scale=in_color_matrix=bt709:in_range=tv:flags=accurate_rnd+full_chroma_int";

/// Peak signal to noise ratio in dB.
fn psnr(found: &[u8], expected: &[u8]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let pairs = found.iter().zip(expected);
    let error: f64 = pairs
        .map(|(found, expected)| (f64::from(*found) - f64::from(*expected)).powi(2))
        .sum();
    10.0 * (255.0f64.powi(2) * found.len() as f64 / error.max(1e-9)).log10()
}

fn rgb(rgba: &[u8]) -> Vec<u8> {
    rgba.as_chunks::<4>()
        .0
        .iter()
        .flat_map(|pixel| [pixel[0], pixel[1], pixel[2]])
        .collect()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("the folder can be read");
    let mut names: Vec<String> = entries
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    names
}

/// Runs one ignored test of this module in a process of its own.
fn own_process(test: &str) -> Command {
    let module = module_path!()
        .split_once("::")
        .map_or("", |(_, module)| module);
    let mut command = Command::new(std::env::current_exe().expect("the test's own program"));
    command.args([
        &format!("{module}::{test}"),
        "--exact",
        "--ignored",
        "--nocapture",
    ]);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}
