"""A segment against a plain scan of the same contacts; and files that are cut off or altered."""

import string
import struct
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from unisono.directory import keys
from unisono.directory.fold import folded_forms, folded_piece, folded_value, runs_of, token
from unisono.directory.index import Index, Layer
from unisono.directory.main_number import firm_key
from unisono.directory.model import LDAP_NAMES, Address, AddressKind, Contact, ContactNumber, NumberKind
from unisono.directory.search import search
from unisono.directory.segment import (
    ALL_KINDS,
    Attribute,
    Segment,
    SegmentBuilder,
    SegmentDamaged,
    build,
    columns,
    kinds_of,
    numbers,
    values,
)
from unisono.directory.segment.attributes import INDEXED, KIND_NUMBER
from unisono.directory.segment.columns import Columns, values_of
from unisono.directory.segment.format import in_memory
from unisono.directory.segment.layout import FORWARD, SHARED_STEM
from unisono.directory.segment.merge import write_merged
from unisono.directory.segment.run import Run
from unisono.directory.views import View

BUSINESS, MOBILE = NumberKind.BUSINESS, NumberKind.MOBILE
MARIO = Contact(
    "0123456789abcdef0123456789abcdef", "crm", "C-1", "Mario De Rossi", "Mario", "De Rossi", "Rossi S.r.l.",
    numbers=(ContactNumber(BUSINESS, "+39 (0432) 546462", "+390432546462"), ContactNumber(MOBILE, "333 1", "+393331")),
    emails=("mario@rossi.example", "m@rossi.example"),
    addresses=(Address(AddressKind.BUSINESS, "Via Roma 1", "33100", "Udine"), Address(AddressKind.PRIVATE, "A $ B", "1", "C")),
    custom={"0": "gold", "region": "east"}, note="x" * 300,
)  # fmt: skip

digits = st.text(string.digits, min_size=1, max_size=15)
words = st.text("aeoumr üéß'.-1", max_size=8)
canonicals = st.one_of(digits.map(lambda d: f"+{d}"), digits, st.just(""))
contacts = st.builds(
    Contact,
    id=st.one_of(st.binary(min_size=16, max_size=16).map(bytes.hex), st.text(min_size=1, max_size=8)),
    book=st.sampled_from(["b", "other"]),
    source_key=words,
    display_name=words,
    first_name=words,
    last_name=words,
    company=words,
    job_title=words,
    department=words,
    numbers=st.lists(st.builds(ContactNumber, st.sampled_from(NumberKind), words, canonicals), max_size=3).map(tuple),
    emails=st.lists(words, max_size=3).map(tuple),
    addresses=st.lists(st.builds(Address, st.sampled_from(AddressKind), words, words, words), max_size=2).map(tuple),
    note=words,
    custom=st.dictionaries(st.sampled_from(["0", "9", "10", "x", ""]), words, max_size=3),
    cti_user=words,
)
lists = st.lists(contacts, max_size=8, unique_by=lambda c: c.id)


runs = st.sampled_from([1, 3, 100])
"""How many contacts are sorted at once: with fewer than there are, several runs are merged."""


def segment_of(book: list[Contact], rows: int) -> Segment:
    builder = SegmentBuilder("b", rows=rows)
    for contact in book:
        builder.add(contact)
    return builder.finish_in_memory()


def forms(contact: Contact, attribute: Attribute) -> set[bytes]:
    """What a comparison may meet."""
    return {f for slot, texts in values_of(contact) if slot == attribute for text in texts for f in folded_forms(text) if f}


def ids(segment: Segment, ordinals: Iterable[int | None]) -> set[str]:
    return {segment.id(at).decode() for at in ordinals if at is not None}


