//! Objectives written as text: a formula in x, or in x and y.
//!
//! A formula is parsed once into a short program in reverse Polish order (`program.rs`), which runs
//! over plain numbers for the loss and over second-order dual numbers for the exact gradient and
//! Hessian. The grammar and its conventions are in `parse.rs`.

mod constants;
mod functions;
mod hints;
pub mod lanes;
mod number;
mod operands;
mod parse;
mod program;
mod vocabulary;
pub mod wgsl;

use num_dual::HyperDual64;

pub use self::constants::Constant;
use self::program::Program;
pub use self::vocabulary::is_minus;
use super::Objective;

/// A parsed formula in x, or in x and y, that keeps its source text. It may have constants with names, whose values can be
/// changed.
///
/// ```
/// use steepest::objective::{Formula, Objective};
///
/// let valley = Formula::parse("(1 - x)^2 + 100 (y - x^2)^2").unwrap();
/// let mut gradient = [0.0; 2];
/// assert_eq!(valley.gradient(&[-1.0, 2.0], &mut gradient), 104.0);
/// assert_eq!(gradient, [396.0, 200.0]);
/// ```
#[derive(Debug, Clone)]
pub struct Formula {
    source: String,
    constants: Vec<Constant>,
    dim: usize,
    program: Program,
}

/// Two formulas are equal when they read the same and have the same constants and variables.
impl PartialEq for Formula {
    fn eq(&self, other: &Self) -> bool {
        let Formula {
            source,
            constants,
            dim,
            program: _,
        } = self;
        *source == other.source && *constants == other.constants && *dim == other.dim
    }
}

/// Why a text is no formula, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("column {column}: {message}")]
pub struct FormulaError {
    /// Where in the text, counted in characters from 1; one past the end when it breaks off.
    pub column: usize,
    /// What is wrong there, in words.
    pub message: String,
    /// A name that nothing has, where it could be a constant's.
    pub unknown: Option<String>,
}

impl FormulaError {
    fn at(column: usize, message: impl Into<String>) -> FormulaError {
        FormulaError {
            column,
            message: message.into(),
            unknown: None,
        }
    }

    /// Two lines: the line of `source` at fault, and a caret under the column.
    pub fn pointer(&self, source: &str) -> String {
        let before: String = source.chars().take(self.column.saturating_sub(1)).collect();
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = source[start..].lines().next().unwrap_or("");
        let indent = before[start..].chars().count();
        format!("{}\n{}^", line.replace('\t', " "), " ".repeat(indent))
    }
}

impl Formula {
    /// The functions that a formula may call, by every name that they have.
    pub fn function_names() -> impl Iterator<Item = &'static str> {
        vocabulary::FUNCTIONS.iter().map(|(name, _)| *name)
    }

    /// Reads a formula without constants of its own; its [`dim`](Formula::dim) is 2 if y occurs in it, else 1.
    pub fn parse(text: &str) -> Result<Formula, FormulaError> {
        Formula::with_constants(text, Vec::new())
    }

    /// Reads a formula in which these constants may occur. A name that there is an [`objection`](Constant::objection) to is
    /// never found in a formula; of two constants of one name the first is meant.
    ///
    /// ```
    /// use steepest::objective::{Constant, Formula, Objective};
    ///
    /// let a = Constant { name: "a".to_owned(), value: 1.0 };
    /// let mut parabola = Formula::with_constants("(a - x)^2", vec![a]).unwrap();
    /// assert_eq!(parabola.value(&[3.0]), 4.0);
    /// parabola.set_constant(0, 6.0);
    /// assert_eq!(parabola.value(&[3.0]), 9.0);
    /// ```
    pub fn with_constants(text: &str, constants: Vec<Constant>) -> Result<Formula, FormulaError> {
        let program = parse::parse(text, &constants)?;
        Ok(Formula {
            source: text.to_owned(),
            constants,
            dim: if program.y_column.is_some() { 2 } else { 1 },
            program,
        })
    }

    /// The constants that may occur in it.
    pub fn constants(&self) -> &[Constant] {
        &self.constants
    }

    /// Whether the constant at this place occurs in it.
    pub fn uses(&self, constant: usize) -> bool {
        self.program.uses(constant)
    }

    /// Gives the constant at this place another value, finite. Where there is none, nothing changes.
    pub fn set_constant(&mut self, constant: usize, value: f64) {
        if let Some(constant) = self.constants.get_mut(constant) {
            constant.value = value;
            let constants = &self.constants;
            self.program.bind(|index| constants[index].value);
        }
    }

    /// The text it was read from.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The number of variables it is a function of.
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// The same formula seen as a function of `dim` variables: a formula without y can be a
    /// surface. Fails where y occurs and `dim` is 1, and for any `dim` but 1 and 2.
    pub fn with_dim(self, dim: usize) -> Result<Formula, FormulaError> {
        match (dim, self.program.y_column) {
            (1, Some(column)) => {
                let message = "y occurs, but this is to be a curve in x alone";
                Err(FormulaError::at(column, message))
            }
            (1 | 2, _) => Ok(Formula { dim, ..self }),
            _ => {
                let message = format!("a formula has 1 or 2 variables, not {dim}");
                Err(FormulaError::at(1, message))
            }
        }
    }

    /// Loss and derivatives along two coordinate axes: the first by `i` and by `j`, the second by both.
    fn derivatives(&self, w: &[f64], i: usize, j: usize) -> HyperDual64 {
        let variable = |k: usize| {
            let seed = |axis: usize| if axis == k { 1.0 } else { 0.0 };
            let value = w.get(k).copied().unwrap_or(0.0);
            HyperDual64::new(value, seed(i), seed(j), 0.0)
        };
        let result = self.program.run([variable(0), variable(1)]);
        if result.re.is_nan() {
            // Where there is no loss there is no slope either, although 1/x is one of ln(x) at −1.
            return HyperDual64::new(f64::NAN, f64::NAN, f64::NAN, f64::NAN);
        }
        result
    }
}

impl Objective for Formula {
    fn dim(&self) -> usize {
        self.dim
    }

    fn value(&self, w: &[f64]) -> f64 {
        let y = w.get(1).copied().unwrap_or(0.0);
        self.program.run([w[0], y])
    }

    fn is_outside(&self, w: &[f64]) -> bool {
        let y = w.get(1).copied().unwrap_or(0.0);
        self.program.is_outside([w[0], y])
    }

    fn gradient(&self, w: &[f64], out: &mut [f64]) -> f64 {
        let both = self.derivatives(w, 0, self.dim - 1);
        out[0] = both.eps1;
        out[self.dim - 1] = both.eps2;
        both.re
    }

    fn cost(&self) -> usize {
        10 * self.program.len()
    }

    fn hessian(&self, w: &[f64], out: &mut [f64]) -> bool {
        for i in 0..self.dim {
            for j in i..self.dim {
                let second = self.derivatives(w, i, j).eps1eps2;
                out[i * self.dim + j] = second;
                out[j * self.dim + i] = second;
            }
        }
        true
    }
}

#[cfg(test)]
mod tests;
