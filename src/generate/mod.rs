//! Bindings to a plan to files, as text in memory. Never writes, never lints.
