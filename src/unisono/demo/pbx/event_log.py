"""When each event was sent, for measuring what clients of a server behind this PBX see."""

import time
from typing import IO

from unisono.demo.pbx.exchange import Monitors
from unisono.demo.pbx.model import CallEvent, Report


class EventLog:
    """A watcher of the exchange: one line for each event of a monitored device, fields parted by tabs.

    Nanoseconds of the machine's monotonic clock (the same for all processes), device, kind, local connection state, call,
    calling number.
    """

    def __init__(self, out: IO[str], monitors: Monitors) -> None:
        self._out = out
        self._monitors = monitors

    def __call__(self, report: Report) -> None:
        event = report.event
        if report.device in self._monitors.by_device and isinstance(event, CallEvent):
            told = (report.device, event.kind.value, report.local.value, event.subject.call, event.calling.number)
            self._out.write(f"{time.monotonic_ns()}\t" + "\t".join(told) + "\n")
