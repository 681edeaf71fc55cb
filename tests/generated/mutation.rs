//! Changes every alert in every way that matters and asks whether its tests notice.
//!
//! All mutants of an alert stand in one rule file under names of their own, and every check of a case is made of each that the cases
//! before it left: one run of promtool per case.

use std::collections::BTreeSet;

use reduse::generate::Output;
use serde_yaml::{Mapping, Value};

use crate::{promtool, reference};

/// One changed alert: what was changed, and the rule.
struct Mutant {
    what: String,
    rule: Value,
}

/// Mutants that mean the same as the original, each with its reason, which holds for every service and system.
const SAME: [(&str, &str); 29] = [
    ("CostExplosion: expr `> 0` no. 1 to `!= 0`", NOT_NEGATIVE),
    ("EngineStalled: expr `> 0` no. 2 to `!= 0`", NOT_NEGATIVE),
    ("EngineStalled: expr `> 0` no. 1 to `!= 0`", NOT_NEGATIVE),
    ("EngineStalled: expr `sum by (job` no. 1 to `avg by (job`", ONLY_COMPARED),
    ("EngineStalled: expr `sum by (job` no. 1 to `max by (job`", ONLY_COMPARED),
    ("EngineStalled: expr `sum by (job` no. 2 to `avg by (job`", ONLY_COMPARED),
    ("EngineStalled: expr `sum by (job` no. 2 to `max by (job`", ONLY_COMPARED),
    ("EngineStalled: expr every `sum by (job` to `avg by (job`", ONLY_COMPARED),
    ("EngineStalled: expr every `sum by (job` to `max by (job`", ONLY_COMPARED),
    ("TargetDown: expr `(job)` no. 2 to `(job, instance)`", "`and on (job)` looks at no other label of what is counted"),
    ("TargetDown: expr `(job)` no. 3 to `(job, instance)`", "`and on (job)` looks at no other label of what is counted"),
    ("TargetDown: expr `== 0` no. 1 to `<= 0`", "`up` is 0 or 1"),
    ("TargetDown: expr `present_over_time(` no. 1 to `last_over_time(`", "what is counted has no value that matters"),
    ("TargetDown: expr `present_over_time(` no. 2 to `last_over_time(`", "what is counted has no value that matters"),
    ("TargetDown: expr every `present_over_time(` to `last_over_time(`", "what is counted has no value that matters"),
    ("QueueNeverEmpty: expr `> 0` no. 1 to `!= 0`", NOT_NEGATIVE),
    ("QueueNeverEmpty: expr `sum by (job` no. 1 to `avg by (job`", ONE_SERIES),
    ("QueueNeverEmpty: expr `sum by (job` no. 1 to `max by (job`", ONE_SERIES),
    ("KvCacheThrashing: expr `> 0` no. 2 to `!= 0`", NOT_NEGATIVE),
    ("KvCacheThrashing: expr `sum by (job` no. 1 to `avg by (job`", ONLY_COMPARED),
    ("KvCacheThrashing: expr `sum by (job` no. 1 to `max by (job`", ONLY_COMPARED),
    ("AdmissionRejections: expr `> 0` no. 1 to `!= 0`", NOT_NEGATIVE),
    ("AdmissionRejections: expr `sum by (job` no. 1 to `avg by (job`", ONLY_COMPARED),
    ("AdmissionRejections: expr `sum by (job` no. 1 to `max by (job`", ONLY_COMPARED),
    ("HostOomKill: expr `> 0` no. 1 to `!= 0`", NOT_NEGATIVE),
    ("HostOomKill: expr `sum by (job` no. 1 to `avg by (job`", ONLY_COMPARED),
    ("HostOomKill: expr `sum by (job` no. 1 to `max by (job`", ONLY_COMPARED),
    ("GpuFatalXid: expr `> 0` no. 1 to `!= 0`", NOT_NEGATIVE),
    ("GpuRowRemapFailed: expr `> 0` no. 1 to `!= 0`", NOT_NEGATIVE),
];
const NOT_NEGATIVE: &str = "a count and the rate of a counter are never negative";
const ONLY_COMPARED: &str =
    "of numbers that are not negative the sum, the mean and the largest are above 0 together, and nothing shows the value";
const ONE_SERIES: &str = "the queue has no label beyond those that are kept, so that a group is one series; where it has one, two series are in the tests, and this is no reason";

/// Whether a reason holds for an alert with these cases.
fn holds(reason: &str, cases: &[&Value]) -> bool {
    let of_one_instance = |case: &&Value| {
        let series = case["input_series"].as_sequence().unwrap().iter().map(|s| s["series"].as_str().unwrap());
        let instances: Vec<&str> = series.map(|s| s.split("instance=\"").nth(1).unwrap().split('"').next().unwrap()).collect();
        instances.len() > instances.iter().collect::<BTreeSet<_>>().len()
    };
    reason != ONE_SERIES || !cases.iter().any(of_one_instance)
}

