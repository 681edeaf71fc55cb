//! Any text as a file of this kind, through extraction and all lints.
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use reduse::config::Config;
use reduse::engine::{self, Options};
use reduse::source::{FileKind, SourceFile};
use reduse::workspace::Workspace;

fuzz_target!(|text: &str| {
    let file = Arc::new(SourceFile::new("m.py", FileKind::Python, text));
    let workspace = Workspace::in_memory(vec![file], Config::default());
    let options = Options::default();
    let facts = engine::facts(&workspace, &options);
    engine::lint(&facts, &workspace, &options);
});
