//! Many optimizers of one rule at once, one a lane, each with hyperparameters and a rate of its own: the rule's own description
//! of a coordinate, which compilers spread over the lanes of vectors. Numbers are those of as many single optimizers.

use std::marker::PhantomData;

use pulp::{Arch, Simd, WithSimd};

use super::elementwise::{Coordinate, Elementwise, MAX_SHARED, MAX_STATE};
use super::{MAX_PARAMS, Rule};
use crate::objective::formula::lanes::Row;

/// Coordinates at most.
const AXES: usize = 2;

/// What a rule does in lanes.
#[derive(Clone, Copy)]
pub struct LaneRule {
    prepare: fn(&mut Swarm, &Row),
    look: Option<Look>,
    update: fn(&mut Swarm, &Row, [&Row; AXES], &[Row; AXES], &mut [Row; AXES]),
    /// The same as WGSL.
    pub(super) print: fn() -> String,
}

/// Writes where gradients are taken.
type Look = fn(&Swarm, &Row, &[Row; AXES], &mut [Row; AXES]);

impl LaneRule {
    pub const fn of<R: Elementwise>() -> LaneRule {
        LaneRule {
            print: super::wgsl::print::<R>,
            prepare: |swarm, rates| {
                let arch = swarm.arch;
                arch.dispatch(Prepare::<R>(swarm, rates, PhantomData));
            },
            look: if R::LOOKS {
                Some(|swarm, rates, w, at| {
                    swarm
                        .arch
                        .dispatch(Ahead::<R>(swarm, rates, w, at, PhantomData));
                })
            } else {
                None
            },
            update: |swarm, rates, gradients, w, next| {
                let arch = swarm.arch;
                arch.dispatch(Update::<R>(swarm, rates, gradients, (w, next), PhantomData));
            },
        }
    }
}

/// As many optimizers as there are lanes, of one or two parameters each.
pub struct Swarm {
    arch: Arch,
    rule: LaneRule,
    dim: usize,
    params: Box<[Row; MAX_PARAMS]>,
    shared: Box<[Row; MAX_SHARED]>,
    first: bool,
    state: Box<[[Row; MAX_STATE]; AXES]>,
}

impl Swarm {
    /// In their initial states; `None` for rules that do not treat every parameter alike.
    pub fn new(rule: &Rule, dim: usize, arch: Arch) -> Option<Swarm> {
        Some(Swarm {
            arch,
            rule: rule.info().lanes?,
            dim: dim.min(AXES),
            params: Box::new([Row::all(0.0); MAX_PARAMS]),
            shared: Box::new([Row::all(0.0); MAX_SHARED]),
            first: true,
            state: Box::new([[Row::all(0.0); MAX_STATE]; AXES]),
        })
    }

    /// Gives a lane its hyperparameters, in the rule's order.
    pub fn set(&mut self, lane: usize, params: &[f64; MAX_PARAMS]) {
        for (row, value) in self.params.iter_mut().zip(params) {
            row[lane] = *value;
        }
    }

    /// Begins a step at these rates. Writes into `at` where gradients are to be taken and returns true, unless that is at the
    /// iterates `w`.
    pub fn begin(&mut self, rates: &Row, w: &[Row; AXES], at: &mut [Row; AXES]) -> bool {
        (self.rule.prepare)(self, rates);
        self.first = false;
        let Some(look) = self.rule.look else {
            return false;
        };
        look(self, rates, w, at);
        true
    }

    /// Ends it with these gradients: one update of every lane, from `w` to `next`.
    pub fn end(
        &mut self,
        rates: &Row,
        gradients: [&Row; AXES],
        w: &[Row; AXES],
        next: &mut [Row; AXES],
    ) {
        (self.rule.update)(self, rates, gradients, w, next);
        next[self.dim..].copy_from_slice(&w[self.dim..]);
    }
}

struct Prepare<'a, R>(&'a mut Swarm, &'a Row, PhantomData<R>);
struct Ahead<'a, R>(
    &'a Swarm,
    &'a Row,
    &'a [Row; AXES],
    &'a mut [Row; AXES],
    PhantomData<R>,
);
struct Update<'a, R>(
    &'a mut Swarm,
    &'a Row,
    [&'a Row; AXES],
    (&'a [Row; AXES], &'a mut [Row; AXES]),
    PhantomData<R>,
);

/// The numbers of one lane.
#[inline(always)]
fn of_lane<const N: usize>(rows: &[Row; N], lane: usize) -> [f64; N] {
    std::array::from_fn(|k| rows[k][lane])
}

impl<R: Elementwise> WithSimd for Prepare<'_, R> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Prepare(swarm, rates, _) = self;
        prepare::<R>(rates, &swarm.params, &mut swarm.shared, swarm.first);
    }
}

impl<R: Elementwise> WithSimd for Ahead<'_, R> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Ahead(swarm, rates, w, at, _) = self;
        for axis in 0..swarm.dim {
            let (params, shared) = (&swarm.params, &swarm.shared);
            let state = &swarm.state[axis];
            look::<R>(rates, params, shared, state, &w[axis], &mut at[axis]);
        }
    }
}

impl<R: Elementwise> WithSimd for Update<'_, R> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Update(swarm, rates, gradients, (w, next), _) = self;
        for axis in 0..swarm.dim {
            let (params, shared) = (&swarm.params, &swarm.shared);
            let state = &mut swarm.state[axis];
            let from = (&w[axis], gradients[axis]);
            update::<R>(rates, params, shared, state, from, &mut next[axis]);
        }
    }
}

// Functions of rows: compilers know of a function's arguments alone that they do not overlap, and so spread the loop over lanes.

#[inline(always)]
fn prepare<R: Elementwise>(
    rates: &Row,
    params: &[Row; MAX_PARAMS],
    shared: &mut [Row; MAX_SHARED],
    first: bool,
) {
    for (lane, rate) in rates.iter().enumerate() {
        let mut numbers = of_lane(shared, lane);
        R::prepare(&of_lane(params, lane), *rate, &mut numbers, first);
        for (row, number) in shared.iter_mut().zip(numbers) {
            row[lane] = number;
        }
    }
}

#[inline(always)]
fn look<R: Elementwise>(
    rates: &Row,
    params: &[Row; MAX_PARAMS],
    shared: &[Row; MAX_SHARED],
    state: &[Row; MAX_STATE],
    w: &Row,
    at: &mut Row,
) {
    for (lane, (w, at)) in w.iter().zip(&mut **at).enumerate() {
        let (params, shared) = (of_lane(params, lane), of_lane(shared, lane));
        let state = of_lane(state, lane);
        let coordinate = Coordinate::new((*w, 0.0), rates[lane], &params, &shared, state);
        *at = R::look(&coordinate);
    }
}

#[inline(always)]
fn update<R: Elementwise>(
    rates: &Row,
    params: &[Row; MAX_PARAMS],
    shared: &[Row; MAX_SHARED],
    state: &mut [Row; MAX_STATE],
    (w, gradient): (&Row, &Row),
    next: &mut Row,
) {
    for (lane, next) in next.iter_mut().enumerate() {
        let (params, shared) = (of_lane(params, lane), of_lane(shared, lane));
        let before = of_lane(state, lane);
        let here = (w[lane], gradient[lane]);
        let mut coordinate = Coordinate::new(here, rates[lane], &params, &shared, before);
        *next = R::update(&mut coordinate);
        let after = state.iter_mut().zip(coordinate.state);
        for (row, value) in after.take(R::STATE.len()) {
            row[lane] = value;
        }
    }
}
