"""The pure parts of a run: ledger, pages, guard, schedule."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unisono.directory.replicators import faults
from unisono.directory.replicators.ledger import Ledger, Verdict
from unisono.directory.replicators.pages import (
    PageWriter,
    Shapes,
    gone_page,
    key_print,
    read_gone,
    read_marks,
    read_page,
)
from unisono.directory.runs.guard import objection
from unisono.directory.runs.model import Counts
from unisono.directory.runs.schedule import checked, parse
from unisono.kernel.errors import Invalid

ROME = ZoneInfo("Europe/Rome")

# Ledger

KEYS = st.integers(1, 2**64 - 1) | st.integers(1, 9)
MARKS = st.integers(0, 2**64 - 1) | st.integers(0, 3)


@given(st.lists(st.tuples(KEYS, MARKS, st.booleans())), st.lists(st.tuples(KEYS, MARKS)), st.sets(KEYS))
def test_the_ledger_is_a_dictionary(
    layers: list[tuple[int, int, bool]], met: list[tuple[int, int]], gone: set[int]
) -> None:
    ledger, stored, seen = Ledger(), dict[int, int](), dict[int, tuple[int, int]]()
    for key, mark, away in layers:
        if away:
            ledger.forget(key)
            stored.pop(key, None)
        else:
            ledger.store(key, mark)
            stored[key] = mark
    assert ledger.stored == len(stored)
    for line, (key, mark) in enumerate(met, 1):
        verdict = ledger.meet(key, mark, line)
        if key in seen:
            assert verdict is Verdict.TWICE
            assert ledger.first(key) == seen[key]
            continue
        seen[key] = line, mark
        expected = Verdict.NEW if key not in stored else Verdict.SAME if stored[key] == mark else Verdict.CHANGED
        assert verdict is expected
    taken = {key for key in gone if ledger.take_away(key)}
    assert taken == gone & stored.keys()
    survivors = {key for key in stored if key not in taken and (key not in seen or seen[key][1] == stored[key])}
    unmet = set(ledger.take_unmet())
    assert unmet == stored.keys() - seen.keys() - taken
    assert {key for key in stored if ledger.claim(key)} == survivors - unmet
    assert not any(ledger.claim(key) for key in stored)


def test_the_ledger_grows() -> None:
    ledger = Ledger()
    for key in range(1, 20_001):
        assert ledger.meet(key * 0x9E3779B97F4A7C15 % 2**64, key, key) is Verdict.NEW
    assert all(ledger.first(key * 0x9E3779B97F4A7C15 % 2**64) == (key, key) for key in range(1, 20_001))


# Pages

VALUES = st.dictionaries(st.text(max_size=8), st.text(max_size=20) | st.lists(st.text(max_size=5), max_size=3).map(tuple))


@given(st.lists(st.tuples(st.text(max_size=10), VALUES), max_size=30))
def test_pages_give_back_their_records(records: list[tuple[str, dict[str, object]]]) -> None:
    shapes, writer = Shapes(), PageWriter()
    marks = []
    for key, values in records:
        shape, packed, mark = shapes.packed(values)  # type: ignore[arg-type]
        writer.add(key, key_print(key), mark, shape, packed)
        marks.append((key_print(key), mark))
    found, data = writer.take()
    assert read_page(data) == [(key, dict(sorted(values.items()))) for key, values in records]
    assert list(read_marks(found)) == marks
    assert len(writer) == 0


@given(VALUES.filter(lambda values: len(values) > 1))
def test_the_order_of_columns_does_not_count(values: dict[str, str]) -> None:
    shapes = Shapes()
    turned = dict(reversed(values.items()))
    assert shapes.packed(values) == shapes.packed(turned)
    name = next(iter(values))
    assert shapes.packed({**values, name: "changed!"})[2] != shapes.packed(values)[2]


def test_what_is_gone() -> None:
    marks, data = gone_page(["a", "é"])
    assert read_gone(data) == ["a", "é"]
    assert [key for key, _ in read_marks(marks)] == [key_print("a"), key_print("é")]


# Guard


def test_when_a_run_asks() -> None:
    few = Counts(rows=90, removed=10)
    assert objection(few, 100, 20, (), full=True) is None
    assert objection(Counts(rows=79, removed=21), 100, 20, (), full=True).code == "many-removed"  # type: ignore[union-attr]
    assert objection(Counts(rows=80, removed=20), 100, 20, (), full=True) is None
    assert objection(Counts(removed=1), 100, 0, (), full=False).code == "many-removed"  # type: ignore[union-attr]
    assert objection(Counts(), 100, 100, (), full=True).code == "source-empty"  # type: ignore[union-attr]
    assert objection(Counts(rows=3, failed=3), 100, 100, (), full=True).code == "source-empty"  # type: ignore[union-attr]
    assert objection(Counts(), 100, 20, (), full=False) is None
    assert objection(few, 100, 20, {"Phone"}, full=True).data == {"columns": "Phone"}  # type: ignore[union-attr]
    assert objection(Counts(), 0, 0, {"Phone"}, full=True) is None


# Schedule


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ROME)


@pytest.mark.parametrize(
    ("schedule", "after", "then"),
    [
        ("0 3 * * *", "2026-11-26T18:00", "2026-11-27T03:00"),
        ("0 3 * * *", "2026-11-26T02:59:59", "2026-11-26T03:00"),
        ("0 3 * * *", "2026-11-26T03:00", "2026-11-27T03:00"),
        ("*/15 * * * *", "2026-11-26T18:01", "2026-11-26T18:15"),
        ("0 8-18/2 * * mon-fri", "2026-11-27T18:01", "2026-11-30T08:00"),
        ("30 6 1,15 * *", "2026-11-02T00:00", "2026-11-15T06:30"),
        ("0 0 29 feb *", "2026-03-01T00:00", "2028-02-29T00:00"),
        ("0 0 13 * fri", "2026-11-01T00:00", "2026-11-06T00:00"),
        ("0 0 * * 7", "2026-11-26T00:00", "2026-11-29T00:00"),
        ("5/20 * * * *", "2026-11-26T18:06", "2026-11-26T18:25"),
    ],
)
def test_the_next_time(schedule: str, after: str, then: str) -> None:
    found = parse(schedule)
    assert found is not None
    assert found.next(at(after), ROME) == at(then)


@pytest.mark.parametrize("schedule", ["0 0 31 2 *", "0 0 30,31 feb */3", "0 0 31 4,6,9,11 *"])
def test_a_schedule_that_never_comes_is_not_taken(schedule: str) -> None:
    with pytest.raises(Invalid, match="never comes"):
        checked(schedule)


@pytest.mark.parametrize("schedule", ["0 0 29 2 */7", "0 0 31 2 mon", "0 0 28-31 2 *", "every day", ""])
def test_a_schedule_that_comes_seldom_is_taken(schedule: str) -> None:
    assert checked(schedule) == parse(schedule)


@pytest.mark.parametrize("said", ["it has expired", "it has expired.", "it has expired. "])
def test_a_peer_that_ends_its_words_with_a_full_stop_has_one(said: str) -> None:
    told = (faults.sign_in("p", said), faults.no_right("p", said), faults.unreachable("p", said), faults.not_there("p", said))
    assert [f"{fault.message.split('. ')[0]}." for fault in told] == [
        "p refuses the sign-in: it has expired.", "p does not allow it: it has expired.",
        "p cannot be reached: it has expired.", "p does not have it: it has expired.",
    ]  # fmt: skip


def test_an_hour_that_is_left_out_and_one_that_comes_twice() -> None:
    """29 March 2026: 02:00 to 03:00 is left out. 25 October 2026: 02:00 to 03:00 comes twice."""
    nightly = parse("30 2 * * *")
    assert nightly is not None
    spring = nightly.next(at("2026-03-28T12:00"), ROME)
    assert spring == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)  # 03:00 local, the moment the clock has jumped
    assert nightly.next(spring, ROME) == at("2026-03-30T02:30")
    autumn = nightly.next(at("2026-10-24T12:00"), ROME)
    assert autumn == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # the first 02:30
    assert nightly.next(autumn, ROME) == at("2026-10-26T02:30")


@pytest.mark.parametrize(
    ("zone", "jump"),
    [
        ("Europe/Rome", "2026-03-29"), ("Europe/Rome", "2026-10-25"),
        ("Australia/Lord_Howe", "2026-10-04"), ("Australia/Lord_Howe", "2026-04-05"),  # half an hour
        ("America/Havana", "2026-03-08"), ("America/Havana", "2026-11-01"),  # at midnight
        ("America/Nuuk", "2026-03-28"), ("America/Nuuk", "2026-10-24"),  # the last hour of the day
        ("Antarctica/Troll", "2026-03-29"), ("Antarctica/Troll", "2026-10-25"),  # two hours
    ],
)  # fmt: skip
@pytest.mark.parametrize("minute", [0, 20, 59])
def test_what_happens_daily_happens_once_for_each_day_however_clocks_jump(zone: str, jump: str, minute: int) -> None:
    there = ZoneInfo(zone)
    noon = datetime.fromisoformat(f"{jump}T12:00")
    begin, end = ((noon + timedelta(days=days)).replace(tzinfo=there) for days in (-2, 2))
    offsets = {(begin + timedelta(hours=hours)).astimezone(UTC).astimezone(there).utcoffset() for hours in range(96)}
    assert len(offsets) == 2, "clocks jump here"
    for hour in range(24):
        daily = parse(f"{minute} {hour} * * *")
        assert daily is not None
        times, moment = 0, daily.next(begin, there)
        while moment is not None and moment <= end:
            times, moment = times + 1, daily.next(moment, there)
        assert times == 4, f"{hour}:{minute:02}"


def test_intervals() -> None:
    now = at("2026-11-26T18:00")
    for text, length in (
        ("every 15 minutes", timedelta(minutes=15)),
        ("every 2h", timedelta(hours=2)),
        ("Every day", timedelta(days=1)),
    ):
        found = parse(text)
        assert found is not None
        assert found.next(now, ROME) == now + length
    assert parse("  ") is None


@pytest.mark.parametrize(
    "text", ["every 0 minutes", "every 500 days", "soon", "* * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *",
             "* * * * 8", "*/0 * * * *", "5-1 * * * *", "a * * * *", "* * * mon *", "1,,2 * * * *"],
)  # fmt: skip
def test_what_is_no_schedule(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse(text)
    assert caught.value.data["field"] == "schedule"


def test_what_never_comes() -> None:
    never = parse("0 0 30 feb *")
    assert never is not None
    assert never.next(at("2026-01-01T00:00"), ROME) is None


@given(
    st.sampled_from(["*", "0", "*/7", "59"]), st.sampled_from(["*", "2", "0-3", "*/5"]), st.sampled_from(["*", "29", "1-7"]),
    st.sampled_from(["*", "3", "oct"]), st.sampled_from(["*", "sun", "1-5"]),
    st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),
)  # fmt: skip
def test_times_come_later_and_fit(minute: str, hour: str, day: str, month: str, weekday: str, now: datetime) -> None:
    found = parse(f"{minute} {hour} {day} {month} {weekday}")
    assert found is not None
    then = found.next(now, ROME)
    assert then is not None
    assert then > now
    assert then.second == 0
    local = then.astimezone(ROME)
    if month != "*":
        assert local.month == {"3": 3, "oct": 10}[month]
