//! `reduse init`: a commented `reduse.toml`, never over an existing one.

use super::args::InitArgs;
use super::terminal::Terminal;
use super::{Failure, Outcome, write};
use crate::config::unknown_preset;
use crate::generate::starter_config;
use crate::knowledge::presets;

pub(super) fn run(args: &InitArgs, terminal: &Terminal) -> Result<Outcome, Failure> {
    let preset = presets::get(&args.preset).ok_or_else(|| Failure::Usage(format!("--preset: {}", unknown_preset(&args.preset))))?;
    if !args.dir.is_dir() {
        return Err(Failure::Usage(format!("no such folder: {}", args.dir.display())));
    }
    let file = args.dir.join("reduse.toml");
    if file.symlink_metadata().is_ok() {
        return Err(Failure::Usage(format!("{} is there already, and nothing was written: edit it, or remove it first", file.display())));
    }
    let text = starter_config(preset).map_err(Failure::Usage)?;
    write::replace(&file, &text)?;
    let shown = file.strip_prefix(".").unwrap_or(&file);
    terminal.print(&format!("{}: every line is optional; `reduse check` works without it too\n", shown.display()));
    Ok(Outcome::Clean)
}
