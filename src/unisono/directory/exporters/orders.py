"""What the server says to the export process; its answers are those of the import process."""

import msgspec

from unisono.directory.replicators.orders import Place


class ExportOrder(msgspec.Struct, tag="export"):
    """Do a run that has been begun in the database. `exports`: the operator's folder; `agreed`: it asks nothing."""

    place: Place
    run: str
    exports: str = ""
    agreed: bool = False


class CheckOrder(msgspec.Struct, tag="check"):
    """Test whether another directory can be filled with these settings."""

    kind: str
    settings: dict[str, object]


Order = ExportOrder | CheckOrder
