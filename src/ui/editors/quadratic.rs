//! What gd and momentum do along the eigendirections of a quadratic, beside their hyperparameters.

use bevy_egui::egui;

use crate::descent::Plan;
use crate::descent::quadratic::{Directions, Mode, Regime, best, momentum};
use crate::ui::reader::ShownDescent;

/// Only where the Hessian is the same everywhere, and there are two parameters at most.
pub(super) fn quadratic_ui(ui: &mut egui::Ui, plan: &mut Plan, shown: &ShownDescent<'_>) {
    let objective = shown.run.objective();
    let Some(kept) = momentum(&plan.rule).filter(|_| objective.dim() <= 2) else {
        return;
    };
    let domain = &shown.landscape.panel.domain;
    let Some(directions) = Directions::of(objective.as_ref(), domain) else {
        return;
    };
    // A pull towards the origin that is part of the gradient curves as well.
    let pull = plan.rule.get("weight_decay").unwrap_or(0.0);
    let values: Vec<f64> = directions
        .eigenvalues
        .iter()
        .map(|value| value + pull)
        .collect();
    for value in &values {
        ui.weak(mode_text(&Mode::new(*value, plan.rate, kept)))
            .on_hover_text("What becomes of the error along an eigenvector of the Hessian, in the long run, at the full rate");
    }
    let heavy = plan.rule.get("momentum").is_some();
    // What hardly curves may have none that is a number.
    let best = best(&values, heavy).filter(|(rate, _)| rate.is_finite() && *rate > 0.0);
    let Some((rate, kept)) = best else {
        return;
    };
    let text = if heavy {
        "best rate and momentum here"
    } else {
        "best rate here"
    };
    let tip =
        "Sets those with which the slowest direction fades fastest, for this surface's curvatures";
    if ui.button(text).on_hover_text(tip).clicked() {
        plan.rate = rate;
        if heavy {
            plan.rule.set("momentum", kept);
        }
    }
}

fn mode_text(mode: &Mode) -> String {
    let does = match mode.regime {
        Regime::Fades => "fades",
        Regime::Rings => "rings",
        Regime::Stays => "stays",
        Regime::Grows => "grows",
    };
    // Of a factor near 1 only what it lacks tells how fast it is.
    let factor = if (0.99..1.01).contains(&mode.factor) {
        format!("{:.5}", mode.factor)
    } else {
        format!("{:.3}", mode.factor)
    };
    let value = crate::landscape::ticks::label_within(mode.eigenvalue, mode.eigenvalue.abs());
    format!("λ {value}: {does}, factor {factor} a step")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_direction_is_one_short_line() {
        let text = |value, rate, kept| mode_text(&Mode::new(value, rate, kept));
        assert!(text(10.0, 0.18, 0.0).ends_with(": rings, factor 0.800 a step"));
        assert!(text(10.0, 0.05, 0.0).ends_with(": fades, factor 0.500 a step"));
        assert!(text(10.0, 0.3, 0.0).ends_with(": grows, factor 2.000 a step"));
        assert!(text(0.0, 0.3, 0.0).ends_with(": stays, factor 1.00000 a step"));
    }
}
