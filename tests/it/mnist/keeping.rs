//! What a download does to the folder: files that were there, that come, and that must not stay.

use std::fs;
use std::ops::ControlFlow;

use steepest::mnist::{FetchError, FetchPlan, How, fetch};

use super::fetching::{NAME, content, folder, names, plan, published, quietly};
use super::server::{Answer, Server};
use super::{Tested, gzip, idx};

#[test]
fn files_arrive_once_and_are_kept() -> Tested {
    let contents = [content(1), content(2)];
    let names_there = ["a.gz", "b.gz"];
    let served = contents.clone();
    let server = Server::new(move |_, request| {
        let file = usize::from(request.path.ends_with("/mnist/b.gz"));
        Answer::all(&served[file])
    });
    let plan = FetchPlan {
        files: vec![
            published("a.gz", &contents[0]),
            published("b.gz", &contents[1]),
        ],
        ..plan(&[], &[&server])
    };
    let folder = folder();
    let target = folder.path().join("made/on the way");
    let mut seen = Vec::new();
    let fetched = fetch(&target, &plan, &mut |p| {
        assert_eq!((p.total, p.all_total), (200_000, 400_000));
        seen.push((p.file.to_owned(), p.done, p.all_done));
        ControlFlow::Continue(())
    })?;
    assert_eq!(names(&target), names_there);
    for (file, content) in fetched.iter().zip(&contents) {
        assert_eq!(&fs::read(&file.path)?, content);
        let mirror = server.address();
        assert_eq!(file.how, How::Downloaded { mirror });
    }
    assert_eq!(seen.first(), Some(&("a.gz".to_owned(), 0, 0)));
    assert_eq!(seen.last(), Some(&("b.gz".to_owned(), 200_000, 400_000)));
    assert!(seen.is_sorted_by_key(|(_, _, all)| *all) && seen.len() > 6);

    let again = quietly(&target, &plan)?;
    assert!(again.iter().all(|file| file.how == How::Kept));
    assert_eq!(server.requests().len(), 2);
    Ok(())
}

#[test]
fn the_caller_can_break_off_at_any_time() {
    let file = content(14);
    let server = Server::new({
        let file = file.clone();
        move |_, _| Answer::all(&file)
    });
    for least in [0, 1, 100_000] {
        let folder = folder();
        let error = fetch(
            folder.path(),
            &plan(&file, &[&server]),
            &mut |progress| match progress.done >= least {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            },
        );
        assert!(matches!(error, Err(FetchError::Cancelled)), "{error:?}");
        assert!(names(folder.path()).is_empty());
    }
}

#[test]
fn a_damaged_file_is_replaced_and_a_sound_other_one_is_not() -> Tested {
    let file = content(15);
    let server = Server::new({
        let file = file.clone();
        move |_, _| Answer::all(&file)
    });
    let mut plan = plan(&file, &[&server]);
    let folder = folder();
    let path = folder.path().join(NAME);
    for damaged in [&file[..1000], b""] {
        fs::write(&path, damaged)?;
        quietly(folder.path(), &plan)?;
        assert!(fs::read(&path)? == file);
    }
    for other in [idx(2051, &[1, 1, 1], &[5]), idx(2049, &[1], &[5])] {
        let other = gzip(&other);
        fs::write(&path, &other)?;
        let error = quietly(folder.path(), &plan).expect_err("occupied");
        assert!(matches!(error, FetchError::Occupied { .. }), "{error}");
        assert!(error.to_string().contains("--force"), "{error}");
        assert_eq!(fs::read(&path)?, other);
    }
    plan.replace = true;
    quietly(folder.path(), &plan)?;
    assert!(fs::read(&path)? == file);
    Ok(())
}

#[test]
fn a_failed_download_leaves_the_old_file() -> Tested {
    let file = content(16);
    let server = Server::new({
        let file = file.clone();
        move |_, _| Answer::all(&file).cut(1000)
    });
    let folder = folder();
    fs::write(folder.path().join(NAME), "old")?;
    assert!(quietly(folder.path(), &plan(&file, &[&server])).is_err());
    assert_eq!(fs::read(folder.path().join(NAME))?, b"old");
    assert_eq!(names(folder.path()), [NAME]);
    Ok(())
}

#[test]
fn a_folder_that_cannot_be_written_to_is_named() -> Tested {
    let file = content(18);
    let server = Server::new({
        let file = file.clone();
        move |_, _| Answer::all(&file)
    });
    let desk = folder();
    fs::write(desk.path().join("file"), "in the way")?;
    let mut folders = vec![desk.path().join("file"), desk.path().join("file/below")];
    if cfg!(target_os = "linux") {
        // Not even root writes here.
        folders.push("/sys/kernel".into());
    }
    for folder in folders {
        let error = quietly(&folder, &plan(&file, &[&server])).expect_err("not writable");
        let message = error.to_string();
        assert!(matches!(error, FetchError::Write { .. }), "{message}");
        let expected = format!("cannot write to {}", folder.display());
        assert!(message.starts_with(&expected), "{message}");
        assert!(!message.contains(".steepest-"), "{message}");
    }
    assert!(server.requests().is_empty());
    Ok(())
}
