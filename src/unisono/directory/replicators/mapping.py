"""What the columns of a source mean: rules from expressions to the fields of a contact, applied to records. Pure.

A rule fills one field. Numbers and e-mail addresses may have several rules each; all that are not empty are taken. Two fields
are not a contact's own: `country` says whose way of writing the numbers have, and `phone` is a number whose kind stands in
another column (`kind`: work, mobile, Fax, Büro, casa ...).
"""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import cast

import msgspec

from unisono.directory.model import CUSTOM, NUMBER_FIELDS, Address, AddressKind, Contact, ContactNumber, Field, NumberKind
from unisono.directory.replicators.expression import Expression, ExpressionError, parse
from unisono.directory.replicators.source import MAX_TEXT, Record, Value
from unisono.directory.replicators.words import kind_of, region_of
from unisono.directory.runs.model import BadRow
from unisono.kernel.errors import Invalid
from unisono.numbers.clean import clean

COUNTRY = "country"
PHONE = "phone"
CANONICAL = ".canonical"
"""Behind a number's field: its super-canonical form, from sources that know it (another Unisono)."""
_SUPER_CANONICAL = re.compile(r"\+[1-9][0-9]{1,14}|(?!0[0-9]{4})[0-9]{1,8}|(?=.*[*#])[0-9*#]{1,32}", re.ASCII)
"""ITU-T E.164 6.2; else an extension or a service as it is dialled, or a feature code."""
MOST_RULES = 500
MOST_NUMBERS = 40
"""Numbers that a contact has."""
MOST_TEXT = 2_000
"""Characters of a field; a note may have as many as its record."""

ReadNumber = Callable[[str, str], str]
"""(a number as written, the region whose way that is or "") to its super-canonical form, "" if it is none."""

_TEXTS = (
    "display_name", "first_name", "last_name", "company", "job_title", "department", "office_room_number", "customer_id",
    "cti_user", "sip_address", "web", "note", "direct_link", "entry_id", "private_contact", COUNTRY,
)  # fmt: skip
_EMAILS = (Field.EMAIL.value, Field.EMAIL_2.value, Field.EMAIL_3.value)
_PARTS = ("street", "postal_code", "city", "state", "country")
_ADDRESSES = tuple((kind, tuple(f"{kind.value}_{part}" for part in _PARTS)) for kind in AddressKind)
_NUMBERS = {field.value: kind for field, kind in NUMBER_FIELDS.items()}
_SINGLE = frozenset((*_TEXTS, *(name for _, names in _ADDRESSES for name in names)))
_PRIVATE = Field.PRIVATE_CONTACT.value
_YES = frozenset({"1", "true", "yes", "y", "x", "si", "sì", "ja", "wahr", "vero"})
_NAMES = ("display_name", "first_name", "last_name", "company")
_FINDABLE = frozenset({*_NAMES, PHONE, *_EMAILS, *_NUMBERS})


_SEVERAL = 13
"""Characters of a text that may hold several numbers."""
_DIGITS = 6
"""Of each of them, at least: what has fewer is an area or an extension."""
_WHOLE = 10
"""Digits of a number that is whole, area and all."""
_TOLD = 200
"""Characters of an odd text that a report shows."""
_BETWEEN = re.compile(r"[;,|&\n]|\s(?:o|oder|or|und|e|and)\s|(?P<within>/|\s[-–]\s)", re.I)

_MAY_BE_BETWEEN = frozenset("/;,|&\n-–oOuUeEaA")
"""Signs without one of which nothing stands between numbers: quicker to see than by the expression."""


_FLOAT = re.compile(r"[1-9]\d{5,}\.0")
"""What programs write that took a number for an amount; nobody does."""


