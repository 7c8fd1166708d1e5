//! A formula as WGSL: straight lines over numbers with their slopes, one an instruction, in single precision.
//!
//! The functions are those of `shaders/formula.wgsl`. Parts that are the same are worked out once.

use std::collections::HashMap;
use std::fmt::Write;

use super::Formula;
use super::program::{Binary, Instruction, Unary};

/// The functions that the text calls, as WGSL.
pub fn library() -> String {
    let scalars = include_str!("../../../shaders/scalars.wgsl");
    let duals = include_str!("../../../shaders/formula.wgsl");
    format!("{scalars}\n{}", below_imports(duals))
}

/// A shader without its first line, which says what stands before it.
pub fn below_imports(shader: &str) -> &str {
    shader.split_once('\n').map_or("", |(_, rest)| rest)
}

/// The longest formula that is printed, in instructions: what takes a driver a second or two to compile.
pub const MOST_INSTRUCTIONS: usize = 1000;

/// Why a formula has no WGSL.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Unprintable {
    #[error("the formula has {0} operations, more than {MOST_INSTRUCTIONS}")]
    TooLong(usize),
    #[error("the number {0:e} is beyond single precision")]
    Number(f64),
}

/// A number as WGSL; `None` if single precision turns it into 0, an infinity, or something close to 0.
pub fn literal(x: f64) -> Option<String> {
    let single = x as f32;
    (x == 0.0 || single.is_normal()).then(|| format!("({single:?}f)"))
}

/// What stands on the stack.
#[derive(Clone)]
enum Operand {
    Number(f64),
    /// The name of a number with its slopes.
    Named(String),
}

impl Formula {
    /// `fn loss(at: vec2f) -> Dual`: the value and the gradient. `is_odd` is set where it cannot tell.
    ///
    /// # Errors
    /// If the formula is too long, or has numbers that single precision lacks.
    pub fn wgsl(&self) -> Result<String, Unprintable> {
        let code = self.program.code();
        if code.len() > MOST_INSTRUCTIONS {
            return Err(Unprintable::TooLong(code.len()));
        }
        let mut printer = Printer {
            text: "fn loss(at: vec2f) -> Dual {\n    let x = Dual(at.x, 1.0f, 0.0f);\n    let y = Dual(at.y, 0.0f, 1.0f);\n"
                .to_owned(),
            names: HashMap::new(),
            settles: comes_back(code),
        };
        let mut stack = Vec::new();
        for instruction in code {
            let operand = match *instruction {
                Instruction::Number(number) => Operand::Number(number),
                Instruction::Variable(axis) => Operand::Named(["x", "y"][axis].to_owned()),
                Instruction::Unary(function) => {
                    let a = stack.pop().unwrap_or(Operand::Number(f64::NAN));
                    printer.unary(function, &a)?
                }
                Instruction::Binary(function) => {
                    let b = stack.pop().unwrap_or(Operand::Number(f64::NAN));
                    let a = stack.pop().unwrap_or(Operand::Number(f64::NAN));
                    printer.binary(function, &a, &b)?
                }
            };
            stack.push(operand);
        }
        let result = stack.pop().unwrap_or(Operand::Number(f64::NAN));
        let result = printer.dual(&result)?;
        let Printer { mut text, .. } = printer;
        // Writing to a string cannot fail.
        let _ = writeln!(text, "    return {result};\n}}");
        Ok(text)
    }

    /// The number of its operations.
    pub fn operations(&self) -> usize {
        self.program.len()
    }
}

struct Printer {
    text: String,
    /// What has been worked out, and its name.
    names: HashMap<String, String>,
    /// Whether something that was infinite may be finite again. Else an infinity stays to the end, whatever its slopes.
    settles: bool,
}

