"""Searches of a form that was met before: answered from their values, without being read anew. Pure.

A telephone asks the same search all day long, only with other values. What the rest of it means (the base, the attributes,
which look-up the filter is) is found out once; from then on a request is taken to pieces by its form, and its values are
looked up.
An answer is the one that `search.Search.at_once` gives; what that cannot answer is answered by nothing here.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from itertools import repeat
from typing import TypeAlias

from unisono.directory.ldap.compiler import (
    Reading,
    attribute_named,
    compile_filter,
    kinds_named,
    number_condition,
    number_equal,
    text_condition,
)
from unisono.directory.ldap.condition import NEVER, Condition, all_of, any_of
from unisono.directory.ldap.prepared import Asker
from unisono.directory.ldap.search import Search, found_at_once
from unisono.directory.ldap.tree import Tree
from unisono.directory.ldap.writer import Writer
from unisono.directory.segment import Attribute
from unisono.wire.ldap.filter import And, Equality, Filter, Or, Substrings
from unisono.wire.ldap.filter_ber import with_values
from unisono.wire.ldap.mould import Mould

Make: TypeAlias = Callable[[bytes], Condition]
"""From a value to the condition of a filter that has it in all places."""

_LONGEST = 1024
"""Bytes of a request of which the form is kept."""
_MOST = 256
"""Forms that are kept: less than 1 MB."""
_ALIKE = 8
"""Forms of one length."""
_ASKERS = 16
"""Askers of whom they are kept."""


class Forms:
    """The forms of the searches that somebody has asked under one tree."""

    def __init__(self) -> None:
        self._of_length: dict[int, list[tuple[Mould, _Form]]] = {}
        self._count = 0

    def answer(self, pdu: bytes) -> bytes | None:
        """The whole answer; None if the form is new, or the answer not ready at once."""
        for mould, form in self._of_length.get(len(pdu), ()):
            read = mould.read(pdu)
            if read is not None:
                return form.answer(read)
        return None

    def learn(self, pdu: bytes, search: Search) -> None:
        """Take up the form of a search that was answered at once."""
        if len(pdu) > _LONGEST or not search.by_index_alone:
            return
        mould = Mould(pdu)
        read = mould.read(pdu)
        if read is None or not _fits(search.asked, read[1:]):
            return
        if self._count >= _MOST:
            self._of_length.clear()
            self._count = 0
        same = self._of_length.setdefault(len(pdu), [])
        if len(same) >= _ALIKE:
            del same[0]
            self._count -= 1
        same.append((mould, _Form(search)))
        self._count += 1


def forms_of(tree: Tree, asker: Asker) -> Forms:
    """Those of this asker."""
    found = tree.forms.get(asker)
    if found is None:
        if len(tree.forms) >= _ASKERS:
            tree.forms.clear()
        found = tree.forms[asker] = Forms()
    return found


def _fits(asked: Filter, values: Sequence[bytes]) -> bool:
    """Whether these are all values of the filter, in their order."""
    left = iter(values)
    try:
        return with_values(asked, left) == asked and next(left, None) is None
    except StopIteration:
        return False


class _Form:
    """A search with its values left open."""

    __slots__ = ("_make", "_most", "_parts", "_prepared", "_search")

    def __init__(self, search: Search) -> None:
        assert search.portion is not None
        self._search = search
        self._prepared = search.prepared
        self._parts = search.prepared.parts
        self._most = search.most
        self._make = make(search.asked, search.portion.branch.reading) if search.filter is search.asked else None

    def answer(self, read: tuple[bytes, ...]) -> bytes | None:
        """The answer for a message ID, as octets, and the values behind it."""
        last = read[-1]  # in most filters the only one
        if self._make is not None and (len(read) < 3 or read[1:].count(last) == len(read) - 1):
            condition = self._make(last)
        else:
            condition = self._search.condition_of(with_values(self._search.asked, iter(read[1:])))
        return found_at_once(Writer(read[0], self._prepared), self._parts, condition, self._most)


def make(asked: Filter, reading: Reading) -> Make:
    """What gives `compile_filter` of this filter with another value in all places."""
    if isinstance(asked, And):
        return _together(all_of, [make(one, reading) for one in asked.filters])
    numbers: dict[Equality | Substrings, int] = {}
    makes: list[Make] = []
    for one in asked.filters if isinstance(asked, Or) else (asked,):
        if isinstance(one, (And, Or)):
            makes.append(make(one, reading))
        elif isinstance(one, (Equality, Substrings)) and (kinds := kinds_named(one.attribute)):
            # What is asked alike of several kinds of number is one look-up.
            alike: Equality | Substrings = replace(one, attribute="")
            numbers[alike] = numbers.get(alike, 0) | kinds
        elif isinstance(one, Substrings) and (attribute := attribute_named(one.attribute)):
            makes.append(partial(_text, _substrings(one), attribute))
        else:
            makes.append(partial(_general, one, reading))
    for alike, kinds in numbers.items():
        if isinstance(alike, Substrings):
            makes.append(partial(_number, _substrings(alike), kinds, reading))
        else:
            makes.append(partial(_number_is, kinds, reading))
    return _together(any_of, makes)


def _together(join: Callable[[Iterable[Condition]], Condition], makes: Sequence[Make]) -> Make:
    return makes[0] if len(makes) == 1 else lambda value: join([one(value) for one in makes])


def _general(asked: Filter, reading: Reading, value: bytes) -> Condition:
    return compile_filter(with_values(asked, repeat(value)), reading)


def _number(opened: Callable[[bytes], Substrings], kinds: int, reading: Reading, value: bytes) -> Condition:
    return number_condition(opened(value), kinds, reading) or NEVER


def _number_is(kinds: int, reading: Reading, value: bytes) -> Condition:
    return number_equal(value, kinds, reading) or NEVER


def _text(opened: Callable[[bytes], Substrings], attribute: Attribute, value: bytes) -> Condition:
    return text_condition(opened(value), attribute) or NEVER


def _substrings(asked: Substrings) -> Callable[[bytes], Substrings]:
    first, pieces, last = bool(asked.initial), len(asked.any), bool(asked.final)
    return lambda value: Substrings("", value if first else b"", (value,) * pieces, value if last else b"")
