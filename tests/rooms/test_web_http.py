"""The web door over HTTP: sign-in, safety, problem details, idempotency, limits, files."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar, get
from tests.rooms.web_house import PASSWORD, House, browser, open_house, sign_in

from unisono.calls.port import Accepted, Command, CommandProblem, CommandRefused, LinkPhase, LinkState
from unisono.kernel.errors import Conflict, Culprit, Fault, Forbidden, Invalid, NotFound, TooMany, Unavailable
from unisono.web import problem
from unisono.web.idempotency import Answers
from unisono.web.limits import Buckets
from unisono.web.settings import LimitSettings
from unisono.web.static import find, routes
from unisono.web.store import Answer, AnswerStore

API = "/api/v1"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as house:
        yield house


def assert_problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    body: dict[str, Any] = answer.json()
    assert {"type", "title", "status", "detail", "code", "culprit", "retry", "data"} == set(body)
    assert (body["status"], body["code"]) == (status, code)
    return body


class TestSigningIn:
    async def test_cookie_is_out_of_reach_of_pages_and_other_sites(self, house: House) -> None:
        async with house.client() as client:
            answer = await client.post(f"{API}/session", json={"login": " Anna ", "password": PASSWORD})
            cookie = answer.headers["set-cookie"]
            assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))
            assert "Secure" not in cookie
            body = answer.json()
            assert body["user"]["login"] == "anna"
            assert body["csrf"] not in cookie
            again = (await client.get(f"{API}/session")).json()
            assert again == body

    async def test_under_tls_the_cookie_is_bound_to_host_and_tls(self, house: House) -> None:
        async with house.client() as client:
            client.base_url = httpx.URL("https://unisono.example")
            answer = await client.post(f"{API}/session", json={"login": "anna", "password": PASSWORD})
            assert answer.headers["set-cookie"].startswith("__Host-unisono=")
            assert "Secure" in answer.headers["set-cookie"]
            assert answer.headers["strict-transport-security"]

    @pytest.mark.parametrize(("login", "password"), [("anna", "wrong"), ("nobody", PASSWORD), ("", ""), ("anna", "")])
    async def test_wrong_and_unknown_look_the_same(self, house: House, login: str, password: str) -> None:
        async with house.client() as client:
            answer = await client.post(f"{API}/session", json={"login": login, "password": password})
            body = assert_problem(answer, 403, "sign-in-failed")
            assert body["detail"] == "Name or password is wrong, or the account is not active."

    async def test_guessing_is_slowed_down(self, house: House) -> None:
        async with house.client() as client:
            for _ in range(5):
                wrong = await client.post(f"{API}/session", json={"login": "anna", "password": "x"})
                assert wrong.status_code == 403
            answer = await client.post(f"{API}/session", json={"login": "anna", "password": PASSWORD})
            body = assert_problem(answer, 429, "sign-in-locked")
            assert "Try again in" in body["detail"]
            assert int(answer.headers["retry-after"]) >= 1
            await house.clock.advance(body["data"]["retry_after"] + 1)
            await sign_in(client, "anna")

    async def test_signing_out_ends_the_session(self, house: House) -> None:
        async with browser(house, "anna") as anna:
            answer = await anna.delete(f"{API}/session")
            assert answer.status_code == 204
            assert "Max-Age=0" in answer.headers["set-cookie"]
            body = assert_problem(await anna.get(f"{API}/me"), 401, "not-signed-in")
            assert body["culprit"] == "user"

    async def test_a_session_ends_without_use_and_lives_with_it(self, house: House) -> None:
        async with browser(house, "anna") as anna:
            for _ in range(3):
                await house.later(20)
                assert (await anna.get(f"{API}/me")).status_code == 200
            await house.later(25)
            assert (await anna.get(f"{API}/me")).status_code == 401

    async def test_a_blocked_account_is_out_at_once(self, house: House) -> None:
        async with browser(house, "root") as root, browser(house, "anna") as anna:
            account = {"login": "anna", "name": "Anna", "active": False}
            assert (await root.put(f"{API}/admin/people/{house.ids['anna']}", json=account)).status_code == 200
            assert (await anna.get(f"{API}/me")).status_code == 401


class TestSafety:
    async def test_changes_need_the_csrf_token(self, house: House) -> None:
        async with browser(house, "anna") as anna:
            for value in ("", "0" * 64):
                anna.headers["X-CSRF-Token"] = value
                assert_problem(await anna.patch(f"{API}/me", json={}), 403, "csrf")
            assert (await anna.get(f"{API}/me")).status_code == 200

    async def test_other_sites_cannot_sign_anyone_in(self, house: House) -> None:
        async with house.client() as client:
            client.headers["Sec-Fetch-Site"] = "cross-site"
            answer = await client.post(f"{API}/session", json={"login": "anna", "password": PASSWORD})
            assert_problem(answer, 403, "cross-site")

    async def test_every_answer_has_the_security_headers(self, house: House) -> None:
        async with house.client() as client:
            for path in ("/", "/some/page", f"{API}/me", f"{API}/nothing", f"{API}/openapi.json", "/healthz"):
                headers = (await client.get(path)).headers
                assert headers["x-content-type-options"] == "nosniff", path
                assert headers["x-frame-options"] == "DENY", path
                assert "frame-ancestors 'none'" in headers["content-security-policy"], path

    async def test_passwords_end_other_sessions_and_not_this_one(self, house: House) -> None:
        async with browser(house, "anna") as here, browser(house, "anna") as there:
            wrong = await here.post(f"{API}/me/password", json={"old": "x", "new": "long enough to be good"})
            assert assert_problem(wrong, 422, "password-wrong")["data"] == {"field": "old"}
            short = await here.post(f"{API}/me/password", json={"old": PASSWORD, "new": "short"})
            assert_problem(short, 422, "password-too-short")
            done = await here.post(f"{API}/me/password", json={"old": PASSWORD, "new": "long enough to be good"})
            assert done.status_code == 204
            assert (await here.get(f"{API}/me")).status_code == 200
            assert (await there.get(f"{API}/me")).status_code == 401


class TestTokens:
    async def token(self, anna: httpx.AsyncClient, **wanted: Any) -> dict[str, Any]:
        answer = await anna.post(f"{API}/me/tokens", json={"name": "script", **wanted})
        assert answer.status_code == 201, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def test_a_token_stands_for_its_owner_and_needs_no_csrf(self, house: House) -> None:
        async with browser(house, "anna") as anna, house.client() as program:
            token = await self.token(anna, scopes=["all"], days=1)
            program.headers["Authorization"] = f"Bearer {token['secret']}"
            assert (await program.patch(f"{API}/me", json={"settings": {"a": 1}})).status_code == 200
            listed = (await anna.get(f"{API}/me/tokens")).json()["items"]
            assert [each["name"] for each in listed] == ["script"]
            assert "secret" not in listed[0]
            assert listed[0]["last_used"]
            await house.later(25)
            assert_problem(await program.get(f"{API}/me"), 401, "token-invalid")

    async def test_scopes_narrow_what_it_may(self, house: House) -> None:
        async with browser(house, "anna") as anna, house.client() as program:
            read = await self.token(anna, scopes=["read"])
            calls = await self.token(anna, scopes=["calls"])
            program.headers["Authorization"] = f"Bearer {read['secret']}"
            assert (await program.get(f"{API}/journal")).status_code == 200
            assert_problem(await program.post(f"{API}/calls", json={"to": "123"}), 403, "scope-missing")
            program.headers["Authorization"] = f"Bearer {calls['secret']}"
            dialled = await program.put(f"{API}/lines/{house.lines['101']}/dnd", json={"on": True})
            assert dialled.status_code in (202, 503), dialled.text
            assert_problem(await program.patch(f"{API}/me", json={}), 403, "scope-missing")

    async def test_admin_scope_is_for_admins(self, house: House) -> None:
        async with browser(house, "anna") as anna, browser(house, "root") as root, house.client() as program:
            refused = await anna.post(f"{API}/me/tokens", json={"name": "x", "scopes": ["admin"]})
            assert_problem(refused, 403, "admins-only")
            token = await self.token(root, scopes=["admin"])
            program.headers["Authorization"] = f"Bearer {token['secret']}"
            assert (await program.get(f"{API}/admin/status")).status_code == 200

    async def test_taking_it_back(self, house: House) -> None:
        async with browser(house, "anna") as anna, browser(house, "ben") as ben, house.client() as program:
            token = await self.token(anna, scopes=["all"])
            assert_problem(await ben.delete(f"{API}/me/tokens/{token['id']}"), 404, "unknown-token")
            assert (await anna.delete(f"{API}/me/tokens/{token['id']}")).status_code == 204
            program.headers["Authorization"] = f"Bearer {token['secret']}"
            assert_problem(await program.get(f"{API}/me"), 401, "token-invalid")


class TestProblems:
    @pytest.mark.parametrize(
        ("fault", "status"),
        [
            (NotFound("x", "m"), 404),
            (Forbidden("x", "m"), 403),
            (Conflict("x", "m"), 409),
            (Invalid("x", "m"), 422),
            (TooMany("x", "m", 3), 429),
            (Unavailable("x", "m"), 503),
            (problem.NotSignedIn("x", "m"), 401),
            (Fault("x", "m"), 400),
            (Fault("x", "m", culprit=Culprit.PEER), 502),
            (Fault("x", "m", culprit=Culprit.US), 500),
        ],
    )
    def test_every_fault_has_its_status(self, fault: Fault, status: int) -> None:
        assert problem.of_fault(fault).status == status

    @pytest.mark.parametrize("why", list(CommandProblem))
    def test_a_pbx_that_says_no_is_not_broken(self, why: CommandProblem) -> None:
        broken = why in (CommandProblem.TIMEOUT, CommandProblem.LINK_DOWN)
        assert (problem.of_fault(CommandRefused(why, "m")).status >= 500) is broken

    async def test_a_mistyped_extension_is_no_failure_of_the_server(
        self, house: House, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def refuse(command: Command) -> Accepted:
            raise CommandRefused(CommandProblem.INVALID_DESTINATION, "The PBX does not accept this number.", native="x")

        monkeypatch.setattr(house.pbx, "do", refuse)
        house.rooms.calls.link("pbx", LinkState(LinkPhase.UP))
        async with browser(house, "anna") as anna, browser(house, "root") as root:
            dialled = await anna.post(f"{API}/calls", json={"to": "199", "line_id": house.lines["101"]})
            assert_problem(dialled, 422, "invalid-destination")
            assert dialled.json()["culprit"] == "peer"
            assert 'status="5xx"' not in (await root.get("/metrics")).text

    async def test_a_wrong_body_names_the_field(self, house: House) -> None:
        async with browser(house, "anna") as anna:
            answer = await anna.patch(f"{API}/me", json={"locale": "xx"})
            body = assert_problem(answer, 400, "invalid-request")
            assert body["data"]["problem"] == "choice"
            assert body["data"]["field"] == "locale"
            assert_problem(await anna.patch(f"{API}/me", json={"nickname": "A"}), 400, "invalid-request")
            assert_problem(await anna.patch(f"{API}/me", content=b"{"), 400, "invalid-request")

    async def test_unknown_routes_and_methods(self, house: House) -> None:
        async with browser(house, "anna") as anna:
            assert_problem(await anna.get(f"{API}/nothing"), 404, "not-found")
            assert_problem(await anna.put(f"{API}/me"), 405, "method-not-allowed")

    async def test_our_bugs_tell_strangers_nothing(self) -> None:
        @get("/bug", sync_to_thread=False)
        def bug() -> None:
            raise RuntimeError("the secret is 42")

        app = Litestar([bug], exception_handlers=problem.HANDLERS, logging_config=None)
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://unisono.example") as client:
            answer = await client.get("/bug")
        assert assert_problem(answer, 500, "internal")["retry"] == "later"
        assert "42" not in answer.text


class TestIdempotency:
    async def test_the_same_key_gives_the_first_answer_again(self, house: House) -> None:
        async with browser(house, "root") as root:
            key = {"Idempotency-Key": "key-1"}
            first = await root.post(f"{API}/admin/groups", json={"name": "New"}, headers=key)
            second = await root.post(f"{API}/admin/groups", json={"name": "New"}, headers=key)
            assert (first.status_code, second.status_code) == (201, 201)
            assert first.json() == second.json()
            assert second.headers["idempotency-replayed"] == "true"
            other = await root.post(f"{API}/admin/groups", json={"name": "Newer"}, headers=key)
            assert_problem(other, 409, "idempotency-mismatch")
            third = await root.post(f"{API}/admin/groups", json={"name": "New"})
            assert_problem(third, 422, "group-taken")

    async def test_refusals_are_repeated_too(self, house: House) -> None:
        async with browser(house, "anna") as anna:
            key = {"Idempotency-Key": "key-1"}
            first = await anna.post(f"{API}/admin/groups", json={"name": "New"}, headers=key)
            second = await anna.post(f"{API}/admin/groups", json={"name": "New"}, headers=key)
            assert first.json() == second.json() == assert_problem(second, 403, "admins-only")

    async def test_keys_belong_to_one_person(self, house: House) -> None:
        async with browser(house, "anna") as anna, browser(house, "ben") as ben:
            for client in (anna, ben):
                answer = await client.patch(f"{API}/me", json={}, headers={"Idempotency-Key": "same"})
                assert "idempotency-replayed" not in answer.headers

    @pytest.mark.parametrize("key", ["", "x" * 65, "a\tb"])
    async def test_wrong_keys_are_refused(self, house: House, key: str) -> None:
        async with browser(house, "anna") as anna:
            answer = await anna.patch(f"{API}/me", json={}, headers={"Idempotency-Key": key})
            assert_problem(answer, 422, "idempotency-key")

    async def test_a_second_request_waits_for_the_first(self, house: House) -> None:
        async with browser(house, "root") as root:
            key = {"Idempotency-Key": "twice"}
            sent = [root.post(f"{API}/admin/groups", json={"name": "Once"}, headers=key) for _ in range(5)]
            answers = await asyncio.gather(*sent)
            assert {answer.status_code for answer in answers} == {201}
            assert len({answer.text for answer in answers}) == 1

    async def test_answers_survive_a_restart_for_a_day(self, house: House) -> None:
        store = AnswerStore(house.rooms.database)
        answer = Answer(200, "application/json", b"{}")
        first = Answers(store, house.clock)
        assert await first.first("u", "k", b"request") is None
        await first.done("u", "k", answer)
        assert await Answers(store, house.clock).first("u", "k", b"request") == answer
        await house.later(25)
        assert await Answers(store, house.clock).first("u", "k", b"request") is None
        await store.purge(house.clock.now())
        assert await first.first("u", "k", b"request") is None

    async def test_answers_are_kept_by_the_database_alone(self, house: House) -> None:
        answers = Answers(AnswerStore(house.rooms.database), house.clock)
        assert await answers.first("u", "k", b"request") is None
        await answers.done("u", "k", Answer(200, "application/json", b"{}"))
        await AnswerStore(house.rooms.database).put("u", "k", house.clock.now(), Answer(200, "", b"as stored"))
        assert await answers.first("u", "k", b"request") == Answer(200, "", b"as stored")
        with pytest.raises(Conflict):
            await answers.first("u", "k", b"another request")

    @pytest.mark.parametrize("status", [401, 429, 500, 503])
    async def test_what_may_be_tried_again_is_not_kept(self, house: House, status: int) -> None:
        answers = Answers(AnswerStore(house.rooms.database), house.clock)
        assert await answers.first("u", "k", b"") is None
        await answers.done("u", "k", Answer(status, "", b""))
        assert await answers.first("u", "k", b"") is None

    async def test_secrets_stay_out_of_the_database(self, house: House) -> None:
        async with browser(house, "anna") as anna:
            key = {"Idempotency-Key": "token"}
            first = await anna.post(f"{API}/me/tokens", json={"name": "t", "scopes": ["all"]}, headers=key)
            second = await anna.post(f"{API}/me/tokens", json={"name": "t", "scopes": ["all"]}, headers=key)
            assert first.json() == second.json()
            stored = AnswerStore(house.rooms.database)
            assert await stored.get(house.ids["anna"], "token", house.rooms.started) is None


class TestLimits:
    def test_a_bucket_gives_its_burst_and_then_its_rate(self) -> None:
        bucket = Buckets(rate=2, burst=3)
        assert [bucket.take("a", 0.0) for _ in range(4)] == [0.0, 0.0, 0.0, 0.5]
        assert bucket.take("b", 0.0) == 0.0
        assert bucket.take("a", 0.5) == 0.0
        assert bucket.take("a", 0.5) == 0.5

    async def test_sessions_and_addresses_have_limits(self, tmp_path: Path) -> None:
        limits = LimitSettings(session_rate=1, session_burst=5, address_rate=1, address_burst=12)
        async with open_house(tmp_path, limits) as house, browser(house, "anna") as anna, house.client() as stranger:
            answers = [await anna.get(f"{API}/me") for _ in range(6)]
            assert [answer.status_code for answer in answers] == [200] * 5 + [429]
            body = assert_problem(answers[-1], 429, "too-many-requests")
            assert body["retry"] == "later"
            strangers = [(await stranger.get(f"{API}/me")).status_code for _ in range(10)]
            assert strangers[-1] == 429
            async with house.client("192.0.2.99") as elsewhere:
                assert (await elsewhere.get(f"{API}/me")).status_code == 401

    async def test_large_bodies_and_headers_are_refused(self, house: House) -> None:
        async with browser(house, "anna") as anna:
            big = "x" * (2 * 1024 * 1024)
            assert_problem(await anna.patch(f"{API}/me", json={"name": big}), 413, "too-large")
            answer = await anna.get(f"{API}/me", headers={"X-Long": "x" * 40_000})
            assert_problem(answer, 422, "header-too-large")


class TestStatus:
    @pytest.mark.parametrize("path", ["/", "/healthz", f"{API}/openapi.json", f"{API}/me", "/nix", "/assets/nix"])
    async def test_head_is_get_without_its_content(self, house: House, path: str) -> None:
        async with browser(house, "anna") as anna:
            head, get = await anna.head(path), await anna.get(path)
            assert (head.status_code, head.content) == (get.status_code, b"")
            for name in ("content-type", "content-length", "etag"):
                assert head.headers.get(name) == get.headers.get(name)

    async def test_health_tells_strangers_no_more_than_that(self, house: House) -> None:
        async with house.client() as client:
            answer = await client.get("/healthz")
            assert (answer.status_code, answer.json()) == (200, {"status": "ok"})

    async def test_metrics_are_for_admins_and_this_machine(self, house: House) -> None:
        async with browser(house, "anna") as anna, browser(house, "root") as root, house.client() as stranger:
            assert (await stranger.get("/metrics")).status_code == 401
            assert (await anna.get("/metrics")).status_code == 403
            told = await root.get("/metrics")
            assert "unisono_http_answers_total" in told.text
            assert told.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
        async with house.client("127.0.0.1") as local:
            assert (await local.get("/metrics")).status_code == 200
            passed_on = await local.get("/metrics", headers={"X-Forwarded-For": "192.0.2.9"})
            assert passed_on.status_code == 401

    async def test_dashboard(self, house: House) -> None:
        async with browser(house, "root") as root, browser(house, "anna") as anna:
            body = (await root.get(f"{API}/admin/status")).json()
            assert body["counts"]["people"] == 4
            assert {"database", "bus", "journal", "connectors"} <= {check["id"] for check in body["checks"]}
            assert_problem(await anna.get(f"{API}/admin/status"), 403, "admins-only")

    async def test_openapi_is_3_1_with_names_for_everything(self, house: House) -> None:
        async with house.client() as client:
            schema = (await client.get(f"{API}/openapi.json")).json()
        assert schema["openapi"].startswith("3.1")
        names = [op["operationId"] for path in schema["paths"].values() for op in path.values() if isinstance(op, dict)]
        assert len(names) == len(set(names))
        assert all(name.isalnum() and name[0].islower() for name in names)
        every = [op for path in schema["paths"].values() for op in path.values() if isinstance(op, dict)]
        making = {op["operationId"] for op in every if {"201", "412"} <= op["responses"].keys()}
        ldap = {f"saveLdap{kind}" for kind in ("Node", "Template", "User", "Profile")}
        assert making == ldap | {"updateLocation", "savePhoneFleet"}


class TestFiles:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        (tmp_path / "assets").mkdir()
        (tmp_path / "index.html").write_text('<meta property="csp-nonce" nonce="__CSP_NONCE__">')
        (tmp_path / "assets" / "app-1234.js").write_text("x = 1")
        (tmp_path / "assets" / "app-1234.js.gz").write_bytes(gzip.compress(b"x = 1"))
        (tmp_path / "favicon.svg").write_text("<svg/>")
        (tmp_path / ".fingerprint").write_text("secret")
        return tmp_path

    def client(self, folder: Path) -> httpx.AsyncClient:
        app = Litestar(routes(folder), exception_handlers=problem.HANDLERS, logging_config=None, openapi_config=None)
        transport = httpx.ASGITransport(app)  # type: ignore[arg-type]
        return httpx.AsyncClient(transport=transport, base_url="http://unisono.example")

    async def test_the_page_has_a_fresh_nonce(self, folder: Path) -> None:
        async with self.client(folder) as client:
            pages = [await client.get(path) for path in ("/", "/journal", "/index.html", "/call/a.b")]
        assert {page.headers["content-type"] for page in pages} == {"text/html; charset=utf-8"}
        for page in pages:
            nonce = page.text.split('nonce="')[1].split('"')[0]
            assert f"'nonce-{nonce}'" in page.headers["content-security-policy"]
            assert "unsafe-inline' 'nonce" not in page.headers["content-security-policy"]
        assert len({page.text for page in pages}) == len(pages)

    async def test_files_are_packed_and_kept(self, folder: Path) -> None:
        async with self.client(folder) as client:
            file = await client.get("/assets/app-1234.js")
            assert (file.text, file.headers["content-encoding"]) == ("x = 1", "gzip")
            assert "immutable" in file.headers["cache-control"]
            plain = await client.get("/assets/app-1234.js", headers={"Accept-Encoding": "identity"})
            assert "content-encoding" not in plain.headers
            assert plain.text == "x = 1"
            assert (await client.get("/favicon.svg")).headers["cache-control"] == "no-cache"

    @pytest.mark.parametrize(
        "path",
        [
            *("../secret", "/../../etc/passwd", "//etc", "/.fingerprint", "/assets/../.fingerprint"),
            *("/assets/app-1234.js.gz", "/a\0b", "/" + "a" * 300),
        ],
    )
    def test_nothing_else_is_given_out(self, folder: Path, path: str) -> None:
        assert find(folder, path) is None

    async def test_a_file_of_an_older_client_is_not_there(self, folder: Path) -> None:
        async with self.client(folder) as client:
            assert (await client.get("/assets/app-0000.js")).status_code == 404

    async def test_an_unbuilt_client_says_so(self, tmp_path: Path) -> None:
        async with self.client(tmp_path / "nothing") as client:
            assert "has not been built" in (await client.get("/")).text

    async def test_the_interface_never_answers_with_the_page(self, folder: Path) -> None:
        async with self.client(folder) as client:
            for path in ("/api/v1/x", "/api", "/metrics/x"):
                assert_not_page = await client.get(path)
                assert assert_not_page.status_code == 404
