"""The incoming order, the reading half of the dialling order, and the order for stored numbers.

In: 1 only `+*#0-9` stay; 2 In or Out rules; 3 an outside digit is taken off, and its number is external; 4 if none was,
External rules, emergency numbers, Internal rules, ranges and lengths say whether it is internal; 5 a call-by-call code
is taken off outgoing numbers; 6 super-canonical form. Stored: 1, 4, 6. Dialled: `dial.py`.
"""

import re
from dataclasses import dataclass, replace

from unisono.numbers.clean import Cleaned, clean, usual
from unisono.numbers.country import national_pattern
from unisono.numbers.location import ConnectedId, Location
from unisono.numbers.model import Direction, NumberKind, Origin, PhoneNumber, Role, Stage
from unisono.numbers.plan import REMEMBERED_MOST, SURELY_LONG, Plan, plan_of
from unisono.numbers.services import is_short_code
from unisono.numbers.supercanonical import external, external_text, stands_as_written

Trace = list[Stage] | None

_UNDOUBTED = 15
"""Signs of a number with its plus that nobody has to look at twice."""
_END = re.compile(r"[*#]")


def normalise(
    raw: str,
    location: Location,
    direction: Direction,
    *,
    origin: Origin | None = None,
    role: Role | None = None,
) -> PhoneNumber:
    """Read a number as it comes (`direction`, `origin`, `role`) at a location; never raises.

    Left out, the origin is the PBX for `in`, a person for `out` and `stored`; the role is the caller for `in`, else
    the called party. Answers are remembered for each location value.
    """
    plan = plan_of(location)
    key = (raw, direction, origin or "", role)
    known = plan.remembered.get(key)
    if known is not None:
        return known
    number = read(plan, raw, direction, origin_of(direction, origin), role_of(direction, role), None)
    if len(plan.remembered) >= REMEMBERED_MOST:
        plan.remembered.clear()
    if len(raw) <= 64:
        plan.remembered[key] = number
    return number


def stored_text(raw: str, location: Location) -> str:
    """`normalise(raw, location, Direction.STORED).supercanonical`, quicker and remembering nothing: for millions of numbers.

    What people usually write is read at once, everything else as always.
    """
    plan = plan_of(location)
    long = plan.surely_outside
    written = raw[:1] == "+" and raw[1:].isdigit() and raw.isascii() and len(raw) <= _UNDOUBTED
    if written and len(raw) > long and stands_as_written(raw[:5]):
        return raw
    text = raw if written else usual(raw)
    if text[:2] == "00" and plan.international == "00":
        text = f"+{text[2:]}"
    if text[:1] == "+" and len(text) > long and stands_as_written(text[:5]):
        return text
    if len(text) > plan.listless_most and (text[0] in "+0" or not _short(plan, text)):
        found = external_text(plan, text)
        if len(found) > SURELY_LONG:
            return found
    return read(plan, raw, Direction.STORED, Origin.PERSON, Role.CALLED, None).supercanonical


def origin_of(direction: Direction, origin: Origin | None) -> Origin:
    """The origin meant where none is said."""
    return origin or (Origin.PBX if direction is Direction.IN else Origin.PERSON)


def role_of(direction: Direction, role: Role | None) -> Role:
    """The role meant where none is said."""
    return role or (Role.CALLER if direction is Direction.IN else Role.CALLED)


def read(plan: Plan, raw: str, direction: Direction, origin: Origin, role: Role, trace: Trace) -> PhoneNumber:
    """`normalise` without memory, writing its stages into `trace`."""
    cleaned = cleaned_number(plan, raw, trace, vanity=origin is Origin.PERSON)
    if isinstance(cleaned, PhoneNumber):
        return cleaned
    if origin is Origin.PBX and direction is not Direction.STORED:
        number = _reported(plan, cleaned.text, direction, role, trace)
    else:
        found = recognise(plan, cleaned.text, trace, sites=direction is Direction.OUT and plan.location.search_other_sites)
        number = found.number if found else outside(plan, cleaned.text, trace)
    if cleaned.extension and number.kind is NumberKind.EXTERNAL:
        number = replace(number, extension=cleaned.extension)
    return number


