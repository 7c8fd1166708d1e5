//! A panel's scene as the app's renderer drew it, without words, and where words belong: what a figure embeds and writes upon.

use crate::landscape::box_words::{BoxAxis, PlaceName};
use crate::palette::Rgb;

/// All places are in logical pixels of the renderer, from the upper left corner.
#[derive(Debug, Clone, PartialEq)]
pub struct DrawnScene {
    /// Width and height, in logical pixels.
    pub size: [f64; 2],
    /// Columns and rows of the picture.
    pub pixels: [usize; 2],
    /// Three bytes a pixel, row by row from the top.
    pub rgb: Vec<u8>,
    /// Seen from above, with nothing before its axes.
    pub is_flat: bool,
    pub axes: Vec<BoxAxis>,
    pub names: Vec<PlaceName>,
}

/// Channels that differ by less are the same colour.
const ALIKE: u8 = 10;

impl DrawnScene {
    /// Pixels of the picture for a logical one.
    fn fineness(&self) -> [f64; 2] {
        [0, 1].map(|k| self.pixels[k] as f64 / self.size[k].max(1.0))
    }

    fn pixel(&self, column: usize, row: usize) -> Option<Rgb> {
        let at = 3 * (row * self.pixels[0] + column);
        let is_inside = column < self.pixels[0] && row < self.pixels[1];
        is_inside.then(|| self.rgb.get(at..at + 3)?.try_into().ok())?
    }

    /// Whether nothing is drawn on the ground in a rectangle; none is beyond the picture.
    pub(super) fn is_clear(&self, [from, to]: [[f64; 2]; 2], ground: Rgb) -> bool {
        let fine = self.fineness();
        let range = |k: usize| {
            let low = (from[k] * fine[k]).floor().max(0.0) as usize;
            low..((to[k] * fine[k]).ceil().max(0.0) as usize).min(self.pixels[k])
        };
        let mut pixels = range(1).flat_map(|row| range(0).map(move |column| (column, row)));
        !pixels.any(|(column, row)| {
            let pixel = self.pixel(column, row);
            pixel.is_some_and(|pixel| !are_alike(pixel, ground, ALIKE))
        })
    }

    /// The columns and rows of pixels with something on the ground, their ends exclusive; `None` where there is nothing at all.
    pub(super) fn inked(&self, ground: Rgb) -> Option<[[usize; 2]; 2]> {
        let width = self.pixels[0].max(1);
        let rows = self.rgb.chunks_exact(3 * width).enumerate();
        let ends = rows.filter_map(|(row, bytes)| {
            let (pixels, _) = bytes.as_chunks::<3>();
            let is_inked = |pixel: &Rgb| !are_alike(*pixel, ground, ALIKE);
            let first = pixels.iter().position(is_inked)?;
            let last = pixels.iter().rposition(is_inked)?;
            Some([[first, last + 1], [row, row + 1]])
        });
        ends.reduce(|a, b| [0, 1].map(|k| [a[k][0].min(b[k][0]), a[k][1].max(b[k][1])]))
    }

    /// How much of the picture's width has something in it.
    pub(super) fn inked_share(&self, ground: Rgb) -> f64 {
        let inked = self.inked(ground);
        inked.map_or(0.0, |[[from, to], _]| {
            (to - from) as f64 / self.pixels[0].max(1) as f64
        })
    }

    /// Those pixels alone, three bytes each.
    pub(super) fn cut(&self, [columns, rows]: [[usize; 2]; 2]) -> Vec<u8> {
        let all = self.rgb.chunks_exact((3 * self.pixels[0]).max(1));
        let all = all.skip(rows[0]).take(rows[1] - rows[0]);
        let [from, to] = columns.map(|column| 3 * column);
        all.flat_map(|row| row.get(from..to).unwrap_or_default())
            .copied()
            .collect()
    }

    /// The stretches of a straight line, as fractions of it, along which the picture shows a colour: what lies before the line hides it.
    ///
    /// What is narrow, as lines of the grid that cross it, hides nothing.
    pub(super) fn seen_stretches(&self, ends: [[f64; 2]; 2], color: Rgb) -> Vec<[f64; 2]> {
        const NEAR: u8 = 40;
        /// In pixels.
        const NARROW: usize = 9;
        let fine = self.fineness();
        let [from, to] = ends.map(|[x, y]| [x * fine[0], y * fine[1]]);
        let count = (to[0] - from[0]).hypot(to[1] - from[1]).ceil().max(1.0) as usize;
        let is_seen = |t: f64| {
            let [x, y] = [0, 1].map(|k| from[k] + (to[k] - from[k]) * t);
            let around = |k: i64| {
                let [column, row] = [x.floor() as i64 + k % 3 - 1, y.floor() as i64 + k / 3 - 1];
                self.pixel(usize::try_from(column).ok()?, usize::try_from(row).ok()?)
            };
            (0..9)
                .filter_map(around)
                .any(|pixel| are_alike(pixel, color, NEAR))
        };
        let mut stretches: Vec<[f64; 2]> = Vec::new();
        let mut last = None;
        for k in (0..=count).filter(|k| is_seen(*k as f64 / count as f64)) {
            let t = k as f64 / count as f64;
            match stretches.last_mut() {
                Some(stretch) if last.is_some_and(|last| k - last <= NARROW) => stretch[1] = t,
                _ => stretches.push([t, t]),
            }
            last = Some(k);
        }
        stretches
    }
}

fn are_alike(a: Rgb, b: Rgb, by: u8) -> bool {
    a.iter().zip(b).all(|(a, b)| a.abs_diff(b) <= by)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A grey line from left to right, hidden in its middle by something black.
    #[test]
    fn a_line_is_seen_where_nothing_lies_before_it() {
        let (white, grey, black) = ([255; 3], [96; 3], [0; 3]);
        let row = |row: usize| {
            (0..90).map(move |column| match (row, column) {
                (_, 30..60) => black,
                (10 | 11, _) => grey,
                _ => white,
            })
        };
        let drawn = DrawnScene {
            size: [30.0, 10.0],
            pixels: [90, 30],
            rgb: (0..30).flat_map(row).flatten().collect(),
            is_flat: false,
            axes: Vec::new(),
            names: Vec::new(),
        };
        let seen = drawn.seen_stretches([[0.0, 3.6], [30.0, 3.6]], grey);
        assert_eq!(seen.len(), 2);
        assert!((seen[0][1] - 1.0 / 3.0).abs() < 0.03 && (seen[1][0] - 2.0 / 3.0).abs() < 0.03);
        assert!(drawn.is_clear([[1.0, 5.0], [9.0, 9.0]], white));
        assert!(!drawn.is_clear([[1.0, 3.0], [9.0, 9.0]], white));
        assert!(drawn.is_clear([[1.0, 12.0], [40.0, 15.0]], white));
        assert_eq!(drawn.inked(white), Some([[0, 90], [0, 30]]));
        assert_eq!(
            drawn.cut([[29, 31], [9, 11]]),
            [white, black, grey, black].concat()
        );
        let empty = DrawnScene {
            rgb: vec![255; 90 * 30 * 3],
            ..drawn
        };
        assert_eq!(empty.inked(white), None);
    }
}
