//! What each system gives, alone and with node_exporter: docs/systems.md says it, and all of it is proved here.
//! `REDUSE_UPDATE=1 cargo test --test generated` writes that page.

use std::collections::BTreeSet;
use std::path::Path;

use reduse::generate::Output;
use reduse::knowledge::plan::{self, AlertSet};
use reduse::knowledge::systems::{self, System};
use reduse::model::Policies;
use serde_json::Value;

use crate::common::{reduse_in, tree};
use crate::reads::Reads;
use crate::{linter, mutation, promtool, reference, schema};

const HOST: &str = "node_exporter";
const SLO: &str = "[thresholds]\navailability_slo = 0.999\n";

/// All that a set of systems gives.
struct Given {
    output: Output,
    /// Alerts of the first day, and those that are recommended beyond them.
    day_one: Vec<String>,
    more: Vec<String>,
    /// Ids of the panels.
    panels: Vec<String>,
}

fn given(systems: &[&System]) -> Given {
    let mut policies = Policies::default();
    policies.thresholds.availability_slo = Some(0.999);
    let output = reference::recommended(Vec::new(), &policies, systems);
    let names: Vec<String> = alerts(&output).into_iter().map(|a| a["alert"].as_str().unwrap().to_owned()).collect();
    let is_day_one = |name: &String| plan::alerts().iter().any(|a| a.name == *name && a.set == AlertSet::DayOne);
    let (day_one, more) = names.into_iter().partition(is_day_one);
    let id = |panel: &Value| plan::panels().iter().find(|p| panel["id"] == p.number).map(|p| p.id.clone());
    let panels = panels(&output).iter().filter_map(id).collect();
    Given { output, day_one, more, panels }
}

fn alerts(output: &Output) -> Vec<serde_yaml::Value> {
    if output.alerts == 0 {
        return Vec::new();
    }
    let rules: serde_yaml::Value = serde_yaml::from_str(reference::text(output, "alerts.yml")).unwrap();
    rules["groups"][0]["rules"].as_sequence().unwrap().clone()
}

fn panels(output: &Output) -> Vec<Value> {
    if output.panels == 0 {
        return Vec::new();
    }
    let dashboard: Value = serde_json::from_str(reference::text(output, "dashboard.json")).unwrap();
    dashboard["panels"].as_array().unwrap().iter().filter(|p| p["type"] != "row").cloned().collect()
}

fn alone(system: &System) -> Given {
    given(&[reference::system(&system.name)])
}

/// With node_exporter; for itself that is no more.
fn with_host(system: &System) -> Vec<&'static System> {
    let mut all = vec![reference::system(&system.name)];
    if system.name != HOST {
        all.push(reference::system(HOST));
    }
    all
}

/// One after the other on two threads: promtool takes most of the time.
fn each(check: impl Fn(&System) + Sync) {
    let all: Vec<&System> = systems::all().iter().collect();
    let (left, right): (Vec<_>, Vec<_>) = all.iter().enumerate().partition(|(i, _)| i % 2 == 0);
    std::thread::scope(|scope| {
        scope.spawn(|| left.iter().for_each(|(_, s)| check(s)));
        right.iter().for_each(|(_, s)| check(s));
    });
}

