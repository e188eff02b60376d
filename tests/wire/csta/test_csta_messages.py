"""Every message survives the wire, in every edition, in the order of the schema and in any other."""

import dataclasses
import enum
import json
from pathlib import Path
from types import ModuleType
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.wire.csta.strategies import KINDS, MESSAGES

from unisono.wire.csta import (
    CodecError,
    Edition,
    Event,
    Frame,
    FrameReader,
    Message,
    UnknownMessage,
    causes,
    decode,
    encode,
    enums,
    frame,
    parts,
    read,
)
from unisono.wire.csta.causes import EventCause
from unisono.wire.csta.devices import NOT_KNOWN, NOT_REQUIRED, RESTRICTED, ConnectionId, DeviceId, ExtendedDevice
from unisono.wire.csta.enums import CallControlService, LocalConnectionState, SystemStatusValue
from unisono.wire.csta.events import DeliveredEvent, EstablishedEvent, HeldEvent
from unisono.wire.csta.failures import CSTAErrorCode, ErrorCategory
from unisono.wire.csta.monitoring import (
    MonitorStop,
    RequestSystemStatus,
    SnapshotDeviceResponse,
    SystemRegisterResponse,
    SystemStatus,
)
from unisono.wire.csta.parts import ServicesPermitted
from unisono.wire.csta.schema import children
from unisono.wire.csta.services import AnswerCall, DeflectCall, Destinations, ReconnectCall, TransferCall
from unisono.wire.csta.sessions import (
    ApplicationInfo,
    ApplicationSpecificInfo,
    ProtocolVersions,
    SessionLoginInfo,
    StartApplicationSession,
    StartApplicationSessionNegResponse,
    StartApplicationSessionPosResponse,
)
from unisono.wire.csta.xml import APPL_SESSION

TABLE: dict[str, Any] = json.loads((Path(__file__).parent / "ed6-structure.json").read_text())

DELIVERED = b"""<?xml version="1.0" encoding="UTF-8"?>
<DeliveredEvent xmlns="http://www.ecma-international.org/standards/ecma-323/csta/ed4">
 <monitorCrossRefID>1173673890</monitorCrossRefID>
 <connection><callID>FF00010000000000EC6114647E570000</callID><deviceID>3021061290002</deviceID></connection>
 <alertingDevice><deviceIdentifier>N&lt;3021061290002&gt;;noa=nk</deviceIdentifier></alertingDevice>
 <callingDevice><deviceIdentifier>N&lt;7868772298&gt;Line71001;displayNumber=7868772298;uid=FF0001</deviceIdentifier>
 </callingDevice>
 <calledDevice><deviceIdentifier>N&lt;3021061290002&gt;;noa=nk</deviceIdentifier></calledDevice>
 <lastRedirectionDevice><notRequired/></lastRedirectionDevice>
 <localConnectionInfo>alerting</localConnectionInfo><cause>enteringDistribution</cause>
 <servicesPermitted><callControlServices><clearConnection>true</clearConnection><deflectCall>true</deflectCall>
  <holdCall>false</holdCall></callControlServices><mediaAttachementServices/></servicesPermitted>
 <extensions><privateData><private><vendor xmlns="urn:x">1</vendor></private></privateData></extensions>
</DeliveredEvent>"""


def test_a_real_event_is_read() -> None:
    envelope = read(DELIVERED)
    assert envelope.edition is Edition.ED4
    own = ExtendedDevice.of("N<3021061290002>;noa=nk")
    assert envelope.message == DeliveredEvent(
        "1173673890",
        ConnectionId.of("FF00010000000000EC6114647E570000", "3021061290002"),
        alerting_device=own,
        calling_device=ExtendedDevice.of("N<7868772298>Line71001;displayNumber=7868772298;uid=FF0001"),
        called_device=own,
        last_redirection_device=NOT_REQUIRED,
        local_connection_info=LocalConnectionState.ALERTING,
        cause=EventCause.ENTERING_DISTRIBUTION,
        services_permitted=ServicesPermitted(
            frozenset({CallControlService.CLEAR_CONNECTION, CallControlService.DEFLECT_CALL})
        ),
    )


