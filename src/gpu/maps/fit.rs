//! Which maps the GPU takes on, and what it needs to know of one. Single precision has to tell all cells apart, and hold all numbers.

use std::any::Any;

use crate::descent::Plan;
use crate::maps::{Axis, Map};
use crate::objective::Formula;
use crate::objective::formula::wgsl::{below_imports, library, literal};
use crate::optimizer::{Rule, Sampling, Schedule, ScheduleKind};

/// Roundings that neighbouring cells, and the radius, are apart at least.
const ULPS: f32 = 16.0;
/// The least radius, whose square is a number.
const LEAST_RADIUS: f64 = 1e-18;
/// Operations in a dispatch of one cell: about 64 steps of an ordinary formula.
const OPERATIONS: usize = 64 * 64;
/// The most steps in a dispatch.
const MOST_PORTION: usize = 64;
/// The most steps of a run whose rates differ: they are uploaded.
const MOST_RATES: usize = 1 << 20;

/// A map as the GPU computes it.
pub(super) struct Job {
    pub shader: String,
    /// What is added to a cell's rate times the second, in each step; the last stands for those that follow.
    pub rates: Vec<[f32; 2]>,
    pub minima: Vec<[f32; 2]>,
    pub radius: f32,
    pub dim: usize,
    pub steps: u32,
    /// Steps in a dispatch.
    pub portion: u32,
    pub stop_radius: Option<f32>,
    pub stop_gradient: Option<f32>,
    pub clip: Option<f32>,
}

/// The whole shader of a formula and a rule; in words, why there is none.
///
/// # Errors
/// For rules that do not treat every parameter alike, and formulas that are too long or have numbers that single precision lacks.
pub fn shader(formula: &Formula, rule: &Rule) -> Result<String, String> {
    let Some(rule_text) = rule.wgsl() else {
        return Err(format!("the GPU does not do {}", rule.info().title));
    };
    let formula = formula.wgsl().map_err(|error| error.to_string())?;
    let kernel = below_imports(include_str!("../../../shaders/map.wgsl"));
    Ok([&library(), &formula, &rule_text, kernel].join("\n"))
}

impl Job {
    /// What is to be done for this map, whose minima are known.
    ///
    /// # Errors
    /// Why the GPU does not do it, in words.
    pub(super) fn of(map: &Map) -> Result<Job, String> {
        let plan = &map.plan;
        let formula = (&*map.objective as &dyn Any).downcast_ref::<Formula>();
        let formula = formula.ok_or("the GPU maps formulas alone")?;
        if plan.sampling != Sampling::Exact {
            return Err("the GPU does not do random gradients".to_owned());
        }
        if matches!(plan.schedule.kind, ScheduleKind::Plateau { .. }) {
            return Err("the GPU does not do a plateau schedule".to_owned());
        }
        check_nodes(map)?;
        check_minima(map)?;
        let shader = shader(formula, &plan.rule)?;
        let number = |x: f64, what: &str| single(x, what);
        let optional = |x: Option<f64>, what: &str| x.map(|x| number(x, what)).transpose();
        let cell = map.cell(0);
        for (k, param) in plan.rule.info().params.iter().enumerate() {
            number(cell.params[k], param.key)?;
        }
        number(cell.rate, "rate")?;
        for start in cell.start {
            number(start, "start")?;
        }
        let portion = OPERATIONS / formula.operations().max(1);
        Ok(Job {
            shader,
            rates: rates(plan)?,
            minima: map.places().iter().map(|at| at.map(|x| x as f32)).collect(),
            radius: number(map.radius, "radius")?,
            dim: plan.start.len().min(2),
            steps: u32::try_from(plan.steps).map_err(|_| "these are too many steps".to_owned())?,
            portion: portion.clamp(1, MOST_PORTION) as u32,
            stop_radius: optional(plan.stop.radius, "stop's radius")?,
            stop_gradient: optional(plan.stop.gradient, "stop's gradient")?,
            clip: optional(plan.clip, "clip")?,
        })
    }
}

fn single(x: f64, what: &str) -> Result<f32, String> {
    let has_one = literal(x).is_some();
    has_one
        .then_some(x as f32)
        .ok_or_else(|| format!("{what} {x:e} is beyond single precision"))
}

/// The distance of a number to the next in single precision.
fn ulp(x: f64) -> f64 {
    let x = (x.abs() as f32).max(f32::MIN_POSITIVE);
    f64::from(x.next_up()) - f64::from(x)
}

/// Whether single precision tells the cells apart.
fn check_nodes(map: &Map) -> Result<(), String> {
    for (span, nodes) in map.spans.iter().zip(map.nodes()) {
        let name = span.axis.name();
        for pair in nodes.windows(2) {
            let [low, high] = [single(pair[0], name)?, single(pair[1], name)?];
            let coarsest = ulp(pair[0]).max(ulp(pair[1]));
            if pair[1] - pair[0] < f64::from(ULPS) * coarsest || low >= high {
                return Err(match span.axis {
                    Axis::Start(_) => "this is too near for single precision".to_owned(),
                    _ => format!("values of {name} are too close for single precision"),
                });
            }
        }
    }
    Ok(())
}

/// Whether single precision tells when a run is at a minimum, and no point is at two.
fn check_minima(map: &Map) -> Result<(), String> {
    let places = map.places();
    let radius = map.radius;
    let is_coarse = |at: &[f64; 2]| at.iter().any(|x| f64::from(ULPS) * ulp(*x) > radius);
    if radius < LEAST_RADIUS || places.iter().any(is_coarse) {
        return Err(format!(
            "the radius {radius:e} is too small for single precision"
        ));
    }
    for (k, a) in places.iter().enumerate() {
        let meets = |b: &[f64; 2]| (a[0] - b[0]).hypot(a[1] - b[1]) <= 2.0 * radius * (1.0 + 1e-5);
        if places[..k].iter().any(meets) {
            return Err("minima lie within the radius of each other".to_owned());
        }
    }
    let Some(least) = map.plan.stop.gradient else {
        return Ok(());
    };
    // Near a minimum slopes are no finer than a rounding of its place makes them.
    let dim = map.plan.start.len().min(2);
    let noise = places.iter().map(|at| {
        let mut hessian = [0.0; 4];
        let has_one = map.objective.hessian(&at[..dim], &mut hessian[..dim * dim]);
        let steepest = hessian.iter().fold(0.0, |most: f64, h| most.max(h.abs()));
        let rounding = ulp(at[0]).max(ulp(at[1]));
        if has_one {
            f64::from(ULPS) * steepest * rounding
        } else {
            0.0
        }
    });
    match noise.fold(0.0, f64::max) > least {
        true => Err(format!(
            "the gradient {least:e} to stop at is too small for single precision"
        )),
        false => Ok(()),
    }
}

/// Every schedule's rate is an affine function of the full rate.
fn rates(plan: &Plan) -> Result<Vec<[f32; 2]>, String> {
    if plan.schedule == Schedule::default() {
        return Ok(vec![[0.0, 1.0]]);
    }
    if plan.steps > MOST_RATES {
        return Err(format!(
            "the GPU does not do more than {MOST_RATES} steps of a schedule"
        ));
    }
    let rate = |base: f64, t: usize| plan.schedule.rate(base, t, plan.steps);
    let affine = |t: usize| {
        let added = rate(0.0, t);
        [added as f32, (rate(1.0, t) - added) as f32]
    };
    Ok((0..plan.steps.max(1)).map(affine).collect())
}
