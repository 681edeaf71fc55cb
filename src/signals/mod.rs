//! From "a metric exists" to "this question is answered".
//!
//! Owns the choice of a metric for each signal. Which names answer is data in `rules/signals/`; nothing here knows a name.
//! `coverage` and `budget` are what people ask of the result.

pub mod budget;
pub mod coverage;

use rayon::prelude::*;

use crate::knowledge::signals::{self, Proxy, Role, Signal, is_failure};
use crate::knowledge::systems::System;
use crate::model::{Binding, Bindings, Inventory, Metric, MetricType, Policies, Sureness};

/// Binds signals to the inventory's metrics and to the systems' queries.
///
/// The configuration decides first, then a metric whose whole name answers, then one whose name ends as it should, then the
/// systems in the order given. A metric of another type, or without a label that the question needs, never answers. Where nothing
/// does, a metric or a system that hints at the answer is kept as a stand-in beside the missing signal.
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
    let one = |signal: &'static Signal| {
        let mut own = Bindings::default();
        if let Some((_, metric)) = configured.iter().find(|(s, _)| s.id == signal.id) {
            match by_configuration(signal, metric, inventory) {
                Ok(binding) => own.bound.push(binding),
                Err(error) => {
                    own.missing.push((signal.id.clone(), error.clone()));
                    own.errors.push(error);
                }
            }
            return own;
        }
        let counted = |why| by_count(signal, &configured, inventory).ok_or(why);
        match by_name(signal, inventory).or_else(counted).or_else(|why| by_system(signal, systems, false).ok_or(why)) {
            Ok(binding) => own.bound.push(binding),
            Err(why) => {
                own.missing.push((signal.id.clone(), why));
                own.proxies.extend(hint(signal, inventory).or_else(|| by_system(signal, systems, true)));
            }
        }
        own
    };
    let asked: Vec<&'static Signal> = signals::all().iter().filter(|s| s.not_applicable.is_none()).collect();
    for own in asked.into_par_iter().map(one).collect::<Vec<_>>() {
        bindings.bound.extend(own.bound);
        bindings.missing.extend(own.missing);
        bindings.errors.extend(own.errors);
        bindings.proxies.extend(own.proxies);
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
        proxy: None,
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
    if refused.len() > SHOWN + 1 {
        let more = refused.split_off(SHOWN).len();
        refused.push(format!("{more} others with such names do not answer either"));
    }
    let best = fitting.first().map(|(rank, metric, _)| (*rank, metric.name.as_str()));
    let mut alike: Vec<&str> =
        fitting.iter().filter(|(rank, ..)| best.is_some_and(|(r, _)| r == *rank)).map(|(_, m, _)| m.name.as_str()).collect();
    alike.dedup();
    if alike.len() > 1 {
        refused.insert(0, undecided(&alike));
        fitting.clear();
    }
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
        proxy: None,
    })
}

/// What counts the observations of the histogram that answers another question: of requests that are timed, how many there are.
fn by_count(signal: &'static Signal, configured: &[(&'static Signal, &str)], inventory: &Inventory) -> Option<Binding> {
    let other = signals::get(signal.counted_by.as_deref()?)?;
    let binding = match configured.iter().find(|(s, _)| s.id == other.id) {
        Some((_, metric)) => by_configuration(other, metric, inventory).ok()?,
        None => by_name(other, inventory).ok()?,
    };
    let histogram = binding.metric?;
    let name = format!("{histogram}_count");
    let (metric, roles) = inventory.counted(&name).find_map(|metric| Some((metric.name.clone(), roles(signal, &metric).ok()?)))?;
    Some(Binding {
        signal: signal.id.clone(),
        metric: Some(metric),
        system: None,
        roles,
        sureness: Sureness::Suffix,
        reason: format!("`{histogram}` counts what it times"),
        candidates: Vec::new(),
        proxy: None,
    })
}

/// How many metrics a reason names.
const SHOWN: usize = 3;

