//! Steps explained: where the balls are while a step is taken apart, which phase it is, and what is drawn of it.

use bevy::prelude::*;

use super::curvature::Model;
use super::glyphs::{Glyph, Tangent, magnification};
use super::phases::{Step, half_sides, shown};
use crate::descent::History;
use crate::descent::replay::Cursor;
use crate::experiment::Overview;
use crate::lab::model::field::PanelLandscape;
use crate::lab::model::{CurrentExperiment, DescentRun, DescentStyle, InPanel, RunStamp};
use crate::lab::playback::Playback;
use crate::lab::stage::Stage;
use crate::lab::theme::Role;
use crate::landscape::{HeightScale, ticks};
use crate::optimizer::terms::Unit;

/// A hair before a phase is that phase.
const HAIR: f64 = 1e-6;
/// The size of what is drawn at every ball, against a step that is explained, and how strongly.
const SMALLER: f64 = 0.6;
const FAINTER: f32 = 0.75;

/// What is said and drawn of a descent at the step shown.
#[derive(Component, Debug, Default)]
pub struct Explanation {
    /// Where its ball is, in steps: it waits until the phases before its move are over.
    pub position: f64,
    pub glyphs: Vec<Glyph>,
    /// The phase in words, while a step of it is explained.
    pub phase: Option<ExplainedPhase>,
    taken_apart: Option<TakenApart>,
}

/// A phase of a step.
#[derive(Debug, Clone, PartialEq)]
pub struct ExplainedPhase {
    /// The iterate that the step leads on from.
    pub step: usize,
    /// Which of the step's phases, from 0.
    pub number: usize,
    pub count: usize,
    /// The rule's formula in pieces, and whether each is what happens now.
    pub formula: Vec<(String, bool)>,
    /// With the numbers of this step.
    pub sentence: String,
}

#[derive(Debug)]
struct TakenApart {
    of: RunStamp,
    step: usize,
    /// `None` where there is none: a step that failed.
    parts: Option<Step>,
    /// The longest gradient of the run.
    steepest: f64,
    cursor: Cursor,
}

pub(super) fn plugin(app: &mut App) {
    app.register_required_components::<DescentRun, Explanation>()
        .add_systems(Update, explain.in_set(Stage::Explain));
}

fn explain(
    playback: Res<Playback>,
    current: Res<CurrentExperiment>,
    panels: Query<&PanelLandscape>,
    mut descents: Query<(&DescentRun, &DescentStyle, &InPanel, &mut Explanation)>,
) {
    let position = playback.position();
    let overview = &current.experiment.explain;
    let any = Overview::ALL.iter().any(|what| overview.shows(*what));
    for (run, style, panel, mut explanation) in &mut descents {
        explanation.position = position;
        explanation.glyphs.clear();
        explanation.phase = None;
        let Ok(landscape) = panels.get(panel.0) else {
            continue;
        };
        let history = run.history();
        let step = (position + HAIR).floor() as usize;
        let explained = style.explained && playback.timeline().is_explained_at(position + HAIR);
        if !style.shown || !(explained || any) || step + 1 >= history.len() {
            continue;
        }
        let apart = take_apart(&mut explanation.taken_apart, run, step);
        let (steepest, Some(parts)) = (apart.steepest, &apart.parts) else {
            continue;
        };
        let norm = history.gradient_norms()[step];
        let plane = &landscape.field.plane;
        let (mut glyphs, mut phase, mut ball) = (Vec::new(), None, position);
        if explained {
            let count = parts.phases.len();
            let within = (position - step as f64).max(0.0) * count as f64;
            let number = ((within + HAIR).floor() as usize).min(count.saturating_sub(1));
            let progress = (within - number as f64).clamp(0.0, 1.0);
            let moves = parts.phases.get(number).is_some_and(|phase| phase.moves);
            let eased = progress * progress * (3.0 - 2.0 * progress);
            ball = step as f64 + if moves { eased } else { 0.0 };
            if let Some(tangent) = tangent(landscape, history, step as f64) {
                let longest = parts.longest(Unit::Slope, plane, &tangent);
                let of_run = longest * steepest / norm;
                let next = plane.coordinates(history.at(step + 1));
                let way = [0, 1].map(|axis| next[axis] - tangent.at[axis]);
                let there = landscape.scale.fraction(history.losses()[step + 1]);
                let chord = tangent.towards(way, there);
                glyphs = parts.glyphs(number, progress, plane, (&tangent, &chord), of_run);
            }
            phase = Some(ExplainedPhase {
                step,
                number,
                count,
                formula: parts.formula(number),
                sentence: parts.phases[number].sentence.clone(),
            });
        } else if let Some(tangent) = tangent(landscape, history, position) {
            let wanted = |role| match role {
                Role::Gradient => overview.shows(Overview::Gradient),
                Role::Momentum => overview.shows(Overview::Momentum),
                Role::Squares => overview.shows(Overview::Squares),
                Role::Update => overview.shows(Overview::Update),
                Role::Curvature => overview.shows(Overview::Curvature),
            };
            let longest = parts.longest(Unit::Slope, plane, &tangent);
            // Many balls have less room each.
            let factor = SMALLER * magnification(longest, longest * steepest / norm);
            for quantity in parts
                .quantities
                .iter()
                .filter(|quantity| wanted(quantity.role))
            {
                let left = 1.0 - (position - step as f64);
                let at_end = parts.at_end(quantity);
                let glyph = match quantity.unit {
                    Unit::Slope => tangent.arrow(
                        quantity.role,
                        [0.0; 2],
                        shown(at_end, plane).map(|c| factor * c),
                    ),
                    unit @ (Unit::Square | Unit::Size) => match half_sides(unit, at_end, plane) {
                        Some(sides) => tangent.rectangle(quantity.role, sides.map(|c| factor * c)),
                        None => continue,
                    },
                    Unit::Way => tangent.arrow(
                        quantity.role,
                        [0.0; 2],
                        shown(at_end, plane).map(|c| left * c),
                    ),
                    Unit::Direction | Unit::Number => continue,
                };
                glyphs.extend(Some(glyph.faded(FAINTER)).filter(Glyph::is_finite));
            }
        }
        // Several patches hide one another: where steps are explained, it is that of these descents.
        let has_patch = style.explained || playback.timeline().explained.is_none();
        if overview.shows(Overview::Curvature)
            && has_patch
            && let Some(at) = ball_at(
                landscape,
                history,
                if landscape.field.is_slice() {
                    step as f64
                } else {
                    ball
                },
            )
            && let Some(model) = Model::new(landscape, at)
        {
            glyphs.splice(0..0, model.glyphs(landscape));
        }
        explanation.position = ball;
        explanation.glyphs = glyphs;
        explanation.phase = phase;
    }
}

