//! The same rules and dashboard as objects that a cluster takes.

use minijinja::Value;

use super::template::{TemplateError, Templates};
use super::{GeneratedFile, slug};

/// The file with the rules.
pub(crate) const RULES: &str = "prometheus-rule.yaml";
/// Names of objects end here.
const NAME_MAX: usize = 50;

/// The objects for what was generated: a `PrometheusRule` for all groups, a `ConfigMap` for the dashboard.
pub(crate) fn objects(service: &str, files: &[GeneratedFile], templates: &Templates<'_>) -> Result<Vec<GeneratedFile>, TemplateError> {
    let name: String = slug(service).chars().take(NAME_MAX).collect();
    let name = name.trim_end_matches('-');
    let mut out = Vec::new();
    let groups: Vec<String> = ["alerts.yml", "recording.yml"]
        .iter()
        .filter_map(|wanted| files.iter().find(|f| f.name == *wanted))
        .map(|file| below_groups(&file.text))
        .collect();
    if !groups.is_empty() {
        let context = Value::from_pairs([
            ("name", Value::from(name)),
            // It was quoted when it was written.
            ("groups", Value::from_safe_string(format!("  groups:\n{}", groups.join("\n")))),
        ]);
        out.push(GeneratedFile { name: RULES, text: templates.yaml_file("kubernetes/prometheus-rule.yaml", &context)? });
    }
    if let Some(dashboard) = files.iter().find(|f| f.name == "dashboard.json") {
        let context = Value::from_pairs([
            ("name", Value::from(name)),
            ("file", Value::from(format!("{name}.json"))),
            ("dashboard", Value::from(dashboard.text.as_str())),
        ]);
        let text = templates.yaml_file("kubernetes/dashboard-configmap.yaml", &context)?;
        out.push(GeneratedFile { name: "dashboard-configmap.yaml", text });
    }
    Ok(out)
}

/// What stands below `groups:`, two columns to the right. Every scalar of several lines goes by its indentation and stays what it was.
fn below_groups(text: &str) -> String {
    let lines = text.lines().skip_while(|line| *line != "groups:").skip(1);
    let shifted: Vec<String> = lines.map(|line| if line.is_empty() { String::new() } else { format!("  {line}") }).collect();
    shifted.join("\n")
}
