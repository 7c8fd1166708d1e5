//! Work beside the frames: everything that may take longer than a frame has time. What is asked for last wins: dropping a job
//! ends it, and what has come of it until then stays in view.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use bevy::prelude::*;
use bevy::tasks::futures_lite::future::yield_now;
use bevy::tasks::{Task, TaskPool, TaskPoolBuilder};

use crate::lab::stage::Stage;

/// How long a window's frame waits for what was asked for in it, so that what is quick is seen at once, and all of it
/// together.
pub const FRAME_BUDGET: Duration = Duration::from_millis(8);
/// How long a slice of a job goes on before others have their turn.
const SLICE: Duration = Duration::from_millis(4);
/// Of threads beside frames (sched(7)): a tenth of the weight of others.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 10;

/// How long a frame waits for jobs. Without a limit all of them are complete before anything is drawn.
#[derive(Resource, Debug, Clone, Copy, Default)]
pub struct ComputeBudget(pub Option<Duration>);

/// Until when this frame waits; `None` for as long as it takes.
#[derive(Resource, Debug, Clone, Copy, Default)]
pub(crate) struct Patience(pub Option<Instant>);

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<ComputeBudget>()
        .init_resource::<Patience>()
        .add_systems(Update, begin_frame.in_set(Stage::Model));
}

/// Whether frames come first.
static IS_BESIDE_FRAMES: AtomicBool = AtomicBool::new(false);

/// From now on what is computed beside the frames takes what processors they leave, where the system knows of such a thing (Linux). For
/// windows, before the first job; pictures and videos have nothing to do but to wait.
pub fn put_frames_first() {
    IS_BESIDE_FRAMES.store(true, Ordering::Relaxed);
    rayon::broadcast(|_| step_back());
}

/// Has this thread take what others leave, once frames come first.
fn step_back() {
    #[cfg(target_os = "linux")]
    if IS_BESIDE_FRAMES.load(Ordering::Relaxed) {
        use rustix::process::{getpriority_process, setpriority_process};
        let thread = Some(rustix::thread::gettid());
        let niceness = getpriority_process(thread).unwrap_or_default();
        // Who has more of it already keeps it; nobody is refused more.
        let _ = setpriority_process(thread, niceness.max(NICENESS));
    }
}

fn begin_frame(budget: Res<ComputeBudget>, mut patience: ResMut<Patience>) {
    patience.0 = budget
        .0
        .and_then(|budget| Instant::now().checked_add(budget));
}

/// A computation that goes on while frames are drawn: what it is for, and what has come of it, in parts. Dropping it ends it.
#[derive(Debug)]
pub(crate) struct Job<K, T> {
    pub key: K,
    shared: Arc<Shared<T>>,
    /// Given up when it is dropped.
    _task: Task<()>,
}

#[derive(Debug)]
struct Shared<T> {
    wanted: AtomicBool,
    parts: Mutex<Parts<T>>,
    news: Condvar,
}

#[derive(Debug)]
struct Parts<T> {
    arrived: Vec<T>,
    is_over: bool,
    /// It ended in a panic.
    has_failed: bool,
}

impl<T> Shared<T> {
    fn parts(&self) -> MutexGuard<'_, Parts<T>> {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where a job puts what it has computed. The job is over once it is dropped, be it by a panic.
pub(crate) struct Output<T>(Arc<Shared<T>>);

impl<T> Output<T> {
    pub fn is_wanted(&self) -> bool {
        self.0.wanted.load(Ordering::Relaxed)
    }

