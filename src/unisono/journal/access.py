"""Whose entries a viewer may see: their own always, others' as far as rights allow, and who reads what was written.

An entry with a user is that person's, wherever the line is now; one without is that of whoever uses the line now.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import assert_never

from unisono.journal.model import JournalEntry, OwnerScope, Sight, own_scopes
from unisono.kernel.errors import Forbidden, NotFound
from unisono.people.model import Line, User
from unisono.people.service import People
from unisono.permissions.guard import Guard
from unisono.permissions.levels import READS_WRITTEN, on_line
from unisono.permissions.model import Right, Viewer

_FURTHER = 1
"""Position of a line for rights: any but the first, a former one too."""


class Reach(StrEnum):
    """How far a list reaches."""

    MINE = "mine"
    GROUP = "group"
    """Own groups' members."""
    ALL = "all"
    """Everybody who lets the viewer."""


def owners_in_reach(viewer: Viewer, guard: Guard, people: People, reach: Reach) -> tuple[OwnerScope, ...]:
    """Whose entries are in a list, each with the directions that may be seen and how much of them."""
    own = own_scopes(viewer.user_id, (line.id for line in people.lines_of(viewer.user_id)))
    found, mine = list(own), {scope.owner for scope in own}
    users, lines = _others(viewer, people, reach)
    private = tuple(sorted(line.id for line in people.lines() if line.private))
    for user in users:
        if user.id not in mine:
            found += _of_person(viewer, guard, user, private)
    for line in lines:
        if line.id not in mine:
            inbound = guard.may_on_line(viewer, line, Right.SEE_CALLS_IN)
            outbound = guard.may_on_line(viewer, line, Right.SEE_CALLS_OUT)
            if inbound or outbound:
                found.append(OwnerScope(line.id, inbound, outbound, sight=_sight(reads_written(viewer, guard, line))))
    return tuple(found)


def _others(viewer: Viewer, people: People, reach: Reach) -> tuple[list[User], list[Line]]:
    match reach:
        case Reach.MINE:
            return [], []
        case Reach.ALL:
            return people.users(), people.lines()
        case Reach.GROUP:
            groups = [group for id in viewer.group_ids if (group := people.group(id)) is not None]
            members = dict.fromkeys(user_id for group in groups for user_id in group.member_ids)
            lines = {line.id: line for user_id in members for line in people.lines_of(user_id)}
            return [user for id in members if (user := people.user(id)) is not None], list(lines.values())
        case _:
            assert_never(reach)


def _of_person(viewer: Viewer, guard: Guard, owner: User, private: tuple[str, ...]) -> Iterator[OwnerScope]:
    """Somebody's own entries: one scope where the same is seen of all their lines, else two. Private telephones are apart."""
    main = owner.line_ids[0] if owner.line_ids else ""
    first, further = (_directions(viewer, guard, owner, position) for position in (0, _FURTHER))
    sight = _sight(_close(viewer, guard, owner.id))
    if any(further):
        without = private if first == further or not main else (*private, main)
        yield OwnerScope(owner.id, *further, without=without, sight=sight)
    if any(first) and first != further and main and main not in private:
        yield OwnerScope(owner.id, *first, line_id=main, sight=sight)


def _directions(viewer: Viewer, guard: Guard, owner: User, position: int) -> tuple[bool, bool]:
    inbound = guard.may(viewer, owner.id, on_line(Right.SEE_CALLS_IN, position))
    return inbound, guard.may(viewer, owner.id, on_line(Right.SEE_CALLS_OUT, position))


def reads_written(viewer: Viewer, guard: Guard, line: Line) -> bool:
    """Whether the viewer may read what was written about the calls of a line (note, subject, project, data).

    Its own people may, and colleagues whom one of them treats as of their team: level TEAM or higher. This is the one rule,
    for living calls and for the journal; whether the call itself may be seen, and whether it is private, is asked apart.
    """
    return guard.owns_line(viewer, line) or any(_close(viewer, guard, owner_id) for owner_id in line.user_ids)


def _close(viewer: Viewer, guard: Guard, owner_id: str) -> bool:
    return guard.level(viewer, owner_id) >= READS_WRITTEN


def _sight(written: bool) -> Sight:
    return Sight.WRITTEN if written else Sight.CALLS


def is_mine(viewer: Viewer, people: People, entry: JournalEntry) -> bool:
    """Whether an entry is the viewer's own."""
    if entry.user_id:
        return viewer.user_id == entry.user_id
    line = people.line(entry.line_id)
    return line is not None and viewer.user_id in line.user_ids


def sight_of(viewer: Viewer, guard: Guard, people: People, entry: JournalEntry) -> Sight:
    """How much the viewer sees of an entry that they see (`require_seen`)."""
    if is_mine(viewer, people, entry):
        return Sight.OWN
    line = people.line(entry.line_id)
    if entry.user_id:
        return _sight(_close(viewer, guard, entry.user_id))
    return _sight(line is not None and reads_written(viewer, guard, line))


def _may_see(viewer: Viewer, guard: Guard, people: People, entry: JournalEntry) -> bool:
    line = people.line(entry.line_id)
    right = Right.SEE_CALLS_IN if entry.inbound else Right.SEE_CALLS_OUT
    if not entry.user_id:
        return line is not None and guard.may_on_line(viewer, line, right)
    owner = people.user(entry.user_id)
    if owner is None or (line is not None and line.private):
        return False
    position = 0 if owner.line_ids[:1] == (entry.line_id,) else _FURTHER
    return guard.may(viewer, owner.id, on_line(right, position))


def require_seen(viewer: Viewer, guard: Guard, people: People, entry: JournalEntry) -> None:
    """Raise `NotFound`, as if it were not there, for an entry that this viewer may not see."""
    guard.signed_in(viewer)
    if is_mine(viewer, people, entry) or _may_see(viewer, guard, people, entry):
        return
    raise NotFound("unknown-journal-entry", "There is no such entry in the journal (any more).")


def require_own(viewer: Viewer, guard: Guard, people: People, entry: JournalEntry) -> None:
    """Raise unless the viewer may write on this entry: it is theirs."""
    require_seen(viewer, guard, people, entry)
    guard.own(viewer)
    if not is_mine(viewer, people, entry):
        raise Forbidden("not-your-entry", "Only whose call it was writes on it.")


def require_dealing(viewer: Viewer, guard: Guard, people: People, entry: JournalEntry) -> None:
    """Raise unless the viewer may deal with a missed call: theirs, or one that was meant for several and that they see."""
    require_seen(viewer, guard, people, entry)
    guard.own(viewer)
    if not entry.shared and not is_mine(viewer, people, entry):
        raise Forbidden("not-your-entry", "That call was for your colleague alone.")
