//! Bindings to a plan to files, as text in memory. Never writes, never lints.
//!
//! Owns what is generated and the proof of it. Words and queries are in `templates/`, which alerts and panels there are in
//! `rules/alerts` and `rules/dashboard`: a new panel is a template and a line of data.

use std::collections::BTreeMap;

use minijinja::Value;

use crate::knowledge::plan::{self, AlertForm, AlertSet};
use crate::knowledge::systems::System;
use crate::model::{Bindings, Inventory, Policies};

mod alerts;
mod annotation;
mod cases;
mod dashboard;
mod facts;
mod inputs;
mod kubernetes;
mod load;
mod number;
mod quote;
mod recording;
mod runbook;
mod source;
mod starter;
mod template;

pub use starter::starter_config;
pub use template::{TemplateError, names as template_names};

/// What to generate from.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Metrics of the tree.
    pub inventory: &'a Inventory,
    /// Which metric answers which signal.
    pub bindings: &'a Bindings,
    /// Thresholds.
    pub policies: &'a Policies,
    /// Systems the user named.
    pub systems: &'a [&'a System],
    /// Name of the service, for titles: the package, or the folder.
    pub service: &'a str,
    /// Which alerts.
    pub alerts: AlertSet,
    /// Alerts and panels to be generated, as [`plan::choices`] has them; all when empty.
    pub only: &'a [String],
    /// Whether to write recording rules for the histograms.
    pub recording_rules: bool,
    /// Which files; plain ones when empty.
    pub targets: &'a [Target],
    /// Where people read the runbook: each alert's annotation `runbook_url` is this and the alert's heading.
    pub runbook_url: Option<&'a str>,
    /// The user's templates by name below `templates/`, such as `dashboard/panels/cpu.json`: each replaces the built-in one.
    pub templates: &'a BTreeMap<String, String>,
}

/// A way in which the files reach Prometheus and Grafana.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// Rule files, their tests, and the dashboard as JSON.
    Files,
    /// A `PrometheusRule` and a `ConfigMap`.
    Kubernetes,
}

/// One file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GeneratedFile {
    /// Name, without a folder.
    pub name: &'static str,
    /// The whole text.
    pub text: String,
}

/// An alert or a panel, or a part of one, that was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unanswered {
    /// Name of the alert, or id of the panel.
    pub what: String,
    /// The signal that nothing answers, or not in a way that could be right.
    pub signal: String,
    /// Why, and what to change.
    pub reason: String,
}

/// All that was generated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// The files, by name. A file without content is left out.
    pub files: Vec<GeneratedFile>,
    /// What was left out, alerts first, in the order of the plan.
    pub unanswered: Vec<Unanswered>,
    /// Number of alerts.
    pub alerts: usize,
    /// Number of panels.
    pub panels: usize,
    /// Number of recording rules.
    pub recording_rules: usize,
}

