//! `reduse verify`: own lints, promtool, and a Prometheus that has the data.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::args::VerifyArgs;
use super::terminal::Terminal;
use super::{Failure, Outcome, session, unpacked};
use crate::config::Config;
use crate::engine::{self, Facts, Options};
use crate::finding::Severity;
use crate::model::ConsumerKind;
use crate::report::{self, Summary, plural};
use crate::source::FileKind;
use crate::verify::prometheus::{Prometheus, PrometheusError};
use crate::verify::promtool::{self, Said};
use crate::verify::{Answer, Asked, Reader, questions};
use crate::workspace::Workspace;

pub(super) fn run(args: &VerifyArgs, terminal: &Terminal) -> Result<Outcome, Failure> {
    let options = session::options(&args.input, &args.system, None)?;
    let server = args.prometheus.as_deref().map(Prometheus::new).transpose()?;
    let keep = |kind: FileKind, bytes: &[u8]| kind == FileKind::Yaml && promtool::is_rule_test(&String::from_utf8_lossy(bytes));
    let workspace = session::read_keeping(&args.input, &keep, terminal)?;
    let facts = session::facts(&workspace, &options, terminal);
    let mut good = lints(&facts, &workspace, &options, terminal);
    good &= with_promtool(&facts, &session::cwd()?, terminal);
    match server {
        Some(server) => good &= with_prometheus(&facts, &server, terminal)?,
        None => terminal.note("prometheus: not asked: --prometheus URL asks one whether every selector has data"),
    }
    let tests = facts.sources.iter().any(|f| f.kind == FileKind::Yaml && promtool::is_rule_test(&f.text));
    if facts.consumers.is_empty() && !tests {
        let paths: Vec<String> = args.input.paths.iter().map(|p| p.display().to_string()).collect();
        terminal.note(&format!("nothing to prove: no rule, test of rules or dashboard was found in {}", paths.join(", ")));
    }
    let unreadable = session::unreadable(&facts);
    for line in &unreadable {
        terminal.error(line);
    }
    Ok(match good {
        _ if !unreadable.is_empty() => Outcome::Unreadable,
        true => Outcome::Clean,
        false => Outcome::Findings,
    })
}

impl From<PrometheusError> for Failure {
    fn from(error: PrometheusError) -> Self {
        match error {
            PrometheusError::Address(_) => Failure::Usage(format!("--prometheus {error}")),
            PrometheusError::Silent(..) => Failure::Io(format!("--prometheus {error}")),
        }
    }
}

/// Our own lints, as `check` runs them; false when one fails the run.
fn lints(facts: &Facts, workspace: &Workspace, options: &Options, terminal: &Terminal) -> bool {
    let verdict = engine::lint(facts, workspace, options);
    terminal.print(&report::concise::render(&verdict.findings, &facts.sources));
    terminal.print(&format!("lints: {}\n", Summary::new(&verdict, workspace.looked_at, facts.skipped.len()).line()));
    !verdict.findings.iter().any(|finding| {
        let configured = workspace.config_for(&finding.location.path).and_then(Config::fail_on);
        finding.severity >= Some(configured.unwrap_or(Severity::Error))
    })
}