def cleaned_number(
    plan: Plan, raw: str, trace: Trace, *, vanity: bool, to_dial: bool = False
) -> Cleaned | PhoneNumber:
    """Stage 1: the signs that count; or the number that says why there is none. `vanity`: a person wrote it."""
    cleaned = clean(raw, vanity=plan.vanity if vanity else None, dialled=not vanity, to_dial=to_dial)
    if trace is not None:
        _note(trace, "clean", raw, cleaned.vanity or cleaned.text, note=cleaned.note or cleaned.problem)
        if cleaned.vanity:
            _note(trace, "vanity", cleaned.vanity, cleaned.text, "keypad, ITU-T E.161")
    if cleaned.anonymous:
        return PhoneNumber("", NumberKind.ANONYMOUS)
    if cleaned.problem:
        return PhoneNumber("", NumberKind.INVALID, reason=cleaned.problem)
    return cleaned


def _reported(plan: Plan, text: str, direction: Direction, role: Role, trace: Trace) -> PhoneNumber:
    if role is Role.CONNECTED and plan.location.connected_id is ConnectedId.IGNORE:
        if trace is not None:
            _note(trace, "connected-id", text, "", note="connected-id-ignored")
        return PhoneNumber("", NumberKind.ANONYMOUS, reason="connected-id-ignored")
    if role is Role.LINE:
        return _line(plan, text, direction, trace)
    leaving = direction is Direction.OUT or role is Role.FORWARDING
    rules, name = (plan.outgoing, "out-rules") if leaving else (plan.incoming, "in-rules")
    if rules:
        hit = rules.find(text)
        after = "".join(char for char in hit.after if char in "+*#0123456789") if hit else text
        if trace is not None:
            _note(trace, name, text, after, hit.label(name) if hit else None)
        if not after:
            return PhoneNumber("", NumberKind.ANONYMOUS, reason="suppressed-by-rule")
        text = after
    return _after_rules(plan, text, direction, role, trace)


def _after_rules(plan: Plan, text: str, direction: Direction, role: Role, trace: Trace) -> PhoneNumber:
    stripped = _without_outside(plan, text, direction, role, trace)
    if stripped == text:
        text = stripped = _ended(text)
        found = recognise(plan, text, trace, sites=True)
        if found:
            return found.number
    if direction is Direction.OUT or role is Role.FORWARDING:
        stripped = _without_carrier(plan, stripped, trace)
    return outside(plan, _ended(stripped), trace)


def _ended(text: str) -> str:
    """A `#` or `*` behind digits ends the number; before them it is a code."""
    return text if text[:1] in "*#" else _END.split(text)[0]


def _without_outside(plan: Plan, text: str, direction: Direction, role: Role, trace: Trace) -> str:
    pattern = plan.outside(direction, role)
    match = pattern.match(text) if pattern and not text.startswith("+") else None
    rest = text[match.end() :] if match else text
    note = ""
    if match and not _is_outside_call(plan, text, rest):
        note = "outside-digit-kept"
        rest = text
    if trace is not None:
        _note(trace, "outside-line", text, rest, f"outside digit {match[0]}" if match and not note else None, note)
    return rest


def _is_outside_call(plan: Plan, text: str, rest: str) -> bool:
    """Whether what is left after the outside digit can be a call outside. If not, the PBX did not send the digit.

    0432123456 in Udine is 0 and a number only where 432123456 is one: Italian numbers begin with 0, mobiles with 3.
    """
    if not rest:
        return False
    if not plan.closed or rest[0] in "+*#" or rest.startswith(plan.international):
        return True
    if plan.is_public_short(rest) or is_short_code(plan.country.region, rest):
        return True
    if plan.country.trunk:
        return rest.startswith(plan.national)
    if rest[0] == "0" and plan.country.keeps_zero:
        return True
    if national_pattern(plan.country.region).fullmatch(text):
        return rest[0] == "3" and len(rest) >= 10
    return len(rest) in plan.country.lengths


def _without_carrier(plan: Plan, text: str, trace: Trace) -> str:
    code = next((each for each in plan.carriers if text.startswith(each)), "")
    if not code and plan.carrier and (match := plan.carrier.match(text)):
        code = match[0]
    rest = text[len(code) :] or text
    if trace is not None:
        _note(trace, "call-by-call", text, rest, f"code {code}" if code and rest != text else None)
    return rest


