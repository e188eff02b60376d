"""Asking PBXs: checks what can be, dials by the rules of the site, waits for the answer no longer than it makes sense.

Nothing here changes a call. The PBX's answer says that it took the command; what happens then, its events tell.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from unisono.calls.commands import TWO_CALLS, WITH_NUMBER, command, digits, refuse
from unisono.calls.model import Call, ForwardingType, Service
from unisono.calls.port import (
    Accepted,
    Command,
    CommandProblem,
    CommandRefused,
    Connector,
    LinkPhase,
    LinkState,
    Normaliser,
)
from unisono.calls.shared_data import SUBJECT
from unisono.kernel.clock import Clock
from unisono.kernel.errors import Fault, Invalid
from unisono.kernel.log import Log
from unisono.numbers.model import Direction as Way
from unisono.numbers.model import NumberKind
from unisono.numbers.model import Role as NumberRole

log = Log("calls")

COMMAND_SECONDS = 10.0
_MOST_SUBJECTS = 1_000


class Calls(Protocol):
    """What asking needs of the picture: `service.CallService`."""

    def need(self, call_id: str) -> Call: ...
    def by_native(self, connector: str, native: str) -> Call | None: ...
    def of_device(self, connector: str, device: str) -> tuple[Call, ...]: ...
    def services(self, call: Call, device: str) -> frozenset[Service]: ...
    def line_services(self, connector: str, device: str) -> frozenset[Service]: ...
    def can(self, connector: str, device: str) -> frozenset[Service]: ...
    def link_state(self, connector: str) -> LinkState: ...
    def unsupported(self, connector: str, device: str, service: Service) -> None: ...
    def set_call_data(self, call_id: str, values: dict[str, str]) -> Call: ...


@dataclass(frozen=True, slots=True)
class Placed:
    """A PBX took a command that begins a call. `call_id`: ours, if the PBX named the call and has reported it already."""

    accepted: Accepted
    call_id: str = ""


class Asking:
    """Sends commands to connectors; every method raises `CommandRefused` with the reason in words, `Invalid` for bad input."""

    def __init__(
        self, calls: Calls, normaliser: Normaliser, clock: Clock, connector: Callable[[str], Connector | None]
    ) -> None:
        self.connector = connector
        self._calls = calls
        self._normaliser = normaliser
        self._clock = clock
        self._subjects: OrderedDict[tuple[str, str], str] = OrderedDict()

    async def make_call(self, connector: str, device: str, to: str, subject: str = "") -> Placed:
        """Dial a number, in any written form, on a line."""
        self._check(Service.MAKE_CALL, connector, device)
        dialled = self._another(to, connector, device)
        accepted = await self._send(connector, Command(Service.MAKE_CALL, device, to=dialled, subject=subject))
        return self._placed(connector, accepted, subject)

    async def about_call(
        self,
        service: Service,
        call_id: str,
        device: str,
        *,
        held_call_id: str = "",
        to: str = "",
        dtmf: str = "",
        of: str = "",
    ) -> Placed:
        """Ask for a service about a call.

        `held_call_id`: the device's other call, where two are needed. `to`: a number in any written form. `dtmf`: digits
        to send. `of`: the ringing device from which to pick up.
        """
        call = self._calls.need(call_id)
        if service not in self._calls.services(call, device):
            self._need_link(call.connector)
            raise refuse(service, self._calls.can(call.connector, device), device)
        dialled = self._number(service, to, call.connector, device)
        sent = digits(dtmf) if service is Service.GENERATE_DIGITS else ""
        others = self._calls.of_device(call.connector, device)
        held = self._calls.need(held_call_id) if held_call_id and service in TWO_CALLS else None
        wanted = command(service, call, device, others, held=held, to=dialled, dtmf=sent, of=of)
        return self._placed(call.connector, await self._send(call.connector, wanted), "")

    async def group_pickup(self, connector: str, device: str) -> Accepted:
        """Take a call that rings in the line's pick-up group."""
        self._check(Service.GROUP_PICKUP_CALL, connector, device)
        return await self._send(connector, Command(Service.GROUP_PICKUP_CALL, device))

    async def do_not_disturb(self, connector: str, device: str, on: bool) -> Accepted:
        """Switch do-not-disturb."""
        self._check(Service.SET_DO_NOT_DISTURB, connector, device)
        return await self._send(connector, Command(Service.SET_DO_NOT_DISTURB, device, on=on))

    async def forward(self, connector: str, device: str, type_: ForwardingType, on: bool, to: str = "") -> Accepted:
        """Switch a forwarding."""
        self._check(Service.SET_FORWARDING, connector, device)
        dialled = self._dial(to, connector, device, forwarding=True) if on else ""
        return await self._send(connector, Command(Service.SET_FORWARDING, device, to=dialled, on=on, forwarding=type_))

    def forwards_to(self, connector: str, device: str, to: str) -> str:
        """Where a forwarding goes: super-canonical for a number outside, else as the PBX says it.

        The PBX says what it dials, with its outside digit, which means something else to whoever dials it from here.
        """
        number = self._normaliser.read(to, connector, device, Way.OUT, NumberRole.FORWARDING)
        return number.supercanonical if number.kind is NumberKind.EXTERNAL else to

    def subject_of(self, connector: str, native: str) -> str:
        """The subject that was given for a call which the PBX had not reported yet."""
        return self._subjects.pop((connector, native), "")

    def _number(self, service: Service, to: str, connector: str, device: str) -> str:
        if service in WITH_NUMBER:
            return self._another(to, connector, device)
        return self._dial(to, connector, device) if service is Service.PARK_CALL and to else ""

    def _another(self, to: str, connector: str, device: str) -> str:
        """The digits for a number that is not the line's own: a telephone that calls itself is busy, and blocked by that."""
        dialled = self._dial(to, connector, device)
        if self._normaliser.own(to, connector, device):
            raise Invalid("own-number", f"{to} is the number of this line itself. Dial another one.", data={"field": "to"})
        return dialled

    def _dial(self, to: str, connector: str, device: str, *, forwarding: bool = False) -> str:
        if not to.strip():
            raise Invalid("number-missing", "Say which number to dial.", data={"field": "to"})
        return self._normaliser.dial(to, connector, device, forwarding=forwarding)

    def _check(self, service: Service, connector: str, device: str) -> None:
        if service in self._calls.line_services(connector, device):
            return
        self._need_link(connector)
        can = self._calls.can(connector, device)
        if service in can:
            raise CommandRefused(
                CommandProblem.DEVICE_OFFLINE,
                f"The telephone of line {device} is not connected to the telephone system. Check its plug and network.",
            )
        raise refuse(service, can, device)

    def _need_link(self, connector: str) -> Connector:
        running = self.connector(connector)
        state = self._calls.link_state(connector)
        if running is None or state.phase is not LinkPhase.UP:
            why = f" ({state.message})" if state.message else ""
            raise CommandRefused(
                CommandProblem.LINK_DOWN,
                f"There is no link to the telephone system at the moment{why}. Use the telephone itself; it is tried again.",
            )
        return running

    async def _send(self, connector: str, wanted: Command) -> Accepted:
        """Ask, with a time limit; a service that turns out not to be supported is not offered again."""
        running = self._need_link(connector)
        async with asyncio.TaskGroup() as tasks:
            asking = tasks.create_task(_answer(running, wanted))
            timer = tasks.create_task(self._clock.sleep(COMMAND_SECONDS))
            await asyncio.wait({asking, timer}, return_when=asyncio.FIRST_COMPLETED)
            answer = asking.result() if asking.done() else None
            asking.cancel()
            timer.cancel()
        if answer is None:
            raise CommandRefused(
                CommandProblem.TIMEOUT,
                f"The telephone system has not answered within {COMMAND_SECONDS:.0f} seconds. Look whether it happened "
                "before you try again.",
            )
        if isinstance(answer, Accepted):
            return answer
        if isinstance(answer, CommandRefused) and answer.problem is CommandProblem.NOT_SUPPORTED:
            self._calls.unsupported(connector, wanted.device, wanted.service)
        raise answer

    def _placed(self, connector: str, accepted: Accepted, subject: str) -> Placed:
        call = self._calls.by_native(connector, accepted.call) if accepted.call else None
        if call is not None and call.live:
            if subject:
                self._calls.set_call_data(call.id, {SUBJECT: subject})
            return Placed(accepted, call.id)
        if subject and accepted.call:
            self._subjects[(connector, accepted.call)] = subject
            if len(self._subjects) > _MOST_SUBJECTS:
                self._subjects.popitem(last=False)
        return Placed(accepted)


async def _answer(connector: Connector, wanted: Command) -> Accepted | Fault:
    """The connector's answer; what it raises is part of it, so that a task group around does not wrap it."""
    try:
        return await connector.do(wanted)
    except Fault as fault:
        return fault
    except Exception as error:
        log.exception("command failed", connector=connector.id, service=wanted.service)
        return CommandRefused(CommandProblem.OTHER, "The link to the telephone system failed.", native=str(error))
