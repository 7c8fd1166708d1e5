//! The built-in experiments: files embedded in the program.

/// An experiment file that comes with the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Builtin {
    pub name: &'static str,
    pub text: &'static str,
}

macro_rules! builtins {
    ($($name:literal),+ $(,)?) => {
        &[$(Builtin {
            name: $name,
            text: include_str!(concat!("../../assets/experiments/", $name, ".toml")),
        }),+]
    };
}

/// Every built-in experiment, in the order of a course; the first is the default.
pub static BUILTINS: &[Builtin] = builtins![
    "race",
    "noisy-quartic",
    "parabola-overshoot",
    "tilted-double-well",
    "convex-vs-nonconvex",
    "two-hikers",
    "bowl",
    "learning-rate-stability",
    "why-two-over-lambda",
    "quadratic",
    "momentum-in-a-ravine",
    "rosenbrock",
    "saddle",
    "learning-rate-sensitivity",
    "nesterov-vs-momentum",
    "cosine-annealing",
    "basins",
    "tuning",
    "fractal-edge",
    "adam-step-by-step",
    "newton-vs-gradient",
    "mnist",
    "mnist-pixels",
    "moons",
    "spirals",
    "three-minima",
    "skip-connections",
    "edge-of-stability",
];

/// The built-in experiment of that name.
pub fn builtin(name: &str) -> Option<&'static Builtin> {
    BUILTINS.iter().find(|builtin| builtin.name == name)
}
