"""Active Directory as a source, from a Samba domain controller: all, and then what has changed, by both ways there are."""

import os
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import msgspec
import pytest
from tests.peers.programs import answers, certificate, needed, running

from unisono.directory.replicators.active_directory import ActiveDirectorySettings
from unisono.directory.replicators.kinds import KINDS
from unisono.directory.replicators.source import READ_ALL, Gone, Item, Mark, Record, Source
from unisono.kernel.errors import Fault
from unisono.kernel.settings import parse

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of what it imports
    import ldap3

pytestmark = [pytest.mark.peer, pytest.mark.xdist_group("samba")]

DOMAIN = "DC=corp,DC=company,DC=example"
ADMIN = "administrator@corp.company.example"
PASSWORD = "Passw0rd!"
_CONFIGURATION = """
[global]
netbios name = DC1
realm = CORP.COMPANY.EXAMPLE
workgroup = CORP
server role = active directory domain controller
server services = ldap
interfaces = {host}/8
bind interfaces only = yes
lock directory = {folder}
state directory = {folder}/state
cache directory = {folder}/cache
private dir = {folder}/private
pid directory = {folder}
tls certfile = {folder}/peer.crt
tls keyfile = {folder}/peer.key
tls cafile = {folder}/peer.crt
ldap server require strong auth = no
"""


def provisioned() -> Path:
    """A fresh domain; making one takes half a minute, so it is kept for the next time."""
    tool = needed("samba-tool")
    version = subprocess.run([tool, "--version"], check=True, capture_output=True, text=True).stdout.strip()
    kept = Path(tempfile.gettempdir()) / f"unisono-samba-{os.getuid()}-{version}"
    if not (kept.is_dir() and kept.stat().st_uid == os.getuid()):
        made = Path(tempfile.mkdtemp(prefix="samba"))
        command = [
            tool, "domain", "provision", "--realm=CORP.COMPANY.EXAMPLE", "--domain=CORP", "--server-role=dc",
            "--dns-backend=NONE", f"--adminpass={PASSWORD}", "--host-ip=127.0.0.1", "--host-name=dc1", f"--targetdir={made}",
        ]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True)
        made.rename(kept)
    return kept


@dataclass
class Samba:
    host: str
    authority: str
    admin: ldap3.Connection
    numbers: Iterator[int] = field(default_factory=count)

    def source(self, **settings: object) -> Source:
        given = {"host": self.host, "port": 389, "encryption": "none", "user": ADMIN, "password": PASSWORD, **settings}
        return KINDS["active-directory"].open(parse(given, ActiveDirectorySettings))

    def unit(self) -> str:
        name = f"OU=unit{next(self.numbers)},{DOMAIN}"
        self.did(self.admin.add(name, "organizationalUnit"))
        return name

    def person(self, unit: str, name: str, kind: str = "user", **more: object) -> str:
        given = {"displayName": name, "telephoneNumber": f"+39 0432 {next(self.numbers):04}", **more}
        if kind == "user":
            given = {"userAccountControl": "544", "sAMAccountName": f"u{next(self.numbers)}", **given}
        self.did(self.admin.add(f"CN={name},{unit}", kind, given))
        return f"CN={name},{unit}"

    def change(self, name: str, **values: str) -> None:
        self.did(self.admin.modify(name, {key: [(ldap3.MODIFY_REPLACE, [value])] for key, value in values.items()}))

    def did(self, well: object) -> None:
        assert well, self.admin.result


@pytest.fixture(scope="module")
def samba() -> Iterator[Samba]:
    if os.geteuid() != 0:
        pytest.skip("a domain controller listens on port 389, which only root may")
    program = needed("samba")
    made = os.getpid()
    host = f"127.{100 + made % 100}.{made // 100 % 250}.{made // 25_000 % 250 + 1}"
    folder = Path(tempfile.mkdtemp(prefix="samba"))
    shutil.copytree(provisioned(), folder, dirs_exist_ok=True)
    authority, _ = certificate(folder, f"IP:{host}", "DNS:dc1")
    (folder / "peer.key").chmod(0o600)
    configuration = folder / "smb.conf"
    configuration.write_text(_CONFIGURATION.format(host=host, folder=folder))
    command = [program, "-F", "--no-process-group", "-M", "single", "--debug-stdout", "-s", str(configuration)]
    with running(command, lambda: answers(636, host) and answers(3268, host), folder / "out"):
        server = ldap3.Server(host, 636, use_ssl=True, get_info=ldap3.NONE)
        admin = ldap3.Connection(server, ADMIN, PASSWORD, auto_bind=True)
        yield Samba(host, str(authority), admin)
        admin.unbind()
    shutil.rmtree(folder)


