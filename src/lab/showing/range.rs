//! The range that a panel's axes have: fitted to the paths, the objective's usual one, or moved and zoomed by hand.

use bevy::prelude::*;

use crate::experiment::Panel;
use crate::lab::command::{self, LabCommand};
use crate::lab::model::field::PanelLandscape;
use crate::lab::model::zoom::RangeLeads;
use crate::lab::model::{CurrentExperiment, DescentRun, DescentStyle, PanelDescents, PanelIndex};
use crate::lab::playback::Playback;
use crate::landscape::Domain;

/// What becomes of a range.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum RangeChange {
    /// Around the paths of the descents that are shown.
    FitToPaths,
    /// The range that the objective is usually looked at.
    Usual,
    /// So many times as large, with a point (fractions of the range) that stays where it is.
    Zoom { factor: f64, at: [f64; 2] },
    /// Moved by fractions of itself.
    Move([f64; 2]),
}

/// Narrower or wider than this, f64 has no digits left for a grid.
const NARROWEST: f64 = 1e-9;
const WIDEST: f64 = 1e9;

/// Another range for a panel's axes.
#[derive(Debug, Clone)]
pub struct ChangeRange {
    pub panel: usize,
    pub change: RangeChange,
}

impl LabCommand for ChangeRange {
    fn apply(&self, world: &mut World) {
        command::run(world, change_range, self.clone());
    }
}

fn change_range(
    In(ChangeRange { panel, change }): In<ChangeRange>,
    mut current: ResMut<CurrentExperiment>,
    (playback, mut leads): (Res<Playback>, ResMut<RangeLeads>),
    panels: Query<(&PanelIndex, &PanelLandscape, Option<&PanelDescents>)>,
    descents: Query<(&DescentRun, &DescentStyle)>,
) {
    let Some(shown) = current.experiment.panels.get(panel) else {
        return;
    };
    let mut now = shown.clone();
    if leads.leads(panel) {
        now.zoom_to(playback.seconds());
    }
    let domain = match change {
        RangeChange::FitToPaths => panels
            .iter()
            .find(|(index, ..)| index.0 == panel)
            .and_then(|(_, landscape, members)| around_paths(landscape, members?, &descents)),
        RangeChange::Usual => usual(shown),
        RangeChange::Zoom { factor, at } => Some(now.domain.zoomed(factor, at)),
        RangeChange::Move(by) => Some(now.domain.moved(by)),
    };
    if let Some(domain) = domain.filter(|domain| *domain != now.domain && is_sound(domain)) {
        if domain != shown.domain {
            let shown = &mut current.edit().panels[panel];
            (shown.domain, shown.fits) = (domain, false);
        }
        leads.take_over(panel, &current.experiment.panels[panel]);
    }
}

fn is_sound(domain: &Domain) -> bool {
    let ranges = [Some(domain.x), domain.y];
    ranges.iter().flatten().all(|[low, high]| {
        let far = low.abs().max(high.abs());
        (NARROWEST * far.max(1.0)..=WIDEST).contains(&(high - low)) && far <= WIDEST
    })
}

/// `None` where there is nothing to fit to, and for a curve, whose range is where it starts.
pub(in crate::lab) fn around_paths(
    landscape: &PanelLandscape,
    members: &PanelDescents,
    descents: &Query<(&DescentRun, &DescentStyle)>,
) -> Option<Domain> {
    if landscape.is_curve() {
        return None;
    }
    let shown = descents.iter_many(members.iter());
    let shown = shown.filter(|(_, style)| style.shown);
    let plane = &landscape.field.plane;
    Domain::around(
        shown.flat_map(|(run, _)| (0..run.history().len()).map(|step| run.place(step, plane))),
    )
}

fn usual(panel: &Panel) -> Option<Domain> {
    let usual = panel.objective.usual_domain();
    usual.filter(|domain| domain.dim() == panel.dim())
}
