"""Whose telephone a device of a PBX probably is, by its number or by the name that the PBX has for it. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from unisono.directory.fold import query_words
from unisono.people.model import Line, User


class ProposalReason(StrEnum):
    """Why somebody is proposed."""

    NUMBER = "number"
    """They have a line of this number already, or sign in with it."""
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Proposal:
    """Who, and why."""

    user_id: str
    reason: ProposalReason


@dataclass(frozen=True, slots=True)
class _Named:
    user_id: str
    words: frozenset[str]
    given: frozenset[str]
    family: frozenset[str]


class Proposals:
    """Everybody with an active account, ready to be asked for thousands of devices."""

    def __init__(self, users: Iterable[User], lines: Iterable[Line]) -> None:
        self._by_number: dict[str, set[str]] = defaultdict(set)
        self._by_word: dict[str, list[_Named]] = defaultdict(list)
        active = {user.id: user for user in users if user.active}
        for line in lines:
            self._by_number[line.number].update(id for id in line.user_ids if id in active)
        for user in active.values():
            self._by_number[user.login].add(user.id)
            named = _named(user)
            for word in named.words:
                self._by_word[word].append(named)

    def of(self, number: str, name: str) -> Proposal | None:
        """Whose this device probably is; None where nobody fits, or several equally well."""
        owners = self._by_number.get(number, set())
        if len(owners) == 1:
            return Proposal(next(iter(owners)), ProposalReason.NUMBER)
        found = self._by_name(query_words(name))
        return None if found is None else Proposal(found, ProposalReason.NAME)

    def _by_name(self, said: list[str]) -> str | None:
        words = frozenset(said)
        merits: dict[int, set[str]] = defaultdict(set)
        for named in {each.user_id: each for word in words for each in self._by_word.get(word, ())}.values():
            merits[_merit(named, words)].add(named.user_id)
        best = max(merits, default=0)
        return next(iter(merits[best])) if best > 0 and len(merits[best]) == 1 else None


def _named(user: User) -> _Named:
    given, family = frozenset(query_words(user.given_name)), frozenset(query_words(user.family_name))
    return _Named(user.id, frozenset(query_words(user.name)) | given | family, given, family)


def _merit(named: _Named, words: frozenset[str]) -> int:
    """How well the words of a device's name fit somebody; 0: not enough to propose them."""
    if named.words == words:
        return 4
    if named.words <= words:
        return 3  # "Rossi Mario Sales"
    if named.family and named.family <= words:
        rest = words - named.family
        if any(len(word) == 1 and any(given.startswith(word) for given in named.given) for word in rest):
            return 2  # "M. Rossi"
        if not rest:
            return 1  # "Rossi"
    return 0
