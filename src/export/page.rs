//! An interactive page: one file that needs no network. The viewer is `assets/export`, plain script; here its data are written.
//!
//! Numbers are little-endian arrays in base64: heights as f32, places of iterates and losses as f64, paths as fractions of the box in u16.

mod data;
mod left_out;
mod moving;
mod network;
mod packed;
mod shown;
mod squeeze;

use std::io::{self, Write};

use super::Scene;

const TEMPLATE: &str = include_str!("../../assets/export/viewer.html");
const STYLE: &str = include_str!("../../assets/export/viewer.css");
/// The viewer's parts, in the order in which they are read; they share one scope.
const SCRIPTS: [&str; 12] = [
    include_str!("../../assets/export/model.js"),
    include_str!("../../assets/export/moments.js"),
    include_str!("../../assets/export/camera.js"),
    include_str!("../../assets/export/gl.js"),
    include_str!("../../assets/export/scene.js"),
    include_str!("../../assets/export/flat.js"),
    include_str!("../../assets/export/square.js"),
    include_str!("../../assets/export/page.js"),
    include_str!("../../assets/export/view.js"),
    include_str!("../../assets/export/words.js"),
    include_str!("../../assets/export/beside.js"),
    include_str!("../../assets/export/viewer.js"),
];

impl Scene {
    /// Writes the page.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_page(&self, out: &mut dyn Write) -> io::Result<()> {
        let data = data::of(self).to_string();
        let mut rest = TEMPLATE;
        // In the order of the template's marks; what is put in is not searched for others.
        while let Some((before, mark, after)) = next_mark(rest) {
            out.write_all(before.as_bytes())?;
            match mark {
                "title" => out.write_all(escaped(&self.experiment.title).as_bytes())?,
                "style" => out.write_all(STYLE.as_bytes())?,
                "script" => out.write_all(script().as_bytes())?,
                // Within a script no word may look like markup.
                _ => out.write_all(data.replace('<', "\\u003c").as_bytes())?,
            }
            rest = after;
        }
        out.write_all(rest.as_bytes())
    }
}

/// The viewer's whole script.
pub fn script() -> String {
    let body = squeeze::squeezed(&SCRIPTS.concat());
    format!("\"use strict\";\n(() => {{\n{body}}})();\n")
}

/// What comes before the first `{{mark}}`, its word, and what comes after.
fn next_mark(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once("{{")?;
    let (mark, after) = rest.split_once("}}")?;
    Some((before, mark, after))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
