"""Every metric of the service, in one place.

Labels are closed sets: the matched route and never the path, the status, an enum of reasons. What identifies a user or a request
goes into the log line of the request.
"""

from enum import Enum

from prometheus_client import Counter, Gauge, Histogram

# Sub-second to two minutes, with the alert threshold of 2 s on a bound.
LATENCY_SECONDS = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 90, 120)

# From one decoding step on a fast machine to a stall that a reader notices.
TOKEN_SECONDS = (0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.5, 1, 2)

# Doubling, up to the longest answer that the service gives.
LENGTH_TOKENS = (1, 4, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096)

# With the alert threshold of 0.05 USD on a bound.
COST_USD = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5, 1, 2)


class FailureReason(str, Enum):
    """Why a generation failed."""

    OVERLOADED = "overloaded"
    TIMEOUT = "timeout"
    CANCELLED = "cancelled"


HTTP_REQUESTS = Counter("http_requests_total", "Requests answered, by matched route.", ["endpoint", "method", "status"])
GENERATION_ERRORS = Counter(
    "llm_generation_errors_total",
    "Generations that failed, by reason, also after the 200 of a stream was sent.",
    ["reason"],
)
REQUEST_DURATION = Histogram(
    "request_duration_seconds",
    "Time from the request to the end of its answer.",
    ["endpoint"],
    buckets=LATENCY_SECONDS,
)
TIME_TO_FIRST_TOKEN = Histogram(
    "time_to_first_token_seconds",
    "Time from the request to the first token of its answer.",
    buckets=LATENCY_SECONDS,
)
INTER_TOKEN_LATENCY = Histogram("inter_token_latency_seconds", "Time between two tokens of an answer.", buckets=TOKEN_SECONDS)
GENERATION_LENGTH = Histogram("generation_length_tokens", "Tokens in an answer.", buckets=LENGTH_TOKENS)
TOKENS = Counter("tokens_total", "Tokens processed, by kind: prompt or completion.", ["kind"])
COST_PER_REQUEST = Histogram("cost_per_request_usd", "Cost of a request in US dollars.", buckets=COST_USD)
COST_PER_1K_COMPLETION_TOKENS = Histogram(
    "cost_per_1k_completion_tokens_usd",
    "Cost of a request in US dollars per thousand completion tokens.",
    buckets=COST_USD,
)
BATCHER_ACTIVE_SLOTS = Gauge("llm_batcher_active_slots", "Slots of the batch that generate.")
BATCHER_QUEUE_DEPTH = Gauge("llm_batcher_queue_depth", "Requests that wait for a slot of the batch.")
BATCHER_ADMISSION_ERRORS = Counter(
    "llm_batcher_admission_errors_total",
    "Requests that the batcher turned away because its queue was full.",
)
KV_CACHE_SLOTS_USED = Gauge("llm_kv_cache_slots_used", "Slots of the KV cache in use.")
KV_CACHE_EVICTIONS = Counter(
    "llm_kv_cache_evictions_total",
    "Sequences that were evicted from the KV cache and must be computed again.",
)


def init() -> None:
    """Makes the series of counters exist at 0, so that the first failure is an increase that `rate` can see."""
    for reason in FailureReason:
        GENERATION_ERRORS.labels(reason.value)
    for kind in ("prompt", "completion"):
        TOKENS.labels(kind=kind)
