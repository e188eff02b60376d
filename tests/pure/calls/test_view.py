"""Calls as lines see them, and what each line may ask for, step by step."""

import pytest

from unisono.calls import pbx_events as ev
from unisono.calls.capabilities import BY_STATE, line_services_now, services_for
from unisono.calls.model import Call, Cause, ConnectionId, ConnectionState, Direction, Party, PartyKind, Service
from unisono.calls.view import LineState, LineView, line_view

from .pbx import CUSTOMER, DID, QUEUE, Pbx, ext, seconds

ALL = frozenset(Service)
S = Service


def view(call: Call, device: str) -> LineView:
    found = line_view(call, device)
    assert found is not None
    return found


def states(pbx: Pbx, native: str = "1") -> dict[str, str]:
    """Each of our lines in the call: state since second, who is at the other end."""
    shown = {}
    for leg in pbx.call(native).connections:
        if leg.party.kind is PartyKind.EXTENSION:
            seen = view(pbx.call(native), leg.id.device)
            shown[leg.id.device] = f"{seen.state} {seconds(seen.since)} {seen.remote.number}"
    return shown


def services(pbx: Pbx, native: str, device: str) -> frozenset[Service]:
    call = pbx.call(native)
    others = [other for other in pbx.picture.of_device("pbx", device) if other.id != call.id]
    return services_for(call, device, others, ALL, ALL)


@pytest.fixture
def pbx() -> Pbx:
    return Pbx()


