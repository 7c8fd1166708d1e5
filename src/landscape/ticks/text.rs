//! How numbers are written: how many digits, when with a power of ten, and what the labels of an axis leave out.

/// A number for reading: three significant digits, a real minus sign, and a power of ten from
/// 10⁴ on and below 10⁻².
pub fn label(value: f64) -> String {
    with_digits(value, USUAL_DIGITS)
}

/// A number for reading among others that lie within so wide a range: three significant digits,
/// and more where these could not tell hundredths of the range apart.
pub fn label_within(value: f64, range: f64) -> String {
    if !value.is_finite() || value == 0.0 || !range.is_normal() {
        return label(value);
    }
    let needed = exponent(value) - leading(range) + USUAL_DIGITS;
    if needed <= USUAL_DIGITS {
        return label(value);
    }
    let digits = needed.min(MOST_DIGITS);
    if digits <= exponent(value) {
        return with_digits(value, digits);
    }
    // Zeros stay, so that the text keeps its width while the number changes.
    match usize::try_from(digits - 1 - exponent(value)) {
        Ok(decimals) if (-2..=MOST_DIGITS).contains(&exponent(value)) => {
            grouped(&fixed(value, decimals))
        }
        _ => with_digits(value, digits),
    }
}

/// The texts at the ticks of an axis, or on isolines, and the number that all of them leave out.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Labels {
    pub texts: Vec<String>,
    /// What has to be added to every text, if anything.
    offset: Option<Offset>,
}

#[derive(Debug, Clone, PartialEq)]
struct Offset {
    value: f64,
    /// Without its sign.
    text: String,
}

impl From<Vec<String>> for Labels {
    /// Labels that leave nothing out.
    fn from(texts: Vec<String>) -> Labels {
        Labels {
            texts,
            offset: None,
        }
    }
}

impl Labels {
    /// An axis' title with what its labels leave out: `loss − 169.61`. A long one makes room for it: the numbers mean
    /// nothing without it.
    pub fn title(&self, title: &str) -> String {
        let Some(Offset { value, text }) = &self.offset else {
            return title.to_owned();
        };
        let sign = if *value < 0.0 { '+' } else { '−' };
        match title.char_indices().nth(TITLE_BESIDE_OFFSET) {
            Some((end, _)) => format!("{}… {sign} {text}", title[..end].trim_end()),
            None => format!("{title} {sign} {text}"),
        }
    }

    /// Whether the texts leave something out, which the title must say.
    pub fn has_offset(&self) -> bool {
        self.offset.is_some()
    }
}

/// Labels for ascending numbers, as many digits as it takes to tell neighbours apart. Where that
/// would be many because they all begin with the same ones, these are left out of all and become an
/// offset. Evenly spaced numbers all have the same decimals and power of ten; others are written
/// each as [`label`] does.
pub fn labels(values: &[f64]) -> Labels {
    let before = digits_apart(values);
    let is_great = values.iter().any(|value| !is_plain(exponent(*value)));
    let crowded = before > MOST_PLAIN_DIGITS || (is_great && before > USUAL_DIGITS);
    let offset = if crowded { offset(values) } else { None };
    if let Some(offset) = offset {
        let left: Vec<f64> = values.iter().map(|value| value - offset.value).collect();
        if digits_apart(&left) + 2 <= before {
            return Labels {
                texts: texts(&left, LEAST_PLAIN_BESIDE_OFFSET),
                offset: Some(offset),
            };
        }
    }
    texts(values, LEAST_PLAIN).into()
}

/// A longer title is cut off beside an offset, in letters.
const TITLE_BESIDE_OFFSET: usize = 24;
/// Significant digits of a label that needs no more.
const USUAL_DIGITS: i32 = 3;
/// With more digits than this, leading ones that all labels share become an offset.
const MOST_PLAIN_DIGITS: i32 = 5;
/// Smaller powers of ten are written as such; beside an offset what is added to it is easier to read in full.
const LEAST_PLAIN: i32 = -2;
const LEAST_PLAIN_BESIDE_OFFSET: i32 = -4;
/// More digits than this f64 does not have.
const MOST_DIGITS: i32 = 16;

