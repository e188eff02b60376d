"""How to answer what the PBX asks. Pure."""

from unisono.wire.csta import Message, Response
from unisono.wire.csta.enums import SystemStatusValue
from unisono.wire.csta.failures import CSTAErrorCode, ErrorCategory
from unisono.wire.csta.monitoring import (
    MonitorStop,
    MonitorStopResponse,
    RequestSystemStatus,
    RequestSystemStatusResponse,
    SwFunctionCapsChanged,
    SwFunctionCapsChangedResponse,
    SwFunctionDevicesChanged,
    SwFunctionDevicesChangedResponse,
    SystemRegister,
    SystemRegisterCancel,
    SystemRegisterCancelResponse,
    SystemRegisterResponse,
    SystemStatus,
    SystemStatusResponse,
)

REGISTRATION = "1"
"""We have one status to register for; all peers share its identifier."""


def answer(request: Message) -> Response:
    """The answer to a request of the PBX; what a computing function does not offer is refused."""
    match request:
        case SystemStatus():
            return SystemStatusResponse()
        case RequestSystemStatus():
            return RequestSystemStatusResponse(SystemStatusValue.NORMAL)
        case SystemRegister():
            return SystemRegisterResponse(REGISTRATION)
        case SystemRegisterCancel():
            return SystemRegisterCancelResponse()
        case SwFunctionDevicesChanged():
            return SwFunctionDevicesChangedResponse()
        case SwFunctionCapsChanged():
            return SwFunctionCapsChangedResponse()
        case MonitorStop():
            return MonitorStopResponse()
        case _:
            return CSTAErrorCode(ErrorCategory.OPERATION, "serviceNotSupported")


def stopped(status: SystemStatus) -> bool:
    """Whether the switch starts anew, or has switched its monitors off: they are gone when it is there again."""
    return status.system_status in (SystemStatusValue.INITIALIZING, SystemStatusValue.DISABLED)


def is_there(status: SystemStatus) -> bool:
    """Whether the switch works as it should."""
    return status.system_status in (SystemStatusValue.ENABLED, SystemStatusValue.NORMAL)


def lost_something(status: SystemStatus) -> bool:
    """Whether events were lost, so that everything has to be read again ("enabled" is a mere heartbeat on OpenScape)."""
    return status.system_status is SystemStatusValue.MESSAGES_LOST
