"""Device identifiers in all their forms (ECMA-269 clause 10)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.wire.csta.strategies import EXTENDED

from unisono.wire.csta.devices import (
    NOT_KNOWN,
    RESTRICTED,
    DeviceId,
    DeviceKind,
    ExtendedDevice,
    NamedDevice,
    Presentation,
    parse_device_id,
)
from unisono.wire.csta.enums import TypeOfNumber


@pytest.mark.parametrize(
    ("text", "number", "name", "kind"),
    [
        ("101", "101", "", DeviceKind.DIALLABLE),
        ("+39 0432 100-101", "+39 0432 100-101", "", DeviceKind.DIALLABLE),
        ("*21*102#", "*21*102#", "", DeviceKind.DIALLABLE),
        (" 101 ", "101", "", DeviceKind.DIALLABLE),
        ("N<3021061290002>;noa=nk", "3021061290002", "", DeviceKind.SWITCHING_FUNCTION),
        (
            "N<7868772298>Line71001;displayNumber=7868772298;uid=FF0001",
            "7868772298",
            "Line71001",
            DeviceKind.SWITCHING_FUNCTION,
        ),
        ("N<101>Anna Rossi", "101", "Anna Rossi", DeviceKind.SWITCHING_FUNCTION),
        ("N<101/7!102&9%33>Anna", "101", "Anna", DeviceKind.SWITCHING_FUNCTION),
        ("N<>Anna", "", "Anna", DeviceKind.SWITCHING_FUNCTION),
        ("101:cm1:192.0.2.1:0", "101", "", DeviceKind.OTHER),
        ("T1", "", "", DeviceKind.OTHER),
        ("Anna", "", "", DeviceKind.OTHER),
        ("", "", "", DeviceKind.NONE),
        ("1" * 65, "", "", DeviceKind.OTHER),
    ],
)
def test_plain_forms(text: str, number: str, name: str, kind: DeviceKind) -> None:
    assert parse_device_id(text) == NamedDevice(number, name, "", kind)


@pytest.mark.parametrize(
    ("text", "number", "name", "uri"),
    [
        ("sip:101@pbx.example", "101", "", "sip:101@pbx.example"),
        ("sips:101@pbx.example;transport=tls", "101", "", "sips:101@pbx.example;transport=tls"),
        ("sip:anna@pbx.example", "", "", "sip:anna@pbx.example"),
        ("tel:+441632960123", "+441632960123", "", "tel:+441632960123"),
        ("tel:101;phone-context=pbx.example", "101", "", "tel:101;phone-context=pbx.example"),
        ('"Anna Rossi" <sip:101@pbx.example>', "101", "Anna Rossi", "sip:101@pbx.example"),
        ("Anna <SIP:101@pbx.example>", "101", "Anna", "SIP:101@pbx.example"),
    ],
)
def test_uris(text: str, number: str, name: str, uri: str) -> None:
    assert parse_device_id(text) == NamedDevice(number, name, uri, DeviceKind.URI)


def test_the_type_of_number_adds_what_the_digits_leave_out() -> None:
    international = DeviceId("441632960123", TypeOfNumber.EXPLICIT_PUBLIC_INTERNATIONAL)
    assert parse_device_id(international).number == "+441632960123"
    assert parse_device_id(DeviceId("7", TypeOfNumber.DEVICE_NUMBER)).kind is DeviceKind.DEVICE_NUMBER


def test_what_may_not_be_shown() -> None:
    assert parse_device_id(RESTRICTED).presentation is Presentation.RESTRICTED
    assert parse_device_id(NOT_KNOWN).presentation is Presentation.UNKNOWN
    assert parse_device_id(None).presentation is Presentation.UNKNOWN
    hidden = parse_device_id(DeviceId("N<101>Anna", private_number=True, private_name=True))
    assert (hidden.number, hidden.name, hidden.presentation) == ("101", "", Presentation.RESTRICTED)


@given(st.text(max_size=80) | EXTENDED)
def test_nothing_makes_it_fail(device: str | ExtendedDevice) -> None:
    assert parse_device_id(device).kind in DeviceKind


def test_long_nonsense_takes_no_time() -> None:
    for text in ("N<" * 30_000, '"' * 60_000, "sip:" * 15_000, " " * 60_000 + "x", "<" * 60_000):
        parse_device_id(text)
