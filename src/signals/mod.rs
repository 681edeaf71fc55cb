//! From "a metric exists" to "this question is answered".
//!
//! Owns the choice of a metric for each signal. Which names answer is data in `rules/signals/`; nothing here knows a name.
//! `coverage` and `budget` are what people ask of the result.

pub mod budget;
pub mod coverage;
mod failure;
mod known;
mod service;

use std::cmp::Reverse;

use rayon::prelude::*;

use crate::knowledge::signals::{self, Proxy, Role, Signal};
use crate::knowledge::systems::System;
use crate::model::{Binding, Bindings, Inventory, Metric, MetricType, Policies, Sureness};

pub use known::programs;
use service::Service;

/// Binds signals to the inventory's metrics and to the systems' queries.
///
/// The configuration decides first, then a metric whose whole name answers, then one whose name ends as it should, then the
/// systems in the order given. Rate, errors and duration are asked of one service where one has them. A metric of another type, or without a label that the question needs, never answers. Where nothing
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
    let service = service::asked(&configured, inventory);
    let service = service.as_ref();
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
        let counted = |why| by_count(signal, &configured, inventory, service).ok_or(why);
        match by_name(signal, inventory, service).or_else(counted).or_else(|why| by_system(signal, systems, false).ok_or(why)) {
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
    let Roles { labels: roles, failure } =
        roles(signal, metric, inventory).map_err(|why| format!("the configuration answers `{}` with `{name}`, but {why}", signal.id))?;
    Ok(Binding {
        signal: signal.id.clone(),
        metric: Some(metric.name.clone()),
        system: None,
        roles,
        failure,
        sureness: Sureness::Certain,
        reason: "the configuration says so".to_owned(),
        candidates: Vec::new(),
        proxy: None,
    })
}

/// A metric that answers a question.
struct Fitting<'a> {
    /// How well its name fits: a whole name ranks before any suffix, an earlier name before a later one.
    rank: usize,
    metric: &'a Metric,
    roles: Roles,
}

/// The metrics that answer by name, best first, and why others with such names do not.
fn fitting<'a>(signal: &Signal, inventory: &'a Inventory) -> (Vec<Fitting<'a>>, Vec<String>) {
    let mut ranked: Vec<(usize, &Metric)> =
        inventory.metrics().iter().filter(|m| !m.is_pattern()).filter_map(|m| Some((rank(signal, &m.name)?, m))).collect();
    ranked.sort_by(|a, b| (a.0, &a.1.name, &a.1.location).cmp(&(b.0, &b.1.name, &b.1.location)));

    let mut refused: Vec<String> = Vec::new();
    let mut fitting = Vec::new();
    for (rank, metric) in ranked {
        match roles(signal, metric, inventory) {
            Ok(roles) => fitting.push(Fitting { rank, metric, roles }),
            Err(why) => refused.push(format!("`{}` does not answer: {why}", metric.name)),
        }
    }
    // Definitions of one metric in several places are refused for one reason.
    refused.dedup();
    if refused.len() > SHOWN + 1 {
        let more = refused.split_off(SHOWN).len();
        refused.push(format!("{more} others with such names do not answer either"));
    }
    (fitting, refused)
}

