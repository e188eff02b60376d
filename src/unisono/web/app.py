"""Builds the web application out of the rooms' routes."""

import asyncio
import warnings
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import cache
from typing import Any, Final

from litestar import Litestar, Request, Router
from litestar.config.app import AppConfig
from litestar.di import Provide
from litestar.exceptions import LitestarDeprecationWarning
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme
from litestar.types import ASGIApp, Receive, Scope, Send

from unisono.calls.api import CallController, LineController
from unisono.connectors.api import ConnectorController
from unisono.directory import api as directory_api
from unisono.directory import books_api, duplicates_api
from unisono.directory.colleagues import Colleagues
from unisono.directory.exporters import api as exports_api
from unisono.directory.ldap import api as ldap_api
from unisono.directory.ldap import look_api as ldap_look_api
from unisono.directory.phonebooks import api as phonebooks_api
from unisono.directory.phonebooks.carddav import door as carddav
from unisono.directory.phonebooks.carddav.door import CardDavDoor
from unisono.directory.phonebooks.doors import DOORS
from unisono.directory.replicators import api as sources_api
from unisono.directory.replicators import look_api as sources_look_api
from unisono.directory.runs import api as runs_api
from unisono.journal import api as journal_api
from unisono.kernel.tasks import Work, Works
from unisono.permissions.api import RightsController
from unisono.permissions.model import Viewer
from unisono.presence.api import PresenceController
from unisono.web import admin_api, numbers_api, people_api, static, status_api, takeover_api
from unisono.web.auth import identity_of
from unisono.web.gate import API, Gate, Headers
from unisono.web.idempotency import Answers
from unisono.web.metrics import Metrics
from unisono.web.openapi import Description
from unisono.web.precondition import provide_expected
from unisono.web.problem import HANDLERS
from unisono.web.services import Services
from unisono.web.store import AnswerStore
from unisono.web.stream import Streams, stream
from unisono.web.sync import Sync

CONTROLLERS: list[Any] = [
    people_api.SessionController,
    people_api.MeController,
    people_api.PeopleController,
    admin_api.AdminPeopleController,
    takeover_api.TakeoverController,
    admin_api.AdminGroupController,
    admin_api.AdminLineController,
    RightsController,
    status_api.StatusController,
    PresenceController,
    ConnectorController,
    CallController,
    LineController,
    *journal_api.CONTROLLERS,
    *directory_api.CONTROLLERS,
    *duplicates_api.CONTROLLERS,
    *books_api.CONTROLLERS,
    *ldap_api.CONTROLLERS,
    *phonebooks_api.CONTROLLERS,
    *ldap_look_api.CONTROLLERS,
    *sources_api.CONTROLLERS,
    *sources_look_api.CONTROLLERS,
    *exports_api.CONTROLLERS,
    *runs_api.CONTROLLERS,
    *numbers_api.CONTROLLERS,
]


class _MountedOnce(Router):
    """Litestar copies a router that it mounts, handler by handler: a third of its time to start. Nobody else has this one."""

    def __deepcopy__(self, memo: dict[int, object]) -> "_MountedOnce":
        return self


async def provide_viewer(request: Request[Any, Any, Any]) -> Viewer:
    """Who asks; raises `NotSignedIn` for a stranger."""
    return identity_of(request.scope).viewer


async def provide_session_key(request: Request[Any, Any, Any]) -> str:
    """A name for the session or token at hand that gives nothing away."""
    return identity_of(request.scope).key


