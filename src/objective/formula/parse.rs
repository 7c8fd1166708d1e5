//! The grammar of formulas.
//!
//! From loose to tight: `+ −`; `* /` and multiplication by standing side by side (`2x`, `x y`,
//! `3 sin(x)`, `2(x + 1)`, `2|x|`); a sign; `^` (or `**`); raised digits (`x²`, `x⁻¹`). So `-x^2` is
//! −(x²), `2^3^2` is 2^(3²), `2^-1` and `a*-3` are allowed. `√` and `∛` take the operand that follows; what `√x²`
//! means, readers disagree about: it is refused. A product by standing side by side right after a division, as in
//! `1/2x`, is refused: readers disagree whether it means (1/2)·x or 1/(2x). Letters and digits that stand together are one
//! name, as long as it may be: `ax` is the constant ax where there is one, and never a·x, which is `a x` or `a*x`.

use winnow::ascii::{digit0, digit1};
use winnow::combinator::{Infix, Postfix, Prefix, expression, fail, opt, peek};
use winnow::error::{ErrMode, ParserError};
use winnow::prelude::*;
use winnow::stream::{LocatingSlice, Location, Stateful};
use winnow::token::{any, one_of, take_while};

use super::hints::unknown;
use super::program::{Binary, Code, FUNCTIONS, Function, Program, Unary};
use super::{Constant, FormulaError};

/// The longest formula, in characters.
const MAX_LENGTH: usize = 10_000;
/// How deep brackets and towers of powers may nest: it bounds the parser's recursion.
const MAX_DEPTH: usize = 100;

/// Numbers that have a name in every formula.
pub(super) const KNOWN: &[(&str, f64)] = &[
    ("pi", std::f64::consts::PI),
    ("e", std::f64::consts::E),
    ("tau", std::f64::consts::TAU),
    ("π", std::f64::consts::PI),
    ("τ", std::f64::consts::TAU),
];
pub(super) const VARIABLES: &[&str] = &["x", "y"];

// Binding powers.
const SUM: i64 = 10;
const PRODUCT: i64 = 20;
const SIGN: i64 = 30;
const POWER: i64 = 40;
const RAISED: i64 = 50;

const EXPECTED: &str = "a number, x, y, a function or a bracket";

type Input<'i> = Stateful<LocatingSlice<&'i str>, State<'i>>;
type Parsed<T> = Result<T, ErrMode<Failure>>;

#[derive(Debug, Default)]
struct State<'i> {
    /// Those of the user's own.
    constants: &'i [Constant],
    depth: usize,
    /// Bars of absolute values that are open between the innermost brackets.
    bars: usize,
    /// The raised number read last.
    power: f64,
    /// Where y first occurs, in bytes.
    y_at: Option<usize>,
    /// See [`FormulaError::unknown`].
    unknown: Option<String>,
}

/// An error, placed by bytes.
#[derive(Debug)]
struct Failure {
    at: usize,
    message: String,
}

impl<'i> ParserError<Input<'i>> for Failure {
    type Inner = Self;

    fn from_input(input: &Input<'i>) -> Self {
        Failure {
            at: input.current_token_start(),
            message: String::new(),
        }
    }

    fn into_inner(self) -> Result<Self, Self> {
        Ok(self)
    }
}

/// An operand or what became of some.
struct Term {
    code: Code,
    /// Where it starts, in bytes.
    start: usize,
    /// Whether it is a division without brackets around it.
    quotient: bool,
}

impl Term {
    fn new(code: Code, start: usize) -> Term {
        Term {
            code,
            start,
            quotient: false,
        }
    }

    fn binary(self, function: Binary, other: Term) -> Term {
        Term {
            code: self.code.binary(function, other.code),
            start: self.start,
            quotient: function == Binary::Divide,
        }
    }
}

