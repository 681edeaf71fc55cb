//! The `reduse` command: parse, run, exit.

use std::process::ExitCode;

fn main() -> ExitCode {
    reduse::cli::main()
}
