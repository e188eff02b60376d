"""Settings of the directory."""

from typing import Annotated

import msgspec
from msgspec import Meta


class DirectorySettings(msgspec.Struct, forbid_unknown_fields=True):
    """The directory and its sources."""

    files: Annotated[
        str, Meta(description="Folders, with : between, from which admins may let files be read; besides them only uploads.")
    ] = ""
    last_digits: Annotated[
        int,
        Meta(
            ge=0,
            le=15,
            description="So many last digits say who calls where a number comes without its area; 0: never.",
        ),
    ] = 7
    exports: Annotated[
        str, Meta(description="Folder into which exports may be written; empty: they can only be fetched by HTTP.")
    ] = ""
    programs: Annotated[
        str, Meta(description="Folder of programs that may be run before and after a source is read; empty: none may.")
    ] = ""
