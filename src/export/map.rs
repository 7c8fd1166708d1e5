//! A panel's map: its cells as a picture, its axes, and what its colours say in words.

mod legend;

use std::collections::BTreeMap;

use super::png::indexed;
use crate::experiment::{ColorMap, MapShow, MapSpec, Panel, ThemeKind};
use crate::landscape::{Range, ticks};
use crate::maps::{Map, Order, Outcomes, Spacing, Span, compute};
use crate::mnist::DataSet;
use crate::palette::map_shades::{Look, Shades};
use crate::palette::{Rgb, ThemeColors};
use crate::report::map_words::MapWords;

/// Cells along a side and bytes of a picture, at most; of more, so many cells become one.
const MOST_CELLS: usize = 1024;
const MOST_BYTES: usize = 600_000;
/// Fewer cells than this along a side are always drawn.
const LEAST_CELLS: usize = 96;
/// Pixels for a cell, at least: patterns need some.
const LEAST_SIDE: usize = 768;
/// Colours of a picture, and of one that would have too many bytes.
const MANY_COLORS: usize = 256;
const FEW_COLORS: usize = 64;

/// A map, run.
#[derive(Debug)]
pub struct SceneMap {
    /// Whether its axes are those of the surface.
    pub on_surface: bool,
    map: Map,
    outcomes: Outcomes,
    show: MapShow,
    descent: String,
    /// Cells along a side of what is drawn as one.
    block: usize,
    /// Colours of its picture, at most.
    most_colors: usize,
}

/// An axis of a map.
#[derive(Debug, Clone, PartialEq)]
pub struct MapAxis {
    pub title: String,
    pub range: [f64; 2],
    /// Place as a fraction, and text.
    pub ticks: Vec<(f64, String)>,
}

/// What a colour stands for.
#[derive(Debug, Clone, PartialEq)]
pub struct MapEntry {
    pub color: Rgb,
    pub hatched: bool,
    pub name: String,
    pub about: String,
}

/// What the colours of a map say below a picture of it.
#[derive(Debug, Clone, PartialEq)]
pub struct MapKey {
    pub heading: String,
    /// A swatch's looks from left to right, and what they stand for.
    pub entries: Vec<(Vec<Look>, String)>,
}

impl SceneMap {
    /// The map that a panel asks for, if it does. A map that cannot be has been refused when the experiment was read.
    pub(super) fn of(panel: &Panel, data: Option<&DataSet>) -> Option<SceneMap> {
        SceneMap::run(panel, panel.map.clone()?, MOST_BYTES, data)
    }

    /// The same of no more than so many cells along a side, and so many bytes.
    pub(super) fn coarse(
        panel: &Panel,
        [cells, bytes]: [usize; 2],
        data: Option<&DataSet>,
    ) -> Option<SceneMap> {
        let mut spec = panel.map.clone()?;
        spec.size = spec.size.map(|side| side.min(cells));
        SceneMap::run(panel, spec, bytes, data)
    }

    fn run(panel: &Panel, spec: MapSpec, most: usize, data: Option<&DataSet>) -> Option<SceneMap> {
        let mut map = panel.map(&spec, data).ok()?;
        map.find_minima(panel.domain, panel.objective.told_minima(), &|| true)?;
        let mut outcomes = Outcomes::awaited(map.cells()).ok()?;
        compute(&map, Order::Rows, &mut outcomes, &|| true, &mut |_, _| {});
        let show = match spec.show {
            // Without known minima nothing settles anywhere.
            MapShow::Minimum | MapShow::Steps if map.minima.is_empty() => MapShow::Loss,
            show => show,
        };
        let mut run = SceneMap {
            on_surface: panel.map_lies_on_surface(&spec),
            descent: panel.mapped_descent(&spec).ok()?.name.clone(),
            most_colors: MANY_COLORS,
            block: map.size().into_iter().max()?.div_ceil(MOST_CELLS),
            map,
            outcomes,
            show,
        };
        let longer = |run: &SceneMap| run.cells().into_iter().max().unwrap_or_default();
        let looks = (ThemeColors::new(ThemeKind::Light), ColorMap::Viridis);
        while longer(&run) > LEAST_CELLS && run.png(looks.0, looks.1).len() > most {
            // Shades that are hardly told apart go first.
            match run.most_colors {
                MANY_COLORS => run.most_colors = FEW_COLORS,
                _ => run.block += 1,
            }
        }
        Some(run)
    }

    fn words<'m>(&'m self, labels: &'m [String; 3]) -> MapWords<'m> {
        MapWords {
            map: &self.map,
            labels,
            descent: &self.descent,
        }
    }

