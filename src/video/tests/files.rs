//! Names, what is refused, what is kept, PNG sequences, and the queue.

use std::io;

use super::*;
use crate::video::QUEUE;

#[test]
fn codecs_have_names_and_extensions() {
    for codec in Codec::ALL {
        assert_eq!(codec.name().parse::<Codec>().expect("a codec"), codec);
        assert!(codec.extensions().iter().all(|extension| {
            codec
                .check_path(Path::new(&format!("a.{extension}")))
                .is_ok()
        }));
    }
    assert_eq!(
        "ProRes".parse::<Codec>().expect("a codec"),
        Codec::ProRes4444
    );
    let error = "h265".parse::<Codec>().expect_err("no such codec");
    assert_eq!(
        error.to_string(),
        "unknown codec \"h265\": expected one of h264, gif, png, x264, prores4444, av1"
    );
    for (path, codec) in [
        ("a.mp4", Codec::H264),
        ("b/A.MP4", Codec::H264),
        ("a.gif", Codec::Gif),
        ("frames", Codec::Png),
        ("a.mov", Codec::ProRes4444),
        ("a.mkv", Codec::Av1),
        ("a.webm", Codec::Av1),
    ] {
        assert_eq!(
            Codec::for_path(Path::new(path)).expect("a codec"),
            codec,
            "{path}"
        );
    }
    let error = Codec::for_path(Path::new("a.avi"))
        .expect_err("no such codec")
        .to_string();
    assert!(
        error.starts_with("a.avi: no codec writes \".avi\" files: name it .mp4"),
        "{error}"
    );
    let error = Codec::Gif
        .check_path(Path::new("a.mp4"))
        .expect_err("a mismatch")
        .to_string();
    assert_eq!(error, "a.mp4: the codec gif writes a .gif file");
}

#[test]
fn impossible_videos_are_refused_before_a_file_exists() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.mp4");
    let good = spec(Codec::H264, 30);
    for (bad, expected) in [
        (
            VideoSpec {
                size: [0, 10],
                ..good
            },
            "h264 cannot write 0x10 pixels: expected sides of 16 to 3840",
        ),
        (
            VideoSpec {
                size: [3842, 100],
                ..good
            },
            "h264 cannot write 3842x100 pixels",
        ),
        (
            VideoSpec {
                fps: 0.into(),
                ..good
            },
            "h264 cannot write 0 frames per second: expected 1 to 240",
        ),
        (
            VideoSpec {
                quality: 101,
                ..good
            },
            "h264 cannot write quality 101: expected 0 to 100",
        ),
        (
            VideoSpec {
                alpha: true,
                ..good
            },
            "h264 cannot write transparency",
        ),
    ] {
        let error = refused(&path, bad, true).to_string();
        assert!(error.starts_with(expected), "{error}");
    }
    let nowhere = folder.path().join("missing").join("a.mp4");
    let error = refused(&nowhere, good, false);
    assert!(
        matches!(&error, VideoError::Io { source, .. } if source.kind() == io::ErrorKind::NotFound),
        "{error}"
    );
    assert!(error.to_string().contains("missing"), "{error}");
    assert!(names(folder.path()).is_empty());
}

#[test]
fn an_existing_target_stays_until_a_forced_video_is_finished() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, codec) in [("a.mp4", Codec::H264), ("a.gif", Codec::Gif)] {
        let path = folder.path().join(name);
        let kept = || fs::read(&path).expect("the file") == b"mine";
        fs::write(&path, b"mine").expect("a file");
        assert!(matches!(
            refused(&path, spec(codec, 10), false),
            VideoError::Exists { .. }
        ));
        assert!(kept());
        let mut writer =
            VideoWriter::create(&path, spec(codec, 10), true).expect("the video starts");
        writer.push(frame(SIZE, 0)).expect("the frame is taken");
        assert!(kept());
        writer.cancel();
        assert!(kept());
        let mut writer =
            VideoWriter::create(&path, spec(codec, 10), true).expect("the video starts");
        writer.push(frame(SIZE, 0)).expect("the frame is taken");
        writer.finish().expect("the video ends");
        assert!(!kept());
    }
    assert_eq!(names(folder.path()), ["a.gif", "a.mp4"]);
}

