//! `reduse.toml`: which lints at which level, what to leave out, and what the user vouches for.
//!
//! Parsing only: `workspace` finds and reads the file. Every mistake in it is an error that says where and what to write instead.

mod house;
mod json_schema;
mod mistake;
mod shape;
mod wrappers;

use std::collections::BTreeMap;
use std::sync::Arc;

use globset::{Glob, GlobBuilder, GlobMatcher, GlobSet, GlobSetBuilder};
use thiserror::Error;
use toml::Spanned;

use crate::finding::Severity;
use crate::knowledge::presets::{self, Preset};
use crate::knowledge::{lint_docs, signals, systems};
use crate::model::wrapper::Wrapper;
use crate::model::{LabelPolicy, Policies, PrometheusVersion, Thresholds};
use crate::source::LineIndex;
pub use json_schema::render as json_schema;
use shape::{BudgetShape, LabelShape, LevelShape, SeverityShape, Shape, ThresholdsShape};

/// A mistake in a configuration file.
#[derive(Debug, Error)]
#[error("{path}:{line}:{column}: {message}")]
pub struct ConfigError {
    /// The file, as reports show paths.
    pub path: String,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
    /// What is wrong and what to do.
    pub message: String,
}

/// The level of a lint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// The lint does not run.
    Off,
    /// Its findings have this severity.
    At(Severity),
}

#[derive(Debug)]
struct Override {
    paths: GlobSet,
    levels: BTreeMap<String, Level>,
}

/// How many series there may be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BudgetLimits {
    /// Series of all metrics together.
    pub max: Option<u64>,
    /// The committed file with what was agreed on for each metric, relative to the folder of the configuration.
    pub file: Option<String>,
}

/// One configuration.
#[derive(Debug, Default)]
pub struct Config {
    /// The file it came from, as reports show paths; `None` for the defaults.
    pub path: Option<Arc<str>>,
    /// Folder of the file, as reports show paths, `""` for the working directory: globs are relative to it.
    pub root: String,
    /// The working directory as seen from that folder.
    from_root: String,
    preset: Option<&'static Preset>,
    fail_on: Option<Severity>,
    levels: BTreeMap<String, Level>,
    overrides: Vec<Override>,
    exclude: Vec<GlobMatcher>,
    /// Labels, signals and thresholds.
    pub policies: Policies,
    /// Systems that are always on.
    pub systems: Vec<String>,
    /// What defines metrics where it is called.
    pub wrappers: Vec<Wrapper>,
    /// How many series there may be.
    pub budget: BudgetLimits,
}

