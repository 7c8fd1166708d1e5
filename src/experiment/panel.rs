//! Panels: one objective on one domain with its descents, and what follows when it shows another one.

use std::sync::Arc;

use super::{
    Aspect, DEFAULT_CONTOURS, DEFAULT_LABELS, DescentSpec, Directions, FunctionSpec, MapSpec,
    ObjectiveSpec, PanelView, PlaneSpec, ZoomKey,
};
use crate::landscape::{Domain, HeightKind, Range};
use crate::mnist::DataSet;
use crate::objective::Objective;
use crate::optimizer::Sampling;

/// Where a panel's second axis begins and ends when a formula grows a second variable.
const NEW_AXIS: Range = [-2.0, 2.0];

/// One objective on one domain, with its descents.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    pub title: String,
    pub objective: ObjectiveSpec,
    /// `None` where the axes are all the parameters there are.
    pub plane: Option<PlaneSpec>,
    pub domain: Domain,
    /// Whether the domain is not given, but that of the paths, which show themselves once they are known.
    pub fits: bool,
    pub height: HeightKind,
    /// Titles of the axes x, y and loss; y has no use for a curve.
    pub labels: [String; 3],
    pub view: PanelView,
    pub aspect: Aspect,
    /// The losses at the floor and at the ceiling of the box; `None` for those of the landscape.
    pub range: Option<Range>,
    pub contours: Contours,
    /// A map of one of its descents.
    pub map: Option<MapSpec>,
    /// How its range changes with time; empty where it does not.
    pub zoom: Vec<ZoomKey>,
    pub descents: Vec<DescentSpec>,
}

/// The isolines of a panel.
#[derive(Debug, Clone, PartialEq)]
pub enum Contours {
    /// Lines between so many bands of equal drawn height.
    Bands(usize),
    /// Lines at these losses, ascending.
    Levels(Vec<f64>),
}

impl Default for Contours {
    fn default() -> Contours {
        Contours::Bands(DEFAULT_CONTOURS)
    }
}

impl Panel {
    /// Shows another objective as it is usually shown, with the same descents, which all begin where it is usual.
    pub fn show(&mut self, objective: ObjectiveSpec) {
        let keeps_labels = self.labels != self.usual_labels()
            && objective.usual_plane().is_none() == self.plane.is_none();
        self.title = objective.title();
        let first = self.descents.first().map(|spec| &*spec.name);
        self.plane = objective
            .usual_plane()
            .map(|plane| plane.through_first(first));
        self.height = objective.usual_height();
        self.domain = objective.usual_domain().unwrap_or(self.domain);
        self.fits = self.plane.as_ref().is_some_and(PlaneSpec::is_of_paths);
        // Ranges are of the landscape that was there.
        self.zoom.clear();
        if let Some(map) = &mut self.map {
            map.forget_ranges();
        }
        // What was taken elsewhere has no rule to descend by.
        self.descents.retain(|spec| spec.plan.record.is_none());
        for spec in &mut self.descents {
            let plan = &mut spec.plan;
            plan.start = objective.usual_start().unwrap_or_default();
            plan.start.resize(objective.parameters(), 0.0);
            spec.drawn = objective.usual_draw();
            if matches!(plan.sampling, Sampling::Batch { .. }) && !objective.has_samples() {
                plan.sampling = Sampling::Exact;
            }
        }
        self.objective = objective;
        if !keeps_labels {
            self.labels = self.usual_labels();
        }
    }

    /// Shows another function of the user's own. While one types `x^2 + y`, `x^2` must not turn a surface into a curve and lose the
    /// second axis: a surface stays one.
    pub fn show_function(&mut self, function: FunctionSpec) {
        if self.objective.name().is_some() {
            self.title = "your own formula".to_owned();
        }
        self.domain = Domain {
            x: self.domain.x,
            y: (function.formula.dim() == 2).then(|| self.domain.y.unwrap_or(NEW_AXIS)),
        };
        let [_, middle] = self.domain.center();
        for spec in &mut self.descents {
            spec.plan.start.resize(self.domain.dim(), middle);
        }
        self.objective = ObjectiveSpec::new(function);
    }

    /// Takes another objective of the same kind, whose parameters may be others: starts are drawn again, and axes that are two
    /// of them are those of the usual plane.
    pub fn exchange(&mut self, objective: ObjectiveSpec) {
        let had_usual_labels = self.labels == self.usual_labels();
        for spec in &mut self.descents {
            spec.drawn = spec.drawn.or(objective.usual_draw());
            let drawn = spec.drawn.and_then(|draw| objective.draw_start(draw));
            let start = drawn.or_else(|| objective.usual_start());
            spec.plan.start = start.unwrap_or_default();
            spec.plan.start.resize(objective.parameters(), 0.0);
        }
        if let Some(plane) = &mut self.plane
            && let Directions::Parameters(axes) = plane.directions
            && axes.iter().any(|&axis| axis >= objective.parameters())
            && let Some(usual) = objective.usual_plane()
        {
            plane.directions = usual.directions;
        }
        self.objective = objective;
        if had_usual_labels {
            self.labels = self.usual_labels();
        }
    }

    /// The titles that its axes have unless others are given.
    pub fn usual_labels(&self) -> [String; 3] {
        match &self.plane {
            Some(plane) => plane.labels(&*self.objective),
            None => DEFAULT_LABELS.map(str::to_owned),
        }
    }

    /// Number of axes: 1 for a curve, 2 for a surface.
    pub fn dim(&self) -> usize {
        self.domain.dim()
    }

    /// Bytes that its descents' steps take.
    pub(super) fn history_bytes(&self) -> usize {
        let steps = self.descents.iter().map(|descent| descent.plan.updates());
        steps.sum::<usize>().saturating_mul(self.bytes_a_step())
    }

    /// Its parameters, the loss, the rate and the slope.
    pub(super) fn bytes_a_step(&self) -> usize {
        (self.objective.parameters() + 3) * size_of::<f64>()
    }

    /// The objective itself. A data set's is that of `data`; `None` if it is needed and not there.
    pub fn objective(&self, data: Option<&DataSet>) -> Option<Arc<dyn Objective>> {
        self.objective.build(data)
    }

    /// What a person should know of it but may well have meant.
    pub(super) fn notes(&self, place: &str, notes: &mut Vec<String>) {
        let own = self.objective.notes();
        notes.extend(own.iter().map(|note| format!("{place}: {note}")));
        for (index, descent) in self.descents.iter().enumerate() {
            let place = format!("{place}, descent `{}`", descent.name);
            if descent.plan.record.is_some() {
                continue;
            }
            let start = &descent.plan.start;
            let shown = match &self.plane {
                None => Some(start.clone()),
                // Where other directions lie is not known before the descents are computed.
                Some(plane) => match &plane.directions {
                    Directions::Parameters(axes) => Some(axes.map(|axis| start[axis]).to_vec()),
                    _ => None,
                },
            };
            if let Some(shown) = shown.filter(|shown| !self.domain.contains(shown)) {
                let at = shown.iter().map(f64::to_string).collect::<Vec<_>>();
                let at = at.join(", ");
                notes.push(format!("{place}: start ({at}) lies outside the domain"));
            }
            if self.objective.is_hopeless_at(start) {
                notes.push(format!("{place}: the loss at the start is not finite"));
            }
            if self.descents[..index]
                .iter()
                .any(|d| d.name == descent.name)
            {
                notes.push(format!("{place}: an earlier descent has the same name"));
            }
        }
    }
}
