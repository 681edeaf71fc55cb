//! Builds the facts of a run once, hands them to every lint, and decides what remains a finding.
//!
//! The only place where severities, levels, selections and suppressions meet. The result depends on the input bytes, the options
//! and the date passed in: never on the order of files, the clock or the environment.

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use rayon::prelude::*;

use crate::config::{Level, unknown_lint};
use crate::extract::{self, Extraction, Remains, Skipped};
use crate::finding::{Confidence, Finding, Severity};
use crate::fix;
use crate::knowledge::lint_docs::{self, LintDoc};
use crate::knowledge::systems::{self, System};
use crate::lints::{self, Context, LINTS, Lint};
use crate::model::{Bindings, Consumer, Dashboard, Inventory, Language, Policies, Problem, ProblemKind, PrometheusVersion, ScrapeInterval};
use crate::promql::{self, Query, Reading};
use crate::signals;
use crate::source::suppression::{self, Suppression};
use crate::source::{FileKind, Location, SourceFile, Sources, Span};
use crate::threads::meanwhile;
use crate::workspace::Workspace;

/// What a run is asked to do.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Known programs whose metrics are there besides the tree's own.
    pub systems: Vec<&'static System>,
    /// Lints or families to run; empty for all.
    pub select: Vec<String>,
    /// Lints or families not to run.
    pub ignore: Vec<String>,
    /// Whether `#[cfg(test)]` code counts.
    pub include_tests: bool,
    /// What the tree exposed before the change that the run is about: a metric that was there is known to be gone.
    pub before: Option<Arc<Inventory>>,
    /// The Prometheus that evaluates the rules, whatever the configuration says.
    pub prometheus_version: Option<PrometheusVersion>,
    /// The day of the run, `YYYY-MM-DD`: suppressions with an end date are judged by it.
    pub today: String,
}

/// The facts of a run.
#[derive(Debug)]
pub struct Facts {
    /// All files by path.
    pub sources: Sources,
    /// Metrics and use sites.
    pub inventory: Inventory,
    /// Alerts, recording rules, panels and variables, by place.
    pub consumers: Vec<Consumer>,
    /// Their parsed queries.
    pub queries: Vec<Query>,
    /// Dashboards, by place.
    pub dashboards: Vec<Dashboard>,
    /// What tests of rules feed and ask.
    pub tests: Vec<Consumer>,
    /// Those of it that parse.
    pub test_queries: Vec<Query>,
    /// How often configurations of Prometheus scrape.
    pub scrape_intervals: Vec<ScrapeInterval>,
    /// Names of the alerts that tests ask for.
    pub tested: BTreeSet<String>,
    /// What was wrong with the texts.
    pub problems: Vec<Problem>,
    /// Which metric answers which signal.
    pub bindings: Bindings,
    /// The user's policies.
    pub policies: Policies,
    /// Systems given on the command line or in the configuration.
    pub systems: Vec<&'static System>,
    /// Files that were left alone.
    pub skipped: Vec<Skipped>,
    suppressions: HashMap<Arc<str>, Vec<Suppression>>,
    /// Held until the facts are of no use, since to free it takes time.
    pub remains: Remains,
}

/// What the lints said.
#[derive(Debug, Default)]
pub struct Verdict {
    /// Findings by place, all with lint, severity and confidence set.
    pub findings: Vec<Finding>,
    /// Number of findings that a comment suppressed.
    pub suppressed: usize,
}

