//! Holds the documentation against the program: links lead somewhere, command lines and files are read, the
//! reference is what the program prints.

mod keys;
mod markdown;
mod names;

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::process::Command;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use markdown::{Page, commands};
use steepest::cli::Cli;
use steepest::experiment::{BUILTINS, Experiment};

use crate::cli::PROGRAM;
use crate::layers::{files_under, read};

const BOOK: &str = "docs/book/src";

/// Every page that people read.
fn pages() -> Vec<Page> {
    let single = [
        "README.md",
        "CONTRIBUTING.md",
        "ARCHITECTURE.md",
        "CHANGELOG.md",
        "python/README.md",
    ];
    let mut paths: Vec<PathBuf> = single.map(PathBuf::from).into();
    paths.extend(files_under("docs", "md"));
    paths
        .iter()
        .map(|path| Page::new(path, &read(path)))
        .collect()
}

/// Fails with everything that is wrong.
fn none(wrong: &[String]) {
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// Without `.` and `..`, so that two ways to a file are one path.
fn tidy(path: &Path) -> PathBuf {
    let mut tidied = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                tidied.pop();
            }
            part => tidied.push(part),
        }
    }
    tidied
}

/// What is wrong with a page's links. `pages` are all there are.
fn broken_links(page: &Page, pages: &[Page]) -> Vec<String> {
    let folder = page.path.parent().unwrap_or(Path::new(""));
    let mut wrong = Vec::new();
    for link in &page.links {
        let place = format!("{}:{}", page.path.display(), link.line);
        let (file, anchor) = link.target.split_once('#').unwrap_or((&link.target, ""));
        let target = match file {
            "" => page.path.clone(),
            file => tidy(&folder.join(file)),
        };
        if !target.exists() {
            wrong.push(format!("{place}: no file {}", target.display()));
            continue;
        }
        let is_page = target.extension().is_some_and(|ending| ending == "md");
        if page.path.starts_with(BOOK) && is_page && !link.is_included && !target.starts_with(BOOK)
        {
            wrong.push(format!(
                "{place}: {} is no page of the book",
                target.display()
            ));
        }
        let known = pages.iter().find(|page| page.path == target);
        if !anchor.is_empty()
            && !known.is_some_and(|page| page.anchors.iter().any(|known| known == anchor))
        {
            wrong.push(format!(
                "{place}: no heading #{anchor} in {}",
                target.display()
            ));
        }
    }
    wrong
}

#[test]
fn every_link_and_picture_leads_to_a_file_and_every_anchor_to_a_heading() {
    let pages = pages();
    let links: usize = pages.iter().map(|page| page.links.len()).sum();
    assert!(links > 50, "only {links} links were found");
    let wrong: Vec<String> = pages
        .iter()
        .flat_map(|page| broken_links(page, &pages))
        .collect();
    none(&wrong);
}

#[test]
fn a_broken_link_is_found() {
    let text = "# A page\n[a](README.md) [b](nowhere.md) [c](#a-page) [d](#no-page) ![e](no.png) `[f](no.md)`\n\
                ```\n[g](no.md)\n```\n[h](https://example.org/no)\n";
    let page = Page::new(Path::new("page.md"), text);
    assert_eq!(page.links.len(), 5);
    let mut others = pages();
    // The page itself is not on the disk.
    let itself = |wrong: &String| !wrong.ends_with("no file page.md");
    others.push(Page::new(Path::new("page.md"), text));
    let wrong: Vec<String> = broken_links(&page, &others)
        .into_iter()
        .filter(itself)
        .collect();
    assert_eq!(
        wrong,
        ["page.md:2: no file nowhere.md", "page.md:2: no file no.png"]
    );
    let readme = Page::new(
        Path::new("README.md"),
        "# One\n## `two` of them\n[x](#two-of-them) [y](#two)\n",
    );
    let wrong = broken_links(&readme, std::slice::from_ref(&readme));
    assert_eq!(wrong, ["README.md:3: no heading #two in README.md"]);
}

