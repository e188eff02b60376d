"""JSON and LDIF as sources: what is in the files becomes records, a broken one costs no other, parts are the file."""

import base64
import json
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unisono.directory.replicators import lines_file, table
from unisono.directory.replicators.flatten import flat
from unisono.directory.replicators.json_file import JsonSettings
from unisono.directory.replicators.json_file import opened_as as json_source
from unisono.directory.replicators.kinds import KINDS, kind_of_file
from unisono.directory.replicators.ldif_file import MAX_ENTRY, LdifSettings
from unisono.directory.replicators.ldif_file import opened_as as ldif_source
from unisono.directory.replicators.source import MAX_TEXT, Divisible, Record, Source, Value
from unisono.directory.replicators.suggest import suggest
from unisono.directory.runs.model import BadRow
from unisono.kernel.errors import Culprit, Fault, Invalid
from unisono.kernel.settings import parse

ANNA = {
    "id": 7,
    "name": {"first": "Anna", "last": "Rossi"},
    "phones": [{"kind": "work", "raw": "0432 1"}, {"kind": "mobile", "raw": "333 2"}],
    "mail": ["a@x.it", "b@x.it"],
    "vip": True,
    "nothing": None,
}
FLAT: dict[str, Value] = {
    "id": "7",
    "name.first": "Anna",
    "name.last": "Rossi",
    "phones.1.kind": "work",
    "phones.1.raw": "0432 1",
    "phones.2.kind": "mobile",
    "phones.2.raw": "333 2",
    "mail": ("a@x.it", "b@x.it"),
    "vip": "true",
}


def read(source: Source) -> list[Record | BadRow]:
    return [item for item in source.read(None) if isinstance(item, Record | BadRow)]


def test_nested_records_become_columns() -> None:
    assert flat(ANNA) == FLAT
    assert flat({"a": {"b": {"c": {"d": {"e": {"f": {"g": {"h": {"i": "too deep"}}}}}}}}}) == {}


def test_each_kind_has_the_key_that_its_module_is_found_by() -> None:
    assert all(kind.key == key for key, kind in KINDS.items())


def test_json_lines(tmp_path: Path) -> None:
    file = tmp_path / "c.jsonl"
    file.write_text(f"{json.dumps(ANNA)}\n\nno json\n[1]\n" + json.dumps({"id": 8, "x": "y" * 200_000}) + '\n{"id": 9}')
    source = json_source(JsonSettings(str(file), key="id"))
    found = read(source)
    assert found[0] == Record("7", FLAT, 1)
    assert [(bad.line, bad.code) for bad in found if isinstance(bad, BadRow)] == [
        (3, "unreadable"),
        (4, "unreadable"),
        (5, "row-too-large"),
    ]
    assert found[-1] == Record("9", {"id": "9"}, 6)
    rules = {(rule.field, rule.value) for rule in suggest(source.columns())}
    assert {("entry_id", "{id}"), ("phone", "{phones.1.raw}"), ("email", "{mail}")} <= rules
    assert {("first_name", "{name.first}"), ("last_name", "{name.last}")} <= rules


def test_records_a_level_down_are_found(tmp_path: Path) -> None:
    file = tmp_path / "c.json"
    file.write_text(json.dumps({"meta": {"tags": ["x"], "pages": 1}, "data": {"total": 2, "items": [{"id": 1}, {"id": 2}]}}))
    found = read(json_source(JsonSettings(str(file), form="document")))
    assert [record.values for record in found if isinstance(record, Record)] == [{"id": "1"}, {"id": "2"}]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("form", ["lines", "document"])
def test_a_mark_at_the_beginning_tells_how_json_is_coded(
    tmp_path: Path, form: Literal["lines", "document"], encoding: str
) -> None:
    file = tmp_path / "c.txt"
    file.write_bytes('{"id": "7", "name": "Jörg \u010c Ċ"}\n'.encode(encoding))
    source = json_source(JsonSettings(str(file), form=form, key="id"))
    assert read(source) == [Record("7", {"id": "7", "name": "Jörg Č Ċ"}, 1)]


def test_ldif_with_a_mark_of_two_bytes_a_letter(tmp_path: Path) -> None:
    file = tmp_path / "c.ldif"
    file.write_bytes("dn: cn=a\r\ncn: Jörg\r\n\r\ndn: cn=b\r\ncn: Ċ\r\n".encode("utf-16"))
    found = read(ldif_source(LdifSettings(str(file))))
    assert [item.values for item in found if isinstance(item, Record)] == [{"cn": "Jörg"}, {"cn": "Ċ"}]


