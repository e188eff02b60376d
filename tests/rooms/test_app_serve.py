"""Whose word the server takes for where a request came from; what the demo makes of settings; certificates."""

import errno
import os
import shutil
import socket
import subprocess
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from unisono.app.check import Finding, check
from unisono.app.demo import settings_of
from unisono.app.doors import certificate
from unisono.app.serve import proxy_options, space
from unisono.app.settings import ServerSettings, Settings, WebSettings
from unisono.directory.ldap.settings import LdapSettings
from unisono.kernel.errors import Unavailable
from unisono.kernel.settings import load
from unisono.web.services import CheckLevel


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


@pytest.mark.parametrize(
    ("free", "level"), [(500 << 20, CheckLevel.OK), ((500 << 20) - 1, CheckLevel.WARNING), ((50 << 20) - 1, CheckLevel.ERROR)]
)
async def test_the_status_page_says_when_the_disk_fills(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, level: CheckLevel
) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage._replace(free=free) if folder == tmp_path else usage)
    [found] = await space(tmp_path)()
    assert (found.id, found.level) == ("disk", level)
    assert found.data == {"free": free >> 20, "folder": str(tmp_path)}
    said = await finding(tmp_path)
    assert said.level == level.value
    for each in (found, said):
        assert (str(tmp_path) in each.message, each.remedy.startswith("Free space")) == (True, level is not CheckLevel.OK)
    assert said.remedy == found.remedy


async def test_the_status_page_says_that_the_data_folder_is_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [found] = await space(tmp_path / "gone")()
    assert (found.id, found.level, found.code) == ("folder", CheckLevel.ERROR, "disk-unavailable")
    assert str(tmp_path / "gone") in found.message

    def stale(folder: Path) -> None:
        raise OSError(errno.ESTALE, os.strerror(errno.ESTALE), str(folder))

    monkeypatch.setattr(shutil, "disk_usage", stale)
    [found] = await space(tmp_path)()
    said = await finding(tmp_path)
    assert said.level == found.level.value
    assert (said.message, said.remedy) == (found.message, found.remedy)
    assert os.strerror(errno.ESTALE) in said.message


async def finding(folder: Path) -> Finding:
    """What `unisono check` says of the disk of a data folder."""
    every = check(Settings(server=ServerSettings(data=str(folder))))
    async with aclosing(every):
        return await anext(each async for each in every if each.what == "disk")


def test_a_certificate_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def on_a_full_disk(command: list[str], **_: object) -> None:
        for file in command[-3::2]:
            Path(file).touch()  # and openssl says nothing

    (tmp_path / "server.crt").touch()  # of an earlier version
    with monkeypatch.context() as patched:
        patched.setattr(subprocess, "run", on_a_full_disk)
        with pytest.raises(Unavailable, match="Is the disk full"):
            certificate(WebSettings(), tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["server.crt"]
    chain, key = certificate(WebSettings(), tmp_path)
    assert chain.read_text().startswith("-----BEGIN CERTIFICATE")
    assert key.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(("host", "names"), [("localhost", ["localhost"]), ("pbx.example", ["pbx.example", "localhost"])])
def test_a_certificate_names_each_name_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str, names: list[str]
) -> None:
    monkeypatch.setattr(socket, "getfqdn", lambda: host)
    chain, _ = certificate(WebSettings(), tmp_path)
    told = subprocess.run(
        ["openssl", "x509", "-in", str(chain), "-noout", "-ext", "subjectAltName"], check=True, capture_output=True, text=True
    ).stdout.splitlines()[1]
    assert told.split() == [*(f"DNS:{name}," for name in names), "IP", "Address:127.0.0.1"]


def test_the_demo_takes_its_own_ports_only_where_none_are_set(tmp_path: Path) -> None:
    environ = {"UNISONO_LDAP__PORT": "1389", "UNISONO_LDAP__SIZE_LIMIT": "5", "UNISONO_WEB__PORT": "8080"}
    settings = settings_of(load(None, Settings, environ=environ), tmp_path, None)
    assert (settings.web.port, settings.ldap.size_limit) == (8080, 5)
    # As for a server: who says one of the two ports wants no other.
    assert (settings.ldap.port, settings.ldap.tls_port) == (1389, None)
    off = settings_of(Settings(ldap=LdapSettings(port=0, tls_port=0, workers=3)), tmp_path, 8081)
    assert (off.web.port, off.ldap.port, off.ldap.tls_port, off.ldap.workers) == (8081, 0, 0, 3)
    free = settings_of(Settings(), tmp_path, 0)
    assert 0 not in (free.web.port, free.ldap.port, free.ldap.tls_port)
    assert free.ldap.port not in (None, 7712)


def test_the_demo_never_comes_into_the_database_of_a_server(tmp_path: Path) -> None:
    given = Settings(server=ServerSettings(data="/srv/unisono", database="postgresql+asyncpg://db.example/unisono"))
    settings = settings_of(given, tmp_path / "demo", None)
    assert settings.server.folder() == tmp_path / "demo"
    assert settings.server.database_url() == f"sqlite+aiosqlite:///{tmp_path}/demo/unisono.sqlite3"
