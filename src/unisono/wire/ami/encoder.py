"""Requests of ours as bytes. Asterisk reads requests line by line: whatever holds a line end would be a header of its own."""

import hashlib
import re
from collections.abc import Iterable

from unisono.wire.ami.message import AmiSyntaxError

# main/manager.c: a request line is read into 1,024 bytes, a request has at most 128 headers.
LINE_LIMIT = 1024
HEADER_LIMIT = 128

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}\Z")
_FORBIDDEN = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


def encode(action: str, headers: Iterable[tuple[str, str]] = (), *, action_id: str = "") -> bytes:
    """One request; raises `AmiSyntaxError` for a name, value or size that must not be sent."""
    pairs = [("Action", action), *([("ActionID", action_id)] if action_id else []), *headers]
    if len(pairs) > HEADER_LIMIT:
        raise AmiSyntaxError(f"a request has at most {HEADER_LIMIT} headers")
    return b"".join(_line(name, value) for name, value in pairs) + b"\r\n"


def _line(name: str, value: str) -> bytes:
    if not _NAME.match(name):
        raise AmiSyntaxError(f"{name!r} is no header name")
    if _FORBIDDEN.search(value):
        raise AmiSyntaxError(f"the value of {name} holds a line end or another control character")
    try:
        line = f"{name}: {value}\r\n".encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        raise AmiSyntaxError(f"the value of {name} is no text") from error
    if len(line) > LINE_LIMIT:
        raise AmiSyntaxError(f"the value of {name} is too long")
    return line


def challenge_key(challenge: str, secret: str) -> str:
    """The `Key` of a Login with `AuthType: MD5`: the peer's challenge and the password, hashed together."""
    return hashlib.md5((challenge + secret).encode(), usedforsecurity=False).hexdigest()
