"""From calls to entries, and what of two entries deals with which. Pure."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unisono.calls.model import (
    Call,
    Cause,
    Connection,
    ConnectionId,
    ConnectionState,
    ContactRef,
    Direction,
    LegOutcome,
    Party,
    PartyKind,
    Result,
    Role,
    Transfer,
)
from unisono.journal.model import DoneHow, JournalEntry, Outcome, Partner, Sight
from unisono.journal.pack import from_json, to_json
from unisono.journal.record import deals_with, hidden, lost_sight, merged, record
from unisono.journal.retention import in_window
from unisono.journal.settings import PrivateCalls
from unisono.journal.text import number_words, parse, search_text
from unisono.journal.view import entry_view
from unisono.people.model import Line, LineKind, User

T0 = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
OUTSIDE = Party(number="0432546462", canonical="+390432546462", name="Rossi", kind=PartyKind.EXTERNAL)


class Staff:
    """Lines 101 to 105 of users 1 to 5; 900 is a queue."""

    def __init__(self) -> None:
        self.lines = {f"{n}": Line(f"l{n}", "pbx", f"{n}", f"{n}", user_ids=(f"u{n}",)) for n in range(101, 106)}
        self.lines["900"] = Line("l900", "pbx", "900", "900", kind=LineKind.QUEUE)

    def line_at(self, connector: str, device: str) -> Line | None:
        return self.lines.get(device)

    def line(self, id: str) -> Line | None:
        return self.lines.get(id[1:])

    def user(self, id: str) -> User | None:
        return User(id, id, f"User {id[1:]}") if id.startswith("u") else None


def leg(device: str, role: Role = Role.CALLEE, party: Party | None = None, **more: object) -> Connection:
    values: dict[str, object] = {"state": ConnectionState.ALERTING, "started": T0, **more}
    found = party or Party(device=device, number=device, kind=PartyKind.EXTENSION)
    return Connection(ConnectionId("n", device), found, role=role, **values)  # type: ignore[arg-type]


def call(*legs: Connection, direction: Direction = Direction.INBOUND, **more: object) -> Call:
    values: dict[str, object] = {"calling": OUTSIDE, "called": Party(number="101", device="101"), "started": T0, **more}
    return Call("c", "pbx", "n", "t", direction, connections=legs, **values)  # type: ignore[arg-type]


def entries(of: Call) -> dict[str, JournalEntry]:
    return {entry.line_number: entry for entry in record(of, Staff(), PrivateCalls.NORMAL)}


TRUNK = leg("trunk", Role.CALLER, OUTSIDE, state=ConnectionState.CONNECTED)


def test_nobody_is_told_of_a_call_that_did_not_reach_them() -> None:
    reached = leg("101", rang=T0)
    assert list(entries(call(TRUNK, reached, leg("102", state=ConnectionState.INITIATED), leg("900", rang=T0)))) == ["101"]


def test_lines_without_a_journal_have_no_entry() -> None:
    staff = Staff()
    staff.lines = {"101": replace(staff.lines["101"], journal=False)}
    assert record(call(TRUNK, leg("101", rang=T0)), staff, PrivateCalls.NORMAL) == []


@pytest.mark.parametrize("outcome", list(LegOutcome))
def test_every_outcome_of_a_leg_is_one_of_the_journal(outcome: LegOutcome) -> None:
    legs = leg("101", rang=T0), leg("102", Role.CALLER)
    ended = [replace(each, state=ConnectionState.NULL, ended=T0, outcome=outcome) for each in legs]
    found = entries(call(TRUNK, *ended))
    assert found["101"].outcome is not Outcome.RUNNING
    assert found["102"].outcome is not Outcome.RUNNING
    assert not found["102"].missed
    assert found["101"].missed == (outcome.value.startswith("missed") or outcome is LegOutcome.BUSY)


def test_the_caller_of_an_internal_call_and_the_called() -> None:
    at = T0 + timedelta(seconds=3)
    found = entries(
        call(
            leg("101", Role.CALLER, state=ConnectionState.CONNECTED),
            leg("102", rang=T0, answered=at, state=ConnectionState.CONNECTED),
            direction=Direction.INTERNAL,
            calling=Party(device="101", number="101", kind=PartyKind.EXTENSION),
            called=Party(device="102", number="102", kind=PartyKind.EXTENSION),
            answered=at,
        )
    )
    assert (found["101"].inbound, found["101"].remote.name, found["101"].answered) == (False, "User 102", at)
    assert (found["102"].inbound, found["102"].remote.user_id, found["102"].answered) == (True, "u101", at)
    assert found["101"].internal


def test_an_outgoing_call_knows_whom_it_reached_when_nothing_was_dialled() -> None:
    found = entries(
        call(
            leg("101", Role.CALLER, state=ConnectionState.CONNECTED),
            leg("trunk", party=OUTSIDE, rang=T0),
            direction=Direction.OUTBOUND,
            calling=Party(device="101"),
            called=Party(),
        )
    )
    assert found["101"].remote.canonical == OUTSIDE.canonical


def test_how_a_call_may_end_that_says_nothing() -> None:
    gone = leg("101", rang=T0, state=ConnectionState.NULL, ended=T0)
    assert entries(call(TRUNK, gone))["101"].outcome is Outcome.MISSED
    assert entries(call(TRUNK, gone, cause=Cause.LOST_SIGHT))["101"].outcome is Outcome.LOST_SIGHT
    caller = leg("101", Role.CALLER, state=ConnectionState.NULL, ended=T0)
    assert entries(call(caller, result=Result.NOT_PLACED, ended=T0))["101"].outcome is Outcome.NOT_PLACED
    assert entries(call(caller, direction=Direction.FEATURE))["101"].outcome is Outcome.FEATURE_CODE


ENTRY = replace(entries(call(TRUNK, leg("101", rang=T0, state=ConnectionState.NULL, ended=T0)))["101"], id="5")


def test_what_people_wrote_outlives_what_the_call_says() -> None:
    written = replace(ENTRY, note="n", subject="s", private=True, done_by="u", done_at=T0, done_how=DoneHow.BY_HAND)
    after = merged(written, replace(ENTRY, id="", outcome=Outcome.REJECTED))
    assert (after.id, after.note, after.subject, after.private, after.done_by) == ("5", "n", "s", True, "u")
    assert after.outcome is Outcome.REJECTED


def test_lost_sight_ends_at_the_last_moment_seen() -> None:
    running = replace(ENTRY, ended=None, outcome=Outcome.RUNNING, answered=T0 + timedelta(seconds=7))
    lost = lost_sight(running)
    assert (lost.outcome, lost.ended, lost.talk, lost.open) == (Outcome.LOST_SIGHT, T0 + timedelta(seconds=7), 0, False)


@pytest.mark.parametrize(
    ("what", "waits"),
    [
        ({"rang": T0}, True),
        ({"rang": T0, "answered": T0 + timedelta(seconds=3)}, False),
        ({"answered": T0}, False),
        ({"role": Role.CALLER, "rang": T0}, False),
    ],
    ids=["rang", "answered", "found talking", "outgoing"],
)
def test_lost_sight_of_waits_for_somebody_only_if_it_rang(what: dict[str, Any], waits: bool) -> None:
    up = leg("101", **what)
    gone = replace(up, state=ConnectionState.NULL, ended=T0 + timedelta(seconds=9), cause=Cause.LOST_SIGHT)
    ended = call(TRUNK, gone, cause=Cause.LOST_SIGHT, result=Result.LOST_SIGHT, ended=T0 + timedelta(seconds=9))
    if up.role is not Role.CALLER and up.answered is None:
        assert entries(ended)["101"].outcome is Outcome.LOST_SIGHT
    assert entries(ended)["101"].open is waits
    assert lost_sight(entries(call(TRUNK, up))["101"]).open is waits


def test_lost_sight_of_before_it_rang_is_nobody_missed() -> None:
    running = replace(ENTRY, rang=None, ended=None, outcome=Outcome.RUNNING)
    assert not lost_sight(running).open


def test_lost_sight_of_after_a_colleague_answered_is_dealt_with() -> None:
    at = T0 + timedelta(seconds=9)
    rang = leg("101", rang=T0, state=ConnectionState.NULL, ended=at, cause=Cause.LOST_SIGHT)
    talked = leg("102", rang=T0, answered=T0, state=ConnectionState.NULL, ended=at, cause=Cause.LOST_SIGHT)
    found = entries(call(TRUNK, rang, talked, cause=Cause.LOST_SIGHT, result=Result.LOST_SIGHT, ended=at))
    assert [entry.open for entry in found.values()] == [False, False]


@pytest.mark.parametrize(
    ("later", "missed", "how"),
    [
        ({}, {}, DoneHow.CALLED_AGAIN),
        ({"inbound": False}, {}, DoneHow.CALLED_BACK),
        ({"answered": None}, {}, None),
        ({}, {"done_at": T0}, None),
        ({"remote": Partner(canonical="+391")}, {}, None),
        ({"remote": Partner()}, {"remote": Partner()}, None),
        ({"line_id": "l102", "user_id": "u102"}, {}, None),
        ({"line_id": "l102", "user_id": "u102"}, {"shared": True}, DoneHow.CALLED_AGAIN),
        ({"line_id": "l102"}, {}, DoneHow.CALLED_AGAIN),
    ],
)
def test_what_deals_with_a_missed_call(later: dict[str, object], missed: dict[str, object], how: DoneHow | None) -> None:
    talked = replace(ENTRY, id="9", answered=T0, outcome=Outcome.ANSWERED)
    assert deals_with(replace(talked, **later), replace(ENTRY, **missed)) is how  # type: ignore[arg-type]


def test_a_line_that_changed_hands_deals_with_nothing_of_its_former_user() -> None:
    talked = replace(ENTRY, id="9", answered=T0, outcome=Outcome.ANSWERED)
    assert deals_with(replace(talked, user_id="u102"), ENTRY) is None
    assert deals_with(talked, replace(ENTRY, user_id="")) is DoneHow.CALLED_AGAIN


def test_an_entry_of_a_line_of_several_is_nobodys_in_particular() -> None:
    staff = Staff()
    staff.lines["101"] = replace(staff.lines["101"], user_ids=("u101", "u102"))
    (entry,) = record(call(TRUNK, leg("101", rang=T0)), staff, PrivateCalls.NORMAL)
    assert (entry.user_id, entry.owner) == ("", "l101")


@pytest.mark.parametrize(
    ("rule", "number", "name"),
    [
        (PrivateCalls.NORMAL, "0432546462", "Rossi"),
        (PrivateCalls.LAST_DIGITS, "+390432546XXX", ""),
        (PrivateCalls.NO_NUMBER, "", ""),
    ],
)
def test_partners_of_private_calls(rule: PrivateCalls, number: str, name: str) -> None:
    found = hidden(ENTRY.remote, rule)
    assert (found.number, found.name) == (number, name)
    assert hidden(Partner(number="112"), PrivateCalls.LAST_DIGITS).number == "XXX"


def test_a_private_entry_of_someone_else_shows_no_partner() -> None:
    private = replace(ENTRY, private=True, note="secret", project="P7", redirecting=ENTRY.remote)
    theirs = entry_view(private, Sight.WRITTEN)
    assert (theirs.remote.name, theirs.note, theirs.project, theirs.redirecting) == ("", "", "", None)
    assert entry_view(private).remote.name == "Rossi"


texts = st.text(max_size=30)
moments = st.none() | st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))
partners = st.builds(Partner, texts, texts, texts, kind=st.sampled_from(PartyKind), restricted=st.booleans())


@given(
    st.builds(
        replace, st.just(ENTRY), note=texts, remote=partners, called=st.none() | partners, answered=moments, ended=moments,
        outcome=st.sampled_from(Outcome), done_how=st.none() | st.sampled_from(DoneHow), shared=st.booleans(),
    )
)  # fmt: skip
def test_a_stored_entry_comes_back(entry: JournalEntry) -> None:
    assert from_json(int(entry.id), to_json(entry)) == entry


def test_numbers_are_found_by_their_ends() -> None:
    words = number_words(Partner(number="0432546462", canonical="+390432546462"))
    assert words == ["390432546462", "0432546462", "46462", "546462", "2546462", "32546462"]
    assert number_words(Partner(number="101")) == ["101"]
    assert number_words(Partner()) == []


@pytest.mark.parametrize(
    ("typed", "words", "digits"),
    [
        ("Müller", ("muller",), ()),
        ("+39 (0432) 546", (), ("390432546",)),
        ("0049 89", (), ("4989", "004989")),
        ("089 368 ros", ("ros",), ("089368", "89368")),
        ("12", ("12",), ()),
        ("a1234", ("a1234",), ()),
        ("'\" ()", (), ()),
    ],
)
def test_what_is_typed(typed: str, words: tuple[str, ...], digits: tuple[str, ...]) -> None:
    found = parse(typed)
    assert (found.words, found.digits) == (words, digits)


@given(texts)
def test_words_for_a_search_hold_no_operators(typed: str) -> None:
    found = parse(typed)
    assert all(word.isalnum() for word in (*found.words, *found.digits))


@given(texts, texts)
def test_the_search_text_is_words_with_blanks_around(note: str, subject: str) -> None:
    text = search_text(replace(ENTRY, note=note, subject=subject))
    assert text.startswith(" lu101 ")
    assert text.endswith(" ")
    assert all(word.isalnum() for word in text.split())


@pytest.mark.parametrize(
    ("hour", "begin", "end", "inside"),
    [
        (2, 1, 4, True),
        (4, 1, 4, False),
        (0, 1, 4, False),
        (23, 22, 5, True),
        (4, 22, 5, True),
        (6, 22, 5, False),
        (9, 0, 0, True),
    ],
)
def test_the_night(hour: int, begin: int, end: int, inside: bool) -> None:
    assert in_window(hour, begin, end) is inside


def test_who_gave_a_call_away_sees_to_whom_and_who_got_it_from_whom() -> None:
    at = T0 + timedelta(seconds=9)
    first = leg("101", state=ConnectionState.NULL, answered=T0, ended=at, outcome=LegOutcome.TRANSFERRED)
    second = leg("102", Role.TRANSFER_TARGET, state=ConnectionState.CONNECTED, answered=at)
    # The PBX names the last device that the call passed, for 102 itself.
    itself = Party(device="102", number="102")
    given = call(TRUNK, first, second, transfers=(Transfer("attended", "101", "102", at),), redirecting=itself)
    found = entries(given)
    handed, sent = found["101"].transferred_to, found["102"].redirecting
    assert handed is not None
    assert (handed.name, handed.user_id) == ("User 102", "u102")
    assert sent is not None
    assert (sent.name, found["102"].transferred_to) == ("User 101", None)


def test_a_forwarding_to_outside_names_the_number() -> None:
    ring = leg("101", state=ConnectionState.NULL, rang=T0, ended=T0, outcome=LegOutcome.FORWARDED)
    away = Transfer("forward", "101", "00432546462", T0, "101", PartyKind.EXTERNAL)
    handed = entries(call(TRUNK, ring, transfers=(away,)))["101"].transferred_to
    assert handed is not None
    assert (handed.number, handed.kind) == ("00432546462", PartyKind.EXTERNAL)
    known = replace(away, target=replace(OUTSIDE, number="00432546462", contact=ContactRef("c1", "Mario Rossi", "Rossi SpA")))
    (view,) = map(entry_view, entries(call(TRUNK, ring, transfers=(known,))).values())
    assert view.transferred_to is not None
    assert (view.transferred_to.name, view.transferred_to.display) == ("Mario Rossi", "+39 0432 546462")


def test_a_pick_up_is_nobodys_gift() -> None:
    ring = leg("101", state=ConnectionState.NULL, rang=T0, ended=T0, outcome=LegOutcome.PICKED_UP_ELSEWHERE)
    taken = leg("102", Role.PICKUP, state=ConnectionState.CONNECTED, answered=T0)
    found = entries(call(TRUNK, ring, taken, transfers=(Transfer("pickup", "102", "102", T0, "101"),)))
    assert (found["101"].transferred_to, found["102"].redirecting) == (None, None)


def test_fetching_a_parked_call_is_no_call_of_its_own() -> None:
    dialling = leg("101", Role.CALLER, state=ConnectionState.NULL, ended=T0)
    slot = Party(device="790", number="790", kind=PartyKind.PARK)
    assert entries(call(dialling, calling=Party(device="101"), called=slot, direction=Direction.INTERNAL)) == {}


def test_a_consultation_is_told_from_the_call_it_was_made_for() -> None:
    asked = call(leg("101", Role.CALLER), leg("102", rang=T0), consultation=True, direction=Direction.INTERNAL)
    assert [entry_view(entry).consultation for entry in entries(asked).values()] == [True, True]
    assert not entries(call(TRUNK, leg("101", rang=T0)))["101"].consultation
