//! The dashboard: panel templates, merged onto the defaults of their type, laid out and written as JSON.

use std::collections::{BTreeMap, BTreeSet};

use minijinja::Value;
use serde_json::{Map, Value as Json, json};

use super::facts::Facts;
use super::template::{TemplateError, Templates};
use super::{Request, Unanswered, slug};
use crate::knowledge::plan::{self, PanelSpec};

/// Columns of Grafana's grid.
const COLUMNS: usize = 24;
/// Panels in one line.
const PER_LINE: usize = 3;
/// Height of a panel, in the grid's units.
const HEIGHT: usize = 8;

/// The dashboard and what was left out of it.
#[derive(Default)]
pub(crate) struct Dashboard {
    pub(crate) text: Option<String>,
    /// The panels that are drawn, in order.
    pub(crate) shown: Vec<&'static PanelSpec>,
    pub(crate) unanswered: Vec<Unanswered>,
}

/// Builds the dashboard of everything that is answered, beside alerts of these names.
pub(crate) fn build(
    request: &Request<'_>,
    facts: &Facts<'_>,
    alerts: &[String],
    templates: &Templates<'_>,
) -> Result<Dashboard, TemplateError> {
    let mut dashboard = Dashboard::default();
    let mut shown: Vec<&'static PanelSpec> = Vec::new();
    for spec in plan::chosen_panels(request.only) {
        let open = open_needs(spec, facts);
        // A panel of which only a part is answered is drawn, and the part that is missing is named.
        if !spec.extra || !request.only.is_empty() {
            dashboard.unanswered.extend(open.reasons);
        }
        if !open.left_out {
            shown.push(spec);
        }
    }
    if shown.is_empty() {
        return Ok(dashboard);
    }
    let context = context(request, facts, alerts, &shown);
    let mut panels = Vec::new();
    for spec in &shown {
        let mut panel = panel(spec, templates, &context)?;
        let proxy = |need: &String| facts.shown(spec, need.split('/').next()?)?.proxy;
        let mut words: Vec<&str> = spec.all.iter().chain(&spec.any).filter_map(proxy).collect();
        words.dedup();
        if let Some(Json::String(description)) = panel.get_mut("description") {
            match words.as_slice() {
                [] => {}
                [why] => description.push_str(&format!(" A stand-in is drawn: {why}.")),
                all => description.push_str(&format!(" Stand-ins are drawn: {}.", all.join("; "))),
            }
        }
        panels.push((spec.row.as_str(), panel));
    }
    let name = "dashboard/dashboard.json";
    let mut root = match templates.json(name, &context)? {
        Json::Object(root) => root,
        _ => return Err(TemplateError::new(name, "must be an object")),
    };
    root.insert("panels".to_owned(), Json::Array(lay_out(panels)));
    let mut text = serde_json::to_string_pretty(&Json::Object(root)).map_err(|e| TemplateError::new(name, e.to_string()))?;
    text.push('\n');
    dashboard.shown = shown;
    dashboard.text = Some(text);
    Ok(dashboard)
}

/// What a panel asks for and does not get.
struct Open {
    left_out: bool,
    reasons: Vec<Unanswered>,
}

fn open_needs(spec: &PanelSpec, facts: &Facts<'_>) -> Open {
    let reason = |need: &str| -> Option<Unanswered> {
        let (id, role) = need.split_once('/').map_or((need, None), |(id, role)| (id, Some(role)));
        let no = |reason: String| Some(Unanswered { what: spec.id.clone(), signal: id.to_owned(), reason });
        let Some(answer) = facts.shown(spec, id) else { return no(facts.why_missing(id)) };
        match (answer.metric(), role) {
            (None, _) if spec.metric && !spec.queries.iter().any(|q| q == id) => {
                no("only a system's query over several metrics answers it, and this panel needs one metric".to_owned())
            }
            (Some(metric), Some(role)) if answer.role(role).is_none() => no(format!("`{}` has no {role} label", metric.name)),
            _ => None,
        }
    };
    let mut reasons: Vec<Unanswered> = spec.all.iter().filter_map(|need| reason(need)).collect();
    let mut left_out = !reasons.is_empty();
    let any: Vec<Unanswered> = spec.any.iter().filter_map(|need| reason(need)).collect();
    left_out |= !spec.any.is_empty() && any.len() == spec.any.len();
    reasons.extend(any);
    Open { left_out, reasons }
}

fn context(request: &Request<'_>, facts: &Facts<'_>, alerts: &[String], shown: &[&PanelSpec]) -> Value {
    let mut map: BTreeMap<String, Value> = facts.signals();
    map.insert("thresholds".to_owned(), facts.thresholds());
    let there = plan::alerts().iter().map(|spec| (spec.name.as_str(), Value::from(alerts.contains(&spec.name))));
    map.insert("alerts".to_owned(), Value::from_pairs(there));
    map.insert("service".to_owned(), Value::from(request.service));
    map.insert("uid".to_owned(), Value::from(uid(request.service)));
    let (series, label) =
        facts.model().map_or((Value::from(()), Value::from(())), |(series, label)| (Value::from(series), Value::from(label)));
    map.insert("model".to_owned(), label);
    map.insert("model_series".to_owned(), series);
    map.insert("variable_metrics".to_owned(), Value::from(facts.variable_metrics().join("|")));
    map.insert("hosts".to_owned(), Value::from(shown.iter().any(|p| !p.metric)));
    Value::from(map)
}

