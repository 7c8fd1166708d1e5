//! Work beside the frames.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bevy::tasks::{AsyncComputeTaskPool, Task, futures::check_ready};

use crate::objective::GoOn;

/// A computation that goes on while frames are drawn: what it is for, and what will come of it. Dropping it ends it.
pub(super) struct Job<K, T> {
    pub key: K,
    task: Task<T>,
    stop: Arc<AtomicBool>,
}

impl<K, T: Send + 'static> Job<K, T> {
    /// Begins it. What is given to `work` says no once nobody wants the result any more.
    pub fn begin(key: K, work: impl FnOnce(&GoOn) -> T + Send + 'static) -> Job<K, T> {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let task = AsyncComputeTaskPool::get()
            .spawn(async move { work(&|| !stopped.load(Ordering::Relaxed)) });
        Job { key, task, stop }
    }

    /// What came of it, once.
    pub fn result(&mut self) -> Option<T> {
        check_ready(&mut self.task)
    }
}

impl<K, T> Drop for Job<K, T> {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}
