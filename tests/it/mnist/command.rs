//! `steepest mnist` as people run it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use super::server::{Answer, Server};
use super::{Tested, small_set};
use crate::oracle::mnist_folder;

/// The program in a world without settings, whose cache folder lies in `home`.
fn steepest(home: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_steepest"));
    for variable in [
        "STEEPEST_DATA",
        "http_proxy",
        "HTTP_PROXY",
        "all_proxy",
        "ALL_PROXY",
    ] {
        command.env_remove(variable);
    }
    command
        .env("HOME", home)
        .env("XDG_CACHE_HOME", home.join("cache"));
    command.arg("mnist").args(args);
    command
}

struct Ended {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

fn ended(mut command: Command) -> Ended {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().expect("the program starts");
    Ended {
        code: status.code(),
        stdout: String::from_utf8_lossy(&stdout).into_owned(),
        stderr: String::from_utf8_lossy(&stderr).into_owned(),
    }
}

fn run(home: &Path, args: &[&str]) -> Ended {
    ended(steepest(home, args))
}

/// Serves the real files; `None`, said aloud, where they are missing.
fn real_mirror() -> Option<Server> {
    let folder = mnist_folder()?;
    Some(Server::new(move |_, request| {
        let name = request.path.rsplit('/').next().unwrap_or_default();
        match fs::read(folder.join(name)) {
            Ok(file) => Answer::all(&file),
            Err(_) => Answer::status("404 Not Found"),
        }
    }))
}

#[test]
fn fetch_gets_the_files_and_info_describes_them() -> Tested {
    let Some(mirror) = real_mirror() else {
        return Ok(());
    };
    let home = tempfile::tempdir()?;
    let folder = home.path().join("data set");
    let data = folder.display().to_string();
    let args = ["fetch", "--data", &data, "--mirror", &mirror.address()];
    let first = run(home.path(), &args);
    assert_eq!(
        (first.code, first.stdout.as_str()),
        (Some(0), format!("{data}\n").as_str())
    );
    let expected = format!(
        "train-images-idx3-ubyte.gz: 9,912,422 bytes from {}",
        mirror.address()
    );
    assert_eq!(first.stderr.lines().next(), Some(expected.as_str()));
    assert_eq!(first.stderr.lines().count(), 4);
    assert_eq!(fs::read_dir(&folder)?.count(), 4);

    let again = run(home.path(), &args);
    assert_eq!(
        again.stderr.matches("already there").count(),
        4,
        "{}",
        again.stderr
    );
    assert_eq!(mirror.requests().len(), 4);
    let quiet = run(home.path(), &[&args[..], &["-q"]].concat());
    assert_eq!((quiet.code, quiet.stderr.as_str()), (Some(0), ""));

    let info = run(home.path(), &["info", "--data", &data]);
    assert_eq!((info.code, info.stderr.as_str()), (Some(0), ""));
    for expected in [
        &data,
        "train-images-idx3-ubyte.gz   9,912,422 bytes, checksum ok",
        "MNIST training set, 60,000 images",
        "28×28 pixels",
        "0: 5,923  1: 6,742",
        "pixel mean 33.3184 ± 11.0411",
    ] {
        assert!(
            info.stdout.contains(expected),
            "{expected}: {}",
            info.stdout
        );
    }
    assert_eq!(info.stdout.matches("checksum ok").count(), 4);
    Ok(())
}

#[test]
fn the_default_folder_lies_in_the_cache_and_may_be_empty() -> Tested {
    if cfg!(windows) {
        eprintln!("SKIPPED: the cache folder follows no variable here");
        return Ok(());
    }
    let home = tempfile::tempdir()?;
    let info = run(home.path(), &["info"]);
    assert_eq!(info.code, Some(0), "{}", info.stderr);
    assert_eq!(info.stdout.matches("missing").count(), 4);
    assert!(info.stdout.contains("synthetic stand-in, 60,000 samples"));
    assert!(
        info.stderr.contains("`steepest mnist fetch` gets MNIST"),
        "{}",
        info.stderr
    );
    assert_eq!(run(home.path(), &["info", "-q"]).stderr, "");

    let folder = info
        .stdout
        .lines()
        .next()
        .and_then(|line| line.strip_prefix("folder    "));
    let folder = folder.and_then(|line| line.strip_suffix(" (the default)"));
    let folder = Path::new(folder.expect("the folder is named"));
    assert!(folder.starts_with(home.path()) && folder.ends_with("steepest/mnist"));
    fs::create_dir_all(folder)?;
    for entry in fs::read_dir(small_set().path())? {
        let entry = entry?;
        fs::copy(entry.path(), folder.join(entry.file_name()))?;
    }
    let info = run(home.path(), &["info"]);
    assert!(
        info.stdout.contains("MNIST training set, 3 images"),
        "{}",
        info.stdout
    );
    assert_eq!(info.stdout.matches("not the published file").count(), 2);

    // Files that are there but damaged are no reason to pretend.
    fs::write(folder.join("train-labels-idx1-ubyte.gz"), "damaged")?;
    let info = run(home.path(), &["info"]);
    assert_eq!(info.code, Some(2));
    assert!(info.stdout.contains("missing") && info.stderr.contains("start no IDX file"));
    Ok(())
}

#[test]
fn a_folder_named_by_flag_or_variable_must_have_the_files() -> Tested {
    let home = tempfile::tempdir()?;
    let folder = home.path().join("empty").display().to_string();
    let by_flag = run(home.path(), &["info", "--data", &folder]);
    let mut command = steepest(home.path(), &["info"]);
    command.env("STEEPEST_DATA", &folder);
    for ended in [by_flag, ended(command)] {
        assert_eq!(ended.code, Some(2));
        let expected = format!("`steepest mnist fetch --data {folder}` gets the files");
        assert!(ended.stderr.contains(&expected), "{}", ended.stderr);
        assert!(ended.stdout.contains("missing"), "{}", ended.stdout);
    }
    let synthetic = run(home.path(), &["info", "--data", "synthetic"]);
    assert_eq!((synthetic.code, synthetic.stderr.as_str()), (Some(0), ""));
    assert!(synthetic.stdout.contains("none (synthetic asked for)"));
    for (args, expected) in [
        (
            ["fetch", "--data", "synthetic"],
            "expected a folder to download into",
        ),
        (
            ["info", "--data", ""],
            "expected a folder or the word `synthetic`",
        ),
    ] {
        let ended = run(home.path(), &args);
        assert_eq!(ended.code, Some(2), "{}", ended.stderr);
        assert!(ended.stderr.contains(expected), "{}", ended.stderr);
    }
    Ok(())
}

#[test]
fn a_fetch_that_fails_says_why_and_leaves_nothing() -> Tested {
    let home = tempfile::tempdir()?;
    let folder = home.path().join("data");
    let data = folder.display().to_string();
    let without = Server::new(|_, _| Answer::status("404 Not Found"));
    let page = Server::new(|_, _| Answer::all(b"<html>Please log in</html>"));
    let args = [
        "fetch",
        "--data",
        &data,
        "--mirror",
        &without.address(),
        "--mirror",
        &page.address(),
    ];
    let ended = run(home.path(), &args);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""));
    for expected in [
        "cannot get train-images-idx3-ubyte.gz:\n",
        "404 Not Found",
        "a file of 26 bytes, expected 9,912,422",
        "put the 4 files into ",
    ] {
        assert!(
            ended.stderr.contains(expected),
            "{expected}: {}",
            ended.stderr
        );
    }
    assert_eq!(fs::read_dir(&folder)?.count(), 0);
    Ok(())
}

#[cfg(unix)]
#[test]
fn a_full_disk_is_reported_and_nothing_is_left() -> Tested {
    let home = tempfile::tempdir()?;
    let folder = home.path().join("data");
    // As long as the real file, so that it is taken until the disk is full.
    let server = Server::new(|_, _| Answer::all(&vec![0; 9_912_422]));
    let fetch = steepest(home.path(), &["fetch"]);
    // A limit to what a process writes stands for the disk; unheeded, its signal would kill.
    let mut shell = Command::new("sh");
    shell
        .arg("-c")
        .arg("trap '' XFSZ; ulimit -f 1000; exec \"$@\"")
        .arg("sh");
    shell.arg(fetch.get_program()).args(fetch.get_args());
    shell
        .arg("--data")
        .arg(&folder)
        .arg("--mirror")
        .arg(server.address());
    let ended = ended(shell);
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    let expected = format!("cannot write to {}", folder.display());
    assert!(ended.stderr.contains(&expected), "{}", ended.stderr);
    assert!(ended.stderr.contains("make room"), "{}", ended.stderr);
    assert_eq!(server.requests().len(), 1, "no other mirror can help");
    assert_eq!(fs::read_dir(&folder)?.count(), 0);
    Ok(())
}
