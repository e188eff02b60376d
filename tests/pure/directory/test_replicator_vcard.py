"""vCards as telephones and programs write them, of every version, as columns."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unisono.directory.replicators.mapping import Mapper
from unisono.directory.replicators.source import Column, Record, Value
from unisono.directory.replicators.suggest import suggest
from unisono.directory.replicators.vcard import FIELDS, Card, cards, columns
from unisono.directory.runs.model import BadRow

VERSION_2 = """BEGIN:VCARD\r
VERSION:2.1\r
N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=C3=B6rg;;Dr.;\r
FN;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:Dr. J=F6rg=\r
 M=FCller\r
TEL;WORK;VOICE:0432 546462\r
TEL;CELL:+39 333 1\r
TEL;HOME;FAX:0432 9\r
ADR;WORK:;;Via Roma 1;Udine;UD;33100;Italia\r
NOTE;ENCODING=QUOTED-PRINTABLE:first=0D=0Asecond=\r
=0D=0Athird\r
PHOTO;JPEG;ENCODING=BASE64:/9j/4AAQSkZJRgABAQ\r
 AAAQABAAD\r
\r
END:VCARD\r
"""
VERSION_3 = """BEGIN:VCARD
VERSION:3.0
UID:5A1B
N:Rossi;Anna;Maria,Luisa;;
FN:Anna Rossi
ORG:Rossi \\& Figli\\, Soc. a r.l.;Vendite;Estero
TITLE:Responsabile
item1.TEL;type=pref:+39 0432 1
item1.X-ABLabel:_$!<Main>!$_
item2.TEL:+39 333 2
item2.X-ABLabel:iPhone
TEL;TYPE=WORK,VOICE:+39 0432 3
TEL;TYPE=WORK;TYPE=FAX:+39 0432 4
TEL;TYPE="home,voice":+39 0432 5
EMAIL;TYPE=INTERNET;TYPE=WORK:anna@company.example
EMAIL:anna@home.example
ADR;TYPE=home:;;Via Lunga 2\\; scala B;Milano;;20100;Italy
IMPP;X-SERVICE-TYPE=SIP:sip:anna@company.example
IMPP:xmpp:anna@company.example
CLASS:PRIVATE
X-CUSTOMER:42
NOTE:one\\ntwo\\\\n
END:VCARD
"""
VERSION_4 = """BEGIN:VCARD
VERSION:4.0
FN;PREF=1:Mario Bianchi
N;SORT-AS="Bianchi,Mario":Bianchi;Mario;;;
TEL;VALUE=uri;PREF=1;TYPE="voice,work":tel:+39-0432-546462;ext=102
TEL;VALUE=uri;TYPE=cell:tel:+39-333-7
EMAIL;PID=4.1;LABEL="see: x^'y":mario@company.example
ORG;SORT-AS="ACME":ACME
URL:https://company.example/a;b
NOTE:a very long
  line
