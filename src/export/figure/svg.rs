//! A figure as SVG.

use std::fmt::Write;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::{Anchor, Figure, Item, POINTS, Stroke, Text};
use crate::export::png;
use crate::palette::Rgb;

/// What stands in for the program's font where that is not there.
const FAMILY: &str = "Ubuntu, 'Helvetica Neue', Helvetica, Arial, sans-serif";

impl Figure {
    /// The text of an SVG file.
    pub fn to_svg(&self) -> String {
        let [width, height] = self.size;
        let mut out = String::new();
        let mut clips = 0;
        let head = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" width=\"{}mm\" height=\"{}mm\" viewBox=\"0 0 {} {}\" font-family=\"{FAMILY}\" stroke-linejoin=\"round\" stroke-linecap=\"round\">",
            number(width / POINTS),
            number(height / POINTS),
            number(width),
            number(height),
        );
        let _ = writeln!(out, "{head}\n<title>{}</title>", escaped(&self.title));
        for item in &self.items {
            // Writing to a string does not fail.
            let _ = match item {
                Item::Path {
                    lines,
                    closed,
                    stroke,
                    fill,
                } => {
                    let data: Vec<String> = lines.iter().map(|line| path(line, *closed)).collect();
                    writeln!(out, "<path d=\"{}\"{}/>", data.concat(), look(stroke, fill))
                }
                Item::Circle {
                    center: [x, y],
                    radius,
                    stroke,
                    fill,
                } => {
                    let [x, y, radius] = [*x, *y, *radius].map(number);
                    writeln!(
                        out,
                        "<circle cx=\"{x}\" cy=\"{y}\" r=\"{radius}\"{}/>",
                        look(stroke, fill)
                    )
                }
                Item::Text(text) => writeln!(out, "{}", words(text)),
                Item::Picture { area, size, rgb } => {
                    let png = png::rgb(*size, rgb);
                    let [x, y, w, h] = [area.left, area.top, area.width, area.height].map(number);
                    let data = BASE64_STANDARD.encode(png);
                    writeln!(
                        out,
                        "<image x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" preserveAspectRatio=\"none\" xlink:href=\"data:image/png;base64,{data}\"/>"
                    )
                }
                Item::Clip(area) => {
                    clips += 1;
                    let [x, y, w, h] = [area.left, area.top, area.width, area.height].map(number);
                    writeln!(
                        out,
                        "<clipPath id=\"frame{clips}\"><rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\"/></clipPath>\n<g clip-path=\"url(#frame{clips})\">"
                    )
                }
                Item::ClipEnd => writeln!(out, "</g>"),
            };
        }
        out.push_str("</svg>\n");
        out
    }
}

fn path(line: &[[f64; 2]], closed: bool) -> String {
    let mut data = String::new();
    for (k, [x, y]) in line.iter().enumerate() {
        let letter = if k == 0 { "M" } else { "L" };
        let _ = write!(data, "{letter}{} {}", number(*x), number(*y));
    }
    if closed {
        data.push('Z');
    }
    data
}

fn look(stroke: &Option<Stroke>, fill: &Option<Rgb>) -> String {
    let mut look = format!(" fill=\"{}\"", fill.map_or("none".to_owned(), hex));
    if let Some(Stroke { color, width, dash }) = stroke {
        let _ = write!(
            look,
            " stroke=\"{}\" stroke-width=\"{}\"",
            hex(*color),
            number(*width)
        );
        if let Some([dash, gap]) = dash {
            let _ = write!(
                look,
                " stroke-dasharray=\"{dash} {gap}\" stroke-linecap=\"butt\""
            );
        }
    }
    look
}

fn words(text: &Text) -> String {
    let [x, y] = text.at.map(number);
    let anchor = match text.anchor {
        Anchor::Start => "start",
        Anchor::Middle => "middle",
        Anchor::End => "end",
    };
    let turn = match text.turn {
        0.0 => String::new(),
        turn => format!(
            " transform=\"rotate({} {x} {y})\"",
            number(turn.to_degrees())
        ),
    };
    let written = |look: String| {
        format!(
            "<text x=\"{x}\" y=\"{y}\" font-size=\"{}\" text-anchor=\"{anchor}\"{turn}{look}>{}</text>",
            number(text.size),
            escaped(&text.text)
        )
    };
    // A halo is a text of its own below: not every program knows `paint-order`.
    let halo = text.halo.map(hex).map(|halo| {
        let look =
            format!(" fill=\"none\" stroke=\"{halo}\" stroke-width=\"2\" aria-hidden=\"true\"");
        written(look) + "\n"
    });
    let text = written(format!(" fill=\"{}\"", hex(text.color)));
    halo.unwrap_or_default() + &text
}

/// To a thousandth of a point.
fn number(value: f64) -> String {
    let text = format!("{value:.3}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" {
        "0".to_owned()
    } else {
        text.to_owned()
    }
}

fn hex([r, g, b]: Rgb) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

fn escaped(text: &str) -> String {
    // XML has no room for the others.
    let is_allowed =
        |letter: &char| !letter.is_control() && !matches!(letter, '\u{fffe}' | '\u{ffff}');
    let text: String = text.chars().filter(is_allowed).collect();
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_only_what_xml_allows() {
        assert_eq!(
            escaped("a\u{fffe}\u{ffff}\u{1}b & <c>"),
            "ab &amp; &lt;c&gt;"
        );
    }
}
