//! Sweeps that are broken off: nobody wants them any more, or the graphics device is lost.

use std::sync::atomic::{AtomicUsize, Ordering};

use steepest::gpu::context::Context;
use steepest::gpu::sweep::Sweeper;
use steepest::objective::Softmax;

use super::{Numbers, square, sweep, sweeper, verify};
use crate::slice::Slice;

#[test]
fn a_cancelled_sweep_gives_nothing_and_the_next_one_works() {
    let Some(mut sweeper) = sweeper() else { return };
    let (samples, weights) = Numbers(5).samples(20_000, 2.0);
    let slice = Slice {
        weights,
        u: 0,
        v: 10,
    };
    let domain = square([-5.0, 5.0]);
    for after in 0..3 {
        let asked = AtomicUsize::new(0);
        let go_on = || asked.fetch_add(1, Ordering::Relaxed) < after;
        let cancelled = sweeper.sweep(
            &Softmax::new(samples.clone()),
            &slice.plane(),
            domain,
            [200, 200],
            &go_on,
        );
        assert_eq!(cancelled, Ok(None));
    }
    let found = sweep(&mut sweeper, &samples, &slice, domain, [5, 5]);
    verify("after", &found, &samples, &slice, 1);
}

#[test]
fn a_lost_device_is_an_error_and_the_next_sweep_opens_another() {
    let Some(mut sweeper) = sweeper() else { return };
    let (samples, weights) = Numbers(5).samples(20_000, 2.0);
    let slice = Slice {
        weights,
        u: 0,
        v: 10,
    };
    let domain = square([-5.0, 5.0]);
    // Before a sweep, and in its middle.
    for at in [0, 2] {
        let device = sweeper.context().expect("a device").device().clone();
        let asked = AtomicUsize::new(1);
        let go_on = || {
            if asked.fetch_add(1, Ordering::Relaxed) == at {
                device.destroy();
            }
            true
        };
        if at == 0 {
            device.destroy();
        }
        let lost = sweeper.sweep(
            &Softmax::new(samples.clone()),
            &slice.plane(),
            domain,
            [200, 200],
            &go_on,
        );
        let error = lost.expect_err("the device is lost").to_string();
        assert!(
            error.contains("failed: ") && error.contains("--backend cpu"),
            "{error}"
        );
        assert_eq!(sweeper.describe(), "GPU: lost");
        let found = sweep(&mut sweeper, &samples, &slice, domain, [3, 3]);
        verify("anew", &found, &samples, &slice, 1);
    }
}

#[test]
fn on_an_adopted_device_the_cpu_takes_over_once_it_is_lost() {
    let Some(owner) = sweeper() else { return };
    let context = owner.context().expect("a device").clone();
    let (device, queue) = (context.device().clone(), context.queue().clone());
    let adopted = Context::adopt(context.adapter.clone(), device, queue);
    let mut sweeper = Sweeper::on(adopted);
    let (samples, weights) = Numbers(5).samples(500, 2.0);
    let slice = Slice {
        weights,
        u: 0,
        v: 10,
    };
    let found = sweep(&mut sweeper, &samples, &slice, square([-5.0, 5.0]), [5, 4]);
    verify("adopted", &found, &samples, &slice, 1);
    assert_eq!(sweeper.note(), None);
    context.device().destroy();
    let found = sweep(&mut sweeper, &samples, &slice, square([-5.0, 5.0]), [5, 4]);
    verify("taken over", &found, &samples, &slice, 1);
    let note = sweeper.note().expect("a note");
    assert!(
        note.contains("failed") && note.contains("the CPU"),
        "{note}"
    );
    assert!(
        sweeper.describe().starts_with("CPU"),
        "{}",
        sweeper.describe()
    );
}
