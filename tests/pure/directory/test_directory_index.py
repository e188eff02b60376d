"""Identification and search over the index, and the index itself against plain lists."""

import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from unisono.directory import keys
from unisono.directory.duplicates import Sameness
from unisono.directory.identify import identify
from unisono.directory.index import Index, Layer
from unisono.directory.main_number import covers, firm_key
from unisono.directory.model import (
    Address,
    AddressKind,
    Contact,
    ContactNumber,
    HitReason,
    IdentifiedBy,
    NumberKind,
)
from unisono.directory.pack import from_json, pack, to_json, unpack
from unisono.directory.search import parse, score_line, search
from unisono.directory.segment import build

BUSINESS, MAIN, MOBILE, FAX = NumberKind.BUSINESS, NumberKind.COMPANY_MAIN, NumberKind.MOBILE, NumberKind.FAX_BUSINESS


def contact(id: str, name: str = "", company: str = "", *numbers: tuple[NumberKind, str], mail: str = "") -> Contact:
    first, _, last = name.partition(" ")
    return Contact(
        id,
        "b",
        id,
        name or company,
        first,
        last,
        company,
        numbers=tuple(ContactNumber(kind, raw, "".join(c for c in raw if c in "+0123456789")) for kind, raw in numbers),
        emails=(mail,) if mail else (),
    )


def index(*contacts: Contact) -> Index:
    return Index().with_book("b", Layer(build(contacts, "b")))


def who(found: Index, number: str) -> tuple[str, str] | None:
    hit = identify(found, number)
    return None if hit is None else (hit.name, hit.reason.value)


# Identification


def test_exact_wins_and_names_the_others() -> None:
    found = identify(
        index(
            contact("1", "Mario Rossi", "Rossi Srl", (BUSINESS, "+39 0432 546462")),
            contact("2", "", "Rossi Srl", (BUSINESS, "+39 0432 546462")),
            contact("3", "Ada Verdi", "Rossi Srl", (FAX, "+39 0432 546462")),
        ),
        "+390432546462",
    )
    assert found is not None
    assert (found.contact.id, found.alternatives) == ("2", ("1", "3"))


def test_a_main_number_that_persons_have_is_the_firms() -> None:
    found = index(contact("1", "Mario Rossi", "Rossi Srl", (MAIN, "+39 0432 546462")))
    assert who(found, "+390432546462") == ("Rossi Srl", "exact")


def test_an_unknown_extension_shows_the_firm() -> None:
    found = index(contact("1", "Jörg Huber", "Huber Bau GmbH", (BUSINESS, "+49 89 36856-17"), (MAIN, "+49 89 36856-0")))
    assert who(found, "+498936856123") == ("Huber Bau GmbH", "main-number")
    assert who(found, "+4989368561") == ("Huber Bau GmbH", "main-number")
    assert who(found, "+49893685617") == ("Jörg Huber", "exact")
    assert who(found, "+498936857123") is None
    assert who(found, "+49893685612345678") is None  # too many digits behind it


def test_a_stem_learned_from_three_numbers() -> None:
    numbers = ["+39 0432 546101", "+39 0432 546102", "+39 0432 546117"]
    people = [contact(str(n), f"P {n}", "Rossi Srl", (BUSINESS, raw)) for n, raw in enumerate(numbers)]
    assert who(index(*people), "+390432546155") == ("Rossi Srl", "main-number")
    assert who(index(*people[:2]), "+390432546155") is None


def test_last_digits_are_enough_where_the_area_is_missing_and_one_alone_has_them() -> None:
    mario = contact("1", "Mario Rossi", "", (BUSINESS, "+39 0432 5464621"))
    ada = contact("2", "Ada Verdi", "", (MOBILE, "+39 333 1234567"))
    found = index(mario, ada)
    assert who(found, "5464621") == who(found, "04325464621") == ("Mario Rossi", "last-digits")
    assert who(found, "+395464621") == ("Mario Rossi", "last-digits")  # how it is read where the location has no area
    assert who(found, "+39464621") is None  # too few
    assert all(who(found, f"+39{'5464621' * times}") is None for times in range(2, 9))
    assert who(found, "+39025464621") is None  # another area's
    assert identify(found, "+395464621", least_digits=0) is None
    assert who(found, "464621") is None  # too few
    assert identify(found, "464621", least_digits=6) is not None
    assert identify(found, "5464621", least_digits=0) is None
    assert who(found, "+445464621") is None  # another country's
    assert who(index(mario, contact("3", "Eva Neri", "", (BUSINESS, "+49 89 5464621"))), "5464621") is None
    assert who(index(mario, contact("3", "Eva Neri", "", (BUSINESS, "+39 02 5464621"))), "+395464621") is None
    same = (
        Index().with_book("a", Layer(build([mario], "a"))).with_book("b", Layer(build([replace(mario, id="9", book="b")], "b")))
    )
    hit = identify(same, "5464621", sameness=Sameness())
    assert hit is not None
    assert {origin.contact_id for origin in hit.origins} == {"1", "9"}
    assert identify(same, "5464621") is None


