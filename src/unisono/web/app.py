"""Builds the web application out of the rooms' routes."""

import asyncio
import warnings
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from litestar import Litestar, Request, Router
from litestar.config.app import AppConfig
from litestar.di import Provide
from litestar.exceptions import LitestarDeprecationWarning
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme

from unisono.calls.api import CallController, LineController
from unisono.connectors.api import ConnectorController
from unisono.directory import api as directory_api
from unisono.directory import books_api, duplicates_api
from unisono.directory.colleagues import Colleagues
from unisono.directory.exporters import api as exports_api
from unisono.directory.ldap import api as ldap_api
from unisono.directory.ldap import look_api as ldap_look_api
from unisono.directory.phonebooks import api as phonebooks_api
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
from unisono.web.precondition import provide_expected, say_what_was_made
from unisono.web.problem import HANDLERS
from unisono.web.services import Services
from unisono.web.store import AnswerStore
from unisono.web.stream import Streams
from unisono.web.sync import Sync

Lifespan = Callable[[Litestar], AbstractAsyncContextManager[None]]

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


def create_app(services: Services) -> Litestar:
    """The application. Run it with the options of `unisono.web.serve`."""
    works = Works(services.clock)
    metrics = Metrics(services.bus, services.ldap)
    answers = Answers(AnswerStore(services.database), services.clock)
    sync = Sync(services, metrics)
    streams = Streams(services, sync, metrics)
    api = _MountedOnce(API, route_handlers=[*CONTROLLERS, streams.handler()])
    values = {
        "services": services,
        "metrics": metrics,
        "works": works,
        "people": services.people,
        "granting": services.granting,
        "guard": services.guard,
        "presence": services.presence,
        "calls": services.calls,
        "connectors": services.connectors,
        "journal": services.journal,
        "directory": services.directory,
        "ldap": services.ldap,
        "names": services.names,
        "phonebooks": services.phonebooks,
        "locations": services.locations,
        "colleagues": Colleagues(services.people, services.guard),
        "clock": services.clock,
    }
    with warnings.catch_warnings():
        # Routes name what they need (`guard: Guard`, `data: PresenceInput`). Litestar 3 wants them marked as well; until we
        # move there the shorter form reads better. The version is pinned, so nothing can stop working unnoticed.
        warnings.simplefilter("ignore", LitestarDeprecationWarning)
        beside = _beside(works, sync.run, sync.send_later, answers.run)
        return _assemble(services, metrics, answers, beside, api, values)


def _assemble(
    services: Services, metrics: Metrics, answers: Answers, beside: Lifespan, api: Router, values: dict[str, object]
) -> Litestar:
    return Litestar(
        route_handlers=[api, *_doors(services), status_api.healthz, status_api.show_metrics, *static.routes()],
        dependencies={
            "viewer": Provide(provide_viewer),
            "session_key": Provide(provide_session_key),
            "expected": Provide(provide_expected),
            **{name: _always(value) for name, value in values.items()},
        },
        middleware=[Headers(metrics), Gate(services, answers)],
        exception_handlers=HANDLERS,
        openapi_config=_openapi(services.version),
        request_max_body_size=services.limits.body_kib * 1024,
        logging_config=None,
        debug=False,
        on_app_init=[_no_guessing],
        before_send=[say_what_was_made],
        lifespan=[beside],
    )


def _doors(services: Services) -> list[Any]:
    """Doors that know by themselves who asks."""
    return [*DOORS, *CardDavDoor(services.phonebooks, services.clock).routes()]


def _beside(works: Works, *mine: Work) -> Lifespan:
    """Keeps works of the web door running as long as the application runs: once, through however many doors it is served."""
    doors = 0

    @asynccontextmanager
    async def running(_app: Litestar) -> AsyncIterator[None]:
        nonlocal doors
        doors += 1
        async with asyncio.TaskGroup() as tasks:
            first = mine if doors == 1 else ()
            started = [tasks.create_task(works.forever(f"web: {work.__qualname__}", work)) for work in first]
            try:
                yield
            finally:
                doors -= 1
                for task in started:
                    task.cancel()

    return running


def _always(value: object) -> Provide:
    def provide() -> Any:
        return value

    return Provide(provide, sync_to_thread=False)


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
