"""Scenarios of which there is no recording, with other extensions, trunks, queues and numbers than the recordings have."""

from typing import Any

from tests.pure.asterisk.fake import FakeAsterisk, Line

from unisono.connectors.asterisk.translate import MOST_ORIGINATES, Translator

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


def test_inbound_answered_on_another_pbx() -> None:
    pbx = FakeAsterisk()
    trunk, phone = talking(pbx)
    pbx.at = 5.0
    pbx.ends("b1", trunk, phone)
    call = one(pbx)
    assert (call["direction"], call["result"], call["ended_by"]) == ("inbound", "answered", "external")
    assert call["caller"] == {"kind": "external", "number": CALLER}
    assert call["dialed"] == DID
    assert (call["t_ring"], call["t_answer"], call["t_end"]) == (0.2, 2.0, 5.0)
    assert legs(call) == {"2001": ("callee", "answered")}


def test_click_to_dial_own_phone_not_answered() -> None:
    pbx = FakeAsterisk()
    own = pbx.dial(None, "PJSIP/2001", "2001")
    pbx.rings(own)
    pbx.at = 20.0
    pbx.dial_end(None, own, "NOANSWER")
    pbx.gone(own, 0)
    pbx.event(
        "OriginateResponse", ActionID="x-1", Response="Failure", Channel="PJSIP/2001", Context="from-internal",
        Exten="01632960123", Reason="3", Uniqueid="<null>", CallerIDNum="2001",
    )  # fmt: skip
    call = one(pbx)
    assert (call["result"], call["direction"], call["initiated_by"]) == ("not-placed", "outbound", "cti")
    assert (call["dialed"], call["t_answer"]) == ("01632960123", None)
    assert legs(call) == {"2001": ("caller", "own-phone-not-answered")}
    assert (call["legs"][0]["t_ring"], call["legs"][0]["t_end"], call["ended_by"]) == (0.2, 20.0, "pbx")


def test_click_to_dial_own_phone_rejects() -> None:
    pbx = FakeAsterisk()
    own = pbx.dial(None, "PJSIP/2001", "2001")
    pbx.rings(own)
    pbx.at = 3.0
    pbx.event(
        "OriginateResponse", ActionID="x-1", Response="Failure", Channel="PJSIP/2001", Context="from-internal",
        Exten="2002", Reason="5", Uniqueid=own.uid,
    )  # fmt: skip
    pbx.wants_off(own, 17, TechCause="486")
    pbx.dial_end(None, own, "BUSY")
    pbx.gone(own, 17)
    call = one(pbx)
    assert (call["result"], call["dialed"]) == ("not-placed", "2002")
    assert legs(call)["2001"] == ("caller", "own-phone-not-answered")


def test_click_to_dial_to_a_colleague() -> None:
    pbx = FakeAsterisk()
    own = pbx.dial(None, "PJSIP/2001", "2001")
    pbx.rings(own)
    pbx.at = 2.0
    pbx.event("OriginateResponse", Response="Success", Channel=own.name, Exten="2002", Uniqueid=own.uid)
    pbx.up(own)
    pbx.dial_end(None, own, "ANSWER")
    own.exten = "2002"
    other = pbx.dial(own, "PJSIP/2002", "2002")
    pbx.rings(other, own)
    pbx.at = 4.0
    pbx.answers(own, other, "b1")
    pbx.at = 6.0
    pbx.ends("b1", other, own)
    call = one(pbx)
    assert (call["direction"], call["result"], call["ended_by"]) == ("internal", "answered", "2002")
    assert legs(call) == {"2001": ("caller", "answered"), "2002": ("callee", "answered")}
    assert (call["t_own_phone_answer"], call["t_answer"]) == (2.0, 4.0)


def test_click_to_dial_through_a_local_channel() -> None:
    """As FreePBX's own panels do it: Originate of Local/2001@from-internal."""
    pbx = FakeAsterisk()
    first = pbx.dial(None, "Local/2001@from-internal-00000001;1", "")
    second = pbx.comes_in("Local/2001@from-internal-00000001;2", "", "2001")
    second.linked = first.linked
    own = pbx.dial(second, "PJSIP/2001", "2001", linked=first)
    pbx.rings(own, second)
    pbx.at = 1.0
    pbx.answers(second, own, "b1")
    pbx.up(first)
    pbx.dial_end(None, first, "ANSWER")
    first.exten = "901632960123"
    trunk = pbx.dial(first, "PJSIP/carrier", "", "01632960123@carrier", linked=first, context="from-pstn")
    pbx.rings(trunk, first)
    pbx.at = 3.0
    pbx.answers(first, trunk, "b2")
    pbx.at = 5.0
    pbx.wants_off(own)
    pbx.leave("b1", own)
    pbx.leave("b1", second)
    pbx.gone(own)
    pbx.gone(second)
    pbx.leave("b2", first)
    pbx.gone(first)
    pbx.leave("b2", trunk)
    pbx.gone(trunk)
    call = one(pbx)
    assert (call["direction"], call["result"], call["ended_by"]) == ("outbound", "answered", "2001")
    assert (call["remote_number"], call["initiated_by"]) == ("01632960123", "cti")
    assert legs(call) == {"2001": ("caller", "answered")}


def transfer_fields(pbx: FakeAsterisk, bridge: str, phone: Line, trunk: Line, to: str) -> None:
    pbx.event(
        "BlindTransfer", phone.fields("Transferer"), trunk.fields("Transferee"), Result="Success", BridgeUniqueid=bridge,
        IsExternal="Yes", Context="ext-local", Extension=to,
    )  # fmt: skip


def test_blind_transfer_reported_before_the_bridge_is_left() -> None:
    pbx = FakeAsterisk()
    trunk, phone = talking(pbx)
    pbx.at = 4.0
    transfer_fields(pbx, "b1", phone, trunk, "2003")
    pbx.leave("b1", phone)
    trunk.exten = "2003"
    pbx.leave("b1", trunk)
    pbx.gone(phone)
    target = pbx.dial(trunk, "PJSIP/2003", "2003")
    pbx.rings(target, trunk)
    pbx.at = 6.0
    pbx.answers(trunk, target, "b2")
    pbx.at = 8.0
    pbx.ends("b2", target, trunk)
    call = one(pbx)
    assert call["transfer"] == {"kind": "blind", "by": "2001", "to": "2003", "t": 4.0}
    assert legs(call) == {"2001": ("callee", "transferred"), "2003": ("transfer-target", "answered")}
    assert (call["result"], call["ended_by"]) == ("answered", "2003")


