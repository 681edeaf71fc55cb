"""Types and definitions that depend on what something is, or on what a table holds."""

from dataclasses import dataclass
from enum import Enum

from prometheus_client import Counter, Gauge, Histogram


@dataclass
class Spec:
    text: str
    labelnames: tuple = ()


@dataclass
class CounterSpec(Spec):
    pass


@dataclass
class GaugeSpec(Spec):
    mode: str = "all"


@dataclass
class HistogramSpec(Spec):
    buckets: tuple = (1, 2)


SPECS = {
    "pages_moved": CounterSpec(text="Pages", labelnames=("tier",)),
    "pages_free": GaugeSpec(text="Free"),
    "move_seconds": HistogramSpec(text="Move", buckets=(0.1, 1)),
}


class Pages:
    def __init__(self):
        self.all = {name: self.make(name, spec) for name, spec in SPECS.items()}

    def make(self, name, spec):
        arguments = {"name": name, "documentation": spec.text, "labelnames": ["engine"] + list(spec.labelnames)}
        if isinstance(spec, CounterSpec):
            cls = Counter
        elif isinstance(spec, GaugeSpec):
            cls = Gauge
            arguments["multiprocess_mode"] = spec.mode
        elif isinstance(spec, HistogramSpec):
            cls = Histogram
            arguments["buckets"] = spec.buckets
        else:
            raise TypeError(spec)
        return cls(**arguments)


class Service(str, Enum):
    CACHE = "cache"
    DATABASE = "database"


GAUGES = {Service.CACHE: ["size"]}


class Services:
    def __init__(self, meter):
        for service in Service:
            self.create_counter(service.value, kind="calls")
            if "size" in GAUGES.get(service, []):
                self.gauge(service.value)
        # Another library's method of the same name.
        self.other = meter.create_counter(name="other", unit="1", description="Other")

    def create_counter(self, service, kind):
        return Counter(f"service_{service}_{kind}", "Calls")

    def gauge(self, service):
        return Gauge(f"service_{service}_size", "Size")


def made(adds):
    cls = Counter if adds else Gauge
    return cls("jobs", "Jobs")


# Labels that a condition adds: an `elif` that does not hold adds nothing, one that is not known may.
def extended(labels, mode):
    labels = list(labels)
    if mode == "none":
        labels.append("never")
    elif mode == "one":
        labels.append("one")
    return labels


ELIF_KNOWN = Counter("elif_known", "Labels by a condition that does not hold.", extended(["a"], "two"))
ELIF_UNKNOWN = Counter("elif_unknown", "Labels by a condition that is not known.", extended(["a"], settings.mode))

# A list is shared, and one of its readers leaves the first out.
BOUNDS = [0.001, 0.01, 0.1, 1.0]
SLICED = Histogram("sliced_seconds", "A part of a list.", buckets=BOUNDS[1:])
ENDED = Histogram("ended_seconds", "Another part of it.", buckets=BOUNDS[:-1])
STEPPED = Histogram("stepped_seconds", "Every second.", buckets=BOUNDS[::2])


def bounds_up_to(most):
    bounds = []
    exponent = 0
    while True:
        for digit in [1, 2, 5]:
            bound = digit * 10**exponent
            if bound > most:
                return bounds
            bounds.append(bound)
        exponent += 1


# How often the loop goes round is not known, nor how many bounds it gives.
ROUNDS = Histogram("rounds_seconds", "Bounds of a loop.", buckets=bounds_up_to(settings.most))


def bounds_that_rounds_change():
    bounds = []
    value = 0.001
    for _ in range(5):
        value *= 2
        bounds.append(value)
    Histogram("carried_seconds", "Bounds that grow", buckets=bounds)
