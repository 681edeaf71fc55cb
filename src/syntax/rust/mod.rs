//! Rust text to a tree of our own.
//!
//! `nesting` looks whether the text can be parsed without deep recursion, syn parses, `lower` turns syn's tree (which can't leave
//! its thread) into `tree`. Knows nothing about metrics. Callers run `parse` and whatever walks or drops the trees on threads
//! with a big stack: `on_big_stack`.

mod expand;
mod lower;
mod nesting;
pub mod tree;

pub use expand::{Expansion, expand};

use crate::source::Span;

/// Stack of the threads that touch trees. Only pages that are used cost memory.
const STACK_BYTES: usize = 256 << 20;

/// Why a text could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// In words.
    pub message: String,
    /// Where.
    pub span: Span,
}

/// Parses a file.
///
/// # Errors
/// The first thing that is not Rust, or that is nested too deeply to be read.
pub fn parse(text: &str) -> Result<tree::File, SyntaxError> {
    nesting::check(text, 0).map_err(|deep| SyntaxError { message: deep.message, span: deep.span })?;
    lower::file(text)
}

/// Runs `work` on a pool of threads whose stacks hold any tree that `parse` lets through; parallel iterators inside use that
/// pool. Without threads it runs here.
pub fn on_big_stack<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    use std::sync::LazyLock;
    static POOL: LazyLock<Option<rayon::ThreadPool>> = LazyLock::new(|| {
        let threads = rayon::current_num_threads();
        rayon::ThreadPoolBuilder::new().num_threads(threads).stack_size(STACK_BYTES).thread_name(|i| format!("rust-{i}")).build().ok()
    });
    match POOL.as_ref() {
        Some(pool) => pool.install(work),
        None => work(),
    }
}

#[cfg(test)]
mod tests;
