"""Customers of the demo firm: a deterministic crowd with numbers as people write them, and the CSV file a CRM would export.

The file is kept in Udine: numbers abroad are written with their country code. Every telephone number comes from a range
kept for fiction where a country has one: the United Kingdom (Ofcom) and Germany (Bundesnetzagentur, Mitteilung 148/2021).
Italy has none: its numbers here are possible but not given to subscribers (land lines begin with 1 behind the area code,
mobile numbers with 300).

Firms own ten consecutive numbers; the one that ends in 0 is the main number, people sit behind the others. So a caller from
an extension that no row has is still recognised as the firm.
"""

import csv
import io
import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice

from unisono.demo import words
from unisono.demo.firm import plain

COLUMNS = (
    "Codice cliente",
    "Ragione sociale",
    "Nome",
    "Cognome",
    "Qualifica",
    "Telefono",
    "Centralino",
    "Cellulare",
    "E-mail",
    "Indirizzo",
    "CAP",
    "Città",
    "Paese",
    "Note",
)

_EXTENSIONS = (1, 2, 3, 4, 5, 6)
"""Last digits that rows have; 7, 8 and 9 of every firm are unknown extensions."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written in the file, and what it is (E.164 with plus)."""

    raw: str
    e164: str


NONE = Number("", "")


@dataclass(frozen=True, slots=True)
class Customer:
    """One row: a person at a firm, a firm's main entry (no names), or a private person (no company)."""

    id: str
    company: str
    first_name: str
    last_name: str
    job_title: str
    phone: Number
    main: Number
    mobile: Number
    mail: str
    street: str
    postal_code: str
    city: str
    country: str
    note: str = ""

    def row(self) -> tuple[str, ...]:
        """The cells of the CSV file, in the order of `COLUMNS`."""
        return (
            self.id,
            self.company,
            self.first_name,
            self.last_name,
            self.job_title,
            self.phone.raw,
            self.main.raw,
            self.mobile.raw,
            self.mail,
            self.street,
            self.postal_code,
            self.city,
            self.country,
            self.note,
        )


@dataclass(frozen=True, slots=True)
class _Block:
    """Ten consecutive numbers: country code, area code as in E.164, and the subscriber's stem."""

    country: str
    code: str
    area: str
    stem: str
    city: str
    postal_code: str

    def number(self, digit: int) -> str:
        """One of the ten."""
        return f"+{self.code}{self.area}{self.stem}{digit}"


def _blocks(rng: random.Random) -> dict[str, Iterator[_Block]]:
    """Blocks by country, in a random order, each only once."""
    german = [
        _Block("Germania", "49", area, f"{trunk}{n:02d}", city, code)
        for area, trunk, city, code in words.GERMAN_FICTION
        for n in range(100)
        if not (area == "89" and 20 <= n <= 29)
    ]
    british = [
        _Block("Regno Unito", "44", area, f"{trunk}{n:02d}", city, code)
        for area, trunk, city, code in words.BRITISH_FICTION
        for n in range(100)
        if (area, n) != ("1632", 12)
    ]
    italian = [
        _Block("Italia", "39", area, f"1{n:04d}", city, code)
        for area, city, code in words.ITALIAN_CITIES
        for n in range(1000, 1400)
    ]
    found = {}
    for name, blocks in (("IT", italian), ("DE", german), ("GB", british)):
        rng.shuffle(blocks)
        found[name] = iter(blocks)
    return found


