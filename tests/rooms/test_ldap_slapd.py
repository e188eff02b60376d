"""The same contacts in slapd and behind the LDAP door: the same filters find the same, without any limit."""

import asyncio
import random
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.rooms.ldap_house import open_ldap, publish

from slapd import SLAPD, Slapd
from unisono.directory.model import Contact, ContactNumber, NumberKind
from unisono.wire.ldap import FrameReader, encode_request, parse_filter, parse_response
from unisono.wire.ldap.message import Deref, Scope, SearchRequest, SearchResultDone, SearchResultEntry

pytestmark = [pytest.mark.peer, pytest.mark.skipif(not SLAPD.exists(), reason="slapd is not installed")]

# Letters of which no two are another way to write a third (ae, oe, ue), which slapd does not know.
SYLLABLES = ("ros", "bian", "far", "tin", "bras", "san", "dir", "na", "to", "dan", "ki", "ra")
ATTRIBUTES = ("cn", "sn", "givenName", "o", "mail")
PHONES = ("telephoneNumber", "mobile", "homePhone")
KINDS = (NumberKind.BUSINESS, NumberKind.MOBILE, NumberKind.HOME)


def contacts(rnd: random.Random, count: int) -> list[Contact]:
    def word() -> str:
        return "".join(rnd.choices(SYLLABLES, k=rnd.choice((1, 2, 2, 3)))).title()

    found = []
    for number in range(count):
        first, last = word(), word()
        firm = f"{word()} {word()}" if rnd.random() < 0.6 else ""
        numbers = tuple(ContactNumber(kind, "", f"+39043{rnd.randrange(10**6)}") for kind in KINDS if rnd.random() < 0.5)
        mails = (f"{first}.{last}@example.com",) if rnd.random() < 0.5 else ()
        name = f"{first} {last}"
        found.append(Contact(f"{number:032x}", "crm", f"k{number}", name, first, last, firm, numbers=numbers, emails=mails))
    return found


def filters(rnd: random.Random, book: list[Contact]) -> Iterator[str]:
    """Endless, as telephones and people would ask, and worse."""

    def item() -> str:
        contact = rnd.choice(book)
        if rnd.random() < 0.35 and contact.numbers:
            number, attribute = rnd.choice(contact.numbers).canonical, rnd.choice(PHONES)
            begin, end = number[: rnd.randrange(6, len(number))], number[-rnd.randrange(2, 7) :]
            return f"({attribute}={rnd.choice((number, f'{begin}*', f'*{end}', '*'))})"
        text = rnd.choice((contact.display_name, contact.last_name, contact.first_name, contact.company or "nobody")).lower()
        attribute = rnd.choice((*ATTRIBUTES, "shoeSize") if rnd.random() < 0.1 else ATTRIBUTES)
        at = rnd.randrange(max(1, len(text) - 2))
        part, begin = text[at : at + rnd.randrange(2, 5)].strip() or "x", text[:3].strip()
        end = text[-3:].strip()
        values = text, f"{begin}*", f"*{part}*", f"*{end}", f"{begin}*{end[-2:].strip()}", "*", f"*{text[:2]}*{part}*"
        return f"({attribute}={rnd.choice(values)})"

    def one(depth: int) -> str:
        if depth == 0 or rnd.random() < 0.4:
            return item()
        if rnd.random() < 0.25:
            return f"(!{one(depth - 1)})"
        return f"({rnd.choice('&|')}{''.join(one(depth - 1) for _ in range(rnd.randrange(1, 4)))})"

    while True:
        yield f"(&(objectClass=inetOrgPerson){one(3)})"


def ask(port: int, asked: list[str]) -> list[set[tuple[str, frozenset[tuple[str, frozenset[bytes]]]]]]:
    """Id and attributes of everything that each filter finds."""
    answers = []
    shown = (*ATTRIBUTES, *PHONES)
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.settimeout(20)
        for text in asked:
            request = SearchRequest("dc=meta", Scope.SUBTREE, Deref.NEVER, 0, 0, False, parse_filter(text), shown)
            connection.sendall(encode_request(1, request))
            found, frames, done = set(), FrameReader(), False
            while not done:
                data = connection.recv(1 << 18)
                assert data
                for pdu in frames.feed(data):
                    _, response, _ = parse_response(pdu)
                    if isinstance(response, SearchResultEntry):
                        attributes = frozenset((name, frozenset(values)) for name, values in response.attributes)
                        found.add((response.name.partition(",")[0].partition("=")[2], attributes))
                    done = done or isinstance(response, SearchResultDone)
            answers.append(found)
    return answers


async def test_the_same_filters_find_the_same(tmp_path: Path) -> None:
    rnd = random.Random(11)
    book = contacts(rnd, 600)
    slapd = Slapd(tmp_path / "slapd")
    await asyncio.to_thread(slapd.fill, book)
    slapd.start()
    try:
        async with open_ldap(tmp_path) as ldap:
            publish(ldap.folder, {"crm": book})
            async with asyncio.timeout(60):
                while not await ldap.search(f"(metaID={book[-1].id})", "1.1"):
                    pass
            source = filters(rnd, book)
            asked = [next(source) for _ in range(400)]
            theirs = await asyncio.to_thread(ask, slapd.port, asked)
            ours = await asyncio.to_thread(ask, ldap.port, asked)
    finally:
        slapd.stop()
    different = [text for text, a, b in zip(asked, theirs, ours, strict=True) if a != b]
    assert not different
    assert sum(bool(found) for found in theirs) > 200
