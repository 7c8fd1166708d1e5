//! The codecs that need ffmpeg.

use std::env;

use super::*;

/// Records with `codec`, or `None` where ffmpeg or its encoder is missing.
fn try_record(path: &Path, spec: VideoSpec, frames: usize) -> Option<Finished> {
    if !installed("ffprobe") {
        return None;
    }
    let mut writer = match VideoWriter::create(path, spec, false) {
        Err(error @ VideoError::NoFfmpeg { .. }) => {
            eprintln!("SKIPPED: {error}");
            return None;
        }
        other => other.expect("the video starts"),
    };
    for step in 0..frames {
        writer.push(frame(spec.size, step)).expect("the frame is taken");
    }
    Some(writer.finish().expect("the video ends"))
}

fn check(path: &Path, expected: &[(&str, &str)]) {
    let found = probe(path);
    for (key, expected) in expected {
        assert_eq!(found.get(*key).map(String::as_str), Some(*expected), "{key} of {}", path.display());
    }
}

const TAGS: [(&str, &str); 4] =
    [("color_space", "bt709"), ("color_primaries", "bt709"), ("color_transfer", "bt709"), ("color_range", "tv")];

#[test]
fn x264_is_exact_and_tagged() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.mp4");
    let Some(done) = try_record(&path, VideoSpec { size: [319, 179], ..spec(Codec::X264, 30) }, 40) else { return };
    assert_eq!((done.frames, done.size), (40, SIZE));
    let expected = [
        ("codec_name", "h264"),
        ("width", "320"),
        ("height", "180"),
        ("pix_fmt", "yuv420p"),
        ("nb_read_frames", "40"),
        ("r_frame_rate", "30/1"),
        ("avg_frame_rate", "30/1"),
        ("duration_ts", "20480"),
    ];
    check(&path, &[&expected[..], &TAGS].concat());
    let bytes = fs::read(&path).expect("the file");
    let place = |name: &[u8]| bytes.windows(4).position(|window| window == name);
    assert!(place(b"moov") < place(b"mdat"), "the index comes first");
    assert_eq!(names(folder.path()), ["a.mp4"]);
}

#[test]
fn prores_keeps_transparency() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.mov");
    let mut spec = VideoSpec { alpha: true, ..spec(Codec::ProRes4444, 25) };
    spec.size = [64, 48];
    if !installed("ffmpeg") {
        return;
    }
    let picture: Vec<u8> = (0..64 * 48).flat_map(|place| [200, 90, 40, (place % 64 * 4) as u8]).collect();
    let mut writer = VideoWriter::create(&path, spec, false).expect("the video starts");
    for _ in 0..5 {
        writer.push(picture.clone()).expect("the frame is taken");
    }
    writer.finish().expect("the video ends");
    let expected = [("codec_name", "prores"), ("nb_read_frames", "5"), ("avg_frame_rate", "25/1"), ("profile", "4")];
    check(&path, &[&expected[..3], &TAGS[..3]].concat());
    assert!(probe(&path)["pix_fmt"].starts_with("yuva444p1"));
    let ratio = psnr(&decode(&path, TO_RGB, "rgba")[..picture.len()], &picture);
    assert!(ratio > 40.0, "{ratio:.2} dB");
}

#[test]
fn av1_goes_into_every_container() {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["a.webm", "a.mkv", "a.mp4"] {
        let path = folder.path().join(name);
        let small = VideoSpec { size: [96, 64], ..spec(Codec::Av1, 25) };
        if try_record(&path, small, 6).is_none() {
            return;
        }
        let expected = [("codec_name", "av1"), ("nb_read_frames", "6"), ("r_frame_rate", "25/1"), ("pix_fmt", "yuv420p")];
        check(&path, &[&expected[..], &TAGS].concat());
    }
    assert_eq!(names(folder.path()), ["a.mkv", "a.mp4", "a.webm"]);
}

#[test]
fn a_cancelled_or_dropped_pipe_ends_ffmpeg() {
    let folder = tempfile::tempdir().expect("a folder");
    if !installed("ffmpeg") {
        return;
    }
    for keep in [false, true] {
        let mut writer =
            VideoWriter::create(&folder.path().join("a.mp4"), spec(Codec::X264, 10), false).expect("the video starts");
        for step in 0..12 {
            writer.push(frame(SIZE, step)).expect("the frame is taken");
        }
        if keep { drop(writer) } else { writer.cancel() }
        assert_eq!(names(folder.path()), if keep { vec!["a.part.mp4"] } else { vec![] });
    }
    assert_eq!(probe(&folder.path().join("a.part.mp4"))["nb_read_frames"], "12");
}

#[test]
fn a_failing_ffmpeg_says_why() {
    let folder = tempfile::tempdir().expect("a folder");
    if !installed("ffmpeg") {
        return;
    }
    // ffmpeg cannot write into a folder that went away.
    let gone = folder.path().join("gone");
    fs::create_dir(&gone).expect("a folder");
    let mut writer = VideoWriter::create(&gone.join("a.mkv"), spec(Codec::X264, 10), false).expect("the video starts");
    fs::remove_dir_all(&gone).expect("it goes");
    let error = (0..200).find_map(|step| writer.push(frame(SIZE, step)).err());
    let error = error.unwrap_or_else(|| writer.finish().expect_err("the file is gone"));
    assert!(error.to_string().contains("a.mkv"), "{error}");
}

#[test]
fn a_missing_ffmpeg_names_the_built_in_codec() {
    let mut alone = own_process("programs::without_ffmpeg");
    let status = alone.env("PATH", "/nonexistent").env("VIDEO_NO_FFMPEG", "1").status();
    assert!(status.expect("a process").success());
}

#[test]
#[ignore = "needs a PATH without ffmpeg, which another test sets"]
fn without_ffmpeg() {
    if env::var_os("VIDEO_NO_FFMPEG").is_none() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let error = refused(&folder.path().join("a.mp4"), spec(Codec::X264, 10), false).to_string();
    assert!(error.starts_with("the codec x264 needs the program ffmpeg, which is not on the PATH: install it"), "{error}");
    assert!(error.ends_with("or use the built-in h264 (a .mp4 file)"), "{error}");
    assert!(names(folder.path()).is_empty());
}