def test_blind_transfer_nobody_answers() -> None:
    pbx = FakeAsterisk()
    trunk, phone = talking(pbx)
    pbx.at = 4.0
    transfer_fields(pbx, "b1", phone, trunk, "2003")
    trunk.exten = "2003"
    pbx.leave("b1", trunk)
    pbx.leave("b1", phone)
    pbx.gone(phone)
    target = pbx.dial(trunk, "PJSIP/2003", "2003")
    pbx.rings(target, trunk)
    pbx.at = 9.0
    pbx.wants_off(trunk)
    pbx.dial_end(trunk, target, "CANCEL")
    pbx.gone(target)
    pbx.gone(trunk)
    call = one(pbx)
    assert legs(call) == {"2001": ("callee", "transferred"), "2003": ("transfer-target", "missed")}
    assert (call["result"], call["ended_by"], call["t_end"]) == ("answered", "external", 9.0)


def test_blind_transfer_by_the_caller_to_an_outside_number() -> None:
    """2001 calls 2002 and transfers them to a mobile phone: the dialled channel becomes the one that dials."""
    pbx = FakeAsterisk()
    caller = pbx.comes_in("PJSIP/2001", "2001", "2002", person="Ann")
    callee = pbx.dial(caller, "PJSIP/2002", "2002")
    pbx.rings(callee, caller)
    pbx.at = 1.0
    pbx.answers(caller, callee, "b1")
    pbx.at = 2.0
    transfer_fields(pbx, "b1", caller, callee, "907700900123")
    callee.exten = "907700900123"
    pbx.leave("b1", callee)
    pbx.leave("b1", caller)
    pbx.gone(caller)
    trunk = pbx.dial(callee, "PJSIP/carrier", "", "07700900123@carrier", context="from-pstn")
    pbx.rings(trunk, callee)
    pbx.at = 4.0
    pbx.answers(callee, trunk, "b2")
    pbx.at = 6.0
    pbx.ends("b2", trunk, callee)
    call = one(pbx)
    assert call["transfer"]["to"] == "907700900123"
    assert legs(call)["2001"] == ("caller", "transferred")
    assert legs(call)["2002"] == ("callee", "answered")
    assert call["legs"][1]["t_end"] == 6.0


def test_answered_call_redirected_by_cti() -> None:
    pbx = FakeAsterisk()
    trunk, phone = talking(pbx)
    pbx.at = 4.0
    trunk.exten = "2003"
    pbx.leave("b1", trunk)
    pbx.leave("b1", phone)
    pbx.gone(phone)
    target = pbx.dial(trunk, "PJSIP/2003", "2003")
    pbx.rings(target, trunk)
    pbx.at = 6.0
    pbx.answers(trunk, target, "b2")
    pbx.at = 8.0
    pbx.ends("b2", trunk, target)
    call = one(pbx)
    assert call["transfer"] == {"kind": "cti-redirect", "by": "cti", "to": "2003", "t": 4.0}
    assert legs(call) == {"2001": ("callee", "transferred"), "2003": ("transfer-target", "answered")}
    assert (call["result"], call["ended_by"]) == ("answered", "external")


def test_answered_call_redirected_by_cti_dial_seen_first() -> None:
    pbx = FakeAsterisk()
    trunk, phone = talking(pbx)
    pbx.at = 4.0
    trunk.exten = "2003"
    pbx.leave("b1", trunk)
    pbx.leave("b1", phone)
    target = pbx.dial(trunk, "PJSIP/2003", "2003")
    pbx.gone(phone)
    pbx.rings(target, trunk)
    pbx.at = 6.0
    pbx.answers(trunk, target, "b2")
    pbx.at = 8.0
    pbx.ends("b2", target, trunk)
    call = one(pbx)
    assert call["transfer"]["kind"] == "cti-redirect"
    assert legs(call) == {"2001": ("callee", "transferred"), "2003": ("transfer-target", "answered")}


def consulting(pbx: FakeAsterisk, *, answered: bool) -> tuple[Line, Line, Line, Line]:
    trunk, phone = talking(pbx)
    pbx.at = 3.0
    pbx.event("Hold", phone.fields())
    pbx.at = 4.0
    second = pbx.comes_in("PJSIP/2001", "2001", "2003", person="Ann")
    target = pbx.dial(second, "PJSIP/2003", "2003")
    pbx.rings(target, second)
    if answered:
        pbx.at = 5.0
        pbx.answers(second, target, "b2")
    pbx.at = 7.0
    return trunk, phone, second, target


def test_attended_transfer_while_ringing() -> None:
    """DestType App: the transferee's channel takes the transferer's place in the Dial."""
    pbx = FakeAsterisk()
    trunk, phone, second, target = consulting(pbx, answered=False)
    pbx.event("Unhold", phone.fields())
    pbx.event(
        "AttendedTransfer", phone.fields("OrigTransferer"), second.fields("SecondTransferer"), trunk.fields("Transferee"),
        Result="Success", OrigBridgeUniqueid="b1", IsExternal="Yes", DestType="App", DestApp="Dial",
    )  # fmt: skip
    pbx.leave("b1", phone)
    trunk.exten = "2003"
    pbx.leave("b1", trunk)
    pbx.gone(phone)
    pbx.gone(second)
    pbx.at = 9.0
    pbx.answers(trunk, target, "b3")
    pbx.at = 11.0
    pbx.ends("b3", target, trunk)
    main, consultation = pbx.calls()
    assert main["transfer"] == {"kind": "attended-ringing", "by": "2001", "to": "2003", "t": 7.0}
    assert legs(main) == {"2001": ("callee", "transferred"), "2003": ("transfer-target", "answered")}
    assert (main["legs"][1]["t_answer"], main["t_end"], main["ended_by"]) == (9.0, 11.0, "2003")
    assert consultation["consultation"] is True
    assert (consultation["result"], consultation["ended_by"]) == ("transferred-while-ringing", "transfer")
    assert legs(consultation)["2003"] == ("callee", "ringing-continues-as-transfer")


