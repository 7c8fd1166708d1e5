//! The numbers that a figure's plot shows against the step: those that the experiment asks for, as far as a figure has them.

use crate::descent::History;
use crate::descent::quadratic::Directions;
use crate::experiment::PlotQuantity;
use crate::export::{PanelScene, Scene, SceneDescent};
use crate::objective::Objective;
use crate::objective::network::Targets;

/// Iterates of a descent at which a model is asked for its classes, about.
const ASKED: usize = 400;

/// What is plotted of a panel.
pub(super) struct Plotted<'a> {
    pub title: String,
    /// Whether the axis is logarithmic; `None`: where the numbers differ much.
    pub is_log: Option<bool>,
    /// Whether it is a loss, which may grow beyond what is worth to be seen.
    pub is_loss: bool,
    pub lines: Vec<Series<'a>>,
}

/// A line of a plot.
pub(super) struct Series<'a> {
    pub descent: &'a SceneDescent,
    /// Steps, ascending, and finite numbers.
    pub points: Vec<[f64; 2]>,
    /// Whether it is what the descent's own line is compared with.
    pub is_companion: bool,
}

/// What a figure shows of a panel where this is asked for; `None`: the losses, on the axis that suits them.
pub(super) fn quantity(drawn: &PanelScene, asked: Option<PlotQuantity>) -> Option<PlotQuantity> {
    use PlotQuantity::{Accuracy, Errors, GradientNorm, LogGap, LogLoss, Loss, Rate, Sharpness};
    let any = |numbers: fn(&History) -> &[f64]| {
        shown(drawn).any(|descent| !numbers(&descent.history).is_empty())
    };
    asked.filter(|asked| match asked {
        Loss | LogLoss => true,
        LogGap => drawn.critical.minimum().is_some(),
        Accuracy => has_classes(&*drawn.objective),
        GradientNorm => any(History::gradient_norms),
        Rate => any(History::rates),
        Errors => directions(drawn).is_some(),
        Sharpness => false,
    })
}

impl Scene {
    /// Where plots of figures show the loss although something else is asked for, in words.
    pub(in crate::export) fn unplotted(&self) -> Vec<String> {
        let Some(asked) = self.experiment.view.plot else {
            return Vec::new();
        };
        let panels = self.panels.iter();
        let without = panels.filter(|drawn| quantity(drawn, Some(asked)).is_none());
        let titles: Vec<String> = without
            .map(|drawn| format!("`{}`", drawn.panel.title))
            .collect();
        let (word, titles) = (asked.word(), titles.join(", "));
        let why = match asked {
            _ if titles.is_empty() => return Vec::new(),
            PlotQuantity::Sharpness => "which figures do not show".to_owned(),
            _ => format!("which there is not of {titles}"),
        };
        vec![format!(
            "view.plot is \"{word}\", {why}: the plot shows the loss"
        )]
    }
}

