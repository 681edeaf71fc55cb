//! Durations, as the seconds that they are.

/// What `Duration::from_millis(n)` and the like make, in seconds.
pub(super) fn made(maker: &str, n: f64) -> Option<f64> {
    Some(match maker {
        "from_secs" | "from_secs_f64" | "from_secs_f32" => n,
        "from_millis" => n / 1e3,
        "from_micros" => n / 1e6,
        "from_nanos" => n / 1e9,
        "from_mins" => n * 60.0,
        "from_hours" => n * 3600.0,
        _ => return None,
    })
}

/// What a method says of so many seconds.
pub(super) fn told(method: &str, seconds: f64) -> Option<f64> {
    // Whole units, but for what the division left.
    let whole = |n: f64| if (n - n.round()).abs() < 1e-6 { n.round() } else { n.floor() };
    Some(match method {
        "as_secs_f64" | "as_secs_f32" => seconds,
        "as_millis_f64" | "as_millis_f32" => seconds * 1e3,
        "as_secs" => whole(seconds),
        "as_millis" => whole(seconds * 1e3),
        "as_micros" => whole(seconds * 1e6),
        "as_nanos" => whole(seconds * 1e9),
        _ => return None,
    })
}
