//! A `[[panel]]` table: the objective, its domain and how it is drawn.

use std::ops::RangeInclusive;

use super::super::keys::{Form, Key, Keys, key, names as words};
use super::super::kinds::{KEYS as OF_KINDS, entries, keys_of_kinds, own_formula, taker_of};
use super::super::reader::{Field, Table};
use super::super::{
    Aspect, Contours, DEFAULT_LABELS, DescentSpec, HEIGHT_NAMES, MAX_CAPTIONS, MAX_CONTOURS,
    MAX_DESCENTS, MAX_GRID, MAX_LEVELS, ObjectiveSpec, Panel, PanelView, PlaneSpec,
};
use super::super::{map, names, zoom};
use super::descent::{KEYS as DESCENT, Parameters, descent};
use super::{plane, record};
use crate::landscape::{Domain, Range};

pub(super) const KEYS: Keys = Keys {
    header: "[[panel]]",
    example: "",
    about: "One landscape with its descents. It has an `objective` or a `formula`; the other keys may be left out, but a formula \
            needs a `domain`.",
    groups: &[
        SHOWN,
        OF_KINDS[0],
        OF_KINDS[1],
        OF_KINDS[2],
        OF_KINDS[3],
        #[cfg(test)]
        OF_KINDS[4],
        DRAWN,
    ],
};

const SHOWN: &[Key] = &[
    key(
        "title",
        Form::Text,
        "the objective's",
        "stands over the panel",
    ),
    key(
        "objective",
        Form::Text,
        "",
        "a name: [a test function](generated.md#objectives), `mnist`, `network`, or `recorded` with its `file`",
    ),
    key(
        "formula",
        Form::Text,
        "",
        "a function of your own in x, or in x and y: [Formulas](../formulas.md)",
    ),
];

const DRAWN: &[Key] = &[
    key(
        "plane",
        Form::Table(&plane::KEYS),
        "the objective's",
        "of objectives with more parameters: what the axes are",
    ),
    key(
        "grid",
        Form::Sides(2, MAX_GRID),
        "`[100, 100]`",
        "of the same: the nodes at which the loss is computed",
    ),
    key(
        "surface",
        Form::Table(&plane::SURFACE),
        "all samples",
        "of the same: the loss over one batch",
    ),
    key(
        "domain",
        Form::As("[[x0, x1]] for a curve or [[x0, x1], [y0, y1]] for a surface"),
        "the objective's",
        "what is drawn",
    ),
    key(
        "height",
        Form::Words(|| words(&HEIGHT_NAMES)),
        "`\"linear\"`",
        "the scale of the losses",
    ),
    key(
        "labels",
        Form::As("three texts, as in [\"w1\", \"w2\", \"loss\"]"),
        "the axes' names",
        "titles of the axes; two of a curve",
    ),
    key(
        "view",
        Form::Words(|| words(PanelView::NAMED)),
        "`\"surface\"`",
        "in space, or flat from above",
    ),
    key(
        "aspect",
        Form::Words(|| words(Aspect::NAMED)),
        "`\"auto\"`",
        "how long the axes are drawn against each other",
    ),
    key(
        "range",
        Form::RANGE,
        "the landscape's",
        "the losses at floor and ceiling",
    ),
    key(
        "contours",
        Form::Whole(0, MAX_CONTOURS as u64),
        "`20`",
        "the number of bands between isolines; not beside `levels`",
    ),
    key(
        "levels",
        Form::As("a list of losses, as in [0.1, 1, 10]"),
        "",
        "isolines at these losses",
    ),
    key(
        "descent",
        Form::Tables(&DESCENT, MAX_DESCENTS),
        "none",
        "what descends on it",
    ),
    key("map", Form::Table(&map::KEYS), "none", "a map of runs"),
    key(
        "zoom",
        Form::Tables(&zoom::KEYS, MAX_CAPTIONS),
        "none",
        "how the range changes with time",
    ),
];

