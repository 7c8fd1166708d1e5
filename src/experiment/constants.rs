//! The named constants of a function: their values, and the spans of the sliders that move them.

use super::FunctionSpec;
use crate::landscape::Range;
use crate::objective::{Constant, Formula, FormulaError};

/// Constants of a formula.
pub const MAX_CONSTANTS: usize = 20;
/// What a constant is when nobody has said so yet.
const NEW_CONSTANT: f64 = 1.0;

/// The span of a constant of this value whose file does not say: from 0 to twice the value, or from −1 to 1 around 0.
pub(super) fn usual_span(value: f64) -> Range {
    // Its double may be too large for a number.
    let double = (2.0 * value).clamp(f64::MIN, f64::MAX);
    match value {
        0.0 => [-1.0, 1.0],
        _ if value > 0.0 => [0.0, double],
        _ => [double, 0.0],
    }
}

impl FunctionSpec {
    /// A formula of the user's own, with the usual spans.
    pub fn own(formula: Formula) -> FunctionSpec {
        let values = formula.constants().iter().map(|constant| constant.value);
        FunctionSpec {
            name: None,
            spans: values.map(usual_span).collect(),
            formula,
            minima: Vec::new(),
        }
    }

    /// Another formula of the user's own, as a function of as many variables or more, with the same constants.
    ///
    /// # Errors
    /// When the text is no formula in which these constants may occur.
    pub fn reworded(&self, text: &str) -> Result<FunctionSpec, FormulaError> {
        self.with(text, self.formula.constants().to_vec(), self.spans.clone())
    }

    /// The same with one constant more. Nothing has its name yet.
    ///
    /// # Errors
    /// Those of [`reworded`](FunctionSpec::reworded).
    pub fn with_constant(&self, name: &str) -> Result<FunctionSpec, FormulaError> {
        let mut constants = self.formula.constants().to_vec();
        constants.push(Constant {
            name: name.to_owned(),
            value: NEW_CONSTANT,
        });
        let mut spans = self.spans.clone();
        spans.push(usual_span(NEW_CONSTANT));
        self.with(self.formula.source(), constants, spans)
    }

    /// The same without the constant at this place.
    ///
    /// # Errors
    /// When the formula needs it.
    pub fn without_constant(&self, index: usize) -> Result<FunctionSpec, FormulaError> {
        let constants = self.formula.constants().iter().cloned();
        let constants = constants.zip(self.spans.iter().copied()).enumerate();
        let others = constants.filter(|(other, _)| *other != index);
        let (constants, spans) = others.map(|(_, constant)| constant).unzip();
        self.with(self.formula.source(), constants, spans)
    }

    fn with(
        &self,
        text: &str,
        constants: Vec<Constant>,
        spans: Vec<Range>,
    ) -> Result<FunctionSpec, FormulaError> {
        let formula = Formula::with_constants(text, constants)?;
        let dim = formula.dim().max(self.formula.dim());
        Ok(FunctionSpec {
            spans,
            ..FunctionSpec::own(formula.with_dim(dim)?)
        })
    }

    /// Gives the constant at this place another value, finite, and its span as much room as it takes. Minima that were
    /// known are so no more.
    pub fn set_constant(&mut self, index: usize, value: f64) {
        self.formula.set_constant(index, value);
        self.minima.clear();
        if let Some([low, high]) = self.spans.get_mut(index) {
            (*low, *high) = (low.min(value), high.max(value));
        }
    }

    /// The constants that do not occur in the formula.
    pub(super) fn idle_constants(&self) -> impl Iterator<Item = &str> {
        let constants = self.formula.constants().iter().enumerate();
        constants
            .filter(|(index, _)| !self.formula.uses(*index))
            .map(|(_, constant)| &*constant.name)
    }
}
