//! From a bound signal to an alert: which form it takes, and why it is left out where it could never be right.

use std::collections::BTreeMap;

use minijinja::Value;
use serde::Deserialize;

use super::Unanswered;
use super::facts::{Answer, Facts};
use super::inputs::CaseTemplate;
use super::number::{decimal, duration, le_regex};
use super::source::{Matcher, Source, braces};
use super::template::{TemplateError, Templates};
use crate::knowledge::plan::{AlertForm, AlertSpec};
use crate::knowledge::signals::{self, is_failure};
use crate::knowledge::vocab;
use crate::model::{BoundKind, Buckets, Metric};

/// What an alert compares, with all that its tests need.
pub(crate) enum Shape {
    /// The share of events whose status is a failure.
    Ratio,
    /// A quantile; the bound at `at` is the threshold, and there is one above it.
    Quantile {
        /// Finite bounds, rising.
        bounds: Vec<f64>,
        /// Index of the threshold.
        at: usize,
    },
    /// The share of events above the bound at `at`.
    Share {
        /// Finite bounds, rising.
        bounds: Vec<f64>,
        /// Index of the bound.
        at: usize,
    },
}

/// One alert before it is rendered.
pub(crate) struct Plan<'a> {
    pub(crate) spec: &'static AlertSpec,
    pub(crate) answer: &'a Answer<'a>,
    pub(crate) source: &'a Source,
    pub(crate) shape: Shape,
    /// What the expression compares with: the threshold, or the share that may lie above a bound.
    pub(crate) threshold: f64,
    template: String,
    context: BTreeMap<&'static str, Value>,
}

/// One alert as the rule file holds it.
pub(crate) struct Alert {
    pub(crate) name: String,
    pub(crate) comment: String,
    pub(crate) expr: String,
    pub(crate) hold: String,
    pub(crate) labels: Vec<(String, String)>,
    pub(crate) annotations: Vec<(String, String)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AlertTemplate {
    alert: String,
    #[serde(default)]
    comment: String,
    expr: String,
    #[serde(rename = "for")]
    hold: String,
    #[serde(default)]
    labels: serde_yaml::Mapping,
    #[serde(default)]
    annotations: serde_yaml::Mapping,
    /// Names for expressions, each of which may use those before it.
    #[serde(default)]
    pub(crate) vars: serde_yaml::Mapping,
    /// The cases that prove it, where its form does not decide them.
    #[serde(default)]
    pub(crate) cases: Vec<CaseTemplate>,
}

/// Reads an alert's template.
pub(crate) fn parse(name: &str, templates: &Templates<'_>) -> Result<AlertTemplate, TemplateError> {
    serde_yaml::from_str(templates.source(name)?).map_err(|e| TemplateError::new(name, e.to_string()))
}

/// Renders an alert's template.
pub(crate) fn render(parsed: &AlertTemplate, name: &str, templates: &Templates<'_>, context: &Value) -> Result<Alert, TemplateError> {
    let text = |source: &str| templates.text(name, source, context).map(|t| t.trim().to_owned());
    let pairs = |mapping: &serde_yaml::Mapping| -> Result<Vec<(String, String)>, TemplateError> {
        mapping
            .iter()
            .map(|(key, value)| match (key.as_str(), value.as_str()) {
                (Some(key), Some(value)) => Ok((key.to_owned(), text(value)?)),
                _ => Err(TemplateError::new(name, "labels and annotations must be strings")),
            })
            .collect()
    };
    Ok(Alert {
        name: text(&parsed.alert)?,
        comment: text(&parsed.comment)?,
        expr: text(&parsed.expr)?,
        hold: text(&parsed.hold)?,
        labels: pairs(&parsed.labels)?,
        annotations: pairs(&parsed.annotations)?,
    })
}

impl Plan<'_> {
    /// Labels that the aggregation keeps.
    pub(crate) fn by(&self) -> Vec<&str> {
        std::iter::once("job").chain(self.source.role("model")).collect()
    }

