"""From the columns of a source to contacts, and what is suggested for columns nobody has mapped."""

import pytest
from tests.pure.directory.rules import plain

from unisono.directory.model import AddressKind, ContactNumber, NumberKind
from unisono.directory.replicators.mapping import Draft, Mapper, Rule, mails_of, numbers_of
from unisono.directory.replicators.problems import WORDS, words
from unisono.directory.replicators.source import Column, Record, Value
from unisono.directory.replicators.suggest import suggest
from unisono.directory.replicators.words import kind_of, region_of
from unisono.directory.runs.model import BadRow
from unisono.kernel.errors import Invalid
from unisono.numbers import Direction, Location, normalise


def read_number(raw: str, region: str) -> str:
    return f"+{region}{''.join(c for c in raw if c.isdigit())}"


def draft(rules: list[Rule], **values: Value) -> Draft:
    made = Mapper(rules, read_number).draft(Record("", values, 7))
    assert isinstance(made, Draft)
    return made


def refused(rules: list[Rule], **values: Value) -> BadRow:
    made = Mapper(rules, read_number).draft(Record("", values, 7))
    assert isinstance(made, BadRow)
    return made


def test_a_contact_with_everything() -> None:
    rules = [
        Rule("entry_id", "{id}"),
        Rule("display_name", "{first} {last:upper}"),
        Rule("company", "{firm | 'private'}"),
        Rule("business_city", "{city}"),
        Rule("private_street", "{home}"),
        Rule("country", "{land}"),
        Rule("phone_business", "{tel}"),
        Rule("phone_business", "{tel2}"),
        Rule("phone", "{n1}", "{k1}"),
        Rule("email", "{mail}"),
        Rule("custom.class", "{c}"),
    ]
    mapper = Mapper(rules, read_number)
    record = Record(
        "",
        {"id": "7", "first": "Anna", "last": "Rossi", "city": "Udine", "home": "Via Roma 1", "land": "Deutschland", "c": "A"}
        | {"tel": ("030 1", "030 2"), "tel2": "030 3", "n1": "0171 4", "k1": "Handy", "mail": ("a@x", "b@x")},
    )
    made = mapper.draft(record)
    assert isinstance(made, Draft)
    contact = made.contact("book", mapper.key(record))
    assert (contact.source_key, contact.name, contact.company) == ("7", "Anna ROSSI", "private")
    assert contact.numbers == (
        ContactNumber(NumberKind.BUSINESS, "030 1", "+DE0301"),
        ContactNumber(NumberKind.BUSINESS, "030 2", "+DE0302"),
        ContactNumber(NumberKind.BUSINESS, "030 3", "+DE0303"),
        ContactNumber(NumberKind.MOBILE, "0171 4", "+DE01714"),
    )
    assert contact.emails == ("a@x", "b@x")
    assert [(a.kind, a.city, a.street) for a in contact.addresses] == [
        (AddressKind.BUSINESS, "Udine", ""),
        (AddressKind.PRIVATE, "", "Via Roma 1"),
    ]
    assert contact.custom == {"class": "A"}
    assert mapper.columns == {*record.values, "firm"}


def test_a_source_that_knows_the_whole_number_is_believed() -> None:
    rules = [Rule("phone_mobile", "{raw}"), Rule("phone_mobile.canonical", "{e164}")]
    assert draft(rules, raw="0171 1", e164="+491711").numbers == (ContactNumber(NumberKind.MOBILE, "0171 1", "+491711"),)
    assert draft(rules, raw="0171 1").numbers[0].canonical == "+01711"


@pytest.mark.parametrize(
    "told", ["0171 1", "00491711", "01711234567", "+0171", "+49 171 1", "call me", "+4917112345678901", "*#+"]
)
def test_what_a_source_calls_the_whole_number_and_is_none_is_odd(told: str) -> None:
    rules = [Rule("phone_mobile", "{raw}"), Rule("phone_mobile.canonical", "{e164}")]
    made = draft(rules, raw="0171 1", e164=told)
    assert made.numbers == (ContactNumber(NumberKind.MOBILE, "0171 1", "+01711"),)
    assert made.odd == [BadRow(7, "canonical-unreadable", {"number": told})]
    assert "international form" in words(made.odd[0])


