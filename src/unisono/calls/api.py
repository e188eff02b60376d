"""Routes about calls and line settings. A command asks the PBX; what came of it, the event stream tells."""

from enum import StrEnum
from typing import Annotated

from litestar import Controller, patch, post, put
from litestar.params import Parameter
from msgspec import Meta, Struct

from unisono.calls.model import Call, ForwardingType, Service
from unisono.calls.service import CallService
from unisono.calls.shared_data import NOTE, PRIVATE, SUBJECT
from unisono.kernel.errors import Invalid, NotFound
from unisono.people.model import Line
from unisono.people.service import People
from unisono.permissions.guard import Guard
from unisono.permissions.model import Right, Viewer

Id = Annotated[str, Parameter(max_length=64)]
_Id = Annotated[str, Meta(max_length=64)]
_Number = Annotated[str, Meta(max_length=200)]


class Verb(StrEnum):
    """What can be asked about a call."""

    ANSWER = "answer"
    DROP = "drop"
    REJECT = "reject"
    HOLD = "hold"
    RETRIEVE = "retrieve"
    ALTERNATE = "alternate"
    CONSULT = "consult"
    RECONNECT = "reconnect"
    TRANSFER = "transfer"
    BLIND_TRANSFER = "blind-transfer"
    DEFLECT = "deflect"
    CONFERENCE = "conference"
    DTMF = "dtmf"
    PICKUP = "pickup"
    PARK = "park"
    CALLBACK = "callback"


SERVICES: dict[Verb, Service] = {
    Verb.ANSWER: Service.ANSWER_CALL,
    Verb.DROP: Service.CLEAR_CONNECTION,
    Verb.REJECT: Service.CLEAR_CONNECTION,
    Verb.HOLD: Service.HOLD_CALL,
    Verb.RETRIEVE: Service.RETRIEVE_CALL,
    Verb.ALTERNATE: Service.ALTERNATE_CALL,
    Verb.CONSULT: Service.CONSULTATION_CALL,
    Verb.RECONNECT: Service.RECONNECT_CALL,
    Verb.TRANSFER: Service.TRANSFER_CALL,
    Verb.BLIND_TRANSFER: Service.SINGLE_STEP_TRANSFER_CALL,
    Verb.DEFLECT: Service.DEFLECT_CALL,
    Verb.CONFERENCE: Service.CONFERENCE_CALL,
    Verb.DTMF: Service.GENERATE_DIGITS,
    Verb.PICKUP: Service.DIRECTED_PICKUP_CALL,
    Verb.PARK: Service.PARK_CALL,
    Verb.CALLBACK: Service.CALL_BACK,
}


class DialInput(Struct, forbid_unknown_fields=True):
    """A number to dial, in any written form, `tel:` too. Without `line_id` one's main line dials."""

    to: _Number
    line_id: _Id = ""
    subject: Annotated[str, Meta(max_length=500)] = ""


class CommandInput(Struct, forbid_unknown_fields=True):
    """What a command needs besides its name: see the routes of each.

    `line_id`: the line on which the call is seen; for `pickup` the ringing one, and `own_line_id` the one that takes it.
    """

    line_id: _Id
    held_call_id: _Id = ""
    to: _Number = ""
    digits: Annotated[str, Meta(max_length=64)] = ""
    own_line_id: _Id = ""


class CallDataInput(Struct, forbid_unknown_fields=True):
    """What people add to a call; what is left out stays, an empty text is removed."""

    line_id: _Id
    note: Annotated[str, Meta(max_length=10_000)] | None = None
    subject: Annotated[str, Meta(max_length=500)] | None = None
    private: bool | None = None
    data: Annotated[dict[str, str], Meta(max_length=64)] = {}


class Accepted(Struct):
    """The PBX took the command. `line_call_id`: the call that it began, if that is known already."""

    accepted: bool = True
    line_call_id: str | None = None


class DndInput(Struct, forbid_unknown_fields=True):
    """Do-not-disturb on or off."""

    on: bool


class ForwardingInput(Struct, forbid_unknown_fields=True):
    """A forwarding on or off; `to`: a number in any written form."""

    type: ForwardingType
    on: bool
    to: _Number = ""


