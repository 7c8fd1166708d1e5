//! The grammar of formulas.
//!
//! From loose to tight: `+ −`; `* /` and multiplication by standing side by side (`2x`, `x y`,
//! `3 sin(x)`, `2(x + 1)`, `2|x|`); a sign; `^` (or `**`); raised digits (`x²`, `x⁻¹`). So `-x^2` is
//! −(x²), `2^3^2` is 2^(3²), `2^-1` and `a*-3` are allowed. `√` and `∛` take the operand that follows. A bar opens where an
//! operand is due, and closes after one. Letters and digits that stand together are one name, as long as it may be: `ax`
//! is the constant ax where there is one, and never a·x, which is `a x` or `a*x`.
//!
//! What readers disagree about is refused: a power of a root (`√x²`, `√(x + 1)²`); a product by standing side by side right
//! after a division (`1/2x` for (1/2)·x or 1/(2x)); one that has bars on both sides (`|x|y|x|` for |x|·y·|x| or |x·|y|·x|).

use winnow::combinator::{Infix, Postfix, Prefix, expression, fail, peek};
use winnow::error::{ErrMode, ParserError};
use winnow::prelude::*;
use winnow::stream::{LocatingSlice, Location, Stateful};
use winnow::token::{any, take_while};

use super::hints;
use super::operands::operand;
use super::program::{Binary, Code, Program, Unary};
use super::vocabulary::{is_division, is_letter, is_minus, is_times};
use super::{Constant, FormulaError};

/// The longest formula, in characters.
const MAX_LENGTH: usize = 10_000;
/// How deep brackets and towers of powers may nest: it bounds the parser's recursion.
const MAX_DEPTH: usize = 100;

// Binding powers.
const SUM: i64 = 10;
const PRODUCT: i64 = 20;
const SIGN: i64 = 30;
const POWER: i64 = 40;
const RAISED: i64 = 50;

pub(super) type Input<'i> = Stateful<LocatingSlice<&'i str>, State<'i>>;
pub(super) type Parsed<T> = Result<T, ErrMode<Failure>>;

#[derive(Debug, Default)]
pub(super) struct State<'i> {
    /// All of it.
    pub(super) text: &'i str,
    /// Those of the user's own.
    pub(super) constants: &'i [Constant],
    depth: usize,
    /// Bars of absolute values that are open between the innermost brackets.
    pub(super) bars: usize,
    pub(super) product: Product,
    /// The raised number read last.
    power: f64,
    /// Where y first occurs, in bytes.
    pub(super) y_at: Option<usize>,
    /// See [`FormulaError::unknown`].
    pub(super) unknown: Option<String>,
}

/// What has been read of a product without signs.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Product {
    #[default]
    WithoutBars,
    /// A bar has closed just before.
    Bar,
    /// A bar has closed, and something else stands behind it.
    BehindBar,
}

/// An error, placed by bytes.
#[derive(Debug)]
pub(super) struct Failure {
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
pub(super) struct Term {
    pub(super) code: Code,
    /// Where it starts, in bytes.
    start: usize,
    /// Whether it is a division without brackets around it.
    quotient: bool,
}

impl Term {
    pub(super) fn new(code: Code, start: usize) -> Term {
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
    if let Some(at) = hints::equals_sign(text) {
        let message = "found `=`: a formula is only what stands to the right of it";
        return Err(FormulaError::at(column(at), message));
    }
    let mut input = Stateful {
        input: LocatingSlice::new(text),
        state: State {
            text,
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
pub(super) fn sum(input: &mut Input) -> Parsed<Term> {
    expression(operand)
        .prefix(sign)
        .postfix(raised)
        .infix(operator)
        .parse_next(input)
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

pub(super) fn raised_digit(c: char) -> Option<char> {
    const RAISED_DIGITS: &str = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻";
    let place = RAISED_DIGITS.chars().position(|digit| digit == c)?;
    "0123456789+-".chars().nth(place)
}

/// A run of signs before an operand. It is asked only where no operand was found.
fn sign<'i>(input: &mut Input<'i>) -> Parsed<Prefix<Input<'i>, Term, ErrMode<Failure>>> {
    let mut signs = 0;
    let mut negative = false;
    while let Some(c) = next_char(input).filter(|c| *c == '+' || is_minus(*c)) {
        any.parse_next(input)?;
        negative ^= c != '+';
        signs += 1;
    }
    if signs == 0 {
        let next = next_char(input);
        let at = input.current_token_start();
        return error(at, hints::no_operand(&input.state.text[..at], next));
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
        input.state.product = match (input.state.product, first) {
            (Product::BehindBar, '|') => {
                let at = input.current_token_start();
                return error(
                    at,
                    "unclear which bars belong together: write |x|*y*|z|, or abs(…)",
                );
            }
            (Product::Bar, '|') | (Product::WithoutBars, _) => Product::WithoutBars,
            (Product::Bar | Product::BehindBar, _) => Product::BehindBar,
        };
        return Ok(Infix::Left(PRODUCT, side_by_side));
    }
    let is_product = is_times(first);
    if !is_product && !is_minus(first) && !is_division(first) && !"+^".contains(first) {
        return fail.parse_next(input);
    }
    any.parse_next(input)?;
    input.state.product = Product::WithoutBars;
    let is_double = first == '*' && input.starts_with('*');
    if is_double {
        any.parse_next(input)?;
    }
    if is_double || first == '^' {
        // Nothing binds tighter, so every power that is read here is also taken.
        deeper(input)?;
        return Ok(Infix::Right(POWER, |input: &mut Input, a, b| {
            input.state.depth -= 1;
            Ok(a.binary(Binary::Power, b))
        }));
    }
    Ok(if is_product {
        Infix::Left(PRODUCT, |_, a, b| Ok(a.binary(Binary::Multiply, b)))
    } else if is_division(first) {
        Infix::Left(PRODUCT, |_, a, b| Ok(a.binary(Binary::Divide, b)))
    } else if first == '+' {
        Infix::Left(SUM, |_, a, b| Ok(a.binary(Binary::Add, b)))
    } else {
        Infix::Left(SUM, |_, a, b| Ok(a.binary(Binary::Subtract, b)))
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
pub(super) fn after_operand<T>(input: &mut Input) -> Parsed<T> {
    let next = next_char(input);
    let at = input.current_token_start();
    let text = input.state.text;
    error(at, hints::no_operator(&text[..at], &text[at..], next))
}

/// The next character after white space, which is skipped.
pub(super) fn next_char(input: &mut Input) -> Option<char> {
    let spaces: Parsed<&str> = take_while(0.., char::is_whitespace).parse_next(input);
    let next: Parsed<char> = peek(any).parse_next(input);
    spaces.and(next).ok()
}

/// Goes one level down, or refuses.
pub(super) fn deeper(input: &mut Input) -> Parsed<()> {
    input.state.depth += 1;
    if input.state.depth > MAX_DEPTH {
        let at = input.current_token_start();
        return error(at, format!("nested more than {MAX_DEPTH} deep"));
    }
    Ok(())
}

pub(super) fn error<T>(at: usize, message: impl Into<String>) -> Parsed<T> {
    Err(ErrMode::Cut(Failure {
        at,
        message: message.into(),
    }))
}

/// Comes up again.
pub(super) fn shallower(input: &mut Input) {
    input.state.depth -= 1;
}
