//! The `reduse` command: parse, run, exit.

use std::process::ExitCode;

/// Trees of many small parts are made and freed on several threads, where the system's allocator takes a third of the time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    reduse::cli::main()
}