#[test]
fn a_left_over_part_is_never_lost_silently() {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, part) = (
        folder.path().join("a.mp4"),
        folder.path().join("a.part.mp4"),
    );
    fs::write(&part, b"crashed").expect("a file");
    let error = refused(&path, spec(Codec::H264, 10), false);
    assert!(
        matches!(&error, VideoError::PartExists { part: found } if *found == part),
        "{error}"
    );
    assert_eq!(fs::read(&part).expect("the part"), b"crashed");
    VideoWriter::create(&path, spec(Codec::H264, 10), true)
        .expect("the video starts")
        .cancel();
    assert!(names(folder.path()).is_empty());
}

#[test]
fn a_target_that_appears_meanwhile_stays_and_so_does_the_recording() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.mp4");
    let mut writer =
        VideoWriter::create(&path, spec(Codec::H264, 10), false).expect("the video starts");
    writer.push(frame(SIZE, 0)).expect("the frame is taken");
    fs::write(&path, b"theirs").expect("a file");
    let error = writer.finish().expect_err("the name is taken");
    assert!(
        error.to_string().contains("kept in") && error.to_string().contains("a.part.mp4"),
        "{error}"
    );
    assert_eq!(fs::read(&path).expect("the file"), b"theirs");
    assert_eq!(names(folder.path()), ["a.mp4", "a.part.mp4"]);
    if installed("ffprobe") {
        assert_eq!(
            probe(&folder.path().join("a.part.mp4"))["nb_read_frames"],
            "1"
        );
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_of_every_later_call() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, codec) in [("a.mp4", Codec::H264), ("a.gif", Codec::Gif)] {
        std::os::unix::fs::symlink(
            "/dev/full",
            crate::video::output::part_path(&folder.path().join(name)),
        )
        .expect("a link");
        let mut writer = VideoWriter::create(&folder.path().join(name), spec(codec, 10), true)
            .expect("the video starts");
        let full = |error: &VideoError| matches!(error, VideoError::Io { source, .. } if source.kind() == io::ErrorKind::StorageFull);
        let error = (0..100)
            .find_map(|step| writer.push(frame(SIZE, step)).err())
            .expect("no space");
        assert!(full(&error), "{error}");
        assert!(writer.push(frame(SIZE, 0)).is_err_and(|error| full(&error)));
        assert!(writer.finish().is_err_and(|error| full(&error)));
        assert!(!folder.path().join(name).exists());
    }
}

#[test]
fn wrong_frames_are_refused_and_the_recording_goes_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.mp4");
    let mut writer =
        VideoWriter::create(&path, spec(Codec::H264, 10), false).expect("the video starts");
    let error = writer.push(vec![0; 12]).expect_err("a wrong size");
    assert_eq!(
        error.to_string(),
        "a frame has 12 bytes; 320x180 RGBA needs 230400"
    );
    writer.push(frame(SIZE, 0)).expect("the frame is taken");
    assert_eq!(writer.finish().expect("the video ends").frames, 1);
}

#[test]
fn nothing_is_left_of_a_cancelled_or_empty_video() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, codec) in [
        ("a.mp4", Codec::H264),
        ("a.gif", Codec::Gif),
        ("a", Codec::Png),
        ("a/b/c", Codec::Png),
    ] {
        let path = folder.path().join(name);
        VideoWriter::check(&path, &spec(codec, 10), false).expect("nothing to refuse");
        assert!(names(folder.path()).is_empty(), "{name}");
        let start =
            || VideoWriter::create(&path, spec(codec, 10), false).expect("the video starts");
        let mut writer = start();
        for step in 0..3 {
            writer.push(frame(SIZE, step)).expect("the frame is taken");
        }
        writer.cancel();
        assert!(matches!(start().finish(), Err(VideoError::NoFrames { .. })));
        drop(start());
        assert!(names(folder.path()).is_empty(), "{name}");
    }
}

