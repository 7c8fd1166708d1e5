use std::fs;
use std::io::Write;
use std::path::PathBuf;

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;

/// A recording with all that there may be in it.
fn whole() -> Recording {
    let path = |name: &str| RecordedPath {
        name: name.to_owned(),
        step: vec![0, 50, 107],
        u: vec![0.0, 0.5, 1.0],
        v: vec![1.0, 0.5, 0.0],
        loss: vec![3.0, 2.0, f64::NAN],
        residual: vec![0.1, 0.0, 0.2],
        rate: Some(vec![f64::NAN, 0.1, 0.1]),
        grad_norm: Some(vec![1.0, 0.5, 0.1]),
        sharpness: None,
    };
    Recording {
        title: "Ein Netz – 网络".to_owned(),
        about: "about it".to_owned(),
        labels: ["PC 1", "PC 2"].map(str::to_owned),
        u: vec![0.0, 1.0, 3.0],
        v: vec![-1.0, 1.0],
        loss: vec![1.0, 2.0, 3.0, f64::NAN, f64::INFINITY, 6.0],
        val_loss: Some(vec![0.5; 6]),
        accuracy: Some(vec![0.25; 6]),
        explained: vec![0.7, 0.2, 0.1],
        paths: vec![path("Adam"), path("lr=0.1 / seed.2")],
    }
}

fn file(bytes: &[u8]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("run.npz");
    fs::write(&path, bytes).expect("a file");
    (folder, path)
}

fn bytes_of(recording: &Recording) -> Vec<u8> {
    let mut bytes = Vec::new();
    recording.write(&mut bytes).expect("a run file");
    bytes
}

fn read(bytes: &[u8]) -> Result<Recording, String> {
    let (_folder, path) = file(bytes);
    let read = Recording::read(&path).map_err(|error| error.to_string());
    read.map(|(recording, _)| recording)
}

/// NaN is not equal to itself: as text it is.
fn text(recording: &Recording) -> String {
    format!("{recording:?}")
}

#[test]
fn what_is_written_is_read_back_as_it_is() {
    let recording = whole();
    let again = read(&bytes_of(&recording)).expect("a run file");
    assert_eq!(text(&again), text(&recording));
    assert!((again.share_there() - 5.0 / 6.0).abs() < 1e-12);
}

#[test]
fn axes_that_descend_are_turned_round_with_all_along_them() {
    let turned = Recording {
        u: vec![3.0, 1.0, 0.0],
        v: vec![1.0, -1.0],
        loss: vec![6.0, f64::INFINITY, f64::NAN, 3.0, 2.0, 1.0],
        ..whole()
    };
    let again = read(&bytes_of(&turned)).expect("a run file");
    assert_eq!(text(&again), text(&whole()));
}

#[test]
fn a_file_is_told_from_another_of_the_same_length() {
    let (_folder, path) = file(&bytes_of(&whole()));
    let (_, first) = Recording::read(&path).expect("a run file");
    assert_eq!(Stamp::of(&path).expect("a stamp"), first);
    let beside = path.with_extension("part");
    fs::write(&beside, bytes_of(&whole())).expect("a file");
    fs::rename(&beside, &path).expect("replaced");
    assert_ne!(Stamp::of(&path).expect("a stamp"), first);
}

/// The same with one thing changed, and what is said of it.
fn broken() -> Vec<(Recording, &'static str)> {
    let with = |change: fn(&mut Recording)| {
        let mut recording = whole();
        change(&mut recording);
        recording
    };
    vec![
        (
            with(|r| r.u = vec![1.0]),
            "`u`: found 1 numbers, expected 2 to 2048",
        ),
        (
            with(|r| r.u[1] = 5.0),
            "`u`: found 3 after 5, expected numbers that ascend",
        ),
        (
            with(|r| r.u[1] = 0.0),
            "`u`: found 0 after 0, expected numbers that ascend",
        ),
        (
            with(|r| r.v[0] = f64::NAN),
            "`v`: found NaN, expected finite numbers",
        ),
        (
            with(|r| r.v = vec![-f64::MAX, f64::MAX]),
            "`v`: its range is too wide",
        ),
        (
            with(|r| r.explained[0] = f64::NAN),
            "`explained`: found NaN",
        ),
        (
            with(|r| r.paths[0].step = vec![0, 0, 1]),
            "`path.Adam.step`: found 0 after 0, expected steps that ascend",
        ),
        (
            with(|r| r.paths[0].step = vec![0, 1]),
            "`path.Adam.u`: found 3 numbers, expected 2, as many as steps",
        ),
        (
            with(|r| r.paths[1].rate = Some(vec![])),
            "`path.lr=0.1 / seed.2.rate`: found 0 numbers, expected 3",
        ),
        (
            with(|r| r.paths[0].name = "x".repeat(500)),
            "expected a name of 1 to 200 letters",
        ),
        (with(|r| r.paths = vec![r.paths[0].clone(); 1]), ""),
    ]
}