@given(MESSAGES, st.sampled_from(Edition), st.lists(st.integers(1, 30), max_size=10))
def test_what_is_written_is_read(message: Message, edition: Edition, sizes: list[int]) -> None:
    stream = frame("0042", encode(message, edition))
    reader = FrameReader()
    got = []
    for size in sizes:
        got += reader.feed(stream[:size])
        stream = stream[size:]
    [item] = [*got, *reader.feed(stream)]
    assert isinstance(item, Frame)
    assert decode(item.body) == message
    if not message.NAMESPACE:
        assert read(item.body).edition is edition


@given(MESSAGES, st.randoms(use_true_random=False))
def test_elements_are_read_in_any_order(message: Message, random: Any) -> None:
    if isinstance(message, CSTAErrorCode):
        return
    root = ElementTree.fromstring(encode(message))
    parts_of = list(root)
    # Elements that repeat keep their order among themselves.
    if len({part.tag for part in parts_of}) == len(parts_of):
        random.shuffle(parts_of)
    root[:] = parts_of
    assert decode(ElementTree.tostring(root)) == message


@given(MESSAGES)
def test_prefixes_missing_and_unknown_namespaces_change_nothing(message: Message) -> None:
    root = ElementTree.fromstring(encode(message))
    prefixed = ElementTree.tostring(root)
    assert b"ns0:" in prefixed
    assert decode(prefixed) == message
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    assert decode(ElementTree.tostring(root)) == message
    root.tag = f"{{urn:example:private}}{root.tag}"
    assert read(ElementTree.tostring(root)).edition is None
    assert decode(ElementTree.tostring(root)) == message


@given(MESSAGES)
def test_unknown_elements_are_skipped(message: Message) -> None:
    root = ElementTree.fromstring(encode(message))
    for element in [*root.iter()]:
        if len(element) and not isinstance(message, CSTAErrorCode):
            element.insert(0, ElementTree.fromstring("<vendorSpecial><inner>7</inner></vendorSpecial>"))
    assert decode(ElementTree.tostring(root)) == message


def classes(module: ModuleType, base: type) -> list[type]:
    return [
        found
        for found in vars(module).values()
        if isinstance(found, type) and found.__module__ == module.__name__ and issubclass(found, base)
    ]


def standard(kind: type[Message]) -> bool:
    return not kind.NAMESPACE and kind is not CSTAErrorCode


@pytest.mark.parametrize("kind", [*filter(standard, KINDS)], ids=lambda kind: kind.__name__)
def test_messages_follow_the_order_of_the_schema(kind: type[Message]) -> None:
    in_schema = TABLE["messages"][kind.__name__]
    ours = list(children(kind))
    assert set(ours) <= set(in_schema)
    assert ours == [name for name in in_schema if name in ours]


PARTS = [part for part in classes(parts, object) if dataclasses.is_dataclass(part)]


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__)
def test_parts_follow_the_order_of_the_schema(part: type) -> None:
    in_schema = TABLE["parts"][part.__name__]
    ours = list(children(part))
    # A choice has no order.
    order = ours if part.__name__ in ("CallState", "MonitorObject") else [n for n in in_schema if n in ours]
    assert set(ours) <= set(in_schema)
    assert ours == order


@pytest.mark.parametrize(
    "kind", [*classes(enums, enum.Enum), *classes(causes, enum.Enum), ErrorCategory], ids=lambda kind: kind.__name__
)
def test_enumerations_have_every_word_of_the_schema(kind: type[enum.Enum]) -> None:
    assert sorted(member.value for member in kind) == sorted(TABLE["enums"][kind.__name__])


def test_order_on_the_wire() -> None:
    held, active = ConnectionId.of("1", "101"), ConnectionId.of("2", "101")
    transfer = encode(TransferCall(held, active))
    assert transfer.index(b"<heldCall>") < transfer.index(b"<activeCall>")
    reconnect = encode(ReconnectCall(active, held))
    assert reconnect.index(b"<activeCall>") < reconnect.index(b"<heldCall>")
    assert b"<callID>1</callID><deviceID>101</deviceID>" in transfer