    /// Renders the alert's template.
    pub(crate) fn render(&self, templates: &Templates<'_>) -> Result<Alert, TemplateError> {
        let name = self.template.as_str();
        render(&parse(name, templates)?, name, templates, &Value::from(self.context.clone()))
    }
}

/// Plans one alert, or says why there is none.
pub(crate) fn plan<'a>(spec: &'static AlertSpec, facts: &'a Facts<'_>) -> Result<Plan<'a>, Unanswered> {
    let no = |reason: String| Unanswered { what: spec.name.clone(), signal: spec.signal.clone(), reason };
    let answer = facts.answers.get(spec.signal.as_str()).ok_or_else(|| no(facts.why_missing(&spec.signal)))?;
    let source = answer.source.as_ref().ok_or_else(|| no("a system answers it with several metrics, or with a stand-in".to_owned()))?;
    let metric = &source.metric;
    let threshold = facts.threshold(&spec.threshold).filter(|t| t.is_finite() && *t > 0.0);
    let threshold = threshold.ok_or_else(|| no(format!("the threshold {} must be a number above 0", spec.threshold)))?;

    let mut context = BTreeMap::from([
        ("name", Value::from(spec.name.as_str())),
        ("metric", Value::from(metric.name.as_str())),
        ("window", Value::from(duration(spec.window))),
        ("hold", Value::from(duration(spec.hold))),
        ("guard", Value::from(spec.guard)),
        ("quantile", Value::from(spec.quantile)),
        ("threshold", Value::from(threshold)),
        ("model", source.role("model").map_or(Value::from(()), Value::from)),
        ("filter", Value::from(braces(&source.filter))),
        ("filters", Value::from(source.filter.iter().map(|m| format!(",{}", m.text())).collect::<String>())),
        ("note", Value::from("")),
    ]);
    let (shape, form, threshold) = match spec.form {
        AlertForm::Ratio => {
            ratio(source, threshold, &mut context).map_err(no)?;
            (Shape::Ratio, "", threshold)
        }
        // Its template says all, and `inputs` reads it.
        AlertForm::Inputs => return Err(no("its template has no fixed form".to_owned())),
        AlertForm::Quantile => {
            unit(answer, metric).map_err(no)?;
            let (shape, note) = histogram(answer, metric, threshold).map_err(no)?;
            context.insert("note", Value::from(note));
            match shape {
                Shape::Share { ref bounds, at } => {
                    let bound = bounds.get(at).copied().unwrap_or(threshold);
                    // Subtraction leaves noise: 1 - 0.95 is 0.05000000000000004.
                    let share = ((1.0 - spec.quantile) * 1e9).round() / 1e9;
                    context.insert("bound", Value::from(bound));
                    context.insert("le", Value::from(le_regex(bound).replace('\\', "\\\\")));
                    context.insert("share", Value::from(share));
                    (shape, ".share", share)
                }
                other => (other, ".quantile", threshold),
            }
        }
    };
    let mut plan = Plan { spec, answer, source, shape, threshold, template: format!("alerts/{}{form}.yaml", spec.id), context };
    let by = plan.by().join(", ");
    plan.context.insert("by", Value::from(by));
    Ok(plan)
}

fn ratio(source: &Source, threshold: f64, context: &mut BTreeMap<&'static str, Value>) -> Result<(), String> {
    if threshold >= 1.0 {
        return Err(format!("a share of {} can never be exceeded; write 1 % as 0.01", decimal(threshold)));
    }
    let Some(Matcher { label, value: failure, .. }) = source.bad.first() else {
        return Err(format!("`{}` has no status label", source.metric.name));
    };
    if let Some(bound) = source.metric.label(label).map(|l| &l.bound)
        && matches!(bound.kind, BoundKind::Values | BoundKind::Enum | BoundKind::Policy)
        && !bound.values.is_empty()
        && !bound.values.iter().any(|v| is_failure(failure, v))
    {
        return Err(format!("no value of `{label}` matches `{failure}`: it takes {}; the alert could never fire", bound.values.join(", ")));
    }
    // Words say that it failed, and not whose fault that was.
    let codes = signals::all().iter().flat_map(|s| &s.roles).filter_map(|r| r.label(label)?.failure.as_deref());
    context.insert("words", Value::from(source.system.is_none() && codes.into_iter().all(|codes| codes != failure)));
    context.insert("bad", Value::from(braces(source.bad.iter().chain(&source.filter))));
    Ok(())
}

