"""One signed-in connection to the manager interface: requests and their answers, everything else to the listener."""

import asyncio
import re
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from unisono.connectors.asterisk.settings import AsteriskSettings
from unisono.connectors.trace import Trace
from unisono.kernel.clock import Clock
from unisono.kernel.errors import Retry, Unavailable
from unisono.net import Stream
from unisono.wire.ami import AmiSyntaxError, Kind, Message, Parser, challenge_key, encode

T = TypeVar("T")

ANSWER_SECONDS = 10.0
LIST_SECONDS = 60.0
_SECRETS = re.compile(rb"(?im)^((?:secret|key|challenge):[ ]*)[^\r\n]*")


class Session:
    """Owned by one run of the connector."""

    def __init__(self, stream: Stream, clock: Clock, trace: Trace, told: Callable[[Message], None]) -> None:
        self._stream = stream
        self._clock = clock
        self._trace = trace
        self._told = told
        self._parser = Parser()
        self._count = 0
        self._answers: dict[str, asyncio.Future[Message]] = {}
        self._ends: dict[str, asyncio.Future[None]] = {}

    async def read(self) -> None:
        """Read for ever; raises `Unavailable` when the link is lost or speaks something else."""
        while data := await self._stream.read():
            try:
                messages = self._parser.feed(data)
            except AmiSyntaxError as error:
                raise Unavailable(
                    "link-protocol",
                    f"{self._stream.name} does not speak the Asterisk manager interface: {error}. Check the port.",
                    retry=Retry.ASK_ADMIN,
                ) from error
            for message in messages:
                self._trace.add(self._clock.now(), masked(message.raw), sent=False)
                self._take(message)
        raise Unavailable("link-closed", f"{self._stream.name} has closed the connection.")

    def _take(self, message: Message) -> None:
        id = message.action_id
        if message.kind is Kind.RESPONSE:
            answer = self._answers.pop(id, None)
            if answer is not None and not answer.done():
                answer.set_result(message)
        self._told(message)
        if message.kind is Kind.EVENT and id in self._ends and message.get("EventList").lower() == "complete":
            end = self._ends.pop(id)
            if not end.done():
                end.set_result(None)

    async def ask(
        self, action: str, headers: Iterable[tuple[str, str]] = (), *, seconds: float = ANSWER_SECONDS, id: str = ""
    ) -> Message:
        """Send a request and wait for its answer; raises `Unavailable` when none comes, `AmiSyntaxError` for bad values."""
        id = id or self._next()
        data = encode(action, headers, action_id=id)
        answer: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._answers[id] = answer
        try:
            self._trace.add(self._clock.now(), masked(data), sent=True)
            await self._stream.write(data)
            return await within(self._clock, seconds, answer, f"{self._stream.name} has not answered {action}.")
        finally:
            self._answers.pop(id, None)

    async def list(self, action: str, headers: Iterable[tuple[str, str]] = ()) -> bool:
        """Ask for a list and wait for its last event; its events go to the listener. False: this PBX has no such list."""
        id = self._next()
        end: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._ends[id] = end
        try:
            answer = await self.ask(action, headers, id=id)
            if answer.name != "Success":
                return False
            if answer.get("EventList").lower() != "start" and not end.done():
                return True  # some answers are whole by themselves
            await within(self._clock, LIST_SECONDS, end, f"{self._stream.name} has not finished {action}.")
            return True
        finally:
            self._ends.pop(id, None)

    async def sign_in(self, settings: AsteriskSettings) -> None:
        """Log in; raises `Unavailable` with code `link-credentials` when user or password are wrong."""
        user, secret = settings.user, settings.password.reveal()
        if settings.challenge:
            challenge = await self.ask("Challenge", (("AuthType", "MD5"),))
            key = challenge_key(challenge.get("Challenge"), secret)
            how = [("AuthType", "MD5"), ("Username", user), ("Key", key)]
        else:
            how = [("Username", user), ("Secret", secret)]
        answer = await self.ask("Login", [*how, ("Events", "on")])
        if answer.name != "Success":
            raise Unavailable(
                "link-credentials",
                f"Asterisk refuses user {user!r}: {answer.get('Message') or answer.name}. "
                "Check name, secret, permit and deny in manager.conf.",
                retry=Retry.ASK_ADMIN,
            )

    def _next(self) -> str:
        self._count += 1
        return f"unisono-{self._count}"


def masked(data: bytes) -> bytes:
    """Bytes for the trace, without passwords and keys."""
    return _SECRETS.sub(rb"\1***", data)


async def within(clock: Clock, seconds: float, future: "asyncio.Future[T]", silence: str) -> T:
    """The future's result, or `Unavailable` when the clock says that `seconds` have passed."""
    async with asyncio.TaskGroup() as tasks:
        sleeper = tasks.create_task(clock.sleep(seconds))
        waiting: set[asyncio.Future[Any]] = {future, sleeper}
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        sleeper.cancel()
    if future.done():
        return future.result()
    raise Unavailable("link-silent", silence)