@settings(deadline=None)
@given(lists, runs)
def test_every_contact_comes_back_in_the_order_of_names(book: list[Contact], rows: int) -> None:
    segment = segment_of(book, rows)
    assert len(segment) == len(book)
    assert {c.id: c for c in segment.contacts()} == {c.id: c for c in book}
    for contact in book:
        at = segment.find(contact.id)
        assert at is not None
        assert segment.contact(at) == contact
        assert segment.id(at).decode() == contact.id
    assert segment.find("nobody") is None
    names = [segment.folded(at) for at in range(len(segment))]
    assert names == sorted(next(iter(folded_forms(values_of(c)[0][1][0])), b"") for c in book)


@given(contacts)
def test_attributes_are_what_ldap_sends(contact: Contact) -> None:
    segment = build([contact], "b")
    values = {Attribute(slot): [text.encode() for text in texts] for slot, texts in values_of(contact)}
    assert b"".join(segment.attribute(0, a) for a in Attribute) == segment.attributes(0)
    assert segment.slice(0, Attribute.SN, Attribute.MAIL) == b"".join(segment.attribute(0, a) for a in list(Attribute)[1:12])
    for attribute in Attribute:
        assert segment.has(0, attribute) == (attribute in values) == bool(segment.attribute(0, attribute))
        assert segment.values(0, attribute) == values.get(attribute, [])
        first = values.get(attribute, [b""])[0].decode()
        assert segment.sort_key(0, attribute) == next(iter(folded_forms(first)), b"")
    assert segment.has(0, Attribute.CN)
    assert segment.has(0, Attribute.SN)


@settings(deadline=None)
@given(lists, runs, st.booleans())
def test_a_block_is_what_its_contacts_are_one_by_one(book: list[Contact], rows: int, usual: bool) -> None:
    if usual:
        book = [replace(contact, id=f"{number:032x}") for number, contact in enumerate(book)]
    segment = segment_of(book, rows)
    if not segment.hex_ids:
        assert any(len(contact.id) != 32 for contact in book)
        return
    begin = min(1, len(segment))
    sizes, block_ids, attributes = segment.block(begin, len(segment))
    ordinals = range(begin, len(segment))
    found = list(segment.rows(ordinals, Attribute.SN, Attribute.MAIL))
    assert found == [(segment.id(at), segment.slice(at, Attribute.SN, Attribute.MAIL)) for at in ordinals]
    assert attributes == [bytes(segment.attributes(ordinal)) for ordinal in ordinals]
    assert sizes == [len(each) for each in attributes]
    assert list(block_ids) == [segment.id(ordinal) for ordinal in ordinals]


@given(lists, st.sampled_from([1, 2, 3]))
def test_contacts_taken_some_at_a_time_are_each_what_they_are_alone(book: list[Contact], some: int) -> None:
    taken = Columns("b")
    with pytest.MonkeyPatch.context() as patch:
        # As with very many contacts: columns begin, and have gaps, anywhere.
        patch.setattr(columns, "_AT_ONCE", some)
        for contact in book:
            taken.add(contact)
        found = sorted(taken.all().items())
    for row, contact in enumerate(book):
        of_row = [(slot, [column.texts[row], *column.more.get(row, ())]) for slot, column in found if column.texts[row]]
        assert of_row == values_of(contact)
    assert {len(book)} == {len(taken.ids), len(taken.tails), len(taken.flags), *(len(column.texts) for _, column in found)}


def test_an_attribute_is_encoded_as_rfc_4511_says() -> None:
    segment = build([MARIO], "crm")

    def sent(attribute: Attribute) -> bytes:
        return bytes(segment.attribute(0, attribute))

    assert sent(Attribute.GIVEN_NAME) == b"\x30\x14\x04\x09givenName\x31\x07\x04\x05Mario"
    assert sent(Attribute.TELEPHONE_NUMBER) == b"\x30\x22\x04\x0ftelephoneNumber\x31\x0f\x04\x0d+390432546462"
    mails = b"\x04\x13mario@rossi.example\x04\x0fm@rossi.example"
    assert sent(Attribute.MAIL) == b"\x30\x2e\x04\x04mail\x31\x26" + mails
    note = b"\x30\x82\x01\x41\x04\x0bdescription\x31\x82\x01\x30\x04\x82\x01\x2c" + b"x" * 300
    assert sent(Attribute.DESCRIPTION) == note
    assert segment.values(0, Attribute.HOME_POSTAL_ADDRESS) == [b"A \\24 B$1 C"]
    assert segment.values(0, Attribute.CUSTOM_0) == [b"gold"]


