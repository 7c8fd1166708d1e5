//! Exported files: what is in them agrees with what was run, and nothing in them asks for anything else.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;
use steepest::experiment::Experiment;
use steepest::lab::showing::camera_path::CameraPath;
use steepest::lab::timeline::Timeline;
use steepest::objective::network::Sight;
use steepest::report;

use crate::cli::Desk;
use models::model;

mod figures;
mod models;
mod moving;
mod odd;
mod scenes;
mod words;

/// Everything that names and functions may be: markup, other alphabets, poles, holes, a flat piece, no descents at all.
const ODD: &str = r#"
steepest = 1
title = "</script><b>& \"quotes\" λ 深度 عمق 🙂"
about = "<img src=x onerror=alert(1)>"
[[panel]]
title = "An 80-character name: 0123456789 0123456789 0123456789 0123456789 0123456789 012"
formula = "1/(x^2 + y^2) + 0*sqrt(x + 1)"
domain = [[-2, 2], [-2, 2]]
range = [0.1, 4]
labels = ["<x>", "y & z", "loss"]
[[panel.descent]]
rule = "gd"
rate = 0.1
start = [0.5, 0.5]
steps = 30
[[panel.descent]]
name = "nowhere"
rule = "gd"
rate = 1e9
start = [1, 1]
steps = 30
[[panel]]
formula = "3"
domain = [[0, 1e-9], [0, 1e9]]
[[panel]]
formula = "floor(x)"
domain = [[0, 4]]
[[panel.descent]]
rule = "adam"
rate = 0.1
start = [3.5]
steps = 1
"#;

fn page(desk: &Desk, experiment: &str) -> (String, Value) {
    let ended = desk.run(&format!("export {experiment} -o page.html --force"));
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let text = String::from_utf8(desk.read("page.html")).expect("text");
    let (_, rest) = text
        .split_once("<script id=\"data\" type=\"application/json\">")
        .expect("data");
    let (data, _) = rest.split_once("</script>").expect("an end of the data");
    let data = serde_json::from_str(data).expect("JSON");
    (text, data)
}

fn bytes(value: &Value) -> Vec<u8> {
    let text = value.as_str().expect("base64");
    BASE64_STANDARD.decode(text).expect("base64")
}

fn doubles(value: &Value) -> Vec<f64> {
    let bytes = bytes(value);
    let (chunks, rest) = bytes.as_chunks::<8>();
    assert!(rest.is_empty());
    chunks
        .iter()
        .map(|chunk| f64::from_le_bytes(*chunk))
        .collect()
}

fn singles(value: &Value) -> Vec<f32> {
    let bytes = bytes(value);
    let (chunks, rest) = bytes.as_chunks::<4>();
    assert!(rest.is_empty());
    chunks
        .iter()
        .map(|chunk| f32::from_le_bytes(*chunk))
        .collect()
}

#[test]
fn a_page_is_one_small_file_that_asks_for_nothing() {
    let desk = Desk::new();
    let (text, _) = page(&desk, "race");
    assert!(text.len() < 1_500_000, "{} bytes", text.len());
    for needle in [
        "http:", "https:", "src=\"", "@import", "url(", "fetch(", "XMLHttp",
    ] {
        assert!(!text.contains(needle), "{needle}");
    }
    let (_, script) = text.rsplit_once("<script>").expect("a script");
    let script = script.split("</script>").next().map_or(0, str::len);
    assert!(
        (10_000..60_000).contains(&script),
        "{script} bytes of script"
    );
}

