"""Writes `src/core/api/generated.ts`: the shapes and routes of the interface, as the server itself describes them.

`python -m client.generate` writes the file anew, and the list of all routes in `docs/developers/api.md`; a house test fails
while they are not what this would write.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from unisono import __version__
from unisono.web.app import routes
from unisono.web.gate import API
from unisono.web.openapi import STREAM, describe
from unisono.web.settings import LimitSettings

TARGET = Path(__file__).parent / "src" / "core" / "api" / "generated.ts"
REFERENCE = Path(__file__).parents[1] / "docs" / "developers" / "api.md"
ROUTES = "## All routes"
"""What stands in `REFERENCE` from here on is written by this."""
HEAD = "/** What the server sends and takes. Made by `python -m client.generate`: do not edit. */\n"
NAMES = {
    "AddressView": "Address",
    "ContactView": "Contact",
    "EntryView": "JournalEntry",
    "HitView": "Hit",
    "Problem": "BadRow",
    "State": "PresenceState",
    STREAM: "Collections",
}
"""What the client calls a shape, where the server's name says too little outside its room."""
METHODS = ("get", "post", "put", "patch", "delete")

Schema = dict[str, Any]


def document() -> Schema:
    """The interface's description (OpenAPI 3.1)."""
    return describe(routes(__version__, LimitSettings().body_kib))


def typescript(document: Schema) -> str:
    """The whole file."""
    shapes = document["components"]["schemas"]
    names = [NAMES.get(name, name) for name in shapes]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"Two shapes of the server would be called {', '.join(twice)}: rename one there, or here.")
    pieces = [HEAD, "export interface Page<T> {\n  items: T[];\n  next: string | null;\n}\n"]
    writer = _Writer(shapes)
    pieces += [writer.declaration(name) for name in sorted(shapes, key=writer.name) if not writer.is_built_in(name)]
    pieces.append(writer.operations(document["paths"]))
    return "\n".join(pieces)


def reference(document: Schema, text: str) -> str:
    """The guide with the list of all routes as the document has it."""
    rows = [
        f"| `{method.upper()} {path.removeprefix(API)}` | {operation['description'].splitlines()[0]} |\n"
        for path, item in sorted(document["paths"].items())
        for method, operation in item.items()
        if method in METHODS
    ]
    before = text.partition(ROUTES)[0]
    intro = "Written by `python -m client.generate` from the interface's own description.\n\n| route | what |\n|---|---|\n"
    return f"{before}{ROUTES}\n\n{intro}{''.join(rows)}"


class _Writer:
    """Turns JSON Schema into TypeScript; `shapes` are the named ones."""

    def __init__(self, shapes: dict[str, Schema]) -> None:
        self._shapes = shapes

    def name(self, component: str) -> str:
        return NAMES.get(component, component)

    def is_built_in(self, component: str) -> bool:
        """Whether the client has a general shape for it: `Page`, and the browser's own `FormData`."""
        return self._is_page(component) or component.endswith("Form")

    def _is_page(self, component: str) -> bool:
        return set(self._shapes[component].get("properties", ())) == {"items", "next"}

    def declaration(self, component: str) -> str:
        schema, name = self._shapes[component], self.name(component)
        comment = f"/** {schema['description']} */\n" if "description" in schema else ""
        if "enum" in schema:
            return f"{comment}export type {name} = {self.type(schema)};\n"
        fields = schema["properties"]
        if component == STREAM:
            lines = [f"  {key}: {self.type(field['additionalProperties'])};\n" for key, field in fields.items()]
        else:
            required = schema.get("required", ())
            lines = [f"  {key}{'' if key in required else '?'}: {self.type(field)};\n" for key, field in fields.items()]
        return f"{comment}export interface {name} {{\n{''.join(lines)}}}\n"

    def type(self, schema: Schema) -> str:
        """One value's type."""
        match schema:
            case {"$ref": target}:
                return self._reference(target.rpartition("/")[2])
            case {"oneOf": choices} | {"anyOf": choices}:
                return " | ".join(dict.fromkeys(self.type(choice) for choice in choices))
            case {"enum": words}:
                return " | ".join(json.dumps(word) for word in words)
            case {"type": "array", "items": item}:
                return self._list(self.type(item))
            case {"type": "object"}:
                return f"Record<string, {self.type(schema.get('additionalProperties', {}))}>"
            case {"type": "string" | "boolean" | "null" as word}:
                return str(word)
            case {"type": "integer" | "number"}:
                return "number"
            case _ if not schema:
                return "unknown"
        raise ValueError(f"client/generate.py has no TypeScript for {schema}")

    def _reference(self, component: str) -> str:
        if self._is_page(component):
            return f"Page<{self.type(self._shapes[component]['properties']['items']['items'])}>"
        return self.name(component)

    def _list(self, item: str) -> str:
        return f"({item})[]" if "|" in item else f"{item}[]"

    def operations(self, paths: dict[str, Schema]) -> str:
        """Every route by its method: path, query, body and answer."""
        comment = "/** Every route: `path` below the base path, what it takes, and what it answers. */\n"
        lines = [comment, "export interface Operations {\n"]
        for method in METHODS:
            lines.append(f"  {method.upper()}:\n")
            routes = [self._operation(path, item[method]) for path, item in sorted(paths.items()) if method in item]
            lines += [f"    | {route}\n" for route in routes]
            lines[-1] = lines[-1].removesuffix("\n") + ";\n"
        return "".join([*lines, "}\n"])

    def _operation(self, path: str, operation: Schema) -> str:
        parts = [f"path: {self._path(path.removeprefix(API), operation)}"]
        query = list(self._query(operation))
        if query:
            parts.append(f"query: {{ {'; '.join(query)} }}")
        if "requestBody" in operation:
            parts.append(f"body: {self._body(operation['requestBody']['content'])}")
        return f"{{ {'; '.join([*parts, f'answer: {self._answer(operation)}'])} }}"

    def _path(self, path: str, operation: Schema) -> str:
        if "{" not in path:
            return json.dumps(path)
        types = {each["name"]: self.type(each["schema"]) for each in operation["parameters"] if each["in"] == "path"}
        return "`" + re.sub(r"{(\w+)}", lambda match: f"${{{types[match[1]]}}}", path) + "`"

    def _query(self, operation: Schema) -> Iterator[str]:
        for each in operation.get("parameters", ()):
            if each["in"] == "query":
                yield f"{each['name']}{'' if each['required'] else '?'}: {self.type(each['schema'])}"

    def _body(self, content: dict[str, Schema]) -> str:
        return self.type(content["application/json"]["schema"]) if "application/json" in content else "FormData"

    def _answer(self, operation: Schema) -> str:
        good = [answer for status, answer in operation["responses"].items() if status.startswith("2") and status != "2XX"]
        [found] = {self._content(answer.get("content", {})) for answer in good}  # what was made is told as what was changed
        return found

    def _content(self, content: dict[str, Schema]) -> str:
        if "application/json" in content:
            return self.type(content["application/json"]["schema"])
        return "Blob" if content else "null"


if __name__ == "__main__":
    described = document()
    TARGET.write_text(typescript(described))
    REFERENCE.write_text(reference(described, REFERENCE.read_text()))
    sys.stderr.write(f"{TARGET} and {REFERENCE} written\n")
