//! Commands that a person ends with Ctrl-C: soon, and with nothing half-written.
#![cfg(unix)]

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::{CLEARED, Desk, PROGRAM};
use crate::pictures::adapter;

const PATIENCE: Duration = Duration::from_secs(60);

/// A command under way.
struct Running(Child);

impl Running {
    fn start(desk: &Desk, arguments: &str) -> Running {
        let mut command = Command::new(PROGRAM);
        for name in CLEARED {
            command.env_remove(name);
        }
        let child = command
            .args(arguments.split_whitespace())
            .env("XDG_RUNTIME_DIR", std::env::temp_dir())
            .current_dir(desk.path())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn();
        Running(child.expect("the program starts"))
    }

    /// Waits until it says a line that begins so. What is said after it is lost.
    fn wait_for(&mut self, start: &str) {
        let stderr = self.0.stderr.as_mut().expect("it is piped");
        let mut lines = BufReader::new(stderr).lines().map_while(Result::ok);
        assert!(lines.any(|line| line.starts_with(start)), "{start}");
    }

    fn interrupt(&self) {
        let kill = format!("kill -INT {}", self.0.id());
        let sent = Command::new("sh").args(["-c", &kill]).status();
        assert!(sent.is_ok_and(|sent| sent.success()), "{kill}");
    }

    fn ended(mut self) -> (ExitStatus, String) {
        let began = Instant::now();
        while self.0.try_wait().expect("a process").is_none() {
            assert!(began.elapsed() < PATIENCE, "it does not end");
            sleep(Duration::from_millis(5));
        }
        let status = self.0.wait().expect("a process");
        let mut said = String::new();
        let stderr = self.0.stderr.as_mut().expect("it is piped");
        stderr.read_to_string(&mut said).expect("words");
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

/// A pipe that nobody reads is opened for ever.
#[test]
fn a_command_that_waits_for_a_reader_can_be_ended() {
    let desk = Desk::new();
    let made = Command::new("mkfifo")
        .arg(desk.path().join("pipe.csv"))
        .status();
    assert!(made.is_ok_and(|made| made.success()));
    let mut running = Running::start(&desk, "map race --grid 2x2 --steps 5 -o pipe.csv");
    running.wait_for("best ");
    running.interrupt();
    let (status, _) = running.ended();
    assert_eq!(status.code(), Some(130), "{status}");
}

#[test]
fn a_command_that_computes_can_be_ended_and_leaves_nothing() {
    let desk = Desk::new();
    // Formulas are in no hurry, and noise lets nothing converge.
    let sum = vec!["sin(x + y)"; 300].join(" + ");
    let long = format!(
        r#"steepest = 1
[[panel]]
formula = "x^2 + y^2 + {sum}"
domain = [[-3, 3], [-3, 3]]
[[panel.descent]]
rule = "gd"
rate = 0.001
start = [-2.5, 2]
steps = 900000
sampling = {{ noise = 1 }}
"#
    );
    desk.put("long.toml", &long);
    let mut commands = vec![
        "run long.toml -o a.json",
        "map long.toml --steps 5000 -o a.npz",
    ];
    if adapter().is_some() {
        commands.push("shot long.toml -o a.png");
        commands.push("record long.toml -o a.mp4 --seconds 1");
        commands.push("record long.toml -o frames --seconds 1");
    }
    for command in commands {
        let running = Running::start(&desk, command);
        // Some way into its work, whichever.
        sleep(Duration::from_millis(700));
        running.interrupt();
        let (status, said) = running.ended();
        let is_ended = status.code() == Some(130) || status.signal() == Some(2);
        assert!(is_ended, "{command}: {status}: {said}");
        assert_eq!(desk.names(), ["long.toml"], "{command}");
    }
}
