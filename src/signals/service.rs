//! Which service is asked: metrics of one tree may be those of several, and rate, errors and duration are one set only together.

use super::fitting;
use crate::knowledge::signals::{self, Signal};
use crate::model::{Inventory, Metric};

/// The package that defines a metric, and what its name begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Service<'a> {
    package: &'a str,
    prefix: &'a str,
}

impl<'a> Service<'a> {
    /// The service that a metric which answers `signal` speaks of.
    pub(super) fn of(signal: &Signal, metric: &'a Metric) -> Self {
        let package = metric.definitions.first().map_or("", |d| &*d.package);
        Service { package, prefix: prefix(signal, &metric.name) }
    }

    /// How near another metric is, from far to near: of another package, of the same one, of the same one and with the same prefix.
    pub(super) fn nearness(&self, signal: &Signal, metric: &Metric) -> (bool, bool) {
        let here =
            metric.definitions.is_empty() && self.package.is_empty() || metric.definitions.iter().any(|d| *d.package == *self.package);
        (here, prefix(signal, &metric.name) == self.prefix)
    }
}

/// What stands before the words that make the name an answer.
fn prefix<'a>(signal: &Signal, name: &'a str) -> &'a str {
    let rests = signal.names.iter().chain(&signal.suffixes).filter_map(|end| name.strip_suffix(end.as_str()));
    rests.min_by_key(|rest| rest.len()).unwrap_or(name).trim_end_matches(['_', ':'])
}

/// The service whose metrics go together: that of the metric that answers the first question, of those which are asked of one service,
/// that names decide.
/// Of several with equally good names it is the one that alone has answers to all of those questions.
pub(super) fn asked<'a>(configured: &[(&'static Signal, &str)], inventory: &'a Inventory) -> Option<Service<'a>> {
    let mut leading: Vec<&'static Signal> = signals::all().iter().filter(|s| s.of_service.is_some()).collect();
    leading.sort_by_key(|s| s.of_service);
    // The metrics that answer each question, those with the best names and all of them.
    let answers: Vec<(&'static Signal, Vec<&Metric>, Vec<&Metric>)> = leading
        .into_iter()
        .map(|signal| {
            if let Some((_, name)) = configured.iter().find(|(s, _)| s.id == signal.id) {
                let all: Vec<&Metric> = inventory.get(name).into_iter().collect();
                return (signal, all.clone(), all);
            }
            let fitting = fitting(signal, inventory).0;
            let best = fitting.iter().filter(|f| fitting.first().is_some_and(|first| f.rank == first.rank)).map(|f| f.metric).collect();
            (signal, best, fitting.iter().map(|f| f.metric).collect())
        })
        .collect();
    answers.iter().filter(|(_, best, _)| !best.is_empty()).find_map(|(signal, best, _)| {
        let mut alike: Vec<Service<'a>> = Vec::new();
        for metric in best {
            let service = Service::of(signal, metric);
            if !alike.contains(&service) {
                alike.push(service);
            }
        }
        let whole =
            |service: &Service<'a>| answers.iter().all(|(s, _, all)| all.iter().any(|metric| service.nearness(s, metric) == (true, true)));
        if alike.len() > 1 {
            alike.retain(whole);
        }
        match &alike[..] {
            [service] => Some(service.clone()),
            _ => None,
        }
    })
}
