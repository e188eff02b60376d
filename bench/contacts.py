"""Contacts for the benches: Italian, German and British people and firms, their numbers as people write them.

    python bench/contacts.py 1000000 --csv contacts.csv [--ldif contacts.ldif]

Half are Italian, three tenths German, two tenths British. Names are common ones and, one in three, rare ones made of syllables;
seven in ten have a company. One to four numbers each, in fourteen ways of writing, national and international. The first
contacts of a long run are those of a short one.
"""

import argparse
import csv
import random
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from unisono.directory.model import Address, AddressKind, Contact, ContactNumber, NumberKind

GIVEN = {
    "IT": "Marco Andrea Luca Giuseppe Giovanni Mario Francesco Antonio Alessandro Paolo Roberto Stefano Davide Matteo "
    "Lorenzo Fabio Claudio Massimo Enrico Michele Pietro Vincenzo Nicola Sergio Maria Anna Giulia Francesca Chiara Sara "
    "Martina Elena Laura Paola Silvia Valentina Federica Cristina Barbara Monica Caterina Lucia Rosa Teresa Nicolò Noè",
    "DE": "Hans Peter Michael Thomas Andreas Wolfgang Klaus Jürgen Günter Stefan Christian Uwe Werner Markus Matthias "
    "Martin Bernd Frank Dieter Jörg Ralf Sven Dirk Florian Tobias Sebastian Ursula Monika Petra Sabine Renate Karin Brigitte "
    "Claudia Susanne Gabriele Katrin Nicole Julia Lena Sophie Käthe Birgit Ulrike Zoë",
    "GB": "John David Michael James Robert William Richard Thomas Mark Paul Andrew Stephen Peter George Simon Oliver Jack "
    "Harry Daniel Matthew Kevin Brian Neil Mary Margaret Susan Sarah Jane Elizabeth Emma Claire Helen Alison Rebecca Laura "
    "Sophie Grace Charlotte Lucy Hannah Megan Siân Zoe Fiona",
}
LAST = {
    "IT": "Rossi|Russo|Ferrari|Esposito|Bianchi|Romano|Colombo|Ricci|Marino|Greco|Bruno|Gallo|Conti|De Luca|Costa|Giordano|"
    "Mancini|Rizzo|Lombardi|Moretti|Barbieri|Fontana|Santoro|Mariani|Rinaldi|Caruso|Galli|Martini|Leone|Longo|Gentile|Vitale|"
    "De Santis|D'Angelo|Marchetti|Parisi|Villa|Fabbri|Marini|Grasso|Sala|De Angelis|Gatti|Pellegrini|Sanna|Monti|Morelli|Amato|"
    "Testa|Barone|Guerra|Fiore|De Rosa|Riva|Donati|Neri|Pagano|D'Amico|Negri|Rosati|Zorzi|Del Fabbro|Venier|Niccolò",
    "DE": "Müller|Schmidt|Schneider|Fischer|Weber|Meyer|Wagner|Becker|Schulz|Hoffmann|Schäfer|Koch|Bauer|Richter|Klein|Wolf|"
    "Schröder|Neumann|Schwarz|Zimmermann|Braun|Krüger|Hofmann|Hartmann|Lange|Werner|Krause|Lehmann|Köhler|Herrmann|König|Mayer|"
    "Huber|Kaiser|Fuchs|Peters|Möller|Weiß|Jung|Vogel|Keller|Günther|Berger|Winkler|Roth|Lorenz|Baumann|Schuster|Böhm|Jäger|"
    "Groß|Brandt|Kühn|Pohl|Engel|Rosenberg|Gruber|Moser|Steiner|von Hagen|zu Erbach",
    "GB": "Smith|Jones|Taylor|Brown|Williams|Wilson|Johnson|Davies|Robinson|Wright|Thompson|Evans|Walker|White|Roberts|Green|"
    "Hall|Wood|Jackson|Clarke|Harris|Lewis|Martin|Cooper|Hill|Ward|Turner|Carter|Phillips|Mitchell|Patel|Adams|Campbell|Cook|"
    "Bailey|Parker|Miller|Murphy|Price|Bell|Kelly|Simpson|Marshall|Collins|Bennett|Richardson|Fox|Gray|Chapman|Hunt|Shaw|Khan|"
    "Ross|Mason|Knight|O'Brien|O'Connor|St. John|Marsden",
}
SYLLABLES = {
    "IT": (
        "Ba Be Bo Ca Co Da Fa Fe Ga La Lo Ma Na Pa Pe Ra Sa Se Ta Va Vi Za Tra Bra Gra Spa",
        "la le li lo na ne ra re ri sa se ta te va zza ssa rra lla gna sco",
        "ni ti lli tti zzi nno rdi lo ro oni ini etti ucci asso aro in on",
    ),
    "DE": (
        "Alt Berg Birk Blum Buch Eich Feld Forst Gold Grün Hart Haus Holz Kirch Lind Löw Mühl Neu Ober Rein Sand Schön Stern",
        "en er el ers ens e",
        "bach bauer beck berger dorf feld hofer holz huber kamp mann meier reiter stein wald",
    ),
    "GB": (
        "Ash Black Brad Brook Clay Crom Dal East Fair Glen Hal Har Kirk Lang Long Mal Nor Oak Red Stan Thorn Wal Wes Whit",
        "e en er ing ling ster ton i",
        "bridge brook bury by combe dale den field ford ham hill hurst ley ridge stone well wick",
    ),
}
SECTOR = {
    "IT": "Costruzioni Impianti Elettronica Trasporti Arredamenti Consulenza Meccanica Logistica Immobiliare Vini Studio",
    "DE": "Bau Elektrotechnik Maschinenbau Handel Spedition Versicherungen Immobilien Software Metallbau Druckerei Logistik",
    "GB": "Building Electrical Engineering Trading Transport Insurance Estates Software Metals Printing Logistics Travel",
}
FORM = {
    "IT": ("S.r.l.", "S.p.A.", "S.n.c.", "SRL"),
    "DE": ("GmbH", "AG", "KG", "GmbH&Co.KG", "e.K."),
    "GB": ("Ltd", "PLC", "LLP"),
}
TITLE = {
    "IT": ("Direttore", "Responsabile acquisti", "Commerciale", "Segreteria"),
    "DE": ("Geschäftsführer", "Einkauf", "Vertrieb", "Sekretariat"),
    "GB": ("Director", "Purchasing", "Sales manager", "Secretary"),
}
# Town, area code with its trunk zero, post code.
TOWN = {
    "IT": "Udine 0432 33100|Milano 02 20121|Roma 06 00184|Torino 011 10121|Bologna 051 40121|Bolzano 0471 39100",
    "DE": "Berlin 030 10115|München 089 80331|Hamburg 040 20095|Köln 0221 50667|Stuttgart 0711 70173|Ulm 0731 89073",
    "GB": "London 020 EC1A|Manchester 0161 M1|Leeds 0113 LS1|Glasgow 0141 G1|Bristol 0117 BS1|Oxford 01865 OX1",
}
STREET = {"IT": ("Via Roma", "Via Mazzini"), "DE": ("Hauptstraße", "Lindenweg"), "GB": ("High Street", "Mill Lane")}
MOBILE = {"IT": "320 328 333 335 340 347 392", "DE": "0151 0157 0160 0171 0176", "GB": "07400 07700 07900 07966"}
CODE = {"IT": "39", "DE": "49", "GB": "44"}
HOST = ("example.it", "example.de", "example.co.uk", "example.com", "posta.example")
NOTE = ("Key account", "Richiamare dopo le 14", "Nur vormittags erreichbar", "VIP")
ASCII = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ò": "o", "è": "e", "ë": "e", "â": "a", "'": "", " ": "", "&": "", ".": ""}
)
KINDS = {
    NumberKind.BUSINESS: ("Phone", "telephoneNumber"),
    NumberKind.MOBILE: ("Mobile", "mobile"),
    NumberKind.HOME: ("Home phone", "homePhone"),
    NumberKind.FAX_BUSINESS: ("Fax", "facsimileTelephoneNumber"),
}
HEADER = ("ID", "Country", "Name", "Last name", "First name", "Company", "Job title", "E-mail", "Street", "Postal code", "City",
          "Note", *(title for title, _ in KINDS.values()))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    """A contact as a source has it; `numbers` by kind, each as written and in its true form."""

    key: str
    country: str
    name: str
    last: str
    first: str
    company: str
    title: str
    mail: str
    street: str
    postal_code: str
    town: str
    note: str
    numbers: dict[NumberKind, tuple[str, str]]


