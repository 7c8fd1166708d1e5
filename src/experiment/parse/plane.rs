//! The keys of a panel that shows more parameters than it has axes: the plane, and the grid it is swept on.

use super::super::keys::{Form, Keys, REQUIRED, key, names as words};
use super::super::names;
use super::super::reader::{Field, Table};
use super::super::{DescentSpec, Directions, ObjectiveKind, PlaneSpec, Through};

/// What `directions` may be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    Pca,
    Random,
    Hessian,
}

const WORDS: [(&str, Word); 3] = [
    (Directions::PCA, Word::Pca),
    (Directions::RANDOM, Word::Random),
    (Directions::HESSIAN, Word::Hessian),
];

pub(super) const KEYS: Keys = Keys {
    header: "panel.plane",
    example: "",
    about: "Two directions, by `directions` or by two weights, and where the plane passes; or `between` alone.",
    groups: &[&[
        key(
            "directions",
            Form::Words(|| words(&WORDS)),
            "the objective's",
            "principal components of the paths, random, or the Hessian's top two eigenvectors",
        ),
        key("seed", Form::SEED, "`0`", "of `directions = \"random\"`"),
        key(
            "u",
            Form::Text,
            "the objective's",
            "a weight by name: `\"W[0,0]\"` of MNIST, `\"layer1.weight[3,0]\"` of a network",
        ),
        key("v", Form::Text, "the objective's", "another one"),
        key(
            "through",
            Form::Text,
            "the first descent's",
            "a descent's name: where it ends; or `\"origin\"`",
        ),
        key(
            "follow",
            Form::Flag,
            "`false`",
            "through where that descent is at the step shown",
        ),
        key(
            "between",
            Form::As("three of the panel's descents, as in [\"A\", \"B\", \"C\"]"),
            "",
            "through whose ends the plane passes",
        ),
    ]],
};

pub(super) const SURFACE: Keys = Keys {
    header: "panel.surface",
    example: "{ batch = \"SGD\" }",
    about: "The loss that is drawn, where it is not the one over all samples.",
    groups: &[&[key(
        "batch",
        Form::Text,
        REQUIRED,
        "the name of a descent, whose batch at the step shown it is over",
    )]],
};

/// `descents` are the panel's, where all of them are known.
pub(super) fn plane(
    table: &Table,
    kind: &dyn ObjectiveKind,
    usual: PlaneSpec,
    descents: Option<&Vec<DescentSpec>>,
) -> Option<PlaneSpec> {
    let spec = match table.get("plane") {
        Some(field) => keys(&field.table()?, kind, &usual, descents),
        None => Some(usual.clone()),
    };
    let grid = match table.get("grid") {
        Some(field) => field.sides(),
        None => Some(usual.grid),
    };
    let batch = match table.get("surface") {
        Some(field) => batch(&field, descents).map(Some),
        None => Some(None),
    };
    Some(PlaneSpec {
        grid: grid?,
        batch: batch?,
        ..spec?
    })
}

/// The descent whose batches the surface is the loss over.
fn batch(field: &Field, descents: Option<&Vec<DescentSpec>>) -> Option<String> {
    let table = field.table()?;
    let name = table.get("batch");
    table.finish();
    match name {
        Some(name) => descent(&name, descents),
        None => field.fail_form(),
    }
}

fn keys(
    table: &Table,
    kind: &dyn ObjectiveKind,
    usual: &PlaneSpec,
    descents: Option<&Vec<DescentSpec>>,
) -> Option<PlaneSpec> {
    if let Some(field) = table.get("between") {
        return between(&field, table, usual, descents);
    }
    let directions = directions(table, kind, usual);
    let through = match table.get("through") {
        Some(field) => through(&field, descents),
        None => Some(usual.through.clone()),
    };
    let follows = table.get("follow").map_or(Some(false), |f| f.boolean());
    table.finish();
    Some(PlaneSpec {
        directions: directions?,
        through: through?,
        follows: follows?,
        grid: usual.grid,
        batch: None,
    })
}

