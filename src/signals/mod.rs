//! From "a metric exists" to "this question is answered".
//!
//! Owns the choice of a metric for each signal. Which names answer is data in `rules/signals/`; nothing here knows a name.

use crate::knowledge::signals::{self, Signal};
use crate::knowledge::systems::System;
use crate::model::{Binding, Bindings, Inventory, Metric, MetricType, Policies, Sureness};

/// Binds signals to the inventory's metrics and to the systems' queries.
///
/// The configuration decides first, then a metric whose whole name answers, then one whose name ends as it should, then the
/// systems in the order given. A metric of another type, or without a label that the question needs, never answers.
pub fn bind(inventory: &Inventory, policies: &Policies, systems: &[&System]) -> Bindings {
    let mut bindings = Bindings::default();
    let mut configured: Vec<(&'static Signal, &str)> = Vec::new();
    for (key, metric) in &policies.signals {
        match signal_of(key) {
            Ok(signal) if configured.iter().any(|(s, m)| s.id == signal.id && m != metric) => {
                bindings.errors.push(format!("the configuration answers `{}` twice, with different metrics", signal.id));
            }
            Ok(signal) => configured.push((signal, metric)),
            Err(error) => bindings.errors.push(error),
        }
    }
    for signal in signals::all() {
        if let Some((_, metric)) = configured.iter().find(|(s, _)| s.id == signal.id) {
            match by_configuration(signal, metric, inventory) {
                Ok(binding) => bindings.bound.push(binding),
                Err(error) => {
                    bindings.missing.push((signal.id.clone(), error.clone()));
                    bindings.errors.push(error);
                }
            }
            continue;
        }
        match by_name(signal, inventory).or_else(|why| by_system(signal, systems).ok_or(why)) {
            Ok(binding) => bindings.bound.push(binding),
            Err(why) => bindings.missing.push((signal.id.clone(), why)),
        }
    }
    bindings.errors.sort();
    bindings
}

/// The signal that a key of the configuration means.
fn signal_of(key: &str) -> Result<&'static Signal, String> {
    signals::find(key).map_err(|several| {
        if several.is_empty() {
            return format!("no signal is called `{key}`");
        }
        let ids: Vec<&str> = several.iter().map(|s| s.id.as_str()).collect();
        format!("`{key}` may mean {}: write the whole id", ids.join(" or "))
    })
}

fn by_configuration(signal: &Signal, name: &str, inventory: &Inventory) -> Result<Binding, String> {
    let Some(metric) = inventory.get(name) else {
        return Err(format!("the configuration answers `{}` with `{name}`, which is not in the inventory", signal.id));
    };
    let roles = roles(signal, metric).map_err(|why| format!("the configuration answers `{}` with `{name}`, but {why}", signal.id))?;
    Ok(Binding {
        signal: signal.id.clone(),
        metric: Some(metric.name.clone()),
        system: None,
        roles,
        sureness: Sureness::Certain,
        reason: "the configuration says so".to_owned(),
        candidates: Vec::new(),
    })
}

fn by_name(signal: &Signal, inventory: &Inventory) -> Result<Binding, String> {
    // (rank, metric): a whole name ranks before any suffix, an earlier name before a later one.
    let mut ranked: Vec<(usize, &Metric)> =
        inventory.metrics().iter().filter(|m| !m.is_pattern()).filter_map(|m| Some((rank(signal, &m.name)?, m))).collect();
    ranked.sort_by(|a, b| (a.0, &a.1.name, &a.1.location).cmp(&(b.0, &b.1.name, &b.1.location)));

    let mut refused: Vec<String> = Vec::new();
    let mut fitting = Vec::new();
    for (rank, metric) in ranked {
        match roles(signal, metric) {
            Ok(roles) => fitting.push((rank, metric, roles)),
            Err(why) => refused.push(format!("`{}` does not answer: {why}", metric.name)),
        }
    }
    // Definitions of one metric in several places are refused for one reason.
    refused.dedup();
    let mut fitting = fitting.into_iter();
    let Some((rank, metric, roles)) = fitting.next() else { return Err(missing(signal, &refused)) };
    let whole = rank < signal.names.len();
    let mut candidates: Vec<String> = fitting.map(|(_, m, _)| m.name.clone()).filter(|n| *n != metric.name).collect();
    candidates.dedup();
    Ok(Binding {
        signal: signal.id.clone(),
        metric: Some(metric.name.clone()),
        system: None,
        roles,
        sureness: if whole { Sureness::Name } else { Sureness::Suffix },
        reason: match signal.suffixes.get(rank.wrapping_sub(signal.names.len())) {
            Some(suffix) if !whole => format!("the name ends in `{suffix}`"),
            _ => "the name is one of the signal's own".to_owned(),
        },
        candidates,
    })
}

