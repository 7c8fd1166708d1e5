//! What the plot beside the scene shows against the step.

/// A quantity with one number a step for every descent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlotQuantity {
    Loss,
    LogLoss,
    /// log₁₀(f − f*), f* the known minimum.
    LogGap,
    /// The share of the samples whose class is named right.
    Accuracy,
    /// Of the exact gradient.
    GradientNorm,
    Rate,
    /// The greatest eigenvalue of the Hessian, and what the rule bears of it.
    Sharpness,
    /// From the minimum of a quadratic, along its eigendirections.
    Errors,
}

impl PlotQuantity {
    /// With their names in files.
    pub const NAMED: &[(&str, PlotQuantity)] = &[
        ("loss", PlotQuantity::Loss),
        ("log-loss", PlotQuantity::LogLoss),
        ("gap", PlotQuantity::LogGap),
        ("accuracy", PlotQuantity::Accuracy),
        ("gradient", PlotQuantity::GradientNorm),
        ("rate", PlotQuantity::Rate),
        ("sharpness", PlotQuantity::Sharpness),
        ("errors", PlotQuantity::Errors),
    ];

    /// The name in files.
    pub fn word(self) -> &'static str {
        let named = PlotQuantity::NAMED.iter().find(|(_, it)| *it == self);
        named.map_or("", |(word, _)| word)
    }
}
