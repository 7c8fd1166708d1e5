//! What the plot shows against the step: which numbers of a history, and where they lie on its axis.

use crate::descent::History;
use crate::descent::spread::RepeatOutcome;
use crate::lab::PanelLandscape;
use crate::lab::model::held_out::WatchHeldOut;

pub(crate) use crate::experiment::PlotQuantity as Quantity;

impl Quantity {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Quantity::Loss => "Loss",
            Quantity::LogLoss => "Loss, log",
            Quantity::LogGap => "f − f*, log",
            Quantity::GradientNorm => "Gradient norm ‖∇f‖, log",
            Quantity::Accuracy => "Accuracy",
            Quantity::Rate => "Learning rate η",
            Quantity::Sharpness => "Sharpness λ and its limit, log",
            Quantity::Errors => "Error along eigenvectors, log",
        }
    }

    /// A name for where there is little room.
    pub(crate) fn short(self) -> &'static str {
        match self {
            Quantity::GradientNorm => "‖∇f‖, log",
            Quantity::Rate => "Rate η",
            Quantity::Sharpness => "Sharpness λ, log",
            Quantity::Errors => "Error, log",
            other => other.name(),
        }
    }

    pub(crate) fn about(self) -> &'static str {
        match self {
            Quantity::Loss => {
                "The loss f at every step, on a linear axis; dashed, that over samples kept apart for a test"
            }
            Quantity::LogLoss => {
                "The loss f on a logarithmic axis. Where losses are not positive, the axis counts from the lowest \
                 loss of the landscape instead, and says so. Dashed: the loss over samples kept apart for a test"
            }
            Quantity::LogGap => {
                "How far the loss is above the lowest value f* of the landscape, on a logarithmic axis: linear \
                 convergence is a straight line"
            }
            Quantity::GradientNorm => {
                "The length of the exact gradient at every step, on a logarithmic axis: near 0 at a minimum or saddle"
            }
            Quantity::Accuracy => {
                "The share of the samples whose class the model names right, from 0 to 1: solid of those that it learns from, dashed \
                 of those kept apart for a test"
            }
            Quantity::Rate => "The learning rate of every step, as the schedule sets it",
            Quantity::Sharpness => {
                "The greatest curvature λ where the descent is, solid, and the greatest that its rule bears at the rate of the \
                 step, dashed: 2/η for gradient descent. Where the solid line is above, the rule overshoots. For rules that divide \
                 their steps λ is that of the Hessian divided alike"
            }
            Quantity::Errors => {
                "How far the descent is from the minimum of a quadratic: along its flattest eigenvector solid, along its steepest \
                 dashed. Straight lines fade, or grow, by the same factor every step"
            }
        }
    }

    pub(crate) fn is_log(self) -> bool {
        !matches!(self, Quantity::Loss | Quantity::Accuracy | Quantity::Rate)
    }

    /// One number a step. Rates are one fewer than iterates, and a last gradient may not be finite.
    pub(crate) fn of(self, history: &History) -> &[f64] {
        match self {
            Quantity::Loss | Quantity::LogLoss | Quantity::LogGap => history.losses(),
            Quantity::Rate => history.rates(),
            // They do not stand in it: see `Derived`.
            Quantity::Accuracy | Quantity::Sharpness | Quantity::Errors => &[],
            Quantity::GradientNorm => match history.gradient_norms() {
                [before @ .., last] if !last.is_finite() => before,
                all => all,
            },
        }
    }
}

impl Quantity {
    /// Whether it is the loss, on whatever axis.
    pub(crate) fn is_loss(self) -> bool {
        matches!(self, Quantity::Loss | Quantity::LogLoss)
    }

    /// What has to be measured for it of samples.
    pub(crate) fn watches(self) -> WatchHeldOut {
        match self {
            Quantity::Loss | Quantity::LogLoss => WatchHeldOut::Loss,
            Quantity::Accuracy => WatchHeldOut::Accuracy,
            _ => WatchHeldOut::Nothing,
        }
    }