END:VCARD
"""


def read(text: str | bytes) -> list[dict[str, Value] | BadRow]:
    data = text.encode() if isinstance(text, str) else text
    return [columns(item) if isinstance(item, Card) else item for item in cards(data.splitlines(keepends=True))]


def test_version_2_with_its_encodings() -> None:
    assert read(VERSION_2) == [{
        "N.family": "Müller", "N.given": "Jörg", "N.prefix": "Dr.", "FN": "Dr. Jörg Müller",
        "TEL.business": "0432 546462", "TEL.mobile": "+39 333 1", "TEL.fax-home": "0432 9",
        "ADR.business.street": "Via Roma 1", "ADR.business.city": "Udine", "ADR.business.state": "UD",
        "ADR.business.postal_code": "33100", "ADR.business.country": "Italia", "NOTE": "first\nsecond\nthird",
    }]  # fmt: skip


def test_version_3_with_groups_and_escapes() -> None:
    assert read(VERSION_3) == [{
        "UID": "5A1B", "N.family": "Rossi", "N.given": "Anna", "N.additional": "Maria Luisa", "FN": "Anna Rossi",
        "ORG": "Rossi & Figli, Soc. a r.l.", "ORG.unit": "Vendite, Estero", "TITLE": "Responsabile",
        "TEL.company-main": "+39 0432 1", "TEL.mobile": "+39 333 2", "TEL.business": "+39 0432 3",
        "TEL.fax-business": "+39 0432 4", "TEL.home": "+39 0432 5", "EMAIL": ("anna@company.example", "anna@home.example"),
        "ADR.private.street": "Via Lunga 2; scala B", "ADR.private.city": "Milano", "ADR.private.postal_code": "20100",
        "ADR.private.country": "Italy", "IMPP.sip": "sip:anna@company.example", "IMPP": "xmpp:anna@company.example",
        "CLASS.private": "yes", "X-CUSTOMER": "42", "NOTE": "one\ntwo\\n",
    }]  # fmt: skip


def test_version_4_with_uris() -> None:
    assert read(VERSION_4) == [{
        "FN": "Mario Bianchi", "N.family": "Bianchi", "N.given": "Mario", "TEL.business": "+39-0432-546462 ext. 102",
        "TEL.mobile": "+39-333-7", "EMAIL": "mario@company.example", "ORG": "ACME", "URL": "https://company.example/a;b",
        "NOTE": "a very long line",
    }]  # fmt: skip


def test_several_cards_and_what_stands_between() -> None:
    found = list(cards(f"junk\n{VERSION_3}\n\n{VERSION_4}".encode().splitlines(keepends=True)))
    assert [item.line for item in found if isinstance(item, Card)] == [2, 27]


def test_letters_of_an_old_machine_are_read() -> None:
    assert read("BEGIN:VCARD\nFN:Jörg\nEND:VCARD\n".encode("cp1252")) == [{"FN": "Jörg"}]
    assert read(b"BEGIN:VCARD\nFN;CHARSET=nonsense:J\xc3\xb6rg\nEND:VCARD\n") == [{"FN": "Jörg"}]


def test_the_agent_within_a_card_is_not_the_card() -> None:
    text = "BEGIN:VCARD\nFN:Boss\nAGENT:\nBEGIN:VCARD\nFN:Secretary\nEND:VCARD\nTEL:1\nEND:VCARD\n"
    assert read(text) == [{"FN": "Boss", "TEL.business": "1"}]


def test_a_card_that_does_not_end_is_said() -> None:
    assert read("BEGIN:VCARD\nFN:x\n") == [BadRow(1, "card-open")]


def test_a_card_with_a_huge_picture_is_said_and_the_next_is_read() -> None:
    picture = "PHOTO;ENCODING=b:" + "\n ".join(["A" * 74] * 60_000)
    found = read(f"BEGIN:VCARD\nFN:x\n{picture}\nNOTE:{'y' * 200_000}\nEND:VCARD\n{VERSION_4}")
    assert isinstance(found[0], BadRow)
    assert (found[0].code, type(found[1])) == ("row-too-large", dict)


def test_the_columns_mean_fields_without_a_word_from_an_admin() -> None:
    found = [each for each in read(VERSION_3 + VERSION_2) if not isinstance(each, BadRow)]
    names = dict.fromkeys(name for each in found for name in each)
    rules = suggest([Column(name, (), FIELDS[name].value if name in FIELDS else "") for name in names])
    draft = Mapper(rules, lambda raw, region: raw).draft(Record("k", found[1]))
    assert not isinstance(draft, BadRow)
    assert (draft.texts["display_name"], {number.kind.value for number in draft.numbers}) == (
        "Dr. Jörg Müller", {"business", "mobile", "fax-home"},
    )  # fmt: skip
    private = Mapper(rules, lambda raw, region: raw).draft(Record("k", found[0], 7))
    assert private == BadRow(7, "private")


_ODD = (
    b"BEGIN:VCARD", b"END:VCARD", b"N:;;", b"ORG:", b"ADR;X=:", b"TEL;VALUE=uri:tel:", b" =", b'N;=":a', b"a.:b",
    b'TEL;TYPE="a', b"NOTE;QUOTED-PRINTABLE:a=", b"NOTE;ENCODING=Q:=", b"FN;CHARSET=\x00:a", b"FN;CHARSET=idna:\xff",
    b"FN;CHARSET=base64:x", b"FN;CHARSET=utf-7:+2AA-", b"UID;CHARSET=unicode_escape:\\ud800",
)  # fmt: skip


@pytest.mark.parametrize("line", [b"FN;CHARSET=utf-7:a+2AA-", b"FN;CHARSET=unicode_escape:a\\ud800"])
def test_half_a_letter_is_none(line: bytes) -> None:
    (found,) = read(b"BEGIN:VCARD\n" + line + b"\nEND:VCARD")
    assert isinstance(found, dict)
    assert "".join(found["FN"]).encode()[:1] == b"a"


@given(st.lists(st.one_of(st.binary(max_size=40), st.sampled_from(_ODD))))
def test_nothing_makes_it_raise(lines: list[bytes]) -> None:
    for text in (b"\n".join(lines), b"BEGIN:VCARD\n" + b"\n".join(lines) + b"\nEND:VCARD"):
        for found in read(text):
            if isinstance(found, dict):
                assert all(found.values())
                "".join(text for value in found.values() for text in value).encode()


@pytest.mark.parametrize("name", FIELDS)
def test_every_column_has_a_field(name: str) -> None:
    assert FIELDS[name].value