/// The threshold and the metric must speak of the same unit.
fn unit(answer: &Answer<'_>, metric: &Metric) -> Result<(), String> {
    let Some(wanted) = answer.signal.unit.as_deref() else { return Ok(()) };
    let of_name = metric.name.rsplit('_').next();
    let word = [metric.unit.as_deref(), of_name].into_iter().flatten().find_map(|w| vocab::units().units.iter().find(|u| u.name == w));
    match word {
        Some(unit) if unit.name != wanted => {
            Err(format!("`{}` is in {}, and the threshold is in {wanted}; expose it in {wanted}", metric.name, unit.name))
        }
        _ => Ok(()),
    }
}

/// The form that a threshold takes with these bounds, and a note on why.
fn histogram(answer: &Answer<'_>, metric: &Metric, threshold: f64) -> Result<(Shape, String), String> {
    let Buckets::Known { bounds, .. } = &metric.buckets else {
        let bounds = assumed_bounds(answer, threshold);
        let at = bounds.partition_point(|b| *b < threshold);
        let note = format!(
            "The bounds of {} are decided at run time. The quantile is exact only where {} is one of them, and it can fire only where a larger one exists.",
            metric.name,
            decimal(threshold)
        );
        return Ok((Shape::Quantile { bounds, at }, note));
    };
    let mut bounds: Vec<f64> = bounds.iter().copied().filter(|b| b.is_finite()).collect();
    bounds.sort_by(f64::total_cmp);
    bounds.dedup();
    let at = bounds.partition_point(|b| *b < threshold);
    let Some(&bound) = bounds.get(at) else {
        let top = bounds.last().map_or_else(|| "it has none".to_owned(), |b| format!("the largest is {}", decimal(*b)));
        return Err(format!(
            "no finite bound of `{}` reaches {} ({top}), so the alert could never fire; add the bounds {} and one above it",
            metric.name,
            decimal(threshold),
            decimal(threshold)
        ));
    };
    // Bounds come from source text: equal means the same number was written.
    #[allow(clippy::float_cmp, reason = "the same decimal parses to the same bits")]
    if bound != threshold {
        let note = format!(
            "{} is no bound of {}: a quantile would be interpolated from {} to {} and could pass the threshold with no event above it. This is the exact form of the same question at the next bound.",
            decimal(threshold),
            metric.name,
            at.checked_sub(1).and_then(|i| bounds.get(i)).map_or_else(|| "0".to_owned(), |b| decimal(*b)),
            decimal(bound)
        );
        return Ok((Shape::Share { bounds, at }, note));
    }
    if at + 1 == bounds.len() {
        let note = format!(
            "{} is the largest bound of {}: a quantile never passes it. This is the exact form of the same question.",
            decimal(threshold),
            metric.name
        );
        return Ok((Shape::Share { bounds, at }, note));
    }
    Ok((Shape::Quantile { bounds, at }, String::new()))
}

/// Bounds for the tests of a histogram whose own are not known: the recommended ones, with the threshold and one above it.
fn assumed_bounds(answer: &Answer<'_>, threshold: f64) -> Vec<f64> {
    let layout = answer.signal.buckets.as_deref().and_then(|name| vocab::buckets().layout(name)).unwrap_or_default();
    let mut bounds = layout.to_vec();
    bounds.push(threshold);
    if bounds.iter().all(|b| *b <= threshold) {
        bounds.push(threshold * 2.0);
    }
    bounds.sort_by(f64::total_cmp);
    bounds.dedup();
    bounds
}