/// Reads a whole formula.
pub(super) fn parse(text: &str, constants: &[Constant]) -> Result<Program, FormulaError> {
    let column = |at: usize| text[..at].chars().count() + 1;
    if text.trim().is_empty() {
        return Err(FormulaError::at(1, "the formula is empty"));
    }
    if text.chars().count() > MAX_LENGTH {
        let message = format!("a formula has at most {MAX_LENGTH} characters");
        return Err(FormulaError::at(MAX_LENGTH + 1, message));
    }
    let mut input = Stateful {
        input: LocatingSlice::new(text),
        state: State {
            constants,
            ..State::default()
        },
    };
    match formula(&mut input) {
        Ok(code) => {
            let y_column = input.state.y_at.map(column);
            Ok(Program::new(code, y_column, |index| constants[index].value))
        }
        Err(error) => {
            let failure = error
                .into_inner()
                .unwrap_or_else(|_| Failure::from_input(&input));
            Err(FormulaError {
                column: column(failure.at),
                message: failure.message,
                unknown: input.state.unknown,
            })
        }
    }
}

fn formula(input: &mut Input) -> Parsed<Code> {
    let term = sum(input)?;
    match next_char(input) {
        None => Ok(term.code),
        Some(_) => after_operand(input),
    }
}

/// Everything between two brackets, commas or ends.
fn sum(input: &mut Input) -> Parsed<Term> {
    expression(operand)
        .prefix(sign)
        .postfix(raised)
        .infix(operator)
        .parse_next(input)
}

fn operand(input: &mut Input) -> Parsed<Term> {
    let first = next_char(input);
    let start = input.current_token_start();
    match first {
        Some(c) if c.is_ascii_digit() || c == '.' => number(input, start),
        Some('(') => {
            let mut inner = bracket(input, start)?;
            match (inner.pop(), inner.is_empty()) {
                (Some(term), true) => Ok(Term::new(term.code, start)),
                _ => error(start, "a comma belongs between the arguments of a function"),
            }
        }
        Some('|') => absolute(input, start),
        Some(c @ ('√' | '∛')) => root(input, start, c),
        Some(c) if is_letter(c) => name(input, start),
        _ => fail.parse_next(input),
    }
}

/// `|…|`. A bar opens where an operand is due, and closes after one.
fn absolute(input: &mut Input, start: usize) -> Parsed<Term> {
    deeper(input)?;
    any.parse_next(input)?;
    input.state.bars += 1;
    let inner = sum(input)?;
    match next_char(input) {
        Some('|') => any.parse_next(input)?,
        None => return error(start, "this bar is never closed; abs(x) says it clearly"),
        Some(_) => return after_operand(input),
    };
    input.state.bars -= 1;
    input.state.depth -= 1;
    Ok(Term::new(inner.code.unary(Unary::Abs), start))
}

/// `√` or `∛` and its operand.
fn root(input: &mut Input, start: usize, sign: char) -> Parsed<Term> {
    deeper(input)?;
    any.parse_next(input)?;
    let is_bracket = next_char(input) == Some('(');
    let Ok(inner) = operand(input) else {
        let at = input.current_token_start();
        return error(
            at,
            format!("`{sign}` needs an operand, as in {sign}x or {sign}(x + 1)"),
        );
    };
    input.state.depth -= 1;
    if !is_bracket && next_char(input).is_some_and(|c| c == '^' || raised_digit(c).is_some()) {
        let at = input.current_token_start();
        return error(
            at,
            format!("unclear after a root: write {sign}(x²) or ({sign}x)²"),
        );
    }
    let function = if sign == '√' {
        Unary::Sqrt
    } else {
        Unary::Cbrt
    };
    Ok(Term::new(inner.code.unary(function), start))
}

/// A power written with raised digits.
fn raised<'i>(input: &mut Input<'i>) -> Parsed<Postfix<Input<'i>, Term, ErrMode<Failure>>> {
    let mut text = String::new();
    while let Some(digit) = next_char(input).and_then(raised_digit) {
        any.parse_next(input)?;
        text.push(digit);
    }
    if text.is_empty() {
        return fail.parse_next(input);
    }
    let Ok(power) = text.parse::<f64>() else {
        let at = input.current_token_start();
        return error(at, format!("the raised `{text}` is no whole number"));
    };
    input.state.power = power;
    // Nothing binds tighter: it is taken at once.
    Ok(Postfix(RAISED, |input: &mut Input, term: Term| {
        let power = Term::new(Code::number(input.state.power), term.start);
        Ok(term.binary(Binary::Power, power))
    }))
}

