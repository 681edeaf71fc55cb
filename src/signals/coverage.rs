//! Which questions are answered, by what, and what to add for the others.

use super::known;
use crate::knowledge::signals::{self, Signal, is_pattern};
use crate::knowledge::snippets::{self, Wanted};
use crate::knowledge::systems::System;
use crate::knowledge::vocab;
use crate::model::{Binding, Bindings, Inventory, Metric, MetricType};

/// The window of the queries that are shown.
const WINDOW: &str = "5m";

/// How well a question is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// A metric of the tree answers.
    Found,
    /// A known system answers.
    System,
    /// Something only hints at the answer.
    Proxy,
    /// Nothing answers.
    Missing,
    /// The question has no meaning.
    NotApplicable,
}

impl State {
    /// The word used in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Found => "found",
            State::System => "system",
            State::Proxy => "proxy",
            State::Missing => "missing",
            State::NotApplicable => "not_applicable",
        }
    }
}

/// One question and what answers it.
#[derive(Clone, Debug)]
pub struct Row {
    /// The question.
    pub signal: &'static Signal,
    /// How well it is answered.
    pub state: State,
    /// The metric that answers, of the tree or of the system.
    pub metric: Option<String>,
    /// A query that asks it.
    pub query: Option<String>,
    /// The system that answers.
    pub system: Option<String>,
    /// Why this was chosen, why it only hints, or why nothing answers.
    pub note: String,
    /// What would answer as well.
    pub candidates: Vec<String>,
    /// What to add where nothing answers in full.
    pub add: Option<Add>,
}

/// A metric to add, or the system to name.
#[derive(Clone, Debug, PartialEq)]
pub struct Add {
    /// In words.
    pub text: String,
    /// The metric, where code can answer.
    pub metric: Option<NewMetric>,
}

/// A metric to add to the code.
#[derive(Clone, Debug, PartialEq)]
pub struct NewMetric {
    /// Exposed name.
    pub name: &'static str,
    /// Type.
    pub kind: MetricType,
    /// Label names.
    pub labels: &'static [String],
    /// Finite bucket bounds of a histogram.
    pub buckets: &'static [f64],
    /// The library of the snippet.
    pub library: Option<&'static str>,
    /// Code that defines it.
    pub snippet: Option<String>,
}

/// All questions, in the order of `Signal::id` within RED, USE and LLM.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    /// One row for each signal.
    pub rows: Vec<Row>,
}

impl Coverage {
    /// Questions that are answered in full, and those that have a meaning.
    pub fn answered(&self) -> (usize, usize) {
        let count = |test: &dyn Fn(State) -> bool| self.rows.iter().filter(|r| test(r.state)).count();
        (count(&|s| matches!(s, State::Found | State::System)), count(&|s| s != State::NotApplicable))
    }
}

/// What is covered. `library` names the metrics library that snippets are written for.
pub fn coverage(inventory: &Inventory, bindings: &Bindings, systems: &[&System], library: Option<&str>) -> Coverage {
    let rows = signals::all().iter().map(|signal| row(signal, inventory, bindings, systems, library)).collect();
    Coverage { rows }
}

fn row(signal: &'static Signal, inventory: &Inventory, bindings: &Bindings, systems: &[&System], library: Option<&str>) -> Row {
    let empty = Row {
        signal,
        state: State::NotApplicable,
        metric: None,
        query: None,
        system: None,
        note: String::new(),
        candidates: Vec::new(),
        add: None,
    };
    if let Some(why) = &signal.not_applicable {
        return Row { note: why.clone(), ..empty };
    }
    let binding = bindings.get(&signal.id).or_else(|| bindings.proxy(&signal.id));
    let Some(binding) = binding else {
        let (note, add) = why_missing(signal, inventory, bindings, systems, library);
        return Row { state: State::Missing, note, add, ..empty };
    };
    let own = |name| inventory.metrics().iter().find(|m| m.name == name && fits(signal, binding, m)).cloned();
    let counted = |name| inventory.counted(name).find(|m| fits(signal, binding, m));
    let metric = binding.metric.as_deref().and_then(|name| own(name).or_else(|| counted(name)));
    let metric = metric.as_ref();
    let answer = binding.system.as_deref().and_then(|name| systems.iter().find(|s| s.name == name)?.signals.get(&signal.id));
    let hint = binding.proxy.clone().or_else(|| other_unit(signal, metric?));
    let state = match (&hint, metric) {
        (Some(_), _) => State::Proxy,
        (None, Some(_)) => State::Found,
        (None, None) => State::System,
    };
    Row {
        state,
        metric: binding.metric.clone().or_else(|| answer?.metric.clone()),
        query: metric.map(|m| query(binding, m)).or_else(|| Some(answer?.query("", WINDOW))),
        system: binding.system.clone(),
        add: hint.as_ref().and_then(|_| add(signal, library)),
        note: hint.unwrap_or_else(|| binding.reason.clone()),
        candidates: binding.candidates.clone(),
        ..empty
    }
}

/// Two metrics of one name may differ: the one that was bound is of a type that answers.
fn fits(signal: &Signal, binding: &Binding, metric: &Metric) -> bool {
    let typed = signal.takes(metric.kind) || signal.proxies.iter().any(|p| p.types.iter().any(|t| t == metric.kind.as_str()));
    typed && binding.roles.iter().all(|(_, label)| metric.label(label).is_some())
}