impl<'a> Plotted<'a> {
    pub fn of(drawn: &'a PanelScene, asked: Option<PlotQuantity>) -> Plotted<'a> {
        let loss = &drawn.panel.labels[2];
        let of_history = |numbers: &dyn Fn(&'a History) -> &'a [f64], offset: f64| {
            let line = |descent: &'a SceneDescent| {
                let numbers = numbers(&descent.history).iter().enumerate();
                Series::new(descent, numbers.map(|(k, number)| (k, number - offset)))
            };
            shown(drawn).map(line).collect::<Vec<_>>()
        };
        let losses = |offset| of_history(&History::losses, offset);
        let plotted = |title: &str, is_log: Option<bool>, lines| Plotted {
            title: title.to_owned(),
            is_log,
            is_loss: false,
            lines,
        };
        let of_loss = |title: &str, is_log, offset| Plotted {
            is_loss: true,
            ..plotted(title, is_log, losses(offset))
        };
        let stand_in = match asked {
            // The others are of this kind, too.
            Some(PlotQuantity::LogGap | PlotQuantity::Errors) => Some(PlotQuantity::LogLoss),
            _ => None,
        };
        match quantity(drawn, asked).or(stand_in) {
            None | Some(PlotQuantity::Sharpness) => of_loss(loss, None, 0.0),
            Some(PlotQuantity::Loss) => of_loss(loss, Some(false), 0.0),
            Some(PlotQuantity::LogLoss) => {
                let all = shown(drawn).flat_map(|descent| descent.history.losses());
                match all.copied().fold(f64::INFINITY, f64::min) {
                    0.0.. => of_loss(loss, Some(true), 0.0),
                    // A logarithm needs what is above 0.
                    _ => of_loss(
                        &format!("{loss} above its lowest"),
                        Some(true),
                        drawn.scale.base,
                    ),
                }
            }
            Some(PlotQuantity::LogGap) => {
                let lowest = drawn.critical.minimum().unwrap_or_default();
                of_loss("f − f*", Some(true), lowest)
            }
            Some(PlotQuantity::GradientNorm) => {
                let lines = of_history(&History::gradient_norms, 0.0);
                plotted("gradient norm ‖∇f‖", Some(true), lines)
            }
            Some(PlotQuantity::Rate) => plotted(
                "learning rate η",
                Some(false),
                of_history(&History::rates, 0.0),
            ),
            Some(PlotQuantity::Accuracy) => accuracies(drawn),
            Some(PlotQuantity::Errors) => errors(drawn),
        }
    }
}

impl<'a> Series<'a> {
    /// Of numbers with their places in the history.
    fn new(descent: &'a SceneDescent, numbers: impl Iterator<Item = (usize, f64)>) -> Series<'a> {
        // A last gradient may not be finite.
        let finite = numbers.filter(|(_, number)| number.is_finite());
        Series {
            descent,
            points: finite
                .map(|(entry, number)| [descent.step_of(entry as f64), number])
                .collect(),
            is_companion: false,
        }
    }

    fn companion(self) -> Series<'a> {
        Series {
            is_companion: true,
            ..self
        }
    }
}

fn shown(drawn: &PanelScene) -> impl Iterator<Item = &SceneDescent> {
    drawn.descents.iter().filter(|descent| descent.spec.shown)
}

fn has_classes(objective: &dyn Objective) -> bool {
    let network = objective.as_network();
    let of_numbers = network.is_some_and(|net| matches!(net.data().targets(), Targets::Numbers(_)));
    objective.samples().is_some() && !of_numbers
}

/// What share of the classes is named right at some of a descent's iterates.
fn accuracy<'a>(descent: &'a SceneDescent, objective: &dyn Objective) -> Series<'a> {
    let history = &descent.history;
    let last = history.len().saturating_sub(1);
    let every = history.len().div_ceil(ASKED).max(1);
    let asked = (0..history.len()).filter(|k| k % every == 0 || *k == last);
    let named = asked.filter_map(|k| Some((k, objective.accuracy(history.at(k))?)));
    Series::new(descent, named)
}

fn accuracies(drawn: &PanelScene) -> Plotted<'_> {
    let objective = &*drawn.objective;
    let mut lines = Vec::new();
    for descent in shown(drawn) {
        lines.push(accuracy(descent, objective));
        let held_out = objective.held_out();
        lines.extend(held_out.map(|held_out| accuracy(descent, held_out).companion()));
    }
    let title = match objective.held_out() {
        Some(_) => "accuracy (dashed: of samples kept apart)",
        None => "accuracy",
    };
    Plotted {
        title: title.to_owned(),
        is_log: Some(false),
        is_loss: false,
        lines,
    }
}

/// The eigendirections of what a panel shows, if it is a quadratic with a minimum.
fn directions(drawn: &PanelScene) -> Option<Directions> {
    let found = Directions::of(&*drawn.objective, &drawn.panel.domain)?;
    found.has_minimum().then_some(found)
}

fn errors(drawn: &PanelScene) -> Plotted<'_> {
    let directions = directions(drawn);
    let mut lines = Vec::new();
    for descent in shown(drawn) {
        let errors = || {
            let all = directions.iter().flat_map(|directions| {
                let history = descent.history.iter();
                history.map(|w| directions.errors(w))
            });
            all.enumerate()
        };
        let flattest = errors().map(|(k, (flattest, _))| (k, flattest));
        lines.push(Series::new(descent, flattest));
        let steepest = errors().map(|(k, (_, steepest))| (k, steepest));
        lines.push(Series::new(descent, steepest).companion());
    }
    Plotted {
        title: "error along eigenvectors (dashed: the steepest)".to_owned(),
        is_log: Some(true),
        is_loss: false,
        lines,
    }
}
