use super::*;

fn reference(name: &str) -> std::path::PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/landscape-tools");
    folder.join(name)
}

fn imported(path: &Path, wish: &ImportWish) -> Result<Recording, String> {
    let imported = import(path, wish).map_err(|error| error.to_string());
    imported.map(|(recording, _)| recording)
}

/// What the script beside the files says is in them.
fn is_the_bowl(recording: &Recording, tolerance: f64) {
    assert_eq!((recording.u.len(), recording.v.len()), (51, 41));
    assert_eq!((recording.u[0], recording.v[40]), (-1.0, 1.5));
    let last = recording.loss.len() - 2;
    for (k, loss) in recording.loss.iter().enumerate() {
        let (u, v) = (recording.u[k % 51], recording.v[k / 51]);
        let expected = u * u + 3.0 * v * v;
        match k < last {
            true => assert!((loss - expected).abs() <= tolerance, "{u}, {v}: {loss}"),
            false => assert!(loss.is_nan(), "it is not computed"),
        }
    }
}

#[test]
fn a_surface_is_not_transposed_and_what_is_not_computed_is_not_there() {
    let recording = imported(&reference("surface.h5"), &ImportWish::default()).expect("a grid");
    is_the_bowl(&recording, 1e-15);
    assert_eq!(recording.title, "surface");
    let packed = imported(&reference("packed.h5"), &ImportWish::default()).expect("a grid");
    is_the_bowl(&packed, 1e-6);
    assert!((packed.val_loss.expect("test losses")[0] - 2.75).abs() < 1e-6);
    assert_eq!(packed.accuracy.expect("accuracies")[7], 0.875);
}

#[test]
fn a_projection_is_put_right_by_the_lengths_of_its_directions() {
    let mut wish = ImportWish {
        projections: vec![Projection {
            name: "SGD".to_owned(),
            path: reference("projection.h5"),
        }],
        ..ImportWish::default()
    };
    let path = |wish: &ImportWish| {
        let recording = imported(&reference("surface.h5"), wish).expect("a grid");
        recording.paths[0].clone()
    };
    let raw = path(&wish);
    assert!((raw.u[0] - 1.8).abs() < 1e-12 && (raw.v[0] - 4.5).abs() < 1e-12);
    wish.directions = Some(reference("directions.h5"));
    let right = path(&wish);
    for (k, expected) in [0.9, 0.6, 0.3, 0.0].into_iter().enumerate() {
        let found = [right.u[k], right.v[k]];
        assert!(
            found.iter().all(|x| (x - expected).abs() < 1e-12),
            "{found:?}"
        );
        assert!((right.loss[k] - 4.0 * expected * expected).abs() < 0.01);
    }
}

fn written(name: &str, bytes: &[u8]) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).expect("a file");
    (folder, path)
}

fn of_text(text: &str) -> Result<Recording, String> {
    let (_folder, path) = written("grid.csv", text.as_bytes());
    imported(&path, &ImportWish::default())
}

#[test]
fn tables_of_nodes_come_in_any_order_and_with_gaps() {
    let recording = of_text("v,u,loss,acc\n1,0,3,0.5\n0,0,1,0.1\n0,2,2,\n\n").expect("a grid");
    assert_eq!(
        (&recording.u[..], &recording.v[..]),
        (&[0.0, 2.0][..], &[0.0, 1.0][..])
    );
    assert_eq!(recording.loss[..3], [1.0, 2.0, 3.0]);
    assert!(recording.loss[3].is_nan());
    assert_eq!(recording.accuracy.expect("accuracies")[2], 0.5);
    let matrix = of_text("1 2 3\n4 5 6\n").expect("a grid");
    assert_eq!(
        (&matrix.u[..], &matrix.v[..]),
        (&[0.0, 1.0, 2.0][..], &[0.0, 1.0][..])
    );
    assert_eq!(matrix.loss, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
}

#[test]
fn ranges_are_those_that_are_given() {
    let (_folder, path) = written("grid.csv", b"1,2,3\n4,5,6\n");
    let wish = ImportWish {
        ranges: [Some([-1.0, 1.0]), None],
        title: Some("Mine".to_owned()),
        ..ImportWish::default()
    };
    let recording = imported(&path, &wish).expect("a grid");
    assert_eq!(
        (recording.u, recording.v),
        (vec![-1.0, 0.0, 1.0], vec![0.0, 1.0])
    );
    assert_eq!(recording.title, "Mine");
    let surface = imported(&reference("surface.h5"), &wish);
    assert!(
        surface
            .expect_err("it has coordinates")
            .contains("coordinates")
    );
}

#[test]
fn what_is_no_grid_is_said_with_its_line() {
    for (text, message) in [
        ("", "the file is empty"),
        (
            "u,v\n1,2\n",
            "line 1: found the columns u, v, expected `loss`",
        ),
        ("u,v,loss\n1,2\n", "line 2: found 2 cells, expected 3"),
        (
            "u,v,loss\n1,2,many\n",
            "line 2: column 3: found `many`, expected a number",
        ),
        ("u,v,loss\nnan,2,3\n", "line 2: expected finite coordinates"),
        ("u,v,loss\n1,2,3\n", "`u`: found 1 numbers, expected 2"),
        ("1,2\n3\n", "line 2: found 1 numbers, expected 2"),
        ("1,2\n3,x\n", "line 2: column 2: found `x`"),
    ] {
        let error = of_text(text).expect_err(text);
        assert!(error.contains(message), "{error}");
    }
    for (name, bytes, message) in [
        ("grid.h5", &b"no"[..], "it is no HDF5 file"),
        ("grid.npy", b"no", "it is no NumPy array"),
        ("grid.mat", b"no", "expected a file that ends in .npy"),
        ("grid.csv", b"\xff", "line 1: expected UTF-8 text"),
    ] {
        let (_folder, path) = written(name, bytes);
        let error = imported(&path, &ImportWish::default()).expect_err(name);
        assert!(error.contains(message), "{error}");
    }
    let directions = imported(&reference("directions.h5"), &ImportWish::default());
    let error = directions.expect_err("no surface");
    assert!(error.contains("`xcoordinates` is missing"), "{error}");
}

#[test]
fn a_spoilt_hdf5_file_never_panics() {
    let whole = std::fs::read(reference("packed.h5")).expect("a file");
    for k in 0..400 {
        let mut bytes = whole.clone();
        let place = k * 7919 % bytes.len();
        bytes[place] ^= 1 << (k % 8);
        if k % 4 == 0 {
            bytes.truncate(place);
        }
        let (_folder, path) = written("grid.h5", &bytes);
        let _ = imported(&path, &ImportWish::default());
    }
}