def numbers_of(raw: str) -> Sequence[str]:
    """The numbers of one text, as they are written there: `0432 111111 / 0432 222222; 0432 333333`; mostly it is one.

    Slash and dash also stand within a number, between its area and the rest: `0049 (0)89 / 9999837`.
    """
    if raw[-2:] == ".0" and _FLOAT.fullmatch(raw):
        return (raw[:-2],)
    if not _SEVERAL <= len(raw) <= MOST_TEXT or _MAY_BE_BETWEEN.isdisjoint(raw) or not _BETWEEN.search(raw):
        return (raw,)
    found: list[str] = []
    begin = at = before = 0
    behind = sum(map(str.isdigit, raw))
    for match in _BETWEEN.finditer(raw):
        more = sum(map(str.isdigit, raw[at : match.start()]))
        at, before, behind = match.end(), before + more, behind - more
        whole = match["within"] is None or before >= _WHOLE or raw[at:].lstrip().startswith(("0", "+"))
        if before >= _DIGITS and behind >= _DIGITS and whole:
            found.append(raw[begin : match.start()].strip())
            begin, before = at, 0
    return (*found, raw[begin:].strip()) if found else (raw,)


_MAIL = re.compile(r"[^@\s;,<>]+@[^@\s;,<>]+")


def mails_of(raw: str) -> tuple[list[str], bool]:
    """The e-mail addresses of one text: `a@b.example; Carla <c@d.example>`, and whether there is nothing else in it."""
    if _MAIL.fullmatch(raw):
        return [raw], True
    pieces: list[str] = []
    for part in re.split("[;,]", raw):
        _, *named = part.split("<")
        for text in [each.partition(">")[0] for each in named] or [part]:
            pieces += text.split()
    mails = [piece for piece in pieces if _MAIL.fullmatch(piece)]
    return mails, len(mails) == len(pieces)


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of a mapping: `field` is made by the expression `value`; `kind` is the expression of a `phone`'s kind."""

    field: str
    value: str
    kind: str = ""


class _Number(msgspec.Struct):
    """How one number is read: `kind`, unless an expression gives its word; `canonical` if the source knows that."""

    value: Expression
    kind: NumberKind
    word: Expression | None = None
    canonical: Expression | None = None


class Draft(msgspec.Struct, gc=False):
    """What a record says about a contact, before it has an id."""

    texts: dict[str, str]
    numbers: tuple[ContactNumber, ...]
    emails: tuple[str, ...]
    addresses: tuple[Address, ...]
    custom: dict[str, str]
    odd: list[BadRow]
    """What cannot be read, or stands beside another in one text; the contact is taken all the same."""

    @property
    def made_key(self) -> tuple[str, ...]:
        """What names a record whose source gives it no key: who it is, and the first way to reach them."""
        first = ""
        if self.numbers:
            first = self.numbers[0].canonical or self.numbers[0].raw
        elif self.emails:
            first = self.emails[0]
        return (*(self.texts.get(field, "") for field in _NAMES), first)

    def contact(self, book: str, key: str) -> Contact:
        """The contact with this key in its book."""
        get = self.texts.get
        first, last, company = get("first_name", ""), get("last_name", ""), get("company", "")
        return Contact(
            contact_id(book, key), book, key, get("display_name") or f"{first} {last}".strip() or company, first, last, company,
            get("job_title", ""), get("department", ""), get("office_room_number", ""), get("customer_id", ""),
            get("cti_user", ""), self.numbers, self.emails, get("sip_address", ""), self.addresses, get("web", ""),
            get("note", ""), get("direct_link", ""), self.custom,
        )  # fmt: skip


