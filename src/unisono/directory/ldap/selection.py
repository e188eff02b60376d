"""Which attributes are answered, and how: slices of the stored record where a node shows it as it is, else made anew. Pure."""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import TypeAlias

from unisono.directory.index import Part
from unisono.directory.ldap.branch import Branch
from unisono.directory.ldap.compiler import META_SEARCH_NUMBER, OPERATIONAL
from unisono.directory.ldap.entries import Entry
from unisono.directory.ldap.model import NameOrder, Template
from unisono.directory.ldap.schema import NAMING, main_name, plain
from unisono.directory.segment.attributes import NUMBERS, Attribute
from unisono.directory.segment.record import id_key
from unisono.numbers import Location, NumberFormat, format_number
from unisono.wire.ldap.responses import attribute

_Values: TypeAlias = dict[Attribute, list[bytes]]

EVERYTHING = min(Attribute), max(Attribute)
"""The slice of all attributes."""
_REMEMBERED = 2_000
"""Entries of a node that does not show what is stored are remembered, so many: about 2 MB."""


class Selection:
    """The attributes that a search asks for (RFC 4511 4.5.1.8, RFC 3673), as a node understands them."""

    def __init__(self, asked: Sequence[str], branch: Branch, types_only: bool = False) -> None:
        self.branch = branch
        self.types_only = types_only
        asked = asked or ("*",)
        names = {plain(name) for name in asked}
        self.everything = "*" in names
        self.operational = "+" in names
        self.object_class = self.everything or "objectclass" in names
        self.slots: dict[Attribute, list[str]] = {}
        """Our attribute to the names under which it is shown."""
        self.virtual: list[str] = []
        for name, ours in _each_once(asked, branch.template):
            self._add(name, ours)
        shown = [name for names in self.slots.values() for name in names]
        self._joins = len(set(shown)) < len(shown)
        """Whether several of ours are one attribute for the client."""
        own = all(names == [a.ldap_name] for a, names in self.slots.items())
        stored = own and branch.as_stored and not (types_only or self.operational or self.virtual)
        self.classes = branch.class_attribute if self.object_class else b""
        """What stands before the attributes that are stored."""
        runs = [EVERYTHING] if self.everything else _runs(sorted(self.slots))
        self.span = runs[0] if stored and len(runs) == 1 else None
        """The only slice of a record that is answered; None if it takes more than that."""
        self._runs = runs if stored else []

    def _add(self, name: str, ours: Iterable[str]) -> None:
        for one in ours:
            wanted = plain(one)
            found = Attribute.of(wanted)
            if found is not None:
                names = self.slots.setdefault(found, [])
                names += [name] if name not in names else []
            elif wanted == META_SEARCH_NUMBER or wanted in OPERATIONAL:
                self.virtual.append(wanted)

    def encode(self, part: Part, ordinal: int) -> bytes:
        """The attributes of a contact's entry, encoded one behind the other."""
        if self._runs:
            return self.classes + b"".join([part.segment.slice(ordinal, *run) for run in self._runs])
        return self._made(part, ordinal)

    def _made(self, part: Part, ordinal: int) -> bytes:
        branch = self.branch
        shown = _shown(branch, part, ordinal) if not branch.as_stored else _stored(part, ordinal)
        found: list[bytes] = [self._written(b"objectClass", [c.encode() for c in branch.classes])] if self.object_class else []
        named = [(name, values) for slot, values in shown.items() for name in self.slots.get(slot, ())]
        found += [self._written(name.encode(), values) for name, values in (_joined(named) if self._joins else named)]
        found += [
            self._written(name.encode(), [value.encode() for value in values])
            for name, values in self._computed(part, ordinal, shown).items()
            if values
        ]
        return b"".join(found)

    def _written(self, name: bytes, values: Iterable[bytes]) -> bytes:
        return attribute(name, () if self.types_only else values)

    def _computed(self, part: Part, ordinal: int, shown: _Values) -> dict[str, Sequence[str]]:
        found: dict[str, Sequence[str]] = {}
        if self.operational or any(name != META_SEARCH_NUMBER for name in self.virtual):
            every = operational_attributes(self.branch, part, ordinal)
            found = {n: v for n, v in every.items() if self.operational or n.lower() in self.virtual}
        if META_SEARCH_NUMBER in self.virtual:
            numbers = [value.decode() for slot in sorted(NUMBERS) for value in shown.get(slot, ())]
            found["metaSearchNumber"] = list(dict.fromkeys(numbers))
        return found


