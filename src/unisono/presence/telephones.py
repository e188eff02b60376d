"""A person's telephones as presence uses them: whether one can be rung, and their do-not-disturb."""

from collections.abc import Iterable
from typing import Protocol

from unisono.calls.ask import Asking
from unisono.calls.model import Call, DeviceStatus
from unisono.calls.port import CommandProblem, CommandRefused, LinkPhase, LinkState
from unisono.kernel.log import Log
from unisono.people.model import Line, LineKind

log = Log("presence")


class RunningCalls(Protocol):
    """What presence reads of the calls room, and asks of it."""

    ask: Asking

    def live(self) -> Iterable[Call]:
        """The calls that are up."""
        ...

    def device_status(self, connector: str, device: str) -> DeviceStatus:
        """What a device is set to."""
        ...

    def link_state(self, connector: str) -> LinkState:
        """The state of a link."""
        ...


def reachable(calls: RunningCalls, lines: Iterable[Line]) -> bool:
    """Whether one of these telephones is in service, at a PBX that we hear."""
    return any(
        line.kind is LineKind.EXTENSION
        and calls.link_state(line.connector).phase is LinkPhase.UP
        and calls.device_status(line.connector, line.device).in_service
        for line in lines
    )


async def set_do_not_disturb(calls: RunningCalls, lines: Iterable[Line], *, on: bool) -> bool:
    """Switch it on the telephones of one person; those shared with others stay as they are.

    Returns False where a PBX cannot be asked now; what a telephone cannot do, it is not asked again.
    """
    reached = True
    for line in lines:
        alone = line.kind is LineKind.EXTENSION and len(line.user_ids) == 1
        if not alone or calls.device_status(line.connector, line.device).do_not_disturb == on:
            continue
        try:
            await calls.ask.do_not_disturb(line.connector, line.device, on)
        except CommandRefused as refused:
            log.info("do not disturb not set", connector=line.connector, device=line.device, why=refused.problem)
            reached = reached and refused.problem not in (CommandProblem.LINK_DOWN, CommandProblem.TIMEOUT)
    return reached
