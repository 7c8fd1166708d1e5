//! How a panel's range changes with time: keys, and the range between two of them.

use super::keys::{EASING, Form, Keys, REQUIRED, TIME, key};
use super::reader::{Field, Table};
use super::view::Easing;
use super::writer::{Writer, number, numbers, quoted};
use super::{MapSpec, Panel};
use crate::landscape::Range;
use crate::maps::{Spacing, Span};

/// A panel's range at a time: that of its axes, or where its map has axes of its own the map's.
#[derive(Debug, Clone, PartialEq)]
pub struct ZoomKey {
    /// Seconds of playback.
    pub time: f64,
    pub x: Range,
    /// A curve has none.
    pub y: Option<Range>,
    /// How the range changes from this key to the next.
    pub easing: Easing,
}

impl Panel {
    /// The panel's map, if it has axes of its own.
    fn map_beside(&self) -> Option<&MapSpec> {
        let map = self.map.as_ref();
        map.filter(|map| !self.map_lies_on_surface(map))
    }

    /// Takes the range that it has after so many seconds of playback, if it has keys.
    pub fn zoom_to(&mut self, seconds: f64) {
        if self.zoom.is_empty() {
            return;
        }
        let Some(spans) = self
            .map_beside()
            .map(|map| self.map_plan(map).map(|plan| plan.spans))
        else {
            let [x, y] = range_at(&self.zoom, seconds, [Spacing::Even; 2]);
            self.domain.x = x.unwrap_or(self.domain.x);
            self.domain.y = self.domain.y.and(y.or(self.domain.y));
            return;
        };
        // Why there is no map is said where it would be.
        let (Ok(spans), Some(spec)) = (spans, &mut self.map) else {
            return;
        };
        let spacings = spans.map(|span| span.axis.spacing());
        let ranges = range_at(&self.zoom, seconds, spacings);
        for ((words, span), range) in spec.axes.iter_mut().zip(spans).zip(ranges) {
            let range = range.unwrap_or(span.range);
            *words = Some(Span { range, ..span }.words());
        }
    }
}

impl Panel {
    /// Whether its keys are ranges of what they are for: its axes, or those of its map.
    pub(super) fn takes_zoom(&self) -> bool {
        let spans = self.map_beside().and_then(|map| self.map_plan(map).ok());
        let spans = spans.map(|plan| plan.spans);
        let axes = if spans.is_some() { 2 } else { self.dim() };
        self.zoom.iter().all(|key| {
            let ranges = [Some(key.x), key.y];
            let mut given = ranges.into_iter().flatten().enumerate();
            let is_one = |(k, range): (usize, Range)| {
                spans.is_none_or(|spans| spans[k].axis.check(range).is_ok())
            };
            (key.y.is_some() == (axes == 2)) && given.all(is_one)
        })
    }
}

/// The range after so many seconds. Between two keys it narrows at an even pace, about a point that stays where it is; before
/// the first and after the last one it rests.
fn range_at(keys: &[ZoomKey], seconds: f64, spacings: [Spacing; 2]) -> [Option<Range>; 2] {
    let next = keys.partition_point(|key| key.time <= seconds);
    let ranges = |key: &ZoomKey| [Some(key.x), key.y];
    let before = next.checked_sub(1).and_then(|i| keys.get(i));
    let (from, to) = match (before, keys.get(next)) {
        (None, None) => return [None, None],
        (Some(key), None) | (None, Some(key)) => return ranges(key),
        (Some(from), Some(to)) => (from, to),
    };
    let t = from
        .easing
        .at((seconds - from.time) / (to.time - from.time));
    let (from, to) = (ranges(from), ranges(to));
    [0, 1].map(|k| Some(between(from[k]?, to[k]?, t, spacings[k])))
}

fn between(from: Range, to: Range, t: f64, spacing: Spacing) -> Range {
    let [from, to] = [from, to].map(|range| range.map(|value| spacing.along(value)));
    let [wide, narrow] = [from, to].map(|[low, high]| high - low);
    let width = wide * (narrow / wide).powf(t);
    // How far the ends have come: evenly where the width stays.
    let share = if (wide - narrow).abs() > 1e-9 * wide.abs() {
        (wide - width) / (wide - narrow)
    } else {
        t
    };
    [0, 1].map(|end| spacing.value(from[end] + (to[end] - from[end]) * share))
}

