//! All that the program brings, and landscapes that are odd.

use steepest::experiment::BUILTINS;

use super::{adapter, all, shot, variety};
use crate::cli::Desk;

/// Landscapes with nothing to see: flat, full of holes, out of all proportion.
const ODD: &str = r#"steepest = 1
[[panel]]
formula = "1"
domain = [[-1, 1], [-1, 1]]
descent = [{ rule = "gd", rate = 1, start = [0, 0], steps = 3 }]
[[panel]]
formula = "sqrt(-1 - x^2)"
domain = [[-1, 1], [-1, 1]]
descent = [{ rule = "adam", rate = 1, start = [0, 0], steps = 3 }]
[[panel]]
formula = "log(x) + y^2"
domain = [[-1, 1], [-1, 1]]
height = "log"
descent = [{ rule = "gd", rate = 1, start = [0.5, 0.5], steps = 3 }]
[[panel]]
formula = "2"
domain = [[-1, 1]]
descent = [{ rule = "gd", rate = 1, start = [9], steps = 3 }]
[[panel]]
formula = "sqrt(x)"
domain = [[-1, 0]]
[[panel]]
formula = "1e300*x^2 + y"
domain = [[-1e3, 1e3], [-1e-3, 1e-3]]
view = "contour"
descent = [{ rule = "gd", rate = 1e10, start = [0.5, 0], steps = 30 }]
[[panel]]
formula = "1e308*x + y"
domain = [[-1.7, 1.7], [-1.7, 1.7]]
[[panel]]
formula = "1e308*x + y"
domain = [[-1.7, 1.7], [-1.7, 1.7]]
height = "log"
"#;

#[test]
fn every_built_in_is_drawn() {
    if adapter().is_none() {
        return;
    }
    let desk = Desk::new();
    let mut failures = Vec::new();
    for builtin in BUILTINS {
        let name = builtin.name;
        let ended = desk.run(&format!(
            "shot {name} -o {name}.png --size 400x300 --samples 1"
        ));
        if ended.code != 0 || ended.stderr.contains("ERROR") {
            failures.push(format!(
                "{name}: exit code {}: {}",
                ended.code, ended.stderr
            ));
            continue;
        }
        let picture = image::load_from_memory(&desk.read(&format!("{name}.png")));
        let variety = picture.map_or(0, |picture| variety(all(&picture.to_rgba8())));
        if variety < 60 {
            failures.push(format!("{name}: {variety} colours"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert_eq!(desk.names().len(), BUILTINS.len());
}

#[test]
fn odd_landscapes_are_drawn_too() {
    if adapter().is_none() {
        return;
    }
    let desk = Desk::new();
    desk.put("odd.toml", ODD);
    for options in ["", "--view top --theme paper"] {
        let picture = shot(&desk, &format!("odd.toml --size 600x400 {options}"));
        assert!(variety(all(&picture)) > 60, "{options}");
    }
    let said = desk.run("shot odd.toml -o odd.png --size 64x64").stderr;
    assert!(!said.contains("ERROR"), "{said}");
}