class TestStates:
    def test_internal_call(self, pbx: Pbx) -> None:
        pbx.originated("1", ext("101"), ext("102"))
        assert states(pbx) == {"101": "dialing 0 102"}
        pbx.delivered("1", ext("102"), ext("101"), ext("102"))
        assert states(pbx) == {"101": "ringback 1 102", "102": "offering 1 101"}
        pbx.established("1", ext("102"))
        assert states(pbx) == {"101": "connected 2 102", "102": "connected 2 101"}
        pbx.held("1", "101")
        assert states(pbx) == {"101": "hold 3 102", "102": "held-by-other 3 101"}
        pbx.retrieved("1", "101")
        pbx.cleared("1", "102")
        pbx.cleared("1", "101")
        assert states(pbx) == {"101": "ended 6 102", "102": "ended 5 101"}
        assert view(pbx.call(), "101").outgoing
        assert not view(pbx.call(), "102").outgoing

    def test_stranger_has_no_view(self, pbx: Pbx) -> None:
        pbx.inbound()
        assert line_view(pbx.call(), "109") is None

    @pytest.mark.parametrize(("cause", "state"), [(Cause.BUSY, "busy"), (Cause.OUT_OF_SERVICE, "failed")])
    def test_failure(self, pbx: Pbx, cause: Cause, state: str) -> None:
        pbx.originated("1", ext("101"), ext("102"))
        pbx.failed("1", ext("102"), cause)
        assert states(pbx)["101"] == f"{state} 1 102"

    def test_a_telephone_that_hears_a_tone_is_busy_until_it_is_hung_up(self, pbx: Pbx) -> None:
        pbx.originated("1", ext("101"), ext("101"))
        pbx.failed("1", ext("101"), Cause.BUSY)
        assert states(pbx)["101"] == "busy 0 101"
        assert services(pbx, "1", "101") == {S.CLEAR_CONNECTION, S.CALL_BACK}
        pbx.cleared("1", "101")
        assert states(pbx)["101"] == "ended 2 101"
        assert not pbx.call().live

    def test_waiting_in_a_queue(self, pbx: Pbx) -> None:
        pbx.originated("1", ext("101"), QUEUE)
        pbx.say(ev.Queued(pbx.head(), ConnectionId("1", "support"), QUEUE))
        assert states(pbx)["101"] == "queued 1 600"
        pbx.delivered("1", ext("102"), ext("101"), QUEUE, queue=QUEUE)
        assert states(pbx) == {"101": "queued 1 600", "102": "offering 2 101"}
        pbx.established("1", ext("102"))
        assert states(pbx) == {"101": "connected 3 102", "102": "connected 3 101"}

    def test_group_rings_under_its_own_number(self, pbx: Pbx) -> None:
        pbx.originated("1", ext("101"), Party(number="500", kind=PartyKind.GROUP))
        for number in ("102", "103"):
            pbx.delivered("1", ext(number), ext("101"), Party(number="500", kind=PartyKind.GROUP))
        assert states(pbx)["101"] == "ringback 2 500"

    def test_missed_calls_show_the_caller_whoever_answered(self, pbx: Pbx) -> None:
        pbx.inbound(to="101")
        pbx.delivered("1", ext("102"), CUSTOMER, DID)
        pbx.established("1", ext("102"))
        pbx.cleared("1", "101", Cause.ANSWERED_ELSEWHERE)
        assert states(pbx)["101"] == f"ended 4 {CUSTOMER.number}"
        pbx.cleared("1", "102")
        pbx.cleared("1", CUSTOMER.device)
        assert states(pbx) == {"101": f"ended 4 {CUSTOMER.number}", "102": f"ended 5 {CUSTOMER.number}"}

    def test_transfer_shows_who_is_there_now(self, pbx: Pbx) -> None:
        pbx.inbound()
        pbx.established("1", ext("101"))
        head = pbx.head(Cause.SINGLE_STEP_TRANSFER)
        pbx.say(ev.Transferred(head, ConnectionId("1", "101"), None, ext("101"), ext("103"), (), "blind"))
        pbx.delivered("1", ext("103"), CUSTOMER, DID)
        assert states(pbx)["103"] == f"offering 4 {CUSTOMER.number}"
        pbx.established("1", ext("103"))
        assert states(pbx) == {"101": f"ended 3 {CUSTOMER.number}", "103": f"connected 5 {CUSTOMER.number}"}

    def test_what_nobody_took_comes_back_as_such(self, pbx: Pbx) -> None:
        pbx.inbound()
        pbx.established("1", ext("101"))
        head = pbx.head(Cause.SINGLE_STEP_TRANSFER)
        pbx.say(ev.Transferred(head, ConnectionId("1", "101"), None, ext("101"), ext("103"), (), "blind"))
        pbx.delivered("1", ext("103"), CUSTOMER, DID)
        assert not view(pbx.call(), "103").returned
        pbx.diverted("1", ext("103"), ext("101"), Cause.RECALL)
        pbx.delivered("1", ext("101"), CUSTOMER, DID, cause=Cause.RECALL)
        assert (view(pbx.call(), "101").state, view(pbx.call(), "101").returned) == (LineState.OFFERING, True)
        pbx.established("1", ext("101"))
        assert not view(pbx.call(), "101").returned

    def test_transfer_of_a_call_that_went_out(self, pbx: Pbx) -> None:
        far = Party("trunk-3", "0432000070", kind=PartyKind.EXTERNAL)
        pbx.originated("1", ext("101"), Party(number="00432000070"))
        pbx.delivered("1", far, ext("101"), Party(number="00432000070"))
        pbx.established("1", far)
        head = pbx.head(Cause.SINGLE_STEP_TRANSFER)
        pbx.say(ev.Transferred(head, ConnectionId("1", "101"), None, ext("101"), ext("103"), (), "blind"))
        pbx.delivered("1", ext("103"), ext("101"), Party(number="00432000070"))
        assert states(pbx)["103"] == "offering 4 0432000070"
        pbx.cleared("1", "103", Cause.CALL_NOT_ANSWERED)
        pbx.cleared("1", "trunk-3")
        assert states(pbx) == {"101": "ended 3 0432000070", "103": "ended 5 0432000070"}

    def test_conference(self, pbx: Pbx) -> None:
        for number in ("101", "102", "103"):
            pbx.established("1", ext(number), called=Party("700", "700", kind=PartyKind.CONFERENCE), calling=ext("101"))
        seen = view(pbx.call(), "102")
        assert (seen.state, {party.number for party in seen.parties}) == (LineState.CONFERENCED, {"101", "103"})

    def test_snapshot_of_a_held_call(self, pbx: Pbx) -> None:
        connections = (
            ev.SnapshotConnection(ConnectionId("1", CUSTOMER.device), CUSTOMER, ConnectionState.CONNECTED),
            ev.SnapshotConnection(ConnectionId("1", "101"), ext("101"), ConnectionState.HOLD),
        )
        pbx.say(ev.CallSnapshot(pbx.head(), "1", connections, CUSTOMER, DID, Direction.INBOUND))
        assert states(pbx)["101"] == f"hold 0 {CUSTOMER.number}"


