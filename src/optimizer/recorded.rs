//! What stands for the rule of a descent that was taken elsewhere. It moves nothing, and no list has it.

use super::terms::Terms;
use super::{Optimizer, Oracle, RuleInfo, Stability};

pub static INFO: RuleInfo = RuleInfo {
    name: "recorded",
    title: "Recorded",
    about: "A training that was recorded elsewhere.",
    formula: "",
    variants: &[],
    source: "",
    usual_rate: 1.0,
    kin: None,
    params: &[],
    quantities: &[],
    phases: &[],
    stability: Stability::None,
    build: |_, _| Box::new(Recorded),
    lanes: None,
};

struct Recorded;

impl Optimizer for Recorded {
    fn step(&mut self, _: &mut [f64], _: f64, _: &mut dyn Oracle, _: Option<&mut Terms>) {}

    fn boxed(&self) -> Box<dyn Optimizer> {
        Box::new(Recorded)
    }
}