fn rank(signal: &Signal, name: &str) -> Option<usize> {
    if let Some(at) = signal.names.iter().position(|n| n == name) {
        return Some(at);
    }
    if name.split(['_', ':']).any(|word| signal.except.iter().any(|e| e == word)) {
        return None;
    }
    let at = signal.suffixes.iter().position(|suffix| {
        // A suffix begins at a word: `_requests_total` or `http_requests_total`, never in the middle of `xhttp_requests_total`.
        name.strip_suffix(suffix.as_str()).is_some_and(|rest| rest.is_empty() || suffix.starts_with('_') || rest.ends_with(['_', ':']))
    })?;
    Some(signal.names.len() + at)
}

/// The labels of `metric` that play the signal's roles, or why it does not answer.
fn roles(signal: &Signal, metric: &Metric) -> Result<Vec<(String, String)>, String> {
    if metric.name.starts_with(|c: char| c.is_ascii_digit())
        || !metric.name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | ':'))
    {
        return Err("its name needs quotes in PromQL, which Prometheus 2 does not know".to_owned());
    }
    if metric.kind == MetricType::Unknown {
        return Err("its type is not known".to_owned());
    }
    if !signal.takes(metric.kind) {
        return Err(format!("it is a {}, and the question needs a {}", metric.kind.as_str(), signal.types.join(" or a ")));
    }
    let mut roles = Vec::new();
    for role in &signal.roles {
        let label = role.labels.iter().flat_map(|family| &family.names).find(|n| metric.label(n).is_some());
        match label {
            Some(label) => roles.push((role.name.clone(), label.clone())),
            None if role.required && !metric.labels_complete => {
                return Err(format!("not all of its labels are known, and the question needs a {} label", role.name));
            }
            None if role.required => return Err(format!("it has no {} label", role.name)),
            None => {}
        }
    }
    Ok(roles)
}

fn by_system(signal: &Signal, systems: &[&System]) -> Option<Binding> {
    let mut answering = systems.iter().filter(|s| s.signals.contains_key(&signal.id));
    let system = answering.next()?;
    Some(Binding {
        signal: signal.id.clone(),
        metric: None,
        system: Some(system.name.clone()),
        roles: Vec::new(),
        sureness: Sureness::Certain,
        reason: format!("{} answers", system.title),
        candidates: answering.map(|s| s.name.clone()).collect(),
    })
}

