"""How people and devices write numbers: every habit once, and arbitrary text never breaks anything."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unisono.numbers import Direction, Location, NumberKind, Origin, Role, normalise
from unisono.numbers.clean import clean

WRITTEN = [json.loads(line) for line in (Path(__file__).parent / "written.jsonl").read_text().splitlines()]
UDINE = Location.simple("Udine", "IT", "0432", trunk="5566", ranges=["100-699"], outside="0")
MUNICH = Location.simple("Munich", "DE", "89", trunk="36856", ranges=["[0-2]"], outside="0", internal_max=3)


def test_fourteen_written_forms_of_three_countries() -> None:
    homes = {region: Location.simple(region, region) for region in ("IT", "DE", "GB")}
    assert len(WRITTEN) == 3000
    for row in WRITTEN:
        found = normalise(row["raw"], homes[row["country"]], Direction.STORED)
        assert (found.supercanonical, found.kind) == (row["e164"], NumberKind.EXTERNAL), row


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("0432 123456", "0432123456"),
        ("+39 (0)432 123456", "+390432123456"),
        ("(+39) 0432/123456", "+390432123456"),
        ("++39 0432 123456", "+390432123456"),
        ("Tel. 0432 123456", "0432123456"),
        ("Tel1: 0432 123456", "0432123456"),
        ("Tel. e Fax 0432 123456", "0432123456"),
        ("Тел. +39 0432 123456", "+390432123456"),
        ("📞 0432 123456", "0432123456"),
        ("(Mario) 0432 123456", "0432123456"),
        ("0432 123456 (Mario)", "0432123456"),
        ("0432 123456 (casa 2)", "0432123456"),
        ("0432 123456 ufficio", "0432123456"),
        ('"Mario Rossi" <sip:+390432123456@pbx.example>', "+390432123456"),
        ("Mario <101>", "101"),
        ("O432 12O456", "0432120456"),
        ("(O)30 123456", "030123456"),
        ("0432\u202f123\u202f456", "0432123456"),
        ("0432\u00a0123456", "0432123456"),
        ("\u202a+39 0432 123456\u202c", "+390432123456"),
        ("0432\u2011123\u2013456", "0432123456"),
        ("＋３９ ０４３２ １２３４５６", "+390432123456"),
        ("٠٤٣٢ ١٢٣٤٥٦", "0432123456"),
        ("%2B39 0432 123456", "+390432123456"),
        ("tel:+39-0432-123456", "+390432123456"),
        ("TEL:0432123456;phone-context=+39", "+390432123456"),
        ("callto://+390432123456", "+390432123456"),
        ("sip:%2B390432123456@pbx.example;user=phone", "+390432123456"),
        ("sips:101@192.0.2.1", "101"),
        ("101@pbx.example", "101"),
        ("+49 89 1234-0", "+498912340"),
        ("089/1234-0 Durchwahl 56", "089123456"),
        ("089/1234-0, Durchwahl: -56", "089123456"),
        ("089 1234 (DW 56)", "089123456"),
        ("089 12345-10 bis -19", "0891234510"),
        ("*21*0432 123456#", "*21*0432123456#"),
        ("#31#", "#31#"),
    ],
)
def test_one_number(raw: str, text: str) -> None:
    cleaned = clean(raw)
    assert (cleaned.text, cleaned.problem) == (text, "")


@pytest.mark.parametrize(
    ("raw", "first"),
    [
        ("0432 1 / 0432 2", "04321"),
        ("0432 123456 / 0432 654321", "0432123456"),
        ("0432 123456/654321", "0432123456"),
        ("0432 123456/7", "0432123456"),
        ("0432 123456 - 347 1234567", "0432123456"),
        ("0432 123456; 347 1234567", "0432123456"),
        ("0432 123456, 347 1234567", "0432123456"),
        ("0432 123456 o 347 1234567", "0432123456"),
        ("089 123456 oder 0171 1234567", "089123456"),
        ("+39 0432 123456 +39 347 1234567", "+390432123456"),
        ("+39 0432 123456+39 347 1234567", "+390432123456"),
        ("0432 123456 0432 654321", "0432123456"),
        ("0432 1 0432 2", "04321"),
        ("0432 123456\n0432 654321", "0432123456"),
    ],
)
def test_two_numbers_give_the_first_never_a_mixture(raw: str, first: str) -> None:
    assert clean(raw).text == first


@pytest.mark.parametrize(
    "raw",
    [
        *("+39 347 / 8942311", "030/123456", "0432 - 123456", "+49/89/1234567", "020 7946 0020", "030 / 0123456"),
        *("0345 678 0345", "09 12 34 56 09", "080 080 002"),
    ],
)
def test_one_number_with_separators_stays_whole(raw: str) -> None:
    digits = "".join(char for char in raw if char.isdigit() or char == "+")
    assert clean(raw).text == digits


@pytest.mark.parametrize(
    ("raw", "text", "extension"),
    [
        ("0432 123456 interno 12", "0432123456", "12"),
        ("0432 123456 int. 12", "0432123456", "12"),
        ("0432 123456 (int. 12)", "0432123456", "12"),
        ("0432/123456 - int 12", "0432123456", "12"),
        ("+44 1632 960123 ext. 12", "+441632960123", "12"),
        ("+44 1632 960123 x12", "+441632960123", "12"),
        ("tel:+390432123456;ext=12", "+390432123456", "12"),
        ("089 123456 Nebenstelle 12", "089123456", "12"),
    ],
)
def test_extension_after_the_answer_is_no_part_of_the_number(raw: str, text: str, extension: str) -> None:
    cleaned = clean(raw)
    assert (cleaned.text, cleaned.extension) == (text, extension)
    assert normalise(raw, UDINE, Direction.STORED).extension == extension


@pytest.mark.parametrize(
    "raw", ["", "   ", "anonymous", "<unknown>", "Anonimo", "unterdrückt", "sip:anonymous@anonymous.invalid"]
)
def test_no_number_is_anonymous(raw: str) -> None:
    found = normalise(raw, UDINE, Direction.IN)
    assert (found.kind, found.supercanonical) == (NumberKind.ANONYMOUS, "")


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("0800 REIFEN", "letters"),
        ("101abc", "letters"),
        ("1-800-FLOWERS", "letters"),
        ("Mario", "no-number"),
        ("½", "no-number"),
        ("mario99@mail.example", "no-number"),
        ("sip:192.0.2.1", "no-number"),
        ("+999 123456", "unknown-country-code"),
        ("+39 0432 123456789012345", "too-long"),
        ("9" * 300, "too-long"),
    ],
)
def test_what_is_no_number_is_refused_with_a_reason(raw: str, reason: str) -> None:
    found = normalise(raw, UDINE, Direction.STORED)
    assert (found.kind, found.reason, found.supercanonical) == (NumberKind.INVALID, reason, "")


TEXT = st.one_of(
    st.text(max_size=300),
    st.text(alphabet="0123456789+ ()/-.,;:oOx#*%@<>[]intexDWbis\n\u202f＋１", max_size=120),
)


@settings(max_examples=400, deadline=None)
@given(
    TEXT, st.sampled_from(Direction), st.sampled_from(Origin), st.sampled_from(Role), st.sampled_from([UDINE, MUNICH])
)
def test_any_text_gives_a_number_or_a_reason(
    raw: str, direction: Direction, origin: Origin, role: Role, site: Location
) -> None:
    found = normalise(raw, site, direction, origin=origin, role=role)
    if found.kind is NumberKind.INVALID:
        assert found.reason
        assert not found.supercanonical
    else:
        assert set(found.supercanonical) <= set("+*#0123456789")
        assert found.supercanonical.count("+") == found.supercanonical.startswith("+")
    if found.kind is NumberKind.EXTERNAL and found.supercanonical.startswith("+"):
        assert len(found.supercanonical) <= 16


PIECES = [
    *("0", "(", "()", "/ 1", " - 1", "x1", "int", "1;", "+", "1 +", "\u202f", "<1", "%2B", ";ext=1"),
    *("O0", "...1", "a1 ", "1,", "1 0", "0 ", "(1", "a:", "1-", "DW1", "*1", "#", "1 o "),
]


@pytest.mark.parametrize("piece", PIECES)
def test_long_repetitions_end(piece: str) -> None:
    # An exponential pattern in the reading would not come back from these.
    for length in (50, 120, 256):
        text = (piece * length)[:length]
        assert normalise(text, UDINE, Direction.STORED) == normalise(text, UDINE, Direction.STORED)
