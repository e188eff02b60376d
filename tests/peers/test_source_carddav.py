"""CardDAV as a source, from Radicale: the way to the address books, every card, and then what has changed."""

import base64
import shutil
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import msgspec
import pytest
from tests.peers.programs import answers, free_port, running

from unisono.directory.replicators.carddav import CardDavSettings
from unisono.directory.replicators.kinds import KINDS
from unisono.directory.replicators.source import READ_ALL, Gone, Item, Mark, Record, Source
from unisono.directory.runs.model import BadRow
from unisono.kernel.errors import Fault
from unisono.kernel.settings import parse

pytestmark = [pytest.mark.peer]

_BOOK = """<?xml version="1.0"?><D:mkcol xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"><D:set><D:prop>
<D:resourcetype><D:collection/><C:addressbook/></D:resourcetype><D:displayname>{}</D:displayname></D:prop></D:set></D:mkcol>"""
_CALENDAR = """<?xml version="1.0"?><C:mkcalendar xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"/>"""


@dataclass
class Radicale:
    url: str

    def source(self, path: str = "/", **settings: object) -> Source:
        given = {"url": self.url + path, "user": "anna", "password": "sésame", **settings}
        return KINDS["carddav"].open(parse(given, CardDavSettings))

    def did(self, method: str, path: str, body: str = "") -> None:
        pair = base64.b64encode("anna:sésame".encode()).decode()
        headers = {"Authorization": f"Basic {pair}", "Content-Type": "text/vcard" if "VCARD" in body else "text/xml"}
        asked = urllib.request.Request(self.url + quote(path), body.encode(), headers, method=method)
        urllib.request.urlopen(asked, timeout=20).close()

    def book(self, name: str) -> str:
        self.did("MKCOL", f"/anna/{name}/", _BOOK.format(name))
        return f"/anna/{name}"

    def card(self, book: str, name: str, phone: str = "0432 1") -> str:
        path = f"{book}/{name}.vcf"
        self.did("PUT", path, f"BEGIN:VCARD\nVERSION:3.0\nUID:{name}\nFN:{name}\nTEL;TYPE=work:{phone}\nEND:VCARD\n")
        return path


@pytest.fixture(scope="module")
def started() -> Iterator[str]:
    folder, port = Path(tempfile.mkdtemp(prefix="radicale")), free_port()
    (folder / "users").write_text("anna:sésame\nben:b\n", encoding="utf-8")
    command = [
        sys.executable, "-m", "radicale", "--config", "", "--server-hosts", f"127.0.0.1:{port}", "--auth-type", "htpasswd",
        "--auth-htpasswd-filename", str(folder / "users"), "--auth-htpasswd-encryption", "plain", "--auth-delay", "0",
        "--storage-filesystem-folder", str(folder / "data"),
    ]  # fmt: skip
    with running(command, lambda: answers(port), folder / "log"):
        yield f"http://127.0.0.1:{port}"
    shutil.rmtree(folder)


@pytest.fixture
def radicale(started: str) -> Iterator[Radicale]:
    peer = Radicale(started)
    peer.book("people")
    peer.book("firms")
    yield peer
    for book in ("people", "firms"):
        peer.did("DELETE", f"/anna/{book}/")


def names(items: list[Item]) -> set[str]:
    return {str(item.values["FN"]) for item in items if isinstance(item, Record)}


def mark(items: list[Item]) -> str:
    assert isinstance(items[-1], Mark)
    return items[-1].cursor


@pytest.mark.parametrize("path", ["", "/", "/anna/", "/.well-known/carddav"])
def test_the_address_books_are_found(radicale: Radicale, path: str) -> None:
    radicale.did("MKCALENDAR", "/anna/dates/", _CALENDAR)
    try:
        radicale.card("/anna/people", "Jörg Müller")
        radicale.card("/anna/firms", "ACME")
        source = radicale.source(path)
        assert source.check().records == 2
        assert names(list(source.read(None))) == {"Jörg Müller", "ACME"}
        keys = {item.key for item in source.read(None) if isinstance(item, Record)}
        assert keys == {"/anna/people/Jörg Müller.vcf", "/anna/firms/ACME.vcf"}
    finally:
        radicale.did("DELETE", "/anna/dates/")


def test_one_address_book_may_be_meant(radicale: Radicale) -> None:
    radicale.card("/anna/people", "Anna")
    radicale.card("/anna/firms", "ACME")
    source = radicale.source("/anna/people/")
    found = list(source.read(None))
    assert [(item.key, item.values["TEL.business"]) for item in found if isinstance(item, Record)] == [
        ("/anna/people/Anna.vcf", "0432 1")
    ]
    meanings = {column.name: (column.field, column.samples) for column in source.columns()}
    assert meanings["TEL.business"] == ("phone_business", ("0432 1",))
    assert meanings["TEL.mobile"] == ("phone_mobile", ())


def test_afterwards_only_what_changed(radicale: Radicale) -> None:
    radicale.card("/anna/people", "stays")
    changes, dies = radicale.card("/anna/people", "changes"), radicale.card("/anna/firms", "dies")
    source = radicale.source()
    first = list(source.read(None))
    assert names(first) == {"stays", "changes", "dies"}
    quiet = list(source.read(mark(first)))
    assert [type(item) for item in quiet] == [Mark]
    radicale.card("/anna/people", "changes", "0432 2")
    radicale.did("DELETE", dies)
    radicale.card("/anna/firms", "new")
    second = list(source.read(mark(quiet)))
    assert names(second) == {"changes", "new"}
    assert [item.key for item in second if isinstance(item, Gone)] == [dies]
    assert next(i for i in second if isinstance(i, Record) and i.key == changes).values["TEL.business"] == "0432 2"


def test_more_cards_than_are_asked_for_at_once(radicale: Radicale) -> None:
    cards = "".join(f"BEGIN:VCARD\nVERSION:3.0\nUID:{n}\nFN:n{n}\nEND:VCARD\n" for n in range(250))
    radicale.did("DELETE", "/anna/firms/")
    radicale.did("PUT", "/anna/firms/", cards)
    found = list(radicale.source("/anna/firms/").read(None))
    assert len(names(found)) == 250
    assert not [item for item in found if isinstance(item, BadRow)]


@pytest.mark.parametrize("wrong", ["nonsense", '{"http://127.0.0.1/other/": "x"}', "token"])
def test_a_mark_that_is_not_known_is_of_no_use(radicale: Radicale, wrong: str) -> None:
    source = radicale.source()
    if wrong == "token":
        tokens = msgspec.json.decode(mark(list(source.read(None))))
        wrong = msgspec.json.encode(dict.fromkeys(tokens, "http://radicale.org/ns/sync/0000")).decode()
    with pytest.raises(Fault) as caught:
        list(source.read(wrong))
    assert caught.value.code == READ_ALL


def test_no_is_said_in_words(radicale: Radicale) -> None:
    for settings, path, code in (
        ({"password": "wrong"}, "/", "source-sign-in"),
        ({"user": "ben", "password": "b"}, "/", "source-not-there"),
        ({"user": "ben", "password": "b"}, "/anna/people/", "source-not-there"),
        ({"url": "http://127.0.0.1:1/"}, "", "source-unreachable"),
    ):
        with pytest.raises(Fault) as caught:
            radicale.source(path, **settings).check()
        assert caught.value.code == code, caught.value.message
