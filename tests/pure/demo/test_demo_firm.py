"""The demo firm and its customers are invented, reproducible, and readable by the rooms they are made for."""

import csv
import io
import re
from collections import Counter

import phonenumbers
import pytest

from unisono.demo import firm
from unisono.demo.customers import COLUMNS, Customer, callers, customers, customers_csv
from unisono.numbers import Direction, dial, normalise
from unisono.numbers.sites import link

FICTION = re.compile(
    r"\+(49(30231250*|6990009|4066969|2214710|8999998)\d{3}$"
    r"|49(3023125\d{3}|1713920\d{3}|1760406\d{4}|152\d{8}|17[24]\d{7})$"
    r"|44(1632960\d{3}|2079460\d{3}|(113|117|131|161)4960\d{3}|7700900\d{3}|3069990\d{3})$"
    r"|390\d{1,3}1\d{5}$|39300\d{7}$)"
)


def numbers(row: Customer) -> list[tuple[str, str]]:
    return [(n.raw, n.e164) for n in (row.phone, row.main, row.mobile) if n.e164]


def test_the_crowd_is_the_same_every_time_and_a_shorter_one_its_beginning() -> None:
    assert customers(500) == customers(2_000)[:500]
    assert customers_csv() == customers_csv()
    assert customers(50, seed=2) != customers(50)


def test_every_number_is_kept_for_fiction_or_not_given_to_anybody() -> None:
    found = [e164 for row in customers() for _, e164 in numbers(row)]
    found += [person.mobile for person in firm.PEOPLE if person.mobile]
    found += [firm.direct_number(person) for person in firm.PEOPLE if person.site == "München"]
    assert not [number for number in found if not FICTION.match(number)]
    assert all(phonenumbers.is_possible_number(phonenumbers.parse(number)) for number in found)


def test_the_number_engine_reads_every_number_as_it_was_meant() -> None:
    udine = firm.UDINE.location()
    wrong = [
        (raw, e164, normalise(raw, udine, Direction.STORED).supercanonical)
        for row in customers()
        for raw, e164 in numbers(row)
        if normalise(raw, udine, Direction.STORED).supercanonical != e164
    ]
    assert not wrong


def test_numbers_are_written_as_people_do() -> None:
    written = " | ".join(raw for row in customers() for raw, _ in numbers(row))
    for habit in ("(0)", "/", ".", "int.", "Tel.", "0039", "0044", "0049", "(0432)", "-0 |"):
        assert habit in written, habit


def test_a_firm_owns_ten_numbers_and_some_of_them_nobody_has() -> None:
    rows = customers()
    firms: dict[str, set[str]] = {}
    for row in rows:
        if row.company:
            firms.setdefault(row.main.e164[:-1], set()).add(row.company)
            assert row.main.e164.endswith("0")
            assert row.phone.e164[:-1] in ("", row.main.e164[:-1])
    assert all(len(owners) == 1 for owners in firms.values())
    own = {e164 for row in rows for _, e164 in numbers(row)}
    assert not own & set(callers().extensions)
    assert not own & set(callers().strangers)
    assert Counter(row.company for row in rows).most_common(2)[1][1] >= 4


def test_the_examples_of_the_documentation_are_customers() -> None:
    (emma,) = [row for row in customers() if row.phone.e164 == "+441632960123"]
    assert (emma.first_name, emma.company) == ("Emma", "Harrison Ceramics Ltd")


def test_the_file_is_what_a_crm_exports() -> None:
    data = customers_csv()
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == 2_001
    assert {len(row) for row in rows} == {len(COLUMNS)}
    assert len({row[0] for row in rows}) == len(rows)


def test_people_have_what_an_account_needs() -> None:
    people = firm.PEOPLE
    assert len(people) == 20
    assert len({p.login for p in people}) == len({p.extension for p in people}) == 20
    assert all(re.fullmatch(r"[a-z]+\.[a-z]+", p.login) and p.mail.endswith(".example") for p in people)
    assert {p.group for p in people} == set(firm.GROUPS)
    assert all(sum(p.leads for p in firm.members(group)) == 1 for group in firm.GROUPS)
    assert sum(p.admin for p in people) == 1
    assert not {p.extension for p in people} & {"110", "112", "113", "115", "118"}


@pytest.mark.parametrize("site", firm.SITES, ids=lambda site: site.name)
def test_both_sites_understand_what_the_pbx_reports_and_takes(site: firm.Site) -> None:
    linked = {location.name: location for location in link([each.location() for each in firm.SITES])}
    location = linked[site.name]
    assert normalise("000441632960123", location, Direction.IN).supercanonical == "+441632960123"
    for person in firm.PEOPLE:
        direct = firm.direct_number(person)
        assert normalise(person.extension, location, Direction.IN).supercanonical == direct
        assert dial(direct, location).digits == person.extension
    assert dial("+441632960123", location).digits == "000441632960123"