pub(super) const KEYS: Keys = Keys {
    header: "[[panel.zoom]]",
    example: "",
    about: "The range of a map beside the surface, or of the surface itself, at a time; in between it narrows at an even pace.",
    groups: &[&[
        TIME,
        key(
            "x",
            Form::RANGE,
            REQUIRED,
            "the range of the first axis, [low, high]",
        ),
        key(
            "y",
            Form::RANGE,
            "",
            "that of the second axis, which a curve lacks and all else needs",
        ),
        EASING,
    ]],
};

/// Reads the keys, each later than the one before, with where they stand.
pub(super) fn keys<'s>(table: &Table<'s>) -> Vec<(ZoomKey, [Option<Field<'s>>; 2])> {
    let mut keys: Vec<(ZoomKey, _)> = Vec::new();
    for table in table.tables("zoom") {
        let after = keys.last().map(|(key, _)| key.time);
        keys.extend(zoom_key(&table, after));
    }
    keys
}

fn zoom_key<'s>(
    table: &Table<'s>,
    after: Option<f64>,
) -> Option<(ZoomKey, [Option<Field<'s>>; 2])> {
    let time = table.require("time");
    let time = time.and_then(|f| f.time_after(after));
    let x = table.require("x");
    let y = table.get("y");
    let easing = table.get("easing").map(|f| f.choice(Easing::NAMED));
    table.finish();
    let key = ZoomKey {
        time: time?,
        x: x.as_ref()?.range()?,
        y: match &y {
            Some(y) => Some(y.range()?),
            None => None,
        },
        easing: easing.unwrap_or(Some(Easing::default()))?,
    };
    Some((key, [x, y]))
}

/// Notes ranges that the panel, with this map, cannot have.
pub(super) fn check(keys: &[(ZoomKey, [Option<Field>; 2])], map: Option<&MapSpec>, panel: &Panel) {
    let beside = map.filter(|map| !panel.map_lies_on_surface(map));
    let spans = beside
        .and_then(|map| panel.map_plan(map).ok())
        .map(|map| map.spans);
    let axes = if spans.is_some() { 2 } else { panel.dim() };
    for (key, fields) in keys {
        match (&fields[1], &fields[0]) {
            (Some(y), _) if axes == 1 => y.report("a curve has no y".to_owned()),
            (None, Some(x)) if axes == 2 => {
                x.report("found x without `y`, expected both".to_owned());
            }
            _ => {}
        }
        for (k, range) in [Some(key.x), key.y].into_iter().enumerate() {
            let wrong = spans
                .zip(range)
                .map(|(spans, range)| spans[k].axis.check(range));
            if let (Some(Err(error)), Some(field)) = (wrong, &fields[k]) {
                field.report(error.to_string());
            }
        }
    }
}

pub(super) fn write(out: &mut Writer, panel: &Panel) {
    for key in &panel.zoom {
        out.header("[[panel.zoom]]");
        out.key("time", number(key.time));
        out.key("x", numbers(&key.x));
        if let Some(y) = key.y {
            out.key("y", numbers(&y));
        }
        let easing = quoted(key.easing.name());
        out.key_unless(&Easing::default(), "easing", &key.easing, easing);
    }
}

#[cfg(test)]
mod tests {
    use super::super::Experiment;
    use super::*;

    const PANEL: &str =
        "steepest = 1\n[[panel]]\nformula = 'x^2 + 10*y^2'\ndomain = [[-1, 1], [-2, 2]]\n";
    const DESCENT: &str =
        "[[panel.descent]]\nrule = 'momentum'\nrate = 0.01\nstart = [1, 1]\nsteps = 50\n";

    fn experiment(map: &str, keys: &str) -> Result<Experiment, String> {
        let text = format!("{PANEL}{map}\n{DESCENT}{keys}");
        Experiment::parse(&text, "test").map_err(|error| error.to_string())
    }

    const TWO: &str = "[[panel.zoom]]\ntime = 1\nx = [-1, 1]\ny = [-2, 2]\n\
                       [[panel.zoom]]\ntime = 3\nx = [0.5, 0.52]\ny = [-0.02, 0.02]\n";

    #[test]
    fn a_range_narrows_at_an_even_pace_about_a_point_that_stays() {
        let experiment = experiment("", TWO).expect("valid");
        let range = |seconds: f64| {
            let mut panel = experiment.panels[0].clone();
            panel.zoom_to(seconds);
            panel.domain
        };
        assert_eq!((range(0.0).x, range(1.0).x), ([-1.0, 1.0], [-1.0, 1.0]));
        assert_eq!(range(99.0).y, Some([-0.02, 0.02]));
        let [low, high] = range(2.0).x;
        assert!(((high - low) - 0.2).abs() < 1e-12, "the geometric mean");
        // The point that stays divides all ranges alike.
        let point = (0.5 + 1.0) / (2.0 - 0.02) * 2.0 - 1.0;
        let share = |[low, high]: Range| (point - low) / (high - low);
        assert!((share([low, high]) - share([-1.0, 1.0])).abs() < 1e-9);
        let again = Experiment::parse(&experiment.to_toml(), "again").expect("valid");
        assert_eq!(again, experiment);
    }

    #[test]
    fn a_map_of_its_own_axes_is_zoomed_along_their_spacing() {
        let map = "map = { x = 'rate=0.001:1', y = 'momentum=0:0.99' }";
        let keys = "[[panel.zoom]]\ntime = 0\nx = [0.001, 1]\ny = [0, 0.99]\neasing = 'linear'\n\
                    [[panel.zoom]]\ntime = 2\nx = [0.1, 0.2]\ny = [0.5, 0.75]\n";
        let experiment = experiment(map, keys).expect("valid");
        let mut panel = experiment.panels[0].clone();
        panel.zoom_to(1.0);
        assert_eq!(panel.domain, experiment.panels[0].domain);
        let spec = panel.map.clone().expect("a map");
        let spans = panel.map_plan(&spec).expect("a map").spans;
        let decades = |[low, high]: Range| (high / low).log10();
        let mean = (3.0 * decades([0.1, 0.2])).sqrt();
        assert!((decades(spans[0].range) - mean).abs() < 1e-9);
        assert!(spans[1].range[0] > 0.0 && spans[1].range[1] < 0.99);
    }

    #[test]
    fn keys_that_cannot_be_are_said_with_their_place() {
        let map = "map = { x = 'rate', y = 'momentum' }";
        for (map, keys, said) in [
            (
                "",
                "[[panel.zoom]]\ntime = 0\nx = [1, 0]\ny = [0, 1]\n",
                "reversed",
            ),
            ("", "[[panel.zoom]]\ntime = 0\nx = [0, 1]\n", "without `y`"),
            (
                "",
                "[[panel.zoom]]\nx = [0, 1]\ny = [0, 1]\n",
                "missing, expected seconds",
            ),
            (
                map,
                "[[panel.zoom]]\ntime = 0\nx = [0, 1]\ny = [0, 0.5]\n",
                "above 0",
            ),
            (
                map,
                "[[panel.zoom]]\ntime = 0\nx = [0.1, 1]\ny = [0, 2]\n",
                "below 1",
            ),
            (
                "",
                "[[panel.zoom]]\ntime = 0\nx = [0, 1]\ny = [0, 1]\nx0 = 1\n",
                "unknown key",
            ),
        ] {
            let error = experiment(map, keys).expect_err(keys);
            assert!(
                error.contains(said) && error.contains("zoom"),
                "{keys}: {error}"
            );
        }
        let late = format!("{TWO}[[panel.zoom]]\ntime = 3\nx = [0, 1]\ny = [0, 1]\n");
        let error = experiment("", &late).expect_err("the same time");
        assert!(error.contains("more than 3"), "{error}");
    }
}
