//! Parses and validates every shader that stands by itself, without a graphics adapter.
//!
//! Shaders that import Bevy's modules only become WGSL inside Bevy: the off-screen tests check those.

use crate::layers::{files_under, read};
use naga::front::wgsl;
use naga::valid::{Capabilities, ValidationFlags, Validator};

#[test]
fn every_import_free_shader_is_valid() {
    let shaders = files_under("shaders", "wgsl");
    assert!(!shaders.is_empty(), "no shaders were found");
    let mut failures = Vec::new();
    for file in shaders {
        let source = read(&file);
        let name = file.display().to_string();
        if is_import_free(&source)
            && let Err(failure) = validate(&source, &name)
        {
            failures.push(failure);
        }
    }
    assert!(
        failures.is_empty(),
        "{} failures:\n{}",
        failures.len(),
        failures.join("\n")
    );
}

/// Plain WGSL has no `#`: it marks an import, a condition or a definition that Bevy fills in.
fn is_import_free(source: &str) -> bool {
    !source.lines().any(|line| {
        line.split("//")
            .next()
            .is_some_and(|code| code.contains('#'))
    })
}

/// As WebGPU defines the language, without extensions.
fn validate(source: &str, name: &str) -> Result<(), String> {
    let module = wgsl::parse_str(source).map_err(|e| e.emit_to_string_with_path(source, name))?;
    Validator::new(ValidationFlags::all(), Capabilities::default())
        .validate(&module)
        .map(|_| ())
        .map_err(|e| e.emit_to_string_with_path(source, name))
}

#[test]
fn a_broken_shader_is_found() {
    assert_eq!(
        validate("fn f() -> f32 { return 1.0; }", "good.wgsl"),
        Ok(())
    );
    for broken in [
        "fn f() -> f32 { return }",
        "fn f() -> f32 { }",
        "fn f() -> u32 { return 1.0f; }",
    ] {
        let failure = validate(broken, "broken.wgsl").expect_err(broken);
        assert!(failure.contains("broken.wgsl"), "{failure}");
    }
}

#[test]
fn imports_and_conditions_are_told_from_plain_wgsl() {
    assert!(is_import_free("// issue #3\nfn f() {} // a #hash"));
    for source in [
        "#import bevy_pbr::view",
        "fn f() {\n#ifdef A\n}",
        "@group(#{MATERIAL_BIND_GROUP})",
    ] {
        assert!(!is_import_free(source), "{source}");
    }
}
