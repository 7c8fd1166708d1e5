//! An experiment as a file: the inverse of [`parse`](super::parse). Defaults are left out.

use std::path::Path;

use super::start::start_draw_text;
use super::writer::{Writer, inline, list, number, numbers, quoted};
use super::{
    Aspect, CameraKey, Caption, Contours, DEFAULT_CAPTION_STEPS, DEFAULT_CONTOURS, DescentSpec,
    Directions, Experiment, HEIGHT_NAMES, ObjectiveKind, Panel, PanelView, PlaneSpec, Through,
    VERSION, ViewSettings, ZEROS,
};
use super::{explain, map, zoom};
use crate::descent::Record;
use crate::landscape::{Domain, HeightKind, Range};
use crate::optimizer::{ParamKind, Sampling, Schedule, ScheduleKind};

/// See [`Experiment::to_toml`].
pub(super) fn experiment(experiment: &Experiment, folder: Option<&Path>) -> String {
    let mut out = Writer::new(folder);
    out.key("steepest", VERSION);
    out.key("title", quoted(&experiment.title));
    if !experiment.about.is_empty() {
        out.key("about", quoted(&experiment.about));
    }
    for shown in &experiment.panels {
        panel(&mut out, shown);
    }
    for shown in &experiment.captions {
        caption(&mut out, shown);
    }
    let usual_view = ViewSettings::usual(&experiment.panels);
    view(&mut out, &experiment.view, &usual_view);
    explain::write(&mut out, &experiment.explain);
    for key in &experiment.camera_keys {
        camera_key(&mut out, key);
    }
    out.text()
}

fn panel(out: &mut Writer, panel: &Panel) {
    out.header("[[panel]]");
    out.key("title", quoted(&panel.title));
    if let Some(name) = panel.objective.name() {
        out.key("objective", quoted(name));
    }
    panel.objective.write(out);
    // That of a run file is the file's.
    if let Some(spec) = &panel.plane
        && panel.objective.records().is_none()
    {
        plane(out, spec, &*panel.objective);
    }
    if !panel.fits {
        out.key("domain", domain(&panel.domain));
    }
    if panel.height != HeightKind::default() {
        let name = HEIGHT_NAMES.iter().find(|(_, kind)| *kind == panel.height);
        out.key("height", quoted(name.map_or("linear", |(name, _)| name)));
    }
    let labels = panel.labels.each_ref().map(|label| &**label);
    let usual = panel.usual_labels();
    match (panel.dim(), labels) {
        (_, labels) if labels == usual => {}
        (1, [x, "y", loss]) => out.key("labels", list([x, loss].map(quoted))),
        (_, labels) => out.key("labels", list(labels.map(quoted))),
    }
    out.key_unless(
        &PanelView::default(),
        "view",
        &panel.view,
        quoted(panel.view.name()),
    );
    let aspect = quoted(panel.aspect.name());
    out.key_unless(&Aspect::default(), "aspect", &panel.aspect, aspect);
    if let Some(range) = panel.range {
        out.key("range", numbers(&range));
    }
    match &panel.contours {
        Contours::Bands(DEFAULT_CONTOURS) => {}
        Contours::Bands(count) => out.key("contours", count),
        Contours::Levels(levels) => out.key("levels", numbers(levels)),
    }
    if let Some(spec) = &panel.map {
        map::write(out, spec);
    }
    zoom::write(out, panel);
    for spec in &panel.descents {
        descent(out, spec, panel);
    }
}

