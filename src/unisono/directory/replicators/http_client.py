"""A small HTTP client for sources: one peer, certificates checked, bounded in size, time, redirections and patience.

What the peer does wrong is a `Fault`. Whatever says who we are goes to the peer's own address and nowhere else.
"""

import ipaddress
import re
import ssl
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any, Protocol
from urllib.parse import SplitResult, urljoin, urlsplit

import msgspec
from lxml import etree

from unisono.directory.replicators import faults, timely
from unisono.kernel.errors import Fault

MOST_BYTES = 64 * 1024 * 1024
"""Of one answer."""
_SECONDS_CONNECT = 10.0
_MOST_REDIRECTS = 5
_MOST_TRIES = 5
_MOST_PATIENCE = 300.0
"""Seconds that a busy peer may make us wait at once."""
_CHUNK = 256 * 1024
_PORTS = {"https": 443, "http": 80}
_BUSY = (429, 503)
_MOVED = (301, 302, 307, 308)
_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]+)""", re.IGNORECASE)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def tls_context(ca_file: str) -> ssl.SSLContext:
    """What checks a peer's certificate: by this authority, or by those the system trusts. Raises `Invalid`."""
    try:
        return ssl.create_default_context(cafile=ca_file or None)
    except (OSError, ssl.SSLError) as error:
        raise faults.wrong_setting("ca_file", f"{ca_file} cannot be read as certificates: {error}.") from error


def checked_url(url: str, *, plain: bool, field: str = "url") -> str:
    """An address that may be asked. Raises `Invalid`."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise faults.wrong_setting(field, f"{url} is no address.") from None
    if parts.scheme not in _PORTS or not parts.hostname or port == 0 or not url.isprintable() or " " in url:
        raise faults.wrong_setting(field, "Write an address that begins with https://.")
    if parts.username is not None or parts.password is not None:
        raise faults.wrong_setting(field, "Enter name and password in their own fields, not in the address.")
    if parts.scheme == "http" and not plain and not is_loopback(parts.hostname):
        raise faults.insecure(field, "What is read, and the password,")
    return url


class Authorization(Protocol):
    """Says who we are."""

    def headers(self) -> Mapping[str, str]:
        """What goes with each request. Raises `Fault`."""
        ...

    def again(self, answer: "Answer", times: int) -> bool:
        """The peer has said 401, so many times before; whether to try once more with new headers. Raises `Fault`."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """What a peer answered; the names of `headers` are in small letters. `url`: after redirections."""

    peer: str
    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    certificate: bytes = b""
    """The peer's, in DER; empty without TLS."""

    def json(self) -> Any:
        """Its body as JSON, which is UTF-8 (RFC 8259 8.1) unless the peer says otherwise. Raises `Fault`."""
        said = _CHARSET.search(self.headers.get("content-type", ""))
        try:
            return msgspec.json.decode(self.body.decode(said[1]) if said else self.body)
        except (msgspec.DecodeError, UnicodeDecodeError, LookupError, RecursionError) as error:
            raise faults.garbled(self.peer, f"no JSON ({error})") from error

    def object(self) -> dict[str, Any]:
        """Its body as a JSON object. Raises `Fault`."""
        found = self.json()
        if not isinstance(found, dict):
            raise faults.garbled(self.peer, "JSON, but no object")
        return found

    def xml(self) -> Any:
        """Its body as XML. Raises `Fault`."""
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
        try:
            return etree.fromstring(self.body, parser)
        except etree.XMLSyntaxError as error:
            raise faults.garbled(self.peer, f"no XML ({error})") from error


