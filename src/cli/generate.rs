//! `reduse generate`: renders in memory, lets the engine lint the result, then writes whole files or nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use similar::TextDiff;

use super::args::GenerateArgs;
use super::lock::{self, Lock, State};
use super::templates;
use super::terminal::Terminal;
use super::{Failure, Outcome, session, write};
use crate::config::suggest;
use crate::engine::{self, Facts, Options};
use crate::finding::Severity;
use crate::generate::{self, GeneratedFile, Output, Request, Target, Unanswered};
use crate::knowledge::plan;
use crate::model::Definition;
use crate::report::{self, plural};
use crate::signals;
use crate::source::SourceFile;
use crate::workspace::{self, Workspace};

pub(super) fn run(args: &GenerateArgs, terminal: &Terminal) -> Result<Outcome, Failure> {
    let options = session::options(&args.input, &args.system, None)?;
    for word in &args.only {
        if !plan::choices().any(|choice| choice == word) {
            let hint = suggest(word, plan::choices()).map_or_else(String::new, |s| format!("; did you mean `{s}`?"));
            return Err(Failure::Usage(format!("--only: no alert and no panel is called `{word}`{hint}")));
        }
    }
    let own = templates::read(args.templates.as_deref())?;
    let mut workspace = session::read(&args.input, terminal)?;
    let cwd = session::cwd()?;
    let out = cwd.join(&args.out);
    if out.exists() && !out.is_dir() {
        return Err(Failure::Usage(format!("--out {}: is a file, not a folder", args.out.display())));
    }
    // What an earlier run wrote is replaced, so it must not be read as if somebody had written it.
    let lock = if args.force { Lock::read(&out).unwrap_or_else(|_| Lock::of(std::iter::empty())) } else { Lock::read(&out)? };
    let names = ["alerts.yml", "alerts_test.yml", "dashboard.json", "recording.yml", "prometheus-rule.yaml", "dashboard-configmap.yaml"]
        .into_iter()
        .chain(lock.names());
    let earlier: Vec<String> = names.map(|n| workspace::display(&cwd, &out.join(n))).collect();
    workspace.files.retain(|f| earlier.iter().all(|e| **e != *f.path));

    let facts = session::facts(&workspace, &options, terminal);
    session::require_signals(&facts)?;
    let service = service_name(&facts, &args.input.paths, &cwd);
    let output = render(&facts, &service, args, &own)?;
    prove(&output, &mut workspace, &options, &cwd, &out)?;
    // Where nothing answers anything, a line for each thing that is left out says nothing.
    let answered = !facts.bindings.bound.is_empty();
    for line in left_out(&output).iter().filter(|_| answered || !output.files.is_empty()) {
        terminal.note(line);
    }
    if output.files.is_empty() {
        terminal.note(&if answered { "nothing was written".to_owned() } else { nothing(&facts) });
    }
    for line in packages(&facts, &output) {
        terminal.note(&line);
    }
    session::name_broken_code(&facts, terminal);
    let unreadable = session::unreadable(&facts);
    for line in &unreadable {
        terminal.error(line);
    }

    let differs = if args.check { compare(&output, &lock, args, terminal)? } else { write_all(&output, &lock, args, terminal)? };
    let wanting = args.require_alerts && output.unanswered.iter().any(|u| u.what.starts_with(char::is_uppercase));
    if wanting {
        terminal.error("not every day-one alert could be generated, and --require-alerts was given");
    }
    Ok(match () {
        () if !unreadable.is_empty() => Outcome::Unreadable,
        () if differs || wanting => Outcome::Findings,
        () => Outcome::Clean,
    })
}

/// One line for each reason, with the alerts and panels that are left out for it.
fn left_out(output: &Output) -> Vec<String> {
    let mut lines = Vec::new();
    for (at, first) in output.unanswered.iter().enumerate() {
        let alike = |u: &&Unanswered| u.reason == first.reason;
        if output.unanswered.iter().take(at).any(|u| alike(&u)) {
            continue;
        }
        let joined = |word: fn(&Unanswered) -> &String| {
            let mut words: Vec<&str> = Vec::new();
            for unanswered in output.unanswered.iter().filter(alike) {
                let word = word(unanswered).as_str();
                if !words.contains(&word) {
                    words.push(word);
                }
            }
            words.join(", ")
        };
        lines.push(format!("left out: {} ({}): {}", joined(|u| &u.what), joined(|u| &u.signal), first.reason));
    }
    lines
}

