//! Keeps the layers of ARCHITECTURE.md: which module may use which, the crates and the parts of `std` that a
//! layer stays away from, and how long a file may grow.
//!
//! It reads the sources as tokens: test code is left out, use trees are spread, and every path that leads into
//! the crate, those inside macros too, is held against the list below.

mod paths;

use std::fs;
use std::path::{Path, PathBuf};

use paths::{NamedPath, declared_modules, find_paths, tokens};

/// A row of the list: modules that may use one another and all that the rows before hold, and the paths that
/// they do without (`*` stands for any ending of a name).
struct Layer {
    modules: &'static str,
    avoids: &'static str,
}

const fn layer(modules: &'static str, avoids: &'static str) -> Layer {
    Layer { modules, avoids }
}

/// From the bottom up. A new module of the crate belongs here and in ARCHITECTURE.md.
const LAYERS: &[Layer] = &[
    layer(
        "spelling objective optimizer descent plane landscape maps",
        "bevy* egui* wgpu* winit serde* toml println eprintln std::fs std::io std::net std::env \
         std::process std::time rand::rng rand::random rand::thread_rng",
    ),
    layer(
        "experiment mnist palette fonts recording report export video",
        "bevy* egui* wgpu* winit",
    ),
    layer("gpu", "bevy* egui* winit"),
    layer("lab", ""),
    layer("view ui record", ""),
    layer("app", ""),
    layer("cli", ""),
    layer("lib main", ""),
];

/// These do not use one another, although they share a layer.
const APART: &[&str] = &["view", "ui", "record"];

/// The rooms of a module, row by row from the bottom up: a room uses those before it and its neighbours in its row.
const ROOMS: &[(&str, &[&str])] = &[
    (
        "ui",
        &[
            "layout text",
            "reader",
            "glyphs highlight",
            "map page",
            "plot",
            "scene",
            "editors",
            "session",
            "window",
        ],
    ),
    (
        "lab",
        &[
            "stage theme timeline",
            "command",
            "playback",
            "model",
            "showing",
            "session",
        ],
    ),
];

/// Names that say nothing about what a module holds.
const DRAWERS: &[&str] = &["utils", "util", "common", "core", "helpers", "misc"];

/// No source may be longer. The goal is 400.
const MAX_LINES: usize = 500;

#[test]
fn modules_use_only_the_layers_below_them() {
    let mut violations = Vec::new();
    let (mut files, mut inner_paths) = (0, 0);
    for file in files_under("src", "rs") {
        let scan = scan(&module_path(&file), &read(&file));
        files += 1;
        inner_paths += scan.inner_paths;
        let name = file.display();
        violations.extend(scan.violations.iter().map(|v| format!("{name}:{v}")));
    }
    assert!(
        violations.is_empty(),
        "{} violations:\n{}",
        violations.len(),
        violations.join("\n")
    );
    assert!(files >= 20, "only {files} files were found in src");
    assert!(
        inner_paths >= 20,
        "only {inner_paths} paths between modules were found"
    );
}

#[test]
fn rooms_use_only_the_rooms_below_them() {
    let mut violations = Vec::new();
    for file in files_under("src", "rs") {
        let found = against_rooms(&module_path(&file), &read(&file));
        violations.extend(found.iter().map(|v| format!("{}:{v}", file.display())));
    }
    assert!(
        violations.is_empty(),
        "{} violations:\n{}",
        violations.len(),
        violations.join("\n")
    );
}

#[test]
fn module_names_say_what_is_inside() {
    let mut drawers = Vec::new();
    for file in files_under("src", "rs") {
        let mut names = module_path(&file);
        names.extend(declared_modules(tokens(&read(&file))));
        names.retain(|name| DRAWERS.contains(&name.as_str()));
        let file = file.display();
        drawers.extend(names.iter().map(|name| format!("{file}: `{name}`")));
    }
    assert!(drawers.is_empty(), "{}", drawers.join("\n"));
}

#[test]
fn files_stay_short() {
    let folders = ["src", "shaders", "tests", "benches", "examples"];
    let sources = folders
        .iter()
        .flat_map(|f| [files_under(f, "rs"), files_under(f, "wgsl")])
        .flatten();
    let long: Vec<String> = sources
        .map(|file| (read(&file).lines().count(), file))
        .filter(|(lines, _)| *lines > MAX_LINES)
        .map(|(lines, file)| format!("{}: {lines} lines", file.display()))
        .collect();
    assert!(
        long.is_empty(),
        "split these, at most {MAX_LINES} lines, better 400:\n{}",
        long.join("\n")
    );
}