    pub fn put(&self, part: T) {
        self.0.parts().arrived.push(part);
        self.0.news.notify_all();
    }
}

impl<T> Drop for Output<T> {
    fn drop(&mut self) {
        let mut parts = self.0.parts();
        (parts.is_over, parts.has_failed) = (true, std::thread::panicking());
        drop(parts);
        self.0.news.notify_all();
    }
}

/// All but one, which is for the frames, but at least one.
fn spare_processors() -> usize {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    processors.saturating_sub(1).max(1)
}

/// Threads for what may take minutes.
struct LongThreads {
    tasks: TaskPool,
    /// What `rayon` has within them: its usual threads where there are no others.
    rayon: Option<rayon::ThreadPool>,
}

impl LongThreads {
    /// For so many at once.
    fn new(name: &'static str, at_once: usize) -> LongThreads {
        let builder = rayon::ThreadPoolBuilder::new().num_threads(spare_processors());
        let builder = builder.start_handler(|_| step_back());
        let builder = builder.thread_name(move |k| format!("{name} {k}"));
        LongThreads {
            tasks: pool(&format!("{name}s"), at_once),
            rayon: builder.build().ok(),
        }
    }
}

impl<K, T: Send + 'static> Job<K, T> {
    /// Begins what is done in one go, on threads for such work alone. It asks now and then whether it is still wanted.
    pub fn begin(key: K, work: impl FnOnce(&Output<T>) + Send + 'static) -> Job<K, T> {
        static POOL: OnceLock<TaskPool> = OnceLock::new();
        let pool = POOL.get_or_init(|| pool("landscapes", 2));
        Job::on(pool, key, |output| async move { work(&output) })
    }

    /// The same for what may take minutes: the threads are others, and `rayon`, within it, leaves the frames a processor.
    pub fn begin_long(key: K, work: impl FnOnce(&Output<T>) + Send + 'static) -> Job<K, T> {
        static THREADS: OnceLock<LongThreads> = OnceLock::new();
        let threads = THREADS.get_or_init(|| LongThreads::new("map", 2));
        Job::on_long(threads, key, work)
    }

    /// The same for what waits for jobs of all other kinds, as a picture does that is drawn beside the window's: it must not hold the
    /// threads that these need.
    pub fn begin_apart(key: K, work: impl FnOnce(&Output<T>) + Send + 'static) -> Job<K, T> {
        static THREADS: OnceLock<LongThreads> = OnceLock::new();
        let threads = THREADS.get_or_init(|| LongThreads::new("apart", 1));
        Job::on_long(threads, key, work)
    }

    fn on_long(
        threads: &'static LongThreads,
        key: K,
        work: impl FnOnce(&Output<T>) + Send + 'static,
    ) -> Job<K, T> {
        Job::on(&threads.tasks, key, |output| async move {
            match &threads.rayon {
                Some(threads) => threads.install(|| work(&output)),
                None => work(&output),
            }
        })
    }

    /// Begins what takes some milliseconds, in its turn among what is done in slices.
    pub fn at_once(key: K, work: impl FnOnce() -> T + Send + 'static) -> Job<K, T> {
        let mut work = Some(work);
        Job::in_slices(key, move |output, _| {
            work.take().into_iter().for_each(|work| output.put(work()));
            false
        })
    }

    /// Begins what is done in slices of a few milliseconds; others of the kind have their turns between them. `slice` is
    /// given the end of its time, and is called again as long as it says so.
    pub fn in_slices(
        key: K,
        mut slice: impl FnMut(&Output<T>, Instant) -> bool + Send + 'static,
    ) -> Job<K, T> {
        static POOL: OnceLock<TaskPool> = OnceLock::new();
        let pool = POOL.get_or_init(|| pool("descents", spare_processors().min(8)));
        Job::on(pool, key, |output| async move {
            while output.is_wanted() && slice(&output, Instant::now() + SLICE) {
                yield_now().await;
            }
        })
    }

