"""What the centre counts, for Prometheus; no device, site or person in any label."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_LATENCIES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)  # seconds


class Metrics:
    """The counters of one centre, in a registry of their own."""

    def __init__(self, stream_clients: Callable[[], int], healthy: Callable[[], bool]) -> None:
        self.registry = CollectorRegistry()
        self.alarms = Counter("kentongan_alarms", "Presses that became alarms", registry=self.registry)
        self.duplicates = Counter(
            "kentongan_duplicates", "Deliveries of presses that were alarms already", registry=self.registry
        )
        self.rejections = Counter(
            "kentongan_rejections", "Refused messages, each arrival once", ["reason"], registry=self.registry
        )
        self.store_seconds = Histogram(
            "kentongan_store_seconds",
            "From handing a write to the store until it is on disk",
            buckets=_LATENCIES,
            registry=self.registry,
        )
        self.troubles_overdue = Gauge(
            "kentongan_troubles_overdue", "Troubles that are open beyond their deadline", registry=self.registry
        )
        clients = Gauge("kentongan_stream_clients", "Consoles that listen", registry=self.registry)
        clients.set_function(stream_clients)
        broker = Gauge("kentongan_broker_up", "1 while both lanes are connected", registry=self.registry)
        broker.set_function(healthy)