@pytest.fixture(params=["dirsync", "usn"])
def changes(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def names(items: list[Item]) -> Mapping[str, str]:
    """Keys by the names of records; of records alone."""
    return {str(item.values["displayName"]): item.key for item in items if isinstance(item, Record)}


def mark(items: list[Item]) -> str:
    assert isinstance(items[-1], Mark)
    return items[-1].cursor


def gone(items: list[Item]) -> set[str]:
    return {item.key for item in items if isinstance(item, Gone)}


def test_people_and_contacts_are_read_without_who_left(samba: Samba) -> None:
    unit = samba.unit()
    samba.person(unit, "Anna Rossi", otherTelephone=["+39 0432 1", "+39 0432 2"], company="Rossi & Figli")
    samba.person(unit, "Jörg Müller", "contact")
    samba.person(unit, "Disabled", userAccountControl="546")
    samba.person(unit, "Expired", accountExpires="132223104000000000")
    samba.person(unit, "Later", accountExpires="150000000000000000")
    samba.did(samba.admin.add(f"CN=group,{unit}", "group", {"sAMAccountName": "g1", "displayName": "group"}))
    found = list(samba.source(base=unit).read(None))
    assert set(names(found)) == {"Anna Rossi", "Jörg Müller", "Later"}
    anna = next(item for item in found if isinstance(item, Record) and item.values["displayName"] == "Anna Rossi")
    assert set(anna.values["otherTelephone"]) == {"+39 0432 1", "+39 0432 2"}
    everybody = samba.source(base=unit, skip_disabled=False, skip_expired=False)
    assert set(names(list(everybody.read(None)))) == {"Anna Rossi", "Jörg Müller", "Later", "Disabled", "Expired"}
    meanings = {column.name: column.field for column in everybody.columns()}
    assert meanings["displayName"] == "display_name"
    assert (meanings["cn"], meanings["telephoneNumber"]) == ("", "phone_business")


def test_the_check_says_who_answers(samba: Samba) -> None:
    check = samba.source(encryption="tls", port=636, ca_file=samba.authority).check()
    assert (check.peer, check.version, check.notes) == ("Active Directory dc1.corp.company.example", DOMAIN, ())


def test_afterwards_only_what_changed(samba: Samba, changes: str) -> None:
    unit, elsewhere = samba.unit(), samba.unit()
    people = {name: samba.person(unit, name) for name in ("stays", "changes", "leaves", "moves", "dies")}
    source = samba.source(base=unit, changes=changes)
    first = list(source.read(None))
    keys = names(first)
    assert set(keys) == set(people)
    quiet = list(source.read(mark(first)))
    assert [type(item) for item in quiet] == [Mark]
    samba.change(people["changes"], telephoneNumber="+39 0432 9999")
    samba.change(people["leaves"], userAccountControl="546")
    samba.did(samba.admin.modify_dn(people["moves"], "CN=moves", new_superior=elsewhere))
    samba.did(samba.admin.delete(people["dies"]))
    samba.person(unit, "new", "contact")
    samba.person(elsewhere, "stranger")
    second = list(source.read(mark(quiet)))
    assert set(names(second)) == {"changes", "new"}
    assert names(second)["changes"] == keys["changes"]
    assert {keys[name] for name in ("leaves", "moves", "dies")} <= gone(second)
    assert keys["stays"] not in gone(second)
    samba.change(people["leaves"], userAccountControl="544")
    third = list(source.read(mark(second)))
    assert names(third) == {"leaves": keys["leaves"]}


def test_without_the_right_for_dirsync_changes_are_counted(samba: Samba) -> None:
    unit = samba.unit()
    reader = samba.person(unit, "reader", sAMAccountName="reader", userPrincipalName="reader@corp.company.example")
    samba.did(samba.admin.extend.microsoft.modify_password(reader, PASSWORD))
    who = {"user": "reader@corp.company.example", "base": unit}
    source = samba.source(**who)
    assert [note.code for note in source.check().notes] == ["deleted-unseen"]
    first = list(source.read(None))
    assert "usn" in msgspec.json.decode(mark(first))
    samba.change(reader, displayName="renamed")
    assert set(names(list(source.read(mark(first))))) == {"renamed"}
    with pytest.raises(Fault) as caught:
        list(samba.source(changes="dirsync", **who).read(None))
    assert caught.value.code in ("source-forbidden", "source-refused")


@pytest.mark.parametrize(
    "wrong", [{"domain": "DC=other"}, {"time": "2020-01-01T00:00:00+00:00"}, {"cookie": "", "controller": "another", "usn": 1}]
)
def test_a_mark_of_another_world_is_of_no_use(samba: Samba, wrong: dict[str, object]) -> None:
    source = samba.source(base=samba.unit())
    cursor = {**msgspec.json.decode(mark(list(source.read(None)))), **wrong}
    for useless in (msgspec.json.encode(cursor).decode(), "nonsense"):
        with pytest.raises(Fault) as caught:
            list(source.read(useless))
        assert caught.value.code == READ_ALL


def test_a_global_catalogue_is_always_read_in_full(samba: Samba) -> None:
    unit = samba.unit()
    samba.person(unit, "Anna")
    assert [type(item) for item in samba.source(port=3268, base=unit).read(None)] == [Record]


def test_the_reason_of_a_refused_sign_in_is_said(samba: Samba) -> None:
    with pytest.raises(Fault, match="password is wrong") as caught:
        samba.source(password="wrong").check()
    assert caught.value.code == "source-sign-in"
