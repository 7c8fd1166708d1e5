//! What formulas and rules print: that it is WGSL, and that its gradients are those of dual numbers in double precision.

use naga::front::wgsl;
use naga::valid::{Capabilities, ValidationFlags, Validator};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use steepest::gpu::adapter::AdapterWish;
use steepest::gpu::context::Context;
use steepest::gpu::kernel::{Access, Dispatch, Program, Runner};
use steepest::gpu::maps::shader;
use steepest::objective::formula::wgsl::{Unprintable, library};
use steepest::objective::{Formula, Objective};
use steepest::optimizer::{RULES, Rule};
use wgpu::BufferUsages;

use super::HIMMELBLAU;

/// Checked as WebGPU defines the language, without extensions.
fn validate(source: &str) -> Result<(), String> {
    let module = wgsl::parse_str(source).map_err(|error| error.emit_to_string(source))?;
    let mut validator = Validator::new(ValidationFlags::all(), Capabilities::default());
    let checked = validator.validate(&module);
    checked.map_err(|error| error.emit_to_string(source))?;
    Ok(())
}

fn parse(text: &str) -> Formula {
    Formula::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn every_rule_prints() {
    let himmelblau = parse(HIMMELBLAU);
    for info in RULES {
        match shader(&himmelblau, &Rule::new(info)) {
            Ok(text) => validate(&text).unwrap_or_else(|error| panic!("{}: {error}", info.name)),
            Err(reason) => assert!(info.lanes.is_none(), "{}: {reason}", info.name),
        }
    }
}

const UNARY: [&str; 30] = [
    "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh",
    "exp", "ln", "log10", "log2", "log1p", "sqrt", "cbrt", "abs", "sign", "floor", "ceil", "round",
    "sigmoid", "relu", "softplus", "erf", "-", "2^",
];
const BINARY: [&str; 7] = ["min", "max", "mod", "pow", "hypot", "atan2", "log"];

fn random_formula(rng: &mut Pcg64, depth: usize) -> String {
    if depth == 0 {
        return match rng.random_range(0..3) {
            0 => "x".to_owned(),
            1 => "y".to_owned(),
            _ => format!("{:?}", rng.random_range(-300..300) as f64 / 64.0),
        };
    }
    let mut part = || random_formula(rng, depth - 1);
    let (a, b) = (part(), part());
    match rng.random_range(0..14) {
        0..5 => format!("{}({a})", UNARY[rng.random_range(0..UNARY.len())]),
        5..7 => format!("{}({a}, {b})", BINARY[rng.random_range(0..BINARY.len())]),
        7 => format!("({a})^{}", rng.random_range(-5..9)),
        8 => format!("({a})^2.5"),
        9..14 => {
            let operator = ["+", "-", "*", "/", "^"][rng.random_range(0..5)];
            format!("(({a}) {operator} ({b}))")
        }
        _ => a,
    }
}

#[test]
fn any_formula_is_valid() {
    let mut rng = Pcg64::seed_from_u64(8);
    let mut printed = 0;
    for _ in 0..20 {
        let mut text = library();
        for k in 0..50 {
            let depth = rng.random_range(1..7);
            let formula = random_formula(&mut rng, depth);
            match parse(&formula).wgsl() {
                Ok(body) => {
                    printed += 1;
                    text += &body.replacen("fn loss(", &format!("fn loss_{k}("), 1);
                }
                // A part without variables may be anything.
                Err(Unprintable::Number(_)) => {}
                Err(error) => panic!("{formula}: {error}"),
            }
        }
        validate(&text).unwrap_or_else(|error| panic!("{error}"));
    }
    assert!(printed > 800, "{printed}");
}

const KERNEL: &str = "
@group(0) @binding(0) var<storage, read> points: array<vec2f>;
@group(0) @binding(1) var<storage, read_write> losses: array<vec4f>;
@compute @workgroup_size(64)
fn evaluate(@builtin(global_invocation_id) id: vec3u) {
    if id.x < arrayLength(&points) {
        is_odd = false;
        let v = loss(points[id.x]);
        losses[id.x] = vec4f(v, select(0.0f, 1.0f, is_odd));
    }
}";

/// Losses with slopes, and whether they count.
fn evaluate(context: &Context, formula: &Formula, points: &[[f32; 2]]) -> Vec<[f32; 4]> {
    let text = [&library(), &formula.wgsl().expect("printable"), KERNEL].concat();
    let bindings = [Access::Read, Access::ReadWrite];
    let program = Program::new(context, "formula", &text, &bindings).expect("a shader");
    let kernel = program.kernel(context, "evaluate", &[]).expect("a kernel");
    let input = context.buffer(
        size_of_val(points) as u64,
        BufferUsages::STORAGE | BufferUsages::COPY_DST,
    );
    let bytes = points.len() as u64 * 16;
    let output = context.buffer(bytes, BufferUsages::STORAGE | BufferUsages::COPY_SRC);
    context
        .queue()
        .write_buffer(&input, 0, bytemuck::cast_slice(points));
    let dispatch = Dispatch {
        kernel: &kernel,
        bindings: &program.bind(context, &[&input, &output]),
        groups: [(points.len() as u32).div_ceil(64), 1, 1],
    };
    let mut losses = Vec::new();
    let read = |bytes: &[u8]| losses.extend_from_slice(bytemuck::cast_slice(bytes));
    let ran = Runner::new(context).run(context, &[dispatch], (&output, bytes), read, &|| true);
    assert!(ran.expect("the device works").is_some());
    losses
}

/// Every function, and every special case of the arithmetic.
const FORMULAS: [&str; 44] = [
    HIMMELBLAU,
    "(1 - x)^2 + 100 (y - x^2)^2",
    "20 + x^2 - 10 cos(2 pi x) + y^2 - 10 cos(2 pi y)",
    "-20 exp(-0.2 sqrt(0.5 (x^2 + y^2))) - exp(0.5 (cos(2 pi x) + cos(2 pi y))) + e + 20",
    "exp(-(x - 1)^2 - y^2) + 0.5 exp(-(x + 2)^2 / 3 - (y - 1)^2)",
    "sin(x) * cos(y) + sin(10 x + y)",
    "sin(300 x) + cos(0.001 y)",
    "tan(x/4) + tan(y/5)",
    "asin(x/7) + acos(y/7) + asin(y/70)",
    "atan(x) + atan(3 y) + atan(x y)",
    "sinh(x) + sinh(y/20)",
    "cosh(x) - cosh(y/3)",
    "tanh(x) + tanh(5 y)",
    "asinh(x) + asinh(1000 y)",
    "acosh(7 + x) + acosh(1.5 + y^2)",
    "atanh(x/7) + atanh(y/100)",
    "exp(x) + exp(-3 y)",
    "ln(x^2 + 1) + ln(7 + y)",
    "log10(7 + x) + log2(7 + y)",
    "log1p(x^2) + log1p(y/10)",
    "sqrt(x + 7) + sqrt(y^2 + 0.01)",
    "cbrt(x) + cbrt(y^3 + 2)",
    "abs(x) + abs(x - y)",
    "sign(x) * y + sign(y) x^2",
    "floor(x) * y + ceil(y) * x + round(3 x) y",
    "sigmoid(x) + sigmoid(20 y)",
    "relu(x) + relu(y - x)^2",
    "softplus(x) + softplus(30 y)",
    "erf(x) + erf(y/3)",
    "min(x, y^2) + min(x, 1)",
    "max(x y, sin(x)) + max(y, -1)",
    "mod(x, 1.7) * y + mod(y, 3)",
    "mod(x, 2 + y^2)",
    "hypot(x, y) + hypot(x, 2)",
    "atan2(y, x) + atan2(x, 3)",
    "log(x^2 + 2, y^2 + 3) + log(x + 7, 3)",
    "(x + 7)^(y / 3) + 2^x",
    "(x^2 + 1)^1.5 + (y + 7)^-0.7",
    "x^5 - y^7 + x^-2 + (y - 9)^-3",
    "x / (1 + y^2) - 3 / (x^2 + 2) + y / 7",
    "1 / (1 + exp(-50 x)) + 1 / (1 + exp(80 y))",
    "(x + 2 y - 7)^2 + (2 x + y - 5)^2",
    "sin(x + y) + (x - y)^2 - 1.5 x + 2.5 y + 1",
    "tanh(exp(20 x)) + 1 / (1 + x^2 + y^4)^3",
];

#[test]
fn gradients_are_those_of_dual_numbers() {
    let Ok(context) = Context::open(&AdapterWish::Best) else {
        return;
    };
    let mut rng = Pcg64::seed_from_u64(4);
    let mut number = || rng.random_range(-6.0f64..6.0) as f32;
    let points: Vec<[f32; 2]> = (0..10_000).map(|_| [number(), number()]).collect();
    for text in FORMULAS {
        let formula = parse(text);
        let found = evaluate(&context, &formula, &points);
        let mut odd = 0;
        for (point, [loss, x, y, is_odd]) in points.iter().zip(found) {
            let at = point.map(f64::from);
            let (mut g, mut hessian) = ([0.0; 2], [0.0; 4]);
            let at = &at[..formula.dim()];
            let value = formula.gradient(at, &mut g[..at.len()]);
            formula.hessian(at, &mut hessian[..at.len() * at.len()]);
            // What is not finite is as good as odd.
            if is_odd != 0.0 || ![loss, x, y].iter().all(|number| number.is_finite()) {
                odd += 1;
                continue;
            }
            // How far the gradient moves with the point's last digits, against its own size.
            let size = 1.0 + g[0].abs().max(g[1].abs());
            let bend = hessian.iter().fold(0.0, |most: f64, h| most.max(h.abs()));
            let cond = 1.0 + bend * at.iter().map(|x| x.abs()).sum::<f64>() / size;
            for (found, expected) in [(x, g[0]), (y, g[1])] {
                let off = (f64::from(found) - expected).abs();
                assert!(
                    off <= 1e-5 * size * cond,
                    "{text} at {point:?}: {found} for {expected}, cond {cond}"
                );
            }
            let slopes = g[0].abs() * at[0].abs() + size;
            let off = (f64::from(loss) - value).abs();
            assert!(
                off <= 1e-5 * (value.abs() + slopes * 7.0),
                "{text} at {point:?}: {loss} for {value}"
            );
        }
        assert!(odd < 200, "{text}: {odd}");
    }
}
