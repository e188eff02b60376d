"""The LDAP door as a process, asked by the programs of OpenLDAP."""

import asyncio
import os
import shutil
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.rooms.ldap_house import BOOKS, PASSWORD, PEOPLE, SECONDS, Ldap, open_ldap, people, publish, worker_processes

from unisono.app.ldap import addresses, answers_ldap, shown
from unisono.directory.ldap.model import Configuration, ListOrder, Node, Profile

pytestmark = [
    pytest.mark.peer,
    pytest.mark.skipif(shutil.which("ldapsearch") is None, reason="ldap-utils is not installed"),
]


@pytest.fixture
async def ldap(tmp_path: Path) -> AsyncIterator[Ldap]:
    async with open_ldap(tmp_path) as ldap:
        yield ldap


def bound(*more: str, password: str = PASSWORD) -> tuple[str, ...]:
    return ("-D", "cn=anna,dc=meta", "-w", password, *more)


async def test_ldapsearch_finds_and_reads(ldap: Ldap) -> None:
    assert await ldap.search("(sn=rossi)", "cn", "telephoneNumber") == [
        f"dn: metaID={1:032x},ou=crm,dc=meta",
        "cn: Anna Rossi",
        "telephoneNumber: +390432550001",
    ]
    assert len(await ldap.search("-E", "pr=2/noprompt", "(objectClass=contactperson)", "1.1")) == 4
    assert (await ldap.search("-E", "!sss=-cn", "(cn=*)", "cn"))[1] == "cn: Zeno Capo"
    assert "supportedLDAPVersion: 3" in await ldap.search("-s", "base", "+", base="")


async def test_binds_over_all_ways(ldap: Ldap) -> None:
    assert len(await ldap.search(*bound("-P", "2", "(sn=rossi)", "cn"))) == 2
    assert await ldap.run("ldapwhoami", "-x", "-H", ldap.url, *bound()) == (0, "u:anna\n")
    assert await ldap.run("ldapwhoami", "-x", "-ZZ", "-H", ldap.url, *bound()) == (0, "u:anna\n")
    assert await ldap.run("ldapwhoami", "-x", "-H", ldap.tls_url, *bound()) == (0, "u:anna\n")
    code, said = await ldap.run("ldapwhoami", "-x", "-H", ldap.url, *bound(password="wrong"))
    assert (code, said) == (49, "ldap_bind: Invalid credentials (49)\n")
    assert len(ldap.asked) == 2, "a right password is asked once, a wrong one each time"
    code, said = await ldap.run("ldapcompare", "-x", "-H", ldap.url, f"metaID={1:032x},ou=crm,dc=meta", "sn:rossi")
    assert said == "TRUE\n"


async def test_a_new_picture_and_new_rules_hold_at_once(ldap: Ldap) -> None:
    publish(ldap.folder, {"crm": people(["Franco Nuovo"], "crm")})
    async with asyncio.timeout(60):
        while await ldap.search("(cn=*)", "cn") != [f"dn: metaID={1:032x},ou=crm,dc=meta", "cn: Franco Nuovo"]:
            pass
    assert await ldap.search(*bound("(cn=*)", "1.1"))
    ldap.workers.configure(Configuration(people=PEOPLE, profiles=(Profile("p", "None", ("board",), people=("anna",)),)))
    async with asyncio.timeout(60):
        while await ldap.search(*bound("(cn=*)", "1.1")):
            pass
    assert len(ldap.asked) >= 2


