//! Functions of one or two variables: the named ones of the [`catalog`], and formulas of the user's own.

use std::any::Any;
use std::ops::RangeInclusive;
use std::sync::Arc;

use super::super::catalog::find;
use super::super::constants::usual_span;
use super::super::keys::{Form, key};
use super::super::parse::constants::{FORM, KEYS, constants};
use super::super::parse::point;
use super::super::reader::{Field, Table};
use super::super::writer::{Writer, inline, list, number, numbers, quoted};
use super::super::{MAX_MINIMA, catalog, names};
use super::{Entry, KindInfo, ObjectiveKind, ObjectiveSpec, same};
use crate::landscape::{Domain, HeightKind, Range, ToldMinima};
use crate::mnist::DataSet;
use crate::objective::{Formula, Objective};

/// A named objective of the [`catalog`], or a formula of the user's own.
#[derive(Debug, Clone, PartialEq)]
pub struct FunctionSpec {
    /// The name in the catalogue; `None` for a formula of the user's own.
    pub name: Option<String>,
    pub formula: Formula,
    /// Between which values the sliders of the formula's constants move, one of them each.
    pub spans: Vec<Range>,
    /// Where the known minima are; may be empty.
    pub minima: Vec<Vec<f64>>,
}

pub(super) const KIND: KindInfo = KindInfo {
    named: |name| find(name).map(|named| ObjectiveSpec::new(named.spec())),
    entries: || {
        let entry = |named: &'static super::super::NamedObjective| Entry {
            name: &named.name,
            title: &named.title,
            about: &named.about,
            formula: Some(named.formula.source()),
        };
        catalog().iter().map(entry).collect()
    },
    keys: &[
        key(
            "constants",
            Form::With(FORM, &KEYS),
            "none",
            "of the formula: numbers by name",
        ),
        key(
            "minima",
            Form::As("a list of points, as in [[1, 1], [-1, 2]]"),
            "`[]`",
            "of the formula, where they are known",
        ),
    ],
    taker: "a formula of your own",
};

impl FunctionSpec {
    fn named(&self) -> Option<&'static super::super::NamedObjective> {
        find(self.name.as_deref()?)
    }
}

impl ObjectiveKind for FunctionSpec {
    fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    fn title(&self) -> String {
        let named = self.named().map(|named| &*named.title);
        named.unwrap_or(self.formula.source()).to_owned()
    }

    fn parameters(&self) -> usize {
        self.formula.dim()
    }

    fn axes(&self) -> RangeInclusive<usize> {
        let dim = self.formula.dim();
        match self.name {
            Some(_) => dim..=dim,
            // What has no y may still be a surface.
            None => dim..=2,
        }
    }

    fn usual_domain(&self) -> Option<Domain> {
        self.named().map(|named| named.domain)
    }

    fn usual_start(&self) -> Option<Vec<f64>> {
        self.named().map(|named| named.start.clone())
    }

    fn usual_height(&self) -> HeightKind {
        self.named()
            .map_or_else(HeightKind::default, |named| named.height)
    }

    fn told_minima(&self) -> ToldMinima<'_> {
        ToldMinima {
            places: &self.minima,
            are_global: self.name.is_some(),
        }
    }

    fn is_variant_of(&self, other: &dyn ObjectiveKind) -> bool {
        let other = (other as &dyn Any).downcast_ref::<FunctionSpec>();
        other.is_some_and(|other| {
            let [own, other] = [&self.formula, &other.formula];
            (own.source(), own.dim()) == (other.source(), other.dim())
        })
    }

    fn landscape(&self) -> Option<ObjectiveSpec> {
        // Spans are those of sliders.
        Some(ObjectiveSpec::new(FunctionSpec {
            spans: Vec::new(),
            ..self.clone()
        }))
    }

    fn notes(&self) -> Vec<String> {
        let idle = self.idle_constants();
        idle.map(|name| format!("the constant `{name}` does not occur in the formula"))
            .collect()
    }

    fn build(&self, _: Option<&DataSet>) -> Option<Arc<dyn Objective>> {
        Some(Arc::new(self.formula.clone()))
    }

    fn is_hopeless_at(&self, w: &[f64]) -> bool {
        !self.formula.value(w).is_finite()
    }

    fn read(&self, table: &Table, axes: usize) -> Option<ObjectiveSpec> {
        let minima = table.get("minima");
        if let (Some(name), Some(minima)) = (&self.name, &minima) {
            minima.report(format!(
                "only a formula of your own takes `minima`; those of {name} are known"
            ));
        }
        if self.name.is_some() {
            return Some(ObjectiveSpec::new(self.clone()));
        }
        Some(ObjectiveSpec::new(FunctionSpec {
            formula: self.formula.clone().with_dim(axes).ok()?,
            minima: match minima {
                Some(minima) => points(&minima, axes)?,
                None => Vec::new(),
            },
            ..self.clone()
        }))
    }

    fn write(&self, out: &mut Writer) {
        if self.name.is_some() {
            return;
        }
        out.key("formula", quoted(self.formula.source()));
        if !self.spans.is_empty() {
            out.key("constants", constants_text(self));
        }
        let minima = list(self.minima.iter().map(|point| numbers(point)));
        out.key_unless(&Vec::new(), "minima", &self.minima, minima);
    }

    fn equals(&self, other: &dyn ObjectiveKind) -> bool {
        same(self, other)
    }
}

/// The formula that stands in a file, with its constants.
pub(in super::super) fn own_formula(field: &Field, table: &Table) -> Option<ObjectiveSpec> {
    let constants = table.get("constants").map(|field| constants(&field));
    let (constants, spans) = constants.unwrap_or_default().into_iter().unzip();
    let text = field.text()?;
    match Formula::with_constants(text, constants) {
        Ok(formula) => Some(ObjectiveSpec::new(FunctionSpec {
            spans,
            ..FunctionSpec::own(formula)
        })),
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

/// Each with its span, unless that is the usual one.
fn constants_text(function: &FunctionSpec) -> String {
    let constants = function.formula.constants().iter().zip(&function.spans);
    let entries = constants.map(|(constant, span)| {
        let value = number(constant.value);
        let value = if *span == usual_span(constant.value) {
            value
        } else {
            let [min, max] = span.map(number);
            inline([("value", value), ("min", min), ("max", max)])
        };
        (names::bare(&constant.name), value)
    });
    let entries: Vec<_> = entries.collect();
    inline(entries.iter().map(|(name, value)| (&**name, value.clone())))
}

fn points(field: &Field, dim: usize) -> Option<Vec<Vec<f64>>> {
    let points = field.items()?;
    if points.len() > MAX_MINIMA {
        return field.fail(&format!("expected at most {MAX_MINIMA} points"));
    }
    let points = points.iter().map(|at| point(at, dim));
    points.collect()
}