def test_what_is_too_large_for_ldap_is_kept_whole() -> None:
    large = Contact("x", "b", "k", "Anna", note="é" * 60_000, job_title="Chief", custom={"1": "y" * 2000})
    segment = build([large], "b")
    assert segment.contact(0) == large
    assert not segment.has(0, Attribute.DESCRIPTION)
    assert segment.values(0, Attribute.TITLE) == [b"Chief"]


def test_names_of_attributes() -> None:
    assert Attribute.of("TELEPHONEnumber") is Attribute.TELEPHONE_NUMBER
    assert Attribute.of("company") is Attribute.of("o") is Attribute.O
    assert Attribute.of("surname") is Attribute.SN
    assert Attribute.of("displayName") is Attribute.of("commonName") is Attribute.CN
    assert Attribute.of("IMHandle") is None
    assert all(Attribute.of(name) is not None for name in LDAP_NAMES.values())
    assert Attribute.of("custom9") is Attribute.CUSTOM_9
    assert kinds_of([Attribute.MOBILE, Attribute.CN]) == 1 << KIND_NUMBER[NumberKind.MOBILE]
    assert kinds_of(Attribute) == ALL_KINDS


@settings(max_examples=60)
@given(lists, runs, digits, st.booleans(), st.sets(st.sampled_from(NumberKind)))
def test_numbers_are_found_like_in_a_scan(
    book: list[Contact], rows: int, asked: str, plus: bool, kinds: set[NumberKind]
) -> None:
    segment = segment_of(book, rows)
    mask = sum(1 << KIND_NUMBER[kind] for kind in kinds)
    known = [(c.id, n.canonical) for c in book for n in c.numbers if n.kind in kinds and n.canonical]
    for canonical in {f"+{asked}" if plus else asked, *(n.canonical for c in book for n in c.numbers)} - {""}:
        key = keys.key(canonical)
        assert key is not None
        assert ids(segment, segment.with_number(key, mask)) == {i for i, n in known if n == canonical}
        for cut in range(1 + canonical.startswith("+"), len(canonical)):
            bounds = keys.key_range(canonical[:cut])
            assert bounds is not None
            found = segment.with_number_prefix(*bounds, kinds=mask)
            assert ids(segment, found) == {i for i, n in known if n.startswith(canonical[:cut])}
            assert len(found) == len(set(found)) <= segment.number_count(*bounds)
            assert set(segment.with_number_prefix(*bounds, kinds=mask, most=1)) <= set(found)
            last = canonical[cut:]
            assert ids(segment, segment.with_last_digits(last, mask)) == {i for i, n in known if n.endswith(last)}
            assert len(segment.with_last_digits(last, mask)) <= segment.last_digits_count(last)
            part = canonical[cut : cut + 6]
            wanted = {i for i, n in known if part in n}
            assert ids(segment, segment.with_digits(part, mask)) == wanted
            with pytest.MonkeyPatch.context() as patch:
                # As in a large segment: look-ups instead of reading all.
                patch.setattr(numbers, "_SCANNED", 0)
                patch.setattr(numbers, "_DEAREST", 0)
                if part.isdigit() and len(part) > 4:
                    assert ids(segment, segment.with_digits(part, mask)) == wanted