/// A quantity's numbers for reading: a few one by one, of more the length.
fn in_words(numbers: &[f64]) -> String {
    let number = |x: &f64| ticks::label(*x);
    match numbers {
        [x] => number(x),
        [x, y] => format!("({}, {})", number(x), number(y)),
        many => {
            let length = many.iter().map(|x| x * x).sum::<f64>().sqrt();
            format!("{} numbers of length {}", many.len(), number(&length))
        }
    }
}

/// The step of a run in its parts: the one at hand, or taken apart anew.
fn take_apart<'a>(
    kept: &'a mut Option<TakenApart>,
    run: &DescentRun,
    step: usize,
) -> &'a TakenApart {
    let stamp = run.stamp();
    let mut apart = match kept.take() {
        Some(apart) if apart.of.run == stamp.run => apart,
        _ => TakenApart {
            of: RunStamp {
                entries: 0,
                ..stamp
            },
            step: usize::MAX,
            parts: None,
            steepest: 0.0,
            cursor: Cursor::default(),
        },
    };
    if apart.of != stamp {
        let norms = run.history().gradient_norms().iter().copied();
        apart.steepest = norms.filter(|norm| norm.is_finite()).fold(0.0, f64::max);
    }
    if apart.of != stamp || apart.step != step {
        apart.parts = Step::of(run, step, &mut apart.cursor, &in_words);
        (apart.of, apart.step) = (stamp, step);
    }
    kept.insert(apart)
}

/// The panel's coordinates of a ball; `None` outside the range.
fn ball_at(landscape: &PanelLandscape, history: &History, position: f64) -> Option<[f64; 2]> {
    let last = history.len().checked_sub(1)?;
    let step = (position.floor() as usize).min(last);
    let part = position - position.floor();
    let plane = &landscape.field.plane;
    let [from, to] = [step, (step + 1).min(last)].map(|entry| plane.coordinates(history.at(entry)));
    let at = [0, 1].map(|axis| from[axis] + part * (to[axis] - from[axis]));
    let domain = landscape.panel.domain;
    domain.contains(&at[..domain.dim()]).then_some(at)
}

/// The tangent plane of the drawn surface at a ball; `None` where the loss has no slope.
fn tangent(landscape: &PanelLandscape, history: &History, position: f64) -> Option<Tangent> {
    let step = (position.floor() as usize).min(history.len() - 1);
    let next = (step + 1).min(history.len() - 1);
    let part = position - step as f64;
    let mix = |a: f64, b: f64| a + part * (b - a);
    let plane = &landscape.field.plane;
    let at = ball_at(landscape, history, position)?;
    let loss = if landscape.field.is_slice() {
        mix(history.losses()[step], history.losses()[next])
    } else {
        landscape.field.objective.value(&plane.point(at[0], at[1]))
    };
    let slopes = landscape.field.slopes(at[0], at[1])?;
    let rise = steepness(&landscape.scale, loss);
    let height = landscape.scale.fraction(loss);
    let tangent = Tangent::new(
        at,
        height,
        slopes.map(|slope| rise * slope),
        landscape.panel.domain,
    );
    let all = [tangent.height, tangent.slopes[0], tangent.slopes[1]];
    // What is outside the box is not drawn.
    let inside = (-HAIR..=1.0 + HAIR).contains(&height);
    (inside && all.iter().all(|number| number.is_finite())).then_some(tangent)
}

/// How much the drawn height grows with the loss.
fn steepness(scale: &HeightScale, loss: f64) -> f64 {
    let unit = scale.loss(1.0) - scale.loss(0.0);
    let beside = 1e-6 * unit.abs().max(loss.abs() * 1e-6);
    (scale.fraction(loss + beside) - scale.fraction(loss - beside)) / (2.0 * beside)
}

#[cfg(test)]
mod tests {
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
        let text =
            adam("explain = true\n[explain]\nsteps = [3, 5]\noverview = ['gradient', 'update']");
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
}
