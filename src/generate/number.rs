//! Numbers as PromQL, Prometheus' templates and test files write them.

/// A number without an exponent and without noise: `0.05`, `2`.
pub(crate) fn decimal(value: f64) -> String {
    format!("{value}")
}

/// Seconds as a Prometheus duration: `90` is `1m30s`.
pub(crate) fn duration(seconds: u32) -> String {
    let mut out = String::new();
    for (unit, size) in [("h", 3600), ("m", 60), ("s", 1)] {
        let count = match unit {
            "h" => seconds / size,
            _ => seconds % (size * 60) / size,
        };
        if count > 0 {
            out.push_str(&format!("{count}{unit}"));
        }
    }
    if out.is_empty() { "0s".to_owned() } else { out }
}

/// Regular expression of the texts that stand for this bound in `le`: Prometheus 2 keeps what was exposed (`2` or `2.0`),
/// Prometheus 3 writes `2.0`; small and large bounds may come with an exponent.
pub(crate) fn le_regex(bound: f64) -> String {
    let text = decimal(bound);
    let plain = text.replace('.', "\\.");
    let mut forms = vec![if text.contains('.') { plain } else { format!("{plain}(\\.0)?") }];
    if bound != 0.0 && (bound.abs() < 1e-4 || bound.abs() >= 1e16) {
        let scientific = format!("{bound:e}");
        if let Some((mantissa, exponent)) = scientific.split_once('e') {
            let (sign, digits) = exponent.strip_prefix('-').map_or(("\\+", exponent), |d| ("-", d));
            forms.push(format!("{}e{sign}{digits:0>2}", mantissa.replace('.', "\\.")));
        }
    }
    forms.join("|")
}

/// C's `%.4g`, which is what Prometheus' humanize functions end in.
pub(crate) fn general4(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return if value.is_nan() { "NaN".into() } else { format!("{value}").replace("inf", "+Inf").replace("-+", "-") };
    }
    let scientific = format!("{value:.3e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if !(-4..4).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{}e{sign}{:02}", strip_zeros(mantissa), exponent.abs());
    }
    let decimals = usize::try_from(3 - exponent).unwrap_or(0);
    strip_zeros(&format!("{value:.decimals$}")).to_owned()
}

fn strip_zeros(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_people_write_them() {
        assert_eq!(duration(300), "5m");
        assert_eq!(duration(330), "5m30s");
        assert_eq!(duration(3600), "1h");
        assert_eq!(duration(3615), "1h15s");
        assert_eq!(duration(0), "0s");
    }

    #[test]
    fn le_matches_every_form_of_a_bound() {
        assert_eq!(le_regex(2.5), r"2\.5");
        assert_eq!(le_regex(2.0), r"2(\.0)?");
        assert_eq!(le_regex(0.00001), r"0\.00001|1e-05");
    }

    #[test]
    fn four_significant_digits() {
        for (value, text) in [(1.2, "1.2"), (100.0, "100"), (2.4999999999999996, "2.5"), (12345.0, "1.234e+04"), (0.00001, "1e-05"), (99999.0, "1e+05")] {
            assert_eq!(general4(value), text);
        }
    }
}