    /// The same of a repeat; every repeat has the same rates.
    pub(crate) fn of_repeat(self, outcome: &RepeatOutcome) -> Option<&[f64]> {
        match self {
            Quantity::Loss | Quantity::LogLoss | Quantity::LogGap => Some(&outcome.losses),
            Quantity::GradientNorm => Some(&outcome.gradient_norms),
            Quantity::Accuracy | Quantity::Rate | Quantity::Sharpness | Quantity::Errors => None,
        }
    }
}

/// The plot's axis: a quantity and what is taken off it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct PlotAxis {
    pub(crate) quantity: Quantity,
    /// f*, or the landscape's lowest loss where a logarithm needs it.
    pub(crate) offset: f64,
    /// Above the offset, no more than this is rounding, on a logarithmic axis.
    rounding: f64,
    /// The place of zeros there: below all others, beyond a break. Minus infinity while it is not known.
    pub(crate) zero: f64,
}

impl PlotAxis {
    /// `lowest` is the lowest loss there is to plot.
    pub(crate) fn new(quantity: Quantity, landscape: &PanelLandscape, lowest: f64) -> PlotAxis {
        let offset = match quantity {
            Quantity::LogLoss if lowest <= 0.0 => landscape.scale.base,
            Quantity::LogGap => landscape.known_minimum().unwrap_or(0.0),
            _ => 0.0,
        };
        PlotAxis {
            quantity,
            offset,
            rounding: offset.abs() * f64::EPSILON,
            zero: f64::NEG_INFINITY,
        }
    }

    /// The same, with a place for zeros.
    pub(crate) fn with_zero(self, zero: f64) -> PlotAxis {
        PlotAxis { zero, ..self }
    }

    /// Where a number lies on the axis; infinities lie at its far end.
    pub(crate) fn place(&self, number: f64) -> f64 {
        if self.quantity.is_log() {
            let above = number - self.offset;
            if above > self.rounding {
                above.min(1e300).log10()
            } else {
                self.zero
            }
        } else {
            number.clamp(-1e300, 1e300)
        }
    }

    /// The number at a place.
    pub(crate) fn number(&self, place: f64) -> f64 {
        if self.quantity.is_log() && place <= self.zero {
            self.offset
        } else if self.quantity.is_log() {
            self.offset + 10f64.powf(place)
        } else {
            place
        }
    }

    /// What is said at the place of zeros: where the greatest curvature is negative there is none that a step could bear.
    pub(crate) fn zero_label(&self) -> &'static str {
        match self.quantity {
            Quantity::Sharpness => "≤ 0",
            _ => "0",
        }
    }

    pub(crate) fn title(&self) -> &'static str {
        match self.quantity {
            Quantity::LogLoss if self.offset != 0.0 => "loss above its lowest",
            Quantity::Loss | Quantity::LogLoss => "loss",
            Quantity::LogGap => "f − f*",
            Quantity::GradientNorm => "‖∇f‖",
            Quantity::Accuracy => "accuracy",
            Quantity::Rate => "η",
            Quantity::Sharpness => "λ",
            Quantity::Errors => "error",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(quantity: Quantity, offset: f64) -> PlotAxis {
        PlotAxis {
            quantity,
            offset,
            rounding: offset.abs() * f64::EPSILON,
            zero: -9.0,
        }
    }

    #[test]
    fn a_logarithmic_axis_has_no_holes() {
        let log = axis(Quantity::LogLoss, 0.0);
        for (loss, place) in [
            (100.0, 2.0),
            (1.0, 0.0),
            (1e-200, -200.0),
            (0.0, -9.0),
            (-5.0, -9.0),
            (f64::INFINITY, 300.0),
        ] {
            assert!((log.place(loss) - place).abs() < 1e-9, "{loss}");
        }
    }

    #[test]
    fn the_gap_is_counted_from_the_minimum() {
        let gap = axis(Quantity::LogGap, -4.0);
        assert_eq!(gap.place(6.0), 1.0);
        assert_eq!(gap.place(-3.9).round(), -1.0);
        // At the minimum itself only rounding is left.
        assert_eq!(gap.place(-4.0), -9.0);
        assert_eq!(gap.place(-4.0 + 4e-16), -9.0);
        assert_eq!(gap.number(-9.0), -4.0);
        assert_eq!(axis(Quantity::Loss, 0.0).place(-4.0), -4.0);
    }
}
