//! The rules of grafana's dashboard-linter, restated: those about Prometheus and classic dashboards, 15 of its 17.

use reduse::knowledge::{systems, vocab};
use reduse::model::MetricType;
use serde_json::Value;

/// Unit ids of Grafana that dashboard-linter does not know.
const NOT_ITS: [&str; 5] = ["eps", "reqpm", "rowsps", "sishort", "recps"];

/// The panels that its panel rules look at.
const JUDGED: [&str; 4] = ["timeseries", "stat", "gauge", "table"];

/// What it would say, one line for each breach.
pub fn mistakes(dashboard: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut say = |ok: bool, rule: &str, what: &str| {
        if !ok {
            found.push(format!("{rule}: {what}"));
        }
    };
    say(dashboard["editable"] == false, "uneditable-dashboard", "");
    let variables = dashboard["templating"]["list"].as_array().unwrap();
    let named = |name: &str| variables.iter().find(|v| v["name"] == name);
    let sources: Vec<&Value> = variables.iter().filter(|v| v["type"] == "datasource").collect();
    say(sources.len() == 1 && sources[0]["name"] == "datasource" && sources[0]["label"] == "Data source", "template-datasource-rule", "");
    for (name, label) in [("job", "Job"), ("instance", "Instance")] {
        let right = |v: &Value| {
            v["type"] == "query"
                && v["datasource"]["uid"] == "${datasource}"
                && v["label"] == label
                && v["multi"] == true
                && v["allValue"] == ".+"
        };
        say(named(name).is_some_and(right), &format!("template-{name}-rule"), name);
    }
    for variable in variables.iter().filter(|v| v["type"] == "query") {
        let name = variable["name"].as_str().unwrap();
        let query = variable["query"]["query"].as_str().or(variable["query"].as_str()).unwrap_or_default();
        let argument = query.strip_prefix("label_values(").and_then(|q| q.rsplit_once(',')).map(|(selector, _)| sent(selector));
        say(argument.is_some_and(|a| promql_parser::parser::parse(&a).is_ok()), "template-label-promql-rule", query);
        say(variable["refresh"] == 2, "template-on-time-change-reload-rule", name);
    }
    for panel in dashboard["panels"].as_array().unwrap().iter().filter(|p| p["type"] != "row") {
        let title = panel["title"].as_str().unwrap_or_default();
        say(panel["datasource"]["uid"] == "${datasource}", "panel-datasource-rule", title);
        let described = panel["description"].as_str().is_some_and(|d| !d.is_empty());
        say(!title.is_empty() && described, "panel-title-description-rule", title);
        let targets = panel["targets"].as_array().map(Vec::as_slice).unwrap_or_default();
        say(!targets.is_empty(), "panel-no-targets-rule", title);
        if JUDGED.contains(&panel["type"].as_str().unwrap_or_default()) {
            let unit = panel["fieldConfig"]["defaults"]["unit"].as_str().unwrap_or_default();
            let known = vocab::grafana().units.iter().any(|u| u == unit) && !NOT_ITS.contains(&unit);
            say(known, "panel-units-rule", &format!("{title}: {unit}"));
        }
        for expr in targets.iter().map(|t| t["expr"].as_str().unwrap_or_default()) {
            say(promql_parser::parser::parse(&sent(expr)).is_ok(), "target-promql-rule", expr);
            // Every selector has a brace, since it has matchers.
            let selectors = expr.matches('{').count();
            for (name, matcher) in [("job", r#"job=~"$job""#), ("instance", r#"instance=~"$instance""#)] {
                say(expr.matches(matcher).count() == selectors && selectors > 0, &format!("target-{name}-rule"), expr);
            }
            // A subquery is no range selector.
            say(
                expr.matches('[').count() == expr.matches("[$__rate_interval]").count() + expr.matches("[$__rate_interval:]").count(),
                "target-rate-interval-rule",
                expr,
            );
            // A counter stands in a rate, an irate or an increase; counting its series reads no value of it.
            for (at, _) in expr.match_indices("_total{") {
                let start = expr[..at].rfind(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | ':'))).map_or(0, |i| i + 1);
                let rated = ["rate(", "irate(", "increase("].iter().any(|f| expr[..start].ends_with(f));
                let counted = expr[..start].rsplit_once("count ").is_some_and(|(_, rest)| !rest.contains('{'));
                // A gauge may be called so: the linter, which knows no types, passes over it for its matchers.
                let name = &expr[start..at + "_total".len()];
                let gauge = systems::all().iter().filter_map(|s| s.metric(name)).any(|m| m.kind() == MetricType::Gauge);
                say(rated || counted || gauge, "target-counter-agg-rule", expr);
            }
        }
    }
    found
}

/// The query as Grafana would send it with everything chosen.
pub fn sent(expr: &str) -> String {
    ["$job", "$instance", "$model"].iter().fold(expr.replace("$__rate_interval", "1m"), |e, name| e.replace(name, ".+"))
}

/// What breaks a rule is said: the restatement would notice.
#[test]
fn each_rule_notices_its_breach() {
    let output = crate::reference::generate_from(crate::reference::metrics(), &reduse::model::Policies::default(), &[]);
    let good: Value = serde_json::from_str(crate::reference::text(&output, "dashboard.json")).unwrap();
    assert_eq!(mistakes(&good), [""; 0]);
    let expr = "/panels/1/targets/0/expr";
    let text = good.pointer(expr).unwrap().as_str().unwrap();
    let (no_job, no_instance) =
        (text.replace(r#",job=~"$job""#, "").replace(r#"job=~"$job","#, ""), text.replace(r#",instance=~"$instance""#, ""));
    for (rule, pointer, value) in [
        ("uneditable-dashboard", "/editable", Value::from(true)),
        ("template-datasource-rule", "/templating/list/0/label", "Data Source".into()),
        ("template-job-rule", "/templating/list/1/multi", false.into()),
        ("template-instance-rule", "/templating/list/2/allValue", ".*".into()),
        ("template-label-promql-rule", "/templating/list/1/query/query", "label_values(up{, job)".into()),
        ("template-on-time-change-reload-rule", "/templating/list/1/refresh", 1.into()),
        ("panel-datasource-rule", "/panels/1/datasource/uid", "prometheus".into()),
        ("panel-title-description-rule", "/panels/1/description", "".into()),
        ("panel-units-rule", "/panels/1/fieldConfig/defaults/unit", "requests".into()),
        ("panel-no-targets-rule", "/panels/1/targets", Value::Array(Vec::new())),
        ("target-promql-rule", expr, format!("{text})").into()),
        ("target-rate-interval-rule", expr, text.replace("$__rate_interval", "5m").into()),
        ("target-job-rule", expr, no_job.into()),
        ("target-instance-rule", expr, no_instance.into()),
        ("target-counter-agg-rule", expr, text.replace("(rate(", "((").into()),
    ] {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}")) = value;
        let said = mistakes(&bad);
        assert!(said.iter().any(|s| s.starts_with(rule)), "{rule}: {said:?}");
    }
}
