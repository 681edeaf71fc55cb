//! What the templates may know: each signal with the metric or the query that answers it, and the thresholds.

use std::borrow::Cow;
use std::collections::BTreeMap;

use minijinja::Value;

use super::Request;
use super::number::without_noise;
use super::source::{Source, family};
use crate::knowledge::plan::{self, PanelSpec};
use crate::knowledge::signals::{self, RoleLabel, Signal, is_failure};
use crate::knowledge::systems::{System, SystemSignal};
use crate::knowledge::vocab;
use crate::model::{Binding, Bound, Inventory, Metric, MetricType};
use crate::promql;

/// The matchers that every selector of a dashboard has.
const SCRAPE: &str = r#"job=~"$job",instance=~"$instance""#;
/// The range of every rate of a dashboard.
const RANGE: &str = "$__rate_interval";

/// A signal and what answers it.
pub(crate) struct Answer<'a> {
    pub(crate) signal: &'static Signal,
    /// The one metric that answers; `None` for a system's query that reads several, or only hints at the answer.
    pub(crate) source: Option<Source>,
    system: Option<&'a System>,
    /// Other metrics that could answer.
    pub(crate) candidates: Vec<&'a Metric>,
    /// What it says instead, where it only hints at the answer.
    pub(crate) proxy: Option<&'a str>,
}

/// All answers by signal id.
pub(crate) struct Facts<'a> {
    pub(crate) answers: BTreeMap<&'static str, Answer<'a>>,
    /// What hints at an answer where nothing answers. Alerts never read it.
    stand_ins: BTreeMap<&'static str, Answer<'a>>,
    pub(crate) systems: &'a [&'a System],
    pub(crate) inventory: &'a Inventory,
    /// The label that tells models apart, and the name of a series that has it.
    model: Option<(String, String)>,
    thresholds: BTreeMap<&'static str, f64>,
    missing: BTreeMap<&'a str, &'a str>,
}

impl<'a> Facts<'a> {
    pub(crate) fn new(request: &Request<'a>) -> Self {
        let (mut answers, mut stand_ins) = (BTreeMap::new(), BTreeMap::new());
        for signal in signals::all() {
            let direct = request.bindings.get(&signal.id);
            let Some(binding) = direct.or_else(|| request.bindings.proxy(&signal.id)) else { continue };
            let metric = binding.metric.as_deref().and_then(|name| bound_metric(request, signal, binding, name));
            let system = binding.system.as_deref().and_then(|name| request.systems.iter().find(|s| s.name == name).copied());
            let answer = system.and_then(|s| Some((s, s.signals.get(&signal.id)?)));
            if metric.is_some() || answer.is_some() {
                let own = metric.map(|m| Source::own(&with_seen(m, request, binding), binding));
                let source = own.or_else(|| answer.and_then(|(system, answer)| Source::of_signal(system, signal, answer)));
                let candidates = binding.candidates.iter().filter_map(|name| request.inventory.get(name)).collect();
                let into = if direct.is_some() { &mut answers } else { &mut stand_ins };
                into.insert(signal.id.as_str(), Answer { signal, source, system, candidates, proxy: binding.proxy.as_deref() });
            }
        }
        let thresholds = &request.policies.thresholds;
        let mut numbers = BTreeMap::from([
            ("error_ratio", thresholds.error_ratio),
            ("ttft_seconds", thresholds.ttft_seconds),
            ("cost_per_1k_usd", thresholds.cost_per_1k_usd),
            ("kv_cache_ratio", thresholds.kv_cache_ratio),
            ("disk_free_ratio", thresholds.disk_free_ratio),
        ]);
        numbers.extend(thresholds.availability_slo.map(|slo| ("availability_slo", slo)));
        Facts {
            model: model(&answers),
            answers,
            stand_ins,
            systems: request.systems,
            inventory: request.inventory,
            thresholds: numbers.into_iter().map(|(name, value)| (name, without_noise(value))).collect(),
            missing: request.bindings.missing.iter().map(|(id, why)| (id.as_str(), why.as_str())).collect(),
        }
    }

    /// The threshold with this name in the configuration.
    pub(crate) fn threshold(&self, name: &str) -> Option<f64> {
        self.thresholds.get(name).copied()
    }

    /// Why nothing answers a signal.
    pub(crate) fn why_missing(&self, signal: &str) -> String {
        let why = self.missing.get(signal).map_or_else(|| "nothing answers it".to_owned(), |why| (*why).to_owned());
        // A metric of the service that nearly answers says more than a system that never does.
        let said: Vec<String> = self
            .systems
            .iter()
            .filter(|_| why.starts_with("no "))
            .filter_map(|s| Some(format!("{} does not answer: {}", s.title, s.unanswered.get(signal)?)))
            .collect();
        if said.is_empty() {
            return why;
        }
        let add = signals::get(signal).and_then(|s| s.add.as_deref()).map(|add| format!("; add {add}")).unwrap_or_default();
        format!("{}{add}", said.join("; "))
    }

