"""A query tried out: how a filter was read, what a template made of it, how it is answered, with what, and how fast."""

import asyncio
import base64
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from unisono.directory.ldap.branch import books_of
from unisono.directory.ldap.model import ANONYMOUS, Identity
from unisono.directory.ldap.order import Room
from unisono.directory.ldap.pages import Memory
from unisono.directory.ldap.plan import Step, plan
from unisono.directory.ldap.prepared import Asker
from unisono.directory.ldap.search import Search
from unisono.directory.ldap.tree import Refused, Tree
from unisono.kernel.errors import Invalid
from unisono.wire.ldap.errors import TextError
from unisono.wire.ldap.filter import Filter
from unisono.wire.ldap.filter_text import parse_filter
from unisono.wire.ldap.framing import FrameReader
from unisono.wire.ldap.message import Deref, Scope, SearchRequest, SearchResultDone, SearchResultEntry
from unisono.wire.ldap.responses import parse_response
from unisono.wire.ldap.result_code import ResultCode

_SLICE = 0.002
_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Trial:
    """`code`: how it ended, as LDAP names it, and `message`, what else the client is told."""

    read_as: str
    mended: bool
    """Whether it had to be read tolerantly."""
    translated: str
    code: str
    message: str = ""
    books: list[str] = field(default_factory=list)
    """The books that are asked, and in `later` those that are asked only if these have no hit."""
    later: list[str] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    hits: int = 0
    ldif: str = ""
    size: int = 0
    """Bytes of the answer."""
    milliseconds: float = 0.0


async def try_out(
    tree: Tree, suffix: str, identity: Identity, text: str, attributes: Sequence[str], most: int, address: str = "127.0.0.1"
) -> Trial:
    """Ask as somebody would, over TLS. Raises `Invalid` for a filter that cannot be read even tolerantly."""
    asked, mended = _read(text)
    request = SearchRequest(suffix, Scope.SUBTREE, Deref.NEVER, most, 0, False, asked, tuple(attributes))
    asker = Asker(tree.view(identity), address, identity == ANONYMOUS, True)
    begin = time.perf_counter()
    try:
        search = Search(tree, asker, request, (), most)
    except Refused as refused:
        return Trial(str(asked), mended, str(asked), refused.code.name, refused.message)
    answer, turn = bytearray(), begin
    for step in search.answer(1, Memory(Room())):
        answer += step or b""
        now = time.perf_counter()
        if now - begin > _SECONDS:
            break
        turn = await _after(turn)
    took = (time.perf_counter() - begin) * 1000
    hits, code, ldif = await _shown(bytes(answer))
    trial = Trial(str(asked), mended, str(search.filter), code, hits=hits, ldif=ldif, size=len(answer))
    return _planned(replace(trial, milliseconds=round(took, 2)), search)


def _read(text: str) -> tuple[Filter, bool]:
    """The filter, and whether it had to be read tolerantly. Raises `Invalid` that says where it goes wrong."""
    try:
        return parse_filter(text), False
    except TextError:
        pass
    try:
        return parse_filter(text, tolerant=True), True
    except TextError as error:
        message = f"filter: {error.why} (character {error.at + 1})"
        place = {"field": "filter", "problem": error.code, "at": error.at, "place": error.at + 1}
        raise Invalid("ldap-invalid", message, data=place) from error


def _planned(trial: Trial, search: Search) -> Trial:
    portion = search.portion
    if portion is None:
        return trial
    steps = plan(portion.parts, search.condition(portion))
    return replace(trial, books=books_of(portion.first), later=books_of(portion.later), steps=steps)


async def _after(turn: float) -> float:
    """Let others have their turn if this one has taken long; when the present one began."""
    if time.perf_counter() - turn <= _SLICE:
        return turn
    await asyncio.sleep(0)
    return time.perf_counter()


async def _shown(answer: bytes) -> tuple[int, str, str]:
    """Entries, the code, and LDIF (RFC 2849)."""
    hits, code, lines, turn = 0, ResultCode.TIME_LIMIT_EXCEEDED.name, list[str](), time.perf_counter()
    for pdu in FrameReader().feed(answer):
        turn = await _after(turn)
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
