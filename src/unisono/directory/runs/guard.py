"""When a run stops and asks an admin instead of publishing. Pure."""

from collections.abc import Collection
from dataclasses import dataclass

from unisono.directory.runs.model import Counts


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a run asks: a code with its data, and the words."""

    code: str
    message: str
    data: dict[str, object]


def objection(counts: Counts, stored: int, most_removed: int, missing: Collection[str], *, full: bool) -> Objection | None:
    """What speaks against publishing a run over a book of `stored` contacts.

    `most_removed`: percent; `missing`: columns that the mapping reads and the source no longer has; `full`: all of it was
    read, and not only what changed.
    """
    if not stored:
        return None
    if missing:
        names = ", ".join(sorted(missing))
        message = f"The source no longer has the columns {names}, which the mapping reads. Were they renamed?"
        return Objection("columns-changed", message, {"columns": names})
    if full and counts.rows == counts.failed:
        message = "Nothing came from the source; all contacts of the book would go."
        return Objection("source-empty", message, {"contacts": stored})
    if counts.removed * 100 > most_removed * stored:
        message = f"{counts.removed:,} of {stored:,} contacts would go, which is more than {most_removed} %."
        return Objection("many-removed", message, {"removed": counts.removed, "contacts": stored, "most": most_removed})
    return None