@pytest.mark.parametrize("told", ["+4917112345678", "112", "116117", "*21", "##002#", " +491711 "])
def test_whole_numbers_services_and_feature_codes_are_believed(told: str) -> None:
    made = draft([Rule("phone_mobile", "{raw}"), Rule("phone_mobile.canonical", "{e164}")], raw="0171 1", e164=told)
    assert (made.numbers[0].canonical, made.odd) == (told.strip(), [])


def test_each_of_several_numbers_has_its_own_whole_number() -> None:
    rules = [Rule("phone_mobile", "{raw}"), Rule("phone_mobile.canonical", "{e164}")]
    values = {"raw": ("", "0171 1", "0171 2", "0171 3"), "e164": ("+491710", "+491711", "wrong")}
    made = Mapper(rules, read_number).draft(Record("", values, 7))
    assert isinstance(made, Draft)
    assert [number.canonical for number in made.numbers] == ["+491711", "+01712", "+01713"]
    assert [odd.data["number"] for odd in made.odd] == ["wrong"]


def test_the_name_is_made_of_what_there_is() -> None:
    rules = [*plain({"f": "first_name", "l": "last_name", "c": "company", "t": "phone_business"})]
    assert draft(rules, f="Anna", l="Rossi").contact("b", "1").display_name == "Anna Rossi"
    assert draft(rules, c="Rossi Srl").contact("b", "1").display_name == "Rossi Srl"
    assert draft(rules, t="1").contact("b", "1").display_name == ""


def test_what_is_refused_says_why() -> None:
    rules = [*plain({"n": "display_name", "p": "private_contact", "note": "note", "t": "job_title"})]
    assert refused(rules, n="x", p="JA") == BadRow(7, "private")
    assert refused(rules, note="x") == BadRow(7, "nothing-findable")
    assert refused(rules, n="x", t="y" * 2001).data == {"field": "job_title", "characters": 2001, "most": 2000}
    assert draft(rules, n="x", note="y" * 5000).texts["note"] == "y" * 5000


@pytest.mark.parametrize(
    ("rules", "code"),
    [
        ([Rule("colour", "{a}"), Rule("company", "{a}")], "unknown-field"),
        ([Rule("company", "{a}"), Rule("company", "{b}")], "field-twice"),
        ([Rule("note", "{a}")], "nothing-mapped"),
        ([Rule("company", "{a")], "bad-expression"),
        ([Rule("phone", "{a}", "{b")], "bad-expression"),
        ([Rule("phone_home.canonical", "{a}"), Rule("company", "{a}")], "unknown-field"),
        ([Rule("custom.", "{a}"), Rule("company", "{a}")], "unknown-field"),
        ([Rule("email", "{a}")] * 501, "mapping-too-long"),
    ],
)
def test_rules_that_cannot_be_meant(rules: list[Rule], code: str) -> None:
    with pytest.raises(Invalid) as caught:
        Mapper(rules, read_number)
    assert caught.value.code == code


def test_keys_without_a_key_are_made_of_name_and_number() -> None:
    rules = [*plain({"n": "display_name", "t": "phone_business", "note": "note"})]
    one, other = draft(rules, n="Rossi", t="1", note="a"), draft(rules, n="Rossi", t="1", note="b")
    assert one.made_key == other.made_key
    assert one.made_key != draft(rules, n="Rossi", t="2").made_key


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("work", NumberKind.BUSINESS),
        ("", NumberKind.BUSINESS),
        ("Handy", NumberKind.MOBILE),
        ("WORK,CELL", NumberKind.MOBILE),
        ("home fax", NumberKind.FAX_HOME),
        ("Fax Büro", NumberKind.FAX_BUSINESS),
        ("casa", NumberKind.HOME),
        ("pref work", NumberKind.BUSINESS),
        ("pref", NumberKind.PRIMARY),
        ("something else", NumberKind.OTHER),
    ],
)
def test_words_for_a_kind_of_number(word: str, kind: NumberKind) -> None:
    assert kind_of(word) is kind


@pytest.mark.parametrize(
    ("written", "region"),
    [
        ("IT", "IT"), ("de", "DE"), ("Deutschland", "DE"), ("Österreich", "AT"), ("Germania", "DE"), ("United Kingdom", "GB"),
        ("UK", "GB"), ("D", "DE"), (" Italia ", "IT"), ("Atlantis", ""), ("", ""), ("XX", ""),
    ],
)  # fmt: skip
def test_words_for_a_country(written: str, region: str) -> None:
    assert region_of(written) == region


