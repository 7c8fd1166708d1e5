//! What cannot be recorded is refused in words that help, before anything is written; what fails later keeps its part.

use super::*;
use crate::cli::{CLEARED, PROGRAM};

/// Arguments after `record bowl --size 160x90`, and what is said of them.
const BAD: &[(&str, &[&str])] = &[
    ("", &["--output <FILE>"]),
    (
        "-o a.mp4 --codec h265",
        &[
            "--codec",
            "\"h265\"",
            "h264, gif, png, x264, prores4444, av1",
        ],
    ),
    ("-o a.avi", &["a.avi", ".mp4, .gif, .mov, .mkv or .webm"]),
    ("-o a.gif --codec h264", &["a.gif", "h264", "a .mp4 file"]),
    ("-o a.mp4 --codec png", &["a.mp4", "png", "a folder"]),
    (
        "-o a.gif --fps 60",
        &["--fps: gif", "60 frames per second", "1 to 50"],
    ),
    ("-o a.mp4 --fps 0", &["--fps", "1 to 240"]),
    ("-o a.mp4 --fps 241", &["--fps", "1 to 240"]),
    ("-o a.mp4 --fps 1e9", &["--fps", "1 to 240"]),
    ("-o a.mp4 --fps NaN", &["--fps", "1 to 240"]),
    (
        "-o a.mp4 --transparent",
        &["--transparent: h264", "png and prores4444"],
    ),
    ("-o a.gif --transparent", &["gif", "transparency"]),
    (
        "-o a.mp4 --seconds 2 --hold-start 1 --hold-end 1",
        &["--seconds", "found 2", "more than the holds, which take 2"],
    ),
    (
        "-o a.mp4 --seconds 1e9",
        &["--seconds: found 1000000000 s", "at most 5000000 frames"],
    ),
    (
        "-o a.mp4 --hold-end 1e9",
        &["at most 5000000 frames", "--seconds fits"],
    ),
    ("-o -", &["--output: found `-`", "not written in one go"]),
    ("-o .mp4", &["--output: found `.mp4`", "without a name"]),
    (
        "-o a.mp4 --seconds 0",
        &["--seconds", "found `0`", "above 0"],
    ),
    ("-o a.mp4 --seconds inf", &["--seconds", "found `inf`"]),
    (
        "-o a.mp4 --hold-end=-1",
        &["--hold-end", "found `-1`", "0 or more"],
    ),
    (
        "-o a.mp4 --steps-per-second 0",
        &["--steps-per-second", "above 0"],
    ),
    (
        "-o a.mp4 --seconds 2 --steps-per-second 3",
        &["--seconds", "--steps-per-second"],
    ),
    (
        "-o a.mp4 --turntable fast",
        &["--turntable", "found `fast`", "a number"],
    ),
    ("-o a.mp4 --quality 101", &["--quality", "0..=100"]),
    ("-o a.mp4 --layout map", &["--layout", "found `map`"]),
    (
        "-o a.mp4 --size 3000x2200",
        &["--size: ", "3000x2200 pixels", "at most 2160"],
    ),
    (
        "-o a.mp4 --size 4000x100 --scale 3",
        &["--size", "--scale 3"],
    ),
];

#[test]
fn bad_input_is_refused_in_words_and_nothing_is_left() {
    if adapter().is_none() {
        return;
    }
    let desk = Desk::new();
    for (arguments, words) in BAD {
        let size = if arguments.contains("--size") {
            ""
        } else {
            "--size 160x90"
        };
        let record = format!("record bowl {size} {arguments}");
        desk.run(&record).refused(2, words, &record);
        assert_eq!(desk.names(), [""; 0], "{record}");
    }
}

