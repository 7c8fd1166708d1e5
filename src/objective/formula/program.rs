//! A formula as a program in reverse Polish order, and the functions that it is made of.
//!
//! The flat form needs no recursion to run or to drop, however long a formula is. It is kept twice: as it is written,
//! where constants stand by their place in the list, and with their values put in, every constant part being one number.
//! So other values need no parser, and a formula with a = 1 runs exactly as with 1 in its place.

use super::number::Number;

/// The most stack entries that need no allocation; ordinary formulas take three to six.
const SMALL_STACK: usize = 16;

/// One instruction: what it takes from the stack it replaces by its result.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Instruction {
    Number(f64),
    /// 0 is x, 1 is y.
    Variable(usize),
    Unary(Unary),
    Binary(Binary),
}

/// A function of one number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Unary {
    Negate,
    /// To a whole power: defined for negative bases too, with its derivatives at 0.
    WholePower(i32),
    /// To any other constant power.
    Power(f64),
    Sin,
    Cos,
    Tan,
    Asin,
    Acos,
    Atan,
    Sinh,
    Cosh,
    Tanh,
    Asinh,
    Acosh,
    Atanh,
    Exp,
    Ln,
    Log10,
    Log2,
    Ln1p,
    Sqrt,
    Cbrt,
    Abs,
    Sign,
    Floor,
    Ceil,
    /// To the nearest whole number, halves away from 0.
    Round,
    /// 1/(1 + e^−a).
    Sigmoid,
    /// max(a, 0).
    Relu,
    /// ln(1 + e^a).
    Softplus,
    /// The error function.
    Erf,
}

/// A function of two numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Binary {
    Add,
    Subtract,
    Multiply,
    Divide,
    /// To a power that varies: for positive bases.
    Power,
    Min,
    Max,
    /// The remainder of a division, of the divisor's sign.
    Mod,
    Hypot,
    Atan2,
    /// The logarithm of the first to the base of the second.
    Log,
}

impl Unary {
    pub(super) fn apply<N: Number>(self, a: N) -> N {
        match self {
            Unary::Negate => -a,
            Unary::WholePower(n) => a.whole_power(n),
            Unary::Power(p) => a.constant_power(p),
            Unary::Sin => a.sin(),
            Unary::Cos => a.cos(),
            Unary::Tan => a.tangent(),
            Unary::Asin => a.asin(),
            Unary::Acos => a.acos(),
            Unary::Atan => a.arctangent(),
            Unary::Sinh => a.sinh(),
            Unary::Cosh => a.cosh(),
            Unary::Tanh => a.hyperbolic_tangent(),
            Unary::Asinh => a.area_sine(),
            Unary::Acosh => a.area_cosine(),
            Unary::Atanh => a.area_tangent(),
            Unary::Exp => a.exponential(),
            Unary::Ln => a.ln(),
            Unary::Log10 => a.log10(),
            Unary::Log2 => a.log2(),
            Unary::Ln1p => a.ln_1p(),
            Unary::Sqrt => a.square_root(),
            Unary::Cbrt => a.cube_root(),
            Unary::Abs => a.absolute(),
            Unary::Sign => a.sign(),
            Unary::Floor => a.flat(f64::floor),
            Unary::Ceil => a.flat(f64::ceil),
            Unary::Round => a.flat(f64::round),
            Unary::Sigmoid => a.sigmoid(),
            Unary::Relu => a.rectified(),
            Unary::Softplus => a.softplus(),
            Unary::Erf => a.error_function(),
        }
    }
}

impl Binary {
    pub(super) fn apply<N: Number>(self, a: N, b: N) -> N {
        match self {
            Binary::Add => a + b,
            Binary::Subtract => a - b,
            Binary::Multiply => a * b,
            Binary::Divide => a.quotient(b),
            Binary::Power => a.power(b),
            Binary::Min => a.lesser(b),
            Binary::Max => -(-a).lesser(-b),
            Binary::Mod => a.remainder(b),
            Binary::Hypot => a.hypotenuse(b),
            Binary::Atan2 => a.angle(b),
            Binary::Log => a.ln().quotient(b.ln()),
        }
    }
}

