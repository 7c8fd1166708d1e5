//! A step in phases, as glyphs: what the rule has at hand, and what it makes of it now.

use super::glyphs::{Glyph, Tangent, magnification};
use crate::descent::replay::Cursor;
use crate::lab::model::DescentRun;
use crate::lab::theme::Role;
use crate::optimizer::terms::{Part, Unit, Verb};
use crate::plane::Plane;

/// What is not at work in a phase is fainter.
const FAINT: f32 = 0.4;

/// A quantity of a step.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantity {
    pub symbol: &'static str,
    pub role: Role,
    pub unit: Unit,
    /// One number for each parameter, before the step.
    pub value: Vec<f64>,
}

/// What happens to one quantity.
#[derive(Debug, Clone, PartialEq)]
pub struct Phase {
    /// Which quantity changes, and which others are at work.
    pub of: usize,
    pub uses: Vec<usize>,
    pub before: Vec<f64>,
    pub after: Vec<f64>,
    /// What is new is laid to the tip of what was there.
    pub adds: bool,
    /// The ball moves by the quantity.
    pub moves: bool,
    /// The piece of the formula that it is.
    piece: &'static str,
    /// What happens, with the numbers of this step.
    pub sentence: String,
}

/// A step taken apart.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    formula: &'static str,
    pub quantities: Vec<Quantity>,
    pub phases: Vec<Phase>,
}

impl Step {
    /// The step from entry `step` of a run to the next; `None` where there is none. `write` writes a quantity's numbers.
    pub fn of(
        run: &DescentRun,
        step: usize,
        cursor: &mut Cursor,
        write: &dyn Fn(&[f64]) -> String,
    ) -> Option<Step> {
        let terms = run.terms(step, cursor)?;
        let rule = &run.plan().rule;
        let info = rule.info();
        let nothing = vec![0.0; run.history().dim()];
        let quantities: Vec<Quantity> = info
            .quantities
            .iter()
            .enumerate()
            .map(|(index, quantity)| Quantity {
                symbol: quantity.symbol,
                role: role(quantity.part),
                unit: quantity.unit,
                value: terms
                    .value_before(rule, 0, index)
                    .map_or_else(|| nothing.clone(), <[f64]>::to_vec),
            })
            .collect();
        let place = |key: &str| info.quantities.iter().position(|q| q.key == key);
        let mut phases = Vec::new();
        for (index, phase) in rule.phases() {
            let of = place(phase.of)?;
            let value = |numbers: Option<&[f64]>| numbers.map_or(nothing.clone(), <[f64]>::to_vec);
            phases.push(Phase {
                of,
                uses: phase.from.iter().filter_map(|key| place(key)).collect(),
                before: value(terms.value_before(rule, index, of)),
                after: value(terms.value_after(rule, index, of)),
                adds: phase.verb == Verb::Add,
                moves: false,
                piece: phase.piece,
                sentence: terms.sentence(rule, index, write),
            });
        }
        phases.push(Phase {
            of: quantities.len() - 1,
            uses: Vec::new(),
            before: terms.update.clone(),
            after: terms.update,
            adds: false,
            moves: true,
            piece: "",
            sentence: "The ball makes the step.".to_owned(),
        });
        Some(Step {
            formula: rule.formula(),
            quantities,
            phases,
        })
    }

    /// The rule's formula in pieces, and whether each is what happens in a phase.
    pub fn formula(&self, phase: usize) -> Vec<(String, bool)> {
        let piece = self.phases.get(phase).map_or("", |phase| phase.piece);
        let found = self.formula.find(piece).filter(|_| !piece.is_empty());
        let Some(at) = found else {
            return vec![(self.formula.to_owned(), false)];
        };
        let end = at + piece.len();
        let pieces = [
            (&self.formula[..at], false),
            (&self.formula[at..end], true),
            (&self.formula[end..], false),
        ];
        let pieces = pieces.into_iter().filter(|(text, _)| !text.is_empty());
        pieces
            .map(|(text, moves)| (text.to_owned(), moves))
            .collect()
    }

    /// A quantity as it is after the step.
    pub fn at_end<'a>(&'a self, quantity: &'a Quantity) -> &'a [f64] {
        let is_of = |phase: &&Phase| std::ptr::eq(&self.quantities[phase.of], quantity);
        let last = self.phases.iter().rfind(is_of);
        last.map_or(&quantity.value, |phase| &phase.after)
    }

    /// The quantities as they are when a phase begins; `None` for what has not been computed yet.
    fn values_before(&self, phase: usize) -> Vec<&[f64]> {
        let mut values: Vec<&[f64]> = self.quantities.iter().map(|q| &*q.value).collect();
        for done in self.phases.iter().take(phase) {
            values[done.of] = &done.after;
        }
        values
    }

    /// The length in box sizes of the longest vector of a unit that the step has at any time.
    pub fn longest(&self, unit: Unit, plane: &Plane, tangent: &Tangent) -> f64 {
        let of_quantity = self.quantities.iter().map(|q| (q.unit, &q.value));
        let of_phase = self.phases.iter().flat_map(|phase| {
            let unit = self.quantities[phase.of].unit;
            [(unit, &phase.before), (unit, &phase.after)]
        });
        let lengths = of_quantity.chain(of_phase).filter_map(|(is, value)| {
            let vector = match is {
                Unit::Square | Unit::Size if unit == Unit::Slope => half_sides(is, value, plane)?,
                _ if is == unit => shown(value, plane),
                _ => return None,
            };
            Some(tangent.length(vector)).filter(|length| length.is_finite())
        });
        lengths.fold(0.0, f64::max)
    }

