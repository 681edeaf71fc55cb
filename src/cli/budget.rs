//! `reduse budget`, and the committed file that holds what was agreed on.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::args::{BudgetArgs, TableFormat};
use super::terminal::Terminal;
use super::{Failure, Outcome, session, write};
use crate::config::{BudgetLimits, Config};
use crate::model::DEFAULT_MAX_SERIES;
use crate::report::{self, plural};
use crate::signals::budget::{self, Budget};
use crate::workspace::Workspace;

/// What a committed budget says: `unknown` where the series of a metric are not known.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Committed {
    version: u32,
    metrics: BTreeMap<String, Series>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(untagged)]
enum Series {
    Known(u64),
    Unknown(Unknown),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
enum Unknown {
    Unknown,
}

impl From<Option<u64>> for Series {
    fn from(series: Option<u64>) -> Self {
        series.map_or(Series::Unknown(Unknown::Unknown), Series::Known)
    }
}

const HEADER: &str =
    "# Series of every metric, as agreed on. Written by `reduse budget --write-budget`, checked by `reduse budget --budget`.\n";

pub(super) fn run(args: &BudgetArgs, terminal: &Terminal) -> Result<Outcome, Failure> {
    let options = session::options(&args.input, &[], None)?;
    let workspace = session::read(&args.input, terminal)?;
    let limits = limits(args, &workspace)?;
    let committed = limits.file.as_deref().map(read).transpose()?;
    let facts = session::facts(&workspace, &options, terminal);
    let budget = budget::budget(&facts.inventory, &facts.policies);
    session::name_broken_code(&facts, terminal);
    let unreadable = session::unreadable(&facts);
    for line in &unreadable {
        terminal.error(line);
    }
    if let Some(file) = &args.write_budget {
        write::replace(file, &render(&budget)?)?;
        terminal.print(&format!("{}: {}\n", file.display(), plural(budget.metrics.len(), "metric")));
        return Ok(if unreadable.is_empty() { Outcome::Clean } else { Outcome::Unreadable });
    }
    terminal.print(&match args.format {
        TableFormat::Table => report::budget::plain(&budget, limits.max),
        TableFormat::Json => report::budget::json(&budget, limits.max),
        TableFormat::Markdown => report::budget::markdown(&budget, limits.max),
    });
    let mut over = growth(&budget, committed.as_ref());
    if budget.known() > limits.max {
        over.push(format!("{} series are more than the budget of {}", budget.known(), limits.max));
    }
    for line in &over {
        terminal.note(line);
    }
    if !over.is_empty() && committed.is_some() {
        terminal.note("if that is meant, write the file again with --write-budget and commit it");
    }
    Ok(match (unreadable.is_empty(), over.is_empty()) {
        (false, _) => Outcome::Unreadable,
        (true, false) => Outcome::Findings,
        (true, true) => Outcome::Clean,
    })
}

/// What the arguments say, else the configuration.
struct Limits {
    max: u64,
    file: Option<PathBuf>,
}

/// The limits of a run. Several configurations with limits of their own cannot hold for one sum.
fn limits(args: &BudgetArgs, workspace: &Workspace) -> Result<Limits, Failure> {
    let mut said = workspace.configs().iter().filter(|c| c.budget != BudgetLimits::default());
    let config = said.next();
    let both = args.max.is_some() && (args.budget.is_some() || args.write_budget.is_some());
    if let (Some(first), Some(second), false) = (config, said.next(), both) {
        let name = |c: &Config| c.path.as_deref().unwrap_or_default().to_owned();
        let (first, second) = (name(first), name(second));
        return Err(Failure::Usage(format!(
            "both {first} and {second} have [budget]: run `reduse budget` for each, or give --max and --budget"
        )));
    }
    let of_config = config.and_then(|c| Some(Path::new(&c.root).join(c.budget.file.as_ref()?)));
    // The file that is to be written need not be there, nor agree.
    let file = if args.write_budget.is_some() { None } else { args.budget.clone().or(of_config) };
    Ok(Limits { max: args.max.or(config.and_then(|c| c.budget.max)).unwrap_or(DEFAULT_MAX_SERIES), file })
}

fn read(file: &Path) -> Result<Committed, Failure> {
    let text = std::fs::read_to_string(file).map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => Failure::Usage(format!("no such budget: {}: make it with --write-budget", file.display())),
        _ => Failure::Io(format!("cannot read {}: {e}", file.display())),
    })?;
    let committed: Committed = toml::from_str(&text).map_err(|e| Failure::Usage(format!("{}: {e}", file.display())))?;
    if committed.version != 1 {
        return Err(Failure::Usage(format!("{}: version {} is not known", file.display(), committed.version)));
    }
    Ok(committed)
}

fn render(budget: &Budget) -> Result<String, Failure> {
    let metrics = budget.metrics.iter().map(|m| (m.name.clone(), m.series.into())).collect();
    let text = toml::to_string(&Committed { version: 1, metrics }).map_err(|e| Failure::Usage(format!("cannot write the budget: {e}")))?;
    Ok(format!("{HEADER}{text}"))
}

/// What has more series than the file says, or is not in it.
fn growth(budget: &Budget, committed: Option<&Committed>) -> Vec<String> {
    let Some(committed) = committed else { return Vec::new() };
    let mut lines: Vec<String> = budget
        .metrics
        .iter()
        .filter_map(|metric| {
            let name = &metric.name;
            match (committed.metrics.get(name), metric.series) {
                (None, Some(now)) => Some(format!("`{name}` is new: {}", series(now))),
                (None, None) => Some(format!("`{name}` is new, and how many series it can have is not known")),
                (Some(Series::Known(before)), Some(now)) if now > *before => {
                    Some(format!("`{name}` grew from {before} to {}", series(now)))
                }
                (Some(Series::Known(before)), None) => Some(format!("`{name}` had {}, and now it is not known", series(*before))),
                _ => None,
            }
        })
        .collect();
    lines.sort();
    lines
}

fn series(count: u64) -> String {
    format!("{count} series")
}
