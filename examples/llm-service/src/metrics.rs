//! Every metric of the service, in one place.
//!
//! Labels are closed sets: the matched route and never the path, the status, an enum of reasons. What identifies a user or a request
//! goes into the log line of the request.

use std::sync::LazyLock;

use prometheus::{
    register_histogram, register_histogram_vec, register_int_counter, register_int_counter_vec, register_int_gauge, Histogram,
    HistogramVec, IntCounter, IntCounterVec, IntGauge,
};

/// Sub-second to two minutes, with the alert threshold of 2 s on a bound.
const LATENCY_SECONDS: &[f64] = &[0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 90.0, 120.0];

/// From one decoding step on a fast machine to a stall that a reader notices.
const TOKEN_SECONDS: &[f64] = &[0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.5, 1.0, 2.0];

/// Doubling, up to the longest answer that the service gives.
const LENGTH_TOKENS: &[f64] = &[1.0, 4.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0, 2048.0, 4096.0];

/// With the alert threshold of 0.05 USD on a bound.
const COST_USD: &[f64] = &[0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0];

/// Requests by matched route, method and status.
pub static HTTP_REQUESTS: LazyLock<IntCounterVec> = LazyLock::new(|| {
    register_int_counter_vec!("http_requests_total", "Requests answered, by matched route.", &["endpoint", "method", "status"])
        .expect("the name is registered once")
});

/// Generations that failed, also after the 200 of a stream was sent.
pub static GENERATION_ERRORS: LazyLock<IntCounterVec> = LazyLock::new(|| {
    register_int_counter_vec!("llm_generation_errors_total", "Generations that failed, by reason.", &["reason"])
        .expect("the name is registered once")
});

/// Duration of whole requests, the answer included.
pub static REQUEST_DURATION: LazyLock<HistogramVec> = LazyLock::new(|| {
    register_histogram_vec!(
        "request_duration_seconds",
        "Time from the request to the end of its answer.",
        &["endpoint"],
        LATENCY_SECONDS.to_vec()
    )
    .expect("the name is registered once")
});

/// How long a user looks at an empty answer.
pub static TIME_TO_FIRST_TOKEN: LazyLock<Histogram> = LazyLock::new(|| {
    register_histogram!("time_to_first_token_seconds", "Time from the request to the first token of its answer.", LATENCY_SECONDS.to_vec())
        .expect("the name is registered once")
});

/// How smoothly an answer flows.
pub static INTER_TOKEN_LATENCY: LazyLock<Histogram> = LazyLock::new(|| {
    register_histogram!("inter_token_latency_seconds", "Time between two tokens of an answer.", TOKEN_SECONDS.to_vec())
        .expect("the name is registered once")
});

/// How long answers are.
pub static GENERATION_LENGTH: LazyLock<Histogram> = LazyLock::new(|| {
    register_histogram!("generation_length_tokens", "Tokens in an answer.", LENGTH_TOKENS.to_vec()).expect("the name is registered once")
});

/// Tokens read and written.
pub static TOKENS: LazyLock<IntCounterVec> = LazyLock::new(|| {
    register_int_counter_vec!("tokens_total", "Tokens processed, by kind: prompt or completion.", &["kind"])
        .expect("the name is registered once")
});

/// What a request cost.
pub static COST_PER_REQUEST: LazyLock<Histogram> = LazyLock::new(|| {
    register_histogram!("cost_per_request_usd", "Cost of a request in US dollars.", COST_USD.to_vec()).expect("the name is registered once")
});

/// What a thousand completion tokens of a request cost.
pub static COST_PER_1K_COMPLETION_TOKENS: LazyLock<Histogram> = LazyLock::new(|| {
    register_histogram!(
        "cost_per_1k_completion_tokens_usd",
        "Cost of a request in US dollars per thousand completion tokens.",
        COST_USD.to_vec()
    )
    .expect("the name is registered once")
});

/// Slots of the batch that work.
pub static BATCHER_ACTIVE_SLOTS: LazyLock<IntGauge> = LazyLock::new(|| {
    register_int_gauge!("llm_batcher_active_slots", "Slots of the batch that generate.").expect("the name is registered once")
});

/// Requests that wait for a slot.
pub static BATCHER_QUEUE_DEPTH: LazyLock<IntGauge> = LazyLock::new(|| {
    register_int_gauge!("llm_batcher_queue_depth", "Requests that wait for a slot of the batch.").expect("the name is registered once")
});

/// Requests that were turned away.
pub static BATCHER_ADMISSION_ERRORS: LazyLock<IntCounter> = LazyLock::new(|| {
    register_int_counter!("llm_batcher_admission_errors_total", "Requests that the batcher turned away because its queue was full.")
        .expect("the name is registered once")
});

/// Slots of the KV cache in use.
pub static KV_CACHE_SLOTS_USED: LazyLock<IntGauge> =
    LazyLock::new(|| register_int_gauge!("llm_kv_cache_slots_used", "Slots of the KV cache in use.").expect("the name is registered once"));

/// Sequences whose cache was thrown away.
pub static KV_CACHE_EVICTIONS: LazyLock<IntCounter> = LazyLock::new(|| {
    register_int_counter!("llm_kv_cache_evictions_total", "Sequences that were evicted from the KV cache and must be computed again.")
        .expect("the name is registered once")
});

/// Why a generation failed.
#[derive(Clone, Copy)]
pub enum FailureReason {
    /// The batcher's queue was full.
    Overloaded,
    /// The answer took too long.
    Timeout,
    /// The client went away.
    Cancelled,
}

impl FailureReason {
    /// The label value.
    pub fn as_str(self) -> &'static str {
        match self {
            FailureReason::Overloaded => "overloaded",
            FailureReason::Timeout => "timeout",
            FailureReason::Cancelled => "cancelled",
        }
    }
}

/// Makes the series of counters exist at 0, so that the first failure is an increase that `rate` can see.
pub fn init() {
    for reason in [FailureReason::Overloaded, FailureReason::Timeout, FailureReason::Cancelled] {
        GENERATION_ERRORS.with_label_values(&[reason.as_str()]);
    }
    TOKENS.with_label_values(&["prompt"]);
    TOKENS.with_label_values(&["completion"]);
    LazyLock::force(&BATCHER_ADMISSION_ERRORS);
    LazyLock::force(&KV_CACHE_EVICTIONS);
}
