"""The client's types are what the server's own description says today."""

from typing import Any

import pytest
from client.generate import METHODS, TARGET, document, typescript


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    return document()


def with_shape(described: dict[str, Any], name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {**described, "components": {"schemas": {**described["components"]["schemas"], name: schema}}}


def test_the_generated_types_are_up_to_date(described: dict[str, Any]) -> None:
    assert TARGET.read_text() == typescript(described), "run `python -m client.generate` and commit what it writes"


def test_every_route_is_in_the_file(described: dict[str, Any]) -> None:
    routes = [method for operations in described["paths"].values() for method in METHODS if method in operations]
    assert len(routes) > 50
    assert typescript(described).count("\n    | { path: ") == len(routes)


def test_a_new_field_of_the_stream_changes_the_file(described: dict[str, Any]) -> None:
    call = described["components"]["schemas"]["LineCall"]
    mood = {"anyOf": [{"type": "string", "enum": ["good", "bad"]}, {"type": "null"}]}
    changed = {**call, "properties": {**call["properties"], "mood": mood}}
    assert '  mood?: "good" | "bad" | null;\n' in typescript(with_shape(described, "LineCall", changed))


def test_a_shape_without_words_for_it_is_refused(described: dict[str, Any]) -> None:
    odd = {"type": "object", "properties": {"both": {"allOf": [{"type": "string"}, {"type": "integer"}]}}}
    with pytest.raises(ValueError, match="no TypeScript for"):
        typescript(with_shape(described, "Odd", odd))
