//! What is printed, and how: colour only on a terminal, progress only on stderr.

use std::io::{IsTerminal, Write};
use std::sync::OnceLock;
use std::time::Duration;

use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::report::pretty::Style;

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ColorChoice {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// Standard output and error.
#[derive(Debug)]
pub(super) struct Terminal {
    color: ColorChoice,
    /// The first thing that went wrong with standard output.
    failed: OnceLock<std::io::Error>,
}

impl Terminal {
    pub(super) fn new(color: ColorChoice) -> Self {
        Terminal { color, failed: OnceLock::new() }
    }

    /// Prints to standard output. A reader that went away (`| head`) is not an error; what else goes wrong is kept for `failure`.
    pub(super) fn print(&self, text: &str) {
        let mut out = std::io::stdout().lock();
        let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
        if let Some(error) = written.err().filter(|e| e.kind() != std::io::ErrorKind::BrokenPipe) {
            self.failed.get_or_init(|| error);
        }
    }

    /// Why not all that was printed can be read.
    pub(super) fn failure(&self) -> Option<&std::io::Error> {
        self.failed.get()
    }

    /// Prints a line to standard error.
    pub(super) fn note(&self, line: &str) {
        let _ = writeln!(std::io::stderr().lock(), "{line}");
    }

    /// Prints an error to standard error.
    pub(super) fn error(&self, message: &str) {
        let head = if self.colored(&std::io::stderr()) { "\u{1b}[1;31merror:\u{1b}[0m" } else { "error:" };
        self.note(&format!("{head} {message}"));
    }

    /// How to draw findings on standard output.
    pub(super) fn style(&self) -> Style {
        Style { color: self.colored(&std::io::stdout()), width: self.width() }
    }

    /// A spinner on standard error that appears only on a terminal, and only when the work takes long enough to be noticed.
    pub(super) fn progress(&self, message: &'static str) -> Progress {
        if !std::io::stderr().is_terminal() {
            return Progress(None);
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
            bar.set_style(style);
        }
        bar.set_message(message);
        bar.enable_steady_tick(Duration::from_millis(300));
        Progress(Some(bar))
    }

    fn colored(&self, stream: &impl IsTerminal) -> bool {
        match self.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => stream.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty()),
        }
    }

    /// Columns of the terminal as the shell exports them; a readable default elsewhere, so that logs do not depend on the machine.
    fn width(&self) -> usize {
        let columns = std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok());
        columns.unwrap_or(120).clamp(60, 200)
    }
}

/// A spinner; gone when dropped.
pub(super) struct Progress(Option<ProgressBar>);

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}
