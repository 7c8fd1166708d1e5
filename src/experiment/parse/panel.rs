//! A `[[panel]]` table: the objective, its domain and how it is drawn.

use super::super::names;
use super::super::reader::{Field, Table};
use super::super::{
    Aspect, Contours, DEFAULT_LABELS, DescentSpec, FunctionSpec, HEIGHT_NAMES, MAX_CONTOURS,
    MAX_DESCENTS, MAX_LEVELS, MAX_MINIMA, MnistSpec, NamedObjective, ObjectiveSpec, Panel,
    PanelView, catalog, find,
};
use super::constants::constants;
use super::descent::{Parameters, descent};
use super::slice;
use crate::landscape::{Domain, Range};
use crate::objective::Formula;

/// What a panel shows, before its domain is known.
pub(super) enum Shown {
    Named(&'static NamedObjective),
    /// A formula with the spans of its constants.
    Own(Formula, Vec<Range>),
    Mnist,
}

impl Shown {
    fn title(&self) -> &str {
        match self {
            Shown::Named(objective) => &objective.title,
            Shown::Own(formula, _) => formula.source(),
            Shown::Mnist => "Softmax regression on MNIST",
        }
    }

    /// Number of axes, where it does not depend on the domain.
    fn dim(&self) -> Option<usize> {
        match self {
            Shown::Named(objective) => Some(objective.formula.dim()),
            Shown::Own(..) => None,
            Shown::Mnist => Some(2),
        }
    }
}

pub(super) fn panel(table: &Table) -> Option<Panel> {
    let title = table.get("title").and_then(|f| f.text());
    let own_constants = table.get("constants");
    let shown = shown(table, own_constants.as_ref());
    let domain = domain(table, shown.as_ref());
    // Without a domain, the objective tells how long a start is meant to be.
    let dim = match &domain {
        Some(domain) => Some(domain.dim()),
        None => shown.as_ref().and_then(Shown::dim),
    };
    let own_minima = table.get("minima");
    match (&own_minima, &shown) {
        (Some(minima), Some(Shown::Named(objective))) => minima.report(format!(
            "only a formula of your own takes `minima`; those of {} are known",
            objective.name
        )),
        (Some(minima), Some(Shown::Mnist)) => {
            minima.report("only a formula of your own takes `minima`".to_owned());
        }
        _ => {}
    }
    if let (Some(constants), Some(Shown::Named(_) | Shown::Mnist)) = (own_constants, &shown) {
        constants.report("only a formula of your own takes `constants`".to_owned());
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
    let aspect = table.get("aspect").and_then(|f| f.choice(Aspect::NAMED));
    let heights = table.get("range").and_then(|f| range(&f));
    let contours = contours(table);
    let parameters = match shown {
        Some(Shown::Mnist) => Some(Parameters::Weights),
        _ => dim.map(Parameters::Variables),
    };
    let tables = table.tables("descent", MAX_DESCENTS);
    let descents = tables.iter().filter_map(|d| descent(d, parameters));
    let descents: Vec<DescentSpec> = descents.collect();
    let mnist = match shown {
        // A plane through a descent that has an error itself is no further error.
        Some(Shown::Mnist) => {
            slice::mnist(table, (descents.len() == tables.len()).then_some(&descents))
        }
        _ => None,
    };
    table.finish_with(|key| match key {
        "plane" | "grid" => Some("only a data set such as mnist takes this key".to_owned()),
        _ => None,
    });

    let (shown, domain) = (shown?, domain?);
    let title = title.unwrap_or(shown.title()).to_owned();
    let objective = match shown {
        Shown::Named(objective) => objective.spec(),
        Shown::Own(formula, spans) => ObjectiveSpec::Function(FunctionSpec {
            minima,
            spans,
            ..FunctionSpec::own(formula.with_dim(dim?).ok()?)
        }),
        Shown::Mnist => ObjectiveSpec::Mnist(mnist?),
    };
    let usual_labels = match objective.mnist() {
        Some(mnist) => mnist.labels(),
        None => DEFAULT_LABELS.map(str::to_owned),
    };
    Some(Panel {
        title,
        objective,
        domain,
        height,
        labels: labels.unwrap_or(usual_labels),
        view,
        aspect: aspect.unwrap_or_default(),
        range: heights,
        contours: contours.unwrap_or_default(),
        descents,
    })
}

fn shown(table: &Table, constants: Option<&Field>) -> Option<Shown> {
    match (table.get("objective"), table.get("formula")) {
        (Some(objective), None) => named(&objective),
        (None, Some(formula)) => own(&formula, constants),
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

fn named(field: &Field) -> Option<Shown> {
    let name = field.text()?;
    if name == MnistSpec::NAME {
        return Some(Shown::Mnist);
    }
    find(name).map(Shown::Named).or_else(|| {
        let known = catalog().iter().map(|o| &*o.name);
        let near = names::did_you_mean(name, known.chain([MnistSpec::NAME]));
        field.fail(&format!(
            "expected the name of an objective{near} (`steepest list` shows them; \
             a function of your own goes into `formula`)"
        ))
    })
}

fn own(field: &Field, constants: Option<&Field>) -> Option<Shown> {
    let constants = constants.map(self::constants).unwrap_or_default();
    let (constants, spans) = constants.into_iter().unzip();
    let text = field.text()?;
    match Formula::with_constants(text, constants) {
        Ok(formula) => Some(Shown::Own(formula, spans)),
        Err(error) => {
            let pointer = error.pointer(text).replace('\n', "\n    ");
            let hint = error.unknown.as_ref().map(|name| {
                format!(
                    "; `constants = {{ {} = 1 }}` makes it a constant",
                    names::bare(name)
                )
            });
            let hint = hint.unwrap_or_default();
            field.report(format!("{error}{hint}\n    {pointer}"));
            None
        }
    }
}

/// The domain that the file gives, else the named objective's own.
fn domain(table: &Table, shown: Option<&Shown>) -> Option<Domain> {
    let form = match shown {
        Some(Shown::Named(objective)) if objective.formula.dim() == 1 => "[[x0, x1]]",
        Some(Shown::Named(_) | Shown::Mnist) => "[[x0, x1], [y0, y1]]",
        Some(Shown::Own(formula, _)) if formula.dim() == 2 => "[[x0, x1], [y0, y1]]",
        _ => "[[x0, x1]] for a curve or [[x0, x1], [y0, y1]] for a surface",
    };
    let Some(field) = table.get("domain") else {
        return match shown {
            Some(Shown::Named(objective)) => Some(objective.domain),
            Some(Shown::Own(..)) => table.missing("domain", form),
            Some(Shown::Mnist) => Some(Domain {
                x: MnistSpec::WIDE,
                y: Some(MnistSpec::WIDE),
            }),
            None => None,
        };
    };
    let pairs = field.list(form)?;
    let fits = match shown {
        Some(Shown::Named(objective)) => pairs.len() == objective.formula.dim(),
        Some(Shown::Own(formula, _)) => (formula.dim()..=2).contains(&pairs.len()),
        Some(Shown::Mnist) => pairs.len() == 2,
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
        (Some(count), None) => count.count(0, MAX_CONTOURS).map(Contours::Bands),
        (None, Some(levels)) => self::levels(&levels).map(Contours::Levels),
        (None, None) => None,
    }
}

fn levels(field: &Field) -> Option<Vec<f64>> {
    let items = field.list("a list of losses, as in [0.1, 1, 10]")?;
    if items.len() > MAX_LEVELS {
        return field.fail(&format!("expected at most {MAX_LEVELS} losses"));
    }
    let levels: Option<Vec<f64>> = items.iter().map(Field::number).collect();
    let mut levels = levels?;
    levels.sort_by(f64::total_cmp);
    levels.dedup();
    Some(levels)
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
