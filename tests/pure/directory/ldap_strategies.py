"""Contacts and filters for the tests of the LDAP door, and what a filter means, spelled out without any index."""

import string
from collections.abc import Sequence

from hypothesis import strategies as st

from unisono.directory import keys
from unisono.directory.fold import folded_forms, folded_piece, folded_value
from unisono.directory.ldap.compiler import META_SEARCH_NUMBER, Reading
from unisono.directory.ldap.schema import class_number
from unisono.directory.model import Address, AddressKind, Contact, ContactNumber, NumberKind
from unisono.directory.segment.attributes import NUMBERS, Attribute
from unisono.directory.segment.columns import values_of
from unisono.wire.ldap.filter import (
    And,
    Approx,
    Equality,
    Extensible,
    Filter,
    GreaterOrEqual,
    LessOrEqual,
    Not,
    Or,
    Present,
    Substrings,
)

CLASSES = frozenset({"top", "person", "inetorgperson", "contactperson"})


def read_number(text: str) -> str:
    """A toy site: blanks and brackets mean nothing, 0 stands for +39."""
    digits = "".join(c for c in text if c in string.digits)
    if text.startswith("+"):
        return f"+{digits}" if digits else ""
    return f"+39{digits}" if digits.startswith("0") else digits


def read_beginning(text: str) -> Sequence[str]:
    found = read_number(text)
    return (found, f"+{found}") if found and found[0] != "+" else (found,) if found else ()


READING = Reading(read_number, read_beginning, frozenset(map(class_number, CLASSES)))

words = st.text("aeou rüß-1.", max_size=6)
digits = st.text("0134", min_size=1, max_size=7)
canonicals = st.one_of(digits.map(lambda d: f"+39{d}"), digits, st.just(""))
numbers = st.builds(ContactNumber, st.sampled_from(NumberKind), words, canonicals)
contacts = st.builds(
    Contact,
    id=st.binary(min_size=16, max_size=16).map(bytes.hex),
    book=st.just("b"),
    source_key=words,
    display_name=words,
    first_name=words,
    last_name=words,
    company=words,
    numbers=st.lists(numbers, max_size=3).map(tuple),
    emails=st.lists(words, max_size=2).map(tuple),
    addresses=st.lists(st.builds(Address, st.sampled_from(AddressKind), words, words, words), max_size=2).map(tuple),
    note=words,
)
lists = st.lists(contacts, max_size=7, unique_by=lambda c: c.id)

names = st.sampled_from(
    [
        "cn", "SN", "givenName", "o", "mail", "description", "l", "uid", "telephoneNumber", "mobile", "homePhone",
        "facsimileTelephoneNumber", "metaSearchNumber", "objectClass", "IMHandle", "cn;lang-de", "company",
    ]
)  # fmt: skip
texts = st.one_of(words, digits, digits.map(lambda d: f"+39{d}"), st.sampled_from(["person", "+", "(", "Müller", "0 (3) 4"]))
values = st.one_of(texts.map(str.encode), st.binary(max_size=3))
pieces = st.one_of(st.just(b""), values)
items: st.SearchStrategy[Filter] = st.one_of(
    st.builds(Present, names),
    st.builds(Equality, names, values),
    st.builds(Approx, names, values),
    st.builds(GreaterOrEqual, names, values),
    st.builds(LessOrEqual, names, values),
    st.builds(Extensible, names, values, st.sampled_from(["", "caseIgnoreMatch", "2.5.13.2", "1.2.3"])),
    st.builds(Substrings, names, pieces, st.lists(values.filter(bool), max_size=2).map(tuple), pieces).filter(
        lambda f: bool(f.initial or f.any or f.final)
    ),
)
filters: st.SearchStrategy[Filter] = st.recursive(
    items,
    lambda inner: st.one_of(
        st.builds(And, st.lists(inner, max_size=3).map(tuple)),
        st.builds(Or, st.lists(inner, max_size=3).map(tuple)),
        st.builds(Not, inner),
    ),
    max_leaves=6,
)


