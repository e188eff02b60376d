"""Whose entries a viewer may see: own lines always, others' as far as rights allow. Asks `permissions.guard`, nothing else."""

from enum import StrEnum
from typing import assert_never

from unisono.journal.model import JournalEntry, LineScope
from unisono.kernel.errors import Forbidden, NotFound
from unisono.people.model import Line
from unisono.people.service import People
from unisono.permissions.guard import Guard
from unisono.permissions.model import Right, Viewer


class Reach(StrEnum):
    """How far a list reaches."""

    MINE = "mine"
    GROUP = "group"
    """Own groups' members."""
    ALL = "all"
    """Everybody who lets the viewer."""


def lines_in_reach(viewer: Viewer, guard: Guard, people: People, reach: Reach) -> tuple[LineScope, ...]:
    """The lines of a list, each with the directions that may be seen."""
    own = people.lines_of(viewer.user_id)
    found = {line.id: LineScope(line.id) for line in own if guard.owns_line(viewer, line)}
    for line in _others(viewer, people, reach):
        if line.id in found:
            continue
        inbound = guard.may_on_line(viewer, line, Right.SEE_CALLS_IN)
        outbound = guard.may_on_line(viewer, line, Right.SEE_CALLS_OUT)
        if inbound or outbound:
            found[line.id] = LineScope(line.id, inbound, outbound)
    return tuple(found.values())


def _others(viewer: Viewer, people: People, reach: Reach) -> list[Line]:
    match reach:
        case Reach.MINE:
            return []
        case Reach.ALL:
            return people.lines()
        case Reach.GROUP:
            groups = [group for id in viewer.group_ids if (group := people.group(id)) is not None]
            members = dict.fromkeys(user_id for group in groups for user_id in group.member_ids)
            return [line for user_id in members for line in people.lines_of(user_id)]
        case _:
            assert_never(reach)


def is_mine(viewer: Viewer, people: People, entry: JournalEntry) -> bool:
    """Whether an entry is of one of the viewer's lines; of a line that is gone, whether it was theirs."""
    line = people.line(entry.line_id)
    return viewer.user_id in line.user_ids if line is not None else viewer.user_id == entry.user_id


def require_seen(viewer: Viewer, guard: Guard, people: People, entry: JournalEntry) -> None:
    """Raise `NotFound`, as if it were not there, for an entry that this viewer may not see."""
    line = people.line(entry.line_id)
    right = Right.SEE_CALLS_IN if entry.inbound else Right.SEE_CALLS_OUT
    guard.signed_in(viewer)
    if is_mine(viewer, people, entry) or (line is not None and guard.may_on_line(viewer, line, right)):
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