pub(super) fn panel(table: &Table) -> Option<Panel> {
    let title = table.get("title").and_then(|f| f.text());
    let shown = shown(table, table.get("objective"));
    let domain = domain(table, shown.as_ref());
    // Without a domain, the objective tells how long a start is meant to be.
    let dim = match &domain {
        Some(domain) => Some(domain.dim()),
        None => shown.as_ref().and_then(|shown| fixed(&shown.axes())),
    };
    let objective = shown
        .as_ref()
        .zip(dim)
        .and_then(|(shown, dim)| shown.read(table, dim));
    // What is usual may be known only now.
    let is_given = table.get("domain").is_some();
    let domain = match &objective {
        Some(objective) if !is_given => objective.usual_domain().or(domain),
        _ => domain,
    };
    let height = table
        .get("height")
        .and_then(|f| f.choice(&HEIGHT_NAMES))
        .unwrap_or_default();
    let labels = table.get("labels").and_then(|f| labels(&f, dim));
    let view = table
        .get("view")
        .and_then(|f| f.choice(PanelView::NAMED))
        .unwrap_or_default();
    let aspect = table.get("aspect").and_then(|f| f.choice(Aspect::NAMED));
    let heights = table.get("range").and_then(|f| f.range());
    let contours = contours(table);
    // What its own keys say decides how many parameters there are. Without them a function still has its axes.
    let known = objective.as_ref().or(shown.as_ref());
    let usual_plane = known.and_then(|known| known.usual_plane());
    let parameters = known.zip(dim).and_then(|(known, dim)| match usual_plane {
        Some(_) => objective.as_ref().map(|objective| Parameters {
            kind: &**objective,
            count: objective.parameters(),
            are_axes: false,
        }),
        None => Some(Parameters {
            kind: &**known,
            count: dim,
            are_axes: true,
        }),
    });
    let have_samples = known.is_some_and(|known| known.has_samples());
    let tables = table.tables("descent");
    let records = objective.as_ref().and_then(|kind| kind.records());
    let descents: Vec<DescentSpec> = match records {
        Some(records) => record::descents(&tables, records),
        None => tables
            .iter()
            .filter_map(|d| descent(d, parameters, have_samples))
            .collect(),
    };
    let plane = match (&objective, usual_plane) {
        (Some(objective), Some(usual)) if objective.records().is_some() => Some(Some(usual)),
        // A plane through a descent that has an error itself is no further error.
        (Some(objective), Some(usual)) => {
            let known = (descents.len() >= tables.len()).then_some(&descents);
            let usual = usual.through_first(descents.first().map(|spec| &*spec.name));
            plane::plane(table, &**objective, usual, known).map(Some)
        }
        _ => Some(None),
    };
    let map_of = table.get("map");
    let zoom = zoom::keys(table);
    if objective.is_none() {
        // What kind of objective there is to be is not known: any of their keys may be right.
        keys_of_kinds().for_each(|key| drop(table.get(key)));
    }
    table.finish_with(|key| match key {
        "plane" | "grid" | "surface" => Some(format!(
            "only an objective of more parameters, such as mnist, takes `{key}`"
        )),
        key => taker_of(key),
    });

    let (objective, plane, domain) = (objective?, plane?, domain?);
    let panel = Panel {
        title: title.map_or_else(|| objective.title(), str::to_owned),
        fits: !is_given && zoom.is_empty() && plane.as_ref().is_some_and(PlaneSpec::is_of_paths),
        objective,
        plane,
        domain,
        height,
        labels: DEFAULT_LABELS.map(str::to_owned),
        view,
        aspect: aspect.unwrap_or_default(),
        range: heights,
        contours: contours.unwrap_or_default(),
        map: None,
        zoom: Vec::new(),
        descents,
    };
    // Of descents that have errors themselves no map is asked for.
    let all_known = panel.descents.len() >= tables.len();
    let map = map_of.and_then(|field| map::map(&field, all_known.then_some(&panel)));
    zoom::check(&zoom, map.as_ref(), &panel);
    Some(Panel {
        labels: labels.unwrap_or_else(|| panel.usual_labels()),
        map,
        zoom: zoom.into_iter().map(|(key, _)| key).collect(),
        ..panel
    })
}

