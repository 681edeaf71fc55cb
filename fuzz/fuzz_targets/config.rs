//! Any text as a reduse.toml.
#![no_main]

use libfuzzer_sys::fuzz_target;
use reduse::config::Config;

fuzz_target!(|text: &str| {
    let _ = Config::parse(text, "reduse.toml", "");
});
