"""Routes of runs, whether of a source or of an export: how far one is, what it changes, what it asks. For admins.

They are begun and listed where the sources and the exports are.
"""

from datetime import datetime

import msgspec
from litestar import Controller, get, post

from unisono.directory.runs.model import Change, Counts, Failure, Mode, Run, RunState, Trigger, What
from unisono.directory.runs.service import RunService
from unisono.directory.service import Directory
from unisono.directory.shown import Problem, problem
from unisono.permissions.guard import Guard
from unisono.permissions.model import Viewer


class RunView(msgspec.Struct):
    """One run of the source or the export `owner`.

    `counts` are those of now; `message` is English, `code` with `data` is for the client's own words. `size`: bytes of the file
    that an export made.
    """

    id: str
    what: What
    owner: str
    mode: Mode
    trigger: Trigger
    state: RunState
    started: datetime
    ended: datetime | None
    counts: Counts
    code: str
    message: str
    data: dict[str, object]
    size: int


class Runs(msgspec.Struct):
    """Runs, the newest first."""

    items: list[RunView]
    next: str | None = None


class RunReport(msgspec.Struct):
    """Examples of what a run changes; further ones are only counted.

    Of a source: rows that could not be taken, and odd numbers and addresses. Of an export: contacts that could not be written.
    """

    added: list[Change]
    changed: list[Change]
    removed: list[Change]
    bad: list[Problem]
    odd: list[Problem]
    failed: list[Failure]


class RunController(Controller):
    """Runs of sources and exports."""

    path = "/admin/runs/{id:str}"
    tags = ("administration",)

    @get(operation_id="getRun")
    async def run(self, id: str, viewer: Viewer, guard: Guard, directory: Directory) -> RunView:
        """One run, as far as it is."""
        guard.admin(viewer)
        return run_view(await (await _service(directory, id)).shown(id))

    @get("/report", operation_id="getRunReport")
    async def report(self, id: str, viewer: Viewer, guard: Guard, directory: Directory) -> RunReport:
        """What a run changes, and what it could not take or write."""
        guard.admin(viewer)
        found = await (await _service(directory, id)).runs.report(id)
        bad, odd = ([problem(each) for each in some] for some in (found.bad, found.odd))
        return RunReport(found.added, found.changed, found.removed, bad, odd, found.failed)

    @post("/confirm", operation_id="confirmRun", status_code=202)
    async def confirm(self, id: str, viewer: Viewer, guard: Guard, directory: Directory) -> RunView:
        """Do what a run asks about: publish what a source gave, or export in a new run, which asks only if more would go."""
        guard.admin(viewer)
        return run_view(await (await _service(directory, id)).confirm(id))

    @post("/refuse", operation_id="refuseRun", status_code=200)
    async def refuse(self, id: str, viewer: Viewer, guard: Guard, directory: Directory) -> RunView:
        """Leave the book, or what was exported before, as it is."""
        guard.admin(viewer)
        return run_view(await (await _service(directory, id)).refuse(id))

    @post("/cancel", operation_id="cancelRun", status_code=202)
    async def cancel(self, id: str, viewer: Viewer, guard: Guard, directory: Directory) -> RunView:
        """Stop a run; nothing of it counts, and a file stays as it was."""
        guard.admin(viewer)
        service = await _service(directory, id)
        await service.cancel(id)
        return run_view(await service.shown(id))


CONTROLLERS = (RunController,)


async def _service(directory: Directory, id: str) -> RunService:
    """Who does this run. Raises `NotFound`."""
    run = await directory.replication.runs.run(id)
    return directory.replication if run.what is What.SOURCE else directory.exports


def run_view(run: Run) -> RunView:
    """A run as it is shown: what it would publish stays here."""
    data = {name: value for name, value in run.data.items() if name != "publish"}
    return RunView(
        run.id, run.what, run.owner, run.mode, run.trigger, run.state, run.started, run.ended, run.counts, run.code,
        run.message, data, run.size,
    )  # fmt: skip
