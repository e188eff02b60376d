"""A location: the dial plan of one site as a value. Everything that decides how a number is read or dialled is in it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

from unisono.numbers.country import TIME_ZONES, country
from unisono.numbers.model import Rule
from unisono.numbers.unfit import Unfit

Rules = tuple[Rule, ...]
Texts = tuple[str, ...]

_SLOTS = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz- ")


class RangeMode(StrEnum):
    """How a range of extensions is meant."""

    WHOLE = "whole"
    """`100` to `499` are whole extensions."""
    FIRST_DIGIT = "first-digit"
    """`0` to `2` is the first digit; the internal length says the rest."""


@dataclass(frozen=True, slots=True)
class DdiRange:
    """Extensions that can be dialled from outside behind the trunk number; both ends count."""

    begin: str
    end: str
    mode: RangeMode = RangeMode.WHOLE

    def __post_init__(self) -> None:
        if not (self.begin.isdecimal() and self.end.isdecimal() and self.begin.isascii() and self.end.isascii()):
            raise Unfit("range-digits", f"range {self.begin}-{self.end}: both ends are digits")
        if (len(self.begin), self.begin) > (len(self.end), self.end):
            raise Unfit("range-order", f"range {self.begin}-{self.end}: the end comes before the beginning")
        if self.mode is RangeMode.FIRST_DIGIT and (len(self.begin), len(self.end)) != (1, 1):
            raise Unfit("range-first-digit", f"range {self.begin}-{self.end}: a first digit is one digit")

    @classmethod
    def parse(cls, text: str) -> "DdiRange":
        """Read `100-499`, `30`, or `[0-2]` (first digit); ValueError otherwise."""
        inner = text.strip()
        mode = RangeMode.FIRST_DIGIT if inner.startswith("[") and inner.endswith("]") else RangeMode.WHOLE
        begin, _, end = inner.strip("[]").partition("-")
        return cls(begin.strip(), (end or begin).strip(), mode)

    def __str__(self) -> str:
        return f"[{self.begin}-{self.end}]" if self.mode is RangeMode.FIRST_DIGIT else f"{self.begin}-{self.end}"

    def holds(self, digits: str, least: int, most: int) -> bool:
        """Whether an extension is in the range; `least` and `most` are the internal lengths."""
        if self.mode is RangeMode.FIRST_DIGIT:
            return least <= len(digits) <= most and self.begin <= digits[:1] <= self.end
        return (len(self.begin), self.begin) <= (len(digits), digits) <= (len(self.end), self.end)


class ConnectedId(StrEnum):
    """What to do with the connected number a PBX reports."""

    NORMAL = "normal"
    IGNORE = "ignore"


class DialFormat(IntEnum):
    """In which form external numbers are handed to the PBX."""

    NORMAL = 0
    """As on its phones: outside digit, prefixes, as short as the rules allow."""
    SUPERCANONICAL = 1
    """`+390432123456`"""
    PLAIN = 2
    """`390432123456`"""
    DIALABLE_PLAIN = 3
    """Outside digit and always the international form: `0 00390432123456`."""


class HomePna(IntEnum):
    """Which calls within the own area code cost (North America)."""

    ALL_LOCAL = 0
    TOLL_LISTED = 1
    LOCAL_LISTED = 2


@dataclass(frozen=True, slots=True)
class ForeignPna:
    """An area code in which calls to these exchanges (NXX) are local."""

    area_code: str
    prefixes: Texts


@dataclass(frozen=True, slots=True)
class LcrProvider:
    """A carrier for least-cost routing: `number` is dialled before the destination."""

    name: str
    number: str
    colour: int = 0


@dataclass(frozen=True, slots=True)
class LcrZone:
    """Destinations by super-canonical prefix, and who carries them when.

    Each time text has 48 characters, one for each half hour from midnight: `1` to `9`, `A` to `Z`, `a` to `z` name the
    first to the 61st provider; `0`, `-` and a blank mean no provider. An empty text is 48 times no provider.
    """

    name: str
    prefixes: Texts
    weekday: str = ""
    saturday: str = ""
    sunday: str = ""

    def __post_init__(self) -> None:
        for day in (self.weekday, self.saturday, self.sunday):
            if day and (len(day) != 48 or set(day) - _SLOTS):
                raise Unfit("zone-day", f"zone {self.name}: a day has 48 characters of 0-9, A-Z, a-z, '-' or blank")

    @property
    def carried(self) -> bool:
        """Whether any half hour has a provider."""
        return any(char not in "0- " for char in self.weekday + self.saturday + self.sunday)


class ProjectType(IntEnum):
    """Where a project's code goes."""

    UNKNOWN = 0
    PBX = 1
    JOURNAL = 2
    BOTH = 3
    PBX_PRIVATE = 4