/// Every mutant of every alert must make the tests fail.
pub fn every_mutant_is_noticed(output: &Output) {
    let left = unnoticed(output);
    assert!(left.is_empty(), "{} mutants pass the tests:\n{}", left.len(), left.join("\n"));
}

/// The mutants that pass the tests and do not mean the same.
pub fn unnoticed(output: &Output) -> Vec<String> {
    let read = |name: &str| -> Value { serde_yaml::from_str(reference::text(output, name)).unwrap() };
    let (rules, tests) = (read("alerts.yml"), read("alerts_test.yml"));
    let rules = rules["groups"][0]["rules"].as_sequence().unwrap();
    // For work on one alert: `REDUSE_ALERT=EngineStalled`.
    let only = std::env::var("REDUSE_ALERT").ok();
    let asked = |name: &str| only.as_deref().is_none_or(|only| only == name);
    let rules: Vec<&Value> = rules.iter().filter(|r| r["alert"].as_str().is_some_and(asked)).collect();
    let (mut survivors, mut same, mut count) = (Vec::new(), Vec::new(), 0);
    let (even, odd): (Vec<_>, Vec<_>) = rules.into_iter().enumerate().partition(|(i, _)| i % 2 == 0);
    let run = |part: &[(usize, &Value)]| part.iter().map(|(_, rule)| of_alert(rule, &tests)).collect::<Vec<_>>();
    let (first, second) = std::thread::scope(|scope| {
        let first = scope.spawn(|| run(&even));
        let second = run(&odd);
        (first.join().unwrap(), second)
    });
    for found in first.into_iter().chain(second) {
        count += found.mutants;
        same.push(found.same);
        survivors.extend(found.survivors);
    }
    let same: usize = same.iter().sum();
    eprintln!("{} of {count} mutants are noticed, {same} mean the same", count - same - survivors.len());
    survivors
}

/// What became of the mutants of an alert.
struct Found {
    mutants: usize,
    /// Of those that no test notices, how many mean the same.
    same: usize,
    /// The others.
    survivors: Vec<String>,
}

fn of_alert(rule: &Value, tests: &Value) -> Found {
    let name = rule["alert"].as_str().unwrap();
    let mut cases: Vec<&Value> =
        tests["tests"].as_sequence().unwrap().iter().filter(|t| t["alert_rule_test"][0]["alertname"].as_str() == Some(name)).collect();
    assert!(cases.len() > 1, "{name} has no tests");
    let mutants = mutants(rule);
    let mut alive: BTreeSet<usize> = (0..mutants.len()).collect();
    // The short cases first, and each only for the mutants that those before it left: hours are evaluated for a few.
    cases.sort_by_key(|case| evaluations(case));
    for case in &cases {
        // A mutant whose evaluation fails ends a test, so the others are asked again without it.
        loop {
            let (killed, broken) = killed(&mutants, &alive, rule, case);
            assert!(!killed.contains(&usize::MAX), "{name}: its own tests must pass");
            alive.retain(|i| !killed.contains(i) && !broken.contains(i));
            if broken.is_empty() {
                break;
            }
        }
    }
    let left = alive.into_iter().map(|i| format!("{name}: {}", mutants[i].what));
    let means_the_same = |left: &String| SAME.iter().any(|(what, why)| what == left && holds(why, &cases));
    let (same, survivors): (Vec<_>, Vec<_>) = left.partition(means_the_same);
    Found { mutants: mutants.len(), same: same.len(), survivors }
}

/// How far a case goes, in seconds.
fn evaluations(case: &Value) -> u64 {
    let at = |check: &Value| seconds(check["eval_time"].as_str().unwrap());
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "hours at most")]
    let last = case["alert_rule_test"].as_sequence().unwrap().iter().map(at).fold(0.0, f64::max) as u64;
    last
}

