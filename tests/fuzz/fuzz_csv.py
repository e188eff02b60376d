"""Whatever file somebody uploads as a table of contacts. usage: fuzz_csv.py -max_total_time=60"""

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["unisono"]):
    from unisono.directory.replicators.csv_file import CsvFile, CsvSettings
    from unisono.directory.replicators.lane import Lane
    from unisono.directory.replicators.mapping import Mapper
    from unisono.directory.replicators.suggest import suggest
    from unisono.kernel.errors import Invalid

FILE = Path(tempfile.mkdtemp()) / "contacts.csv"


def one(data: bytes) -> None:
    """A suggested mapping and an import by it, or a refusal in words."""
    FILE.write_bytes(data)
    try:
        source = CsvFile(CsvSettings(str(FILE)))
        lane = Lane(Mapper(suggest(source.columns()), lambda raw, region: raw.strip()), "book", None)
        for part in source.parts():
            taken = lane.take(source.read_part(part))
            lane.settle(bytes(len(taken.made)), [])
    except Invalid:
        pass


atheris.Setup(sys.argv, one)
atheris.Fuzz()
