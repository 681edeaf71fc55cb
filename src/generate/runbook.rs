//! The runbook: for each alert what it means, where to look, what is likely, what to do first.

use minijinja::Value;

use super::alerts::Alert;
use super::template::{TemplateError, Templates};
use super::{Request, annotation, dashboard};
use crate::knowledge::plan::{AlertSpec, PanelSpec};

const NAME: &str = "runbook/runbook.md";

/// Gives an alert the annotation that leads to its heading.
pub(crate) fn link(alert: &mut Alert, request: &Request<'_>) {
    if let Some(base) = request.runbook_url {
        // Headings become anchors in lower case.
        let url = format!("{}#{}", base.trim_end_matches('#'), alert.name.to_lowercase());
        alert.annotations.push(("runbook_url".to_owned(), url));
    }
}

/// Renders the runbook of these alerts; panels that are not drawn are not named.
pub(crate) fn build(
    request: &Request<'_>,
    alerts: &[(&'static AlertSpec, Alert)],
    shown: &[&'static PanelSpec],
    templates: &Templates<'_>,
) -> Result<String, TemplateError> {
    let uid = dashboard::uid(request.service);
    let mut values = Vec::new();
    for (spec, alert) in alerts {
        let mut panels = Vec::new();
        for panel in spec.panels.iter().filter_map(|id| shown.iter().find(|p| p.id == *id)) {
            let link = format!("/d/{uid}?viewPanel={}", panel.number);
            panels.push(Value::from_pairs([("title", Value::from(dashboard::title(panel, templates)?)), ("link", Value::from(link))]));
        }
        let text = format!("runbook/{}.md", spec.id);
        let description = alert.annotations.iter().find(|(name, _)| name == "description").map_or("", |(_, text)| text.as_str());
        let context = Value::from_pairs([("service", Value::from(request.service)), ("name", Value::from(alert.name.as_str()))]);
        values.push(Value::from_pairs([
            ("name", Value::from(alert.name.as_str())),
            ("description", Value::from(annotation::plain(description))),
            ("hold", Value::from(alert.hold.as_str())),
            ("expr", Value::from(alert.expr.as_str())),
            ("panels", Value::from(panels)),
            ("text", Value::from(templates.text(&text, templates.source(&text)?, &context)?.trim_end())),
        ]));
    }
    let context = Value::from_pairs([("service", Value::from(request.service)), ("alerts", Value::from(values))]);
    let text = templates.text(NAME, templates.source(NAME)?, &context)?;
    Ok(format!("{}\n", text.trim_end()))
}