@settings(max_examples=80, deadline=None)
@given(lists, runs, st.sampled_from(sorted(INDEXED)), words, words)
def test_values_are_found_like_in_a_scan(book: list[Contact], rows: int, attribute: Attribute, one: str, other: str) -> None:
    segment = segment_of(book, rows)
    known = {(c.id, form) for c in book for form in forms(c, attribute)}
    asked = {folded_value(text) for text in (one, other)} | {form for _, form in known} - {b""}
    for value in asked:
        found = segment.with_value(attribute, value)
        assert ids(segment, found) == {i for i, form in known if form == value} if value else True
        assert list(found) == sorted(set(found))
        for cut in range(len(value) + 1):
            begins = ids(segment, segment.with_value_prefix(attribute, value[:cut]))
            assert begins == {i for i, form in known if form.startswith(value[:cut])}
    low, high = min(asked, default=b""), max(asked, default=b"")
    for bounds in ((low, high), (None, high), (low, None), (None, None)):
        between = ids(segment, segment.with_value_between(attribute, *bounds))
        assert between == {i for i, f in known if (bounds[0] or b"") <= f and (bounds[1] is None or f <= bounds[1])}
    assert segment.value_count(attribute, low, None) >= len(ids(segment, segment.with_value_between(attribute, low, None)))


def contains(form: bytes, pieces: tuple[bytes, ...], start: bool, end: bool) -> bool:
    """RFC 4511 4.5.1.7.2, by trying every way."""
    if not pieces:
        return not end or not form
    first, *rest = pieces
    places = [0] if start else range(len(form) - len(first) + 1)
    return any(
        form[at : at + len(first)] == first and contains_rest(form[at + len(first) :], tuple(rest), end) for at in places
    )


def contains_rest(form: bytes, pieces: tuple[bytes, ...], end: bool) -> bool:
    return contains(form, pieces, False, end) if pieces else not end or not form


@settings(deadline=None)
@given(lists, st.sampled_from(Attribute), st.lists(words, min_size=1, max_size=3), st.booleans(), st.booleans(), st.data())
def test_parts_of_values_are_found_like_in_a_scan(
    book: list[Contact], attribute: Attribute, typed: list[str], start: bool, end: bool, data: st.DataObject
) -> None:
    if attribute.kind is not None:
        return
    segment = build(book, "b")
    known = {(c.id, form) for c in book for form in forms(c, attribute)}
    pieces = tuple(filter(None, map(folded_piece, typed)))
    there = sorted(form for _, form in known)
    if data.draw(st.booleans(), label="from a value") and there:
        form = data.draw(st.sampled_from(there))
        cut = sorted(data.draw(st.tuples(*[st.integers(0, len(form))] * 4)))
        pieces = tuple(filter(None, (form[cut[0] : cut[1]], form[cut[2] : cut[3]])))
    if pieces:
        wanted = {i for i, form in known if contains(form, pieces, start, end)}
        assert ids(segment, segment.with_value_within(attribute, pieces, start, end)) == wanted
        with pytest.MonkeyPatch.context() as patch:
            # As in a large segment: many blocks of values, or words instead of them.
            patch.setattr(values, "_VALUES_AT_FIRST", 1)
            patch.setattr(values, "_VALUES_AT_ONCE", 1)
            for few in (0, 1):
                patch.setattr(values, "_FEW", few)
                assert ids(segment, segment.with_value_within(attribute, pieces, start, end)) == wanted


def test_parts_of_very_long_words_and_of_other_letters_are_found() -> None:
    long = "a" * 70 + "xyz" + "b" * 70
    book = [
        Contact("1" * 32, "b", display_name=f"Anna {long}"),
        Contact("2" * 32, "b", display_name="Ναύτης Ωμέγα"),
        Contact("3" * 32, "b", display_name="Anna Xyz, Anna"),
    ]
    segment = build(book, "b")

    def found(*pieces: str, start: bool = False, end: bool = False) -> set[str]:
        folded = tuple(folded_piece(piece) for piece in pieces)
        return {i[0] for i in ids(segment, segment.with_value_within(Attribute.CN, folded, start, end))}

    assert found("xyz") == {"1", "3"}
    assert found("xyzb") == {"1"}
    assert found("aaax") == {"1"}
    assert found("αυτη") == {"2"}
    assert found("ωμεγα", end=True) == {"2"}
    assert found("xyz, a") == {"3"}
    assert found("anna", "anna") == {"3"}
    assert found("anna", "xyz", start=True) == {"1", "3"}
    assert segment.within_count(Attribute.CN, (b"xyz",)) is not None
    assert segment.within_count(Attribute.CN, (b", ",)) is None, "no word is in it"
    assert segment.within_count(Attribute.TITLE, (b"xyz",)) is None