#[test]
fn what_does_not_hold_together_is_said() {
    for (recording, message) in broken() {
        match read(&bytes_of(&recording)) {
            Err(error) => assert!(error.contains(message) && !message.is_empty(), "{error}"),
            Ok(_) => assert_eq!(message, "", "it was read"),
        }
    }
}

/// An archive of these arrays: an NPY header, and what follows it.
fn archive(arrays: &[(&str, &str, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, header, data) in arrays {
        let options = zip::write::SimpleFileOptions::default();
        archive
            .start_file(format!("{name}.npy"), options)
            .expect("an entry");
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend((header.len() as u16).to_le_bytes());
        bytes.extend(header.as_bytes());
        bytes.extend(*data);
        archive.write_all(&bytes).expect("bytes");
    }
    archive.finish().expect("an archive").into_inner()
}

fn numbers(shape: &str) -> String {
    format!("{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}\n")
}

const BYTES: &str = "{'descr': '|u1', 'fortran_order': False, 'shape': (19,), }\n";
const META: (&str, &str, &[u8]) = ("meta", BYTES, b"{\"steepest-run\": 1}");

#[test]
fn sixty_files_that_are_no_run_files_are_refused_in_words() {
    let pair: &[u8] = &[0; 16];
    let pairs = numbers("(2,)");
    let square = numbers("(2, 2)");
    let objects = "{'descr': '|O', 'fortran_order': False, 'shape': (2,), }\n";
    let huge = numbers("(9223372036854775807, 9223372036854775807)");
    let deep = format!("{{'descr': {}", "(".repeat(3000));
    let mut files = vec![
        Vec::new(),
        b"PK".to_vec(),
        b"PK\x03\x04".to_vec(),
        b"steepest = 1".to_vec(),
        vec![0; 5000],
        archive(&[]),
        archive(&[META]),
        archive(&[("meta", BYTES, b"{\"steepest-run\": 2}")]),
        archive(&[("meta", BYTES, b"{\"steepest-run\" 11}")]),
        archive(&[("meta", BYTES, b"{\"steepest-ruN\": 1}")]),
        archive(&[("meta", BYTES, b"{}")]),
        archive(&[META, ("u", objects, pair)]),
        archive(&[META, ("u", &huge, pair)]),
        archive(&[META, ("u", &deep, pair)]),
        archive(&[META, ("u", "", pair)]),
        archive(&[META, ("u", "{'descr': '<f8'}", pair)]),
        archive(&[META, ("u", &square, &[0; 32])]),
        archive(&[META, ("u", &numbers("()"), &[0; 8])]),
        archive(&[META, ("u", &numbers("(-2,)"), pair)]),
        archive(&[META, ("u", &pairs.replace("<f8", ">f8"), pair)]),
        archive(&[META, ("u", &pairs.replace("<f8", "<c16"), &[0; 32])]),
        archive(&[META, ("u", &pairs.replace("<f8", "<U2"), pair)]),
        archive(&[META, ("u", &pairs, &[0; 15])]),
        archive(&[META, ("u", &pairs, &[0; 17])]),
        archive(&[META, ("u", &pairs, pair), ("v", &pairs, pair)]),
        archive(&[
            META,
            ("u", &pairs, pair),
            ("v", &pairs, pair),
            ("loss", &pairs, pair),
        ]),
        archive(&[
            META,
            ("u", &pairs, pair),
            ("v", &pairs, pair),
            ("loss", &square, &[0; 32]),
        ]),
    ];
    // Cut off or spoilt anywhere, a whole one is refused, or read as far as what is spoilt says nothing.
    let whole = bytes_of(&whole());
    files.extend((1..40).map(|k| whole[..whole.len() * k / 40].to_vec()));
    assert!(files.len() >= 60, "{}", files.len());
    for (k, bytes) in files.iter().enumerate() {
        let error = read(bytes).expect_err("no run file");
        assert!(error.len() > 10, "{k}: {error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn spoilt_bytes_never_panic(place in 0..10_000_usize, byte: u8) {
        let mut bytes = bytes_of(&whole());
        let place = place % bytes.len();
        bytes[place] = byte;
        let _ = read(&bytes);
    }
}
