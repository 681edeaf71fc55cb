//! `reduse.toml`.
