"""Figures for Prometheus."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from unisono.kernel.bus import Bus


class Metrics(Collector):
    """Counts what the web door does, and shows what the bus has waiting."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._answers: dict[str, int] = {}
        self.windows = 0
        self.messages = 0
        self.snapshots = 0
        self.behind = 0
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)

    def answered(self, status: int) -> None:
        """An HTTP answer went out."""
        group = f"{status // 100}xx"
        self._answers[group] = self._answers.get(group, 0) + 1

    def text(self) -> bytes:
        """Everything in Prometheus' text format."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """Called by the registry."""
        answers = CounterMetricFamily("unisono_http_answers", "HTTP answers by class of status.", labels=["status"])
        for group, count in self._answers.items():
            answers.add_metric([group], count)
        yield answers
        yield GaugeMetricFamily("unisono_stream_windows", "Open event streams.", value=self.windows)
        yield CounterMetricFamily("unisono_stream_messages", "Messages sent to event streams.", value=self.messages)
        yield CounterMetricFamily("unisono_stream_snapshots", "Snapshots sent to event streams.", value=self.snapshots)
        yield CounterMetricFamily("unisono_stream_behind", "Event streams that fell behind.", value=self.behind)
        waiting = GaugeMetricFamily("unisono_bus_waiting", "Facts waiting for a subscriber.", labels=["subscriber"])
        overflows = CounterMetricFamily("unisono_bus_overflows", "Overflows of a subscriber.", labels=["subscriber"])
        failures = CounterMetricFamily("unisono_bus_failures", "Failed handlers of a subscriber.", labels=["subscriber"])
        for name, (depth, overflowed, failed) in self._bus.depths().items():
            waiting.add_metric([name], depth)
            overflows.add_metric([name], overflowed)
            failures.add_metric([name], failed)
        yield from (waiting, overflows, failures)
