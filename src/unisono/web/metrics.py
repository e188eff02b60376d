"""Figures for Prometheus."""

from collections.abc import Iterator
from itertools import accumulate

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from unisono.directory.ldap.service import LdapService
from unisono.directory.ldap.times import BOUNDS
from unisono.kernel.bus import Bus


class Metrics(Collector):
    """Counts what the web door does, and shows what the bus has waiting."""

    def __init__(self, bus: Bus, ldap: LdapService) -> None:
        self._bus = bus
        self._ldap = ldap
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
        yield from self._of_ldap()

    def _of_ldap(self) -> Iterator[Metric]:
        yield CounterMetricFamily("unisono_ldap_refused_binds", "LDAP binds with a wrong password.", value=self._ldap.refused)
        if self._ldap.door is None:
            return
        workers = self._ldap.door.workers
        total = workers.tally.total()
        yield GaugeMetricFamily("unisono_ldap_connections", "Open LDAP connections.", value=total.connections)
        yield CounterMetricFamily("unisono_ldap_accepted", "LDAP connections that were let in.", value=total.accepted)
        yield CounterMetricFamily("unisono_ldap_turned_away", "LDAP connections over a limit.", value=total.refused)
        yield CounterMetricFamily("unisono_ldap_cut", "LDAP connections ended for being too slow.", value=total.cut)
        yield CounterMetricFamily("unisono_ldap_searches", "LDAP searches.", value=total.searches)
        yield CounterMetricFamily(
            "unisono_ldap_unindexed", "LDAP searches for which every contact had to be looked at.", value=total.unindexed
        )
        yield CounterMetricFamily("unisono_ldap_binds", "LDAP binds with a password.", value=total.binds)
        yield CounterMetricFamily("unisono_ldap_unprotected", "LDAP passwords refused without TLS.", value=total.unprotected)
        yield CounterMetricFamily("unisono_ldap_cpu_seconds", "Seconds that LDAP workers have computed.", value=total.cpu)
        answers = CounterMetricFamily(
            "unisono_ldap_answers", "LDAP answers but searches that went well.", labels=["operation", "result"]
        )
        for answer, count in total.answers.items():
            answers.add_metric(answer.split(" "), count)
        yield answers
        times = HistogramMetricFamily("unisono_ldap_answer_seconds", "How long LDAP answers took.", labels=["operation"])
        for operation, counts in total.times.items():
            kept = zip((*map(str, BOUNDS), "+Inf"), accumulate(counts), strict=True)
            times.add_metric([operation], list(kept), total.seconds[operation])
        yield times
        yield GaugeMetricFamily("unisono_ldap_workers", "LDAP workers that answer.", value=len(workers.answering))
        yield CounterMetricFamily("unisono_ldap_restarts", "LDAP workers started anew.", value=workers.restarts)
