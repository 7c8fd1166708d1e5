//! H.264 in MP4.

use std::time::{Duration, Instant};
use std::{env, path::PathBuf, thread};

use super::*;
use crate::video::Rate;
use crate::video::h264::H264Encoder;
use crate::video::output::part_path;
use crate::video::yuv::Yuv420;

#[test]
fn the_rates_of_television_are_exact() {
    let folder = tempfile::tempdir().expect("a folder");
    for (text, exact) in [
        ("23.976", "24000/1001"),
        ("59.94", "60000/1001"),
        ("12.5", "25/2"),
    ] {
        let path = folder.path().join(format!("{text}.mp4"));
        let rate: Rate = text.parse().expect("a rate");
        let done = record(&path, VideoSpec::new(SIZE, rate, Codec::H264), 43);
        assert!((done.seconds - 43.0 / rate.per_second()).abs() < 1e-12);
        if installed("ffprobe") {
            let found = probe(&path);
            for key in ["r_frame_rate", "avg_frame_rate"] {
                assert_eq!(found.get(key).map(String::as_str), Some(exact), "{key}");
            }
        }
    }
}

#[test]
fn a_recording_is_exact_in_frames_rate_and_tags() {
    let folder = tempfile::tempdir().expect("a folder");
    for fps in [30, 7, 60] {
        let path = folder.path().join(format!("{fps}.mp4"));
        let done = record(&path, spec(Codec::H264, fps), 43);
        assert_eq!((done.frames, done.size), (43, SIZE));
        assert_eq!(done.bytes, fs::metadata(&path).expect("the file").len());
        assert!((done.seconds - 43.0 / f64::from(fps)).abs() < 1e-12);
        if !installed("ffprobe") {
            continue;
        }
        let found = probe(&path);
        let rate = format!("{fps}/1");
        for (key, expected) in [
            ("codec_name", "h264"),
            ("pix_fmt", "yuv420p"),
            ("width", "320"),
            ("height", "180"),
            ("nb_frames", "43"),
            ("nb_read_frames", "43"),
            ("r_frame_rate", &rate),
            ("avg_frame_rate", &rate),
            ("color_space", "bt709"),
            ("color_transfer", "bt709"),
            ("color_primaries", "bt709"),
            ("color_range", "tv"),
            ("start_pts", "0"),
            ("duration_ts", &(43 * 512).to_string()),
            ("time_base", &format!("1/{}", fps * 512)),
        ] {
            assert_eq!(
                found.get(key).map(String::as_str),
                Some(expected),
                "{key} at {fps} fps"
            );
        }
    }
    assert_eq!(
        names(folder.path()),
        ["30.mp4", "60.mp4", "7.mp4"],
        "part files are gone"
    );
}

#[test]
fn the_index_comes_first_and_key_frames_every_two_seconds() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.mp4");
    record(&path, spec(Codec::H264, 10), 45);
    let bytes = fs::read(&path).expect("the file");
    let (mut at, mut boxes) = (0, Vec::new());
    while at < bytes.len() {
        let size = u32::from_be_bytes(bytes[at..at + 4].try_into().expect("four bytes")) as usize;
        boxes.push(String::from_utf8_lossy(&bytes[at + 4..at + 8]).into_owned());
        at += size;
    }
    assert_eq!(boxes, ["ftyp", "moov", "mdat"]);
    let colr = bytes
        .windows(15)
        .any(|window| window == b"colrnclx\0\x01\0\x01\0\x01\0");
    assert!(colr, "the container carries the colour tags too");
    if installed("ffprobe") {
        let shown = Command::new("ffprobe")
            .args([
                "-v",
                "error",
                "-skip_frame",
                "nokey",
                "-show_entries",
                "frame=pts",
                "-of",
                "csv=p=0",
            ])
            .arg(&path)
            .output()
            .expect("ffprobe runs");
        let keys: Vec<u32> = String::from_utf8_lossy(&shown.stdout)
            .split_whitespace()
            .filter_map(|line| line.parse().ok())
            .collect();
        assert_eq!(keys, [0, 20 * 512, 40 * 512]);
    }
}