def test_suggestions_for_lists_within_records() -> None:
    mail = "emails.1.value emails.2.value emailAddresses.1.address emailAddresses.1.type"
    titles = ("id", *mail.split(), "phones.1", "phones.2.number", "user.mobiles", "Phones")
    rules = [(rule.field, rule.value) for rule in suggest([Column(title) for title in titles])]
    assert rules == [
        ("entry_id", "{id}"),
        ("email", "{emails.1.value}"),
        ("email_2", "{emails.2.value}"),
        ("email_3", "{emailAddresses.1.address}"),
        ("phone_business", "{phones.1}"),
        ("phone_business_2", "{phones.2.number}"),
        ("phone_mobile", "{user.mobiles}"),
        ("phone_other", "{Phones}"),
    ]


def test_suggestions_by_names_kinds_and_contents() -> None:
    titles = "id book country cn sn givenName o mail postalCode l phone1_kind phone1_raw phone1_e164 phone2_kind phone2_raw"
    rules = suggest([Column(title) for title in titles.split()])
    assert {(rule.field, rule.value, rule.kind) for rule in rules} == {
        ("entry_id", "{id}", ""), ("business_country", "{country}", ""), ("country", "{country}", ""),
        ("display_name", "{cn}", ""), ("last_name", "{sn}", ""), ("first_name", "{givenName}", ""), ("company", "{o}", ""),
        ("email", "{mail}", ""), ("business_postal_code", "{postalCode}", ""), ("business_city", "{l}", ""),
        ("phone", "{phone1_raw}", "{phone1_kind}"), ("phone", "{phone2_raw}", "{phone2_kind}"),
    }  # fmt: skip
    Mapper(rules, read_number)


def test_what_a_source_says_of_its_columns_wins() -> None:
    rules = suggest([Column("name", field="company"), Column("Telefon"), Column("title", field="custom.title")])
    assert {rule.field: rule.value for rule in rules} == {
        "company": "{name}",
        "custom.title": "{title}",
        "phone_business": "{Telefon}",
    }
    by_content = suggest([Column("Column 1", ("a@b.it", "c@d.it")), Column("Column 2", ("0432 12345", "0432 54321"))])
    assert {rule.field: rule.value for rule in by_content} == {"email": "{Column 1}", "phone_business": "{Column 2}"}


@pytest.mark.parametrize(
    ("written", "number"),
    [("3331234567.0", "3331234567"), ("390432123456.0", "390432123456"), ("0432123456.0", "0432123456.0"), ("123.0", "123.0")],
)
def test_a_number_that_a_program_took_for_an_amount(written: str, number: str) -> None:
    made = draft([Rule("phone_mobile", "{tel}")], tel=written)
    assert [each.raw for each in made.numbers] == [number]


def test_every_reason_has_its_words() -> None:
    assert words(BadRow(3, "text-too-long", {"field": "note", "characters": 5000, "most": 2000})) == (
        "note has 5,000 characters; at most 2,000 are taken"
    )
    assert words(BadRow(3, "of-a-stranger", {"size": 3})) == "of-a-stranger size=3"
    assert all(code == code.lower() for code in WORDS)


@pytest.mark.parametrize(
    ("written", "numbers"),
    [
        ("0432 1111111 / 0432 2222222", ["0432 1111111", "0432 2222222"]),
        ("0432 111111 / 333 1234567", ["0432 111111", "333 1234567"]),
        ("0432 111111, 333 1234567", ["0432 111111", "333 1234567"]),
        ("0432 111111 oder 0432 222222", ["0432 111111", "0432 222222"]),
        ("06131/18-0000 - 06131/18-5555", ["06131/18-0000", "06131/18-5555"]),
        ("0432 111111\n0432 222222", ["0432 111111", "0432 222222"]),
        ("0432 111111 / 0432 222222 / 0432 333333", ["0432 111111", "0432 222222", "0432 333333"]),
        ("0432 1111; 0432/22 22 & 0432 3333 or 0432 4444", ["0432 1111", "0432/22 22", "0432 3333", "0432 4444"]),
        # One number, as people write it
        ("0432/54 64 62", ["0432/54 64 62"]),
        ("+49 (0) 89 / 12345678", ["+49 (0) 89 / 12345678"]),
        ("0044 (0)20 / 7946045-5", ["0044 (0)20 / 7946045-5"]),
        ("0432 1111111/12", ["0432 1111111/12"]),
        ("+39 0432 546462", ["+39 0432 546462"]),
        ("333 1234567 (Anna, mobile)", ["333 1234567 (Anna, mobile)"]),
    ],
)  # fmt: skip
def test_several_numbers_in_one_text_are_told_from_one(written: str, numbers: list[str]) -> None:
    assert list(numbers_of(written)) == numbers
    made = draft([Rule("phone_mobile", "{tel}")], tel=written)
    assert [number.raw for number in made.numbers] == numbers
    several = [BadRow(7, "several-numbers", {"number": written})]
    assert made.odd == (several if len(numbers) > 1 else [])