#[test]
fn a_page_has_the_numbers_of_the_run() {
    let desk = Desk::new();
    for name in ["race", "convex-vs-nonconvex", "learning-rate-sensitivity"] {
        let (_, data) = page(&desk, name);
        let experiment = Experiment::load(name).expect("a built-in");
        let results = report::run(&experiment, &Default::default()).expect("no data are needed");
        for (i, panel) in results.panels.iter().enumerate() {
            let written = &data["panels"][i];
            for (k, descent) in panel.descents.iter().enumerate() {
                let there = &written["descents"][k];
                assert_eq!(doubles(&there["losses"]), descent.history.losses());
                assert_eq!(there["status"], descent.status.name());
                let places = descent
                    .history
                    .iter()
                    .flat_map(|w| panel.plane.coordinates(w));
                assert!(places.eq(doubles(&there["places"])));
            }
            let grid = &data["grids"][written["grid"].as_u64().expect("a number") as usize];
            let (cols, rows) = (grid["cols"].as_u64(), grid["rows"].as_u64());
            let heights = singles(&grid["heights"]);
            assert_eq!(
                Some(heights.len() as u64),
                cols.zip(rows).map(|(c, r)| c * r)
            );
            let inside = heights
                .iter()
                .all(|height| (-1e-6..=1.000_001).contains(height));
            assert!(inside, "{name}: heights are fractions of the box");
        }
    }
}

/// `tests/browser/pages.mjs` holds pages against these numbers; here the program is held against them.
fn told(what: &str) -> Vec<Value> {
    let told: Value = serde_json::from_str(include_str!("../pages/told.json")).expect("JSON");
    told[what].as_array().expect("a list").clone()
}

#[test]
fn a_camera_goes_where_pages_are_told_that_it_does() {
    let text = include_str!("../pages/led.toml");
    let experiment = Experiment::parse(text, "led").expect("valid");
    let (path, timeline) = (CameraPath::of(&experiment), Timeline::new(&experiment));
    for there in told("camera") {
        let step = there["step"].as_f64().expect("a number");
        let pose = path.pose_at(timeline.seconds_at(step));
        let found = [[pose.yaw, pose.pitch, pose.distance], pose.target].concat();
        let [yaw, pitch, distance] = ["yaw", "pitch", "distance"].map(|name| &there[name]);
        let target = there["target"].as_array().expect("three");
        let told = [yaw, pitch, distance].into_iter().chain(target);
        for (found, told) in found.iter().zip(told) {
            let told = told.as_f64().expect("a number");
            assert!((found - told).abs() < 1e-6, "at {step}: {pose:?}");
        }
    }
}

#[test]
fn a_network_is_wrong_as_often_as_pages_are_told_that_it_is() {
    for there in told("wrong") {
        let name = there["experiment"].as_str().expect("a name");
        let index = there["descent"].as_u64().expect("a number") as usize;
        let experiment = Experiment::load(name).expect("a built-in");
        let results = report::run(&experiment, &Default::default()).expect("no data are needed");
        let panel = &results.panels[0];
        let network = panel.objective().as_network().expect("a network");
        let sight = Sight::of(network).expect("two features");
        for pair in there["steps"].as_array().expect("pairs") {
            let [step, told] = [0, 1].map(|k| pair[k].as_u64().expect("a number") as usize);
            let right = sight.right(network, panel.descents[index].history.at(step));
            let wrong = right.iter().filter(|is_right| !**is_right).count();
            assert_eq!(wrong, told, "{name} at step {step}");
        }
    }
}

#[test]
fn panels_of_one_landscape_share_its_heights() {
    let desk = Desk::new();
    let (_, data) = page(&desk, "learning-rate-sensitivity");
    assert_eq!(data["panels"].as_array().map(Vec::len), Some(6));
    assert_eq!(data["grids"].as_array().map(Vec::len), Some(1));
}