def operational_attributes(branch: Branch, part: Part, ordinal: int) -> dict[str, Sequence[str]]:
    """What every entry of a contact has besides the contact's own attributes (RFC 4512 3.4, RFC 4530, RFC 5020)."""
    contact_id = part.segment.id(ordinal).decode()
    return {
        **{name: (value,) for name, value in branch.common.items()},
        "entryUUID": (str(uuid.UUID(bytes=id_key(contact_id))),),
        "entryDN": (branch.contact_dn(part, ordinal),),
        NAMING: (contact_id,),
        "databaseDescription": (part.book,),
    }


def entry_attributes(entry: Entry, asked: Sequence[str], types_only: bool = False) -> bytes:
    """The attributes asked for of an entry that is no contact."""
    names = {main_name(plain(name)) for name in asked}
    everything, operational = not asked or "*" in names, "+" in names
    found = [
        attribute(name.encode(), () if types_only else [value.encode() for value in values])
        for attributes, all_of_them in ((entry.user, everything), (entry.operational, operational))
        for name, values in attributes.items()
        if values and (all_of_them or main_name(name.lower()) in names)
    ]
    return b"".join(found)


def _runs(slots: Sequence[Attribute]) -> list[tuple[Attribute, Attribute]]:
    runs: list[tuple[Attribute, Attribute]] = []
    for slot in slots:
        if runs and slot == runs[-1][1] + 1:
            runs[-1] = runs[-1][0], slot
        else:
            runs.append((slot, slot))
    return runs


def _each_once(asked: Iterable[str], template: Template) -> Iterator[tuple[str, Sequence[str]]]:
    """What is asked for, and which of ours it means: each attribute in the form that comes first (RFC 4511 4.5.1.8)."""
    mapping = {client.lower(): ours for client, ours in template.query_attributes.items()}
    forms: dict[str, str] = {}
    for name in dict.fromkeys(asked):
        if name == "*":
            for ours, shown in _results(template).items():
                yield forms.setdefault(main_name(shown.lower()), shown), (ours,)
            continue
        mapped = mapping.get(name.lower())
        kind = main_name(plain(name)) if mapped is None else name.lower()
        if kind not in forms:
            forms[kind] = name
            yield name, (name,) if mapped is None else mapped


def _results(template: Template) -> dict[str, str]:
    """Our attributes to what they are called in answers to "*"."""
    named = {found: shown for ours, shown in template.result_attributes.items() if (found := Attribute.of(ours)) is not None}
    return {slot.ldap_name: named.get(slot, slot.ldap_name) for slot in Attribute}


def _joined(named: Iterable[tuple[str, list[bytes]]]) -> Iterable[tuple[str, Iterable[bytes]]]:
    """Each name once, with the values of all that are called so, each once."""
    found: dict[str, dict[bytes, None]] = {}
    for name, values in named:
        found.setdefault(name, {}).update(dict.fromkeys(values))
    return found.items()


def _stored(part: Part, ordinal: int) -> _Values:
    mask = part.segment.mask(ordinal)
    return {slot: part.segment.values(ordinal, slot) for slot in Attribute if mask >> slot & 1}


def _shown(branch: Branch, part: Part, ordinal: int) -> _Values:
    """The values as the node shows them: numbers in its form, names in its order."""
    key = (part.segment.digest, ordinal)
    found = branch.shown.get(key)
    if found is None:
        if len(branch.shown) >= _REMEMBERED:
            branch.shown.clear()
        found = branch.shown[key] = _changed(_stored(part, ordinal), branch)
    return found


def _changed(values: _Values, branch: Branch) -> _Values:
    node = branch.node
    for slot in NUMBERS.intersection(values):
        values[slot] = [_formatted(value.decode(), branch.location, node.number_format).encode() for value in values[slot]]
    given, last = values.get(Attribute.GIVEN_NAME), values.get(Attribute.SN)
    if node.name_order is not NameOrder.AS_IS and given and last:
        first_last = node.name_order is NameOrder.FIRST_LAST
        values[Attribute.CN] = [b" ".join((given[0], last[0])) if first_last else b", ".join((last[0], given[0]))]
    return values


@lru_cache(maxsize=8192)
def _formatted(number: str, location: Location, form: NumberFormat) -> str:
    return format_number(number, location, form)
