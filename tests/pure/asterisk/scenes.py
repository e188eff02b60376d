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
    phone = pbx.dial(trunk, f"PJSIP/{exten}", exten)
    pbx.rings(phone, trunk)
    return trunk, phone


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
