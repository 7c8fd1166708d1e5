//! RGBA to 4:2:0 with the BT.709 matrix in limited range.

/// One picture as three planes; width and height are even.
#[derive(Debug, Clone)]
pub(super) struct Yuv420 {
    pub width: usize,
    pub height: usize,
    pub y: Vec<u8>,
    pub u: Vec<u8>,
    pub v: Vec<u8>,
}

// BT.709 (ITU-R BT.709-6, table 3) scaled to 219/255 for luma and 224/255 for chroma, in 1/65536.
// Each chroma row sums to zero and the luma row to 219/255, so that grey stays exactly grey.
const BITS: i32 = 16;
const Y: [i32; 3] = [11966, 40254, 4064];
const U: [i32; 3] = [-6596, -22189, 28785];
const V: [i32; 3] = [28785, -26145, -2640];
const ROUND: i32 = 1 << (BITS - 1);

impl Yuv420 {
    pub fn new(width: usize, height: usize) -> Yuv420 {
        let chroma = width / 2 * (height / 2);
        Yuv420 { width, height, y: vec![16; width * height], u: vec![128; chroma], v: vec![128; chroma] }
    }

    /// Converts `rgba`, whose size is this picture's. Chroma is the mean of each 2x2 block.
    pub fn convert(&mut self, rgba: &[u8]) {
        let width = self.width;
        let rows = rgba.chunks_exact(width * 8);
        let luma = self.y.chunks_exact_mut(width * 2);
        let blue = self.u.chunks_exact_mut(width / 2);
        let red = self.v.chunks_exact_mut(width / 2);
        for (((rows, luma), blue), red) in rows.zip(luma).zip(blue).zip(red) {
            let (above, below) = rows.split_at(width * 4);
            luma_row(above, &mut luma[..width]);
            luma_row(below, &mut luma[width..]);
            chroma_row(above, below, blue, red);
        }
    }
}

#[inline(always)]
fn luma_row(rgba: &[u8], luma: &mut [u8]) {
    for (pixel, luma) in rgba.as_chunks::<4>().0.iter().zip(luma) {
        let [r, g, b, _] = pixel.map(i32::from);
        *luma = (((Y[0] * r + Y[1] * g + Y[2] * b + ROUND) >> BITS) + 16) as u8;
    }
}

#[inline(always)]
fn chroma_row(above: &[u8], below: &[u8], blue: &mut [u8], red: &mut [u8]) {
    let pairs = above.as_chunks::<8>().0.iter().zip(below.as_chunks::<8>().0);
    for ((above, below), (blue, red)) in pairs.zip(blue.iter_mut().zip(red)) {
        let sum = |c: usize| {
            i32::from(above[c]) + i32::from(above[c + 4]) + i32::from(below[c]) + i32::from(below[c + 4])
        };
        let (r, g, b) = (sum(0), sum(1), sum(2));
        // Four pixels are summed, so two more bits are shifted away.
        let half = ROUND << 2;
        *blue = (((U[0] * r + U[1] * g + U[2] * b + half) >> (BITS + 2)) + 128) as u8;
        *red = (((V[0] * r + V[1] * g + V[2] * b + half) >> (BITS + 2)) + 128) as u8;
    }
}

/// `rgba` of `size` with its last column and row repeated to even sides; `None` if they are even already.
pub(super) fn pad_to_even(rgba: &[u8], size: [u32; 2]) -> Option<Vec<u8>> {
    let [width, height] = size.map(|side| side as usize);
    if width.is_multiple_of(2) && height.is_multiple_of(2) {
        return None;
    }
    let mut padded = Vec::with_capacity(width.next_multiple_of(2) * height.next_multiple_of(2) * 4);
    for row in 0..height.next_multiple_of(2) {
        let row = &rgba[row.min(height - 1) * width * 4..][..width * 4];
        padded.extend_from_slice(row);
        if !width.is_multiple_of(2) {
            padded.extend_from_slice(&row[width * 4 - 4..]);
        }
    }
    Some(padded)
}