#[test]
fn decoded_frames_look_like_the_source() {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, raw) = (folder.path().join("a.mp4"), folder.path().join("a.rgba"));
    record(&path, spec(Codec::H264, 30), 20);
    if !installed("ffmpeg") {
        return;
    }
    let source: Vec<Vec<u8>> = (0..20).map(|step| frame(SIZE, step)).collect();
    fs::write(&raw, source.concat()).expect("a file");
    let converted = Command::new("ffmpeg")
        .args([
            "-v", "error", "-nostdin", "-f", "rawvideo", "-pix_fmt", "rgba", "-s", "320x180", "-i",
        ])
        .arg(&raw)
        .args([
            "-vf",
            "scale=out_color_matrix=bt709:out_range=tv:flags=accurate_rnd+full_chroma_int",
        ])
        .args(["-f", "rawvideo", "-pix_fmt", "yuv420p", "-"])
        .output()
        .expect("ffmpeg runs")
        .stdout;
    // As stored: what the encoder loses. As shown: halving the colour's resolution loses more, at most
    // 37 dB remain of this picture.
    let stored = decode(&path, "null", "yuv420p");
    let shown = decode(&path, TO_RGB, "rgb24");
    let pixels = SIZE[0] as usize * SIZE[1] as usize;
    assert_eq!(stored.len(), pixels * 3 / 2 * 20);
    for (step, source) in source.iter().enumerate() {
        let stored = psnr(
            &stored[pixels * 3 / 2 * step..][..pixels],
            &converted[pixels * 3 / 2 * step..][..pixels],
        );
        let shown = psnr(&shown[pixels * 3 * step..][..pixels * 3], &rgb(source));
        assert!(
            stored >= 42.0 && shown >= 34.5,
            "frame {step}: luma {stored:.2} dB, RGB {shown:.2} dB"
        );
    }
}

#[test]
fn flat_colors_keep_their_value() {
    let folder = tempfile::tempdir().expect("a folder");
    if !installed("ffmpeg") {
        return;
    }
    for color in [
        [255, 0, 0],
        [0, 255, 0],
        [0, 0, 255],
        [255, 255, 255],
        [0, 0, 0],
        [31, 119, 180],
        [240, 140, 20],
    ] {
        let path = folder.path().join(format!("{color:?}.mp4"));
        let mut spec = spec(Codec::H264, 10);
        spec.size = [32, 32];
        let mut writer = VideoWriter::create(&path, spec, false).expect("the video starts");
        writer
            .push([color[0], color[1], color[2], 255].repeat(32 * 32))
            .expect("the frame is taken");
        writer.finish().expect("the video ends");
        let decoded = decode(&path, TO_RGB, "rgb24");
        let off = decoded
            .iter()
            .zip(color.iter().cycle())
            .map(|(found, expected)| found.abs_diff(*expected))
            .max();
        assert!(
            off.is_some_and(|off| off <= 3),
            "{color:?} is off by {off:?}"
        );
    }
}

#[test]
fn the_conversion_is_bt709() {
    for color in (0..4096u32).map(|bits| [0, 4, 8].map(|shift| ((bits >> shift & 15) * 17) as u8)) {
        let mut picture = Yuv420::new(2, 2);
        picture.convert(&[color[0], color[1], color[2], 9].repeat(4));
        let [r, g, b] = color.map(|value| f64::from(value) / 255.0);
        let luma = 0.2126 * r + 0.7152 * g + 0.0722 * b;
        let expected = [
            16.0 + 219.0 * luma,
            128.0 + 224.0 * (b - luma) / 1.8556,
            128.0 + 224.0 * (r - luma) / 1.5748,
        ];
        for (found, expected) in [picture.y[0], picture.u[0], picture.v[0]]
            .into_iter()
            .zip(expected)
        {
            assert!(
                (f64::from(found) - expected).abs() < 0.52,
                "{color:?}: {found}, expected {expected:.2}"
            );
        }
    }
}

#[test]
fn the_same_frames_give_the_same_bytes() {
    let folder = tempfile::tempdir().expect("a folder");
    let [first, second] = ["a.mp4", "b.mp4"].map(|name| {
        record(&folder.path().join(name), spec(Codec::H264, 30), 40);
        fs::read(folder.path().join(name)).expect("the file")
    });
    assert!(
        first == second,
        "{} and {} bytes",
        first.len(),
        second.len()
    );
}

