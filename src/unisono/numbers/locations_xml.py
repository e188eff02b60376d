"""Import of a vendor's `config\\locations.xml`, as written there: UTF-8 with a byte order mark, one `<location>` a site.

Published are the names `location`, `name`, `CityCode`, `InternalRules`, `Element`, `Search`, `Replace` and
`MatchReplace`. All others are taken by the names of the vendor's public interface, with or without their type letters
(`u8sCountryCode`, `CountryCode`), as attributes or as elements. What is not known is reported, never guessed at.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree

from unisono.kernel.errors import Invalid
from unisono.numbers.check import problems, unseen
from unisono.numbers.country import COUNTRY_CODES, TIME_ZONES, country_of_code, split_code
from unisono.numbers.location import DdiRange, Location, RangeMode
from unisono.numbers.model import Rule
from unisono.numbers.unfit import Unfit
from unisono.numbers.xml_names import FLAGS, IGNORED, LISTS, NUMBERS, RULE_LISTS, TEXTS, key_of
from unisono.numbers.xml_parts import PARTS

SIZE_MOST = 10_000_000
RULES_MOST = 100_000


@dataclass(frozen=True, slots=True)
class ImportProblem:
    """Something that was left out or decided: line of the file, place in it, and why.

    `code` and `data` are for clients' words, `data["problem"]` is that of an `Unfit`; `message` is the same in English.
    """

    line: int
    where: str
    code: str
    message: str
    data: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The locations that could be read, and what could not."""

    locations: tuple[Location, ...]
    problems: tuple[ImportProblem, ...]


@dataclass(slots=True)
class _Reading:
    """What has been read of one `<location>`."""

    name: str
    country: str
    fields: dict[str, object] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    rules: int = 0
    problems: list[ImportProblem] = field(default_factory=list)

    def problem(self, node: etree._Element, where: str, code: str, message: str, **data: str | int) -> None:
        self.problems.append(ImportProblem(_line(node), f"{self.name}: {where}", code, message, data))


def read_locations(data: bytes, *, country: str = "") -> ImportReport:
    """Read a file; `country` (ISO 3166) is for sites that do not say theirs. `Invalid` if it is no such file."""
    root = _parsed(data)
    sites = [root] if key_of(root.tag) == "location" else [each for each in root if key_of(each.tag) == "location"]
    if not sites:
        raise Invalid("locations-xml-empty", "The file holds no <location>. Is it the server's locations.xml?")
    found: list[Location] = []
    report = [
        ImportProblem(_line(each), key_of(each.tag), "unknown-with-all", _UNKNOWN_WITH_ALL)
        for each in root
        if root not in sites and each not in sites
    ]
    names: Counter[str] = Counter()
    for site in sites:
        reading = _read_site(site, country)
        names[reading.name.casefold()] += 1
        if names[reading.name.casefold()] > 1:
            reading.problem(site, "name", "name-twice", "another location of the file has this name; this one is left out")
        elif (location := _location(site, reading)) is not None:
            found.append(location)
        report += reading.problems
    return ImportReport(tuple(found), tuple(report))


def _parsed(data: bytes) -> etree._Element:
    if len(data) > SIZE_MOST:
        raise Invalid("locations-xml-too-large", f"The file is larger than {SIZE_MOST // 1_000_000} MB.")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        line = error.lineno or 0
        raise Invalid("locations-xml-broken", f"Line {line}: this is no XML: {error.msg}.", data={"line": line}) from error
    except ValueError as error:
        raise Invalid("locations-xml-broken", f"This is no XML: {error}.") from error
    if getattr(root.getroottree().docinfo, "doctype", ""):
        raise Invalid("locations-xml-doctype", "The file holds a document type; such files are not read.")
    return root


_UNKNOWN_WITH_ALL = "is not known and left out, with all that is in it"


def _why(error: Exception) -> dict[str, str | int]:
    """What the words for a value that cannot be meant need."""
    return {"problem": error.problem, **error.data} if isinstance(error, Unfit) else {}


def _line(node: etree._Element) -> int:
    line = node.sourceline
    return line if isinstance(line, int) else 0


def _read_site(site: etree._Element, country: str) -> _Reading:
    entries = list(_entries(site))
    name = next((text for key, text, _ in entries if key == "name"), "").strip()
    reading = _Reading(name or f"Location at line {_line(site)}", country)
    for key, text, node in entries:
        _take(reading, key, text, node)
    for child in site:
        if len(child) or not (child.text or "").strip():
            _take_children(reading, child)
    return reading


def _entries(node: etree._Element) -> Iterator[tuple[str, str, etree._Element]]:
    """The plain values of an element: its attributes, and its children that hold nothing but text."""
    for name, text in node.attrib.items():
        yield key_of(name), str(text), node
    for child in node:
        if not len(child) and not child.attrib and (child.text or "").strip():
            yield key_of(child.tag), (child.text or "").strip(), child


def _take(reading: _Reading, key: str, text: str, node: etree._Element) -> None:
    if key in TEXTS:
        reading.fields[TEXTS[key]] = text.strip()
    elif key in FLAGS:
        reading.fields[FLAGS[key]] = text.strip().lower() in ("1", "true", "yes")
    elif key in NUMBERS:
        _take_number(reading, key, text, node)
    elif key in LISTS:
        reading.fields[LISTS[key]] = tuple(part for part in re.split(r"[;,\s]+", text) if part)
    elif key in ("name", "countrycode", "countryid", "ddirangebegin", "ddirangeend"):
        reading.texts[key] = text.strip()
    elif key not in IGNORED:
        shown = text[:40]
        reading.problem(node, key, "unknown", f"is not known and left out ({shown!r})", value=shown)