/// What promtool says about every rule file and every file of rule tests; false when it refuses one.
fn with_promtool(facts: &Facts, cwd: &Path, terminal: &Terminal) -> bool {
    let rules = facts.consumers.iter().filter(|c| matches!(c.kind, ConsumerKind::Alert(_) | ConsumerKind::Record(_)));
    let rules: BTreeSet<&str> = rules.map(|c| &*c.location.path).collect();
    let (mut good, mut passed, mut not_asked) = (true, Vec::new(), Vec::new());
    let mut judge = |what: &str, path: &str, said: Said| match said {
        Said::Fine => {
            passed.push(format!("{what} {path}"));
            None
        }
        Said::Bad(words) => {
            good = false;
            // It is given absolute paths, which are nobody's business.
            let words = words.replace(&format!("{}{}", cwd.display(), std::path::MAIN_SEPARATOR), "");
            terminal.print(&format!("promtool {what} {path}: fails\n{}\n", indented(&words)));
            None
        }
        Said::Missing(why) => Some(why),
    };
    let mut ask = || {
        for file in rules.iter().filter_map(|path| facts.sources.get(path)) {
            let said = if unpacked::is_object(file) { unpacked::check(file) } else { Some(promtool::check_rules(&cwd.join(&*file.path))) };
            match said {
                Some(said) => {
                    if let Some(why) = judge("check rules", &file.path, said) {
                        return Some(why);
                    }
                }
                None => not_asked.push(&*file.path),
            }
        }
        let mut tests = facts.sources.iter().filter(|f| f.kind == FileKind::Yaml && promtool::is_rule_test(&f.text));
        tests.find_map(|file| judge("test rules", &file.path, unpacked::test(file, &facts.sources, cwd)))
    };
    if let Some(why) = ask() {
        terminal.note(&format!("promtool: not asked: {why}; rules and their tests are checked by reduse alone"));
        return good;
    }
    for line in passed {
        terminal.print(&format!("promtool {line}: passes\n"));
    }
    for path in not_asked {
        terminal.note(&format!("promtool: not asked about {path}: it reads plain rule files, and no PrometheusRule or ConfigMap is in it"));
    }
    good
}

fn indented(text: &str) -> String {
    text.lines().filter(|line| !line.trim().is_empty()).map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}

/// Whether every selector has data; false when one has none and that is not a matter of time.
fn with_prometheus(facts: &Facts, server: &Prometheus, terminal: &Terminal) -> Result<bool, Failure> {
    let questions = questions(&facts.queries, &facts.consumers);
    let mut answers: BTreeMap<&str, Answer> = BTreeMap::new();
    {
        let _progress = terminal.progress("asking Prometheus");
        for asked in &questions.asked {
            answers.insert(&asked.selector, questions.ask(asked, &facts.inventory, server)?);
        }
    }
    let has = |selector: &str| answers.get(selector) == Some(&Answer::Data);
    // A series that is yet to come is no reason to object to what else reads it.
    let may = |selector: &str| matches!(answers.get(selector), Some(Answer::Data | Answer::NotYet(_)));
    let (mut empty, mut later, mut spare) = (0, 0, 0);
    for asked in &questions.asked {
        match answers.get(&*asked.selector) {
            Some(Answer::Empty(why)) => {
                let readers = questions.in_want(asked, &may);
                if readers.is_empty() {
                    spare += 1;
                    tell(facts, terminal, asked, &asked.readers.iter().collect::<Vec<_>>(), "not needed", why);
                } else {
                    empty += 1;
                    tell(facts, terminal, asked, &readers, "empty", why);
                }
            }
            Some(Answer::NotYet(why)) => {
                later += 1;
                tell(facts, terminal, asked, &asked.readers.iter().collect::<Vec<_>>(), "no data yet", why);
            }
            _ => {}
        }
    }
    for reader in &questions.unasked {
        terminal.note(&format!("prometheus: not asked: {}: {}: a variable names the metric", place(facts, reader), reader.what));
    }
    let with_data = questions.asked.iter().filter(|a| has(&a.selector)).count();
    let mut parts = vec![format!("{with_data} with data")];
    let mut part = |count: usize, words: &str| {
        if count > 0 {
            parts.push(format!("{count} {words}"));
        }
    };
    part(later, "without data yet");
    part(spare, "empty and not needed");
    part(empty, "empty");
    terminal.print(&format!("prometheus: {} asked for: {}\n", plural(questions.asked.len(), "selector"), parts.join(", ")));
    Ok(empty == 0)
}

/// One selector without data: the reason, and the places that read it.
fn tell(facts: &Facts, terminal: &Terminal, asked: &Asked, readers: &[&Reader], verdict: &str, why: &str) {
    let mut text = format!("prometheus: {verdict}: {}: {why}\n", asked.selector);
    let mut places: Vec<String> = readers.iter().map(|r| format!("  {}: {}\n", place(facts, r), r.what)).collect();
    places.dedup();
    text.extend(places);
    terminal.print(&text);
}

fn place(facts: &Facts, reader: &Reader) -> String {
    match facts.sources.place(&reader.location) {
        Some((start, _)) => format!("{}:{}:{}", reader.location.path, start.line, start.column),
        None => reader.location.path.to_string(),
    }
}
