"""Texts in XML, places in a book, languages: values in, values out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from unisono.directory.index import Index, Layer, Part
from unisono.directory.ldap.model import ListOrder, Node
from unisono.directory.ldap.order import alphabetical
from unisono.directory.model import Contact, ContactNumber, NumberKind
from unisono.directory.phonebooks import snom
from unisono.directory.phonebooks.desk import Desk, Documents, read_place
from unisono.directory.phonebooks.makes import DOCUMENTS
from unisono.directory.phonebooks.markup import element, plain
from unisono.directory.phonebooks.shelf import Place, Shelf
from unisono.directory.phonebooks.words import words
from unisono.directory.segment import build
from unisono.directory.views import EVERYTHING, View

NUMBER = (ContactNumber(NumberKind.HOME, "1", "+391"),)


@given(st.text())
def test_any_text_makes_a_document(text: str) -> None:
    written = element("Name", text)
    assert etree.fromstring(written.encode()).text == (" ".join(plain(text).split()) or None)


@given(st.text(), st.sampled_from([*DOCUMENTS.values(), snom.WHOLE]))
def test_any_contact_makes_a_document_of_every_make(text: str, documents: Documents) -> None:
    contact = Contact("1" * 32, "b", display_name=text, first_name=text, company=text[::-1], numbers=NUMBER)
    shelf = Shelf(Index().with_book("b", Layer(build([contact], "b"))), EVERYTHING)
    desk = Desk(text, "https://x.example/phonebooks/a", words(""), large=True, books=(("b", text),))
    whole = documents.head(desk) + documents.entry(desk, shelf.entry(contact)) + documents.tail(desk, Place(text, 3))
    shown = " ".join(value for each in parsed(whole).iter() for value in (each.text or "", *map(str, each.attrib.values())))
    assert not text or "391" in shown
    others = (documents.empty(desk), documents.menu and documents.menu(desk), documents.ask and documents.ask(desk))
    assert all(parsed(each).tag for each in others if each is not None)


def parsed(document: str) -> etree._Element:
    """Raises if it is not well formed."""
    return etree.fromstring(document.encode("utf-8", "strict"))


names = st.text("abAüß .", max_size=4)
ORDERS = [order for order in ListOrder if order is not ListOrder.AS_FOUND]


@given(
    st.lists(st.tuples(names, st.booleans(), st.sampled_from("xyz")), max_size=40),
    st.integers(1, 7),
    st.booleans(),
    st.sets(st.sampled_from("xyz")),
)
def test_pages_are_everybody_seen_in_order_and_once(
    people: list[tuple[str, bool, str]], size: int, gone: bool, seen: set[str]
) -> None:
    books: dict[str, list[Contact]] = {"x": [], "y": [], "z": []}
    for number, (name, called, book) in enumerate(people):
        books[book].append(Contact(f"{number:032x}", book, display_name=name, numbers=NUMBER if called else ()))
    index = Index()
    for book, contacts in books.items():
        index = index.with_book(book, Layer(build(contacts, book)))
        if gone and contacts:
            index = index.with_changes(book, [], [contacts[0].id])
    shelf = Shelf(index, View(frozenset(seen)))
    expected = {c.id for book in seen for at, c in enumerate(books[book]) if c.numbers and not (gone and at == 0)}
    found: list[str] = []
    place: Place | None = Place()
    while place is not None:
        page = shelf.page(place, size)
        assert len(page.entries) <= size
        assert page.entries or page.next is None
        found += [entry.contact.id for entry in page.entries]
        place = read_place(f"{page.next.skip}~{page.next.name}") if page.next else None
    assert len(found) == len(set(found))
    assert set(found) == expected
    everybody = [contact.display_name for contact in shelf.contacts()]
    assert len(everybody) >= len(found)


@given(st.lists(st.tuples(names, names, st.sampled_from("xy")), max_size=30), st.integers(1, 7), st.sampled_from(ORDERS))
def test_pages_come_in_the_order_of_the_node(people: list[tuple[str, str, str]], size: int, order: ListOrder) -> None:
    index, books = Index(), dict[str, list[Contact]](x=[], y=[])
    for number, (first, last, book) in enumerate(people):
        name = f"{first} {last}".strip() or "?"
        books[book].append(Contact(f"{number:032x}", book, "", name, first, last, last[::-1], numbers=NUMBER))
    for book, contacts in books.items():
        index = index.with_book(book, Layer(build(contacts, book)))
    shelf = Shelf(index, EVERYTHING, Node("meta", order=order, language="de"))
    key_of = alphabetical(order, "de")
    keys = [key_of(hit) for hit in walked(shelf, size)]
    assert keys == sorted(keys)
    assert len(keys) == len(people)


def walked(shelf: Shelf, size: int, place: Place | None = Place()) -> list[tuple[Part, int]]:  # noqa: B008
    """What the pages from there on show."""
    found = []
    while place is not None:
        page = shelf.page(place, size)
        for entry in page.entries:
            [hit] = [(part, at) for part in shelf.index.parts() if (at := part.segment.find(entry.contact.id)) is not None]
            found.append(hit)
        place = read_place(f"{page.next.skip}~{page.next.name}") if page.next else None
    return found


def test_a_letter_is_where_names_begin_in_that_order() -> None:
    people = [("Zoe", "Abel"), ("Anna", "Öller"), ("Ben", "Ofner"), ("Carl", "Otto"), ("Adam", "Zorn")]
    contacts = [
        Contact(f"{number:032x}", "b", "", f"{first} {last}", first, last, numbers=NUMBER)
        for number, (first, last) in enumerate(people)
    ]
    index = Index().with_book("b", Layer(build(contacts, "b")))
    shelf = Shelf(index, EVERYTHING, Node("meta", order=ListOrder.LAST_NAME, language="de"))
    assert [entry.contact.last_name for entry in shelf.page(Place("o"), 9).entries] == ["Öller", "Ofner", "Otto", "Zorn"]
    assert [entry.contact.last_name for entry in shelf.page(Place("o", 2), 1).entries] == ["Otto"]
    swedish = Shelf(index, EVERYTHING, Node("meta", order=ListOrder.LAST_NAME, language="sv"))
    assert [contact.last_name for contact in swedish.contacts()] == ["Abel", "Ofner", "Otto", "Zorn", "Öller"]


@pytest.mark.parametrize(
    ("accepted", "otherwise", "search"),
    [
        ("de-DE,en;q=0.5", "", "Suchen"),
        ("fr, it;q=0.3", "", "Cerca"),
        ("", "it", "Cerca"),
        ("fr", "fr", "Search"),
        (",;", "", "Search"),
    ],
)
def test_telephones_read_their_language(accepted: str, otherwise: str, search: str) -> None:
    assert words(accepted, otherwise).search == search


def test_an_address_has_one_parameter() -> None:
    desk = Desk("a", "https://x.example/phonebooks/a", words(""))
    assert desk.directory(Place("a&b=c~d", 2)) == "https://x.example/phonebooks/a/directory.xml?at=2~a%26b%3Dc~d"
    assert read_place("2~a&b=c~d") == Place("a&b=c~d", 2)
