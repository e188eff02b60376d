"""A bind passed on to Active Directory, or another directory, over TLS (RFC 4513 5.1.3)."""

from unisono.directory.ldap.settings import LdapSettings
from unisono.kernel.errors import Unavailable
from unisono.net.stream import Endpoint, connect
from unisono.wire.ldap.errors import CodecError
from unisono.wire.ldap.framing import FrameReader
from unisono.wire.ldap.message import BindRequest, BindResponse, Simple, UnbindRequest
from unisono.wire.ldap.requests import encode_request
from unisono.wire.ldap.responses import parse_response
from unisono.wire.ldap.result_code import ResultCode

_SECONDS = 5.0


async def binds(settings: LdapSettings, name: str, password: str) -> bool:
    """Whether it takes this name and password. Raises `Unavailable` if it cannot be asked."""
    if not password:
        return False
    host, _, port = settings.active_directory.rpartition(":")
    endpoint = Endpoint(host.strip("[]"), int(port), tls=True, ca_file=settings.active_directory_ca)
    whole = name if "@" in name or "\\" in name or "=" in name else f"{name}{settings.active_directory_suffix}"
    stream = await connect(endpoint, timeout=_SECONDS)
    try:
        await stream.write(encode_request(1, BindRequest(3, whole, Simple(password.encode()))))
        reader = FrameReader()
        while data := await stream.read():
            for pdu in reader.feed(data):
                _, response, _ = parse_response(pdu)
                await stream.write(encode_request(2, UnbindRequest()))
                return isinstance(response, BindResponse) and response.result.code == ResultCode.SUCCESS
    except CodecError as error:
        raise Unavailable("directory-answer", f"{endpoint} does not speak LDAP: {error.why}.") from error
    finally:
        await stream.close()
    raise Unavailable("directory-answer", f"{endpoint} closed the connection without an answer.")
