"""The dialling order: from what a person dials to what the PBX gets.

1 the signs that count; 2 vanity letters; 3 digits; 4 External rules: dialled as it is; 5 Internal rules and extensions:
dialled as it is; 6 super-canonical form; 7 least-cost route; then Dial rules (for every number; a result with `+` is
formatted on, any other is dialled as it is), the dial format with outside digit and prefixes, a project's code, and
Final-dial rules.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address

from unisono.kernel.errors import Invalid
from unisono.numbers.dialling_form import Line, written_for_pbx
from unisono.numbers.least_cost import Route, route
from unisono.numbers.location import Location, ProjectPin, ProjectType
from unisono.numbers.model import Dialled, NumberKind, PhoneNumber, Stage
from unisono.numbers.normalise import classify, cleaned_number, recognise
from unisono.numbers.normalise import outside as read_outside
from unisono.numbers.plan import Plan, plan_of
from unisono.numbers.project import with_project
from unisono.numbers.reasons import explained
from unisono.numbers.supercanonical import external

Trace = list[Stage] | None


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked besides the number: see the arguments of `dial`."""

    at: datetime | None = None
    private_pin: str = ""
    forwarding: bool = False
    project: str = ""
    user_pin: str = ""
    user_id: str = ""
    client: IPv4Address | IPv6Address | None = None


def dial(
    raw: str,
    location: Location,
    *,
    at: datetime | None = None,
    private_pin: str = "",
    forwarding: bool = False,
    project: str = "",
    user_pin: str = "",
    user_id: str = "",
    client: IPv4Address | IPv6Address | None = None,
) -> Dialled:
    """What the PBX of a location gets for a number in any written form.

    `at`: when (least cost needs it; without it no carrier is chosen). `private_pin`: a private call through the private
    outside line with this PIN. `forwarding`: it is the destination of a forwarding, which may need another outside
    digit. `project`: name of a project code of the location, with the PIN and user id it may ask for. `client`: address
    of the softphone, for emergency calls. Raises `Invalid` if there is nothing to dial, with `data["reason"]`.
    """
    wish = Wish(at, private_pin, forwarding, project, user_pin, user_id, client)
    return dialled(plan_of(location), raw, wish, None)


def dialled(plan: Plan, raw: str, wish: Wish, trace: Trace) -> Dialled:
    """`dial`, writing its stages into `trace`."""
    number, as_is = _destination(plan, raw, trace)
    if not number.dialable:
        raise Invalid(
            "number-not-dialable",
            f"{raw[:64]!r} cannot be dialled: {explained(number.reason or number.kind.value)}.",
            data={"reason": number.reason or number.kind.value, "field": "number"},
        )
    chosen = _least_cost(plan, number, wish, trace) if as_is is None else None
    number, digits = _by_dial_rules(plan, number, as_is, trace)
    line = Line(forwarding=wish.forwarding, private_pin=wish.private_pin, provider=chosen.provider if chosen else None)
    code = _project(plan.location, wish)
    if digits is None or (code is not None and "X" in code.pin and number.kind is NumberKind.INTERNAL):
        before = number.supercanonical
        digits, how = written_for_pbx(plan, number, line, shorten=code is None or "X" not in code.pin)
        _note(trace, "dial-format", before, digits, None, how)
    digits = _for_emergency(plan, number, digits, wish, trace)
    after_answer = ""
    if code is not None:
        before = digits
        digits, after_answer = with_project(code, digits, wish.user_pin, wish.user_id)
        _note(trace, "project", before, digits, f"project {code.name}: {code.pin}")
    digits = _by_final_rules(plan, digits, trace)
    if not digits:
        raise Invalid("number-barred", f"A rule of {plan.location.name} leaves nothing of {raw[:64]!r} to dial.",
                      data={"reason": "barred-by-rule", "field": "number"})  # fmt: skip
    provider = chosen.provider.name if chosen and chosen.provider else ""
    return Dialled(digits, number, after_answer, provider, tuple(trace or ()))