/// Reads the files of a workspace into facts.
pub fn facts(workspace: &Workspace, options: &Options) -> Facts {
    let wrappers = workspace.configs().iter().flat_map(|c| c.wrappers.iter().cloned()).collect();
    let settings = extract::Settings { include_tests: options.include_tests, wrappers };
    // The code is read in steps that wait for each other: the documents, which need nothing of it, fill the gaps.
    let documents = meanwhile(extract::documents(&workspace.files), |file| Document::read(&file));
    // The lints ask for the words of all lints and for the systems: they are read while threads wait for each other.
    rayon::spawn(|| _ = (lint_docs::all().count(), systems::all().len()));
    let code = extract::code(&workspace.files, &settings);
    let mut documents = documents.finish();
    let (consumers, readings) = in_order(documents.iter_mut().map(|d| &mut d.asked), |a, b| a.location.cmp(&b.location));
    let (tests, of_tests) = in_order(documents.iter_mut().map(|d| &mut d.tested), |a, b| {
        (&a.location, a.query.scalar.raw).cmp(&(&b.location, b.query.scalar.raw))
    });
    let mut extraction = extract::together(code, documents.into_iter().map(|d| d.rest));
    let inventory = extract::inventory(&mut extraction);
    let mut problems = extraction.problems;
    problems.extend(workspace.problems.iter().cloned());
    // What installs a program names it; asked only where a query may be in its language.
    let victoria = || {
        let mut documents = workspace.files.iter().filter(|f| matches!(f.kind, FileKind::Yaml | FileKind::Json));
        documents.any(|f| promql::names_victoria(&f.text))
    };
    let mut policies = policies(workspace);
    policies.prometheus_version = options.prometheus_version.or(policies.prometheus_version);
    let systems = systems(workspace, &options.systems);
    // None of these needs the others.
    let bind = || signals::bind(&inventory, &policies, &systems);
    let ((suppressions, suppression_problems), bindings) = rayon::join(|| suppressions(workspace, &options.today), bind);
    let (queries, query_problems) = promql::queries(&consumers, readings, &extraction.of_victoria, &victoria);
    // Whether a test is right is promtool's to say.
    let (test_queries, _) = promql::queries(&tests, of_tests, &extraction.of_victoria, &|| false);
    problems.extend(query_problems);
    problems.extend(suppression_problems);
    Facts {
        sources: Sources::new(workspace.files.iter().map(Arc::clone)),
        inventory,
        consumers,
        queries,
        dashboards: extraction.dashboards,
        tests,
        tested: extraction.tested,
        scrape_intervals: extraction.scrape_intervals,
        test_queries,
        problems,
        bindings,
        policies,
        systems,
        skipped: extraction.skipped,
        suppressions,
        remains: extraction.remains,
    }
}

/// One file that is no code.
struct Document {
    /// What asks for metrics, and what its queries read as.
    asked: Vec<(Consumer, Reading)>,
    /// The same of tests.
    tested: Vec<(Consumer, Reading)>,
    rest: Extraction,
}

impl Document {
    fn read(file: &SourceFile) -> Self {
        let mut rest = extract::document(file);
        let read = |consumers: &mut Vec<Consumer>| -> Vec<(Consumer, Reading)> {
            let one = |consumer: Consumer| {
                let reading = promql::read_query(&consumer);
                (consumer, reading)
            };
            std::mem::take(consumers).into_iter().map(one).collect()
        };
        Document { asked: read(&mut rest.consumers), tested: read(&mut rest.tests), rest }
    }
}

/// What many files hold, in an order that does not depend on theirs.
fn in_order<'d>(
    parts: impl Iterator<Item = &'d mut Vec<(Consumer, Reading)>>,
    order: impl Fn(&Consumer, &Consumer) -> Ordering,
) -> (Vec<Consumer>, Vec<Reading>) {
    let mut all: Vec<(Consumer, Reading)> = parts.flat_map(std::mem::take).collect();
    all.sort_by(|(a, _), (b, _)| order(a, b));
    all.into_iter().unzip()
}