def _take_number(reading: _Reading, key: str, text: str, node: etree._Element) -> None:
    name, kind = NUMBERS[key]
    try:
        reading.fields[name] = kind(int(text))
    except ValueError:
        shown = text[:40]
        reading.problem(node, key, "no-value", f"{shown!r} is no value of it; left out", value=shown)


def _take_children(reading: _Reading, child: etree._Element) -> None:
    key = key_of(child.tag)
    if key in RULE_LISTS:
        reading.fields[RULE_LISTS[key]] = tuple(_rules(reading, child, recognising=RULE_LISTS[key] in _RECOGNISING))
    elif key in LISTS:
        reading.fields[LISTS[key]] = tuple(text for each in child if (text := (each.text or "").strip()))
    elif key in PARTS:
        name, make = PARTS[key]
        made = []
        for each in child:
            try:
                made.append(make(each))
            except ValueError as error:
                reading.problem(each, key, "entry", f"{error}; left out", **_why(error))
        reading.fields[name] = tuple(made)
    elif key not in IGNORED and (len(child) or child.attrib):
        reading.problem(child, key, "unknown-with-all", _UNKNOWN_WITH_ALL)


def _rules(reading: _Reading, parent: etree._Element, *, recognising: bool) -> Iterator[Rule]:
    where = str(parent.tag)
    for node in parent:
        values = {key: text for key, text, _ in _entries(node)}
        values |= {key_of(name): str(text) for name, text in node.attrib.items()}
        search, replace = values.get("search", ""), values.get("replace")
        reading.rules += 1
        if reading.rules > RULES_MOST:
            said = f"there are more than {RULES_MOST} rules; the rest is left out"
            reading.problem(node, where, "too-many-rules", said, bound=RULES_MOST)
            return
        if unknown := ", ".join(sorted(set(values) - _RULE_KEYS)):
            reading.problem(node, where, "rule-part", f"{unknown} of a rule is not known and left out", value=unknown)
        try:
            yield Rule(
                search,
                # A list that recognises cannot mean the empty text, which would suppress every number it knows.
                None if replace is None or (recognising and not replace) else replace,
                values.get("matchreplace", "0").strip().lower() in ("1", "true"),
                values.get("autocreatedrule", "0").strip().lower() in ("1", "true"),
                values.get("autoruleforlocation", ""),
            )
        except ValueError as error:
            rule = search[:80]
            reading.problem(node, where, "rule", f"rule {rule!r}: {error}; left out", value=rule, **_why(error))


_RECOGNISING = ("internal_rules", "external_rules")
_RULE_KEYS = {"search", "replace", "matchreplace", "autocreatedrule", "autoruleforlocation"}


def _location(site: etree._Element, reading: _Reading) -> Location | None:
    region = _region(site, reading)
    if not region:
        return None
    ranges = _ranges(site, reading)
    reading.fields.setdefault("uses_pbx", True)
    try:
        zone = TIME_ZONES.get(region, "")
        location = Location(reading.name, region, timezone=zone, ranges=ranges, **reading.fields)  # type: ignore[arg-type]
    except (ValueError, TypeError) as error:
        reading.problem(site, "location", "location", f"{error}; the location is left out", **_why(error))
        return None
    wrong = [*unseen(location), *problems(location)]
    for name, message in wrong:
        reading.problem(site, name, "location", f"{message} The location is left out.", **_why(message))
    return None if wrong else location


def _region(site: etree._Element, reading: _Reading) -> str:
    """The country: said by its code, by the caller, or by the rules, which write whole numbers."""
    said = reading.texts.get("countrycode", "").lstrip("+0") or reading.texts.get("countryid", "")
    if said in COUNTRY_CODES and (facts := country_of_code(said)) is not None:
        return facts.region
    if reading.country:
        return reading.country
    lists = [value for value in reading.fields.values() if isinstance(value, tuple)]
    codes = {split_code(each.replace[1:]) for rules in lists for each in rules
             if isinstance(each, Rule) and each.replace and each.replace.startswith("+")}  # fmt: skip
    if len(codes) == 1 and (code := codes.pop()) and (facts := country_of_code(code)) is not None:
        said = f"the file does not say it; +{code} is taken from the rules"
        reading.problem(site, "country", "country-of-rules", said, value=f"+{code}")
        return facts.region
    said = "the file does not say it; give it with the import. The location is left out."
    reading.problem(site, "country", "country-missing", said)
    return ""


def _ranges(site: etree._Element, reading: _Reading) -> tuple[DdiRange, ...]:
    """One digit means the first digit of an extension; more mean whole extensions."""
    begin = reading.texts.get("ddirangebegin", "")
    end = reading.texts.get("ddirangeend", "") or begin
    if not begin or (begin, end) == ("0", "9"):
        return ()
    longest = reading.fields.get("internal_max", 0)
    first = len(begin) == len(end) == 1 and isinstance(longest, int) and longest > 1
    try:
        return (DdiRange(begin, end, RangeMode.FIRST_DIGIT if first else RangeMode.WHOLE),)
    except ValueError as error:
        reading.problem(site, "DDIRange", "entry", f"{error}; left out", **_why(error))
        return ()