/// Why neither of metrics whose names end alike is taken.
fn undecided(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().take(SHOWN).map(|n| format!("`{n}`")).collect();
    let others = names.len().saturating_sub(SHOWN);
    let all = match others {
        0 => quoted.join(" and "),
        1 => format!("{} and one other", quoted.join(", ")),
        _ => format!("{} and {others} others", quoted.join(", ")),
    };
    format!("{all} could answer: [signals] of reduse.toml decides")
}

fn rank(signal: &Signal, name: &str) -> Option<usize> {
    if let Some(at) = signal.names.iter().position(|n| n == name) {
        return Some(at);
    }
    if barred(signal, name) {
        return None;
    }
    Some(signal.names.len() + ending(&signal.suffixes, name)?)
}

/// Whether a word of the name says that it counts something else.
fn barred(signal: &Signal, name: &str) -> bool {
    name.split(['_', ':']).any(|word| signal.except.iter().any(|e| e == word))
}

/// The first suffix that the name ends in.
fn ending(suffixes: &[String], name: &str) -> Option<usize> {
    suffixes.iter().position(|suffix| {
        // A suffix begins at a word: `_requests_total` or `http_requests_total`, never in the middle of `xhttp_requests_total`.
        name.strip_suffix(suffix.as_str()).is_some_and(|rest| rest.is_empty() || suffix.starts_with('_') || rest.ends_with(['_', ':']))
    })
}

/// The best metric of the tree that hints at the answer.
fn hint(signal: &'static Signal, inventory: &Inventory) -> Option<Binding> {
    let stands_in = |metric: &&Metric| {
        let typed = |p: &&Proxy| p.types.iter().any(|t| t == metric.kind.as_str());
        // The first of the kinds of stand-ins is the best, whatever its suffix.
        let ranked = |(at, p): (usize, &'static Proxy)| Some(((at, ending(&p.suffixes, &metric.name)?), p));
        let proxy = signal.proxies.iter().enumerate().filter(|(_, p)| typed(p)).find_map(ranked);
        proxy.filter(|_| !metric.is_pattern() && writable(&metric.name) && !barred(signal, &metric.name))
    };
    let mut ranked: Vec<((usize, usize), &Metric, &Proxy)> =
        inventory.metrics().iter().filter_map(|m| stands_in(&m).map(|(rank, proxy)| (rank, m, proxy))).collect();
    ranked.sort_by(|a, b| (a.0, &a.1.name, &a.1.location).cmp(&(b.0, &b.1.name, &b.1.location)));
    let mut ranked = ranked.into_iter();
    let (best, metric, proxy) = ranked.next()?;
    if ranked.as_slice().first().is_some_and(|(rank, next, _)| *rank == best && next.name != metric.name) {
        return None;
    }
    let mut candidates: Vec<String> = ranked.map(|(_, m, _)| m.name.clone()).filter(|n| *n != metric.name).collect();
    candidates.dedup();
    Some(Binding {
        signal: signal.id.clone(),
        metric: Some(metric.name.clone()),
        system: None,
        roles: found_roles(signal, metric),
        sureness: Sureness::Suffix,
        reason: "the name hints at the answer".to_owned(),
        candidates,
        proxy: Some(proxy.why.clone()),
    })
}

/// Whether Prometheus 2 can write the name without quotes.
fn writable(name: &str) -> bool {
    !name.starts_with(|c: char| c.is_ascii_digit()) && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | ':'))
}

/// The labels of `metric` that play roles of the signal.
fn found_roles(signal: &Signal, metric: &Metric) -> Vec<(String, String)> {
    let mut roles = Vec::new();
    for role in &signal.roles {
        let label = role.labels.iter().flat_map(|family| &family.names).find(|n| metric.label(n).is_some());
        roles.extend(label.map(|label| (role.name.clone(), label.clone())));
    }
    roles
}

/// The label that plays a role.
fn role_of<'r>(roles: &'r [(String, String)], role: &Role) -> Option<&'r str> {
    roles.iter().find(|(name, _)| *name == role.name).map(|(_, label)| label.as_str())
}