impl Unary {
    /// Whether `a` lies outside of where the function, which gave `value`, is defined: there is no value, or a pole, whose
    /// infinity is no matter of size.
    fn is_outside(self, a: f64, value: f64) -> bool {
        let pole = match self {
            Unary::WholePower(n) => n < 0 && a == 0.0,
            Unary::Power(p) => p < 0.0 && a == 0.0,
            Unary::Ln | Unary::Log10 | Unary::Log2 => a == 0.0,
            Unary::Ln1p => a == -1.0,
            Unary::Atanh => a.abs() == 1.0,
            _ => false,
        };
        a.is_finite() && (value.is_nan() || pole)
    }
}

impl Binary {
    /// Whether (a, b) lies outside of where the function, which gave `value`, is defined.
    fn is_outside(self, a: f64, b: f64, value: f64) -> bool {
        let pole = match self {
            Binary::Divide => b == 0.0,
            Binary::Power => a == 0.0 && b < 0.0,
            Binary::Log => a == 0.0 || b == 0.0 || b == 1.0,
            _ => false,
        };
        a.is_finite() && b.is_finite() && (value.is_nan() || pole)
    }
}

/// An instruction as it is written.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Written {
    Instruction(Instruction),
    /// A constant, by its place in the list.
    Constant(usize),
}

/// A part of a program, or a whole one, that leaves one number on the stack.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Code(Vec<Written>);

impl Code {
    pub(super) fn number(value: f64) -> Code {
        Code(vec![Written::Instruction(Instruction::Number(value))])
    }

    pub(super) fn variable(index: usize) -> Code {
        Code(vec![Written::Instruction(Instruction::Variable(index))])
    }

    pub(super) fn constant(index: usize) -> Code {
        Code(vec![Written::Constant(index)])
    }

    pub(super) fn unary(mut self, function: Unary) -> Code {
        let instruction = Instruction::Unary(function);
        self.0.push(Written::Instruction(instruction));
        self
    }

    pub(super) fn binary(mut self, function: Binary, other: Code) -> Code {
        let instruction = Instruction::Binary(function);
        self.0.extend(other.0);
        self.0.push(Written::Instruction(instruction));
        self
    }

    /// With the constants' values put in, and every part without variables computed.
    fn bound(&self, value: impl Fn(usize) -> f64) -> Vec<Instruction> {
        let mut code = Vec::with_capacity(self.0.len());
        // Where the part begins that leaves each entry of the stack.
        let mut parts: Vec<usize> = Vec::new();
        for written in &self.0 {
            let instruction = match *written {
                Written::Instruction(instruction) => instruction,
                Written::Constant(index) => Instruction::Number(value(index)),
            };
            match instruction {
                Instruction::Number(_) | Instruction::Variable(_) => {
                    parts.push(code.len());
                    code.push(instruction);
                }
                Instruction::Unary(function) => {
                    let a = *parts.last().expect("an operand stands before");
                    unary(&mut code, a, function);
                }
                Instruction::Binary(function) => {
                    let b = parts.pop().expect("an operand stands before");
                    let a = *parts.last().expect("an operand stands before");
                    binary(&mut code, [a, b], function);
                }
            }
        }
        code
    }
}

/// Adds a function of the part that begins at `a`.
fn unary(code: &mut Vec<Instruction>, a: usize, function: Unary) {
    if let [Instruction::Number(number)] = code[a..] {
        code.truncate(a);
        code.push(Instruction::Number(function.apply(number)));
    } else {
        code.push(Instruction::Unary(function));
    }
}

/// Adds a function of the two parts that begin at `a` and at `b`.
fn binary(code: &mut Vec<Instruction>, [a, b]: [usize; 2], function: Binary) {
    let by_number = match (function, &code[b..]) {
        // Exact at whole powers of the usual bases.
        (Binary::Log, [Instruction::Number(2.0)]) => Some(Unary::Log2),
        (Binary::Log, [Instruction::Number(10.0)]) => Some(Unary::Log10),
        (Binary::Power, [Instruction::Number(p)]) => {
            let whole = p.fract() == 0.0 && p.abs() <= f64::from(i16::MAX);
            Some(if whole {
                Unary::WholePower(*p as i32)
            } else {
                Unary::Power(*p)
            })
        }
        _ => None,
    };
    if let Some(function) = by_number {
        code.truncate(b);
        unary(code, a, function);
    } else if let [Instruction::Number(first), Instruction::Number(second)] = code[a..] {
        code.truncate(a);
        code.push(Instruction::Number(function.apply(first, second)));
    } else {
        code.push(Instruction::Binary(function));
    }
}

