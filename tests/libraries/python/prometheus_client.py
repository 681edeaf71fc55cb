"""The forms in which Python code defines metrics with prometheus_client."""

import prometheus_client
from prometheus_client import Counter as Count
from prometheus_client import Enum, Gauge, Histogram, Info, Summary
from prometheus_client.core import GaugeMetricFamily

from app.names import LABELS, PREFIX

BOUNDS = [0.1, 0.5, 1, 2, float("inf")]

REQUESTS = Count("app_requests", "Requests", ["method", "status"])
ERRORS = prometheus_client.Counter(name="errors_total", documentation="Errors", labelnames=("reason",), namespace="app")
SIZE = Histogram("size", "Size", unit="bytes", namespace="app", subsystem="http", buckets=BOUNDS)
PLAIN = Histogram(f"{PREFIX}_plain_seconds", "Plain " "and joined", labelnames=LABELS + ["kind"])
STATE = Enum("app_state", "State", states=["up", "down"])
BUILD = Info("app_build", "Build")
OLD = Summary("app_old_seconds", "Old")


class Metrics:
    _gauge_cls = Gauge
    names = {"running": "Running", "waiting": "Waiting"}

    def __init__(self, labels):
        for name, text in self.names.items():
            setattr(self, name, self._gauge_cls(f"app_{name}", text, labelnames=labels.keys()))
        self.depth = self.gauge("depth")
        self.free = self.gauge("free")

    def gauge(self, name):
        return self._gauge_cls("app_queue_" + name, "Queue", ["queue"])


def start(extended):
    labels = {"model": "m"}
    if extended:
        labels["rank"] = "0"
    return Metrics(labels)


def factory(cls):
    def make(*args, **kwargs):
        return cls(*args, **kwargs)

    return make


counter = factory(Count)
TOKENS = counter("app_tokens", "Tokens", labelnames=["kind"])
DOUBLING = Histogram("app_doubling", "Doubling", buckets=[2**i for i in range(4)])


class Collector:
    def collect(self):
        yield GaugeMetricFamily("app_temperature_celsius", "Temperature", labels=["sensor"])


def at_run_time(name):
    return Gauge(name, "Unknown")