fn raised_digit(c: char) -> Option<char> {
    const RAISED_DIGITS: &str = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻";
    let place = RAISED_DIGITS.chars().position(|digit| digit == c)?;
    "0123456789+-".chars().nth(place)
}

fn number(input: &mut Input, start: usize) -> Parsed<Term> {
    let exponent = (one_of(['e', 'E']), opt(one_of(['+', '-'])), digit1);
    let text: &str = (digit0, opt(('.', digit0)), opt(exponent))
        .take()
        .parse_next(input)?;
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(Term::new(Code::number(value), start)),
        Ok(_) => error(start, "this number is too large"),
        Err(_) => error(start, "a point alone is no number"),
    }
}

/// A variable, a number with a name or a call.
fn name(input: &mut Input, start: usize) -> Parsed<Term> {
    let name: &str = match next_char(input) {
        // Greek letters stand for themselves, so that `2πx` and `xπ` multiply.
        Some('π' | 'τ') => any.take().parse_next(input)?,
        _ => take_while(1.., |c: char| {
            (is_letter(c) && !"πτ".contains(c)) || c.is_ascii_digit()
        })
        .parse_next(input)?,
    };
    if let Some(index) = VARIABLES.iter().position(|variable| *variable == name) {
        if index == 1 {
            input.state.y_at.get_or_insert(start);
        }
        return Ok(Term::new(Code::variable(index), start));
    }
    if let Some((_, value)) = KNOWN.iter().find(|(known, _)| *known == name) {
        return Ok(Term::new(Code::number(*value), start));
    }
    let Some((_, function)) = FUNCTIONS.iter().find(|(function, _)| *function == name) else {
        let constants = input.state.constants;
        if let Some(index) = constants.iter().position(|constant| constant.name == name) {
            return Ok(Term::new(Code::constant(index), start));
        }
        let unknown = unknown(name, constants, next_char(input));
        input.state.unknown = unknown.may_be_constant.then(|| name.to_owned());
        return error(start, unknown.message);
    };
    match next_char(input) {
        Some('(') => {}
        Some(c) if c == '^' || raised_digit(c).is_some() => {
            return error(
                start,
                format!("a power of `{name}` stands behind its argument: {name}(x)^2"),
            );
        }
        _ => {
            return error(
                start,
                format!("`{name}` needs its argument in brackets: {name}(x)"),
            );
        }
    }
    let open = input.current_token_start();
    let codes: Vec<Code> = bracket(input, open)?.into_iter().map(|t| t.code).collect();
    let given = codes.len();
    let mut codes = codes.into_iter();
    let code = match (function, codes.next(), codes.next(), codes.next()) {
        (Function::Unary(function), Some(a), None, None) => a.unary(*function),
        (Function::Binary(function), Some(a), Some(b), None) => a.binary(*function, b),
        (Function::Either(function, _), Some(a), None, None) => a.unary(*function),
        (Function::Either(_, function), Some(a), Some(b), None) => a.binary(*function, b),
        (Function::Either(..), ..) => {
            return error(
                start,
                format!("`{name}` takes 1 or 2 arguments, not {given}"),
            );
        }
        (Function::Unary(_), ..) => {
            return error(start, format!("`{name}` takes 1 argument, not {given}"));
        }
        (Function::Binary(_), ..) => {
            return error(start, format!("`{name}` takes 2 arguments, not {given}"));
        }
    };
    Ok(Term::new(code, start))
}

/// `(a, b, …)`: at least one expression in brackets, of which the opening one is at `open`.
fn bracket(input: &mut Input, open: usize) -> Parsed<Vec<Term>> {
    deeper(input)?;
    any.parse_next(input)?;
    let bars = std::mem::take(&mut input.state.bars);
    let mut terms = Vec::new();
    loop {
        terms.push(sum(input)?);
        match next_char(input) {
            Some(',') => any.parse_next(input)?,
            Some(')') => break,
            None => return error(open, "this bracket is never closed"),
            Some(_) => return after_operand(input),
        };
    }
    any.parse_next(input)?;
    input.state.bars = bars;
    input.state.depth -= 1;
    Ok(terms)
}