def test_spelling_traps_are_kept() -> None:
    event = EstablishedEvent("1", ConnectionId("7"), originating_nid_connection=ConnectionId("8"))
    assert b"<originatinNIDConnection>" in encode(event)
    assert {"TransferedEvent", "CSTAErrorCode", "GetCSTAFeatures"} <= {kind.__name__ for kind in KINDS}


@pytest.mark.parametrize(
    ("edition", "text"), [(Edition.ED3, b"<newDestination>7<"), (Edition.ED6, b"<newDestination><device>7</device><")]
)
def test_a_deflection_has_one_destination_in_older_editions_and_a_list_later(edition: Edition, text: bytes) -> None:
    message = DeflectCall(ConnectionId("1"), Destinations.of("7"))
    assert text in encode(message, edition)
    assert decode(encode(message, edition)) == message


@pytest.mark.parametrize(
    ("category", "value"), [(c, v) for c, values in TABLE["errors"].items() for v in values], ids=lambda text: text
)
def test_every_error_of_the_standard(category: str, value: str) -> None:
    message = CSTAErrorCode(ErrorCategory(category), value)
    assert decode(encode(message, Edition.ED3)) == message


def test_errors_in_other_forms() -> None:
    assert decode(b"<CSTAErrorCode><unspecified/></CSTAErrorCode>") == CSTAErrorCode(ErrorCategory.UNSPECIFIED)
    spelt = b"<CSTAErrorCode><systemResourceAvailability>resourceBusy</systemResourceAvailability></CSTAErrorCode>"
    assert str(decode(spelt)) == "systemResourceAvailibility: resourceBusy"
    private = decode(b"<CSTAErrorCode><myOwn><code>7</code> Broken</myOwn></CSTAErrorCode>")
    assert private == CSTAErrorCode(ErrorCategory.UNSPECIFIED, "7 Broken")


def test_sign_in_as_openscape_business_and_avaya_take_it() -> None:
    versions = ProtocolVersions((Edition.ED4.value, Edition.ED3.value))
    info = ApplicationInfo("unisono", ApplicationSpecificInfo("anna", "s&cret"))
    text = encode(StartApplicationSession(info, versions, 180))
    assert b'<StartApplicationSession xmlns="' + APPL_SESSION.encode() + b'">' in text
    assert b"<user>anna</user><password>s&amp;cret</password>" in text
    avaya = ApplicationSpecificInfo(session_login_info=SessionLoginInfo("anna", "secret", 60))
    text = encode(StartApplicationSession(ApplicationInfo("unisono", avaya), versions, 180))
    assert b'<SessionLoginInfo xmlns="http://www.avaya.com/csta"><userName>anna</userName>' in text
    assert "secret" not in repr(avaya)


def test_session_answers() -> None:
    text = (
        f'<StartApplicationSessionPosResponse xmlns="{APPL_SESSION}"><sessionID>009968951</sessionID>'
        "<actualProtocolVersion>http://www.ecma-international.org/standards/ecma-323/csta/ed3/priv2"
        "</actualProtocolVersion><actualSessionDuration>600</actualSessionDuration>"
        "<extensions><actualHBT>0</actualHBT></extensions></StartApplicationSessionPosResponse>"
    ).encode()
    answer = decode(text)
    assert isinstance(answer, StartApplicationSessionPosResponse)
    assert (answer.session_id, answer.actual_session_duration) == ("009968951", 600)
    assert Edition.of(answer.actual_protocol_version) is Edition.ED3
    refused = decode(
        b"<StartApplicationSessionNegResponse><errorCode><definedError>invalidApplicationInfo</definedError>"
        b"</errorCode></StartApplicationSessionNegResponse>"
    )
    assert isinstance(refused, StartApplicationSessionNegResponse)
    assert refused.error_code.defined_error == "invalidApplicationInfo"


