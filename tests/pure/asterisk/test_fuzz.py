"""Whatever a PBX sends, in whatever order: nothing raises, every call ends at most once, nothing grows without bound."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.pure.asterisk.recordings import CALL_EVENTS, NAMES, read

from unisono.calls.pbx_events import CallCleared, PbxEvent
from unisono.connectors.asterisk import channels
from unisono.connectors.asterisk.translate import _HANDLERS, Translator
from unisono.connectors.replay import replay
from unisono.wire.ami import Kind, Message, Parser

START = datetime(2026, 11, 23, tzinfo=UTC)
PREFIXES = ("", "Dest", "Target", "Transferer", "Transferee", "OrigTransferer", "SecondTransferer", "TransferTarget",
            "Parkee", "Retriever")  # fmt: skip
CHANNELS = (
    ("PJSIP/2001-00000001", "1.1"), ("PJSIP/2002-00000002", "1.2"), ("PJSIP/carrier-00000003", "1.3"),
    ("SIP/x-1a2b3c4d", "1.4"), ("", ""), ("/", "1.8"),
    ("Local/2001@a-00000001;1", "1.5"), ("Local/2001@a-00000001;2", "1.6"), ("CBAnn/1-00000001;2", "1.7"),
)  # fmt: skip
WORDS = {
    "ChannelState": ("0", "4", "5", "6", "7", "x", "99999"), "Exten": ("2001", "2002", "s", "", "*8", "99"),
    "DialStatus": ("ANSWER", "CANCEL", "BUSY", "NOANSWER", "CONGESTION", "?"), "Cause": ("16", "17", "21", "26", "0", ""),
    "BridgeUniqueid": ("b1", "b2", ""), "BridgeTechnology": ("simple_bridge", "softmix", "holding_bridge"),
    "BridgeCreator": ("ConfBridge", "<unknown>"), "Conference": ("1", "2"), "Queue": ("q",), "Result": ("Success", "Fail"),
    "Extension": ("2002", ""), "CallerIDNum": ("2001", "+441632960777", "<unknown>"), "Response": ("Success", "Failure"),
    "Application": ("Dial", "VoiceMail", "ConfBridge", "Playback"), "AppData": ("PJSIP/2002,25", "2001@default", "1", ""),
    "Device": ("PJSIP/2001", "Custom:DND2001", "Queue:q", "MWI:1@d", "Local/1@a", "PJSIP/carrier"),
    "State": ("UNAVAILABLE", "INUSE", "BUSY", "NOT_INUSE", "ONHOLD"), "Digit": ("1", "#", ""),
    "Direction": ("Received", "Sent"),
    "Mailbox": ("2001@default", ""), "New": ("1", "x"), "Forward": ("", "", "2002", "Local/2@a"), "ActionID": ("", "a1"),
    "Hint": ("PJSIP/2001&Custom:DND2001", ","), "DialString": ("2001", "0163@carrier"), "Duration": ("00:00:09", "x"),
    "ParkerDialString": ("PJSIP/2001",), "ParkingSpace": ("71",), "Presentity": ("CustomPresence:2001",),
    "Status": ("dnd", "x"),
}  # fmt: skip


@st.composite
def event(draw: st.DrawFn) -> Message:
    name = draw(st.sampled_from([*_HANDLERS, "unknown"]))
    headers = [("Event", name)]
    for prefix in draw(st.sets(st.sampled_from(PREFIXES), max_size=4)) | {""}:
        channel, uid = draw(st.sampled_from(CHANNELS))
        headers += [(f"{prefix}Channel", channel), (f"{prefix}Uniqueid", uid)]
        headers += [(f"{prefix}Linkedid", draw(st.sampled_from(["1.1", "1.3", uid])))]
        headers += [(f"{prefix}{key}", draw(st.sampled_from(WORDS[key]))) for key in ("ChannelState", "Exten", "CallerIDNum")]
    headers += [(key, draw(st.sampled_from(values))) for key, values in WORDS.items() if key not in dict(headers)]
    return Message(Kind.EVENT, name, tuple(headers), raw=b"Event: " + name.encode())


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(event(), st.floats(0, 2)), max_size=60))
def test_any_events_in_any_order(events: list[tuple[Message, float]]) -> None:
    translator, at = Translator("x"), START
    out: list[PbxEvent] = []
    for message, pause in events:
        at += timedelta(seconds=pause)
        out += translator.feed(message, at)
    out += translator.finish(at)
    assert all(found.head.connector == "x" for found in out)
    assert not [found for found in out if type(found).__name__ == "Unreadable"]
    assert not any(word in repr(found) for found in out for word in ("device='Local", "CBAnn/"))


def _mixed(name: str, seed: int) -> tuple[bytes, list[dict[str, Any]]]:
    data, times, _ = read(name)
    blocks = [(data[line["offset"] : line["offset"] + line["len"]], line) for line in times]
    pick = random.Random(seed)
    pick.shuffle(blocks)
    blocks = [block for block in blocks if pick.random() > 0.1]
    blocks += pick.sample(blocks, len(blocks) // 10)
    return b"".join(raw for raw, _ in blocks), [line for _, line in blocks]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", NAMES)
def test_shuffled_lost_and_doubled_events(name: str, seed: int) -> None:
    data, times = _mixed(name, seed)
    run = replay(data, times)
    assert all(call.ended is None or call.ended >= call.started for call in run.calls.values())


@pytest.mark.parametrize("name", NAMES)
def test_lost_events_leave_no_call_behind(name: str) -> None:
    """Each event of a call that is not its Hangup may be lost: the call still ends, once."""
    data, times, _ = read(name)
    for number, line in enumerate(times):
        if line["event"] not in CALL_EVENTS:
            continue
        kept = [other for other in times if other is not line]
        rest = data[: line["offset"]] + data[line["offset"] + line["len"] :]
        run = replay(rest, kept)
        assert not [call for call in run.calls.values() if call.live], f"event {number}, {line['event']}"


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_kept_after_the_last_hangup(name: str) -> None:
    data, _, _ = read(name)
    translator, out = Translator("x"), []
    for message in Parser().feed(data):
        out += translator.feed(message, START)
    out += translator.finish(START + timedelta(seconds=5))
    switch = translator.switch
    assert (switch.channels, switch.names, switch.calls, switch.conferences) == ({}, {}, {}, {})
    assert (switch.bridges, switch.waiting, switch.listed) == ({}, set(), set())
    cleared = [found.call for found in out if isinstance(found, CallCleared)]
    assert len(cleared) == len(set(cleared))


def _new_channel(number: int) -> Message:
    headers = (
        ("Channel", f"PJSIP/2001-{number:08x}"), ("ChannelState", "4"), ("CallerIDNum", "2001"), ("Exten", "2002"),
        ("Uniqueid", f"1.{number}"), ("Linkedid", f"1.{number}"),
    )  # fmt: skip
    return Message(Kind.EVENT, "Newchannel", headers)


def test_channels_that_never_hang_up_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("unisono.connectors.asterisk.hangup.MOST_CHANNELS", 1_000)
    monkeypatch.setattr("unisono.connectors.asterisk.channels.MOST_CHANNELS", 1_000)
    translator = Translator("x")
    for number in range(5_000):
        translator.feed(_new_channel(number), START + timedelta(seconds=number))
    assert len(translator.switch.channels) <= 1_000
    assert len(translator.switch.calls) <= 1_001
    assert len(translator.switch.closed) <= channels.MOST_CLOSED


def test_channels_unheard_of_for_a_day_are_forgotten() -> None:
    translator = Translator("x")
    for number in range(600):
        translator.feed(_new_channel(number), START)
    for hour in range(30):
        translator.idle(START + timedelta(hours=hour))
    assert len(translator.switch.channels) < 600


def test_bridges_hints_and_mailboxes_do_not_grow_without_bound() -> None:
    translator = Translator("x")
    for number in range(30_000):
        for name, headers in (
            ("BridgeCreate", (("BridgeUniqueid", f"b{number}"),)),
            ("MessageWaiting", (("Mailbox", f"{number}@d"), ("New", "1"))),
            ("DeviceStateChange", (("Device", f"PJSIP/{number}"), ("State", "INUSE"))),
            ("ExtensionStatus", (("Exten", str(number)), ("Hint", f"PJSIP/p{number}"))),
        ):
            translator.feed(Message(Kind.EVENT, name, headers), START)
    switch = translator.switch
    assert max(len(switch.bridges), len(switch.messages), len(switch.device_states)) <= 20_000
    assert len(switch.endpoints.extensions()) <= 20_000
