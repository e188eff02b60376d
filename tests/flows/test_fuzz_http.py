"""Every operation of the interface, asked as its own description allows, and as it does not.

Schemathesis makes the requests from the OpenAPI document that the server gives out, and holds each answer against it: no
fault of the server's own, and only the status codes, media types and shapes that are described.
"""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation, BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.rooms.web_house import House, browser, open_house

from unisono.calls.port import LinkPhase, LinkState
from unisono.demo.firm import UDINE
from unisono.web.settings import LimitSettings

API = "/api/v1"
CHECKS = [status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = 8
"""For each operation so many valid requests, and as many of any kind."""
PATIENT = LimitSettings(session_rate=100_000, session_burst=100_000, address_rate=1_000_000, address_burst=1_000_000)
LISTS = ("line_ids", "user_ids", "member_ids", "leader_ids", "group_ids")


Operation = APIOperation[Any, Any, Any, Any]


class Served:
    """The application on a loop of its own thread, asked by a program with an administrator's token.

    Schemathesis and Hypothesis do not wait for coroutines.
    """

    def __init__(self, folder: Path) -> None:
        self.known: dict[str, str] = {}
        self.document: dict[str, Any] = {}
        self._folder = folder
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._stop = asyncio.Event()
        self._failed: list[BaseException] = []
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "Served":
        self._thread.start()
        self._ready.wait()
        if self._failed:
            raise self._failed[0]
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        self._loop.close()

    def ask(self, request: requests.PreparedRequest) -> httpx.Response:
        """Send a request as the program that holds the token, whatever it says about itself."""
        said = {name: str(value) for name, value in request.headers.items()}
        headers = {name: value for name, value in said.items() if name.lower() not in ("authorization", "cookie")}
        body = request.body if isinstance(request.body, bytes | str) else None
        sent = self._program.request(str(request.method), str(request.url), headers=headers, content=body)
        return asyncio.run_coroutine_threadsafe(sent, self._loop).result(30)

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._serve())
        except BaseException as error:
            self._failed.append(error)
            self._ready.set()

    async def _serve(self) -> None:
        async with open_house(self._folder, PATIENT) as house, browser(house, "root") as root, house.client() as program:
            answer = await root.post(f"{API}/me/tokens", json={"name": "fuzz", "scopes": ["all", "admin"], "days": 1})
            program.headers["Authorization"] = f"Bearer {answer.json()['secret']}"
            self._program = program
            self.document = (await program.get(f"{API}/openapi.json")).json()
            self.known = await furnished(house, root)
            self._ready.set()
            await self._stop.wait()


async def furnished(house: House, root: httpx.AsyncClient) -> dict[str, str]:
    """One of everything; its identifiers by the path below which it lives, or by the name of a field."""
    await house.rooms.locations.save("udine", UDINE.location())
    number = {"kind": "mobile", "raw": "+441632960123"}
    contact = await root.post(f"{API}/contacts", json={"last_name": "Known", "numbers": [number]})
    link = {"name": "Second", "kind": "csta", "enabled": False, "settings": {"host": "192.0.2.1"}}
    connector = await root.post(f"{API}/admin/connectors", json=link)
    token = await root.post(f"{API}/me/tokens", json={"name": "spare", "scopes": ["read"], "days": 1})
    house.rooms.calls.link("pbx", LinkState(LinkPhase.UP))
    house.ring("missed", "100")
    await house.drained()
    house.hang_up("missed")
    house.ring("ringing", "100")
    await house.drained()
    entry = (await root.get(f"{API}/journal")).json()["items"][0]
    [call] = [call for call in house.rooms.calls.live() if call.native == "ringing"]
    lines = {"line_id": house.lines["100"], "own_line_id": house.lines["100"], "/lines": house.lines["100"]}
    people = dict.fromkeys(("/people", "/me/grants", "/admin/people", "user_ids", "member_ids", "leader_ids"), house.ids["ben"])
    return {
        **lines,
        **people,
        **dict.fromkeys(("/admin/lines", "line_ids"), house.lines["102"]),
        **dict.fromkeys(("/admin/groups", "group_ids"), house.ids["sales"]),
        **dict.fromkeys(("/admin/locations", "location_id"), "udine"),
        **dict.fromkeys(("/contacts", "contact_id"), contact.json()["id"]),
        **dict.fromkeys(("/calls", "held_call_id"), call.id),
        "/admin/contacts/books": contact.json()["book"],
        "/admin/connectors": connector.json()["id"],
        "/me/tokens": token.json()["id"],
        "/journal": entry["id"],
    }


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served(tmp_path_factory.mktemp("fuzz")) as served:
        yield served


def put_in(case: Case[Any], known: dict[str, str]) -> None:
    """Let a request be about what there is."""
    path = case.path.removeprefix(API)
    for name in case.path_parameters or {}:
        place = path.split("/{")[0]
        if name != "command" and place in known:
            case.path_parameters[name] = known[place]
    for values in (case.query, case.body):
        if isinstance(values, dict):
            for name in values.keys() & known.keys():
                values[name] = [known[name]] if name in LISTS else known[name]


def operations(served: Served) -> Iterator[Operation]:
    """Every operation of the document."""
    schema: BaseSchema = schemathesis.openapi.from_dict(served.document)
    for found in schema.get_all_operations():
        assert isinstance(found, Ok), found
        yield found.ok()


def hold(served: Served, operation: Operation, mode: GenerationMode, *, known: bool) -> None:
    """Ask one operation many times; raises what its answers fail."""

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def asked(case: Case[Any]) -> None:
        if known:
            put_in(case, served.known)
        given = case.as_transport_kwargs(base_url="http://unisono.example")
        request = requests.Request(**{name: value for name, value in given.items() if name != "verify"}).prepare()
        answer = served.ask(request)
        if answer.status_code >= 500:
            assert answer.json()["culprit"] == "peer", f"{request.url} {request.body!r}: {answer.text}"
        case.validate_response(answer, checks=CHECKS)

    asked()


@pytest.mark.parametrize(
    ("mode", "known"),
    [(GenerationMode.POSITIVE, True), (GenerationMode.NEGATIVE, False)],
    ids=["as-described", "not-as-described"],
)
def test_every_answer_is_as_described(served: Served, mode: GenerationMode, known: bool) -> None:
    failures: list[str] = []
    for operation in operations(served):
        try:
            hold(served, operation, mode, known=known and operation.method != "delete")
        except FailureGroup as group:
            failures += [f"{operation.label}: {failure}" for failure in group.exceptions]
        except (Failure, AssertionError) as failure:
            failures.append(f"{operation.label}: {failure}")
    assert not failures, "\n\n".join(failures)