/// The labels of `metric` that play the signal's roles, or why it does not answer.
fn roles(signal: &Signal, metric: &Metric) -> Result<Vec<(String, String)>, String> {
    if !writable(&metric.name) {
        return Err("its name needs quotes in PromQL, which Prometheus 2 does not know".to_owned());
    }
    if metric.kind == MetricType::Unknown {
        return Err("its type is not known".to_owned());
    }
    if !signal.takes(metric.kind) {
        return Err(format!("it is a {}, and the question needs a {}", metric.kind.as_str(), signal.types.join(" or a ")));
    }
    let roles = found_roles(signal, metric);
    let weak = signal.names.iter().all(|n| *n != metric.name)
        && ending(&signal.suffixes, &metric.name).and_then(|at| signal.suffixes.get(at)).is_some_and(|s| signal.weak.contains(s));
    if weak && roles.is_empty() {
        return Err("its name may mean any kind of request, and no label tells more".to_owned());
    }
    for (role, label) in signal.roles.iter().filter(|role| role.required).filter_map(|role| Some((role, role_of(&roles, role)?))) {
        let failure = role.label(label).and_then(|family| family.failure.as_deref());
        let values = metric.label(label).and_then(|label| label.bound.all_values());
        if let Some((failure, values)) = failure.zip(values)
            && !values.iter().any(|value| is_failure(failure, value))
        {
            let shown: Vec<&str> = values.iter().take(SHOWN).map(String::as_str).collect();
            let more = if values.len() > shown.len() { ", .." } else { "" };
            return Err(format!("its label `{label}` is never `{failure}`: it takes {}{more}", shown.join(", ")));
        }
    }
    match signal.roles.iter().find(|role| role.required && role_of(&roles, role).is_none()) {
        Some(role) if !metric.labels_complete => {
            Err(format!("not all of its labels are known, and the question needs a {} label", role.name))
        }
        Some(role) => Err(format!("it has no {} label", role.name)),
        None => Ok(roles),
    }
}