def _destination(plan: Plan, raw: str, trace: Trace) -> tuple[PhoneNumber, str | None]:
    """Steps 1 to 6: who is called, and what to dial where that is settled already."""
    cleaned = cleaned_number(plan, raw, trace, vanity=True, to_dial=True)
    if isinstance(cleaned, PhoneNumber):
        return cleaned, None
    found = recognise(plan, cleaned.text, trace, sites=plan.location.search_other_sites)
    if found:
        return found.number, found.digits
    number = read_outside(plan, cleaned.text, trace)
    if cleaned.extension and number.kind is NumberKind.EXTERNAL:
        number = replace(number, extension=cleaned.extension)
    settled = number.kind not in (NumberKind.EXTERNAL, NumberKind.INTERNAL) or not number.supercanonical.startswith("+")
    return number, number.supercanonical if settled else None


def _least_cost(plan: Plan, number: PhoneNumber, wish: Wish, trace: Trace) -> Route | None:
    location = plan.location
    if not location.lcr or number.kind is not NumberKind.EXTERNAL:
        return None
    chosen = route(location, number.supercanonical, wish.at) if wish.at else None
    sc = number.supercanonical
    how = "no-time" if wish.at is None else "" if chosen else "no-zone"
    _note(trace, "least-cost", sc, sc, str(chosen) if chosen else None, how)
    return chosen


def _by_dial_rules(plan: Plan, number: PhoneNumber, as_is: str | None, trace: Trace) -> tuple[PhoneNumber, str | None]:
    """Dial rules see what is dialled as it is, or the super-canonical form; an extension in both of its forms."""
    seen = [as_is] if as_is is not None else [number.supercanonical]
    if as_is is None and number.kind is NumberKind.INTERNAL and number.site == plan.location.name:
        seen.append(number.extension)
    hits = [(hit.place, text, hit) for text in seen if plan.dial and (hit := plan.dial.find(text))]
    if not hits:
        if plan.dial:
            _note(trace, "dial-rules", seen[0], seen[0], None)
        return number, as_is
    _, text, hit = min(hits, key=lambda found: found[0])
    _note(trace, "dial-rules", text, hit.after, hit.label("dial-rules"))
    if hit.rule.replace is None:
        return number, as_is
    if hit.after.startswith("+"):
        return classify(plan, external(plan, hit.after)), None
    return number, hit.after


def _for_emergency(plan: Plan, number: PhoneNumber, digits: str, wish: Wish, trace: Trace) -> str:
    """Before an emergency number the prefix of the subnet the softphone is in; the smallest subnet wins."""
    location = plan.location
    if number.kind is not NumberKind.EMERGENCY or not location.softphone_emergency or wish.client is None:
        return digits
    near = [each for each in location.softphone_emergencies
            if each.number in ("", number.supercanonical) and each.covers(wish.client)]  # fmt: skip
    if not near:
        return digits
    entry = max(near, key=lambda each: each.mask)
    _note(trace, "softphone-emergency", digits, entry.prefix + digits, f"{entry.name} {entry.subnet}/{entry.mask}")
    return entry.prefix + digits


def _project(location: Location, wish: Wish) -> ProjectPin | None:
    if not wish.project:
        return None
    code = next((each for each in location.project_pins if each.name == wish.project), None)
    if code is None:
        raise Invalid("unknown-project", f"{location.name} has no project {wish.project!r}.", data={"field": "project"})
    return code if code.type is not ProjectType.JOURNAL else None


def _by_final_rules(plan: Plan, digits: str, trace: Trace) -> str:
    if not plan.final:
        return digits
    hit = plan.final.find(digits)
    after = hit.after if hit else digits
    _note(trace, "final-dial-rules", digits, after, hit.label("final-dial-rules") if hit else None)
    return after


def _note(trace: Trace, name: str, before: str, after: str, rule: str | None, note: str = "") -> None:
    if trace is not None:
        trace.append(Stage(name, before, after, rule, note))