class TestServices:
    def test_follow_the_call(self, pbx: Pbx) -> None:
        pbx.inbound()
        assert services(pbx, "1", "101") == {S.ANSWER_CALL, S.CLEAR_CONNECTION, S.DEFLECT_CALL}
        assert services(pbx, "1", "109") == {S.DIRECTED_PICKUP_CALL}
        pbx.established("1", ext("101"))
        assert {S.HOLD_CALL, S.CONSULTATION_CALL, S.GENERATE_DIGITS} <= services(pbx, "1", "101")
        assert services(pbx, "1", "109") == frozenset()
        pbx.held("1", "101")
        assert services(pbx, "1", "101") == {S.RETRIEVE_CALL, S.CLEAR_CONNECTION, S.CONSULTATION_CALL}
        pbx.originated("2", ext("101"), ext("103"))
        pbx.delivered("2", ext("103"), ext("101"), ext("103"))
        assert {S.TRANSFER_CALL, S.RECONNECT_CALL} <= services(pbx, "2", "101")
        assert S.CONFERENCE_CALL not in services(pbx, "2", "101")
        pbx.established("2", ext("103"))
        assert {S.ALTERNATE_CALL, S.TRANSFER_CALL, S.CONFERENCE_CALL, S.RECONNECT_CALL} <= services(pbx, "2", "101")
        assert S.CONSULTATION_CALL not in services(pbx, "2", "101")
        assert services(pbx, "1", "101") == {
            S.CLEAR_CONNECTION, S.ALTERNATE_CALL, S.TRANSFER_CALL, S.CONFERENCE_CALL,
        }  # fmt: skip
        assert S.TRANSFER_CALL not in services(pbx, "2", "103")
        pbx.say(ev.CallCleared(pbx.head(), "2"))
        assert services(pbx, "2", "101") == frozenset()

    def test_a_held_call_is_retrieved_while_its_device_has_no_active_one(self, pbx: Pbx) -> None:
        """What the PBX permitted when it was held holds no longer when the device calls somebody else."""
        pbx.inbound()
        pbx.established("1", ext("101"))
        own = ConnectionId("1", "101")
        permitted = frozenset({S.RETRIEVE_CALL, S.CLEAR_CONNECTION})
        pbx.say(ev.Held(ev.Head("pbx", pbx.now, device="101", permitted=permitted), own))
        assert S.RETRIEVE_CALL in services(pbx, "1", "101")
        pbx.inbound("3")
        assert S.RETRIEVE_CALL in services(pbx, "1", "101")
        pbx.cleared("3", "101")
        pbx.say(ev.ServiceInitiated(pbx.head(Cause.CONSULTATION), ConnectionId("2", "101"), ext("101")))
        assert S.RETRIEVE_CALL not in services(pbx, "1", "101")
        pbx.originated("2", ext("101"), ext("103"))
        assert S.RETRIEVE_CALL not in services(pbx, "1", "101")
        pbx.failed("2", ext("101"), Cause.BUSY)
        assert S.RETRIEVE_CALL not in services(pbx, "1", "101")
        pbx.cleared("2", "101")
        assert S.RETRIEVE_CALL in services(pbx, "1", "101")

    def test_are_no_more_than_each_layer_has(self, pbx: Pbx) -> None:
        pbx.inbound()
        call = pbx.call()
        assert services_for(call, "101", (), frozenset({S.ANSWER_CALL}), ALL) == {S.ANSWER_CALL}
        assert services_for(call, "101", (), ALL, frozenset({S.DEFLECT_CALL})) == {S.DEFLECT_CALL}

    def test_the_pbx_knows_better_than_the_table(self, pbx: Pbx) -> None:
        head = ev.Head("pbx", pbx.now, device="101", permitted=frozenset({S.CLEAR_CONNECTION, S.PARK_CALL}))
        pbx.say(ev.Delivered(head, ConnectionId("1", "101"), ext("101"), CUSTOMER, DID))
        assert services(pbx, "1", "101") == {S.CLEAR_CONNECTION, S.PARK_CALL}

    def test_a_call_back_is_offered_only_where_the_pbx_notices_who_is_free(self, pbx: Pbx) -> None:
        far = Party("trunk-3", "0432000070", kind=PartyKind.EXTERNAL)
        pbx.originated("1", ext("101"), Party(number="00432000070"))
        pbx.delivered("1", far, ext("101"), Party(number="00432000070"))
        assert S.CALL_BACK not in services(pbx, "1", "101")
        pbx.originated("2", ext("102"), ext("103"))
        pbx.delivered("2", ext("103"), ext("102"), ext("103"))
        assert S.CALL_BACK in services(pbx, "2", "102")
        head = ev.Head("pbx", pbx.now, device="102", permitted=frozenset({S.CLEAR_CONNECTION}))
        pbx.say(ev.Delivered(head, ConnectionId("2", "103"), ext("103"), ext("102"), ext("103")))
        assert services(pbx, "2", "102") == {S.CLEAR_CONNECTION}

    def test_table_is_whole(self) -> None:
        assert set(BY_STATE) == set(LineState)

    def test_line_without_a_call(self) -> None:
        assert S.MAKE_CALL in line_services_now(ALL, ALL)
        assert S.HOLD_CALL not in line_services_now(ALL, ALL)
        assert line_services_now(ALL, ALL, in_service=False) == frozenset()
