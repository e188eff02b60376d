"""Scenarios of which there is no recording: conferences, pick-up, parking."""


from tests.pure.asterisk.fake import FakeAsterisk, Line
from tests.pure.asterisk.scenes import CALLER, DID, inbound, legs, one, ringing, talking, transfer_fields


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
    again = ringing(pbx, trunk, "2001")
    pbx.at = 50.0
    pbx.answers(trunk, again, "b5")
    pbx.at = 52.0
    pbx.ends("b5", again, trunk)
    call = one(pbx)
    assert [(leg["ext"], leg["t_answer"], leg["t_end"]) for leg in call["legs"]] == [("2001", 2.0, 3.0), ("2001", 50.0, 52.0)]
    assert (call["ended_by"], call["t_end"]) == ("2001", 52.0)


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