/// What the metric is counted in, where the question is asked in another unit.
fn other_unit(signal: &Signal, metric: &Metric) -> Option<String> {
    let asked = signal.unit.as_deref()?;
    let name = metric.name.strip_suffix("_total").unwrap_or(&metric.name);
    let word = name.rsplit('_').next()?;
    let unit = vocab::units().units.iter().find(|u| u.name == word)?;
    (unit.base.as_deref() == Some(asked)).then(|| format!("it is in {}, and the question is asked in {asked}", unit.name))
}

/// A query that asks the metric the question.
fn query(binding: &Binding, metric: &Metric) -> String {
    let name = &metric.name;
    let by = |labels: &[&str]| if labels.is_empty() { String::new() } else { format!(" by ({})", labels.join(", ")) };
    match metric.kind {
        MetricType::Histogram | MetricType::Unknown => {
            format!("histogram_quantile(0.95, sum by (le) (rate({name}_bucket[{WINDOW}])))")
        }
        MetricType::Counter => {
            let failure = binding.role("status").zip(binding.failure.as_deref());
            if let Some((label, failure)) = failure {
                let op = if is_pattern(failure) { "=~" } else { "=" };
                return format!("sum(rate({name}{{{label}{op}\"{failure}\"}}[{WINDOW}])) / sum(rate({name}[{WINDOW}]))");
            }
            let shown: Vec<&str> = ["route", "reason", "kind"].iter().filter_map(|role| binding.role(role)).collect();
            format!("sum{} (rate({name}[{WINDOW}]))", by(&shown)).replacen("sum (", "sum(", 1)
        }
        _ => format!("sum({name})"),
    }
}

/// Why nothing answers, and what to add.
fn why_missing(
    signal: &'static Signal,
    inventory: &Inventory,
    bindings: &Bindings,
    systems: &[&System],
    library: Option<&str>,
) -> (String, Option<Add>) {
    let metric = add(signal, library);
    let said: Vec<String> =
        systems.iter().filter_map(|s| s.unanswered.get(&signal.id).map(|why| format!("{} does not answer: {why}", s.title))).collect();
    if !said.is_empty() {
        return (said.join("; "), metric);
    }
    let why = bindings.missing.iter().find(|(id, _)| *id == signal.id).map_or("", |(_, why)| why.as_str());
    // What to add is told apart.
    let program = known::program(signal, inventory).map(|(system, _)| Add { text: known::to_add(system), metric: None });
    for add in [program, metric.clone()].into_iter().flatten() {
        if let Some(why) = why.strip_suffix(&*format!("; add {}", add.text)) {
            return (why.to_owned(), Some(add));
        }
    }
    (why.to_owned(), metric)
}

fn add(signal: &'static Signal, library: Option<&str>) -> Option<Add> {
    let text = signal.add.clone()?;
    let metric = signal.name_to_add().map(|name| {
        let kind = signal.types.first().map_or(MetricType::Unknown, |t| MetricType::parse(t));
        let buckets = signal.buckets.as_deref().and_then(|layout| vocab::buckets().layout(layout)).unwrap_or_default();
        let help = signal.add_help.as_deref().unwrap_or_default();
        let snippets = library.and_then(snippets::get);
        let wanted = Wanted { name, kind, help, labels: &signal.add_labels, buckets };
        let snippet = snippets.map(|s| s.render(&wanted));
        NewMetric { name, kind, labels: &signal.add_labels, buckets, library: snippets.map(|s| s.library.as_str()), snippet }
    });
    Some(Add { text, metric })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::systems;
    use crate::model::Policies;

    fn of(systems: &[&System]) -> Coverage {
        let inventory = Inventory::default();
        let bindings = super::super::bind(&inventory, &Policies::default(), systems);
        coverage(&inventory, &bindings, systems, Some("prometheus"))
    }

    fn row<'a>(coverage: &'a Coverage, id: &str) -> &'a Row {
        coverage.rows.iter().find(|r| r.signal.id == id).expect("a row for every signal")
    }

    #[test]
    fn an_empty_tree_misses_everything_and_is_told_what_to_add() {
        let coverage = of(&[]);
        assert_eq!(coverage.rows.len(), signals::all().len());
        assert_eq!(coverage.answered().0, 0);
        for row in &coverage.rows {
            match row.state {
                State::Missing => assert!(row.add.is_some() && !row.note.is_empty(), "{}", row.signal.id),
                state => assert_eq!((state, row.signal.not_applicable.is_some()), (State::NotApplicable, true), "{}", row.signal.id),
            }
        }
        let add = row(&coverage, "red.ttft").add.as_ref().and_then(|a| a.metric.as_ref()).expect("a metric");
        assert!(add.buckets.contains(&2.0), "the alert threshold is a bound");
        assert!(add.snippet.as_deref().is_some_and(|s| s.contains("register_histogram_vec!")));
    }

    #[test]
    fn a_system_says_what_it_does_not_answer() {
        let llama = systems::get("llamacpp").expect("embedded");
        let coverage = of(&[llama]);
        let rate = row(&coverage, "red.rate");
        assert_eq!(rate.state, State::Missing);
        assert!(rate.note.contains("llama.cpp server does not answer"), "{}", rate.note);
        assert_eq!(row(&coverage, "llm.itl").state, State::Proxy);
        assert_eq!(row(&coverage, "use.batcher.active").state, State::System);
    }
}
