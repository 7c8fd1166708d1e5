//! What must hold of a recording, wherever it comes from.

use super::{MAX_LETTERS, MAX_NODES, MAX_POINTS, RecordedPath, Recording, RecordingError};

impl Recording {
    /// The same if it holds together, with axes that ascend.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub(super) fn checked(mut self) -> Result<Recording, RecordingError> {
        for text in [&mut self.title, &mut self.about] {
            shorten(text, 10 * MAX_LETTERS);
        }
        self.labels
            .iter_mut()
            .for_each(|label| shorten(label, MAX_LETTERS));
        axis("u", &self.u)?;
        axis("v", &self.v)?;
        self.turn_round();
        if let Some(share) = self.explained.iter().find(|share| !share.is_finite()) {
            return Err(RecordingError::of(
                "explained",
                format!("found {share}, expected shares from 0 to 1"),
            ));
        }
        for share in &mut self.explained {
            *share = share.clamp(0.0, 1.0);
        }
        self.paths.iter().try_for_each(check_path)?;
        Ok(self)
    }

    /// Axes that descend are turned round, with all that lies along them.
    fn turn_round(&mut self) {
        let (cols, rows) = (self.u.len(), self.v.len());
        let across = self.u[0] > self.u[cols - 1];
        let along = self.v[0] > self.v[rows - 1];
        let grids = [
            Some(&mut self.loss),
            self.val_loss.as_mut(),
            self.accuracy.as_mut(),
        ];
        for grid in grids.into_iter().flatten() {
            if across {
                grid.chunks_exact_mut(cols).for_each(<[f64]>::reverse);
            }
            if along {
                let turned = grid.chunks_exact(cols).rev().flatten().copied().collect();
                *grid = turned;
            }
        }
        if across {
            self.u.reverse();
        }
        if along {
            self.v.reverse();
        }
    }
}

/// Nobody reads more.
fn shorten(text: &mut String, letters: usize) {
    if let Some((end, _)) = text.char_indices().nth(letters) {
        text.truncate(end);
    }
}

/// Coordinates are finite, and ascend or descend.
fn axis(key: &str, places: &[f64]) -> Result<(), RecordingError> {
    if !(2..=MAX_NODES).contains(&places.len()) {
        return Err(RecordingError::of(
            key,
            format!("found {} numbers, expected 2 to {MAX_NODES}", places.len()),
        ));
    }
    if let Some(place) = places.iter().find(|place| !place.is_finite()) {
        return Err(RecordingError::of(
            key,
            format!("found {place}, expected finite numbers"),
        ));
    }
    let ascends = places[0] < places[1];
    let in_order = |pair: &[f64]| match ascends {
        true => pair[0] < pair[1],
        false => pair[0] > pair[1],
    };
    if let Some(pair) = places.windows(2).find(|pair| !in_order(pair)) {
        return Err(RecordingError::of(
            key,
            format!(
                "found {} after {}, expected numbers that ascend",
                pair[1], pair[0]
            ),
        ));
    }
    let width = (places[places.len() - 1] - places[0]).abs();
    if !width.is_finite() {
        return Err(RecordingError::of(
            key,
            "its range is too wide for a number",
        ));
    }
    Ok(())
}

fn check_path(path: &RecordedPath) -> Result<(), RecordingError> {
    let wrong = |column: &str, message: String| {
        let key = format!("path.{}.{column}", path.name);
        Err(RecordingError::of(&key, message))
    };
    if path.step.len() > MAX_POINTS {
        let found = path.step.len();
        return wrong(
            "step",
            format!("found {found} points, expected at most {MAX_POINTS}"),
        );
    }
    if path.name.is_empty() || path.name.chars().count() > MAX_LETTERS {
        return wrong(
            "step",
            format!("expected a name of 1 to {MAX_LETTERS} letters"),
        );
    }
    if let Some(pair) = path.step.windows(2).find(|pair| pair[0] >= pair[1]) {
        return wrong(
            "step",
            format!(
                "found {} after {}, expected steps that ascend",
                pair[1], pair[0]
            ),
        );
    }
    Ok(())
}
