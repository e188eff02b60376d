"""What a call means for the presence of those in it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from unisono.calls.model import Call, Connection, ConnectionId, ConnectionState, ContactRef, Direction, Party, PartyKind, Role
from unisono.people.model import Line, LineKind
from unisono.presence.model import Activity
from unisono.presence.observe import line_state

NINE = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LINE = Line("l1", "pbx", "101", "101", user_ids=("anna",))
CUSTOMER = Party(device="t", number="0432", kind=PartyKind.EXTERNAL, canonical="+390432", contact=ContactRef("k", "Rossi"))
ANNA = Party(device="101", number="101", kind=PartyKind.EXTENSION)


def leg(party: Party, state: ConnectionState, role: Role, answered: datetime | None = None) -> Connection:
    return Connection(ConnectionId("1", party.device), party, state, role, NINE, rang=NINE, answered=answered)


def call(*legs: Connection, direction: Direction = Direction.INBOUND) -> Call:
    return Call("c", "pbx", "1", "c", direction, CUSTOMER, ANNA, NINE, legs)


def test_ringing_and_talking() -> None:
    caller = leg(CUSTOMER, ConnectionState.CONNECTED, Role.CALLER)
    ringing = line_state(call(caller, leg(ANNA, ConnectionState.ALERTING, Role.CALLEE)), LINE)
    assert ringing
    assert (ringing.activity, ringing.since, ringing.outward, ringing.partner) == (Activity.RINGING, NINE, False, "Rossi")
    later = NINE + timedelta(seconds=8)
    talking = line_state(call(caller, leg(ANNA, ConnectionState.CONNECTED, Role.CALLEE, later)), LINE)
    assert talking
    assert (talking.activity, talking.since) == (Activity.ON_THE_PHONE, later)


def test_a_conference_is_one() -> None:
    legs = [leg(Party(device=d), ConnectionState.CONNECTED, Role.PARTICIPANT, NINE) for d in ("101", "102", "103")]
    state = line_state(call(*legs, direction=Direction.CONFERENCE), LINE)
    assert state
    assert state.activity is Activity.CONFERENCE


def test_who_wants_to_stay_unknown_does() -> None:
    hidden = replace(CUSTOMER, restricted=True)
    state = line_state(
        replace(
            call(leg(hidden, ConnectionState.CONNECTED, Role.CALLER), leg(ANNA, ConnectionState.ALERTING, Role.CALLEE)),
            calling=hidden,
        ),
        LINE,
    )
    assert state
    assert state.partner == ""


NOBODYS = [replace(LINE, kind=kind) for kind in LineKind if kind is not LineKind.EXTENSION]


@pytest.mark.parametrize("line", [Line("l2", "pbx", "999", "999"), *NOBODYS])
def test_trunks_queues_and_strangers_are_nobodys_presence(line: Line) -> None:
    assert line_state(call(leg(ANNA, ConnectionState.ALERTING, Role.CALLEE)), line) is None


def test_what_is_over_is_over() -> None:
    assert line_state(call(leg(ANNA, ConnectionState.NULL, Role.CALLEE)), LINE) is None
