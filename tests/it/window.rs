//! The real window, on a display of its own (Xvfb), with keys pressed and sizes changed by xdotool.
#![cfg(target_os = "linux")]

mod x11;

use std::env;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use steepest::experiment::{Experiment, ThemeKind};
use steepest::lab::Theme;
use tempfile::TempDir;

use crate::cli::{CLEARED, PROGRAM};
use crate::pictures::adapter;
use x11::{Picture, X11};

/// Slow machines draw their first frame late.
const PATIENCE: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(50);

/// A process that does not outlive the test, however that ends.
struct Guarded {
    child: Child,
    /// How long it may take to end by itself.
    grace: Duration,
}

impl Drop for Guarded {
    fn drop(&mut self) {
        let began = Instant::now();
        while began.elapsed() < self.grace && matches!(self.child.try_wait(), Ok(None)) {
            sleep(POLL);
        }
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program's window on a screen that nobody sees.
struct Window {
    program: Guarded,
    stderr: File,
    display: String,
    id: u32,
    x11: X11,
    /// Where the program keeps unsaved work.
    data: TempDir,
    _server: Guarded,
}

/// Whether everything is there that a window needs; what is missing is said past the test harness.
fn have_all() -> bool {
    let folders = env::var_os("PATH").unwrap_or_default();
    let lacks = |tool: &&str| !env::split_paths(&folders).any(|folder| folder.join(tool).is_file());
    match ["Xvfb", "xdotool"].into_iter().find(lacks) {
        Some(tool) => {
            let _ = writeln!(io::stderr(), "SKIPPED: {tool} is not installed");
            false
        }
        None => adapter().is_some(),
    }
}

/// Waits until `found` finds something.
fn wait_for<T>(what: &str, mut found: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(began.elapsed() < PATIENCE, "waited in vain: {what}");
        sleep(POLL);
    }
}

impl Window {
    /// Opens it, and waits for its first picture.
    fn open(arguments: &[&str]) -> Window {
        let options = "-displayfd 1 -screen 0 1920x1080x24 -nolisten tcp -ac -terminate";
        let mut server = Command::new("Xvfb")
            .args(options.split(' '))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map(|child| Guarded {
                child,
                // It ends, and tidies up, when its last client is gone.
                grace: Duration::from_secs(2),
            })
            .expect("Xvfb starts");
        let mut number = String::new();
        let stdout = server.child.stdout.take().expect("it is piped");
        BufReader::new(stdout)
            .read_line(&mut number)
            .expect("Xvfb says its display");
        let x11 = X11::connect(number.trim()).expect("Xvfb answers");
        let display = format!(":{}", number.trim());
        let stderr = tempfile::tempfile().expect("a temporary file");
        let data = tempfile::tempdir().expect("a folder");
        let mut command = Command::new(PROGRAM);
        for name in CLEARED {
            command.env_remove(name);
        }
        let program = command
            .args(arguments)
            .env("DISPLAY", &display)
            .env("XDG_RUNTIME_DIR", env::temp_dir())
            .env("XDG_DATA_HOME", data.path())
            .stderr(stderr.try_clone().expect("a second handle"))
            .spawn()
            .map(|child| Guarded {
                child,
                grace: Duration::ZERO,
            })
            .expect("the program starts");
        let mut window = Window {
            program,
            stderr,
            display,
            id: 0,
            x11,
            data,
            _server: server,
        };
        window.id = wait_for("the window", || {
            window.assert_alive();
            let found = window.xdotool("search --onlyvisible --name steepest");
            found.lines().next()?.parse().ok()
        });
        window.wait_for_picture(1280, 720);
        window
    }

