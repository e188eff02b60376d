"""Scenarios of which there is no recording: queues, ring groups, hunting."""


from tests.pure.asterisk.fake import FakeAsterisk
from tests.pure.asterisk.scenes import inbound, legs, one, queued, ring_member, ringing


def test_queue_abandoned() -> None:
    pbx = FakeAsterisk()
    trunk = queued(pbx, "sales")
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
    """A member that does not answer is rung again."""
    pbx = FakeAsterisk()
    trunk = queued(pbx, "400")
    first, second, phone = ring_member(pbx, trunk, "2001", 1)
    pbx.at = 10.0
    pbx.dial_end(trunk, first, "NOANSWER")
    pbx.gone(first, 0)
    pbx.wants_off(second)
    pbx.dial_end(second, phone, "CANCEL")
    pbx.gone(phone, 16)
    pbx.gone(second, 0)
    pbx.at = 15.0
    first, second, phone = ring_member(pbx, trunk, "2001", 2)
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
    trunk = queued(pbx, "400")
    (one1, two1, phone1), (one2, two2, phone2) = (ring_member(pbx, trunk, exten) for exten in ("2001", "2002"))
    pbx.at = 3.0
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
        trunk = queued(pbx, "sales")
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


def test_sequential_hunting() -> None:
    pbx = FakeAsterisk()
    trunk, first = inbound(pbx)
    assert first is not None
    pbx.at = 5.0
    pbx.dial_end(trunk, first, "NOANSWER")
    pbx.gone(first, 0)
    second = ringing(pbx, trunk, "2002")
    pbx.at = 8.0
    pbx.answers(trunk, second, "b1")
    pbx.at = 9.0
    pbx.ends("b1", trunk, second)
    call = one(pbx)
    assert legs(call) == {"2001": ("callee", "missed"), "2002": ("callee", "answered")}
