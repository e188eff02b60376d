"""Files behind an https:// address or on a disk: what is whole is read, and of what is not nothing is."""

import errno
import io
import mmap
import os
import socket
import ssl
import tempfile
from functools import partial
from pathlib import Path
from types import ModuleType

import openpyxl
import pytest
from tests.peers.programs import certificate
from tests.rooms.http_peer import Asked, Given, serving

from unisono.directory.replicators import files
from unisono.directory.replicators.csv_file import CsvFile
from unisono.directory.replicators.kinds import KINDS
from unisono.directory.replicators.source import Record, Source
from unisono.kernel.errors import Culprit, Fault, Invalid, Retry, Unavailable
from unisono.kernel.settings import parse

CSV = b"Name;Phone\nAnna;0432 1\nBen;0432 2\n"


@pytest.fixture
def pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """A certificate that everybody here trusts, and its key."""
    made = certificate(tmp_path, "IP:127.0.0.1")
    monkeypatch.setenv("SSL_CERT_FILE", str(made[0]))
    return made


def opened(file: str, **settings: object) -> Source:
    return KINDS["csv"].open(parse({"file": file, **settings}, KINDS["csv"].settings))


def refused(file: str) -> Fault:
    with pytest.raises(Fault) as caught:
        list(opened(file).read(None))
    return caught.value


def test_a_file_is_fetched_by_name_and_password(pair: tuple[Path, Path]) -> None:
    def answer(asked: Asked) -> Given:
        return Given(CSV) if asked.headers.get("authorization") == "Basic YW5uYTpz" else Given(b"who?", 401)

    with serving(answer, pair) as peer:
        found = list(opened(f"{peer.url}/crm.csv", user="anna", password="s").read(None))
        assert [item.values["Name"] for item in found if isinstance(item, Record)] == ["Anna", "Ben"]
        assert "answers 401" in refused(f"{peer.url}/crm.csv").message


def test_an_address_where_nobody_answers_says_how_to_go_on() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"https://127.0.0.1:{server.getsockname()[1]}/crm.csv"
    assert refused(address).message == (
        f"{address} cannot be read: Connection refused. Check the address, name and password, and whether its server is up."
    )


def test_a_connection_that_does_not_come_about_is_no_slow_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_SECONDS_CONNECT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as server:  # which never takes it
        fault = refused(f"https://127.0.0.1:{server.getsockname()[1]}/crm.csv")
    assert (fault.code, "no connection comes about in time" in fault.message) == ("address-unanswered", True)


def test_a_file_that_is_cut_off_on_its_way_is_none(pair: tuple[Path, Path]) -> None:
    short = Given(CSV, headers={"Content-Length": "1000", "Connection": "close"})
    with serving(lambda asked: short, pair) as peer:
        fault = refused(f"{peer.url}/crm.csv")
    assert (fault.code, fault.culprit) == ("address-unanswered", Culprit.PEER)
    assert "it was cut off" in fault.message
    assert peer.url in fault.message


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.EHOSTUNREACH, "No route to host"), "No route to host"),
        (OSError(errno.ENETUNREACH, "Network is unreachable"), "Network is unreachable"),
        (ssl.SSLError(1, "[SSL] record layer failure"), "[SSL] record layer failure"),
    ],
)
@pytest.mark.parametrize("where", ["begin", "read1"])
def test_a_network_that_goes_away_halfway_is_no_disk_that_fails(
    pair: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, where: str, error: OSError, said: str
) -> None:
    def fails(*_: object) -> None:
        raise error

    monkeypatch.setattr(files._AtPace, where, fails)
    with serving(lambda asked: Given(CSV), pair) as peer:
        fault = refused(f"{peer.url}/crm.csv")
    assert (fault.code, fault.culprit, fault.retry) == ("address-unanswered", Culprit.PEER, Retry.LATER)
    assert f"crm.csv cannot be read: {said}. Check the address" in fault.message


