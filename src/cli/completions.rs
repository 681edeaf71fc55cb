//! `reduse completions`.

use clap::CommandFactory;
use clap_complete::Shell;

use super::args::Cli;
use super::terminal::Terminal;
use super::{Failure, Outcome};

pub(super) fn run(shell: Shell, terminal: &Terminal) -> Result<Outcome, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "reduse", &mut script);
    terminal.print(&String::from_utf8_lossy(&script));
    Ok(Outcome::Clean)
}
