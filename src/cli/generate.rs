//! `reduse generate`.

use super::args::GenerateArgs;
use super::terminal::Terminal;
use super::{Failure, Outcome};

pub(super) fn run(_args: &GenerateArgs, _terminal: &Terminal) -> Result<Outcome, Failure> {
    Err(Failure::Usage("not yet".to_owned()))
}
