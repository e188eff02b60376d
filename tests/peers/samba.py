"""A Samba domain controller for tests, with an administrator who is not our code."""

import os
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest
from tests.peers.programs import answers, certificate, needed, running

from unisono.directory.replicators.active_directory import ActiveDirectorySettings
from unisono.directory.replicators.kinds import KINDS
from unisono.directory.replicators.source import Source
from unisono.kernel.settings import parse

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of what it imports
    import ldap3

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
        try:
            made.rename(kept)
        except OSError:
            shutil.rmtree(made)  # another process of the tests was quicker
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


@contextmanager
def controller() -> Iterator[Samba]:
    """A domain controller as long as it is needed."""
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
