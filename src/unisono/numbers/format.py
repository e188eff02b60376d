"""The ten forms in which a number is written, and back.

Full forms can be read anywhere. A shortened form keeps as few digits as are needed *at its location*: the extension of
an own number, the subscriber's number within the own area (where area codes may be left out), else the national form;
numbers of other countries stay whole. A form is shortened only if the same location, reading it as a stored number,
comes back to the number: shortening never makes another number of it.
"""

from unisono.numbers.areas import area_of
from unisono.numbers.location import Location
from unisono.numbers.model import Direction, NumberFormat, NumberKind, PhoneNumber
from unisono.numbers.normalise import normalise
from unisono.numbers.plan import Plan, plan_of
from unisono.numbers.supercanonical import split_national

_SHORT = {
    NumberFormat.PLAIN_SHORT: NumberFormat.PLAIN,
    NumberFormat.READABLE_SHORT: NumberFormat.READABLE,
    NumberFormat.DIN_5008_SHORT: NumberFormat.DIN_5008,
    NumberFormat.PLAIN_HYPHEN_SHORT: NumberFormat.PLAIN_HYPHEN,
}


def format_number(number: PhoneNumber | str, location: Location, fmt: NumberFormat) -> str:
    """Write a number in one of the ten forms; what has no international form (services, refused text) stays as it is."""
    raw = number if isinstance(number, str) else number.supercanonical
    if fmt is NumberFormat.UNFORMATTED:
        return raw
    value = normalise(number, location, Direction.STORED) if isinstance(number, str) else number
    sc = value.supercanonical
    if not sc.startswith("+") or not split_national(sc)[0]:
        return sc or raw
    plan = plan_of(location)
    if fmt is NumberFormat.DIALABLE:
        return plan.international + sc[1:]
    if fmt not in _SHORT:
        return _whole(plan, value, fmt)
    for short in _shorter(plan, value, _SHORT[fmt]):
        if normalise(short, location, Direction.STORED).supercanonical == sc:
            return short
    return _whole(plan, value, _SHORT[fmt])


def _whole(plan: Plan, number: PhoneNumber, fmt: NumberFormat) -> str:
    sc = number.supercanonical
    code, national = split_national(sc)
    area, subscriber = _area(plan, code, sc, national)
    local = _hyphenated(number, subscriber)
    if fmt is NumberFormat.PLAIN:
        return sc
    if fmt is NumberFormat.PLAIN_HYPHEN:
        return f"+{code}{area}{local}"
    if not area:
        return f"+{code} {local}"
    return f"+{code} ({area}) {local}" if fmt is NumberFormat.READABLE else f"+{code} {area} {local}"


def _shorter(plan: Plan, number: PhoneNumber, fmt: NumberFormat) -> list[str]:
    """Candidates from the shortest on."""
    sc = number.supercanonical
    code, national = split_national(sc)
    found = [plan.own_extension(sc)] if plan.own_extension(sc) else []
    if code != plan.country.code:
        return found
    area, subscriber = _area(plan, code, sc, national)
    local = subscriber if fmt is NumberFormat.PLAIN else _hyphenated(number, subscriber)
    if area == plan.area and not plan.closed:
        found.append(local)
    prefix = "" if plan.country.keeps_zero or plan.country.nanp else plan.national
    match fmt:
        case NumberFormat.READABLE if area:
            found.append(f"({prefix}{area}) {local}")
        case NumberFormat.DIN_5008 if area:
            found.append(f"{prefix}{area} {local}")
        case _:
            found.append(f"{prefix}{area}{local}")
    return found


def _area(plan: Plan, code: str, sc: str, national: str) -> tuple[str, str]:
    """The own area code is known; all others are libphonenumber's."""
    own = plan.area
    if own and code == plan.country.code and national.startswith(own) and len(national) > len(own):
        return own, national[len(own) :]
    return area_of(sc)


def _hyphenated(number: PhoneNumber, subscriber: str) -> str:
    """A hyphen before the extension of an internal number; the trunk number stands before it."""
    extension = number.extension
    if number.kind is not NumberKind.INTERNAL or not extension or not subscriber.endswith(extension):
        return subscriber
    trunk = subscriber[: -len(extension)]
    return f"{trunk}-{extension}" if trunk else subscriber