/// The files of a folder of the project whose names end so, in order; none where the folder is missing.
pub fn files_under(folder: &str, extension: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![PathBuf::from(folder)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(project().join(&folder)) else {
            continue;
        };
        for entry in entries.flatten() {
            let path = folder.join(entry.file_name());
            if entry.path().is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == extension) {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// The text of a file of the project.
pub fn read(file: &Path) -> String {
    fs::read_to_string(project().join(file)).unwrap_or_else(|e| panic!("{}: {e}", file.display()))
}

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// `src/view/trails.rs` and `src/view/trails/mod.rs` are `view`, `trails`.
fn module_path(file: &Path) -> Vec<String> {
    let file = file.strip_prefix("src").unwrap_or(file).with_extension("");
    let mut path: Vec<String> = file
        .iter()
        .map(|part| part.to_string_lossy().into_owned())
        .collect();
    path.pop_if(|last| last == "mod");
    path
}

// ---- The rules ----

#[derive(Debug, Default, PartialEq)]
struct Scan {
    /// `line: what is wrong`.
    violations: Vec<String>,
    /// How many paths lead from the crate's root to a module.
    inner_paths: usize,
}

/// Holds one file against the layers; `module` is its place in the crate.
fn scan(module: &[String], text: &str) -> Scan {
    let mut scan = Scan::default();
    if module.iter().any(|name| name == "tests") {
        return scan;
    }
    let Some((home, own)) = module
        .first()
        .and_then(|name| Some((layer_of(name)?, name.as_str())))
    else {
        scan.violations
            .push(format!("1: `{}` is in no layer", module.join("::")));
        return scan;
    };
    let mut paths = Vec::new();
    find_paths(tokens(text), &mut paths);
    for NamedPath { line, names } in &paths {
        let shown = names.join("::");
        if let Some(avoided) = avoided(home, names) {
            scan.violations
                .push(format!("{line}: `{shown}`: `{own}` does without {avoided}"));
        }
        let Some(used) = used_module(module, names) else {
            continue;
        };
        scan.inner_paths += 1;
        match layer_of(used) {
            None => scan.violations.push(format!(
                "{line}: `{shown}` goes past the modules of the layers"
            )),
            Some(layer) if layer > home => {
                scan.violations
                    .push(format!("{line}: `{shown}`: `{own}` lies below `{used}`"));
            }
            Some(layer) if layer == home && APART.contains(&used) && used != own => {
                scan.violations.push(format!(
                    "{line}: `{shown}`: `{own}` and `{used}` keep apart"
                ));
            }
            Some(_) => {}
        }
    }
    scan
}

/// Holds one file against the rooms of its module; the file at the module's door puts them together.
fn against_rooms(module: &[String], text: &str) -> Vec<String> {
    let [own, room, ..] = module else {
        return Vec::new();
    };
    let Some((_, rooms)) = ROOMS.iter().find(|(name, _)| name == own) else {
        return Vec::new();
    };
    let row = |room: &str| {
        rooms
            .iter()
            .position(|row| row.split(' ').any(|name| name == room))
    };
    if module.iter().any(|name| name == "tests") {
        return Vec::new();
    }
    let Some(home) = row(room) else {
        return vec![format!("1: `{room}` is no room of `{own}`")];
    };
    let mut paths = Vec::new();
    find_paths(tokens(text), &mut paths);
    let mut violations = Vec::new();
    for NamedPath { line, names } in &paths {
        let ups = names.iter().take_while(|name| *name == "super").count();
        let used = match names[0].as_str() {
            "crate" if names.get(1) == Some(own) => names.get(2),
            "super" if ups + 1 == module.len() => names.get(ups),
            _ => None,
        };
        let shown = names.join("::");
        match used.map(|used| (used, row(used))) {
            Some((used, Some(row))) if row > home => {
                violations.push(format!("{line}: `{shown}`: `{room}` lies below `{used}`"));
            }
            Some((_, None)) => violations.push(format!(
                "{line}: `{shown}` goes through the door of `{own}`: name the room"
            )),
            _ => {}
        }
    }
    violations
}

fn layer_of(module: &str) -> Option<usize> {
    let holds = |layer: &Layer| layer.modules.split(' ').any(|name| name == module);
    LAYERS.iter().position(holds)
}

/// The pattern by which a layer does without a path.
fn avoided(layer: usize, names: &[String]) -> Option<&'static str> {
    let mut patterns = LAYERS[layer].avoids.split_whitespace();
    patterns.find(|pattern| matches(names, pattern))
}

/// The module at the crate's root that a path leads to, if it starts from that root. `main.rs` names the
/// library as another crate.
fn used_module<'a>(module: &[String], names: &'a [String]) -> Option<&'a str> {
    let ups = names.iter().take_while(|name| *name == "super").count();
    let next = match names[0].as_str() {
        "crate" | "steepest" => 1,
        "super" if ups == module.len() => ups,
        _ => return None,
    };
    names.get(next).map(String::as_str)
}