/// A whole formula, ready to run.
#[derive(Debug, Clone)]
pub(super) struct Program {
    written: Code,
    code: Vec<Instruction>,
    /// The stack entries it takes.
    stack: usize,
    /// The column at which y first occurs.
    pub(super) y_column: Option<usize>,
}

impl Program {
    pub(super) fn code(&self) -> &[Instruction] {
        &self.code
    }

    /// The number of instructions.
    pub(super) fn len(&self) -> usize {
        self.code.len()
    }

    /// `value` gives a constant's value by its place in the list.
    pub(super) fn new(
        written: Code,
        y_column: Option<usize>,
        value: impl Fn(usize) -> f64,
    ) -> Program {
        let mut program = Program {
            written,
            code: Vec::new(),
            stack: 1,
            y_column,
        };
        program.bind(value);
        program
    }

    /// Takes other values for the constants.
    pub(super) fn bind(&mut self, value: impl Fn(usize) -> f64) {
        self.code = self.written.bound(value);
        let mut depth = 0usize;
        self.stack = 1;
        for instruction in &self.code {
            match instruction {
                Instruction::Number(_) | Instruction::Variable(_) => depth += 1,
                Instruction::Unary(_) => {}
                Instruction::Binary(_) => depth -= 1,
            }
            self.stack = self.stack.max(depth);
        }
    }

    /// Whether a constant occurs.
    pub(super) fn uses(&self, constant: usize) -> bool {
        self.written.0.contains(&Written::Constant(constant))
    }

    /// The formula's value for the given x and y.
    pub(super) fn run<N: Number>(&self, variables: [N; 2]) -> N {
        if self.stack <= SMALL_STACK {
            self.run_on(&mut [N::zero(); SMALL_STACK], variables)
        } else {
            self.run_on(&mut vec![N::zero(); self.stack], variables)
        }
    }

    fn run_on<N: Number>(&self, stack: &mut [N], variables: [N; 2]) -> N {
        let mut depth = 0;
        for instruction in &self.code {
            match *instruction {
                Instruction::Number(value) => {
                    stack[depth] = N::from(value);
                    depth += 1;
                }
                Instruction::Variable(index) => {
                    stack[depth] = variables[index];
                    depth += 1;
                }
                Instruction::Unary(function) => {
                    let a = stack[depth - 1];
                    let result = function.apply(a);
                    let is_pole = || function.is_outside(a.plain(), result.plain());
                    stack[depth - 1] = result.settled(|| a.is_settled() && !is_pole());
                }
                Instruction::Binary(function) => {
                    depth -= 1;
                    let (a, b) = (stack[depth - 1], stack[depth]);
                    let result = function.apply(a, b);
                    let is_pole = || function.is_outside(a.plain(), b.plain(), result.plain());
                    stack[depth - 1] =
                        result.settled(|| a.is_settled() && b.is_settled() && !is_pole());
                }
            }
        }
        stack[0]
    }

    /// Whether some part has no value for these x and y although what it is made of has: ln(−1), 1/0. A part that is too
    /// large for a number is another matter.
    pub(super) fn is_outside(&self, variables: [f64; 2]) -> bool {
        let mut stack = Vec::with_capacity(self.stack);
        self.code.iter().any(|instruction| {
            let (value, outside) = match *instruction {
                Instruction::Number(value) => (value, value.is_nan()),
                Instruction::Variable(index) => (variables[index], false),
                Instruction::Unary(function) => {
                    let a = stack.pop().unwrap_or(f64::NAN);
                    let value = function.apply(a);
                    (value, function.is_outside(a, value))
                }
                Instruction::Binary(function) => {
                    let b = stack.pop().unwrap_or(f64::NAN);
                    let a = stack.pop().unwrap_or(f64::NAN);
                    let value = function.apply(a, b);
                    (value, function.is_outside(a, b, value))
                }
            };
            stack.push(value);
            outside
        })
    }
}