impl Config {
    /// Reads a configuration.
    ///
    /// `path` is the file as reports show it, `root` the folder its globs are relative to, in the same notation. A `root` above the
    /// working directory (`..`) also needs `seen_from_root`.
    ///
    /// # Errors
    /// The first mistake, with its place.
    pub fn parse(text: &str, path: &str, root: &str) -> Result<Config, ConfigError> {
        let fail = |offset: usize, message: String| {
            let at = LineIndex::new(text).line_column(text, u32::try_from(offset).unwrap_or(u32::MAX));
            ConfigError { path: path.to_owned(), line: at.line, column: at.column, message }
        };
        let raw: Shape =
            toml::from_str(text).map_err(|e| fail(e.span().map_or(0, |s| s.start), mistake::explain(text, e.span(), e.message())))?;
        let mut config = Config { path: Some(Arc::from(path)), root: root.to_owned(), ..Config::default() };
        if let Some(name) = &raw.preset {
            let preset = presets::get(name.get_ref()).ok_or_else(|| fail(name.span().start, unknown_preset(name.get_ref())))?;
            config.preset = Some(preset);
        }
        config.fail_on = raw.fail_on.as_ref().map(|word| severity(*word.get_ref()));
        let start = |spanned: &Spanned<String>| spanned.span().start;
        for pattern in &raw.exclude {
            config.exclude.push(exclude_glob(pattern.get_ref()).map_err(|m| fail(start(pattern), m))?);
        }
        config.levels = levels(&raw.lints).map_err(|(at, m)| fail(at, m))?;
        for item in &raw.overrides {
            let mut paths = GlobSetBuilder::new();
            for pattern in &item.paths {
                paths.add(path_glob(pattern.get_ref()).map_err(|m| fail(start(pattern), m))?);
            }
            let paths = paths.build().map_err(|e| fail(0, e.to_string()))?;
            config.overrides.push(Override { paths, levels: levels(&item.lints).map_err(|(at, m)| fail(at, m))? });
        }
        for (name, policy) in &raw.labels {
            let policy = label_policy(name, policy).map_err(|(at, m)| fail(at, m))?;
            config.policies.labels.insert(name.get_ref().clone(), policy);
        }
        if let Some(version) = &raw.prometheus_version {
            let parsed = PrometheusVersion::parse(version.get_ref());
            config.policies.prometheus_version = Some(parsed.ok_or_else(|| fail(start(version), not_a_version(version.get_ref())))?);
        }
        if let Some(seconds) = &raw.scrape_interval_seconds {
            let (value, at) = (*seconds.get_ref(), seconds.span().start);
            if !value.is_finite() || value <= 0.0 {
                return Err(fail(at, format!("`scrape_interval_seconds = {value}` is no interval: give a number above 0")));
            }
            config.policies.scrape_interval = Some(value);
        }
        config.policies.thresholds = thresholds(&raw.thresholds).map_err(|(at, m)| fail(at, m))?;
        for raw in &raw.wrappers {
            config.wrappers.push(wrappers::wrapper(raw).map_err(|(at, m)| fail(at, m))?);
        }
        config.policies.house = house::read(&raw.policy).map_err(|(at, m)| fail(at, m))?;
        config.budget = budget(&raw.budget).map_err(|(at, m)| fail(at, m))?;
        config.policies.max_series = config.budget.max;
        for (key, metric) in raw.signals {
            if let Err(several) = signals::find(key.get_ref()) {
                return Err(fail(start(&key), unknown_signal(key.get_ref(), &several)));
            }
            config.policies.signals.insert(key.into_inner(), metric.into_inner());
        }
        for system in raw.systems {
            if systems::get(system.get_ref()).is_none() {
                return Err(fail(start(&system), unknown_system(system.get_ref())));
            }
            config.systems.push(system.into_inner());
        }
        Ok(config)
    }

    /// Reads `[package.metadata.reduse]` of a Cargo manifest; `None` when the manifest has no such table.
    ///
    /// # Errors
    /// The first mistake in the table; a manifest that does not parse is not ours to report.
    pub fn parse_manifest(text: &str, path: &str, root: &str) -> Option<Result<Config, ConfigError>> {
        // A quick look first: nearly no manifest has the table, and parsing all of them would cost time.
        if !text.contains("metadata.reduse") {
            return None;
        }
        let manifest: toml::Table = text.parse().ok()?;
        let table = manifest.get("package")?.get("metadata")?.get("reduse")?;
        let own = toml::to_string(table).ok()?;
        // Places inside the table are lost by this, so errors point at the table's head.
        let head = text.lines().position(|l| l.contains("metadata.reduse")).map_or(1, |i| i + 1);
        Some(Config::parse(&own, path, root).map_err(|e| ConfigError { line: head, column: 1, ..e }))
    }

    /// The level the configuration gives `lint` in the file `path`; `None` when it says nothing. The last override that matches wins.
    pub fn level(&self, lint: &str, path: &str) -> Option<Level> {
        let family = lint_docs::get(lint).map_or("", |d| d.family.as_str());
        let find = |levels: &BTreeMap<String, Level>| levels.get(lint).or_else(|| levels.get(family)).copied();
        let relative = self.relative(path);
        let over =
            self.overrides.iter().rev().filter(|o| relative.as_deref().is_some_and(|r| o.paths.is_match(r))).find_map(|o| find(&o.levels));
        over.or_else(|| find(&self.levels))
    }

    /// The level the preset gives a lint; what the configuration says of it wins.
    pub fn preset_level(&self, lint: &str) -> Option<Level> {
        let preset = self.preset?;
        let doc = lint_docs::get(lint)?;
        let named = preset.lints.get(lint).or_else(|| preset.lints.get(&doc.family));
        named.or_else(|| preset.opinions.as_ref().filter(|_| doc.severity == "info")).and_then(|word| level(word))
    }

