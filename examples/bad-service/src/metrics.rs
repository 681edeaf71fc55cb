//! Metrics of the HTTP front.

use std::sync::LazyLock;

use prometheus::{
    Histogram, HistogramOpts, IntCounterVec, register_histogram, register_int_counter_vec,
};

/// Mistakes: a raw path and a user id as labels.
pub static REQUESTS: LazyLock<IntCounterVec> = LazyLock::new(|| {
    register_int_counter_vec!(
        "http_requests_total",
        "Requests answered",
        &["request_path", "method", "status", "user_id"]
    )
    .expect("registered once")
});

/// Mistake: one series per prompt.
pub static PROMPTS: LazyLock<IntCounterVec> = LazyLock::new(|| {
    register_int_counter_vec!("prompts_total", "Prompts seen", &["prompt_hash"]).expect("registered once")
});

/// Mistake: the library's default buckets end at 10 s.
pub static TIME_TO_FIRST_TOKEN: LazyLock<Histogram> = LazyLock::new(|| {
    register_histogram!("time_to_first_token_seconds", "Time from the request to the first token").expect("registered once")
});

/// Right in itself; an alert asks for more than the top bound.
pub static DURATION: LazyLock<Histogram> = LazyLock::new(|| {
    let opts = HistogramOpts::new("request_duration_seconds", "Time from the request to the last token")
        .buckets(vec![0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0]);
    let histogram = Histogram::with_opts(opts).expect("valid options");
    prometheus::register(Box::new(histogram.clone())).expect("registered once");
    histogram
});

/// Mistake: a counter that does not end in `_total`.
pub static GENERATION_ERRORS: LazyLock<IntCounterVec> = LazyLock::new(|| {
    register_int_counter_vec!("llm_generation_errors", "Generations that failed", &["reason"]).expect("registered once")
});

/// Mistake: 2000 stands before 1000.
pub static TOKENS: LazyLock<Histogram> = LazyLock::new(|| {
    register_histogram!(
        "generation_length_tokens",
        "Tokens in an answer",
        vec![10.0, 50.0, 100.0, 500.0, 2000.0, 1000.0, 4000.0]
    )
    .expect("registered once")
});
