"""What a client has already, or expects to read (RFC 9110 13). Pure."""

import re
from collections.abc import Mapping

_TAG = re.compile(r'(?:W/)?"[^"]*"')
"""RFC 9110 8.8.3."""


def instead(headers: Mapping[str, str], etag: str) -> int | None:
    """The status instead of what has this strong tag (RFC 9110 13.2.2): 412 Precondition Failed, 304 Not Modified, or None."""
    expected, had = headers.get("if-match"), headers.get("if-none-match")
    if expected is not None and expected.strip() != "*" and etag not in _TAG.findall(expected):
        return 412
    if had is not None and (had.strip() == "*" or etag in (tag.removeprefix("W/") for tag in _TAG.findall(had))):
        return 304
    return None
