"""Our own people in the search as you type, cut to what the viewer may see of them."""

from unisono.directory.fold import index_words
from unisono.directory.model import ContactNumber, Hit, HitKind, HitReason, NumberKind
from unisono.directory.search import parse, score_line
from unisono.people.model import User
from unisono.people.service import People
from unisono.permissions.guard import Guard
from unisono.permissions.model import Right, Viewer

_FIRST = 3
"""Points by which a colleague goes before a contact of the same merit."""


class Colleagues:
    """Searches people by name, department, mail and number."""

    def __init__(self, people: People, guard: Guard) -> None:
        self._people = people
        self._guard = guard
        self._lines: dict[str, tuple[User, bytes]] = {}

    def hits(self, viewer: Viewer, text: str, limit: int) -> list[Hit]:
        """The best people for what was typed so far."""
        query = parse(text)
        found: list[Hit] = []
        for user in self._people.users():
            if not user.active:
                continue
            score = score_line(self._line(user), query.words) if query.words else None
            rights = self._guard.rights(viewer, user.id) if score or query.digits else frozenset()
            numbers = self._numbers(user) if Right.SEE_BUSINESS_DATA in rights else ()
            by_number = _number_score(numbers, query.digits)
            if query.digits and query.words and not (score and by_number):
                continue
            if query.digits and not query.words and by_number:
                score = by_number, HitReason.NUMBER
            if score is not None:
                found.append(_hit(user, numbers, score, office=Right.SEE_OFFICE_DATA in rights))
        return sorted(found, key=lambda hit: -hit.score)[:limit]

    def _line(self, user: User) -> bytes:
        known = self._lines.get(user.id)
        if known is None or known[0] is not user:
            names = index_words(f"{user.name} {user.given_name} {user.family_name}")
            parts: tuple[list[str], ...] = (names, [], index_words(user.mail))
            line = "\t".join("".join(f" {word}" for word in dict.fromkeys(part)) + " " for part in parts)
            known = self._lines[user.id] = (user, line.encode())
        return known[1]

    def _numbers(self, user: User) -> tuple[ContactNumber, ...]:
        lines = [line for line in self._people.lines_of(user.id) if not line.private]
        numbers = [ContactNumber(NumberKind.BUSINESS, line.number, line.number) for line in lines]
        if user.mobile:
            numbers.append(ContactNumber(NumberKind.MOBILE, user.mobile))
        return tuple(numbers)


def _number_score(numbers: tuple[ContactNumber, ...], digits: str) -> int:
    if not digits:
        return 0
    best, rest = 0, digits.lstrip("0")
    for number in numbers:
        written = "".join(c for c in number.canonical or number.raw if c.isdigit())
        if written == digits:
            best = 100
        elif written.startswith(digits):
            best = max(best, 80)
        elif rest and rest in written:
            best = max(best, 45)
    return best


def _hit(user: User, numbers: tuple[ContactNumber, ...], score: tuple[int, HitReason], *, office: bool) -> Hit:
    subtitle = ", ".join(part for part in (user.title if numbers else "", user.department if office else "") if part)
    return Hit(HitKind.PERSON, user.id, user.name, subtitle, numbers, score[1], min(100, score[0] + _FIRST))