    /// Columns and rows as they are drawn.
    pub fn cells(&self) -> [usize; 2] {
        self.map.size().map(|count| count.div_ceil(self.block))
    }

    /// Between which values along its axes its cells lie, their outer edges included.
    pub fn edges(&self) -> [Range; 2] {
        let counts = self.map.size().into_iter().zip(self.cells());
        let both: Vec<Range> = counts
            .zip(self.ranges())
            .map(|((count, drawn), [low, high])| {
                let cell = (high - low) / (count - 1) as f64;
                let first = low - 0.5 * cell;
                [first, first + (drawn * self.block) as f64 * cell]
            })
            .collect();
        [both[0], both[1]]
    }

    /// The cell that is drawn in a column and a row: of several, one of those that most of them end like.
    fn drawn(&self, col: usize, row: usize) -> usize {
        let [cols, rows] = self.map.size();
        let along = |k: usize, count: usize| {
            let first = k * self.block;
            first..(first + self.block).min(count)
        };
        let cells =
            along(row, rows).flat_map(|row| along(col, cols).map(move |col| row * cols + col));
        let ends = |index: usize| {
            let outcomes = &self.outcomes;
            (outcomes.minimum[index], outcomes.status[index])
        };
        let mut counts = BTreeMap::<(i32, u8), usize>::new();
        for index in cells.clone() {
            *counts.entry(ends(index)).or_default() += 1;
        }
        let most = counts.into_iter().max_by_key(|(_, count)| *count);
        let mut alike = cells.filter(|index| most.is_none_or(|(end, _)| ends(*index) == end));
        alike.next().unwrap_or_default()
    }

    /// Between which values its axes lie, on scales on which they are even.
    pub fn ranges(&self) -> [Range; 2] {
        [0, 1].map(|k: usize| {
            let span = &self.map.spans[k];
            span.range.map(|value| span.axis.spacing().along(value))
        })
    }

    /// The best cell's place as fractions of the axes, where they are not the surface's.
    pub fn best(&self) -> Option<[f64; 2]> {
        let best = self
            .outcomes
            .best(&self.map.minima)
            .filter(|_| !self.on_surface)?;
        let [cols, rows] = self.map.size();
        let part = |index: usize, count: usize| index as f64 / (count - 1).max(1) as f64;
        Some([part(best % cols, cols), part(best / cols, rows)])
    }

    /// What was run, in words.
    pub fn about(&self, labels: &[String; 3]) -> String {
        self.words(labels).what_was_run()
    }

    fn shades(&self, theme: ThemeColors, colors: ColorMap) -> Shades {
        Shades::new(&self.map, &self.outcomes, self.show, theme, colors)
    }

    /// The cells as PNG, the greatest y on top; patterns are drawn.
    pub fn png(&self, theme: ThemeColors, colors: ColorMap) -> Vec<u8> {
        let (size, pixels) = self.pixels(theme, colors);
        indexed(size, pixels.as_chunks().0, self.most_colors)
    }

    /// The same as width and height, and three bytes a pixel.
    pub fn pixels(&self, theme: ThemeColors, colors: ColorMap) -> ([usize; 2], Vec<u8>) {
        let [cols, rows] = self.cells();
        let shades = self.shades(theme, colors);
        let looks: Vec<Look> = (0..cols * rows)
            .map(|k| shades.look(&self.outcomes, self.drawn(k % cols, k / cols)))
            .collect();
        let times = LEAST_SIDE.div_ceil(cols.max(rows)).max(1);
        let (width, height) = (cols * times, rows * times);
        let pixels = (0..width * height).flat_map(|k| {
            let (x, y) = (k % width, k / width);
            let row = rows - 1 - y / times;
            looks[row * cols + x / times].at(x, y)
        });
        ([width, height], pixels.collect())
    }

    /// Its axes; the ends of their ranges are the middles of the outermost cells.
    pub fn axes(&self, labels: &[String; 3]) -> [MapAxis; 2] {
        self.axes_over(self.map.spans, labels)
    }

    /// The same axes over other ranges.
    pub fn axes_over(&self, spans: [Span; 2], labels: &[String; 3]) -> [MapAxis; 2] {
        let words = self.words(labels);
        [0, 1].map(|k: usize| {
            let span = spans[k];
            let spacing: Spacing = span.axis.spacing();
            let [low, high] = span.range.map(|value| spacing.along(value));
            let values = span.ticks(6);
            let texts = ticks::labels(&values);
            let places = values
                .iter()
                .map(|value| (spacing.along(*value) - low) / (high - low));
            MapAxis {
                title: texts.title(&words.axis_title(k)),
                range: span.range,
                ticks: places.zip(texts.texts).collect(),
            }
        })
    }
}
