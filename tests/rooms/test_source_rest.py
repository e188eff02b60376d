"""JSON over HTTP as a source: every way to say who asks and to the next page, and a peer that behaves badly, over real HTTP."""

import base64
import ssl
import time
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path

import pytest
from tests.peers.programs import certificate
from tests.rooms.http_peer import Asked, Given, HttpPeer, as_json, serving

from unisono.directory.replicators import http_client
from unisono.directory.replicators.kinds import KINDS
from unisono.directory.replicators.rest import RestSettings
from unisono.directory.replicators.source import Record, Source
from unisono.directory.replicators.suggest import suggest
from unisono.directory.runs.model import BadRow
from unisono.kernel.errors import Fault, Invalid
from unisono.kernel.settings import parse

PEOPLE = [
    {"id": n, "name": f"Name {n}", "phones": [{"value": f"0432 {n}", "type": "mobile"}], "address": {"city": "Udine"}}
    for n in range(1, 8)
]
PAIR = base64.b64encode("anna:sésame".encode()).decode()
LINK = '</x>; rel="prev", </people?at={}>; rel="next"'
Answers = Callable[[Asked], Given]


def opened(peer: HttpPeer | str, **settings: object) -> Source:
    url = peer if isinstance(peer, str) else f"{peer.url}/people"
    return KINDS["rest"].open(parse({"url": url, "key": "id", **settings}, RestSettings))


def ids(source: Source) -> list[str]:
    return [item.key for item in source.read(None) if isinstance(item, Record)]


ALL = [str(each["id"]) for each in PEOPLE]


def test_a_list_of_nested_objects_becomes_columns() -> None:
    with serving(lambda asked: as_json({"meta": {"total": 7}, "people": [*PEOPLE, 5]}, Server="CRM/1")) as peer:
        source = opened(peer)
        assert (source.check().peer, source.check().version) == (f"HTTP {peer.url[7:]}", "CRM/1")
        found = list(source.read(None))
        assert found[0] == Record("1", {
            "id": "1", "name": "Name 1", "phones.1.value": "0432 1", "phones.1.type": "mobile", "address.city": "Udine",
        }, 1)  # fmt: skip
        assert found[7] == BadRow(8, "unreadable", {"error": "a int, not an object"})
        assert {rule.field for rule in suggest(source.columns())} >= {"display_name", "phone"}
        assert peer.asked[0].headers["accept"] == "application/json"


@pytest.mark.parametrize("said", ["iso-8859-1", '"ISO-8859-1"', "utf-8", ""])
def test_a_peer_may_say_how_its_letters_are_written(said: str) -> None:
    charset = said.strip('"') or "utf-8"
    body = '[{"id": 1, "name": "Jürgen Groß"}]'.encode(charset)
    kind = f"application/json; charset={said}" if said else "application/json"
    with serving(lambda asked: Given(body, 200, {"Content-Type": kind})) as peer:
        assert list(opened(peer).read(None)) == [Record("1", {"id": "1", "name": "Jürgen Groß"}, 1)]


def test_letters_of_which_nobody_knows_how_they_are_written_are_told() -> None:
    with serving(lambda asked: Given(b"[]", 200, {"Content-Type": "application/json; charset=klingon"})) as peer:
        with pytest.raises(Fault) as caught:
            list(opened(peer).read(None))
        assert "klingon" in caught.value.message


def paged(size: int, form: Callable[[Asked, int, list[object]], Given]) -> Answers:
    """Pages of so many records by an offset that `form` gives away in its own manner."""

    def answer(asked: Asked) -> Given:
        at = int(asked.query.get("at", "0"))
        return form(asked, at + size, PEOPLE[at : at + size])  # type: ignore[arg-type]

    return answer


