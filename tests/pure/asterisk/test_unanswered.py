"""Scenarios of which there is no recording: calls that a phone does not take, and where they go."""


from tests.pure.asterisk.fake import FakeAsterisk
from tests.pure.asterisk.scenes import CALLER, DID, inbound, legs, one


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