@dataclass(frozen=True, slots=True)
class ProjectPin:
    """A code dialled for a project or a private call.

    `pin`: `0-9*#` are dialled; `C` waits for the answer; `e` is one digit of the PIN, `E` all of it; `u` and `U` the
    same of the user id; `p` half a second, `P` a second of pause; `N` the number (without it: at the end); `J` keeps
    what the user entered in the journal; `X` dials the number with its outside digit also where it is internal.
    """

    name: str
    pin: str
    type: ProjectType = ProjectType.PBX
    private: bool = False

    def __post_init__(self) -> None:
        if set(self.pin) - set("0123456789*#CeEuUpPNJX"):
            raise Unfit("project-code", f"project {self.name}: a code holds 0-9 * # C e E u U p P N J X only")


@dataclass(frozen=True, slots=True)
class SoftphoneEmergency:
    """What a softphone in a subnet dials before an emergency number, so that help goes to the right site."""

    name: str
    number: str
    prefix: str
    subnet: str
    mask: int

    def __post_init__(self) -> None:
        _network(self)

    def covers(self, address: IPv4Address | IPv6Address) -> bool:
        """Whether a client with this address is in the subnet."""
        network = _network(self)
        return network.version == address.version and address in network


def _network(entry: SoftphoneEmergency) -> IPv4Network | IPv6Network:
    return ip_network(f"{entry.subnet}/{entry.mask}", strict=False)


