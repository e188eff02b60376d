"""Sources that never come to an end: answers that trickle, pages that lead round in circles. Each is given up and named."""

import select
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.peers.programs import certificate
from tests.rooms.http_peer import Asked, Given, as_json, serving

from unisono.directory.replicators import carddav, ldap_client, timely
from unisono.directory.replicators.kinds import KINDS
from unisono.directory.replicators.source import Source
from unisono.kernel.errors import Culprit, Fault
from unisono.kernel.settings import parse


@contextmanager
def trickling(begin: bytes, then: bytes, tls: tuple[Path, Path] | None = None) -> Iterator[int]:
    """The port of a server that says how it begins, and then the rest again and again until somebody hangs up."""
    waited: list[bool] = []

    class Odd(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(10_000)
            try:
                self.request.sendall(begin)
                for _ in range(2_000):
                    if select.select([self.request], [], [], 0.005)[0] and not self.request.recv(10_000):
                        return
                    self.request.sendall(then)
                waited.append(True)
            except (ConnectionError, ssl.SSLError):
                pass

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Odd) as server:
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()
    assert not waited


def opened(kind: str, **settings: object) -> Source:
    return KINDS[kind].open(parse(settings, KINDS[kind].settings))


def refused(source: Source, peer: str) -> Fault:
    with pytest.raises(Fault) as caught:
        list(source.read(None))
    assert caught.value.culprit is Culprit.PEER
    assert peer in caught.value.message
    return caught.value


HTTP = [
    pytest.param(b"", b"H", id="a status line"),
    pytest.param(b"HTTP/1.1 200 OK\r\nX: ", b"y", id="a header"),
    pytest.param(b"", b"HTTP/1.1 100 Continue\r\n\r\n", id="answers that announce another"),
    pytest.param(b"HTTP/1.1 200 OK\r\n\r\n[", b" ", id="a body without a length"),
    pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n[", b" ", id="a body with a length"),
    pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n", id="chunks"),
    pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n", b"X: y\r\n", id="trailers"),
]


@pytest.mark.parametrize(("begin", "then"), HTTP)
@pytest.mark.parametrize("kind", ["rest", "carddav"])
def test_an_http_answer_that_trickles(monkeypatch: pytest.MonkeyPatch, kind: str, begin: bytes, then: bytes) -> None:
    monkeypatch.setattr(timely, "SECONDS", 0.3)
    with trickling(begin, then) as port:
        fault = refused(opened(kind, url=f"http://127.0.0.1:{port}/"), f"127.0.0.1:{port}")
    assert fault.code == "source-silent"
    assert "Try again" in fault.message


@pytest.mark.parametrize(("begin", "then"), HTTP)
def test_a_file_that_trickles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, begin: bytes, then: bytes) -> None:
    pair = certificate(tmp_path, "IP:127.0.0.1")
    monkeypatch.setenv("SSL_CERT_FILE", str(pair[0]))
    monkeypatch.setattr(timely, "SECONDS", 0.3)
    with trickling(begin, then, pair) as port:
        address = f"https://127.0.0.1:{port}/crm.csv"
        fault = refused(opened("csv", file=address), address)
    assert fault.code == "address-unanswered"
    assert "does not come in time" in fault.message


LDAP = [
    pytest.param(b"\x30\x84\x00\xff\x00\x00", b"\x00", id="one message"),
    pytest.param(b"", bytes.fromhex("300c02016361070a010004000400"), id="answers to what was not asked"),
]


@pytest.mark.parametrize(("begin", "then"), LDAP)
def test_an_ldap_answer_that_trickles(monkeypatch: pytest.MonkeyPatch, begin: bytes, then: bytes) -> None:
    monkeypatch.setattr(ldap_client, "_SECONDS_ANSWER", 0.3)
    with trickling(begin, then) as port:
        source = opened("ldap", host="127.0.0.1", port=port, encryption="none", user="cn=a", password="s")
        assert refused(source, f"127.0.0.1:{port}").code == "source-silent"


def test_an_answer_in_time_leaves_the_connection_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = {"/": {"items": [{"n": 1}], "next": "/2"}, "/2": {"items": [{"n": 2}], "next": ""}}
    with serving(lambda asked: as_json(pages[asked.path])) as peer:
        found = list(opened("rest", url=peer.url, records="items", paging="next", next="next").read(None))
        assert len(found) == 2
        assert len({asked.connection for asked in peer.asked}) == 1


def graph(asked: Asked) -> dict[str, object]:
    turn = asked.query.get("$skiptoken", "0")
    return {"value": [{"id": "1"}], "@odata.nextLink": f"/v1.0/users/delta?$skiptoken={(int(turn) + 1) % 3}"}


def google(asked: Asked) -> dict[str, object]:
    turn = asked.query.get("pageToken", "0")
    return {"connections": [], "nextPageToken": str((int(turn) + 1) % 3)}


def unisono(asked: Asked) -> dict[str, object]:
    turn = asked.query.get("after", "0")
    return {"items": [], "gone": [], "mark": "m", "next": str((int(turn) + 1) % 3)}


@pytest.mark.parametrize(
    ("kind", "answer", "settings"),
    [
        ("microsoft-graph", graph, {"tenant": "t", "client_id": "c", "secret": "s"}),
        ("google", google, {"auth": "refresh-token", "client_id": "c", "secret": "s", "refresh_token": "r"}),
        ("unisono", unisono, {"token": "t"}),
    ],
)
def test_pages_that_lead_round_in_circles(kind: str, answer: Any, settings: dict[str, object]) -> None:
    def said(asked: Asked) -> Given:
        return as_json({"access_token": "tok", "expires_in": 60} if asked.method == "POST" else answer(asked))

    with serving(said) as peer:
        there = {"url": peer.url} if kind == "unisono" else {"authority": f"{peer.url}/t", "service": peer.url}
        fault = refused(opened(kind, **settings, **there), peer.url.removeprefix("http://"))
    assert fault.code == "source-garbled"
    assert "the same page again" in fault.message
    assert len(peer.asked) < 10


def test_changes_of_an_address_book_that_do_not_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carddav, "_MOST_ROUNDS", 20)
    book = '<D:resourcetype><D:collection/><C:addressbook xmlns:C="urn:ietf:params:xml:ns:carddav"/></D:resourcetype>'

    def answer(asked: Asked) -> Given:
        prop = f"<D:propstat><D:prop>{book}</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>"
        if asked.method == "REPORT":
            prop = "<D:status>HTTP/1.1 507 Insufficient Storage</D:status>"
        token = f"<D:sync-token>urn:{len(peer.asked)}</D:sync-token>"
        body = f'<D:multistatus xmlns:D="DAV:"><D:response><D:href>/</D:href>{prop}</D:response>{token}</D:multistatus>'
        return Given(body.encode(), 207, {"Content-Type": "application/xml"})

    with serving(answer) as peer:
        assert refused(opened("carddav", url=f"{peer.url}/"), peer.url.removeprefix("http://")).code == "source-too-much"
    assert len(peer.asked) < 30
