//! Maps in the window: chosen, pointed at, moved, taken over; and all descents tuned.

use bevy_egui::egui;
use egui::{Event, Modifiers, MouseWheelUnit, Pos2, TouchPhase, pos2, vec2};
use steepest::experiment::{Experiment, MapSpec};
use steepest::lab::Viewports;
use steepest::lab::command::Notice;
use steepest::lab::showing::map_cell::PointedCell;

use super::HIGH;
use super::person::Person;
use super::words::faults;

fn before(map: &str) -> Option<Person> {
    let text = format!(
        "steepest = 1\n[[panel]]\ntitle = 'A ravine'\nformula = '(x^2 + 20*y^2)/2'\ndomain = [[-2.5, 2.5], [-2.5, 2.5]]\n{map}\n\
         [[panel.descent]]\nname = 'M'\nrule = 'momentum'\nrate = 0.01\nstart = [-2, 1.5]\nsteps = 80\n"
    );
    let experiment = Experiment::parse(&text, "ravine.toml").expect("an experiment");
    Person::before("ravine.toml", experiment, HIGH, 1)
}

fn spec(person: &mut Person) -> MapSpec {
    person.shown().panels[0].map.clone().expect("a map")
}

/// A place on the map beside the surface.
fn on_map(person: &mut Person) -> Pos2 {
    let (_, rect) = person.read::<Viewports>().maps[0];
    pos2(rect.center().x + 40.0, rect.center().y + 60.0)
}

fn says(person: &mut Person, text: &str) -> bool {
    person.words().iter().any(|word| word.text.contains(text))
}

#[test]
fn a_map_beside_the_surface_is_pointed_at_taken_over_moved_and_zoomed() {
    let map = "map = { x = 'rate=0.003:0.08', y = 'momentum=0:0.99', grid = [60, 60] }";
    let Some(mut person) = before(map) else {
        return;
    };
    assert_eq!(faults(&mut person), Vec::<String>::new());
    assert!(says(&mut person, "learning rate η") && says(&mut person, "each point a run"));
    let at = on_map(&mut person);
    person.tell(Event::PointerMoved(at));
    person.wait(3);
    let cell = person.read::<PointedCell>();
    assert!(cell.cell.is_some() && !cell.glyphs.is_empty());
    assert!(says(&mut person, "click to take over"));
    person.click_at(at);
    let taken = person.shown().panels[0].descents[0].plan.clone();
    assert!(taken.rate != 0.01 && taken.rule.values()[0] != 0.9);
    assert_eq!(person.history(), (true, false));
    person.click("undo");
    assert_eq!(person.shown().panels[0].descents[0].plan.rate, 0.01);

    let range = |person: &mut Person| {
        let panel = person.shown().panels[0].clone();
        let spec = panel.map.clone().expect("a map");
        panel
            .map_plan(&spec)
            .expect("a map")
            .spans
            .map(|span| span.range)
    };
    let whole = range(&mut person);
    person.tell(Event::PointerMoved(at));
    person.tell(Event::MouseWheel {
        unit: MouseWheelUnit::Point,
        delta: vec2(0.0, 120.0),
        phase: TouchPhase::Move,
        modifiers: Modifiers::NONE,
    });
    person.wait(30);
    let near = range(&mut person);
    assert!(
        near[0][0] > whole[0][0] && near[0][1] < whole[0][1],
        "{near:?}"
    );
    assert!(
        near[1][0] > whole[1][0] && near[1][1] < whole[1][1],
        "{near:?}"
    );
    person.drag(at, at + vec2(30.0, 0.0), 3);
    let moved = range(&mut person);
    assert!(
        moved[0][0] < near[0][0] && moved[0][1] < near[0][1],
        "{moved:?}"
    );
    assert!((moved[1][0] - near[1][0]).abs() < 1e-3, "{moved:?}");
    assert_eq!(faults(&mut person), Vec::<String>::new());
}

#[test]
fn a_map_is_switched_on_and_its_axes_chosen() {
    let Some(mut person) = before("") else {
        return;
    };
    person.press_checkbox("map of runs");
    assert_eq!(spec(&mut person), MapSpec::default());
    person.wait(3);
    assert!(says(&mut person, "262,144 runs") && says(&mut person, "M settles at"));
    assert!(
        person.read::<Viewports>().maps.is_empty(),
        "it lies on the surface"
    );
    person.choose("start.x", "rate");
    person.choose("start.y", "weight_decay");
    person.wait(3);
    let axes = spec(&mut person).axes.map(Option::unwrap_or_default);
    assert_eq!(axes, ["rate", "weight_decay"]);
    assert_eq!(person.read::<Viewports>().maps.len(), 1);
    // What the other axis has they exchange.
    person.choose("weight_decay", "rate");
    let axes = spec(&mut person).axes.map(Option::unwrap_or_default);
    assert_eq!(axes, ["weight_decay", "rate"]);
    person.choose("512", "64 × 64");
    assert_eq!(spec(&mut person).size, [64, 64]);
    // A rule that lacks what is along an axis has no such map, and that is said.
    person.edit(|experiment| {
        let plan = &mut experiment.panels[0].descents[0].plan;
        plan.rule = steepest::optimizer::Rule::named("adam").expect("a rule");
    });
    person.wait(3);
    assert!(says(&mut person, "rule `adam` has no `weight_decay`"));
    assert_eq!(faults(&mut person), Vec::<String>::new());
    person.press_checkbox("map of runs");
    assert_eq!(person.shown().panels[0].map, None);
}

#[test]
fn all_descents_are_tuned_by_a_button() {
    let Some(mut person) = before("") else {
        return;
    };
    person.click("tune all");
    person.wait(5);
    let tuned = person.shown().panels[0].descents[0].plan.rate;
    assert!(tuned > 0.02, "{tuned}");
    let said = person.read::<Notice>().text.clone().expect("said");
    assert!(
        said.contains("M: η") && said.contains("there after"),
        "{said}"
    );
    person.click("undo");
    assert_eq!(person.shown().panels[0].descents[0].plan.rate, 0.01);
}
