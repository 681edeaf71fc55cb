//! Alerts whose template says what they ask and which cases prove it: this finds the metrics that they read.

use std::collections::BTreeMap;

use minijinja::Value;
use serde::Deserialize;

use super::Unanswered;
use super::alerts::{Alert, parse, render};
use super::cases::{Case, Check, firing};
use super::facts::Facts;
use super::load::{self, Series};
use super::number::{decimal, duration, without_noise};
use super::source::{Matcher, Source, braces};
use super::template::{TemplateError, Templates};
use crate::knowledge::plan::{AlertSpec, InputSpec};
use crate::knowledge::signals::Signal;
use crate::model::{Inventory, Language, Metric, MetricType};
use crate::promql;

/// A case as a template writes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CaseTemplate {
    name: String,
    /// A condition without which there is no such case.
    #[serde(default)]
    when: Option<String>,
    /// Seconds between two samples.
    #[serde(default = "step")]
    interval: u32,
    series: Vec<SeriesTemplate>,
    /// When the alert must not fire.
    #[serde(default)]
    quiet: Vec<String>,
    /// When it must.
    #[serde(default)]
    fires: Vec<FiresTemplate>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SeriesTemplate {
    /// Name of the input, or `up`.
    of: String,
    #[serde(default)]
    instance: u32,
    /// The job, where it is another one's.
    #[serde(default)]
    job: Option<String>,
    /// Whether it differs in a label that the alert does not keep; left out where the metric has none.
    #[serde(default)]
    spare: bool,
    /// A condition without which the series is left out.
    #[serde(default)]
    when: Option<String>,
    /// Values of labels and roles; `failure` stands for the labels that make an event a failure, or with `other` another kind of one,
    /// `refused` for those of an event that the client is to blame for, `outside` for those of one that the alert does not look at: without
    /// any the series is left out.
    #[serde(default)]
    set: BTreeMap<String, String>,
    values: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FiresTemplate {
    at: String,
    #[serde(default)]
    instance: u32,
    #[serde(default)]
    set: BTreeMap<String, String>,
    /// Value of the expression, where the annotations show it.
    #[serde(default)]
    value: String,
}

fn step() -> u32 {
    load::STEP
}

/// Renders an alert and its cases, or says why there is none.
pub(crate) fn build(
    spec: &'static AlertSpec,
    form: &str,
    facts: &Facts<'_>,
    templates: &Templates<'_>,
    finish: &dyn Fn(&mut Alert),
) -> Result<Result<(Alert, Vec<Case>), Unanswered>, TemplateError> {
    let mut inputs: Vec<(&str, Source)> = Vec::new();
    for input in &spec.inputs {
        match resolve(input, facts, &inputs) {
            Ok(source) => inputs.push((&input.name, source)),
            Err(_) if input.apart => {}
            Err(reason) => {
                let signal = input.signals.first().cloned().unwrap_or_else(|| input.name.clone());
                return Ok(Err(Unanswered { what: spec.name.clone(), signal, reason }));
            }
        }
    }
    let mut threshold = 0.0;
    if !spec.threshold.is_empty() {
        let Some(value) = facts.threshold(&spec.threshold) else {
            let reason = format!("`{}` is not given under [thresholds] of reduse.toml", spec.threshold);
            return Ok(Err(Unanswered { what: spec.name.clone(), signal: spec.threshold.clone(), reason }));
        };
        threshold = value;
    }
    // A share that must be exceeded. That of the free disk must be fallen below.
    if threshold >= 1.0 && matches!(spec.threshold.as_str(), "error_ratio" | "kv_cache_ratio") {
        let reason = format!("a share of {} can never be exceeded; write 1 % as 0.01", decimal(threshold));
        return Ok(Err(Unanswered { what: spec.name.clone(), signal: spec.threshold.clone(), reason }));
    }
    let by = labels(&spec.by, &inputs);
    let name = format!("alerts/{}{form}.yaml", spec.id);
    let parsed = parse(&name, templates)?;
    for nudge in NUDGES {
        let mut map = context(spec, &inputs, &by, threshold);
        map.insert("nudge".to_owned(), Value::from(nudge));
        for (key, expression) in &parsed.vars {
            let (Some(key), Some(expression)) = (key.as_str(), expression.as_str()) else {
                return Err(TemplateError::new(&name, "`vars` must be texts"));
            };
            let value = templates.evaluate(&name, expression, &Value::from(map.clone()))?;
            map.insert(key.to_owned(), value);
        }
        let context = Value::from(map);
        let mut alert = render(&parsed, &name, templates, &context)?;
        finish(&mut alert);
        let tester = Tester { name: &name, templates, context, inputs: &inputs, by: &by, alert: &alert };
        if let Some(cases) = parsed.cases.iter().filter_map(|case| tester.asked(case)).collect::<Result<Option<Vec<_>>, _>>()? {
            return Ok(Ok((alert, cases)));
        }
    }
    Err(TemplateError::new(
        &name,
        format!("near the threshold {} no value is shown the same with noise in its last bits", decimal(threshold)),
    ))
}

/// Factors that the values of a template's cases may be multiplied with: the first of them with which every annotation is the same
/// whatever noise the last bits of the value have. A value that lies where rounding changes would make a test fail by chance.
const NUDGES: [f64; 9] = [1.0, 1.002, 0.998, 1.001_37, 0.998_71, 1.002_93, 0.997_19, 1.005_11, 0.994_83];

/// The metric of an input: the service's own, then what the systems expose by their own names, then what their queries read; of them
/// only one that stands on the same targets as the inputs before it, or no series of the one would meet one of the other. An input that
/// is `apart` is the other way round: it stands on targets of its own.
fn resolve(input: &InputSpec, facts: &Facts<'_>, before: &[(&str, Source)]) -> Result<Source, String> {
    let own = own_sources(input, facts);
    let named = facts.systems.iter().filter_map(|system| Source::of_selector(system, input.systems.get(&system.name)?));
    let (mine, theirs): (Vec<Source>, Vec<Source>) = own.into_iter().partition(|s| s.system.is_none());
    let theirs = theirs.into_iter().filter(|_| !input.only_named);
    let mut why = None;
    for source in mine.into_iter().chain(named).chain(theirs) {
        let source = as_defined(source, facts.inventory);
        let apart = before.iter().find(|(_, other)| are_of_one(&source, other, facts.inventory) == input.apart);
        let apart = apart.map(|(_, other)| format!("`{}` is of another service than `{}`", source.metric.name, other.metric.name));
        match fits(input, &source).and_then(|()| apart.map_or(Ok(()), Err)) {
            Ok(()) => return Ok(narrowed(input, source)),
            Err(reason) => {
                why.get_or_insert(reason);
            }
        }
    }
    Err(why.unwrap_or_else(|| match input.signals.first() {
        Some(_) if input.only_named && input.signals.iter().any(|id| facts.answers.contains_key(id.as_str())) => {
            "what the system counts holds what clients did wrong too, or leaves out what the engine did".to_owned()
        }
        Some(_) => input.signals.iter().map(|id| facts.why_missing(id)).collect::<Vec<_>>().join("; "),
        None => format!("it needs --system {}", input.systems.keys().map(String::as_str).collect::<Vec<_>>().join(" or ")),
    }))
}

/// What answers the signals of an input, best first.
fn own_sources(input: &InputSpec, facts: &Facts<'_>) -> Vec<Source> {
    let answers: Vec<_> = input.signals.iter().filter_map(|id| facts.answers.get(id.as_str())).collect();
    let bound = answers.iter().filter_map(|answer| Some((answer.signal, answer.source.clone()?)));
    let others = answers.iter().filter(|_| input.apart).flat_map(|answer| answer.candidates.iter().map(|m| (answer.signal, Source::of(m))));
    let mut all: Vec<(&Signal, Source)> = bound.chain(others).collect();
    if input.surest {
        all.sort_by_key(|(signal, source)| {
            let late = !is_there_from_the_start(&source.metric);
            // A queue can be that of a part which is not always on; requests come to every service.
            (late, signal.names.contains(&source.metric.name), late && source.metric.kind != MetricType::Counter)
        });
    }
    all.into_iter().map(|(_, source)| source).collect()
}

/// Whether a process has the series before anything happens.
fn is_there_from_the_start(metric: &Metric) -> bool {
    !metric.appears_late && metric.labels_complete && metric.labels.is_empty()
}

/// What the tree says of a system's metric, where the tree is that system.
fn as_defined(mut source: Source, inventory: &Inventory) -> Source {
    let own = inventory.get(&source.metric.name).filter(|own| source.system.is_some() && own.kind == source.metric.kind);
    if let Some(own) = own {
        source.metric = own.clone();
    }
    source
}

/// Whether one process can expose both: code in two languages are two programs, so are packages that no program has both of, and a system
/// that the tree does not define is another one than the tree's own.
fn are_of_one(one: &Source, other: &Source, inventory: &Inventory) -> bool {
    let exposed = |source: &Source| source.metric.language == Language::Exposition;
    match (&one.system, &other.system) {
        (Some(a), Some(b)) => a == b,
        _ if exposed(one) || exposed(other) => true,
        _ => one.metric.language == other.metric.language && !inventory.programs.are_apart(&one.metric, &other.metric),
    }
}

fn fits(input: &InputSpec, source: &Source) -> Result<(), String> {
    let metric = &source.metric;
    if !input.types.is_empty() && !input.types.iter().any(|t| MetricType::parse(t) == metric.kind) {
        return Err(format!("`{}` is a {}, and the alert needs a {}", metric.name, metric.kind.as_str(), input.types.join(" or a ")));
    }
    if let Some(role) = input.roles.iter().find(|role| source.role(role).is_none()) {
        return Err(format!("`{}` has no {role} label", metric.name));
    }
    if input.present && metric.appears_late {
        return Err(format!("`{}` is not there before it is first set", metric.name));
    }
    if input.present && source.system.is_none() && !is_there_from_the_start(metric) {
        return Err(format!("`{}` may have labels, so it need not be there before anything happens", metric.name));
    }
    Ok(())
}

fn narrowed(input: &InputSpec, mut source: Source) -> Source {
    for (role, pattern) in &input.without {
        if let Some(label) = source.role(role)
            && source.filter.iter().all(|m| m.label != label)
            // Where the code gives the label nothing of that kind there is nothing to leave out, and no test of it.
            && source.metric.label(label).and_then(|l| l.bound.all_values()).is_none_or(|all| promql::full_match(pattern, all) != Some(false))
        {
            source.filter.push(Matcher::new(label, "!~", pattern));
        }
    }
    for (role, pattern) in &input.only {
        let Some(label) = source.role(role).map(str::to_owned) else { continue };
        let known = source.metric.label(&label).filter(|l| l.bound.is_bounded()).map(|l| l.bound.values.clone()).unwrap_or_default();
        let meant: Vec<&str> = known.iter().map(String::as_str).filter(|v| pattern.split('|').any(|p| p == *v)).collect();
        if !meant.is_empty() && meant.len() < known.len() {
            source.filter.push(Matcher::new(&label, "=~", &meant.join("|")));
            source.other = known.iter().find(|v| !meant.contains(&v.as_str())).cloned();
        }
    }
    source
}

/// The labels to keep: `job` and `instance` always, a role or a label where every input has it by one name.
fn labels(wanted: &[String], inputs: &[(&str, Source)]) -> Vec<String> {
    let mut by: Vec<String> = Vec::new();
    for word in wanted {
        let of = |source: &Source| {
            let label = source.role(word).map(str::to_owned);
            label.or_else(|| source.metric.label(word).map(|l| l.name.clone()))
        };
        let label = match word.as_str() {
            "job" | "instance" => Some(word.clone()),
            _ => inputs.first().and_then(|(_, first)| of(first)).filter(|l| inputs.iter().all(|(_, s)| of(s).as_ref() == Some(l))),
        };
        by.extend(label.filter(|l| !by.contains(l)));
    }
    by
}

fn context(spec: &AlertSpec, inputs: &[(&str, Source)], by: &[String], threshold: f64) -> BTreeMap<String, Value> {
    let mut map: BTreeMap<String, Value> = BTreeMap::from([
        ("name".to_owned(), Value::from(spec.name.as_str())),
        ("by".to_owned(), Value::from(by.join(", "))),
        ("window".to_owned(), Value::from(duration(spec.window))),
        ("hold".to_owned(), Value::from(duration(spec.hold))),
        ("guard".to_owned(), Value::from(spec.guard)),
        ("threshold".to_owned(), Value::from(threshold)),
        ("budget".to_owned(), Value::from(without_noise(1.0 - threshold))),
    ]);
    for role in ["model", "reason"] {
        let label = inputs.iter().find_map(|(_, s)| s.role(role).filter(|l| by.iter().any(|b| b == l)));
        map.insert(role.to_owned(), label.map_or(Value::from(()), Value::from));
    }
    for input in spec.inputs.iter().filter(|input| input.apart) {
        map.insert(input.name.clone(), Value::from(()));
    }
    for (name, source) in inputs {
        let sel = braces(&source.filter);
        let bad = braces(source.bad.iter().chain(&source.filter));
        let metric = source.metric.name.as_str();
        let value = Value::from_pairs([
            ("metric", Value::from(metric)),
            ("series", Value::from(format!("{metric}{sel}"))),
            ("bad", Value::from(format!("{metric}{bad}"))),
            ("spare", Value::from(source.spare(by).is_some())),
            ("other", source.other.as_deref().map_or(Value::from(()), Value::from)),
            ("system", source.system.as_deref().map_or(Value::from(()), Value::from)),
        ]);
        map.insert((*name).to_owned(), value);
    }
    map
}

struct Tester<'a> {
    name: &'a str,
    templates: &'a Templates<'a>,
    context: Value,
    inputs: &'a [(&'a str, Source)],
    by: &'a [String],
    alert: &'a Alert,
}

