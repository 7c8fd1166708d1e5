//! Maps as files: NPZ and CSV.
//!
//! **NPZ**, for `numpy.load`:
//!
//! | array | shape | |
//! | --- | --- | --- |
//! | `x`, `y` | `[columns]`, `[rows]` | the values along the axes |
//! | `minima` | `[k, 2]` | places of the minima, lowest first; y is 0 for a curve |
//! | `minima_loss` | `[k]` | the losses there |
//! | `minimum` | `[rows, columns]` int32 | the minimum that is nearest to the last iterate and within the radius; −1 for none |
//! | `steps` | `[rows, columns]` int32 | the first step from which on all iterates lie within the radius of it; −1 for none |
//! | `loss` | `[rows, columns]` | at the last finite iterate; NaN where there is none |
//! | `status` | `[rows, columns]` uint8 | 0 finished, 1 converged, 2 stopped, 3 diverged, 4 undefined |
//! | `meta` | bytes | JSON: what was run, the axes, the radius, the best cell; `json.loads(bytes(npz["meta"]))` |
//!
//! **CSV**, a header and a line for each cell: `x,y,minimum,steps,loss,status`, y slowest, `loss` empty where there is none.

use std::io::{self, Cursor, Write};

use ndarray::{Array1, Array2, ArrayView2};
use ndarray_npy::{NpzWriter, WritableElement, WriteNpzError};
use serde_json::{Value, json};

use super::counted;
use crate::experiment::VERSION;
use crate::landscape::ticks::{label, label_within};
use crate::maps::{Axis, Map, Outcomes, STATUSES, Spacing};

/// A map with its outcomes, and what it is of.
#[derive(Debug, Clone, Copy)]
pub struct MapResults<'m> {
    /// The experiment's title.
    pub experiment: &'m str,
    /// The panel's title.
    pub panel: &'m str,
    /// The descent's name.
    pub descent: &'m str,
    pub map: &'m Map,
    pub outcomes: &'m Outcomes,
}

