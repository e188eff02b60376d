"""Calls that have left every monitored device, on a PBX with a monitor for each device. Pure.

A device monitor hears nothing of a call after its device has left it (ECMA-269, device-type monitors): a call that goes
on to a mailbox or to a line without a monitor is never told to end. So it is kept in mind whose monitors still have part
in each call. When the last one has left, the next may be just about to report, because a diversion is told before the new
ring; after a short grace the call is ended, as of the moment the last one left. A parked call has more time. If the call
comes into sight again later, it is a new call with the same tracker.

Where one stream tells of all calls (`Head.device` is empty), none of this applies.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from unisono.calls import correlate, outcome
from unisono.calls.draft import Draft
from unisono.calls.model import Call, Cause, Connection, ConnectionState
from unisono.calls.pbx_events import Head, MonitorStopped
from unisono.calls.picture import Picture, Step, Watch

GRACE = timedelta(seconds=2)
"""How long the next monitor may take to report a call that another one has lost."""
PARKED = timedelta(minutes=10)
"""The same for a parked call: somebody is to fetch it, or the PBX calls back."""
_DIVERSIONS = frozenset({"forward", "302", "deflect", "pickup", "cti-redirect"})


def heard(draft: Draft, native: str) -> None:
    """Note after an event whether the device whose monitor told it still has part in the call."""
    call = draft.live(native)
    if call is None:
        return
    before = draft.watch(call)
    known = before.devices if before is not None else frozenset()
    device = draft.head.device
    part = _has_part(call, device, draft.head.local)
    devices = frozenset(each for each in known if _has_part(call, each, None) is not False)
    if part is None and devices == known:
        return
    devices = devices | {device} if part else devices - {device}
    left = before.left if before is not None and before.left is not None else draft.at
    draft.watched(call, Watch(devices, None if devices else left))


def _has_part(call: Call, device: str, local: ConnectionState | None) -> bool | None:
    """Whether a device is in the call, by its own word or by what the model knows; None: neither says."""
    if local is not None:
        return local is not ConnectionState.NULL
    leg = call.leg(device)
    return None if leg is None else leg.live


def joined(draft: Draft, call: Call, second: Call) -> None:
    """Whoever watched the second call and came along watches the one that both have become."""
    came = draft.watch(second)
    if came is None:
        return
    before = draft.watch(call)
    devices = before.devices if before is not None else frozenset()
    devices |= {each for each in came.devices if _has_part(call, each, None)}
    draft.watched(call, Watch(devices, None if devices else draft.at))


def seen_by_others(draft: Draft, call: Call, gone: frozenset[str]) -> bool:
    """Whether a call that these devices have lost may be watched by another one; the watch is set right."""
    before = draft.watch(call)
    if before is None:
        return True
    devices = before.devices - gone
    if devices != before.devices:
        draft.watched(call, Watch(devices, None if devices else draft.at))
    return bool(devices)


def stopped(draft: Draft, event: MonitorStopped) -> None:
    """End the calls that only this device's monitor told of: what becomes of them is not heard any more."""
    for call in draft.picture.live(event.head.connector):
        watch = draft.watch(call)
        devices = {leg.id.device for leg in call.connections if leg.live} | (watch.devices if watch is not None else set())
        if event.device not in devices:
            continue
        others = event.others & devices
        if not others:
            draft.end(replace(call, ended_by=""), "pbx", Cause.LOST_SIGHT)
        elif watch is not None:
            draft.watched(call, Watch(others))


def sweep(picture: Picture, now: datetime) -> Iterator[Step]:
    """One step for each call that nobody has watched for longer than the grace; each ends one call."""
    for call, left in picture.unwatched(now - GRACE):
        if now - left >= (PARKED if _parked(call) else GRACE):
            yield _ended(picture, call, left)


def _parked(call: Call) -> bool:
    last = _last(call)
    return last is not None and last.cause is Cause.PARK


def _last(call: Call) -> Connection | None:
    """The connection that ended last; None: a monitor told that it left a call in which its device was not known to be."""
    gone = [leg for leg in call.connections if leg.ended is not None]
    return max(gone, key=lambda leg: leg.ended or leg.started, default=None)


def _ended(picture: Picture, call: Call, left: datetime) -> Step:
    """The end of the call. What became of those who are still in it is not known, unless they were transferred."""
    last = _last(call)
    said = Cause.NORMAL if last is None else last.cause
    draft = Draft(picture, Head(call.connector, left, said), lambda: call.id)
    onward = _onward(call, said)
    by = "" if last is None else outcome.name(last.party, last.id.device)
    cause = Cause.TRANSFER if onward == "transfer" else Cause.LOST_SIGHT
    call = draft.end(replace(call, ended_by=onward or call.ended_by), by, cause, left)
    call = replace(call, cause=said)
    draft.watched(draft.put(call), Watch(left=left, over=True))
    return draft.step()


def _onward(call: Call, said: Cause) -> str:
    """The word for `Call.ended_by` if the call went on to somebody else; empty: its last watched party just left."""
    for transfer in call.transfers[-1:]:
        there = call.leg(transfer.to)
        if there is None or there.live:
            return outcome.OUT_OF_SIGHT if transfer.kind in _DIVERSIONS else "transfer"
    if said in correlate.TRANSFERRED:
        return "transfer"
    return outcome.OUT_OF_SIGHT if said in correlate.ONWARD else ""