class CallController(Controller):
    """Calls of one's own lines."""

    path = "/calls"
    tags = ("calls",)

    @post(operation_id="makeCall", status_code=202)
    async def dial(
        self, data: DialInput, viewer: Viewer, guard: Guard, people: People, calls: CallService
    ) -> Accepted:
        """Dial a number on a line of one's own."""
        line = own_line(viewer, guard, people, data.line_id)
        placed = await calls.ask.make_call(line.connector, line.device, data.to, data.subject)
        return _accepted(placed.call_id, line)

    @post("/{call_id:str}/{command:str}", operation_id="commandCall", status_code=202)
    async def command(
        self,
        call_id: Id,
        command: Verb,
        data: CommandInput,
        viewer: Viewer,
        guard: Guard,
        people: People,
        calls: CallService,
    ) -> Accepted:
        """Ask for something about a call.

        `alternate`, `reconnect`, `transfer` and `conference` are about two calls of the line and take `held_call_id`;
        `consult`, `blind-transfer` and `deflect` take `to`, `park` may; `dtmf` takes `digits`.
        """
        if command is Verb.PICKUP:
            return await _pick_up(call_id, data, viewer, guard, people, calls)
        line = own_line(viewer, guard, people, data.line_id, needed=True)
        on_line(calls, call_id, line)
        if data.held_call_id:
            on_line(calls, data.held_call_id, line)
        placed = await calls.ask.about_call(
            SERVICES[command], call_id, line.device, held_call_id=data.held_call_id, to=data.to, dtmf=data.digits
        )
        return _accepted(placed.call_id, line)

    @patch("/{call_id:str}", operation_id="updateCall", status_code=204)
    async def update(
        self, call_id: Id, data: CallDataInput, viewer: Viewer, guard: Guard, people: People, calls: CallService
    ) -> None:
        """Add a note, a subject or other data to a call of one's own, also shortly after it has ended."""
        line = own_line(viewer, guard, people, data.line_id, needed=True)
        on_line(calls, call_id, line)
        calls.set_call_data(call_id, _values(data))


class LineController(Controller):
    """Settings of lines."""

    path = "/lines"
    tags = ("calls",)

    @post("/{id:str}/group-pickup", operation_id="groupPickup", status_code=202)
    async def group_pickup(
        self, id: Id, viewer: Viewer, guard: Guard, people: People, calls: CallService
    ) -> Accepted:
        """Take a call that rings in the pick-up group of one's line."""
        line = own_line(viewer, guard, people, id, needed=True)
        await calls.ask.group_pickup(line.connector, line.device)
        return Accepted()

    @put("/{id:str}/dnd", operation_id="setDoNotDisturb", status_code=202)
    async def do_not_disturb(
        self, id: Id, data: DndInput, viewer: Viewer, guard: Guard, people: People, calls: CallService
    ) -> Accepted:
        """Switch do-not-disturb of a line of one's own."""
        line = own_line(viewer, guard, people, id, needed=True)
        await calls.ask.do_not_disturb(line.connector, line.device, data.on)
        return Accepted()

    @put("/{id:str}/forwarding", operation_id="setForwarding", status_code=202)
    async def forwarding(
        self, id: Id, data: ForwardingInput, viewer: Viewer, guard: Guard, people: People, calls: CallService
    ) -> Accepted:
        """Switch a forwarding of one's own line, or of a colleague's who lets one."""
        line = _line(people, id)
        if guard.owns_line(viewer, line):
            guard.own_line(viewer, line)
        else:
            guard.require_on_line(viewer, line, Right.SET_DIVERSION)
        await calls.ask.forward(line.connector, line.device, data.type, data.on, data.to)
        return Accepted()


def _line(people: People, id: str) -> Line:
    line = people.line(id)
    if line is None:
        raise NotFound("unknown-line", "There is no such line.")
    return line


def own_line(viewer: Viewer, guard: Guard, people: People, id: str, *, needed: bool = False) -> Line:
    """One of the viewer's lines, their main one if none is named; raises `Forbidden`, `NotFound`, `Invalid`."""
    if not id and not needed:
        lines = people.lines_of(viewer.user_id)
        if not lines:
            raise Invalid("no-line", "You have no telephone line. An administrator can give you one.")
        id = lines[0].id
    line = _line(people, id)
    guard.own_line(viewer, line)
    return line


def on_line(calls: CallService, call_id: str, line: Line) -> Call:
    """A call in which this line has or had a part; raises `NotFound`, also for calls of others."""
    call = calls.get(call_id)
    if call is None or call.connector != line.connector or call.leg(line.device) is None:
        raise NotFound("unknown-call", "There is no such call on this line any more. Calls that ended are in the journal.")
    return call


async def _pick_up(
    call_id: str, data: CommandInput, viewer: Viewer, guard: Guard, people: People, calls: CallService
) -> Accepted:
    ringing = _line(people, data.line_id)
    guard.require_on_line(viewer, ringing, Right.PICK_UP)
    call = on_line(calls, call_id, ringing)
    own = own_line(viewer, guard, people, data.own_line_id)
    if own.connector != call.connector:
        raise Invalid("other-pbx", "Your line is on another telephone system than the one where it rings.")
    service = Service.DIRECTED_PICKUP_CALL
    placed = await calls.ask.about_call(service, call_id, own.device, of=ringing.device)
    return _accepted(placed.call_id, own)


def _values(data: CallDataInput) -> dict[str, str]:
    values = {key: text for key, text in data.data.items() if key not in (NOTE, SUBJECT, PRIVATE)}
    if data.note is not None:
        values[NOTE] = data.note
    if data.subject is not None:
        values[SUBJECT] = data.subject
    if data.private is not None:
        values[PRIVATE] = "1" if data.private else ""
    return values


def _accepted(call_id: str, line: Line) -> Accepted:
    return Accepted(line_call_id=f"{call_id}:{line.id}" if call_id else None)
