//! The arguments, as clap reads them.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use super::terminal::ColorChoice;
use crate::finding::Severity;
use crate::generate::Target;
use crate::knowledge::plan::AlertSet;

/// Static analysis for metrics.
///
/// Finds every Prometheus metric that a code base can expose, lints metrics, alerts and dashboards against each other, and
/// generates alerts, their tests and a Grafana dashboard.
#[derive(Debug, Parser)]
#[command(name = "reduse", version, max_term_width = 100)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Command,
    /// When to use colour
    #[arg(long, value_name = "WHEN", default_value = "auto", global = true)]
    pub(super) color: ColorChoice,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Lint metric definitions, rule files and dashboards, and each against the others
    Check(CheckArgs),
    /// List every metric found, and every definition that could not be resolved
    Inventory(InventoryArgs),
    /// Show how many series each metric can have, and what each label costs
    Budget(BudgetArgs),
    /// Show which questions of RED, USE and LLM serving are answered, and what to add for the others
    Coverage(CoverageArgs),
    /// Write alerts.yml, alerts_test.yml, dashboard.json and runbook.md from the metrics found
    Generate(GenerateArgs),
    /// Prove rules, rule tests and dashboards: own lints, promtool where it is installed, and a Prometheus that has the data
    Verify(VerifyArgs),
    /// Show which metrics differ between two revisions, and every alert, panel, variable and rule test that breaks
    Diff(DiffArgs),
    /// Explain a lint: what it finds, why it matters, what to do instead
    Explain {
        /// The lint, such as unbounded-label-name
        lint: String,
    },
    /// List all lints
    Rules,
    /// Write a commented reduse.toml to start from
    Init(InitArgs),
    /// Serve an editor: findings while you type, and their repairs
    Lsp(LspArgs),
    /// Print the JSON schema of reduse.toml, for editors
    Schema,
    /// Print a completion script
    Completions {
        /// The shell
        shell: Shell,
    },
}

#[derive(Debug, Args)]
pub(super) struct InputArgs {
    /// Files and folders to read
    #[arg(value_name = "PATH", default_value = ".")]
    pub(super) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) tree: TreeArgs,
    /// Read what a process exposed, too, and compare it with the code; - is the standard input
    #[arg(long, value_name = "FILE")]
    pub(super) exposition: Vec<PathBuf>,
}