    /// The glyphs of a phase, `progress` of it (0 to 1) being over: in the tangent plane, and of the step itself on the chord
    /// that leads to the next iterate. `of_run` is the longest slope of the whole run in box
    /// sizes.
    pub fn glyphs(
        &self,
        phase: usize,
        progress: f64,
        plane: &Plane,
        (tangent, chord): (&Tangent, &Tangent),
        of_run: f64,
    ) -> Vec<Glyph> {
        let Some(now) = self.phases.get(phase) else {
            return Vec::new();
        };
        let slope = magnification(self.longest(Unit::Slope, plane, tangent), of_run);
        let direction = magnification(self.longest(Unit::Direction, plane, tangent), 0.0);
        let factor = |unit| match unit {
            Unit::Slope | Unit::Square | Unit::Size => slope,
            Unit::Direction => direction,
            Unit::Way | Unit::Number => 1.0,
        };
        let draw = |index: usize, value: &[f64], symbol: &str| -> Option<Glyph> {
            let quantity = &self.quantities[index];
            let factor = factor(quantity.unit);
            let glyph = match quantity.unit {
                Unit::Number => return None,
                unit @ (Unit::Square | Unit::Size) => {
                    let sides = half_sides(unit, value, plane)?.map(|side| factor * side);
                    tangent.rectangle(quantity.role, sides)
                }
                unit => {
                    let end = shown(value, plane).map(|c| factor * c);
                    // The step itself leads to where the ball will be.
                    let is_step = unit == Unit::Way && quantity.role == Role::Update;
                    let sheet = if is_step { chord } else { tangent };
                    sheet.arrow(quantity.role, [0.0; 2], end)
                }
            };
            let nothing = value.iter().all(|number| *number == 0.0);
            (glyph.is_finite() && !nothing).then(|| glyph.named(symbol))
        };
        let values = self.values_before(phase);
        let mut glyphs = Vec::new();
        for (index, value) in values
            .iter()
            .enumerate()
            .filter(|(index, _)| *index != now.of)
        {
            let at_work = now.uses.contains(&index);
            let glyph = draw(index, value, self.quantities[index].symbol);
            glyphs.extend(glyph.map(|glyph| glyph.faded(if at_work { 1.0 } else { FAINT })));
        }
        let quantity = &self.quantities[now.of];
        if now.moves {
            let glyph = draw(now.of, &now.before, quantity.symbol);
            glyphs.extend(glyph.map(|glyph| glyph.faded(1.0 - 0.6 * progress as f32)));
        } else if now.adds && !matches!(quantity.unit, Unit::Square | Unit::Size) {
            // First the old one with what is added at its tip, then their sum.
            let [laid, summed] = [(2.0 * progress).min(1.0), (2.0 * progress - 1.0).max(0.0)];
            let factor = factor(quantity.unit);
            let tip = shown(&now.before, plane).map(|c| factor * c);
            let end = shown(&now.after, plane).map(|c| factor * c);
            let reached = [0, 1].map(|c| tip[c] + laid * (end[c] - tip[c]));
            let strength = (1.0 - summed) as f32;
            let old = draw(now.of, &now.before, "");
            glyphs.extend(old.map(|glyph| glyph.faded(FAINT + (1.0 - FAINT) * strength)));
            let role = now
                .uses
                .first()
                .map_or(quantity.role, |used| self.quantities[*used].role);
            let added = tangent.arrow(role, tip, reached);
            if added.is_finite() && tip != reached {
                glyphs.push(added.faded(FAINT + (1.0 - FAINT) * strength));
            }
            if summed > 0.0 {
                let sum = draw(now.of, &now.after, quantity.symbol);
                glyphs.extend(sum.map(|glyph| glyph.faded(summed as f32)));
            }
        } else {
            let eased = progress * progress * (3.0 - 2.0 * progress);
            let mixed: Vec<f64> = now
                .before
                .iter()
                .zip(&now.after)
                .map(|(before, after)| before + eased * (after - before))
                .collect();
            glyphs.extend(draw(now.of, &mixed, quantity.symbol));
        }
        // Where the ball will be, once that is known.
        let is_update = |phase: &&Phase| {
            let quantity = &self.quantities[phase.of];
            quantity.unit == Unit::Way && quantity.role == Role::Update
        };
        if let Some(update) = self.phases[..=phase].iter().rfind(is_update) {
            let ghost = chord.ghost(Role::Update, shown(&update.after, plane));
            glyphs.extend(Some(ghost).filter(Glyph::is_finite));
        }
        glyphs
    }
}

fn role(part: Part) -> Role {
    match part {
        Part::Gradient => Role::Gradient,
        Part::Momentum => Role::Momentum,
        Part::Squares => Role::Squares,
        Part::Update => Role::Update,
    }
}

/// A vector of ℝⁿ as seen in the plane.
pub(super) fn shown(vector: &[f64], plane: &Plane) -> [f64; 2] {
    if plane.is_everything() {
        return [vector[0], vector.get(1).copied().unwrap_or(0.0)];
    }
    let moved: Vec<f64> = plane
        .origin()
        .iter()
        .zip(vector)
        .map(|(o, v)| o + v)
        .collect();
    let [from, to] = [plane.origin(), &moved].map(|w| plane.coordinates(w));
    [to[0] - from[0], to[1] - from[1]]
}

/// The half-sides along the axes of a rectangle for squares, which are their roots, or for sizes; `None` where the axes are not
/// parameters, which alone have them.
pub(super) fn half_sides(unit: Unit, numbers: &[f64], plane: &Plane) -> Option<[f64; 2]> {
    let side = |index: usize| {
        let number = numbers.get(index).map_or(0.0, |number| number.max(0.0));
        if unit == Unit::Square {
            number.sqrt()
        } else {
            number
        }
    };
    if plane.is_everything() {
        return Some([side(0), side(1)]);
    }
    plane.axes().map(|axes| axes.map(side))
}
