//! Which service is asked: metrics of one tree may be those of several, and rate, errors and duration are one set only together.

use super::{Fitting, Roles, fitting};
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
    let answers: Vec<(&'static Signal, Vec<Fitting<'a>>)> = leading
        .into_iter()
        .map(|signal| match configured.iter().find(|(s, _)| s.id == signal.id) {
            Some((_, name)) => (
                signal,
                inventory
                    .get(name)
                    .map(|metric| Fitting { rank: 0, metric, roles: Roles { labels: Vec::new(), failure: None } })
                    .into_iter()
                    .collect(),
            ),
            None => (signal, fitting(signal, inventory).0),
        })
        .collect();
    answers.iter().find_map(|(signal, fitting)| {
        let best = fitting.first()?.rank;
        let mut alike: Vec<Service<'a>> = Vec::new();
        for one in fitting.iter().filter(|f| f.rank == best) {
            let service = Service::of(signal, one.metric);
            if !alike.contains(&service) {
                alike.push(service);
            }
        }
        let whole = |service: &Service<'a>| {
            answers.iter().all(|(s, fitting)| fitting.iter().any(|f| service.nearness(s, f.metric) == (true, true)))
        };
        if alike.len() > 1 {
            alike.retain(whole);
        }
        match &alike[..] {
            [service] => Some(service.clone()),
            _ => None,
        }
    })
}