def test_attended_transfer_while_ringing_told_after_the_transferer_left() -> None:
    pbx = FakeAsterisk()
    trunk, phone, second, target = consulting(pbx, answered=False)
    pbx.leave("b1", phone)
    trunk.exten = "2003"
    pbx.leave("b1", trunk)
    pbx.gone(second)
    pbx.event(
        "AttendedTransfer", phone.fields("OrigTransferer"), second.fields("SecondTransferer"), trunk.fields("Transferee"),
        Result="Success", OrigBridgeUniqueid="b1", IsExternal="Yes", DestType="App", DestApp="Dial",
    )  # fmt: skip
    pbx.gone(phone)
    pbx.at = 9.0
    pbx.wants_off(trunk)
    pbx.dial_end(trunk, target, "CANCEL")
    pbx.gone(target)
    pbx.gone(trunk)
    main, consultation = pbx.calls()
    assert main["transfer"]["kind"] == "attended-ringing"
    assert legs(main) == {"2001": ("callee", "transferred"), "2003": ("transfer-target", "missed")}
    assert consultation["result"] == "transferred-while-ringing"


def test_attended_transfer_between_bridges_by_the_other_order() -> None:
    pbx = FakeAsterisk()
    trunk, phone, second, target = consulting(pbx, answered=True)
    pbx.event(
        "AttendedTransfer", phone.fields("OrigTransferer"), second.fields("SecondTransferer"), trunk.fields("Transferee"),
        target.fields("TransferTarget"), Result="Success", DestType="Bridge", DestBridgeUniqueid="b1",
    )  # fmt: skip
    pbx.leave("b2", target)
    target.linked = trunk.linked
    pbx.enter("b1", target, SwapUniqueid=phone.uid)
    pbx.leave("b1", phone)
    pbx.gone(phone)
    pbx.leave("b2", second)
    pbx.gone(second)
    pbx.at = 9.0
    pbx.ends("b1", trunk, target)
    main, consultation = pbx.calls()
    assert main["transfer"]["kind"] == "attended"
    assert legs(main) == {"2001": ("callee", "transferred"), "2003": ("transfer-target", "answered")}
    assert (consultation["result"], consultation["ended_by"]) == ("answered", "transfer")


def test_calls_joined_by_a_bridge_of_a_cti() -> None:
    """AMI Bridge raises no transfer event."""
    pbx = FakeAsterisk()
    trunk, phone, second, target = consulting(pbx, answered=True)
    pbx.leave("b1", trunk)
    pbx.leave("b2", target)
    pbx.enter("b3", trunk)
    pbx.enter("b3", target)
    pbx.leave("b1", phone)
    pbx.leave("b2", second)
    pbx.gone(phone)
    pbx.gone(second)
    pbx.at = 9.0
    pbx.state("PJSIP/2004", "NOT_INUSE")
    pbx.ends("b3", trunk, target)
    main = pbx.calls()[0]
    assert main["result"] == "answered"
    assert legs(main)["2003"] == ("transfer-target", "answered")
    assert main["ended_by"] == "external"


def test_attended_transfer_by_asterisk_itself() -> None:
    """Feature code or AMI Atxfer: one transferer channel, the target is dialled through a Local channel."""
    for told in (True, False):
        pbx = FakeAsterisk()
        trunk, phone = talking(pbx)
        pbx.at = 3.0
        first = pbx.dial(phone if told else None, "Local/2003@from-internal-00000001;1", "", linked=trunk)
        second = pbx.comes_in("Local/2003@from-internal-00000001;2", "", "2003")
        second.linked = trunk.linked
        target = pbx.dial(second, "PJSIP/2003", "2003")
        pbx.rings(target, second)
        pbx.at = 5.0
        pbx.answers(second, target, "b3")
        pbx.up(first)
        pbx.leave("b1", phone)
        pbx.enter("b2", first)
        pbx.enter("b2", phone)
        pbx.at = 7.0
        pbx.wants_off(phone)
        pbx.leave("b2", phone)
        pbx.event(
            "AttendedTransfer", phone.fields("OrigTransferer"), phone.fields("SecondTransferer"), trunk.fields("Transferee"),
            first.fields("TransferTarget"), Result="Success", DestType="Bridge", DestBridgeUniqueid="b1",
        )  # fmt: skip
        pbx.gone(phone)
        pbx.leave("b2", first)
        pbx.enter("b1", first)
        pbx.leave("b3", target)
        pbx.leave("b1", first)
        pbx.enter("b1", target, SwapUniqueid=first.uid)
        pbx.gone(first)
        pbx.leave("b3", second)
        pbx.gone(second)
        pbx.at = 9.0
        pbx.ends("b1", trunk, target)
        call = one(pbx)
        assert legs(call)["2003"] == ("transfer-target", "answered")
        assert (call["result"], call["t_end"], call["ended_by"]) == ("answered", 9.0, "external")
        assert legs(call)["2001"] == ("callee", "transferred")


def test_group_pickup() -> None:
    pbx = FakeAsterisk()
    trunk, phone = inbound(pbx)
    assert phone is not None
    pbx.at = 2.0
    picker = pbx.comes_in("PJSIP/2003", "2003", "*8", person="Cid")
    pbx.up(picker)
    pbx.event("Pickup", picker.fields(), phone.fields("Target"))
    pbx.soft(phone)
    pbx.gone(phone, 26)
    pbx.dial_end(trunk, picker, "ANSWER")
    pbx.up(trunk)
    pbx.enter("b1", picker)
    pbx.enter("b1", trunk)
    picker.linked = trunk.linked
    pbx.at = 5.0
    pbx.ends("b1", picker, trunk)
    call = one(pbx)
    assert call["pickup"] == {"by": "2003", "of": "2001", "t": 2.0}
    assert legs(call) == {"2001": ("callee", "picked-up-elsewhere"), "2003": ("pickup", "answered")}
    assert (call["answered_by"], call["dialed"], call["ended_by"]) == ("2003", DID, "2003")


def test_pickup_after_a_long_prompt() -> None:
    """The picking call was already shown as a code when the pick-up came."""
    pbx = FakeAsterisk()
    picker = pbx.comes_in("PJSIP/2003", "2003", "*8", person="Cid")
    pbx.up(picker)
    pbx.at = 1.0
    trunk, phone = inbound(pbx)
    assert phone is not None
    pbx.at = 2.0
    pbx.event("Pickup", picker.fields(), phone.fields("Target"))
    pbx.gone(phone, 26)
    pbx.dial_end(trunk, picker, "ANSWER")
    pbx.up(trunk)
    pbx.enter("b1", picker)
    pbx.enter("b1", trunk)
    pbx.at = 5.0
    pbx.ends("b1", trunk, picker)
    calls = pbx.calls()
    inbound_call = next(call for call in calls if call["direction"] == "inbound")
    assert legs(inbound_call) == {"2001": ("callee", "picked-up-elsewhere"), "2003": ("pickup", "answered")}


