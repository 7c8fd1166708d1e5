//! A `[[panel]]` table: the objective, its domain and how it is drawn.

use super::super::names;
use super::super::reader::{Field, Table};
use super::super::{
    DEFAULT_CONTOURS, DEFAULT_LABELS, HEIGHT_NAMES, MAX_CONTOURS, MAX_DESCENTS, MAX_MINIMA,
    NamedObjective, ObjectiveSpec, Panel, PanelView, catalog, find,
};
use super::descent::descent;
use crate::landscape::{Domain, Range};
use crate::objective::Formula;

/// What a panel shows, before its domain is known.
enum Shown {
    Named(&'static NamedObjective),
    Own(Formula),
}

impl Shown {
    fn title(&self) -> &str {
        match self {
            Shown::Named(objective) => &objective.title,
            Shown::Own(formula) => formula.source(),
        }
    }
}

pub(super) fn panel(table: &Table) -> Option<Panel> {
    let title = table.get("title").and_then(|f| f.text());
    let objective = table.get("objective");
    if objective.as_ref().is_some_and(is_mnist) {
        return None;
    }
    let shown = shown(table, objective);
    let domain = domain(table, shown.as_ref());
    // Without a domain, the formula tells how long a start is meant to be.
    let dim = match (&domain, &shown) {
        (Some(domain), _) => Some(domain.dim()),
        (None, Some(Shown::Named(objective))) => Some(objective.formula.dim()),
        (None, _) => None,
    };
    let own_minima = table.get("minima");
    if let (Some(minima), Some(Shown::Named(objective))) = (&own_minima, &shown) {
        minima.report(format!(
            "only a formula of your own takes `minima`; those of {} are known",
            objective.name
        ));
    }
    let minima = own_minima
        .and_then(|f| minima(&f, dim?))
        .unwrap_or_default();
    let height = table
        .get("height")
        .and_then(|f| f.choice(&HEIGHT_NAMES))
        .unwrap_or_default();
    let labels = table.get("labels").and_then(|f| labels(&f, dim));
    let view = table
        .get("view")
        .and_then(|f| f.choice(PanelView::NAMED))
        .unwrap_or_default();
    let contours = table.get("contours").and_then(|f| f.count(0, MAX_CONTOURS));
    let descents = table.tables("descent", MAX_DESCENTS);
    let descents = descents.iter().filter_map(|d| descent(d, dim)).collect();
    table.finish_with(|key| match key {
        "plane" | "grid" => Some("only a data set such as mnist takes this key".to_owned()),
        _ => None,
    });

    let (shown, domain) = (shown?, domain?);
    let title = title.unwrap_or(shown.title()).to_owned();
    let objective = match shown {
        Shown::Named(objective) => objective.spec(),
        Shown::Own(formula) => ObjectiveSpec {
            minima,
            ..ObjectiveSpec::own(formula.with_dim(dim?).ok()?)
        },
    };
    Some(Panel {
        title,
        objective,
        domain,
        height,
        labels: labels.unwrap_or(DEFAULT_LABELS.map(str::to_owned)),
        view,
        contours: contours.unwrap_or(DEFAULT_CONTOURS),
        descents,
    })
}

/// Reports a data set, which this version cannot show. Its other keys are then not looked at.
fn is_mnist(objective: &Field) -> bool {
    let mnist = objective.is_text() && objective.text() == Some("mnist");
    if mnist {
        objective.report("objective `mnist` is not available in this version".to_owned());
    }
    mnist
}

fn shown(table: &Table, objective: Option<Field>) -> Option<Shown> {
    let formula = table.get("formula");
    match (objective, formula) {
        (Some(objective), None) => named(&objective).map(Shown::Named),
        (None, Some(formula)) => own(&formula).map(Shown::Own),
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

fn named(field: &Field) -> Option<&'static NamedObjective> {
    let name = field.text()?;
    find(name).or_else(|| {
        let near = names::did_you_mean(name, catalog().iter().map(|o| &*o.name));
        field.fail(&format!(
            "expected the name of an objective{near} (`steepest list` shows them; \
             a function of your own goes into `formula`)"
        ))
    })
}

fn own(field: &Field) -> Option<Formula> {
    let text = field.text()?;
    Formula::parse(text)
        .map_err(|error| {
            let pointer = error.pointer(text).replace('\n', "\n    ");
            field.report(format!("{error}\n    {pointer}"));
        })
        .ok()
}

/// The domain that the file gives, else the named objective's own.
fn domain(table: &Table, shown: Option<&Shown>) -> Option<Domain> {
    let form = match shown {
        Some(Shown::Named(objective)) if objective.formula.dim() == 1 => "[[x0, x1]]",
        Some(Shown::Named(_)) => "[[x0, x1], [y0, y1]]",
        Some(Shown::Own(formula)) if formula.dim() == 2 => "[[x0, x1], [y0, y1]]",
        _ => "[[x0, x1]] for a curve or [[x0, x1], [y0, y1]] for a surface",
    };
    let Some(field) = table.get("domain") else {
        return match shown {
            Some(Shown::Named(objective)) => Some(objective.domain),
            Some(Shown::Own(_)) => table.missing("domain", form),
            None => None,
        };
    };
    let pairs = field.list(form)?;
    let fits = match shown {
        Some(Shown::Named(objective)) => pairs.len() == objective.formula.dim(),
        Some(Shown::Own(formula)) => (formula.dim()..=2).contains(&pairs.len()),
        None => (1..=2).contains(&pairs.len()),
    };
    if !fits {
        return field.fail(&format!("expected {form}"));
    }
    let ranges: Vec<Option<Range>> = pairs.iter().map(range).collect();
    match ranges[..] {
        [Some(x)] => Some(Domain { x, y: None }),
        [Some(x), Some(y)] => Some(Domain { x, y: Some(y) }),
        _ => None,
    }
}

fn range(field: &Field) -> Option<Range> {
    let [low, high] = field.numbers("[low, high], two numbers")?;
    if low == high {
        return field.fail("which is empty, expected [low, high] with low < high");
    }
    if low > high {
        return field.fail("which is reversed, expected [low, high] with low < high");
    }
    if !(high - low).is_finite() {
        return field.fail("which is too wide");
    }
    Some([low, high])
}

fn minima(field: &Field, dim: usize) -> Option<Vec<Vec<f64>>> {
    let points = field.list("a list of points, as in [[1, 1], [-1, 2]]")?;
    if points.len() > MAX_MINIMA {
        return field.fail(&format!("expected at most {MAX_MINIMA} points"));
    }
    let points = points
        .iter()
        .filter_map(|point| super::descent::point(point, dim));
    Some(points.collect())
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
