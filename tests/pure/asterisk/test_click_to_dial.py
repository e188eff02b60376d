"""Scenarios of which there is no recording: calls by click, and plain ones."""


from tests.pure.asterisk.fake import FakeAsterisk
from tests.pure.asterisk.scenes import CALLER, DID, gives_up, inbound, legs, one, ringing, talking

from unisono.connectors.asterisk.translate import MOST_ORIGINATES, Translator


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
    other = ringing(pbx, own, "2002")
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


def test_two_calls_at_once_on_one_phone() -> None:
    pbx = FakeAsterisk()
    trunk, phone = talking(pbx)
    pbx.at = 3.0
    other, ringing = inbound(pbx, number="+441632960888")
    assert ringing is not None
    pbx.at = 5.0
    gives_up(pbx, other, ringing)
    pbx.at = 6.0
    pbx.ends("b1", phone, trunk)
    first, second = pbx.calls()
    assert (first["result"], first["ended_by"]) == ("answered", "2001")
    assert (second["result"], second["caller"]["number"]) == ("missed", "+441632960888")


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


def test_originates_that_asterisk_refused_leave_room_for_others() -> None:
    translator = Translator("pbx")
    for number in range(MOST_ORIGINATES + 5):
        translator.expect(f"do-{number}", "123")
    assert len(translator.switch.originates) == MOST_ORIGINATES
    assert f"do-{MOST_ORIGINATES + 4}" in translator.switch.originates
