//! An axis with its range, and how the values along it lie.

use super::axis::{Axis, AxisError};
use crate::descent::Plan;
use crate::landscape::{Domain, Range};
use crate::objective::formula::is_minus;

/// How the values along an axis lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spacing {
    Even,
    /// Evenly in the logarithm.
    Log,
    /// Evenly in the logarithm of what is missing to 1.
    LogBelowOne,
}

impl Spacing {
    /// Where a value lies on a scale on which values are evenly spaced.
    pub fn along(self, value: f64) -> f64 {
        match self {
            Spacing::Even => value,
            Spacing::Log => value.ln(),
            Spacing::LogBelowOne => (1.0 - value).ln(),
        }
    }

    /// The value that lies there.
    pub fn value(self, along: f64) -> f64 {
        match self {
            Spacing::Even => along,
            Spacing::Log => along.exp(),
            Spacing::LogBelowOne => 1.0 - along.exp(),
        }
    }

    /// A value to so many significant digits; of what is spaced below 1 as many of what it lacks.
    pub fn rounded(self, value: f64, digits: usize) -> f64 {
        let text = match self {
            Spacing::LogBelowOne if value < 1.0 => {
                let size = (1.0 - value).log10().floor();
                let decimals = (digits as f64 - 1.0 - size).max(0.0) as usize;
                format!("{value:.decimals$}")
            }
            _ => format!("{value:.*e}", digits.saturating_sub(1)),
        };
        text.parse().unwrap_or(value)
    }
}

/// An axis and its range, both ends included.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span {
    pub axis: Axis,
    pub range: Range,
}

impl Span {
    /// `AXIS` with its usual range, or `AXIS=A:B`.
    ///
    /// # Errors
    /// What is wrong with the words, and what is expected.
    pub fn parse(text: &str, plan: &Plan, domain: Domain) -> Result<Span, AxisError> {
        let (name, range) = match text.split_once('=') {
            Some((name, range)) => (name.trim(), Some(range)),
            None => (text.trim(), None),
        };
        let axis = Axis::named(name, plan)?;
        let usual = axis.usual_range(plan, domain);
        let range = match range {
            Some(range) => parse_range(range).ok_or_else(|| AxisError::Range {
                found: text.to_owned(),
                axis: axis.name(),
                example: format!("{}={}:{}", axis.name(), usual[0], usual[1]),
            })?,
            None => usual,
        };
        axis.check(range)?;
        Ok(Span { axis, range })
    }

    /// As [`parse`](Self::parse) reads it.
    pub fn words(&self) -> String {
        let [low, high] = self.range;
        format!("{}={low}:{high}", self.axis.name())
    }

    /// The value at a fraction of the axis, its ends exact.
    pub fn value(&self, fraction: f64) -> f64 {
        let ([low, high], spacing) = (self.range, self.axis.spacing());
        if fraction <= 0.0 || fraction >= 1.0 {
            return if fraction <= 0.0 { low } else { high };
        }
        let [first, last] = self.range.map(|value| spacing.along(value));
        let value = spacing.value(first * (1.0 - fraction) + last * fraction);
        value.clamp(low, high)
    }

    /// Where a value lies, as a fraction of the axis: the inverse of [`value`](Self::value).
    pub fn fraction(&self, value: f64) -> f64 {
        let spacing = self.axis.spacing();
        let [low, high] = self.range.map(|value| spacing.along(value));
        (spacing.along(value) - low) / (high - low)
    }

    /// The axis from one fraction of it to another, which may lie beyond its ends, as far as there are values. `None` where too
    /// little is left to tell nodes apart.
    pub fn part(&self, [from, to]: [f64; 2]) -> Option<Span> {
        const NARROWEST: f64 = 1e-12;
        let spacing = self.axis.spacing();
        let [first, last] = self.range.map(|value| spacing.along(value));
        let value = |fraction: f64| spacing.value(first + (last - first) * fraction);
        let [mut low, mut high] = [value(from), value(to)];
        if let Axis::Param(_, param) = self.axis {
            (low, high) = (low.max(param.min), high.min(param.max));
        }
        let range = [low, high];
        let apart = NARROWEST * low.abs().max(high.abs());
        let is_sound = high - low > apart && high.is_finite() && self.axis.check(range).is_ok();
        is_sound.then_some(Span { range, ..*self })
    }

    /// The value of a node of so many.
    pub fn node(&self, index: usize, count: usize) -> f64 {
        self.value(index as f64 / (count - 1).max(1) as f64)
    }
}

fn parse_range(text: &str) -> Option<Range> {
    let number = |text: &str| text.trim().replace(is_minus, "-").parse::<f64>().ok();
    let (low, high) = text.split_once(':')?;
    let (low, high) = (number(low)?, number(high)?);
    (low < high && (high - low).is_finite()).then_some([low, high])
}