/// Which of the living mutants fail a check of a case, and which cannot be evaluated. `usize::MAX` is the alert itself.
fn killed(mutants: &[Mutant], alive: &BTreeSet<usize>, original: &Value, case: &Value) -> (BTreeSet<usize>, BTreeSet<usize>) {
    let name = original["alert"].as_str().unwrap();
    let all = || alive.iter().map(|&i| (i, &mutants[i].rule)).chain([(usize::MAX, original)]);
    let named = |(i, rule): (usize, &Value)| {
        let mut rule = rule.clone();
        rule["alert"] = format!("M{i}").into();
        rule
    };
    let group =
        Value::Mapping(Mapping::from_iter([("name".into(), "g".into()), ("rules".into(), Value::Sequence(all().map(named).collect()))]));
    let rules = Value::Mapping(Mapping::from_iter([("groups".into(), Value::Sequence(vec![group]))]));
    let checks = case["alert_rule_test"].as_sequence().unwrap();
    let each = |(i, _): (usize, &Value)| {
        checks.iter().cloned().map(move |mut check| {
            check["alertname"] = format!("M{i}").into();
            check
        })
    };
    let mut case = case.clone();
    case["alert_rule_test"] = Value::Sequence(all().flat_map(each).collect());
    let file = Value::Mapping(Mapping::from_iter([
        ("rule_files".into(), Value::Sequence(vec!["alerts.yml".into()])),
        // Ten hours every fifteen seconds would take long, and the checks of that alert are whole minutes.
        ("evaluation_interval".into(), if name == "ErrorBudgetBurnSlow" { "1m" } else { "15s" }.into()),
        ("tests".into(), Value::Sequence(vec![case])),
    ]));
    let (rules, file) = (serde_yaml::to_string(&rules).unwrap(), serde_yaml::to_string(&file).unwrap());
    let dir = promtool::folder(&[("alerts.yml", &rules), ("alerts_test.yml", &file)]);
    let said = promtool::test_rules(dir.path()).err().unwrap_or_default();
    let numbers = |word: &str| -> BTreeSet<usize> {
        said.split(word).skip(1).filter_map(|rest| rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()).collect()
    };
    // `rule: M3, time: 5m, err: …` is an evaluation that failed.
    let (failed, broken) = (numbers("alertname: M"), numbers("rule: M"));
    assert!(!failed.is_empty() || !broken.is_empty() || alive.is_empty() || said.is_empty(), "{said}");
    (failed, broken)
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
        if promql_parser::parser::parse(&changed).is_ok() {
            change(format!("expr {what}"), &["expr"], changed.into());
        }
    }
    let hold = seconds(rule["for"].as_str().unwrap_or("0s"));
    for changed in [hold * 1.5, hold / 1.5, hold * 2.0, 0.0, hold + 60.0, hold - 60.0] {
        if changed >= 0.0 {
            change(format!("for {changed}s"), &["for"], format!("{}s", changed.round()).into());
        }
    }
    change("severity".into(), &["labels", "severity"], "info".into());
    change("a label more".into(), &["labels", "team"], "x".into());
    for (key, text) in rule["annotations"].as_mapping().unwrap() {
        let key = key.as_str().unwrap();
        change(format!("annotation {key}"), &["annotations", key], format!("{}.", text.as_str().unwrap()).into());
    }
    // The same duration in another notation is no mutant.
    out.retain(|m| m.rule["for"] == rule["for"] || (seconds(m.rule["for"].as_str().unwrap()) - hold).abs() > 0.5);
    out
}

