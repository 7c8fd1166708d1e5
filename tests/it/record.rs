//! Videos as `steepest record` writes them, judged by ffprobe and ffmpeg, and held against the pictures of `shot`.

mod ended;
mod moments;
mod refused;
mod streams;

use std::collections::HashMap;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use image::RgbaImage;

use crate::cli::Desk;
use crate::pictures::adapter;

/// Step 0 stays for 0.2 s; then a step takes 0.1 s, and step 5 stays for 0.6 s more.
const HELD: &str = r#"steepest = 1
title = "Held"
[[panel]]
objective = "bowl"
[[panel.descent]]
rule = "gd"
rate = 0.12
start = [-2.5, 2]
steps = 12
[[caption]]
step = 5
text = "Held here"
pause = 0.6
[view]
seconds_per_step = 0.1
"#;

/// Whether frames can be drawn and files be judged here; what is missing is said past the test harness.
fn ready() -> bool {
    let missing = |tool: &&str| {
        let found = Command::new(tool)
            .arg("-version")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        found.is_err()
    };
    if let Some(tool) = ["ffprobe", "ffmpeg"].iter().find(|tool| missing(tool)) {
        // Where nothing can be said, nobody listens.
        let _ = writeln!(io::stderr(), "SKIPPED: {tool} is not installed");
        return false;
    }
    adapter().is_some()
}

/// What a tool prints; that it complains is a failure.
fn said(tool: &str, path: &Path, before: &[&str], after: &[&str]) -> Vec<u8> {
    let Output { stdout, stderr, .. } = Command::new(tool)
        .args(["-v", "error"])
        .args(before)
        .arg(path)
        .args(after)
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("{tool}: {error}"));
    let complaints = String::from_utf8_lossy(&stderr);
    assert!(
        complaints.is_empty(),
        "{tool} of {}: {complaints}",
        path.display()
    );
    stdout
}

/// What ffprobe says of the first stream, and of the format as `format.*`; the frames are counted by decoding them.
fn probe(path: &Path) -> HashMap<String, String> {
    let options = ["-count_frames", "-show_streams", "-show_format"];
    let told = said("ffprobe", path, &options, &["-of", "flat=s=."]);
    let text = String::from_utf8_lossy(&told).into_owned();
    let pairs = text.lines().filter_map(|line| line.split_once('='));
    pairs
        .map(|(key, value)| {
            let key = key.replace("streams.stream.0.", "");
            (key, value.trim_matches('"').to_owned())
        })
        .collect()
}

/// How many frames of a file can be shown; that one of them is damaged is a failure.
fn playable(path: &Path) -> u64 {
    decode(path, "gray").len() as u64 / {
        let told = probe(path);
        let side = |key: &str| told[key].parse::<u64>().expect("a number");
        side("width") * side("height")
    }
}

/// Every frame, one after another. Of the colours the file itself says what they are.
fn decode(path: &Path, format: &str) -> Vec<u8> {
    let exact = "scale=flags=accurate_rnd+full_chroma_int";
    let options = ["-vf", exact, "-fps_mode", "passthrough"];
    let into = ["-f", "rawvideo", "-pix_fmt", format, "-"];
    said("ffmpeg", path, &["-i"], &[&options[..], &into].concat())
}

/// The pictures of a sequence, in order: `frame_00000.png` and on, and nothing else.
fn sequence(folder: &Path) -> Vec<RgbaImage> {
    let count = fs::read_dir(folder).map_or(0, Iterator::count);
    let picture = |frame| {
        let path = folder.join(format!("frame_{frame:05}.png"));
        let picture = image::open(&path);
        picture.unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    (0..count).map(|frame| picture(frame).to_rgba8()).collect()
}

fn rgb(picture: &RgbaImage) -> Vec<u8> {
    let pixels = picture.pixels();
    pixels
        .flat_map(|pixel| [pixel[0], pixel[1], pixel[2]])
        .collect()
}

/// What a file of 4:2:0 has to store of a picture with even sides: BT.709 in limited range, first all luma, then both
/// chroma planes at half the size, each value the mean of four.
fn yuv420(picture: &RgbaImage) -> Vec<u8> {
    let color = |x: u32, y: u32| {
        let [r, g, b, _] = picture
            .get_pixel(x, y)
            .0
            .map(|value| f64::from(value) / 255.0);
        let luma = 0.2126 * r + 0.7152 * g + 0.0722 * b;
        [luma, (b - luma) / 1.8556, (r - luma) / 1.5748]
    };
    let (width, height) = picture.dimensions();
    let places = |step: usize| {
        let rows = (0..height).step_by(step);
        rows.flat_map(move |y| (0..width).step_by(step).map(move |x| (x, y)))
    };
    let luma = places(1).map(|(x, y)| 16.0 + 219.0 * color(x, y)[0]);
    let chroma = [1, 2].into_iter().flat_map(|plane| {
        places(2).map(move |(x, y)| {
            let four = [(x, y), (x + 1, y), (x, y + 1), (x + 1, y + 1)];
            let sum: f64 = four.iter().map(|&(x, y)| color(x, y)[plane]).sum();
            128.0 + 224.0 * sum / 4.0
        })
    });
    luma.chain(chroma)
        .map(|value| value.round() as u8)
        .collect()
}

/// The ratio of the peak signal to the noise, in dB.
fn psnr(found: &[u8], expected: &[u8]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let pairs = found.iter().zip(expected);
    let error: f64 = pairs
        .map(|(&found, &expected)| f64::from(found.abs_diff(expected)).powi(2))
        .sum();
    10.0 * (255.0_f64.powi(2) * found.len() as f64 / error.max(1e-9)).log10()
}

/// The largest difference of two pictures in any channel.
fn apart(a: &RgbaImage, b: &RgbaImage) -> u8 {
    assert_eq!(a.dimensions(), b.dimensions());
    let pairs = a.as_raw().iter().zip(b.as_raw());
    pairs.map(|(a, b)| a.abs_diff(*b)).max().unwrap_or(0)
}

/// A picture of the same, by `shot`.
fn shot(desk: &Desk, arguments: &str) -> RgbaImage {
    let png = desk.succeed(&format!("shot {arguments} -o - --samples 1"));
    let picture = image::load_from_memory(&png);
    picture.expect("a PNG is on stdout").to_rgba8()
}