    /// The name of a series that tells models apart, and the label that does.
    pub(crate) fn model(&self) -> Option<(&str, &str)> {
        self.model.as_ref().map(|(label, series)| (series.as_str(), label.as_str()))
    }

    /// What a panel may draw for a signal: the answer, or the stand-in where the panel takes one.
    pub(crate) fn shown(&self, spec: &PanelSpec, id: &str) -> Option<&Answer<'a>> {
        let stand_in = || self.stand_ins.get(id).filter(|_| spec.stand_ins.iter().any(|taken| taken == id));
        self.answers.get(id).or_else(stand_in)
    }

    /// Every signal id as nested maps (`red.rate`), `none` where nothing answers.
    pub(crate) fn signals(&self) -> BTreeMap<String, Value> {
        let mut tree = Tree::default();
        for signal in signals::all() {
            let id = signal.id.as_str();
            let taken = plan::panels().iter().find_map(|spec| self.shown(spec, id));
            let value = taken.map_or(Value::from(()), |answer| answer.value(self.model.as_ref().map(|(label, _)| label.as_str())));
            tree.insert(&signal.id, value);
        }
        tree.values()
    }

    /// The thresholds by name.
    pub(crate) fn thresholds(&self) -> Value {
        Value::from_pairs(self.thresholds.iter().map(|(name, value)| (*name, Value::from(*value))))
    }

    /// Names of the series that tell jobs and instances: those of the service's metrics, and all that the systems' queries select.
    /// One of a system would not do: a host without throttling, for one, exposes no throttles.
    pub(crate) fn variable_metrics(&self) -> Vec<String> {
        let mut names: Vec<String> = self.answers.values().filter_map(Answer::metric).map(series_name).collect();
        for answer in self.answers.values() {
            let Some((system, of)) = answer.of_system() else { continue };
            let words = of.query.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | ':')));
            names.extend(words.filter(|word| system.metric(word).is_some()).map(str::to_owned));
        }
        names.sort_unstable();
        names.dedup();
        names
    }
}

/// The label that tells models apart: of several the one that most answers have, since one variable chooses for all panels.
fn model(answers: &BTreeMap<&'static str, Answer<'_>>) -> Option<(String, String)> {
    let have = |label: &str| answers.values().filter_map(Answer::metric).filter(|m| m.label(label).is_some()).count();
    let labels = answers.values().filter_map(|a| a.role("model"));
    // Of equals the first.
    let label = labels.rev().max_by_key(|label| have(label))?.to_owned();
    let series = answers.values().filter_map(Answer::metric).find(|m| m.label(&label).is_some()).map(series_name)?;
    Some((label, series))
}

/// The metric that was bound, or what counts the observations of a histogram. Where two have one name, the first may be of another
/// type or without the labels.
fn bound_metric<'a>(request: &Request<'a>, signal: &Signal, binding: &Binding, name: &str) -> Option<Cow<'a, Metric>> {
    let fits =
        |m: &&Metric| (signal.takes(m.kind) || binding.proxy.is_some()) && binding.roles.iter().all(|(_, label)| m.label(label).is_some());
    let Some(first) = request.inventory.get(name) else {
        return request.inventory.counted(name).find(|m| fits(&m)).map(Cow::Owned);
    };
    let found = if fits(&first) { Some(first) } else { request.inventory.metrics().iter().filter(|m| m.name == name).find(fits) };
    found.map(Cow::Borrowed)
}

/// With the values of the status that the code is seen to set, where they tell what fails and what does not: tests hold no others.
fn with_seen<'m>(metric: Cow<'m, Metric>, request: &Request<'_>, binding: &Binding) -> Cow<'m, Metric> {
    let Some((status, failure)) = binding.role("status").zip(binding.failure.as_deref()) else { return metric };
    let (seen, open) = request.inventory.seen_values(&metric, status);
    let fails = |value: &&str| is_failure(failure, value);
    if open || !seen.iter().any(fails) || seen.iter().all(fails) {
        return metric;
    }
    let mut metric = metric.into_owned();
    for label in metric.labels.iter_mut().filter(|l| l.name == status && !l.bound.is_bounded()) {
        label.bound = Bound::of_values(seen.iter().map(|v| (*v).to_owned()));
    }
    Cow::Owned(metric)
}

/// A series of the metric: those of a histogram have other names than the family.
fn series_name(metric: &Metric) -> String {
    match metric.kind {
        MetricType::Histogram => format!("{}_count", metric.name),
        _ => metric.name.clone(),
    }
}

