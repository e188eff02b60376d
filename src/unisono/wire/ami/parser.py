"""Bytes in, messages out, however the stream is cut.

A message is a block of `Name: value` lines ended by an empty line. Two things break the rule: the banner, one line before
anything else, and the answer to a Command of Asterisk 13 and older (`Response: Follows`), whose text runs, empty lines
included, to `--END COMMAND--`.
"""

from dataclasses import dataclass

from unisono.wire.ami.message import AmiSyntaxError, Kind, Message

_END_OF_COMMAND = b"--END COMMAND--"
_BANNER = b"Asterisk Call Manager/"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one message may be at most; more is an `AmiSyntaxError`. Lines and messages in bytes."""

    line: int = 65_536
    headers: int = 2_000
    message: int = 4 * 1024 * 1024


class Parser:
    """Feed it what arrived; it keeps the unfinished rest. After an error it takes nothing more."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._rest = bytearray()
        self._lines: list[bytes] = []
        self._size = 0
        self._offset = 0
        self._follows = False
        self._broken = False

    def feed(self, data: bytes) -> list[Message]:
        """The messages completed by `data`, in order; raises `AmiSyntaxError` on a limit."""
        if self._broken:
            raise AmiSyntaxError("the stream broke a limit before; connect again")
        self._rest += data
        found: list[Message] = []
        start = 0
        while (end := self._rest.find(b"\n", start)) >= 0:
            message = self._line(bytes(self._rest[start : end + 1]))
            start = end + 1
            if message is not None:
                found.append(message)
        del self._rest[:start]
        if len(self._rest) > self._limits.line:
            self._fail(f"a line has more than {self._limits.line} bytes")
        return found

    def _line(self, line: bytes) -> Message | None:
        """Take one whole line, its end included; the message it completed, if any."""
        if len(line) > self._limits.line:
            self._fail(f"a line has more than {self._limits.line} bytes")
        self._size += len(line)
        if self._size > self._limits.message:
            self._fail(f"a message has more than {self._limits.message} bytes")
        text = line.rstrip(b"\r\n")
        if not self._lines and text.startswith(_BANNER):
            return self._finish(line, banner=text)
        if self._follows:
            self._follows = not text.endswith(_END_OF_COMMAND)
        elif not text:
            return self._finish(line)
        self._lines.append(line)
        if len(self._lines) > self._limits.headers:
            self._fail(f"a message has more than {self._limits.headers} lines")
        if len(self._lines) == 1 and text.lower().replace(b" ", b"") == b"response:follows":
            self._follows = True
        return None

    def _finish(self, last: bytes, *, banner: bytes = b"") -> Message | None:
        lines, self._lines = self._lines, []
        offset, self._offset = self._offset, self._offset + self._size
        self._size = 0
        if banner:
            version = _text(banner.removeprefix(_BANNER))
            return Message(Kind.BANNER, version, raw=last, offset=offset)
        return _message(lines, offset, last) if lines else None

    def _fail(self, why: str) -> None:
        self._broken = True
        self._rest.clear()
        self._lines.clear()
        raise AmiSyntaxError(why)


def _message(lines: list[bytes], offset: int, last: bytes) -> Message:
    headers: list[tuple[str, str]] = []
    output: list[str] = []
    follows = lines[0].lower().startswith(b"response: follows")
    for number, line in enumerate(lines):
        text = _text(line.rstrip(b"\r\n"))
        name, colon, value = text.partition(":")
        if not colon or " " in name or (follows and number > 2) or not name:
            output.append(text.removesuffix("--END COMMAND--"))
        elif name.lower() == "output":
            output.append(value.removeprefix(" "))
            headers.append((name, value.removeprefix(" ")))
        else:
            headers.append((name, value.removeprefix(" ")))
    kind, name = Kind.OTHER, ""
    for key, value in headers[:2]:  # ActionID may come first
        if key.lower() == "event":
            kind, name = Kind.EVENT, value
            break
        if key.lower() == "response":
            kind, name = Kind.RESPONSE, value
            break
    if follows and output and not output[-1]:
        output.pop()
    return Message(kind, name, tuple(headers), tuple(output), b"".join(lines) + last, offset)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
