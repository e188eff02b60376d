"""Two exports into one folder at the same time: none takes away what another one is writing."""

from collections.abc import Callable, Iterator
from datetime import UTC
from pathlib import Path

import pytest

from unisono.app.exports import Wanted, export
from unisono.app.settings import ServerSettings, Settings
from unisono.app.sources import opened
from unisono.directory.exporters.file import FileExport
from unisono.directory.exporters.model import Exported, Exporter
from unisono.directory.exporters.service import Exports
from unisono.directory.exporters.writer import Writer
from unisono.directory.settings import DirectorySettings
from unisono.kernel.clock import SystemClock
from unisono.kernel.errors import Conflict

ONE, OTHER, KILLED = "1" * 32, "2" * 32, "3" * 32


class Names(Writer):
    """A name a line."""

    def begin(self) -> bytes:
        return b""

    def contact(self, exported: Exported) -> bytes:
        return f"{exported.name}\n".encode()

    def end(self) -> bytes:
        return b""


def writes(target: Path, run: str, *names: str, between: Callable[[], None] = lambda: None) -> None:
    """A whole export; `between`: what happens while it goes on."""

    def found() -> Iterator[Exported]:
        for name in names:
            yield Exported(name.encode().hex(), name, {})
            between()

    going = FileExport(Names(), found, target, None, run)
    going.find(lambda counts: None, dry=False)
    going.publish(lambda counts: None)


@pytest.mark.parametrize("name", ["a.csv", "a.csv.old.csv", "a.csv.old"])
def test_a_run_that_goes_on_keeps_its_file(tmp_path: Path, name: str) -> None:
    writes(tmp_path / name, ONE, "Anna", between=lambda: writes(tmp_path / "a.csv", OTHER, "Ben"))
    assert (tmp_path / name).read_text() == "Anna\n"
    assert {path.name for path in tmp_path.iterdir()} == {name, "a.csv"}


def test_what_a_killed_run_has_left_goes_with_the_next_one_into_that_file(tmp_path: Path) -> None:
    left, others = tmp_path / f".a.csv.{KILLED}.partial", tmp_path / f".a.csv.old.csv.{KILLED}.partial"
    for path in (left, others):
        path.write_text("half")
    writes(tmp_path / "a.csv", ONE, "Anna")
    assert {path.name for path in tmp_path.iterdir()} == {"a.csv", others.name}


def test_what_is_discarded_leaves_the_target_as_it_was(tmp_path: Path) -> None:
    writes(tmp_path / "a.csv", ONE, "Anna")
    run = FileExport(Names(), lambda: [Exported("be", "Ben", {})], tmp_path / "a.csv", None, OTHER)
    run.find(lambda counts: None, dry=False)
    run.discard()
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("a.csv", "Anna\n")]


async def test_a_command_takes_no_export_s_file(tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    settings = Settings(ServerSettings(data=str(tmp_path / "data")), directory=DirectorySettings(exports=str(folder)))
    async with opened(settings) as (database, place):
        exports = Exports(database, SystemClock(), place, str(folder), lambda location_id: UTC)
        await exports.save(Exporter("", "Nightly", "csv", file="names.csv"))
        await exports.save(Exporter("", "Own", "csv"))
    (tmp_path / "link").symlink_to(folder)
    for file in (folder / "names.csv", tmp_path / "link" / "names.csv"):
        with pytest.raises(Conflict, match="The export Nightly writes"):
            await export(settings, Wanted("Own", file), lambda counts: None)
    done = await export(settings, Wanted("Own", folder / "others.csv"), lambda counts: None)
    assert (done.file, (folder / "others.csv").exists()) == (str(folder / "others.csv"), True)