def meaning(asked: Filter, contact: Contact) -> bool | None:
    """RFC 4511 4.5.1.7, word by word; None: Undefined."""
    if isinstance(asked, Not):
        inner = meaning(asked.filter, contact)
        return None if inner is None else not inner
    if isinstance(asked, And | Or):
        found = [meaning(one, contact) for one in asked.filters]
        decides = isinstance(asked, Or)
        return decides if decides in found else None if None in found else not decides
    name = asked.attribute.lower()
    attribute = Attribute.of(name)
    mine = dict(values_of(contact))
    if name == "objectclass":
        return _classes(asked)
    if name == META_SEARCH_NUMBER or attribute in NUMBERS:
        wanted = NUMBERS if name == META_SEARCH_NUMBER else {attribute}
        return _number(asked, [v for slot in wanted if slot is not None for v in mine.get(slot, ())])
    return None if attribute is None else _text(asked, mine.get(attribute, []))


def _decoded(value: bytes) -> str | None:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return None


def _classes(asked: Filter) -> bool | None:
    if isinstance(asked, Present):
        return True
    if isinstance(asked, Extensible) and asked.rule == "1.2.3":
        return None
    if isinstance(asked, Equality | Approx | Extensible):
        text = _decoded(asked.value)
        return None if text is None else text.lower() in CLASSES
    return None


def _text(asked: Filter, have: Sequence[str]) -> bool | None:
    forms = [form for value in have for form in folded_forms(value)]
    if isinstance(asked, Present):
        return bool(have)
    if isinstance(asked, Substrings):
        return _text_pieces(asked, forms, bool(have))
    assert isinstance(asked, Equality | Approx | Extensible | GreaterOrEqual | LessOrEqual)
    text = _decoded(asked.value)
    if text is None or (isinstance(asked, Extensible) and asked.rule == "1.2.3"):
        return None
    folded = folded_value(text)
    if isinstance(asked, GreaterOrEqual | LessOrEqual):
        rising = isinstance(asked, GreaterOrEqual)
        return any(form and (form >= folded if rising else form <= folded) for form in forms)
    if isinstance(asked, Approx):
        return bool(folded) and any(folded in form for form in forms)
    return bool(folded) and folded in forms


def _text_pieces(asked: Substrings, forms: Sequence[bytes], there: bool) -> bool | None:
    texts = [_decoded(piece) for piece in (asked.initial, *asked.any, asked.final)]
    if None in texts:
        return None
    start, *middle, end = [folded_piece(text or "") for text in texts]
    wanted = [start.lstrip(), *middle, end.rstrip()]
    if not any(wanted):
        return there
    return any(_holds(form, wanted[0] if start else b"", wanted[1:-1], wanted[-1] if end else b"") for form in forms)


def _holds(form: bytes, start: bytes, middle: Sequence[bytes], end: bytes) -> bool:
    if not form.startswith(start):
        return False
    at = len(start)
    for piece in middle:
        found = form.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return form.endswith(end) and len(form) - len(end) >= at


def _number(asked: Filter, have: Sequence[str]) -> bool | None:
    if isinstance(asked, Present):
        return bool(have)
    if isinstance(asked, Substrings):
        return _number_pieces(asked, have)
    assert isinstance(asked, Equality | Approx | Extensible | GreaterOrEqual | LessOrEqual)
    text = _decoded(asked.value)
    wanted = None if text is None else keys.key(read_number(text)) if read_number(text) else None
    if wanted is None or (isinstance(asked, Extensible) and asked.rule == "1.2.3"):
        return None
    mine = [key for number in have if (key := keys.key(number)) is not None]
    if isinstance(asked, GreaterOrEqual):
        return any(key >= wanted for key in mine)
    return any(key <= wanted for key in mine) if isinstance(asked, LessOrEqual) else wanted in mine


def _number_pieces(asked: Substrings, have: Sequence[str]) -> bool | None:
    texts = [_decoded(piece) for piece in (asked.initial, *asked.any, asked.final)]
    if None in texts:
        return None
    every = list(map(_plain_digits, texts[1:]))
    rest = [piece for piece in every if piece]
    if any(not (piece.isascii() and piece.isdecimal()) for piece in rest):
        return None
    begins = read_beginning(texts[0] or "") if texts[0] else ("",)
    if not begins or (not texts[0] and not rest):
        return None
    return any(_digits_hold(number, begin, rest, bool(every[-1])) for number in have for begin in begins)


def _plain_digits(text: str | None) -> str:
    return (text or "").translate(str.maketrans("", "", " -()./\t[]")).removeprefix("+")


def _digits_hold(number: str, begin: str, rest: Sequence[str], anchored: bool) -> bool:
    if not number.startswith(begin):
        return False
    at, last = len(begin), ""
    pieces = list(rest)
    if anchored and pieces:
        last = pieces.pop()
    for piece in pieces:
        found = number.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return number.endswith(last) and len(number) - len(last) >= at
