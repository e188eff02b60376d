"""Scenarios of which there is no recording: transfers of every kind."""


from tests.pure.asterisk.fake import FakeAsterisk, Line
from tests.pure.asterisk.scenes import gives_up, inbound, legs, one, ringing, talking, transfer_fields


def test_blind_transfer_reported_before_the_bridge_is_left() -> None:
    pbx = FakeAsterisk()
    trunk, phone = talking(pbx)
    pbx.at = 4.0
    transfer_fields(pbx, "b1", phone, trunk, "2003")
    pbx.leave("b1", phone)
    trunk.exten = "2003"
    pbx.leave("b1", trunk)
    pbx.gone(phone)
    target = ringing(pbx, trunk, "2003")
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
    target = ringing(pbx, trunk, "2003")
    pbx.at = 9.0
    gives_up(pbx, trunk, target)
    call = one(pbx)
    assert legs(call) == {"2001": ("callee", "transferred"), "2003": ("transfer-target", "missed")}
    assert (call["result"], call["ended_by"], call["t_end"]) == ("answered", "external", 9.0)


def test_blind_transfer_by_the_caller_to_an_outside_number() -> None:
    """2001 calls 2002 and transfers them to a mobile phone: the dialled channel becomes the one that dials."""
    pbx = FakeAsterisk()
    caller = pbx.comes_in("PJSIP/2001", "2001", "2002", person="Ann")
    callee = ringing(pbx, caller, "2002")
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
    target = ringing(pbx, trunk, "2003")
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
    target = ringing(pbx, second, "2003")
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
    gives_up(pbx, trunk, target)
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
        target = ringing(pbx, second, "2003")
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


def test_deflected_in_two_steps() -> None:
    """The caller's extension is not in the DialEnd yet; the next dial tells."""
    pbx = FakeAsterisk()
    trunk, first = inbound(pbx)
    assert first is not None
    pbx.at = 3.0
    pbx.dial_end(trunk, first, "CANCEL")
    pbx.gone(first)
    trunk.exten = "2003"
    second = ringing(pbx, trunk, "2003")
    pbx.at = 5.0
    pbx.answers(trunk, second, "b1")
    pbx.at = 6.0
    pbx.ends("b1", trunk, second)
    call = one(pbx)
    assert call["redirect"] == {"by": "cti", "frm": "2001", "to": "2003", "t": 3.0}
    assert legs(call) == {"2001": ("callee", "deflected"), "2003": ("deflect-target", "answered")}
