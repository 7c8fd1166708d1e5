//! What the colours of a map say, in words: nothing of what never happens.

use super::{MapEntry, MapKey, SceneMap};
use crate::experiment::{ColorMap, MapShow};
use crate::landscape::ticks;
use crate::maps::{STATUSES, Shares};
use crate::palette::ThemeColors;
use crate::palette::map_shades::{Look, Pattern, Shades};
use crate::report::map_words::{loss, percent, steps};

/// Minima that are named.
const MOST_NAMED: usize = 12;
/// Shades of a swatch, from soon to late.
const SHADES: usize = 12;

impl SceneMap {
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
            // Of what never happens nothing is said.
            MapShow::Steps if !is_settled(&shares) => {}
            MapShow::Steps => {
                let ends = shades.steps().map(steps);
                for (late, [name, at]) in
                    [(0.0, ["soonest", &ends[0]]), (1.0, ["latest", &ends[1]])]
                {
                    entries.push(entry(shades.soon(late), name.to_owned(), at.to_owned()));
                }
            }
            MapShow::Loss => {
                let (ends, lowest) = self.losses(&shades);
                let names = ["lowest last loss", "highest"];
                let mut ends = ends.map_or_else(Vec::new, Vec::from);
                ends.dedup();
                for (above, name) in ends.into_iter().zip(names) {
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

    /// The [legend](Self::legend) for paper: without what occurs nowhere, and with all shades.
    pub fn key(&self, labels: &[String; 3], theme: ThemeColors, colors: ColorMap) -> MapKey {
        let shades = self.shades(theme, colors);
        let shares = self.outcomes.shares(self.map.minima.len());
        let name = &self.descent;
        let part = |k: usize| k as f32 / (SHADES - 1) as f32;
        let swatch = |look: &dyn Fn(f32) -> Look| (0..SHADES).map(|k| look(part(k))).collect();
        let heading = match self.show {
            MapShow::Minimum if !is_settled(&shares) => {
                format!("Where runs of {name} settle from each point")
            }
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
            MapShow::Steps if !is_settled(&shares) => {}
            MapShow::Steps => {
                let [first, last] = shades.steps().map(steps);
                entries.push((
                    swatch(&|late| shades.soon(late)),
                    format!("{first} to {last}"),
                ));
            }
            MapShow::Loss => {
                let (ends, lowest) = self.losses(&shades);
                entries.extend(ends.map(|[low, high]| {
                    if low == high {
                        let loss = lowest + low;
                        return (vec![shades.loss(loss)], ticks::label(loss));
                    }
                    let above = |part: f32| (low.ln() + f64::from(part) * (high / low).ln()).exp();
                    let looks = swatch(&|part| shades.loss(lowest + above(part)));
                    let [low, high, lowest] = [low, high, lowest].map(ticks::label);
                    (looks, format!("{low} to {high} above {lowest}"))
                }));
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

    /// Between which losses above the lowest the colours begin and end, if any run has one; and the lowest.
    fn losses(&self, shades: &Shades) -> (Option<[f64; 2]>, f64) {
        let (ends, lowest) = shades.losses();
        let all = self.outcomes.loss.iter().enumerate();
        // What diverges has a colour of its own.
        let shown =
            all.filter(|(index, loss)| loss.is_finite() && !self.outcomes.is_diverged(*index));
        let highest = shown.map(|(_, loss)| *loss).reduce(f64::max);
        let ends = highest.map(|highest| if highest > lowest { ends } else { [0.0; 2] });
        (ends, lowest)
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

/// Whether any run settles anywhere.
fn is_settled(shares: &Shares) -> bool {
    shares.minima.iter().any(|count| *count > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::{Experiment, ThemeKind};

    /// The names in the legend of a page, and the heading and entries of a figure's key.
    fn said(text: &str) -> (Vec<String>, String) {
        let experiment = Experiment::parse(text, "map").expect("valid");
        let panel = &experiment.panels[0];
        let map = SceneMap::of(panel, None).expect("a map");
        let theme = ThemeColors::new(ThemeKind::Paper);
        let legend = map.legend(&panel.labels, theme, ColorMap::Viridis);
        let key = map.key(&panel.labels, theme, ColorMap::Viridis);
        let entries = key.entries.into_iter().map(|(_, entry)| entry);
        let entries: Vec<String> = entries.collect();
        let names = legend.into_iter().map(|entry| entry.name + &entry.about);
        (names.collect(), key.heading + &entries.join(", "))
    }

    fn map_of(formula: &str, show: &str, rate: f64) -> (Vec<String>, String) {
        said(&format!(
            "steepest = 1\n[[panel]]\nformula = '{formula}'\ndomain = [[-4, 5], [-4, 5]]\n\
             map = {{ grid = [4, 4], show = '{show}', steps = 20 }}\n\
             descent = [{{ rule = 'gd', rate = {rate}, start = [1, 1], steps = 20 }}]\n"
        ))
    }

    #[test]
    fn nothing_is_said_of_what_never_happens() {
        let (legend, key) = map_of("x^2 + y^2", "steps", 0.3);
        assert!(
            legend[0].starts_with("soonest") && key.contains(" to "),
            "{legend:?} {key}"
        );
        for show in ["steps", "minimum"] {
            let (legend, key) = map_of("x^2 + y^2", show, 1e-6);
            let is_false = |text: &String| text.contains("soonest") || text.contains("latest");
            assert!(!legend.iter().any(is_false), "{legend:?}");
            assert!(
                !key.contains("light") && !key.contains("to 1 step"),
                "{key}"
            );
        }
        let (legend, key) = map_of("x^2 + y^2", "loss", 0.1);
        assert!(
            legend[0].starts_with("lowest last loss") && key.contains(" above "),
            "{key}"
        );
        let (legend, key) = map_of("x^4 + y^4", "loss", 1e300);
        assert!(
            !legend.iter().any(|text| text.contains("loss")),
            "{legend:?}"
        );
        assert!(!key.contains('∞') && !key.contains("inf"), "{key}");
        let (legend, key) = map_of("3 + 0x + 0y", "loss", 0.1);
        assert_eq!(legend[0], "lowest last loss3");
        assert!(
            !legend[1].starts_with("highest") && key.contains('3'),
            "{legend:?} {key}"
        );
    }
}
