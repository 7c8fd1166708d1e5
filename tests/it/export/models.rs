//! Models: their parts fit together, and show what was run.

use serde_json::Value;
use steepest::experiment::Experiment;

use crate::cli::Desk;

/// Reads a model, and holds its parts against each other.
pub fn model(file: &[u8]) -> Value {
    let word =
        |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().expect("four bytes")) as usize;
    assert_eq!(
        (&file[..4], word(4), word(8)),
        (&b"glTF"[..], 2, file.len())
    );
    let text = &file[20..20 + word(12)];
    let data = &file[28 + word(12)..];
    let value: Value = serde_json::from_slice(text).expect("JSON");
    let number = |value: &Value| value.as_u64().expect("a number") as usize;
    assert_eq!(number(&value["buffers"][0]["byteLength"]), data.len());
    let accessor = |index: &Value| {
        let accessor = &value["accessors"][number(index)];
        let view = &value["bufferViews"][number(&accessor["bufferView"])];
        let from = number(&view["byteOffset"]);
        (
            number(&accessor["count"]),
            &data[from..from + number(&view["byteLength"])],
        )
    };
    let floats = |bytes: &[u8]| -> Vec<f32> {
        let (chunks, _) = bytes.as_chunks::<4>();
        chunks
            .iter()
            .map(|chunk| f32::from_le_bytes(*chunk))
            .collect()
    };
    for mesh in value["meshes"].as_array().expect("meshes") {
        let primitive = &mesh["primitives"][0];
        let (count, points) = accessor(&primitive["attributes"]["POSITION"]);
        assert!(
            floats(points)
                .iter()
                .all(|c| c.is_finite() && c.abs() < 10.0)
        );
        let (normals, _) = accessor(&primitive["attributes"]["NORMAL"]);
        assert_eq!((normals, points.len()), (count, 12 * count));
        let (indices, bytes) = accessor(&primitive["indices"]);
        let size = if count > 65_535 { 4 } else { 2 };
        assert_eq!((bytes.len(), indices % 3), (size * indices, 0));
        let whole = |bytes: &[u8]| {
            bytes
                .iter()
                .rev()
                .fold(0, |sum, b| 256 * sum + usize::from(*b))
        };
        assert!(bytes.chunks(size).all(|bytes| whole(bytes) < count));
    }
    for sampler in value["animations"][0]["samplers"]
        .as_array()
        .into_iter()
        .flatten()
    {
        let (count, bytes) = accessor(&sampler["input"]);
        let times = floats(bytes);
        assert!(times.len() == count && times.is_sorted_by(|a, b| a < b));
        assert_eq!(accessor(&sampler["output"]).0, count);
    }
    // What plays nothing shows the end.
    for channel in value["animations"][0]["channels"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|channel| channel["target"]["path"] == "translation")
    {
        let sampler = &value["animations"][0]["samplers"][number(&channel["sampler"])];
        let places = floats(accessor(&sampler["output"]).1);
        let node = &value["nodes"][number(&channel["target"]["node"])];
        let shown = node["translation"].as_array().into_iter().flatten();
        let shown: Vec<f32> = shown.filter_map(Value::as_f64).map(|c| c as f32).collect();
        assert!(places.ends_with(&shown) && shown.len() == 3, "{shown:?}");
    }
    value
}

#[test]
fn a_model_has_surfaces_paths_and_balls_that_move() {
    let desk = Desk::new();
    let ended = desk.run("export saddle -o saddle.glb");
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let value = model(&desk.read("saddle.glb"));
    let saddle = Experiment::load("saddle").expect("a built-in");
    let descents = saddle.panels[0].descents.len();
    assert_eq!(
        value["meshes"].as_array().map(Vec::len),
        Some(1 + 2 * descents)
    );
    let spots = &value["meshes"][0]["primitives"][0]["attributes"]["TEXCOORD_0"];
    assert!(spots.is_u64() && value["images"][0]["mimeType"] == "image/png");
    let colors = &value["materials"][0]["pbrMetallicRoughness"]["baseColorTexture"]["index"];
    assert_eq!(colors, 0, "the surface has its colours");
    let moves = value["animations"][0]["channels"]
        .as_array()
        .into_iter()
        .flatten();
    let moves = moves.filter(|channel| channel["target"]["path"] == "translation");
    assert_eq!(moves.count(), descents);
}

#[test]
fn a_model_is_light_and_shows_what_the_surface_does() {
    let desk = Desk::new();
    for (name, most) in [
        ("race", 2_000_000),
        ("basins", 2_000_000),
        ("learning-rate-sensitivity", 6_000_000),
    ] {
        let ended = desk.run(&format!("export {name} -o {name}.glb"));
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        let bytes = desk.read(&format!("{name}.glb"));
        assert!(bytes.len() < most, "{name}: {} bytes", bytes.len());
        let value = model(&bytes);
        let images = value["images"].as_array().map(Vec::len);
        assert_eq!(images, Some(1), "{name}: panels share their picture");
        let roots = value["scenes"][0]["nodes"].as_array().expect("roots");
        let place = |root: &Value| {
            value["nodes"][root.as_u64().expect("a number") as usize]["translation"][2].to_string()
        };
        let rows: std::collections::BTreeSet<String> = roots.iter().map(place).collect();
        assert_eq!(
            rows.len(),
            if roots.len() == 6 { 2 } else { 1 },
            "{name}: rows of three"
        );
    }
}