/// The changed expressions, each with what was changed.
fn expressions(expr: &str) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let put = |out: &mut Vec<(String, String)>, at: usize, from: &str, to: &str| {
        let before = expr[..at].matches(from).count();
        out.push((format!("`{from}` no. {} to `{to}`", before + 1), format!("{}{to}{}", &expr[..at], &expr[at + from.len()..])));
    };
    // Windows, one by one and all together.
    let windows: Vec<(usize, &str)> =
        expr.match_indices('[').map(|(at, _)| (at + 1, &expr[at + 1..at + expr[at..].find(']').unwrap()])).collect();
    for factor in [0.2, 0.8, 1.2, 1.5, 2.0] {
        let mut every = expr.to_owned();
        for (at, window) in &windows {
            let to = format!("{}s", (seconds(window) * factor).round());
            put(&mut out, *at, window, &to);
            every = every.replace(&format!("[{window}]"), &format!("[{to}]"));
        }
        if windows.len() > 1 {
            out.push((format!("every window times {factor}"), every));
        }
    }
    // Comparisons: the operator, the number, the whole of it.
    for op in ["> ", "< ", "== "] {
        for (at, _) in expr.match_indices(op) {
            let number: String = expr[at + op.len()..].chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
            let Ok(value) = number.parse::<f64>() else { continue };
            let from = format!("{op}{number}");
            let others: Vec<f64> = match (op, value) {
                ("== ", _) => vec![1.0, 2.0],
                (_, 0.0) => vec![1.0],
                (_, 20.0) => vec![15.0, 19.0, 22.0, 30.0],
                _ => vec![value * 0.9, value * 1.1, value * 1.5, value * 3.0, value * 0.1],
            };
            for other in others {
                put(&mut out, at, &from, &format!("{op}{}", (other * 1e9).round() / 1e9));
            }
            for swapped in ["> ", "< ", ">= ", "<= ", "== ", "!= "] {
                if swapped != op && !(swapped.starts_with(op.trim()) && value != 20.0 && value != 0.0) {
                    put(&mut out, at, &from, &format!("{swapped}{number}"));
                }
            }
            put(&mut out, at, &from, "");
        }
    }
    let mut every = |from: &str, to: &str| {
        for (at, _) in expr.match_indices(from) {
            put(&mut out, at, from, to);
        }
        if expr.matches(from).count() > 1 {
            out.push((format!("every `{from}` to `{to}`"), expr.replace(from, to)));
        }
    };
    for quantile in ["0.9,", "0.94,", "0.96,", "0.99,", "0.5,"] {
        every("0.95,", quantile);
    }
    for (from, to) in [
        ("\"5..\"", "\"4..\""),
        ("\"5..\"", "\"[45]..\""),
        ("\"5..\"", "\".*\""),
        ("\"5..\"", "\"500\""),
        ("sum by (job", "sum by (instance"),
        ("sum by (job", "avg by (job"),
        ("sum by (job", "max by (job"),
        ("max by (job", "min by (job"),
        ("min by (job", "max by (job"),
        ("(job)", "(job, instance)"),
        ("(job, le)", "(job, instance, le)"),
        (", instance", ""),
        (", model_name", ""),
        (", model", ""),
        (", reason", ""),
        (", mountpoint", ""),
        (", device", ""),
        (", le)", ")"),
        ("_bucket", "_sum"),
        ("rate(", "increase("),
        ("rate(", "irate("),
        ("rate(", "delta("),
        ("increase(", "delta("),
        ("increase(", "irate("),
        ("min_over_time(", "max_over_time("),
        ("min_over_time(", "avg_over_time("),
        ("present_over_time(", "last_over_time("),
        ("absent(", "present("),
        ("=~\"", "!~\""),
        ("!~\"", "=~\""),
        ("!~\"tmpfs|", "!~\""),
        ("|squashfs", ""),
        ("\nand\n", "\nor\n"),
        ("\nand\n", "\nunless\n"),
        ("\nunless\n", "\nand\n"),
        ("\nunless\n", "\nor\n"),
        ("and on (job)", "or on (job)"),
        ("and on (job)", "unless on (job)"),
        (" / ", " * "),
        ("/\n", "*\n"),
        ("1 - ", ""),
    ] {
        every(from, to);
    }
    // One side of a set operator alone.
    for op in ["\nand\n", "\nunless\n", "\nand on (job)\n"] {
        if let Some((before, after)) = expr.split_once(op) {
            out.push((format!("without what follows {}", op.trim()), before.to_owned()));
            out.push((format!("without what precedes {}", op.trim()), after.to_owned()));
        }
    }
    // Without its matchers, selector by selector.
    for (n, (at, _)) in expr.match_indices('{').enumerate() {
        let end = at + expr[at..].find('}').unwrap() + 1;
        out.push((format!("without `{}` no. {}", &expr[at..end], n + 1), format!("{}{}", &expr[..at], &expr[end..])));
    }
    if let Some((before, after)) = expr.split_once("le=~\"") {
        let (_, rest) = after.split_once('"').unwrap();
        for other in ["1(\\\\.0)?", "5(\\\\.0)?", "10(\\\\.0)?", "\\\\+Inf"] {
            out.push((format!("le {other}"), format!("{before}le=~\"{other}\"{rest}")));
        }
    }
    out.sort();
    out.dedup_by(|a, b| a.1 == b.1);
    out.retain(|(what, changed)| changed != expr && !equivalent(expr, what, changed));
    out
}

/// The mutants that mean the same as the original, one kind after the other, each with its reason.
fn equivalent(expr: &str, what: &str, changed: &str) -> bool {
    let rates = |text: &str| text.replace("increase(", "rate(");
    let averages = |text: &str| text.replace("avg by", "sum by");
    let quantile = expr.contains("histogram_quantile");
    let fraction = expr.starts_with("1 - ");
    // A rate that is only compared with 0, in a quantile, or on both sides of a fraction, is as good as an increase.
    let only_scaled = rates(changed) == rates(expr) && (quantile || what.starts_with("every") || !expr.contains("/\n"));
    // A quantile and a fraction do not change when all of their parts are divided by the number of instances.
    let only_averaged = averages(changed) == averages(expr) && (quantile || fraction && what.starts_with("every"));
    only_scaled || only_averaged
}

fn seconds(duration: &str) -> f64 {
    let mut total = 0.0;
    let mut number = String::new();
    for c in duration.chars() {
        if c.is_ascii_digit() || c == '.' {
            number.push(c);
            continue;
        }
        let factor = match c {
            'h' => 3600.0,
            'm' => 60.0,
            _ => 1.0,
        };
        total += number.parse::<f64>().unwrap() * factor;
        number.clear();
    }
    total
}