/// Runs the lints over the facts.
pub fn lint(facts: &Facts, workspace: &Workspace, options: &Options) -> Verdict {
    let recorded = promql::recorded(&facts.consumers, &facts.queries);
    let context = Context {
        recorded: &recorded,
        tested: &facts.tested,
        scrape_intervals: &facts.scrape_intervals,
        inventory: &facts.inventory,
        before: options.before.as_deref(),
        consumers: &facts.consumers,
        queries: &facts.queries,
        dashboards: &facts.dashboards,
        tests: &facts.tests,
        test_queries: &facts.test_queries,
        problems: &facts.problems,
        bindings: &facts.bindings,
        systems: &facts.systems,
        policies: &facts.policies,
    };
    let by_program = facts.inventory.by_program();
    let of_each_program = Context { inventory: by_program.as_ref().unwrap_or(&facts.inventory), ..context };
    let asked = |lint: &&Lint| {
        let named = |list: &[String]| list.iter().any(|w| w == lint.name || w == lint.family);
        (options.select.is_empty() || named(&options.select)) && !named(&options.ignore)
    };
    let chosen: Vec<&Lint> = LINTS.iter().filter(asked).collect();
    let raw: Vec<Finding> = chosen
        .par_iter()
        // One takes as long as twenty others.
        .with_max_len(1)
        .flat_map_iter(|lint| {
            let mut found = Vec::new();
            let by_program = lints::OF_EACH_PROGRAM.contains(&lint.name);
            (lint.check)(if by_program { &of_each_program } else { &context }, &mut found);
            found.into_iter().map(|mut finding| {
                finding.lint = lint.name;
                finding
            })
        })
        .collect();
    let mut verdict = Verdict::default();
    let mut used = HashSet::new();
    for finding in raw {
        let Some(finding) = settle(finding, facts, workspace) else { continue };
        match suppression_of(&finding, facts) {
            Some(place) => {
                used.insert(place);
                verdict.suppressed += 1;
            }
            None => verdict.findings.push(finding),
        }
    }
    // What is off or suppressed is not among those that one finding speaks for.
    verdict.findings = lints::convention::together(std::mem::take(&mut verdict.findings));
    let ran: HashSet<&str> = chosen.iter().map(|l| l.name).collect();
    let useless = useless_suppressions(facts, workspace, &used, &ran);
    if let Some(lint) = chosen.iter().find(|l| l.name == "useless-suppression") {
        let mut found = Vec::new();
        (lint.check)(&Context { problems: &useless, ..context }, &mut found);
        let named = found.into_iter().map(|finding| Finding { lint: lint.name, ..finding });
        verdict.findings.extend(named.filter_map(|finding| settle(finding, facts, workspace)));
    }
    fix::settle(&mut verdict.findings, &unread(facts), &facts.sources);
    let key = |f: &Finding| (f.location.clone(), f.lint, f.message.clone());
    verdict.findings.sort_by_cached_key(key);
    verdict.findings.dedup();
    verdict
}

/// The files that nobody looks into, or not at all of it, since they are templates or do not parse.
fn unread(facts: &Facts) -> Vec<fix::Unread<'_>> {
    let skipped = facts.skipped.iter().map(|s| (&s.path, s.reason.to_owned()));
    let broken = |p: &&Problem| matches!(p.kind, ProblemKind::YamlSyntax | ProblemKind::PromqlSyntax);
    let broken = facts.problems.iter().filter(broken).map(|p| (&p.location.path, p.message.clone()));
    let mut all: Vec<_> = skipped.chain(broken).filter_map(|(path, why)| Some((facts.sources.get(path)?.as_ref(), why))).collect();
    all.dedup_by(|a, b| a.0.path == b.0.path);
    all
}

/// Gives a finding its severity and confidence: the lint's own or the preset's unless it chose otherwise, and the user's level above all.
fn settle(mut finding: Finding, facts: &Facts, workspace: &Workspace) -> Option<Finding> {
    let doc = lint_docs::get(finding.lint);
    finding.confidence = finding.confidence.or_else(|| doc.map(confidence));
    let config = workspace.config_for(&finding.location.path);
    let said = config.and_then(|c| c.level(finding.lint, &finding.location.path));
    let preset = config.and_then(|c| c.preset_level(finding.lint));
    // A preset speaks of the lint's own level: a finding that chose another had a reason.
    finding.severity = finding.severity.or(match preset {
        Some(Level::At(severity)) => Some(severity),
        _ => doc.map(severity),
    });
    // What another program exposes cannot be mended here, nor how another crate defines what it exposes.
    if is_of_another_program(&finding, &facts.inventory) || is_of_another_crate(&finding, &facts.inventory) {
        finding.severity = finding.severity.map(|s| s.min(Severity::Info));
    }
    match said.or(preset.filter(|level| *level == Level::Off)) {
        Some(Level::Off) => None,
        Some(Level::At(severity)) => {
            finding.severity = Some(severity);
            Some(finding)
        }
        None => Some(finding),
    }
}

/// Whether a finding is about metrics that are known only from what a process exposed, and are of a known program.
fn is_of_another_program(finding: &Finding, inventory: &Inventory) -> bool {
    let theirs = |name: &str| inventory.get(name).is_some_and(|m| m.language == Language::Exposition) && lints::is_third_party(name);
    finding.metric.as_deref().is_some_and(theirs)
}

/// Whether a finding is about how a crate outside of the tree defines a metric.
fn is_of_another_crate(finding: &Finding, inventory: &Inventory) -> bool {
    let is_theirs = finding.metric.as_deref().and_then(|name| inventory.get(name)).is_some_and(|m| m.provided);
    // Bounds that nobody chose can be chosen in the tree: in its recorder, or in a view of its meters.
    let defines = |l: &Lint| matches!(l.family, "naming" | "definitions" | "buckets") && l.name != "default-buckets";
    is_theirs && LINTS.iter().any(|l| l.name == finding.lint && defines(l))
}

