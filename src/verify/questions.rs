//! Which selectors of alerts, recording rules, panels and variables must have data, and why one has none.

use std::collections::BTreeMap;

use super::prometheus::{Found, Prometheus, PrometheusError};
use crate::model::{Consumer, ConsumerKind, Inventory};
use crate::promql::{BinaryOp, Expr, ExprKind, MatchOp, Matcher, Query, full_match};
use crate::source::Location;

/// One selector and who reads it.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The selector as it is asked: a variable in a matcher stands for any value.
    pub selector: String,
    /// The metric; `None` where only matchers select.
    pub metric: Option<String>,
    matchers: Vec<Matcher>,
    /// Who reads it, by place.
    pub readers: Vec<Reader>,
}

/// A place that a selector stands at.
#[derive(Clone, Debug)]
pub struct Reader {
    /// Kind and name of the consumer, such as "alert `HighErrorRate`".
    pub what: String,
    /// The selector.
    pub location: Location,
    /// The consumer's number.
    consumer: usize,
}

/// All selectors, each once, and what cannot be asked.
#[derive(Clone, Debug, Default)]
pub struct Questions {
    /// The selectors, by text.
    pub asked: Vec<Asked>,
    /// Readers of metrics whose name a variable decides.
    pub unasked: Vec<Reader>,
    /// For each consumer what must have data.
    needs: BTreeMap<usize, Need>,
    recorded: BTreeMap<String, Location>,
}

/// What an expression needs to have a value.
#[derive(Clone, Debug, PartialEq)]
enum Need {
    /// Everything of these.
    All(Vec<Need>),
    /// One of these.
    Any(Vec<Need>),
    /// The selector of this text.
    Selector(String),
}

/// What a server says about one selector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// There are series.
    Data,
    /// There is none yet, which need not be wrong; the reason.
    NotYet(String),
    /// There is none, and there will be none; the reason.
    Empty(String),
}

/// Collects the selectors of all consumers.
pub fn questions(queries: &[Query], consumers: &[Consumer]) -> Questions {
    let mut all = Questions::default();
    let mut asked: BTreeMap<String, Asked> = BTreeMap::new();
    for query in queries {
        let Some(consumer) = consumers.get(query.consumer) else { continue };
        if matches!(consumer.kind, ConsumerKind::Record(_)) {
            all.recorded.entry(consumer.name.clone()).or_insert_with(|| consumer.location.clone());
        }
        let what = format!("{} `{}`", consumer.kind.noun(), consumer.name);
        let mut take = |expr: &Expr| -> Option<Need> {
            let ExprKind::Vector(vector) = &expr.kind else { return None };
            let reader = Reader { what: what.clone(), location: consumer.query.locate(expr.span), consumer: query.consumer };
            let metric = vector.name.as_ref();
            if metric.is_some_and(|m| m.variable) || vector.matchers.iter().any(|m| m.label.name == "__name__" && m.variable) {
                all.unasked.push(reader);
                return None;
            }
            let metric = metric.map(|m| m.name.clone());
            let matchers: Vec<Matcher> = vector.matchers.iter().filter(|m| !m.label.variable).filter_map(settled).collect();
            let text = selector(metric.as_deref(), &matchers)?;
            let entry =
                asked.entry(text.clone()).or_insert_with(|| Asked { selector: text.clone(), metric, matchers, readers: Vec::new() });
            entry.readers.push(reader);
            Some(Need::Selector(text))
        };
        if let Some(need) = need(&query.tree, &mut take) {
            all.needs.insert(query.consumer, need);
        }
    }
    all.asked = asked.into_values().collect();
    all
}

/// The matcher that is asked: one whose value a variable decides lets everything through. Where only equality will do, the label
/// must be there.
fn settled(matcher: &Matcher) -> Option<Matcher> {
    match (matcher.variable, matcher.op) {
        (false, _) => Some(matcher.clone()),
        (true, MatchOp::Equal) => Some(Matcher { op: MatchOp::NotEqual, value: String::new(), variable: false, ..matcher.clone() }),
        (true, _) => None,
    }
}

/// What an expression needs; `None` for nothing. Selectors are told to `take`, which says whether one can be asked for.
fn need(expr: &Expr, take: &mut dyn FnMut(&Expr) -> Option<Need>) -> Option<Need> {
    match &expr.kind {
        ExprKind::Vector(_) => take(expr),
        ExprKind::Binary(b) => {
            let sides: Vec<Need> = [&b.lhs, &b.rhs].into_iter().filter_map(|side| need(side, take)).collect();
            match b.op {
                // `… or vector(0)` does not make the other side superfluous.
                BinaryOp::Or => (!sides.is_empty()).then_some(Need::Any(sides)),
                // What is taken away may be nothing.
                BinaryOp::Unless => sides.into_iter().next(),
                _ => all(sides),
            }
        }
        _ => all(expr.children().into_iter().filter_map(|child| need(child, take)).collect()),
    }
}