@pytest.mark.parametrize(
    ("document", "records"), [([ANNA], ""), ({"count": 1, "items": [ANNA]}, ""), ({"a": {"b": [ANNA]}}, "a.b")]
)
def test_a_document(tmp_path: Path, document: object, records: str) -> None:
    file = tmp_path / "c.json"
    file.write_text(json.dumps(document))
    assert read(json_source(JsonSettings(str(file), records=records))) == [Record("", FLAT, 1)]


def test_a_record_of_a_document_is_not_larger_than_others(tmp_path: Path) -> None:
    file = tmp_path / "c.json"
    file.write_text(json.dumps([{"name": "Anna", "x": "x" * 140_000}, ANNA]))
    large, anna = json_source(JsonSettings(str(file))).read(None)
    assert isinstance(large, BadRow)
    assert (large.code, large.line) == ("row-too-long", 1)
    assert anna == Record("", FLAT, 2)


@pytest.mark.parametrize("text", ["", "{", "[]", '"x"', '{"a": 1'])
def test_what_is_no_json_document(tmp_path: Path, text: str) -> None:
    file = tmp_path / "c.json"
    file.write_text(text)
    with pytest.raises(Invalid):
        json_source(JsonSettings(str(file))).columns()


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_records_in_a_line_each_are_told_from_a_document(tmp_path: Path, mark: str) -> None:
    file = tmp_path / "c.json"
    file.write_text(mark + '{"name": "Anna"}\r\n{"name": "Ben"}\r\n')
    with pytest.raises(Invalid) as caught:
        json_source(JsonSettings(str(file))).columns()
    assert (caught.value.code, caught.value.data) == ("json-lines", {"field": "form"})
    assert len(read(json_source(JsonSettings(str(file), form="lines")))) == 2
    with pytest.raises(Invalid, match=r"name it \.jsonl"):  # called .csv it is the same
        table.sniff(file.read_bytes())


@pytest.mark.parametrize(
    ("name", "text", "line", "reason"),
    [
        ("c.json", json.dumps([7, "x"]), 1, "it cannot be read: this is no record, but a single value"),
        ("c.json", json.dumps([{"name": "ö" * 140_000}]), 1, "it has 140,000 characters; a row may have 131,072"),
        ("c.jsonl", "\n[1]", 2, "it cannot be read: Expected `object`, got `array`"),
        ("c.vcf", "\nBEGIN:VCARD\nFN:Anna", 2, "the card does not end"),
        ("c.xml", f"<a><b>\n</b><b c='{'ö' * 140_000}'/></a>", 2, "it has 140,000 characters; a row may have 131,072"),
        ("c.ldif", "dn: cn=a\nchangetype: delete\ncn: a", 1, "it is a change (delete), not an entry"),
    ],
)  # fmt: skip
def test_a_file_without_any_good_record_says_why(tmp_path: Path, name: str, text: str, line: int, reason: str) -> None:
    file = tmp_path / name
    file.write_text(text)
    kind = next(kind for kind in KINDS.values() if name.endswith(kind.suffixes or ("-",)))
    source = kind.open(parse({"file": str(file)}, kind.settings))
    for ask in (source.check, source.columns):
        with pytest.raises(Invalid) as caught:
            ask()
        assert caught.value.code == "no-good-row"
        assert (caught.value.data["line"], caught.value.data["reason"]) == (line, reason)


LDIF = f"""version: 1

dn: dc=meta
objectClass: domain
dc: meta

# a comment
dn: uid=7,dc=meta
objectClass: inetOrgPerson
cn: Anna
  Rossi
SN:: {base64.b64encode("Müller".encode()).decode()}
telephonenumber: +39 0432 1
telephoneNumber: +39 0432 2
description;lang-de: hier
jpegPhoto:: {base64.b64encode(bytes(range(256))).decode()}
empty:

dn: uid=8,dc=meta
changetype: delete

dn: uid=9,dc=meta
objectClass: person
cn: Ben
description:< file:///etc/passwd
jpegPhoto:< file:///tmp/ldapsearch-jpegPhoto-Tgt4oR

dn:< file:///etc/passwd
objectClass: person
cn: Carla

dn: uid=10,dc=meta
cn: Last
"""


@pytest.mark.parametrize("sign", ["\v", "\f", "\x1c", "\x85", "\u2028"])
def test_only_line_feeds_end_a_line_of_ldif(tmp_path: Path, sign: str) -> None:
    file = tmp_path / "c.ldif"
    file.write_text(f"dn: cn=anna\ncn: Anna\ndescription: a{sign}telephoneNumber: 113\n")
    [found] = ldif_source(LdifSettings(str(file))).read(None)
    assert isinstance(found, Record)
    assert found.values == {"cn": "Anna", "description": f"a{sign}telephoneNumber: 113"}


