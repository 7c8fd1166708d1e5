//! The greatest rate at which a descent's rule is stable where its ball is.

use std::time::{Duration, Instant};

use bevy::prelude::*;

use super::curvature::DEAR;
use super::explain::{self, Explanation};
use crate::descent::Status;
use crate::descent::curvature::Curvature;
use crate::descent::replay::Cursor;
use crate::lab::model::{ComputeBudget, DescentRun, DescentStyle, RunStamp};
use crate::lab::stage::Stage;
use crate::optimizer::Stability;

/// On the quadratic model at the iterate shown; `None` where none is known, or where it would take too long to find out.
#[derive(Component, Debug, Default)]
pub struct RateLimit {
    pub limit: Option<f64>,
    of: Option<(RunStamp, usize)>,
    cursor: Cursor,
}

pub(super) fn plugin(app: &mut App) {
    app.register_required_components::<DescentRun, RateLimit>()
        .add_systems(
            Update,
            follow.after(explain::explain).in_set(Stage::Explain),
        );
}

/// Of what takes more multiplications, no step is taken apart at every frame.
const DEAR_STEP: usize = 5_000;
/// In a window a frame has no more time for it than this: of a long formula the descents take turns.
const A_FRAME: Duration = Duration::from_millis(1);

fn follow(
    budget: Res<ComputeBudget>,
    mut descents: Query<(&DescentRun, &DescentStyle, &Explanation, &mut RateLimit)>,
    mut turn: Local<usize>,
) {
    let began = Instant::now();
    let mut all: Vec<_> = descents.iter_mut().collect();
    let count = all.len().max(1);
    all.rotate_left(*turn % count);
    for (run, style, explanation, mut known) in all {
        if budget.0.is_some() && began.elapsed() > A_FRAME {
            break;
        }
        *turn = (*turn + 1) % count;
        let Some(last) = run.history().len().checked_sub(1) else {
            continue;
        };
        let step = (explanation.position.floor() as usize).min(last);
        let of = (run.stamp(), step);
        let is_taken = run.plan().record.is_none();
        if !is_taken || !style.shown || run.objective().cost() > DEAR || known.of == Some(of) {
            continue;
        }
        let known = &mut *known;
        known.of = Some(of);
        // Where a descent that ran away ended says nothing of the minimum it ran away from.
        let ran_away = matches!(
            run.status(),
            Status::Diverged { .. } | Status::Undefined { .. }
        );
        known.limit = if ran_away && step == last {
            None
        } else {
            // No step leads on from the last iterate: then the scale is that of the step to it.
            let from = step.min(last.saturating_sub(1));
            let (objective, w) = (&**run.objective(), run.history().at(step));
            let rule = &run.plan().rule;
            let scales = matches!(rule.info().stability, Stability::Scaled { .. });
            // The step to it may have to be looked for among many.
            let is_known = scales && objective.cost() <= DEAR_STEP;
            let terms = is_known
                .then(|| run.terms(from, &mut known.cursor))
                .flatten();
            let curvature = Curvature::at(objective, w, rule, terms.as_ref());
            curvature.and_then(|curvature| curvature.limit)
        };
    }
}