/// Generates the alerts, their tests and the dashboard.
///
/// # Errors
/// A template that does not parse or names something that does not exist.
pub fn generate(request: &Request<'_>) -> Result<Output, TemplateError> {
    let facts = facts::Facts::new(request);
    let templates = template::Templates::new(request.templates);
    let mut output = Output::default();

    let mut rendered = Vec::new();
    let mut tests = Vec::new();
    let mut explained = Vec::new();
    for spec in plan::chosen_alerts(request.alerts, request.only) {
        let built = match spec.form {
            AlertForm::Inputs => inputs::build(spec, "", &facts, &templates, &|alert| runbook::link(alert, request))?,
            _ => match alerts::plan(spec, &facts) {
                Ok(plan) => {
                    let mut alert = plan.render(&templates)?;
                    runbook::link(&mut alert, request);
                    let cases = cases::cases(&plan, &alert)?;
                    Ok((alert, cases))
                }
                // Where no histogram answers, counters may: a mean, and said to be one.
                Err(unanswered) if !spec.inputs.is_empty() => {
                    inputs::build(spec, ".mean", &facts, &templates, &|alert| runbook::link(alert, request))?.map_err(|_| unanswered)
                }
                Err(unanswered) => Err(unanswered),
            },
        };
        match built {
            Ok((alert, cases)) => {
                tests.extend(cases.iter().map(|case| case_value(case, &alert.name)));
                rendered.push(alert_value(&alert));
                explained.push((spec, alert));
            }
            Err(unanswered) => output.unanswered.push(unanswered),
        }
    }
    output.alerts = rendered.len();
    if !rendered.is_empty() {
        let context = Value::from_pairs([
            ("group", Value::from(slug(request.service))),
            ("alerts", Value::from(rendered)),
            ("interval", Value::from(number::duration(load::STEP))),
            ("cases", Value::from(tests)),
            ("rules", Value::from(if has_files(request) { "alerts.yml" } else { kubernetes::RULES })),
        ]);
        output.files.push(GeneratedFile { name: "alerts.yml", text: templates.yaml_file("alerts/alerts.yml", &context)? });
        output.files.push(GeneratedFile { name: "alerts_test.yml", text: templates.yaml_file("alerts/alerts_test.yml", &context)? });
    }

    if request.recording_rules
        && let Some((text, count)) = recording::build(&slug(request.service), &facts, &templates)?
    {
        output.recording_rules = count;
        output.files.push(GeneratedFile { name: "recording.yml", text });
    }

    let names: Vec<String> = explained.iter().map(|(_, alert)| alert.name.clone()).collect();
    let dashboard = dashboard::build(request, &facts, &names, &templates)?;
    output.panels = dashboard.shown.len();
    let shown = dashboard.shown;
    output.unanswered.extend(dashboard.unanswered);
    if let Some(text) = dashboard.text {
        output.files.push(GeneratedFile { name: "dashboard.json", text });
    }
    if request.targets.contains(&Target::Kubernetes) {
        let objects = kubernetes::objects(request.service, &output.files, &templates)?;
        if !has_files(request) {
            // The tests name the object, and `reduse verify` runs them with what it holds.
            output.files.retain(|f| f.name == "alerts_test.yml");
        }
        output.files.extend(objects);
    }
    if !explained.is_empty() {
        let text = runbook::build(request, &explained, &shown, &templates)?;
        output.files.push(GeneratedFile { name: "runbook.md", text });
    }
    Ok(output)
}

/// Whether plain files are asked for.
fn has_files(request: &Request<'_>) -> bool {
    request.targets.is_empty() || request.targets.contains(&Target::Files)
}

/// A name as group names and dashboard uids hold it.
fn slug(service: &str) -> String {
    let mut out = String::new();
    for c in service.chars().flat_map(char::to_lowercase) {
        if c.is_ascii_alphanumeric() {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    let out = out.trim_end_matches('-');
    if out.is_empty() { "service".to_owned() } else { out.to_owned() }
}

fn pairs_value(pairs: &[(String, String)]) -> Value {
    pairs
        .iter()
        .map(|(name, value)| Value::from_pairs([("name", Value::from(name.as_str())), ("value", Value::from(value.as_str()))]))
        .collect()
}

fn alert_value(alert: &alerts::Alert) -> Value {
    Value::from_pairs([
        ("name", Value::from(alert.name.as_str())),
        ("comment", Value::from(alert.comment.as_str())),
        ("expr", Value::from(alert.expr.as_str())),
        ("hold", Value::from(alert.hold.as_str())),
        // `for: 0s` is the default, which linters call noise.
        ("waits", Value::from(alert.hold != "0s")),
        ("labels", pairs_value(&alert.labels)),
        ("annotations", pairs_value(&alert.annotations)),
    ])
}

fn case_value(case: &cases::Case, alert: &str) -> Value {
    let series: Vec<(String, String)> = case.series.iter().map(|s| (s.name.clone(), s.values.clone())).collect();
    let checks: Value = case
        .checks
        .iter()
        .map(|check| {
            let none = (Vec::new(), Vec::new());
            let (labels, annotations) = check.fires.as_ref().map_or(none, |f| (f.labels.clone(), f.annotations.clone()));
            Value::from_pairs([
                ("at", Value::from(number::duration(check.at))),
                ("alert", Value::from(alert)),
                ("fires", Value::from(check.fires.is_some())),
                ("labels", pairs_value(&labels)),
                ("annotations", pairs_value(&annotations)),
            ])
        })
        .collect();
    Value::from_pairs([
        ("name", Value::from(case.name.as_str())),
        ("interval", Value::from(number::duration(case.interval))),
        ("series", pairs_value(&series)),
        ("checks", checks),
    ])
}
