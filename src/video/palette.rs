//! Pictures to palettes: exact where there are few colours, Wu's method and error diffusion otherwise.

use quantette::deps::palette::Srgb;
use quantette::PaletteSize;
use quantette::wu::{BinnerU8x3, WuU8x3};

/// The part of a pixel's error that its neighbours take over, in sixteenths. Less than all of it keeps
/// thin lines and text free of specks, and gradients are smooth all the same.
const DIFFUSED: i32 = 14;
/// One level of a channel in the units of the errors.
const ONE: i32 = 16;
/// Bits of each channel in the table of nearest colours.
const BITS: u32 = 6;

type Rgb = [u8; 3];

/// Turns pictures into palettes and indices; its tables are kept from picture to picture.
pub(super) struct Quantizer {
    most: usize,
    /// Colours found exactly: open addressing, the colour in the upper 24 bits, the index below.
    exact: Vec<u32>,
    /// The palette's nearest colour for every coarse colour, `NONE` where nobody asked yet.
    nearest: Vec<u16>,
    indices: Vec<u8>,
    changed: Vec<Srgb<u8>>,
}

const NONE: u16 = u16::MAX;
const SLOTS: usize = 1024;
/// No colour has this entry: indices stay below 255.
const EMPTY: u32 = u32::MAX;

impl Quantizer {
    /// `most` is the most colours a palette may have, at most 255.
    pub fn new(most: usize) -> Quantizer {
        Quantizer {
            most: most.min(255),
            exact: vec![EMPTY; SLOTS],
            nearest: vec![NONE; 1 << (3 * BITS)],
            indices: Vec::new(),
            changed: Vec::new(),
        }
    }

    /// The palette (`[r, g, b, …]`, 256 colours if `keep` is used) and one index per pixel of a picture
    /// `width` pixels wide. Pixels where `keep` is set get the index `clear`; an empty `keep` keeps none.
    pub fn run(&mut self, picture: &[Rgb], keep: &[bool], width: usize, clear: u8) -> (Vec<u8>, &[u8]) {
        self.indices.clear();
        self.indices.resize(picture.len(), clear);
        let palette = self.run_exact(picture, keep).unwrap_or_else(|| self.run_diffused(picture, keep, width));
        let mut bytes = palette.into_flattened();
        if keep.is_empty() && bytes.is_empty() {
            bytes.resize(3, 0);
        }
        if !keep.is_empty() {
            bytes.resize(3 * (usize::from(clear) + 1), 0);
        }
        (bytes, &self.indices)
    }

    /// Indices of a picture with few colours; `None` if there are too many.
    fn run_exact(&mut self, picture: &[Rgb], keep: &[bool]) -> Option<Vec<Rgb>> {
        self.exact.fill(EMPTY);
        let mut palette = Vec::new();
        let mut last = None;
        for (place, &color) in picture.iter().enumerate() {
            if keep.get(place) == Some(&true) {
                continue;
            }
            let index = match last {
                Some((same, index)) if same == color => index,
                _ => self.exact_index(color, &mut palette)?,
            };
            last = Some((color, index));
            self.indices[place] = index;
        }
        Some(palette)
    }

    fn exact_index(&mut self, color: Rgb, palette: &mut Vec<Rgb>) -> Option<u8> {
        let [r, g, b] = color.map(u32::from);
        let key = r << 24 | g << 16 | b << 8;
        let mut slot = (key.wrapping_mul(0x9E37_79B1) >> 22) as usize;
        loop {
            let found = self.exact[slot];
            if found != EMPTY && found & 0xFFFF_FF00 == key {
                return Some(found as u8);
            }
            if found == EMPTY {
                if palette.len() == self.most {
                    return None;
                }
                self.exact[slot] = key | palette.len() as u32;
                palette.push(color);
                return Some((palette.len() - 1) as u8);
            }
            slot = (slot + 1) % SLOTS;
        }
    }

