//! The keys of a panel that only a data set has: the plane of weights, and the grid it is swept on.

use super::super::names;
use super::super::reader::{Field, Table};
use super::super::{DescentSpec, MAX_GRID, MnistSpec, Through, Weight};

/// `descents` are the panel's, where all of them are known.
pub(super) fn mnist(table: &Table, descents: Option<&Vec<DescentSpec>>) -> Option<MnistSpec> {
    let usual = MnistSpec::default();
    let plane = match table.get("plane") {
        Some(field) => plane(&field.table()?, usual, descents),
        None => Some(usual),
    };
    let grid = match table.get("grid") {
        Some(field) => grid(&field),
        None => Some(MnistSpec::DEFAULT_GRID),
    };
    Some(MnistSpec {
        grid: grid?,
        ..plane?
    })
}

fn plane(
    table: &Table,
    usual: MnistSpec,
    descents: Option<&Vec<DescentSpec>>,
) -> Option<MnistSpec> {
    let axis = |key, usual| match table.get(key) {
        Some(field) => weight(&field).map(|weight| (weight, Some(field))),
        None => Some((usual, None)),
    };
    let (u, v) = (axis("u", usual.u), axis("v", usual.v));
    let through = match table.get("through") {
        Some(field) => through(&field, descents),
        None => Some(usual.through),
    };
    let follows = table.get("follow").map_or(Some(false), |f| f.boolean());
    table.finish();
    let ((u, u_field), (v, v_field)) = (u?, v?);
    if u == v {
        if let Some(field) = v_field.or(u_field) {
            field.report(format!(
                "found {u} on both axes, expected two different weights"
            ));
        }
        return None;
    }
    Some(MnistSpec {
        u,
        v,
        through: through?,
        follows: follows?,
        ..usual
    })
}

fn weight(field: &Field) -> Option<Weight> {
    let text = field.text()?;
    Weight::parse(text).or_else(|| {
        field.fail("expected a weight: \"W[f,c]\" with f from 0 to 1 and c from 0 to 9")
    })
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

fn grid(field: &Field) -> Option<[usize; 2]> {
    let expected = format!("[columns, rows], from 2 to {MAX_GRID} nodes each");
    let sides = field.list(&expected)?;
    let [cols, rows] = &sides[..] else {
        return field.fail(&format!("expected {expected}"));
    };
    Some([cols.count(2, MAX_GRID)?, rows.count(2, MAX_GRID)?])
}
