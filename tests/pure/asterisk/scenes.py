"""How the scenarios begin, and what is looked at: other extensions, trunks and numbers than the recordings have."""

from typing import Any

from tests.pure.asterisk.fake import FakeAsterisk, Line

CALLER = "+441632960777"
DID = "441632960100"


def inbound(pbx: FakeAsterisk, exten: str = "2001", *, dial: bool = True, number: str = CALLER) -> tuple[Line, Line | None]:
    """A call from outside that rings a phone after 0.2 s."""
    trunk = pbx.comes_in("SIP/carrier-x", number, DID, context="from-pstn")
    trunk.context, trunk.exten = "ext-local", exten
    if not dial:
        return trunk, None
    return trunk, ringing(pbx, trunk, exten)


def ringing(pbx: FakeAsterisk, caller: Line, exten: str) -> Line:
    """The phone of an extension, which this channel has dialled."""
    phone = pbx.dial(caller, f"PJSIP/{exten}", exten)
    pbx.rings(phone, caller)
    return phone


def gives_up(pbx: FakeAsterisk, caller: Line, phone: Line) -> None:
    """Who has dialled hangs up while it rings."""
    pbx.wants_off(caller)
    pbx.dial_end(caller, phone, "CANCEL")
    pbx.gone(phone)
    pbx.gone(caller)


def queued(pbx: FakeAsterisk, queue: str) -> Line:
    """A call from outside that waits in a queue."""
    trunk, _ = inbound(pbx, "400", dial=False)
    pbx.up(trunk)
    pbx.event("QueueCallerJoin", trunk.fields(), Queue=queue, Position="1", Count="1")
    return trunk


def ring_member(pbx: FakeAsterisk, trunk: Line, exten: str, number: int = 1) -> tuple[Line, Line, Line]:
    """A queue rings a member through a Local channel, as FreePBX does: both its ends, and the phone."""
    local = f"Local/{exten}@from-queue-0000000{number}"
    first = pbx.dial(trunk, f"{local};1", "", f"Local/{exten}@from-queue/n")
    second = pbx.comes_in(f"{local};2", "", exten)
    second.linked = first.linked
    return first, second, ringing(pbx, second, exten)


def talking(pbx: FakeAsterisk, exten: str = "2001") -> tuple[Line, Line]:
    trunk, phone = inbound(pbx, exten)
    assert phone is not None
    pbx.at = 2.0
    pbx.answers(trunk, phone, "b1")
    return trunk, phone


def legs(call: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {leg["ext"]: (leg["role"], leg["outcome"]) for leg in call["legs"]}


def one(pbx: FakeAsterisk) -> dict[str, Any]:
    calls = pbx.calls()
    assert len(calls) == 1, calls
    return calls[0]


def transfer_fields(pbx: FakeAsterisk, bridge: str, phone: Line, trunk: Line, to: str) -> None:
    pbx.event(
        "BlindTransfer", phone.fields("Transferer"), trunk.fields("Transferee"), Result="Success", BridgeUniqueid=bridge,
        IsExternal="Yes", Context="ext-local", Extension=to,
    )  # fmt: skip
