"""Whole calls, told by a PBX with one stream of events (as Asterisk has), and what the model makes of them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from unisono.calls import pbx_events as ev
from unisono.calls.model import (
    Cause,
    ConnectionId,
    ConnectionState,
    Direction,
    Party,
    PartyKind,
    Result,
    Role,
)

from .pbx import CUSTOMER, DID, QUEUE, VOICEMAIL, Pbx, ext, legs_of, seconds


@pytest.fixture(params=[(), ("101", "103")], ids=["told once", "told by every monitor"])
def pbx(request: pytest.FixtureRequest) -> Pbx:
    return Pbx(monitors=request.param)


class TestInbound:
    def test_answered_and_ended_by_the_customer(self, pbx: Pbx) -> None:
        pbx.inbound()
        pbx.established("1", ext("101"))
        pbx.cleared("1", CUSTOMER.device)
        pbx.cleared("1", "101")
        call = pbx.call()
        assert (call.direction, call.result, call.ended_by) == (Direction.INBOUND, Result.ANSWERED, "external")
        times = [seconds(t) for t in (call.started, call.rang, call.answered, call.ended)]
        assert times[:3] == [0, 1, 2]
        assert legs_of(call) == {"101": ("callee", "answered")}
        assert call.called.number == "+390432100101"

    def test_customer_gives_up(self, pbx: Pbx) -> None:
        pbx.inbound()
        pbx.cleared("1", "101", Cause.CALL_CANCELLED)
        pbx.cleared("1", CUSTOMER.device)
        call = pbx.call()
        assert (call.result, call.ended_by, call.answered) == (Result.MISSED, "external", None)
        assert legs_of(call) == {"101": ("callee", "missed")}

    def test_pbx_gives_up(self, pbx: Pbx) -> None:
        pbx.inbound()
        pbx.cleared("1", "101", Cause.CALL_NOT_ANSWERED)
        pbx.cleared("1", CUSTOMER.device, Cause.NORMAL)
        assert (pbx.call().result, pbx.call().ended_by) == (Result.MISSED, "pbx")

    def test_user_rejects_and_the_pbx_calls_it_normal(self, pbx: Pbx) -> None:
        pbx.inbound()
        pbx.cleared("1", "101", Cause.NORMAL_CLEARING, releasing=ext("101"))
        pbx.cleared("1", CUSTOMER.device)
        call = pbx.call()
        assert (call.result, call.ended_by) == (Result.REJECTED, "101")
        assert legs_of(call) == {"101": ("callee", "rejected")}

    def test_a_telephone_that_another_one_outran_rejects_nothing(self, pbx: Pbx) -> None:
        pbx.inbound()
        pbx.delivered("1", ext("102"), CUSTOMER, DID)
        pbx.established("1", ext("102"))
        pbx.cleared("1", "101", Cause.NORMAL_CLEARING, releasing=ext("101"))
        pbx.cleared("1", CUSTOMER.device)
        assert legs_of(pbx.call())["101"] == ("callee", "answered-elsewhere")

    @pytest.mark.parametrize("cause", [Cause.BUSY, Cause.REJECTED])
    def test_user_rejects(self, pbx: Pbx, cause: Cause) -> None:
        pbx.inbound()
        pbx.cleared("1", "101", cause)
        pbx.cleared("1", CUSTOMER.device)
        call = pbx.call()
        assert (call.result, call.ended_by) == (Result.REJECTED, "101")
        assert legs_of(call) == {"101": ("callee", "rejected")}

    @pytest.mark.parametrize(
        ("cause", "result", "outcome"),
        [
            (Cause.BUSY, Result.BUSY, "busy"),
            (Cause.DO_NOT_DISTURB, Result.REFUSED_DND, "missed-dnd"),
            (Cause.OUT_OF_SERVICE, Result.UNREACHABLE, "missed-unreachable"),
        ],
    )
    def test_phone_never_rings(self, pbx: Pbx, cause: Cause, result: Result, outcome: str) -> None:
        pbx.originated("1", CUSTOMER, DID, direction=Direction.INBOUND)
        pbx.failed("1", ext("101"), cause)
        pbx.cleared("1", CUSTOMER.device)
        call = pbx.call()
        assert (call.result, call.ended_by, call.rang) == (result, "pbx", None)
        assert legs_of(call) == {"101": ("callee", outcome)}

    def test_withheld_number(self, pbx: Pbx) -> None:
        nobody = Party(device="trunk-2", restricted=True, kind=PartyKind.EXTERNAL)
        pbx.originated("1", nobody, DID)
        pbx.delivered("1", ext("101"), nobody, DID)
        assert pbx.call().calling.restricted
        assert pbx.call().direction is Direction.INBOUND

    def test_voicemail_is_no_answer(self, pbx: Pbx) -> None:
        pbx.inbound()
        pbx.cleared("1", "101", Cause.CALL_NOT_ANSWERED)
        pbx.established("1", VOICEMAIL)
        pbx.cleared("1", CUSTOMER.device)
        pbx.cleared("1", "vm")
        call = pbx.call()
        assert (call.result, call.answered, call.ended_by) == (Result.VOICEMAIL, None, "external")
        assert legs_of(call) == {"101": ("callee", "missed-voicemail")}

    def test_hold(self, pbx: Pbx) -> None:
        pbx.inbound()
        pbx.established("1", ext("101"))
        pbx.held("1", "101")
        assert pbx.call().leg("101").state is ConnectionState.HOLD  # type: ignore[union-attr]
        pbx.retrieved("1", "101")
        pbx.retrieved("1", "101")  # reported also by every transfer
        hold = pbx.call().holds[0]
        assert (hold.by, seconds(hold.since), seconds(hold.until)) == ("101", 3, 4)
        assert len(pbx.call().holds) == 1

    def test_digits_by_sender(self, pbx: Pbx) -> None:
        pbx.inbound()
        pbx.established("1", ext("101"))
        for device, digit in [("101", "1"), ("101", "1"), ("101", "#"), (CUSTOMER.device, "9")]:
            pbx.say(ev.DigitsGenerated(pbx.head(), ConnectionId("1", device), digit))
        call = pbx.call()
        assert call.digits == "11#9"
        assert {leg.id.device: leg.digits for leg in call.connections} == {"101": "11#", CUSTOMER.device: "9"}


class TestOutbound:
    def test_answered(self, pbx: Pbx) -> None:
        far = Party(device="trunk-3", number="0432000070", kind=PartyKind.EXTERNAL)
        pbx.originated("1", ext("101"), Party(number="00432000070"))
        pbx.say(ev.NetworkReached(pbx.head(), ConnectionId("1", "trunk-3"), far))
        pbx.delivered("1", far, ext("101"), Party(number="00432000070"))
        pbx.established("1", far)
        pbx.cleared("1", "trunk-3")
        pbx.cleared("1", "101")
        call = pbx.call()
        assert (call.direction, call.result, call.ended_by) == (Direction.OUTBOUND, Result.ANSWERED, "external")
        assert call.called.number == "00432000070"
        assert legs_of(call) == {"101": ("caller", "answered")}
        assert seconds(call.leg("101").answered) == 3  # type: ignore[union-attr]

    def test_own_phone_rings_first(self, pbx: Pbx) -> None:
        far = Party(device="trunk-3", number="0432000070", kind=PartyKind.EXTERNAL)
        pbx.say(ev.ServiceInitiated(pbx.head(), ConnectionId("1", "101"), ext("101"), by_cti=True))
        assert pbx.call().leg("101").state is ConnectionState.INITIATED  # type: ignore[union-attr]
        pbx.originated("1", ext("101"), Party(number="00432000070"), by_cti=True)
        pbx.delivered("1", far, ext("101"), Party(number="00432000070"))
        pbx.established("1", far)
        pbx.cleared("1", "101")
        pbx.cleared("1", "trunk-3")
        call = pbx.call()
        assert call.by_cti
        leg = call.leg("101")
        assert leg is not None
        assert [seconds(t) for t in (call.placed, call.rang, call.answered)] == [1, 2, 3]
        assert [seconds(t) for t in (leg.rang, leg.answered)] == [0, 3]
        assert (call.result, call.ended_by) == (Result.ANSWERED, "101")

    def test_own_phone_reported_as_ringing(self, pbx: Pbx) -> None:
        pbx.say(ev.ServiceInitiated(pbx.head(), ConnectionId("1", "101"), ext("101"), by_cti=True))
        pbx.delivered("1", ext("101"), ext("101"), Party(number="00432000070"))
        leg = pbx.call().leg("101")
        assert leg is not None
        assert (leg.state, leg.role) == (ConnectionState.INITIATED, Role.CALLER)
        assert pbx.call().rang is None

    def test_own_phone_not_answered(self, pbx: Pbx) -> None:
        pbx.say(ev.ServiceInitiated(pbx.head(), ConnectionId("1", "101"), ext("101"), by_cti=True))
        pbx.cleared("1", "101", Cause.CALL_NOT_ANSWERED)
        assert pbx.call().result is Result.NOT_PLACED
        assert legs_of(pbx.call()) == {"101": ("caller", "own-phone-not-answered")}

    def test_off_hook_and_on_again(self, pbx: Pbx) -> None:
        pbx.say(ev.ServiceInitiated(pbx.head(), ConnectionId("1", "101"), ext("101")))
        pbx.cleared("1", "101")
        assert pbx.call().result is Result.NOT_PLACED
        assert legs_of(pbx.call()) == {"101": ("caller", None)}

    def test_busy(self, pbx: Pbx) -> None:
        pbx.originated("1", ext("101"), ext("102"))
        pbx.failed("1", ext("102"), Cause.BUSY)
        pbx.cleared("1", "101")
        call = pbx.call()
        assert (call.direction, call.result) == (Direction.INTERNAL, Result.BUSY)
        assert legs_of(call) == {"101": ("caller", "busy"), "102": ("callee", "busy")}

    def test_own_line_gets_the_busy_tone(self, pbx: Pbx) -> None:
        pbx.originated("1", ext("101"), Party(number="00432000070"))
        pbx.failed("1", ext("101"), Cause.BUSY)
        assert pbx.call().live
        pbx.cleared("1", "101")
        assert pbx.call().result is Result.BUSY

    def test_internal(self, pbx: Pbx) -> None:
        pbx.originated("1", ext("101"), Party(number="102"))
        pbx.delivered("1", ext("102"), ext("101"), Party(number="102"))
        assert pbx.call().direction is Direction.INTERNAL
        pbx.established("1", ext("102"))
        pbx.cleared("1", "101")
        pbx.cleared("1", "102")
        assert (pbx.call().result, pbx.call().ended_by) == (Result.ANSWERED, "101")
        assert legs_of(pbx.call()) == {"101": ("caller", "answered"), "102": ("callee", "answered")}

    def test_feature_code(self, pbx: Pbx) -> None:
        pbx.originated("1", ext("101"), Party(number="*78", kind=PartyKind.SERVICE))
        pbx.cleared("1", "101")
        assert (pbx.call().direction, pbx.call().result) == (Direction.FEATURE, Result.FEATURE_CODE)

    def test_conference_room(self, pbx: Pbx) -> None:
        room = Party(device="700", number="700", kind=PartyKind.CONFERENCE)
        for number in ("101", "102", "103"):
            pbx.established("700", ext(number), called=room, direction=Direction.CONFERENCE)
        for number in ("101", "102", "103"):
            pbx.cleared("700", number)
        call = pbx.call("700")
        assert (call.direction, call.result) == (Direction.CONFERENCE, Result.ANSWERED)
        assert set(legs_of(call).values()) == {("participant", "answered")}


class TestMovedOn:
    def test_blind_transfer(self, pbx: Pbx) -> None:
        pbx.inbound()
        pbx.established("1", ext("101"))
        head = pbx.head(Cause.SINGLE_STEP_TRANSFER)
        pbx.say(ev.Transferred(head, ConnectionId("1", "101"), None, ext("101"), ext("103"), (), "blind"))
        assert pbx.call().live
        pbx.cleared("1", "101")
        pbx.delivered("1", ext("103"), CUSTOMER, DID)
        pbx.established("1", ext("103"))
        pbx.cleared("1", CUSTOMER.device)
        pbx.cleared("1", "103")
        call = pbx.call()
        transfer = call.transfers[0]
        assert (transfer.kind, transfer.by, transfer.to, seconds(transfer.at)) == ("blind", "101", "103", 3)
        assert legs_of(call) == {"101": ("callee", "transferred"), "103": ("transfer-target", "answered")}
        assert (call.result, call.ended_by, seconds(call.answered)) == (Result.ANSWERED, "external", 2)

    def consultation(self, pbx: Pbx, *, answered: bool) -> None:
        pbx.inbound()
        pbx.established("1", ext("101"))
        pbx.held("1", "101")
        pbx.originated("2", ext("101"), ext("103"))
        pbx.delivered("2", ext("103"), ext("101"), ext("103"))
        if answered:
            pbx.established("2", ext("103"))

    def transfer(self, pbx: Pbx) -> None:
        moved = (
            ev.Moved(ConnectionId("1", CUSTOMER.device), ConnectionId("3", CUSTOMER.device), CUSTOMER),
            ev.Moved(ConnectionId("2", "103"), ConnectionId("3", "103"), ext("103")),
        )
        pbx.say(
            ev.Transferred(
                pbx.head(Cause.TRANSFER), ConnectionId("1", "101"), ConnectionId("2", "101"), ext("101"), ext("103"), moved
            )
        )

    def test_attended_transfer(self, pbx: Pbx) -> None:
        self.consultation(pbx, answered=True)
        first, second = pbx.call("1"), pbx.call("2")
        assert second.consultation
        assert first.tracker == second.tracker
        self.transfer(pbx)
        pbx.cleared("3", "103")
        pbx.cleared("3", CUSTOMER.device)
        call, consultation = pbx.call("3"), pbx.picture.get(second.id)
        assert consultation is not None
        assert call.id == first.id
        assert pbx.call("1").id == pbx.call("2").id == call.id
        assert legs_of(call) == {"101": ("callee", "transferred"), "103": ("transfer-target", "answered")}
        assert (call.transfers[0].kind, call.result, call.ended_by) == ("attended", Result.ANSWERED, "103")
        assert [seconds(t) for t in (call.holds[0].since, call.holds[0].until)] == [3, 7]
        assert (consultation.result, consultation.ended_by) == (Result.ANSWERED, "transfer")
        assert legs_of(consultation) == {"101": ("caller", "answered"), "103": ("callee", "answered")}
        assert call.native == "3"
        assert {leg.id.call for leg in call.connections if leg.id.device != "101"} == {"3"}

    def test_transfer_while_ringing(self, pbx: Pbx) -> None:
        self.consultation(pbx, answered=False)
        consultation = pbx.call("2").id
        self.transfer(pbx)
        pbx.established("3", ext("103"))
        pbx.cleared("3", CUSTOMER.device)
        pbx.cleared("3", "103")
        call, second = pbx.call("3"), pbx.picture.get(consultation)
        assert second is not None
        assert call.transfers[0].kind == "attended-ringing"
        assert legs_of(call) == {"101": ("callee", "transferred"), "103": ("transfer-target", "answered")}
        assert second.result is Result.TRANSFERRED_WHILE_RINGING
        assert legs_of(second)["103"] == ("callee", "ringing-continues-as-transfer")

    def test_conference_of_three(self, pbx: Pbx) -> None:
        self.consultation(pbx, answered=True)
        second = pbx.call("2").id
        event = ev.Conferenced(
            pbx.head(Cause.CONFERENCE), ConnectionId("1", "101"), ConnectionId("2", "101"), ext("101"), ext("103")
        )
        pbx.say(event)
        call = pbx.call("1")
        assert sorted(leg.id.device for leg in call.connections if leg.live) == ["101", "103", CUSTOMER.device]
        assert {leg.state for leg in call.connections} == {ConnectionState.CONNECTED}
        assert pbx.picture.get(second).ended_by == "conference"  # type: ignore[union-attr]
        pbx.cleared("1", "101")
        assert pbx.call("1").live
        pbx.cleared("1", CUSTOMER.device)
        pbx.cleared("1", "103")
        assert legs_of(pbx.call("1")) == {"101": ("callee", "answered"), "103": ("participant", "answered")}
        assert pbx.call("1").ended_by == "external"

    @pytest.mark.parametrize("order", ["diverted first", "established first"])
    def test_pickup(self, pbx: Pbx, order: str) -> None:
        pbx.inbound(to="102")
        if order == "diverted first":
            pbx.diverted("1", ext("102"), ext("103"), Cause.CALL_PICKUP)
            pbx.established("1", ext("103"), cause=Cause.CALL_PICKUP)
        else:
            pbx.established("1", ext("103"), cause=Cause.CALL_PICKUP)
            pbx.diverted("1", ext("102"), ext("103"), Cause.CALL_PICKUP)
        pbx.cleared("1", "103")
        pbx.cleared("1", CUSTOMER.device)
        call = pbx.call()
        assert [(t.kind, t.by, t.of) for t in call.transfers] == [("pickup", "103", "102")]
        assert legs_of(call) == {"102": ("callee", "picked-up-elsewhere"), "103": ("pickup", "answered")}
        assert call.ended_by == "103"

    def test_redirect_by_cti_looks_like_giving_up_at_first(self, pbx: Pbx) -> None:
        pbx.inbound()
        pbx.diverted("1", ext("101"), ext("103"), Cause.REDIRECTED, "cti-redirect")
        pbx.cleared("1", "101", Cause.CALL_CANCELLED)
        pbx.delivered("1", ext("103"), CUSTOMER, DID)
        pbx.established("1", ext("103"))
        pbx.cleared("1", CUSTOMER.device)
        pbx.cleared("1", "103")
        call = pbx.call()
        assert [(t.kind, t.by, t.of, t.to) for t in call.transfers] == [("cti-redirect", "cti", "101", "103")]
        assert legs_of(call) == {"101": ("callee", "deflected"), "103": ("deflect-target", "answered")}
        assert (call.ended_by, seconds(call.rang)) == ("external", 1)

    def test_redirect_known_only_afterwards(self, pbx: Pbx) -> None:
        pbx.inbound()
        pbx.cleared("1", "101", Cause.CALL_CANCELLED)
        assert legs_of(pbx.call()) == {"101": ("callee", "missed")}
        pbx.diverted("1", ext("101"), ext("103"), Cause.REDIRECTED, "cti-redirect")
        pbx.delivered("1", ext("103"), CUSTOMER, DID)
        assert legs_of(pbx.call())["101"] == ("callee", "deflected")
        assert legs_of(pbx.call())["103"][0] == "deflect-target"

    def test_redirect_of_a_conversation_is_a_transfer(self, pbx: Pbx) -> None:
        pbx.inbound()
        pbx.established("1", ext("101"))
        pbx.diverted("1", ext("101"), ext("103"), Cause.REDIRECTED, "cti-redirect")
        pbx.delivered("1", ext("103"), CUSTOMER, DID)
        assert legs_of(pbx.call()) == {"101": ("callee", "transferred"), "103": ("transfer-target", None)}

    def test_forward_by_the_phone(self, pbx: Pbx) -> None:
        pbx.originated("1", CUSTOMER, DID)
        pbx.diverted("1", ext("101"), ext("103"), Cause.CALL_FORWARD_IMMEDIATE, "302")
        pbx.delivered("1", ext("103"), CUSTOMER, DID, redirecting=ext("101"))
        pbx.established("1", ext("103"))
        pbx.cleared("1", "103")
        pbx.cleared("1", CUSTOMER.device)
        call = pbx.call()
        assert legs_of(call) == {"101": ("callee", "forwarded"), "103": ("forward-target", "answered")}
        assert [(t.kind, t.by, t.of, t.to) for t in call.transfers] == [("302", "101", "101", "103")]
        assert call.redirecting == ext("101")
        assert call.leg("101").rang is None  # type: ignore[union-attr]

    def test_forward_told_only_by_the_redirecting_device(self, pbx: Pbx) -> None:
        pbx.delivered(
            "1", ext("103"), CUSTOMER, ext("101"), redirecting=ext("101"), cause=Cause.CALL_FORWARD_BUSY
        )
        assert legs_of(pbx.call()) == {"101": ("callee", "forwarded"), "103": ("forward-target", None)}


class TestQueue:
    def test_answered_by_a_member(self, pbx: Pbx) -> None:
        pbx.originated("1", CUSTOMER, DID)
        pbx.say(ev.Queued(pbx.head(), ConnectionId("1", "support"), QUEUE, CUSTOMER, DID))
        for number in ("101", "102"):
            pbx.delivered("1", ext(number), CUSTOMER, DID, queue=QUEUE)
        pbx.cleared("1", "101", Cause.ANSWERED_ELSEWHERE)
        pbx.established("1", ext("102"), queue=QUEUE)
        pbx.cleared("1", "101", Cause.CALL_CANCELLED)  # told twice
        pbx.cleared("1", CUSTOMER.device)
        pbx.cleared("1", "102")
        call = pbx.call()
        assert call.queue == QUEUE
        assert (call.result, call.ended_by, seconds(call.answered)) == (Result.ANSWERED, "external", 5)
        assert legs_of(call) == {
            "101": ("queue-member", "answered-elsewhere"),
            "102": ("queue-member", "answered"),
        }

    def test_stopped_ringing_in_the_moment_of_the_answer(self, pbx: Pbx) -> None:
        for number in ("101", "102"):
            pbx.delivered("1", ext(number), CUSTOMER, DID, queue=QUEUE)
        pbx.now -= timedelta(seconds=0.9)
        pbx.cleared("1", "101", Cause.CALL_CANCELLED)
        pbx.now -= timedelta(seconds=0.9)
        pbx.established("1", ext("102"))
        assert legs_of(pbx.call())["101"] == ("queue-member", "answered-elsewhere")

    def test_abandoned(self, pbx: Pbx) -> None:
        pbx.originated("1", CUSTOMER, DID)
        pbx.say(ev.Queued(pbx.head(), ConnectionId("1", "support"), QUEUE, CUSTOMER, DID))
        pbx.delivered("1", ext("101"), CUSTOMER, DID, queue=QUEUE)
        pbx.cleared("1", "101", Cause.CALL_CANCELLED)
        pbx.cleared("1", CUSTOMER.device)
        pbx.cleared("1", "support")
        call = pbx.call()
        assert (call.result, call.ended_by) == (Result.ABANDONED, "external")
        assert legs_of(call) == {"101": ("queue-member", "missed-queue")}

    def test_a_member_rung_a_hundred_times_is_one_party(self, pbx: Pbx) -> None:
        pbx.originated("1", CUSTOMER, DID)
        for _ in range(100):
            pbx.delivered("1", ext("101"), CUSTOMER, DID, queue=QUEUE)
            pbx.cleared("1", "101", Cause.CALL_NOT_ANSWERED)
        assert len(pbx.call().connections) == 2
        assert seconds(pbx.call().leg("101").rang) == 1  # type: ignore[union-attr]


class TestIdentity:
    def test_new_native_identifier(self, pbx: Pbx) -> None:
        pbx.inbound()
        pbx.say(ev.CallInformation(pbx.head(), ConnectionId("1", "101"), new_call="9"))
        assert pbx.call("9").id == pbx.call("1").id
        pbx.established("9", ext("101"))
        pbx.cleared("1", "101")  # by its old name
        assert not pbx.call("9").leg("101").live  # type: ignore[union-attr]

    def test_identifier_used_again(self, pbx: Pbx) -> None:
        pbx.inbound()
        first = pbx.call().id
        pbx.say(ev.CallCleared(pbx.head(), "1"))
        pbx.inbound()
        second = pbx.call()
        assert second.id != first
        assert second.live
        assert pbx.picture.get(first).result is Result.MISSED  # type: ignore[union-attr]

    def test_names_become_known(self, pbx: Pbx) -> None:
        pbx.inbound()
        mario = replace(CUSTOMER, name="Mario Verdi")
        pbx.say(ev.CallInformation(pbx.head(), ConnectionId("1", CUSTOMER.device), mario, calling=mario))
        assert pbx.call().calling.name == "Mario Verdi"
        assert pbx.call().leg(CUSTOMER.device).party.name == "Mario Verdi"  # type: ignore[union-attr]


class TestSnapshot:
    def snapshot(self, pbx: Pbx, native: str, far: ConnectionState, own: ConnectionState) -> None:
        connections = (
            ev.SnapshotConnection(ConnectionId(native, CUSTOMER.device), CUSTOMER, far),
            ev.SnapshotConnection(ConnectionId(native, "101"), ext("101"), own),
        )
        pbx.say(ev.CallSnapshot(pbx.head(), native, connections, CUSTOMER, DID))

    def test_finds_calls_that_are_up(self, pbx: Pbx) -> None:
        self.snapshot(pbx, "1", ConnectionState.CONNECTED, ConnectionState.HOLD)
        call = pbx.call()
        assert (call.direction, call.answered) == (Direction.INBOUND, call.started)
        assert call.holds[0].by == "101"
        assert {leg.id.device: leg.role for leg in call.connections} == {CUSTOMER.device: "caller", "101": "callee"}
        pbx.cleared("1", CUSTOMER.device)
        pbx.cleared("1", "101")
        assert pbx.call().result is Result.ANSWERED

    def test_corrects_what_was_believed(self, pbx: Pbx) -> None:
        pbx.inbound()
        before = pbx.call()
        self.snapshot(pbx, "1", ConnectionState.CONNECTED, ConnectionState.CONNECTED)
        assert pbx.call().id == before.id
        assert pbx.call().answered is not None
        assert pbx.call().leg("101").state is ConnectionState.CONNECTED  # type: ignore[union-attr]

    def test_vanished_calls_are_closed_as_lost(self, pbx: Pbx) -> None:
        pbx.inbound("1")
        pbx.inbound("2", to="102")
        pbx.say(ev.SnapshotComplete(pbx.head(), frozenset({"2"})))
        lost = pbx.call("1")
        assert (lost.result, lost.cause) == (Result.LOST_SIGHT, Cause.LOST_SIGHT)
        assert pbx.call("2").live

    def test_only_the_devices_that_were_asked(self, pbx: Pbx) -> None:
        pbx.inbound("1")
        pbx.inbound("2", to="102")
        pbx.say(ev.SnapshotComplete(pbx.head(), frozenset(), frozenset({"102"})))
        assert pbx.call("1").live
        assert pbx.call("2").result is Result.LOST_SIGHT
