"""Metrics of the service."""

from prometheus_client import Counter, Gauge, Histogram, Summary

NAMESPACE = "chat"

# Mistakes: a raw path and a session as labels.
REQUESTS = Counter("http_requests", "Requests answered", ["path", "method", "status", "session_id"])

# Mistake: the client's default buckets end at 10 s.
TIME_TO_FIRST_TOKEN = Histogram("time_to_first_token_seconds", "Time from the request to the first token")

# Mistake: quantiles of a summary cannot be added up over instances.
GENERATION = Summary("generation_seconds", "Time of a generation", ["model"], namespace=NAMESPACE)

# Mistakes: milliseconds, and 500 stands before 250.
QUEUE_WAIT = Histogram("queue_wait_ms", "Time in the queue", buckets=[10, 50, 500, 250, 1000])

# Mistake: no help.
IN_FLIGHT = Gauge("in_flight_requests", "", namespace=NAMESPACE)

# Right in itself; an alert asks for more than the top bound.
DURATION = Histogram("request_duration_seconds", "Time from the request to the last token", buckets=[0.1, 0.5, 1, 2, 5, 10, 30])
