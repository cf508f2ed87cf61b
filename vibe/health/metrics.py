"""What /metrics says: this process by prometheus_client, the platform's rows by their state."""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.db.models import Count
from prometheus_client import (
    GC_COLLECTOR,
    PLATFORM_COLLECTOR,
    PROCESS_COLLECTOR,
    CollectorRegistry,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

# What is counted by its `status`: metric name → (model, words for a human).
COUNTED = {
    "vibe_sandboxes": ("sandboxes.Sandbox", "Sandboxes by status"),
    "vibe_commands": ("sandboxes.Command", "Commands by status"),
    "vibe_turns": ("chat.Turn", "Chat turns by status"),
}


class RowCollector(Collector):
    """Counts rows at the moment of the scrape, so that every web process says the same."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for name, (label, words) in COUNTED.items():
            rows = apps.get_model(label)._default_manager.order_by().values_list("status")
            family = GaugeMetricFamily(name, words, labels=["status"])
            for status, count in rows.annotate(Count("pk")):
                family.add_metric([status], count)
            yield family


REGISTRY = CollectorRegistry()
for _collector in (PROCESS_COLLECTOR, PLATFORM_COLLECTOR, GC_COLLECTOR):
    REGISTRY.register(_collector)


def exposition() -> bytes:
    """The whole text in Prometheus' format; reads the database."""
    rows = CollectorRegistry(auto_describe=False)
    rows.register(RowCollector())
    return generate_latest(REGISTRY) + generate_latest(rows)
