"""One person in several books: the rules, what was said by hand, and that nobody learns of a book that is not theirs."""

from collections import Counter

import pytest
from msgspec.structs import replace

from unisono.directory.duplicates import BY_HAND, Rule, Sameness, pair
from unisono.directory.identify import identify
from unisono.directory.index import Index, Layer
from unisono.directory.model import Contact, ContactNumber, NumberKind
from unisono.directory.persons import Walk
from unisono.directory.search import search
from unisono.directory.segment import build
from unisono.directory.views import EVERYTHING, View

ALL = Sameness()


def contact(book: str, id: str, name: str, firm: str = "", number: str = "", mail: str = "", link: str = "") -> Contact:
    first, _, last = name.partition(" ")
    numbers = (ContactNumber(NumberKind.BUSINESS, number, number),) if number else ()
    return Contact(id, book, id, name, first, last, firm, numbers=numbers, emails=(mail,) if mail else (), direct_link=link)


def picture(*contacts: Contact) -> Index:
    index = Index()
    for book in dict.fromkeys(c.book for c in contacts):
        index = index.with_book(book, Layer(build([c for c in contacts if c.book == book], book)))
    return index


def people(index: Index, sameness: Sameness = ALL, view: View = EVERYTHING) -> list[list[tuple[str, str]]]:
    """Everybody called Mario, each with where they come from."""
    hits = search(index, "mario", 10, view, sameness)
    return sorted([(o.contact_id, o.reason) for o in hit.origins] or [(hit.id, "")] for hit in hits)


MARIO = contact("crm", "1", "Mario Rossi", "Rossi Srl", "+390432546462", "mario@rossi.example", "https://crm.example/1")


@pytest.mark.parametrize(
    ("other", "rule"),
    [
        (contact("mail", "2", "Rossi Mario", "", "+390432546462"), Rule.NUMBER_AND_NAME),
        (contact("mail", "2", "Mario R.", "", "", "MARIO@rossi.example"), Rule.EMAIL),
        (contact("mail", "2", "Mario Rossi", "ROSSI S.r.l."), Rule.NAME_AND_FIRM),
        (contact("mail", "2", "Rossi Mario", "Rossi"), Rule.NAME_AND_FIRM),
    ],
)
def test_a_rule_joins_and_can_be_switched_off(other: Contact, rule: Rule) -> None:
    index = picture(MARIO, other)
    joined = people(index)
    assert len(joined) == 1
    assert sorted(joined[0]) == sorted([("1", ""), ("2", rule)]) or sorted(joined[0]) == sorted([("2", ""), ("1", rule)])
    assert people(index, Sameness(frozenset(Rule) - {rule})) == [[("1", "")], [("2", "")]]
    assert people(index, Sameness(split=frozenset({pair("2", "1")}))) == [[("1", "")], [("2", "")]]
    assert index.contact("1") == MARIO
    assert index.contact("2") == other


@pytest.mark.parametrize(
    "other",
    [
        contact("mail", "2", "Mario Bianchi", "", "+390432546462"),
        contact("mail", "2", "Mario Rossi", "Bianchi Spa"),
        contact("mail", "2", "Mario Rossi"),
        replace(contact("crm", "2", "Mario Rossi", "Rossi Srl", "+390432546462"), book="crm"),
    ],
)
def test_what_is_not_the_same_person(other: Contact) -> None:
    assert people(picture(MARIO, other)) == [[("1", "")], [("2", "")]]


def test_an_address_that_several_share_is_nobodys() -> None:
    office = [contact("crm", str(n), f"Mario {n}", mail="info@rossi.example") for n in "34"]
    assert len(people(picture(*office, contact("mail", "5", "Mario X", mail="info@rossi.example")))) == 3


def test_joined_by_hand_also_within_a_book() -> None:
    index = picture(MARIO, contact("crm", "2", "Mario Verdi"))
    assert people(index, Sameness(joined=frozenset({("1", "2")}))) == [[("1", ""), ("2", BY_HAND)]]
    assert len(people(index, Sameness(joined=frozenset({("1", "2")}), split=frozenset({("1", "2")})))) == 2
    assert people(index, Sameness(joined=frozenset({("1", "gone")}))) == [[("1", "")], [("2", "")]]