    /// The lowest severity that fails a run, where the configuration or its preset says so.
    pub fn fail_on(&self) -> Option<Severity> {
        let preset = || match self.preset.and_then(|p| level(&p.fail_on)) {
            Some(Level::At(severity)) => Some(severity),
            _ => None,
        };
        self.fail_on.or_else(preset)
    }

    /// Whether anything may be left out.
    pub fn excludes_any(&self) -> bool {
        !self.exclude.is_empty()
    }

    /// Whether a folder or file below the configuration's root is left out. Only the entry itself is matched: a walk that asks
    /// for every folder on its way leaves out what is below, while a path that the user named is read.
    pub fn excludes(&self, path: &str) -> bool {
        self.relative(path).is_some_and(|r| self.exclude.iter().any(|g| g.is_match(&r)))
    }

    /// Says what the working directory is called as seen from the configuration's folder.
    #[must_use]
    pub fn seen_from_root(mut self, working_directory: String) -> Self {
        self.from_root = working_directory;
        self
    }

    /// A shown path as seen from the configuration's folder; `None` for one that is not below it.
    fn relative(&self, path: &str) -> Option<String> {
        let below = |p: &str| p.strip_prefix(&self.root)?.strip_prefix('/').map(str::to_owned);
        if self.root.is_empty() {
            return Some(path.to_owned());
        }
        if !self.root.starts_with("..") || self.from_root.is_empty() || self.from_root.starts_with("..") {
            return below(path);
        }
        // The working directory is below: what is shown as `../b` may still be in the folder.
        let mut parts: Vec<&str> = self.from_root.split('/').collect();
        for part in path.split('/').filter(|p| !p.is_empty()) {
            if part == ".." {
                parts.pop()?;
            } else {
                parts.push(part);
            }
        }
        Some(parts.join("/"))
    }
}

/// The message for a system that does not exist.
pub fn unknown_system(name: &str) -> String {
    let known: Vec<&str> = systems::all().iter().map(|s| s.name.as_str()).collect();
    let hint =
        suggest(name, known.iter().copied()).map_or_else(|| format!("known: {}", known.join(", ")), |s| format!("did you mean `{s}`?"));
    format!("unknown system `{name}`: {hint}")
}

/// The message for a lint or family that does not exist.
pub fn unknown_lint(name: &str) -> String {
    let members: Vec<&str> = lint_docs::all().filter(|d| d.family == name).map(|d| d.name.as_str()).collect();
    if !members.is_empty() {
        return format!("`{name}` is a family, not a lint: name one of {}", members.join(", "));
    }
    let families: std::collections::BTreeSet<&str> = lint_docs::all().map(|d| d.family.as_str()).collect();
    match suggest(name, lint_docs::all().map(|d| d.name.as_str()).chain(families)) {
        Some(s) => format!("unknown lint `{name}`: did you mean `{s}`?"),
        None => format!("unknown lint `{name}`: `reduse rules` lists them"),
    }
}

/// The message for a signal that does not exist, or that may be several.
fn unknown_signal(key: &str, several: &[&signals::Signal]) -> String {
    if !several.is_empty() {
        let ids: Vec<String> = several.iter().map(|s| format!("`{}`", s.id)).collect();
        return format!("signal `{key}` may be {}: write the whole name", ids.join(" or "));
    }
    let names = || signals::all().iter().flat_map(signals::names_of);
    let hint = suggest(key, names()).map_or_else(
        || format!("known: {}", signals::all().iter().map(|s| s.id.as_str()).collect::<Vec<_>>().join(", ")),
        |s| format!("did you mean `{s}`?"),
    );
    format!("unknown signal `{key}`: {hint}")
}

/// The message for a preset that does not exist.
pub fn unknown_preset(name: &str) -> String {
    let known = || presets::all().iter().map(|p| p.name.as_str());
    let hint = suggest(name, known())
        .map_or_else(|| format!("known: {}", known().collect::<Vec<_>>().join(", ")), |s| format!("did you mean `{s}`?"));
    format!("unknown preset `{name}`: {hint}")
}

/// Whether a lint or a family of lints has this name.
pub fn is_lint_or_family(name: &str) -> bool {
    lint_docs::all().any(|d| d.name == name || d.family == name)
}