fn matches(names: &[String], pattern: &str) -> bool {
    let mut names = names.iter();
    pattern.split("::").all(|wanted| {
        names
            .next()
            .is_some_and(|name| match wanted.strip_suffix('*') {
                Some(start) => name.starts_with(start),
                None => name == wanted,
            })
    })
}

// ---- The scanner itself ----

mod scanner {
    use super::*;

    fn violations(module: &str, text: &str) -> Vec<String> {
        let module: Vec<String> = module.split("::").map(String::from).collect();
        scan(&module, text).violations
    }

    #[test]
    fn each_way_to_break_the_rules_is_seen() {
        let text = r##"//! crate::ui in a comment
use crate::{descent::{self, Descent}, lab::Playback as P};
use std::{collections::BTreeMap, fs};
/* one /* in another */ crate::ui */ use crate::Experiment;
fn f<'a>(x: &'a str) -> bool {
    let (quote, text, raw) = ('"', "crate::ui \" crate::ui", r#"" crate::ui"#);
    S { ..super::super::record::start() }; bevy_egui::x(); x.println();
    rand::rng(); rand::rngs::mock(); println!("{}", [crate::app::NAME; 1]);
    crate::objective::Formula::parse::<crate::cli::Args>('\'')
}
#[cfg(test)]
mod tests { use crate::view::Surface; fn g() { std::fs::read(); } }
#[cfg(test)] use crate::app::App;
impl T for crate :: app :: App {}"##;
        let expected = [
            "2: `crate::lab::Playback`: `landscape` lies below `lab`",
            "3: `std::fs`: `landscape` does without std::fs",
            "4: `crate::Experiment` goes past the modules of the layers",
            "7: `super::super::record::start`: `landscape` lies below `record`",
            "7: `bevy_egui::x`: `landscape` does without bevy*",
            "8: `rand::rng`: `landscape` does without rand::rng",
            "8: `println`: `landscape` does without println",
            "8: `crate::app::NAME`: `landscape` lies below `app`",
            "9: `crate::cli::Args`: `landscape` lies below `cli`",
            "14: `crate::app::App`: `landscape` lies below `app`",
        ];
        assert_eq!(violations("landscape::contour", text), expected);
    }

    #[test]
    fn a_room_that_looks_up_is_seen() {
        let module = ["ui", "map", "inset"].map(String::from);
        let text = "use super::turned_map::A;\nuse crate::ui::plot::B;\nuse super::super::text::c;\nuse crate::ui::Layout;";
        assert_eq!(
            against_rooms(&module, text),
            [
                "2: `crate::ui::plot::B`: `map` lies below `plot`",
                "4: `crate::ui::Layout` goes through the door of `ui`: name the room"
            ]
        );
        let lost = ["ui", "attic"].map(String::from);
        assert_eq!(against_rooms(&lost, ""), ["1: `attic` is no room of `ui`"]);
    }

    #[test]
    fn view_ui_and_record_keep_apart() {
        let text = "use crate::{lab::Playback, ui::theme, view::space};\nuse bevy::prelude::*;";
        assert_eq!(
            violations("view", text),
            ["1: `crate::ui::theme`: `view` and `ui` keep apart"]
        );
        assert!(violations("app", text).is_empty());
    }

    #[test]
    fn the_library_may_be_named_as_a_crate() {
        assert!(violations("main", "fn main() { steepest::cli::run() }").is_empty());
        assert_eq!(scan(&["main".into()], "use steepest::cli;").inner_paths, 1);
    }

    #[test]
    fn a_module_of_no_layer_is_seen() {
        assert_eq!(violations("extras", ""), ["1: `extras` is in no layer"]);
        assert_eq!(declared_modules(tokens("pub mod utils { }")), ["utils"]);
    }
}
