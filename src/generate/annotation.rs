//! Prometheus' annotation templates, rendered: a rule test compares the rendered text exactly.
//!
//! Only the forms that our alert templates use; anything else is an error that names the form, so that a test never expects a
//! text that was guessed.

use super::number::{decimal, general4};

/// Renders `template` for an alert with these labels and this value.
pub(crate) fn render(template: &str, labels: &[(String, String)], value: f64) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((action, tail)) = after.split_once("}}") else { return Err(format!("`{{{{` without an end in `{template}`")) };
        out.push_str(before);
        out.push_str(&evaluate(action.trim(), labels, value)?);
        rest = tail;
    }
    out.push_str(rest);
    Ok(out)
}

/// The template as people read it where there is no alert: labels by their names.
pub(crate) fn plain(template: &str) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((action, tail)) = after.split_once("}}") else { break };
        out.push_str(before);
        match action.trim().strip_prefix("$labels.") {
            Some(label) => out.push_str(&format!("`{label}`")),
            None => out.push('…'),
        }
        rest = tail;
    }
    out.push_str(rest);
    out
}

/// Renders `template` and makes sure that noise in the last bits of the value cannot change the text.
pub(crate) fn render_stable(template: &str, labels: &[(String, String)], value: f64) -> Result<Option<String>, String> {
    let text = render(template, labels, value)?;
    let noise = 1e-9;
    let stable = render(template, labels, value * (1.0 - noise))? == text && render(template, labels, value * (1.0 + noise))? == text;
    Ok(stable.then_some(text))
}

fn evaluate(action: &str, labels: &[(String, String)], value: f64) -> Result<String, String> {
    let words: Vec<&str> = action.split_whitespace().collect();
    match words.as_slice() {
        ["$value"] => Ok(decimal(value)),
        ["$value", "|", "humanizePercentage"] => Ok(format!("{}%", general4(value * 100.0))),
        ["$value", "|", "humanizeDuration"] => Ok(humanize_duration(value)),
        ["printf", format, "$value"] => printf(format, value).ok_or_else(|| format!("a rule test cannot render `{format}`")),
        [label] => match label.strip_prefix("$labels.") {
            // Go's templates print nothing for a label that is not there.
            Some(name) => Ok(labels.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone()).unwrap_or_default()),
            None => Err(format!("a rule test cannot render `{action}`")),
        },
        _ => Err(format!("a rule test cannot render `{action}`")),
    }
}

fn printf(format: &str, value: f64) -> Option<String> {
    let inner = format.strip_prefix('"')?.strip_suffix('"')?;
    if inner == "%.4g" {
        return Some(general4(value));
    }
    let decimals: usize = inner.strip_prefix("%.")?.strip_suffix('f')?.parse().ok()?;
    (decimals <= 12).then(|| format!("{value:.decimals$}"))
}

fn humanize_duration(value: f64) -> String {
    let magnitude = value.abs();
    if (60.0..1e15).contains(&magnitude) {
        let sign = if value < 0.0 { "-" } else { "" };
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be positive and below 1e15")]
        let whole = magnitude as u64;
        let (days, hours, minutes, seconds) = (whole / 86_400, whole / 3600 % 24, whole / 60 % 60, whole % 60);
        return match (days, hours) {
            (0, 0) => format!("{sign}{minutes}m {seconds}s"),
            (0, _) => format!("{sign}{hours}h {minutes}m {seconds}s"),
            _ => format!("{sign}{days}d {hours}h {minutes}m {seconds}s"),
        };
    }
    if magnitude >= 1.0 || value == 0.0 {
        return format!("{}s", general4(value));
    }
    let mut scaled = value;
    let mut prefix = "";
    for p in ["m", "u", "n", "p", "f", "a", "z", "y"] {
        if scaled.abs() >= 1.0 {
            break;
        }
        prefix = p;
        scaled *= 1000.0;
    }
    format!("{}{prefix}s", general4(scaled))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renders_what_prometheus_renders() {
        let labels = [("job".to_owned(), "api".to_owned())];
        let text = |template| render(template, &labels, 0.012).expect("a known form");
        assert_eq!(text("{{ $labels.job }}: {{ $value | humanizePercentage }}"), "api: 1.2%");
        assert_eq!(text("{{ $value | humanizeDuration }}"), "12ms");
        assert_eq!(text("{{ printf \"%.3f\" $value }}{{ $labels.none }}"), "0.012");
        assert_eq!(humanize_duration(2.5), "2.5s");
        assert_eq!(humanize_duration(90.5), "1m 30s");
    }

    #[test]
    fn an_unknown_form_is_an_error_and_noise_is_noticed() {
        assert!(render("{{ $value | humanize1024 }}", &[], 1.0).is_err());
        assert!(render("{{ $value", &[], 1.0).is_err());
        assert_eq!(render_stable("{{ printf \"%.0f\" $value }}", &[], 2.5), Ok(None));
    }
}
