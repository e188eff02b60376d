"""What the demo PBX can be told, what happens by itself, and that no input breaks it; all on a wound clock."""

import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.pure.demo.switchboard import LONDON

from unisono.demo import firm, plant
from unisono.demo.pbx.__main__ import Setup, build
from unisono.demo.pbx.client import Client
from unisono.demo.pbx.express import message
from unisono.demo.pbx.faults import Faults
from unisono.demo.pbx.model import (
    CallEvent,
    CallEventKind,
    Cause,
    DeviceEvent,
    MergedId,
    Problem,
    Report,
    State,
)
from unisono.demo.pbx.numbering import NumberFormat
from unisono.demo.pbx.scenario import SCENARIOS, parse
from unisono.kernel.errors import Conflict, Fault, Invalid
from unisono.kernel.secrets import Secret
from unisono.wire.csta import Edition, Frame, FrameReader, decode, encode, frame, read
from unisono.wire.csta import monitoring as mon
from unisono.wire.csta import sessions as ses
from unisono.wire.csta.failures import ErrorCategory


def setup(**changes: object) -> Setup:
    values: dict[str, object] = {
        "host": "127.0.0.1",
        "port": 0,
        "control_port": 0,
        "state_file": None,
        "users_file": None,
        "extensions": 0,
        "traffic": 0.0,
        "seed": 1,
        "number_format": NumberFormat.DIALLED,
        "merged_id": MergedId.PRIMARY,
        "heartbeat": 30.0,
        "session": 600.0,
        "with_parent": False,
    }
    return Setup(**{**values, **changes})  # type: ignore[arg-type]


class Demo:
    """The demo PBX without its sockets."""

    def __init__(self, **changes: object) -> None:
        self.exchange, self.commands = build(setup(**changes), {"cti": Secret("secret")})
        self.switch = self.exchange.switch
        self.events: list[CallEvent | DeviceEvent] = []
        self.reports: list[Report] = []
        self.exchange.watchers.append(self._see)

    def _see(self, report: Report) -> None:
        if not report.device or isinstance(report.event, DeviceEvent):
            self.events.append(report.event)
        self.reports.append(report)

    def wait(self, seconds: float) -> None:
        self.exchange.turn(self.switch.timeline.now + seconds)

    def do(self, command: str, **arguments: object) -> dict[str, object]:
        answer = self.commands.serve(command, arguments)
        self.exchange.pump()
        return answer

    def kinds(self) -> Counter[str]:
        return Counter(event.kind.value for event in self.events)

    def states(self, device: str) -> list[State]:
        return [c.state for c in self.switch.core.own(device)]


@pytest.fixture
def demo() -> Demo:
    return Demo()


# Commands


def test_somebody_calls_and_the_person_answers_at_the_telephone(demo: Demo) -> None:
    demo.do("call", **{"from": LONDON, "to": "101", "name": "Harrison"})
    assert demo.states("101") == [State.ALERTING]
    demo.do("answer", at="101")
    demo.do("press", at="101", digits="12#")
    demo.do("hold", at="101")
    demo.do("retrieve", at="101")
    demo.do("hang-up", at="101")
    assert demo.states("101") == []
    assert demo.kinds()["DigitsGenerated"] == 1


def test_a_call_on_request_answers_and_ends_by_itself(demo: Demo) -> None:
    demo.do("call", **{"from": LONDON, "to": "101", "answer_after": "3", "talk": "10"})
    demo.wait(3)
    assert demo.states("101") == [State.CONNECTED]
    demo.wait(10)
    assert demo.states("101") == []


def test_the_called_one_may_be_who_hangs_up(demo: Demo) -> None:
    demo.do("call", **{"from": LONDON, "to": "101", "answer_after": 2, "talk": 5, "hangup_by": "called"})
    demo.wait(7)
    first = next(e for e in demo.events if e.kind is CallEventKind.CONNECTION_CLEARED)
    assert first.device.number == "101"


def test_a_caller_on_request_gives_up(demo: Demo) -> None:
    demo.do("call", **{"from": LONDON, "to": "101", "patience": 12})
    demo.wait(12)
    assert demo.states("101") == []


