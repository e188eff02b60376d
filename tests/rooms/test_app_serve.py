"""Whose word the server takes for where a request came from."""

from typing import Any

import pytest
import uvicorn

from unisono.app.serve import proxy_options
from unisono.app.settings import WebSettings


@pytest.mark.parametrize(
    ("web", "peer", "seen"),
    [
        (WebSettings(behind_proxy=True), "127.0.0.1", ("198.51.100.4", "https")),
        (WebSettings(behind_proxy=True), "192.0.2.9", ("192.0.2.9", "http")),
        (WebSettings(behind_proxy=True, proxies="192.0.2.0/24"), "192.0.2.9", ("198.51.100.4", "https")),
        (WebSettings(), "127.0.0.1", ("127.0.0.1", "http")),
    ],
)
async def test_only_the_proxy_says_who_asks(web: WebSettings, peer: str, seen: tuple[str, str]) -> None:
    scopes: list[dict[str, Any]] = []

    async def application(scope: dict[str, Any], receive: object, send: object) -> None:
        scopes.append(scope)

    config = uvicorn.Config(application, log_config=None, interface="asgi3", **proxy_options(web))
    config.load()
    headers = [(b"x-forwarded-for", b"198.51.100.4"), (b"x-forwarded-proto", b"https")]
    scope = {"type": "http", "client": (peer, 4000), "scheme": "http", "headers": headers}
    await config.loaded_app(scope, None, None)
    assert (scopes[0]["client"][0], scopes[0]["scheme"]) == seen