def test_a_picture_or_a_certificate_keeps_nobody_out(tmp_path: Path) -> None:
    picture = base64.b64encode(b"\xff\xd8" * 100_000).decode()
    file = tmp_path / "c.ldif"
    file.write_text(
        f"dn: uid=1\ncn: Anna\njpegPhoto:: {picture}\naudio:: {picture}\nuserCertificate;binary:: no base64\n\n"
        f"dn: uid=2\ncn: Ben\ndescription: {'ö' * MAX_TEXT}\n\n"
        f"dn: uid=3\ncn: Carla\n{f'audio:: {picture}' * 20}\n"
    )
    assert read(ldif_source(LdifSettings(str(file)))) == [
        Record("uid=1", {"cn": "Anna"}, 1),
        BadRow(7, "row-too-long", {"characters": MAX_TEXT + 3, "most": MAX_TEXT}),
        BadRow(11, "row-too-large", {"bytes": 20 * (len(picture) + 8) + 21, "most": MAX_ENTRY}),
    ]


def test_two_entries_without_an_empty_line_between_are_two(tmp_path: Path) -> None:
    file = tmp_path / "c.ldif"
    file.write_text("version: 1\nDN: uid=1\ncn: Anna\n dn: no\ndn:: dWlkPTI=\ncn: Ben\n")
    assert read(ldif_source(LdifSettings(str(file)))) == [
        Record("uid=1", {"cn": "Annadn: no"}, 2),
        Record("uid=2", {"cn": "Ben"}, 5),
    ]


def test_an_entry_without_a_name_is_listed(tmp_path: Path) -> None:
    file = tmp_path / "c.ldif"
    file.write_text(
        "version: 1\n\ndn: uid=1\ncn: Anna\n\n# its name was lost\ncn: Ben\ntelephoneNumber: 1\n\nobjectClass: domain\n"
        "dc: x\n\nobjectClass: person\n\n"
        "# search reference\nref: ldap://x.example/\n\n# search result\nsearch: 2\nresult: 0 Success\n"
        "\n# numResponses: 5\n"
    )
    assert read(ldif_source(LdifSettings(str(file)))) == [
        Record("uid=1", {"cn": "Anna"}, 3),
        BadRow(6, "ldif-no-dn"),
        BadRow(13, "ldif-no-dn"),
    ]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_ldif(tmp_path: Path, newline: str) -> None:
    file = tmp_path / "c.ldif"
    file.write_bytes(LDIF.replace("\n", newline).encode())
    source = ldif_source(LdifSettings(str(file)))
    found = read(source)
    assert found[0] == Record(
        "uid=7,dc=meta",
        {"cn": "Anna Rossi", "sn": "Müller", "telephoneNumber": ("+39 0432 1", "+39 0432 2"), "description": "hier"},
        8,
    )
    assert [(bad.line, bad.code) for bad in found if isinstance(bad, BadRow)] == [(19, "ldif-change"), (28, "ldif-no-dn")]
    assert found[-2:] == [BadRow(28, "ldif-no-dn"), Record("uid=10,dc=meta", {"cn": "Last"}, 32)]
    assert Record("uid=9,dc=meta", {"cn": "Ben"}, 22) in found  # no file but this one was read
    assert {rule.field for rule in suggest(source.columns())} == {"display_name", "last_name", "phone_business", "note"}


def test_a_file_without_ends_of_records_is_not_read_as_a_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines_file, "PART", 40)
    monkeypatch.setattr(lines_file, "_LARGEST", 400)
    file = tmp_path / "c.jsonl"
    giant = json.dumps({"id": 3, "x": "y" * 500})
    small = [json.dumps({"id": number}) for number in (1, 2, 4)]
    file.write_text("\n".join([*small[:2], giant, small[2], ""]))
    source = json_source(JsonSettings(str(file), key="id"))
    assert isinstance(source, Divisible)
    assert [(item.line, item.key if isinstance(item, Record) else item.code) for item in read(source)] == [
        (1, "1"), (2, "2"), (3, "row-too-large"), (4, "4"),
    ]  # fmt: skip
    file.write_text(giant)
    source = json_source(JsonSettings(str(file), key="id"))
    for look in (source.check, source.columns):
        with pytest.raises(Invalid, match="Line 1: it has 518 bytes; a row may have 400"):
            look()


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_entries_without_empty_lines_between_are_cut_into_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, newline: str
) -> None:
    monkeypatch.setattr(lines_file, "PART", 40)
    monkeypatch.setattr(lines_file, "_LARGEST", 400)
    file = tmp_path / "c.ldif"
    entries = [f"dn: uid={number}\ncn: Anna\n" for number in range(50)]
    entries[20] += f"sn: {'x' * 500}\n"
    file.write_bytes("".join(entries).replace("\n", newline).encode())
    found = read(ldif_source(LdifSettings(str(file))))
    assert [item.line for item in found] == [2 * number + 1 + (number > 20) for number in range(50)]
    assert [(item.line, item.code) for item in found if isinstance(item, BadRow)] == [(41, "row-too-large")]


