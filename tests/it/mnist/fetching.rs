//! Downloads from mirrors that work, and from such as do not.

use std::fs;
use std::net::TcpListener;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};
use steepest::mnist::{FetchError, FetchPlan, Fetched, PublishedFile, Refusal, fetch};
use tempfile::TempDir;

use super::server::{Answer, Server};

pub const NAME: &str = "train-images-idx3-ubyte.gz";
const STALL: Duration = Duration::from_millis(300);

/// Contents longer than what is read at once.
pub fn content(seed: u8) -> Vec<u8> {
    let next = |x: &mut u32| {
        *x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        Some((*x >> 24) as u8)
    };
    let mut state = u32::from(seed);
    std::iter::from_fn(|| next(&mut state))
        .take(200_000)
        .collect()
}

pub fn published(name: &'static str, content: &[u8]) -> PublishedFile {
    let digits = Sha256::digest(content);
    let sha256: String = digits.iter().map(|byte| format!("{byte:02x}")).collect();
    PublishedFile {
        name,
        bytes: content.len() as u64,
        sha256: sha256.leak(),
    }
}

/// For one file.
pub fn plan(content: &[u8], mirrors: &[&Server]) -> FetchPlan {
    FetchPlan {
        files: vec![published(NAME, content)],
        mirrors: mirrors.iter().map(|mirror| mirror.address()).collect(),
        connect_timeout: Duration::from_secs(5),
        stall_timeout: STALL,
        replace: false,
    }
}

pub fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

pub fn quietly(folder: &Path, plan: &FetchPlan) -> Result<Vec<Fetched>, FetchError> {
    fetch(folder, plan, &mut |_| ControlFlow::Continue(()))
}

pub fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("the folder is there").flatten();
    let mut names: Vec<String> = entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// The file comes whole although the mirrors behave so; nothing else is left in the folder.
#[track_caller]
fn arrives(content: &[u8], mirrors: &[&Server]) {
    let folder = folder();
    let fetched = quietly(folder.path(), &plan(content, mirrors)).expect("the file arrives");
    assert_eq!(fetched.len(), 1);
    let found = fs::read(folder.path().join(NAME)).expect("the file is there");
    assert!(found == content, "{} bytes", found.len());
    assert_eq!(names(folder.path()), [NAME]);
}

/// Nothing is left in the folder, and the mirrors' refusals are these.
#[track_caller]
fn refusals(content: &[u8], mirrors: &[&Server]) -> Vec<Refusal> {
    let folder = folder();
    let error = quietly(folder.path(), &plan(content, mirrors)).expect_err("no file");
    assert!(
        names(folder.path()).is_empty(),
        "{:?}",
        names(folder.path())
    );
    let message = error.to_string();
    assert!(message.contains(NAME), "{message}");
    let place = folder.path().display().to_string();
    assert!(message.contains(&place), "{message}");
    match error {
        FetchError::Mirrors { failures, .. } => {
            let told = failures.iter().all(|f| message.contains(&f.to_string()));
            assert!(told, "{message}");
            failures
                .into_iter()
                .map(|failure| failure.refusal)
                .collect()
        }
        other => panic!("{other}"),
    }
}

#[test]
fn a_mirror_without_the_file_is_passed_over() {
    let file = content(3);
    let without = Server::new(|_, _| Answer::status("404 Not Found"));
    let with = Server::new({
        let file = file.clone();
        move |_, _| Answer::all(&file)
    });
    arrives(&file, &[&without, &with]);
    let found = refusals(&file, &[&without, &without]);
    assert_eq!(found.len(), 2);
    assert_eq!(
        found[0].to_string(),
        "the server answered 404 Not Found, expected the file"
    );
    assert_eq!(without.requests().len(), 3);
}

#[test]
fn a_mirror_that_stalls_is_left() {
    let file = content(4);
    let stalls = Server::new({
        let file = file.clone();
        move |_, _| Answer::all(&file).cut(70_000).stalled()
    });
    let works = Server::new({
        let file = file.clone();
        move |_, _| Answer::all(&file)
    });
    let begin = Instant::now();
    arrives(&file, &[&stalls, &works]);
    assert!(begin.elapsed() < 20 * STALL, "{:?}", begin.elapsed());
    let found = refusals(&file, &[&stalls]);
    let expected = Refusal::Stalled {
        after: STALL,
        done: 70_000,
        total: 200_000,
    };
    assert_eq!(found, [expected]);
}

