//! The kit for compute shaders, with a shader of the tests' own.

use std::io::{self, Write};

use steepest::gpu::adapter::AdapterWish;
use steepest::gpu::context::{Context, ContextError};
use steepest::gpu::kernel::{Access, Dispatch, Program, Runner};
use wgpu::BufferUsages;

const SQUARES: &str = "
override FACTOR: f32;
@group(0) @binding(0) var<storage, read> numbers: array<f32>;
@group(0) @binding(1) var<storage, read_write> squares: array<f32>;
@compute @workgroup_size(64)
fn square(@builtin(global_invocation_id) id: vec3<u32>) {
    if id.x < arrayLength(&numbers) {
        squares[id.x] = FACTOR * numbers[id.x] * numbers[id.x];
    }
}";

/// A device, or `None`, said aloud, where there is none.
fn context() -> Option<Context> {
    match Context::open(&AdapterWish::Best) {
        Ok(context) => Some(context),
        Err(ContextError::Adapter(error)) => {
            // Where nothing can be said, nobody listens.
            let _ = writeln!(io::stderr(), "SKIPPED: {error}");
            None
        }
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn a_kernel_is_a_source_its_bindings_and_a_dispatch() {
    let Some(context) = context() else { return };
    let bindings = [Access::Read, Access::ReadWrite];
    let program = Program::new(&context, "squares", SQUARES, &bindings).expect("a shader");
    let kernel = program.kernel(&context, "square", &[("FACTOR", 0.5)]);
    let kernel = kernel.expect("an entry point");
    let mut runner = Runner::new(&context);
    for count in [2u32, 1000, 64] {
        let numbers: Vec<f32> = (0..count).map(|i| i as f32).collect();
        let bytes = u64::from(count) * 4;
        let input = context.buffer(bytes, BufferUsages::STORAGE | BufferUsages::COPY_DST);
        let output = context.buffer(bytes, BufferUsages::STORAGE | BufferUsages::COPY_SRC);
        context
            .queue()
            .write_buffer(&input, 0, bytemuck::cast_slice(&numbers));
        let dispatch = Dispatch {
            kernel: &kernel,
            bindings: &program.bind(&context, &[&input, &output]),
            groups: [count.div_ceil(64), 1, 1],
        };
        let mut squares: Vec<f32> = Vec::new();
        let read = |bytes: &[u8]| squares.extend_from_slice(bytemuck::cast_slice(bytes));
        let ran = runner.run(&context, &[dispatch], (&output, bytes), read, &|| true);
        assert!(ran.expect("the device works").is_some());
        let expected: Vec<f32> = numbers.iter().map(|n| 0.5 * n * n).collect();
        assert_eq!(squares, expected);
    }
}

#[test]
fn a_faulty_shader_is_an_error_and_the_device_goes_on() {
    let Some(context) = context() else { return };
    let bindings = [Access::Read, Access::ReadWrite];
    let error = Program::new(&context, "faulty", "fn square( {", &bindings);
    let error = error.expect_err("no shader").to_string();
    assert!(error.contains("faulty"), "{error}");
    let program = Program::new(&context, "squares", SQUARES, &bindings).expect("a shader");
    let missing = program.kernel(&context, "cube", &[("FACTOR", 1.0)]);
    let error = missing.expect_err("no such entry point").to_string();
    assert!(error.contains("cube"), "{error}");
    let kernel = program.kernel(&context, "square", &[("FACTOR", 1.0)]);
    assert!(kernel.is_ok());
}

#[test]
fn a_lost_device_is_an_error() {
    let Some(context) = context() else { return };
    let bindings = [Access::Read, Access::ReadWrite];
    let program = Program::new(&context, "squares", SQUARES, &bindings).expect("a shader");
    let kernel = program.kernel(&context, "square", &[("FACTOR", 1.0)]);
    let kernel = kernel.expect("an entry point");
    let usage = BufferUsages::STORAGE | BufferUsages::COPY_SRC;
    let [input, output] = [(); 2].map(|()| context.buffer(256, usage));
    let mut runner = Runner::new(&context);
    let mut run = || {
        let dispatch = Dispatch {
            kernel: &kernel,
            bindings: &program.bind(&context, &[&input, &output]),
            groups: [1, 1, 1],
        };
        runner.run(&context, &[dispatch], (&output, 256), |_| (), &|| true)
    };
    assert!(run().expect("the device works").is_some());
    context.device().destroy();
    assert!(run().is_err());
}