def test_short_tags_are_renamed() -> None:
    space = Edition.ED6.value + "/short_tags"
    assert decode(f'<RSS xmlns="{space}"/>'.encode()) == RequestSystemStatus()
    stop = f'<MSp xmlns="{space}"><monitorCrossRefID>7</monitorCrossRefID></MSp>'.encode()
    assert read(stop).edition is Edition.ED6
    assert decode(stop) == MonitorStop("7")


def test_answers_without_a_namespace() -> None:
    text = b"<SystemRegisterResponse><sysStatRegisterID>5</sysStatRegisterID></SystemRegisterResponse>"
    assert decode(text) == SystemRegisterResponse("5")
    status = decode(b"<SystemStatus><systemStatus>enabled</systemStatus></SystemStatus>")
    assert status == SystemStatus(None, SystemStatusValue.ENABLED)


def test_words_we_do_not_know_are_as_if_missing() -> None:
    text = encode(HeldEvent("1", ConnectionId("7"), cause=EventCause.RECALL)).replace(b"recall", b"brandNew")
    assert decode(text) == HeldEvent("1", ConnectionId("7"))


def test_a_negative_call_identifier_is_a_text() -> None:
    assert decode(encode(AnswerCall(ConnectionId.of("-12", "101")))) == AnswerCall(ConnectionId("-12", DeviceId("101")))


def test_devices_that_may_not_be_shown() -> None:
    event = HeldEvent("1", ConnectionId("7"), holding_device=RESTRICTED)
    assert b"<holdingDevice><restricted/></holdingDevice>" in encode(event)
    bare = encode(event).replace(b"<restricted/>", b"101")
    assert decode(bare) == HeldEvent("1", ConnectionId("7"), holding_device=ExtendedDevice.of("101"))
    nothing = encode(event).replace(b"<restricted/>", b"")
    assert decode(nothing) == HeldEvent("1", ConnectionId("7"), holding_device=NOT_KNOWN)


def test_a_snapshot_with_a_compound_state() -> None:
    text = b"""<SnapshotDeviceResponse xmlns="http://www.ecma-international.org/standards/ecma-323/csta/ed4">
      <crossRefIDorSnapshotData><snapshotData><snapshotDeviceResponseInfo>
        <connectionIdentifier><callID>-12</callID><deviceID>101</deviceID></connectionIdentifier>
        <localCallState><compoundCallState><localConnectionState>alerting</localConnectionState>
          <localConnectionState>connected</localConnectionState></compoundCallState></localCallState>
      </snapshotDeviceResponseInfo></snapshotData></crossRefIDorSnapshotData></SnapshotDeviceResponse>"""
    answer = decode(text)
    assert isinstance(answer, SnapshotDeviceResponse)
    assert answer.result.snapshot_data is not None
    [call] = answer.result.snapshot_data.snapshot_device_response_info
    assert call.local_call_state is not None
    assert call.local_call_state.compound_call_state is not None
    assert call.local_call_state.compound_call_state.local_connection_state == (
        LocalConnectionState.ALERTING,
        LocalConnectionState.CONNECTED,
    )


def test_unknown_messages_are_told_by_name() -> None:
    message = decode(b'<BrandNewEvent xmlns="urn:x"><a/></BrandNewEvent>')
    assert message == UnknownMessage("BrandNewEvent", "urn:x")
    assert not isinstance(message, Event)
    with pytest.raises(CodecError):
        encode(message)


def test_what_is_required_is_missed_by_name() -> None:
    with pytest.raises(CodecError, match=r"AnswerCall lacks callToBeAnswered"):
        decode(b"<AnswerCall/>")
    with pytest.raises(CodecError, match=r"callToBeAnswered: a connection without call and device"):
        decode(b"<AnswerCall><callToBeAnswered/></AnswerCall>")
    with pytest.raises(CodecError, match=r"forwardStatus: 'perhaps' is neither true nor false"):
        decode(
            b"<ForwardingEvent><monitorCrossRefID>1</monitorCrossRefID><device/>"
            b"<forwardStatus>perhaps</forwardStatus></ForwardingEvent>"
        )
