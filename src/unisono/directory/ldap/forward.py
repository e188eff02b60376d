"""A bind passed on to Active Directory, or another directory, over TLS (RFC 4513 5.1.3); and the groups of who bound."""

import asyncio
from collections.abc import AsyncIterator, Sequence

from unisono.directory.ldap.settings import LdapSettings
from unisono.kernel.errors import Unavailable
from unisono.net.stream import Endpoint, Stream, connect
from unisono.wire.ldap.errors import CodecError
from unisono.wire.ldap.filter import And, Equality, Filter, Or, Present
from unisono.wire.ldap.framing import FrameReader
from unisono.wire.ldap.message import (
    BindRequest,
    BindResponse,
    Deref,
    Request,
    Response,
    Scope,
    SearchRequest,
    SearchResultDone,
    SearchResultEntry,
    Simple,
    UnbindRequest,
)
from unisono.wire.ldap.requests import encode_request
from unisono.wire.ldap.responses import parse_response
from unisono.wire.ldap.result_code import ResultCode

_SECONDS = 5.0
_GROUP_SECONDS = 10.0
_MOST_GROUPS = 1_000
_AT_ONCE = 50
"""Groups that are asked for in one search."""
_NAMES = ("cn", "sAMAccountName")
_NO_VERDICT = frozenset({ResultCode.OPERATIONS_ERROR, ResultCode.BUSY, ResultCode.UNAVAILABLE, ResultCode.OTHER})
"""Results of a bind that say nothing of the password."""


async def binds(settings: LdapSettings, name: str, password: str, *, with_groups: bool = False) -> tuple[str, ...] | None:
    """Who it is in groups, if it takes this name and password; else None. Raises `Unavailable` if it cannot be asked.

    A group is told by its common name, its account name and its distinguished name, in small letters; also one that somebody
    is in by another one. Only Active Directory tells them, and only if `with_groups`.
    """
    if not password:
        return None
    host, _, port = settings.active_directory.rpartition(":")
    endpoint = Endpoint(host.strip("[]"), int(port), tls=True, ca_file=settings.active_directory_ca)
    whole = name if "@" in name or "\\" in name or "=" in name else f"{name}{settings.active_directory_suffix}"
    stream = await connect(endpoint, timeout=_SECONDS)
    try:
        peer = _Peer(stream, endpoint)
        async with asyncio.timeout(_GROUP_SECONDS):
            bound = await peer.one(BindRequest(3, whole, Simple(password.encode())))
            code = bound.result.code if isinstance(bound, BindResponse) else ResultCode.OTHER
            if code in _NO_VERDICT:
                raise Unavailable("directory-answer", f"{endpoint} cannot check a password now (result {code}).")
            if code != ResultCode.SUCCESS:
                return None
            found = await _groups(peer) if with_groups else ()
            await stream.write(encode_request(peer.last + 1, UnbindRequest()))
            return found
    except CodecError as error:
        raise Unavailable("directory-answer", f"{endpoint} does not speak LDAP: {error.why}.") from error
    except TimeoutError as error:
        raise Unavailable("directory-answer", f"{endpoint} does not answer in time.") from error
    finally:
        await stream.close()


class _Peer:
    """The other directory."""

    def __init__(self, stream: Stream, endpoint: Endpoint) -> None:
        self._stream = stream
        self._endpoint = endpoint
        self._reader = FrameReader()
        self.last = 0

    async def one(self, request: Request) -> Response:
        """The first answer to a request."""
        async for response in self.answers(request):
            return response
        raise AssertionError("never ends without an answer")

    async def answers(self, request: Request) -> AsyncIterator[Response]:
        """All that it says to a request, for ever. Raises `CodecError`, `Unavailable`."""
        self.last += 1
        await self._stream.write(encode_request(self.last, request))
        while data := await self._stream.read():
            for pdu in self._reader.feed(data):
                number, response, _ = parse_response(pdu)
                if number == self.last:
                    yield response
        raise Unavailable("directory-answer", f"{self._endpoint} closed the connection without an answer.")

    async def entries(self, base: str, scope: Scope, wanted: Filter, attributes: tuple[str, ...]) -> list[SearchResultEntry]:
        """What a search finds; nothing where it is refused."""
        found: list[SearchResultEntry] = []
        async for response in self.answers(SearchRequest(base, scope, Deref.NEVER, 0, 0, False, wanted, attributes)):
            if isinstance(response, SearchResultEntry):
                found.append(response)
            elif isinstance(response, SearchResultDone):
                break
        return found


async def _groups(peer: _Peer) -> tuple[str, ...]:
    """Names of the groups of whoever has bound: their security identifiers are told by the root itself (MS-ADTS 3.1.1.3.2)."""
    root = await peer.entries("", Scope.BASE, Present("objectClass"), ("tokenGroups", "defaultNamingContext"))
    if not root:
        return ()
    sids, base = _values(root[0], "tokenGroups")[:_MOST_GROUPS], _values(root[0], "defaultNamingContext")
    found: dict[str, None] = {}
    for at in range(0, len(sids) if base else 0, _AT_ONCE):
        some = Or(tuple(Equality("objectSid", sid) for sid in sids[at : at + _AT_ONCE]))
        wanted = And((Equality("objectClass", b"group"), some))
        for entry in await peer.entries(base[0].decode(), Scope.SUBTREE, wanted, _NAMES):
            names = [entry.name, *(value.decode("utf-8", "replace") for name in _NAMES for value in _values(entry, name))]
            found.update((name.casefold(), None) for name in names)
    return tuple(found)


def _values(entry: SearchResultEntry, name: str) -> Sequence[bytes]:
    return next((values for each, values in entry.attributes if each.lower() == name.lower()), ())
