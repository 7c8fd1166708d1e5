//! The iterates of a descent.

/// The iterates of a descent. Every entry's parameters and loss are finite.
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    dim: usize,
    path: Vec<f64>,
    losses: Vec<f64>,
    rates: Vec<f64>,
    gradient_norms: Vec<f64>,
}

/// Why numbers are no history.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum HistoryError {
    #[error("a history needs at least 1 parameter an entry, found 0")]
    NoParameters,
    #[error("found {found} {what}, expected {expected}")]
    Length {
        what: &'static str,
        found: usize,
        expected: usize,
    },
    #[error("entry {entry} of the {what} is {found}, expected a finite number")]
    NotFinite {
        what: &'static str,
        entry: usize,
        found: f64,
    },
}

impl History {
    pub(super) fn new(dim: usize) -> History {
        History {
            dim,
            path: Vec::new(),
            losses: Vec::new(),
            rates: Vec::new(),
            gradient_norms: Vec::new(),
        }
    }

    /// One that was computed elsewhere: `path` holds `dim` parameters an entry, one entry after the other, and there is one
    /// loss and one gradient norm an entry, and one rate fewer. Of rates and of gradient norms there may be none: then they are
    /// not known.
    ///
    /// # Errors
    /// If lengths do not fit together, or if a number is not finite; the last gradient norm may be any.
    pub fn from_parts(
        dim: usize,
        path: Vec<f64>,
        losses: Vec<f64>,
        rates: Vec<f64>,
        gradient_norms: Vec<f64>,
    ) -> Result<History, HistoryError> {
        if dim == 0 {
            return Err(HistoryError::NoParameters);
        }
        let entries = losses.len();
        for (what, found, expected) in [
            ("parameters", path.len(), entries.saturating_mul(dim)),
            ("gradient norms", gradient_norms.len(), entries),
            ("rates", rates.len(), entries.saturating_sub(1)),
        ] {
            let is_known = found > 0 || what == "parameters";
            if found != expected && is_known {
                return Err(HistoryError::Length {
                    what,
                    found,
                    expected,
                });
            }
        }
        let norms = &gradient_norms[..gradient_norms.len().saturating_sub(1)];
        for (what, numbers, an_entry) in [
            ("parameters", &path[..], dim),
            ("losses", &losses, 1),
            ("rates", &rates, 1),
            ("gradient norms", norms, 1),
        ] {
            if let Some(place) = numbers.iter().position(|number| !number.is_finite()) {
                return Err(HistoryError::NotFinite {
                    what,
                    entry: place / an_entry,
                    found: numbers[place],
                });
            }
        }
        Ok(History {
            dim,
            path,
            losses,
            rates,
            gradient_norms,
        })
    }

    pub(super) fn push(&mut self, w: &[f64], loss: f64, gradient_norm: f64) {
        self.path.extend_from_slice(w);
        self.losses.push(loss);
        self.gradient_norms.push(gradient_norm);
    }

    pub(super) fn push_rate(&mut self, rate: f64) {
        self.rates.push(rate);
    }

    /// What followed.
    pub(super) fn append(&mut self, next: &History) {
        self.path.extend_from_slice(&next.path);
        self.losses.extend_from_slice(&next.losses);
        self.rates.extend_from_slice(&next.rates);
        self.gradient_norms.extend_from_slice(&next.gradient_norms);
    }

    /// The number of entries, the start included.
    pub fn len(&self) -> usize {
        self.losses.len()
    }

    /// Whether not even the start is there: its loss is not finite, or it is still awaited.
    pub fn is_empty(&self) -> bool {
        self.losses.is_empty()
    }

    /// The number of parameters.
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// The parameters of entry `i`; panics unless `i` < [`len`](Self::len).
    pub fn at(&self, i: usize) -> &[f64] {
        &self.path[i * self.dim..(i + 1) * self.dim]
    }

    /// All entries' parameters in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[f64]> + DoubleEndedIterator {
        self.path.chunks_exact(self.dim)
    }

    /// The same as one list.
    pub fn points(&self) -> &[f64] {
        &self.path
    }

    /// The parameters of the last entry.
    pub fn last(&self) -> Option<&[f64]> {
        self.iter().next_back()
    }

    /// The exact loss at every entry.
    pub fn losses(&self) -> &[f64] {
        &self.losses
    }

    /// `rates()[i]` is the learning rate that took entry i to i + 1: one fewer than entries. Empty where nobody knows them.
    pub fn rates(&self) -> &[f64] {
        &self.rates
    }

    /// ‖exact gradient‖₂ at every entry; only the last may be other than finite. Empty where nobody knows them.
    pub fn gradient_norms(&self) -> &[f64] {
        &self.gradient_norms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &[f64], losses: &[f64], rates: &[f64], norms: &[f64]) -> Result<History, String> {
        let [path, losses, rates, norms] = [path, losses, rates, norms].map(<[f64]>::to_vec);
        History::from_parts(2, path, losses, rates, norms).map_err(|error| error.to_string())
    }

    #[test]
    fn what_was_computed_elsewhere_is_checked_before_it_is_a_history() {
        let path = [0.0, 1.0, 2.0, 3.0];
        let whole = of(&path, &[5.0, 4.0], &[0.1], &[1.0, f64::NAN]).expect("it is one");
        assert_eq!((whole.len(), whole.at(1)), (2, &[2.0, 3.0][..]));
        assert!(of(&[], &[], &[], &[]).expect("without entries").is_empty());
        assert!(of(&path, &[5.0, 4.0], &[], &[]).is_ok(), "not known");
        for (found, error) in [
            (
                of(&path, &[5.0], &[], &[1.0]),
                "found 4 parameters, expected 2",
            ),
            (
                of(&path, &[5.0, 4.0], &[0.1, 0.1], &[1.0, 1.0]),
                "found 2 rates, expected 1",
            ),
            (
                of(&path, &[5.0, 4.0], &[0.1], &[1.0]),
                "found 1 gradient norms, expected 2",
            ),
            (
                of(&[0.0, 1.0, 2.0, f64::NAN], &[5.0, 4.0], &[0.1], &[1.0, 1.0]),
                "entry 1 of the parameters is NaN, expected a finite number",
            ),
            (
                of(&path, &[f64::INFINITY, 4.0], &[0.1], &[1.0, 1.0]),
                "entry 0 of the losses is inf, expected a finite number",
            ),
            (
                of(&path, &[5.0, 4.0], &[0.1], &[f64::NAN, 1.0]),
                "entry 0 of the gradient norms is NaN, expected a finite number",
            ),
        ] {
            assert_eq!(found, Err(error.to_owned()));
        }
        assert!(History::from_parts(0, vec![], vec![], vec![], vec![]).is_err());
    }
}