fn by_name(signal: &Signal, inventory: &Inventory, service: Option<&Service<'_>>) -> Result<Binding, String> {
    let (mut fitting, mut refused) = fitting(signal, inventory);
    // Questions that only make sense together are asked of one service; of the others it decides between names that are as good.
    let far = |f: &Fitting<'_>| Reverse(service.map(|service| service.nearness(signal, f.metric)));
    let key = |f: &Fitting<'_>| if signal.of_service.is_some() { (far(f), f.rank, Reverse(None)) } else { (Reverse(None), f.rank, far(f)) };
    fitting.sort_by_cached_key(key);
    let best = fitting.first().map(key);
    let mut alike: Vec<&str> = fitting.iter().filter(|f| best == Some(key(f))).map(|f| f.metric.name.as_str()).collect();
    alike.dedup();
    if alike.len() > 1 {
        refused.insert(0, undecided(&alike));
        fitting.clear();
    }
    let mut fitting = fitting.into_iter();
    let Some(Fitting { rank, metric, roles: Roles { labels: roles, failure } }) = fitting.next() else {
        return Err(missing(signal, &refused, inventory));
    };
    let whole = rank < signal.names.len();
    let mut candidates: Vec<String> = fitting.map(|f| f.metric.name.clone()).filter(|n| *n != metric.name).collect();
    candidates.dedup();
    Ok(Binding {
        signal: signal.id.clone(),
        metric: Some(metric.name.clone()),
        system: None,
        roles,
        failure,
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
fn by_count(
    signal: &'static Signal,
    configured: &[(&'static Signal, &str)],
    inventory: &Inventory,
    service: Option<&Service<'_>>,
) -> Option<Binding> {
    let other = signals::get(signal.counted_by.as_deref()?)?;
    let binding = match configured.iter().find(|(s, _)| s.id == other.id) {
        Some((_, metric)) => by_configuration(other, metric, inventory).ok()?,
        None => by_name(other, inventory, service).ok()?,
    };
    let histogram = binding.metric?;
    let name = format!("{histogram}_count");
    let (metric, Roles { labels: roles, failure }) =
        inventory.counted(&name).find_map(|metric| Some((metric.name.clone(), roles(signal, &metric, inventory).ok()?)))?;
    Some(Binding {
        signal: signal.id.clone(),
        metric: Some(metric),
        system: None,
        roles,
        failure,
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
    let at = ending(&signal.suffixes, name)?;
    (!barred(signal, name)).then_some(signal.names.len() + at)
}

/// Whether a word of the name says that it counts something else: `client`, and `federationclient` too.
fn barred(signal: &Signal, name: &str) -> bool {
    let says = |word: &str, e: &String| word.strip_suffix(e.as_str()).is_some_and(|rest| rest.is_empty() || e.len() >= LONG_WORD);
    name.split(['_', ':']).any(|word| signal.except.iter().any(|e| says(word, e)))
}

/// Shorter words end others by chance.
const LONG_WORD: usize = 6;

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
        proxy.filter(|_| !metric.is_pattern() && metric.is_writable() && !barred(signal, &metric.name))
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
        failure: None,
        sureness: Sureness::Suffix,
        reason: "the name hints at the answer".to_owned(),
        candidates,
        proxy: Some(proxy.why.clone()),
    })
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

/// What the labels of a metric mean for a signal.
struct Roles {
    /// Label that plays each role.
    labels: Vec<(String, String)>,
    /// The values of the label for the status that mean a failure, where the question needs one.
    failure: Option<String>,
}

/// The labels of `metric` that play the signal's roles, or why it does not answer.
fn roles(signal: &Signal, metric: &Metric, inventory: &Inventory) -> Result<Roles, String> {
    if !metric.is_writable() {
        return Err("its name needs quotes in PromQL, which Prometheus 2 does not know".to_owned());
    }
    if metric.kind == MetricType::Unknown {
        return Err("its type is not known".to_owned());
    }
    if !signal.takes(metric.kind) {
        return Err(format!("it is a {}, and the question needs a {}", metric.kind.as_str(), signal.types.join(" or a ")));
    }
    let labels = found_roles(signal, metric);
    let weak = signal.names.iter().all(|n| *n != metric.name)
        && ending(&signal.suffixes, &metric.name).and_then(|at| signal.suffixes.get(at)).is_some_and(|s| signal.weak.contains(s));
    if weak && labels.is_empty() {
        return Err("its name may mean any kind of request, and no label tells more".to_owned());
    }
    let mut failure = None;
    for (role, label) in signal.roles.iter().filter(|role| role.required).filter_map(|role| Some((role, role_of(&labels, role)?))) {
        if let Some(family) = role.label(label) {
            failure = failure::pattern(family, metric, label, inventory)?;
        }
    }
    match signal.roles.iter().find(|role| role.required && role_of(&labels, role).is_none()) {
        Some(role) if !metric.labels_complete => {
            Err(format!("not all of its labels are known, and the question needs a {} label", role.name))
        }
        Some(role) => Err(format!("it has no {} label", role.name)),
        None => Ok(Roles { labels, failure }),
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
        failure: None,
        sureness: Sureness::Certain,
        reason: format!("{} answers", system.title),
        candidates: answering.map(|(s, _)| s.name.clone()).collect(),
        proxy: answered.proxy.clone(),
    })
}

fn missing(signal: &Signal, refused: &[String], inventory: &Inventory) -> String {
    let mut why = if !refused.is_empty() {
        refused.join("; ")
    } else if signal.names.is_empty() {
        "no metric of a service answers it by name".to_owned()
    } else {
        let none = format!("no {} is called {}, or alike", signal.types.join(" or "), signal.names.first().map_or("", String::as_str));
        if let Some((system, metric)) = known::program(signal, inventory) {
            return format!("{none}, but `{metric}` is a metric of {}; add {}", system.title, known::to_add(system));
        }
        none
    };
    if let Some(add) = &signal.add {
        why.push_str("; add ");
        why.push_str(add);
    }
    why
}

#[cfg(test)]
mod tests;