impl MapResults<'_> {
    /// Writes NumPy's archive of arrays.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_npz(&self, out: &mut dyn Write) -> io::Result<()> {
        // An archive is written with seeks, which a pipe does not have.
        let bytes = self.archive().map_err(|error| match error {
            WriteNpzError::Zip(error) => io::Error::from(error),
            error => io::Error::other(error),
        })?;
        out.write_all(&bytes)
    }

    fn archive(&self) -> Result<Vec<u8>, WriteNpzError> {
        let mut archive = NpzWriter::new_compressed(Cursor::new(Vec::new()));
        let meta = self.meta().to_string().into_bytes();
        archive.add_array("meta", &Array1::from(meta))?;
        let Map { minima, .. } = self.map;
        for (name, nodes) in ["x", "y"].iter().zip(self.map.nodes()) {
            archive.add_array(*name, &Array1::from(nodes.clone()))?;
        }
        let place = |(k, axis): (usize, usize)| minima[k].at[axis];
        archive.add_array("minima", &Array2::from_shape_fn((minima.len(), 2), place))?;
        let losses = minima.iter().map(|minimum| minimum.loss);
        archive.add_array("minima_loss", &Array1::from_iter(losses))?;
        let outcomes = self.outcomes;
        self.matrix(&mut archive, "minimum", &outcomes.minimum)?;
        self.matrix(&mut archive, "steps", &outcomes.steps)?;
        self.matrix(&mut archive, "loss", &outcomes.loss)?;
        self.matrix(&mut archive, "status", &outcomes.status)?;
        Ok(archive.finish()?.into_inner())
    }

    fn matrix<T: WritableElement>(
        &self,
        archive: &mut NpzWriter<Cursor<Vec<u8>>>,
        name: &str,
        numbers: &[T],
    ) -> Result<(), WriteNpzError> {
        let [cols, rows] = self.map.size();
        let matrix = ArrayView2::from_shape((rows, cols), numbers);
        archive.add_array(name, &matrix.expect("there is an outcome for each cell"))
    }

    fn meta(&self) -> Value {
        let Map { plan, radius, .. } = self.map;
        let [cols, rows] = self.map.size();
        let axis = |k: usize| {
            let span = &self.map.spans[k];
            let spacing = match span.axis.spacing() {
                Spacing::Even => "even",
                Spacing::Log => "log",
                Spacing::LogBelowOne => "log(1 - value)",
            };
            json!({ "axis": span.axis.name(), "range": span.range, "spacing": spacing })
        };
        let best = self.outcomes.best(&self.map.minima).map(|index| {
            let [x, y] = self.map.at(index);
            json!({ "row": index / cols, "col": index % cols, "x": x, "y": y, "steps": self.outcomes.steps[index] })
        });
        json!({
            "steepest": VERSION,
            "experiment": self.experiment,
            "panel": self.panel,
            "descent": self.descent,
            "rule": plan.rule.info().name,
            "x": axis(0),
            "y": axis(1),
            "columns": cols,
            "rows": rows,
            "steps": plan.steps,
            "radius": radius,
            "statuses": STATUSES,
            "best": best,
        })
    }

    /// Writes lines of numbers.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_csv(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "x,y,minimum,steps,loss,status")?;
        let outcomes = self.outcomes;
        for index in 0..self.map.cells() {
            let [x, y] = self.map.at(index);
            let (minimum, steps) = (outcomes.minimum[index], outcomes.steps[index]);
            write!(out, "{x:?},{y:?},{minimum},{steps},")?;
            let loss = outcomes.loss[index];
            if loss.is_finite() {
                write!(out, "{loss:?}")?;
            }
            writeln!(out, ",{}", outcomes.status[index])?;
        }
        Ok(())
    }

    /// What came of it, in lines for people: how much of the map each minimum has, and the best cell.
    pub fn summary(&self) -> Vec<String> {
        const MOST: usize = 8;
        let minima = &self.map.minima;
        let shares = self.outcomes.shares(minima.len());
        let share = |count: usize| {
            let percent = 100.0 * count as f64 / shares.all.max(1) as f64;
            format!("{}, {percent:.2} %", counted(count, "cell"))
        };
        // To hundredths of what counts as arrived; a root is found to within rounding.
        let radius = self.map.radius;
        let coordinate = |x: f64| match x.abs() < 1e-6 * radius {
            true => label(0.0),
            false => label_within(x, radius),
        };
        let mut lines = Vec::new();
        for (index, (minimum, count)) in minima.iter().zip(&shares.minima).enumerate().take(MOST) {
            let [x, y] = minimum.at.map(coordinate);
            let place = match self.map.objective.dim() {
                1 => x,
                _ => format!("({x}, {y})"),
            };
            lines.push(format!(
                "minimum {index} at {place}, loss {:.4e}: {}",
                minimum.loss,
                share(*count)
            ));
        }
        if minima.len() > MOST {
            let count = shares.minima[MOST..].iter().sum();
            let others = minima.len() - MOST;
            let minima = if others == 1 { "minimum" } else { "minima" };
            lines.push(format!("{others} other {minima}: {}", share(count)));
        }
        for (name, count) in [("nowhere", shares.nowhere), ("diverged", shares.diverged)] {
            lines.push(format!("{name}: {}", share(count)));
        }
        lines.extend(self.outcomes.best(minima).map(|best| {
            let how = match self.outcomes.steps[best] {
                -1 => format!("loss {:.4e}", self.outcomes.loss[best]),
                steps => format!("settled after {}", counted(steps as usize, "step")),
            };
            format!("best {}: {how}", self.place(best))
        }));
        lines
    }

    /// A cell's place in words: "rate 0.1, momentum 0.9".
    pub fn place(&self, index: usize) -> String {
        let values = self.map.at(index);
        let spans = self.map.spans.iter().zip(values);
        let words =
            spans.map(|(span, value)| format!("{} {}", span.axis.name(), short(value, &span.axis)));
        words.collect::<Vec<_>>().join(", ")
    }
}

/// To four digits; of what lies below 1 as many as tell how far.
pub(super) fn short(value: f64, axis: &Axis) -> String {
    let is_below_one = axis.spacing() == Spacing::LogBelowOne;
    let (size, most) = match is_below_one {
        true => ((1.0 - value).abs(), 15),
        false => (value.abs(), 9),
    };
    if size == 0.0 || !size.is_finite() {
        return value.to_string();
    }
    let decimals = 3 - size.log10().floor() as i32;
    match usize::try_from(decimals) {
        Ok(decimals) if decimals <= most => {
            let text = format!("{value:.decimals$}");
            let text = if text.contains('.') {
                text.trim_end_matches('0').trim_end_matches('.')
            } else {
                &text
            };
            text.to_owned()
        }
        _ if is_below_one => value.to_string(),
        _ => format!("{value:.3e}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::descent::Plan;
    use crate::optimizer::Rule;

    #[test]
    fn settings_are_short_and_still_tell_how_far_from_1() {
        let rule = Rule::named("momentum").expect("a rule");
        let plan = Plan::of(rule, vec![1.0, 1.0]);
        let momentum = Axis::named("momentum", &plan).expect("an axis");
        for (value, text) in [
            (0.9, "0.9"),
            (0.9999999, "0.9999999"),
            (0.123456789, "0.1235"),
            (1.0 - f64::EPSILON, "0.9999999999999998"),
            (0.0, "0"),
            (1.0, "1"),
        ] {
            assert_eq!(short(value, &momentum), text);
        }
        for (value, text) in [
            (0.1, "0.1"),
            (1e-9, "1.000e-9"),
            (1e300, "1.000e300"),
            (123.456, "123.5"),
        ] {
            assert_eq!(short(value, &Axis::Rate), text);
        }
    }
}