def test_the_same_as_the_same_is_the_same() -> None:
    second = contact("mail", "2", "Mario Rossi", "Rossi Srl", "", "m@home.example")
    third = contact("field", "3", "Mario", "", "", "m@home.example")
    index = picture(MARIO, second, third)
    assert [len(group) for group in people(index)] == [3]
    # Splitting one pair keeps these two apart, not the third.
    assert sorted(len(group) for group in people(index, Sameness(split=frozenset({("1", "3")})))) == [1, 2]


def test_one_view_does_not_learn_of_another_book() -> None:
    index = picture(MARIO, contact("mail", "2", "Mario Rossi", "Rossi Srl", "+39333"))
    seen = View(frozenset({"crm"}))
    assert people(index, ALL, seen) == [[("1", "")]]
    assert "+39333" not in [n.canonical for n in search(index, "mario", 5, seen, ALL)[0].numbers]
    assert "+39333" in [n.canonical for n in search(index, "mario", 5, EVERYTHING, ALL)[0].numbers]


def test_who_calls_is_one_with_all_origins() -> None:
    index = picture(
        MARIO, contact("mail", "2", "Rossi Mario", "", "+390432546462"), contact("field", "3", "Ada", "", "+390432546462")
    )
    found = identify(index, "+390432546462", EVERYTHING, ALL)
    assert found is not None
    assert {o.contact_id for o in found.origins} == {"1", "2"}
    assert [o.link for o in found.origins if o.contact_id == "1"] == ["https://crm.example/1"]
    assert found.alternatives == ("3",)
    alone = identify(index, "+390432546462")
    assert alone is not None
    assert len(alone.alternatives) == 2
    assert alone.origins == ()


def test_what_a_newer_layer_hides_is_no_origin() -> None:
    old = Layer(build([contact("mail", "2", "Mario Rossi", "Rossi Srl")], "mail"))
    index = picture(MARIO).with_book("mail", old, Layer(build([], "mail"), frozenset({"2"})))
    assert people(index) == [[("1", "")]]


def walk(index: Index, sameness: Sameness = ALL, looks: int = 100) -> Walk:
    return Walk(index, sameness, looks, lambda: None)


def test_everybody_of_several_books_is_met_once_whatever_the_pages_are() -> None:
    others = [contact("mail", str(n), f"Luca {n}", number=f"+39043200000{n}") for n in range(4, 8)]
    twins = [contact("crm", f"c{each.id}", each.name, number=each.numbers[0].raw) for each in others]
    index = picture(MARIO, contact("mail", "2", "Rossi Mario", "", "+390432546462"), *others, *twins)
    whole = walk(index).persons("", 100)
    assert (len(whole.groups), whole.next) == (5, "")
    for looks, most in ((1, 100), (3, 100), (100, 2)):
        groups, place = [], ""
        while True:
            page = walk(index, looks=looks).persons(place, most)
            assert page.looked_at <= looks
            groups += page.groups
            if not page.next:
                break
            place = page.next
        assert groups == whole.groups
    assert walk(index).persons("nonsense", 100) == whole


def test_what_each_rule_does_is_counted_whether_it_is_on_or_not() -> None:
    index = picture(MARIO, contact("mail", "2", "Mario Rossi", "Rossi", "+390432546462"), contact("mail", "3", "Else"))
    for sameness in (ALL, Sameness(frozenset()), Sameness(joined=frozenset({pair("1", "3")}))):
        found = walk(index, sameness).effects("")
        assert found.pairs == {"number-and-name": 1, "email": 0, "name-and-firm": 1, "by-hand": len(sameness.joined)}
        assert (found.looked_at, found.next) == (3, "")
        for looks in (1, 2, 3):
            added, after = Counter[str](), ""
            while True:
                some = walk(index, sameness, looks=looks).effects(after)
                assert some.looked_at <= looks
                added.update(some.pairs)
                if not (after := some.next):
                    break
            assert added == Counter(found.pairs)
