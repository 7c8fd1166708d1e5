//! Holds the names in ARCHITECTURE.md, CONTRIBUTING.md and the book against what there is: files, modules, targets of make.

use std::path::Path;

use super::{BOOK, none, pages, tidy};
use crate::layers::{files_under, read};

/// The targets of the Makefile.
fn targets() -> Vec<String> {
    let makefile = read(Path::new("Makefile"));
    let targets = makefile.lines().filter_map(|line| line.split_once(':'));
    let is_name =
        |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '-');
    targets
        .map(|(name, _)| name.to_owned())
        .filter(|name| is_name(name))
        .collect()
}

/// The words after `make` at the beginning of a command.
fn asked_of_make(code: &str) -> Vec<&str> {
    let Some(words) = code.trim_start().strip_prefix("make ") else {
        return Vec::new();
    };
    let words = words.split_whitespace();
    words
        .take_while(|word| word.chars().all(|c| c.is_ascii_lowercase() || c == '-'))
        .collect()
}

#[test]
fn every_target_of_make_is_there() {
    let (targets, mut wrong, mut count) = (targets(), Vec::new(), 0);
    for page in pages() {
        let text = read(&page.path);
        let in_line = text
            .lines()
            .flat_map(|line| line.split('`').skip(1).step_by(2));
        let in_blocks = page.blocks.iter().flat_map(|block| &block.lines);
        for code in in_line.chain(in_blocks.map(String::as_str)) {
            for target in asked_of_make(code) {
                count += 1;
                if !targets.iter().any(|known| known == target) {
                    wrong.push(format!("{}: no target {target}", page.path.display()));
                }
            }
        }
    }
    assert!(count > 20, "only {count} targets were found");
    none(&wrong);
}

/// Those of files that are named.
const ENDINGS: [&str; 9] = ["rs", "wgsl", "toml", "html", "js", "mjs", "py", "sh", "md"];

/// Whether a path in code names a file or a folder, as it is or under a folder where code lies.
fn is_there(name: &str, files: &[String]) -> bool {
    let name = name.trim_end_matches('/');
    let is_end = |file: &String| {
        [name.to_owned(), format!("{name}.rs")].iter().any(|name| {
            file == name
                || file.ends_with(&format!("/{name}"))
                || file.contains(&format!("/{name}/"))
        })
    };
    Path::new(name).exists() || files.iter().any(is_end)
}

#[test]
fn every_file_that_the_map_of_the_code_names_is_there() {
    let folders = [
        "src", "shaders", "assets", "tests", "python", "scripts", "docs", "benches",
    ];
    let files: Vec<String> = folders
        .iter()
        .flat_map(|folder| {
            ENDINGS
                .iter()
                .flat_map(|ending| files_under(folder, ending))
        })
        .map(|path| path.display().to_string())
        .collect();
    let (mut wrong, mut count) = (Vec::new(), 0);
    for page in ["ARCHITECTURE.md", "CONTRIBUTING.md"] {
        let text = read(Path::new(page));
        for name in text
            .lines()
            .flat_map(|line| line.split('`').skip(1).step_by(2))
        {
            let is_path = |c: char| c.is_ascii_alphanumeric() || "/_.-".contains(c);
            let is_file = name.contains('/') || name.ends_with(".rs");
            if !is_file
                || !name.chars().all(is_path)
                || name.starts_with("target/")
                || name.contains("NAME")
            {
                continue;
            }
            count += 1;
            if !is_there(name, &files) {
                wrong.push(format!("{page}: no {name}"));
            }
        }
    }
    assert!(count > 40, "only {count} names were found");
    none(&wrong);
}

/// The value of an attribute of HTML in a line.
fn attribute<'l>(line: &'l str, name: &str) -> Option<&'l str> {
    let (_, rest) = line.split_once(&format!(" {name}=\""))?;
    rest.split('"').next()
}

#[test]
fn every_embedded_page_is_exported_and_has_a_picture_in_its_stead() {
    let makefile = read(Path::new("Makefile"));
    let exported = makefile
        .lines()
        .find_map(|line| line.strip_prefix("PAGES := "));
    let exported: Vec<&str> = exported.unwrap_or_default().split_whitespace().collect();
    let (mut wrong, mut shown) = (Vec::new(), Vec::new());
    for page in pages() {
        let text = read(&page.path);
        let mut before = "";
        for line in text.lines().filter(|line| !line.is_empty()) {
            if line.starts_with("<iframe class=\"experiment\"") {
                let place = page.path.display();
                let source = attribute(line, "src").unwrap_or_default();
                let file = source.split('#').next().unwrap_or_default();
                let folder = page.path.parent().unwrap_or(Path::new(""));
                let name = Path::new(file).file_stem().and_then(|stem| stem.to_str());
                let name = name.unwrap_or_default().to_owned();
                let expected = Path::new(BOOK).join(format!("pages/{name}.html"));
                if tidy(&folder.join(file)) != expected || !exported.contains(&&*name) {
                    wrong.push(format!("{place}: {source} is not exported"));
                }
                if attribute(line, "title").is_none() || attribute(line, "loading") != Some("lazy")
                {
                    wrong.push(format!("{place}: {source} has no title or is not lazy"));
                }
                if !before.starts_with("![") {
                    wrong.push(format!("{place}: before {source} stands no picture"));
                }
                shown.push(name);
            }
            before = line;
        }
    }
    let idle = exported
        .iter()
        .filter(|name| !shown.iter().any(|shown| shown == *name));
    wrong.extend(idle.map(|name| format!("Makefile: no chapter shows the page {name}")));
    assert!(shown.len() > 5, "only {} pages were found", shown.len());
    none(&wrong);
}
