"""What msgspec says of a value that does not fit, as a code: with the sentences of msgspec itself."""

from enum import Enum
from typing import Annotated

import msgspec
import pytest
from msgspec import Meta

from unisono.kernel.misfit import misfit


class Colour(Enum):
    RED = "red"


class Form(msgspec.Struct, forbid_unknown_fields=True):
    port: Annotated[int, Meta(ge=1, le=65535)] = 1
    share: Annotated[float, Meta(gt=0, lt=1.5)] = 1.0
    name: Annotated[str, Meta(min_length=2, max_length=5)] = "abc"
    code: Annotated[str, Meta(pattern="^[a-z]+$")] = "a"
    items: Annotated[list[int], Meta(min_length=1, max_length=2)] = msgspec.field(default_factory=lambda: [1])
    colour: Colour = Colour.RED


class Strict(msgspec.Struct):
    there: int


@pytest.mark.parametrize(
    ("value", "problem", "bound"),
    [
        ({"port": 0}, "at-least", 1),
        ({"port": 70000}, "at-most", 65535),
        ({"share": 0}, "above", "0.0"),
        ({"share": 2}, "below", 1.5),
        ({"name": "a"}, "too-short", 2),
        ({"name": "abcdef"}, "too-long", 5),
        ({"code": "A"}, "form", None),
        ({"items": []}, "too-few", 1),
        ({"items": [1, 2, 3]}, "too-many", 2),
        ({"colour": "green"}, "choice", None),
        ({"port": "x"}, "kind", None),
        ({"port": None}, "kind", None),
        ({"more": 1}, "unknown", None),
    ],
)
def test_codes(value: dict[str, object], problem: str, bound: object) -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert(value, Form)
    found = misfit(str(caught.value))
    assert found["problem"] == problem
    assert str(found.get("bound")) == str(bound)


def test_what_is_missing() -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert({}, Strict)
    assert misfit(str(caught.value)) == {"problem": "missing"}