/// Why there is nothing to write.
fn nothing(facts: &Facts) -> String {
    let programs = signals::programs(&facts.inventory);
    let why = match facts.inventory.metrics().len() {
        0 if !facts.inventory.unresolved.is_empty() => ": of none is the name known; `reduse inventory` says why",
        0 => ": none was found",
        _ if !programs.is_empty() => {
            let flags: Vec<String> = programs.iter().map(|s| format!("those of {} with --system {}", s.title, s.name)).collect();
            return format!("nothing was written: no metric answers any signal by its name; {} do", flags.join(", "));
        }
        _ => "; `reduse coverage` says what is asked, and [signals] of reduse.toml names what answers",
    };
    format!("nothing was written: no metric answers any signal{why}")
}

/// Which package's metrics are read, where the tree has several that could be asked: they may be services of their own.
fn packages(facts: &Facts, output: &Output) -> Vec<String> {
    // Python has no manifest that would say.
    let of = |d: &Definition| if d.package.is_empty() { "the code without a manifest".to_owned() } else { d.package.to_string() };
    let package = |metric: &str| {
        let defined = |name: &str| facts.inventory.get(name).and_then(|m| m.definitions.first()).map(of);
        defined(metric).or_else(|| defined(metric.strip_suffix("_count")?))
    };
    let mut read: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    let mut others: BTreeSet<String> = BTreeSet::new();
    for binding in facts.bindings.bound.iter().filter(|_| !output.files.is_empty()) {
        let Some(metric) = binding.metric.as_deref() else { continue };
        if let Some(package) = package(metric) {
            read.entry(package).or_default().insert(metric);
        }
        others.extend(binding.candidates.iter().filter_map(|m| package(m)));
    }
    others.retain(|package| !read.contains_key(package));
    if read.len() + others.len() < 2 {
        return Vec::new();
    }
    let names = |metrics: &BTreeSet<&str>| metrics.iter().copied().collect::<Vec<_>>().join(", ");
    let mut lines: Vec<String> = read.iter().map(|(package, metrics)| format!("metrics of {package}: {}", names(metrics))).collect();
    if !others.is_empty() {
        lines.push(format!("not read: like metrics of {}", others.iter().map(String::as_str).collect::<Vec<_>>().join(", ")));
    }
    lines.push("for a service of its own, give its folder as PATH, or say under [signals] of reduse.toml which metric answers".to_owned());
    lines
}

fn render(facts: &Facts, service: &str, args: &GenerateArgs, own: &BTreeMap<String, String>) -> Result<Output, Failure> {
    let targets: Vec<Target> = args.target.iter().map(|t| (*t).into()).collect();
    let request = Request {
        inventory: &facts.inventory,
        bindings: &facts.bindings,
        policies: &facts.policies,
        systems: &facts.systems,
        service,
        alerts: args.alerts.into(),
        runbook_url: args.runbook_url.as_deref(),
        only: &args.only,
        recording_rules: args.recording_rules,
        targets: &targets,
        templates: own,
    };
    generate::generate(&request).map_err(|e| Failure::Usage(e.to_string()))
}

/// The name for titles and groups: the package that defines the metrics when it is one, else the folder the user named.
fn service_name(facts: &Facts, paths: &[std::path::PathBuf], cwd: &Path) -> String {
    let mut packages: Vec<&Arc<str>> = facts
        .inventory
        .metrics()
        .iter()
        .filter_map(|m| facts.sources.get(&m.location.path))
        .map(|f| &f.package)
        .filter(|p| !p.is_empty())
        .collect();
    packages.sort();
    packages.dedup();
    if let [package] = packages[..] {
        return package.to_string();
    }
    let first = paths.first().map(|p| cwd.join(p));
    let folder = first.as_deref().map(|p| p.canonicalize().unwrap_or_else(|_| p.to_path_buf()));
    folder.as_deref().and_then(Path::file_name).map_or_else(|| "service".to_owned(), |n| n.to_string_lossy().into_owned())
}

/// Lints what would be written, together with the tree it was made from. What our own lints refuse is not written.
fn prove(output: &Output, workspace: &mut Workspace, options: &Options, cwd: &Path, out: &Path) -> Result<(), Failure> {
    let mut generated: Vec<Arc<str>> = Vec::new();
    for file in &output.files {
        let path = out.join(file.name);
        let shown: Arc<str> = Arc::from(workspace::display(cwd, &path));
        let Some(kind) = workspace::kind_of(&path) else { continue };
        workspace.files.push(Arc::new(SourceFile::new(&shown, kind, &file.text)));
        generated.push(shown);
    }
    let facts = engine::facts(workspace, options);
    let verdict = engine::lint(&facts, workspace, options);
    let bad = |f: &&crate::finding::Finding| f.severity >= Some(Severity::Warning) && generated.contains(&f.location.path);
    let refused: Vec<_> = verdict.findings.iter().filter(bad).cloned().collect();
    if refused.is_empty() {
        return Ok(());
    }
    let lines = report::concise::render(&refused, &facts.sources);
    Err(Failure::Proof(format!("nothing was written, since what was generated does not pass `reduse check`:\n{}", lines.trim_end())))
}