/// The dashboard's uid. Grafana takes up to 40 characters.
pub(crate) fn uid(service: &str) -> String {
    format!("reduse-{}", slug(service)).chars().take(40).collect()
}

/// The title of a panel.
pub(crate) fn title(spec: &PanelSpec, templates: &Templates<'_>) -> Result<String, TemplateError> {
    let name = format!("dashboard/panels/{}.json", spec.id);
    let parsed: Json = serde_json::from_str(templates.source(&name)?).map_err(|e| TemplateError::new(&name, e.to_string()))?;
    Ok(parsed.get("title").and_then(Json::as_str).unwrap_or(&spec.id).to_owned())
}

fn panel(spec: &PanelSpec, templates: &Templates<'_>, context: &Value) -> Result<Json, TemplateError> {
    let name = format!("dashboard/panels/{}.json", spec.id);
    let own = templates.json(&name, context)?;
    let kind = own.get("type").and_then(Json::as_str).ok_or_else(|| TemplateError::new(&name, "has no `type`"))?;
    let defaults = format!("dashboard/defaults/{kind}.json");
    let mut panel = if templates.has(&defaults) { templates.json(&defaults, context)? } else { json!({}) };
    merge(&mut panel, own);
    let target_defaults = templates.json("dashboard/defaults/target.json", context)?;
    let targets = panel.get_mut("targets").and_then(Json::as_array_mut).ok_or_else(|| TemplateError::new(&name, "has no `targets`"))?;
    for (index, target) in targets.iter_mut().enumerate() {
        let mut full = target_defaults.clone();
        let own = std::mem::take(target);
        let has_ref = own.get("refId").is_some();
        merge(&mut full, own);
        if !has_ref && let (Json::Object(full), Some(letter)) = (&mut full, u8::try_from(index).ok().and_then(|i| b'A'.checked_add(i))) {
            full.insert("refId".to_owned(), Json::String(char::from(letter).to_string()));
        }
        *target = full;
    }
    if let Json::Object(fields) = &mut panel {
        fields.insert("id".to_owned(), json!(spec.number));
    }
    Ok(panel)
}

/// Objects are merged field by field, everything else is replaced. The depth is that of a template, which is bounded.
fn merge(base: &mut Json, over: Json) {
    match (base, over) {
        (Json::Object(base), Json::Object(over)) => {
            for (key, value) in over {
                match base.get_mut(&key) {
                    Some(slot) => merge(slot, value),
                    None => {
                        base.insert(key, value);
                    }
                }
            }
        }
        (base, over) => *base = over,
    }
}

/// Rows and panels on the grid: three to a line, the last line of a row filled to its width.
fn lay_out(panels: Vec<(&str, Json)>) -> Vec<Json> {
    let mut rows: Vec<(&str, Vec<Json>)> = Vec::new();
    for (row, panel) in panels {
        match rows.iter_mut().find(|(title, _)| *title == row) {
            Some((_, list)) => list.push(panel),
            None => rows.push((row, vec![panel])),
        }
    }
    let mut taken: BTreeSet<u64> = rows.iter().flat_map(|(_, list)| list).filter_map(|p| p.get("id").and_then(Json::as_u64)).collect();
    let mut out = Vec::new();
    let mut y = 0;
    for (title, list) in rows {
        let mut id = 100;
        while !taken.insert(id) {
            id += 1;
        }
        out.push(json!({
            "type": "row", "id": id, "title": title, "collapsed": false,
            "gridPos": {"h": 1, "w": COLUMNS, "x": 0, "y": y}, "panels": [],
        }));
        y += 1;
        let count = list.len();
        for (index, mut panel) in list.into_iter().enumerate() {
            let in_line = (count - index / PER_LINE * PER_LINE).min(PER_LINE);
            let width = COLUMNS / in_line;
            let column = index % PER_LINE;
            if let Json::Object(fields) = &mut panel {
                fields.insert(
                    "gridPos".to_owned(),
                    json!({"h": HEIGHT, "w": width, "x": column * width, "y": y + index / PER_LINE * HEIGHT}),
                );
            }
            out.push(in_order(panel));
        }
        y += count.div_ceil(PER_LINE) * HEIGHT;
    }
    out
}

/// The fields of a panel in the order in which people read them; merging has left the defaults first.
fn in_order(panel: Json) -> Json {
    let Json::Object(mut fields) = panel else { return panel };
    let mut out = Map::new();
    for key in ["id", "type", "title", "description", "gridPos", "datasource", "targets", "fieldConfig", "options"] {
        if let Some(value) = fields.remove(key) {
            out.insert(key.to_owned(), value);
        }
    }
    out.extend(fields);
    Json::Object(out)
}