/// The distance from each number to the nearer of its neighbours.
fn gaps(values: &[f64]) -> impl Iterator<Item = f64> {
    let apart = |i: usize, j: Option<usize>| {
        let other = j.and_then(|j| values.get(j));
        let gap = other.map_or(f64::INFINITY, |other| (values[i] - other).abs());
        if gap > 0.0 { gap } else { f64::INFINITY }
    };
    (0..values.len()).map(move |i| apart(i, i.checked_sub(1)).min(apart(i, Some(i + 1))))
}

/// The most significant digits that it takes to tell one of these numbers from its neighbours.
fn digits_apart(values: &[f64]) -> i32 {
    let digits = values.iter().zip(gaps(values));
    let digits = digits.filter(|(value, gap)| value.is_normal() && gap.is_normal());
    let digits = digits.map(|(value, gap)| exponent(*value) - leading(gap) + 1);
    digits.max().unwrap_or(1)
}

/// The roundest number near all of these: a multiple of the power of ten that spans them. `None` for 0.
fn offset(values: &[f64]) -> Option<Offset> {
    let (low, high) = (*values.first()?, *values.last()?);
    let span = high - low;
    if !span.is_normal() || !low.is_finite() {
        return None;
    }
    let power = -(-span.log10()).floor() as i32;
    let unit = 10f64.powi(power.abs());
    let multiple = |value: f64| {
        if power < 0 {
            value * unit
        } else {
            value / unit
        }
    };
    let (below, above) = (multiple(low).floor(), multiple(high).floor());
    // 1 000 000 rather than 999 999.
    let is_round = |count: f64| count % 10.0 == 0.0;
    let count = if is_round(above) && !is_round(below) {
        above
    } else {
        below
    };
    let value = if power < 0 {
        count / unit
    } else {
        count * unit
    };
    if value == 0.0 || !value.is_finite() {
        return None;
    }
    let size = value.abs();
    let digits = (exponent(size) - power + 1).clamp(1, MOST_DIGITS + 1);
    let text = if (-4..=MOST_DIGITS).contains(&exponent(size)) {
        grouped(&trim(&fixed(size, usize::try_from(-power).unwrap_or(0))))
    } else {
        with_digits(size, digits)
    };
    Some(Offset { value, text })
}

/// Numbers from this power of ten on are written without it.
fn texts(values: &[f64], least_plain: i32) -> Vec<String> {
    let greatest = values
        .iter()
        .fold(0.0, |max: f64, value| max.max(value.abs()));
    let steps = values.windows(2).map(|pair| pair[1] - pair[0]);
    let step = steps.clone().fold(f64::INFINITY, f64::min);
    let even = steps.fold(0.0, f64::max) <= step * (1.0 + 1e-4);
    if greatest.is_finite() && step.is_normal() && even {
        return even_texts(values, greatest, step, least_plain);
    }
    let each = values.iter().zip(gaps(values));
    each.map(|(&value, gap)| {
        let needed = if value.is_normal() && gap.is_normal() {
            exponent(value) - leading(gap) + 2
        } else {
            USUAL_DIGITS
        };
        with_digits_from(value, needed.clamp(USUAL_DIGITS, MOST_DIGITS), least_plain)
    })
    .collect()
}

/// One form for all.
fn even_texts(values: &[f64], greatest: f64, step: f64, least_plain: i32) -> Vec<String> {
    let exponent = exponent(greatest);
    let is_plain = is_plain(exponent) || (least_plain..0).contains(&exponent);
    let shift = if is_plain { 0 } else { exponent };
    let scaled = |value: f64| scaled(value, shift);
    let shows_all = |decimals: &usize| {
        values.iter().all(|value| {
            let shown = format!("{:.*}", decimals, scaled(*value)).parse();
            let shown: f64 = shown.unwrap_or(0.0);
            (shown - scaled(*value)).abs() < 1e-5 * scaled(step)
        })
    };
    // Numbers that are not round end where they can be told apart, and have three digits.
    let most = (1 - leading(scaled(step))).max(USUAL_DIGITS - 1 - (exponent - shift));
    let most = usize::try_from(most.min(MOST_DIGITS)).unwrap_or(0);
    let decimals = (0..=most + 1).find(shows_all).unwrap_or(most);
    let text = |value: f64| match (fixed(scaled(value), decimals), shift) {
        (_, _) if value == 0.0 && shift != 0 => "0".to_owned(),
        (text, 0) => text,
        (text, shift) => with_power(&text, shift),
    };
    values.iter().map(|value| text(*value)).collect()
}