#[test]
fn odd_experiments_become_files_of_every_kind() {
    let desk = Desk::new();
    desk.put("odd.toml", ODD);
    let (text, data) = page(&desk, "odd.toml");
    assert_eq!(
        text.matches("</script>").count(),
        2,
        "a title ends no script"
    );
    assert!(!text.contains("<img"));
    let odd = Experiment::parse(ODD, "odd").expect("valid");
    assert_eq!(data["title"], odd.title.as_str());
    assert!(data["grids"][0]["torn"].is_string() || data["grids"][0]["heights"].is_string());
    for kind in ["svg", "pdf", "glb"] {
        for layout in ["map", "plot"] {
            let ended = desk.run(&format!(
                "export odd.toml -o odd.{kind} --layout {layout} --force"
            ));
            assert_eq!(ended.code, 0, "{}", ended.stderr);
        }
    }
    let svg = String::from_utf8(desk.read("odd.svg")).expect("text");
    assert!(!svg.contains("NaN") && !svg.contains("inf"));
    assert!(svg.contains("&lt;/script&gt;"));
    model(&desk.read("odd.glb"));
}

#[test]
fn figures_are_as_wide_as_asked_and_have_words() {
    let desk = Desk::new();
    for (options, width) in [
        ("", "86"),
        ("--width 12cm", "120"),
        ("--width 3in --layout plot", "76.2"),
    ] {
        let ended = desk.run(&format!("export rosenbrock -o a.svg --force {options}"));
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        let svg = String::from_utf8(desk.read("a.svg")).expect("text");
        assert!(svg.contains(&format!("width=\"{width}mm\"")), "{options}");
        assert!(svg.contains(">Adam</text>"), "{options}");
        assert!(
            !svg.contains("<image") && !svg.contains("href"),
            "{options}"
        );
        assert!(svg.matches("<path").count() > 5, "{options}");
    }
    // The isolines' losses, and what an axis is.
    desk.run("export rosenbrock -o map.svg");
    let svg = String::from_utf8(desk.read("map.svg")).expect("text");
    assert!(svg.contains("rotate(") && svg.contains(">302</text>"));
    desk.run("export rosenbrock -o map.pdf");
    let pdf = desk.read("map.pdf");
    let has = |words: &[u8]| pdf.windows(words.len()).any(|window| window == words);
    assert!(pdf.starts_with(b"%PDF-") && pdf.trim_ascii_end().ends_with(b"%%EOF"));
    for words in [
        &b"/FontFile2"[..],
        b"/ToUnicode",
        b"STPEST+Ubuntu-Light",
        b"/Identity-H",
    ] {
        assert!(has(words), "{}", String::from_utf8_lossy(words));
    }
    assert!(
        pdf.len() < 100_000,
        "{} bytes: only the letters used",
        pdf.len()
    );
}

#[test]
fn what_cannot_be_written_is_said_first() {
    let desk = Desk::new();
    for (arguments, code, words) in [
        (
            "export race -o race.obj",
            2,
            "expected a name that ends in one of .html, .glb, .svg, .pdf",
        ),
        ("export race -o race", 2, "expected a name that ends in"),
        ("export race -o nowhere/race.html", 1, "does not exist"),
        ("export race -o a.svg --width 1mm", 2, "30mm to 1000mm"),
        (
            "export race -o a.svg --layout datum",
            2,
            "parts joined by +: scene, map, plot, data",
        ),
        ("export race -o a.svg --layout data", 2, "a network"),
        ("export rice -o a.svg", 2, "race"),
    ] {
        let ended = desk.run(arguments);
        assert_eq!(ended.code, code, "{arguments}: {}", ended.stderr);
        assert!(
            ended.stderr.contains(words),
            "{arguments}: {}",
            ended.stderr
        );
    }
    assert!(desk.names().is_empty(), "{:?}", desk.names());
    desk.put("there.html", "mine");
    let ended = desk.run("export race -o there.html");
    assert_eq!(ended.code, 1);
    assert!(ended.stderr.contains("--force"), "{}", ended.stderr);
    assert_eq!(desk.read("there.html"), b"mine");
    assert_eq!(desk.run("export race -o there.html --force").code, 0);
    assert!(desk.read("there.html").starts_with(b"<!doctype html>"));
}
