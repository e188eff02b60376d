"""Ids that an admin sets: each names something that is there, or was there when it was set and has been removed since. Pure."""

from collections.abc import Collection, Iterable

from unisono.kernel.errors import Invalid


def check_known(field: str, wanted: Iterable[str], there: Collection[str], before: Collection[str] = ()) -> None:
    """Raise `Invalid`, naming the field and the first id that names nothing; "" is none. `before`: what stood there already."""
    for id in wanted:
        if id and id not in there and id not in before:
            message = f"{field}: There is no {id!r} (any more); choose something that is there."
            raise Invalid("unknown-id", message, data={"field": field, "id": id})


def without(wanted: Iterable[str], there: Collection[str]) -> list[str]:
    """Those that are gone, each once."""
    return [id for id in dict.fromkeys(wanted) if id not in there]