/// As many significant digits, without zeros at the end.
fn with_digits(value: f64, digits: i32) -> String {
    with_digits_from(value, digits, LEAST_PLAIN)
}

/// The same; numbers from this power of ten on are written without it.
fn with_digits_from(value: f64, digits: i32, least_plain: i32) -> String {
    if !value.is_finite() {
        return value.to_string().replace("inf", "∞").replace('-', "−");
    }
    let exponent = exponent_at(value, digits);
    // Without a power where all digits up to the point are there anyway.
    let small = (least_plain..0).contains(&exponent);
    let plain = is_plain(exponent) || small || (exponent > 0 && exponent < digits);
    let decimals = |power: i32| usize::try_from(digits - 1 - power).unwrap_or(0);
    if plain {
        grouped(&trim(&fixed(value, decimals(exponent))))
    } else {
        let mantissa = format!("{:.*}", decimals(0), scaled(value, exponent));
        with_power(&trim(&mantissa), exponent)
    }
}

/// A number without a power of ten. The power itself may not be a number.
fn scaled(value: f64, exponent: i32) -> f64 {
    let half = exponent / 2;
    value / 10f64.powi(half) / 10f64.powi(exponent - half)
}

/// The power of ten of the leading digit, not rounded.
fn leading(value: f64) -> i32 {
    exponent_at(value, MOST_DIGITS)
}

/// The power of ten of the leading digit, after rounding to three digits.
fn exponent(value: f64) -> i32 {
    exponent_at(value, USUAL_DIGITS)
}

/// The power of ten of the leading digit, after rounding to so many.
fn exponent_at(value: f64, digits: i32) -> i32 {
    let decimals = usize::try_from(digits - 1).unwrap_or(0);
    let text = format!("{value:.decimals$e}");
    let exponent = text.split('e').nth(1).and_then(|e| e.parse().ok());
    exponent.unwrap_or(0)
}

/// Whether numbers with this power of ten are written without it.
fn is_plain(exponent: i32) -> bool {
    (LEAST_PLAIN..4).contains(&exponent)
}

fn fixed(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    let is_zero = !text.contains(|c: char| ('1'..='9').contains(&c));
    if is_zero {
        text.replace('-', "")
    } else {
        text.replace('-', "−")
    }
}

/// A count with commas between thousands, as in 60,000: beside bytes and samples, where the thin spaces of an axis would look torn.
pub fn thousands(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Without zeros at the end of a fraction.
fn trim(text: &str) -> String {
    let text = text.replace('-', "−");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// A whole part of five digits or more in groups of three, with thin spaces.
fn grouped(text: &str) -> String {
    let whole = text.find('.').unwrap_or(text.len());
    let digits = text[..whole].chars().filter(char::is_ascii_digit).count();
    if digits < 5 {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() + digits);
    let mut left = digits;
    for c in text[..whole].chars() {
        if c.is_ascii_digit() {
            if left % 3 == 0 && left != digits {
                out.push('\u{2009}');
            }
            left -= 1;
        }
        out.push(c);
    }
    out + &text[whole..]
}

fn with_power(mantissa: &str, exponent: i32) -> String {
    let power: String = exponent
        .to_string()
        .chars()
        .map(|c| match c.to_digit(10) {
            Some(digit) => ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'][digit as usize],
            None => '⁻',
        })
        .collect();
    match mantissa {
        "1" => format!("10{power}"),
        "−1" => format!("−10{power}"),
        _ => format!("{mantissa}×10{power}"),
    }
}

#[cfg(test)]
mod tests;