def test_unreachable_phone_with_dial_plan_events() -> None:
    pbx = FakeAsterisk()
    pbx.state("PJSIP/2002", "UNAVAILABLE")
    trunk, _ = inbound(pbx, "2002", dial=False)
    pbx.app(trunk, "Dial", "PJSIP/2002,25,tr")
    pbx.at = 0.1
    pbx.app(trunk, "Congestion")
    pbx.wants_off(trunk, 34, TechCause="503")
    pbx.soft(trunk)
    pbx.gone(trunk, 34)
    call = one(pbx)
    assert (call["result"], call["ended_by"], call["t_ring"]) == ("unreachable", "pbx", None)
    assert legs(call) == {"2002": ("callee", "missed-unreachable")}


def test_unreachable_phone_without_dial_plan_events() -> None:
    pbx = FakeAsterisk()
    pbx.hint("2002", "PJSIP/2002", 4)
    pbx.state("PJSIP/2002", "UNAVAILABLE")
    trunk, _ = inbound(pbx, "2002", dial=False)
    pbx.event("Newstate", trunk.fields())
    pbx.soft(trunk)
    pbx.gone(trunk, 20)
    call = one(pbx)
    assert call["result"] == "unreachable"
    assert legs(call) == {"2002": ("callee", "missed-unreachable")}


def test_unreachable_phone_then_voicemail() -> None:
    pbx = FakeAsterisk()
    pbx.state("PJSIP/2002", "UNAVAILABLE")
    trunk, _ = inbound(pbx, "2002", dial=False)
    pbx.app(trunk, "Dial", "PJSIP/2002,25")
    pbx.app(trunk, "VoiceMail", "2002@default,u")
    pbx.up(trunk)
    pbx.at = 6.0
    pbx.wants_off(trunk)
    pbx.gone(trunk)
    call = one(pbx)
    assert (call["result"], call["ended_by"]) == ("voicemail", "external")
    assert "2002" in legs(call)


def test_do_not_disturb_was_on_before_we_came() -> None:
    pbx = FakeAsterisk()
    pbx.hint("2002", "PJSIP/2002&Custom:DND2002")
    trunk, _ = inbound(pbx, "2002", dial=False)
    trunk.state = 7
    pbx.event("Newstate", trunk.fields())
    pbx.wants_off(trunk, 17, TechCause="486")
    pbx.gone(trunk, 17)
    call = one(pbx)
    assert (call["result"], call["ended_by"]) == ("refused-dnd", "pbx")
    assert legs(call) == {"2002": ("callee", "missed-dnd")}


def test_busy_phone() -> None:
    """486 without a ring."""
    pbx = FakeAsterisk()
    trunk = pbx.comes_in("SIP/carrier-x", CALLER, DID, context="from-pstn")
    trunk.exten = "2001"
    phone = pbx.dial(trunk, "PJSIP/2001", "2001")
    pbx.at = 0.1
    pbx.wants_off(phone, 17, TechCause="486")
    pbx.dial_end(trunk, phone, "BUSY")
    pbx.gone(phone, 17)
    trunk.state = 7
    pbx.event("Newstate", trunk.fields())
    pbx.wants_off(trunk, 17, TechCause="486")
    pbx.gone(trunk, 17)
    call = one(pbx)
    assert (call["result"], call["t_ring"]) == ("busy", None)
    assert legs(call) == {"2001": ("callee", "busy")}


def test_rejected_by_603() -> None:
    """Asterisk reports a decline as NOANSWER; only the phone's own hang-up cause tells."""
    pbx = FakeAsterisk()
    trunk, phone = inbound(pbx)
    assert phone is not None
    pbx.at = 2.0
    pbx.wants_off(phone, 21, TechCause="603")
    pbx.dial_end(trunk, phone, "NOANSWER")
    pbx.gone(phone, 21)
    pbx.soft(trunk)
    pbx.gone(trunk, 21)
    call = one(pbx)
    assert (call["result"], call["ended_by"]) == ("rejected", "callee")
    assert legs(call) == {"2001": ("callee", "rejected")}


def test_outside_number_busy_and_congested() -> None:
    for status, cause, result in (("BUSY", 17, "busy"), ("CONGESTION", 34, "unreachable"), ("CHANUNAVAIL", 20, "unreachable")):
        pbx = FakeAsterisk()
        phone = pbx.comes_in("PJSIP/2001", "2001", "901632960123", person="Ann")
        trunk = pbx.dial(phone, "PJSIP/carrier", "", "01632960123@carrier", context="from-pstn")
        pbx.at = 1.0
        pbx.wants_off(trunk, cause)
        pbx.dial_end(phone, trunk, status)
        pbx.gone(trunk, cause)
        pbx.soft(phone)
        pbx.gone(phone, cause)
        call = one(pbx)
        assert (call["direction"], call["result"]) == ("outbound", result)
        assert call["remote_number"] == "01632960123"


def test_queue_abandoned() -> None:
    pbx = FakeAsterisk()
    trunk, _ = inbound(pbx, "400", dial=False)
    pbx.up(trunk)
    pbx.event("QueueCallerJoin", trunk.fields(), Queue="sales", Position="1", Count="1")
    first = pbx.dial(trunk, "PJSIP/2001", "2001", "PJSIP/2001")
    second = pbx.dial(trunk, "PJSIP/2002", "2002", "PJSIP/2002")
    pbx.rings(first, trunk)
    pbx.rings(second, trunk)
    pbx.at = 8.0
    pbx.wants_off(trunk)
    for phone in (first, second):
        pbx.dial_end(trunk, phone, "CANCEL")
    pbx.event("QueueCallerAbandon", trunk.fields(), Queue="sales", Position="1", HoldTime="8")
    pbx.event("QueueCallerLeave", trunk.fields(), Queue="sales", Position="1", Count="0")
    pbx.gone(first, 0)
    pbx.gone(second, 0)
    pbx.gone(trunk, 0)
    call = one(pbx)
    assert (call["result"], call["queue"], call["ended_by"], call["t_answer"]) == ("abandoned", "sales", "external", None)
    assert set(legs(call).values()) == {("queue-member", "missed-queue")}
    assert set(legs(call)) == {"2001", "2002"}


