//! The threads that everything runs on, and work for the moments in which one of them has nothing else to do.

use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::thread;

use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

/// Stack of the threads: it holds any tree of code that is let through. Only pages that are used cost memory.
const STACK_BYTES: usize = 256 << 20;

/// `None` where there can be no threads.
static POOL: LazyLock<Option<ThreadPool>> = LazyLock::new(|| {
    let threads = rayon::current_num_threads();
    ThreadPoolBuilder::new().num_threads(threads).stack_size(STACK_BYTES).thread_name(|i| format!("reduse-{i}")).build().ok()
});

/// Runs `work` on the threads with big stacks; parallel iterators inside use them all. Without threads it runs here.
pub fn on_big_stack<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    match POOL.as_ref() {
        Some(pool) => pool.install(work),
        None => work(),
    }
}

/// The same some time later.
pub fn later_on_big_stack(work: impl FnOnce() + Send + 'static) {
    match POOL.as_ref() {
        Some(pool) => pool.spawn(work),
        None => work(),
    }
}

/// Work that was asked for with `meanwhile`.
pub struct Meanwhile<R> {
    next: Arc<Next<R>>,
    done: Receiver<(usize, R)>,
    count: usize,
}

/// Takes the next thing that nobody has begun, and gives the result with its place.
type Next<R> = dyn Fn() -> Option<(usize, R)> + Send + Sync;

/// Does something with each of `things`, the first ones first, on a thread of its own, to which the system gives the moments in which
/// others wait. A job of rayon would not do: who waits for another thread there would take it, and keep others waiting.
pub fn meanwhile<T, R>(things: Vec<T>, work: impl Fn(T) -> R + Send + Sync + 'static) -> Meanwhile<R>
where
    T: Send + 'static,
    R: Send + 'static,
{
    let count = things.len();
    let things = Mutex::new(things.into_iter().enumerate());
    let take = move || things.lock().unwrap_or_else(PoisonError::into_inner).next();
    let next: Arc<Next<R>> = Arc::new(move || take().map(|(at, thing)| (at, work(thing))));
    let (sender, done) = mpsc::channel();
    let others = Arc::clone(&next);
    let do_all = move || {
        // Who no longer waits for it does not need it.
        while let Some(result) = others() {
            if sender.send(result).is_err() {
                break;
            }
        }
    };
    if count > 0 {
        _ = thread::Builder::new().name("reduse-meanwhile".to_owned()).stack_size(STACK_BYTES).spawn(do_all);
    }
    Meanwhile { next, done, count }
}

impl<R: Send> Meanwhile<R> {
    /// The results in the order of the things, once all are there; what nobody has begun is done here.
    pub fn finish(self) -> Vec<R> {
        let next = &self.next;
        let mut results: Vec<(usize, R)> = (0..self.count).into_par_iter().filter_map(|_| next()).collect();
        results.extend(self.done.iter().take(self.count - results.len()));
        results.sort_unstable_by_key(|(at, _)| *at);
        results.into_iter().map(|(_, result)| result).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_done_once_and_comes_in_order() {
        for count in [0, 1, 1000] {
            let work = meanwhile((0..count).collect(), |n: usize| n * 2);
            let expected: Vec<usize> = (0..count).map(|n| n * 2).collect();
            assert_eq!(work.finish(), expected);
        }
        // Who asked is one of the threads that would do it.
        let inside = on_big_stack(|| meanwhile(vec![1, 2, 3], |n| n + 1).finish());
        assert_eq!(inside, [2, 3, 4]);
    }

    #[test]
    fn what_is_not_waited_for_harms_nobody() {
        drop(meanwhile((0..100).collect(), |n: u32| n));
    }
}
