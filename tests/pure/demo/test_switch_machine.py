"""Whatever is asked of the switch in whatever state: it never fails, and every monitor sees lawful states to the end."""

from collections.abc import Callable
from typing import Any

from hypothesis import assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.pure.demo.switchboard import BERLIN, LONDON, STATIONS, switch_of

from unisono.demo.pbx.model import (
    LAWFUL,
    CallEvent,
    CallEventKind,
    Forwarding,
    Leg,
    MergedId,
    Options,
    Refusal,
    Report,
    State,
    Strategy,
)
from unisono.demo.pbx.permitted import ACTIVE, permitted
from unisono.demo.pbx.switch import Switch

ANYWHERE = (*STATIONS, "600", "610", "700", "790", "791", "999", "0", "0004930231251", "00432555", "+442079460999", "")
ON_CONNECTION = ["answer", "hold", "retrieve", "clear", "rings", "answers", "refuses", "hangs_up", "park", "back"]
stations = st.sampled_from(STATIONS)
targets = st.sampled_from(ANYWHERE)


class Monitor:
    """Follows every device's connection states by its reports alone, as a CTI program would."""

    def __init__(self) -> None:
        self.states: dict[tuple[str, str], State] = {}

    def see(self, report: Report) -> None:
        event = report.event
        if not isinstance(event, CallEvent) or not report.device:
            return
        if event.kind is CallEventKind.CALL_CLEARED:
            assert (report.device, event.subject.call) not in self.states
            return
        call = event.subject.call
        if event.moved:
            call = self._merge(report.device, event)
        before = self.states.pop((report.device, call), State.NULL)
        if report.local is not before:
            assert report.local in LAWFUL[before] or event.kind is CallEventKind.CONFERENCED, (before, report)
        elif before is State.NULL:
            assert event.kind in (CallEventKind.DIVERTED, CallEventKind.CONNECTION_CLEARED), report
        if report.local is not State.NULL:
            self.states[report.device, call] = report.local

    def _merge(self, device: str, event: CallEvent) -> str:
        """The call of `device` after transfer or conference; its old connections become one."""
        assert event.secondary is None or event.secondary.device == event.subject.device
        new = event.moved[0].new.call
        old = [self.states.pop((device, call)) for call in event.calls if (device, call) in self.states]
        if old:
            self.states[device, new] = State.HOLD if State.HOLD in old else old[0]
        return new