def _line(plan: Plan, text: str, direction: Direction, trace: Trace) -> PhoneNumber:
    """The number of a line, short or whole. If there are line rules, nothing else makes it."""
    if plan.line:
        hit = plan.line.find(text)
        if trace is not None:
            _note(trace, "line-rules", text, hit.after if hit else text, hit.label("line-rules") if hit else None)
        after = hit.after if hit else text
        extension = plan.own_extension(after) or text
        return PhoneNumber(after, NumberKind.INTERNAL, plan.location.country, extension, plan.location.name)
    if text.startswith("+"):
        return outside(plan, text, trace)
    found = _by_extension(plan, text, trace, sites=True)
    if found:
        return found.number
    stripped = _without_outside(plan, text, direction, Role.LINE, trace)
    with_area = stripped != text or text.startswith((plan.international, plan.national or "0"))
    number = outside(plan, stripped, trace if with_area else None)
    # As a subscriber of its area writes it, without the area, only one of ours is a line.
    if not number.reason and (with_area or number.kind is NumberKind.INTERNAL):
        return number
    after = text if plan.is_public_short(text) else plan.internal_number(text)
    if trace is not None:
        _note(trace, "internal-numbers", text, after, note="own-line")
    return PhoneNumber(after, NumberKind.INTERNAL, plan.location.country, text, plan.location.name)


@dataclass(frozen=True, slots=True)
class Recognised:
    """A number told without prefixes: who it is, and what is dialled for it, as it is."""

    number: PhoneNumber
    digits: str


def recognise(plan: Plan, text: str, trace: Trace, *, sites: bool) -> Recognised | None:
    """Stage 4: External rules, emergency numbers, Internal rules, extensions, service numbers; None if none of them."""
    if text.startswith("+") or (trace is None and len(text) > plan.listless_most):
        return None
    region = plan.country.region
    if "*" in text or "#" in text:
        return Recognised(PhoneNumber(text, NumberKind.FEATURE, region), text)
    return (
        _by_external_rule(plan, text, trace)
        or _by_emergency(plan, text, trace)
        or _by_internal_rule(plan, text, trace)
        or _by_extension(plan, text, trace, sites)
        or _by_service(plan, text, trace)
    )


def _by_external_rule(plan: Plan, text: str, trace: Trace) -> Recognised | None:
    hit = plan.external.find(text) if plan.external else None
    if trace is not None:
        _note(trace, "external-rules", text, hit.after if hit else text, hit.label("external-rules") if hit else None)
    if hit is None:
        return None
    after, region = hit.after, plan.country.region
    if plan.emergency.fullmatch(after):
        return Recognised(PhoneNumber(after, NumberKind.EMERGENCY, region), after)
    if after.startswith(("+", "00", plan.national or "00")) or (plan.country.keeps_zero and after[:1] == "0"):
        return Recognised(external(plan, after), after)
    # Dialled as it is, so known as it is; a subscriber's number is longer than a service's.
    kind = NumberKind.SERVICE if len(after) <= 6 else NumberKind.EXTERNAL
    return Recognised(PhoneNumber(after, kind, region), after)


def _by_emergency(plan: Plan, text: str, trace: Trace) -> Recognised | None:
    found = plan.emergency.fullmatch(text)
    short = text
    if not found and plan.location.uses_pbx and (code := plan.location.outside_local) and text.startswith(code):
        short = text[len(code) :]
        found = plan.emergency.fullmatch(short)
    if trace is not None:
        _note(trace, "emergency", text, short if found else text, "emergency number" if found else None)
    return Recognised(PhoneNumber(short, NumberKind.EMERGENCY, plan.country.region), text) if found else None


