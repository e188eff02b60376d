"""The only door: whoever shows or changes someone else's things asks here first.

Every question is noted in `QUESTIONS`, so that the web door can refuse an answer for which nobody asked.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Protocol

from unisono.kernel.errors import Forbidden
from unisono.people.model import Line
from unisono.people.service import People
from unisono.permissions.grants import Grants, effective
from unisono.permissions.levels import RIGHTS, SEEING, on_line
from unisono.permissions.model import Level, Right, Scope, Viewer

REMEMBER = 200_000
"""Pairs of viewer and owner whose level is kept."""
_questions: ContextVar[list[str] | None] = ContextVar("questions", default=None)


@contextmanager
def questions() -> Iterator[list[str]]:
    """Collect the questions asked inside; the list grows while the block runs."""
    asked: list[str] = []
    token = _questions.set(asked)
    try:
        yield asked
    finally:
        _questions.reset(token)


def _note(question: str) -> None:
    asked = _questions.get()
    if asked is not None and len(asked) < 100:
        asked.append(question)


class HasGrants(Protocol):
    """Where the guard reads the grants: `permissions.service.Granting`."""

    current: Grants


class _Levels(dict[str, Level]):
    """The levels of viewers over one person, each found when it is asked for first."""

    def __init__(self, find: Callable[[str], Level]) -> None:
        self._find = find

    def __missing__(self, viewer_id: str) -> Level:
        level = self[viewer_id] = self._find(viewer_id)
        return level


class Guard:
    """Decides what a viewer may see and do. Asking never waits.

    What is asked about one thing for many viewers at once has a form of its own, which gives the question for any viewer; it
    holds until something else is done, because people and grants may change then.
    """

    def __init__(self, people: People, grants: HasGrants) -> None:
        self._people = people
        self._grants = grants
        self._levels: dict[str, _Levels] = {}
        self._remembered = 0
        self._known_of: tuple[int, Grants] = (-1, grants.current)

    def level(self, viewer: Viewer, owner_id: str) -> Level:
        """The level this viewer has over someone; over themselves the highest, over nobody BLOCKED."""
        _note("level")
        return self._over(owner_id)[viewer.user_id]

    def may(self, viewer: Viewer, owner_id: str, right: Right) -> bool:
        """Whether the viewer has this right over someone, with the session or token at hand."""
        _note(right.value)
        return right in allowed(self._over(owner_id)[viewer.user_id], viewer.scopes)

    def require(self, viewer: Viewer, owner_id: str, right: Right) -> None:
        """Raise `Forbidden` where `may` says no."""
        if not self.may(viewer, owner_id, right):
            raise Forbidden(
                "no-right",
                "You may not do that. The colleague can grant it to you on the page of their rights.",
                data={"right": right.value},
            )

    def rights(self, viewer: Viewer, owner_id: str) -> frozenset[Right]:
        """Everything the viewer may see and do of someone."""
        return self.rights_over(owner_id)(viewer)

    def rights_over(self, owner_id: str) -> Callable[[Viewer], frozenset[Right]]:
        """`rights` for many viewers of one person."""
        _note("rights")
        levels = self._over(owner_id)
        return lambda viewer: allowed(levels[viewer.user_id], viewer.scopes)

    def may_on_line(self, viewer: Viewer, line: Line, right: Right) -> bool:
        """Whether the viewer has this right on a line: their own, or one of someone who lets them.

        On a person's further lines the rights "line 2" count. A private line is its users' alone.
        """
        return self.who_may_on_line(line, right)(viewer)

    def who_may_on_line(self, line: Line, right: Right) -> Callable[[Viewer], bool]:
        """`may_on_line` for many viewers of one line."""
        _note(f"line:{right.value}")
        letting: list[tuple[Right, _Levels]] = []
        for owner_id in () if line.private else line.user_ids:
            owner = self._people.user(owner_id)
            if owner is not None and line.id in owner.line_ids:
                letting.append((on_line(right, owner.line_ids.index(line.id)), self._over(owner_id)))

        def may(viewer: Viewer) -> bool:
            if viewer.user_id in line.user_ids:
                return right in allowed(Level.PERSONAL, viewer.scopes)
            for counts, levels in letting:  # noqa: SIM110 - asked for every open window: half the time of a generator
                if counts in allowed(levels[viewer.user_id], viewer.scopes):
                    return True
            return False

        return may

    def require_on_line(self, viewer: Viewer, line: Line, right: Right) -> None:
        """Raise `Forbidden` where `may_on_line` says no."""
        if not self.may_on_line(viewer, line, right):
            raise Forbidden("no-right", "You may not do that on this line.", data={"right": right.value})

    def own_line(self, viewer: Viewer, line: Line) -> None:
        """The viewer wants to act on a line: raise `Forbidden` unless it is theirs."""
        _note("own-line")
        if not viewer.scopes & {Scope.ALL, Scope.CALLS}:
            raise _scope_missing(Scope.CALLS)
        if viewer.user_id not in line.user_ids:
            raise Forbidden("not-your-line", "That is not one of your lines.")

    def owns_line(self, viewer: Viewer, line: Line) -> bool:
        """Whether it is one of the viewer's own lines."""
        _note("owns-line")
        return viewer.user_id in line.user_ids

    def admin(self, viewer: Viewer) -> None:
        """Raise `Forbidden` unless the viewer is an admin, with a session or token that may be used as one."""
        _note("admin")
        if not viewer.admin:
            raise Forbidden("admins-only", "Only admins may do that.")
        if not viewer.scopes & {Scope.ALL, Scope.ADMIN}:
            raise _scope_missing(Scope.ADMIN)

    def is_admin(self, viewer: Viewer) -> bool:
        """Whether the viewer is an admin, with a session or token that may be used as one."""
        _note("is-admin")
        return viewer.admin and bool(viewer.scopes & {Scope.ALL, Scope.ADMIN})

    def export(self, viewer: Viewer) -> None:
        """Raise `Forbidden` unless the viewer is an admin, with a session or token that may take every contact at once."""
        _note("export")
        if not viewer.admin:
            raise Forbidden("admins-only", "Only admins may do that.")
        if not viewer.scopes & {Scope.ALL, Scope.ADMIN, Scope.EXPORT}:
            raise _scope_missing(Scope.EXPORT)

    def own(self, viewer: Viewer) -> None:
        """The viewer wants to change things of their own: raise `Forbidden` for a token that may not."""
        _note("own")
        if Scope.ALL not in viewer.scopes:
            raise _scope_missing(Scope.ALL)

    def signed_in(self, viewer: Viewer) -> None:
        """Whatever every colleague may see; that there is a viewer is enough."""
        _note("signed-in")
        if not viewer.user_id:
            raise Forbidden("not-signed-in", "Sign in first.")

    def _over(self, owner_id: str) -> _Levels:
        # Every fact asks this for every open window: remember it until people or grants change.
        now = (self._people.version, self._grants.current)
        if now[0] != self._known_of[0] or now[1] is not self._known_of[1] or self._remembered > REMEMBER:
            self._levels.clear()
            self._remembered = 0
            self._known_of = now
        levels = self._levels.get(owner_id)
        if levels is None:
            levels = self._levels[owner_id] = _Levels(lambda viewer_id: self._find_level(viewer_id, owner_id))
        return levels

    def _find_level(self, viewer_id: str, owner_id: str) -> Level:
        self._remembered += 1
        owner = self._people.user(owner_id)
        if owner is None:
            return Level.BLOCKED
        groups = [group for id in owner.group_ids if (group := self._people.group(id)) is not None]
        return effective(self._grants.current, owner_id, viewer_id, groups)


@cache
def allowed(level: Level, scopes: frozenset[Scope]) -> frozenset[Right]:
    """The rights of a level that a session or token with these scopes may use."""
    if Scope.ALL in scopes:
        return RIGHTS[level]
    usable = SEEING | ({Right.PICK_UP, Right.PICK_UP_2} if Scope.CALLS in scopes else frozenset())
    return RIGHTS[level] & usable


def _scope_missing(scope: Scope) -> Forbidden:
    return Forbidden(
        "scope-missing",
        f"This token was not made for that; it needs the scope {scope.value!r}.",
        data={"scope": scope.value},
    )