def people(count: int, seed: int = 1) -> Iterator[Person]:
    """The first `count` of them, the same for the same seed."""
    chance = random.Random(seed)
    for number in range(count):
        yield _person(chance, number)


def _person(chance: random.Random, number: int) -> Person:
    country = chance.choices(("IT", "DE", "GB"), (50, 30, 20))[0]
    last, first = _last(chance, country), _common(chance, GIVEN[country].split())
    company = f"{_last(chance, country)} {chance.choice(SECTOR[country].split())} {chance.choice(FORM[country])}"
    company = company if chance.random() < 0.7 else ""
    name = f"{first} {last}" if chance.random() < 0.8 else f"{last} {first}"
    if company and chance.random() < 0.1:
        name, last, first = company, "", ""
    town, area, postal_code = chance.choice(TOWN[country].split("|")).split(" ")
    local = ".".join(part.lower().translate(ASCII) for part in (first, last)) if first else "info"
    mail = f"{local}{number % 1000 if chance.random() < 0.6 else ''}@{chance.choice(HOST)}" if chance.random() < 0.75 else ""
    kinds = [chance.choices(tuple(KINDS), (50, 35, 10, 5))[0] for _ in range(1 + int(chance.random() * chance.random() * 4.4))]
    return Person(
        f"c{number:07}", country, name, last, first, company,
        chance.choice(TITLE[country]) if company and first and chance.random() < 0.5 else "", mail,
        f"{chance.choice(STREET[country])} {chance.randrange(1, 180)}", postal_code, town,
        chance.choice(NOTE) if chance.random() < 0.2 else "",
        {kind: _number(chance, country, area, kind) for kind in dict.fromkeys(kinds)},
    )  # fmt: skip


