"""Whatever file somebody uploads as a table of contacts. usage: fuzz_csv.py -max_total_time=60"""

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["unisono"]):
    from unisono.directory.imports import preview
    from unisono.directory.replicators.csv_file import CsvFile, CsvSettings
    from unisono.directory.replicators.lane import Lane
    from unisono.directory.replicators.mapping import Mapper, plain
    from unisono.kernel.errors import Invalid

FILE = Path(tempfile.mkdtemp()) / "contacts.csv"


def one(data: bytes) -> None:
    """A preview and an import, or a refusal in words."""
    FILE.write_bytes(data)
    try:
        shown = preview(FILE)
        lane = Lane(Mapper(plain(shown.mapping), lambda raw, region: raw.strip()), "book", None)
        source = CsvFile(CsvSettings(str(FILE)))
        for part in source.parts():
            taken = lane.take(source.read_part(part))
            lane.settle(bytes(len(taken.made)), [])
    except Invalid:
        pass


atheris.Setup(sys.argv, one)
atheris.Fuzz()
