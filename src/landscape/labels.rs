//! Where the losses of isolines stand on a map.

use super::Grid;
use super::contour::isolines;

/// An isoline's loss, and where on the line it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct IsolineLabel {
    /// In the grid's coordinates.
    pub at: [f64; 2],
    /// From one point of the line to the next there.
    pub along: [f64; 2],
    pub text: String,
}

/// How labels are spread over a map.
#[derive(Debug, Clone, Copy)]
pub struct LabelRoom {
    /// The lengths of the map's axes.
    pub sides: [f64; 2],
    /// From one label to the next, and to the map's edge, at least.
    pub apart: f64,
    pub from_edge: f64,
    pub most: usize,
}

/// Labels on the isolines at these levels, which have these texts; the longest lines come first.
pub fn isoline_labels(
    grid: &Grid,
    levels: &[f64],
    texts: &[String],
    room: LabelRoom,
) -> Vec<IsolineLabel> {
    let domain = grid.domain;
    let Some(y) = domain.y else {
        return Vec::new();
    };
    let [width, height] = domain.size();
    let scale = [room.sides[0] / width, room.sides[1] / height];
    let inside = |[px, py]: [f64; 2]| {
        let from_x = (px - domain.x[0]).min(domain.x[1] - px) * scale[0];
        let from_y = (py - y[0]).min(y[1] - py) * scale[1];
        from_x.min(from_y) > room.from_edge
    };
    let apart =
        |a: [f64; 2], b: [f64; 2]| ((a[0] - b[0]) * scale[0]).hypot((a[1] - b[1]) * scale[1]);
    let mut lines: Vec<(&String, Vec<[f64; 2]>)> = isolines(grid, levels)
        .into_iter()
        .zip(texts)
        .flat_map(|(isoline, text)| isoline.lines.into_iter().map(move |line| (text, line)))
        .collect();
    lines.sort_by_key(|(_, line)| std::cmp::Reverse(line.len()));
    let mut labels: Vec<IsolineLabel> = Vec::new();
    for (text, line) in lines {
        let length: f64 = line.windows(2).map(|w| apart(w[0], w[1])).sum();
        if labels.len() == room.most || length < room.apart {
            break;
        }
        let free = |at: [f64; 2]| {
            let nearest = labels.iter().map(|label| apart(label.at, at));
            nearest.fold(f64::INFINITY, f64::min)
        };
        // Where there is most room, but not further than it matters: then in the middle of the line.
        let best = line
            .iter()
            .enumerate()
            .filter(|&(_, &at)| inside(at))
            .map(|(i, &at)| {
                let off_middle = (i as f64 / line.len() as f64 - 0.5).abs();
                let value = free(at).min(3.0 * room.apart) - room.apart * off_middle;
                (value, i)
            })
            .max_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((_, i)) = best
            && free(line[i]) >= room.apart
        {
            let near = [line[i.saturating_sub(3)], line[(i + 3).min(line.len() - 1)]];
            labels.push(IsolineLabel {
                at: line[i],
                along: [near[1][0] - near[0][0], near[1][1] - near[0][1]],
                text: plain_zero(text).to_owned(),
            });
        }
    }
    labels
}

/// A zero with the decimals of its neighbours is one without them where it stands alone.
fn plain_zero(text: &str) -> &str {
    let is_zero = text.starts_with('0') && text.chars().all(|c| matches!(c, '0' | '.'));
    if is_zero { "0" } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zero_that_stands_alone_has_no_decimals() {
        for (text, expected) in [
            ("0.0000", "0"),
            ("0", "0"),
            ("0.0100", "0.0100"),
            ("−0.7854", "−0.7854"),
            ("", ""),
        ] {
            assert_eq!(plain_zero(text), expected);
        }
    }
}