class Mapper:
    """A mapping made ready to read records. Raises `Invalid` for rules that cannot be meant, and says where.

    `complete`: also for rules by which nobody could be found, as they are while somebody still chooses them.
    """

    def __init__(self, rules: Sequence[Rule], read_number: ReadNumber, *, complete: bool = True) -> None:
        if len(rules) > MOST_RULES:
            raise Invalid("mapping-too-long", f"A mapping has at most {MOST_RULES} rules.", data={"field": "mapping"})
        self._read_number = read_number
        self._texts: dict[str, Expression] = {}
        self._custom: list[tuple[str, Expression]] = []
        self._emails: list[Expression] = []
        self._numbers: list[_Number] = []
        for rule in rules:
            self._add(rule)
        for rule in rules:
            self._add_canonical(rule)
        if complete and not {rule.field for rule in rules} & _FINDABLE:
            raise Invalid("nothing-mapped", "Map at least one column to a name, a company, a number or an e-mail address.")
        # Most rules are a column as it is, which needs no walk through an expression.
        plain = {field: rule.column for field, rule in self._texts.items() if rule.column}
        self._fields, self._columns = tuple(plain), tuple(plain.values())
        key = self._texts.get(Field.ENTRY_ID.value)
        self._read_key = key.read if key is not None else None
        self._made = [(field, rule) for field, rule in self._texts.items() if not rule.column]
        self._mails = [rule.read for rule in self._emails]
        self._reads = [
            (n.value.read, n.kind, n.word.read if n.word else None, n.canonical.read if n.canonical else None)
            for n in self._numbers
        ]
        self._addresses = [(kind, fields) for kind, fields in _ADDRESSES if not self._texts.keys().isdisjoint(fields)]

    def _add(self, rule: Rule) -> None:
        made = _parsed(rule, rule.value)
        if rule.field.startswith(CUSTOM) and len(rule.field) > len(CUSTOM):
            self._custom.append((rule.field.removeprefix(CUSTOM), made))
        elif rule.field in _EMAILS:
            self._emails.append(made)
        elif rule.field in _NUMBERS:
            self._numbers.append(_Number(made, _NUMBERS[rule.field]))
        elif rule.field == PHONE:
            self._numbers.append(_Number(made, NumberKind.BUSINESS, _parsed(rule, rule.kind)))
        elif rule.field in _SINGLE:
            if rule.field in self._texts:
                raise Invalid("field-twice", f"More than one rule fills {rule.field}.", data={"field": rule.field})
            self._texts[rule.field] = made
        elif rule.field.removesuffix(CANONICAL) not in _NUMBERS:
            raise Invalid("unknown-field", f"There is no field {rule.field!r}.", data={"field": rule.field})

    def _add_canonical(self, rule: Rule) -> None:
        if not rule.field.endswith(CANONICAL):
            return
        kind = _NUMBERS[rule.field.removesuffix(CANONICAL)]
        for number in self._numbers:
            if number.kind is kind and number.canonical is None and number.word is None:
                number.canonical = _parsed(rule, rule.value)
                return
        raise Invalid("unknown-field", f"There is no number for {rule.field!r}.", data={"field": rule.field})

    @property
    def columns(self) -> frozenset[str]:
        """Every column that the rules read."""
        made = [*self._texts.values(), *(rule for _, rule in self._custom), *self._emails]
        made += [each for n in self._numbers for each in (n.value, n.word, n.canonical) if each is not None]
        return frozenset(name for rule in made for name in rule.columns)

    def key(self, record: Record) -> str:
        """What names the record in its book; "" if neither source nor mapping say so."""
        if record.key:
            return record.key
        return _first(self._read_key(record.values)).strip() if self._read_key is not None else ""

    def draft(self, record: Record) -> Draft | BadRow:
        """What a record says, or why it becomes no contact."""
        values = record.values
        found = {field: value for field, value in zip(self._fields, map(values.get, self._columns), strict=True) if value}
        texts = cast("dict[str, str]", found)
        try:
            whole = len("".join(texts.values()))
        except TypeError:  # some columns have several texts
            texts = {field: _first(value) for field, value in found.items()}
            whole = len("".join(texts.values()))
        for field, made in self._made:
            text = _first(made.values(values))
            if text:
                texts[field] = text
                whole += len(text)
        custom = {name: text for name, made in self._custom if (text := _first(made.values(values)))} if self._custom else {}
        if whole + sum(map(len, custom.values())) > MOST_TEXT or _PRIVATE in texts:
            refused = _refused(record.line, texts, custom)
            if refused is not None:
                return refused
        region = region_of(texts[COUNTRY]) if COUNTRY in texts else ""
        odd: list[BadRow] = []
        emails = self._read_emails(record, odd) if self._mails else ()
        addresses = self._read_addresses(texts) if self._addresses else ()
        draft = Draft(texts, self._read_numbers(record, region, odd), emails, addresses, custom, odd)
        if not (draft.numbers or emails or any(name in texts for name in _NAMES)):
            return BadRow(record.line, "nothing-findable")
        return draft

    def _read_numbers(self, record: Record, region: str, odd: list[BadRow]) -> tuple[ContactNumber, ...]:
        found: list[ContactNumber] = []
        values, read_number = record.values, self._read_number
        for read, kind, word, known in self._reads:
            raws = read(values)
            if not raws:
                continue
            of_kind = kind if word is None else kind_of(_joined(word(values)))
            canonicals = _canonicals(record, known(values), odd) if known is not None else ()
            for place, raw in enumerate((raws,) if isinstance(raws, str) else raws):
                if not raw:
                    continue
                canonical = canonicals[place] if place < len(canonicals) else ""
                texts = (raw,) if canonical else numbers_of(raw)
                if len(texts) > 1:
                    odd.append(_odd(record, "several-numbers", raw))
                for text in texts:
                    read_as = canonical or read_number(text, region)
                    if not read_as:
                        odd.append(_odd(record, "number-unreadable", text))
                    elif text[-2:] != read_as[-2:] and not canonical and _more_than(text):
                        odd.append(_odd(record, "number-part-left-out", text))
                    found.append(ContactNumber(of_kind, text, read_as))
        if len(found) > MOST_NUMBERS:
            odd += [_odd(record, "number-left-out", number.raw, most=MOST_NUMBERS) for number in found[MOST_NUMBERS:]]
            del found[MOST_NUMBERS:]
        return tuple(found)

    def _read_emails(self, record: Record, odd: list[BadRow]) -> tuple[str, ...]:
        found: list[str] = []
        for read in self._mails:
            for raw in _all(read(record.values)):
                mails, whole = mails_of(raw)
                found += mails
                if not whole:
                    odd.append(BadRow(record.line, "mail-unreadable", {"mail": raw[:_TOLD]}))
        return tuple(found)

    def _read_addresses(self, texts: Mapping[str, str]) -> tuple[Address, ...]:
        found = []
        get = texts.get
        for kind, fields in self._addresses:
            parts = [get(field, "") for field in fields]
            if any(parts):
                found.append(Address(kind, *parts))
        return tuple(found)


