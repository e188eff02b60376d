"""The demo firm "Fornaci & Söhne": sites, people, groups, lines. All of it is invented; plain data for seeding a server.

Numbers of the Munich site lie in the range that Germany keeps for fiction (089 99998 000-999). Italy keeps none: the Udine
site uses a subscriber number that begins with 1, which is possible but not given to subscribers there.
"""

import unicodedata
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from unisono.people.model import LineKind

if TYPE_CHECKING:
    from unisono.numbers.location import Location

NAME = "Fornaci & Söhne"
DOMAIN = "fornaci.example"
OUTSIDE = "0"


@dataclass(frozen=True, slots=True)
class Site:
    """One location. `trunk` is the firm's number behind the area code; `ranges` are the extensions behind it."""

    name: str
    country: str
    country_code: str
    area_code: str
    trunk: str
    ranges: tuple[str, ...]
    locale: str
    timezone: str

    @property
    def e164(self) -> str:
        """The number of the site without an extension, E.164 with plus."""
        return f"+{self.country_code}{self.area_code}{self.trunk}"

    def location(self) -> "Location":
        """The site's dial plan: outside digit 0, which the PBX reports too, three-digit extensions, both sites one plan."""
        from unisono.numbers.location import Location  # the demo PBX needs the firm, but no number engine

        usual = Location.simple(
            self.name, self.country, self.area_code, self.trunk, self.ranges, outside=OUTSIDE, internal_max=3
        )
        return replace(
            usual,
            language=self.locale,
            timezone=self.timezone,
            vanity=True,
            vanity_prefixes=("0800", "0700", "800", "00800", "+800"),
            multi_location=True,
            auto_create_rules=True,
            search_other_sites=True,
            shorten_other_sites=True,
        )


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works there, with one line."""

    extension: str
    given_name: str
    family_name: str
    title: str
    group: str
    site: str
    mobile: str = ""
    admin: bool = False
    leads: bool = False

    @property
    def name(self) -> str:
        """Given and family name."""
        return f"{self.given_name} {self.family_name}"

    @property
    def login(self) -> str:
        """Given and family name in plain letters ("nicolo.delfabbro")."""
        return f"{plain(self.given_name)}.{plain(self.family_name)}"

    @property
    def mail(self) -> str:
        """An address in the example domain."""
        return f"{self.login}@{DOMAIN}"

    @property
    def department(self) -> str:
        """The department is called like the group."""
        return self.group


@dataclass(frozen=True, slots=True)
class Line:
    """A line that belongs to nobody alone."""

    number: str
    name: str
    kind: LineKind
    site: str


UDINE = Site("Udine", "IT", "39", "0432", "100", ("100-199", "600-619", "700-799"), "it", "Europe/Rome")
MUNICH = Site("München", "DE", "49", "89", "99998", ("200-299",), "de", "Europe/Berlin")
SITES = (UDINE, MUNICH)

OFFICE, EXPORT, SERVICE, ATELIER = "Office", "Export", "Service", "Atelier"
"""Words of every language that is spoken there."""
GROUPS = (OFFICE, EXPORT, SERVICE, ATELIER)

# 110, 112, 113, 115 and 118 are nobody's extension: they are emergency numbers.
PEOPLE = (
    Person("101", "Giulia", "Fornaci", "Titolare", OFFICE, "Udine", "+393001000101", leads=True),
    Person("102", "Marco", "Degano", "Responsabile export", EXPORT, "Udine", "+393001000102", leads=True),
    Person("103", "Elena", "Zuliani", "Export", EXPORT, "Udine", "+393001000103"),
    Person("104", "Luca", "Comelli", "Export", EXPORT, "Udine", "+393001000104"),
    Person("105", "Sara", "Driussi", "Responsabile assistenza", SERVICE, "Udine", "+393001000105", leads=True),
    Person("106", "Davide", "Nonino", "Assistenza clienti", SERVICE, "Udine"),
    Person("107", "Chiara", "Tonutti", "Assistenza clienti", SERVICE, "Udine"),
    Person("108", "Matteo", "Venier", "Assistenza clienti", SERVICE, "Udine"),
    Person("109", "Paola", "Cossettini", "Contabilità", OFFICE, "Udine"),
    Person("120", "Stefano", "Basaldella", "Capo officina", ATELIER, "Udine", "+393001000120", leads=True),
    Person("121", "Nicolò", "Del Fabbro", "Posatore", ATELIER, "Udine", "+393001000121"),
    Person("122", "Ilaria", "D'Agostini", "Disegno tecnico", ATELIER, "Udine"),
    Person("201", "Katrin", "Söllner", "Niederlassungsleiterin", OFFICE, "München", "+491713920001"),
    Person("202", "Felix", "Obermayr", "Vertrieb", EXPORT, "München", "+491713920002"),
    Person("203", "Lena", "Brandstätter", "Vertrieb", EXPORT, "München", "+491713920003"),
    Person("204", "Jonas", "Weiß", "Kundendienst", SERVICE, "München"),
    Person("205", "Sophie", "Kühn", "Kundendienst", SERVICE, "München"),
    Person("206", "Tobias", "Großmann", "Fliesenleger", ATELIER, "München", "+491713920006"),
    Person("207", "Miriam", "Jäger", "Technische Zeichnerin", ATELIER, "München"),
    Person("208", "Andreas", "Vogl", "IT", OFFICE, "München", "+491713920008", admin=True),
)

QUEUE = Line("600", "Service", LineKind.QUEUE, "Udine")
HUNT_GROUP = Line("610", "Export", LineKind.GROUP, "Udine")
SHARED_LINES = (QUEUE, HUNT_GROUP)
VOICEMAIL = "700"
PARK_SLOTS = ("790", "791", "792", "793")

LEFT_TO_PEOPLE = ("101", "102")
"""Telephones that the demo's traffic does not answer: somebody sits in front of them."""

_PLAIN = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"}


def plain(text: str) -> str:
    """Lower-case ASCII letters and digits only, the German way for umlauts."""
    spelt = "".join(_PLAIN.get(char, char) for char in text.lower())
    bare = unicodedata.normalize("NFKD", spelt)
    return "".join(char for char in bare if char.isascii() and char.isalnum())


def members(group: str) -> tuple[Person, ...]:
    """The people of a group."""
    return tuple(person for person in PEOPLE if person.group == group)


def site(name: str) -> Site:
    """The site of this name; raises `KeyError`."""
    return {each.name: each for each in SITES}[name]


def direct_number(person: Person) -> str:
    """The number under which somebody is reached from outside, E.164 with plus."""
    return site(person.site).e164 + person.extension
