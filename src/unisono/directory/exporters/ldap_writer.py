"""An LDAP client that also writes."""

from collections.abc import Sequence

from unisono.directory.replicators import faults
from unisono.directory.replicators.ldap_client import LdapClient
from unisono.wire.ldap import Result, ResultCode
from unisono.wire.ldap.message import WriteRequest, WriteResponse

FATAL: Sequence[int] = (ResultCode.BUSY, ResultCode.UNAVAILABLE, ResultCode.ADMIN_LIMIT_EXCEEDED)
"""What says something of the server, and nothing of the one object."""


class LdapWriter(LdapClient):
    """One connection, signed in, encrypted from the start."""

    def write(self, request: WriteRequest) -> Result:
        """How a change ended, also if it was refused. Raises `Fault` where the server itself is in trouble."""
        message_id = self._send(request)
        response, _ = self._receive(message_id)
        if not isinstance(response, WriteResponse):
            raise faults.garbled(self.peer, f"{type(response).__name__} to a change")
        if response.result.code in FATAL:
            self._succeeded(response.result)
        return response.result