fn plane(out: &mut Writer, spec: &PlaneSpec, kind: &dyn ObjectiveKind) {
    let through = match &spec.through {
        Through::Origin => Through::ORIGIN,
        Through::Descent(name) => name,
    };
    let mut entries = match &spec.directions {
        Directions::Parameters([u, v]) => {
            let name = |axis: &usize| quoted(&kind.parameter_name(*axis));
            vec![("u", name(u)), ("v", name(v))]
        }
        Directions::Pca => vec![("directions", quoted(Directions::PCA))],
        Directions::Random { seed } => vec![
            ("directions", quoted(Directions::RANDOM)),
            ("seed", seed.to_string()),
        ],
        Directions::Hessian => vec![("directions", quoted(Directions::HESSIAN))],
        Directions::Between(names) => {
            vec![("between", list(names.iter().map(|name| quoted(name))))]
        }
    };
    if !matches!(spec.directions, Directions::Between(_)) {
        entries.push(("through", quoted(through)));
    }
    if spec.follows {
        entries.push(("follow", true.to_string()));
    }
    out.key("plane", inline(entries));
    let grid = list(spec.grid.map(|nodes| nodes.to_string()));
    out.key_unless(&PlaneSpec::DEFAULT_GRID, "grid", &spec.grid, grid);
    if let Some(name) = &spec.batch {
        out.key("surface", inline(vec![("batch", quoted(name))]));
    }
}

fn domain(domain: &Domain) -> String {
    let ranges = [Some(domain.x), domain.y];
    list(ranges.iter().flatten().map(|range: &Range| numbers(range)))
}

fn descent(out: &mut Writer, descent: &DescentSpec, panel: &Panel) {
    let plan = &descent.plan;
    if let Some(record) = &plan.record {
        record_of(out, descent, record, panel);
        return;
    }
    // A start that was moved is no longer the one that was drawn.
    let drawn = descent.drawn.filter(|draw| {
        let start = panel.objective.draw_start(*draw);
        start.is_some_and(|start| start == plan.start)
    });
    let info = plan.rule.info();
    out.header("[[panel.descent]]");
    out.key_unless(&info.title, "name", &&*descent.name, quoted(&descent.name));
    out.key("rule", quoted(info.name));
    for (param, value) in info.params.iter().zip(plan.rule.values()) {
        let written = match param.kind {
            ParamKind::Number | ParamKind::Whole => number(*value),
            ParamKind::Switch => (*value != 0.0).to_string(),
            ParamKind::Choice(_) => quoted(param.word(*value).unwrap_or_default()),
        };
        out.key_unless(&param.default, param.key, value, written);
    }
    out.key("rate", number(plan.rate));
    if let Some(draw) = drawn {
        out.key("start", start_draw_text(&draw));
    } else if panel.plane.is_some() && plan.start.iter().all(|w| w.to_bits() == 0) {
        out.key("start", quoted(ZEROS));
    } else {
        out.key("start", numbers(&plan.start));
    }
    out.key("steps", plan.steps);
    color(out, descent);
    match plan.sampling {
        Sampling::Exact => {}
        Sampling::Noise { sigma } => out.key("sampling", inline([("noise", number(sigma))])),
        Sampling::Batch { size } => out.key("sampling", inline([("batch", size.to_string())])),
    }
    if let Some(clip) = plan.clip {
        out.key("clip", number(clip));
    }
    if plan.schedule != Schedule::default() {
        out.key("schedule", schedule(&plan.schedule));
    }
    let stop = [
        ("radius", plan.stop.radius),
        ("gradient", plan.stop.gradient),
    ];
    let stop: Vec<_> = stop
        .iter()
        .filter_map(|&(key, x)| Some((key, number(x?))))
        .collect();
    if !stop.is_empty() {
        out.key("stop", inline(stop));
    }
    out.key_unless(&0, "seed", &plan.seed, plan.seed);
    if !descent.shown {
        out.key("hidden", true);
    }
    if descent.explained {
        out.key("explain", true);
    }
}

/// What a person may say of a path in a run file, if anything was said.
fn record_of(out: &mut Writer, descent: &DescentSpec, record: &Record, panel: &Panel) {
    let mut records = panel.objective.records().unwrap_or_default().iter();
    let path = records.find(|(_, known)| known == record);
    let Some((path, _)) = path else { return };
    if descent.name == *path && descent.color.is_none() && descent.shown {
        return;
    }
    out.header("[[panel.descent]]");
    out.key("path", quoted(path));
    out.key_unless(path, "name", &descent.name, quoted(&descent.name));
    color(out, descent);
    if !descent.shown {
        out.key("hidden", true);
    }
}

