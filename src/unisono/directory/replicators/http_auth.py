"""How sources say who they are over HTTP: by name and password, by a token or key, or by a token that OAuth gives out."""

import base64
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from unisono.directory.replicators import faults
from unisono.directory.replicators.http_client import Answer, HttpClient
from unisono.kernel.secrets import Secret

if TYPE_CHECKING:
    from spnego import ContextProxy
    from spnego.channel_bindings import GssChannelBindings

_EARLY = 60.0
"""Seconds before its end a token is renewed."""


class Fixed:
    """Headers that stay the same: a key, or nothing."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = headers

    def headers(self) -> Mapping[str, str]:
        return self._headers

    def again(self, answer: Answer, times: int) -> bool:
        return False


def basic(user: str, password: Secret) -> Fixed:
    """By name and password (RFC 7617); without a name by nothing."""
    pair = f"{user}:{password.reveal()}".encode()
    return Fixed({"Authorization": f"Basic {base64.b64encode(pair).decode()}"} if user else {})


def bearer(token: Secret) -> Fixed:
    """By a token (RFC 6750)."""
    return Fixed({"Authorization": f"Bearer {token.reveal()}"})


class OAuth:
    """By a token that `url` gives out for what `form` says (RFC 6749 4.4 and 6, RFC 7523 2.1), asked again when it ends."""

    def __init__(self, url: str, form: Callable[[], Mapping[str, str]], *, ca_file: str = "", plain: bool = False) -> None:
        self._url = url
        self._form = form
        self._client = HttpClient(url, ca_file=ca_file, plain=plain)
        self._token = ""
        self._ends = 0.0

    def headers(self) -> Mapping[str, str]:
        if not self._token or time.monotonic() >= self._ends:
            self._ask()
        return {"Authorization": f"Bearer {self._token}"}

    def again(self, answer: Answer, times: int) -> bool:
        self._token = ""
        return times == 0

    def _ask(self) -> None:
        body = urlencode(self._form()).encode()
        kind = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        try:
            answer = self._client.ask("POST", self._url, body, kind, allowed=(400, 401))
        finally:
            self._client.close()
        given = answer.object()
        if answer.status != 200:
            reason = str(given.get("error_description") or given.get("error") or f"HTTP {answer.status}")
            raise faults.sign_in(self._client.peer, reason[:300])
        token, seconds = given.get("access_token"), given.get("expires_in", 3600)
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise faults.garbled(self._client.peer, "no access_token")
        self._token = token
        self._ends = time.monotonic() + max(0.0, float(seconds if isinstance(seconds, int | float) else 3600) - _EARLY)


class Ntlm:
    """By NTLM (MS-NLMP over HTTP as in MS-NTHT): the password is not sent, and the connection is what is signed in."""

    def __init__(self, user: str, password: Secret, host: str) -> None:
        self._user = user
        self._password = password
        self._host = host
        self._context: ContextProxy | None = None
        self._token = b""

    def headers(self) -> Mapping[str, str]:
        token, self._token = self._token, b""
        return {"Authorization": f"NTLM {base64.b64encode(token).decode()}"} if token else {}

    def again(self, answer: Answer, times: int) -> bool:
        import spnego
        from spnego.exceptions import SpnegoError

        challenge = _challenge(answer.headers.get("www-authenticate", ""))
        try:
            if times == 0:
                bindings = _bindings(answer.certificate) if answer.certificate else None
                self._context = spnego.client(
                    self._user, self._password.reveal(), self._host, "HTTP", channel_bindings=bindings, protocol="ntlm"
                )
                self._token = self._context.step() or b""
            elif times == 1 and challenge and self._context is not None:
                self._token = self._context.step(challenge) or b""
        except (SpnegoError, ValueError) as error:
            raise faults.garbled(answer.peer, f"no NTLM ({type(error).__name__})") from error
        return bool(self._token)


def _challenge(header: str) -> bytes:
    """What the server says in `WWW-Authenticate: NTLM ...`."""
    for part in header.split(","):
        scheme, _, value = part.strip().partition(" ")
        if scheme.upper() == "NTLM" and value:
            try:
                return base64.b64decode(value, validate=True)
            except ValueError:
                return b""
    return b""


def _bindings(certificate: bytes) -> "GssChannelBindings":
    """What ties a sign-in to this TLS connection (RFC 5929 4.1: tls-server-end-point), which Exchange may want."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from spnego.channel_bindings import GssChannelBindings

    found = x509.load_der_x509_certificate(certificate)
    algorithm = found.signature_hash_algorithm
    weak = algorithm is None or isinstance(algorithm, hashes.MD5 | hashes.SHA1)
    digest = found.fingerprint(hashes.SHA256() if weak or algorithm is None else algorithm)
    return GssChannelBindings(application_data=b"tls-server-end-point:" + digest)
