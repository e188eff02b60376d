"""What to do about a link that cannot be had or broke, for connectors of every kind; each adds what only its peers do. Pure."""

from collections.abc import Mapping

LINK: Mapping[str, str] = {
    "link-refused": "Start the service on the PBX, and check address and port.",
    "link-timeout": "Check address, port and firewall between this server and the PBX.",
    "link-failed": "Check the address and the network between this server and the PBX.",
    "link-name": "Check the spelling of the address, and this server's DNS.",
    "link-tls": "Check that the port is the one for TLS, or switch TLS off for this connection.",
    "link-certificate": "Give the authority of the PBX's certificate as ca_file, or install a trusted certificate.",
    "link-closed": "Look at the PBX's log; it may allow fewer links than there are, or none from this server.",
    "link-lost": "Check the network between this server and the PBX.",
    "link-stalled": "Check whether the PBX is overloaded.",
    "link-slow": "Check whether the PBX is overloaded, and look at the trace of this connection.",
    "link-elsewhere": "To change that, set server.telephony in this server's settings file, and have one server alone do it.",
    "link-silent": "Check whether the PBX is up, and whether a firewall forgets idle connections.",
}
"""By the code of the fault (`net`, and those that connectors share)."""


def remedy(code: str, own: Mapping[str, str]) -> str:
    """What to do about a fault with this code; `own` is what a kind of connector knows better."""
    return own.get(code) or LINK.get(code, "Look at the trace of this connection and at the PBX's log.")
