"""One signed-in connection to the manager interface: requests and their answers, everything else to the listener."""

import asyncio
import re
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from unisono.connectors.asterisk import faults
from unisono.connectors.asterisk.settings import AsteriskSettings
from unisono.connectors.trace import Trace
from unisono.kernel.clock import Clock
from unisono.kernel.errors import Unavailable
from unisono.net import Stream
from unisono.wire.ami import AmiSyntaxError, Kind, Message, Parser, challenge_key, encode

T = TypeVar("T")

ANSWER_SECONDS = 10.0
LIST_SECONDS = 60.0
GREETING = b"Asterisk Call Manager"
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
        self._greeting = b""
        self._greeted: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def read(self) -> None:
        """Read for ever; raises `Unavailable` when the link is lost or speaks something else."""
        while data := await self._stream.read():
            if not self._greeted.done():
                self._greet(data)
            try:
                messages = self._parser.feed(data)
            except AmiSyntaxError as error:
                raise faults.not_asterisk(self._stream.name, str(error)) from error
            for message in messages:
                self._trace.add(self._clock.now(), masked(message.raw), sent=False)
                self._take(message)
        raise faults.closed(self._stream.name)

    def _greet(self, data: bytes) -> None:
        """Who is no manager interface shows it in the first bytes, before a password is sent."""
        self._greeting += data[: len(GREETING) - len(self._greeting)]
        if not GREETING.startswith(self._greeting):
            raise faults.not_asterisk(self._stream.name, f"it began with {data[:24]!r}")
        if self._greeting == GREETING:
            self._greeted.set_result(None)

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
            return await within(self._clock, seconds, answer, faults.silent(self._stream.name, f"answered {action}"))
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
            await within(self._clock, LIST_SECONDS, end, faults.silent(self._stream.name, f"finished {action}"))
            return True
        finally:
            self._ends.pop(id, None)

    async def sign_in(self, settings: AsteriskSettings) -> None:
        """Log in once we were greeted; raises `Unavailable`, code `link-credentials` when user or password are wrong."""
        await within(self._clock, ANSWER_SECONDS, self._greeted, faults.no_greeting(self._stream.name, ANSWER_SECONDS))
        user, secret = settings.user, settings.password.reveal()
        if settings.challenge:
            challenge = await self.ask("Challenge", (("AuthType", "MD5"),))
            key = challenge_key(challenge.get("Challenge"), secret)
            how = [("AuthType", "MD5"), ("Username", user), ("Key", key)]
        else:
            how = [("Username", user), ("Secret", secret)]
        answer = await self.ask("Login", [*how, ("Events", "on")])
        if answer.name != "Success":
            raise faults.wrong_password(user, answer.get("Message") or answer.name)

    def _next(self) -> str:
        self._count += 1
        return f"unisono-{self._count}"


def masked(data: bytes) -> bytes:
    """Bytes for the trace, without passwords and keys."""
    return _SECRETS.sub(rb"\1***", data)


async def within(clock: Clock, seconds: float, future: "asyncio.Future[T]", silence: Unavailable) -> T:
    """The future's result; raises `silence` when the clock says that `seconds` have passed."""
    async with asyncio.TaskGroup() as tasks:
        sleeper = tasks.create_task(clock.sleep(seconds))
        waiting: set[asyncio.Future[Any]] = {future, sleeper}
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        sleeper.cancel()
    if future.done():
        return future.result()
    raise silence
