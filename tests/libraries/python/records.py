"""Objects whose constructor is made from their fields, and clients that are handed around."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

import attr
import prometheus_client
from prometheus_client import Counter, Gauge
from prometheus_client.core import GaugeMetricFamily


@dataclass
class Spec:
    name: str
    help: str
    labels: tuple = ()
    more: list = field(default_factory=list)


SPECS = [Spec("shelves_read", "Shelves.", ("floor",)), Spec(name="shelves_lost", help="Lost.", more=["why"])]
ALL = [Counter(s.name, s.help, list(s.labels) + s.more) for s in SPECS]


@attr.s(auto_attribs=True, kw_only=True)
class Polled:
    name: str
    help: str
    labels: list
    hooks: dict = attr.ib(factory=dict)

    def collect(self):
        yield GaugeMetricFamily(self.name, self.help, labels=self.labels)


class PolledTwice(Polled):
    pass


READERS = Polled(name="readers", help="Readers.", labels=["floor"])
QUEUES = PolledTwice(name="reader_queues", help="Queues.", labels=[])


class Row(NamedTuple):
    name: str
    unit: str = ""

    def gauge(self):
        return Gauge(self.name, "A row.", unit=self.unit)


SEATS = Row("seats").gauge()
LIGHT = Row("light", "lux").gauge()


class Client:
    @property
    def package(self):
        import prometheus_client

        return prometheus_client

    @property
    def Histogram(self):
        return partial(self.package.Histogram, registry=None)


def set_up(client: Client = provided):
    client.Histogram(name="turn_seconds", documentation="By its annotation.", labelnames=["hand"], buckets=(1, 2))


def set_up_any(client):
    client.Counter(namespace="desk", name="stamps", documentation="By the names of its arguments.")
    client.Counter("not_said", "No client that is known.")


KNOWN = {}


def get_or_make(name, factory):
    if name not in KNOWN:
        KNOWN[name] = factory(name, ["kind"])
    return KNOWN[name]


def counter(name, text):
    return get_or_make(name=name, factory=lambda n, labels: Counter(n, text, labels))


LOANS = counter("loans", "Loans.")
RETURNS = counter("returns", "Returns.")
