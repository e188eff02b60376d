"""How sources say who they are over HTTP: by name and password, by a token or key, or by a token that OAuth gives out."""

import base64
import time
from collections.abc import Callable, Mapping
from urllib.parse import urlencode

from unisono.directory.replicators import faults
from unisono.directory.replicators.http_client import HttpClient
from unisono.kernel.secrets import Secret

_EARLY = 60.0
"""Seconds before its end a token is renewed."""


class Fixed:
    """Headers that stay the same: a key, or nothing."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = headers

    def headers(self) -> Mapping[str, str]:
        return self._headers

    def refused(self) -> bool:
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

    def refused(self) -> bool:
        self._token = ""
        return True

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
