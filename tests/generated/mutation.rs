//! Changes an alert in every way that matters and asks whether its tests notice.

use reduse::generate::Output;
use serde_yaml::Value;

use crate::{promtool, reference};

/// One changed alert: what was changed, and the rule.
struct Mutant {
    what: String,
    rule: Value,
}

/// Every mutant of every alert must make the tests fail.
pub fn every_mutant_is_noticed(output: &Output) {
    let rules: Value = serde_yaml::from_str(reference::text(output, "alerts.yml")).unwrap();
    let tests: Value = serde_yaml::from_str(reference::text(output, "alerts_test.yml")).unwrap();
    let mut survivors = Vec::new();
    let mut count = 0;
    for rule in rules["groups"][0]["rules"].as_sequence().unwrap() {
        let name = rule["alert"].as_str().unwrap();
        // One file for each case: most mutants fall at the first, and a case costs a database of its own.
        let cases = tests["tests"].as_sequence().unwrap().iter();
        let mut own: Vec<String> = cases
            .filter(|t| t["alert_rule_test"][0]["alertname"].as_str() == Some(name))
            .map(|case| {
                let mut file = tests.clone();
                file["tests"] = Value::Sequence(vec![case.clone()]);
                serde_yaml::to_string(&file).unwrap()
            })
            .collect();
        own.swap(0, 1);
        assert!(passes(rule, &own), "{name}: its own tests must pass");
        let mutants = mutants(rule);
        count += mutants.len();
        let half = mutants.len() / 2;
        let run = |part: &[Mutant]| part.iter().filter(|m| passes(&m.rule, &own)).map(|m| m.what.clone()).collect::<Vec<_>>();
        let (first, second) = std::thread::scope(|scope| {
            let first = scope.spawn(|| run(&mutants[..half]));
            let second = run(&mutants[half..]);
            (first.join().unwrap(), second)
        });
        survivors.extend(first.into_iter().chain(second).map(|what| format!("{name}: {what}")));
    }
    eprintln!("{count} mutants");
    assert!(survivors.is_empty(), "{} of {count} mutants pass the tests:\n{}", survivors.len(), survivors.join("\n"));
}

/// Whether the rule passes every case.
fn passes(rule: &Value, cases: &[String]) -> bool {
    let mut group = serde_yaml::Mapping::new();
    group.insert("name".into(), "g".into());
    group.insert("rules".into(), Value::Sequence(vec![rule.clone()]));
    let mut file = serde_yaml::Mapping::new();
    file.insert("groups".into(), Value::Sequence(vec![group.into()]));
    let dir = promtool::folder(&[("alerts.yml", &serde_yaml::to_string(&file).unwrap())]);
    cases.iter().all(|case| {
        std::fs::write(dir.path().join("alerts_test.yml"), case).unwrap();
        promtool::test_rules(dir.path()).is_ok()
    })
}

fn mutants(rule: &Value) -> Vec<Mutant> {
    let mut out = Vec::new();
    let expr = rule["expr"].as_str().unwrap();
    let mut change = |what: String, field: &[&str], value: Value| {
        let mut rule = rule.clone();
        let mut slot = &mut rule;
        for key in field {
            slot = &mut slot[*key];
        }
        if *slot != value {
            *slot = value;
            out.push(Mutant { what, rule });
        }
    };
    for (what, changed) in expressions(expr) {
        change(format!("expr {what}"), &["expr"], changed.into());
    }
    let hold = seconds(rule["for"].as_str().unwrap());
    for changed in [hold * 1.5, hold / 1.5, hold * 2.0, 0.0, hold + 60.0, hold - 60.0] {
        change(format!("for {changed}s"), &["for"], format!("{}s", changed.round()).into());
    }
    change("severity".into(), &["labels", "severity"], "info".into());
    change("a label more".into(), &["labels", "team"], "x".into());
    for (key, text) in rule["annotations"].as_mapping().unwrap() {
        let key = key.as_str().unwrap();
        change(format!("annotation {key}"), &["annotations", key], format!("{}.", text.as_str().unwrap()).into());
    }
    out
}

/// The changed expressions, each with what was changed.
fn expressions(expr: &str) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let mut every = |from: &str, to: &str| {
        for (i, (at, _)) in expr.match_indices(from).enumerate() {
            out.push((format!("`{from}` ({i}) to `{to}`"), format!("{}{to}{}", &expr[..at], &expr[at + from.len()..])));
        }
        if expr.matches(from).count() > 1 {
            out.push((format!("every `{from}` to `{to}`"), expr.replace(from, to)));
        }
    };
    for window in ["5m", "15m"] {
        for factor in [1.5, 1.0 / 1.5, 2.0, 0.2] {
            every(&format!("[{window}]"), &format!("[{}s]", (seconds(window) * factor).round()));
        }
    }
    // Thresholds and guards: the numbers after a comparison.
    for line in expr.lines() {
        if let Some((_, number)) = line.rsplit_once("> ")
            && let Ok(value) = number.trim().parse::<f64>()
        {
            for factor in [1.5, 1.0 / 1.5, 3.0, 0.1] {
                every(&format!("> {number}"), &format!("> {}", value * factor));
            }
            every(&format!("> {number}"), &format!("< {number}"));
            every(&format!("> {number}"), "");
        }
    }
    every("0.95,", "0.9,");
    every("0.95,", "0.99,");
    every("0.95,", "0.5,");
    every("\"5..\"", "\"4..\"");
    every("\"5..\"", "\"[45]..\"");
    every("\"5..\"", "\".*\"");
    every("status=", "code=");
    every("grpc_code=", "code=");
    every("sum by (job", "sum by (instance");
    every("sum by (job", "avg by (job");
    every("(job", "(job, instance");
    every(", le)", ")");
    every(", model", "");
    every("_bucket", "_sum");
    every("rate(", "increase(");
    every("le=~", "le!~");
    every("status=~", "status!~");
    every("grpc_code=~", "grpc_code!~");
    every("\nand\n", "\nor\n");
    every("\nand\n", "\nunless\n");
    every("rate(", "irate(");
    every(" / ", " * ");
    every("    /\n", "    *\n");
    every("1 - ", "");
    if let Some((before, _)) = expr.split_once("\nand\n") {
        out.push(("without the guard".into(), before.to_owned()));
    }
    if let Some((before, after)) = expr.split_once("le=~\"") {
        let (_, rest) = after.split_once('"').unwrap();
        for other in ["1(\\\\.0)?", "5(\\\\.0)?", "10(\\\\.0)?", "\\\\+Inf"] {
            out.push((format!("le {other}"), format!("{before}le=~\"{other}\"{rest}")));
        }
    }
    // Two mutants mean the same as the original: rates that are all scaled alike, in a quantile or in a fraction.
    let quantile = expr.contains("histogram_quantile");
    let fraction = expr.starts_with("1 - ");
    out.retain(|(what, _)| {
        !(what.starts_with("every `rate(`") && what.ends_with("`increase(`")
            || fraction && what.starts_with("every `sum by") && what.contains("avg by")
            || quantile && (what.ends_with("`increase(`") || what.contains("avg by")))
    });
    out
}

fn seconds(duration: &str) -> f64 {
    let (number, unit) = duration.split_at(duration.len() - 1);
    number.parse::<f64>().unwrap() * if unit == "m" { 60.0 } else { 1.0 }
}