/// The known word nearest to a misspelt one, when it is near enough to be meant.
pub fn suggest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known.map(|k| (strsim::jaro_winkler(word, k), k)).filter(|(score, _)| *score > 0.8).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, k)| k)
}

type Mistake = (usize, String);

/// The level of that name.
fn level(word: &str) -> Option<Level> {
    match word {
        "off" => Some(Level::Off),
        "info" => Some(Level::At(Severity::Info)),
        "warning" => Some(Level::At(Severity::Warning)),
        "error" => Some(Level::At(Severity::Error)),
        _ => None,
    }
}

fn severity(shape: SeverityShape) -> Severity {
    match shape {
        SeverityShape::Info => Severity::Info,
        SeverityShape::Warning => Severity::Warning,
        SeverityShape::Error => Severity::Error,
    }
}

/// A policy says one thing: a number, or the values.
/// What is wrong with a version of Prometheus that is none.
pub fn not_a_version(text: &str) -> String {
    format!("`{text}` is no version of Prometheus: give one such as 3.5")
}

fn label_policy(name: &Spanned<String>, shape: &LabelShape) -> Result<LabelPolicy, Mistake> {
    let (label, at) = (name.get_ref(), name.span().start);
    match (&shape.max, &shape.values) {
        (Some(max), Some(values)) => {
            let count = values.get_ref().len();
            Err((max.span().start, format!("`{label}` has both `max` and `values`: leave `max` out, since `values` has {count} of them")))
        }
        (Some(max), None) if *max.get_ref() == 0 => {
            Err((max.span().start, format!("`max = 0` lets `{label}` take no value at all: give at least 1")))
        }
        (None, Some(values)) if values.get_ref().is_empty() => {
            Err((values.span().start, format!("no value is left for `{label}`: name those that it takes")))
        }
        (None, None) => Err((at, format!("the policy for label `{label}` says nothing: give `max = 40` or `values = [\"eu\", \"us\"]`"))),
        (max, values) => Ok(LabelPolicy {
            max: max.as_ref().map(|m| *m.get_ref()),
            values: values.as_ref().map(|v| v.get_ref().clone()).unwrap_or_default(),
        }),
    }
}

fn levels(raw: &BTreeMap<Spanned<String>, Spanned<LevelShape>>) -> Result<BTreeMap<String, Level>, Mistake> {
    let mut levels = BTreeMap::new();
    for (name, level) in raw {
        if !is_lint_or_family(name.get_ref()) {
            return Err((name.span().start, unknown_lint(name.get_ref())));
        }
        let level = match level.get_ref() {
            LevelShape::Off => Level::Off,
            LevelShape::Info => Level::At(Severity::Info),
            LevelShape::Warning => Level::At(Severity::Warning),
            LevelShape::Error => Level::At(Severity::Error),
        };
        levels.insert(name.get_ref().clone(), level);
    }
    Ok(levels)
}

fn thresholds(raw: &ThresholdsShape) -> Result<Thresholds, Mistake> {
    let mut out = Thresholds::default();
    let checked = |value: &Option<Spanned<f64>>, name: &str, max: f64, into: &mut f64| {
        let Some(value) = value else { return Ok(()) };
        let number = *value.get_ref();
        if !number.is_finite() || number <= 0.0 || number > max {
            let limit = if max.is_finite() { format!("above 0 and at most {max}") } else { "a number above 0".to_owned() };
            return Err((value.span().start, format!("`{name}` must be {limit}, not {number}")));
        }
        *into = number;
        Ok(())
    };
    checked(&raw.error_ratio, "error_ratio", 1.0, &mut out.error_ratio)?;
    checked(&raw.ttft_seconds, "ttft_seconds", f64::INFINITY, &mut out.ttft_seconds)?;
    checked(&raw.cost_per_1k_usd, "cost_per_1k_usd", f64::INFINITY, &mut out.cost_per_1k_usd)?;
    checked(&raw.kv_cache_ratio, "kv_cache_ratio", 1.0, &mut out.kv_cache_ratio)?;
    checked(&raw.disk_free_ratio, "disk_free_ratio", 1.0, &mut out.disk_free_ratio)?;
    if let Some(slo) = &raw.availability_slo {
        // Below 0.97 a burn of 14.4 times is more than all requests, or so near to it that it says nothing.
        if !(0.97..1.0).contains(slo.get_ref()) {
            let (at, value) = (slo.span().start, slo.get_ref());
            return Err((at, format!("`availability_slo` must be at least 0.97 and below 1, such as 0.999, not {value}")));
        }
        out.availability_slo = Some(*slo.get_ref());
    }
    Ok(out)
}

