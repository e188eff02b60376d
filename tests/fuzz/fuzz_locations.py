"""Whatever file somebody uploads as locations.xml. usage: fuzz_locations.py -max_total_time=60"""

import sys
from contextlib import suppress

import atheris

with atheris.instrument_imports(include=["unisono"]):
    from unisono.kernel.errors import Invalid
    from unisono.numbers.locations_xml import read_locations

START = b'<locations><location name="A"><country>IT</country>'


def one(data: bytes) -> None:
    """A report, or a refusal in words; half of the files begin well."""
    for file in (data, START + data + b"</location></locations>"):
        with suppress(Invalid):
            read_locations(file)


atheris.Setup(sys.argv, one)
atheris.Fuzz()