impl Tester<'_> {
    /// The case, where its condition holds.
    fn asked(&self, case: &CaseTemplate) -> Option<Result<Option<Case>, TemplateError>> {
        match case.when.as_deref().map(|condition| self.templates.evaluate(self.name, condition, &self.context)) {
            Some(Err(error)) => Some(Err(error)),
            Some(Ok(holds)) if !holds.is_true() => None,
            _ => Some(self.case(case)),
        }
    }

    /// The case; `None` where noise in the last bits of a value would change an annotation.
    fn case(&self, case: &CaseTemplate) -> Result<Option<Case>, TemplateError> {
        let mut series = Vec::new();
        for spec in &case.series {
            if let Some(condition) = &spec.when
                && !self.templates.evaluate(self.name, condition, &self.context)?.is_true()
            {
                continue;
            }
            series.extend(self.series(spec)?);
        }
        let mut checks = Vec::new();
        for at in &case.quiet {
            checks.push(Check { at: self.seconds(at)?, fires: None });
        }
        for fires in &case.fires {
            let text = self.text(&fires.value)?;
            let value = if text.is_empty() { 1.0 } else { text.parse().map_err(|_| self.error(format!("`{text}` is no value")))? };
            let mut kept = Vec::new();
            for label in self.by {
                kept.push((label.clone(), self.label_value(label, fires)?));
            }
            let firing = firing(self.alert, &kept, value).map_err(|e| self.error(e))?;
            let Some(firing) = firing else { return Ok(None) };
            checks.push(Check { at: self.seconds(&fires.at)?, fires: Some(firing) });
        }
        checks.sort_by_key(|c| c.at);
        Ok(Some(Case { name: format!("{} {}", self.alert.name, self.text(&case.name)?), interval: case.interval, series, checks }))
    }

    fn label_value(&self, label: &str, fires: &FiresTemplate) -> Result<String, TemplateError> {
        let set = fires.set.iter().find(|(key, _)| *key == label || self.inputs.iter().any(|(_, s)| s.role(key) == Some(label)));
        Ok(match (label, set) {
            ("job", _) => load::JOB.to_owned(),
            ("instance", _) => load::instance(fires.instance),
            (_, Some((_, value))) => self.text(value)?,
            _ => self.inputs.first().map_or_else(String::new, |(_, s)| s.value_of(label)),
        })
    }

    /// The series; `None` for one that would differ in a label that the metric does not have.
    fn series(&self, series: &SeriesTemplate) -> Result<Option<Series>, TemplateError> {
        let values = self.text(&series.values)?;
        let instance = load::instance(series.instance);
        let job = series.job.as_deref().unwrap_or(load::JOB);
        if series.of == "up" {
            return Ok(Some(Series { name: format!("up{{job=\"{job}\",instance=\"{instance}\"}}"), values }));
        }
        let source = self.inputs.iter().find(|(name, _)| *name == series.of).map(|(_, s)| s);
        let source = source.ok_or_else(|| self.error(format!("no input is called `{}`", series.of)))?;
        let mut set: Vec<(String, String)> = Vec::new();
        if series.spare {
            let Some(spare) = source.spare(self.by) else { return Ok(None) };
            set.push(spare);
        }
        for (key, value) in &series.set {
            match key.as_str() {
                "failure" if value == "other" => set.extend(source.other_failure()),
                "failure" => set.extend(source.failure()),
                "refused" => match source.refused() {
                    Some(refused) => set.push(refused),
                    None => return Ok(None),
                },
                "outside" => match source.outside() {
                    Some(outside) => set.push(outside),
                    None => return Ok(None),
                },
                _ => {}
            }
            if matches!(key.as_str(), "failure" | "refused" | "outside") {
                continue;
            }
            let label = source.role(key).map(str::to_owned).or_else(|| source.metric.label(key).map(|l| l.name.clone()));
            if let Some(label) = label {
                set.push((label, self.text(value)?));
            }
        }
        let set: Vec<(&str, &str)> = set.iter().map(|(label, value)| (label.as_str(), value.as_str())).collect();
        let name = load::name(source, "", &instance, &set);
        let of_job = |job: &str| format!("{{job=\"{job}\"");
        Ok(Some(Series { name: name.replacen(&of_job(load::JOB), &of_job(job), 1), values }))
    }

    fn text(&self, source: &str) -> Result<String, TemplateError> {
        self.templates.text(self.name, source, &self.context).map(|t| t.trim().to_owned())
    }

    fn seconds(&self, at: &str) -> Result<u32, TemplateError> {
        let text = self.text(at)?;
        let seconds = promql::seconds(&text).ok_or_else(|| self.error(format!("`{text}` is no duration")))?;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates")]
        Ok(seconds as u32)
    }

    fn error(&self, message: String) -> TemplateError {
        TemplateError::new(self.name, message)
    }
}
