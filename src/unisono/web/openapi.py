"""The interface's own description (OpenAPI 3.1), with what the framework cannot know of it."""

from itertools import chain
from types import NoneType
from typing import Any, Final, cast, get_args, get_type_hints

import msgspec
from litestar import Litestar, Request
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.routes import HTTPRoute

from unisono.web import parts
from unisono.web.journal_part import CountsPart, JournalPart
from unisono.web.precondition import MAKES, MATCH
from unisono.web.problem import Problem

STREAM: Final = "StreamState"
"""The component that says which shape the entries of each collection of the event stream have."""
COLLECTIONS: Final[tuple[type[parts.Part], ...]] = (
    parts.MePart,
    parts.PeoplePart,
    parts.PresencePart,
    parts.LinesPart,
    parts.CallsPart,
    parts.LinksPart,
    CountsPart,
    JournalPart,
)
_REF = "#/components/schemas/{name}"
_PROBLEM = "ProblemDetails"
_OUTDATED = "Somebody else was faster: what is stored is not what If-Match or If-None-Match expect. Nothing was changed."
_MADE = "It was not there, as If-None-Match expects, and was made."
_RANGES = {
    "4XX": "Refused: who asks can do something about it.",
    "5XX": "Not possible now: the server, or a PBX behind it, cannot.",
}


class Description(JsonRenderPlugin):
    """Gives the description out; completed when it is first asked for, so that a start does not wait for it."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """The description as JSON."""
        return super().render(request, _complete(openapi_schema, request.app))


def describe(app: Litestar) -> dict[str, Any]:
    """The same description, for the tools that read it."""
    return _complete(app.openapi_schema.to_schema(), app)


def _complete(document: dict[str, Any], app: Litestar) -> dict[str, Any]:
    shapes = document["components"]["schemas"]
    describe_stream(shapes)
    for name, shape in shapes.items():
        if name.endswith("Input"):
            # Bodies of requests take no fields but their own (their types say `forbid_unknown_fields`).
            shape["additionalProperties"] = False
        elif not name.endswith("Form"):
            _require_what_is_sent(shape)
    _describe_problems(document)
    _describe_tags(document, _makers(app))
    return document


def _require_what_is_sent(shape: dict[str, Any]) -> None:
    """An answer has all its fields, defaults too; only those are left out that have none (`msgspec.UNSET`)."""
    fields: dict[str, dict[str, Any]] = shape.get("properties", {})
    sent = {name for name, field in fields.items() if "default" in field or _may_be_null(field)}
    if fields:
        shape["required"] = sorted({*shape.get("required", ()), *sent})


def _may_be_null(field: dict[str, Any]) -> bool:
    return field.get("type") == "null" or {"type": "null"} in field.get("oneOf", ())


def describe_stream(shapes: dict[str, dict[str, Any]]) -> None:
    """Say what the event stream carries, which is no operation of HTTP.

    Raises `ValueError` where an operation has another shape of the same name: one of the two would be told wrongly.
    """
    by_name = {part.name: _shape_of(part) for part in COLLECTIONS}
    schemas, components = msgspec.json.schema_components(by_name.values(), ref_template=_REF)
    # Enumerations stand where they are used: those of two rooms may have one name.
    words = {_REF.format(name=name): shape for name, shape in components.items() if "enum" in shape}
    for name, shape in components.items():
        if "enum" not in shape:
            known = shapes.setdefault(name, _with_words(shape, words))
            if known.get("properties", {}).keys() != shape.get("properties", {}).keys():
                raise ValueError(f"The stream and an operation each have a shape {name!r} of their own: rename one of them.")
    entries = {name: {"type": "object", "additionalProperties": schema} for name, schema in zip(by_name, schemas, strict=True)}
    shapes[STREAM] = {"title": STREAM, "type": "object", "properties": entries, "required": sorted(entries)}


def _shape_of(part: type[parts.Part]) -> type:
    """What a part's entries are, as its `value` promises."""
    [shape] = (each for each in get_args(get_type_hints(part.value)["return"]) if each is not NoneType)
    return cast("type", shape)


def _with_words(schema: Any, words: dict[str, dict[str, Any]]) -> Any:
    """A schema with the enumerations in place of references to them."""
    match schema:
        case {"$ref": str(target)} if target in words:
            return words[target]
        case dict():
            return {key: _with_words(value, words) for key, value in schema.items()}
        case list():
            return [_with_words(value, words) for value in schema]
        case _:
            return schema


def _makers(app: Litestar) -> frozenset[str]:
    """The operations that make what is not there, under an id of one's own."""
    handlers = chain.from_iterable(route.route_handlers for route in app.routes if isinstance(route, HTTPRoute))
    return frozenset(str(handler.operation_id) for handler in handlers if MAKES in handler.opt)


def _describe_tags(document: dict[str, Any], makers: frozenset[str]) -> None:
    """Say of every operation that heeds tags (`web/precondition.py`) what it answers about them."""
    for operations in document["paths"].values():
        for operation in operations.values():
            if isinstance(operation, dict) and any(each["name"] == MATCH for each in operation.get("parameters", ())):
                responses = operation["responses"]
                responses["412"] = {**responses["4XX"], "description": _OUTDATED}
                if operation["operationId"] in makers:
                    responses["201"] = {**responses["200"], "description": _MADE}


def _describe_problems(document: dict[str, Any]) -> None:
    """Say of every operation how it refuses (RFC 9457), in place of the framework's own idea of it."""
    _, shapes = msgspec.json.schema_components([Problem], ref_template=_REF)
    for name, shape in shapes.items():
        document["components"]["schemas"][_PROBLEM if name == Problem.__name__ else name] = shape
    content = {"application/problem+json": {"schema": {"$ref": _REF.format(name=_PROBLEM)}}}
    for operations in document["paths"].values():
        for operation in operations.values():
            if isinstance(operation, dict) and "responses" in operation:
                responses = operation["responses"]
                responses.pop("400", None)
                responses.get("204", {}).pop("content", None)
                responses.update({codes: {"description": words, "content": content} for codes, words in _RANGES.items()})