/// The one number that there is, if there is one.
fn fixed(axes: &RangeInclusive<usize>) -> Option<usize> {
    (axes.start() == axes.end()).then_some(*axes.start())
}

fn shown(table: &Table, objective: Option<Field>) -> Option<ObjectiveSpec> {
    let formula = table.get("formula");
    match (objective, formula) {
        (Some(objective), None) => named(&objective),
        (None, Some(formula)) => own_formula(&formula, table),
        (Some(objective), Some(_)) => {
            let found = objective.found();
            objective.report(format!(
                "found {found} and `formula` beside it, expected one of the two"
            ));
            None
        }
        (None, None) => table.missing("objective", "a named objective, or `formula` instead"),
    }
}

fn named(field: &Field) -> Option<ObjectiveSpec> {
    let name = field.text()?;
    ObjectiveSpec::named(name).or_else(|| {
        let near = names::did_you_mean(name, entries().map(|entry| entry.name));
        field.fail(&format!(
            "expected the name of an objective{near} (`steepest list` shows them; \
             a function of your own goes into `formula`)"
        ))
    })
}

/// The domain that the file gives, else the objective's usual one.
fn domain(table: &Table, shown: Option<&ObjectiveSpec>) -> Option<Domain> {
    let axes = shown.map_or(1..=2, |shown| shown.axes());
    let form = match fixed(&axes) {
        Some(1) => "[[x0, x1]]",
        Some(_) => "[[x0, x1], [y0, y1]]",
        None => "[[x0, x1]] for a curve or [[x0, x1], [y0, y1]] for a surface",
    };
    let Some(field) = table.get("domain") else {
        let usual = shown?.usual_domain();
        return usual.or_else(|| table.missing("domain", form));
    };
    let pairs = field.list(form)?;
    if !axes.contains(&pairs.len()) {
        return field.fail(&format!("expected {form}"));
    }
    let ranges: Vec<Option<Range>> = pairs.iter().map(Field::range).collect();
    match ranges[..] {
        [Some(x)] => Some(Domain { x, y: None }),
        [Some(x), Some(y)] => Some(Domain { x, y: Some(y) }),
        _ => None,
    }
}

/// Isolines by their number, or at losses.
fn contours(table: &Table) -> Option<Contours> {
    let (count, levels) = (table.get("contours"), table.get("levels"));
    match (count, levels) {
        (Some(_), Some(levels)) => {
            let found = levels.found();
            levels.report(format!(
                "found {found} and `contours` beside it, expected one of the two"
            ));
            None
        }
        (Some(count), None) => count.count().map(Contours::Bands),
        (None, Some(levels)) => self::levels(&levels).map(Contours::Levels),
        (None, None) => None,
    }
}

fn levels(field: &Field) -> Option<Vec<f64>> {
    let items = field.items()?;
    if items.len() > MAX_LEVELS {
        return field.fail(&format!("expected at most {MAX_LEVELS} losses"));
    }
    let levels: Option<Vec<f64>> = items.iter().map(Field::number).collect();
    let mut levels = levels?;
    levels.sort_by(f64::total_cmp);
    levels.dedup();
    Some(levels)
}

/// The three axis titles; for a curve, two will do.
fn labels(field: &Field, dim: Option<usize>) -> Option<[String; 3]> {
    let expected = match dim {
        Some(1) => "two texts, as in [\"w\", \"loss\"]",
        _ => "three texts, as in [\"w1\", \"w2\", \"loss\"]",
    };
    let items = field.list(expected)?;
    let texts: Option<Vec<&str>> = items.iter().map(Field::text).collect();
    match (texts?.as_slice(), dim) {
        (&[x, y, loss], _) => Some([x, y, loss].map(str::to_owned)),
        (&[x, loss], Some(1)) => Some([x, DEFAULT_LABELS[1], loss].map(str::to_owned)),
        _ => field.fail(&format!("expected {expected}")),
    }
}
