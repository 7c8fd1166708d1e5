//! The colours of the panels' maps, made beside the frames as cells come: for whoever draws a map, on the surface or flat.

use std::sync::Arc;

use bevy::prelude::*;

use crate::experiment::{ColorMap, MapShow};
use crate::lab::model::jobs::{Job, Patience};
use crate::lab::model::maps::{PanelMap, ShownMap};
use crate::lab::model::{CurrentExperiment, PanelSettings};
use crate::lab::playback::Playback;
use crate::lab::stage::Stage;
use crate::lab::theme::Theme;
use crate::landscape::Range;
use crate::maps::{Axis, Middle, NOT_YET, Shares, coarsest, middles};
use crate::palette::map_shades::{Look, Shades};

/// Cells that a pixel looks at along a side, at most.
const MOST_SAMPLES: usize = 4;

/// A map in colours.
#[derive(Debug)]
pub struct MapPicture {
    pub map: Arc<ShownMap>,
    /// What the colours say, and what they were to say.
    pub show: MapShow,
    wanted: MapShow,
    pub shades: Shades,
    pub shares: Shares,
    /// The best cell.
    pub best: Option<usize>,
    /// Where the widest areas of the minima are.
    pub middles: Vec<Option<Middle>>,
    /// The [codes](Look::code) of all cells, row by row, the first being that of the least y.
    pub cells: Vec<[u8; 4]>,
    theme: Theme,
    colors: ColorMap,
    apart: usize,
}

impl MapPicture {
    /// Of all its cells.
    pub fn new(map: Arc<ShownMap>, show: MapShow, theme: Theme, colors: ColorMap) -> MapPicture {
        let apart = 1;
        Wish {
            map,
            show,
            theme,
            colors,
            apart,
        }
        .picture()
    }

    /// Whether its axes are those of the surface.
    pub fn lies_on_surface(&self) -> bool {
        self.map.map.spans.map(|span| span.axis) == [Axis::Start(0), Axis::Start(1)]
    }

    /// As so many pixels along x and y, the uppermost row first, each the mean of the cells that it covers. `ranges` are where the
    /// picture begins and ends, as fractions of the axes from the first node to the last; there are so many pixels to a logical one.
    pub fn pixels(&self, size: [usize; 2], ranges: [Range; 2], per_point: f32) -> Vec<[u8; 4]> {
        let counts = self.map.map.size();
        // The cells that a pixel looks at, along an axis.
        let samples = |k: usize| -> Vec<Vec<Option<usize>>> {
            let [low, high] = ranges[k];
            let last = (counts[k] - 1) as f64;
            let cells = (high - low) * last / size[k] as f64;
            let count = (cells.ceil() as usize).clamp(1, MOST_SAMPLES);
            let sample = |pixel: usize, i: usize| {
                let place = pixel as f64 + (i as f64 + 0.5) / count as f64;
                let cell = ((low + (high - low) * place / size[k] as f64) * last).round();
                (0.0..=last).contains(&cell).then_some(cell as usize)
            };
            let pixels = 0..size[k];
            pixels
                .map(|pixel| (0..count).map(|i| sample(pixel, i)).collect())
                .collect()
        };
        let (across, up) = (samples(0), samples(1));
        let scale = 2.0 / per_point;
        let in_pattern = |pixel: usize| (pixel as f32 * scale) as usize;
        let mut pixels = Vec::with_capacity(size[0] * size[1]);
        for (y, rows) in up.iter().rev().enumerate() {
            for (x, cols) in across.iter().enumerate() {
                let cells = rows
                    .iter()
                    .flat_map(|row| cols.iter().map(move |col| (*col, *row)));
                let (mut sum, mut found, mut all) = ([0_u32; 3], 0, 0);
                for (col, row) in cells {
                    all += 1;
                    let index = col.zip(row).map(|(col, row)| row * counts[0] + col);
                    let look = index.and_then(|index| Look::of_code(self.cells[index]));
                    let Some(look) = look else {
                        continue;
                    };
                    let color = look.at(in_pattern(x), in_pattern(y));
                    (0..3).for_each(|k| sum[k] += u32::from(color[k]));
                    found += 1;
                }
                let [r, g, b] = sum.map(|sum| (sum / found.max(1)) as u8);
                pixels.push([r, g, b, (255 * found / all) as u8]);
            }
        }
        pixels
    }
}