class HttpClient:
    """Asks one peer, over one connection that is kept open. Not for several threads at once."""

    def __init__(self, url: str, *, ca_file: str = "", plain: bool = False, authorization: Authorization | None = None) -> None:
        self._plain = plain
        self._home = urlsplit(checked_url(url, plain=plain))
        self._context = tls_context(ca_file) if ca_file or self._home.scheme == "https" else None
        self._authorization = authorization
        self._connection: HTTPConnection | None = None
        self._open = ("", "", 0)
        self.peer = str(self._home.netloc)

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def ask(
        self,
        method: str,
        url: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        allowed: Collection[int] = (),
    ) -> Answer:
        """One request with its redirections and repetitions. Raises `Fault` unless it goes well or its status is `allowed`."""
        unknown = tries = 0
        waited = 0.0
        while True:
            answer = self._followed(method, url, body, headers or {})
            if answer.status == 401 and self._authorization is not None and self._authorization.again(answer, unknown):
                unknown += 1
            elif answer.status in _BUSY and answer.status not in allowed:
                tries += 1
                seconds = _retry_after(answer, tries)
                waited += seconds
                if waited > _MOST_PATIENCE or tries > _MOST_TRIES:
                    raise faults.busy(self.peer, seconds)
                time.sleep(seconds)
            elif 200 <= answer.status < 300 or answer.status in allowed:
                return answer
            else:
                raise refusal(answer)

    def is_ours(self, url: str) -> bool:
        """Whether an address the peer gave is its own."""
        return _origin(urlsplit(url)) == _origin(self._home)

    def ours(self, base: str, url: str) -> str:
        """An address that the peer gave (absolute or not), which has to be its own. Raises `Fault`."""
        whole = urljoin(base, url)
        if not self.is_ours(whole):
            raise faults.garbled(self.peer, f"it sends us on to {urlsplit(whole).netloc}, which is another server")
        return whole

    def _followed(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        for _ in range(_MOST_REDIRECTS + 1):
            answer = self._once(method, url, body, headers)
            target = answer.headers.get("location")
            if answer.status not in _MOVED or not target:
                return answer
            try:
                there = urlsplit(urljoin(url, target))
            except ValueError as error:
                raise faults.garbled(self.peer, f"it sends us on to {target}") from error
            if there.scheme != "https" and urlsplit(url).scheme == "https":
                raise faults.garbled(self.peer, f"it sends us on to {there.netloc} without encryption")
            if there.scheme not in _PORTS or not there.hostname:
                raise faults.garbled(self.peer, f"it sends us on to {target}")
            if not self.is_ours(there.geturl()):
                # Its own host under another scheme or port may be meant; a stranger gets neither password nor request.
                raise faults.garbled(self.peer, f"it sends us on to {there.netloc}; enter that address if it is right")
            url = there.geturl()
        raise faults.garbled(self.peer, "it sends us round in circles")

    def _once(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        parts = urlsplit(url)
        who = self._authorization.headers() if self._authorization is not None else {}
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        sent = {"User-Agent": "Unisono", "Accept-Encoding": "identity", **headers, **who}
        fresh = self._connection is None or self._open != _origin(parts)
        while True:
            connection = self._connected(parts)
            try:
                connection.sock.settimeout(timely.SECONDS)
                connection.request(method, target, body, sent)
                with connection.getresponse() as response:
                    return self._read(url, response)
            except (OSError, HTTPException) as error:
                self.close()
                if fresh or isinstance(error, TimeoutError):
                    raise self._fault(error) from error
                fresh = True  # a connection that was kept may have been closed meanwhile: once more with a new one
            except (ValueError, UnicodeError) as error:
                self.close()
                raise faults.garbled(self.peer, f"an address that cannot be asked ({error})") from error

    def _fault(self, error: Exception) -> Fault:
        if isinstance(error, OSError):
            return faults.unreachable(self.peer, error)
        return faults.lost(self.peer, f"no HTTP ({type(error).__name__})")

    def _connected(self, parts: SplitResult) -> HTTPConnection:
        origin = _origin(parts)
        if self._connection is not None and self._open == origin:
            return self._connection
        self.close()
        scheme, host, port = origin
        if scheme == "https":
            context = self._context or tls_context("")
            self._connection = HTTPSConnection(host, port, timeout=_SECONDS_CONNECT, context=context)
        else:
            self._connection = HTTPConnection(host, port, timeout=_SECONDS_CONNECT)
        self._connection.response_class = timely.TimelyResponse
        self._open = origin
        try:
            self._connection.connect()
        except (OSError, UnicodeError) as error:
            self.close()
            raise faults.unreachable(self.peer, error if isinstance(error, OSError) else "no name") from error
        return self._connection

    def _read(self, url: str, response: HTTPResponse) -> Answer:
        body = bytearray()
        while chunk := response.read1(_CHUNK):
            body += chunk
            if len(body) > MOST_BYTES:
                self.close()
                raise faults.too_much(self.peer, f"more than {MOST_BYTES:,} bytes in one answer")
        if response.length:
            raise ConnectionError("the answer was cut off")
        headers = {name.lower(): value for name, value in response.headers.items()}
        sock = self._connection.sock if self._connection is not None else None
        certificate = (sock.getpeercert(True) or b"") if isinstance(sock, ssl.SSLSocket) else b""
        if response.will_close:
            self.close()
        return Answer(self.peer, url, response.status, headers, bytes(body), certificate)


def refusal(answer: Answer) -> Fault:
    """What a status that is no success means."""
    said = f"HTTP {answer.status}{_words_of(answer)}"
    if answer.status == 401:
        return faults.sign_in(answer.peer, said)
    if answer.status == 403:
        return faults.no_right(answer.peer, said)
    if answer.status in (404, 410):
        return faults.not_there(answer.peer, f"{said} for {urlsplit(answer.url).path}")
    return faults.refused(answer.peer, said)


def _words_of(answer: Answer) -> str:
    """What an error says in JSON, if it is short: `error.message`, `error_description`, `detail`, `message`."""
    with suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        found = msgspec.json.decode(answer.body)
        for text in _candidates(found):
            if isinstance(text, str) and text:
                return f": {text[:300]}"
    return ""


def _candidates(found: object) -> Iterator[object]:
    if isinstance(found, dict):
        error = found.get("error")
        yield found.get("error_description")
        yield error.get("message") if isinstance(error, dict) else error
        yield found.get("detail")
        yield found.get("message")


def _origin(parts: SplitResult) -> tuple[str, str, int]:
    try:
        port = parts.port
    except ValueError:
        port = None
    return parts.scheme, parts.hostname or "", port or _PORTS.get(parts.scheme, 0)


def _retry_after(answer: Answer, tries: int) -> float:
    """Seconds to wait (RFC 9110 10.2.3: seconds or a date); doubling where the peer does not say."""
    said = answer.headers.get("retry-after", "")
    if said.isdecimal():
        return float(said)
    with suppress(ValueError, TypeError, OverflowError):
        return max(0.0, parsedate_to_datetime(said).timestamp() - time.time())
    return float(2**tries) / 2


def closing(client: HttpClient, what: Callable[[], Iterator[Any]]) -> Iterator[Any]:
    """Whatever `what` gives; the connection is given back at the end, however it comes."""
    try:
        yield from what()
    finally:
        client.close()