/// The severity in a lint's words.
pub fn severity(doc: &LintDoc) -> Severity {
    match doc.severity.as_str() {
        "error" => Severity::Error,
        "info" => Severity::Info,
        _ => Severity::Warning,
    }
}

fn confidence(doc: &LintDoc) -> Confidence {
    match doc.confidence.as_str() {
        "high" => Confidence::High,
        "low" => Confidence::Low,
        _ => Confidence::Medium,
    }
}

/// The word of a suppression comment that speaks for a finding: its file and place.
fn suppression_of(finding: &Finding, facts: &Facts) -> Option<(Arc<str>, Span)> {
    let at = finding.location.span.start;
    let covering = facts.suppressions.get(&finding.location.path)?.iter().filter(|s| s.covers.contains(&at));
    let (_, span) = covering.flat_map(|s| &s.lints).find(|(name, _)| name == finding.lint)?;
    Some((Arc::clone(&finding.location.path), *span))
}

/// Suppressions that suppressed nothing, of lints that ran and are on where they stand.
fn useless_suppressions(facts: &Facts, workspace: &Workspace, used: &HashSet<(Arc<str>, Span)>, ran: &HashSet<&str>) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (path, suppressions) in &facts.suppressions {
        for (name, span) in suppressions.iter().flat_map(|s| &s.lints) {
            let off = workspace.config_for(path).and_then(|c| c.level(name, path).or_else(|| c.preset_level(name))) == Some(Level::Off);
            if ran.contains(name.as_str()) && !off && !used.contains(&(Arc::clone(path), *span)) {
                let message = format!("`{name}` finds nothing here: the suppression is useless");
                let help = Some("Remove it, so that a later finding is seen.".to_owned());
                problems.push(Problem {
                    kind: ProblemKind::UselessSuppression,
                    message,
                    location: Location::new(path, *span),
                    help,
                    until: None,
                    relative: false,
                });
            }
        }
    }
    problems
}

fn suppressions(workspace: &Workspace, today: &str) -> (HashMap<Arc<str>, Vec<Suppression>>, Vec<Problem>) {
    let mut by_path = HashMap::new();
    let mut problems = Vec::new();
    let found: Vec<_> = workspace.files.par_iter().map(|file| (file, suppression::find(file))).filter(|(_, all)| !all.is_empty()).collect();
    for (file, all) in found {
        let mut good = Vec::new();
        for found in all {
            let mut complain = |message: String, span| {
                let location = Location::new(&file.path, span);
                problems.push(Problem {
                    kind: ProblemKind::InvalidSuppression,
                    message,
                    location,
                    help: None,
                    until: None,
                    relative: false,
                });
            };
            match found {
                Err(malformed) => complain(malformed.message, malformed.span),
                Ok(suppression) => {
                    for (name, span) in suppression.lints.iter().filter(|(name, _)| lints::get(name).is_none()) {
                        complain(unknown_lint(name), *span);
                    }
                    match &suppression.until {
                        Some((date, span)) if date.as_str() < today => complain(format!("this suppression ended on {date}"), *span),
                        _ => good.push(suppression),
                    }
                }
            }
        }
        if !good.is_empty() {
            by_path.insert(Arc::clone(&file.path), good);
        }
    }
    (by_path, problems)
}

/// The policies of all configurations; where two speak of the same thing, the first path wins.
fn policies(workspace: &Workspace) -> Policies {
    let mut all = workspace.configs().iter().map(|c| c.policies.clone());
    let mut merged = all.next().unwrap_or_default();
    for other in all {
        // They share a Prometheus.
        merged.max_series = merged.max_series.into_iter().chain(other.max_series).min();
        merged.scrape_interval = merged.scrape_interval.into_iter().chain(other.scrape_interval).reduce(f64::min);
        for (name, policy) in other.labels {
            merged.labels.entry(name).or_insert(policy);
        }
        for (signal, metric) in other.signals {
            merged.signals.entry(signal).or_insert(metric);
        }
    }
    merged
}

fn systems(workspace: &Workspace, given: &[&'static System]) -> Vec<&'static System> {
    let configured = workspace.configs().iter().flat_map(|c| c.systems.iter()).filter_map(|name| crate::knowledge::systems::get(name));
    let mut systems: Vec<&'static System> = given.iter().copied().chain(configured).collect();
    systems.sort_by(|a, b| a.name.cmp(&b.name));
    systems.dedup_by(|a, b| a.name == b.name);
    systems
}
