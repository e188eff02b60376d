"""The interface's own description (OpenAPI 3.1), with what the framework cannot know of it."""

from typing import Any

import msgspec
from litestar import Request
from litestar.openapi.plugins import JsonRenderPlugin

from unisono.web.problem import Problem

_REF = "#/components/schemas/{name}"
_PROBLEM = "ProblemDetails"
_RANGES = {
    "4XX": "Refused: who asks can do something about it.",
    "5XX": "Not possible now: the server, or a PBX behind it, cannot.",
}


class Description(JsonRenderPlugin):
    """Gives the description out; completed when it is first asked for, so that a start does not wait for it."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """The description as JSON."""
        _close_inputs(openapi_schema["components"]["schemas"])
        _describe_problems(openapi_schema)
        return super().render(request, openapi_schema)


def _close_inputs(shapes: dict[str, dict[str, Any]]) -> None:
    """Bodies of requests take no fields but their own (their types say `forbid_unknown_fields`)."""
    for name, shape in shapes.items():
        if name.endswith("Input"):
            shape["additionalProperties"] = False


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
