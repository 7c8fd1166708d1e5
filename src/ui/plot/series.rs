//! The numbers that the plot shows of a descent: those of its history, or others that are made of it.

use super::quantity::Quantity;
use crate::descent::Record;
use crate::descent::quadratic::Directions;
use crate::lab::PanelLandscape;
use crate::objective::network::{Network, Targets};
use crate::ui::reader::ShownDescent;

/// The eigendirections of what a panel shows, if it is a quadratic with a minimum.
pub(crate) fn directions(landscape: &PanelLandscape) -> Option<Directions> {
    let objective = &*landscape.field.objective;
    let found = Directions::of(objective, &landscape.panel.domain)?;
    found.has_minimum().then_some(found)
}

/// Whether a panel's samples have classes.
pub(crate) fn has_classes(landscape: &PanelLandscape) -> bool {
    let objective = &landscape.field.objective;
    let network = objective.as_network();
    let of_numbers = |network: &Network| matches!(network.data().targets(), Targets::Numbers(_));
    objective.samples().is_some() && !network.is_some_and(of_numbers)
}

/// One number for every step from 0 on, or for some of the steps, ascending.
#[derive(Clone, Copy)]
pub(crate) struct Series<'a> {
    pub(crate) steps: Option<&'a [usize]>,
    pub(crate) numbers: &'a [f64],
}

impl<'a> Series<'a> {
    /// Every number with its step.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, f64)> {
        let numbers = self.numbers.iter().enumerate();
        numbers.map(|(place, number)| (self.step(place), *number))
    }

    fn step(&self, place: usize) -> usize {
        match self.steps {
            Some(steps) => steps.get(place).copied().unwrap_or(usize::MAX),
            None => place,
        }
    }

    /// The steps before this one have so many numbers.
    pub(crate) fn before(&self, step: usize) -> usize {
        match self.steps {
            Some(steps) => steps.partition_point(|known| *known < step),
            None => step.min(self.numbers.len()),
        }
    }

    /// The last number up to a step, and its step.
    pub(crate) fn at(&self, step: usize) -> Option<(usize, f64)> {
        let place = self.before(step.saturating_add(1)).checked_sub(1)?;
        Some((self.step(place), *self.numbers.get(place)?))
    }
}

/// What is made of a history for a quantity that does not stand in it.
#[derive(Default)]
pub(crate) struct Derived {
    /// In place of the history's, if there are any.
    numbers: Option<Vec<f64>>,
    /// What the numbers are compared with.
    companion: Vec<f64>,
    /// The steps of both, where there is not one for every step.
    steps: Option<Vec<usize>>,
}

impl Derived {
    /// `directions` are those of the panel's quadratic, if it shows one.
    pub(crate) fn new(
        quantity: Quantity,
        descent: &ShownDescent<'_>,
        directions: Option<&Directions>,
    ) -> Option<Derived> {
        match quantity {
            Quantity::Loss | Quantity::LogLoss => {
                let held_out = descent.held_out;
                (!held_out.loss.is_empty()).then(|| Derived {
                    numbers: None,
                    companion: held_out.loss.clone(),
                    steps: Some(held_out.steps.clone()),
                })
            }
            Quantity::Accuracy => Some(Derived {
                numbers: Some(descent.held_out.accuracy.clone()),
                companion: descent.held_out.held_out_accuracy.clone(),
                steps: Some(descent.held_out.steps.clone()),
            }),
            Quantity::Sharpness => Some(Derived {
                numbers: Some(descent.sharpness.curvature.clone()),
                companion: descent.sharpness.bearable.clone(),
                steps: Some(descent.sharpness.steps.clone()),
            }),
            Quantity::Errors => {
                let errors = directions.map(|directions| {
                    let history = descent.run.history().iter();
                    history.map(|w| directions.errors(w)).unzip()
                });
                let (numbers, companion) = errors.unwrap_or_default();
                Some(Derived {
                    numbers: Some(numbers),
                    companion,
                    steps: None,
                })
            }
            _ => None,
        }
    }

    /// What the series is compared with.
    pub(crate) fn companion(&self) -> Series<'_> {
        Series {
            steps: self.steps.as_deref(),
            numbers: &self.companion,
        }
    }
}

/// A descent's numbers: those that were derived, or those of its history.
pub(crate) fn series<'a>(
    quantity: Quantity,
    descent: &'a ShownDescent<'_>,
    derived: Option<&'a Derived>,
) -> Series<'a> {
    let own = derived.and_then(|derived| Some((derived, derived.numbers.as_ref()?)));
    match own {
        Some((derived, numbers)) => Series {
            steps: derived.steps.as_deref(),
            numbers,
        },
        None => Series {
            steps: descent.run.plan().record.as_ref().map(Record::steps),
            numbers: quantity.of(descent.run.history()),
        },
    }
}
