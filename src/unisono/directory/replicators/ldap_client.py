"""A small LDAP client for sources, over our own codec: encryption, simple bind, searches page by page.

python-ldap has no wheel, so a server would need a compiler for it.
"""

import re
import socket
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Annotated, Literal, Self

import msgspec
from msgspec import Meta

from unisono.directory.replicators import faults
from unisono.directory.replicators.http_client import tls_context
from unisono.kernel.errors import Fault
from unisono.kernel.secrets import Secret, no_secret
from unisono.wire.ldap import (
    CodecError,
    Control,
    Filter,
    FrameReader,
    Request,
    Response,
    Result,
    ResultCode,
    encode_request,
    parse_filter,
    parse_response,
)
from unisono.wire.ldap.control import PagedResults
from unisono.wire.ldap.filter import Present
from unisono.wire.ldap.message import (
    BindRequest,
    BindResponse,
    Deref,
    ExtendedName,
    ExtendedRequest,
    ExtendedResponse,
    Scope,
    SearchRequest,
    SearchResultDone,
    SearchResultEntry,
    Simple,
    UnbindRequest,
)

PAGE = 500
"""Entries asked for at once; Active Directory gives at most 1,000."""
_SECONDS_CONNECT = 10.0
_SECONDS_ANSWER = 120.0
"""For what is asked to be taken, and for each message of an answer to come as a whole."""
_MOST_MESSAGE = 16 * 1024 * 1024
_CHUNK = 64 * 1024
_AD_REASON = re.compile(r"\bdata ([0-9a-f]{3}),")
_AD_REASONS = {
    "525": "there is no such user",
    "52e": "the password is wrong",
    "530": "the user may not sign in at this time",
    "531": "the user may not sign in from here",
    "532": "the password has expired",
    "533": "the account is disabled",
    "701": "the account has expired",
    "773": "the password has to be changed first",
    "775": "the account is locked",
}
"""Active Directory's second code of a refused bind."""

Attributes = dict[str, tuple[bytes, ...]]
"""Values by the names of attributes in small letters."""


class LdapServerSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A server, and who asks it."""

    host: Annotated[str, Meta(min_length=1, max_length=253, description="Name or address of the server.")]
    user: Annotated[str, Meta(max_length=500, description="Who asks: a DN, or user@domain; empty: anonymous.")] = ""
    password: Annotated[Secret, Meta(description="Their password.")] = msgspec.field(default_factory=no_secret)
    encryption: Annotated[
        Literal["tls", "starttls", "none"], Meta(description="TLS from the start, StartTLS, or none (a network you trust).")
    ] = "tls"
    port: Annotated[int, Meta(ge=0, le=65_535, description="0: 636 with TLS, else 389.")] = 0
    ca_file: Annotated[
        str, Meta(max_length=1000, description="File with the authority of the server's certificate; empty: the system's.")
    ] = ""

    @property
    def peer(self) -> str:
        """The server in words."""
        return f"{self.host}:{self.port or (636 if self.encryption == 'tls' else 389)}"


@dataclass(frozen=True, slots=True)
class Search:
    """What is searched for; all of the subtree unless `scope` says less."""

    base: str
    filter: Filter
    attributes: tuple[str, ...] = ()
    scope: Scope = Scope.SUBTREE
    size: int = 0
    controls: tuple[Control, ...] = field(default=())


class LdapClient:
    """One connection, signed in; closed at the end of `with`. Raises `Fault`."""

    def __init__(self, settings: LdapServerSettings) -> None:
        self._settings = settings
        self.peer = settings.peer
        self._id = 0
        self._reader = FrameReader(_MOST_MESSAGE)
        self._waiting: list[bytes] = []
        self._socket = self._connected()

    def __enter__(self) -> Self:
        try:
            if self._settings.encryption == "starttls":
                self._start_tls()
            self._bind()
        except BaseException:
            self._socket.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            if error is None:
                self._send(UnbindRequest())
        except Fault:
            pass
        finally:
            self._socket.close()

    def root(self) -> Attributes:
        """What the server says about itself: its root DSE (RFC 4512 5.1)."""
        return self.entry("", ("*", "+")) or {}

    def entry(self, name: str, attributes: tuple[str, ...]) -> Attributes | None:
        """One entry by its name; None if it is not there or may not be seen."""
        try:
            for found in self.search(Search(name, Present("objectClass"), attributes, Scope.BASE)):
                return lowered(found)
        except Fault as fault:
            if fault.code != "source-not-there":
                raise
        return None

    def pages(self, search: Search, size: int = PAGE) -> Iterator[SearchResultEntry]:
        """Every entry, page by page (RFC 2696)."""
        cookie = b""
        while True:
            paged = Control(PagedResults(size, cookie), critical=True)
            controls = yield from self.search(search, (paged, *search.controls))
            cookie = next((c.value.cookie for c in controls if isinstance(c.value, PagedResults)), b"")
            if not cookie:
                return

    def search(
        self, search: Search, controls: Sequence[Control] = ()
    ) -> Generator[SearchResultEntry, None, tuple[Control, ...]]:
        """Entries as they come; gives the controls of the answer. Referrals to other servers are not followed."""
        message_id = self._send(
            SearchRequest(search.base, search.scope, Deref.NEVER, search.size, 0, False, search.filter, search.attributes),
            controls or search.controls,
        )
        while True:
            response, answered = self._receive(message_id)
            if isinstance(response, SearchResultEntry):
                yield response
            elif isinstance(response, SearchResultDone):
                if response.result.code == ResultCode.SIZE_LIMIT_EXCEEDED and search.size:
                    return answered
                self._succeeded(response.result)
                return answered

    def _connected(self) -> socket.socket:
        settings = self._settings
        port = int(self.peer.rpartition(":")[2])
        if settings.user and not settings.password:
            raise faults.wrong_setting("password", "Enter the password: without one the server would take us for nobody.")
        context = tls_context(settings.ca_file) if settings.encryption == "tls" else None
        try:
            made = socket.create_connection((settings.host, port), _SECONDS_CONNECT)
            if context is not None:
                made = context.wrap_socket(made, server_hostname=settings.host)
        except (OSError, UnicodeError) as error:
            raise faults.unreachable(self.peer, error if isinstance(error, OSError) else "no name") from error
        return made

    def _start_tls(self) -> None:
        message_id = self._send(ExtendedRequest(ExtendedName.START_TLS))
        response, _ = self._receive(message_id)
        if isinstance(response, ExtendedResponse):
            self._succeeded(response.result)
        if self._waiting or self._reader.waiting:
            raise faults.garbled(self.peer, "it goes on in clear after it agreed to encrypt")
        try:
            context = tls_context(self._settings.ca_file)
            self._socket.settimeout(_SECONDS_CONNECT)
            self._socket = context.wrap_socket(self._socket, server_hostname=self._settings.host)
        except OSError as error:
            raise faults.unreachable(self.peer, error) from error

    def _bind(self) -> None:
        settings = self._settings
        if not settings.user:
            return
        message_id = self._send(BindRequest(3, settings.user, Simple(settings.password.reveal().encode())))
        response, _ = self._receive(message_id)
        if not isinstance(response, BindResponse):
            raise faults.garbled(self.peer, f"{type(response).__name__} to a bind")
        self._succeeded(response.result)

    def _send(self, request: Request, controls: Sequence[Control] = ()) -> int:
        self._id += 1
        try:
            self._socket.settimeout(_SECONDS_ANSWER)
            self._socket.sendall(encode_request(self._id, request, controls))
        except OSError as error:
            raise faults.lost(self.peer, str(error)) from error
        return self._id

    def _receive(self, message_id: int) -> tuple[Response, tuple[Control, ...]]:
        ends = time.monotonic() + _SECONDS_ANSWER
        while True:
            while not self._waiting:
                self._waiting = self._heard(ends - time.monotonic())
            try:
                found, response, controls = parse_response(self._waiting.pop(0))
            except CodecError as error:
                raise faults.garbled(self.peer, str(error)) from error
            if found == message_id:
                return response, controls
            if found == 0 and isinstance(response, ExtendedResponse):  # RFC 4511 4.4.1: a notice of disconnection
                self._succeeded(response.result)
                raise faults.lost(self.peer, response.result.message)

    def _heard(self, left: float) -> list[bytes]:
        """What is whole now; there are so many seconds left."""
        if left <= 0:
            raise faults.slow(self.peer)
        try:
            self._socket.settimeout(left)
            data = self._socket.recv(_CHUNK)
        except TimeoutError as error:
            raise faults.slow(self.peer) from error
        except OSError as error:
            raise faults.lost(self.peer, str(error)) from error
        if not data:
            raise faults.lost(self.peer)
        found = self._reader.feed(data)
        if self._reader.error is not None and not found:
            raise faults.garbled(self.peer, str(self._reader.error))
        return found

    def _succeeded(self, result: Result) -> None:
        if result.code != ResultCode.SUCCESS:
            raise refusal(self.peer, result)


def refusal(peer: str, result: Result) -> Fault:
    """What a result code that is no success means (RFC 4511 A.2)."""
    code = int(result.code)
    name = ResultCode(code).name.lower().replace("_", " ") if code in list(ResultCode) else f"code {code}"
    said = f"{name}{f' ({result.message[:300]})' if result.message else ''}"
    match code:
        case ResultCode.INVALID_CREDENTIALS:
            reason = _AD_REASON.search(result.message)
            return faults.sign_in(peer, _AD_REASONS.get(reason[1], said) if reason else said)
        case ResultCode.INAPPROPRIATE_AUTHENTICATION | ResultCode.INVALID_DN_SYNTAX | ResultCode.UNWILLING_TO_PERFORM:
            return faults.refused(peer, said)
        case ResultCode.STRONGER_AUTH_REQUIRED | ResultCode.CONFIDENTIALITY_REQUIRED:
            return faults.insecure("encryption", f"The sign-in to {peer} ({said})")
        case ResultCode.INSUFFICIENT_ACCESS_RIGHTS | ResultCode.OPERATIONS_ERROR if "bind" in said or code != 1:
            return faults.no_right(peer, said)
        case ResultCode.NO_SUCH_OBJECT:
            return faults.not_there(peer, said)
        case ResultCode.REFERRAL:
            return faults.not_there(peer, f"it names other servers: {', '.join(result.referral)[:300]}")
        case ResultCode.SIZE_LIMIT_EXCEEDED | ResultCode.ADMIN_LIMIT_EXCEEDED:
            return faults.no_right(peer, f"{said}; it gives this account no more entries")
        case ResultCode.TIME_LIMIT_EXCEEDED:
            return faults.slow(peer)
    return faults.refused(peer, said)


def checked_filter(text: str) -> Filter:
    """A filter as people write it (RFC 4515). Raises `Invalid`."""
    try:
        return parse_filter(text)
    except CodecError as error:
        raise faults.wrong_setting("filter", f"The filter cannot be read: {error}.") from error


def lowered(entry: SearchResultEntry) -> Attributes:
    """An entry's attributes with their names in small letters."""
    return {name.lower(): values for name, values in entry.attributes}


def told(found: Attributes, name: str) -> str:
    """The first value of an attribute as text, or ""."""
    values = found.get(name.lower(), ())
    return values[0].decode("utf-8", "replace") if values else ""