def story() -> tuple[Customer, ...]:
    """The firm that the documentation's examples call from: its main entry and two people."""
    main = Number("+44 (0)1632 96012-0", "+441632960120")
    place = ("Mill Lane 12", "FT1 1AA", "Fictown", "Regno Unito")
    emma, mobile = Number("0044 1632 960123", "+441632960123"), Number("+44 7700 900123", "+447700900123")
    george = Number("+44 1632 960121", "+441632960121")
    firm, domain = "Harrison Ceramics Ltd", "harrisonceramics.example"
    return (
        Customer("K10001", firm, "", "", "", main, main, NONE, f"info@{domain}", *place, "Cliente storico"),
        Customer("K10002", firm, "Emma", "Hargreaves", "Acquisti", emma, main, mobile, f"emma.hargreaves@{domain}", *place),
        Customer("K10003", firm, "George", "Harrison", "Titolare", george, main, NONE, f"george.harrison@{domain}", *place),
    )


def customers(count: int = 2_000, seed: int = 1) -> tuple[Customer, ...]:
    """The same customers for the same seed; firms with their people first come together, as in a CRM."""
    rng = random.Random(seed)  # noqa: S311
    return tuple(islice(chain(story(), _all(rng)), count))


def _all(rng: random.Random) -> Iterator[Customer]:
    blocks = _blocks(rng)
    mobiles = _mobiles(rng)
    number = 10_010
    used = {row.company for row in story()}
    while True:
        land = rng.choices(("IT", "DE", "GB"), (50, 32, 18))[0]
        block = next(blocks[land])
        company = _company(rng, land, used) if rng.random() < 0.85 else ""
        for row in _people(rng, land, block, company, mobiles[land]):
            number += rng.randint(1, 7)
            yield _customer(rng, f"K{number}", row, block, company)


@dataclass(frozen=True, slots=True)
class _Row:
    first_name: str
    last_name: str
    phone: Number
    main: Number
    mobile: Number


def _people(
    rng: random.Random, land: str, block: _Block, company: str, mobiles: Iterator[str]
) -> Iterator[_Row]:
    """The rows of one firm, or of one private person."""
    main = Number(_write(rng, block, 0, firm=True), block.number(0)) if company else NONE
    if company and rng.random() < 0.3:
        yield _Row("", "", main, main, NONE)
    extensions = rng.sample(_EXTENSIONS, rng.choices((1, 2, 3, 4, 5), (30, 30, 20, 12, 8))[0] if company else 1)
    for extension in extensions:
        first, last = rng.choice(words.GIVEN[land]), rng.choice(words.FAMILY[land])
        phone = Number(_write(rng, block, extension, firm=bool(company)), block.number(extension))
        if company and rng.random() < 0.12:
            phone = NONE
        mobile = NONE
        if rng.random() < 0.5 or phone is NONE:
            e164 = next(mobiles, "")
            mobile = Number(_write_mobile(rng, e164), e164) if e164 else NONE
        yield _Row(first, last, phone, main, mobile)


def _customer(rng: random.Random, identifier: str, row: _Row, block: _Block, company: str) -> Customer:
    domain = f"{plain(company)[:24]}.example" if company else "posta.example"
    local = f"{plain(row.first_name)}.{plain(row.last_name)}" if row.last_name else "info"
    named = bool(company and row.last_name)
    return Customer(
        identifier,
        company,
        row.first_name,
        row.last_name,
        rng.choice(words.TITLES) if named and rng.random() < 0.7 else "",
        row.phone,
        row.main,
        row.mobile,
        f"{local}@{domain}" if rng.random() < 0.85 else "",
        f"{rng.choice(words.STREETS[block.code])} {rng.randint(1, 120)}",
        block.postal_code,
        block.city,
        block.country,
        rng.choice(words.NOTES) if rng.random() < 0.15 else "",
    )


def _company(rng: random.Random, land: str, used: set[str]) -> str:
    while True:
        name = rng.choice(words.FAMILY[land])
        company = f"{name} {rng.choice(words.SECTORS[land])} {rng.choice(words.FORMS[land])}"
        if company not in used:
            used.add(company)
            return company


