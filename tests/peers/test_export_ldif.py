"""LDIF that an export writes, taken by OpenLDAP: into an empty database by slapadd, into a running server by ldapadd."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.peers.programs import answers, free_port, needed, running
from tests.pure.test_export_formats import contacts, written

from unisono.directory.model import Contact
from unisono.directory.replicators.ldif_file import entries
from unisono.directory.replicators.source import Record

pytestmark = [pytest.mark.peer]

BASE = "ou=contacts,dc=company,dc=example"
_CONFIGURATION = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {folder}/pid
database mdb
maxsize 268435456
suffix "dc=company,dc=example"
rootdn "cn=admin,dc=company,dc=example"
rootpw secret
directory {folder}/db
"""
_ROOT = "dn: dc=company,dc=example\nobjectClass: domain\ndc: company\n"


@pytest.fixture
def configuration(tmp_path: Path) -> Path:
    (tmp_path / "db").mkdir()
    file = tmp_path / "slapd.conf"
    file.write_text(_CONFIGURATION.format(folder=tmp_path))
    return file


def ran(*command: str, given: bytes = b"") -> bytes:
    done = subprocess.run(command, input=given, capture_output=True)
    assert done.returncode == 0, done.stderr.decode(errors="replace")[-2000:]
    return done.stdout


def emptied(configuration: Path) -> Iterator[None]:
    for file in (configuration.parent / "db").iterdir():
        file.unlink()
    yield


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(contacts(), min_size=1, max_size=20, unique_by=lambda contact: contact.source_key))
def test_slapadd_takes_every_contact_and_gives_it_back(configuration: Path, found: list[Contact]) -> None:
    next(emptied(configuration))
    ldif = written("ldif", found, {"base": BASE, "with_base": True})
    where = ("-f", str(configuration))
    ran(needed("slapadd"), "-q", *where, given=_ROOT.encode())
    ran(needed("slapadd"), "-q", *where, given=ldif)
    back = {
        str(item.values["cn"]): item.values
        for item in entries(ran(needed("slapcat"), *where, "-a", "(objectClass=inetOrgPerson)"), 1)
        if isinstance(item, Record)
    }
    for contact in found:
        values = back[contact.name]
        assert values.get("description", "") == contact.note
        assert values.get("givenName", "") == contact.first_name
        assert values.get("l", "") == next((a.city for a in contact.addresses if a.kind.value == "business"), "")


def test_ldapadd_into_a_running_server(configuration: Path, tmp_path: Path) -> None:
    found = [Contact(f"{n:032x}", "b", str(n), f"Jörg Müller {n}", "Jörg", "Müller", note=f" {n}\nétoile") for n in range(300)]
    ran(needed("slapadd"), "-q", "-f", str(configuration), given=_ROOT.encode())
    (tmp_path / "contacts.ldif").write_bytes(written("ldif", found, {"base": BASE, "with_base": True}))
    port = free_port()
    url = f"ldap://127.0.0.1:{port}"
    command = [needed("slapd"), "-d", "0", "-f", str(configuration), "-h", url]
    with running(command, lambda: answers(port), tmp_path / "log"):
        bind = ("-x", "-H", url, "-D", "cn=admin,dc=company,dc=example", "-w", "secret")
        ran("ldapadd", *bind, "-f", str(tmp_path / "contacts.ldif"))
        answer = ran("ldapsearch", *bind, "-LLL", "-b", BASE, "(sn=müller)", "cn")
    assert answer.count(b"dn: uid=") == len(found)
