"""Is everything all right? For admins, for monitoring, for load balancers."""

from ipaddress import ip_address
from typing import Any

from litestar import Controller, Request, Response, get
from sqlalchemy import text

from unisono.calls.port import ELSEWHERE, LinkPhase
from unisono.kernel.errors import Fault
from unisono.kernel.tasks import Works
from unisono.permissions.guard import Guard
from unisono.permissions.model import Viewer
from unisono.web.auth import identify
from unisono.web.metrics import Metrics
from unisono.web.problem import NotSignedIn
from unisono.web.services import CheckLevel, Services, StatusCheck
from unisono.web.shapes import Status

WAITING_MOST = 1000
_ON_THE_WAY = (LinkPhase.CONNECTING, LinkPhase.SIGNING_IN, LinkPhase.SYNCHRONISING)


class StatusController(Controller):
    """The admin's dashboard."""

    path = "/admin/status"
    tags = ("administration",)

    @get(operation_id="getStatus")
    async def status(
        self, viewer: Viewer, guard: Guard, services: Services, metrics: Metrics, works: Works
    ) -> Status:
        """Checks with their remedies, and figures."""
        guard.admin(viewer)
        checks = [await _database(services), *_bus(services), _works(services, works), *_links(services), *_unwritten(services)]
        for check in services.checks:
            checks += await check()
        return Status(services.version, services.started, checks, await _counts(services, metrics))


@get("/healthz", include_in_schema=False)
async def healthz(services: Services) -> Response[dict[str, str]]:
    """Whether this process serves: 200, or 503 where the database does not answer. Tells strangers nothing else."""
    check = await _database(services)
    good = check.level is CheckLevel.OK
    return Response({"status": "ok" if good else "failing"}, status_code=200 if good else 503)


@get("/metrics", include_in_schema=False)
async def show_metrics(
    request: Request[Any, Any, Any], services: Services, guard: Guard, metrics: Metrics
) -> Response[bytes]:
    """Figures for Prometheus: for admins, and for programs on this machine."""
    if not _from_this_machine(request):
        identity = await identify(services.people, request.scope)
        if identity is None:
            raise NotSignedIn("not-signed-in", "Sign in as an admin, or ask from this machine.")
        guard.admin(identity.viewer)
    return Response(metrics.text(), media_type="text/plain; version=0.0.4")


def _from_this_machine(request: Request[Any, Any, Any]) -> bool:
    # A proxy on this machine speaks for others: what it passes on is not ours.
    if request.client is None or any(name in request.headers for name in ("x-forwarded-for", "forwarded", "x-real-ip")):
        return False
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:
        return False


async def _counts(services: Services, metrics: Metrics) -> dict[str, int]:
    people = services.people
    return {
        "people": sum(1 for user in people.users() if user.active),
        "groups": len(people.groups()),
        "lines": len(people.lines()),
        "locations": len(services.locations.all()),
        "connectors": len(services.connectors.instances()),
        "contacts": sum(book.contacts for book in await services.directory.books()),
        "calls": sum(1 for _ in services.calls.live()),
        "events": services.calls.events,
        "anomalies": services.calls.anomalies.total(),
        "windows": metrics.windows,
    }


def _links(services: Services) -> list[StatusCheck]:
    found = []
    for instance in services.connectors.instances():
        state = services.calls.link_state(instance.id)
        rests = not instance.enabled or state.code == ELSEWHERE
        level = CheckLevel.OK if state.phase is LinkPhase.UP or rests else CheckLevel.ERROR
        # A link that is up may still say something, of lines that the PBX does not know.
        if instance.enabled and (state.phase in _ON_THE_WAY or (state.phase is LinkPhase.UP and state.code)):
            level = CheckLevel.WARNING
        message = state.message or f"The link is {state.phase.value}."
        found.append(StatusCheck(f"connector:{instance.id}", level, instance.name, message, state.remedy, state.code))
    if not found:
        found.append(
            StatusCheck(
                "connectors",
                CheckLevel.WARNING,
                "PBX connections",
                "No telephone system is connected.",
                "Add one under Administration, Connections.",
            )
        )
    return found


def _unwritten(services: Services) -> list[StatusCheck]:
    waiting = services.journal.waiting
    if waiting <= WAITING_MOST:
        return [StatusCheck("journal", CheckLevel.OK, "Journal", "Everything is written.")]
    return [
        StatusCheck(
            "journal",
            CheckLevel.ERROR,
            "Journal",
            f"{waiting} entries wait to be written.",
            "Look whether the database's disk is full or slow. Nothing is lost while the server runs.",
            data={"count": waiting},
        )
    ]


async def _database(services: Services) -> StatusCheck:
    try:
        async with services.database.read() as connection:
            await connection.execute(text("SELECT 1"))
    except Fault as fault:
        return StatusCheck("database", CheckLevel.ERROR, "Database", fault.message, "See the server's log.", fault.code)
    return StatusCheck("database", CheckLevel.OK, "Database", "The database answers.")


def _bus(services: Services) -> list[StatusCheck]:
    troubled = [name for name, (_, overflows, failures) in services.bus.depths().items() if overflows or failures]
    if not troubled:
        return [StatusCheck("bus", CheckLevel.OK, "Inner messages", "Every part keeps up.")]
    return [
        StatusCheck(
            "bus",
            CheckLevel.WARNING,
            "Inner messages",
            f"These parts fell behind or failed since the start: {', '.join(sorted(troubled))}.",
            "The state was read afresh. If the numbers in /metrics grow, see the server's log.",
            data={"parts": ", ".join(sorted(troubled))},
        )
    ]


def _works(services: Services, door: Works) -> StatusCheck:
    rooms = (services.calls, services.journal, services.presence, services.directory)
    failed = {name: count for works in (door, *(room.works for room in rooms)) for name, count in works.failures.items()}
    if not failed:
        return StatusCheck("works", CheckLevel.OK, "Inner works", "None has failed.")
    names = ", ".join(f"{name} ({count})" for name, count in sorted(failed.items()))
    return StatusCheck(
        "works",
        CheckLevel.WARNING,
        "Inner works",
        f"These failed since the start and were started anew: {names}.",
        "What they had to do was kept. If the numbers grow, see the server's log for the reason.",
        data={"works": names},
    )