impl Printer {
    /// A line that gives the expression a name, unless it has one.
    fn name(&mut self, expression: String) -> Operand {
        if let Some(name) = self.names.get(&expression) {
            return Operand::Named(name.clone());
        }
        let name = format!("t{}", self.names.len());
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "    let {name} = {expression};");
        self.names.insert(expression, name.clone());
        Operand::Named(name)
    }

    fn dual(&self, operand: &Operand) -> Result<String, Unprintable> {
        match operand {
            Operand::Number(number) => Ok(format!("number({})", single(*number)?)),
            Operand::Named(name) => Ok(name.clone()),
        }
    }

    fn unary(&mut self, function: Unary, a: &Operand) -> Result<Operand, Unprintable> {
        let a = self.dual(a)?;
        let expression = match function {
            Unary::Negate => format!("-{a}"),
            Unary::WholePower(0) => return Ok(Operand::Number(1.0)),
            Unary::WholePower(1) => return Ok(Operand::Named(a)),
            Unary::WholePower(2) => format!("square({a})"),
            Unary::WholePower(n) => format!("whole_power({a}, {n}i)"),
            Unary::Power(p) => format!("constant_power({a}, {})", single(p)?),
            _ => format!("{}({a})", unary_name(function)),
        };
        Ok(self.name(expression))
    }

    fn binary(
        &mut self,
        function: Binary,
        a: &Operand,
        b: &Operand,
    ) -> Result<Operand, Unprintable> {
        let (first, second) = (self.dual(a)?, self.dual(b)?);
        let both = || format!("{}({first}, {second})", binary_name(function));
        let number = |x: &f64| single(*x);
        let sum = match (function, a, b) {
            (Binary::Add, Operand::Named(a), Operand::Number(c))
            | (Binary::Add, Operand::Number(c), Operand::Named(a)) => {
                format!("Dual({a}.x + {}, {a}.yz)", number(c)?)
            }
            (Binary::Subtract, Operand::Named(a), Operand::Number(c)) => {
                format!("Dual({a}.x - {}, {a}.yz)", number(c)?)
            }
            (Binary::Subtract, Operand::Number(c), Operand::Named(a)) => {
                format!("Dual({} - {a}.x, -{a}.yz)", number(c)?)
            }
            (Binary::Multiply, Operand::Named(a), Operand::Number(c))
            | (Binary::Multiply, Operand::Number(c), Operand::Named(a)) => {
                format!("{a} * {}", number(c)?)
            }
            (Binary::Divide, Operand::Named(a), Operand::Number(c)) if *c != 0.0 => {
                format!("{a} / {}", number(c)?)
            }
            (Binary::Add, ..) => format!("{first} + {second}"),
            (Binary::Subtract, ..) => format!("{first} - {second}"),
            (Binary::Multiply, ..) => both(),
            _ => return Ok(self.name(both())),
        };
        Ok(self.name(match self.settles {
            true => format!("settled_after_both({sum}, {first}, {second})"),
            false => sum,
        }))
    }
}

fn single(number: f64) -> Result<String, Unprintable> {
    literal(number).ok_or(Unprintable::Number(number))
}

/// The function's name in the library, those that are printed by themselves apart.
fn unary_name(function: Unary) -> &'static str {
    match function {
        Unary::Negate => "-",
        Unary::WholePower(_) => "whole_power",
        Unary::Power(_) => "constant_power",
        Unary::Sin => "sine",
        Unary::Cos => "cosine",
        Unary::Tan => "tangent",
        Unary::Asin => "arcsine",
        Unary::Acos => "arccosine",
        Unary::Atan => "arctangent",
        Unary::Sinh => "hyperbolic_sine",
        Unary::Cosh => "hyperbolic_cosine",
        Unary::Tanh => "hyperbolic_tangent",
        Unary::Asinh => "area_sine",
        Unary::Acosh => "area_cosine",
        Unary::Atanh => "area_tangent",
        Unary::Exp => "exponential",
        Unary::Ln => "logarithm",
        Unary::Log10 => "logarithm_10",
        Unary::Log2 => "logarithm_2",
        Unary::Ln1p => "logarithm_1p",
        Unary::Sqrt => "square_root",
        Unary::Cbrt => "cube_root",
        Unary::Abs => "absolute",
        Unary::Sign => "sign_dual",
        Unary::Floor => "floor_dual",
        Unary::Ceil => "ceil_dual",
        Unary::Round => "round_dual",
        Unary::Sigmoid => "sigmoid",
        Unary::Relu => "rectified",
        Unary::Softplus => "softplus",
        Unary::Erf => "error_function",
    }
}

fn binary_name(function: Binary) -> &'static str {
    match function {
        Binary::Add => "+",
        Binary::Subtract => "-",
        Binary::Multiply => "product",
        Binary::Divide => "quotient",
        Binary::Power => "power",
        Binary::Min => "lesser",
        Binary::Max => "greater",
        Binary::Mod => "remainder",
        Binary::Hypot => "hypotenuse",
        Binary::Atan2 => "angle",
        Binary::Log => "logarithm_to",
    }
}

/// Whether some part may make a finite number of an infinite one.
fn comes_back(code: &[Instruction]) -> bool {
    (0..code.len()).any(|at| match code[at] {
        Instruction::Number(_) | Instruction::Variable(_) => false,
        Instruction::Unary(function) => match function {
            Unary::WholePower(n) => n < 0,
            Unary::Power(p) => p < 0.0,
            Unary::Atan
            | Unary::Tanh
            | Unary::Exp
            | Unary::Sign
            | Unary::Sigmoid
            | Unary::Relu
            | Unary::Softplus
            | Unary::Erf => true,
            _ => false,
        },
        Instruction::Binary(function) => match function {
            Binary::Add | Binary::Subtract | Binary::Multiply | Binary::Hypot => false,
            Binary::Divide => !matches!(code[..at].last(), Some(Instruction::Number(_))),
            Binary::Power
            | Binary::Min
            | Binary::Max
            | Binary::Mod
            | Binary::Atan2
            | Binary::Log => true,
        },
    })
}