class SwitchMachine(RuleBasedStateMachine):
    switch: Switch

    @initialize(
        merged=st.sampled_from(MergedId),
        strategy=st.sampled_from(Strategy),
        strict=st.booleans(),
        channels=st.integers(0, 4),
    )
    def start(self, merged: MergedId, strategy: Strategy, strict: bool, channels: int) -> None:
        options = Options(merged_id=merged, call_cleared_to_devices=not strict, channels=channels, conference_limit=4)
        self.switch = switch_of(options, strategy=strategy)
        self.monitor = Monitor()

    def attempt(self, service: Callable[..., Any], *arguments: Any, **named: Any) -> bool:
        """Ask for a service; a refusal must have changed nothing."""
        before = self.picture()
        try:
            service(*arguments, **named)
        except Refusal:
            assert self.picture() == before
            assert not self.switch.core.reports
            return False
        finally:
            self.look()
        return True

    def look(self) -> None:
        for report in self.switch.take():
            self.monitor.see(report)

    def picture(self) -> object:
        return self.switch.calls()

    def legs(self) -> list[Leg]:
        return [party.leg for call in self.switch.calls() for party in call.parties]

    def leg(self, data: st.DataObject) -> Leg:
        legs = self.legs()
        assume(legs)
        return data.draw(st.sampled_from(legs))

    # Any service on anything

    @rule(calling=targets, to=targets, prompt=st.booleans())
    def make_call(self, calling: str, to: str, prompt: bool) -> None:
        self.attempt(self.switch.services.make_call, calling, to, prompt=prompt)

    @rule(calling=targets)
    def off_hook(self, calling: str) -> None:
        self.attempt(self.switch.services.off_hook, calling)

    @rule(number=st.sampled_from([LONDON, BERLIN, ""]), to=st.sampled_from([*ANYWHERE, "+390432100102"]))
    def arrive(self, number: str, to: str) -> None:
        self.attempt(self.switch.trunk.arrive, number, to)

    @precondition(lambda self: self.legs())
    @rule(data=st.data(), which=st.sampled_from(ON_CONNECTION))
    def on_connection(self, data: st.DataObject, which: str) -> None:
        switch = self.switch
        services: dict[str, Callable[[Leg], object]] = {
            "answer": switch.services.answer,
            "hold": switch.services.hold,
            "retrieve": switch.services.retrieve,
            "clear": switch.services.clear_connection,
            "rings": switch.trunk.rings,
            "answers": switch.trunk.answers,
            "refuses": switch.trunk.refuses,
            "hangs_up": switch.trunk.hangs_up,
            "park": switch.parking.park,
            "back": switch.parking.call_back,
        }
        self.attempt(services[which], self.leg(data))

    @precondition(lambda self: self.legs())
    @rule(data=st.data(), which=st.sampled_from(["dial", "consult", "blind", "deflect", "pickup", "digits"]), to=targets)
    def on_connection_to(self, data: st.DataObject, which: str, to: str) -> None:
        switch = self.switch
        services: dict[str, Callable[[Leg, str], object]] = {
            "dial": switch.services.dial_digits,
            "consult": switch.joining.consultation,
            "blind": switch.joining.single_step_transfer,
            "deflect": switch.services.deflect,
            "pickup": switch.services.directed_pickup,
            "digits": switch.services.generate_digits,
        }
        self.attempt(services[which], self.leg(data), to)

    @precondition(lambda self: self.legs())
    @rule(data=st.data(), which=st.sampled_from(["alternate", "reconnect", "transfer", "conference"]))
    def on_two(self, data: st.DataObject, which: str) -> None:
        self.attempt(getattr(self.switch.joining, which), self.leg(data), self.leg(data))

    @precondition(lambda self: self.legs())
    @rule(data=st.data())
    def what_is_permitted_is_not_refused(self, data: st.DataObject) -> None:
        core = self.switch.core
        own = [c for station in STATIONS for c in core.own(station) if permitted(c, core.own(station))]
        assume(own)
        connection = data.draw(st.sampled_from(own))
        service = data.draw(st.sampled_from(sorted(permitted(connection, core.own(connection.device)))))
        others = [c for c in core.own(connection.device) if c is not connection]
        joining, services = self.switch.joining, self.switch.services
        if service in ("alternateCall", "transferCall", "conferenceCall", "reconnectCall"):
            wanted = ACTIVE if connection.state is State.HOLD else frozenset({State.HOLD})
            pairs = [
                (connection.leg, o.leg) if connection.state is State.HOLD else (o.leg, connection.leg)
                for o in others
                if o.state in wanted
            ]
            done = [self.attempt(getattr(joining, service.removesuffix("Call")), *pair) for pair in pairs[:1]]
            assert any(done) or len(pairs) > 1 or service == "conferenceCall"
            return
        simple: dict[str, Callable[[Leg], object]] = {
            "answerCall": services.answer,
            "clearConnection": services.clear_connection,
            "holdCall": services.hold,
            "retrieveCall": services.retrieve,
            "generateDigits": lambda leg: services.generate_digits(leg, "1#"),
            "dialDigits": lambda leg: services.dial_digits(leg, "600"),
            "consultationCall": lambda leg: self.switch.joining.consultation(leg, "700"),
            "callBack": self.switch.parking.call_back,
        }
        if service in simple:
            assert self.attempt(simple[service], connection.leg), service

    @rule(requesting=targets)
    def group_pickup(self, requesting: str) -> None:
        self.attempt(self.switch.services.group_pickup, requesting)

    @rule(device=targets, kind=st.sampled_from(Forwarding), on=st.booleans(), to=targets)
    def forward(self, device: str, kind: Forwarding, on: bool, to: str) -> None:
        self.attempt(self.switch.features.set_forwarding, device, kind, on=on, to=to)

    @rule(device=targets, on=st.booleans(), which=st.booleans())
    def switch_device(self, device: str, on: bool, which: bool) -> None:
        features = self.switch.features
        self.attempt(features.set_do_not_disturb if which else features.set_in_service, device, on=on)

    @rule(seconds=st.sampled_from([0.0, 1.0, 5.0, 20.0, 60.0, 130.0]))
    def time_goes_on(self, seconds: float) -> None:
        self.switch.advance(self.switch.timeline.now + seconds)
        self.look()

    # What always holds

    @invariant()
    def calls_and_devices_agree(self) -> None:
        if not hasattr(self, "switch"):
            return
        core = self.switch.core
        by_call = {id(c) for call in core.calls.values() for c in call.connections.values()}
        by_device = {id(c) for connections in core.at.values() for c in connections}
        assert by_call == by_device
        for identifier, call in core.calls.items():
            assert call.id == identifier
            assert call.connections
            assert all(c.call is call and c.state is not State.NULL for c in call.connections.values())

    @invariant()
    def a_telephone_talks_in_one_call(self) -> None:
        if hasattr(self, "switch"):
            for station in STATIONS:
                assert len(self.switch.core.in_state(station, *ACTIVE)) <= 1

    @invariant()
    def nobody_is_left_alone(self) -> None:
        if not hasattr(self, "switch"):
            return
        for call in self.switch.core.calls.values():
            if len(call.connections) == 1:
                (only,) = call.connections.values()
                assert only.state in (State.INITIATED, State.FAIL), (only.leg, only.state)

    @invariant()
    def monitors_know_what_is(self) -> None:
        if not hasattr(self, "switch"):
            return
        core = self.switch.core
        devices = core.devices.keys()
        truth = {(c.device, c.call.id): c.state for cs in core.at.values() for c in cs if c.device in devices}
        assert self.monitor.states == truth

    def teardown(self) -> None:
        if not hasattr(self, "switch"):
            return
        for _ in range(len(STATIONS) ** 2):  # clearing frees telephones, for queues and for those who wished a call back
            for call in list(self.switch.core.calls):
                self.attempt(self.switch.services.clear_call, call)
            self.time_goes_on(0.0)
        assert not self.monitor.states
        assert not self.switch.core.calls
        assert len(self.switch.core._channels) == self.switch.core.options.channels


SwitchMachine.TestCase.settings = settings(max_examples=300, stateful_step_count=50, deadline=None)
TestSwitch = SwitchMachine.TestCase