/// The first system that answers, or that has a stand-in where `proxy` asks for those.
fn by_system(signal: &Signal, systems: &[&System], proxy: bool) -> Option<Binding> {
    let mut answering =
        systems.iter().filter_map(|s| Some((*s, s.signals.get(&signal.id)?))).filter(|(_, answer)| answer.proxy.is_some() == proxy);
    let (system, answered) = answering.next()?;
    Some(Binding {
        signal: signal.id.clone(),
        metric: None,
        system: Some(system.name.clone()),
        roles: Vec::new(),
        sureness: Sureness::Certain,
        reason: format!("{} answers", system.title),
        candidates: answering.map(|(s, _)| s.name.clone()).collect(),
        proxy: answered.proxy.clone(),
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
    use crate::model::{Bound, Label, Language};
    use crate::source::{Location, Span};

    fn metric(name: &str, kind: MetricType, labels: &[&str]) -> Metric {
        let location = Location::new(&Arc::from("src/metrics.rs"), Span::default());
        Metric {
            labels: labels.iter().map(|l| Label { name: (*l).to_owned(), bound: Bound::unknown(), location: None }).collect(),
            ..Metric::new(name, kind, Language::Rust, "prometheus", location)
        }
    }

    fn bound(metrics: Vec<Metric>) -> Bindings {
        bind(&Inventory::new(metrics, Vec::new(), Vec::new()), &Policies::default(), &[])
    }

    fn why(bindings: &Bindings, signal: &str) -> String {
        bindings.missing.iter().find(|(id, _)| id == signal).map(|(_, why)| why.clone()).unwrap_or_default()
    }

    #[test]
    fn a_status_that_never_fails_does_not_answer_for_errors() {
        let of = |values: &[&str]| {
            let mut metric = metric("http_requests_total", MetricType::Counter, &["status"]);
            if let Some(label) = metric.labels.first_mut() {
                label.bound = Bound::of_values(values.iter().map(|v| (*v).to_owned()));
            }
            bound(vec![metric])
        };
        let named = of(&["error", "success"]);
        assert!(named.get("red.rate").is_some() && named.get("red.errors.status").is_none());
        assert!(why(&named, "red.errors.status").contains("its label `status` is never `5..`: it takes error, success"));
        assert!(of(&["200", "503"]).get("red.errors.status").is_some());
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
    fn a_histogram_of_requests_counts_them_too() {
        let timed = || metric("http_server_request_duration_seconds", MetricType::Histogram, &["http_route", "http_response_status_code"]);
        let bindings = bound(vec![timed()]);
        for signal in ["red.rate", "red.errors.status"] {
            assert_eq!(bindings.get(signal).and_then(|b| b.metric.as_deref()), Some("http_server_request_duration_seconds_count"));
        }
        assert_eq!(bindings.get("red.errors.status").and_then(|b| b.role("status")), Some("http_response_status_code"));
        let bindings = bound(vec![timed(), metric("http_requests_total", MetricType::Counter, &[])]);
        assert_eq!(bindings.get("red.rate").and_then(|b| b.metric.as_deref()), Some("http_requests_total"));
        let plain = metric("http_request_duration_seconds", MetricType::Histogram, &[]);
        assert!(bound(vec![plain]).get("red.errors.status").is_none(), "it has no status");
        let outgoing = metric("client_http_request_duration_seconds", MetricType::Histogram, &[]);
        assert!(bound(vec![outgoing]).get("red.rate").is_none());
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
        assert_eq!(bindings.missing.len(), signals::all().iter().filter(|s| s.not_applicable.is_none()).count());
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

    #[test]
    fn of_two_names_that_end_alike_neither_is_taken() {
        let both = vec![
            metric("a_time_to_first_token_seconds", MetricType::Histogram, &[]),
            metric("b_time_to_first_token_seconds", MetricType::Histogram, &[]),
        ];
        let bindings = bound(both);
        assert!(bindings.get("red.ttft").is_none());
        let why = why(&bindings, "red.ttft");
        assert!(why.contains("`a_time_to_first_token_seconds` and `b_time_to_first_token_seconds` could answer"), "{why}");
    }

    #[test]
    fn a_name_that_may_mean_any_kind_of_request_needs_a_label() {
        let bindings = bound(vec![metric("beacon_block_processing_requests_total", MetricType::Counter, &["fork"])]);
        assert!(why(&bindings, "red.rate").contains("no label tells more"), "{}", why(&bindings, "red.rate"));
        let bindings = bound(vec![metric("app_requests_total", MetricType::Counter, &["status"])]);
        assert!(bindings.get("red.rate").is_some() && bindings.get("red.errors.status").is_some());
    }

    #[test]
    fn what_only_hints_at_the_answer_is_kept_beside_the_missing_signal() {
        let bindings = bound(vec![metric("app_preemptions_total", MetricType::Counter, &[])]);
        assert!(bindings.get("use.kv.evictions").is_none() && !why(&bindings, "use.kv.evictions").is_empty());
        let proxy = bindings.proxy("use.kv.evictions").expect("a stand-in");
        assert_eq!(proxy.metric.as_deref(), Some("app_preemptions_total"));
        assert!(proxy.proxy.as_deref().is_some_and(|why| why.contains("preempted")));
        let wrong_type = bound(vec![metric("app_preemptions_total", MetricType::Gauge, &[])]);
        assert!(wrong_type.proxy("use.kv.evictions").is_none());
    }

    #[test]
    fn a_system_that_answers_comes_before_one_that_has_a_stand_in() {
        let named = |name: &str| systems::get(name).expect("embedded");
        let both = [named("client_python"), named("node_exporter")];
        let bindings = bind(&Inventory::default(), &Policies::default(), &both);
        assert_eq!(bindings.get("use.cpu.utilisation").and_then(|b| b.system.as_deref()), Some("node_exporter"));
        let alone = bind(&Inventory::default(), &Policies::default(), &both[..1]);
        assert!(alone.get("use.cpu.utilisation").is_none());
        assert_eq!(alone.proxy("use.cpu.utilisation").and_then(|b| b.system.as_deref()), Some("client_python"));
    }
}
