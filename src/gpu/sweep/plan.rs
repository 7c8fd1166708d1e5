//! How a grid is cut into tiles, bands and chunks.

use super::layout::{BATCH, COLUMNS, MOST_ACROSS, MOST_DOWN, NARROW, REDUCED, ROWS, Sum, THREADS};

/// Workgroups that fill any GPU a few times over, so that the last ones do not keep it waiting.
const GROUPS: u32 = 2048;
/// The sums of all chunks of a band take no more.
const PARTIAL_BYTES: u64 = 96 << 20;
/// Batches of a chunk, at least; and with a logarithm for every sample at most, so that sums stay short.
const LEAST_BATCHES: u32 = 8;
const PRECISE_BATCHES: u32 = 16;
/// Nodes of a band, at most: `reduce` is dispatched along one dimension.
const BAND_NODES: u64 = 65_535 * REDUCED as u64;

/// Rows that one submission computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RowBand {
    pub first_row: u32,
    pub rows: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SweepPlan {
    /// Columns and rows of the grid.
    pub nodes: [u32; 2],
    /// Threads of a tile along columns and rows.
    pub threads: [u32; 2],
    /// Whether exponents travel beside the factors.
    pub is_wide: bool,
    pub batches: u32,
    pub chunks: u32,
    pub bands: Vec<RowBand>,
}

impl SweepPlan {
    /// For a grid of `nodes` whose exponents step by at most `step_v` from row to row, in submissions of at most about
    /// `work` nodes × samples.
    pub(super) fn new(
        nodes: [u32; 2],
        samples: usize,
        step_v: f64,
        is_precise: bool,
        work: u64,
    ) -> SweepPlan {
        let (threads, is_wide) = tile(nodes, step_v);
        // A band is whole rows of tiles, at least one.
        let tile_rows = ROWS * threads[1];
        let band_rows = |most_rows: u64| {
            let most_tiles = (most_rows / u64::from(tile_rows)).max(1);
            let tiles = u64::from(nodes[1].div_ceil(tile_rows));
            tiles.div_ceil(tiles.div_ceil(most_tiles)) as u32 * tile_rows
        };
        let columns = u64::from(nodes[0]);
        let rows = band_rows((work / (columns * samples as u64)).min(BAND_NODES / columns));

        let batches = samples.div_ceil(BATCH) as u32;
        let tiles = nodes[0].div_ceil(COLUMNS * threads[0]) * (rows / tile_rows);
        let chunks = match is_precise {
            true => batches.div_ceil(PRECISE_BATCHES),
            false => GROUPS.div_ceil(tiles).min(batches.div_ceil(LEAST_BATCHES)),
        };
        let row_bytes = columns * size_of::<Sum>() as u64;
        let most_chunks = PARTIAL_BYTES / (row_bytes * u64::from(tile_rows));
        let chunks = u64::from(chunks).min(most_chunks) as u32;
        let rows = rows.min(band_rows(PARTIAL_BYTES / (row_bytes * u64::from(chunks))));
        let bands = (0..nodes[1])
            .step_by(rows as usize)
            .map(|first_row| RowBand {
                first_row,
                rows: rows.min(nodes[1] - first_row),
            })
            .collect();
        SweepPlan {
            nodes,
            threads,
            is_wide,
            batches,
            chunks,
            bands,
        }
    }

    /// Workgroups of `sweep` for a band.
    pub(super) fn groups(&self, band: RowBand) -> [u32; 3] {
        [
            self.nodes[0].div_ceil(COLUMNS * self.threads[0]),
            band.rows.div_ceil(ROWS * self.threads[1]),
            self.chunks,
        ]
    }

    /// Nodes of the largest band.
    pub(super) fn most_nodes(&self) -> u64 {
        let most = self.bands.iter().map(|band| band.rows).max();
        u64::from(most.unwrap_or(0)) * u64::from(self.nodes[0])
    }
}

/// The tile that costs least, and whether exponents must travel beside its factors. Costs are operations a sample.
fn tile([cols, rows]: [u32; 2], step_v: f64) -> ([u32; 2], bool) {
    let fits = |across: u32, down: u32| across * down <= THREADS;
    let sizes = (1..=MOST_ACROSS)
        .flat_map(|across| (1..=MOST_DOWN).map(move |down| [across, down]))
        .filter(|&[across, down]| fits(across, down));
    let rated = sizes.map(|[across, down]| {
        let tiles = cols.div_ceil(COLUMNS * across) * rows.div_ceil(ROWS * down);
        let reach = f64::from((ROWS * down / 2).min(rows));
        let is_wide = step_v * reach > NARROW;
        let nodes = THREADS * COLUMNS * ROWS * if is_wide { 9 } else { 4 };
        let factors = 25 * (COLUMNS * across + ROWS * down);
        (
            u64::from(tiles) * u64::from(nodes + factors),
            [across, down],
            is_wide,
        )
    });
    let (_, threads, is_wide) = rated
        .min_by_key(|(cost, ..)| *cost)
        .expect("there are tile sizes");
    (threads, is_wide)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALWAYS: u64 = u64::MAX;

    #[test]
    fn bands_cover_the_grid_and_keep_their_limits() {
        for nodes in [
            [2, 2],
            [2, 2048],
            [2048, 2],
            [99, 101],
            [1024, 1024],
            [2048, 2048],
        ] {
            for samples in [1, 7, 1000, 60_000, 3_000_000] {
                for (is_precise, work) in [(false, ALWAYS), (true, ALWAYS), (false, 1_000_000)] {
                    let plan = SweepPlan::new(nodes, samples, 0.5, is_precise, work);
                    let mut next = 0;
                    for band in &plan.bands {
                        assert_eq!(band.first_row, next);
                        next += band.rows;
                        assert!(plan.groups(*band).iter().all(|&count| count <= 65_535));
                    }
                    assert_eq!(next, nodes[1]);
                    let bytes = plan.most_nodes() * u64::from(plan.chunks) * 8;
                    assert!(bytes <= PARTIAL_BYTES, "{plan:?}");
                    assert!(plan.most_nodes() <= BAND_NODES, "{plan:?}");
                    assert!(plan.chunks >= 1 && plan.chunks <= plan.batches);
                }
            }
        }
    }

    #[test]
    fn a_small_grid_still_fills_a_large_card() {
        let plan = SweepPlan::new([100, 100], 60_000, 0.9, false, ALWAYS);
        let [x, y, z] = plan.groups(plan.bands[0]);
        assert!(!plan.is_wide && plan.bands.len() == 1);
        assert!(x * y * z >= 1500, "{plan:?}");
    }

    #[test]
    fn steep_exponents_travel_beside_their_factors() {
        assert!(SweepPlan::new([2, 2], 10, 900.0, false, ALWAYS).is_wide);
        assert!(!SweepPlan::new([1024, 1024], 10, 0.9, false, ALWAYS).is_wide);
    }
}