@settings(deadline=None)
@given(lists, runs)
def test_ranks_and_firms_compare_as_texts_do(book: list[Contact], rows: int) -> None:
    segment = segment_of(book, rows)
    for attribute in FORWARD:
        firsts = {c.id: next((texts[0] for slot, texts in values_of(c) if slot == attribute), "") for c in book}
        shown = {i: next(iter(folded_forms(text)), b"") for i, text in firsts.items()}
        found = [(segment.rank(at, attribute), shown[segment.id(at).decode()]) for at in range(len(segment))]
        assert all((a < b) == (x < y) for a, x in found for b, y in found)
    firm_of = {c.id: firm_key(c.company) for c in book}
    firms = [(segment.firm(at), firm_of[segment.id(at).decode()]) for at in range(len(segment))]
    assert all((a == b) == (x == y) for a, x in firms for b, y in firms)


@settings(deadline=None)
@given(lists, runs, st.data())
def test_words_are_found_like_in_a_scan(book: list[Contact], rows: int, data: st.DataObject) -> None:
    segment = segment_of(book, rows)
    known = {(c.id, run) for c in book for word in words_of(c) for run in runs_of(word)}
    for _, word in sorted(known)[:20]:
        assert ids(segment, segment.with_word(word.encode())) == {i for i, w in known if w == word}
        prefix = word[: data.draw(st.integers(1, len(word)))]
        assert ids(segment, segment.with_word_prefix(prefix.encode())) == {i for i, w in known if w.startswith(prefix)}
    assert len(segment.words) == len({word for _, word in known})


def words_of(contact: Contact) -> set[str]:
    texts = [contact.name, contact.company, *contact.emails, contact.department, contact.customer_id]
    texts += [text for slot, values in values_of(contact) if slot in (Attribute.CN, Attribute.O) for text in values]
    texts += [address.city for address in contact.addresses[1:]]
    texts += [address.city for address in contact.addresses if address.kind is AddressKind.BUSINESS][:1]
    shown = values_of(contact)[0][1][0]
    if contact.first_name not in shown or contact.last_name not in shown:
        texts += [contact.first_name, contact.last_name]
    return {word for text in texts for part in text.split() for word in token(part).words}


def test_what_many_have_is_known_bit_by_bit(tmp_path: Path) -> None:
    builder = SegmentBuilder("b", rows=6000)
    for n in range(12_000):
        builder.add(
            Contact(f"{n:032x}", "b", display_name=f"{'Maria' if n % 2 else 'Marco'} Rossi{n}", company="Bau" * (n % 100 == 0))
        )
    builder.finish(tmp_path / "b")
    segment = Segment.open(tmp_path / "b")
    for prefix in (b"m", b"maria", b"rossi", b"r"):
        bits = segment.common(prefix)
        assert bits is not None
        found = {at for at in range(len(segment)) if bits[at >> 3] >> (at & 7) & 1}
        assert found == set(segment.with_word_prefix(prefix))
    assert segment.common(b"bau") is None
    index = Index().with_book("b", Layer(segment))
    assert len(search(index, "ma ro", 50)) == 50
    assert [hit.title for hit in search(index, "bau maria", 5)] == []
    assert search(index, "rossi11999 m", 5)[0].title == "Maria Rossi11999"


