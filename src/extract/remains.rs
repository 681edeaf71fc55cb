//! What extraction has no more use for, and takes as long to be freed as it took to be made.

use std::any::Any;
use std::fmt;

use rayon::prelude::*;

use crate::threads::later_on_big_stack;

/// Trees of code. When this is dropped, threads that have nothing else to do free them; a process that ends may forget it.
#[derive(Default)]
pub struct Remains(Vec<Box<dyn Any + Send + Sync>>);

impl Remains {
    pub(super) fn new(parts: impl IntoIterator<Item = Box<dyn Any + Send + Sync>>) -> Self {
        Remains(parts.into_iter().collect())
    }

    pub(super) fn merge(&mut self, mut other: Remains) {
        self.0.append(&mut other.0);
    }
}

impl Drop for Remains {
    fn drop(&mut self) {
        let parts = std::mem::take(&mut self.0);
        if !parts.is_empty() {
            later_on_big_stack(move || parts.into_par_iter().for_each(drop));
        }
    }
}

impl fmt::Debug for Remains {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} parts", self.0.len())
    }
}