/// A plane through the ends of three descents.
fn between(
    field: &Field,
    table: &Table,
    usual: &PlaneSpec,
    descents: Option<&Vec<DescentSpec>>,
) -> Option<PlaneSpec> {
    let others = ["directions", "seed", "u", "v", "through", "follow"];
    for other in others.iter().filter_map(|key| table.get(key)) {
        other.report("found `between` beside it, which is the whole plane".to_owned());
    }
    table.finish();
    let items = field.items()?;
    let names: Option<Vec<String>> = items.iter().map(|name| descent(name, descents)).collect();
    let Ok(names) = <[String; 3]>::try_from(names?) else {
        return field.fail_form();
    };
    if let Some(k) = (1..3).find(|&k| names[..k].contains(&names[k])) {
        return items[k].fail("a second time, expected three different descents");
    }
    Some(PlaneSpec {
        directions: Directions::Between(names),
        through: Through::Origin,
        follows: false,
        grid: usual.grid,
        batch: None,
    })
}

/// The name of one of the panel's descents.
fn descent(field: &Field, descents: Option<&Vec<DescentSpec>>) -> Option<String> {
    let name = field.text()?;
    if descents.is_none_or(|all| all.iter().any(|d| d.name == name)) {
        return Some(name.to_owned());
    }
    let names = descents.into_iter().flatten().map(|d| &*d.name);
    let near = names::did_you_mean(name, names);
    field.fail(&format!(
        "expected the name of one of the panel's descents{near}"
    ))
}

fn directions(table: &Table, kind: &dyn ObjectiveKind, usual: &PlaneSpec) -> Option<Directions> {
    let word = table.get("directions");
    let seed = table.get("seed");
    let axes = ["u", "v"].map(|key| table.get(key));
    let named = match &word {
        None => None,
        Some(field) => Some(field.choice(&WORDS)?),
    };
    if let (Some(_), Some(axis)) = (&word, axes.iter().flatten().next()) {
        axis.report("found `directions` beside it, expected one of the two".to_owned());
        return None;
    }
    if let (Some(seed), false) = (&seed, named == Some(Word::Random)) {
        seed.report("only directions = \"random\" takes `seed`".to_owned());
        return None;
    }
    match named {
        Some(Word::Random) => {
            let seed = seed.map_or(Some(0), |f| f.whole());
            Some(Directions::Random { seed: seed? })
        }
        Some(Word::Pca) => Some(Directions::Pca),
        Some(Word::Hessian) => Some(Directions::Hessian),
        None => parameters(axes, kind, usual),
    }
}

fn parameters(
    fields: [Option<Field>; 2],
    kind: &dyn ObjectiveKind,
    usual: &PlaneSpec,
) -> Option<Directions> {
    if fields.iter().all(Option::is_none) {
        return Some(usual.directions.clone());
    }
    let axis = |k: usize| match (&fields[k], &usual.directions) {
        (Some(field), _) => parameter(field, kind),
        (None, Directions::Parameters(usual)) => Some(usual[k]),
        (None, _) => Some(k),
    };
    let (u, v) = (axis(0), axis(1));
    let (u, v) = (u?, v?);
    if u == v {
        let name = kind.parameter_name(u);
        if let Some(field) = fields[1].as_ref().or(fields[0].as_ref()) {
            field.report(format!(
                "found {name} on both axes, expected two different weights"
            ));
        }
        return None;
    }
    Some(Directions::Parameters([u, v]))
}

fn parameter(field: &Field, kind: &dyn ObjectiveKind) -> Option<usize> {
    let close = |text: &str| text.replace(char::is_whitespace, "");
    let text = close(field.text()?);
    let found = (0..kind.parameters()).find(|&k| close(&kind.parameter_name(k)) == text);
    found.or_else(|| field.fail(&format!("expected a weight: {}", kind.parameter_form())))
}

fn through(field: &Field, descents: Option<&Vec<DescentSpec>>) -> Option<Through> {
    let name = field.text()?;
    if name == Through::ORIGIN {
        return Some(Through::Origin);
    }
    let known = descents.is_none_or(|all| all.iter().any(|d| d.name == name));
    if !known {
        let names = descents.into_iter().flatten().map(|d| &*d.name);
        let near = names::did_you_mean(name, names.chain([Through::ORIGIN]));
        return field.fail(&format!(
            "expected \"origin\" or the name of one of the panel's descents{near}"
        ));
    }
    Some(Through::Descent(name.to_owned()))
}
