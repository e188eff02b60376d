"""Devices and connections as CSTA names them (ECMA-269 clause 10), and what such a name says to people."""

import re
from enum import StrEnum, auto
from typing import Self
from xml.etree.ElementTree import Element

from unisono.wire.csta.enums import TypeOfNumber
from unisono.wire.csta.errors import CodecError
from unisono.wire.csta.schema import value
from unisono.wire.csta.xml import Output, escape, local

_TYPES = {kind.value: kind for kind in TypeOfNumber}


@value
class DeviceId:
    """A device identifier as it stands on the wire (DeviceID, LocalDeviceID)."""

    text: str
    type_of_number: TypeOfNumber = TypeOfNumber.DIALING_NUMBER
    private_number: bool = False
    private_name: bool = False

    @classmethod
    def from_element(cls, element: Element) -> Self:
        """Read the element's text and attributes; an unknown type of number counts as `other`."""
        get = element.attrib.get
        return cls(
            element.text or "",
            _TYPES.get(get("typeOfNumber", TypeOfNumber.DIALING_NUMBER), TypeOfNumber.OTHER),
            get("privateNumber") in ("true", "1"),
            get("privateName") in ("true", "1"),
        )

    def write(self, out: Output, name: str) -> None:
        """Append as element `name`; attributes that have their default are left out."""
        attributes = ""
        if self.type_of_number is not TypeOfNumber.DIALING_NUMBER:
            attributes += f' typeOfNumber="{self.type_of_number.value}"'
        if self.private_number:
            attributes += ' privateNumber="true"'
        if self.private_name:
            attributes += ' privateName="true"'
        out.append(f"<{name}{attributes}>{escape(self.text)}</{name}>")


@value
class ConnectionId:
    """A device in a call: call identifier, device identifier, or both (ConnectionID); the call identifier is opaque."""

    call: str | None = None
    device: DeviceId | None = None

    @classmethod
    def of(cls, call: str, device: str) -> Self:
        """A connection of a device that is named by its number."""
        return cls(call, DeviceId(device))

    @classmethod
    def from_element(cls, element: Element) -> Self:
        """Read callID and deviceID; raises `CodecError` when both are missing."""
        call: str | None = None
        device: DeviceId | None = None
        for child in element:
            match local(child.tag):
                case "callID":
                    call = child.text or ""
                case "deviceID":
                    device = DeviceId.from_element(child)
                case _:
                    pass
        if call is None and device is None:
            raise CodecError("a connection without call and device")
        return cls(call, device)

    def write(self, out: Output, name: str) -> None:
        """Append as element `name`, the call first."""
        out.append(f"<{name}>")
        if self.call is not None:
            out.append(f"<callID>{escape(self.call)}</callID>")
        if self.device is not None:
            self.device.write(out, "deviceID")
        out.append(f"</{name}>")


class Choice(StrEnum):
    """What an event says of a device (ExtendedDeviceID, RedirectionDeviceID, the endpoint of a connection list)."""

    IDENTIFIER = "deviceIdentifier"
    DEVICE = "deviceID"
    DIALED = "numberDialed"
    NOT_KNOWN = "notKnown"
    RESTRICTED = "restricted"
    NOT_REQUIRED = "notRequired"
    NOT_SPECIFIED = "notSpecified"


_CHOICES = {choice.value: choice for choice in Choice}
_NAMED = (Choice.IDENTIFIER, Choice.DEVICE, Choice.DIALED)


@value
class ExtendedDevice:
    """A device in an event, or why it is not named. `device` is there exactly when the choice names one."""

    choice: Choice
    device: DeviceId | None = None

    @classmethod
    def of(cls, text: str, type_of_number: TypeOfNumber = TypeOfNumber.DIALING_NUMBER) -> Self:
        """A device that is named (callingDevice, calledDevice, alertingDevice ...)."""
        return cls(Choice.IDENTIFIER, DeviceId(text, type_of_number))

    @classmethod
    def dialed(cls, text: str) -> Self:
        """A redirecting device by the number that was dialled (lastRedirectionDevice)."""
        return cls(Choice.DIALED, DeviceId(text))

    @classmethod
    def endpoint(cls, text: str) -> Self:
        """The device at the end of a connection (connection lists of transfers and conferences)."""
        return cls(Choice.DEVICE, DeviceId(text))

    @classmethod
    def from_element(cls, element: Element) -> Self:
        """Read the first choice we know; a bare text is taken for an identifier, nothing at all for "not known"."""
        for child in element:
            choice = _CHOICES.get(local(child.tag))
            if choice in _NAMED:
                return cls(choice, DeviceId.from_element(child))
            if choice is not None:
                return cls(choice)
        if (element.text or "").strip():
            return cls(Choice.IDENTIFIER, DeviceId.from_element(element))
        return cls(Choice.NOT_KNOWN)

    def write(self, out: Output, name: str) -> None:
        """Append as element `name`."""
        out.append(f"<{name}>")
        if self.device is not None and self.choice in _NAMED:
            self.device.write(out, self.choice.value)
        else:
            out.append(f"<{self.choice.value}/>")
        out.append(f"</{name}>")


