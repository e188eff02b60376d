"""What can be wrong with a link to Asterisk, in words for people: a code, what happened, what to do. Pure."""

from unisono.calls.port import LinkPhase, LinkState
from unisono.connectors.remedies import remedy
from unisono.kernel.errors import Fault, Retry, Unavailable

REMEDIES = {
    "link-refused": "Start Asterisk with enabled = yes in manager.conf, and check address and port (usually 5038).",
    "link-closed": "Look at Asterisk's log: permit, deny and authlimit in manager.conf decide whose links it takes.",
    "link-protocol": "Check that the port is the one of the manager interface (usually 5038, with TLS 5039).",
    "session-timeout": "Check that the port is the one of the manager interface (usually 5038, with TLS 5039).",
    "link-credentials": "Check name, secret, permit and deny in manager.conf.",
    "link-permission": (
        "Give it read = system,call,agent,user,dtmf,reporting and write = system,call,originate,reporting in manager.conf."
    ),
}


def state_of(fault: Fault) -> LinkState:
    """The state of a link that ended with this fault."""
    phase = LinkPhase.WAITING if fault.retry is Retry.LATER else LinkPhase.REFUSED
    return LinkState(phase, fault.code, fault.message, remedy(fault.code, REMEDIES))


def closed(peer: str) -> Unavailable:
    """Asterisk ended the connection."""
    return Unavailable("link-closed", f"{peer} has closed the connection.")


def not_asterisk(peer: str, why: str) -> Unavailable:
    """Something else listens there."""
    return Unavailable("link-protocol", f"{peer} is no Asterisk manager interface: {why}.", retry=Retry.ASK_ADMIN)


def no_greeting(peer: str, seconds: float) -> Unavailable:
    """The connection stands, but nobody says who they are, as a manager interface does at once."""
    return Unavailable("session-timeout", f"{peer} accepted the connection but said nothing within {seconds:.0f} s.")


def silent(peer: str, what: str) -> Unavailable:
    """What was asked for has not come in time."""
    return Unavailable("link-silent", f"{peer} has not {what}.")


def wrong_password(user: str, native: str) -> Unavailable:
    """Asterisk does not know the user or the password, or not from this address."""
    return Unavailable("link-credentials", f"Asterisk refuses user {user!r}: {native}.", retry=Retry.ASK_ADMIN)


def no_permission(user: str) -> Unavailable:
    """Without the calls there is nothing to show."""
    return Unavailable(
        "link-permission", f"Asterisk does not let user {user!r} read the calls.", retry=Retry.ASK_ADMIN
    )