def test_queue_through_local_members_tries_again_and_is_answered() -> None:
    """FreePBX rings members as Local/2001@from-queue/n; a member that does not answer is rung again."""
    pbx = FakeAsterisk()
    trunk, _ = inbound(pbx, "400", dial=False)
    pbx.up(trunk)
    pbx.event("QueueCallerJoin", trunk.fields(), Queue="400", Position="1", Count="1")

    def ring_member(number: int) -> tuple[Line, Line, Line]:
        first = pbx.dial(trunk, f"Local/2001@from-queue-0000000{number};1", "", "Local/2001@from-queue/n")
        second = pbx.comes_in(f"Local/2001@from-queue-0000000{number};2", "", "2001")
        second.linked = first.linked
        phone = pbx.dial(second, "PJSIP/2001", "2001")
        pbx.rings(phone, second)
        return first, second, phone

    first, second, phone = ring_member(1)
    pbx.at = 10.0
    pbx.dial_end(trunk, first, "NOANSWER")
    pbx.gone(first, 0)
    pbx.wants_off(second)
    pbx.dial_end(second, phone, "CANCEL")
    pbx.gone(phone, 16)
    pbx.gone(second, 0)
    pbx.at = 15.0
    first, second, phone = ring_member(2)
    pbx.at = 18.0
    pbx.answers(second, phone, "b1")
    pbx.up(first)
    pbx.dial_end(trunk, first, "ANSWER")
    pbx.enter("b2", first)
    pbx.enter("b2", trunk)
    pbx.at = 20.0
    pbx.wants_off(trunk)
    pbx.leave("b2", trunk)
    pbx.gone(trunk)
    pbx.leave("b2", first)
    pbx.gone(first)
    pbx.leave("b1", second)
    pbx.gone(second)
    pbx.leave("b1", phone)
    pbx.gone(phone)
    call = one(pbx)
    assert (call["result"], call["queue"], call["answered_by"], call["ended_by"]) == ("answered", "400", "2001", "external")
    assert legs(call) == {"2001": ("queue-member", "answered")}
    assert (call["t_ring"], call["t_answer"], call["t_end"]) == (0.2, 18.0, 20.0)


def test_queue_answered_elsewhere_through_local_members() -> None:
    pbx = FakeAsterisk()
    trunk, _ = inbound(pbx, "400", dial=False)
    pbx.up(trunk)
    pbx.event("QueueCallerJoin", trunk.fields(), Queue="400", Position="1", Count="1")
    pairs = []
    for exten in ("2001", "2002"):
        first = pbx.dial(trunk, f"Local/{exten}@from-queue-00000001;1", "", f"Local/{exten}@from-queue/n")
        second = pbx.comes_in(f"Local/{exten}@from-queue-00000001;2", "", exten)
        second.linked = first.linked
        phone = pbx.dial(second, f"PJSIP/{exten}", exten)
        pbx.rings(phone, second)
        pairs.append((first, second, phone))
    pbx.at = 3.0
    (one1, two1, phone1), (one2, two2, phone2) = pairs
    pbx.answers(two2, phone2, "b1")
    pbx.up(one2)
    pbx.dial_end(trunk, one2, "ANSWER")
    pbx.dial_end(trunk, one1, "CANCEL")
    pbx.gone(one1, 26)
    pbx.wants_off(two1, 26)
    pbx.dial_end(two1, phone1, "CANCEL")
    pbx.gone(phone1, 26)
    pbx.gone(two1, 26)
    pbx.enter("b2", one2)
    pbx.enter("b2", trunk)
    pbx.at = 5.0
    pbx.wants_off(phone2)
    pbx.leave("b1", phone2)
    pbx.gone(phone2)
    pbx.leave("b1", two2)
    pbx.gone(two2)
    pbx.leave("b2", one2)
    pbx.gone(one2)
    pbx.leave("b2", trunk)
    pbx.gone(trunk)
    call = one(pbx)
    assert legs(call) == {"2001": ("queue-member", "answered-elsewhere"), "2002": ("queue-member", "answered")}
    assert (call["answered_by"], call["ended_by"]) == ("2002", "2002")


def test_queue_times_out_into_voicemail() -> None:
    for told in (True, False):
        pbx = FakeAsterisk()
        trunk, _ = inbound(pbx, "400", dial=False)
        pbx.up(trunk)
        pbx.event("QueueCallerJoin", trunk.fields(), Queue="sales", Position="1", Count="1")
        phone = pbx.dial(trunk, "PJSIP/2001", "2001", "PJSIP/2001")
        pbx.rings(phone, trunk)
        pbx.at = 8.0
        pbx.dial_end(trunk, phone, "NOANSWER")
        pbx.gone(phone, 0)
        pbx.event("QueueCallerLeave", trunk.fields(), Queue="sales", Position="1", Count="0")
        if told:
            pbx.app(trunk, "VoiceMail", "400@default,u")
        pbx.at = 15.0
        pbx.wants_off(trunk)
        pbx.event("MessageWaiting", trunk.fields(), Mailbox="400@default", Waiting="1", New="1", Old="0")
        pbx.gone(trunk)
        call = one(pbx)
        assert (call["result"], call["t_voicemail"], call["queue"], call["ended_by"]) == ("voicemail", 8.0, "sales", "external")
        assert legs(call) == {"2001": ("queue-member", "missed-voicemail")}


def test_ring_group_one_answers() -> None:
    pbx = FakeAsterisk()
    trunk, _ = inbound(pbx, "600", dial=False)
    phones = [pbx.dial(trunk, f"SIP/{n}", n) for n in ("2001", "2002", "2003")]
    for phone in phones:
        pbx.rings(phone, trunk)
    pbx.at = 3.0
    pbx.up(phones[1])
    pbx.dial_end(trunk, phones[1], "ANSWER")
    pbx.up(trunk)
    for phone in (phones[0], phones[2]):
        pbx.dial_end(trunk, phone, "CANCEL")
        pbx.gone(phone, 26)
    pbx.enter("b1", phones[1])
    pbx.enter("b1", trunk)
    pbx.at = 5.0
    pbx.ends("b1", trunk, phones[1])
    call = one(pbx)
    assert legs(call)["2002"] == ("callee", "answered")
    assert legs(call)["2001"] == legs(call)["2003"] == ("callee", "answered-elsewhere")