def test_two_firms_below_one_stem_show_none() -> None:
    main = contact("1", "", "Rossi Srl", (MAIN, "+39 0432 54640"))
    other = contact("2", "", "Bianchi Spa", (BUSINESS, "+39 0432 546499"))
    assert who(index(main), "+390432546401") == ("Rossi Srl", "main-number")
    assert who(index(main, other), "+390432546401") is None
    assert who(Index().with_book("a", Layer(build([main]))).with_book("b", Layer(build([other]))), "+390432546401") is None
    same = contact("3", "", "ROSSI S.r.l.", (BUSINESS, "+39 0432 546499"))
    assert who(index(main, same), "+390432546401") == ("Rossi Srl", "main-number")


@pytest.mark.parametrize(
    ("raw", "caller"),
    [
        ("+39 333 123450", "+39333123451"),  # a mobile has no extensions
        ("+49 89 30-0", "+498930123"),  # too short a stem
        ("+49 89-0", "+4989123456"),  # never a whole area
        ("118", "1181"),
    ],
)
def test_what_is_no_stem(raw: str, caller: str) -> None:
    assert who(index(contact("1", "", "Rossi Srl", (MAIN, raw))), caller) is None


def test_the_area_is_no_stem() -> None:
    assert covers("+498936856", "+498936856116")
    assert not covers("+49893", "+49893685")
    assert not covers("+390432", "+390432546462")


def test_firm_names_without_their_legal_form() -> None:
    assert firm_key("Rossi Impianti S.r.l.") == firm_key("ROSSI IMPIANTI")
    assert firm_key("GmbH") == "gmbh"
    assert firm_key("Rossi Bau GmbH & Co. KG") == "rossi bau"


digits = st.text(string.digits, min_size=5, max_size=9)


@given(st.lists(st.tuples(st.sampled_from(["A", "B", "C"]), digits), min_size=1, max_size=12), digits)
def test_a_wrong_firm_is_never_shown(book: list[tuple[str, str]], called: str) -> None:
    """Whatever the book: if a firm is shown by its main number, no other firm has a number closer to the caller's."""
    contacts = [
        contact(str(n), "", f"Firm {firm}", (MAIN if n % 2 else BUSINESS, f"+4989{number}"))
        for n, (firm, number) in enumerate(book)
    ]
    caller = f"+4989{called}"
    hit = identify(index(*contacts), caller)
    if hit is None or hit.reason is IdentifiedBy.EXACT:
        return

    def shared(number: str) -> int:
        return next((i for i, (a, b) in enumerate(zip(number, caller, strict=False)) if a != b), min(len(number), len(caller)))

    own = max(shared(n.canonical) for c in contacts if c.company == hit.contact.company for n in c.numbers)
    others = [shared(n.canonical) for c in contacts if c.company != hit.contact.company for n in c.numbers]
    assert own >= max(others, default=0)


@given(st.lists(digits, min_size=1, max_size=30, unique=True), st.data())
def test_every_number_finds_its_contact(numbers: list[str], data: st.DataObject) -> None:
    found = index(*(contact(str(n), f"P {n}", "", (BUSINESS, f"+39{number}")) for n, number in enumerate(numbers)))
    wanted = data.draw(st.sampled_from(numbers))
    hit = identify(found, f"+39{wanted}")
    assert hit is not None
    assert hit.contact.id == str(numbers.index(wanted))


@given(st.text(string.digits, min_size=1, max_size=15), st.text(string.digits, min_size=1, max_size=15))
def test_keys_keep_prefixes(a: str, b: str) -> None:
    key = keys.key(f"+{a}")
    bounds = keys.key_range(f"+{b}")
    assert key is not None
    assert bounds is not None
    assert (bounds[0] <= key < bounds[1]) == a.startswith(b)
    assert keys.text(key) == f"+{a}"
    assert keys.key(a) != key


