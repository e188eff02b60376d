"""A mapping for columns nobody has mapped yet, by their names and by what stands in them. Pure."""

import re
from collections.abc import Sequence
from itertools import zip_longest

from unisono.directory import columns
from unisono.directory.fold import fold
from unisono.directory.model import NUMBER_FIELDS, Field
from unisono.directory.replicators.expression import column
from unisono.directory.replicators.mapping import COUNTRY, MOST_RULES, PHONE, Rule
from unisono.directory.replicators.source import Column

_NUMBER = "(?:phone|telephone|telefon|telefono|tel|rufnummer|number|numero)(?:s|i|e|en|n)?(?: numbers?)?"
_KIND = re.compile(rf"({_NUMBER} ?\d*) (?:kind|type|label|art|typ|tipo)")
_WRITTEN = re.compile(rf"({_NUMBER} ?\d*)(?: (?:raw|number|{fold('value')}|nummer|numero|text|written))?")
_LISTED = re.compile(r"(?:.*?\.)??([^.]+?)(?:\.(\d{1,2})(?:\.(?:value|address|number|raw))?)?")
_SEVERAL = frozenset(NUMBER_FIELDS) | {Field.EMAIL, Field.EMAIL_2, Field.EMAIL_3}


def suggest(found: Sequence[Column]) -> tuple[Rule, ...]:
    """Rules for a source's columns: what the source itself says, numbers with a kind beside them, known names, contents."""
    rules: list[Rule] = []
    rest: list[Column] = []
    by_kind = _with_kinds(found)
    taken = {name for pair in by_kind for name in pair}
    fields: set[str] = set()
    for each in found:
        if each.field:
            fields.add(each.field)
            rules.append(Rule(each.field, str(column(each.name))))
        elif each.name not in taken:
            rest.append(each)
    rows = list(zip_longest(*(each.samples for each in rest), fillvalue=""))
    titles = _titles(rest)
    for title, field in columns.suggest(list(titles), rows).items():
        if field and (field not in fields or field in _SEVERAL):
            rules.append(Rule(field, str(column(titles[title]))))
    rules += [Rule(PHONE, str(column(number)), str(column(kind))) for number, kind in by_kind]
    return (*rules, *_country(rules))[:MOST_RULES]


def _titles(found: Sequence[Column]) -> dict[str, str]:
    """Titles to know the columns by, with their names.

    `name.first` as `first name`, `address.city` as `city`, `emails.2.address` as `email 2`.
    """
    titles: dict[str, str] = {}
    for each in found:
        *_, above, last = ["", *each.name.split(".")] if "." in each.name else ["", "", each.name]
        wanted = (each.name, *_listed(each.name), f"{last} {above}", last)
        known = [title for title in wanted if columns.field_of(title) and title not in titles]
        titles[known[0] if known else each.name] = each.name
    return titles


def _listed(name: str) -> list[str]:
    """What numbers and e-mail addresses in a list may be called: `emailAddresses.1.address` is `emailAddress 1`."""
    match = _LISTED.fullmatch(name)
    several = match[1] if match else ""
    singular = (several, several.removesuffix("s"), several.removesuffix("es"))
    titles = [f"{one} {match[2] or ''}".strip() for one in singular] if match else []
    return [title for title in titles if columns.field_of(title) in _SEVERAL]


def _with_kinds(found: Sequence[Column]) -> list[tuple[str, str]]:
    """Columns of numbers with the columns that say their kind: `phone1_raw` with `phone1_kind`, `phones.1.value` ..."""
    kinds = {m[1]: each.name for each in found if (m := _KIND.fullmatch(columns.words_of(each.name)))}
    pairs: dict[str, tuple[str, str]] = {}
    for each in found:
        match = _WRITTEN.fullmatch(columns.words_of(each.name))
        if match and match[1] in kinds and each.name != kinds[match[1]]:
            pairs.setdefault(match[1], (each.name, kinds[match[1]]))
    return list(pairs.values())


def _country(rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """People write numbers as in their country: an address' country is that of the numbers."""
    for field in (Field.BUSINESS_COUNTRY, Field.PRIVATE_COUNTRY, Field.OTHER_COUNTRY):
        for rule in rules:
            if rule.field == field:
                return (Rule(COUNTRY, rule.value),)
    return ()