def test_one_phone_with_two_contacts_is_one_leg() -> None:
    pbx = FakeAsterisk()
    trunk, _ = inbound(pbx, "2001", dial=False)
    first = pbx.dial(trunk, "PJSIP/2001", "2001", "2001/sip:2001@192.0.2.1:5060")
    second = pbx.dial(trunk, "PJSIP/2001", "2001", "2001/sip:2001@192.0.2.2:5060")
    pbx.rings(first, trunk)
    pbx.rings(second, trunk)
    pbx.at = 2.0
    pbx.up(second)
    pbx.dial_end(trunk, second, "ANSWER")
    pbx.dial_end(trunk, first, "CANCEL")
    pbx.gone(first, 26)
    pbx.up(trunk)
    pbx.enter("b1", second)
    pbx.enter("b1", trunk)
    pbx.at = 4.0
    pbx.ends("b1", second, trunk)
    call = one(pbx)
    assert legs(call) == {"2001": ("callee", "answered")}
    assert (call["t_answer"], call["t_end"], call["ended_by"]) == (2.0, 4.0, "2001")


def conference(pbx: FakeAsterisk, line: Line, name: str, *, enter_first: bool = False) -> None:
    where = {"BridgeUniqueid": f"conf-{name}", "BridgeType": "base", "BridgeTechnology": "softmix"}
    where |= {"BridgeCreator": "ConfBridge", "BridgeName": name}
    if enter_first:
        pbx.enter(f"conf-{name}", line, **where)
    pbx.event("ConfbridgeJoin", where, line.fields(), Conference=name, Admin="No")
    if not enter_first:
        pbx.enter(f"conf-{name}", line, **where)


def test_conference_of_two_lines_and_a_caller() -> None:
    pbx = FakeAsterisk()
    parties = []
    for at, endpoint, number in ((0.0, "PJSIP/2001", "2001"), (2.0, "PJSIP/2002", "2002"), (4.0, "SIP/carrier-x", CALLER)):
        pbx.at = at
        outside = number == CALLER
        line = pbx.comes_in(endpoint, number, DID if outside else "800", context="from-pstn" if outside else "from-internal")
        line.exten = "800"
        pbx.up(line)
        pbx.app(line, "ConfBridge", "800")
        announcer = pbx.comes_in("CBAnn/800-00000001;2", "", "s") if at == 0 else None
        if announcer is not None:
            pbx.enter("conf-800", announcer, BridgeTechnology="softmix", BridgeCreator="ConfBridge", BridgeName="800")
        conference(pbx, line, "800", enter_first=at == 2.0)
        parties.append(line)
    for at, line in zip((8.0, 9.0, 10.0), (parties[2], parties[0], parties[1]), strict=True):
        pbx.at = at
        pbx.wants_off(line)
        pbx.event("ConfbridgeLeave", line.fields(), Conference="800", BridgeUniqueid="conf-800")
        pbx.leave("conf-800", line)
        pbx.gone(line)
    call = one(pbx)
    assert (call["direction"], call["dialed"], call["result"]) == ("conference", "800", "answered")
    assert legs(call) == {"2001": ("participant", "answered"), "2002": ("participant", "answered")}
    assert [(leg["t_answer"], leg["t_end"]) for leg in call["legs"]] == [(0.0, 9.0), (2.0, 10.0)]
    assert call["t_end"] == 10.0


def test_conference_that_greets_first() -> None:
    """Without dial plan events a long greeting makes the call look like a feature code until the room is entered."""
    for told in (True, False):
        pbx = FakeAsterisk()
        first = pbx.comes_in("PJSIP/2001", "2001", "800", person="Ann")
        pbx.up(first)
        if told:
            pbx.app(first, "ConfBridge", "800")
        pbx.at = 3.0
        pbx.state("PJSIP/2001", "INUSE")
        conference(pbx, first, "800")
        second = pbx.comes_in("PJSIP/2002", "2002", "800", person="Bob")
        pbx.up(second)
        if told:
            pbx.app(second, "ConfBridge", "800")
        pbx.at = 6.0
        pbx.state("PJSIP/2002", "INUSE")
        conference(pbx, second, "800")
        for at, line in ((8.0, first), (9.0, second)):
            pbx.at = at
            pbx.wants_off(line)
            pbx.leave("conf-800", line)
            pbx.gone(line)
        call = pbx.calls()[0]
        assert (call["direction"], call["result"], call["t_end"]) == ("conference", "answered", 9.0)
        assert legs(call) == {"2001": ("participant", "answered"), "2002": ("participant", "answered")}
        assert [leg["t_answer"] for leg in call["legs"]] == [3.0, 6.0]
        assert told is False or len(pbx.calls()) == 1


def test_internal_caller_is_greeted_then_queued_and_answered() -> None:
    pbx = FakeAsterisk()
    caller = pbx.comes_in("PJSIP/2001", "2001", "400", person="Ann")
    pbx.up(caller)
    pbx.at = 5.0
    pbx.event("QueueCallerJoin", caller.fields(), Queue="sales", Position="1", Count="1")
    phone = pbx.dial(caller, "PJSIP/2002", "2002", "PJSIP/2002")
    pbx.rings(phone, caller)
    pbx.at = 7.0
    pbx.answers(caller, phone, "b1")
    pbx.at = 9.0
    pbx.ends("b1", caller, phone)
    call = one(pbx)
    assert (call["direction"], call["result"], call["queue"], call["dialed"]) == ("internal", "answered", "sales", "400")
    assert legs(call) == {"2001": ("caller", "answered"), "2002": ("queue-member", "answered")}


def test_hung_up_by_a_cti_for_its_user() -> None:
    """AMI Hangup: no HangupRequest, only a soft one while the phone is in its bridge."""
    pbx = FakeAsterisk()
    trunk, phone = talking(pbx)
    pbx.at = 4.0
    pbx.soft(phone)
    pbx.leave("b1", phone)
    pbx.soft(trunk)
    pbx.leave("b1", trunk)
    pbx.gone(phone)
    pbx.gone(trunk)
    call = one(pbx)
    assert (call["result"], call["ended_by"], call["t_end"]) == ("answered", "2001", 4.0)