#[test]
fn the_queue_is_bounded_and_buffers_come_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut spec = spec(Codec::H264, 30);
    spec.size = [640, 360];
    let mut writer =
        VideoWriter::create(&folder.path().join("a.mp4"), spec, false).expect("the video starts");
    let mut places = std::collections::HashSet::new();
    for _ in 0..60 {
        let buffer = writer
            .buffer()
            .unwrap_or_else(|| vec![0; spec.frame_bytes()]);
        assert_eq!(buffer.len(), spec.frame_bytes());
        places.insert(buffer.as_ptr() as usize);
        writer.push(buffer).expect("the frame is taken");
    }
    assert!(places.len() <= 2 * QUEUE + 4, "{} buffers", places.len());
    assert!(
        (1..=QUEUE + 2).contains(&writer.most_queued()),
        "{}",
        writer.most_queued()
    );
    assert_eq!(writer.finish().expect("the video ends").frames, 60);
}

#[test]
fn png_sequences_are_exact_and_replaced_only_by_force() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("deep").join("frames");
    let mut spec = VideoSpec {
        alpha: true,
        ..spec(Codec::Png, 30)
    };
    spec.size = [31, 17];
    let picture = |step: usize| -> Vec<u8> {
        (0..31 * 17 * 4)
            .map(|byte| (byte * 31 + byte / 7 + step) as u8)
            .collect()
    };
    let mut writer = VideoWriter::create(&path, spec, false).expect("the video starts");
    for step in 0..3 {
        writer.push(picture(step)).expect("the frame is taken");
    }
    assert_eq!(writer.finish().expect("the video ends").frames, 3);
    for (step, name) in ["frame_00000.png", "frame_00001.png", "frame_00002.png"]
        .iter()
        .enumerate()
    {
        let read = image::open(path.join(name)).expect("a picture");
        assert_eq!(read.color(), image::ColorType::Rgba8);
        assert!(read.into_rgba8().into_raw() == picture(step), "{name}");
    }
    assert!(matches!(
        refused(&path, spec, false),
        VideoError::FramesExist { count: 3, .. }
    ));
    for other in [
        "frame_.png",
        "frame_1x.png",
        "frame_00001.png.txt",
        "notes.txt",
    ] {
        fs::write(path.join(other), b"mine").expect("a file");
    }
    spec.alpha = false;
    let mut writer = VideoWriter::create(&path, spec, true).expect("the video starts");
    writer.push(picture(9)).expect("the frame is taken");
    writer.finish().expect("the video ends");
    assert_eq!(
        names(&path),
        [
            "frame_.png",
            "frame_00000.png",
            "frame_00001.png.txt",
            "frame_1x.png",
            "notes.txt"
        ]
    );
    let read = image::open(path.join("frame_00000.png")).expect("a picture");
    assert_eq!(read.color(), image::ColorType::Rgb8);
    assert!(read.into_rgb8().into_raw() == rgb(&picture(9)));
}

#[cfg(unix)]
#[test]
fn what_a_link_leads_to_is_replaced_and_a_pipe_is_not() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("there")).expect("a folder");
    for (name, codec) in [("a.mp4", Codec::H264), ("a.gif", Codec::Gif)] {
        let there = at("there").join(name);
        fs::write(&there, "old").expect("a file");
        symlink(&there, at(name)).expect("a link");
        let mut writer = VideoWriter::create(&at(name), spec(codec, 10), true).expect("a video");
        writer.push(frame(SIZE, 0)).expect("the frame is taken");
        let bytes = writer.finish().expect("the video ends").bytes;
        assert!(fs::symlink_metadata(at(name)).is_ok_and(|found| found.is_symlink()));
        assert!(fs::metadata(&there).is_ok_and(|found| found.len() == bytes));
    }
    assert_eq!(names(&at("there")), ["a.gif", "a.mp4"]);
    assert_eq!(names(folder.path()), ["a.gif", "a.mp4", "there"]);

    symlink("/dev/null", at("b.mp4")).expect("a link");
    let error = refused(&at("b.mp4"), spec(Codec::H264, 10), true).to_string();
    assert!(error.contains("b.mp4: this is no file"), "{error}");
}
