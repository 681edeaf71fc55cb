//! Recording rules for the histograms that alerts and panels read: buckets added up over instances, and quantiles of those.

use minijinja::Value;

use super::facts::{Answer, Facts};
use super::number::decimal;
use super::source::braces;
use super::template::{TemplateError, Templates};
use crate::model::MetricType;

/// The window of every rate.
const WINDOW: &str = "5m";
const QUANTILES: [f64; 3] = [0.5, 0.95, 0.99];

/// The file, and the number of its rules; `None` without a histogram.
pub(crate) fn build(group: &str, facts: &Facts<'_>, templates: &Templates<'_>) -> Result<Option<(String, usize)>, TemplateError> {
    let mut rules: Vec<(String, String)> = Vec::new();
    for answer in facts.answers.values() {
        for rule in of_answer(answer) {
            // One histogram may answer several questions.
            if rules.iter().all(|(record, _)| *record != rule.0) {
                rules.push(rule);
            }
        }
    }
    if rules.is_empty() {
        return Ok(None);
    }
    let count = rules.len();
    let value = |(record, expr): (String, String)| Value::from_pairs([("record", Value::from(record)), ("expr", Value::from(expr))]);
    let list: Vec<Value> = rules.into_iter().map(value).collect();
    let context = Value::from_pairs([("group", Value::from(group)), ("rules", Value::from(list))]);
    Ok(Some((templates.yaml_file("recording/recording.yml", &context)?, count)))
}

fn of_answer(answer: &Answer<'_>) -> Vec<(String, String)> {
    let Some(source) = answer.source.as_ref().filter(|s| s.metric.kind == MetricType::Histogram) else { return Vec::new() };
    let by: Vec<&str> = std::iter::once("job").chain(source.role("model")).collect();
    // A name has a level, a metric and what was done to it; the colons of a metric's own name would make more levels of it.
    let metric = source.metric.name.as_str();
    let stem = metric.replace(':', "_");
    let buckets = format!("{}_le:{stem}_bucket:sum_rate{WINDOW}", by.join("_"));
    let filter = braces(&source.filter);
    let mut rules = vec![(buckets.clone(), format!("sum by ({}, le) (rate({metric}_bucket{filter}[{WINDOW}]))", by.join(", ")))];
    for quantile in QUANTILES {
        let percent = decimal((quantile * 1000.0_f64).round() / 10.0).replace('.', "_");
        rules.push((
            format!("{}:{stem}:p{percent}_rate{WINDOW}", by.join("_")),
            format!("histogram_quantile({}, {buckets})", decimal(quantile)),
        ));
    }
    rules
}
