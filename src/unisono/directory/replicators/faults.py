"""What the peers of sources do wrong, in words: one function for each fault, so that every kind of source says it alike."""

import socket
import ssl

from unisono.kernel.errors import Culprit, Fault, Invalid, Retry


def unreachable(peer: str, error: OSError | str) -> Fault:
    """Nobody there, or no way there; an error of the socket tells which."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return untrusted(peer, error.verify_message)
    if isinstance(error, TimeoutError):
        return slow(peer)
    if isinstance(error, socket.gaierror):
        message = f"The name in {peer} is not known. Check how it is written, and the name server."
        return _of_peer("source-unknown-name", message, peer, str(error.strerror or error))
    reason = error if isinstance(error, str) else str(error.strerror or error) or type(error).__name__
    message = f"{peer} cannot be reached: {_clause(reason)}. Check address, port and firewall, and whether it is up."
    return _of_peer("source-unreachable", message, peer, reason)


def untrusted(peer: str, reason: str) -> Fault:
    """Its certificate says nothing to us."""
    message = f"The certificate of {peer} is not trusted: {reason}. Give the file of its authority, or correct the name."
    return _of_peer("source-certificate", message, peer, reason, Retry.ASK_ADMIN)


def slow(peer: str) -> Fault:
    """It keeps us waiting."""
    return _of_peer("source-silent", f"{peer} does not answer in time. Try again, or ask for less at once.", peer, "")


def lost(peer: str, reason: str = "") -> Fault:
    """It went away halfway."""
    why = f": {reason}" if reason else ""
    return _of_peer("source-lost", f"The connection to {peer} ended halfway{why}. Try again.", peer, reason)


def sign_in(peer: str, reason: str) -> Fault:
    """It does not accept name and password."""
    message = f"{peer} refuses the sign-in: {_clause(reason)}. Check name and password."
    return _of_peer("source-sign-in", message, peer, reason, Retry.ASK_ADMIN)


def no_right(peer: str, reason: str) -> Fault:
    """It knows us, but does not let us read."""
    message = f"{peer} does not allow it: {_clause(reason)}. Give the account the right to read."
    return _of_peer("source-forbidden", message, peer, reason, Retry.ASK_ADMIN)


def not_there(peer: str, reason: str) -> Fault:
    """What the settings name is not there."""
    message = f"{peer} does not have it: {_clause(reason)}. Check the settings."
    return _of_peer("source-not-there", message, peer, reason, Retry.ASK_ADMIN)


def refused(peer: str, reason: str) -> Fault:
    """It says no, in its own words."""
    return _of_peer("source-refused", f"{peer} says: {reason}", peer, reason)


def busy(peer: str, seconds: float) -> Fault:
    """It wants us to wait longer than a run may."""
    message = f"{peer} is busy, and asks to come again in {seconds:.0f} seconds. Read it less often."
    return _of_peer("source-busy", message, peer, f"{seconds:.0f}")


def garbled(peer: str, reason: str) -> Fault:
    """What it says is not what is spoken there."""
    message = f"{peer} answers what cannot be understood: {_clause(reason)}. Check that the address is the right one."
    return _of_peer("source-garbled", message, peer, reason, Retry.ASK_ADMIN)


def too_much(peer: str, what: str) -> Fault:
    """It says more than may be taken."""
    message = f"{peer} sends too much: {what}. Ask for less at once."
    return _of_peer("source-too-much", message, peer, what, Retry.ASK_ADMIN)


def read_all(peer: str) -> Fault:
    """The mark of the last run is of no use any more; the code is `source.READ_ALL`."""
    message = f"{peer} does not know any more what has changed since: everything has to be read."
    return _of_peer("read-all", message, peer, "")


def insecure(field: str, what: str) -> Invalid:
    """The settings would send what others must not see over a network in clear."""
    message = f"{what} would cross the network in clear. Use an encrypted connection, or allow it expressly."
    return Invalid("source-insecure", message, data={"field": field, "what": what})


def wrong_setting(field: str, message: str) -> Invalid:
    """A setting that cannot be meant."""
    return Invalid("source-setting", message, data={"field": field})


def _clause(reason: str) -> str:
    """A peer's own words before a full stop of ours."""
    return reason.rstrip(" .")


def _of_peer(code: str, message: str, peer: str, reason: str, retry: Retry = Retry.LATER) -> Fault:
    return Fault(code, message, culprit=Culprit.PEER, retry=retry, data={"peer": peer, "reason": reason})
