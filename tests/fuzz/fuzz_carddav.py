"""Whatever a CardDAV client sends: bodies of PROPFIND and REPORT, addresses. usage: fuzz_carddav.py -max_total_time=60"""

import sys
from contextlib import suppress

import atheris

with atheris.instrument_imports(include=["unisono"]):
    from xml.etree.ElementTree import fromstring

    from unisono.directory.breathing import at_once
    from unisono.directory.index import Index, Layer
    from unisono.directory.model import Contact, ContactNumber, NumberKind
    from unisono.directory.phonebooks.carddav import answer, reports
    from unisono.directory.phonebooks.carddav.asked import BadBody, Multiget, Query, propfind, report
    from unisono.directory.phonebooks.carddav.reports import BadToken, Library
    from unisono.directory.phonebooks.carddav.resources import Person, place_of
    from unisono.directory.segment import build
    from unisono.directory.views import View

SPACES = b'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"'
STARTS = (
    b"",
    b"<D:propfind " + SPACES + b"><D:prop>",
    b"<C:addressbook-query " + SPACES + b'><D:prop><C:address-data/></D:prop><C:filter><C:prop-filter name="FN">',
    b"<C:addressbook-multiget " + SPACES + b"><D:prop><C:address-data/></D:prop><D:href>",
    b"<D:sync-collection " + SPACES + b"><D:prop><D:getetag/></D:prop><D:sync-token>urn:unisono:sync:",
)
ENDS = (
    b"",
    b"</D:prop></D:propfind>",
    b"</C:prop-filter></C:filter></C:addressbook-query>",
    b"</D:href></C:addressbook-multiget>",
    b"</D:sync-token></D:sync-collection>",
)
PEOPLE = [
    Contact("1" * 32, "b", "k", "Anna Rossi", "Anna", "Rossi", "ACME", numbers=(ContactNumber(NumberKind.HOME, "1", "+391"),)),
    Contact("2" * 32, "b", "l", "Ben <&>"),
]
LIBRARY = Library(Index().with_book("b", Layer(build(PEOPLE, "b"))), View(frozenset({"b"})), Person("u", "U"), {"b": "B"})


def one(data: bytes) -> None:
    """A well-formed answer, or a refusal; never an exception."""
    place_of(data.decode("latin-1"))
    for start, end in zip(STARTS, ENDS, strict=True):
        body = start + data + end
        with suppress(BadBody):
            wanted = at_once(propfind(body))
            fromstring("".join([answer.HEAD, *reports.book(LIBRARY, "b", wanted, below=True), answer.TAIL]).encode())
        with suppress(BadBody, BadToken):
            asked = at_once(report(body))
            match asked:
                case Multiget():
                    found = reports.multiget(LIBRARY, "b", asked)
                case Query():
                    found = reports.query(LIBRARY, "b", asked)
                case _:
                    found = reports.sync(LIBRARY, "b", asked)
            fromstring("".join([answer.HEAD, *found, answer.TAIL]).encode())


atheris.Setup(sys.argv, one)
atheris.Fuzz()
