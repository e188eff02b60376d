"""What another directory's answer to a bind says of the password."""

from typing import Any

import pytest

from unisono.directory.ldap import forward
from unisono.directory.ldap.settings import LdapSettings
from unisono.kernel.errors import Unavailable
from unisono.wire.ldap.message import BindResponse, Result
from unisono.wire.ldap.responses import encode_response
from unisono.wire.ldap.result_code import ResultCode


class Said:
    """A connection on which the other directory says one thing."""

    def __init__(self, code: int) -> None:
        self._code = code

    async def write(self, data: bytes) -> None:
        """It does not matter what was asked."""

    async def read(self) -> bytes:
        return encode_response(1, BindResponse(Result(self._code)))

    async def close(self) -> None:
        """It is over."""


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        (ResultCode.SUCCESS, ()),
        (ResultCode.INVALID_CREDENTIALS, None),
        (ResultCode.NO_SUCH_OBJECT, None),
        (ResultCode.BUSY, Unavailable),
        (ResultCode.UNAVAILABLE, Unavailable),
        (ResultCode.OPERATIONS_ERROR, Unavailable),
    ],
)
async def test_a_bind_that_is_not_answered_is_no_wrong_password(
    monkeypatch: pytest.MonkeyPatch, code: ResultCode, verdict: Any
) -> None:
    async def connect(*args: object, **more: object) -> Said:
        return Said(code)

    monkeypatch.setattr(forward, "connect", connect)
    settings = LdapSettings(active_directory="dc1.example.com:636")
    if verdict is Unavailable:
        with pytest.raises(Unavailable):
            await forward.binds(settings, "anna@example.com", "secret")
    else:
        assert await forward.binds(settings, "anna@example.com", "secret") == verdict