fn color(out: &mut Writer, descent: &DescentSpec) {
    if let Some([r, g, b]) = descent.color {
        out.key("color", format!("\"#{r:02x}{g:02x}{b:02x}\""));
    }
}

fn schedule(schedule: &Schedule) -> String {
    let mut entries = vec![("kind", quoted(schedule.kind.name()))];
    match schedule.kind {
        ScheduleKind::Constant => {}
        ScheduleKind::Cosine { last } | ScheduleKind::Linear { last } => {
            entries.push(("final", number(last)));
        }
        ScheduleKind::Step { every, factor } => {
            entries.push(("every", every.to_string()));
            entries.push(("factor", number(factor)));
        }
        ScheduleKind::Exponential { gamma } => entries.push(("gamma", number(gamma))),
        ScheduleKind::Restarts {
            every,
            multiple,
            last,
        } => {
            entries.push(("every", every.to_string()));
            entries.push(("multiple", multiple.to_string()));
            entries.push(("final", number(last)));
        }
        ScheduleKind::Cyclic { low, every, decay } => {
            entries.push(("low", number(low)));
            entries.push(("every", every.to_string()));
            entries.push(("decay", number(decay)));
        }
        ScheduleKind::OneCycle => {}
        ScheduleKind::Plateau {
            factor,
            patience,
            threshold,
        } => {
            entries.push(("factor", number(factor)));
            entries.push(("patience", patience.to_string()));
            entries.push(("threshold", number(threshold)));
        }
    }
    if schedule.warmup > 0 {
        entries.push(("warmup", schedule.warmup.to_string()));
    }
    inline(entries)
}

fn caption(out: &mut Writer, caption: &Caption) {
    out.header("[[caption]]");
    out.key("step", caption.step);
    out.key("text", quoted(&caption.text));
    out.key_unless(
        &DEFAULT_CAPTION_STEPS,
        "steps",
        &caption.steps,
        caption.steps,
    );
    out.key_unless(&0.0, "pause", &caption.pause, number(caption.pause));
}

fn view(out: &mut Writer, view: &ViewSettings, usual: &ViewSettings) {
    out.begin("[view]");
    out.key_unless(
        &usual.camera,
        "camera",
        &view.camera,
        quoted(&view.camera.to_string()),
    );
    out.key_unless(
        &usual.colormap,
        "colormap",
        &view.colormap,
        quoted(view.colormap.name()),
    );
    out.key_unless(
        &usual.theme,
        "theme",
        &view.theme,
        quoted(view.theme.name()),
    );
    let seconds = view.seconds_per_step;
    out.key_unless(
        &usual.seconds_per_step,
        "seconds_per_step",
        &seconds,
        number(seconds),
    );
    out.key_unless(
        &usual.turntable,
        "turntable",
        &view.turntable,
        number(view.turntable),
    );
    out.key_unless(
        &usual.opacity,
        "opacity",
        &view.opacity,
        number(view.opacity),
    );
    out.key_unless(
        &usual.exaggeration,
        "exaggeration",
        &view.exaggeration,
        number(view.exaggeration),
    );
    out.key_unless(
        &usual.parallel,
        "parallel",
        &view.parallel,
        view.parallel.to_string(),
    );
    out.key_unless(
        &usual.turn_contours,
        "turn_contours",
        &view.turn_contours,
        view.turn_contours.to_string(),
    );
    if let Some(plot) = view.plot {
        out.key("plot", quoted(plot.word()));
    }
    out.end();
}

fn camera_key(out: &mut Writer, key: &CameraKey) {
    let usual = CameraKey::default();
    out.header("[[camera.key]]");
    out.key("time", number(key.time));
    out.key("yaw", number(key.yaw));
    out.key("pitch", number(key.pitch));
    out.key("distance", number(key.distance));
    out.key_unless(&usual.target, "target", &key.target, numbers(&key.target));
    out.key_unless(
        &usual.easing,
        "easing",
        &key.easing,
        quoted(key.easing.name()),
    );
}
