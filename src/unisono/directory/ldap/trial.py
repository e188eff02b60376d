"""A query tried out: how a filter was read, what a template made of it, how it is answered, with what, and how fast."""

import asyncio
import base64
import time
from collections.abc import Sequence
from dataclasses import dataclass, fields

from unisono.directory.ldap.condition import All, Any, Condition, Without
from unisono.directory.ldap.evaluate import cost
from unisono.directory.ldap.model import ANONYMOUS, Identity
from unisono.directory.ldap.prepared import Asker
from unisono.directory.ldap.search import Memory, Search
from unisono.directory.ldap.tree import Refused, Tree
from unisono.kernel.errors import Invalid
from unisono.wire.ldap.errors import TextError
from unisono.wire.ldap.filter_text import parse_filter
from unisono.wire.ldap.framing import FrameReader
from unisono.wire.ldap.message import Deref, Scope, SearchRequest, SearchResultDone, SearchResultEntry
from unisono.wire.ldap.responses import parse_response
from unisono.wire.ldap.result_code import ResultCode

_SLICE = 0.002
_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Trial:
    """`plan`: what is looked up, with about how many candidates; `code`: how it ended, as LDAP names it."""

    read_as: str
    translated: str
    plan: str
    hits: int
    code: str
    ldif: str
    size: int
    """Bytes of the answer."""
    milliseconds: float


async def try_out(
    tree: Tree, suffix: str, identity: Identity, text: str, attributes: Sequence[str], most: int, address: str = "127.0.0.1"
) -> Trial:
    """Ask as somebody would, over TLS. Raises `Invalid` for a filter that cannot be read even tolerantly."""
    try:
        asked = parse_filter(text, tolerant=True)
    except TextError as error:
        message = f"filter: {error.why} (character {error.at + 1})"
        raise Invalid("ldap-invalid", message, data={"field": "filter"}) from error
    request = SearchRequest(suffix, Scope.SUBTREE, Deref.NEVER, most, 0, False, asked, tuple(attributes))
    asker = Asker(tree.view(identity), address, identity == ANONYMOUS, True)
    begin = time.perf_counter()
    try:
        search = Search(tree, asker, request, (), most)
    except Refused as refused:
        return Trial(str(asked), str(asked), "", 0, refused.code.name, f"# {refused.message}".rstrip("# "), 0, 0.0)
    answer, turn = bytearray(), begin
    for step in search.answer(1, Memory()):
        answer += step or b""
        now = time.perf_counter()
        if now - begin > _SECONDS:
            break
        if now - turn > _SLICE:
            await asyncio.sleep(0)
            turn = time.perf_counter()
    took = (time.perf_counter() - begin) * 1000
    hits, code, ldif = _shown(bytes(answer))
    return Trial(str(asked), str(search.filter), plan(tree, search), hits, code, ldif, len(answer), round(took, 2))


def plan(tree: Tree, search: Search) -> str:
    """What is looked up."""
    portion = search.portion
    if portion is None:
        return ""
    condition = search.condition(portion)
    candidates = sum(cost(part.segment, condition) for part in portion.parts)
    return f"{described(condition)}; about {candidates:,} candidates in {len(portion.parts)} files"


def described(condition: Condition) -> str:
    """A condition in words."""
    match condition:
        case All(of):
            return "all of [" + "; ".join(map(described, of)) + "]"
        case Any(of):
            return "any of [" + "; ".join(map(described, of)) + "]"
        case Without(leaf):
            return f"not {described(leaf)}"
    values = (f"{field.name} {_short(getattr(condition, field.name))}" for field in fields(condition))
    return " ".join([type(condition).__name__, *values])


def _short(value: object) -> str:
    if isinstance(value, tuple):
        return "*".join(map(_short, value))
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(getattr(value, "ldap_name", value))


def _shown(answer: bytes) -> tuple[int, str, str]:
    """Entries, the code, and LDIF (RFC 2849)."""
    hits, code, lines = 0, ResultCode.TIME_LIMIT_EXCEEDED.name, []
    for pdu in FrameReader().feed(answer):
        _, response, _ = parse_response(pdu)
        if isinstance(response, SearchResultEntry):
            hits += 1
            lines.append(_line("dn", response.name.encode()))
            lines += [_line(name, value) for name, values in response.attributes for value in values]
            lines.append("")
        elif isinstance(response, SearchResultDone):
            code = ResultCode(response.result.code).name
    return hits, code, "\n".join(lines)


def _line(name: str, value: bytes) -> str:
    text = value.decode("utf-8", "replace")
    if text.isprintable() and text.isascii() and text[:1] not in (" ", ":", "<") and not text.endswith(" "):
        return f"{name}: {text}"
    return f"{name}:: {base64.b64encode(value).decode()}"
