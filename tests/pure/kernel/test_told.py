"""What is told of a thing may come back in a body, and is dropped; nothing else that is not known may."""

import msgspec
import pytest

from unisono.kernel.told import takes_back


class Shown(msgspec.Struct):
    """As it is told."""

    name: str
    size: int
    etag: str


@takes_back(Shown)
class Wanted(msgspec.Struct, forbid_unknown_fields=True):
    """As it is set."""

    name: str
    secret: str = ""


def test_what_is_told_comes_back_with_whatever_value() -> None:
    told = msgspec.json.encode(Shown("A", 7, '"x"'))
    assert msgspec.json.decode(told, type=Wanted).name == "A"
    assert msgspec.json.decode(b'{"name": "A", "size": null, "etag": [], "secret": "s"}', type=Wanted).secret == "s"
    assert (Wanted.__name__, Wanted.__module__, Wanted.__doc__) == ("Wanted", __name__, "As it is set.")


@pytest.mark.parametrize("body", [b'{"name": "A", "nobody": 1}', b'{"name": 1}', b'{"size": 7}'])
def test_all_else_is_as_it_was(body: bytes) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(body, type=Wanted)
