"""The log of when each event was sent."""

import io

from unisono.demo.pbx.event_log import EventLog
from unisono.demo.pbx.exchange import Monitors
from unisono.demo.pbx.model import Address, CallEvent, CallEventKind, Cause, Leg, Report, State


class Nobody:
    """A client that hears nothing."""

    def tell(self, monitor: object, report: object) -> None: ...

    def cut(self) -> None: ...

    def send_raw(self, data: bytes) -> None: ...

    def devices_changed(self) -> None: ...

    def flush(self) -> None: ...


def test_only_events_that_somebody_is_told_are_written() -> None:
    out, monitors = io.StringIO(), Monitors()
    monitors.start(Nobody(), device="101")
    log = EventLog(out, monitors)
    far, near = Address("00044123", outside=True), Address("101")
    event = CallEvent(CallEventKind.DELIVERED, Leg("7", "101"), near, far, near, Cause.NORMAL)
    for device in ("", "101", "102"):
        log(Report(device, event, State.ALERTING))
    [line] = out.getvalue().splitlines()
    at, *told = line.split("\t")
    assert at.isdigit()
    assert told == ["101", "Delivered", State.ALERTING.value, "7", "00044123"]
