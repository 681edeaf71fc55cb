//! The command line: one file per command, and the only writer of files.
//!
//! Exit codes are a contract: 0 clean, 1 findings or drift, 2 usage or configuration, 3 something could not be read or written.

mod args;
mod before;
mod budget;
mod check;
mod completions;
mod coverage;
mod diff;
mod explain;
mod fix;
mod generate;
mod init;
mod inventory;
mod lock;
mod lsp;
mod rules;
mod schema;
mod session;
mod templates;
mod terminal;
mod today;
mod unpacked;
mod verify;
mod write;

use std::process::ExitCode;

use clap::Parser;

use crate::threads::on_big_stack;
use args::{Cli, Command};
use terminal::Terminal;

/// Why a command ended without a result.
#[derive(Debug)]
enum Failure {
    /// Wrong usage or configuration: exit code 2.
    Usage(String),
    /// Something that had to be read or written could not be: exit code 3.
    Io(String),
    /// What was generated does not pass our own lints: exit code 1.
    Proof(String),
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Clean,
    Findings,
    Unreadable,
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // clap prints help and version on stdout with code 0, mistakes on stderr with code 2.
            let code = if error.use_stderr() { 2 } else { 0 };
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    let terminal = Terminal::new(cli.color);
    // One set of threads for everything: what one part of the work frees, the next takes.
    let result = on_big_stack(|| match &cli.command {
        Command::Check(args) => check::run(args, &terminal),
        Command::Inventory(args) => inventory::run(args, &terminal),
        Command::Budget(args) => budget::run(args, &terminal),
        Command::Coverage(args) => coverage::run(args, &terminal),
        Command::Generate(args) => generate::run(args, &terminal),
        Command::Verify(args) => verify::run(args, &terminal),
        Command::Diff(args) => diff::run(args, &terminal),
        Command::Explain { lint } => explain::run(lint, &terminal),
        Command::Rules => rules::run(&terminal),
        Command::Init(args) => init::run(args, &terminal),
        Command::Lsp(args) => lsp::run(args, &terminal),
        Command::Schema => schema::run(&terminal),
        Command::Completions { shell } => completions::run(*shell, &terminal),
    });
    let result = match terminal.failure() {
        Some(error) => result.and_then(|_| Err(Failure::Io(format!("cannot write to standard output: {error}")))),
        None => result,
    };
    match result {
        Ok(Outcome::Clean) => ExitCode::SUCCESS,
        Ok(Outcome::Findings) => ExitCode::from(1),
        Ok(Outcome::Unreadable) => ExitCode::from(3),
        Err(failure) => {
            let (message, code) = match failure {
                Failure::Proof(message) => (message, 1),
                Failure::Usage(message) => (message, 2),
                Failure::Io(message) => (message, 3),
            };
            terminal.error(&message);
            ExitCode::from(code)
        }
    }
}
