//! Recordings that are ended by signals: whatever the moment, the file plays.
#![cfg(unix)]

use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ExitStatus};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use super::*;
use crate::cli::{CLEARED, PROGRAM};

const PATIENCE: Duration = Duration::from_secs(60);
/// A part file has its head and some frames, five of which make half a second.
const SOME_FRAMES: u64 = 1500;

/// A recording that would go on for long.
struct Running(Child);

impl Running {
    fn start(desk: &Desk, output: &str) -> Running {
        let mut command = Command::new(PROGRAM);
        for name in CLEARED {
            command.env_remove(name);
        }
        let child = command
            .args(["record", "race", "-o", output, "--size", "160x90"])
            .args(["--no-ui", "--fps", "10", "--seconds", "9999"])
            .env("XDG_RUNTIME_DIR", std::env::temp_dir())
            .current_dir(desk.path())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn();
        Running(child.expect("the program starts"))
    }

    /// Waits until a file is there with so many bytes.
    fn wait_for(&mut self, path: &Path, bytes: u64) {
        let began = Instant::now();
        while !fs::metadata(path).is_ok_and(|file| file.len() >= bytes) {
            assert!(
                began.elapsed() < PATIENCE,
                "{} does not grow",
                path.display()
            );
            let ended = self.0.try_wait().expect("a process");
            assert!(ended.is_none(), "it ended: {ended:?}");
            sleep(Duration::from_millis(2));
        }
    }

    /// Sends a signal, and returns how it ends and what it says.
    fn end(mut self, signal: &str) -> (ExitStatus, String) {
        let kill = format!("kill -{signal} {}", self.0.id());
        let sent = Command::new("sh").args(["-c", &kill]).status();
        assert!(sent.is_ok_and(|sent| sent.success()), "{kill}");
        let began = Instant::now();
        while self.0.try_wait().expect("a process").is_none() {
            assert!(began.elapsed() < PATIENCE, "it does not end by SIG{signal}");
            sleep(Duration::from_millis(5));
        }
        let status = self.0.wait().expect("a process");
        let mut said = String::new();
        if let Some(mut stderr) = self.0.stderr.take() {
            io::Read::read_to_string(&mut stderr, &mut said).expect("words");
        }
        (status, said)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// That it ended by SIGINT or SIGTERM as it should, and how many frames its file has.
fn interrupted(desk: &Desk, name: &str, (status, said): (ExitStatus, String)) -> u64 {
    assert_eq!(status.code(), Some(130), "{name}: {status}: {said}");
    let frames = playable(&desk.path().join(name));
    let words = format!("interrupted: {name} holds the first {frames} of 99990 frames");
    assert!(said.contains(&words), "{said}");
    frames
}

#[test]
fn ended_at_any_moment_by_any_signal_every_file_plays() {
    if !ready() {
        return;
    }
    let desk = Desk::new();
    let next = AtomicUsize::new(0);
    let one_after_another = || {
        loop {
            let i = next.fetch_add(1, Ordering::SeqCst);
            if i >= 20 {
                break;
            }
            let signal = ["INT", "TERM", "KILL"][i % 3];
            let (name, part) = (format!("{i}.mp4"), format!("{i}.part.mp4"));
            let part = desk.path().join(part);
            let mut running = Running::start(&desk, &name);
            // What is killed before its first half second leaves nothing to see.
            let bytes = if signal == "KILL" { SOME_FRAMES } else { 1 };
            running.wait_for(&part, bytes);
            // Moments that look random, the same in every run of the test.
            sleep(Duration::from_millis(
                (i as u64 * 7919 + 13) * 104_729 % 500,
            ));
            let ended = running.end(signal);
            let frames = if signal == "KILL" {
                assert_eq!(ended.0.signal(), Some(9));
                assert!(!desk.path().join(&name).exists());
                playable(&part)
            } else {
                assert!(!part.exists(), "{} is left", part.display());
                interrupted(&desk, &name, ended)
            };
            assert!(frames >= 1, "{i}, SIG{signal}: {frames} frames");
            println!("SIG{signal}: {frames} frames");
        }
    };
    thread::scope(|scope| {
        let workers = [
            scope.spawn(one_after_another),
            scope.spawn(one_after_another),
        ];
        for worker in workers {
            if let Err(panic) = worker.join() {
                std::panic::resume_unwind(panic);
            }
        }
    });
    assert_eq!(desk.names().len(), 20);
}

#[test]
fn ended_before_its_first_frame_a_recording_has_one() {
    if !ready() {
        return;
    }
    let desk = Desk::new();
    for (name, part) in [("a.mp4", "a.part.mp4"), ("a.gif", "a.part.gif")] {
        let mut running = Running::start(&desk, name);
        running.wait_for(&desk.path().join(part), 0);
        let frames = interrupted(&desk, name, running.end("INT"));
        assert!((1..=2).contains(&frames), "{name}: {frames} frames");
    }
    assert_eq!(desk.names(), ["a.gif", "a.mp4"]);
}

#[test]
fn an_interrupted_sequence_keeps_its_pictures() {
    if !ready() {
        return;
    }
    let desk = Desk::new();
    let folder = desk.path().join("frames");
    let mut running = Running::start(&desk, "frames");
    running.wait_for(&folder.join("frame_00004.png"), 1);
    let (status, said) = running.end("INT");
    assert_eq!(status.code(), Some(130), "{status}: {said}");
    let frames = sequence(&folder).len();
    let words = format!("interrupted: frames holds the first {frames} of 99990 frames");
    assert!(frames >= 5 && said.contains(&words), "{said}");
}
