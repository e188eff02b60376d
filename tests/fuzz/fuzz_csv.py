"""Whatever file somebody uploads as a table of contacts. usage: fuzz_csv.py -max_total_time=60"""

import sys

import atheris

with atheris.instrument_imports(include=["unisono"]):
    from unisono.directory.csv_import import Importer, check_mapping, open_source, preview
    from unisono.kernel.errors import Invalid


def one(data: bytes) -> None:
    """A preview and an import, or a refusal in words."""
    try:
        shown = preview(data)
        source = open_source(data)
        check_mapping(source, shown.mapping)
        list(Importer(source, shown.mapping, "book", str.strip).contacts())
    except Invalid:
        pass


atheris.Setup(sys.argv, one)
atheris.Fuzz()
