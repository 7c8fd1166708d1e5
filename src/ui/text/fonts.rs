//! Letters that the built-in fonts lack: those of a font on this computer, where there is one.

use std::collections::BTreeSet;
use std::sync::Arc;

use bevy::prelude::{DetectChanges, Local, Res, ResMut, Resource, Result};
use bevy_egui::{EguiContexts, egui};
use egui::{FontData, FontDefinitions, FontFamily};

use crate::experiment::Experiment;
use crate::fonts::{advice, covered, on_this_computer, scripts};
use crate::lab::CurrentExperiment;

/// Letters of the experiment's text that no font here has.
#[derive(Resource, Debug, Default, Clone, PartialEq, Eq)]
pub struct MissingLetters(BTreeSet<char>);

impl MissingLetters {
    /// Their scripts, for people.
    pub(crate) fn scripts(&self) -> Vec<&'static str> {
        scripts(&self.0)
    }

    /// What to do about it.
    pub fn advice(&self) -> Option<String> {
        advice(&self.0)
    }
}

/// The proportional font has no ⁻, ∇ and ‖; the monospaced one does.
pub(crate) fn built_in() -> FontDefinitions {
    let mut fonts = FontDefinitions::default();
    let mono = fonts.families.get(&FontFamily::Monospace).cloned();
    let proportional = fonts.families.entry(FontFamily::Proportional).or_default();
    proportional.extend(mono.into_iter().flatten());
    fonts
}

/// Looks at the experiment's text when it is another, and for fonts only where letters are missing.
pub(crate) fn add_fonts(
    mut contexts: EguiContexts,
    current: Res<CurrentExperiment>,
    mut missing: ResMut<MissingLetters>,
    mut known: Local<BTreeSet<char>>,
    mut fonts: Local<Option<FontDefinitions>>,
) -> Result {
    if !current.is_changed() {
        return Ok(());
    }
    let letters = letters(&current.source.to_string(), &current.experiment);
    if letters.is_subset(&known) {
        return Ok(());
    }
    let mut lacked: BTreeSet<char> = letters.difference(&known).copied().collect();
    known.extend(lacked.iter().copied());
    for built_in in built_in().font_data.values() {
        if let Some((_, covered)) = covered(&built_in.font, &lacked) {
            lacked.retain(|letter| !covered.contains(letter));
        }
    }
    if !lacked.is_empty() {
        let fonts = fonts.get_or_insert_with(built_in);
        for file in on_this_computer(&mut lacked, |_| true) {
            let name = file.path.display().to_string();
            let data = FontData {
                index: file.index,
                ..FontData::from_owned(file.data)
            };
            fonts.font_data.insert(name.clone(), Arc::new(data));
            for family in fonts.families.values_mut() {
                family.push(name.clone());
            }
        }
        contexts.ctx_mut()?.set_fonts(fonts.clone());
    }
    if !lacked.is_empty() && missing.0 != lacked {
        missing.0 = lacked;
    }
    Ok(())
}

/// All letters beyond the Latin ones that an experiment shows.
fn letters(source: &str, experiment: &Experiment) -> BTreeSet<char> {
    let panels = experiment.panels.iter().flat_map(|panel| {
        let names = panel.descents.iter().map(|descent| &descent.name);
        panel.labels.iter().chain([&panel.title]).chain(names)
    });
    let captions = experiment.captions.iter().map(|caption| &caption.text);
    let texts = panels.chain(captions);
    let texts = texts.chain([&experiment.title, &experiment.about]);
    let letters = texts.flat_map(|text| text.chars()).chain(source.chars());
    letters
        .filter(|letter| *letter > '\u{24f}' && !letter.is_whitespace())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_letters_that_might_be_missing_are_looked_for() {
        let experiment = Experiment::load("race").expect("a built-in");
        assert!(
            letters("race", &experiment)
                .iter()
                .all(|letter| *letter > '\u{24f}')
        );
        assert!(letters("損失.toml", &experiment).contains(&'損'));
    }
}