/// Prints a diff for every file that differs, and what the lock says otherwise; true when something does.
fn compare(output: &Output, lock: &Lock, args: &GenerateArgs, terminal: &Terminal) -> Result<bool, Failure> {
    let out = args.out.as_path();
    let mut differs = false;
    for file in &output.files {
        let path = out.join(file.name);
        let on_disk = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(e) => return Err(Failure::Io(format!("cannot read {}: {e}", path.display()))),
        };
        if on_disk != file.text {
            differs = true;
            let diff = TextDiff::from_lines(on_disk.as_str(), file.text.as_str());
            let (old, new) = (format!("{} (on disk)", path.display()), format!("{} (generated)", path.display()));
            terminal.print(&diff.unified_diff().header(&old, &new).to_string());
        }
    }
    let fresh = lock_of(output);
    for name in fresh.beyond(lock) {
        differs = true;
        terminal.print(&format!("{}: does not hold the checksum of {name} as generated\n", out.join(lock::NAME).display()));
    }
    for name in stale(output, lock, args) {
        differs = true;
        terminal.print(&format!("{}: is no longer generated\n", out.join(name).display()));
    }
    if differs {
        terminal.note(&format!("{} does not hold what would be generated: run `reduse generate` without --check", out.display()));
    }
    Ok(differs)
}

fn lock_of(output: &Output) -> Lock {
    Lock::of(output.files.iter().map(|f| (f.name, f.text.as_str())))
}

/// Files of an earlier run that this one does not make. Where only a part was asked for, the others stand.
fn stale<'a>(output: &'a Output, lock: &'a Lock, args: &GenerateArgs) -> impl Iterator<Item = &'a str> {
    let whole = args.only.is_empty();
    lock.names().filter(move |name| whole && output.files.iter().all(|f| f.name != *name))
}

fn write_all(output: &Output, lock: &Lock, args: &GenerateArgs, terminal: &Terminal) -> Result<bool, Failure> {
    let out = args.out.as_path();
    if output.files.is_empty() {
        return Ok(false);
    }
    let mut theirs = Vec::new();
    for file in &output.files {
        let what = match lock.state(out, file.name, &file.text)? {
            State::Ours | State::Same => continue,
            State::Edited => "was edited after it was generated",
            State::Foreign => "was not written by reduse",
        };
        theirs.push(format!("{} {what}", out.join(file.name).display()));
    }
    if !theirs.is_empty() && !args.force {
        return Err(Failure::Proof(format!(
            "nothing was written:\n  {}\n--check shows the difference, --force replaces it; what must stay belongs into reduse.toml or into a file of its own",
            theirs.join("\n  ")
        )));
    }
    for line in &theirs {
        terminal.note(&format!("replaced: {line}"));
    }
    std::fs::create_dir_all(out).map_err(|e| Failure::Io(format!("cannot make {}: {e}", out.display())))?;
    for file in &output.files {
        let path = out.join(file.name);
        write::replace(&path, &file.text)?;
        terminal.print(&format!("{}{}\n", path.display(), content(file, output)));
    }
    let mut fresh = lock_of(output);
    if !args.only.is_empty() {
        fresh.keep(lock);
    }
    write::replace(&out.join(lock::NAME), &fresh.text())?;
    // After the lock is written: it is nobody's work, and alerts of a metric that is gone would stay in force.
    for name in stale(output, lock, args) {
        let path = out.join(name);
        match lock.state(out, name, "")? {
            State::Ours if path.exists() => {
                std::fs::remove_file(&path).map_err(|e| Failure::Io(format!("cannot remove {}: {e}", path.display())))?;
                terminal.note(&format!("removed: {} is no longer generated", path.display()));
            }
            State::Edited => terminal.note(&format!("left: {} was edited, and is no longer generated", path.display())),
            _ => {}
        }
    }
    Ok(false)
}

fn content(file: &GeneratedFile, output: &Output) -> String {
    match file.name {
        "alerts.yml" => format!(": {}", plural(output.alerts, "alert")),
        "recording.yml" => format!(": {}", plural(output.recording_rules, "recording rule")),
        "prometheus-rule.yaml" => format!(": {}", plural(output.alerts + output.recording_rules, "rule")),
        "dashboard.json" | "dashboard-configmap.yaml" => format!(": {}", plural(output.panels, "panel")),
        _ => String::new(),
    }
}
