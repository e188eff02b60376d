"""What a client is told: multi-status and errors as XML (RFC 4918 13 and 16). Pure."""

from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape

from unisono.directory.phonebooks.markup import plain

_SPACES = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav" xmlns:S="http://calendarserver.org/ns/"'
_PREFIXES = {"{DAV:}": "D", "{urn:ietf:params:xml:ns:carddav}": "C", "{http://calendarserver.org/ns/}": "S"}
_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'
HEAD = f"{_DECLARATION}<D:multistatus {_SPACES}>\n"
TAIL = "</D:multistatus>\n"
MEDIA_TYPE = "application/xml; charset=utf-8"


def text(value: str) -> str:
    """A text within an element; an end of a line keeps its carriage return (XML 1.0 2.11 would take it away)."""
    return escape(plain(value)).replace("\r", "&#13;")


def href(path: str) -> str:
    """An address."""
    return f"<D:href>{text(path)}</D:href>"


def response(path: str, found: Mapping[str, str], missing: Iterable[str] = ()) -> str:
    """A resource with the properties that it has, written already, and the names of those that it has not."""
    parts = [f"<D:response>{href(path)}"]
    absent = "".join(empty(name) for name in missing)
    if found or not absent:
        parts.append(_propstat("".join(found.values()), "200 OK"))
    if absent:
        parts.append(_propstat(absent, "404 Not Found"))
    parts.append("</D:response>\n")
    return "".join(parts)


def gone(path: str) -> str:
    """A resource that is not there (any more)."""
    return f"<D:response>{href(path)}<D:status>HTTP/1.1 404 Not Found</D:status></D:response>\n"


def truncated(path: str, condition: str) -> str:
    """RFC 6578 3.6, RFC 6352 8.6.2: there is more than this answer says."""
    error = f"<D:error>{condition}</D:error>"
    return f"<D:response>{href(path)}<D:status>HTTP/1.1 507 Insufficient Storage</D:status>{error}</D:response>\n"


def sync_token(token: str) -> str:
    """What to come back with."""
    return f"<D:sync-token>{text(token)}</D:sync-token>\n"


def error(condition: str, words: str) -> str:
    """Why something is not done: a condition as an element, and words for people."""
    said = f"<D:responsedescription>{text(words)}</D:responsedescription>" if words else ""
    return f"{_DECLARATION}<D:error {_SPACES}>{condition}{said}</D:error>\n"


def element(name: str, inner: str) -> str:
    """A property by its name in Clark's notation, with what stands in it."""
    opening, closing = _tag(name)
    return f"<{opening}>{inner}</{closing}>" if inner else f"<{opening}/>"


def empty(name: str) -> str:
    """The name of a property alone."""
    return element(name, "")


def _tag(name: str) -> tuple[str, str]:
    space, sign, local = name.rpartition("}")
    prefix = _PREFIXES.get(space + sign)
    if prefix is not None:
        return f"{prefix}:{local}", f"{prefix}:{local}"
    if not sign:
        return f'{local} xmlns=""', local
    return f'X:{local} xmlns:X="{escape(space[1:], {chr(34): "&quot;"})}"', f"X:{local}"


def _propstat(properties: str, status: str) -> str:
    return f"<D:propstat><D:prop>{properties}</D:prop><D:status>HTTP/1.1 {status}</D:status></D:propstat>"
