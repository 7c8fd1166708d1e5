//! What a panel shows the loss of: a function, or the softmax regression on MNIST over two of its weights.

use super::NamedObjective;
use super::catalog::find;
use crate::landscape::sweep::Slice;
use crate::landscape::{Range, ToldMinima};
use crate::objective::softmax::{CLASSES, FEATURES, WEIGHTS};
use crate::objective::{Formula, Objective};

/// A panel's objective.
#[derive(Debug, Clone, PartialEq)]
pub enum ObjectiveSpec {
    Function(FunctionSpec),
    Mnist(MnistSpec),
}

/// A named objective of the [`catalog`](super::catalog), or a formula of the user's own.
#[derive(Debug, Clone, PartialEq)]
pub struct FunctionSpec {
    /// The name in the catalogue; `None` for a formula of the user's own.
    pub name: Option<String>,
    pub formula: Formula,
    /// Between which values the sliders of the formula's constants move, one of them each.
    pub spans: Vec<Range>,
    /// Where the known minima are; may be empty.
    pub minima: Vec<Vec<f64>>,
}

/// The loss of softmax regression on MNIST, over a plane of two weights.
#[derive(Debug, Clone, PartialEq)]
pub struct MnistSpec {
    /// The weights on the axes: two different ones.
    pub u: Weight,
    pub v: Weight,
    pub through: Through,
    /// Whether the plane passes through the weights at the step shown, instead of the final ones.
    pub follows: bool,
    /// Nodes along u and along v, 2 to [`MAX_GRID`](super::MAX_GRID) each.
    pub grid: [usize; 2],
}

/// Where the weights that are not on the axes come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Through {
    /// All zero.
    Origin,
    /// Those of the panel's descent of this name.
    Descent(String),
}

impl Through {
    /// The word in files for the origin.
    pub const ORIGIN: &'static str = "origin";
}

/// One entry of the 2×10 weight matrix W.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weight {
    /// The row: 0 is the pixels' mean, 1 their standard deviation.
    pub feature: usize,
    /// The column: the digit.
    pub class: usize,
}

impl Weight {
    /// All of them, row by row.
    pub fn all() -> impl Iterator<Item = Weight> {
        (0..WEIGHTS).map(|index| Weight {
            feature: index / CLASSES,
            class: index % CLASSES,
        })
    }

    /// Its place among the parameters.
    pub fn index(self) -> usize {
        self.feature * CLASSES + self.class
    }

    /// Reads `W[0,3]`.
    pub fn parse(text: &str) -> Option<Weight> {
        let inside = text.trim().strip_prefix("W[")?.strip_suffix(']')?;
        let (feature, class) = inside.split_once(',')?;
        let weight = Weight {
            feature: feature.trim().parse().ok()?,
            class: class.trim().parse().ok()?,
        };
        (weight.feature < FEATURES && weight.class < CLASSES).then_some(weight)
    }
}

impl std::fmt::Display for Weight {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "W[{},{}]", self.feature, self.class)
    }
}

impl MnistSpec {
    /// The name in files.
    pub const NAME: &'static str = "mnist";
    pub const DEFAULT_GRID: [usize; 2] = [100, 100];
    /// The range of the lesson that this experiment is after, on both axes.
    pub const WIDE: [f64; 2] = [-5.0, 5.0];

    /// The plane through `weights`, of which there are [`WEIGHTS`].
    pub fn slice(&self, weights: &[f64]) -> Slice {
        let mut fixed = [0.0; WEIGHTS];
        for (fixed, weight) in fixed.iter_mut().zip(weights) {
            *fixed = *weight;
        }
        Slice {
            weights: fixed,
            u: self.u.index(),
            v: self.v.index(),
        }
    }

    /// The titles of the axes that follow from it.
    pub fn labels(&self) -> [String; 3] {
        [self.u.to_string(), self.v.to_string(), "loss".to_owned()]
    }
}

impl Default for MnistSpec {
    fn default() -> MnistSpec {
        let weight = |feature| Weight { feature, class: 0 };
        MnistSpec {
            u: weight(0),
            v: weight(1),
            through: Through::Origin,
            follows: false,
            grid: MnistSpec::DEFAULT_GRID,
        }
    }
}

impl FunctionSpec {
    /// The minima as the landscape is told them.
    pub fn told_minima(&self) -> ToldMinima<'_> {
        ToldMinima {
            places: &self.minima,
            are_global: self.name.is_some(),
        }
    }
}

impl ObjectiveSpec {
    /// The named objective of the catalogue, if there is one.
    pub fn named(name: &str) -> Option<ObjectiveSpec> {
        find(name).map(NamedObjective::spec)
    }

    /// A formula of the user's own.
    pub fn own(formula: Formula) -> ObjectiveSpec {
        ObjectiveSpec::Function(FunctionSpec::own(formula))
    }

    /// The name in files, unless it is a formula of the user's own.
    pub fn name(&self) -> Option<&str> {
        match self {
            ObjectiveSpec::Function(function) => function.name.as_deref(),
            ObjectiveSpec::Mnist(_) => Some(MnistSpec::NAME),
        }
    }

    /// The number of parameters that a descent has.
    pub fn parameters(&self) -> usize {
        match self {
            ObjectiveSpec::Function(function) => function.formula.dim(),
            ObjectiveSpec::Mnist(_) => WEIGHTS,
        }
    }

    /// The slice of a data set, if it is one.
    pub fn mnist(&self) -> Option<&MnistSpec> {
        match self {
            ObjectiveSpec::Function(_) => None,
            ObjectiveSpec::Mnist(mnist) => Some(mnist),
        }
    }

    /// The function, if it is one.
    pub fn function(&self) -> Option<&FunctionSpec> {
        match self {
            ObjectiveSpec::Function(function) => Some(function),
            ObjectiveSpec::Mnist(_) => None,
        }
    }

    /// The coordinates of parameters on the axes.
    pub fn coordinates(&self, w: &[f64]) -> Vec<f64> {
        match self {
            ObjectiveSpec::Function(_) => w.to_vec(),
            ObjectiveSpec::Mnist(mnist) => [mnist.u, mnist.v].map(|axis| w[axis.index()]).to_vec(),
        }
    }

    /// Whether the loss at `w` is known not to be finite, before any data are there.
    pub(super) fn is_hopeless_at(&self, w: &[f64]) -> bool {
        self.function()
            .is_some_and(|function| !function.formula.value(w).is_finite())
    }
}