fn all(parts: Vec<Need>) -> Option<Need> {
    (!parts.is_empty()).then_some(Need::All(parts))
}

impl Need {
    /// Whether there is data, by what is known of each selector.
    fn met(&self, has: &dyn Fn(&str) -> bool) -> bool {
        match self {
            Need::All(parts) => parts.iter().all(|p| p.met(has)),
            Need::Any(parts) => parts.iter().any(|p| p.met(has)),
            Need::Selector(text) => has(text),
        }
    }

    /// Whether a selector without data stands in the way, given which ones have some.
    fn lacks(&self, selector: &str, has: &dyn Fn(&str) -> bool) -> bool {
        match self {
            Need::All(parts) => parts.iter().any(|p| p.lacks(selector, has)),
            Need::Any(parts) => !parts.iter().any(|p| p.met(has)) && parts.iter().any(|p| p.lacks(selector, has)),
            Need::Selector(text) => text == selector && !has(text),
        }
    }
}

impl Questions {
    /// The readers that have no value because a selector has no data; `has` says which selectors have some.
    pub fn in_want<'a>(&self, asked: &'a Asked, has: &dyn Fn(&str) -> bool) -> Vec<&'a Reader> {
        let wants = |r: &&Reader| self.needs.get(&r.consumer).is_some_and(|need| need.lacks(&asked.selector, has));
        asked.readers.iter().filter(wants).collect()
    }

    /// Asks a server about one selector.
    ///
    /// # Errors
    /// A server that does not answer.
    pub fn ask(&self, asked: &Asked, inventory: &Inventory, server: &Prometheus) -> Result<Answer, PrometheusError> {
        match server.query(&format!("count({})", asked.selector))? {
            Found::Refused(why) => return Ok(Answer::Empty(format!("Prometheus refuses it: {why}"))),
            Found::Series(series) if !series.is_empty() => return Ok(Answer::Data),
            Found::Series(_) => {}
        }
        let any = |selector: &str| -> Result<bool, PrometheusError> {
            Ok(matches!(server.query(&format!("count({selector})"))?, Found::Series(series) if !series.is_empty()))
        };
        let name = asked.metric.as_deref();
        if let Some(name) = name
            && !any(&selector(Some(name), &[]).unwrap_or_default())?
        {
            return Ok(self.absent(name, inventory));
        }
        for matcher in &asked.matchers {
            let label = matcher.label.name.as_str();
            let there = Matcher { op: MatchOp::NotEqual, value: String::new(), ..matcher.clone() };
            let there = selector(name, std::slice::from_ref(&there)).filter(|_| wants_label(matcher));
            if let Some(there) = there
                && !any(&there)?
            {
                return Ok(Answer::Empty(format!("label absent: no series of it has `{label}`")));
            }
        }
        self.values(asked, server)
    }

    fn absent(&self, name: &str, inventory: &Inventory) -> Answer {
        if let Some(place) = self.recorded.get(name) {
            return Answer::NotYet(format!("metric absent: the rule in {} records it once this Prometheus has loaded it", place.path));
        }
        let family = ["_bucket", "_count", "_sum"].iter().find_map(|suffix| inventory.get(name.strip_suffix(suffix)?));
        match inventory.get(name).or(family) {
            Some(metric) if !metric.labels.is_empty() => Answer::NotYet(format!(
                "no samples yet: {} defines it with labels, so it appears with its first event",
                metric.location.path
            )),
            Some(metric) => Answer::Empty(format!("metric absent: {} defines it, but nothing exposes it here", metric.location.path)),
            None => Answer::Empty("metric absent: this Prometheus has no series of this name".to_owned()),
        }
    }

    /// The metric and all its labels are there, but no series has these values: says which there are.
    fn values(&self, asked: &Asked, server: &Prometheus) -> Result<Answer, PrometheusError> {
        let name = asked.metric.as_deref();
        for matcher in asked.matchers.iter().filter(|m| wants_label(m)) {
            let label = matcher.label.name.as_str();
            let Some(alone) = selector(name, std::slice::from_ref(matcher)) else { continue };
            if matches!(server.query(&format!("count({alone})"))?, Found::Series(s) if !s.is_empty()) {
                continue;
            }
            let there = selector(name, &[]).map(|s| format!("count by ({label}) ({s})"));
            let found = there.map_or(Ok(Found::Series(Vec::new())), |q| server.query(&q))?;
            let Found::Series(series) = found else { continue };
            let mut values: Vec<&str> = series.iter().flatten().filter(|(l, _)| l == label).map(|(_, v)| v.as_str()).collect();
            if label == "le" {
                values.sort_by(|a, b| a.parse().unwrap_or(f64::INFINITY).total_cmp(&b.parse().unwrap_or(f64::INFINITY)));
                return Ok(Answer::Empty(format!("bucket absent: its bounds are {}", listed(&values))));
            }
            values.sort_unstable();
            return Ok(Answer::NotYet(format!("no samples yet: `{label}` has {}", listed(&values))));
        }
        Ok(Answer::NotYet("no samples yet: no series has all of these labels".to_owned()))
    }
}

