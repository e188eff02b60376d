"""Binds at the LDAP door passed on to a Samba domain controller; groups there say which books somebody sees."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.peers.samba import PASSWORD, Samba
from tests.rooms.ldap_house import BOOKS, Ldap, open_ldap

from unisono.directory.ldap.forward import binds
from unisono.directory.ldap.model import Profile
from unisono.directory.ldap.service import LdapService
from unisono.directory.ldap.settings import LdapSettings
from unisono.kernel.bus import Bus
from unisono.kernel.clock import SystemClock
from unisono.kernel.errors import Unavailable
from unisono.kernel.settings import parse
from unisono.numbers.service import Locations
from unisono.people.service import People
from unisono.storage import Database

pytestmark = [pytest.mark.peer]

REALM = "corp.company.example"


def settings(samba: Samba, **changes: str) -> LdapSettings:
    given = {"active_directory": f"{samba.host}:636", "active_directory_suffix": f"@{REALM}"}
    return parse({**given, "active_directory_ca": samba.authority, **changes}, LdapSettings)


def account(samba: Samba, unit: str) -> tuple[str, str]:
    """Somebody with a password: their account name and their DN."""
    name = f"p{next(samba.numbers)}"
    dn = samba.person(unit, name, sAMAccountName=name, userPrincipalName=f"{name}@{REALM}")
    samba.did(samba.admin.extend.microsoft.modify_password(dn, PASSWORD))
    return name, dn


def group(samba: Samba, unit: str, *members: str) -> tuple[str, str]:
    """A group: its account name and its DN."""
    name = f"G{next(samba.numbers)}"
    dn = f"CN=Sales {name},{unit}"
    samba.did(samba.admin.add(dn, "group", {"sAMAccountName": name, **({"member": list(members)} if members else {})}))
    return name, dn


async def test_groups_are_told_by_every_name_also_nested_ones(samba: Samba) -> None:
    unit = samba.unit()
    name, dn = account(samba, unit)
    inner, inner_dn = group(samba, unit, dn)
    outer, _ = group(samba, unit, inner_dn)
    other, _ = group(samba, unit)
    for written in (name, f"{name}@{REALM}", f"CORP\\{name}", dn):
        found = await binds(settings(samba), written, PASSWORD, with_groups=True)
        assert found is not None, written
        assert {inner.lower(), f"sales {inner}".lower(), inner_dn.lower(), outer.lower(), "domain users"} <= set(found)
        assert other.lower() not in found
    assert await binds(settings(samba), name, PASSWORD) == ()
    for wrong in ("wrong", ""):
        assert await binds(settings(samba), name, wrong, with_groups=True) is None


async def test_a_controller_whose_certificate_cannot_be_checked_gets_no_password(samba: Samba) -> None:
    with pytest.raises(Unavailable):
        await binds(settings(samba, active_directory_ca="/etc/ssl/certs/ca-certificates.crt"), "anybody", PASSWORD)


@pytest.fixture
async def door(samba: Samba, sqlite: Database, tmp_path: Path) -> AsyncIterator[tuple[Ldap, LdapService]]:
    await sqlite.create_all()
    clock, locations = SystemClock(), Locations(sqlite)
    await locations.load()
    people = People(sqlite, clock, Bus())
    await people.load()
    service = LdapService(sqlite, people, locations, clock, settings(samba))
    await service.load()
    async with open_ldap(tmp_path, configuration=service.configuration(), check=service.check) as ldap:
        service.attach(ldap.workers.configure)
        yield ldap, service


async def test_a_group_says_which_books_somebody_sees(samba: Samba, door: tuple[Ldap, LdapService]) -> None:
    ldap, service = door
    unit = samba.unit()
    (in_group, dn), (outside, _) = account(samba, unit), account(samba, unit)
    name, _ = group(samba, unit, dn)

    async def sees(who: str) -> int:
        return len(await ldap.search("-ZZ", "-D", who, "-w", PASSWORD, "(cn=*)", "1.1"))

    assert (await sees(in_group), await sees(outside)) == (0, 0)
    await service.save(Profile("sales", "Sales", ("crm",), directory_groups=(name.upper(),)))
    await service.save(Profile("all", "Everybody", ("board",), everybody=True))
    async with asyncio.timeout(60):
        while await sees(in_group) != len(BOOKS["crm"]):
            pass
    assert await sees(outside) == len(BOOKS["board"])
    assert await ldap.run("ldapwhoami", "-x", "-ZZ", "-H", ldap.url, "-D", in_group, "-w", PASSWORD) == (0, f"u:{in_group}\n")
    code, said = await ldap.run("ldapwhoami", "-x", "-ZZ", "-H", ldap.url, "-D", in_group, "-w", "wrong")
    assert (code, said) == (49, "ldap_bind: Invalid credentials (49)\n")
    await service.save(Profile("sales", "Sales", ("crm",)))
    async with asyncio.timeout(60):
        while await sees(in_group) != len(BOOKS["board"]):
            pass