@dataclass(frozen=True, slots=True)
class Location:
    """One site's dial plan. Only `name` and `country` must be given; `simple` makes the usual one.

    Dialling rules are templates: `E` country code, `F` area code, `G` subscriber, digits as they are (`00EFG`); empty
    means the usual one. `area_code`: with or without its 0, both are understood. Outside codes may hold `?` (one digit
    of the PIN) and `%` (all of it). Times are compared in `timezone` (IANA name; empty: in the zone they come in).
    """

    name: str
    country: str
    language: str = ""
    timezone: str = ""
    # Base
    area_code: str = ""
    local_prefix: str = ""
    national_prefix: str = ""
    international_prefix: str = ""
    local_dialling_rule: str = ""
    national_dialling_rule: str = ""
    international_dialling_rule: str = ""
    always_dial_area_code: bool = False
    vanity: bool = False
    vanity_prefixes: Texts = ()
    mobile: bool = False
    extended_view: bool = False
    dial_format: DialFormat = DialFormat.NORMAL
    # PBX
    uses_pbx: bool = True
    trunk: str = ""
    ranges: tuple[DdiRange, ...] = ()
    internal_min: int = 0
    internal_max: int = 0
    outside_local: str = ""
    outside_national: str = ""
    outside_international: str = ""
    outside_private: str = ""
    outside_forwarding: str = ""
    strip_incoming: Texts = ()
    strip_outgoing: Texts = ()
    strip_forwarding: Texts = ()
    strip_connected_in: Texts = ()
    strip_connected_out: Texts = ()
    connected_id: ConnectedId = ConnectedId.NORMAL
    call_by_call: Texts = ()
    # Rule lists
    internal_rules: Rules = ()
    external_rules: Rules = ()
    in_rules: Rules = ()
    out_rules: Rules = ()
    dial_rules: Rules = ()
    final_dial_rules: Rules = ()
    line_rules: Rules = ()
    # Several sites; the two lists are made by `sites.link`
    multi_location: bool = False
    auto_create_rules: bool = False
    search_other_sites: bool = False
    shorten_other_sites: bool = False
    site_rules_in: Rules = ()
    site_rules_out: Rules = ()
    # North America
    home_pna: HomePna = HomePna.ALL_LOCAL
    home_pna_local: Texts = ()
    home_pna_toll: Texts = ()
    home_pna_local_rule: str = ""
    home_pna_toll_rule: str = ""
    foreign_pna: bool = False
    foreign_pna_local: tuple[ForeignPna, ...] = ()
    foreign_pna_local_rule: str = ""
    # Least cost
    lcr: bool = False
    lcr_providers: tuple[LcrProvider, ...] = ()
    lcr_zones: tuple[LcrZone, ...] = ()
    # Projects, emergencies
    project_pins: tuple[ProjectPin, ...] = ()
    softphone_emergency: bool = False
    softphone_emergency_warning: bool = False
    softphone_emergencies: tuple[SoftphoneEmergency, ...] = ()
    # The compiled plan, kept with the value it belongs to (`plan.plan_of`): no part of the value.
    _memo: list[object] = field(default_factory=list, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        country(self.country)

    @property
    def country_code(self) -> str:
        """The calling code of the country, `39`."""
        return country(self.country).code

    @property
    def area(self) -> str:
        """The area code as it stands in an international number: `0432` in Italy, `89` in Germany."""
        facts = country(self.country)
        if not self.area_code:
            return ""
        if facts.code in ("39", "378"):
            return self.area_code if self.area_code.startswith("0") else "0" + self.area_code
        return self.area_code.removeprefix(facts.trunk)

    @property
    def site_prefix(self) -> str:
        """What stands before an extension in an international number, empty without a trunk number."""
        return f"+{self.country_code}{self.area}{self.trunk}" if self.uses_pbx and self.trunk else ""

    @classmethod
    def simple(
        cls,
        name: str,
        country: str,
        area_code: str = "",
        trunk: str = "",
        ranges: "Iterable[str | tuple[str, str] | DdiRange]" = (),
        outside: str = "",
        internal_max: int = 0,
        *,
        internal_min: int = 0,
        strip: Texts | None = None,
    ) -> "Location":
        """The usual site: one PBX, one outside digit for everything, extensions of the lengths of `ranges`.

        `ranges`: `"100-499"`, `("100", "499")` or `"[0-2]"`. `strip`: outside digits the PBX reports; None means that it
        reports `outside`, an empty tuple that it reports none. Without ranges extensions have 2 to 4 digits.
        """
        parsed = tuple(_range(each) for each in ranges)
        whole = [each for each in parsed if each.mode is RangeMode.WHOLE]
        least = internal_min or min((len(each.begin) for each in whole), default=2 if not parsed else 0)
        most = internal_max or max((len(each.end) for each in whole), default=4)
        codes = (() if not outside else (outside,)) if strip is None else strip
        return cls(
            name,
            country,
            timezone=TIME_ZONES.get(country, ""),
            area_code=area_code,
            trunk=trunk,
            ranges=parsed,
            internal_min=min(least or most, most),
            internal_max=most,
            outside_local=outside,
            outside_national=outside,
            outside_international=outside,
            strip_incoming=codes,
            strip_outgoing=codes,
            strip_forwarding=codes,
            strip_connected_in=codes,
            strip_connected_out=codes,
        )


def _range(value: "str | tuple[str, str] | DdiRange") -> DdiRange:
    if isinstance(value, DdiRange):
        return value
    return DdiRange.parse(value) if isinstance(value, str) else DdiRange(*value)