/// Whether a matcher lets only series through that have the label.
fn wants_label(matcher: &Matcher) -> bool {
    match matcher.op {
        MatchOp::Equal => !matcher.value.is_empty(),
        MatchOp::NotEqual => matcher.value.is_empty(),
        MatchOp::Regex => full_match(&matcher.value, &[String::new()]) == Some(false),
        MatchOp::NotRegex => false,
    }
}

/// A handful of values, and how many more there are.
fn listed(values: &[&str]) -> String {
    let more = values.len().saturating_sub(8);
    let shown: Vec<String> = values.iter().take(8).map(|v| format!("`{v}`")).collect();
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!("{}{more}", shown.join(", "))
}

/// A selector as PromQL writes it; `None` where nothing would select.
fn selector(name: Option<&str>, matchers: &[Matcher]) -> Option<String> {
    if name.is_none() && matchers.is_empty() {
        return None;
    }
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"));
    let one = |m: &Matcher| {
        let op = match m.op {
            MatchOp::Equal => "=",
            MatchOp::NotEqual => "!=",
            MatchOp::Regex => "=~",
            MatchOp::NotRegex => "!~",
        };
        format!("{}{op}{}", m.label.name, quoted(&m.value))
    };
    let list: Vec<String> = matchers.iter().map(one).collect();
    let braces = if list.is_empty() { String::new() } else { format!("{{{}}}", list.join(",")) };
    Some(format!("{}{braces}", name.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::{Alert, Dialect, Prose, QueryText};
    use crate::promql::{queries, read_query};
    use crate::source::{Scalar, Span};

    fn of(query: &str) -> Questions {
        let path: Arc<str> = Arc::from("a.yml");
        let kind = ConsumerKind::Alert(Alert::default());
        let text = QueryText { path: Arc::clone(&path), scalar: Scalar::verbatim(query, 0), dialect: Dialect::Grafana };
        let consumers = [Consumer {
            name: "A".into(),
            location: Location::new(&path, Span::new(0, 1)),
            kind,
            query: text,
            prose: Prose::default(),
            board: None,
        }];
        let readings = consumers.iter().map(read_query).collect();
        questions(&queries(&consumers, readings, &std::collections::BTreeSet::new(), &|| false).0, &consumers)
    }

    fn in_want(query: &str, with_data: &[&str]) -> Vec<String> {
        let questions = of(query);
        let has = |s: &str| with_data.contains(&s);
        let lacking = questions.asked.iter().filter(|a| !questions.in_want(a, &has).is_empty());
        lacking.map(|a| a.selector.clone()).collect()
    }

    #[test]
    fn what_may_be_empty_is_no_want() {
        assert_eq!(in_want("a > 1 and b", &["a"]), ["b"]);
        assert_eq!(in_want("a unless b", &["a"]), [""; 0]);
        assert_eq!(in_want("sum(a) or sum(b)", &["b"]), [""; 0]);
        assert_eq!(in_want("(sum(a) or sum(b)) / c", &["c"]), ["a", "b"]);
        assert_eq!(in_want("sum(rate(a[5m])) or vector(0)", &[]), ["a"]);
        assert_eq!(in_want("vector(1) or vector(0)", &[]), [""; 0]);
    }

    #[test]
    fn a_variable_lets_everything_through() {
        let asked = |query: &str| of(query).asked.into_iter().map(|a| a.selector).collect::<Vec<_>>();
        assert_eq!(asked(r#"x{job=~"$job",a="b\\"}"#), [r#"x{a="b\\"}"#]);
        assert_eq!(asked(r#"x{job="$job"}"#), [r#"x{job!=""}"#]);
        assert_eq!(asked("$metric{a=\"b\"}"), [""; 0]);
        assert_eq!(of("$metric{a=\"b\"}").unasked.len(), 1);
        assert_eq!(asked("rate(x[5m]) + rate(x[1h] offset 1d)"), ["x"]);
    }
}
