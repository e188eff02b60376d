"""The LDAP door of a server: its sockets are bound before anything starts, its workers run beside everything else."""

import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from unisono.app.doors import bind, can_have_certificate, certificate, is_loopback, is_unspecified
from unisono.app.place import segments_of
from unisono.app.settings import Settings, WebSettings
from unisono.directory.ldap.channel import Begin
from unisono.directory.ldap.figures import DoorCertificate
from unisono.directory.ldap.service import LdapService, OpenDoor
from unisono.directory.ldap.settings import LDAP_PORT, LDAPS_PORT, LdapSettings
from unisono.directory.ldap.workers import Sockets, Workers
from unisono.directory.model import Book
from unisono.kernel.clock import Clock
from unisono.kernel.errors import Unavailable
from unisono.kernel.log import Log
from unisono.web.services import CheckLevel, Checks, StatusCheck
from unisono.wire.ldap.errors import CodecError
from unisono.wire.ldap.filter import Present
from unisono.wire.ldap.framing import FrameReader
from unisono.wire.ldap.message import Deref, Scope, SearchRequest, SearchResultEntry
from unisono.wire.ldap.requests import encode_request
from unisono.wire.ldap.responses import parse_response

_ANSWER_SECONDS = 3.0

log = Log("ldap")


@dataclass(frozen=True, slots=True)
class LdapDoor:
    """`urls`: where it answers; none if it is switched off."""

    begin: Begin
    sockets: Sequence[Sockets]
    urls: Sequence[str]

    @classmethod
    def open(cls, settings: Settings) -> "LdapDoor":
        """Bind what is set; raises before anything was started."""
        ldap = settings.ldap
        host = f"[{ldap.host}]" if ":" in ldap.host else ldap.host
        urls = [f"{kind}://{host}:{port}/" for kind, port in (("ldap", ldap.port), ("ldaps", ldap.tls_port)) if port]
        chain, key = _certificate(settings) if urls else ("", "")
        begin = Begin(ldap, str(segments_of(settings)), chain, key)
        shared = ldap.processes > 1
        ports = ldap.port, ldap.tls_port
        if shared:
            for port in filter(None, ports):
                bind(ldap.host, port).close()  # several may share a port, but not with another server
        sockets = [Sockets(*(_listen(ldap.host, port, shared) for port in ports)) for _ in range(ldap.processes)]
        return cls(begin, sockets if urls else (), urls)

    async def run(self, service: LdapService, clock: Clock) -> None:
        """Answer until cancelled."""
        if not self.sockets:
            return
        workers = Workers(self.begin, self.sockets, service.check, clock)
        service.attach(workers.configure)
        settings, host = self.begin.settings, self.begin.settings.host
        own = shown(self.begin.certificate) if settings.tls_port else None
        service.door = OpenDoor(workers, addresses(host), is_loopback(host), own)
        try:
            await workers.run()
        finally:
            service.door = None
            for pair in self.sockets:
                for sock in (pair.plain, pair.tls):
                    if sock is not None:
                        sock.close()


def by_itself(settings: LdapSettings) -> LdapSettings:
    """The same; where both ports were left out, those that are usual without rights, as far as no other server has them."""
    if settings.port is not None or settings.tls_port is not None:
        return settings  # who wants TLS alone gets no door without it
    tls_port = _if_free(settings.host, LDAPS_PORT) if can_have_certificate() else 0
    return replace(settings, port=_if_free(settings.host, LDAP_PORT), tls_port=tls_port)


def _if_free(host: str, port: int) -> int:
    try:
        bind(host, port).close()
    except Unavailable as fault:
        log.warning("LDAP is not switched on", why=fault.message)
        return 0
    return port


def answering(service: LdapService, settings: LdapSettings, known: Callable[[], Awaitable[Sequence[Book]]]) -> Checks:
    """Whether the door answers, and with every book, for the status page; nothing where it is switched off."""

    async def check() -> list[StatusCheck]:
        if not (settings.port or settings.tls_port):
            return []
        workers = service.door.workers if service.door is not None else None
        alive = len(workers.answering) if workers is not None else 0
        if alive == settings.processes:
            found = [StatusCheck("ldap", CheckLevel.OK, "LDAP", "It answers.")]
        else:
            level = CheckLevel.WARNING if alive else CheckLevel.ERROR
            message = f"Workers that answer: {alive} of {settings.processes}."
            remedy = "They are started anew by themselves. If that lasts, see the server's log."
            found = [StatusCheck("ldap", level, "LDAP", message, remedy, data={"alive": alive, "count": settings.processes})]
        missing = sorted({book for books in workers.missing.values() for book in books}) if workers is not None else []
        if missing:
            names = {book.id: book.name for book in await known()}
            books = ", ".join(names.get(id, id) for id in missing)
            message = f"These books cannot be found: {books}."
            remedy = "They are made anew by themselves; see the server's log."
            found.append(StatusCheck("ldap-books", CheckLevel.ERROR, "LDAP books", message, remedy, data={"books": books}))
        return found

    return check


def _listen(host: str, port: int | None, shared: bool) -> socket.socket | None:
    return bind(host, port, shared=shared) if port else None


def _certificate(settings: Settings) -> tuple[str, str]:
    """Its own, else the web door's, which is made if there is none."""
    own = settings.ldap
    web = WebSettings(certificate=own.certificate, key=own.key) if own.certificate else settings.web
    folder: Path = settings.server.folder()
    chain, key = certificate(web, folder)
    return str(chain), str(key)


def addresses(host: str) -> list[str]:
    """Under which names and addresses this machine is found by others, the likeliest first."""
    if not is_unspecified(host):
        return [host]
    found = [address for family, goal in _OUTWARDS if (address := _outward(family, goal))]
    name = socket.getfqdn()
    return [*([name] if "." in name and not name.startswith("localhost") else []), *found] or [host]


_OUTWARDS = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))
"""Addresses that nobody has (RFC 5737, RFC 3849): the way there tells which address of ours others see."""


def _outward(family: socket.AddressFamily, goal: str) -> str:
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as sock:
            sock.connect((goal, 9))  # sends nothing
            return str(sock.getsockname()[0])
    except OSError:
        return ""


def shown(chain: str) -> DoorCertificate:
    """What a certificate says about itself."""
    # Half a second of a start, for a door that is not always there.
    from cryptography import x509

    found = x509.load_pem_x509_certificate(Path(chain).read_bytes())
    try:
        other = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        names = [*other.get_values_for_type(x509.DNSName), *map(str, other.get_values_for_type(x509.IPAddress))]
    except x509.ExtensionNotFound:
        names = [found.subject.rfc4514_string()]
    return DoorCertificate(tuple(names), found.not_valid_after_utc, found.issuer == found.subject)


def answers_ldap(host: str, port: int, tls: bool) -> bool:
    """Whether who listens there is a Unisono: its root DSE names the vendor."""
    request = SearchRequest("", Scope.BASE, Deref.NEVER, 0, 0, False, Present("objectClass"), ("vendorName",))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # Which certificate it has does not matter here; nothing is sent but the question.
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    frames = FrameReader()
    try:
        with (
            socket.create_connection((host, port), timeout=_ANSWER_SECONDS) as plain,
            context.wrap_socket(plain) if tls else plain as sock,
        ):
            sock.sendall(encode_request(1, request))
            while data := sock.recv(4096):
                for pdu in frames.feed(data):
                    _, response, _ = parse_response(pdu)
                    vendor = (("vendorName", (b"Unisono",)),)
                    return isinstance(response, SearchResultEntry) and response.attributes == vendor
    except (OSError, CodecError):
        pass
    return False
