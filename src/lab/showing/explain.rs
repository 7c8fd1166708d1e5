//! Steps explained: where the balls are while a step is taken apart, which phase it is, and what is drawn of it.

use std::sync::Arc;

use bevy::prelude::*;

use super::curvature::Model;
use super::glyphs::{Glyph, Tangent, magnification};
use super::phases::{Step, half_sides, shown};
use crate::descent::replay::Cursor;
use crate::experiment::{ExplainSettings, Overview};
use crate::lab::model::field::{Field, PanelLandscape};
use crate::lab::model::{CurrentExperiment, DescentRun, DescentStyle, InPanel, RunStamp};
use crate::lab::playback::Playback;
use crate::lab::stage::Stage;
use crate::lab::theme::Role;
use crate::landscape::{HeightScale, ticks};
use crate::optimizer::terms::Unit;
use crate::plane::Plane;

/// A hair before a phase is that phase.
const HAIR: f64 = 1e-6;
/// The size of what is drawn at every ball, against a step that is explained, and how strongly.
const SMALLER: f64 = 0.6;
const FAINTER: f32 = 0.75;

/// What is said and drawn of a descent at the step shown.
#[derive(Component, Debug, Default)]
pub struct Explanation {
    /// Where its ball is, in steps: it waits until the phases before its move are over.
    /// Among the entries of its history.
    pub position: f64,
    pub glyphs: Vec<Glyph>,
    /// The phase in words, while a step of it is explained.
    pub phase: Option<ExplainedPhase>,
    taken_apart: Option<TakenApart>,
    curved: Curved,
}

/// The quadratic model at the last place it was asked for: that of a data set takes its time.
#[derive(Debug, Default)]
struct Curved(Option<(Arc<Field>, [f64; 2], Option<Model>)>);

impl Curved {
    fn at(&mut self, landscape: &PanelLandscape, at: [f64; 2]) -> Option<Model> {
        let field = &landscape.field;
        match &self.0 {
            Some((of, place, model)) if Arc::ptr_eq(of, field) && *place == at => *model,
            _ => {
                let model = Model::new(landscape, at);
                self.0 = Some((field.clone(), at, model));
                model
            }
        }
    }
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

pub(super) fn explain(
    playback: Res<Playback>,
    current: Res<CurrentExperiment>,
    panels: Query<&PanelLandscape>,
    mut descents: Query<(&DescentRun, &DescentStyle, &InPanel, &mut Explanation)>,
) {
    let position = playback.position();
    let settings = &current.experiment.explain;
    let any = Overview::ALL.iter().any(|what| settings.shows(*what));
    for (run, style, panel, mut explanation) in &mut descents {
        explanation.position = run.entry_at(position);
        explanation.glyphs.clear();
        explanation.phase = None;
        let Ok(landscape) = panels.get(panel.0) else {
            continue;
        };
        let history = run.history();
        let step = (position + HAIR).floor() as usize;
        let explained = style.explained && playback.timeline().is_explained_at(position + HAIR);
        let is_taken = run.plan().record.is_none();
        if !is_taken || !style.shown || !(explained || any) || step + 1 >= history.len() {
            continue;
        }
        let explanation = &mut *explanation;
        let apart = take_apart(&mut explanation.taken_apart, run, step);
        let (steepest, Some(parts)) = (apart.steepest, &apart.parts) else {
            continue;
        };
        let of_run = steepest / history.gradient_norms()[step];
        let (mut glyphs, mut phase, mut ball) = (Vec::new(), None, position);
        if explained {
            let now = Now::of(parts, step, position);
            ball = step as f64 + now.moved();
            glyphs = glyphs_of_phase(landscape, run, parts, &now, of_run).unwrap_or_default();
            phase = Some(now.in_words(parts));
        } else if let Some(tangent) = tangent(landscape, run, position) {
            let left = 1.0 - (position - step as f64);
            glyphs = glyphs_at_ball(
                settings,
                parts,
                &landscape.field.plane,
                &tangent,
                (left, of_run),
            );
        }
        // Several patches hide one another: where steps are explained, it is that of these descents.
        let has_patch = style.explained || playback.timeline().explained.is_none();
        if has_patch && settings.shows(Overview::Curvature) {
            let slice = landscape.field.is_slice();
            let at = ball_at(landscape, run, if slice { step as f64 } else { ball });
            let model = at.and_then(|at| explanation.curved.at(landscape, at));
            let patch = model.map(|model| model.glyphs(landscape));
            glyphs.splice(0..0, patch.unwrap_or_default());
        }
        explanation.position = ball;
        explanation.glyphs = glyphs;
        explanation.phase = phase;
    }
}

/// Which phase of a step is shown, and how much of it is over.
struct Now {
    step: usize,
    number: usize,
    progress: f64,
    moves: bool,
}

impl Now {
    fn of(parts: &Step, step: usize, position: f64) -> Now {
        let count = parts.phases.len();
        let within = (position - step as f64).max(0.0) * count as f64;
        let number = ((within + HAIR).floor() as usize).min(count.saturating_sub(1));
        Now {
            step,
            number,
            progress: (within - number as f64).clamp(0.0, 1.0),
            moves: parts.phases.get(number).is_some_and(|phase| phase.moves),
        }
    }

