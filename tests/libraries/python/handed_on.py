"""Classes and labels that are decided elsewhere: by a caller, a table, a loop over one of several lists."""

from enum import Enum

import prometheus_client
from prometheus_client import Counter, Gauge, Histogram

REASON = "reason"
OVERRIDES = None


class Label(Enum):
    MODEL = "model"
    REASON = REASON


def pick(role, default):
    if not OVERRIDES:
        return default
    return OVERRIDES.get(role, default)


class Collector:
    _counter_cls = prometheus_client.Counter

    def __init__(self, labels, diffusion):
        self.depth = Gauge("jobs_depth", "Depth", labelnames=labels.keys())
        if diffusion:
            specs = [("steps", "Steps")]
        else:
            specs = [("drafts", "Drafts"), ("accepted", "Accepted")]
        self.all = [self._counter_cls(name=name, documentation=text, labelnames=list(labels)) for name, text in specs]
        self.failed = Counter("jobs_failed", "Failed", [Label.MODEL.value, Label.REASON.value])

    @classmethod
    def build(cls, priority):
        labels = {"model": "m", "rank": 0}
        if priority is not None:
            labels["priority"] = priority
        chosen = pick("scheduler", cls)
        return chosen(labels=labels, diffusion=False)


def walk(labelnames, children):
    for child in children:
        walk(labelnames, child)
    return Histogram("walk_seconds", "Walk", labelnames, buckets=(0.1, 1))


def begin(children):
    return walk(["kind"], children)