fn missing(signal: &Signal, refused: &[String]) -> String {
    let mut why = if !refused.is_empty() {
        refused.join("; ")
    } else if signal.names.is_empty() {
        "no metric of a service answers it by name".to_owned()
    } else {
        format!("no {} is called {}, or alike", signal.types.join(" or "), signal.names.first().map_or("", String::as_str))
    };
    if let Some(add) = &signal.add {
        why.push_str("; add ");
        why.push_str(add);
    }
    why
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::knowledge::systems;
    use crate::model::{Bound, Buckets, Label, Language};
    use crate::source::{Location, Span};

    fn metric(name: &str, kind: MetricType, labels: &[&str]) -> Metric {
        let location = Location::new(&Arc::from("src/metrics.rs"), Span::default());
        Metric {
            name: name.to_owned(),
            kind,
            declared: kind,
            unit: None,
            help: None,
            help_unknown: false,
            language: Language::Rust,
            library: "prometheus",
            labels: labels.iter().map(|l| Label { name: (*l).to_owned(), bound: Bound::unknown(), location: None }).collect(),
            labels_complete: true,
            buckets: Buckets::None,
            location: location.clone(),
            name_location: location,
            definitions: Vec::new(),
        }
    }

    fn bound(metrics: Vec<Metric>) -> Bindings {
        bind(&Inventory::new(metrics, Vec::new(), Vec::new()), &Policies::default(), &[])
    }

    fn why(bindings: &Bindings, signal: &str) -> String {
        bindings.missing.iter().find(|(id, _)| id == signal).map(|(_, why)| why.clone()).unwrap_or_default()
    }

    #[test]
    fn a_whole_name_comes_before_a_suffix_and_the_other_is_a_candidate() {
        let bindings = bound(vec![
            metric("aaa_http_requests_total", MetricType::Counter, &["status"]),
            metric("http_requests_total", MetricType::Counter, &["handler", "status_code"]),
        ]);
        let binding = bindings.get("red.errors.status").expect("bound");
        assert_eq!(binding.metric.as_deref(), Some("http_requests_total"));
        assert_eq!((binding.sureness, binding.role("status")), (Sureness::Name, Some("status_code")));
        assert_eq!(binding.candidates, ["aaa_http_requests_total"]);
    }

    #[test]
    fn a_suffix_begins_at_a_word() {
        let bindings = bound(vec![metric("app_time_to_first_token_seconds", MetricType::Histogram, &[])]);
        assert_eq!(bindings.get("red.ttft").map(|b| b.sureness), Some(Sureness::Suffix));
        let bindings = bound(vec![metric("xttft_seconds", MetricType::Histogram, &[])]);
        assert!(bindings.get("red.ttft").is_none());
    }

    #[test]
    fn the_wrong_type_never_answers_and_the_reason_says_so() {
        let bindings = bound(vec![metric("time_to_first_token_seconds", MetricType::Summary, &[])]);
        assert!(bindings.get("red.ttft").is_none());
        assert!(why(&bindings, "red.ttft").contains("it is a summary"), "{:?}", why(&bindings, "red.ttft"));
    }

    #[test]
    fn a_counter_without_a_status_does_not_answer_for_errors() {
        let bindings = bound(vec![metric("http_requests_total", MetricType::Counter, &["endpoint"])]);
        assert!(bindings.get("red.rate").is_some());
        assert!(bindings.get("red.errors.status").is_none());
        assert!(why(&bindings, "red.errors.status").contains("no status label"));
    }

    #[test]
    fn labels_that_may_come_at_run_time_are_not_guessed() {
        let mut open = metric("http_requests_total", MetricType::Counter, &[]);
        open.labels_complete = false;
        assert!(why(&bound(vec![open]), "red.errors.status").contains("not all of its labels are known"));
    }

    #[test]
    fn a_counter_of_outgoing_requests_is_not_the_services_own() {
        let bindings = bound(vec![metric("redis_requests_total", MetricType::Counter, &["status"])]);
        assert!(bindings.get("red.errors.status").is_none());
        let bindings = bound(vec![metric("http_client_requests_total", MetricType::Counter, &["status"])]);
        assert!(bindings.get("red.rate").is_none());
    }

    #[test]
    fn the_configuration_decides_first_and_its_mistakes_are_errors() {
        let inventory = Inventory::new(
            vec![
                metric("my_wait_seconds", MetricType::Histogram, &[]),
                metric("time_to_first_token_seconds", MetricType::Histogram, &[]),
                metric("my_gauge", MetricType::Gauge, &[]),
            ],
            Vec::new(),
            Vec::new(),
        );
        let mut policies = Policies::default();
        policies.signals.insert("ttft".into(), "my_wait_seconds".into());
        policies.signals.insert("llm.itl".into(), "nowhere".into());
        policies.signals.insert("red.duration".into(), "my_gauge".into());
        policies.signals.insert("nonsense".into(), "my_gauge".into());
        let bindings = bind(&inventory, &policies, &[]);
        assert_eq!(bindings.get("red.ttft").and_then(|b| b.metric.as_deref()), Some("my_wait_seconds"));
        assert_eq!(bindings.get("red.ttft").map(|b| b.sureness), Some(Sureness::Certain));
        assert_eq!(bindings.errors.len(), 3, "{:?}", bindings.errors);
        assert!(bindings.errors.iter().any(|e| e.contains("`nowhere`, which is not in the inventory")));
        assert!(bindings.errors.iter().any(|e| e.contains("it is a gauge")));
    }

    #[test]
    fn a_system_answers_what_the_code_does_not() {
        let node = systems::get("node_exporter").expect("embedded");
        let bindings = bind(&Inventory::default(), &Policies::default(), &[node]);
        let cpu = bindings.get("use.cpu.utilisation").expect("answered");
        assert_eq!((cpu.metric.as_deref(), cpu.system.as_deref()), (None, Some("node_exporter")));
        assert!(bindings.get("red.rate").is_none());
    }

    #[test]
    fn every_signal_is_either_bound_or_missing_with_a_reason() {
        let bindings = bound(Vec::new());
        assert_eq!(bindings.missing.len(), signals::all().len());
        assert!(bindings.missing.iter().all(|(_, why)| !why.is_empty()));
    }

    #[test]
    fn a_key_that_may_mean_several_signals_is_an_error_that_names_them() {
        let mut policies = Policies::default();
        policies.signals.insert("network.errors".into(), "x".into());
        policies.signals.insert("saturation".into(), "x".into());
        policies.signals.insert("ttft".into(), "x".into());
        policies.signals.insert("red.ttft".into(), "y".into());
        let bindings = bind(&Inventory::default(), &policies, &[]);
        let said = |part: &str| bindings.errors.iter().any(|e| e.contains(part));
        assert!(said("`saturation` may mean use.cpu.saturation or use.disk.saturation"), "{:?}", bindings.errors);
        assert!(said("answers `red.ttft` twice"), "{:?}", bindings.errors);
    }

    #[test]
    fn a_name_that_promql_cannot_write_never_answers() {
        let bindings = bound(vec![metric("2_http_requests_total", MetricType::Counter, &["status"])]);
        assert!(why(&bindings, "red.rate").contains("needs quotes"), "{}", why(&bindings, "red.rate"));
    }
}