/// The newest picture of a panel's map.
#[derive(Component, Debug, Default)]
pub struct PanelMapPicture {
    pub picture: Option<Arc<MapPicture>>,
    job: Option<Job<Wish, MapPicture>>,
}

/// What a picture is to be made of.
#[derive(Debug, Clone)]
struct Wish {
    map: Arc<ShownMap>,
    show: MapShow,
    theme: Theme,
    colors: ColorMap,
    /// Only cells so far apart are seen.
    apart: usize,
}

impl Wish {
    fn is_of(&self, picture: &MapPicture) -> bool {
        Arc::ptr_eq(&self.map, &picture.map)
            && (self.show, self.colors, self.apart)
                == (picture.wanted, picture.colors, picture.apart)
            && self.theme.kind == picture.theme.kind
    }

    fn picture(self) -> MapPicture {
        let Wish {
            map,
            show,
            theme,
            colors,
            apart,
        } = self;
        let (outcomes, wanted) = (&map.outcomes, show);
        // Where no minimum is known, where a run settles says nothing.
        let show = match show {
            MapShow::Minimum if map.map.minima.is_empty() => MapShow::Loss,
            show => show,
        };
        let shades = Shades::new(&map.map, outcomes, show, theme.0, colors);
        let [cols, rows] = map.map.size();
        let cells = (0..rows).flat_map(|row| (0..cols).map(move |col| (col, row)));
        let cells = cells.map(|(col, row)| {
            let index = map.nearest_known([col, row], apart);
            index.map_or([0; 4], |index| shades.look(outcomes, index).code())
        });
        MapPicture {
            cells: cells.collect(),
            shares: outcomes.shares(map.map.minima.len()),
            middles: middles(outcomes, [cols, rows], map.map.minima.len()),
            best: outcomes.best(&map.map.minima),
            shades,
            show,
            wanted,
            theme,
            colors,
            apart,
            map,
        }
    }
}

impl ShownMap {
    /// Of the cells that lie so far apart, or farther, the one that stands for a place.
    fn nearest_known(&self, [col, row]: [usize; 2], apart: usize) -> Option<usize> {
        let [cols, rows] = self.map.size();
        let coarsest = coarsest([cols, rows]);
        let mut apart = apart.clamp(1, coarsest);
        loop {
            let node = |place: usize, count: usize| {
                let nearest = (place + apart / 2) / apart * apart;
                if nearest < count {
                    nearest
                } else {
                    place / apart * apart
                }
            };
            let index = node(row, rows) * cols + node(col, cols);
            if self.outcomes.status[index] != NOT_YET {
                return Some(index);
            }
            if apart >= coarsest {
                return None;
            }
            apart *= 2;
        }
    }
}

pub(super) fn plugin(app: &mut App) {
    app.register_required_components::<PanelMap, PanelMapPicture>()
        .add_systems(Update, paint.in_set(Stage::Explain));
}

fn paint(
    current: Res<CurrentExperiment>,
    theme: Res<Theme>,
    playback: Res<Playback>,
    patience: Res<Patience>,
    mut panels: Query<(&PanelSettings, &PanelMap, &mut PanelMapPicture)>,
) {
    for (settings, map, mut drawn) in &mut panels {
        let (Some(spec), Some(shown)) = (&settings.0.map, &map.shown) else {
            if drawn.picture.is_some() {
                *drawn = PanelMapPicture::default();
            }
            continue;
        };
        let wish = Wish {
            map: shown.clone(),
            show: spec.show,
            theme: *theme,
            colors: current.experiment.view.colormap,
            apart: apart(shown.map.size(), spec.refine, playback.seconds()),
        };
        let unseen = drawn.bypass_change_detection();
        let is_there = unseen.picture.as_ref().is_some_and(|old| wish.is_of(old));
        // What is under way is finished: something newer may come in every frame.
        if unseen.job.is_none() && !is_there {
            let work = wish.clone();
            let job = Job::begin(wish, move |output| output.put(work.picture()));
            job.wait(patience.0);
            unseen.job = Some(job);
        }
        let Some(job) = &unseen.job else {
            continue;
        };
        let newest = job.take().into_iter().next_back();
        if job.is_over() {
            unseen.job = None;
        }
        if let Some(picture) = newest {
            drawn.picture = Some(Arc::new(picture));
        }
    }
}