#[test]
fn the_book_lists_every_page_that_it_has() {
    let summary = Path::new(BOOK).join("SUMMARY.md");
    let listed = Page::new(&summary, &read(&summary));
    let listed: BTreeSet<PathBuf> = listed
        .links
        .iter()
        .map(|link| tidy(&Path::new(BOOK).join(&link.target)))
        .collect();
    let there: BTreeSet<PathBuf> = files_under(BOOK, "md")
        .into_iter()
        .filter(|path| *path != summary)
        .collect();
    assert_eq!(listed, there);
}

/// Why the program would not take a command line.
fn refused(words: &[String]) -> Option<String> {
    if let Err(error) = Cli::try_parse_from(words)
        && !matches!(
            error.kind(),
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
        )
    {
        return Some(error.to_string());
    }
    // What has a dot is a file of the reader's own.
    let is_known = |word: &str| word.contains('.') || BUILTINS.iter().any(|it| it.name == word);
    let is_command = |word: &str| Cli::command().find_subcommand(word).is_some();
    let first = words.get(1).filter(|word| !word.starts_with('-'))?;
    let name = match &**first {
        "show" | "check" | "run" | "shot" | "record" | "map" | "tune" | "export" => {
            words.get(2).filter(|word| !word.starts_with('-'))?
        }
        word if is_command(word) || word == "help" => return None,
        _ => first,
    };
    (!is_known(name)).then(|| format!("no experiment is called {name}"))
}

#[test]
fn every_command_line_is_one_that_the_program_takes() {
    let (mut wrong, mut count) = (Vec::new(), 0);
    for page in pages() {
        for block in page.blocks.iter().filter(|block| block.is_shell()) {
            for (line, words) in commands(block) {
                count += 1;
                let place = format!("{}:{line}", page.path.display());
                wrong.extend(refused(&words).map(|why| format!("{place}: {why}")));
            }
        }
    }
    assert!(count > 50, "only {count} command lines were found");
    none(&wrong);
}

#[test]
fn a_wrong_command_line_is_found() {
    let text = "```\nsteepest race   # fine\nsteepest shot race -o a.png \\\n  --size 800x600\nsteepest shot 'my own.toml' -o \"b c.png\" && \
                steepest raec\nsteepest shot race\nsteepest show race > mine.toml\nsteepest run race | steepest list --jsn\n\
                steepest list --json | jq .\nother race --no\n```\n";
    let page = Page::new(Path::new("page.md"), text);
    let found = commands(&page.blocks[0]);
    let lines: Vec<usize> = found.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [2, 3, 5, 5, 6, 7, 8, 8, 9]);
    assert_eq!(
        found[1].1.join(" "),
        "steepest shot race -o a.png --size 800x600"
    );
    assert_eq!(
        found[2].1,
        ["steepest", "shot", "my own.toml", "-o", "b c.png"]
    );
    let wrong: Vec<usize> = found
        .iter()
        .filter(|(_, words)| refused(words).is_some())
        .map(|(line, _)| *line)
        .collect();
    assert_eq!(wrong, [5, 6, 8]);
}

#[test]
fn every_whole_experiment_is_valid() {
    let (mut wrong, mut count) = (Vec::new(), 0);
    for page in pages() {
        for block in page.blocks.iter().filter(|block| block.language == "toml") {
            let text = block.lines.join("\n");
            // Anything else is a part of a file.
            if !text.trim_start().starts_with("steepest = 1") {
                continue;
            }
            count += 1;
            if let Err(error) = Experiment::parse(&text, "the block") {
                wrong.push(format!("{}:{}: {error}", page.path.display(), block.line));
            }
        }
    }
    assert!(count > 2, "only {count} experiments were found");
    none(&wrong);
}

/// A page of the reference as the program prints it.
fn printed(page: &str) -> String {
    let output = Command::new(PROGRAM)
        .args(["list", "--markdown", page])
        .output()
        .expect("it starts");
    assert!(output.status.success());
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn the_pages_of_the_reference_are_what_the_program_prints() {
    for (page, file) in [("names", "generated.md"), ("keys", "keys.md")] {
        let printed = printed(page);
        let path = Path::new(BOOK).join("reference").join(file);
        let committed = read(&path).replace("\r\n", "\n");
        let mut lines = committed.lines().zip(printed.lines());
        let differ = lines.position(|(a, b)| a != b);
        assert!(
            committed == printed,
            "{} is stale from line {:?} on: make reference",
            path.display(),
            differ.map(|line| line + 1),
        );
    }
}