def test_two_calls_at_one_telephone(demo: Demo) -> None:
    demo.do("call", **{"from": LONDON, "to": "101"})
    demo.do("answer", at="101")
    demo.do("consult", at="101", to="102")
    demo.do("answer", at="102")
    demo.do("alternate", at="101")
    demo.do("conference", at="101")
    demo.do("hang-up", at="101")
    assert demo.states("102") == [State.CONNECTED]
    demo.do("transfer", at="102", to="103")
    assert demo.states("103") == [State.ALERTING]
    demo.do("deflect", at="103", to="104")
    demo.do("pick-up", at="102", of="104")
    demo.do("park", at="102", slot="790")
    assert demo.do("dial", at="102", to="790")["call"]
    assert demo.states("102") == [State.CONNECTED]


def test_going_back_and_group_pick_up(demo: Demo) -> None:
    demo.do("call", **{"from": LONDON, "to": "103"})
    demo.do("pick-up", at="104")
    demo.do("consult", at="104", to="101")
    demo.do("reconnect", at="104")
    assert demo.states("104") == [State.CONNECTED]


def test_the_far_end_does_what_it_is_told(demo: Demo) -> None:
    demo.do("dial", at="101", to="0004930231251")
    for does in ("ring", "answer"):
        demo.do("far", at="101", does=does)
    demo.do("far", at="101", does="press", digits="5")
    demo.do("far", at="101", does="hang-up")
    demo.do("dial", at="101", to="0004930231251")
    demo.do("far", at="101", does="busy")
    assert demo.kinds()["Failed"] == 1
    with pytest.raises(Conflict):
        demo.do("far", at="102", does="answer")


def test_settings_of_a_telephone(demo: Demo) -> None:
    demo.do("dnd", at="103")
    demo.do("forward", at="103", to="104", type="forwardBusy")
    demo.do("service", at="103", on="off")
    demo.do("messages", at="103", count="2")
    demo.do("calls-at-once", at="103", most=1)
    demo.do("auto", at="103", on="no")
    device = demo.switch.device("103")
    assert (device.do_not_disturb, device.in_service, device.messages, device.max_calls) == (True, False, 2, 1)
    assert demo.kinds() == {"DoNotDisturb": 1, "Forwarding": 1, "OutOfService": 1, "MessageWaiting": 1}
    auto = demo.do("state")["auto"]
    assert isinstance(auto, list)
    assert "103" not in auto
    assert "101" not in auto
    assert "104" in auto


def test_faults_are_switched_and_taken_back(demo: Demo) -> None:
    assert demo.do("fault", delay="1.5", duplicate="yes", lose=3, edition="ed3")["lose"] == 3
    assert demo.exchange.faults == Faults(delay=1.5, duplicate=True, lose=3, edition="ed3")
    demo.do("fault")
    assert demo.exchange.faults == Faults()
    assert demo.do("drop") == {"dropped": 0}
    assert demo.do("garbage", kind="bytes") == {"clients": 0}


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ("nothing", {}),
        ("serve", {}),
        ("_leg", {"device": "101"}),
        ("call", {"to": "101", "colour": "red"}),
        ("call", {"to": "101", "talk": "long"}),
        ("call", {"to": "101", "talk": float("nan")}),
        ("call", {"to": "101", "hangup_by": "nobody"}),
        ("answer", {}),
        ("dnd", {"at": "101", "on": "perhaps"}),
        ("forward", {"at": "101", "to": "102", "type": "forwardSometimes"}),
        ("far", {"at": "101", "does": "dance"}),
        ("fault", {"gravity": 1}),
        ("garbage", {"kind": "x"}),
        ("load", {}),
        ("play", {"name": "hamlet"}),
        ("play", {"steps": "+x answer"}),
        ("play", {"steps": "answer 101"}),
        ("play", {"steps": "+3"}),
    ],
)
def test_what_cannot_be_says_so(demo: Demo, command: str, arguments: dict[str, object]) -> None:
    with pytest.raises(Fault) as caught:
        demo.commands.serve(command, arguments)
    assert caught.value.message


def test_the_switch_refuses_with_its_own_words(demo: Demo) -> None:
    with pytest.raises(Conflict, match="no call of 101 is alerting"):
        demo.do("answer", at="101")
    with pytest.raises(Conflict, match="invalidDeviceID"):
        demo.do("dnd", at="999")


