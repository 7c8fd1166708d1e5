//! Gradient descent: `w −= η g`.
//!
//! Source: Cauchy, "Méthode générale pour la résolution des systèmes d'équations simultanées"
//! (1847). With sampled gradients it is stochastic gradient descent (Robbins and Monro, 1951).

use super::{Optimizer, RuleInfo};

pub static INFO: RuleInfo = RuleInfo {
    name: "gd",
    title: "Gradient descent",
    about: "Steps straight downhill, further where it is steeper.",
    formula: "w ← w − η g",
    source: "Cauchy 1847; with sampled gradients Robbins & Monro 1951",
    usual_rate: 0.05,
    params: &[],
    build: |_, dim| Box::new(GradientDescent { g: vec![0.0; dim] }),
};

struct GradientDescent {
    g: Vec<f64>,
}

impl Optimizer for GradientDescent {
    fn step(&mut self, w: &mut [f64], rate: f64, gradient: &mut dyn FnMut(&[f64], &mut [f64])) {
        gradient(w, &mut self.g);
        for (w, g) in w.iter_mut().zip(&self.g) {
            *w -= rate * g;
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::optimizer::tests::verify;

    #[test]
    fn two_steps_by_hand() {
        // f = x², g = 2x: 1 → 1 − 0.1·2 → 0.8 − 0.1·1.6
        verify("gd", &[], 0.1, |x| 2.0 * x, 1.0, &[0.8, 0.64]);
    }
}