impl Answer<'_> {
    /// The one metric that answers.
    pub(crate) fn metric(&self) -> Option<&Metric> {
        self.source.as_ref().map(|s| &s.metric)
    }

    /// The label that plays `role`.
    pub(crate) fn role(&self, role: &str) -> Option<&str> {
        self.source.as_ref()?.role(role)
    }

    /// The family of labels that the label of a role belongs to.
    pub(crate) fn role_label(&self, role: &str) -> Option<&'static RoleLabel> {
        self.signal.role(role)?.label(self.role(role)?)
    }

    /// The system that answers, and how.
    fn of_system(&self) -> Option<(&System, &SystemSignal)> {
        let system = self.system?;
        Some((system, system.signals.get(&self.signal.id)?))
    }

    fn value(&self, model: Option<&str>) -> Value {
        let mut map: BTreeMap<&'static str, Value> = BTreeMap::new();
        let matchers = |list: &[super::source::Matcher]| list.iter().map(|m| m.text() + ",").collect::<String>();
        let with_model = |model: Option<&str>| model.map_or_else(|| SCRAPE.to_owned(), |model| format!("{SCRAPE},{model}=~\"$model\""));
        let selector = with_model(model.filter(|model| self.metric().is_some_and(|m| m.label(model).is_some())));
        let filter = self.source.as_ref().map_or_else(String::new, |s| matchers(&s.filter));
        let bad = self.source.as_ref().map_or_else(String::new, |s| matchers(&s.bad));
        let query = match self.of_system() {
            Some((system, of)) => of.query(&with_model(model.filter(|model| all_have(system, of, model))), RANGE),
            None => self.query(&selector),
        };
        map.insert("query", Value::from(query));
        map.insert("bad", Value::from(format!("{bad}{filter}{selector}")));
        map.insert("sel", Value::from(format!("{filter}{selector}")));
        map.insert("metric", self.metric().map_or(Value::from(()), |m| Value::from(m.name.as_str())));
        for role in ["route", "status", "reason", "kind", "model"] {
            map.insert(role, self.role(role).map_or(Value::from(()), Value::from));
        }
        let failure = self.source.as_ref().and_then(|s| s.bad.first()).map(|m| m.value.as_str());
        map.insert("failure", failure.map_or(Value::from(()), Value::from));
        // What Grafana calls the unit, and how many of it are one of the unit that the signal is asked in.
        let unit = self.unit();
        map.insert("unit", unit.and_then(|u| u.grafana.as_deref()).map_or(Value::from(()), Value::from));
        let scale = unit.filter(|u| u.base == self.signal.unit).and_then(|u| u.scale).map_or(1.0, |scale| without_noise(1.0 / scale));
        map.insert("per_unit", Value::from(scale));
        Value::from(map)
    }

    /// The unit: what the system's answer says, or the metric's name.
    fn unit(&self) -> Option<&'static vocab::Unit> {
        let said = self.of_system().and_then(|(_, of)| of.unit.as_deref());
        let metric = self.metric();
        let of_metric = metric.and_then(|m| m.unit.as_deref()).or_else(|| metric?.name.rsplit('_').next());
        let word = said.or(of_metric)?;
        vocab::units().units.iter().find(|unit| unit.name == word)
    }

    /// A query for a panel, the plain one for the metric's type.
    fn query(&self, selector: &str) -> String {
        let Some(metric) = self.metric() else { return String::new() };
        let name = &metric.name;
        match metric.kind {
            MetricType::Counter => format!("sum by (job, instance) (rate({name}{{{selector}}}[{RANGE}]))"),
            _ => format!("sum by (job, instance) ({name}{{{selector}}})"),
        }
    }
}

/// Whether every metric that a system's query reads has the label.
fn all_have(system: &System, of: &SystemSignal, label: &str) -> bool {
    let selectors = promql::selectors_of(&of.query("", "5m"));
    selectors.iter().all(|s| family(system, s).is_some_and(|m| m.labels.iter().any(|l| l == label)))
}

/// Ids with dots as nested maps. Ids have at most a few parts, so the depth is that of our own data.
#[derive(Default)]
struct Tree {
    leaves: BTreeMap<String, Value>,
    branches: BTreeMap<String, Tree>,
}

impl Tree {
    fn insert(&mut self, id: &str, value: Value) {
        match id.split_once('.') {
            Some((head, tail)) => self.branches.entry(head.to_owned()).or_default().insert(tail, value),
            None => {
                self.leaves.insert(id.to_owned(), value);
            }
        }
    }

    fn values(self) -> BTreeMap<String, Value> {
        let mut out = self.leaves;
        for (name, branch) in self.branches {
            out.insert(name, Value::from(branch.values()));
        }
        out
    }
}