signs = st.text("+0189*\n٣ ", max_size=4)


@given(st.lists(st.one_of(signs, st.text(string.digits, max_size=20), digits.map(lambda d: f"+{d}")), max_size=6))
@example(["+39\n41", "+49"])
def test_keys_of_many_are_those_of_each(canonicals: list[str]) -> None:
    each = [(keys.key(canonical), keys.end_key(canonical)) for canonical in canonicals]
    known = [(key, end >> 32) for key, end in each if key is not None and end is not None]
    assert list(zip(*map(list, keys.many(canonicals)), strict=True)) == known


# Search

PEOPLE = index(
    contact("1", "Jörg Müller", "Müller Bau GmbH", (BUSINESS, "+49 89 36856-17"), mail="joerg@mueller.example"),
    contact("2", "Mario Rossi", "Rossi Impianti S.r.l.", (BUSINESS, "+39 0432 546462"), (MOBILE, "+39 333 1234567")),
    contact("3", "Anna De Rossi", "Bar Sport", (BUSINESS, "+39 0432 111222")),
    contact("4", "", "Rossini Vini", (BUSINESS, "+44 1632 960123")),
    contact("5", "Karen Sørensen", "Mario & Figli", mail="ks@rossi.example"),
)


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("muller", ["Jörg Müller"]),
        ("mueller bau", ["Jörg Müller"]),
        ("bau jor", ["Jörg Müller"]),
        ("ross", ["Rossini Vini", "Anna De Rossi", "Mario Rossi", "Karen Sørensen"]),
        ("mario", ["Mario Rossi", "Karen Sørensen"]),
        ("0432 546-4", ["Mario Rossi"]),
        ("+39 (0432) 54", ["Mario Rossi"]),
        ("0039 333", ["Mario Rossi"]),
        ("+3", ["Anna De Rossi", "Mario Rossi"]),
        ("+39", ["Anna De Rossi", "Mario Rossi"]),
        ("rossini +44", ["Rossini Vini"]),
        ("089 368", ["Jörg Müller"]),
        ("960123", ["Rossini Vini"]),
        ("rossi 0432", ["Mario Rossi", "Anna De Rossi"]),
        ("mueller.example", ["Jörg Müller"]),
        ("zzz", []),
        ("", []),
    ],
)
def test_search(typed: str, names: list[str]) -> None:
    found = [hit.title for hit in search(PEOPLE, typed, 10)]
    if typed in ("ross", "rossi 0432"):
        assert sorted(found) == sorted(names)
    else:
        assert found == names


def test_reasons_and_order() -> None:
    hits = search(PEOPLE, "rossi", 10)
    assert [(hit.title, hit.reason) for hit in hits] == [
        ("Anna De Rossi", HitReason.NAME),
        ("Mario Rossi", HitReason.NAME),
        ("Rossini Vini", HitReason.NAME),
        ("Karen Sørensen", HitReason.EMAIL),
    ]
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert search(PEOPLE, "0432111222", 1)[0].reason is HitReason.NUMBER


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("example.co.uk", HitReason.EMAIL),
        ("colin example", HitReason.EMAIL),
        ("colin potter", HitReason.COMPANY),
        ("potter colin", HitReason.COMPANY),
        ("co po", HitReason.NAME),
        ("potte colin", HitReason.NAME),
        ("кол sales", HitReason.OTHER),
    ],
)
def test_the_reason_is_the_part_with_most_letters_of_what_was_typed(typed: str, reason: HitReason) -> None:
    """At a tie the part that counts more; for colleagues, whose line is searched, as for contacts."""
    found = index(replace(contact("1", "Colin Колин", "Potter Ltd", mail="info@example.co.uk"), department="Salesroom"))
    [hit] = search(found, typed, 10)
    line = " colin колин \t potter ltd \t info example co uk \t salesroom ".encode()
    assert hit.reason is reason
    assert score_line(line, parse(typed).words) == (hit.score, reason)


@pytest.mark.parametrize("typed", ["0432 546462", "٠٤٣٢ ٥٤٦٤٦٢", "０４３２-５４６４６२"])
def test_a_number_is_found_in_the_digits_of_any_script(typed: str) -> None:
    found = index(contact("1", "Mario Rossi", "", (BUSINESS, "+39 0432 546462")), contact("2", "Ada", "", (BUSINESS, "113")))
    assert [hit.id for hit in search(found, typed, 10)] == ["1"]


