"""Files that are handed over keep what can be kept of their names."""

from pathlib import Path

import pytest

from unisono.directory.uploads import Uploads


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Customers 2026.CSV", "Customers-2026.csv"),
        ("漢" * 60 + ".csv", "漢" * 40 + ".csv"),
        ("𐌰" * 60 + ".csv", "𐌰" * 30 + ".csv"),
        ("a." + "x" * 300, "a.xxxxxxxxx"),
        ("a.c\0sv", "a.c-sv"),
        ("a.c\nsv", "a.c-sv"),
        ("../../etc/a.csv", "a.csv"),
        ("a.csv\ud800", "a.csv-"),
        ("", ""),
    ],
)
async def test_names_of_files(tmp_path: Path, name: str, kept: str) -> None:
    path = await Uploads(tmp_path).put(b"x", name)
    assert path.parent == tmp_path
    assert path.name.partition("-")[2] == kept
    assert path.read_bytes() == b"x"
