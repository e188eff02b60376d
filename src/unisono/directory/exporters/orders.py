"""What the server says to the export process; its answers are those of the import process."""

import msgspec

from unisono.directory.exporters.model import Exporter
from unisono.directory.runs.process import Place


class ExportOrder(msgspec.Struct, tag="export"):
    """Do a run that has been begun in the database. `exports`: the operator's folder.

    `agreed`: so many contacts may go without asking.
    """

    place: Place
    run: str
    exports: str = ""
    agreed: int = 0


class CheckOrder(msgspec.Struct, tag="check"):
    """Test whether another directory can be filled with these settings."""

    kind: str
    settings: dict[str, object]


class PreviewOrder(msgspec.Struct, tag="preview"):
    """Show the first contacts as they would leave."""

    place: Place
    exporter: Exporter


Order = ExportOrder | CheckOrder | PreviewOrder


class Previewed(msgspec.Struct, tag="previewed"):
    """The first contacts as they would leave: their columns, and the file as it would begin ("" where there is none).

    `total`: contacts in the books, before any condition.
    """

    columns: list[str]
    rows: list[dict[str, list[str]]]
    text: str
    total: int