/// How trees are read, whichever they are.
#[derive(Clone, Debug, Args)]
pub(super) struct TreeArgs {
    /// Use this configuration instead of the nearest reduse.toml above each PATH
    #[arg(long, value_name = "FILE", conflicts_with = "isolated")]
    pub(super) config: Option<PathBuf>,
    /// Use no configuration at all
    #[arg(long)]
    pub(super) isolated: bool,
    /// Leave out files and folders; may be given more than once
    #[arg(long, value_name = "GLOB")]
    pub(super) exclude: Vec<String>,
    /// Read test code too: #[cfg(test)], the tests, benches and examples of packages, and exposed text below tests and fixtures
    #[arg(long)]
    pub(super) include_tests: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum CheckFormat {
    /// Lines with carets, and advice
    Pretty,
    /// One line per finding
    Concise,
    /// The stable JSON document
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations for GitHub Actions
    Github,
    /// Code Quality of GitLab
    Gitlab,
    /// JUnit XML
    Junit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum FailOn {
    /// Fail on errors
    Error,
    /// Fail on warnings and errors
    Warning,
    /// Fail on any finding
    Info,
}

impl FailOn {
    pub(super) fn severity(self) -> Severity {
        match self {
            FailOn::Error => Severity::Error,
            FailOn::Warning => Severity::Warning,
            FailOn::Info => Severity::Info,
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    #[command(flatten)]
    pub(super) input: InputArgs,
    /// How to print findings
    #[arg(long, value_name = "FORMAT", default_value = "pretty")]
    pub(super) format: CheckFormat,
    /// Run only these lints or families
    #[arg(long, value_name = "LINT", value_delimiter = ',')]
    pub(super) select: Vec<String>,
    /// Do not run these lints or families
    #[arg(long, value_name = "LINT", value_delimiter = ',')]
    pub(super) ignore: Vec<String>,
    /// The lowest severity that makes the exit code 1 [default: what reduse.toml says, else error]
    #[arg(long, value_name = "SEVERITY")]
    pub(super) fail_on: Option<FailOn>,
    /// Known programs that are monitored too, such as node_exporter
    #[arg(long, value_name = "SYSTEM", value_delimiter = ',')]
    pub(super) system: Vec<String>,
    /// Stay quiet about the findings in this file
    #[arg(long, value_name = "FILE", conflicts_with = "write_baseline")]
    pub(super) baseline: Option<PathBuf>,
    /// Write all findings to this file, to be given to --baseline later, and exit with 0
    #[arg(long, value_name = "FILE")]
    pub(super) write_baseline: Option<PathBuf>,
    /// Report only what changed since this revision brings: findings on changed lines, and new ones anywhere else
    ///
    /// Changes are counted from where REV and HEAD parted, and those that are not committed count too.
    #[arg(long, value_name = "REV", conflicts_with = "write_baseline")]
    pub(super) diff: Option<String>,
    /// Make the repairs that need nobody to decide anything, then report what remains
    #[arg(long, conflicts_with = "write_baseline")]
    pub(super) fix: bool,
    /// With --fix: write nothing, print a diff of what would change, and exit with 1 when there is one
    #[arg(long, requires = "fix")]
    pub(super) dry_run: bool,
    /// The Prometheus that evaluates the rules, such as 3.5: functions that it does not have are findings
    #[arg(long, value_name = "VERSION")]
    pub(super) prometheus_version: Option<String>,
    /// The day suppressions with an end date are judged by, instead of today
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(super) today: Option<String>,
    /// Read the standard input as what this file holds, and report only what is found in it: for editors
    ///
    /// The other files of PATH are read for what they say about it.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["fix", "write_baseline"])]
    pub(super) stdin_filename: Option<PathBuf>,
    /// Name the files that were left alone, with the reason
    #[arg(long)]
    pub(super) verbose: bool,
}

#[derive(Debug, Args)]
pub(super) struct DiffArgs {
    /// The earlier revision; alone, changes are counted from where it and HEAD parted
    #[arg(value_name = "REV")]
    pub(super) from: String,
    /// The later revision, instead of the work tree with all that is not committed
    #[arg(value_name = "REV")]
    pub(super) to: Option<String>,
    /// How to print the changes
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub(super) format: TableFormat,
    #[command(flatten)]
    pub(super) tree: TreeArgs,
}

#[derive(Debug, Args)]
pub(super) struct LspArgs {
    #[command(flatten)]
    pub(super) tree: TreeArgs,
    /// Known programs that are monitored too, such as node_exporter
    #[arg(long, value_name = "SYSTEM", value_delimiter = ',')]
    pub(super) system: Vec<String>,
    /// Stay quiet about the findings in this file
    #[arg(long, value_name = "FILE")]
    pub(super) baseline: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct InitArgs {
    /// The folder to write to
    #[arg(value_name = "DIR", default_value = ".")]
    pub(super) dir: PathBuf,
    /// How strict a run is: default or strict
    #[arg(long, value_name = "PRESET", default_value = "default")]
    pub(super) preset: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum InventoryFormat {
    /// Aligned columns
    Table,
    /// The stable JSON document
    Json,
    /// A Markdown table
    Markdown,
    /// OpenMetrics text: type, unit and help of each metric family
    Openmetrics,
}

#[derive(Debug, Args)]
pub(super) struct InventoryArgs {
    #[command(flatten)]
    pub(super) input: InputArgs,
    /// How to print the inventory
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub(super) format: InventoryFormat,
    /// List every use site too: where the value of each label comes from
    #[arg(long)]
    pub(super) uses: bool,
}

/// How to print a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum TableFormat {
    /// For people
    Table,
    /// The stable JSON document
    Json,
    /// For pull requests and wikis
    Markdown,
}

#[derive(Debug, Args)]
pub(super) struct BudgetArgs {
    #[command(flatten)]
    pub(super) input: InputArgs,
    /// How to print the budget
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub(super) format: TableFormat,
    /// Exit with 1 when the series that are known come to more than this [default: `max_series` of the configuration, else 1000000]
    #[arg(long, value_name = "SERIES")]
    pub(super) max: Option<u64>,
    /// Exit with 1 when a metric is new or has more series than this file says [default: `file` under `[budget]` of the configuration]
    #[arg(long, value_name = "FILE", conflicts_with = "write_budget")]
    pub(super) budget: Option<PathBuf>,
    /// Write the series of every metric to this file, to be committed and given to --budget later, and exit with 0
    #[arg(long, value_name = "FILE")]
    pub(super) write_budget: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct CoverageArgs {
    #[command(flatten)]
    pub(super) input: InputArgs,
    /// How to print the coverage
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub(super) format: TableFormat,
    /// Known programs whose metrics answer questions too, such as vllm or node_exporter
    #[arg(long, value_name = "SYSTEM", value_delimiter = ',')]
    pub(super) system: Vec<String>,
    /// Exit with 1 when less than this share of the questions is answered in full, in percent; stand-ins do not count
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub(super) fail_under: Option<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum AlertsChoice {
    /// Error rate, time to first token and cost
    DayOne,
    /// Those, and all others that the metrics can answer
    Recommended,
}

impl From<AlertsChoice> for AlertSet {
    fn from(choice: AlertsChoice) -> Self {
        match choice {
            AlertsChoice::DayOne => AlertSet::DayOne,
            AlertsChoice::Recommended => AlertSet::Recommended,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum TargetChoice {
    /// alerts.yml, alerts_test.yml, dashboard.json
    Files,
    /// A PrometheusRule and a ConfigMap
    Kubernetes,
}

impl From<TargetChoice> for Target {
    fn from(choice: TargetChoice) -> Self {
        match choice {
            TargetChoice::Files => Target::Files,
            TargetChoice::Kubernetes => Target::Kubernetes,
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct GenerateArgs {
    #[command(flatten)]
    pub(super) input: InputArgs,
    /// Folder to write to; made when it is not there
    #[arg(long, value_name = "DIR")]
    pub(super) out: PathBuf,
    /// Known programs whose metrics answer signals too, such as node_exporter
    #[arg(long, value_name = "SYSTEM", value_delimiter = ',')]
    pub(super) system: Vec<String>,
    /// Which alerts to generate
    #[arg(long, value_name = "SET", default_value = "day-one")]
    pub(super) alerts: AlertsChoice,
    /// What to write: plain files, or objects for the Prometheus operator and Grafana's sidecar, or both
    #[arg(long, value_name = "TARGET", value_delimiter = ',', default_value = "files")]
    pub(super) target: Vec<TargetChoice>,
    /// Write recording rules for the histograms too, for those who ask Mimir, Thanos or VictoriaMetrics over many clusters
    #[arg(long)]
    pub(super) recording_rules: bool,
    /// Where runbook.md is read: gives every alert an annotation runbook_url
    #[arg(long, value_name = "URL")]
    pub(super) runbook_url: Option<String>,
    /// Generate only these: alerts, dashboard, names of alerts, ids of panels
    #[arg(long, value_name = "WHAT", value_delimiter = ',')]
    pub(super) only: Vec<String>,
    /// A folder with templates of your own: each replaces the built-in one of its name, such as alerts/high-error-rate.yaml
    #[arg(long, value_name = "DIR")]
    pub(super) templates: Option<PathBuf>,
    /// Replace files that were edited by hand, or that were there before, and say which
    #[arg(long, conflicts_with = "check")]
    pub(super) force: bool,
    /// Write nothing: print a diff and exit with 1 when the files in --out differ from what would be written
    #[arg(long)]
    pub(super) check: bool,
    /// Exit with 1 when one of the day-one alerts cannot be generated
    #[arg(long)]
    pub(super) require_alerts: bool,
}

#[derive(Debug, Args)]
pub(super) struct VerifyArgs {
    #[command(flatten)]
    pub(super) input: InputArgs,
    /// Known programs that are monitored too, such as node_exporter
    #[arg(long, value_name = "SYSTEM", value_delimiter = ',')]
    pub(super) system: Vec<String>,
    /// Ask this Prometheus whether every selector of every alert and panel returns data
    #[arg(long, value_name = "URL")]
    pub(super) prometheus: Option<String>,
}
