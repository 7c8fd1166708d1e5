//! What surrounds the program fails it: no adapter, no display, a full disk, a reader that went away.
#![cfg(target_os = "linux")]

use std::error::Error;
use std::io::Read;
use std::process::{Command, Stdio};

use super::{Desk, PROGRAM};
use crate::pictures::adapter;

/// A Vulkan loader that finds no driver.
const NO_DRIVER: [(&str, &str); 2] = [
    ("VK_DRIVER_FILES", "/nowhere.json"),
    ("VK_ICD_FILENAMES", "/nowhere.json"),
];

#[test]
fn without_any_adapter_the_message_names_the_remedy() {
    let desk = Desk::new();
    let words = [
        "no graphics adapter",
        "apt-get install",
        "mesa-vulkan-drivers",
    ];
    for drawing in [
        "shot bowl -o a.png",
        "export bowl -o a.svg --layout scene",
        "export bowl -o a.pdf --layout map+scene",
    ] {
        let ended = desk.run_with(&NO_DRIVER, drawing);
        ended.refused(1, &words, drawing);
    }
    let display = [&NO_DRIVER[..], &[("DISPLAY", ":0")]].concat();
    desk.run_with(&display, "bowl")
        .refused(1, &words, "the window");
    assert_eq!(desk.names(), [""; 0]);
    // What draws nothing needs none.
    for arguments in [
        "list",
        "show bowl",
        "check bowl",
        "run bowl",
        "export bowl -o a.svg --layout map+plot",
        "export bowl -o a.html --layout scene",
    ] {
        let ended = desk.run_with(&NO_DRIVER, arguments);
        assert_eq!((ended.code, &*ended.stderr), (0, ""), "{arguments}");
    }
}

#[test]
fn without_a_display_the_window_says_what_to_do() {
    let desk = Desk::new();
    for arguments in ["", "rosenbrock", "--seed 3"] {
        let words = ["no display", "DISPLAY", "WAYLAND_DISPLAY", "steepest shot"];
        desk.run(arguments).refused(1, &words, arguments);
    }
    let empty = [("DISPLAY", ""), ("WAYLAND_DISPLAY", "")];
    desk.run_with(&empty, "")
        .refused(1, &["no display"], "an empty name");
}

#[test]
fn a_display_that_does_not_answer_is_said() {
    if adapter().is_none() {
        return;
    }
    let desk = Desk::new();
    for (name, value) in [("DISPLAY", ":59999"), ("WAYLAND_DISPLAY", "nowhere-0")] {
        let ended = desk.run_with(&[(name, value)], "");
        ended.refused(1, &["display", value], name);
    }
}

/// A limit on the size of files stands for the full disk.
#[test]
fn a_disk_that_fills_up_leaves_the_old_file() {
    let desk = Desk::new();
    for before in [None, Some("precious")] {
        if let Some(text) = before {
            desk.put("out.json", text);
        }
        let output = Command::new("sh")
            .args([
                "-c",
                "trap '' XFSZ; ulimit -f 8; exec \"$@\"",
                "sh",
                PROGRAM,
            ])
            .args(["run", "race", "-o", "out.json"])
            .current_dir(desk.0.path())
            .output()
            .expect("sh starts");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{stderr}");
        assert!(
            stderr.starts_with("error: cannot write out.json: File too large"),
            "{stderr}"
        );
        match before {
            None => assert_eq!(desk.names(), [""; 0]),
            Some(text) => {
                assert_eq!(desk.names(), ["out.json"]);
                assert_eq!(desk.read("out.json"), text.as_bytes());
            }
        }
    }
}

#[test]
fn whoever_closes_the_pipe_has_read_enough() -> Result<(), Box<dyn Error>> {
    let desk = Desk::new();
    let long = desk.text("show bowl").replace("steps = 25", "steps = 5000");
    desk.put("long.toml", &long);
    for (arguments, breaks) in [
        ("run long.toml", true),
        ("run long.toml --format csv", true),
        ("run long.toml --format npz", true),
        ("run race", false),
        ("show race", false),
        ("list --json", false),
        ("--help", false),
    ] {
        // More than fits into a pipe, or it need not break.
        let size = desk.succeed(arguments).len();
        assert!(!breaks || size > 1 << 17, "{arguments}: {size} bytes");
        let mut child = Command::new(PROGRAM)
            .args(arguments.split(' '))
            .current_dir(desk.0.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let mut stdout = child.stdout.take().expect("it is piped");
        stdout.read_exact(&mut [0; 16])?;
        drop(stdout);
        let output = child.wait_with_output()?;
        let stderr = String::from_utf8_lossy(&output.stderr);
        let ended = (output.status.code(), &*stderr);
        assert_eq!(ended, (Some(0), ""), "{arguments}");
    }
    Ok(())
}

/// It can be read but once.
#[test]
fn an_experiment_may_come_through_a_pipe() {
    let desk = Desk::new();
    desk.put("mine.toml", &desk.text("show bowl"));
    for command in ["show", "check", "run"] {
        let script = format!("cat mine.toml | \"$0\" {command} /dev/stdin");
        let output = Command::new("sh")
            .args(["-c", &script, PROGRAM])
            .current_dir(desk.path())
            .output()
            .expect("sh starts");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), &*stderr), (Some(0), ""), "{command}");
        assert!(!output.stdout.is_empty(), "{command}");
    }
}

#[test]
fn where_nothing_is_wrong_nothing_is_said() {
    if adapter().is_none() {
        return;
    }
    let desk = Desk::new();
    let shot = "shot bowl -o a.png --size 64x64 --samples 1 --force";
    for runtime_dir in [
        &[][..],
        &[("XDG_RUNTIME_DIR", "")],
        &[("XDG_RUNTIME_DIR", "here")],
    ] {
        let ended = desk.run_with(runtime_dir, shot);
        assert_eq!((ended.code, &*ended.stderr), (0, ""), "{runtime_dir:?}");
    }
    // The processor sweeps without graphics, whose loader would tell what it does.
    let talkative = [("VK_LOADER_DEBUG", "all")];
    let ended = desk.run_with(
        &talkative,
        "sweep -q --data synthetic --grid 2x2 --backend cpu",
    );
    assert_eq!((ended.code, &*ended.stderr), (0, ""));
}
