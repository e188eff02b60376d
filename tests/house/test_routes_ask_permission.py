"""No route answers without having asked `permissions.guard`, but the few that are there for strangers."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from litestar.routes import HTTPRoute
from tests.rooms.web_house import House, browser, open_house, window

from unisono.directory.phonebooks.doors import PREFIX
from unisono.permissions.guard import questions
from unisono.web import gate
from unisono.web.gate import API, PUBLIC

FOR_STRANGERS = {"/", "/{path:path}", "/healthz", "/metrics"}
"""Outside the interface: the client's files and page, whether the server lives, and figures (which ask by themselves)."""


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as house:
        yield house


@contextmanager
def all_questions(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[list[str]]]:
    """The questions of each request, one list per request."""
    seen: list[list[str]] = []

    @contextmanager
    def noted() -> Iterator[list[str]]:
        with questions() as asked:
            seen.append(asked)
            yield asked

    with monkeypatch.context() as patched:
        patched.setattr(gate, "questions", noted)
        yield seen


def example(schema: dict[str, Any], components: dict[str, Any], known: dict[str, str], name: str = "") -> Any:
    """The smallest value that fits a JSON Schema; `known` gives ids that there are."""
    if name in known:
        return known[name]
    if "$ref" in schema:
        return example(components[schema["$ref"].rpartition("/")[2]], components, known, name)
    for word in ("oneOf", "anyOf", "allOf"):
        if word in schema:
            return example(schema[word][0], components, known, name)
    if "enum" in schema:
        return schema["enum"][0]
    if "const" in schema:
        return schema["const"]
    match schema.get("type"):
        case "object":
            fields = schema.get("properties", {})
            return {key: example(fields[key], components, known, key) for key in schema.get("required", [])}
        case "array":
            return [example(schema["items"], components, known)] if schema.get("minItems") else []
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return False
        case _:
            return "1" * max(1, schema.get("minLength", 1))


def ids_for(house: House, path: str, call_id: str) -> dict[str, str]:
    """Ids that are there, for the placeholders of a path and the bodies that go with it."""
    by_kind = {"/lines/": house.lines["101"], "/people/": house.ids["ben"], "/journal/": house.ids["entry"]}
    found = next((id for kind, id in by_kind.items() if kind in path), "1")
    return {
        "id": found,
        "user_id": house.ids["ben"],
        "line_id": house.lines["101"],
        "call_id": call_id,
        "command": "answer",
        "rule": "email",
        "key_id": "1",
        "first": "1",
        "second": "2",
        "number": "0432 1",
        "direction": "in",
    }


def inputs(operation: dict[str, Any], components: dict[str, Any], known: dict[str, str]) -> dict[str, Any]:
    """Query and body that an operation needs at least."""
    parameters = operation.get("parameters", [])
    needed = [each["name"] for each in parameters if each["in"] == "query" and each.get("required")]
    sent: dict[str, Any] = {"params": {name: known.get(name, "1") for name in needed}}
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        value = example(content["schema"], components, known)
        if "multipart" in kind:
            sent |= {"files": {"file": b"a;b"}, "data": {key: text for key, text in value.items() if key != "file"}}
        else:
            sent["json"] = value
    return sent


async def test_every_route_asks(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.ring("1", "101")
    await house.drained()
    monkeypatch.setattr(gate.Gate, "_first", lambda *_: None)  # each route asks by itself too
    [call] = house.rooms.calls.live()
    house.ids["entry"] = house.rooms.journal.of_line_in_call(call.id, house.lines["101"]) or ""
    async with browser(house, "anna") as anna:
        schema = (await anna.get(f"{API}/openapi.json")).json()
        components = schema["components"]["schemas"]
        silent = []
        for path, operations in sorted(schema["paths"].items()):
            for method, operation in operations.items():
                if (method.upper(), path) in PUBLIC or operation["operationId"] in ("signOut", "changePassword"):
                    continue
                known = ids_for(house, path, call.id)
                sent = inputs(operation, components, known)
                with all_questions(monkeypatch) as asked:
                    answer = await anna.request(method.upper(), path.format(**known), **sent)
                if not any(asked):
                    silent.append(f"{method.upper()} {path}: {answer.status_code} {answer.text[:200]}")
    assert not silent, "\n".join(silent)


async def test_who_may_not_is_told_so_whatever_is_sent(house: House) -> None:
    """Before a body is taken apart: 403, and neither 400 for what is wrong in it nor 422."""
    async with browser(house, "anna") as anna, house.client() as program:
        made = await anna.post(f"{API}/me/tokens", json={"name": "dials", "scopes": ["calls"]})
        program.headers["Authorization"] = f"Bearer {made.json()['secret']}"
        schema = (await anna.get(f"{API}/openapi.json")).json()
        told = []
        for path, operations in sorted(schema["paths"].items()):
            for method in operations.keys() - {"get"}:
                filled = re.sub(r"{\w+}", "1", path)
                own = path.startswith((f"{API}/me", f"{API}/contacts"))
                if own or path.startswith(f"{API}/admin/"):
                    for headers in ({}, {"Idempotency-Key": "k"}):
                        client = program if own else anna
                        answer = await client.request(method, filled, content=b"{", headers=headers)
                        told.append((answer.status_code, method, path))
    assert len(told) > 100
    assert [each for each in told if each[0] != 403] == []


async def test_an_answer_without_a_question_is_withheld(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("unisono.permissions.guard._note", lambda question: None)
    async with browser(house, "anna") as anna:
        answer = await anna.get(f"{API}/me")
    assert answer.status_code == 500
    assert "anna" not in answer.text


async def test_the_stream_asks_too(house: House) -> None:
    async with browser(house, "anna") as anna:
        with questions() as asked:
            async with window(house, anna) as stream:
                await stream.hello()
    assert "signed-in" in asked


async def test_routes_outside_the_interface_are_these(house: House) -> None:
    routes = {route.path for route in house.app.routes.routes if isinstance(route, HTTPRoute)}
    others = {path for path in routes if not path.startswith((f"{API}/", f"{PREFIX}/"))}
    assert others == FOR_STRANGERS
    async with house.client() as stranger:
        for path in sorted(path for path in routes if path.startswith(f"{PREFIX}/")):
            answer = await stranger.get(path.replace("{fleet:str}", "desk").replace("{key:str}", "k"), params={"number": "1"})
            assert answer.status_code in (401, 429), path


async def test_public_routes_are_few(house: House) -> None:
    assert {("POST", f"{API}/session"), ("GET", f"{API}/openapi.json"), ("POST", f"{API}/hooks/sources")} == PUBLIC
    async with house.client() as stranger:
        schema = (await stranger.get(f"{API}/openapi.json")).json()
        for path, operations in schema["paths"].items():
            for method in operations:
                if (method.upper(), path) not in PUBLIC:
                    answer = await stranger.request(method.upper(), path.replace("{", "").replace("}", ""), json={})
                    assert answer.status_code == 401, f"{method} {path} {answer.status_code}"
