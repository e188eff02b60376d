"""What can be wrong with a link, in words for people: a code, what happened, what to do."""

from unisono.calls.port import LinkPhase, LinkState
from unisono.connectors.remedies import remedy
from unisono.kernel.errors import Culprit, Fault, Retry, Unavailable


class LinkFault(Unavailable):
    """The link cannot go on; `retry` says whether it is of use to try again soon."""

    def __init__(self, code: str, message: str, *, retry: Retry = Retry.LATER) -> None:
        super().__init__(code, message, culprit=Culprit.PEER, retry=retry)


REMEDIES = {
    "link-refused": "Start the CSTA service on the PBX, and check address and port.",
    "link-closed": "Look at the PBX's log; it may allow fewer CSTA links than there are.",
    "link-garbage": "Check that the port is the one for CSTA III XML without SOAP, and not ASN.1 or a web service.",
    "session-timeout": "Check that the port is the one for CSTA III XML; restart the PBX's CSTA service.",
    "session-credentials": "Enter the user name and password of the PBX's CTI account.",
    "session-edition": "Choose the edition that the PBX speaks in the settings of this connection.",
    "session-refused": "Look at the PBX's log for the reason, and check its licence for CSTA applications.",
    "session-ended": "Look at the PBX's log for the reason; another application may use the same account.",
}


def state_of(fault: Fault, peer: str) -> LinkState:
    """The state of a link that ended with this fault."""
    hopeless = fault.retry is not Retry.LATER
    phase = LinkPhase.REFUSED if hopeless else LinkPhase.WAITING
    return LinkState(phase, fault.code, fault.message, remedy(fault.code, REMEDIES), peer)


def closed(peer: str) -> LinkFault:
    """The PBX ended the connection."""
    return LinkFault("link-closed", f"{peer} closed the connection.")


def silent(peer: str, seconds: float) -> LinkFault:
    """Nothing was heard, not even an answer to the question whether the PBX is there."""
    return LinkFault("link-silent", f"{peer} has not said anything for {seconds:.0f} s, though it was asked.")


def garbage(peer: str, why: str, data: bytes) -> LinkFault:
    """The next frame cannot be found any more."""
    return LinkFault("link-garbage", f"{peer} sent what is no CSTA: {why} It began with {data[:24]!r}.")


def no_answer_to_sign_in(peer: str, seconds: float) -> LinkFault:
    """The connection stands, but nobody answers."""
    return LinkFault("session-timeout", f"{peer} accepted the connection but did not answer within {seconds:.0f} s.")


def wrong_password(peer: str, user: str, native: str) -> LinkFault:
    """The PBX does not know the user or the password."""
    who = f"the user {user!r}" if user else "a sign-in without user"
    return LinkFault("session-credentials", f"{peer} refuses {who}: {native}.", retry=Retry.ASK_ADMIN)


def wrong_edition(peer: str, wanted: str, speaks: str) -> LinkFault:
    """The PBX speaks an edition that was not wished for, or none we know."""
    said = f"it speaks {speaks!r}" if speaks else "it does not say which it speaks"
    return LinkFault("session-edition", f"{peer} does not take edition {wanted}; {said}.", retry=Retry.ASK_ADMIN)


def session_refused(peer: str, native: str) -> LinkFault:
    """No session, for a reason of the PBX's own."""
    return LinkFault("session-refused", f"{peer} opens no session: {native}.", retry=Retry.ASK_ADMIN)


def session_ended(peer: str, native: str) -> LinkFault:
    """The PBX ended the session, or would not renew it."""
    return LinkFault("session-ended", f"{peer} ended the session: {native or 'without a reason'}.")