#[test]
fn a_mirror_that_never_answers_is_left() {
    let file = content(5);
    // A port that takes connections and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = silent.local_addr().expect("an address");
    let folder = folder();
    let plan = FetchPlan {
        mirrors: vec![format!("http://{address}")],
        ..plan(&file, &[])
    };
    let begin = Instant::now();
    let error = quietly(folder.path(), &plan).expect_err("no file");
    assert!(begin.elapsed() < 20 * STALL);
    assert!(
        error
            .to_string()
            .contains("no data for 0.3 s after 0 of 200,000 bytes"),
        "{error}"
    );
    assert!(names(folder.path()).is_empty());
}

#[test]
fn a_file_that_ends_too_early_is_not_kept() {
    let file = content(6);
    for promised in [Some(200_000), None] {
        let short = Server::new({
            let file = file.clone();
            move |_, _| Answer {
                length: promised,
                ..Answer::all(&file).cut(150_000)
            }
        });
        match &refusals(&file, &[&short])[..] {
            [
                Refusal::BrokenOff {
                    done: 150_000,
                    total: 200_000,
                    ..
                },
            ] => {}
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_mirror_whose_line_breaks_is_asked_once_more_and_then_left() {
    let file = content(7);
    let flaky = Server::new({
        let file = file.clone();
        move |number, _| match number {
            0 => Answer::all(&file).cut(60_000),
            _ => Answer::all(&file),
        }
    });
    arrives(&file, &[&flaky]);
    assert_eq!(flaky.requests().len(), 2);

    let broken = Server::new({
        let file = file.clone();
        move |_, _| Answer::all(&file).cut(60_000)
    });
    let works = Server::new({
        let file = file.clone();
        move |_, _| Answer::all(&file)
    });
    arrives(&file, &[&broken, &works]);
    assert_eq!([broken.requests().len(), works.requests().len()], [2, 1]);
}

#[test]
fn a_wrong_beginning_is_not_kept_for_the_next_mirror() {
    let (file, other) = (content(9), content(10));
    let wrong = Server::new(move |_, _| Answer::all(&other).cut(90_000));
    let right = Server::new({
        let file = file.clone();
        move |_, _| Answer::all(&file)
    });
    arrives(&file, &[&wrong, &right]);
}

#[test]
fn a_wrong_checksum_or_size_is_refused() {
    let (file, other) = (content(11), content(12));
    let wrong = Server::new({
        let other = other.clone();
        move |_, _| Answer::all(&other)
    });
    let page = Server::new(|_, _| Answer::all(b"<html>Please log in</html>"));
    let right = Server::new({
        let file = file.clone();
        move |_, _| Answer::all(&file)
    });
    arrives(&file, &[&wrong, &page, &right]);
    let found = refusals(&file, &[&wrong, &page]);
    let checksum = Refusal::Checksum {
        found: published(NAME, &other).sha256.to_owned(),
        expected: published(NAME, &file).sha256,
    };
    let size = Refusal::Size {
        found: 26,
        expected: 200_000,
    };
    assert_eq!(found, [checksum, size]);
}

#[test]
fn a_mirror_out_of_reach_is_named() {
    let file = content(13);
    let port = {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.local_addr().expect("an address").port()
    };
    let folder = folder();
    let plan = FetchPlan {
        mirrors: vec![format!("http://127.0.0.1:{port}/"), "no address".to_owned()],
        ..plan(&file, &[])
    };
    let message = quietly(folder.path(), &plan)
        .expect_err("no file")
        .to_string();
    let expected = format!(
        "check the network, or put the 1 files into {} yourself",
        folder.path().display()
    );
    assert!(message.contains("cannot reach 127.0.0.1: "), "{message}");
    assert!(
        message.contains("expected http:// or https://"),
        "{message}"
    );
    assert!(message.contains(&expected), "{message}");
}
