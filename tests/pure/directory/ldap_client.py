"""A client that speaks to a session in bytes, without a socket, and what it finds."""

from collections.abc import Sequence
from typing import Any

from unisono.directory.index import Index, Layer
from unisono.directory.ldap.model import Configuration, Node
from unisono.directory.ldap.session import Limits, Session
from unisono.directory.ldap.tree import Tree
from unisono.directory.model import Contact, ContactNumber, NumberKind
from unisono.directory.segment import build
from unisono.wire.ldap import FrameReader, ResultCode, encode_request, parse_filter, parse_response
from unisono.wire.ldap.control import (
    Control,
)
from unisono.wire.ldap.message import (
    Deref,
    Request,
    Response,
    Scope,
    SearchRequest,
    SearchResultDone,
    SearchResultEntry,
)

NAMES = ("Anna Rossi", "Ben Müller", "Carla De Rossi", "Dino Verdi", "Eva Rossini")
ANNA = "0" * 31 + "1"


def person(number: int, name: str, book: str) -> Contact:
    first, last = name.split(" ", 1)
    phones = (ContactNumber(NumberKind.BUSINESS, f"0432 55{number}", f"+39043255{number}"),)
    return Contact(f"{number:032x}", book, f"k{number}", name, first, last, "ACME", numbers=phones)


def index(**books: Sequence[str]) -> Index:
    found, number = Index(), 0
    for book, names in books.items():
        people = [person(number := number + 1, name, book) for name in names]
        found = found.with_book(book, Layer(build(people, book)))
    return found


NODES = (Node("meta"), Node("gate", "ou=gate,dc=meta", books=("crm",)))
TREE = Tree(index(crm=NAMES, board=("Zeno Capo",)), Configuration(NODES))


class Client:
    """Speaks to a session and waits for nothing."""

    def __init__(self, tree: Tree = TREE, address: str = "127.0.0.1", **options: Any) -> None:
        self.now = 0.0
        self.session = Session(lambda: tree, lambda: self.now, address, limits=Limits(entries=1000), **options)
        self.reader = FrameReader()
        self.last = 0

    def ask(self, request: Request, *controls: Control) -> list[tuple[Response, tuple[Control, ...]]]:
        self.last += 1
        self.session.receive(encode_request(self.last, request, controls))
        return self.hear(self.last)

    def hear(self, message_id: int | None = None) -> list[tuple[Response, tuple[Control, ...]]]:
        heard = []
        while self.session.ready:
            for pdu in self.reader.feed(self.session.work(self.now)):
                number, response, controls = parse_response(pdu)
                assert message_id in (None, number)
                heard.append((response, controls))
        return heard

    def code(self, request: Request, *controls: Control) -> int:
        response, _ = self.ask(request, *controls)[-1]
        return response.result.code  # type: ignore[union-attr]

    def names(self, text: str, base: str = "dc=meta", scope: Scope = Scope.SUBTREE, *controls: Control) -> list[str]:
        answers = self.ask(search(text, base, scope, ("cn",)), *controls)
        done = answers[-1][0]
        assert isinstance(done, SearchResultDone)
        assert done.result.code == ResultCode.SUCCESS, done
        return [r.attributes[0][1][0].decode() for r, _ in answers if isinstance(r, SearchResultEntry) and r.attributes]


def search(
    text: str = "(objectClass=*)",
    base: str = "dc=meta",
    scope: Scope = Scope.SUBTREE,
    attributes: tuple[str, ...] = (),
    most: int = 0,
) -> SearchRequest:
    return SearchRequest(base, scope, Deref.NEVER, most, 0, False, parse_filter(text), attributes)


def entries(answers: list[tuple[Response, tuple[Control, ...]]]) -> list[SearchResultEntry]:
    return [response for response, _ in answers if isinstance(response, SearchResultEntry)]