def test_what_is_not_taken_of_the_numbers_is_odd() -> None:
    def read(raw: str, region: str) -> str:
        return read_number(raw, region) if raw[:1].isdigit() else ""

    written = [f"0432 {number:06}" for number in range(50)]
    record = Record("", {"n": "A", "t": "; ".join(written), "u": "nix"}, 7)
    made = Mapper(plain({"n": "display_name", "u": "phone_home", "t": "phone_business"}), read).draft(record)
    assert isinstance(made, Draft)
    assert [number.raw for number in made.numbers] == ["nix", *written[:39]]
    assert [(odd.line, odd.code) for odd in made.odd] == [
        (7, "number-unreadable"), (7, "several-numbers"), *[(7, "number-left-out")] * 11,
    ]  # fmt: skip
    assert [odd.data["number"] for odd in made.odd[2:]] == written[39:]
    assert words(made.odd[-1]) == "0432 000049 was left out; a contact may have 40 numbers"
    long = draft([Rule("phone_mobile", "{tel}")], tel="0432 111111;" * 10_000)
    assert len(long.numbers) == 1, "nobody looks for numbers in a text that long"


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("0432 111111 ext. 12", "number-part-left-out"),
        ("0432 111111 (int. 12)", "number-part-left-out"),
        ("0432 111111 / int. 12", "number-part-left-out"),
        ("0432 11111111 / 12", "number-part-left-out"),
        ("0432 111111 mornings", "number-part-left-out"),
        ("ext. 12 / int. 13", "number-unreadable"),
        ("0432 111111 (office)", ""),
        ("Tel. 0432 111111", ""),
        ("0432 111111 Durchwahl 12", ""),
    ],
)
def test_a_part_of_a_number_text_that_is_not_kept_is_listed(written: str, code: str) -> None:
    udine = Location("Udine", "IT", area_code="0432")

    def read(raw: str, _: str) -> str:
        return normalise(raw, udine, Direction.STORED).supercanonical

    made = Mapper(plain({"n": "display_name", "t": "phone_business"}), read).draft(Record("", {"n": "A", "t": written}, 7))
    assert isinstance(made, Draft)
    assert [(odd.line, odd.code, odd.data["number"]) for odd in made.odd] == ([(7, code, written)] if code else [])


@pytest.mark.parametrize(
    ("written", "mails", "whole"),
    [
        ("a@b.example", ["a@b.example"], True),
        ("a@b.example; c@d.example", ["a@b.example", "c@d.example"], True),
        (" a@b.example,c@d.example\n e@f.example;", ["a@b.example", "c@d.example", "e@f.example"], True),
        ("Anna Rossi <a@b.example>; <c@d.example>", ["a@b.example", "c@d.example"], True),
        ("a@b.example; no address", ["a@b.example"], False),
        ("a@b@c.example", [], False),
        ("none", [], False),
    ],
)
def test_several_addresses_in_one_text(written: str, mails: list[str], whole: bool) -> None:
    assert mails_of(written) == (mails, whole)
    made = draft([*plain({"n": "display_name", "m": "email"})], n="A", m=written)
    assert list(made.emails) == mails
    assert made.odd == ([] if whole else [BadRow(7, "mail-unreadable", {"mail": written})])


@pytest.mark.parametrize(("field", "most"), [("note", 131_072), ("custom.All", 131_072), ("company", 2_000)])
def test_what_an_expression_makes_is_no_longer_than_a_record(field: str, most: int) -> None:
    rules = [Rule("phone_business", "{t}"), Rule(field, "{n : replace('a', 'aaaaaaaaaa')}")]
    assert draft(rules, t="0432 1", n="a" * (most // 20))
    assert refused(rules, t="0432 1", n="a" * (most // 5)).code in ("row-too-long", "text-too-long")
