//! Rules that treat every parameter alike: one generic description of what happens to one coordinate, and the loop over all.

use std::fmt::Debug;
use std::marker::PhantomData;
use std::ops::{Add, Div, Mul, Neg, Sub};

use super::terms::Terms;
use super::{MAX_PARAMS, Optimizer, Oracle, RuleInfo};

/// What a rule remembers of each parameter: at most so many numbers.
pub const MAX_STATE: usize = 4;
/// Numbers of a step that all coordinates share.
pub const MAX_SHARED: usize = 8;
/// Phases of a rule.
pub const MAX_PHASES: usize = 16;

/// Numbers that a rule can be worked out with.
pub trait Scalar:
    Copy
    + Debug
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    fn from_f64(x: f64) -> Self;
    fn one() -> Self {
        Self::from_f64(1.0)
    }
    fn sqrt(self) -> Self;
    fn abs(self) -> Self;
    fn max(self, other: Self) -> Self;
    fn min(self, other: Self) -> Self;
    /// This number to the power of another.
    fn pow(self, exponent: Self) -> Self;
    /// −1, 0 or 1; NaN stays NaN, so that an undefined gradient is noticed.
    fn sign(self) -> Self;
    /// The quotient of a rule that divides by a root of g². Where that root is 0, because there was no slope yet and ε is 0 (or
    /// because the square of a tiny slope is 0), there is no step.
    fn over(self, divisor: Self) -> Self;
    /// `a` where this number is above 0, else `b`.
    fn where_positive(self, a: Self, b: Self) -> Self;
}

impl Scalar for f64 {
    fn from_f64(x: f64) -> f64 {
        x
    }
    fn sqrt(self) -> f64 {
        f64::sqrt(self)
    }
    fn abs(self) -> f64 {
        f64::abs(self)
    }
    fn max(self, other: f64) -> f64 {
        f64::max(self, other)
    }
    fn min(self, other: f64) -> f64 {
        f64::min(self, other)
    }
    fn pow(self, exponent: f64) -> f64 {
        f64::powf(self, exponent)
    }
    fn sign(self) -> f64 {
        if self == 0.0 { 0.0 } else { self.signum() }
    }
    fn over(self, divisor: f64) -> f64 {
        if divisor == 0.0 { 0.0 } else { self / divisor }
    }
    fn where_positive(self, a: f64, b: f64) -> f64 {
        if self > 0.0 { a } else { b }
    }
}

/// The numbers of one coordinate in one step.
#[derive(Debug, Clone, Copy)]
pub struct Coordinate<'a, S> {
    /// The parameter before the step.
    pub w: S,
    /// Its gradient, where the rule had it taken.
    pub g: S,
    pub rate: S,
    /// The rule's hyperparameters.
    pub params: &'a [S],
    /// What all coordinates share in this step.
    pub shared: &'a [S; MAX_SHARED],
    /// What the rule remembers of this parameter, in the order of [`Elementwise::STATE`]; 0 before the first step.
    pub state: [S; MAX_STATE],
    phases: [S; MAX_PHASES],
    count: usize,
}

impl<'a, S: Scalar> Coordinate<'a, S> {
    /// Before its step, at a parameter with its gradient.
    #[inline(always)]
    pub fn new(
        (w, g): (S, S),
        rate: S,
        params: &'a [S],
        shared: &'a [S; MAX_SHARED],
        state: [S; MAX_STATE],
    ) -> Coordinate<'a, S> {
        Coordinate {
            w,
            g,
            rate,
            params,
            shared,
            state,
            phases: [S::from_f64(0.0); MAX_PHASES],
            count: 0,
        }
    }

    /// Takes note of what a phase has made of its quantity; called once for each of the rule's phases, in their order.
    #[inline(always)]
    pub fn put(&mut self, value: S) -> S {
        self.phases[self.count] = value;
        self.count += 1;
        value
    }
}

