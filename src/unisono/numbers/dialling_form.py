"""How a number is handed to the PBX: extension, local, national or international, with the outside digits before it."""

from dataclasses import dataclass

from unisono.kernel.errors import Invalid
from unisono.numbers.areas import area_of
from unisono.numbers.location import DialFormat, HomePna, LcrProvider, Location
from unisono.numbers.model import NumberKind, PhoneNumber
from unisono.numbers.normalise import recognise
from unisono.numbers.plan import Plan
from unisono.numbers.services import is_short_code
from unisono.numbers.supercanonical import split_national


@dataclass(frozen=True, slots=True)
class Line:
    """Through which outside line a call goes."""

    forwarding: bool = False
    private_pin: str = ""
    provider: LcrProvider | None = None


def written_for_pbx(plan: Plan, number: PhoneNumber, line: Line, *, shorten: bool = True) -> tuple[str, str]:
    """The digits for the PBX, and how they came about, as a code of `reasons.NOTES`.

    Extensions are dialled as extensions in every dial format: no PBX needs an outside line for them.
    """
    if shorten and (short := _inside(plan, number)):
        return short, "as-extension"
    location, sc = plan.location, number.supercanonical
    match location.dial_format:
        case DialFormat.SUPERCANONICAL:
            return sc, "as-supercanonical"
        case DialFormat.PLAIN:
            return sc[1:], "as-digits"
        case DialFormat.DIALABLE_PLAIN:
            code = _outside(location, location.outside_international, line)
            return code + plan.international + sc[1:], "as-always-international"
        case DialFormat.NORMAL:
            return _as_on_the_phone(plan, sc, line)


def _inside(plan: Plan, number: PhoneNumber) -> str:
    """The extension to dial, if dialling it inside reaches this very number."""
    if number.kind is not NumberKind.INTERNAL or not number.extension:
        return ""
    own = number.site == plan.location.name
    if not own and number.site and not plan.location.shorten_other_sites:
        return ""
    found = recognise(plan, number.extension, None, sites=True)
    return number.extension if found and found.number.supercanonical == number.supercanonical else ""


def _as_on_the_phone(plan: Plan, sc: str, line: Line) -> tuple[str, str]:
    location = plan.location
    code, national = split_national(sc)
    carrier = line.provider.number if line.provider else ""
    if code != plan.country.code:
        outside = _outside(location, location.outside_international, line)
        rule = location.international_dialling_rule or f"{plan.international}EFG"
        return outside + carrier + _fill(rule, code, *area_of(sc)), "as-international"
    area, subscriber = _split(plan, sc, national)
    rule = "" if carrier else _local_rule(plan, area, subscriber)
    if rule:
        outside = _outside(location, location.outside_local, line)
        return outside + _fill(rule, code, area, subscriber), "as-local"
    outside = _outside(location, location.outside_national, line)
    prefix = "" if plan.country.keeps_zero else plan.national
    rule = location.national_dialling_rule or f"{prefix}FG"
    return outside + carrier + _fill(rule, code, area, subscriber), "as-national"


def _split(plan: Plan, sc: str, national: str) -> tuple[str, str]:
    if plan.area and national.startswith(plan.area) and len(national) > len(plan.area):
        return plan.area, national[len(plan.area) :]
    return area_of(sc)


def _local_rule(plan: Plan, area: str, subscriber: str) -> str:
    """The rule by which a number of the own country is dialled without its area; empty if it is dialled with it."""
    location = plan.location
    if plan.country.nanp:
        return _north_american_rule(plan, area, subscriber)
    if plan.closed or area != plan.area:
        return ""
    # Alone, these digits would reach a service, another country, or (without an outside digit) an extension.
    alone = (
        plan.is_public_short(subscriber)
        or is_short_code(plan.country.region, subscriber)
        or subscriber.startswith(plan.national)
        or (not location.outside_local and plan.is_internal_length(subscriber))
    )
    return "" if alone else location.local_dialling_rule or f"{location.local_prefix}G"


def _north_american_rule(plan: Plan, area: str, subscriber: str) -> str:
    """Local and toll calls by exchange (NXX): lists for the own area code and for neighbouring ones."""
    location, exchange = plan.location, subscriber[:3]
    local = location.home_pna_local_rule or location.local_dialling_rule or ("FG" if plan.closed_by_choice else "G")
    if area != plan.area:
        listed = any(each.area_code == area and exchange in each.prefixes for each in location.foreign_pna_local)
        return (location.foreign_pna_local_rule or "FG") if location.foreign_pna and listed else ""
    match location.home_pna:
        case HomePna.ALL_LOCAL:
            costs = False
        case HomePna.TOLL_LISTED:
            costs = exchange in location.home_pna_toll
        case HomePna.LOCAL_LISTED:
            costs = exchange not in location.home_pna_local
    return (location.home_pna_toll_rule or f"{plan.national}FG") if costs else local


def _fill(rule: str, code: str, area: str, subscriber: str) -> str:
    parts = {"E": code, "F": area, "G": subscriber}
    return "".join(parts.get(char, char if char in "0123456789*#" else "") for char in rule)


def _outside(location: Location, usual: str, line: Line) -> str:
    if not location.uses_pbx:
        return ""
    if line.private_pin:
        return _private(location, line.private_pin)
    return (location.outside_forwarding or usual) if line.forwarding else usual


def _private(location: Location, pin: str) -> str:
    """The private outside code with the PIN in it: one digit for each `?`, what is left for `%`."""
    code = location.outside_private
    if not code:
        raise Invalid("no-private-line", f"{location.name} has no outside line for private calls.",
                      data={"field": "outside_private"})  # fmt: skip
    single = code.count("?")
    wrong = (not pin.isdecimal()) or len(pin) < single or (single and "%" not in code and len(pin) != single)
    if wrong or ("%" in code and len(pin) <= single):
        raise Invalid("pin-does-not-fit", f"The private line of {location.name} needs a PIN of {single or 'some'} digits.",
                      data={"field": "private_pin", "digits": single})  # fmt: skip
    digits = iter(pin)
    filled = "".join(next(digits) if char == "?" else char for char in code)
    return filled.replace("%", pin[single:], 1).replace("%", "")