    /// How much of the way to the next iterate the ball has made.
    fn moved(&self) -> f64 {
        let t = self.progress;
        if self.moves {
            t * t * (3.0 - 2.0 * t)
        } else {
            0.0
        }
    }

    fn in_words(&self, parts: &Step) -> ExplainedPhase {
        let phase = parts.phases.get(self.number);
        ExplainedPhase {
            step: self.step,
            number: self.number,
            count: parts.phases.len(),
            formula: parts.formula(self.number),
            sentence: phase.map_or_else(String::new, |phase| phase.sentence.clone()),
        }
    }
}

/// `of_run` is the run's longest gradient against that of this step; `None` where the ball is outside the box.
fn glyphs_of_phase(
    landscape: &PanelLandscape,
    run: &DescentRun,
    parts: &Step,
    now: &Now,
    of_run: f64,
) -> Option<Vec<Glyph>> {
    let plane = &landscape.field.plane;
    let tangent = tangent(landscape, run, now.step as f64)?;
    let of_run = parts.longest(Unit::Slope, plane, &tangent) * of_run;
    let next = run.place(now.step + 1, plane);
    let way = [0, 1].map(|axis| next[axis] - tangent.at[axis]);
    let there = landscape
        .scale
        .fraction(run.history().losses()[now.step + 1]);
    let chord = tangent.towards(way, there);
    Some(parts.glyphs(now.number, now.progress, plane, (&tangent, &chord), of_run))
}

/// What is drawn at every ball: `left` of the step is still to be made.
fn glyphs_at_ball(
    settings: &ExplainSettings,
    parts: &Step,
    plane: &Plane,
    tangent: &Tangent,
    (left, of_run): (f64, f64),
) -> Vec<Glyph> {
    let wanted = |role| {
        settings.shows(match role {
            Role::Gradient => Overview::Gradient,
            Role::Momentum => Overview::Momentum,
            Role::Squares => Overview::Squares,
            Role::Update => Overview::Update,
            Role::Curvature => Overview::Curvature,
        })
    };
    let longest = parts.longest(Unit::Slope, plane, tangent);
    // Many balls have less room each.
    let factor = SMALLER * magnification(longest, longest * of_run);
    let shown_at_end = parts.quantities.iter().filter(|q| wanted(q.role));
    let glyphs = shown_at_end.filter_map(|quantity| {
        let numbers = parts.at_end(quantity);
        let arrow = |factor: f64| {
            let end = shown(numbers, plane).map(|c| factor * c);
            tangent.arrow(quantity.role, [0.0; 2], end)
        };
        let glyph = match quantity.unit {
            Unit::Slope => arrow(factor),
            Unit::Way => arrow(left),
            unit @ (Unit::Square | Unit::Size) => {
                let sides = half_sides(unit, numbers, plane)?;
                tangent.rectangle(quantity.role, sides.map(|c| factor * c))
            }
            Unit::Direction | Unit::Number => return None,
        };
        Some(glyph.faded(FAINTER)).filter(Glyph::is_finite)
    });
    glyphs.collect()
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
fn ball_at(landscape: &PanelLandscape, run: &DescentRun, position: f64) -> Option<[f64; 2]> {
    let last = run.history().len().checked_sub(1)?;
    let step = (position.floor() as usize).min(last);
    let part = position - position.floor();
    let plane = &landscape.field.plane;
    let [from, to] = [step, (step + 1).min(last)].map(|entry| run.place(entry, plane));
    let at = [0, 1].map(|axis| from[axis] + part * (to[axis] - from[axis]));
    let domain = landscape.panel.domain;
    domain.contains(&at[..domain.dim()]).then_some(at)
}

/// The tangent plane of the drawn surface at a ball; `None` where the loss has no slope.
fn tangent(landscape: &PanelLandscape, run: &DescentRun, position: f64) -> Option<Tangent> {
    let history = run.history();
    let step = (position.floor() as usize).min(history.len() - 1);
    let next = (step + 1).min(history.len() - 1);
    let part = position - step as f64;
    let mix = |a: f64, b: f64| a + part * (b - a);
    let plane = &landscape.field.plane;
    let at = ball_at(landscape, run, position)?;
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
mod tests;
