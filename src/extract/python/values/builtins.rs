//! What Python's own functions and methods make of known values.

use super::{Value, as_text};
use crate::source::Location;

/// A place in a list of this length: a negative one counts from the end.
pub(super) fn index(n: f64, length: usize) -> usize {
    let at = if n < 0.0 { length as f64 + n } else { n };
    at as usize
}

/// The part of a list that `from:to` takes, where both are written out.
pub(super) fn slice(items: &[Value], text: &str) -> Option<Value> {
    let (from, to) = text.split_once(':')?;
    let bound = |text: &str, otherwise: usize| match text.trim() {
        "" => Some(otherwise),
        number => Some(index(number.parse::<i32>().ok()?.into(), items.len()).min(items.len())),
    };
    let (from, to) = (bound(from, 0)?, bound(to, items.len())?);
    Some(Value::List(items.get(from..to).unwrap_or_default().to_vec(), true))
}

/// A list as `sorted`, `set` and the like give it.
pub(super) fn ordered(word: &str, mut items: Vec<Value>, all: bool) -> Value {
    let numbers: Option<Vec<f64>> = items.iter().map(|v| if let Value::Number(n) = v { Some(*n) } else { None }).collect();
    match word {
        "sorted" => {
            if let Some(mut numbers) = numbers {
                numbers.sort_by(f64::total_cmp);
                items = numbers.into_iter().map(Value::Number).collect();
            }
        }
        "set" | "frozenset" => {
            let mut once: Vec<Value> = Vec::new();
            for item in items {
                if !once.contains(&item) {
                    once.push(item);
                }
            }
            items = once;
        }
        "reversed" => items.reverse(),
        _ => {}
    }
    Value::List(items, all)
}

/// The numbers of a `range`.
pub(super) fn range(arguments: &[Value]) -> Value {
    let numbers: Option<Vec<i64>> = arguments.iter().map(|v| if let Value::Number(n) = v { Some(*n as i64) } else { None }).collect();
    let (start, end, step) = match numbers.as_deref() {
        Some([end]) => (0, *end, 1),
        Some([start, end]) => (*start, *end, 1),
        Some([start, end, step]) if *step != 0 => (*start, *end, *step),
        _ => return Value::Unknown("a range that is not known"),
    };
    let rounds = (end.saturating_sub(start)).checked_div(step).unwrap_or(0);
    if rounds > 1024 {
        return Value::Unknown("a long range");
    }
    let mut items = Vec::new();
    let mut at = start;
    while (step > 0 && at < end) || (step < 0 && at > end) {
        items.push(Value::Number(at as f64));
        at = at.saturating_add(step);
    }
    Value::List(items, true)
}

/// Elements of several lists side by side.
pub(super) fn zip(lists: &[Option<(Vec<Value>, bool)>]) -> Value {
    let Some(lists) = lists.iter().map(Option::as_ref).collect::<Option<Vec<_>>>() else {
        return Value::Unknown("a list that is not known");
    };
    let length = lists.iter().map(|(items, _)| items.len()).min().unwrap_or(0);
    let row = |i| Value::List(lists.iter().filter_map(|(items, _)| items.get(i).cloned()).collect(), true);
    Value::List((0..length).map(row).collect(), lists.iter().all(|(_, all)| *all))
}

/// A text with `%s` filled in.
pub(super) fn percent(text: &str, right: &Value, at: Location) -> Value {
    let values: Vec<&Value> = match right {
        Value::List(items, true) => items.iter().collect(),
        one => vec![one],
    };
    let mut parts = text.split("%s");
    let mut out = parts.next().unwrap_or("").to_owned();
    for (i, part) in parts.enumerate() {
        out.push_str(&values.get(i).and_then(|v| as_text(v)).unwrap_or_else(|| "*".to_owned()));
        out.push_str(part);
    }
    let known = !out.contains(['*', '%']);
    Value::Text { text: out.replace("%d", "*"), known, at }
}

/// What a method of a text gives; `*` for a part that is not known.
pub(super) fn text_method(text: &str, name: &str, arguments: &[Option<String>], named: &[(Value, Value)]) -> Option<String> {
    let first = arguments.first().and_then(Option::as_deref);
    Some(match name {
        "lower" => text.to_lowercase(),
        "upper" => text.to_uppercase(),
        "strip" => text.trim().to_owned(),
        "removesuffix" => text.strip_suffix(first?).unwrap_or(text).to_owned(),
        "removeprefix" => text.strip_prefix(first?).unwrap_or(text).to_owned(),
        "replace" => text.replace(first?, arguments.get(1)?.as_deref()?),
        "join" => arguments.iter().map(|a| a.as_deref().unwrap_or("*")).collect::<Vec<_>>().join(text),
        "format" => filled(text, arguments, named),
        _ => return None,
    })
}

fn filled(text: &str, arguments: &[Option<String>], named: &[(Value, Value)]) -> String {
    let (mut out, mut rest, mut next) = (String::new(), text, 0);
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((hole, after)) = after.split_once('}') else { break };
        let known = |value: &Value| as_text(value);
        let filling = match hole.parse::<usize>() {
            Ok(i) => arguments.get(i).cloned().flatten(),
            Err(_) if hole.is_empty() => {
                next += 1;
                arguments.get(next - 1).cloned().flatten()
            }
            Err(_) => named.iter().find(|(k, _)| as_text(k).as_deref() == Some(hole)).and_then(|(_, v)| known(v)),
        };
        out.push_str(filling.as_deref().unwrap_or("*"));
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Whether a list holds a value, where that is known.
pub(super) fn contains(list: &Value, value: &Value) -> Option<bool> {
    let keys: Vec<&Value> = match list {
        Value::List(items, true) => items.iter().collect(),
        Value::Dict(entries, true) => entries.iter().map(|(k, _)| k).collect(),
        _ => return None,
    };
    let plain = |v: &Value| matches!(v, Value::Text { known: true, .. } | Value::Number(_) | Value::Bool(_) | Value::None);
    (plain(value) && keys.iter().all(|k| plain(k))).then(|| keys.contains(&value))
}

/// A number as it is written.
pub(super) fn number(text: &str) -> Option<f64> {
    let text = text.replace('_', "");
    if let Some(hex) = text.strip_prefix("0x") {
        return u64::from_str_radix(hex, 16).ok().map(|n| n as f64);
    }
    text.parse().ok()
}
