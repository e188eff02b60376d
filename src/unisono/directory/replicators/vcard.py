"""vCards 2.1, 3.0 and 4.0 (RFC 2426, RFC 6350) as columns: folded and quoted-printable lines, other character sets, bare and
named types, labels of groups. Pure; what cannot be understood is left out, and never raises.
"""

import quopri
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from unisono.directory.model import NUMBER_FIELDS, Field, NumberKind
from unisono.directory.replicators.source import MAX_TEXT, Value
from unisono.directory.replicators.words import kind_of
from unisono.directory.runs.model import BadRow

MAX_CARD = 4 * 1024 * 1024
"""Bytes of one card, its picture included."""
_MOST_COLUMNS = 200
_UNREAD = frozenset({"PHOTO", "LOGO", "SOUND", "KEY", "AGENT", "BEGIN", "END", "VERSION", "PRODID", "REV"})
_ADDRESS_PARTS = ("box", "extended", "street", "city", "state", "postal_code", "country")
"""The components of ADR in their order (RFC 6350 6.3.1)."""
_ENCODINGS = frozenset({"7BIT", "8BIT", "BASE64", "B", "QUOTED-PRINTABLE", "Q"})
_PARAMETER = re.compile(r';([^=;:"]+)(?:=((?:"[^"]*"|[^;:"])*))?')
_HEAD = re.compile(r"(?:([A-Za-z0-9-]+)\.)?([A-Za-z0-9-]+)")
_PIECE = re.compile(r'"([^"]*)"|([^,"]+)')
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_CARET = re.compile(r"\^([n'^])")
_APPLE = re.compile(r"_\$!<(.*)>!\$_")
_SOFT_BREAK = re.compile(rb"=\r?\n?$")

OWN: Mapping[str, Field] = {
    f"X-UNISONO-{field.value.upper().replace('_', '-')}": field
    for field in (Field.OFFICE_ROOM_NUMBER, Field.CUSTOMER_ID, Field.CTI_USER, Field.DIRECT_LINK)
}
"""Properties of our exports for what no standard has a place for."""
FIELDS: Mapping[str, Field] = {
    "FN": Field.DISPLAY_NAME,
    "N.given": Field.FIRST_NAME,
    "N.family": Field.LAST_NAME,
    "ORG": Field.COMPANY,
    "ORG.unit": Field.DEPARTMENT,
    "TITLE": Field.JOB_TITLE,
    **{f"TEL.{kind.value}": name for name, kind in NUMBER_FIELDS.items()},
    "EMAIL": Field.EMAIL,
    **{
        f"ADR.{kind}.{part}": Field(f"{kind}_{part}")
        for kind in ("business", "private", "other")
        for part in ("street", "postal_code", "city", "state", "country")
    },
    "URL": Field.WEB,
    "IMPP.sip": Field.SIP_ADDRESS,
    "NOTE": Field.NOTE,
    "CLASS.private": Field.PRIVATE_CONTACT,
    **OWN,
}
"""What the columns mean; a card has others besides, named as its properties."""


@dataclass(frozen=True, slots=True)
class Property:
    """One line of a card: `TEL`, its value as written, parameters by their names in capitals, and the group it stands in."""

    name: str
    value: str
    parameters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    group: str = ""

    @property
    def text(self) -> str:
        """The value without escapes."""
        return _unescaped(self.value)

    @property
    def components(self) -> tuple[str, ...]:
        """The components of a structured value, several values of one joined by a blank (RFC 6350 6.2.2)."""
        return tuple(" ".join(_unescaped(part) for part in _split(each, ",") if part) for each in _split(self.value, ";"))

    @property
    def types(self) -> str:
        """Its types as words."""
        return " ".join(self.parameters.get("TYPE", ()))


@dataclass(frozen=True, slots=True)
class Card:
    """A card, and the line where it begins, from 1."""

    line: int
    properties: tuple[Property, ...]


def cards(lines: Iterable[bytes]) -> Iterator[Card | BadRow]:
    """The cards of a file or an answer, given as its lines; what stands between them is passed over."""
    found: list[Property] = []
    begun = size = depth = 0
    for number, line in _unfolded(lines):
        word = line[:12].strip().upper()
        if word == b"BEGIN:VCARD":
            depth += 1
            if depth == 1:
                found, begun, size = [], number, 0
        elif word == b"END:VCARD" and depth:
            depth -= 1  # a card may stand in a card: the agent of 2.1
            if not depth:
                yield Card(begun, tuple(found)) if size <= MAX_CARD else _too_large(begun, size)
        elif depth:
            size += len(line)
            if depth == 1 and len(line) <= MAX_TEXT and size <= MAX_CARD:
                read = _property(line)
                if read is not None:
                    found.append(read)
    if depth:
        yield BadRow(begun, "card-open")


def _too_large(line: int, size: int) -> BadRow:
    return BadRow(line, "row-too-large", {"bytes": size, "most": MAX_CARD})


def columns(card: Card) -> dict[str, Value]:
    """What a card says, by columns; several values of one kind are several."""
    found: dict[str, list[str]] = {}
    labels = {each.group: _label(each.text) for each in card.properties if each.name == "X-ABLABEL" and each.group}
    for each in card.properties:
        if each.name in _UNREAD or each.name == "X-ABLABEL":
            continue
        for name, value in _of(each, labels.get(each.group, "") if each.group else ""):
            if value and (name in found or len(found) < _MOST_COLUMNS):
                found.setdefault(name, []).append(value)
    return {name: values[0] if len(values) == 1 else tuple(dict.fromkeys(values)) for name, values in found.items()}


