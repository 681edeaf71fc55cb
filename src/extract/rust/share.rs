//! Shares work of different sizes among the threads.

use rayon::prelude::*;

/// Works on everything, the largest first, so that no thread is left with a large thing when the others have nothing to do. The
/// results are in the order of the things.
pub(super) fn largest_first<T: Send, R: Send>(
    all: impl IntoIterator<Item = T>,
    size: impl Fn(&T) -> usize,
    work: impl Fn(T) -> R + Sync,
) -> Vec<R> {
    let mut order: Vec<(usize, T)> = all.into_iter().enumerate().collect();
    order.sort_by_cached_key(|(_, thing)| std::cmp::Reverse(size(thing)));
    let mut done: Vec<(usize, R)> = order.into_par_iter().with_max_len(1).map(|(at, thing)| (at, work(thing))).collect();
    done.sort_unstable_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_the_order_of_the_things() {
        let all: Vec<usize> = (0..100).map(|n| n * 37 % 101).collect();
        assert_eq!(largest_first(&all, |n| **n, |n| n + 1), all.iter().map(|n| n + 1).collect::<Vec<_>>());
        assert!(largest_first([], |n: &usize| *n, |n| n + 1).is_empty());
    }
}