def test_a_file_without_measure_is_not_fetched_to_its_end(pair: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_FILE", 20)
    with serving(lambda asked: Given(CSV * 100), pair) as peer:
        assert refused(f"{peer.url}/crm.csv").code == "file-too-large"


def test_whoever_sends_us_on_to_where_others_can_read_is_not_followed(pair: tuple[Path, Path]) -> None:
    with serving(lambda asked: Given(CSV)) as plain:
        onwards = Given(status=302, headers={"Location": f"{plain.url}/crm.csv"})
        with serving(lambda asked: onwards, pair) as peer:
            assert refused(f"{peer.url}/crm.csv").code == "address-insecure"
        assert plain.asked == []


def test_a_file_whose_disk_fails_while_it_is_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*which: int) -> int:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    file = tmp_path / "crm.csv"
    file.write_bytes(CSV)
    monkeypatch.setattr(os, "sendfile", broken)
    of_vcards = KINDS["vcard"].open(parse({"file": "/proc/self/mem"}, KINDS["vcard"].settings))  # it opens, and gives EIO
    for source, path in ((opened(str(file)), str(file)), (of_vcards, "/proc/self/mem")):
        with pytest.raises(Fault) as caught:
            list(source.read(None))
        assert (caught.value.code, caught.value.data["file"]) == ("file-unreadable", path)
        assert (type(caught.value), caught.value.retry) == (Unavailable, Retry.LATER)
        assert caught.value.message.startswith(f"{path} cannot be read: Input/output error. ")
        assert "check the disk" in caught.value.message


@pytest.mark.parametrize("good", [0, 3, 8])
def test_a_workbook_whose_disk_fails_while_it_is_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, good: int
) -> None:
    """At its end, which is looked at first, or in one of its parts."""
    reads = 0

    class Failing(io.FileIO):
        def read(self, size: int | None = -1, /) -> bytes:
            nonlocal reads
            reads += 1
            if reads > good:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            return super().read(-1 if size is None else size) or b""

    file = tmp_path / "crm.xlsx"
    book = openpyxl.Workbook()
    book.active.append(["Name", "Phone"])
    book.active.append(["Anna", "0432 1"])
    book.save(file)
    monkeypatch.setattr(files, "open", Failing, raising=False)
    source = KINDS["xlsx"].open(parse({"file": str(file)}, KINDS["xlsx"].settings))
    with pytest.raises(Unavailable, match="cannot be read: Input/output error") as caught:
        list(source.read(None))
    assert (caught.value.code, caught.value.data["file"], reads) == ("file-unreadable", str(file), good + 1)


def test_a_disk_that_is_full_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*which: int) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    file = tmp_path / "crm.csv"
    file.write_bytes(CSV)
    monkeypatch.setattr(os, "sendfile", full)
    fault = refused(str(file))
    assert (fault.code, fault.culprit) == ("disk-full", Culprit.US)


@pytest.mark.parametrize("data", [CSV, CSV.decode().encode("utf-16")], ids=["copied", "written anew"])
@pytest.mark.parametrize(
    ("module", "name", "number", "said"),
    [
        (tempfile, "TemporaryFile", errno.ENOENT, "No usable temporary directory found"),
        (tempfile, "TemporaryFile", errno.EMFILE, "Too many open files"),
        (mmap, "mmap", errno.ENOMEM, "Cannot allocate memory"),
    ],
)
def test_a_temporary_file_that_cannot_be_had_is_not_blamed_on_the_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str, number: int, said: str, data: bytes
) -> None:
    def refuse(*args: object, **more: object) -> None:
        raise OSError(number, said)

    file = tmp_path / "crm.csv"
    file.write_bytes(data)
    source = opened(str(file))
    assert isinstance(source, CsvFile)
    if data is not CSV:
        assert source.dialect.encoding == "utf-16-le"  # it is copied by now, and then written in UTF-8
    monkeypatch.setattr(module, name, refuse)
    with pytest.raises(Unavailable, match=said) as caught:
        list(source.read(None))
    assert (caught.value.code, caught.value.culprit, str(file) in caught.value.message) == (
        "disk-unavailable", Culprit.US, False,
    )  # fmt: skip


def test_a_file_that_is_fetched_onto_a_full_disk_is_not_blamed_on_its_address(
    pair: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "TemporaryFile", partial(open, "/dev/full", "w+b"))
    with serving(lambda asked: Given(CSV), pair) as peer:
        fault = refused(f"{peer.url}/crm.csv")
    assert (fault.code, fault.culprit) == ("disk-full", Culprit.US)


def test_a_file_that_nobody_lets_us_open_is_told_apart_from_a_disk_that_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(*args: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    file = tmp_path / "crm.csv"
    file.write_bytes(CSV)
    monkeypatch.setattr(files, "open", closed, raising=False)
    fault = refused(str(file))
    assert (type(fault), fault.code, fault.data["file"]) == (Invalid, "file-unreadable", str(file))