def _of(each: Property, label: str) -> Iterator[tuple[str, str]]:
    match each.name:
        case "N":
            yield from zip(("N.family", "N.given", "N.additional", "N.prefix", "N.suffix"), each.components, strict=False)
        case "ORG":
            company, *units = each.components or ("",)
            yield "ORG", company
            yield "ORG.unit", ", ".join(unit for unit in units if unit)
        case "TEL":
            yield f"TEL.{_kind(f'{each.types} {label}').value}", _number(each.text)
        case "ADR":
            words = each.types.lower()
            kind = "private" if "home" in words else "business" if "work" in words or not words else "other"
            for part, value in zip(_ADDRESS_PARTS, each.components, strict=False):
                yield f"ADR.{kind}.{part}", value
        case "IMPP" | "X-SIP":
            if each.name == "X-SIP" or each.text.lower().startswith(("sip:", "sips:")):
                yield "IMPP.sip", each.text
            else:
                yield "IMPP", each.text
        case "CLASS":
            yield "CLASS.private", "" if each.text.upper() in ("PUBLIC", "") else "yes"
        case "EMAIL":
            yield each.name, each.text.removeprefix("mailto:")
        case _:
            yield each.name, each.text


def _kind(words: str) -> NumberKind:
    """A number that is only said to be a voice number is a business one."""
    return kind_of(words.replace("text", "").strip())


def _number(value: str) -> str:
    """A number as dialled; the URI of RFC 3966 without its scheme, its extension behind."""
    if not value.lower().startswith("tel:"):
        return value
    number, *parameters = unquote(value[4:]).split(";")
    extension = next((each[4:] for each in parameters if each.lower().startswith("ext=")), "")
    return f"{number} ext. {extension}" if extension else number


def _label(text: str) -> str:
    known = _APPLE.fullmatch(text)
    return known[1] if known else text


def _unfolded(lines: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Whole lines with the numbers of their first: folded by a blank, or softly broken if quoted-printable."""
    parts: list[bytes] = []
    first = size = 0
    soft = False
    for number, line in enumerate(lines, 1):
        plain = line.rstrip(b"\r\n")
        if parts and (plain[:1] in (b" ", b"\t") or (soft and parts[-1].endswith(b"="))):
            size += len(plain)
            if soft and parts[-1].endswith(b"="):
                parts[-1] = parts[-1][:-1]
            elif plain:
                plain = plain[1:]
            if size <= MAX_CARD:
                parts.append(plain)
            continue
        if parts:
            yield first, b"".join(parts)
        parts, first, size = [plain], number, len(plain)
        soft = b"QUOTED-PRINTABLE" in plain[:300].upper()
    if parts:
        yield first, b"".join(parts)


def _property(line: bytes) -> Property | None:
    decoded = line.decode("utf-8", "surrogateescape")
    head = _HEAD.match(decoded)
    if head is None:
        return None
    found: dict[str, list[str]] = {}
    at = head.end()
    while parameter := _PARAMETER.match(decoded, at):
        at = parameter.end()
        name, given = parameter[1].strip().upper(), parameter[2]
        if given is None:  # as in 2.1: a value without the parameter's name
            name, given = ("ENCODING" if name in _ENCODINGS else "TYPE"), parameter[1].strip()
        pieces = found.setdefault(name, [])
        pieces += (_CARET.sub(_uncaret, quoted or plain).strip() for quoted, plain in _PIECE.findall(given))
    if decoded[at : at + 1] != ":":
        return None
    name, group = head[2].upper(), (head[1] or "").lower()
    if name in _UNREAD:
        return Property(name, "")
    parameters = {parameter: tuple(pieces) for parameter, pieces in found.items()}
    return Property(name, _value(decoded[at + 1 :], parameters), parameters, group)


def _value(written: str, parameters: Mapping[str, tuple[str, ...]]) -> str:
    data = written.encode("utf-8", "surrogateescape")
    if "QUOTED-PRINTABLE" in {each.upper() for each in parameters.get("ENCODING", ())}:
        data = quopri.decodestring(_SOFT_BREAK.sub(b"", data)).replace(b"\r\n", b"\n")
    for charset in (*parameters.get("CHARSET", ())[:1], "utf-8", "cp1252"):
        try:
            text = data.decode(charset).strip()
            text.encode()  # some that Python knows (utf-7, unicode_escape) give halves of letters, which nobody can store
            return text
        except (UnicodeDecodeError, LookupError, ValueError):
            continue
    return data.decode("latin-1").strip()


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], text).strip() if "\\" in text else text.strip()


def _uncaret(found: re.Match[str]) -> str:
    return {"n": "\n", "'": '"', "^": "^"}[found[1]]  # RFC 6868


def _split(text: str, sign: str) -> list[str]:
    """The pieces between signs that are not escaped."""
    if "\\" not in text:
        return text.split(sign)
    pieces, start, at = [], 0, 0
    while at < len(text):
        if text[at] == sign:
            pieces.append(text[start:at])
            start = at + 1
        at += 2 if text[at] == "\\" else 1
    return [*pieces, text[start:]]