#[test]
fn noise_does_not_stop_a_recording() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.mp4");
    let spec = VideoSpec {
        quality: 100,
        ..spec(Codec::H264, 5)
    };
    let mut state = 1u64;
    let mut writer = VideoWriter::create(&path, spec, false).expect("the video starts");
    for step in 0..24 {
        let mut picture = frame(SIZE, step);
        if step < 12 {
            picture.fill_with(|| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                (state >> 56) as u8
            });
        }
        writer.push(picture).expect("the frame is taken");
    }
    writer.finish().expect("the video ends");
    if installed("ffprobe") {
        assert_eq!(probe(&path)["nb_read_frames"], "24");
    }
}

#[test]
fn odd_sizes_are_padded_by_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("odd.mp4");
    let mut spec = spec(Codec::H264, 10);
    (spec.size, spec.quality) = ([33, 17], 100);
    assert_eq!(record(&path, spec, 3).size, [34, 18]);
    if installed("ffmpeg") {
        let decoded = decode(&path, "null", "yuv420p");
        assert_eq!(decoded.len(), 34 * 18 * 3 / 2 * 3);
        let rows: Vec<&[u8]> = decoded[..34 * 18].chunks_exact(34).collect();
        let repeated = rows[16]
            .iter()
            .zip(rows[17])
            .chain(rows.iter().map(|row| (&row[32], &row[33])));
        for (first, second) in repeated {
            assert!(first.abs_diff(*second) < 16, "{first} and {second}");
        }
    }
}

#[test]
fn a_part_file_plays_at_any_moment_and_after_a_drop() {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, seen) = (folder.path().join("a.mp4"), folder.path().join("seen.mp4"));
    let mut writer =
        VideoWriter::create(&path, spec(Codec::H264, 20), false).expect("the video starts");
    for step in 0..27 {
        writer.push(frame(SIZE, step)).expect("the frame is taken");
    }
    while writer.queued() > 0 {
        thread::sleep(Duration::from_millis(1));
    }
    fs::copy(part_path(&path), &seen).expect("the part file");
    drop(writer);
    assert_eq!(names(folder.path()), ["a.part.mp4", "seen.mp4"]);
    if installed("ffprobe") {
        assert_eq!(
            probe(&seen)["nb_read_frames"],
            "20",
            "whole fragments of half a second"
        );
        let found = probe(&part_path(&path));
        assert_eq!(
            (
                found["nb_read_frames"].as_str(),
                found["avg_frame_rate"].as_str()
            ),
            ("27", "20/1")
        );
        assert!((found["format.duration"].parse::<f64>().expect("a number") - 1.35).abs() < 1e-3);
    }
}

#[test]
fn a_killed_recording_plays() {
    if !installed("ffprobe") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.mp4");
    let mut child = own_process("mp4::records_until_killed")
        .env("VIDEO_KILLED", &path)
        .spawn()
        .expect("a process");
    let patience = Instant::now();
    while fs::metadata(part_path(&path)).map_or(0, |part| part.len()) < 40_000 {
        assert!(
            patience.elapsed() < Duration::from_secs(30),
            "the child records nothing"
        );
        thread::sleep(Duration::from_millis(5));
    }
    child.kill().expect("a signal");
    child.wait().expect("its end");
    assert!(!path.exists());
    assert!(
        probe(&part_path(&path))["nb_read_frames"]
            .parse::<u32>()
            .is_ok_and(|frames| frames >= 10)
    );
}

#[test]
#[ignore = "records until it is killed, for another test"]
fn records_until_killed() {
    let Some(path) = env::var_os("VIDEO_KILLED").map(PathBuf::from) else {
        return;
    };
    let mut writer =
        VideoWriter::create(&path, spec(Codec::H264, 20), false).expect("the video starts");
    for step in 0..100_000 {
        writer.push(frame(SIZE, step)).expect("the frame is taken");
    }
}

#[test]
#[ignore = "a measurement: run it in release with --nocapture"]
fn time_per_frame() {
    let spec = VideoSpec::new([1280, 720], 30, Codec::H264);
    let frames: Vec<Vec<u8>> = (0..60).map(|step| frame(spec.size, step)).collect();
    let mut encoder = H264Encoder::new(&spec).expect("an encoder");
    let (mut converting, mut encoding) = (Duration::ZERO, Duration::ZERO);
    for frame in &frames {
        let start = Instant::now();
        encoder.picture.convert(frame);
        converting += start.elapsed();
        let start = Instant::now();
        encoder.encode_picture().expect("a picture");
        encoding += start.elapsed();
    }
    println!(
        "conversion {:?}, encoding {:?} a frame",
        converting / 60,
        encoding / 60
    );
}