fn budget(raw: &BudgetShape) -> Result<BudgetLimits, Mistake> {
    if let Some(max) = raw.max_series.as_ref().filter(|m| *m.get_ref() == 0) {
        return Err((max.span().start, "`max_series = 0` leaves no room for any metric: give at least 1".to_owned()));
    }
    if let Some(file) = raw.file.as_ref().filter(|f| f.get_ref().is_empty()) {
        return Err((file.span().start, "`file` is empty: name the file that `reduse budget --write-budget` wrote".to_owned()));
    }
    Ok(BudgetLimits { max: raw.max_series.as_ref().map(|m| *m.get_ref()), file: raw.file.as_ref().map(|f| f.get_ref().clone()) })
}

/// A matcher for `exclude` and `--exclude`. `legacy` means the folder and all that is below: the walk asks for the folder.
///
/// # Errors
/// The reason, when the glob is malformed.
pub fn exclude_glob(pattern: &str) -> Result<GlobMatcher, String> {
    let trimmed = pattern.trim_start_matches("./").trim_end_matches("/**").trim_end_matches('/');
    build_glob(trimmed, pattern).map(|g| g.compile_matcher())
}

/// `legacy/**` for findings: also `legacy` and `legacy/` mean what is below.
fn path_glob(pattern: &str) -> Result<Glob, String> {
    let trimmed = pattern.trim_start_matches("./").trim_end_matches('/');
    let last = trimmed.rsplit('/').next().unwrap_or(trimmed);
    let folder = !last.contains('*') && !last.contains('.');
    let full = if folder { format!("{trimmed}/**") } else { trimmed.to_owned() };
    build_glob(&full, pattern)
}

fn build_glob(pattern: &str, written: &str) -> Result<Glob, String> {
    GlobBuilder::new(pattern).literal_separator(true).build().map_err(|e| format!("bad glob `{written}`: {}", e.kind()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_names_the_nearest_one() {
        let error = Config::parse("[thresholds]\nttft_second = 2\n", "reduse.toml", "").unwrap_err().to_string();
        assert!(error.starts_with("reduse.toml:2:1: unknown key `ttft_second`"), "{error}");
        assert!(error.contains("did you mean `ttft_seconds`?"), "{error}");
    }

    #[test]
    fn an_unknown_lint_names_the_nearest_one() {
        let error = Config::parse("[lints]\nunbound-label-name = \"off\"\n", "reduse.toml", "").unwrap_err().to_string();
        assert_eq!(error, "reduse.toml:2:1: unknown lint `unbound-label-name`: did you mean `unbounded-label-name`?");
    }

    #[test]
    fn overrides_are_relative_to_the_file() {
        let text = "[[overrides]]\npaths = [\"legacy/**\"]\nlints = { unbounded-label-name = \"off\" }\n";
        let config = Config::parse(text, "app/reduse.toml", "app").unwrap();
        assert_eq!(config.level("unbounded-label-name", "app/legacy/a/b.rs"), Some(Level::Off));
        assert_eq!(config.level("unbounded-label-name", "app/src/b.rs"), None);
        assert_eq!(config.level("unbounded-label-name", "legacy/b.rs"), None);
    }

    #[test]
    fn exclude_matches_the_folder_however_it_is_written() {
        for pattern in ["examples/bad", "examples/bad/", "examples/bad/**", "./examples/bad"] {
            let config = Config::parse(&format!("exclude = [\"{pattern}\"]"), "reduse.toml", "").unwrap();
            assert!(config.excludes("examples/bad"), "{pattern}");
            assert!(!config.excludes("examples/bad/src"), "{pattern}");
        }
    }

    #[test]
    fn thresholds_outside_their_range_are_refused() {
        let error = Config::parse("[thresholds]\nerror_ratio = 5.0\n", "reduse.toml", "").unwrap_err().to_string();
        assert_eq!(error, "reduse.toml:2:15: `error_ratio` must be above 0 and at most 1, not 5");
    }
}
