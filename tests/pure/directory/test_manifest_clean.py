"""What is removed from the folder of the index, and what is not."""

import os
from pathlib import Path

from unisono.directory.manifest import LayerFile, Manifest, clean, segment_name
from unisono.kernel.ids import new_id


def test_a_book_that_is_not_named_yet_keeps_its_files_however_old(tmp_path: Path) -> None:
    kept, replaced, gone, now = (
        segment_name(*parts) for parts in (("a", "1", "x"), ("b", "2", "old"), ("c", "3", "x"), ("b", "2", "new"))
    )
    for name in (kept, replaced, gone, now):
        (tmp_path / name).write_bytes(b"")
        os.utime(tmp_path / name, (0, 0))
    clean(list(tmp_path.iterdir()), Manifest(1, {"b": (LayerFile(now),)}), {"1", "2"}, 1)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted((kept, now))


def test_what_is_being_written_goes_with_its_layer(tmp_path: Path) -> None:
    going_on, lost = new_id(), new_id()
    names = [f"{before}{layer}.building{after}" for layer in (going_on, lost) for before, after in (("", ""), (".", ".77.tmp"))]
    names += ["own.building", ".own.building.77.tmp", ".manifest.json.77.tmp"]
    for name in names:
        (tmp_path / name).write_bytes(b"")
    clean(list(tmp_path.iterdir()), Manifest(), {going_on}, 1)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(name for name in names if lost not in name)
