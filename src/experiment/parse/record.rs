//! `[[panel.descent]]` tables of a recorded run: what a person says of its paths, which are all there anyway.

use super::super::reader::Table;
use super::super::{DescentSpec, names};
use super::descent::color;
use crate::descent::Record;

/// A descent for each path, in the file's order, named and drawn as the tables say.
pub(super) fn descents(tables: &[Table], records: &[(String, Record)]) -> Vec<DescentSpec> {
    let mut descents: Vec<DescentSpec> = records
        .iter()
        .map(|(path, record)| DescentSpec::of_record(path, record))
        .collect();
    let paths = || records.iter().map(|(name, _)| &**name);
    for table in tables {
        let path = table.require_as("path", "the name of a path in the run file");
        let place = path.and_then(|field| {
            let name = field.text()?;
            let place = paths().position(|known| known == name);
            place.or_else(|| field.fail(&names::expected(name, paths())))
        });
        let name = table.get("name").and_then(|f| f.text());
        let color = table.get("color").and_then(|f| color(&f));
        let hidden = table.get("hidden").and_then(|f| f.boolean());
        table.finish_with(|_| {
            Some("a path of a run file takes only path, name, color, hidden".to_owned())
        });
        if let Some(descent) = place.and_then(|place| descents.get_mut(place)) {
            if let Some(name) = name {
                descent.name = name.to_owned();
            }
            descent.color = color.or(descent.color);
            descent.shown = !hidden.unwrap_or(false);
        }
    }
    descents
}