def test_help_and_state_can_be_sent_as_json(demo: Demo) -> None:
    demo.do("call", **{"from": LONDON, "to": "101"})
    assert json.loads(json.dumps(demo.do("state")))["calls"][0]["called"] == "101"
    text = json.loads(json.dumps(demo.do("help")))
    assert text["call"]["arguments"][:2] == ["from", "to"]
    assert {"frozen", "refuse_sessions", "edition"} <= set(text["fault"]["arguments"])
    assert all(entry["about"] for entry in text.values())


# What happens by itself


def test_telephones_of_the_demo_answer_but_not_those_left_to_people(demo: Demo) -> None:
    for extension in ("101", "103"):
        demo.switch.trunk.arrive(LONDON, extension)
    demo.wait(15)
    answered = {e.subject.device for e in demo.events if e.kind is CallEventKind.ESTABLISHED}
    assert "101" not in answered
    assert "103" in answered or demo.states("103") == []


def test_a_telephone_on_which_somebody_acts_is_left_alone(demo: Demo) -> None:
    demo.do("call", **{"from": LONDON, "to": "103"})
    demo.do("answer", at="103")
    demo.do("consult", at="103", to="101")
    demo.wait(300)
    assert demo.states("103") == [State.HOLD] or State.CONNECTED in demo.states("103")


def test_a_prompted_telephone_is_taken_up(demo: Demo) -> None:
    demo.switch.services.make_call("101", "102", prompt=True)
    demo.wait(1)
    assert demo.states("102") == [State.ALERTING]


def test_somebody_outside_takes_a_call_or_does_not(demo: Demo) -> None:
    for _ in range(40):
        leg = demo.switch.services.make_call("101", "0004930231251")
        demo.wait(60)
        if leg.call in {call.id for call in demo.switch.calls()}:
            demo.switch.services.clear_call(leg.call)
            demo.wait(0)
    causes = Counter(e.cause for e in demo.events if isinstance(e, CallEvent) and e.kind is CallEventKind.FAILED)
    assert causes[Cause.BUSY] > 0
    assert demo.kinds()["Established"] > 20


def test_traffic_is_life_like_and_can_be_repeated() -> None:
    runs = []
    for _ in range(2):
        demo = Demo(seed=7)
        demo.do("traffic", per_minute=12)
        demo.wait(3_600)
        demo.do("traffic", on="off")
        demo.wait(1_000)
        runs.append([(e.kind, e.subject.device) for e in demo.events if isinstance(e, CallEvent)])
        assert demo.switch.calls() == ()
        kinds = demo.kinds()
        for kind in ("Queued", "Held", "Transfered", "Diverted", "Failed", "NetworkReached", "MessageWaiting"):
            assert kinds[kind] > 0, kind
        assert sum(device.messages for device in demo.switch.devices) > 0
    assert runs[0] == runs[1]


def test_another_seed_is_another_day() -> None:
    days = []
    for seed in (1, 2):
        demo = Demo(seed=seed)
        demo.do("traffic", per_minute=30)
        demo.wait(300)
        days.append([e.subject.device for e in demo.events if isinstance(e, CallEvent)])
    assert days[0] != days[1]


def test_load_makes_every_call_and_ends_it() -> None:
    demo = Demo(extensions=500)
    demo.do("load", per_second=50, seconds=20, talk=3, ring=1)
    with pytest.raises(Invalid, match="running already"):
        demo.do("load")
    demo.wait(30)
    load = demo.do("state")["load"]
    assert load == {"made": 1_000, "refused": 0, "answered": 1_000, "ended": 1_000, "done": True}
    assert demo.kinds()["CallCleared"] == 1_000
    assert plant.load_extensions(500)[-1] == "1499"


def test_every_call_of_a_load_can_have_a_number_of_its_own() -> None:
    demo = Demo(extensions=2)
    demo.do("load", per_second=10, seconds=1, talk=0.01, ring=0.01, callers="+39043255")
    demo.wait(5)
    calling = {e.calling.number for e in demo.events if isinstance(e, CallEvent)}
    assert calling == {f"00039043255{number:05}" for number in range(10)}


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario_plays_to_its_end(name: str) -> None:
    demo = Demo()
    done: list[str] = []
    serve = demo.commands.serve

    def counting(command: str, arguments: dict[str, object]) -> dict[str, object]:
        answer = serve(command, arguments)
        done.append(command)
        return answer

    demo.commands.serve = counting  # type: ignore[method-assign,assignment]
    demo.do("play", name=name)
    demo.wait(400)
    assert done[1:] == [step.do for step in parse(SCENARIOS[name])]
    assert demo.switch.calls() == ()


