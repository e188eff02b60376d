"""Google's People API v1 by its discovery document (`people-v1.json`, which says where it is from)."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import msgspec
from tests.rooms.http_peer import Asked, Given
from tests.rooms.published.holding import NotPublished

_DOCUMENT: dict[str, Any] = msgspec.json.decode((Path(__file__).parent / "people-v1.json").read_bytes())
_TOKENS = {"nextPageToken": "pageToken", "nextSyncToken": "syncToken"}
_FORMATS: dict[str, dict[str, Any]] = {
    "int32": {"minimum": -(2**31), "maximum": 2**31 - 1},
    "google-datetime": {"pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$"},
}


@dataclass(frozen=True)
class Called:
    """A method of the document, the fields of a person that are asked for, and all parameters but the tokens."""

    method: str
    fields: frozenset[str]
    parameters: frozenset[tuple[str, str]]


class PeopleDiscovery:
    """Knows besides to which calls tokens were given: with one, "all other request parameters must match the first call"."""

    def __init__(self) -> None:
        self._handed: set[tuple[str, str, Called]] = set()

    def asked(self, asked: Asked) -> Called:
        method = next((name for name in _DOCUMENT["methods"] if _path(name).fullmatch(asked.path)), None)
        if method is None or asked.method != _DOCUMENT["methods"][method]["httpMethod"]:
            raise NotPublished("there is no such method")
        known = {name: each for name, each in _DOCUMENT["methods"][method]["parameters"].items() if each["location"] == "query"}
        if strange := asked.query.keys() - known.keys():
            raise NotPublished(f"unknown parameters: {sorted(strange)}")
        for name, each in known.items():
            if name in asked.query:
                _parameter(name, each, asked.query[name])
            elif each.get("required"):
                raise NotPublished(f"{name} is required")
        mask = next(asked.query[name] for name, each in known.items() if "values" in each)
        others = frozenset((name, value) for name, value in asked.query.items() if name not in _TOKENS.values())
        called = Called(method, frozenset(mask.split(",")), others)
        for name in _TOKENS.values():
            if name in asked.query and (name, asked.query[name], called) not in self._handed:
                raise NotPublished(f"{name} was not given to a call with these parameters")
        return called

    def told(self, expected: Called, given: Given) -> None:
        if given.status >= 400:
            return  # the document says nothing of errors
        answer = msgspec.json.decode(given.body)
        for error in jsonschema_rs.validator_for(_answer(expected.method)).iter_errors(answer):
            raise NotPublished(f"{error.message} (at {list(error.instance_path)})")
        for person in answer.get("connections") or answer.get("people") or ():
            if unasked := person.keys() - expected.fields - {"resourceName", "etag"}:
                raise NotPublished(f"nobody asked for {sorted(unasked)}")
        self._handed |= {(theirs, answer[name], expected) for name, theirs in _TOKENS.items() if name in answer}


@cache
def _path(method: str) -> re.Pattern[str]:
    """The paths of a method: a URI template (RFC 6570) whose only kind of expression here is `{+name}`."""
    text, parameters = _DOCUMENT["methods"][method]["path"], _DOCUMENT["methods"][method]["parameters"]
    parts = re.split(r"\{\+(\w+)\}", text)
    told = [parameters[part]["pattern"].strip("^$") if place % 2 else re.escape(part) for place, part in enumerate(parts)]
    return re.compile("/" + "".join(told))


def _parameter(name: str, known: dict[str, Any], value: str) -> None:
    if known["type"] == "integer":
        well = value.isdecimal() and known.get("minimum", 0) <= int(value) <= known.get("maximum", 2**31 - 1)
    elif known["type"] == "boolean":
        well = value in ("true", "false")
    else:
        allowed = known.get("enum") or known.get("values")
        well = bool(value) and (allowed is None or set(value.split(",") if "values" in known else [value]) <= set(allowed))
    if not well:
        raise NotPublished(f"{name}={value}")


@cache
def _answer(method: str) -> dict[str, Any]:
    """JSON Schema of an answer; discovery documents are written in it, but for formats and where names lead to."""
    schemas = {name: _closed(properties) for name, properties in _DOCUMENT["schemas"].items()}
    return {"$ref": f"#/$defs/{_DOCUMENT['methods'][method]['response']}", "$defs": schemas}


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": {n: _value(each) for n, each in properties.items()}, "additionalProperties": False}


def _value(known: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in known:
        return {"$ref": f"#/$defs/{known['$ref']}"}
    if "items" in known:
        return {"type": "array", "items": _value(known["items"])}
    return {**known, **_FORMATS.get(known.get("format", ""), {})}