def unfinished(book: Iterable[Contact]) -> Segment:
    """A run that is to be merged."""
    run = Run("b", {})
    for contact in book:
        run.add(contact)
    return Segment(in_memory(lambda file: run.write(file, lambda: None, final=False)))


def laid_out(segment: Segment) -> dict[str, object]:
    """Every section; those of numbers so that equal numbers, and who gives a shared stem, may stand in any order."""
    found: dict[str, object] = {name: bytes(section) for name, section in segment.sections.items()}
    own = segment.sections
    numbers = list(zip(own["num.key"].cast("Q"), own["num.at"].cast("I"), own["num.kind"], strict=True))
    found["num.at"] = found["num.kind"] = sorted(numbers)
    found["rev.num"] = sorted(zip(own["rev.key"].cast("I"), map(numbers.__getitem__, own["rev.num"].cast("I")), strict=True))
    stems = zip(own["stem"].cast("Q"), own["stem.at"].cast("I"), strict=True)
    found["stem.at"] = [(stem, SHARED_STEM if at & SHARED_STEM else at) for stem, at in stems]
    return found


@settings(deadline=None)
@given(st.lists(st.tuples(lists, st.booleans()), max_size=3))
def test_merged_runs_are_a_whole(runs: list[tuple[list[Contact], bool]]) -> None:
    kept: dict[str, Contact] = {}
    segments = []
    for book, final in runs:
        own = [c for c in book if c.id not in kept]
        segments.append(build(own, "b") if final else unfinished(own))
        kept |= {c.id: c for c in segments[-1].contacts()}
    merged = Segment(in_memory(lambda file: write_merged(file, segments, "b")))
    whole = build(kept.values(), "b")
    assert {c.id: c for c in merged.contacts()} == kept
    assert laid_out(merged) == laid_out(whole)


def test_accents_and_the_e_of_umlauts() -> None:
    names = ("Michael Müller", "Mueller", "MULLER", "Manuel")
    segment = build([Contact(f"{n}", "b", display_name=name) for n, name in enumerate(names)], "b")

    def found(text: str) -> set[str]:
        return ids(segment, segment.with_value_within(Attribute.CN, (folded_piece(text),)))

    assert found("müll") == found("mueLL") == {"0", "1", "2"}
    assert found("el") == {"0", "1", "3"}
    assert ids(segment, segment.with_value(Attribute.CN, folded_value(" Müller "))) == {"1", "2"}


# Files


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "crm.segment"
    builder = SegmentBuilder("crm")
    builder.add(MARIO)
    digest = builder.finish(path)
    assert Segment.open(path, verify=True).digest == digest
    return path


def test_a_file_is_read_in_place(file: Path) -> None:
    segment = Segment.open(file)
    assert (segment.contact(0), segment.book, segment.size) == (MARIO, "crm", file.stat().st_size)
    kept = segment.attribute(0, Attribute.SN)
    file.unlink()
    assert segment.intact
    segment.close()
    assert bytes(kept).endswith(b"De Rossi")
    assert list(file.parent.iterdir()) == []


def test_the_old_one_serves_while_a_new_one_takes_its_place(file: Path) -> None:
    old = Segment.open(file)
    builder = SegmentBuilder("crm")
    builder.add(replace(MARIO, display_name="Maria Rossi"))
    assert old.contact(0) == MARIO
    builder.finish(file)
    assert old.contact(0) == MARIO
    assert old.intact
    old.verify()
    assert Segment.open(file, verify=True).contact(0).display_name == "Maria Rossi"


def test_a_file_cut_off_at_any_byte_says_so(file: Path) -> None:
    whole = file.read_bytes()
    file.chmod(0o600)
    for length in range(0, len(whole), 7 if len(whole) > 3000 else 1):
        file.write_bytes(whole[:length])
        with pytest.raises(SegmentDamaged, match="has to be built again"):
            Segment.open(file)
    file.write_bytes(whole + b"\0")
    with pytest.raises(SegmentDamaged, match="should have"):
        Segment.open(file)


