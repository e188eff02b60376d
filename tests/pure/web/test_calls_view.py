"""What colleagues see of a living call: who talks, and only those of the team what was written about it. Pure."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from unisono.calls.model import Call, Connection, ConnectionId, ConnectionState, Direction, Party, PartyKind, Role
from unisono.calls.view import line_view
from unisono.people.model import Line
from unisono.web.calls_view import line_call

T0 = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LINE = Line("l101", "pbx", "101", "101")
CALLER = Party(number="0432546462", canonical="+390432546462", name="Rossi", kind=PartyKind.EXTERNAL)
OWN = Party(device="101", number="101", kind=PartyKind.EXTENSION)
LEGS = (
    Connection(ConnectionId("n", "trunk"), CALLER, ConnectionState.CONNECTED, Role.CALLER, T0),
    Connection(ConnectionId("n", "101"), OWN, ConnectionState.ALERTING, Role.CALLEE, T0, rang=T0),
)
WRITTEN = {"note": "leaks", "subject": "Boiler", "case": "7"}
CALL = Call("c", "pbx", "n", "t", Direction.INBOUND, CALLER, OWN, T0, LEGS, rang=T0, data=WRITTEN)


@pytest.mark.parametrize("private", [False, True])
@pytest.mark.parametrize(("own", "written"), [(True, True), (False, True), (False, False)])
def test_who_reads_what_was_written(own: bool, written: bool, private: bool) -> None:
    call = replace(CALL, data={**WRITTEN, "private": "1"}) if private else CALL
    view = line_view(call, "101")
    assert view is not None
    seen = line_call(view, LINE, frozenset(), "9", own=own, written=written)
    reads = own or (written and not private)
    assert (seen.note, seen.subject, seen.data.get("case")) == (("leaks", "Boiler", "7") if reads else ("", "", None))
    assert (seen.remote.name, seen.journal_id) == ("Rossi", "9" if own else None)
