use super::*;
use crate::experiment::Experiment;
use crate::lab::command::send;
use crate::lab::playback::PlaybackCommand;

fn at(text: &str, position: f64) -> Vec<(f64, usize, Option<ExplainedPhase>)> {
    let experiment = Experiment::parse(text, "test").expect("an experiment");
    let mut app = crate::lab::alone(experiment);
    app.update();
    send(app.world_mut(), PlaybackCommand::Seek(position));
    app.update();
    app.update();
    let world = app.world_mut();
    let mut all = world.query::<&Explanation>();
    all.iter(world)
        .map(|e| (e.position, e.glyphs.len(), e.phase.clone()))
        .collect()
}

fn adam(more: &str) -> String {
    format!(
        "steepest = 1\n[[panel]]\nobjective = 'bowl'\n[[panel.descent]]\nrule = 'adam'\nrate = 0.1\n\
         start = [1, 1]\nsteps = 20\n{more}"
    )
}

#[test]
fn the_ball_waits_until_the_phase_in_which_it_moves() {
    let text = adam("explain = true");
    for (position, number, ball) in [
        (12.0, 0, 12.0),
        (12.45, 4, 12.0),
        (12.89, 8, 12.0),
        (12.95, 9, 12.5),
        (13.0, 0, 13.0),
    ] {
        let (shown, glyphs, phase) = at(&text, position).remove(0);
        let phase = phase.expect("a phase");
        assert_eq!((phase.number, phase.count), (number, 10), "at {position}");
        assert!((shown - ball).abs() < 1e-6, "{shown} at {position}");
        assert!(glyphs > 0 && !phase.sentence.contains('{'));
        assert_eq!(
            phase.formula.iter().filter(|(_, now)| *now).count(),
            usize::from(number < 9)
        );
    }
    // The last iterate leads nowhere.
    assert_eq!(at(&text, 20.0).remove(0).2, None);
}

#[test]
fn only_the_steps_that_are_meant_are_explained() {
    let text = adam("explain = true\n[explain]\nsteps = [3, 5]\noverview = ['gradient', 'update']");
    let (position, glyphs, phase) = at(&text, 2.5).remove(0);
    assert_eq!((position, glyphs, phase), (2.5, 2, None));
    assert!(at(&text, 3.5).remove(0).2.is_some());
    let text = adam("[explain]\noverview = ['squares', 'curvature']");
    let (position, glyphs, phase) = at(&text, 2.5).remove(0);
    assert!(glyphs > 10, "{glyphs}");
    assert_eq!((position, phase), (2.5, None));
}

#[test]
fn where_a_descent_has_no_further_step_nothing_is_said() {
    for descent in [
        "rule = 'gd'\nrate = 1e300\nstart = [1, 1]\nsteps = 9\nexplain = true",
        "rule = 'adam'\nrate = 0.1\nstart = [9e9, 1]\nsteps = 9\nexplain = true",
        "rule = 'gd'\nrate = 1e-9\nstart = [0, 0]\nsteps = 9\nexplain = true\nstop = { gradient = 1.0 }",
    ] {
        let overview =
            "[explain]\noverview = ['gradient', 'momentum', 'squares', 'update', 'curvature']";
        let text = format!(
            "steepest = 1\n[[panel]]\nobjective = 'bowl'\n[[panel.descent]]\n{descent}\n{overview}"
        );
        for position in [0.0, 0.5, 8.99, 9.0] {
            let (_, glyphs, _) = at(&text, position).remove(0);
            assert_eq!(glyphs, 0, "{descent} at {position}");
        }
    }
}
