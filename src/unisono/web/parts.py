"""The collections of a client's state, each cut to what one viewer may see.

For every collection two questions: which *variant* of an entry may a viewer see (None: not at all), and what does the
entry look like in that variant. Two viewers with the same variant get the same bytes, so a fact is encoded once per variant
and not once per viewer. A variant has to hold everything about the viewer on which the value depends. A fact asks the first
question for every open window: what does not depend on the viewer is looked up once, before.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Final, Protocol

from unisono.calls.model import Call, DeviceStatus, Service
from unisono.calls.names import Names
from unisono.calls.service import CallService
from unisono.calls.view import LineState, LineView, line_view
from unisono.directory.display import readable
from unisono.directory.views import View
from unisono.journal.access import reads_written
from unisono.journal.service import Journal
from unisono.numbers.service import Locations
from unisono.people.model import Line as LineValue
from unisono.people.service import People
from unisono.permissions.guard import Guard
from unisono.permissions.model import Right, Viewer
from unisono.presence.model import Presence as PresenceValue
from unisono.presence.observe import shown
from unisono.presence.service import PresenceService
from unisono.web import people_views
from unisono.web.calls_view import LineCall, line_call
from unisono.web.interest import Interest
from unisono.web.shapes import Me, Person
from unisono.web.stream_shapes import DeviceState, Forwarding, Line, Link, Presence

Sight = Callable[[Viewer], Hashable | None]
"""Which variant of one entry a viewer sees; None: none. To be asked at once, before anything changes."""
GONE: Final = "gone"
"""The variant of an entry that is not there any more: everybody is told so."""
VIEWS_MOST: Final = 5_000
_PICK_UP: Final = frozenset({Service.DIRECTED_PICKUP_CALL})
_SEE_PRESENCE: Final = Right.SEE_PRESENCE
_SET_PRESENCE: Final = Right.SET_PRESENCE


class Part(Protocol):
    """One collection."""

    name: str

    def ids(self, viewer: Viewer) -> Iterable[str]:
        """The entries that this viewer might see; `sight` decides."""
        ...

    def sight(self, id: str) -> Sight:
        """Who sees an entry, in which variant. Asks the guard."""
        ...

    def value(self, id: str, variant: Hashable) -> object | None:
        """The entry in that variant; None: there is no such entry. Each part names its shape, for the description."""
        ...


def _gone(viewer: Viewer) -> Hashable | None:
    return GONE


class MePart:
    """The viewer's own account. Its entry has the id "me" on the wire; inside it is the user's."""

    name = "me"

    def __init__(self, people: People, names: Names) -> None:
        self._people = people
        self._names = names

    def ids(self, viewer: Viewer) -> Iterable[str]:
        return (viewer.user_id,)

    def sight(self, id: str) -> Sight:
        view = self._names.view
        return lambda viewer: (view(viewer) or "own") if viewer.user_id == id else None

    def value(self, id: str, variant: Hashable) -> Me | None:
        user = self._people.user(id)
        return people_views.me(user, self._people, self._names) if user else None


class PeoplePart:
    """Everybody with an active account."""

    name = "people"

    def __init__(self, people: People, locations: Locations, guard: Guard) -> None:
        self._people = people
        self._locations = locations
        self._guard = guard

    def ids(self, viewer: Viewer) -> Iterable[str]:
        return (user.id for user in self._people.users() if user.active)

    def sight(self, id: str) -> Sight:
        user = self._people.user(id)
        if user is None or not user.active:
            return _gone
        return self._guard.rights_over(id)

    def value(self, id: str, variant: Hashable) -> Person | None:
        user = self._people.user(id)
        if user is None or not user.active or not isinstance(variant, frozenset):
            return None
        return people_views.person(user, self._people, self._locations, variant)


class PresencePart:
    """Who is there."""

    name = "presence"

    def __init__(self, people: People, guard: Guard, presence: PresenceService, names: Names) -> None:
        self._people = people
        self._guard = guard
        self._presence = presence
        self._names = names

    def ids(self, viewer: Viewer) -> Iterable[str]:
        return (user.id for user in self._people.users() if user.active)

    def sight(self, id: str) -> Sight:
        user = self._people.user(id)
        if user is None or not user.active:
            return _gone
        rights = self._guard.rights_over(id)
        presence = self._presence.of(id)
        sees_partner = self._partner_sight(presence)
        limit = self._names.limit((presence.with_.remote,)) if presence.with_ else None

        def sight(viewer: Viewer) -> Hashable | None:
            allowed = rights(viewer)
            if _SEE_PRESENCE not in allowed:
                return None
            partner = sees_partner is not None and sees_partner(viewer)
            view = limit(viewer) if limit is not None and partner else None
            return _SET_PRESENCE in allowed, partner, view

        return sight

    def value(self, id: str, variant: Hashable) -> Presence | None:
        if not isinstance(variant, tuple):
            return None
        settable, partner, view = variant
        presence = self._presence.of(id)
        with_ = presence.with_.partner if presence.with_ and partner else ""
        if presence.with_ and partner and view is not None:
            with_ = shown(self._names.party(presence.with_.remote, view))
        return Presence(
            state=presence.state,
            reason=presence.reason,
            since=presence.since,
            until=presence.until,
            note=presence.note,
            activity=presence.activity,
            with_=with_,
            settable=settable,
        )

    def _partner_sight(self, presence: PresenceValue) -> Callable[[Viewer], bool] | None:
        call = presence.with_
        line = self._people.line(call.line_id) if call else None
        if call is None or line is None:
            return None
        return self._guard.who_may_on_line(line, sees(call.outward))


def sees(outgoing: bool) -> Right:
    """The right that shows calls of this direction."""
    return Right.SEE_CALLS_OUT if outgoing else Right.SEE_CALLS_IN


class LinesPart:
    """The viewer's lines, and those they follow and on which they may see calls."""

    name = "lines"

    def __init__(self, people: People, interest: Interest, guard: Guard, calls: CallService) -> None:
        self._people = people
        self._interest = interest
        self._guard = guard
        self._calls = calls

    def ids(self, viewer: Viewer) -> Iterable[str]:
        audience = self._interest.audience
        return (line.id for line in self._people.lines() if viewer.user_id in audience(line))

    def sight(self, id: str) -> Sight:
        line = self._people.line(id)
        if line is None:
            return _gone
        owns, who_may = self._guard.owns_line, self._guard.who_may_on_line
        audience = self._interest.audience(line)
        sees_in, sees_out = who_may(line, Right.SEE_CALLS_IN), who_may(line, Right.SEE_CALLS_OUT)
        sees_diversions = who_may(line, Right.SEE_DIVERSIONS)

        def sight(viewer: Viewer) -> Hashable | None:
            if owns(viewer, line):
                return True, True
            if viewer.user_id not in audience or not (sees_in(viewer) or sees_out(viewer)):
                return None
            return False, sees_diversions(viewer)

        return sight

    def value(self, id: str, variant: Hashable) -> Line | None:
        line = self._people.line(id)
        if line is None or not isinstance(variant, tuple):
            return None
        own, diversions = variant
        status = self._calls.device_status(line.connector, line.device)
        return Line(
            id=line.id,
            number=line.number,
            name=line.name,
            user_ids=list(line.user_ids),
            device_status=DeviceState(
                in_service=status.in_service,
                do_not_disturb=status.do_not_disturb,
                forwarding=self._forwarding(line, status) if diversions else [],
                messages_waiting=status.messages_waiting if own else 0,
            ),
            services=sorted(self._calls.line_services(line.connector, line.device)) if own else [],
            own=own,
            link=line.connector if own else "",
        )

    def _forwarding(self, line: LineValue, status: DeviceStatus) -> list[Forwarding]:
        numbers = [(kind, self._calls.ask.forwards_to(line.connector, line.device, to)) for kind, to in status.forwarding]
        return [Forwarding(kind, to, readable(to)[0]) for kind, to in numbers]