@pytest.mark.parametrize("typed", ["شركة ٢٠٢٠", "شركة", "٢٠٢٠"])
def test_a_name_is_found_with_the_digits_of_its_script(typed: str) -> None:
    assert [hit.id for hit in search(index(contact("1", "شركة ٢٠٢٠"), contact("2", "Ada 2020")), typed, 10)] == ["1"]


@pytest.mark.parametrize("typed", ["mario.rossi@acme.example", " Mario.Rossi@ACME.example ", "1234567@acme.example"])
def test_who_has_the_very_address_comes_first(typed: str) -> None:
    """Others have the same words in better places."""
    address = typed.strip().lower()
    found = index(
        contact("1", "Mario Rossi Acme", "Acme Example", mail=f"{address}.org"),
        contact("2", "Ada 1234567", "Acme Example", mail=f"mario.{address}"),
        replace(contact("3", "Zoe", "Zeta"), emails=("zoe@zeta.example", "Mario.Rossi@acme.example", "1234567@acme.example")),
        contact("4", "Mario Rossi Acme Example", "1234567"),
    )
    hits = search(found, typed, 10)
    assert (hits[0].id, hits[0].reason) == ("3", HitReason.EMAIL)
    assert len(hits) > 1


words = st.text("abeoußüö ", min_size=1, max_size=12)


@given(st.lists(st.tuples(words, words), min_size=1, max_size=20), st.data())
def test_a_name_is_found_by_every_beginning_in_any_order(names: list[tuple[str, str]], data: st.DataObject) -> None:
    people = [contact(str(n), f"{a} {b}") for n, (a, b) in enumerate(names)]
    n = data.draw(st.integers(0, len(names) - 1))
    typed = [word[: data.draw(st.integers(1, len(word)))] for word in " ".join(names[n]).split()]
    if typed:
        text = " ".join(data.draw(st.permutations(typed)))
        assert str(n) in {hit.id for hit in search(index(*people), text, 50)}


@given(st.text(max_size=60))
def test_anything_may_be_typed(text: str) -> None:
    hits = search(PEOPLE, text, 5)
    assert len(hits) <= 5
    assert len({hit.id for hit in hits}) == len(hits)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert all(PEOPLE.contact(hit.id) is not None for hit in hits)


# The picture as a whole


def test_changes_hide_what_was() -> None:
    before = index(contact("1", "Old Name", "", (BUSINESS, "+390432546462")), contact("2", "Other One"))
    after = before.with_changes("b", [contact("1", "New Name", "", (BUSINESS, "+390432546462"))])
    assert who(after, "+390432546462") == ("New Name", "exact")
    assert search(after, "old", 5) == []
    assert [hit.title for hit in search(after, "n", 5)] == ["New Name"]
    gone = after.with_changes("b", [], ["1", "2"])
    assert gone.contact("1") is gone.contact("2") is None
    assert search(gone, "o", 5) == []
    assert who(before, "+390432546462") == ("Old Name", "exact")


def test_a_book_read_anew_counts_alone() -> None:
    changed = contact("1", "New Name")
    found = index(contact("1", "Old Name")).with_changes("b", [changed]).with_book("b", Layer(build([changed])))
    assert [hit.title for hit in search(found, "name", 5)] == ["New Name"]
    assert len(found) == 1
    assert search(found.without_book("b"), "name", 5) == []


texts = st.text(max_size=20)
contacts = st.builds(
    Contact,
    id=st.text(min_size=1, max_size=32),
    book=texts,
    source_key=texts,
    display_name=texts,
    company=texts,
    numbers=st.lists(st.builds(ContactNumber, st.sampled_from(NumberKind), texts, digits)).map(tuple),
    emails=st.lists(texts).map(tuple),
    addresses=st.lists(st.builds(Address, st.sampled_from(AddressKind), texts, texts)).map(tuple),
    note=texts,
    custom=st.dictionaries(texts, texts, max_size=3),
)


@given(contacts)
def test_packed_and_stored_contacts_come_back(one: Contact) -> None:
    assert unpack(pack(one)) == one
    assert from_json(one.id, one.book, one.source_key, one.numbers, to_json(one)) == one
