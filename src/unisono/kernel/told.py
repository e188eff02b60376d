"""What is told of a thing comes back when it is changed and put back as it is: what nobody can set is taken, and dropped."""

from collections.abc import Callable
from typing import TypeVar, cast

import msgspec

T = TypeVar("T", bound=msgspec.Struct)


def takes_back(told: type[msgspec.Struct]) -> Callable[[type[T]], type[T]]:
    """For the type of a body: fields of what is told that it does not have may be in it, with whatever value."""

    def with_told(wanted: type[T]) -> type[T]:
        more = [(name, object, None) for name in told.__struct_fields__ if name not in wanted.__struct_fields__]
        own = {"__doc__": wanted.__doc__}
        made = msgspec.defstruct(
            wanted.__name__, more, bases=(wanted,), module=wanted.__module__, namespace=own, forbid_unknown_fields=True
        )
        return cast("type[T]", made)

    return with_told
