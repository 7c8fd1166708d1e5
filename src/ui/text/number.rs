//! Numbers in fields: dragged or typed, and always of the same width, whatever they are.

use bevy_egui::egui;
use egui::DragValue;
use egui::emath::Numeric;

use crate::objective::formula::is_minus;

/// Width of a field, in logical pixels, and the characters that fit into it.
pub(crate) const WIDTH: f32 = 62.0;
const CHARACTERS: usize = 7;

/// A number that is dragged, or typed and taken once it is complete: halfway through 0.05 it would be 0.
pub(crate) fn field<Number: Numeric>(value: &mut Number) -> DragValue<'_> {
    let shown = fitting(value.to_f64());
    DragValue::new(value)
        .update_while_editing(false)
        .clamp_existing_to_range(false)
        .custom_formatter(|value, _| fitting(value))
        .custom_parser(move |text| typed(text, &shown))
}

/// A number that is dragged in proportion to itself.
pub(crate) fn number(value: &mut f64, low: f64, high: f64) -> DragValue<'_> {
    let speed = (value.abs() * 0.01).max(1e-7);
    field(value).range(low..=high).speed(speed)
}

/// The number that was typed, or none where nothing was: what is shown may have fewer digits than the number.
fn typed(text: &str, shown: &str) -> Option<f64> {
    let text = text.replace(is_minus, "-");
    let text = text.trim();
    let number = (text != shown).then(|| text.parse().ok()).flatten();
    number.filter(|number: &f64| number.is_finite())
}

/// As short as it can be typed back; with as many digits as fit where there are too many.
pub(crate) fn fitting(value: f64) -> String {
    let plain = (0..=CHARACTERS).map(|decimals| format!("{value:.decimals$}"));
    let powers = (0..=CHARACTERS).map(|decimals| format!("{value:.decimals$e}"));
    let error = |text: &String| {
        text.parse()
            .map_or(f64::INFINITY, |read: f64| (read - value).abs())
    };
    let everyday = value == 0.0 || (1e-4..1e7).contains(&value.abs());
    let odd = |text: &String| text.contains('e') == everyday;
    // Of those equally near to the number the usual one, and then the shortest.
    plain
        .chain(powers)
        .filter(|text| text.len() <= CHARACTERS)
        .min_by(|a, b| {
            let nearer = error(a).total_cmp(&error(b));
            nearer.then((odd(a), a.len()).cmp(&(odd(b), b.len())))
        })
        .unwrap_or_else(|| value.to_string())
}

/// A tip, and the number in full where its field has no room for it.
pub(crate) fn in_full<Number: Numeric + ToString>(tip: &str, value: Number) -> String {
    if fitting(value.to_f64()).parse() == Ok(value.to_f64()) && value.to_f64().abs() < 1e15 {
        return tip.to_owned();
    }
    format!("{}\n{tip}", value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shown_as_they_would_be_typed() {
        for (value, text) in [
            (0.1, "0.1"),
            (25.0, "25"),
            (0.0, "0"),
            (-0.05, "-0.05"),
            (9e-5, "9e-5"),
            (1e-4, "0.0001"),
            (1e-8, "1e-8"),
            (2.5e7, "2.5e7"),
            (1_000_000.0, "1000000"),
            (1e9, "1e9"),
            (-1e9, "-1e9"),
            (1e300, "1e300"),
            (-1e-300, "-1e-300"),
        ] {
            assert_eq!(fitting(value), text);
            assert_eq!(text.parse::<f64>().ok(), Some(value));
        }
    }

    #[test]
    fn numbers_of_any_size_fit_with_their_first_digits() {
        let sizes = (-300..=300)
            .step_by(3)
            .map(|power| 1.234_567_890_123 * 10f64.powi(power));
        for value in sizes.flat_map(|value| [value, -value]) {
            let text = fitting(value);
            assert!(text.len() <= CHARACTERS, "{text}");
            let read: f64 = text.parse().expect("a number");
            assert!((read / value - 1.0).abs() < 0.25, "{text} of {value}");
        }
        assert_eq!(fitting(0.123_456_789), "0.12346");
        assert_eq!(fitting(u64::MAX as f64), "1.84e19");
        assert_eq!(fitting(f64::MAX), "2e308");
    }

    #[test]
    fn what_is_left_as_it_is_keeps_all_its_digits() {
        let value = 0.123_456_789;
        assert_eq!(typed(&fitting(value), &fitting(value)), None);
        assert_eq!(typed(" −2.5 ", &fitting(value)), Some(-2.5));
        assert_eq!(typed("–2e—3", &fitting(value)), Some(-0.002));
        assert_eq!(typed("about 2", &fitting(value)), None);
        assert_eq!(typed("nan", &fitting(value)), None);
        assert_eq!(typed("-inf", &fitting(value)), None);
        assert_eq!(in_full("tip", value), "0.123456789\ntip");
        assert_eq!(in_full("tip", 0.5), "tip");
        assert_eq!(in_full("tip", u64::MAX), "18446744073709551615\ntip");
    }
}
