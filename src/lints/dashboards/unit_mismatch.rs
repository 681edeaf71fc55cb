//! `unit-mismatch`: a panel whose unit is not that of its values, by the names of the metrics it draws.

use std::collections::HashMap;

use crate::finding::Finding;
use crate::knowledge::{systems, vocab};
use crate::lints::{Context, lookup, repair};
use crate::promql::{Query, Unit, unit};
use crate::source::Span;

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut by_place: HashMap<(&str, Span), &Query> = HashMap::new();
    for query in context.queries {
        if let Some(consumer) = context.consumers.get(query.consumer) {
            by_place.insert((&consumer.query.path, consumer.query.scalar.raw), query);
        }
    }
    let units = &vocab::grafana().of;
    for panel in context.dashboards.iter().flat_map(|b| &b.panels) {
        let Some(said) = &panel.unit else { continue };
        // Tables and heatmaps have several kinds of values.
        let plain = matches!(panel.panel_type.as_str(), "timeseries" | "graph" | "stat" | "singlestat" | "gauge" | "bargauge");
        if !plain || panel.queries.is_empty() || panel.queries.len() != panel.targets {
            continue;
        }
        // Exporters of others call `_ratio` what they count in percent.
        let by_name = |query: &&&Query| {
            let known = query.selectors.iter().filter_map(|s| s.literal_name()).find_map(systems::unit_of);
            known.is_none_or(|known| unit(&query.tree).is_some_and(|unit| unit.word() == known))
                && query
                    .selectors
                    .iter()
                    .all(|s| s.literal_name().is_none_or(|n| !n.ends_with("_ratio") || lookup::metric(context, n).is_some()))
        };
        let of = |span: &Span| by_place.get(&(&*said.location.path, *span)).filter(by_name).and_then(|q| unit(&q.tree));
        let meant: Option<Vec<Unit>> = panel.queries.iter().map(of).collect();
        let Some([first, rest @ ..]) = meant.as_deref() else { continue };
        if rest.iter().any(|other| other != first) {
            continue;
        }
        let Some(group) = units.iter().find(|u| u.name == first.word()) else { continue };
        // A unit of another kind may be the author's wish: only what scales the same quantity otherwise is certain.
        if group.right.contains(&said.text) || !group.wrong.contains(&said.text) {
            continue;
        }
        let Some(instead) = group.right.first() else { continue };
        findings.push(
            Finding::new(format!("the panel `{}` shows {} as `{}`", panel.title, group.what, said.text), said.location.clone())
                .caret(format!("the values are {}", group.what))
                .help(format!("Use `{instead}`, or convert the values in the query."))
                .fixes(format!("use `{instead}`"), [repair::word(said, instead.as_str())]),
        );
    }
}
