//! What the libraries behind the crates add to their metrics, once the whole tree is known: registries, the recorder, the exporter.

use std::sync::Arc;

use super::{Found, Provided};
use crate::extract::combine::label_use;
use crate::extract::rust::draft::Draft;
use crate::extract::rust::recorder::{Recorder, Recorders};
use crate::extract::rust::registered::{self, Home, Registered};
use crate::extract::rust::{metrics, opentelemetry, ties};
use crate::knowledge::provides::Through;
use crate::model::{Unresolved, UseSite};
use crate::source::Location;

/// What the tree tells of the libraries.
pub(in super::super) struct Around<'t> {
    pub(in super::super) recorders: &'t Recorders<'t>,
    pub(in super::super) otel: &'t opentelemetry::Found,
    pub(in super::super) registered: &'t [Registered],
    /// Whether registries add prefixes and labels.
    pub(in super::super) adds: (bool, bool),
}

impl Found {
    /// The recorders that the crates install.
    pub(in super::super) fn take_recorders(&mut self) -> Vec<Recorder> {
        std::mem::take(&mut self.recorders)
    }

    /// The metrics as they are exposed, where their labels come from, and what is not known.
    pub(in super::super) fn settle(self, around: &Around<'_>) -> (Vec<Draft>, Vec<UseSite>, Vec<Unresolved>) {
        let (mut drafts, mut uses) = (Vec::new(), Vec::new());
        for Provided { draft, through, labels } in self.metrics {
            let first = drafts.len();
            match through {
                Through::Metrics => {
                    let package = Arc::clone(&draft.package);
                    metrics::finish(draft, &package, around.recorders, &mut drafts);
                }
                Through::Prometheus => {
                    drafts.extend(registered::settled(vec![draft], around.registered, around.adds.0, around.adds.1));
                }
                Through::Opentelemetry => {
                    let mut draft = draft;
                    around.otel.settle(&mut draft);
                    drafts.push(draft);
                }
                Through::PrometheusClient | Through::Measured => drafts.push(draft),
            }
            for draft in drafts.iter().skip(first) {
                let labels = labels.iter().map(|(name, of)| label_use(name, of.clone(), draft.location.clone()));
                uses.push(UseSite {
                    metric: draft.name.clone(),
                    labels: labels.collect(),
                    location: draft.location.clone(),
                    removes: false,
                    rests: false,
                    within: None,
                });
            }
        }
        // What the same code gives a registry needs no guess about calls that only ask for it.
        let given: Vec<(Arc<str>, &str, String)> =
            drafts.iter().filter(|d| matches!(d.home, Home::Given)).map(|d| (Arc::clone(&d.package), d.library, d.name.clone())).collect();
        let is_given = |d: &Draft| {
            let base = d.name.trim_start_matches('*');
            given.iter().any(|(package, library, name)| *package == d.package && *library == d.library && name.ends_with(base))
        };
        let guessed = |d: &Draft| matches!(d.home, Home::Open(_)) && d.name.starts_with('*') && is_given(d);
        let dropped: Vec<(String, Location)> = drafts.iter().filter(|d| guessed(d)).map(|d| (d.name.clone(), d.location.clone())).collect();
        drafts.retain(|d| !guessed(d));
        uses.retain(|u| !dropped.iter().any(|(name, location)| *name == u.metric && *location == u.location));
        ties::bound_by_uses(&mut drafts, &uses);
        // A metric without labels has nothing to be set.
        uses.retain(|site| !site.labels.is_empty());
        (drafts, uses, self.unresolved)
    }
}