def test_colleague_is_offline() -> None:
    pbx = FakeAsterisk()
    phone = pbx.comes_in("PJSIP/2001", "2001", "2002", person="Ann")
    pbx.app(phone, "Dial", "PJSIP/2002,25")
    pbx.at = 0.1
    pbx.wants_off(phone, 20, TechCause="480")
    pbx.gone(phone, 20)
    call = one(pbx)
    assert (call["direction"], call["result"], call["ended_by"]) == ("internal", "unreachable", "pbx")
    assert legs(call)["2002"] == ("callee", "missed-unreachable")


def test_consultation_given_up() -> None:
    pbx = FakeAsterisk()
    trunk, phone, second, target = consulting(pbx, answered=True)
    pbx.ends("b2", target, second)
    pbx.at = 8.0
    pbx.event("Unhold", phone.fields())
    pbx.at = 9.0
    pbx.ends("b1", trunk, phone)
    main, consultation = pbx.calls()
    assert main["holds"] == [{"by": "2001", "t_hold": 3.0, "t_unhold": 8.0}]
    assert legs(main) == {"2001": ("callee", "answered")}
    assert (consultation["consultation"], consultation["ended_by"], consultation["result"]) == (True, "2003", "answered")


def test_parked_call_comes_back() -> None:
    pbx = FakeAsterisk()
    trunk, phone = talking(pbx)
    pbx.at = 3.0
    transfer_fields(pbx, "b1", phone, trunk, "70")
    pbx.leave("b1", phone)
    pbx.leave("b1", trunk)
    pbx.gone(phone)
    pbx.enter("park", trunk, BridgeTechnology="holding_bridge", BridgeType="parking")
    pbx.event("ParkedCall", trunk.fields("Parkee"), ParkerDialString="PJSIP/2001", ParkingSpace="71")
    pbx.at = 48.0
    pbx.event("ParkedCallTimeOut", trunk.fields("Parkee"), ParkingSpace="71", ParkerDialString="PJSIP/2001")
    pbx.leave("park", trunk)
    again = pbx.dial(trunk, "PJSIP/2001", "2001")
    pbx.rings(again, trunk)
    pbx.at = 50.0
    pbx.answers(trunk, again, "b5")
    pbx.at = 52.0
    pbx.ends("b5", again, trunk)
    call = one(pbx)
    assert [(leg["ext"], leg["t_answer"], leg["t_end"]) for leg in call["legs"]] == [("2001", 2.0, 3.0), ("2001", 50.0, 52.0)]
    assert (call["ended_by"], call["t_end"]) == ("2001", 52.0)


def test_two_calls_at_once_on_one_phone() -> None:
    pbx = FakeAsterisk()
    trunk, phone = talking(pbx)
    pbx.at = 3.0
    other, ringing = inbound(pbx, number="+441632960888")
    assert ringing is not None
    pbx.at = 5.0
    pbx.wants_off(other)
    pbx.dial_end(other, ringing, "CANCEL")
    pbx.gone(ringing)
    pbx.gone(other)
    pbx.at = 6.0
    pbx.ends("b1", phone, trunk)
    first, second = pbx.calls()
    assert (first["result"], first["ended_by"]) == ("answered", "2001")
    assert (second["result"], second["caller"]["number"]) == ("missed", "+441632960888")


def test_parked_and_fetched() -> None:
    pbx = FakeAsterisk()
    trunk, phone = talking(pbx)
    pbx.at = 3.0
    transfer_fields(pbx, "b1", phone, trunk, "70")
    pbx.leave("b1", phone)
    pbx.leave("b1", trunk)
    pbx.gone(phone)
    pbx.enter("park", trunk, BridgeTechnology="holding_bridge", BridgeType="parking")
    pbx.event("ParkedCall", trunk.fields("Parkee"), ParkerDialString="PJSIP/2001", ParkingSpace="71", Parkinglot="default")
    pbx.at = 6.0
    fetcher = pbx.comes_in("PJSIP/2002", "2002", "71", person="Bob")
    pbx.up(fetcher)
    pbx.event("UnParkedCall", trunk.fields("Parkee"), fetcher.fields("Retriever"), ParkingSpace="71")
    pbx.leave("park", trunk)
    pbx.enter("b2", fetcher)
    pbx.enter("b2", trunk)
    pbx.at = 9.0
    pbx.ends("b2", trunk, fetcher)
    call = one(pbx)
    assert legs(call)["2001"] == ("callee", "transferred")
    assert legs(call)["2002"][1] == "answered"
    assert (call["t_end"], call["ended_by"]) == (9.0, "external")


def test_parked_and_given_up() -> None:
    pbx = FakeAsterisk()
    trunk, phone = talking(pbx)
    pbx.at = 3.0
    pbx.leave("b1", trunk)
    pbx.leave("b1", phone)
    pbx.enter("park", trunk, BridgeTechnology="holding_bridge", BridgeType="parking")
    pbx.event("ParkedCall", trunk.fields("Parkee"), ParkerDialString="PJSIP/2001", ParkingSpace="71", Parkinglot="default")
    pbx.gone(phone)
    pbx.at = 8.0
    pbx.wants_off(trunk)
    pbx.event("ParkedCallGiveUp", trunk.fields("Parkee"), ParkingSpace="71")
    pbx.leave("park", trunk)
    pbx.gone(trunk)
    call = one(pbx)
    assert (call["result"], call["ended_by"], call["t_end"]) == ("answered", "external", 8.0)
    assert legs(call) == {"2001": ("callee", "transferred")}


def test_blind_transfer_to_voicemail() -> None:
    pbx = FakeAsterisk()
    trunk, phone = talking(pbx)
    pbx.at = 3.0
    transfer_fields(pbx, "b1", phone, trunk, "*2003")
    trunk.exten = "*2003"
    pbx.leave("b1", trunk)
    pbx.leave("b1", phone)
    pbx.gone(phone)
    pbx.app(trunk, "VoiceMail", "2003@default,u")
    pbx.at = 9.0
    pbx.wants_off(trunk)
    pbx.gone(trunk)
    call = one(pbx)
    assert (call["result"], call["ended_by"], call["t_end"]) == ("answered", "external", 9.0)
    assert call["transfer"]["kind"] == "blind"
    assert call["t_voicemail"] == 3.0
    assert legs(call) == {"2001": ("callee", "transferred")}


def test_held_by_the_outside_party() -> None:
    pbx = FakeAsterisk()
    trunk, phone = talking(pbx)
    pbx.at = 3.0
    pbx.event("Hold", trunk.fields())
    pbx.at = 4.0
    pbx.event("Unhold", trunk.fields())
    pbx.at = 5.0
    pbx.ends("b1", trunk, phone)
    assert one(pbx)["holds"] == [{"by": "external", "t_hold": 3.0, "t_unhold": 4.0}]


