"""Microsoft Graph v1.0 by its metadata (`graph-v1.0.json`, which says where it is from): routes, options, answers.

Routes go from an entity set by keys, navigation properties and bound functions (OData 4.01 URL Conventions 4). What the
metadata does not say is said by OData JSON Format 4.01: annotations (4.5), deleted entities (15.3), errors (21.1).
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import jsonschema_rs
import msgspec
from tests.rooms.http_peer import Asked, Given
from tests.rooms.published.holding import NotPublished

_ROOT = "/v1.0/"
_METADATA: dict[str, Any] = msgspec.json.decode((Path(__file__).parent / "graph-v1.0.json").read_bytes())
_TYPES: dict[str, dict[str, Any]] = _METADATA["types"]
_PRIMITIVE: dict[str, dict[str, Any]] = {
    "String": {"type": "string"},
    "Boolean": {"type": "boolean"},
    "Int32": {"type": "integer", "minimum": -(2**31), "maximum": 2**31 - 1},
    "DateTimeOffset": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$"},
}
_TEXT = {"type": "string", "minLength": 1}
_SAID = {"type": "object", "required": ["code", "message"], "properties": {"code": _TEXT, "message": _TEXT}}
_ERROR = {"type": "object", "required": ["error"], "properties": {"error": _SAID}}


@dataclass(frozen=True)
class Answer:
    """Entities of a type: `one`, `some` of a collection, or what `delta` tells; of these properties alone, if any are named."""

    type: str
    shape: str
    select: frozenset[str] = frozenset()


class GraphMetadata:
    """Knows besides where it has led its caller to: what a link says is the service's own business."""

    def __init__(self) -> None:
        self._links: dict[tuple[str, frozenset[tuple[str, str]]], Answer] = {}

    def asked(self, asked: Asked) -> Answer:
        if asked.method != "GET":
            raise NotPublished("only GET is meant to be asked")
        if led := self._links.get((asked.path, frozenset(asked.query.items()))):
            return led
        if not asked.path.startswith(_ROOT):
            raise NotPublished(f"not below {_ROOT}")
        name, shape = _route([unquote(each) for each in asked.path.removeprefix(_ROOT).split("/")])
        return Answer(name, shape, _options(name, shape, asked.query))

    def told(self, expected: Answer, given: Given) -> None:
        answer = msgspec.json.decode(given.body)
        schema = _ERROR if given.status >= 400 else _answer(expected)
        for error in jsonschema_rs.validator_for(schema).iter_errors(answer):
            raise NotPublished(f"{error.message} (at {list(error.instance_path)})")
        for name in ("@odata.nextLink", "@odata.deltaLink"):
            if name in answer:
                parts = urlsplit(answer[name])
                self._links[parts.path, frozenset(parse_qsl(parts.query, keep_blank_values=True))] = expected


def _route(segments: list[str]) -> tuple[str, str]:
    name, shape = _METADATA["sets"].get(segments[0], ""), "some"
    for segment in segments[1:] if name else ():
        navigation = _all("navigation", name)
        if shape == "some" and segment == "delta" and name in _METADATA["delta"]:
            shape = "delta"
        elif shape == "some" and segment:
            shape = "one"
        elif shape == "one" and segment in navigation:
            name, shape = navigation[segment].removeprefix("Collection(").rstrip(")"), "some"
        else:
            raise NotPublished(f"{segment!r} leads nowhere from {shape} of {name}")
    if not name:
        raise NotPublished(f"there is no {segments[0]!r}")
    return name, shape


def _options(name: str, shape: str, query: dict[str, str]) -> frozenset[str]:
    select = frozenset(query["$select"].split(",") if "$select" in query else ())
    if strange := select - _all("properties", name).keys():
        raise NotPublished(f"{name} has no {sorted(strange)}")
    top = query.get("$top", "1")
    if not top.isdecimal() or not int(top) or ("$top" in query and shape != "some"):
        raise NotPublished(f"$top={top} of {shape}")
    if unknown := query.keys() - {"$select", "$top"}:
        raise NotPublished(f"options nobody asks for: {sorted(unknown)}")
    return select


@cache
def _all(what: str, name: str) -> dict[str, str]:
    """The `properties` or `navigation` of a type with those of what it is derived from."""
    own = _TYPES[name]
    return {**(_all(what, own["base"]) if "base" in own else {}), **own.get(what, {})}


@cache
def _answer(expected: Answer) -> dict[str, Any]:
    """JSON Schema of an answer."""
    links = {"@odata.context": _TEXT, "@odata.nextLink": _TEXT}
    if expected.shape == "one":
        return _entity(expected)
    if expected.shape == "some":
        return _closed({**links, "value": {"type": "array", "items": _entity(expected)}}, "value")
    reason = _closed({"reason": {"enum": ["changed", "deleted"]}}, "reason")
    gone = _closed({"id": _TEXT, "@removed": reason}, "id", "@removed")
    there = {**_entity(expected), "required": ["id"]}
    items = {"if": {"required": ["@removed"]}, "then": gone, "else": there}
    told = _closed({**links, "@odata.deltaLink": _TEXT, "value": {"type": "array", "items": items}}, "value")
    return {**told, "oneOf": [{"required": ["@odata.nextLink"]}, {"required": ["@odata.deltaLink"]}]}


def _entity(expected: Answer) -> dict[str, Any]:
    known = _all("properties", expected.type)
    properties = {name: _value(known[name]) for name in (expected.select | {"id"} if expected.select else known)}
    return _closed({**properties, "@odata.context": _TEXT, "@odata.etag": _TEXT, "@odata.type": _TEXT})


def _value(name: str) -> dict[str, Any]:
    if name.startswith("Collection("):
        return {"type": "array", "items": _value(name.removeprefix("Collection(").rstrip(")!") + "!")}
    bare = name.removesuffix("!")
    properties = _all("properties", bare) if bare in _TYPES else {}
    schema = _PRIMITIVE.get(bare) or _closed({each: _value(kind) for each, kind in properties.items()})
    return schema if name.endswith("!") else {"anyOf": [schema, {"type": "null"}]}


def _closed(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}