#[test]
fn the_page_of_what_each_system_gives_is_up_to_date() {
    let mut page = String::from(
        "# What each system gives\n\n\
        `reduse generate --system NAME` for a service that has no metrics of its own: the alerts of the first day, those that `--alerts recommended`\n\
        adds (with `availability_slo` set, which the burn rates need), and the panels, by id. The second row of each is what `--system NAME,node_exporter`\n\
        adds. Tests hold exactly this, prove every alert with promtool, and write this page: `REDUSE_UPDATE=1 cargo test --test generated`.\n\n\
        | system | alerts of the first day | more with `--alerts recommended` | panels |\n|---|---|---|---|\n",
    );
    let list = |names: &[String], none: &str| if names.is_empty() { none.to_owned() } else { names.join(", ") };
    for system in systems::all() {
        let own = alone(system);
        page.push_str(&format!(
            "| {} | {} | {} | {} |\n",
            system.name,
            list(&own.day_one, "none"),
            list(&own.more, "none"),
            list(&own.panels, "none")
        ));
        if system.name == HOST {
            continue;
        }
        let all = given(&with_host(system));
        let added = |own: &[String], all: &[String]| {
            assert!(own.iter().all(|name| all.contains(name)), "{}: node_exporter takes something away", system.name);
            list(&all.iter().filter(|name| !own.contains(name)).cloned().collect::<Vec<_>>(), "–")
        };
        page.push_str(&format!(
            "| with node_exporter | {} | {} | {} |\n",
            added(&own.day_one, &all.day_one),
            added(&own.more, &all.more),
            added(&own.panels, &all.panels)
        ));
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/systems.md");
    if std::env::var_os("REDUSE_UPDATE").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let on_disk = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(on_disk == page, "docs/systems.md is out of date: run `REDUSE_UPDATE=1 cargo test --test generated`");
}

#[test]
fn the_alerts_of_the_first_day_are_those_that_the_design_names() {
    let day_one = |name: &str| alone(reference::system(name)).day_one;
    assert_eq!(day_one("vllm"), ["HighErrorRate", "SlowTimeToFirstToken"]);
    assert_eq!(day_one("litellm"), ["HighErrorRate", "SlowTimeToFirstToken", "CostExplosion"]);
    assert_eq!(day_one("llamacpp"), [""; 0]);
    assert!(
        alone(reference::system("llamacpp"))
            .output
            .unanswered
            .iter()
            .any(|u| u.what == "HighErrorRate" && u.reason.contains("llama.cpp counts no requests"))
    );
}

/// The alerts of a system by itself: node_exporter, which is one of them, adds its own and changes none.
#[test]
fn every_alert_of_every_system_is_proved() {
    let ready = promtool::available();
    let host = alerts(&alone(reference::system(HOST)).output);
    each(|system| {
        let Given { output, .. } = alone(system);
        let own = alerts(&output);
        for alert in alerts(&given(&with_host(system)).output) {
            assert!(
                own.contains(&alert) || host.contains(&alert),
                "{}: {:?} is another one with node_exporter",
                system.name,
                alert["alert"]
            );
        }
        if own.is_empty() {
            return;
        }
        let tests: serde_yaml::Value = serde_yaml::from_str(reference::text(&output, "alerts_test.yml")).unwrap();
        for alert in own {
            let checks = tests["tests"].as_sequence().unwrap().iter().flat_map(|t| t["alert_rule_test"].as_sequence().unwrap());
            let of_alert = checks.filter(|c| c["alertname"] == alert["alert"]);
            let (fires, quiet): (Vec<_>, Vec<_>) = of_alert.partition(|c| c["exp_alerts"].as_sequence().is_some_and(|a| !a.is_empty()));
            assert!(!fires.is_empty() && !quiet.is_empty(), "{}: {:?}", system.name, alert["alert"]);
        }
        // The hours of the burn rates take promtool most of the time: all of them in CI, one system's anywhere.
        let burns = ["ErrorBudgetBurnFast", "ErrorBudgetBurnSlow"];
        let left_out = if system.name == "vllm" || std::env::var_os("CI").is_some() { &[][..] } else { &burns[..] };
        if ready {
            promtool::accepts_one_by_one(&output, left_out);
        }
    });
}

#[test]
fn generated_queries_use_only_metrics_and_labels_of_the_catalogues() {
    for system in systems::all() {
        let all = with_host(system);
        let Given { output, .. } = given(&all);
        let rules = alerts(&output).into_iter().map(|a| a["expr"].as_str().unwrap().to_owned());
        let drawn = panels(&output);
        let targets = drawn.iter().flat_map(|p| p["targets"].as_array().unwrap()).map(|t| linter::sent(t["expr"].as_str().unwrap()));
        for query in rules.chain(targets) {
            let reads = Reads::of(&query);
            let mut grouping: BTreeSet<String> = ["job", "instance"].map(str::to_owned).into();
            for (series, asked) in &reads.series {
                if series == "up" {
                    continue;
                }
                let labels = labels(&all, series).unwrap_or_else(|| panic!("{}: no metric {series}: {query}", system.name));
                for label in asked {
                    assert!(labels.contains(label), "{}: {series} has no label {label}: {query}", system.name);
                }
                grouping.extend(labels);
            }
            let strange: Vec<&String> = reads.grouping.iter().filter(|l| !grouping.contains(*l) && !reads.made.contains(*l)).collect();
            assert!(strange.is_empty(), "{}: {strange:?}: {query}", system.name);
        }
    }
}

/// The labels of a series, with those of the scrape.
fn labels(all: &[&System], series: &str) -> Option<BTreeSet<String>> {
    let stem = ["_bucket", "_sum", "_count"].iter().find_map(|part| series.strip_suffix(part));
    let metric = all.iter().find_map(|s| s.metric(series).or_else(|| stem.and_then(|stem| s.metric(stem))))?;
    let more = ["job", "instance"].into_iter().chain(series.ends_with("_bucket").then_some("le"));
    Some(metric.labels.iter().map(String::as_str).chain(more).map(str::to_owned).collect())
}

#[test]
fn the_dashboards_are_what_grafana_and_its_linter_take() {
    for system in systems::all() {
        for Given { output, .. } in [alone(system), given(&with_host(system))] {
            if output.panels > 0 {
                let dashboard: Value = serde_json::from_str(reference::text(&output, "dashboard.json")).unwrap();
                assert_eq!(schema::mistakes(&dashboard), [""; 0], "{}", system.name);
                assert_eq!(linter::mistakes(&dashboard), [""; 0], "{}", system.name);
            }
        }
    }
}

#[test]
fn nothing_is_found_in_what_is_generated() {
    each(|system| {
        let dir = tree(&[("reduse.toml", SLO)]);
        for names in [system.name.clone(), format!("{},{HOST}", system.name)] {
            let run = reduse_in(dir.path(), &["generate", ".", "--system", &names, "--alerts", "recommended", "--out", "out"]);
            assert_eq!(run.code, 0, "{names}: {run:?}");
            if !dir.path().join("out").exists() {
                continue;
            }
            let run = reduse_in(dir.path(), &["check", "out", "--system", &names, "--format", "concise", "--fail-on", "info"]);
            assert_eq!(run.code, 0, "{names}:\n{}", run.stdout);
        }
    });
}

/// Takes a quarter of an hour of a processor: with `REDUSE_MUTANTS=1`.
#[test]
fn every_mutant_of_every_alert_of_every_system_is_noticed() {
    if std::env::var_os("REDUSE_MUTANTS").is_none() || !promtool::available() {
        return;
    }
    let mut left = Vec::new();
    for system in systems::all() {
        let Given { output, .. } = alone(system);
        if output.alerts > 0 {
            eprint!("{}: ", system.name);
            left.extend(mutation::unnoticed(&output).into_iter().map(|what| format!("{}: {what}", system.name)));
        }
    }
    assert!(left.is_empty(), "{} mutants pass the tests:\n{}", left.len(), left.join("\n"));
}

/// One variable chooses for all panels, so a panel compares it with the label that it is filled from, or with none.
#[test]
fn the_model_variable_is_compared_with_the_label_it_is_filled_from() {
    for system in systems::all() {
        let Given { output, .. } = alone(system);
        if output.panels == 0 {
            continue;
        }
        let text = reference::text(&output, "dashboard.json");
        let dashboard: Value = serde_json::from_str(text).unwrap();
        let model = dashboard["templating"]["list"].as_array().unwrap().iter().find(|v| v["name"] == "model");
        let label = model.map(|v| v["query"]["query"].as_str().unwrap().rsplit_once(", ").unwrap().1.trim_end_matches(')').to_owned());
        let used: BTreeSet<&str> =
            text.match_indices(r#"=~\"$model\""#).map(|(at, _)| text[..at].rsplit([',', '{']).next().unwrap()).collect();
        assert!(used.iter().all(|u| Some(*u) == label.as_deref()), "{}: {used:?} {label:?}", system.name);
        assert!(label.is_none() || !used.is_empty(), "{}", system.name);
    }
}