def _by_internal_rule(plan: Plan, text: str, trace: Trace) -> Recognised | None:
    if not plan.internal:
        return None
    hit = plan.internal.find(text)
    if trace is not None:
        _note(trace, "internal-rules", text, hit.after if hit else text, hit.label("internal-rules") if hit else None)
    if hit is None:
        return None
    region = plan.country.region
    if hit.rule.replace is None:
        number = PhoneNumber(plan.internal_number(text), NumberKind.INTERNAL, region, text, plan.location.name)
        return Recognised(number, text)
    if not hit.after:
        return Recognised(PhoneNumber("", NumberKind.ANONYMOUS, reason="suppressed-by-rule"), text)
    own = plan.location.name if plan.own_extension(hit.after) else hit.rule.for_location
    return Recognised(PhoneNumber(hit.after, NumberKind.INTERNAL, region, text, own), text)


def _by_extension(plan: Plan, text: str, trace: Trace, sites: bool) -> Recognised | None:
    """Own ranges first, then other sites' (numbers of other sites are unique where those are linked), then the length."""
    if plan.is_public_short(text) or len(text) > max(plan.most, 16):
        return None
    region, name = plan.country.region, plan.location.name
    if plan.in_range(text):
        number = PhoneNumber(plan.internal_number(text), NumberKind.INTERNAL, region, text, name)
        if trace is not None:
            _note(trace, "internal-numbers", text, number.supercanonical, "range of extensions")
        return Recognised(number, text)
    hit = plan.sites_in.find(text) if sites and plan.sites_in else None
    if trace is not None and sites and plan.sites_in:
        _note(trace, "other-sites", text, hit.after if hit else text, hit.label("other-sites") if hit else None)
    if hit:
        return Recognised(PhoneNumber(hit.after, NumberKind.INTERNAL, region, text, hit.rule.for_location), text)
    internal = plan.is_internal_length(text)
    after = plan.internal_number(text) if internal else text
    if trace is not None:
        _note(trace, "internal-numbers", text, after, f"{plan.least} to {plan.most} digits" if internal else None)
    return Recognised(PhoneNumber(after, NumberKind.INTERNAL, region, text, name), text) if internal else None


def _by_service(plan: Plan, text: str, trace: Trace) -> Recognised | None:
    found = plan.is_public_short(text) or is_short_code(plan.country.region, text)
    if trace is not None:
        _note(trace, "service-numbers", text, text, "service number of the country" if found else None)
    return Recognised(PhoneNumber(text, NumberKind.SERVICE, plan.country.region), text) if found else None


def outside(plan: Plan, text: str, trace: Trace) -> PhoneNumber:
    """Stage 6, and what an international form tells: an own extension, another site's, an emergency number."""
    found = None if text.startswith(("+", "0")) else _short(plan, text)
    number = found or classify(plan, external(plan, text))
    if trace is not None:
        _note(trace, "supercanonical", text, number.supercanonical, note=number.reason or number.kind.value)
    return number


def _short(plan: Plan, text: str) -> PhoneNumber | None:
    """A short public number behind an outside digit."""
    if plan.emergency.fullmatch(text):
        return PhoneNumber(text, NumberKind.EMERGENCY, plan.country.region)
    if plan.is_public_short(text) or is_short_code(plan.country.region, text):
        return PhoneNumber(text, NumberKind.SERVICE, plan.country.region)
    return PhoneNumber(text, NumberKind.FEATURE, plan.country.region) if "*" in text or "#" in text else None


def classify(plan: Plan, number: PhoneNumber) -> PhoneNumber:
    """Tell own extensions and other sites' among super-canonical numbers."""
    sc = number.supercanonical
    if plan.site_prefix and (extension := plan.own_extension(sc)):
        return replace(number, kind=NumberKind.INTERNAL, extension=extension, site=plan.location.name, reason="")
    if plan.sites_out and (hit := plan.sites_out.find(sc)):
        return replace(number, kind=NumberKind.INTERNAL, extension=hit.after, site=hit.rule.for_location, reason="")
    if listed := plan.listed.get(sc):
        return replace(number, kind=NumberKind.INTERNAL, extension=listed, reason="")
    code = plan.country.code
    if len(sc) < 8 + len(code) and sc.startswith(f"+{code}") and plan.emergency.fullmatch(sc[1 + len(code) :]):
        return PhoneNumber(sc[1 + len(code) :], NumberKind.EMERGENCY, plan.country.region)
    return number


def _note(trace: list[Stage], name: str, before: str, after: str, rule: str | None = None, note: str = "") -> None:
    trace.append(Stage(name, before, after, rule, note))