class CallsPart:
    """Calls as the lines see them that the viewer owns or follows; the id is `<call id>:<line id>`.

    `ended` holds the ids of calls that ended lately and are still shown.
    """

    name = "calls"

    def __init__(
        self,
        people: People,
        interest: Interest,
        guard: Guard,
        calls: CallService,
        journal: Journal,
        names: Names,
        ended: Mapping[str, float],
    ) -> None:
        self._people = people
        self._interest = interest
        self._guard = guard
        self._calls = calls
        self._ended = ended
        self._journal = journal
        self._names = names
        self._views: dict[str, tuple[Call, LineView | None, dict[View, LineView]]] = {}

    def ids(self, viewer: Viewer) -> Iterable[str]:
        ended = (call for id in self._ended if (call := self._calls.get(id)) is not None)
        for call in (*self._calls.live(), *ended):
            yield from self.ids_of(call)

    def ids_of(self, call: Call) -> list[str]:
        """The entries that one call has: one for each of our lines that has or had a part in it."""
        devices = dict.fromkeys(leg.id.device for leg in call.connections)
        lines = (self._people.line_at(call.connector, device) for device in devices)
        return [f"{call.id}:{line.id}" for line in lines if line is not None]

    def sight(self, id: str) -> Sight:
        line = self._people.line(id.partition(":")[2])
        if line is None:
            return _gone
        owns, audience = self._guard.owns_line, self._interest.audience(line)
        view = self._view(id, line)
        cut = self._cut(line, view)
        limit = self._names.limit_on(view) if view is not None else None

        def sight(viewer: Viewer) -> Hashable | None:
            if owns(viewer, line):
                variant: Hashable | None = "own"
            else:
                variant = cut(viewer) if viewer.user_id in audience else None
            books = limit(viewer) if limit is not None and variant is not None else None
            return variant if books is None else (variant, books)

        return sight

    def _cut(self, line: LineValue, view: LineView | None) -> Sight:
        """What a call of this line is to those who follow the line."""
        who_may = self._guard.who_may_on_line
        if view is None:
            sees_in, sees_out = who_may(line, Right.SEE_CALLS_IN), who_may(line, Right.SEE_CALLS_OUT)
            return lambda viewer: GONE if sees_in(viewer) or sees_out(viewer) else None
        sees_it = who_may(line, sees(view.outgoing))
        picks_up = who_may(line, Right.PICK_UP) if view.state is LineState.OFFERING else None

        def cut(viewer: Viewer) -> Hashable | None:
            if not sees_it(viewer):
                return None
            if picks_up is not None and picks_up(viewer):
                return "pick-up"  # a right of those who may read what is written, too
            return "team" if reads_written(viewer, self._guard, line) else "see"

        return cut

    def value(self, id: str, variant: Hashable) -> LineCall | None:
        line = self._people.line(id.partition(":")[2])
        view = self._view(id, line) if line else None
        if line is None or view is None or variant == GONE:
            return None
        variant, books = variant if isinstance(variant, tuple) else (variant, None)
        services = _PICK_UP if variant == "pick-up" else frozenset[Service]()
        if variant == "own":
            services = self._calls.services(view.call, line.device)
        journal_id = self._journal.of_line_in_call(view.call.id, line.id)
        shown_view = self._limited(id, view, books) if books is not None else view
        return line_call(shown_view, line, services, journal_id, own=variant == "own", written=variant != "see")

    def _limited(self, id: str, view: LineView, books: View) -> LineView:
        """The view as a profile lets it be seen; like `ContactRef`, it holds as long as the call is the same value."""
        known = self._views[id][2]
        if books not in known:
            known[books] = self._names.line_view(view, books)
        return known[books]

    def _view(self, id: str, line: LineValue) -> LineView | None:
        call = self._calls.get(id.partition(":")[0])
        if call is None or call.connector != line.connector or not (call.live or call.id in self._ended):
            return None
        # Every open window asks for the same view; it holds as long as the call is the same value.
        known = self._views.get(id)
        if known is None or known[0] is not call:
            if len(self._views) > VIEWS_MOST:
                self._views.clear()
            known = self._views[id] = (call, line_view(call, line.device), {})
        return known[1]


class LinksPart:
    """The links to the PBXs: everything for admins, only name and phase for others.

    `names` gives name and kind of each configured connector by id.
    """

    name = "links"

    def __init__(self, guard: Guard, calls: CallService, names: Callable[[], Mapping[str, tuple[str, str]]]) -> None:
        self._guard = guard
        self._calls = calls
        self._names = names

    def ids(self, viewer: Viewer) -> Iterable[str]:
        return self._names()

    def sight(self, id: str) -> Sight:
        return lambda viewer: "admin" if self._guard.is_admin(viewer) else "phase"

    def value(self, id: str, variant: Hashable) -> Link | None:
        known = self._names().get(id)
        if known is None:
            return None
        link = self._calls.links().get(id)
        state = self._calls.link_state(id)
        since = link.since if link else None
        if variant != "admin":
            return Link(id, known[0], "", state.phase, "", "", "", "", "", 0, since, 0)
        return Link(
            id=id,
            name=known[0],
            kind=known[1],
            phase=state.phase,
            code=state.code,
            message=state.message,
            remedy=state.remedy,
            peer=state.peer,
            version=state.version,
            lines=state.lines,
            since=since,
            anomalies=self._calls.anomalies.told(id),
            next_try=state.next_try,
        )