    fn on<F>(pool: &TaskPool, key: K, work: impl FnOnce(Output<T>) -> F) -> Job<K, T>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let shared = Arc::new(Shared {
            wanted: AtomicBool::new(true),
            parts: Mutex::new(Parts {
                arrived: Vec::new(),
                is_over: false,
                has_failed: false,
            }),
            news: Condvar::new(),
        });
        let task = pool.spawn(work(Output(shared.clone())));
        Job {
            key,
            shared,
            _task: task,
        }
    }

    /// What has come of it since the last time.
    pub fn take(&self) -> Vec<T> {
        std::mem::take(&mut self.shared.parts().arrived)
    }

    /// Whether all that will come of it has been taken.
    pub fn is_over(&self) -> bool {
        let parts = self.shared.parts();
        parts.is_over && parts.arrived.is_empty()
    }

    /// Whether it has ended in a panic, which is a fault of the program: what it was for is not there, and would fail again.
    pub fn has_failed(&self) -> bool {
        self.shared.parts().has_failed
    }

    /// Waits until it is complete, until `limit` at most.
    pub fn wait(&self, limit: Option<Instant>) {
        self.wait_while(limit, |parts| !parts.is_over);
    }

    /// Waits until a part of it is there, until `limit` at most.
    pub fn wait_for_part(&self, limit: Option<Instant>) {
        self.wait_while(limit, |parts| !parts.is_over && parts.arrived.is_empty());
    }

    fn wait_while(&self, limit: Option<Instant>, goes_on: impl Fn(&Parts<T>) -> bool) {
        let mut parts = self.shared.parts();
        while goes_on(&parts) {
            let news = &self.shared.news;
            parts = match limit.map(|limit| limit.saturating_duration_since(Instant::now())) {
                None => news.wait(parts).unwrap_or_else(PoisonError::into_inner),
                Some(Duration::ZERO) => return,
                Some(left) => {
                    let waited = news.wait_timeout(parts, left);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }
}

impl<K, T> Drop for Job<K, T> {
    fn drop(&mut self) {
        self.shared.wanted.store(false, Ordering::Relaxed);
    }
}

fn pool(name: &str, threads: usize) -> TaskPool {
    TaskPoolBuilder::new()
        .num_threads(threads)
        .thread_name(name.to_owned())
        .on_thread_spawn(step_back)
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_come_in_order_and_a_job_is_over_when_all_are_taken() {
        let mut next = 0;
        let job = Job::in_slices("three", move |output, _| {
            output.put(next);
            next += 1;
            next < 3
        });
        job.wait(None);
        assert!(!job.is_over(), "there is something to take");
        assert_eq!((job.key, job.take()), ("three", vec![0, 1, 2]));
        assert!(job.is_over() && job.take().is_empty());
        assert!(!job.has_failed());
    }

    #[test]
    fn nobody_waits_longer_than_they_said_nor_for_what_has_failed() {
        let began = Instant::now();
        let job: Job<(), ()> = Job::begin((), |output| {
            while output.is_wanted() {
                std::thread::sleep(Duration::from_millis(1));
            }
        });
        job.wait(Some(began + Duration::from_millis(20)));
        job.wait_for_part(Some(began));
        assert!(!job.is_over() && began.elapsed() < Duration::from_secs(2));
        let shared = job.shared.clone();
        drop(job);
        let failed: Job<(), ()> = Job::begin((), |_| panic!("on purpose"));
        failed.wait(None);
        assert!(failed.is_over() && failed.has_failed());
        while !shared.parts().is_over {
            std::thread::yield_now();
        }
    }

    #[test]
    fn who_waits_for_long_jobs_holds_none_of_their_threads() {
        // More at once than those have threads, on any machine.
        let waiting = (0..3).map(|k| {
            Job::begin_apart(k, |output| {
                let awaited: Vec<Job<(), ()>> = (0..3)
                    .map(|_| Job::begin_long((), |output| output.put(())))
                    .collect();
                awaited.iter().for_each(|job| job.wait(None));
                output.put(awaited.iter().map(|job| job.take().len()).sum::<usize>());
            })
        });
        let waiting: Vec<Job<i32, usize>> = waiting.collect();
        // They would wait for ever.
        let limit = Instant::now() + Duration::from_secs(120);
        for job in waiting {
            job.wait(Some(limit));
            assert_eq!(job.take(), [3]);
        }
    }

    #[test]
    fn many_jobs_in_slices_take_turns() {
        let endless = |output: &Output<()>, _| {
            output.put(());
            std::thread::sleep(Duration::from_millis(1));
            true
        };
        let jobs: Vec<Job<usize, ()>> = (0..20).map(|k| Job::in_slices(k, endless)).collect();
        let limit = Instant::now() + Duration::from_secs(20);
        for job in &jobs {
            job.wait_for_part(Some(limit));
            assert!(!job.take().is_empty(), "{} has had no turn", job.key);
        }
    }
}