class Application:
    """One server's web application (ASGI): what is its own, before the routes, which are the same for all.

    Run it with the options of `unisono.web.serve`.
    """

    def __init__(self, services: Services) -> None:
        self.services = services
        self.works = Works(services.clock)
        self.metrics = Metrics(services.bus, services.ldap)
        self.colleagues = Colleagues(services.people, services.guard)
        answers = Answers(AnswerStore(services.database), services.clock)
        sync = Sync(services, self.metrics)
        self.streams = Streams(services, sync, self.metrics)
        self.headers = Headers(self.metrics)
        self.gate = Gate(services, answers)
        self.carddav = CardDavDoor(services.phonebooks, services.clock)
        self._beside: tuple[Work, ...] = (sync.run, sync.send_later, answers.run)
        self.routes = routes(services.version, services.limits.body_kib)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; its state tells the routes whose it is."""
        scope.setdefault("state", {})[_WHOSE] = self
        await self.headers.handle(scope, receive, send, self.routes)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Keeps the works of the web door running, through however many doors it is served."""
        async with asyncio.TaskGroup() as tasks:
            works = [tasks.create_task(self.works.forever(f"web: {work.__qualname__}", work)) for work in self._beside]
            try:
                yield
            finally:
                for work in works:
                    work.cancel()


_WHOSE: Final = "application"
_ITS: Final[Mapping[str, Callable[[Application], object]]] = {
    "services": lambda its: its.services,
    "metrics": lambda its: its.metrics,
    "works": lambda its: its.works,
    "streams": lambda its: its.streams,
    "people": lambda its: its.services.people,
    "granting": lambda its: its.services.granting,
    "guard": lambda its: its.services.guard,
    "presence": lambda its: its.services.presence,
    "calls": lambda its: its.services.calls,
    "connectors": lambda its: its.services.connectors,
    "journal": lambda its: its.services.journal,
    "directory": lambda its: its.services.directory,
    "ldap": lambda its: its.services.ldap,
    "names": lambda its: its.services.names,
    "phonebooks": lambda its: its.services.phonebooks,
    "locations": lambda its: its.services.locations,
    "colleagues": lambda its: its.colleagues,
    "clock": lambda its: its.services.clock,
}
"""What routes ask for by name, and where an application has it."""


def _of(scope: Scope) -> Application:
    found: Application = scope["state"][_WHOSE]
    return found


def _provide(find: Callable[[Application], object]) -> Provide:
    def provide(scope: Scope) -> Any:
        return find(_of(scope))

    return Provide(provide, sync_to_thread=False)


def _gated(app: ASGIApp) -> ASGIApp:
    async def gated(scope: Scope, receive: Receive, send: Send) -> None:
        await _of(scope).gate.handle(scope, receive, send, app)

    return gated


@cache
def routes(version: str, body_kib: int) -> Litestar:
    """All routes; assembled once, as that takes long."""
    with warnings.catch_warnings():
        # Routes name what they need (`guard: Guard`, `data: PresenceInput`). Litestar 3 wants them marked as well; until we
        # move there the shorter form reads better. The version is pinned, so nothing can stop working unnoticed.
        warnings.simplefilter("ignore", LitestarDeprecationWarning)
        api = _MountedOnce(API, route_handlers=[*CONTROLLERS, stream])
        doors = [*DOORS, *carddav.routes(lambda scope: _of(scope).carddav)]
        return Litestar(
            route_handlers=[api, *doors, status_api.healthz, status_api.show_metrics, *static.routes()],
            dependencies={
                "viewer": Provide(provide_viewer),
                "session_key": Provide(provide_session_key),
                "expected": Provide(provide_expected),
                **{name: _provide(find) for name, find in _ITS.items()},
            },
            middleware=[_gated],
            exception_handlers=HANDLERS,
            openapi_config=_openapi(version),
            request_max_body_size=body_kib * 1024,
            logging_config=None,
            debug=False,
            on_app_init=[_no_guessing],
        )


def _no_guessing(config: AppConfig) -> AppConfig:
    """Keep Litestar from showing details of our bugs in whatever mode it is started."""
    config.debug = False
    return config


def _openapi(version: str) -> OpenAPIConfig:
    return OpenAPIConfig(
        title="Unisono",
        version=version,
        description="The client interface, version 1. See docs/developers/api.md.",
        path=f"{API}/openapi.json",
        use_handler_docstrings=True,
        render_plugins=[Description(path="/")],
        components=Components(
            security_schemes={
                "token": SecurityScheme(type="http", scheme="bearer"),
                "session": SecurityScheme(type="apiKey", name="unisono", security_scheme_in="cookie"),
            }
        ),
        security=[{"token": []}, {"session": []}],
    )
