"""When a source is read by itself: `every 15 minutes`, or a time table as of cron (`0 3 * * mon-fri`). Pure.

The five fields are minute, hour, day of the month, month and day of the week (0 and 7 are Sunday), each `*`, a number or a name
(jan, mon), a range, a list of them, and with `/n` every n-th. Where both days are limited, one of them is enough, as crontab(5)
says. A time table is in local time: what falls into the hour that is left out in spring happens right after it, what falls into
the hour that comes twice in autumn happens the first time.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from unisono.kernel.errors import Invalid

_EVERY = re.compile(r"every\s+(\d{1,4})?\s*(minute|hour|day|m|h|d)s?", re.I)
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_SHORTEST = timedelta(minutes=1)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_NAMES = {
    "month": {name: str(number) for number, name in enumerate(_MONTHS, 1)},
    "weekday": {name: str(number) for number, name in enumerate(_WEEKDAYS)},
}
_FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 7))
_ITEM = re.compile(r"(\*|(\d{1,2})(?:-(\d{1,2}))?)(?:/(\d{1,2}))?")
_WORD = re.compile("[a-z]+")
_FARTHEST = 366 * 9
"""Days looked ahead: 29 February can be eight years away."""
_ANY_DAY = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Interval:
    """So long after the last time."""

    length: timedelta

    def next(self, after: datetime, zone: tzinfo) -> datetime | None:
        """The next time after `after` (aware)."""
        return after + self.length


@dataclass(frozen=True, slots=True)
class Timetable:
    """Minutes, hours, days, months and weekdays (0 is Sunday) on which it is time."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either_day: bool
    """Whether one of the two days is enough, because both are limited."""

    def next(self, after: datetime, zone: tzinfo) -> datetime | None:
        """The next time after `after` (aware) in UTC; None if it never comes (30 February)."""
        day = after.astimezone(zone).date()
        for _ in range(_FARTHEST):
            if self._on(day):
                times = (_moment(day, hour, minute, zone) for hour in sorted(self.hours) for minute in sorted(self.minutes))
                found = min((moment for moment in times if moment > after), default=None)
                if found is not None:
                    return found
            day += timedelta(days=1)
        return None

    def _on(self, day: date) -> bool:
        if day.month not in self.months:
            return False
        by_day, by_weekday = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return by_day or by_weekday if self.either_day else by_day and by_weekday


Schedule = Interval | Timetable


def parse(text: str) -> Schedule | None:
    """Read a schedule; "" is none. Raises `Invalid`."""
    words = text.split()
    if not words:
        return None
    every = _EVERY.fullmatch(" ".join(words))
    if every:
        length = int(every[1] or 1) * _UNITS[every[2][0].lower()]
        if not _SHORTEST <= length <= timedelta(days=366):
            raise _wrong(text, "an interval is one minute to one year")
        return Interval(length)
    if len(words) != len(_FIELDS):
        raise _wrong(text, "write `every 15 minutes`, or five fields: minute hour day month weekday")
    sets = [_field(text, word, *limits) for word, limits in zip(words, _FIELDS, strict=True)]
    limited = not words[2].startswith("*") and not words[4].startswith("*")
    return Timetable(sets[0], sets[1], sets[2], sets[3], frozenset(day % 7 for day in sets[4]), limited)


def checked(text: str) -> Schedule | None:
    """Read a schedule that somebody gives: as `parse`, but one that never comes (31 February) is `Invalid`, too."""
    found = parse(text)
    if found is not None and found.next(_ANY_DAY, UTC) is None:
        raise _wrong(text, "such a day never comes")
    return found


def _field(text: str, word: str, name: str, least: int, most: int) -> frozenset[int]:
    found: set[int] = set()
    for part in word.lower().split(","):
        match = _ITEM.fullmatch(_WORD.sub(lambda word: _NAMES.get(name, {}).get(word[0], word[0]), part))
        if match is None:
            raise _wrong(text, f"{part!r} is no {name}")
        step = int(match[4] or 1)
        first, last = (least, most) if match[1] == "*" else (int(match[2]), int(match[3] or match[2]))
        if match[4] and not match[3] and match[1] != "*":
            last = most
        if not least <= first <= last <= most or not step:
            raise _wrong(text, f"{part!r} is no {name}; there are {least} to {most}")
        found.update(range(first, last + 1, step))
    return frozenset(found)


def _moment(day: date, hour: int, minute: int, zone: tzinfo) -> datetime:
    """Local time as a moment; one that is left out becomes the first after the gap."""
    local = datetime.combine(day, time(hour, minute), zone)  # fold 0: the first of two
    moment = local.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return moment
    return _first_after_gap(moment, zone)


def _first_after_gap(moment: datetime, zone: tzinfo) -> datetime:
    """The moment at which local time jumped, shortly before `moment`."""
    low, high = moment - timedelta(hours=4), moment
    there = high.astimezone(zone).utcoffset()
    while high - low > timedelta(minutes=1):
        middle = low + (high - low) / 2
        if middle.astimezone(zone).utcoffset() == there:
            high = middle
        else:
            low = middle
    return high.replace(second=0, microsecond=0)


def _wrong(text: str, why: str) -> Invalid:
    return Invalid("bad-schedule", f"{text!r} is no schedule: {why}.", data={"field": "schedule", "schedule": text})
