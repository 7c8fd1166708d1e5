//! What operators stand between: numbers, names, calls, brackets, bars and roots.

use winnow::ascii::{digit0, digit1};
use winnow::combinator::{fail, opt};
use winnow::prelude::*;
use winnow::stream::Location;
use winnow::token::{any, one_of, take_while};

use super::hints;
use super::parse::{
    Input, Parsed, Product, Term, after_operand, deeper, error, next_char, raised_digit, shallower,
    sum,
};
use super::program::{Code, Unary};
use super::vocabulary::{
    FUNCTIONS, Function, KNOWN, VARIABLES, fraction, is_in_name, is_letter, is_minus,
};

pub(super) fn operand(input: &mut Input) -> Parsed<Term> {
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
        Some(c) if let Some(value) = fraction(c) => {
            any.parse_next(input)?;
            Ok(Term::new(Code::number(value), start))
        }
        _ => fail.parse_next(input),
    }
}

/// `|…|`. A bar opens where an operand is due, and closes after one.
fn absolute(input: &mut Input, start: usize) -> Parsed<Term> {
    deeper(input)?;
    any.parse_next(input)?;
    input.state.bars += 1;
    input.state.product = Product::WithoutBars;
    let inner = sum(input)?;
    match next_char(input) {
        Some('|') => any.parse_next(input)?,
        None => return error(start, "this bar is never closed; abs(x) says it clearly"),
        Some(_) => return after_operand(input),
    };
    input.state.bars -= 1;
    input.state.product = Product::Bar;
    shallower(input);
    Ok(Term::new(inner.code.unary(Unary::Abs), start))
}

/// `√` or `∛` and its operand.
fn root(input: &mut Input, start: usize, sign: char) -> Parsed<Term> {
    deeper(input)?;
    any.parse_next(input)?;
    let Ok(inner) = operand(input) else {
        let at = input.current_token_start();
        return error(
            at,
            format!("`{sign}` needs an operand, as in {sign}x or {sign}(x + 1)"),
        );
    };
    shallower(input);
    if next_char(input).is_some_and(|c| c == '^' || raised_digit(c).is_some()) {
        let at = input.current_token_start();
        return error(
            at,
            format!(
                "unclear after a root: write {sign}(x²), with brackets around all, or ({sign}x)²"
            ),
        );
    }
    let function = if sign == '√' {
        Unary::Sqrt
    } else {
        Unary::Cbrt
    };
    Ok(Term::new(inner.code.unary(function), start))
}

fn number(input: &mut Input, start: usize) -> Parsed<Term> {
    let sign = one_of(|c| c == '+' || is_minus(c));
    let exponent = (one_of(['e', 'E']), opt(sign), digit1);
    let text: &str = (digit0, opt(('.', digit0)), opt(exponent))
        .take()
        .parse_next(input)?;
    match text.replace(is_minus, "-").parse::<f64>() {
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
        _ => take_while(1.., |c: char| is_in_name(c) && !"πτ".contains(c)).parse_next(input)?,
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
        let unknown = hints::unknown(name, constants, next_char(input));
        input.state.unknown = unknown.may_be_constant.then(|| name.to_owned());
        return error(start, unknown.message);
    };
    if next_char(input) != Some('(') {
        let is_power = next_char(input).is_some_and(|c| c == '^' || raised_digit(c).is_some());
        let message = match function {
            _ if is_power => format!("a power of `{name}` stands behind its argument: {name}(x)^2"),
            Function::Binary(_) => {
                format!("`{name}` needs its arguments in brackets: {name}(x, y)")
            }
            _ => format!("`{name}` needs its argument in brackets: {name}(x)"),
        };
        return error(start, message);
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
        (function, ..) => {
            let takes = match function {
                Function::Unary(_) => "1 argument",
                Function::Binary(_) => "2 arguments",
                Function::Either(..) => "1 or 2 arguments",
            };
            let call = &input.state.text[open..input.current_token_start()];
            let hint = hints::decimal_comma(call);
            return error(start, format!("`{name}` takes {takes}, not {given}{hint}"));
        }
    };
    Ok(Term::new(code, start))
}

/// `(a, b, …)`: at least one expression in brackets, of which the opening one is at `open`.
fn bracket(input: &mut Input, open: usize) -> Parsed<Vec<Term>> {
    deeper(input)?;
    any.parse_next(input)?;
    let bars = std::mem::take(&mut input.state.bars);
    let product = std::mem::take(&mut input.state.product);
    let mut terms = Vec::new();
    loop {
        terms.push(sum(input)?);
        match next_char(input) {
            Some(',') => {
                input.state.product = Product::WithoutBars;
                any.parse_next(input)?
            }
            Some(')') => break,
            None => return error(open, "this bracket is never closed"),
            Some(_) => return after_operand(input),
        };
    }
    any.parse_next(input)?;
    (input.state.bars, input.state.product) = (bars, product);
    shallower(input);
    Ok(terms)
}