NOT_KNOWN = ExtendedDevice(Choice.NOT_KNOWN)
RESTRICTED = ExtendedDevice(Choice.RESTRICTED)
NOT_REQUIRED = ExtendedDevice(Choice.NOT_REQUIRED)


class DeviceKind(StrEnum):
    """The form of a device identifier (ECMA-269 10.1)."""

    DIALLABLE = auto()
    SWITCHING_FUNCTION = auto()
    DEVICE_NUMBER = auto()
    URI = auto()
    OTHER = auto()
    NONE = auto()


class Presentation(StrEnum):
    """Whether the device may be shown."""

    ALLOWED = auto()
    RESTRICTED = auto()
    UNKNOWN = auto()


@value
class NamedDevice:
    """What a device identifier says to people: digits as given, a name, a URI, the form, and whether it may be shown."""

    number: str = ""
    name: str = ""
    uri: str = ""
    kind: DeviceKind = DeviceKind.NONE
    presentation: Presentation = Presentation.ALLOWED


# 10.1.2: N<DN / sub-address ! calling address & EID % AID>name;parameters
_SWITCHING = re.compile(r"N<([^>]*)>([^;]*)(?:;.*)?", re.DOTALL)
_URI = re.compile(r'(?:"?([^"<]*?)"?\s*<)?((sips?|tel):([^@;>?\s]+)[^>\s]*)>?', re.IGNORECASE)
# Less than the standard allows at the beginning: "T1" is a trunk on many switches, and nobody dials a letter first.
_DIALLABLE = re.compile(r"[0-9*#+(][0-9*#A-D!PTW,@$;+ ().pw-]{0,63}")
# Avaya AES: extension:switch:address:instance (DMCC device identifiers).
_WITH_SWITCH = re.compile(r"([0-9*#+]{1,32}):[^<>]*")


def parse_device_id(device: ExtendedDevice | DeviceId | str | None) -> NamedDevice:
    """The number, name, URI, form and presentation of a device identifier in any of its forms; never fails."""
    if device is None:
        return NamedDevice(presentation=Presentation.UNKNOWN)
    if isinstance(device, ExtendedDevice):
        if device.device is not None:
            return parse_device_id(device.device)
        hidden = device.choice is Choice.RESTRICTED
        return NamedDevice(presentation=Presentation.RESTRICTED if hidden else Presentation.UNKNOWN)
    identifier = DeviceId(device) if isinstance(device, str) else device
    number, name, uri, kind = _forms(identifier.text.strip(), identifier.type_of_number)
    if identifier.type_of_number is TypeOfNumber.EXPLICIT_PUBLIC_INTERNATIONAL and number[:1].isdigit():
        number = "+" + number
    return NamedDevice(
        number,
        "" if identifier.private_name else name,
        uri,
        kind,
        Presentation.RESTRICTED if identifier.private_number else Presentation.ALLOWED,
    )


def _forms(text: str, type_of_number: TypeOfNumber) -> tuple[str, str, str, DeviceKind]:
    if not text:
        return "", "", "", DeviceKind.NONE
    if switching := _SWITCHING.fullmatch(text):
        return re.split("[/!&%~]", switching[1], maxsplit=1)[0], switching[2].strip(), "", DeviceKind.SWITCHING_FUNCTION
    if uri := _URI.fullmatch(text):
        number = uri[4] if _DIALLABLE.fullmatch(uri[4]) else ""
        return number, (uri[1] or "").strip(), uri[2], DeviceKind.URI
    if type_of_number is TypeOfNumber.DEVICE_NUMBER:
        return text, "", "", DeviceKind.DEVICE_NUMBER
    if _DIALLABLE.fullmatch(text):
        return text, "", "", DeviceKind.DIALLABLE
    if with_switch := _WITH_SWITCH.fullmatch(text):
        return with_switch[1], "", "", DeviceKind.OTHER
    return "", "", "", DeviceKind.OTHER