/// The places of a mesh's points, and its triangles.
fn triangles(file: &[u8], mesh: &Value) -> Vec<[[f32; 3]; 3]> {
    let word =
        |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().expect("four bytes")) as usize;
    let value: Value = serde_json::from_slice(&file[20..20 + word(12)]).expect("JSON");
    let data = &file[28 + word(12)..];
    let primitive = &mesh["primitives"][0];
    let bytes = |index: &Value| {
        let index = index.as_u64().expect("an index") as usize;
        let accessor = &value["accessors"][index];
        let view = &value["bufferViews"][accessor["bufferView"].as_u64().expect("a view") as usize];
        let number = |name: &str| view[name].as_u64().expect("a number") as usize;
        let from = number("byteOffset");
        let count = accessor["count"].as_u64().expect("a count") as usize;
        (count, &data[from..from + number("byteLength")])
    };
    let (_, points) = bytes(&primitive["attributes"]["POSITION"]);
    let (chunks, _) = points.as_chunks::<4>();
    let floats: Vec<f32> = chunks.iter().map(|c| f32::from_le_bytes(*c)).collect();
    let (points, _) = floats.as_chunks::<3>();
    let (count, indices) = bytes(&primitive["indices"]);
    let whole = |bytes: &[u8]| {
        bytes
            .iter()
            .rev()
            .fold(0, |sum, b| 256 * sum + usize::from(*b))
    };
    let indices: Vec<usize> = indices.chunks(indices.len() / count).map(whole).collect();
    let (triangles, _) = indices.as_chunks::<3>();
    triangles
        .iter()
        .map(|corners| corners.map(|k| points[k]))
        .collect()
}

/// A descent of one step, so that there is something else than the curve.
fn curve(formula: &str, domain: &str) -> String {
    format!(
        "steepest = 1\n[[panel]]\nformula = '{formula}'\ndomain = [{domain}]\nrange = [-4, 4]\n\
         descent = [{{ rule = 'gd', rate = 0.1, start = [0.7], steps = 1 }}]\n"
    )
}

#[test]
fn a_curve_is_cut_where_it_breaks_off() {
    let desk = Desk::new();
    for (formula, domain) in [
        ("1/x", "[-1, 2]"),
        ("floor(x)", "[-2, 3]"),
        ("tan(x)", "[0, 3]"),
    ] {
        desk.put("a.toml", &curve(formula, domain));
        let ended = desk.run("export a.toml -o a.glb --force");
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        let file = desk.read("a.glb");
        let value = model(&file);
        let surface = &value["meshes"][0];
        assert_eq!(surface["name"], "surface");
        let triangles = triangles(&file, surface);
        assert!(triangles.len() > 500);
        let span = |triangle: &[[f32; 3]; 3], k: usize| {
            let along = triangle.map(|point| point[k]);
            along.iter().copied().fold(f32::NEG_INFINITY, f32::max)
                - along.iter().copied().fold(f32::INFINITY, f32::min)
        };
        // What is steep goes on so: a wall would lead from one side of a break to the other.
        let tallest = triangles.iter().map(|triangle| span(triangle, 1));
        let tallest = tallest.fold(0.0, f32::max);
        assert!(tallest < 0.25, "{formula}: {tallest}");
    }
}

#[test]
fn a_ball_that_leaves_through_the_ceiling_is_seen_no_more() {
    let desk = Desk::new();
    let text = |steps: usize, seconds: &str| {
        format!(
            "steepest = 1\n[view]\nseconds_per_step = {seconds}\n[[panel]]\nformula = 'x^2 + y^2'\n\
             domain = [[-9, 9], [-9, 9]]\nrange = [0, 4]\n\
             descent = [{{ rule = 'gd', rate = 1.05, start = [1, 1], steps = {steps} }}]\n"
        )
    };
    for (steps, is_gone) in [(2, false), (10, true)] {
        for seconds in ["0.05", "1e-46"] {
            desk.put("a.toml", &text(steps, seconds));
            let ended = desk.run("export a.toml -o a.glb --force");
            assert_eq!(ended.code, 0, "{}", ended.stderr);
            let value = model(&desk.read("a.glb"));
            let channels = value["animations"][0]["channels"].as_array();
            let mut channels = channels.into_iter().flatten();
            let hides = channels.any(|channel| channel["target"]["path"] == "scale");
            assert_eq!(hides, is_gone, "{steps} steps, {seconds} s");
        }
    }
}

#[test]
fn a_panel_without_anything_has_no_children() {
    let desk = Desk::new();
    let text =
        "steepest = 1\n[[panel]]\nformula = 'sqrt(-1 - x^2 - y^2)'\ndomain = [[-1, 1], [-1, 1]]\n";
    desk.put("a.toml", text);
    let ended = desk.run("export a.toml -o a.glb");
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let file = desk.read("a.glb");
    let text = String::from_utf8_lossy(&file);
    assert!(
        text.contains("\"translation\"") && !text.contains("[]"),
        "{text}"
    );
}