@pytest.mark.parametrize(
    ("answer", "settings", "requests"),
    [
        (
            paged(3, lambda asked, end, page: as_json({"data": page, "next": f"?at={end}" if end < 7 else None})),
            {"paging": "next", "next": "next", "records": "data"}, 3,
        ),
        (
            paged(3, lambda asked, end, page: as_json(page, Link=LINK.format(end) if end < 7 else "")),
            {"paging": "next"}, 3,
        ),
        (
            paged(3, lambda asked, end, page: as_json({"d": {"r": page}, "p": {"c": end if end < 7 else ""}})),
            {"paging": "cursor", "next": "p.c", "parameter": "at", "records": "d.r"}, 3,
        ),
        (
            lambda asked: as_json(PEOPLE[int(asked.query["page"]) * 3 - 3 : int(asked.query["page"]) * 3]),
            {"paging": "page"}, 4,
        ),
        (
            lambda asked: as_json(PEOPLE[int(asked.query["p"]) * int(asked.query["n"]) :][: int(asked.query["n"])]),
            {"paging": "page", "parameter": "p", "first": 0, "size_parameter": "n", "size": 4}, 2,
        ),
        (
            lambda asked: as_json(PEOPLE[int(asked.query["offset"]) :][:3]),
            {"paging": "offset"}, 4,
        ),
    ],
)  # fmt: skip
def test_every_way_to_the_next_page(answer: Answers, settings: dict[str, object], requests: int) -> None:
    with serving(answer) as peer:
        assert ids(opened(peer, **settings)) == ALL
        assert len(peer.asked) == requests


def test_parameters_of_the_address_stay() -> None:
    with serving(lambda asked: as_json(PEOPLE if asked.query["page"] == "1" else [])) as peer:
        assert ids(opened(f"{peer.url}/people?q=a%26b&page=9", paging="page")) == ALL
        assert [(each.query["q"], each.query["page"]) for each in peer.asked] == [("a&b", "1"), ("a&b", "2")]


@pytest.mark.parametrize(
    ("settings", "name", "value"),
    [
        ({"auth": "basic", "user": "anna", "secret": "sésame"}, "authorization", f"Basic {PAIR}"),
        ({"auth": "bearer", "secret": "t0k"}, "authorization", "Bearer t0k"),
        ({"auth": "header", "secret": "k3y"}, "x-api-key", "k3y"),
        ({"headers": ["X-Tenant: 7"]}, "x-tenant", "7"),
    ],
)  # fmt: skip
def test_it_says_who_asks(settings: dict[str, object], name: str, value: str) -> None:
    with serving(lambda asked: as_json(PEOPLE if asked.headers.get(name) == value else {}, 200)) as peer:
        assert ids(opened(peer, **settings)) == ALL


def test_oauth_gives_a_token_and_a_new_one_when_it_ends() -> None:
    tokens: list[str] = []

    def answer(asked: Asked) -> Given:
        if asked.path == "/token":
            if asked.form != {"grant_type": "client_credentials", "client_id": "us", "client_secret": "s", "scope": "read"}:
                return as_json({"error": "invalid_client", "error_description": "no such client"}, 401)
            tokens.append(f"t{len(tokens)}")
            return as_json({"access_token": tokens[-1], "expires_in": 3600, "token_type": "Bearer"})
        if asked.headers.get("authorization") != "Bearer t1":
            return as_json({}, 401)
        return as_json(PEOPLE)

    with serving(answer) as peer:
        settings = {"auth": "oauth2", "user": "us", "token_url": f"{peer.url}/token", "scope": "read"}
        assert ids(opened(peer, secret="s", **settings)) == ALL
        assert [each.path for each in peer.asked] == ["/token", "/people", "/token", "/people"]
        with pytest.raises(Fault, match="no such client") as caught:
            opened(peer, secret="wrong", **settings).check()
        assert caught.value.code == "source-sign-in"
        assert "wrong" not in caught.value.message


def test_a_busy_peer_is_asked_again_when_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    busy = [as_json({}, 429, Retry_After="2"), as_json({}, 503, Retry_After=formatdate(0)), as_json({}, 503), as_json(PEOPLE)]
    with serving(lambda asked: busy.pop(0)) as peer:
        assert ids(opened(peer)) == ALL
        assert slept == [2.0, 0.0, 4.0]


def test_a_peer_that_stays_busy_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    for patience in ("3600", "1"):
        with serving(lambda asked, patience=patience: as_json({}, 429, Retry_After=patience)) as peer:  # type: ignore[misc]
            with pytest.raises(Fault) as caught:
                ids(opened(peer))
            assert caught.value.code == "source-busy"
            assert len(peer.asked) < 10