/// A rule that treats every parameter alike.
pub trait Elementwise: Send + Sync + 'static {
    const INFO: &'static RuleInfo;
    /// Keys of the quantities that are remembered from step to step.
    const STATE: &'static [&'static str] = &[];
    /// Whether it takes gradients elsewhere than at the iterate.
    const LOOKS: bool = false;

    /// Once a step, before its coordinates. What is shared is kept from step to step; `first` says that there was none before.
    fn prepare<S: Scalar>(params: &[S], rate: S, shared: &mut [S; MAX_SHARED], first: bool) {
        let _ = (params, rate, shared, first);
    }

    /// Where the gradient is taken: at the iterate, unless the rule [looks](Self::LOOKS) elsewhere.
    fn look<S: Scalar>(coordinate: &Coordinate<S>) -> S {
        coordinate.w
    }

    /// The parameter after the step.
    fn update<S: Scalar>(coordinate: &mut Coordinate<S>) -> S;
}

/// An optimizer by such a rule; the values are in the order of its parameters.
pub fn build<R: Elementwise>(params: &[f64], dim: usize) -> Box<dyn Optimizer> {
    let mut values = [0.0; MAX_PARAMS];
    values[..params.len()].copy_from_slice(params);
    Box::new(Run::<R> {
        params: values,
        shared: [0.0; MAX_SHARED],
        first: true,
        state: vec![[0.0; MAX_STATE]; dim],
        g: vec![0.0; dim],
        at: vec![0.0; dim],
        rule: PhantomData,
    })
}

struct Run<R> {
    params: [f64; MAX_PARAMS],
    shared: [f64; MAX_SHARED],
    first: bool,
    state: Vec<[f64; MAX_STATE]>,
    g: Vec<f64>,
    /// Room for the point at which the gradient is taken.
    at: Vec<f64>,
    rule: PhantomData<R>,
}

impl<R> Clone for Run<R> {
    fn clone(&self) -> Run<R> {
        Run {
            params: self.params,
            shared: self.shared,
            first: self.first,
            state: self.state.clone(),
            g: self.g.clone(),
            at: self.at.clone(),
            rule: PhantomData,
        }
    }
}

impl<R: Elementwise> Optimizer for Run<R> {
    fn step(
        &mut self,
        w: &mut [f64],
        rate: f64,
        oracle: &mut dyn Oracle,
        mut terms: Option<&mut Terms>,
    ) {
        R::prepare(&self.params, rate, &mut self.shared, self.first);
        self.first = false;
        let coordinate = |w: f64, g: f64, state: [f64; MAX_STATE]| {
            Coordinate::new((w, g), rate, &self.params, &self.shared, state)
        };
        if R::LOOKS {
            for ((at, w), state) in self.at.iter_mut().zip(&*w).zip(&self.state) {
                *at = R::look(&coordinate(*w, 0.0, *state));
            }
        }
        let at = if R::LOOKS { &self.at } else { &*w };
        oracle.gradient(at, &mut self.g);
        if let Some(terms) = terms.as_deref_mut() {
            let index = |key: &&str| R::INFO.quantities.iter().position(|q| q.key == *key);
            let kept = R::STATE.iter().enumerate();
            terms.before = kept
                .filter_map(|(slot, key)| {
                    let numbers = self.state.iter().map(|state| state[slot]);
                    Some((index(key)?, numbers.collect()))
                })
                .collect();
            terms.phases = vec![vec![0.0; w.len()]; R::INFO.phases.len()];
            terms.update = w.to_vec();
            terms.rate = rate;
        }
        for (i, ((w, g), state)) in w.iter_mut().zip(&self.g).zip(&mut self.state).enumerate() {
            let mut coordinate = coordinate(*w, *g, *state);
            *w = R::update(&mut coordinate);
            *state = coordinate.state;
            if let Some(terms) = terms.as_deref_mut() {
                for (phase, value) in terms.phases.iter_mut().zip(coordinate.phases) {
                    phase[i] = value;
                }
                terms.update[i] = *w - terms.update[i];
            }
        }
    }

    fn boxed(&self) -> Box<dyn Optimizer> {
        Box::new(self.clone())
    }
}
