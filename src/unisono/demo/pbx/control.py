"""The control socket: commands for the demo PBX as JSON lines over loopback, protected by a token.

A line `{"token": ..., "do": "call", "with": {"from": "+441632960123", "to": "101"}}` is answered by one line: `{"ok": true,
"result": {...}}`, or `{"ok": false, "code": ..., "message": ...}`.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from contextlib import suppress

from unisono.demo.pbx.commands import Commands
from unisono.kernel.errors import Conflict, Fault, Forbidden, Invalid, Unavailable
from unisono.kernel.secrets import Secret
from unisono.net import Endpoint, Stream, connect, listen

LONGEST_LINE = 65_536


class Control:
    """Serves commands. `turn` is called after each, so that what it caused happens at once."""

    def __init__(self, commands: Commands, token: Secret, turn: Callable[[], None]) -> None:
        self.port = 0
        self._commands = commands
        self._token = token
        self._turn = turn

    async def listen(self, host: str = "127.0.0.1", port: int = 0) -> asyncio.Server:
        """Begin to serve; `port` is set on return."""
        server = await listen(host, port, self._serve, most=20)
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def _serve(self, stream: Stream) -> None:
        lines = Lines(stream)
        with suppress(Unavailable):
            while (line := await lines.next()) is not None:
                answer, go_on = self._answer(line)
                await stream.write(json.dumps(answer, ensure_ascii=False).encode() + b"\n")
                if not go_on:
                    return

    def _answer(self, line: bytes) -> tuple[dict[str, object], bool]:
        try:
            request = _request(line)
            if Secret(str(request.get("token", ""))) != self._token:
                raise Forbidden("wrong-token", "The token is wrong.")
            arguments = request.get("with", {})
            if not isinstance(arguments, dict):
                raise Invalid("bad-request", '"with" has to be an object.')
            self._turn()  # time has gone on since the last event
            result = self._commands.serve(str(request.get("do", "")), arguments)
            self._turn()
        except Fault as fault:
            allowed = not isinstance(fault, Forbidden)
            return {"ok": False, "code": fault.code, "message": fault.message, "data": fault.data}, allowed
        return {"ok": True, "result": result}, True


def _request(line: bytes) -> dict[str, object]:
    try:
        request = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise Invalid("bad-request", "This line is not JSON.") from error
    if not isinstance(request, dict):
        raise Invalid("bad-request", "A request has to be an object.")
    return request


class Lines:
    """Lines of a byte stream, at most `LONGEST_LINE` bytes each; a longer one ends the stream."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._buffer = b""

    async def next(self) -> bytes | None:
        """The next line without its end; None when there is no more."""
        while b"\n" not in self._buffer:
            if len(self._buffer) > LONGEST_LINE:
                return None
            data = await self._stream.read()
            if not data:
                return None
            self._buffer += data
        line, self._buffer = self._buffer.split(b"\n", 1)
        return line


async def ask(
    endpoint: Endpoint, token: Secret, command: str, arguments: Mapping[str, object] | None = None
) -> dict[str, object]:
    """Give one command to a running demo PBX and return its result; its refusals are raised as `Conflict`."""
    stream = await connect(endpoint)
    try:
        request = {"token": token.reveal(), "do": command, "with": dict(arguments or {})}
        await stream.write(json.dumps(request).encode() + b"\n")
        line = await Lines(stream).next()
    finally:
        await stream.close()
    if line is None:
        raise Conflict("control-closed", "The demo PBX closed the connection without an answer.")
    answer = _request(line)
    if not answer.get("ok"):
        raise Conflict(str(answer.get("code", "refused")), str(answer.get("message", "The demo PBX refused.")))
    result = answer.get("result")
    return result if isinstance(result, dict) else {}