@pytest.mark.parametrize(
    ("given", "code", "words"),
    [
        (as_json({"error": {"message": "no such key"}}, 401), "source-sign-in", "no such key"),
        (as_json({"detail": "not for you"}, 403), "source-forbidden", "not for you"),
        (as_json({}, 404), "source-not-there", "/people"),
        (as_json({"message": "oops"}, 500), "source-refused", "oops"),
        (Given(b"<html>"), "source-garbled", "no JSON"),
        (as_json({"a": [], "b": []}), "source-garbled", "say where"),
        (as_json("text"), "source-garbled", "no list"),
        (Given(b"[" * 100_000), "source-garbled", "no JSON"),
        (Given(b"[]", headers={"Content-Length": "10", "Connection": "close"}), "source-", "."),
        (Given(status=302, headers={"Location": "https://elsewhere.example/"}), "source-garbled", "elsewhere.example"),
        (Given(status=302, headers={"Location": "/people"}), "source-garbled", "circles"),
        (Given(status=302, headers={"Location": "file:///etc/passwd"}), "source-garbled", "file:"),
        (Given(status=302, headers={"Location": "https://[elsewhere/"}), "source-garbled", "elsewhere"),
    ],
)
def test_what_the_peer_does_wrong_is_said(given: Given, code: str, words: str) -> None:
    with serving(lambda asked: given) as peer:
        with pytest.raises(Fault, match=words) as caught:
            ids(opened(peer, auth="bearer", secret="t0psecret"))
        assert caught.value.code.startswith(code), caught.value.message
        assert "t0psecret" not in caught.value.message


def test_the_next_page_of_somebody_else_is_not_asked_for() -> None:
    asked_elsewhere: list[Asked] = []

    def elsewhere(asked: Asked) -> Given:
        asked_elsewhere.append(asked)
        return as_json(PEOPLE)

    with (
        serving(elsewhere) as other,
        serving(lambda asked: as_json({"data": PEOPLE, "next": other.url})) as peer,
        pytest.raises(Fault, match="another server"),
    ):
        ids(opened(peer, paging="next", next="next"))
    assert asked_elsewhere == []


def test_a_peer_that_ignores_pages_does_not_go_on_for_ever() -> None:
    with serving(lambda asked: as_json(PEOPLE)) as peer, pytest.raises(Fault, match="same page"):
        ids(opened(peer, paging="page"))


def test_an_answer_without_end_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_client, "MOST_BYTES", 100_000)
    with serving(lambda asked: Given(b"[" + b" " * 200_000)) as peer, pytest.raises(Fault) as caught:
        ids(opened(peer))
    assert caught.value.code == "source-too-much"


def test_the_certificate_is_checked(tmp_path: Path) -> None:
    pair = certificate(tmp_path, "IP:127.0.0.1")
    with serving(lambda asked: as_json(PEOPLE), pair) as peer:
        assert ids(opened(peer, ca_file=str(pair[0]))) == ALL
        with pytest.raises(Fault) as caught:
            ids(opened(peer))
        assert caught.value.code == "source-certificate"
        assert isinstance(caught.value.__cause__, ssl.SSLCertVerificationError)


@pytest.mark.parametrize(
    "settings",
    [
        {"url": "http://crm.company.example/people"},
        {"url": "ftp://crm.company.example/"},
        {"url": "https://me:secret@crm.company.example/"},
        {"url": "https://crm.company.example:99999/"},
        {"headers": ["Host: x"]},
        {"headers": ["X: a\r\nY: b"]},
        {"auth": "bearer"},
        {"auth": "header", "header": "a b", "secret": "x"},
        {"auth": "oauth2", "secret": "x", "token_url": "http://crm.company.example/token"},
    ],
)
def test_settings_that_cannot_be_meant_are_said(settings: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        opened("https://crm.company.example/people", **settings)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", f"https://{'a' * 64}.example/", "https://crm..example/"])
def test_nobody_there(url: str) -> None:
    with pytest.raises(Fault) as caught:
        opened(url).check()
    assert caught.value.code == "source-unreachable"