@given(
    st.lists(st.sampled_from(["cn: a", "cn: ü\nsn: b", "cn: c\n d"]), min_size=1, max_size=60),
    st.integers(1, 40),
    st.sampled_from(["\n\n", "\n", "\n\n\n", "\r\n\r\n"]),
)
def test_parts_together_are_the_file(
    tmp_path_factory: pytest.TempPathFactory, entries: list[str], size: int, between: str
) -> None:
    file = tmp_path_factory.getbasetemp() / "parts.ldif"
    file.write_bytes(between.join(f"dn: uid={number}\n{entry}" for number, entry in enumerate(entries)).encode())
    source = ldif_source(LdifSettings(str(file)))
    assert isinstance(source, Divisible)
    whole = read(source)
    assert len(whole) == len(entries)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(lines_file, "PART", size)
        parts = list(source.parts())
        assert [item for part in parts for item in source.read_part(part)] == whole
    assert [part.begin for part in parts[1:]] == [part.end for part in parts[:-1]]


@given(st.binary(max_size=300) | st.text("dn:= \nabc#<\r", max_size=200).map(str.encode))
def test_anything_can_be_dropped_on_them(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "anything"
    file.write_bytes(data)
    for source in (
        ldif_source(LdifSettings(str(file))),
        json_source(JsonSettings(str(file), form="lines")),
        json_source(JsonSettings(str(file), form="document")),
    ):
        with suppress(Invalid):
            assert all(isinstance(item, Record | BadRow) for item in read(source))
            source.check()


def test_the_name_of_a_file_says_its_kind() -> None:
    found = {suffix: kind_of_file(Path(f"Contacts{suffix.upper()}")).key for kind in KINDS.values() for suffix in kind.suffixes}
    assert found[".csv"] == "csv"
    assert found[".jsonl"] == "json"
    with pytest.raises(Invalid, match=r"\.csv"):
        kind_of_file(Path("contacts.doc"))


def source_of(file: Path) -> Source:
    kind = kind_of_file(file)
    return kind.open(parse({"file": str(file)}, kind.settings))


@pytest.mark.parametrize("name", ["c.csv", "c.jsonl", "c.ldif"])
def test_a_file_that_is_cut_off_after_it_was_looked_at_is_read_as_it_was(tmp_path: Path, name: str) -> None:
    row = {"c.csv": "Anna;0432 1\n", "c.jsonl": '{"n": "Anna"}\n', "c.ldif": "dn: cn=a\ncn: a\n\n"}[name]
    file = tmp_path / name
    file.write_text(row * 100_000)
    source = source_of(file)
    source.columns()
    file.write_text("")
    assert len(read(source)) == 100_000


@pytest.mark.parametrize("change", [lambda file: os.truncate(file, 100_000), lambda file: os.utime(file, (1, 1))])
@pytest.mark.parametrize("name", ["c.vcf", "c.xml"])
def test_a_file_that_changes_while_it_is_read_is_no_good_one(
    tmp_path: Path, name: str, change: Callable[[Path], None]
) -> None:
    file = tmp_path / name
    card = "BEGIN:VCARD\nFN:Anna\nEND:VCARD\n" * 50_000
    file.write_text(card if name == "c.vcf" else f"<a>{'<b><n>Anna</n></b>' * 50_000}</a>")
    items = source_of(file).read(None)
    assert isinstance(next(items), Record)
    change(file)
    with pytest.raises(Fault) as caught:
        list(items)
    assert (caught.value.code, caught.value.culprit) == ("file-changed", Culprit.PEER)


def test_a_file_that_is_written_while_it_is_copied_is_no_good_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "c.csv"
    file.write_text("Name;Phone\nAnna;0432 1\n" * 1_000)
    send = os.sendfile

    def meanwhile(*which: int) -> int:
        with file.open("a") as more:
            more.write("Ben")
        return send(*which)

    monkeypatch.setattr(os, "sendfile", meanwhile)
    with pytest.raises(Fault) as caught:
        source_of(file).columns()
    assert caught.value.code == "file-changed"