    fn xdotool(&self, arguments: &str) -> String {
        let output = Command::new("xdotool")
            .args(arguments.split(' '))
            .env("DISPLAY", &self.display)
            .output()
            .expect("xdotool starts");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn said(&mut self) -> String {
        let mut said = String::new();
        self.stderr
            .rewind()
            .and_then(|()| self.stderr.read_to_string(&mut said))
            .expect("it is a file");
        said
    }

    fn assert_alive(&mut self) {
        if let Some(status) = self.program.child.try_wait().expect("it is a child") {
            panic!("the program ended, {status}:\n{}", self.said());
        }
    }

    /// Waits until the window has this size and something is drawn everywhere in it.
    fn wait_for_picture(&mut self, width: u16, height: u16) {
        wait_for(&format!("a picture of {width}x{height}"), || {
            self.assert_alive();
            let picture = self.x11.picture(self.id, width, height).ok()?;
            (picture.varied() && picture.at(width - 3, height - 3) != [0; 3]).then_some(())
        });
    }

    /// Waits for a colour in the lower left corner.
    fn wait_for_corner(&mut self, what: &str, color: [u8; 3]) {
        wait_for(what, || {
            self.assert_alive();
            let picture: Picture = self.x11.picture(self.id, 1280, 720).ok()?;
            (picture.at(2, 717) == color).then_some(())
        });
    }

    fn press(&mut self, keys: &str) {
        for key in keys.split(' ') {
            self.xdotool(&format!("key {key}"));
            // Long enough for a frame: a key that comes up within one was never down.
            sleep(4 * POLL);
            self.assert_alive();
        }
    }

    /// Waits until the window's title does, or does not, say that the experiment was edited.
    fn wait_for_edited(&mut self, edited: bool) {
        wait_for(&format!("edited: {edited}"), || {
            self.assert_alive();
            let title = self.xdotool(&format!("getwindowname {}", self.id));
            (title.contains("(edited)") == edited).then_some(())
        });
    }

    fn focus(&mut self) {
        wait_for("the focus", || {
            self.xdotool(&format!("windowfocus {}", self.id));
            (self.xdotool("getwindowfocus").trim() == self.id.to_string()).then_some(())
        });
    }

    /// Closes it as a window manager does, and checks that the program ends well.
    fn close(mut self) {
        self.x11.close(self.id).expect("Xvfb answers");
        let status = wait_for("the end", || {
            self.program.child.try_wait().expect("it is a child")
        });
        let said = self.said();
        assert_eq!(status.code(), Some(0), "{said}");
        assert!(
            !said.contains("panicked") && !said.contains("ERROR"),
            "{said}"
        );
    }
}

#[test]
fn the_window_obeys_the_keyboard() {
    if !have_all() {
        return;
    }
    let mut window = Window::open(&[]);
    let title = window.xdotool(&format!("getwindowname {}", window.id));
    assert_eq!(title.trim(), "The race — steepest");
    window.focus();
    window.wait_for_corner("the timeline", Theme::new(ThemeKind::Dark).panel);
    let light = Theme::new(ThemeKind::Light);
    window.press("space Right Home 4 h h t");
    window.wait_for_corner("the light theme", light.panel);
    window.press("Tab");
    window.wait_for_corner("the scene alone", light.background);
    window.press("Left End r 1 space");
    window.close();
}

/// In the interface, Tab would go from one control to the next.
#[test]
fn the_keyboard_is_obeyed_after_tab() {
    if !have_all() {
        return;
    }
    let mut window = Window::open(&["bowl"]);
    window.focus();
    window.press("Tab Tab t");
    let light = Theme::new(ThemeKind::Light);
    window.wait_for_corner("the light theme", light.panel);
    window.close();
}

#[test]
fn the_window_takes_any_size() {
    if !have_all() {
        return;
    }
    let mut window = Window::open(&["learning-rate-sensitivity"]);
    for (width, height) in [(640, 480), (1600, 900), (200, 150), (1280, 720)] {
        window.xdotool(&format!("windowsize {} {width} {height}", window.id));
        window.wait_for_picture(width, height);
    }
    window.close();
}

/// All of it asserted on what is kept: the starts in the files.
#[test]
fn a_click_drops_the_descents_and_work_is_kept() {
    if !have_all() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("mine.toml");
    let text = Experiment::text("bowl").expect("a built-in");
    std::fs::write(&file, text).expect("a file");
    let starts = |file: &Path| -> Option<Vec<Vec<f64>>> {
        let experiment = Experiment::load(file.to_str()?).ok()?;
        let descents = experiment.panels[0].descents.iter();
        Some(descents.map(|spec| spec.plan.start.clone()).collect())
    };
    let before = starts(&file).expect("a valid file");
    let mut window = Window::open(&[file.to_str().expect("an ordinary path")]);
    window.focus();
    window.press("space");
    let id = window.id;
    window.xdotool(&format!("mousemove --window {id} 630 400"));
    sleep(10 * POLL);
    window.xdotool("click 1");
    window.wait_for_edited(true);

    let unsaved = window.data.path().join("steepest/unsaved.toml");
    let dropped = wait_for("unsaved work", || starts(&unsaved));
    assert_ne!(dropped, before);
    assert!(dropped.iter().all(|start| *start == dropped[0]));

    window.press("ctrl+s");
    window.wait_for_edited(false);
    assert_eq!(starts(&file).as_ref(), Some(&dropped));
    window.press("ctrl+z");
    window.wait_for_edited(true);
    window.press("ctrl+s");
    window.wait_for_edited(false);
    assert_eq!(starts(&file).as_ref(), Some(&before));
    window.press("ctrl+shift+z");
    window.wait_for_edited(true);
    window.press("ctrl+s");
    wait_for("the start dropped before", || {
        (starts(&file).as_ref() == Some(&dropped)).then_some(())
    });
    window.close();
}

/// Saved to the file given on the command line, and found there by the next run.
#[test]
fn an_edit_is_there_when_the_file_is_opened_again() {
    if !have_all() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("mine.toml");
    let text = Experiment::text("bowl").expect("a built-in");
    std::fs::write(&file, text).expect("a file");
    let file = file.to_str().expect("an ordinary path");
    let theme = |file: &str| Experiment::load(file).map(|file| file.view.theme).ok();
    assert_eq!(theme(file), Some(ThemeKind::Dark));

    let mut window = Window::open(&[file]);
    window.focus();
    window.press("t");
    window.wait_for_edited(true);
    assert_eq!(theme(file), Some(ThemeKind::Dark), "not before it is saved");
    window.press("ctrl+s");
    window.wait_for_edited(false);
    assert_eq!(theme(file), Some(ThemeKind::Light));
    window.close();

    let mut again = Window::open(&[file]);
    again.wait_for_corner("the light theme", Theme::new(ThemeKind::Light).panel);
    again.wait_for_edited(false);
    again.close();
}

/// Without a window manager, minimising is taking the window off the screen.
#[test]
fn the_window_is_taken_away_and_comes_back() {
    if !have_all() {
        return;
    }
    let mut window = Window::open(&["race"]);
    for (width, height) in [(640, 480), (1900, 1000)] {
        window.xdotool(&format!("windowsize {} {width} {height}", window.id));
        window.wait_for_picture(width, height);
        window.xdotool(&format!("windowunmap --sync {}", window.id));
        sleep(20 * POLL);
        window.assert_alive();
        window.xdotool(&format!("windowmap --sync {}", window.id));
        window.wait_for_picture(width, height);
    }
    window.close();
}

/// Processor time that a process has used, in hundredths of a second.
fn ticks(process: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).expect("it runs");
    // The name, in parentheses, may hold anything.
    let (_, fields) = stat.rsplit_once(')').expect("its name is in parentheses");
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let number = |index: usize| -> u64 { fields[index].parse().expect("a number") };
    number(11) + number(12)
}

#[test]
fn a_window_in_which_nothing_moves_rests() {
    if !have_all() {
        return;
    }
    let mut window = Window::open(&["race"]);
    window.focus();
    // It turns until it is touched.
    window.press("space 1");
    let process = window.program.child.id();
    // Longer than it stays awake after input.
    sleep(Duration::from_secs(9));
    let before = ticks(process);
    sleep(Duration::from_secs(5));
    let used = ticks(process) - before;
    assert!(used <= 15, "{used} hundredths of a second in 5 seconds");
    // And it is there at once.
    window.press("t");
    window.wait_for_corner("the light theme", Theme::new(ThemeKind::Light).panel);
    window.close();
}
