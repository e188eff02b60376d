"""What an operator can set about the limits of the web door."""

from typing import Annotated

import msgspec
from msgspec import Meta


class LimitSettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """How much one address, session or window may ask for. The defaults leave a person a hundred times what they need."""

    body_kib: Annotated[int, Meta(ge=16, le=1_048_576, description="Largest request body, KiB.")] = 1024
    header_kib: Annotated[int, Meta(ge=4, le=256, description="Largest request header, KiB.")] = 32
    session_rate: Annotated[int, Meta(ge=1, le=100_000, description="Requests a second per session or token.")] = 50
    session_burst: Annotated[int, Meta(ge=1, le=100_000, description="Requests at once per session or token.")] = 200
    address_rate: Annotated[int, Meta(ge=1, le=1_000_000, description="Requests a second per network address.")] = 500
    address_burst: Annotated[int, Meta(ge=1, le=1_000_000, description="Requests at once per network address.")] = 2000
    windows: Annotated[int, Meta(ge=1, le=1000, description="Open event streams per person.")] = 50
    stream_rate: Annotated[int, Meta(ge=1, le=10_000, description="Event streams opened a second per person.")] = 2
    stream_burst: Annotated[int, Meta(ge=1, le=10_000, description="Event streams opened at once per person.")] = 100
    stream_address_rate: Annotated[
        int, Meta(ge=1, le=100_000, description="Event streams opened a second per network address.")
    ] = 50
    stream_address_burst: Annotated[
        int, Meta(ge=1, le=100_000, description="Event streams opened at once per network address.")
    ] = 1000
