"""A number explained: every stage of its order with the rule that hit, and what would be dialled for it."""

from datetime import datetime

from unisono.kernel.errors import Invalid
from unisono.numbers.dial import Wish, dialled
from unisono.numbers.format import format_number
from unisono.numbers.location import Location
from unisono.numbers.model import Direction, Explanation, NumberFormat, Origin, PhoneNumber, Role, Stage
from unisono.numbers.normalise import origin_of, read, role_of
from unisono.numbers.plan import plan_of
from unisono.numbers.reasons import explained


def explain(
    raw: str,
    location: Location,
    direction: Direction,
    *,
    origin: Origin | None = None,
    role: Role | None = None,
    at: datetime | None = None,
    private_pin: str = "",
    project: str = "",
) -> Explanation:
    """Walk through the order that `direction`, `origin` and `role` mean; never raises for a number.

    A number that a person dials is followed to what the PBX gets. For all others `dial_stages` tell how the number
    would be dialled back from the same location.
    """
    plan = plan_of(location)
    origin, role = origin_of(direction, origin), role_of(direction, role)
    wish = Wish(at=at, private_pin=private_pin, project=project)
    stages: list[Stage] = []
    number = read(plan, raw, direction, origin, role, stages)
    back: list[Stage] = []
    digits, after_answer, problem, code = "", "", "", ""
    persons = direction is Direction.OUT and origin is Origin.PERSON
    if number.dialable:
        try:
            result = dialled(plan, raw if persons else number.supercanonical, wish, back)
            digits, after_answer = result.digits, result.after_answer
            number = result.number if persons else number
        except Invalid as fault:
            problem, code = fault.message, str(fault.data.get("reason") or fault.code)
    else:
        code = number.reason or number.kind.value
        problem = explained(code)
    return Explanation(
        raw,
        location.name,
        direction,
        origin,
        role,
        number,
        tuple(back if persons and back else stages),
        digits,
        after_answer,
        () if persons else tuple(back),
        problem,
        code,
        _formats(number, location),
    )


def _formats(number: PhoneNumber, location: Location) -> tuple[tuple[NumberFormat, str], ...]:
    return tuple((fmt, format_number(number, location, fmt)) for fmt in NumberFormat) if number.dialable else ()