def _mobiles(rng: random.Random) -> dict[str, Iterator[str]]:
    """Mobile numbers by country, each only once; few are kept for fiction in Germany."""
    italian = [f"+39300{n:07d}" for n in rng.sample(range(2_000_000, 9_999_999), 4_000)]
    british = [f"+447700900{n:03d}" for n in range(1_000) if n != 123]
    german = [*words.GERMAN_MOBILE, *(f"+4917139200{n:02d}" for n in range(10, 100))]
    german += [f"+4917604069{n:03d}" for n in range(100)]
    for numbers in (british, german):
        rng.shuffle(numbers)
    return {"IT": iter(italian), "GB": iter(british), "DE": iter(german)}


# As people write them


def _write(rng: random.Random, block: _Block, digit: int, *, firm: bool) -> str:
    """One number of a block in one of the forms usual for it: national in Italy, where the file is kept, else international."""
    area, stem = block.area, block.stem
    whole = f"{stem}{digit}"
    half = len(stem) // 2
    pair = f"{whole[:half]} {whole[half:]}"
    if block.code == "39":
        forms = [f"{area} {whole}", f"{area}/{whole}", f"({area}) {whole}", f"{area}-{whole}", f"{area} {pair}"]
        forms += [f"Tel. {area} {whole}", f"{area}.{pair.replace(' ', '.')}", f"+39 {area} {whole}", f"+39{area}{whole}"]
        forms += [f"+39 ({area}) {whole}", f"0039 {area} {whole}"]
        if firm and digit == 0:
            forms.append(f"{area} {whole} int. {rng.randint(10, 89)}")
        return rng.choice(forms)
    last = f"{stem}-{digit}" if firm else whole
    code = block.code
    forms = [f"+{code} {area} {last}", f"+{code} (0){area} {last}", f"+{code} ({area}) {last}", f"00{code} {area} {whole}"]
    forms += [f"+{code}{area}{whole}", f"+{code}-{area}-{whole}", f"+{code} {area}/{last}", f"+{code} {area} {pair}"]
    forms += [f"00{code} (0){area} / {last}", f"00{code}{area}{whole}"]
    return rng.choice(forms)


def _write_mobile(rng: random.Random, e164: str) -> str:
    code, rest = e164[1:3], e164[3:]
    forms = [f"+{code} {rest}", f"+{code} {rest[:3]} {rest[3:6]} {rest[6:]}", f"00{code}{rest}", e164]
    if code == "39":
        forms += [f"{rest[:3]} {rest[3:]}", f"{rest[:3]}/{rest[3:]}", rest, f"{rest[:3]}.{rest[3:6]}.{rest[6:]}"]
    else:
        forms += [f"+{code} (0){rest[:3]} {rest[3:]}", f"+{code}-{rest[:4]}-{rest[4:]}"]
    return rng.choice(forms)


def customers_csv(count: int = 2_000, seed: int = 1) -> bytes:
    """The file as the CRM exports it: semicolons, CR LF, UTF-8 with byte order mark, Italian titles."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(customer.row() for customer in customers(count, seed))
    return b"\xef\xbb\xbf" + out.getvalue().encode()


@dataclass(frozen=True, slots=True)
class Callers:
    """Numbers to call from, E.164 with plus: known people's, known firms' main and unknown extensions, nobody's."""

    known: tuple[str, ...]
    main: tuple[str, ...]
    extensions: tuple[str, ...]
    strangers: tuple[str, ...]


def callers(count: int = 2_000, seed: int = 1) -> Callers:
    """The numbers that the demo's traffic calls from."""
    rows = customers(count, seed)
    known = tuple(sorted({n.e164 for row in rows for n in (row.phone, row.mobile) if n.e164 and n.e164 != row.main.e164}))
    main = tuple(sorted({row.main.e164 for row in rows if row.main.e164}))
    extensions = tuple(number[:-1] + digit for number in main for digit in "789")
    strangers = tuple(f"+443069990{n:03d}" for n in range(0, 1_000, 7))
    return Callers(known, main, extensions, strangers)