def contact_id(book: str, source_key: str) -> str:
    """The same id for the same source record, whenever it is imported: notes and journal keep pointing to it."""
    return digest(book, source_key).hex()


def digest(*parts: str) -> bytes:
    """Sixteen bytes that stand for these texts."""
    return hashlib.blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _refused(line: int, texts: Mapping[str, str], custom: Mapping[str, str]) -> BadRow | None:
    if texts.get(_PRIVATE, "").casefold() in _YES:
        return BadRow(line, "private")
    for field, text in texts.items():
        if len(text) > MOST_TEXT and field != Field.NOTE.value:
            return BadRow(line, "text-too-long", {"field": field, "characters": len(text), "most": MOST_TEXT})
    whole = sum(map(len, (*texts.values(), *custom.values())))
    return BadRow(line, "row-too-long", {"characters": whole, "most": MAX_TEXT}) if whole > MAX_TEXT else None


def _more_than(text: str) -> bool:
    """Whether something stands behind the number that is none of its digits: `0432 111111 ext. 12`, `0432 111111 / 12`."""
    found = clean(text)
    return bool(found.extension or found.note)


def _canonicals(record: Record, value: Value, odd: list[BadRow]) -> Sequence[str]:
    """What the source says its numbers are, "" where that cannot be: then the number counts as it is written."""
    texts = [text.strip() for text in ((value,) if isinstance(value, str) else value)]
    odd += [_odd(record, "canonical-unreadable", text) for text in texts if text and not _SUPER_CANONICAL.fullmatch(text)]
    return [text if _SUPER_CANONICAL.fullmatch(text) else "" for text in texts]


def _odd(record: Record, code: str, text: str, **data: int) -> BadRow:
    return BadRow(record.line, code, {"number": text[:_TOLD], **data})


def _parsed(rule: Rule, text: str) -> Expression:
    try:
        return parse(text)
    except ExpressionError as error:
        error.data["field"] = rule.field
        raise


def _first(value: Value) -> str:
    return value if isinstance(value, str) else value[0] if value else ""


def _all(value: Value) -> tuple[str, ...]:
    return ((value,) if value else ()) if isinstance(value, str) else tuple(text for text in value if text)


def _joined(value: Value) -> str:
    return value if isinstance(value, str) else " ".join(value)
