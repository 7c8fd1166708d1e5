//! A rule as WGSL, from its one description: it is run once over numbers that take note of what is done with them.
//!
//! What is printed works on variables of the shader, which has `power_of`:
//!
//! ```wgsl
//! var<private> params: array<vec4f, 2>;   // hyperparameters
//! var<private> shared_numbers: array<vec4f, 2>;
//! const LOOKS: bool;                       // whether gradients are taken elsewhere than at the iterate
//! fn prepare(rate: f32, first: bool)       // Elementwise::prepare
//! fn look(w: f32, rate: f32, state: vec4f) -> f32
//! fn update(w: f32, g: f32, rate: f32, state: ptr<function, vec4f>) -> f32
//! ```

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::Write;
use std::ops::{Add, Div, Mul, Neg, Sub};

use super::MAX_PARAMS;
use super::elementwise::{Coordinate, Elementwise, MAX_SHARED, MAX_STATE, Scalar};

/// A number that is yet to be worked out: its place among the notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Noted(usize);

/// What has been done in one function, in order; each thing once.
#[derive(Default)]
struct Notes {
    expressions: Vec<String>,
    places: HashMap<String, usize>,
}

thread_local! {
    static NOTES: RefCell<Notes> = RefCell::default();
}

/// The number that an expression makes.
fn note(expression: String) -> Noted {
    NOTES.with_borrow_mut(|notes| {
        if let Some(place) = notes.places.get(&expression) {
            return Noted(*place);
        }
        let place = notes.expressions.len();
        notes.expressions.push(expression.clone());
        notes.places.insert(expression, place);
        Noted(place)
    })
}

fn unary(function: &str, a: Noted) -> Noted {
    note(format!("{function}(n{})", a.0))
}

fn infix(a: Noted, operator: char, b: Noted) -> Noted {
    note(format!("n{} {operator} n{}", a.0, b.0))
}

fn call(function: &str, a: Noted, b: Noted) -> Noted {
    note(format!("{function}(n{}, n{})", a.0, b.0))
}

impl Add for Noted {
    type Output = Noted;
    fn add(self, other: Noted) -> Noted {
        infix(self, '+', other)
    }
}

impl Sub for Noted {
    type Output = Noted;
    fn sub(self, other: Noted) -> Noted {
        infix(self, '-', other)
    }
}

impl Mul for Noted {
    type Output = Noted;
    fn mul(self, other: Noted) -> Noted {
        infix(self, '*', other)
    }
}

impl Div for Noted {
    type Output = Noted;
    fn div(self, other: Noted) -> Noted {
        infix(self, '/', other)
    }
}

impl Neg for Noted {
    type Output = Noted;
    fn neg(self) -> Noted {
        note(format!("-n{}", self.0))
    }
}

impl Scalar for Noted {
    fn from_f64(x: f64) -> Noted {
        // Rules hold small numbers alone: 0, 1, 0.96 …
        note(format!("{:?}f", x as f32))
    }
    fn sqrt(self) -> Noted {
        unary("sqrt", self)
    }
    fn abs(self) -> Noted {
        unary("abs", self)
    }
    fn max(self, other: Noted) -> Noted {
        call("max", self, other)
    }
    fn min(self, other: Noted) -> Noted {
        call("min", self, other)
    }
    fn pow(self, exponent: Noted) -> Noted {
        call("power_of", self, exponent)
    }
    fn sign(self) -> Noted {
        unary("sign", self)
    }
    fn over(self, divisor: Noted) -> Noted {
        let (a, b) = (self.0, divisor.0);
        note(format!(
            "select(n{a} / n{b}, 0.0f, abs(n{b}) < LEAST_NORMAL)"
        ))
    }
    fn where_positive(self, a: Noted, b: Noted) -> Noted {
        note(format!("select(n{}, n{}, n{} > 0.0f)", b.0, a.0, self.0))
    }
}

/// The lines that have been noted since the last time.
fn lines() -> String {
    let notes = NOTES.take();
    let mut text = String::new();
    for (place, expression) in notes.expressions.iter().enumerate() {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "    let n{place} = {expression};");
    }
    text
}

/// Numbers that the shader keeps in vectors of four.
fn kept<const N: usize>(name: &str) -> [Noted; N] {
    std::array::from_fn(|k| note(place(name, k)))
}

fn place(name: &str, k: usize) -> String {
    format!("{name}[{}].{}", k / 4, ["x", "y", "z", "w"][k % 4])
}

/// The rule `R`.
pub(super) fn print<R: Elementwise>() -> String {
    let params = || kept::<MAX_PARAMS>("params");
    // Of a step that somebody gave up nothing is left.
    NOTES.take();
    let mut text = format!("const LOOKS: bool = {};\n", R::LOOKS);
    for (name, first) in [("prepare_first", true), ("prepare_next", false)] {
        let before = kept::<MAX_SHARED>("shared_numbers");
        let mut shared = before;
        R::prepare(&params(), note("rate".to_owned()), &mut shared, first);
        let changed = (0..MAX_SHARED).filter(|k| shared[*k] != before[*k]);
        let writes: String = changed
            .map(|k| format!("    {} = n{};\n", place("shared_numbers", k), shared[k].0))
            .collect();
        let lines = lines();
        text += &format!("fn {name}(rate: f32) {{\n{lines}{writes}}}\n");
    }
    text += "fn prepare(rate: f32, first: bool) {\n    if first {\n        prepare_first(rate);\n    } else {\n        \
             prepare_next(rate);\n    }\n}\n";

    let (params, shared) = (params(), kept::<MAX_SHARED>("shared_numbers"));
    let rate = note("rate".to_owned());
    let state = std::array::from_fn(|k| note(format!("state.{}", ["x", "y", "z", "w"][k])));
    let w = note("w".to_owned());
    let before = Coordinate::new((w, note("0.0f".to_owned())), rate, &params, &shared, state);
    let at = R::look(&before).0;
    let body = lines();
    text += &format!(
        "fn look(w: f32, rate: f32, state: vec4f) -> f32 {{\n{body}    return n{at};\n}}\n"
    );

    let (params, shared) = (
        kept::<MAX_PARAMS>("params"),
        kept::<MAX_SHARED>("shared_numbers"),
    );
    let rate = note("rate".to_owned());
    let state: [Noted; MAX_STATE] =
        std::array::from_fn(|k| note(format!("(*state).{}", ["x", "y", "z", "w"][k])));
    let here = (note("w".to_owned()), note("g".to_owned()));
    let mut coordinate = Coordinate::new(here, rate, &params, &shared, state);
    let next = R::update(&mut coordinate).0;
    let after = coordinate.state.map(|number| format!("n{}", number.0));
    let body = lines();
    text += &format!(
        "fn update(w: f32, g: f32, rate: f32, state: ptr<function, vec4f>) -> f32 {{\n{body}    *state = vec4f({});\n    return n{next};\n}}\n",
        after.join(", ")
    );
    text
}
