"""Why: what Asterisk says of calls that come to nothing, as causes of ECMA-269. Pure."""

from unisono.calls.model import Cause
from unisono.connectors.asterisk.channels import Channel, Leg, State, Switch
from unisono.connectors.asterisk.names import clean, is_short

# ITU-T Q.850 cause values as Asterisk numbers them (include/asterisk/causes.h).
_Q850 = {
    "1": Cause.INVALID_NUMBER,
    "3": Cause.DESTINATION_NOT_OBTAINABLE,
    "17": Cause.BUSY,
    "18": Cause.OUT_OF_SERVICE,
    "19": Cause.CALL_NOT_ANSWERED,
    "20": Cause.OUT_OF_SERVICE,
    "21": Cause.REJECTED,
    "27": Cause.OUT_OF_SERVICE,
    "28": Cause.INVALID_NUMBER,
    "34": Cause.NETWORK_CONGESTION,
    "38": Cause.OUT_OF_SERVICE,
    "42": Cause.NETWORK_CONGESTION,
}


def clear_cause(channel: Channel, leg: Leg, how: str) -> Cause | None:
    """Why a dialled device stopped ringing (`how` is a dial status); None while only what follows can tell."""
    call = channel.call
    q850 = channel.hangup_cause
    if q850 == "26":
        return Cause.ANSWERED_ELSEWHERE
    if how == "BUSY" or (channel.hangup_requested and q850 in ("17", "21")):
        return Cause.REJECTED if leg.rang else Cause.BUSY
    if how in ("CHANUNAVAIL", "CONGESTION") and not leg.rang:
        return Cause.OUT_OF_SERVICE if how == "CHANUNAVAIL" else Cause.NETWORK_CONGESTION
    if not leg.rang and channel.hangup_requested:
        return _Q850.get(q850, Cause.OUT_OF_SERVICE)
    if how == "CANCEL" and call is not None and call.answered and call.next_cause is Cause.NEW_CALL:
        return Cause.ANSWERED_ELSEWHERE
    return None


def meant_person(channel: Channel, number: str) -> bool:
    """Whether an extension nobody has told us about was refused like a person's: busy, without a dial."""
    return is_short(number) and (channel.state == State.BUSY or channel.hangup_cause in ("17", "20"))


def why_not(switch: Switch, channel: Channel, device: str) -> Cause:
    """Why somebody who was called was not even dialled."""
    if device in switch.do_not_disturb:
        return Cause.DO_NOT_DISTURB
    state = next((state for name, state in switch.device_states.items() if name.partition("/")[2] == device), "")
    if state in ("UNAVAILABLE", "INVALID"):
        return Cause.OUT_OF_SERVICE
    if channel.state == State.BUSY or channel.hangup_cause == "17":
        busy = state in ("INUSE", "BUSY", "RINGING", "RINGINUSE", "ONHOLD")
        return Cause.BUSY if busy else Cause.DO_NOT_DISTURB
    return Cause.OUT_OF_SERVICE


def release_cause(channel: Channel) -> bool:
    """Whether a hang-up request came from the far end of the channel, not from the PBX refusing the call."""
    if channel.state == State.BUSY or channel.application in ("Busy", "Congestion", "Hangup"):
        return False
    return not (channel.incoming and channel.state != State.UP and clean(channel.hangup_cause) in _Q850)
