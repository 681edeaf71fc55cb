"""Names, tables and types that something decides which is not read here, as far as they are known."""

from prometheus_client import Counter, Gauge, Histogram, Summary
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

import settings


# A part of the name that a setting adds or not, and one that a subclass sets.
class Collector:
    def __init__(self):
        self.prefix = settings.get("prefix")
        self.part = None

    def full(self, name):
        parts = []
        if self.prefix:
            parts.append(self.prefix)
        if self.part:
            parts.append(self.part)
        parts.append(name)
        return "_".join(parts)


class QueueCollector(Collector):
    def __init__(self):
        super().__init__()
        self.part = "queue"

    def collect(self):
        yield GaugeMetricFamily(self.full("depth"), "Depth")
        yield CounterMetricFamily(self.full("taken"), "Taken", labels=["by"])


class PlainCollector(Collector):
    def collect(self):
        yield GaugeMetricFamily(self.full("up"), "Up")


# Which class it is a factory decides: any that is made from the declared one.
class Spec:
    @classmethod
    def tables(cls):
        return {}


class DiskSpec(Spec):
    @classmethod
    def tables(cls):
        return {"disk_reads": "Reads"}


class TieredSpec(DiskSpec):
    @classmethod
    def tables(cls):
        known = super().tables()
        known["tier_moves"] = "Moves"
        return known


class Store:
    def __init__(self, wanted):
        self.spec: type[Spec] = settings.find(wanted)
        self.tables = {**self.spec.tables(), "store_errors": "Errors"}
        for name, text in self.tables.items():
            Counter(name, text)


# More than is known here.
class Plugins:
    def __init__(self):
        for name in ["plugin_loads", "plugin_faults", *settings.plugins()]:
            Counter(name, "Of plugins")


# Either of two types.
def timing(quick):
    if settings.exact:
        return Histogram("call_seconds", "Calls", ["path"])
    return Summary("call_seconds", "Calls", ["path"])


# A mapping that is not known, and one label that is added.
def info(config):
    facts = config.facts()
    facts["engine"] = ""
    return Gauge("config_facts", "Facts", labelnames=facts.keys())