@settings(deadline=None)
@given(st.data())
def test_an_altered_file_says_so(data: st.DataObject) -> None:
    segment = build([MARIO], "crm")
    whole = bytearray(segment._memory)  # no door gives a segment's bytes
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= 1 << data.draw(st.integers(0, 7))
    sections_end = struct.unpack_from("<Q", whole, 32)[0]
    if at < 72 or at >= sections_end:
        with pytest.raises(SegmentDamaged):
            Segment(bytes(whole))
    else:
        with pytest.raises(SegmentDamaged):
            Segment(bytes(whole)).verify()


def test_another_version_says_so(file: Path) -> None:
    whole = bytearray(file.read_bytes())
    whole[8:12] = struct.pack("<I", 99)
    file.chmod(0o600)
    file.write_bytes(whole)
    with pytest.raises(SegmentDamaged, match="version 99"):
        Segment.open(file)
    with pytest.raises(SegmentDamaged, match="cannot be opened"):
        Segment.open(file.with_name("other"))


def test_a_file_cut_off_while_open_is_noticed(file: Path) -> None:
    segment = Segment.open(file)
    assert segment.intact
    file.chmod(0o600)
    with file.open("r+b") as cut:
        cut.truncate(100)
    assert not segment.intact


# Layers


@settings(deadline=None)
@given(st.lists(st.tuples(lists, st.lists(st.integers(0, 20), max_size=3)), min_size=1, max_size=4))
def test_layers_are_what_a_whole_would_be(layers: list[tuple[list[Contact], list[int]]]) -> None:
    whole: dict[str, Contact] = {}
    made: list[Layer] = []
    for changed, places in layers:
        gone = {sorted(whole)[place] for place in places if place < len(whole)} - {c.id for c in changed}
        whole = {i: c for i, c in whole.items() if i not in gone} | {c.id: c for c in changed}
        made.append(Layer(build(changed, "b"), frozenset(gone)))
    index = Index().with_book("b", *made)
    assert len(index) == len(whole)
    shown = [p.segment.contact(at) for p in index.parts() for at in range(len(p.segment)) if p.counts(at)]
    assert sorted(shown, key=lambda c: c.id) == [whole[i] for i in sorted(whole)]
    assert all(index.contact(i) == c for i, c in whole.items())
    assert all(index.contact(c.id) is None for changed, _ in layers for c in changed if c.id not in whole)


def test_a_view_sees_its_books_alone() -> None:
    index = Index().with_book("a", Layer(build([MARIO], "crm"))).with_book("b", Layer(build([], "b")))
    assert index.contact(MARIO.id, View(frozenset({"b"}))) is None
    assert index.contact(MARIO.id, View(frozenset({"a"}))) == MARIO
    assert list(index.parts(View(frozenset()))) == []


@pytest.mark.parametrize("rows", [6000, 20_000])
def test_words_and_a_number_that_many_have(rows: int) -> None:
    builder = SegmentBuilder("b", rows=rows)
    for n in range(12_000):
        number = f"+39{'0432' if n % 2 else '06'}{n:06}"
        name = f"Rossi {n}" if n % 5 == 0 else f"Anna Rossi {n}" if n % 3 == 0 else f"Verdi {n}"
        builder.add(Contact(f"{n:032x}", "b", display_name=name, numbers=(ContactNumber(BUSINESS, number, number),)))
    index = Index().with_book("b", Layer(builder.finish_in_memory()))
    hits = search(index, "rossi 0432", 30)
    assert len(hits) == 30
    assert all(hit.title.startswith("Rossi") and hit.numbers[0].canonical.startswith("+390432") for hit in hits)
    assert [hit.title for hit in search(index, "verdi 0432011999", 5)] == ["Verdi 11999"]
    assert search(index, "rossi 0432000001", 5) == []