def test_a_scenario_ends_at_the_first_step_that_fails(demo: Demo) -> None:
    demo.do("play", steps="answer at=101; +1 dnd at=101")
    demo.wait(5)
    assert not demo.switch.device("101").do_not_disturb


# The plant


def test_the_firm_is_on_the_switch(demo: Demo) -> None:
    devices = {device.id: device for device in demo.switch.devices}
    assert {person.extension for person in firm.PEOPLE} <= devices.keys()
    assert set(devices["600"].members) == {p.extension for p in firm.members(firm.SERVICE)}
    assert not set(devices["610"].members) & set(firm.LEFT_TO_PEOPLE)


@pytest.mark.parametrize(
    ("site", "dialled", "reached"),
    [
        ("Udine", "00432112340", "+390432112340"),
        ("Udine", "03001234567", "+393001234567"),
        ("Udine", "0800356937", "+39800356937"),
        ("Udine", "0004930231251", "+4930231251"),
        ("München", "003023125140", "+493023125140"),
        ("München", "0234567", "+4989234567"),
        ("München", "000441632960123", "+441632960123"),
        ("Udine", "112", "112"),
        ("Udine", "0112", "112"),
        ("Udine", "+441632960123", "+441632960123"),
        ("Udine", "", ""),
        ("Udine", "0", ""),
        ("Udine", "555", ""),
        ("Udine", "0*1", ""),
    ],
)
def test_what_is_dialled_reaches_the_outside(site: str, dialled: str, reached: str) -> None:
    assert plant.numbering().outside(dialled, site) == reached


def test_outside_numbers_are_shown_as_they_would_be_dialled() -> None:
    assert plant.numbering().shown("+441632960123") == "000441632960123"
    assert plant.numbering(NumberFormat.E164).shown("+441632960123") == "+441632960123"
    assert plant.numbering().extension("+390432100101") == "101"


# The wire


def client(demo: Demo, *, signed_in: bool = True) -> Client:
    found = Client(demo.exchange, lambda: None)
    if signed_in:
        info = ses.ApplicationInfo("x", ses.ApplicationSpecificInfo("cti", "secret"))
        start = ses.StartApplicationSession(info, ses.ProtocolVersions((Edition.ED6.value,)))
        found.receive(frame("0001", encode(start)))
        found.take()
    return found


@given(st.lists(st.binary(max_size=60), max_size=8), st.booleans())
def test_no_bytes_break_a_link(pieces: list[bytes], signed_in: bool) -> None:
    link = client(DEMO, signed_in=signed_in)
    for piece in pieces:
        link.receive(piece)
        link.receive(frame("0002", piece))
    answers = FrameReader().feed(link.take())
    assert all(isinstance(answer, Frame) for answer in answers)
    link.gone()


DEMO = Demo()


def test_a_frozen_link_hears_and_says_nothing(demo: Demo) -> None:
    link = client(demo)
    demo.exchange.impair(Faults(frozen=True))
    link.receive(frame("0002", encode(mon.RequestSystemStatus())))
    assert link.take() == b""
    demo.exchange.impair(Faults())
    assert link.take() == b""


def test_avaya_s_sign_in_is_understood(demo: Demo) -> None:
    link = client(demo, signed_in=False)
    info = ses.ApplicationInfo("x", ses.ApplicationSpecificInfo(session_login_info=ses.SessionLoginInfo("cti", "secret")))
    link.receive(frame("0001", encode(ses.StartApplicationSession(info, ses.ProtocolVersions((Edition.ED3.value,))))))
    (answer,) = FrameReader().feed(link.take())
    assert isinstance(answer, Frame)
    assert isinstance(decode(answer.body), ses.StartApplicationSessionPosResponse)


def test_every_event_of_a_busy_day_can_be_written_and_read_again() -> None:
    demo = Demo(seed=3)
    demo.do("traffic", per_minute=20)
    demo.wait(1_800)
    kinds = set()
    for report in demo.reports:
        if isinstance(report.event, CallEvent) or report.device:
            written = message(report, "17")
            kinds.add(type(written).__name__)
            for edition in (Edition.ED2, Edition.ED6):
                assert read(encode(written, edition)).message == written
    assert len(kinds) >= 14


def test_every_problem_has_a_category_of_the_standard() -> None:
    assert all(ErrorCategory(problem.value[0]) for problem in Problem)


