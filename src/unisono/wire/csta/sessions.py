"""Application sessions (ECMA-354): sign-in, renewal and end, before and around CSTA; and Avaya's additions."""

from dataclasses import field
from typing import ClassVar

from unisono.wire.csta.devices import DeviceId
from unisono.wire.csta.message import Event, Request, Response, message
from unisono.wire.csta.schema import value
from unisono.wire.csta.xml import APPL_SESSION, AVAYA


@value
class SessionLoginInfo:
    """Avaya's sign-in (DMCC); the password is in clear, so the link should be TLS."""

    user_name: str = ""
    password: str = field(default="", repr=False)
    session_cleanup_delay: int | None = None
    session_id: str = ""
    """An old session to take over."""


@value
class ApplicationSpecificInfo:
    """Sign-in: user and password as OpenScape Business takes them, or Avaya's element."""

    user: str = ""
    password: str = field(default="", repr=False)
    session_login_info: SessionLoginInfo | None = field(
        default=None, metadata={"name": "SessionLoginInfo", "namespace": AVAYA}
    )


@value
class ApplicationInfo:
    """Who wants a session."""

    application_id: str
    application_specific_info: ApplicationSpecificInfo | None = None


@value
class ProtocolVersions:
    """Protocol versions, most wanted first: the namespaces of the editions."""

    protocol_version: tuple[str, ...]


@message
class StartApplicationSession(Request):
    """Open a session; `requested_session_duration` in seconds."""

    NAMESPACE: ClassVar[str] = APPL_SESSION

    application_info: ApplicationInfo
    requested_protocol_versions: ProtocolVersions
    requested_session_duration: int | None = None


@message
class StartApplicationSessionPosResponse(Response):
    """The session is open, in this protocol version, for so many seconds."""

    NAMESPACE: ClassVar[str] = APPL_SESSION

    session_id: str
    actual_protocol_version: str = ""
    actual_session_duration: int | None = None


INVALID_APPLICATION_INFO = "invalidApplicationInfo"
VERSION_NOT_SUPPORTED = "requestedProtocolVersionNotSupported"


@value
class SessionError:
    """Why not: a word of the standard (`invalidApplicationInfo`, `requestedProtocolVersionNotSupported` ...) or the peer's."""

    defined_error: str = ""
    appl_error: str = ""


@message
class StartApplicationSessionNegResponse(Response):
    """No session."""

    NAMESPACE: ClassVar[str] = APPL_SESSION

    error_code: SessionError = SessionError()


@message
class ResetApplicationSessionTimer(Request):
    """Renew a session; to be sent well before its end."""

    NAMESPACE: ClassVar[str] = APPL_SESSION

    session_id: str
    requested_session_duration: int | None = None


@message
class ResetApplicationSessionTimerPosResponse(Response):
    """Renewed for so many seconds."""

    NAMESPACE: ClassVar[str] = APPL_SESSION

    actual_session_duration: int | None = None


@message
class ResetApplicationSessionTimerNegResponse(Response):
    """Not renewed: the session is not known."""

    NAMESPACE: ClassVar[str] = APPL_SESSION

    error_code: SessionError = SessionError()


@value
class SessionEndReason:
    """Why a session ends: "normal", or the application's own word."""

    defined_end_reason: str = ""
    appl_end_reason: str = ""


@message
class StopApplicationSession(Request):
    """Close a session."""

    NAMESPACE: ClassVar[str] = APPL_SESSION

    session_id: str
    session_end_reason: SessionEndReason | None = None


@message
class StopApplicationSessionPosResponse(Response):
    """Closed."""

    NAMESPACE: ClassVar[str] = APPL_SESSION


@message
class StopApplicationSessionNegResponse(Response):
    """Not closed: the session is not known."""

    NAMESPACE: ClassVar[str] = APPL_SESSION

    error_code: SessionError = SessionError()


@message
class ApplicationSessionTerminated(Event):
    """The server has closed the session by itself."""

    NAMESPACE: ClassVar[str] = APPL_SESSION

    session_id: str
    session_term_reason: SessionEndReason | None = None


@message
class GetThirdPartyDeviceId(Request):
    """Avaya: ask for the device identifier of an extension, to be used everywhere."""

    NAMESPACE: ClassVar[str] = AVAYA

    switch_name: str
    extension: str


@message
class GetThirdPartyDeviceIdResponse(Response):
    """Avaya: the device identifier."""

    NAMESPACE: ClassVar[str] = AVAYA

    device: DeviceId
