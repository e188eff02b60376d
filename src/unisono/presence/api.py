"""Routes about presence: one's own, and a colleague's where they let it."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, post, put

from unisono.permissions.guard import Guard
from unisono.permissions.model import Right, Viewer
from unisono.presence.model import State
from unisono.presence.service import PresenceService


class PresenceInput(msgspec.Struct, forbid_unknown_fields=True):
    """A state set by hand; null takes it back. `until` is UTC."""

    state: State | None
    until: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    note: Annotated[str, msgspec.Meta(max_length=500)] = ""


class ActivityInput(msgspec.Struct, forbid_unknown_fields=True):
    """Whether the computer is not in use."""

    idle: bool


class PresenceController(Controller):
    """Setting presence."""

    tags = ("presence",)

    @put("/me/presence", operation_id="setMyPresence", status_code=204)
    async def set_mine(
        self, data: PresenceInput, viewer: Viewer, guard: Guard, presence: PresenceService
    ) -> None:
        """Set one's own state, or take it back."""
        guard.own(viewer)
        await presence.set_manual(viewer.user_id, data.state, data.until, data.note)

    @post("/me/activity", operation_id="reportActivity", status_code=204)
    async def activity(
        self, data: ActivityInput, viewer: Viewer, guard: Guard, presence: PresenceService, session_key: str
    ) -> None:
        """Say that the computer is not in use any more, or is again."""
        guard.own(viewer)
        presence.idle(viewer.user_id, session_key, data.idle)

    @put("/people/{id:str}/presence", operation_id="setPresence", status_code=204)
    async def set_colleagues(
        self, id: str, data: PresenceInput, viewer: Viewer, guard: Guard, presence: PresenceService
    ) -> None:
        """Set a colleague's state."""
        guard.require(viewer, id, Right.SET_PRESENCE)
        await presence.set_manual(id, data.state, data.until, data.note)