/// How far the cells that are seen lie apart while a map goes from coarse to fine in so many seconds.
fn apart(size: [usize; 2], refine: f64, seconds: f64) -> usize {
    let coarsest = coarsest(size);
    let levels = coarsest.trailing_zeros();
    let done = if refine > 0.0 {
        (seconds / refine).clamp(0.0, 1.0) * f64::from(levels)
    } else {
        f64::from(levels)
    };
    coarsest >> (done.floor() as u32).min(levels)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::Experiment;
    use crate::lab;

    #[test]
    fn a_map_goes_from_coarse_to_fine_in_its_time() {
        let apart = |seconds| apart([1024, 512], 2.0, seconds);
        assert_eq!(
            [0.0, 0.3, 0.5, 1.9, 2.0, 9.0].map(apart),
            [64, 64, 32, 2, 1, 1]
        );
        assert_eq!(super::apart([1024; 2], 0.0, 0.0), 1);
        assert_eq!(super::apart([15, 16], 2.0, 0.0), 1);
    }

    #[test]
    fn a_coarse_cell_stands_for_those_around_it() {
        let text = "steepest = 1\n[[panel]]\nobjective = 'himmelblau'\nmap = { grid = [130, 100], refine = 1 }\n\
                    [[panel.descent]]\nrule = 'gd'\nrate = 0.01\nstart = [0, 0]\nsteps = 50\n";
        let mut app = lab::alone(Experiment::parse(text, "test").expect("valid"));
        app.update();
        let mut query = app.world_mut().query::<&PanelMapPicture>();
        let mut picture = |app: &mut App| query.single(app.world()).expect("one").picture.clone();
        let coarse = picture(&mut app).expect("a picture");
        for (col, row, node) in [
            (0, 0, [0, 0]),
            (1, 1, [0, 0]),
            (3, 2, [4, 4]),
            (129, 99, [128, 96]),
        ] {
            let same = coarse.cells[node[1] * 130 + node[0]];
            assert_eq!(coarse.cells[row * 130 + col], same, "{col}, {row}");
        }
        app.world_mut().resource_mut::<Playback>().seek(50.0);
        app.update();
        let fine = picture(&mut app).expect("a picture");
        let differ = fine.cells.iter().zip(&coarse.cells).filter(|(a, b)| a != b);
        assert!(differ.count() > 100);
        assert_eq!(fine.shares.all, 13_000);
        assert!(fine.cells.iter().all(|code| code[3] != 0));
    }

    /// With more parameters than axes no minimum is known: the colours say the loss at the end.
    #[test]
    fn a_network_has_a_map_over_its_rule_s_settings() {
        let text = "steepest = 1\n[[panel]]\nobjective = 'network'\nmap = { grid = [4, 3], steps = 5 }\n\
                    network = { data = 'xor', samples = 20, layers = [3] }\n\
                    [[panel.descent]]\nrule = 'momentum'\nrate = 0.1\nstart = { init = 'xavier', seed = 1 }\nsteps = 9\n";
        let mut app = lab::alone(Experiment::parse(text, "test").expect("valid"));
        app.update();
        let mut query = app.world_mut().query::<&PanelMapPicture>();
        let picture = query.single(app.world()).expect("one").picture.clone();
        let picture = picture.expect("a picture");
        assert_eq!(picture.show, MapShow::Loss);
        let map = &picture.map.map;
        let axes = map.spans.map(|span| span.axis.name());
        assert_eq!(axes, ["rate", "momentum"]);
        let index = 6;
        let plan = crate::maps::plan_of(&map.plan, &map.cell(index));
        let mut descent = crate::descent::Descent::new(map.objective.clone(), plan);
        descent.run();
        let last = descent.history().losses().last().copied();
        assert_eq!(Some(picture.map.outcomes.loss[index]), last);
        assert_eq!(
            picture.best,
            Some(picture.map.outcomes.best(&[]).expect("finite"))
        );
    }
}