def _common(chance: random.Random, names: Sequence[str]) -> str:
    # Early ones are commoner.
    return names[int(chance.random() * chance.random() * len(names))]


def _last(chance: random.Random, country: str) -> str:
    if chance.random() < 0.65:
        return _common(chance, LAST[country].split("|"))
    begin, middle, end = (chance.choice(part.split()) for part in SYLLABLES[country])
    return begin + (middle if chance.random() < 0.7 else "") + end


def _number(chance: random.Random, country: str, area: str, kind: NumberKind) -> tuple[str, str]:
    """As written, and its true form."""
    if kind is NumberKind.MOBILE:
        area, length = chance.choice(MOBILE[country].split()), 6 if country == "GB" else 7
    elif country == "GB":
        length = {3: 8, 4: 7}.get(len(area), 6)
    else:
        length = chance.choice((6, 7) if country == "IT" else (6, 7, 8))
    own = str(chance.randrange(10 ** (length - 1), 10**length))
    # Italy keeps the 0 of land lines.
    meaning = area if country == "IT" else area.removeprefix("0")
    return chance.choice(FORMS)(CODE[country], area, meaning, own), f"+{CODE[country]}{meaning}{own}"


FORMS: tuple[Callable[[str, str, str, str], str], ...] = (
    lambda code, area, meaning, own: f"{area} {own[:3]}-{own[3:]}",
    lambda code, area, meaning, own: f"{area} {own}",
    lambda code, area, meaning, own: f"{area}/{own}",
    lambda code, area, meaning, own: f"({area}) {own}",
    lambda code, area, meaning, own: area + own,
    lambda code, area, meaning, own: f"{area}.{own[:3]}.{own[3:]}",
    lambda code, area, meaning, own: f"Tel. {area} {own[:3]} {own[3:]}",
    lambda code, area, meaning, own: f"+{code} ({meaning}) {own}",
    lambda code, area, meaning, own: f"00{code} {meaning} {own}",
    lambda code, area, meaning, own: f"+{code}{meaning}{own}",
    lambda code, area, meaning, own: f"+{code}-{meaning}-{own}",
    lambda code, area, meaning, own: f"+{code} {meaning} {own[:3]} {own[3:]}",
    lambda code, area, meaning, own: f"+{code} (0){meaning} {own}" if meaning != area else f"+{code} {meaning} / {own}",
    lambda code, area, meaning, own: f"00{code}{meaning}{own}",
)
"""Fourteen ways of writing a number: from calling code, area with and without its zero, and the number itself."""


def row(person: Person) -> list[str]:
    """A row of a CSV file under `HEADER`."""
    return [
        person.key, person.country, person.name, person.last, person.first, person.company, person.title, person.mail,
        person.street, person.postal_code, person.town, person.note,
        *(person.numbers.get(kind, ("", ""))[0] for kind in KINDS),
    ]  # fmt: skip


def contact(person: Person, book: str = "bench") -> Contact:
    """What an import makes of it."""
    return Contact(
        id=blake2b(person.key.encode(), digest_size=16).hexdigest(),
        book=book,
        source_key=person.key,
        display_name=person.name,
        first_name=person.first,
        last_name=person.last,
        company=person.company,
        job_title=person.title,
        numbers=tuple(ContactNumber(kind, raw, true) for kind, (raw, true) in person.numbers.items()),
        emails=(person.mail,) if person.mail else (),
        addresses=(Address(AddressKind.BUSINESS, person.street, person.postal_code, person.town),),
        note=person.note,
    )


def ldif(person: Person, suffix: str = "dc=meta") -> str:
    """An entry of inetOrgPerson with the true forms of the numbers: a plain LDAP server cannot find them out."""
    values = [
        ("objectClass", "inetOrgPerson"), ("uid", person.key), ("cn", person.name), ("sn", person.last or person.name),
        ("givenName", person.first), ("o", person.company), ("title", person.title), ("mail", person.mail),
        ("street", person.street), ("postalCode", person.postal_code), ("l", person.town), ("description", person.note),
        *((KINDS[kind][1], true) for kind, (_, true) in person.numbers.items()),
    ]  # fmt: skip
    return f"dn: uid={person.key},{suffix}\n" + "".join(_line(name, text) for name, text in values if text) + "\n"


def _line(name: str, text: str) -> str:
    return f"{name}: {text}\n" if text.isascii() else f"{name}:: {b64encode(text.encode()).decode()}\n"


def main() -> int:
    """Write the files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("count", type=int)
    parser.add_argument("--csv", type=Path)
    parser.add_argument("--ldif", type=Path)
    options = parser.parse_args()
    if options.csv:
        with options.csv.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, delimiter=";")
            writer.writerow(HEADER)
            writer.writerows(map(row, people(options.count)))
    if options.ldif:
        with options.ldif.open("w", encoding="utf-8") as file:
            file.write("dn: dc=meta\nobjectClass: domain\ndc: meta\n\n")
            file.writelines(map(ldif, people(options.count)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