@pytest.mark.parametrize(
    ("networks", "let_in", "kept_out"),
    [
        (("::1",), "[::1]", "127.0.0.1"),
        (("127.0.0.0/8",), "127.0.0.1", "[::1]"),
        (("::ffff:127.0.0.0/104",), "127.0.0.1", "[::1]"),
        (("2001:db8::/32",), "", "[::1]"),
    ],
)
async def test_networks_of_both_kinds_let_in_and_keep_out(
    tmp_path: Path, networks: tuple[str, ...], let_in: str, kept_out: str
) -> None:
    """The door listens on all addresses of both kinds: clients of IPv4 come to it as ::ffff:127.0.0.1."""
    if not has_ipv6():
        pytest.skip("there is no IPv6 here")
    node = Node("meta", networks=networks)
    async with open_ldap(tmp_path, configuration=Configuration(nodes=(node,), people=PEOPLE), host="::") as ldap:
        if let_in:
            found = await ldap.search("(sn=rossi)", "cn", url=f"ldap://{let_in}:{ldap.port}")
            assert found == [f"dn: metaID={1:032x},ou=crm,dc=meta", "cn: Anna Rossi"]
        asks = ("ldapsearch", "-LLL", "-x", "-b", "dc=meta", "(sn=rossi)")
        code, said = await ldap.run(*asks, "-H", f"ldap://{kept_out}:{ldap.port}")
        assert (code, said) == (32, "No such object (32)\n")


def has_ipv6() -> bool:
    """Whether this machine has both kinds of loopback, and one socket for both."""
    try:
        with socket.socket(socket.AF_INET6) as sock:
            both = not sock.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY)
            sock.bind(("::1", 0))
            return both
    except OSError:
        return False


async def test_a_node_answers_in_the_order_of_its_language(ldap: Ldap) -> None:
    publish(ldap.folder, {"crm": people(("Eva Muff", "Ben Müller", "Ada Mueller", "Zoe Abel"), "crm")})

    async def surnames(order: ListOrder, language: str, *options: str) -> list[str]:
        node = Node("meta", order=order, language=language, anonymous=("127.0.0.1",))
        ldap.workers.configure(Configuration(nodes=(node,), people=PEOPLE))
        found = await ldap.search(*options, "(objectClass=person)", "cn")
        return [line.removeprefix("cn: ") for line in found if line.startswith("cn")]

    async with asyncio.timeout(SECONDS):
        while await surnames(ListOrder.LAST_NAME, "de") != ["Zoe Abel", "Ada Mueller", "cn:: QmVuIE3DvGxsZXI=", "Eva Muff"]:
            pass
    assert await surnames(ListOrder.LAST_NAME, "it") == ["Zoe Abel", "Ada Mueller", "Eva Muff", "cn:: QmVuIE3DvGxsZXI="]
    assert await surnames(ListOrder.FIRST_NAME, "", "-E", "pr=1/noprompt") == [
        "Ada Mueller",
        "cn:: QmVuIE3DvGxsZXI=",
        "Eva Muff",
        "Zoe Abel",
    ]


async def test_a_worker_that_dies_is_replaced_and_loses_no_connection(ldap: Ldap) -> None:
    [worker] = worker_processes()
    os.kill(worker, 9)
    assert len(await ldap.search("(cn=*)", "1.1")) == sum(map(len, BOOKS.values()))


async def test_what_was_done_is_counted(ldap: Ldap, tmp_path: Path) -> None:
    await ldap.search("(cn=*)", "cn")
    async with asyncio.timeout(SECONDS):
        while not ldap.workers.tally.total().searches:
            await asyncio.to_thread(os.sched_yield)
    total = ldap.workers.tally.total()
    assert (total.searches, total.accepted, total.contacts) == (1, 1, 4)
    certificate = shown(str(tmp_path / "server.crt"))
    assert "localhost" in certificate.names
    assert certificate.self_signed
    assert addresses("192.0.2.7") == ["192.0.2.7"]
    assert "0.0.0.0" not in addresses("0.0.0.0")


async def test_a_running_door_is_known_from_another_program(ldap: Ldap) -> None:
    assert await asyncio.to_thread(answers_ldap, "127.0.0.1", ldap.port, False)
    assert await asyncio.to_thread(answers_ldap, "127.0.0.1", ldap.tls_port, True)
    assert not await asyncio.to_thread(answers_ldap, "127.0.0.1", ldap.port, True)
    other = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    async with other:
        assert not await asyncio.to_thread(answers_ldap, "127.0.0.1", other.sockets[0].getsockname()[1], False)
