"""Whether a value is the one asserted, as the syntax of its attribute says: names, times, classes (RFC 4517 4.2). Pure."""

import re
from datetime import UTC, datetime, timedelta, timezone

from unisono.directory.ldap.schema import DESCRIPTIONS, Syntax, class_number, number_of, syntax_of
from unisono.wire.ldap.dn import Dn
from unisono.wire.ldap.errors import TextError

_UUID = re.compile(r"[0-9A-Fa-f]{8}(-?[0-9A-Fa-f]{4}){3}-?[0-9A-Fa-f]{12}")
# RFC 4517 3.3.13
_TIME = re.compile(
    r"(\d{4})(0[1-9]|1[0-2])(\d\d)([01]\d|2[0-3])(?:([0-5]\d)([0-5]\d|60)?)?(?:[.,](\d+))?(?:Z|([+-])(\d\d)([0-5]\d)?)",
    re.ASCII,
)


def equal(name: str, asserted: str, value: str) -> bool | None:
    """Whether an attribute (in lower case) has this value; None: the assertion has not its syntax (Undefined)."""
    match syntax_of(name):
        case Syntax.TIME:
            at = generalized_time(asserted)
            return None if at is None else at == generalized_time(value)
        case Syntax.DN:
            try:
                return Dn.parse(asserted).key == Dn.parse(value).key
            except TextError:
                return None
        case Syntax.BOOLEAN:
            said = asserted.strip().upper()
            return said == value if said in ("TRUE", "FALSE") else None
        case Syntax.OID:
            return class_number(asserted) == class_number(value)
        case found if found in DESCRIPTIONS:
            described, number = value.split()[1:2], number_of(asserted)  # RFC 4517 4.2.25
            if described == [class_number(asserted)]:
                return True  # of a class that a template has added nothing else knows the number
            return None if number is None else described == [number]
    return prepared(asserted) == prepared(value)


def prepared(text: str) -> str:
    """A text as two of them are compared (RFC 4518 2)."""
    return " ".join(text.casefold().split())


def contact_id(asserted: str) -> str | None:
    """The id of the contact whose entry has this entryUUID (RFC 4530 2.1); None if it is none."""
    return asserted.replace("-", "").lower() if _UUID.fullmatch(asserted) else None


def ordered(asserted: str, value: str, *, rising: bool) -> bool | None:
    """Whether a time is not before the one asserted, or not `rising`: not after it; None: Undefined."""
    at, have = generalized_time(asserted), generalized_time(value)
    if at is None or have is None:
        return None
    return have >= at if rising else have <= at


def generalized_time(text: str) -> datetime | None:
    """The time that is meant; None if that cannot be read."""
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second, fraction, sign, hours, minutes = found.groups()
    unit = timedelta(seconds=1) if second else timedelta(minutes=1) if minute else timedelta(hours=1)
    away = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    try:
        zone = timezone(-away if sign == "-" else away)
        begun = datetime(int(year), int(month), int(day), int(hour), int(minute or 0), min(int(second or 0), 59), tzinfo=zone)
        return (begun + unit * float(f"0.{fraction or 0}")).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