#[test]
fn what_is_there_is_replaced_only_by_force() {
    if !ready() {
        return;
    }
    let desk = Desk::new();
    let record = |output: &str, options: &str| {
        desk.run(&format!(
            "record bowl -o {output} --size 64x64 --layout plot --seconds 0.2 {options}"
        ))
    };
    for name in ["a.mp4", "a.gif"] {
        desk.put(name, "precious");
        record(name, "").refused(1, &[name, "exists already", "force"], name);
        assert_eq!(desk.read(name), b"precious");
        let forced = record(name, "--force");
        assert_eq!(forced.code, 0, "{}", forced.stderr);
        assert!(playable(&desk.path().join(name)) >= 5);
    }
    assert_eq!(record("frames", "").code, 0);
    let again = record("frames", "--fps 5");
    again.refused(1, &["frames already holds 6", "force"], "frames");
    assert_eq!(sequence(&desk.path().join("frames")).len(), 6);
    assert_eq!(record("frames", "--fps 5 --force").code, 0);
    assert_eq!(sequence(&desk.path().join("frames")).len(), 1);

    // So is what a recording that was killed has left.
    desk.put("b.part.mp4", "precious");
    record("b.mp4", "").refused(1, &["b.part.mp4", "did not end"], "b.part.mp4");
    assert_eq!(desk.read("b.part.mp4"), b"precious");
    assert_eq!(desk.names(), ["a.gif", "a.mp4", "b.part.mp4", "frames"]);
}

#[test]
fn a_place_that_cannot_be_written_to_is_said_first() {
    if adapter().is_none() {
        return;
    }
    let desk = Desk::new();
    desk.put("file", "no folder");
    let mut outputs = vec![
        ("nowhere/a.mp4", "the folder `nowhere` does not exist"),
        ("nowhere/a.gif", "the folder `nowhere` does not exist"),
        ("file/a.mp4", "`file` is not a folder"),
        ("file/frames", "file"),
    ];
    if cfg!(target_os = "linux") {
        outputs.push(("/proc/a.mp4", "/proc"));
    }
    for (output, words) in outputs {
        let record = format!("record bowl -o {output} --size 160x90 --seconds 1");
        let ended = desk.run(&record);
        ended.refused(1, &["cannot write ", words], &record);
    }
    assert_eq!(desk.names(), ["file"]);
}

#[test]
fn without_ffmpeg_its_codecs_say_what_to_do() {
    if adapter().is_none() {
        return;
    }
    let desk = Desk::new();
    for (output, codec, instead) in [
        ("a.mp4", "x264", "built-in h264"),
        ("a.mov", "prores4444", "built-in png"),
        ("a.webm", "av1", "built-in h264"),
    ] {
        let record = format!("record bowl -o {output} --codec {codec} --size 160x90");
        let ended = desk.run_with(&[("PATH", "/nonexistent")], &record);
        let words = [codec, "ffmpeg", "not on the PATH", "install", instead];
        ended.refused(1, &words, &record);
    }
    // What is built in needs none.
    let record = "record bowl -o a.mp4 --size 64x64 --layout plot --seconds 0.2";
    let ended = desk.run_with(&[("PATH", "/nonexistent")], record);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert_eq!(desk.names(), ["a.mp4"]);
}

/// A limit on the size of files stands for a disk that fills up: both make writes fail half-way.
#[cfg(unix)]
#[test]
fn a_full_disk_is_said_and_what_was_recorded_is_kept_and_plays() {
    if !ready() {
        return;
    }
    let desk = Desk::new();
    let record = |output: &str, blocks: u32, options: &str| {
        let mut command = Command::new("sh");
        for name in CLEARED {
            command.env_remove(name);
        }
        // Else the system ends the process.
        let script = format!(
            "trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" record race -o {output} --size 160x90 {options}"
        );
        let Output { status, stderr, .. } = command
            .args(["-c", &script, PROGRAM])
            .env("XDG_RUNTIME_DIR", std::env::temp_dir())
            .current_dir(desk.path())
            .output()
            .expect("a shell");
        let said = String::from_utf8_lossy(&stderr).into_owned();
        assert_eq!(status.code(), Some(1), "{output}: {said}");
        assert!(said.contains("error: cannot write "), "{said}");
        assert!(said.contains("File too large"), "{said}");
        said
    };
    for (name, part) in [("a.mp4", "a.part.mp4"), ("a.gif", "a.part.gif")] {
        let said = record(name, 60, "--no-ui --seconds 60");
        let kept = format!("cannot write {name}: ");
        assert!(said.contains(&kept), "{said}");
        assert!(said.contains(&format!("kept in {part}")), "{said}");
        let frames = playable(&desk.path().join(part));
        assert!(frames >= 15, "{part} plays {frames} frames");
    }
    // Not even the first picture: nothing is kept, and nothing else is said.
    for name in ["b.gif", "frames"] {
        let said = record(name, 4, "--seconds 2 --scale 4");
        assert!(!said.contains("kept"), "{said}");
    }
    assert_eq!(desk.names(), ["a.part.gif", "a.part.mp4"]);
}
