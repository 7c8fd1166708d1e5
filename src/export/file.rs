//! Which files there are, and their bytes.

use std::io;
use std::path::Path;

use super::{FigureWish, Scene};
use crate::fonts;

/// What can be written, by the ending of a file's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    Page,
    Model,
    Svg,
    Pdf,
}

impl FileKind {
    /// The endings, and what each is for people.
    pub const ALL: [(&'static str, FileKind, &'static str); 4] = [
        ("html", FileKind::Page, "Interactive page"),
        ("glb", FileKind::Model, "3-D model"),
        ("svg", FileKind::Svg, "Figure (SVG)"),
        ("pdf", FileKind::Pdf, "Figure (PDF)"),
    ];

    /// By the name's ending; `None` for another one.
    pub fn of(output: &Path) -> Option<FileKind> {
        let ending = output.extension()?.to_str()?;
        let known = FileKind::ALL.iter();
        let mut known = known.filter(|(name, ..)| ending.eq_ignore_ascii_case(name));
        known.next().map(|(_, kind, _)| *kind)
    }

    /// Whether it is one.
    pub fn is_figure(self) -> bool {
        matches!(self, FileKind::Svg | FileKind::Pdf)
    }
}

/// What is to be written.
#[derive(Debug)]
pub struct ExportedFile {
    pub bytes: Vec<u8>,
    /// What whoever asked for it should know of it, in words.
    pub notes: Vec<String>,
}

impl Scene {
    /// Makes such a file.
    ///
    /// # Errors
    /// Those of the page's writer.
    pub fn file(&self, kind: FileKind, wish: &FigureWish) -> io::Result<ExportedFile> {
        let is_plotted = kind.is_figure() && wish.parts.plot;
        let mut notes = match is_plotted {
            true => self.unplotted(),
            false => Vec::new(),
        };
        let bytes = match kind {
            FileKind::Page => {
                let mut page = Vec::new();
                self.write_page(&mut page)?;
                page
            }
            FileKind::Model => self.to_glb(),
            FileKind::Svg => self.figure(wish).to_svg().into_bytes(),
            FileKind::Pdf => {
                let figure = self.figure(wish);
                // An SVG leaves letters to whoever shows it.
                notes.extend(fonts::advice(&figure.missing_letters()));
                figure.to_pdf()
            }
        };
        Ok(ExportedFile { bytes, notes })
    }
}
