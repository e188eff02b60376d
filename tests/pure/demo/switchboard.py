"""A small firm on a switch, and the readable form in which dialogue tests speak of it."""

import pytest

from unisono.demo.pbx.model import (
    CallEvent,
    Category,
    Device,
    DeviceEvent,
    Leg,
    Options,
    Problem,
    Refusal,
    Report,
    State,
    Strategy,
)
from unisono.demo.pbx.numbering import NumberFormat, Numbering, Site
from unisono.demo.pbx.switch import Switch

UDINE = Site("Udine", country="39", area="0432", trunk="390432100", national="")
MUNICH = Site("Munich", country="49", area="89", trunk="498999998")

STATIONS = ("101", "102", "103", "104", "201", "202")
LONDON = "+442079460123"
BERLIN = "+4930231251"


def switch_of(options: Options | None = None, *, strategy: Strategy = Strategy.RING_ALL) -> Switch:
    """Six telephones at two sites, a queue 600, a hunt group 610, a mailbox 700, park slots 790 and 791."""
    switch = Switch(Numbering((UDINE, MUNICH), NumberFormat.E164), options)
    names = ("Anna", "Ben", "Clara", "Dario", "Eva", "Felix")
    for number, name in zip(STATIONS, names, strict=True):
        site = "Udine" if number.startswith("1") else "Munich"
        mailbox = "700" if number in ("101", "201") else ""
        switch.add(Device(number, name, site=site, pickup_group=site, mailbox=mailbox))
    switch.add(
        Device("600", "Support", Category.ACD, members=("103", "104"), strategy=strategy, overflow="700"),
        Device("610", "Sales", Category.GROUP, members=("201", "202"), strategy=strategy),
        Device("700", "Voicemail", Category.VOICE),
        Device("790", "Park 1", Category.PARK),
        Device("791", "Park 2", Category.PARK),
    )
    return switch


class Dialogue:
    """Tells what monitors see, one line an event: "101: Delivered 101 alerting newCall"."""

    def __init__(self, switch: Switch) -> None:
        self.switch = switch

    def said(self, *monitored: str) -> list[str]:
        """What was reported since the last time, to these devices or to all."""
        return [line(report) for report in self.switch.take() if report.device in (monitored or (report.device or "-",))]

    def wait(self, seconds: float) -> None:
        """Wind the clock."""
        self.switch.advance(self.switch.timeline.now + seconds)

    def state(self, device: str) -> list[str]:
        """The device's own connection states."""
        return [c.state.value for c in self.switch.core.own(device)]


def line(report: Report) -> str:
    """One report as text."""
    event = report.event
    if isinstance(event, DeviceEvent):
        to = f" to {event.to}" if event.to else ""
        return f"{report.device}: {event.kind}{'' if event.on else ' off'}{to}"
    return f"{report.device}: {event.kind}{_about(event)} {report.local} {event.cause}"


def _about(event: CallEvent) -> str:
    who = f" {shown(event.subject.device, event)}" if event.subject.device else ""
    to = f" > {event.other.number}" if event.other else ""
    return who + to


def shown(device: str, event: CallEvent) -> str:
    """Outside parties by their number."""
    return event.device.number if device.startswith("T") and event.device.outside else device


def at(switch: Switch, device: str, state: State) -> Leg:
    """The device's only connection in this state."""
    (connection,) = switch.core.in_state(device, state)
    return connection.leg


def inbound(switch: Switch, to: str, *, answered: bool = True) -> Leg:
    """A call from London; the telephone's end."""
    far = switch.trunk.arrive(LONDON, to)
    near = Leg(far.call, to)
    if answered:
        switch.services.answer(near)
    return near


def refused(problem: Problem) -> pytest.RaisesExc[Refusal]:
    return pytest.RaisesExc(Refusal, check=lambda refusal: refusal.problem is problem)
