//! A panel's map: its cells as a picture, its axes, and what its colours say in words.

use std::collections::BTreeMap;
use std::io::Cursor;

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};

use super::png::indexed;
use crate::experiment::{ColorMap, MapShow, MapSpec, Panel, ThemeKind};
use crate::landscape::{Range, ticks};
use crate::maps::{Map, Order, Outcomes, STATUSES, Spacing, Span, compute};
use crate::mnist::DataSet;
use crate::palette::map_shades::{Look, Pattern, Shades};
use crate::palette::{Rgb, ThemeColors};
use crate::report::map_words::{MapWords, loss, percent, steps};

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
/// Minima that are named.
const MOST_NAMED: usize = 12;
/// Shades of a swatch, from soon to late.
const SHADES: usize = 12;

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

    /// What the colours say, and how much of the map has each.
    pub fn legend(
        &self,
        labels: &[String; 3],
        theme: ThemeColors,
        colors: ColorMap,
    ) -> Vec<MapEntry> {
        let shades = self.shades(theme, colors);
        let shares = self.outcomes.shares(self.map.minima.len());
        let share = |count: usize| percent(count, shares.all);
        let entry = |look: Look, name: String, about: String| MapEntry {
            color: look.color,
            hatched: look.pattern != Pattern::Plain,
            name,
            about,
        };
        let mut entries = Vec::new();
        match self.show {
            MapShow::Minimum => {
                let named = self.named_minima();
                let places = self.words(labels).places(&named);
                entries.extend(named.into_iter().zip(places).map(|(index, place)| {
                    let words = format!("loss {}", loss(self.map.minima[index].loss));
                    let words = format!("{words}, {}", share(shares.minima[index]));
                    entry(shades.minimum(index, 0.4), place, words)
                }));
            }
            MapShow::Steps => {
                let ends = shades.steps().map(steps);
                for (late, [name, at]) in
                    [(0.0, ["soonest", &ends[0]]), (1.0, ["latest", &ends[1]])]
                {
                    entries.push(entry(shades.soon(late), name.to_owned(), at.to_owned()));
                }
            }
            MapShow::Loss => {
                let ([low, high], lowest) = shades.losses();
                for (above, name) in [(low, "lowest last loss"), (high, "highest")] {
                    let about = ticks::label(lowest + above);
                    entries.push(entry(shades.loss(lowest + above), name.to_owned(), about));
                }
            }
            MapShow::Status => {
                for (code, name) in STATUSES.iter().enumerate() {
                    let about = share(shares.ended[code]);
                    entries.push(entry(shades.status(code as u8), (*name).to_owned(), about));
                }
                return entries;
            }
        }
        if self.show != MapShow::Loss {
            let about = share(shares.nowhere);
            entries.push(entry(shades.nowhere(), "settles nowhere".to_owned(), about));
        }
        let about = share(shares.diverged);
        entries.push(entry(shades.diverged(), "diverges".to_owned(), about));
        entries
    }
}

impl SceneMap {
    /// The [legend](Self::legend) for paper: without what occurs nowhere, and with all shades.
    pub fn key(&self, labels: &[String; 3], theme: ThemeColors, colors: ColorMap) -> MapKey {
        let shades = self.shades(theme, colors);
        let shares = self.outcomes.shares(self.map.minima.len());
        let name = &self.descent;
        let part = |k: usize| k as f32 / (SHADES - 1) as f32;
        let swatch = |look: &dyn Fn(f32) -> Look| (0..SHADES).map(|k| look(part(k))).collect();
        let heading = match self.show {
            MapShow::Minimum => {
                let [first, last] = shades.steps().map(steps);
                format!(
                    "Where runs of {name} settle from each point (light: after {first}, dark: after {last})"
                )
            }
            MapShow::Steps => format!("After how many steps runs of {name} settle from each point"),
            MapShow::Loss => format!("The last loss of runs of {name} from each point"),
            MapShow::Status => format!("How runs of {name} end from each point"),
        };
        let mut entries: Vec<(Vec<Look>, String)> = Vec::new();
        let said =
            |(name, count): (&str, usize)| format!("{name} · {}", percent(count, shares.all));
        match self.show {
            MapShow::Minimum => {
                let named = self.named_minima();
                let places = self.words(labels).places(&named);
                entries.extend(named.iter().zip(places).map(|(index, place)| {
                    let at = format!("{place} · loss {}", loss(self.map.minima[*index].loss));
                    let look = |late| shades.minimum(*index, late);
                    (swatch(&look), said((&at, shares.minima[*index])))
                }));
                let others = self.map.minima.len() - named.len();
                if others > 0 {
                    let named: usize = named.iter().map(|index| shares.minima[*index]).sum();
                    let count = shares.minima.iter().sum::<usize>() - named;
                    let s = if others == 1 { "" } else { "s" };
                    entries.push((Vec::new(), said((&format!("{others} other{s}"), count))));
                }
            }
            MapShow::Steps => {
                let [first, last] = shades.steps().map(steps);
                entries.push((
                    swatch(&|late| shades.soon(late)),
                    format!("{first} to {last}"),
                ));
            }
            MapShow::Loss => {
                let ([low, high], lowest) = shades.losses();
                let above = |part: f32| (low.ln() + f64::from(part) * (high / low).ln()).exp();
                let looks = swatch(&|part| shades.loss(lowest + above(part)));
                let [low, high, lowest] = [low, high, lowest].map(ticks::label);
                entries.push((looks, format!("{low} to {high} above {lowest}")));
            }
            MapShow::Status => {}
        }
        let ended = STATUSES.iter().zip(shares.ended).enumerate();
        let ended = ended.map(|(code, (name, count))| (shades.status(code as u8), *name, count));
        let nowhere = (shades.nowhere(), "settles nowhere", shares.nowhere);
        let diverged = (shades.diverged(), "diverges", shares.diverged);
        let rest: Vec<(Look, &str, usize)> = match self.show {
            MapShow::Status => ended.collect(),
            MapShow::Loss => vec![diverged],
            MapShow::Minimum | MapShow::Steps => vec![nowhere, diverged],
        };
        let rest = rest.into_iter().filter(|(.., count)| *count > 0);
        entries.extend(rest.map(|(look, name, count)| (vec![look], said((name, count)))));
        MapKey { heading, entries }
    }

    /// The minima that most cells end at, in their order.
    fn named_minima(&self) -> Vec<usize> {
        let shares = self.outcomes.shares(self.map.minima.len());
        let mut named: Vec<usize> = (0..self.map.minima.len()).collect();
        named.sort_by_key(|index| (std::cmp::Reverse(shares.minima[*index]), *index));
        named.truncate(MOST_NAMED);
        named.sort_unstable();
        named
    }
}

/// Pixels as PNG.
pub(super) fn png([width, height]: [usize; 2], rgb: &[u8]) -> Vec<u8> {
    let mut png = Cursor::new(Vec::new());
    let encoder =
        PngEncoder::new_with_quality(&mut png, CompressionType::Best, FilterType::Adaptive);
    let (width, height) = (width as u32, height as u32);
    let written = encoder.write_image(rgb, width, height, ExtendedColorType::Rgb8);
    written.expect("there is a colour for each pixel, and memory takes all of them");
    png.into_inner()
}