def test_forwarded_by_the_pbx_to_a_mobile() -> None:
    """FreePBX's CF: the dial plan dials the other number through a Local channel; the phone itself is never dialled."""
    pbx = FakeAsterisk()
    trunk, _ = inbound(pbx, "2001", dial=False)
    first = pbx.dial(trunk, "Local/07700900123@from-internal-00000001;1", "", "Local/07700900123@from-internal/n")
    second = pbx.comes_in("Local/07700900123@from-internal-00000001;2", "", "07700900123")
    second.linked = first.linked
    mobile = pbx.dial(second, "PJSIP/carrier", "", "07700900123@carrier", context="from-pstn")
    pbx.rings(mobile, second)
    pbx.at = 4.0
    pbx.answers(second, mobile, "b1")
    pbx.up(first)
    pbx.dial_end(trunk, first, "ANSWER")
    pbx.enter("b2", first)
    pbx.enter("b2", trunk)
    pbx.at = 7.0
    pbx.wants_off(trunk)
    for bridge, line in (("b2", trunk), ("b2", first), ("b1", second), ("b1", mobile)):
        pbx.leave(bridge, line)
        pbx.gone(line)
    call = one(pbx)
    assert (call["direction"], call["result"], call["t_answer"], call["ended_by"]) == ("inbound", "answered", 4.0, "external")


def test_feature_codes_and_echo_test() -> None:
    for exten in ("*60", "*97", "#31#", "700"):
        pbx = FakeAsterisk()
        phone = pbx.comes_in("IAX2/2001", "2001", exten)
        pbx.up(phone)
        pbx.at = 4.0
        pbx.wants_off(phone)
        pbx.gone(phone)
        call = one(pbx)
        assert (call["direction"], call["result"], call["dialed"], call["legs"]) == ("feature", "feature-code", exten, [])


def test_caller_gives_up_in_an_announcement() -> None:
    pbx = FakeAsterisk()
    trunk, _ = inbound(pbx, "s", dial=False)
    pbx.up(trunk)
    pbx.app(trunk, "Playback", "welcome")
    pbx.at = 5.0
    pbx.wants_off(trunk)
    pbx.gone(trunk)
    call = one(pbx)
    assert (call["direction"], call["t_answer"], call["ended_by"]) == ("inbound", None, "external")
    assert call["result"] == "missed"


def test_internal_call_to_a_number_that_is_not_there() -> None:
    pbx = FakeAsterisk()
    phone = pbx.comes_in("PJSIP/2001", "2001", "2999", person="Ann")
    pbx.app(phone, "Congestion")
    pbx.at = 1.0
    pbx.wants_off(phone, 34, TechCause="503")
    pbx.gone(phone, 34)
    call = one(pbx)
    assert call["ended_by"] in ("pbx", None)
    assert call["t_answer"] is None


def test_withheld_in_other_words() -> None:
    for number, person in (("", "Anonymous"), ("unavailable", ""), ("Restricted", ""), ("<unknown>", "<unknown>")):
        pbx = FakeAsterisk()
        trunk, phone = inbound(pbx, number=number)
        assert phone is not None
        pbx.at = 2.0
        pbx.wants_off(trunk, 127, TechCause="487")
        pbx.dial_end(trunk, phone, "CANCEL")
        pbx.gone(phone)
        pbx.gone(trunk, 127)
        call = one(pbx)
        assert call["caller"] == {"kind": "external", "number": None, "withheld": True}, (number, person)
        assert call["result"] == "missed"


def test_trunk_named_by_digits_and_line_named_by_words() -> None:
    """A registration trunk called 4416329601; a phone called reception whose extension the hint tells."""
    pbx = FakeAsterisk()
    pbx.hint("2005", "PJSIP/reception&Custom:DND2005")
    trunk = pbx.comes_in("PJSIP/4416329601", CALLER, DID, context="from-trunk-sip")
    trunk.exten = "2005"
    phone = pbx.dial(trunk, "PJSIP/reception", "2005", "reception")
    pbx.rings(phone, trunk)
    pbx.at = 2.0
    pbx.answers(trunk, phone, "b1")
    pbx.at = 4.0
    pbx.ends("b1", phone, trunk)
    call = one(pbx)
    assert (call["direction"], call["ended_by"]) == ("inbound", "2005")
    assert legs(call) == {"2005": ("callee", "answered")}


def test_sequential_hunting() -> None:
    pbx = FakeAsterisk()
    trunk, first = inbound(pbx)
    assert first is not None
    pbx.at = 5.0
    pbx.dial_end(trunk, first, "NOANSWER")
    pbx.gone(first, 0)
    second = pbx.dial(trunk, "PJSIP/2002", "2002")
    pbx.rings(second, trunk)
    pbx.at = 8.0
    pbx.answers(trunk, second, "b1")
    pbx.at = 9.0
    pbx.ends("b1", trunk, second)
    call = one(pbx)
    assert legs(call) == {"2001": ("callee", "missed"), "2002": ("callee", "answered")}


def test_deflected_in_two_steps() -> None:
    """The caller's extension is not in the DialEnd yet; the next dial tells."""
    pbx = FakeAsterisk()
    trunk, first = inbound(pbx)
    assert first is not None
    pbx.at = 3.0
    pbx.dial_end(trunk, first, "CANCEL")
    pbx.gone(first)
    trunk.exten = "2003"
    second = pbx.dial(trunk, "PJSIP/2003", "2003")
    pbx.rings(second, trunk)
    pbx.at = 5.0
    pbx.answers(trunk, second, "b1")
    pbx.at = 6.0
    pbx.ends("b1", trunk, second)
    call = one(pbx)
    assert call["redirect"] == {"by": "cti", "frm": "2001", "to": "2003", "t": 3.0}
    assert legs(call) == {"2001": ("callee", "deflected"), "2003": ("deflect-target", "answered")}


def test_originates_that_asterisk_refused_leave_room_for_others() -> None:
    translator = Translator("pbx")
    for number in range(MOST_ORIGINATES + 5):
        translator.expect(f"do-{number}", "123")
    assert len(translator.switch.originates) == MOST_ORIGINATES
    assert f"do-{MOST_ORIGINATES + 4}" in translator.switch.originates