/// A run of signs before an operand. It is asked only where no operand was found.
fn sign<'i>(input: &mut Input<'i>) -> Parsed<Prefix<Input<'i>, Term, ErrMode<Failure>>> {
    let mut signs = 0;
    let mut negative = false;
    while let Some(c @ ('+' | '-' | '−')) = next_char(input) {
        any.parse_next(input)?;
        negative ^= c != '+';
        signs += 1;
    }
    if signs == 0 {
        let found = match next_char(input) {
            None => "the formula breaks off".to_owned(),
            Some(c) => format!("found `{c}`"),
        };
        let at = input.current_token_start();
        return error(at, format!("{found} where {EXPECTED} should stand"));
    }
    Ok(if negative {
        Prefix(SIGN, |_, term| {
            Ok(Term::new(term.code.unary(Unary::Negate), term.start))
        })
    } else {
        Prefix(SIGN, |_, term| Ok(term))
    })
}

fn operator<'i>(input: &mut Input<'i>) -> Parsed<Infix<Input<'i>, Term, ErrMode<Failure>>> {
    let Some(first) = next_char(input) else {
        return fail.parse_next(input);
    };
    if first == '|' && input.state.bars > 0 {
        // It closes.
        return fail.parse_next(input);
    }
    if is_letter(first) || "(|√∛".contains(first) {
        return Ok(Infix::Left(PRODUCT, side_by_side));
    }
    if !"+-−*×·⋅/÷^".contains(first) {
        return fail.parse_next(input);
    }
    any.parse_next(input)?;
    Ok(match first {
        '+' => Infix::Left(SUM, |_, a, b| Ok(a.binary(Binary::Add, b))),
        '-' | '−' => Infix::Left(SUM, |_, a, b| Ok(a.binary(Binary::Subtract, b))),
        '/' | '÷' => Infix::Left(PRODUCT, |_, a, b| Ok(a.binary(Binary::Divide, b))),
        '*' if !input.starts_with('*') => {
            Infix::Left(PRODUCT, |_, a, b| Ok(a.binary(Binary::Multiply, b)))
        }
        '*' | '^' => {
            if first == '*' {
                any.parse_next(input)?;
            }
            // Nothing binds tighter, so every power that is read here is also taken.
            deeper(input)?;
            Infix::Right(POWER, |input: &mut Input, a, b| {
                input.state.depth -= 1;
                Ok(a.binary(Binary::Power, b))
            })
        }
        _ => Infix::Left(PRODUCT, |_, a, b| Ok(a.binary(Binary::Multiply, b))),
    })
}

fn side_by_side(_: &mut Input, a: Term, b: Term) -> Parsed<Term> {
    if a.quotient {
        let message = "unclear after a division: write (a/b)*c or a/(b*c)";
        return error(b.start, message);
    }
    Ok(a.binary(Binary::Multiply, b))
}

/// Why what comes next cannot follow an operand.
fn after_operand<T>(input: &mut Input) -> Parsed<T> {
    let next = next_char(input);
    let at = input.current_token_start();
    match next {
        None => error(at, "the formula breaks off"),
        Some(')') => error(at, "this bracket was never opened"),
        Some(',') => error(at, "a comma belongs between the arguments of a function"),
        Some(c) if c.is_ascii_digit() || c == '.' => error(
            at,
            "a number right after another operand: write * between them",
        ),
        Some(c) => error(at, format!("found `{c}` where an operator should stand")),
    }
}

/// The next character after white space, which is skipped.
fn next_char(input: &mut Input) -> Option<char> {
    let spaces: Parsed<&str> = take_while(0.., char::is_whitespace).parse_next(input);
    let next: Parsed<char> = peek(any).parse_next(input);
    spaces.and(next).ok()
}

pub(super) fn is_letter(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

/// Goes one level down, or refuses.
fn deeper(input: &mut Input) -> Parsed<()> {
    input.state.depth += 1;
    if input.state.depth > MAX_DEPTH {
        let at = input.current_token_start();
        return error(at, format!("nested more than {MAX_DEPTH} deep"));
    }
    Ok(())
}

fn error<T>(at: usize, message: impl Into<String>) -> Parsed<T> {
    Err(ErrMode::Cut(Failure {
        at,
        message: message.into(),
    }))
}