    /// Floyd and Steinberg's error diffusion onto Wu's palette, every second row backwards.
    fn run_diffused(&mut self, picture: &[Rgb], keep: &[bool], width: usize) -> Vec<Rgb> {
        let palette = self.wu(picture, keep);
        self.nearest.fill(NONE);
        let colors: Vec<[i32; 4]> = palette.iter().map(|&[r, g, b]| [r, g, b, 0].map(|v| i32::from(v) * ONE)).collect();
        // Errors for this row and the next, with one pixel of margin on both sides.
        let mut here = vec![[0i32; 4]; width + 2];
        let mut below = here.clone();
        for (row, pixels) in picture.chunks_exact(width).enumerate() {
            std::mem::swap(&mut here, &mut below);
            below.fill([0; 4]);
            let keep = keep.get(row * width..).unwrap_or_default();
            let indices = &mut self.indices[row * width..][..width];
            let backwards = row % 2 == 1;
            let mut carried = [0; 4];
            for step in 0..width {
                let column = if backwards { width - 1 - step } else { step };
                if keep.get(column) == Some(&true) {
                    carried = [0; 4];
                    continue;
                }
                let at = column + 1;
                let (next, behind) = if backwards { (at - 1, at + 1) } else { (at + 1, at - 1) };
                let [r, g, b] = pixels[column].map(|value| i32::from(value) * ONE);
                let mut wanted = [r, g, b, 0];
                for c in 0..4 {
                    wanted[c] = (wanted[c] + here[at][c] + carried[c]).clamp(0, 255 * ONE);
                }
                let index = nearest(&mut self.nearest, &palette, wanted);
                indices[column] = index;
                let got = colors[usize::from(index)];
                for c in 0..4 {
                    let error = (wanted[c] - got[c]) * DIFFUSED;
                    carried[c] = (7 * error) >> 8;
                    below[behind][c] += (3 * error) >> 8;
                    below[at][c] += (5 * error) >> 8;
                    below[next][c] += error >> 8;
                }
            }
        }
        palette
    }

    fn wu(&mut self, picture: &[Rgb], keep: &[bool]) -> Vec<Rgb> {
        self.changed.clear();
        let changed = picture.iter().enumerate().filter(|(place, _)| keep.get(*place) != Some(&true));
        self.changed.extend(changed.map(|(_, &[r, g, b])| Srgb::new(r, g, b)));
        let size = PaletteSize::try_from(self.most).unwrap_or(PaletteSize::MAX);
        match WuU8x3::run_slice(&self.changed, BinnerU8x3::<32, 64, 32>::new()) {
            Ok(wu) => wu.palette(size).iter().map(|color| [color.red, color.green, color.blue]).collect(),
            // There is no pixel to colour.
            Err(_) => vec![[0; 3]],
        }
    }
}

/// The index of the palette's colour nearest to `wanted`, to the accuracy of the table.
#[inline(always)]
fn nearest(table: &mut [u16], palette: &[Rgb], wanted: [i32; 4]) -> u8 {
    let [r, g, b, _] = wanted.map(|value| (value / ONE) as usize >> (8 - BITS));
    let entry = &mut table[r << (2 * BITS) | g << BITS | b];
    if *entry == NONE {
        *entry = search(palette, [r, g, b]);
    }
    *entry as u8
}

/// The palette's colour nearest to the middle of a cell, weighted roughly as the eye does.
#[inline(never)]
fn search(palette: &[Rgb], cell: [usize; 3]) -> u16 {
    let [r, g, b] = cell.map(|value| ((value << (8 - BITS)) + (1 << (7 - BITS))) as i32);
    let distance = |color: &Rgb| {
        let [dr, dg, db] = [r - i32::from(color[0]), g - i32::from(color[1]), b - i32::from(color[2])];
        2 * dr * dr + 4 * dg * dg + db * db
    };
    let found = palette.iter().enumerate().min_by_key(|(_, color)| distance(color));
    found.map_or(0, |(index, _)| index as u16)
}
