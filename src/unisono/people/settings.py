"""What an operator can set about accounts."""

from typing import Annotated

import msgspec
from msgspec import Meta


class PeopleSettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Passwords and sessions. The defaults of argon2id are those of RFC 9106, second recommendation."""

    argon2_time_cost: Annotated[int, Meta(ge=1, le=20, description="Passes over the memory for one password.")] = 3
    argon2_memory_kib: Annotated[int, Meta(ge=8, le=1_048_576, description="Memory for one password, KiB.")] = 65_536
    argon2_parallelism: Annotated[int, Meta(ge=1, le=16, description="Lanes for one password.")] = 4
    password_length: Annotated[int, Meta(ge=8, le=64, description="Shortest password a person may choose.")] = 10
    session_hours: Annotated[
        int, Meta(ge=1, le=720, description="A session ends after so many hours without use.")
    ] = 24
    session_days: Annotated[int, Meta(ge=1, le=365, description="A session ends after so many days in any case.")] = 30
    free_attempts: Annotated[
        int, Meta(ge=1, le=100, description="Wrong passwords for one sign-in name before it has to wait.")
    ] = 5
    free_attempts_address: Annotated[
        int, Meta(ge=1, le=10_000, description="Wrong passwords from one address before it has to wait.")
    ] = 20
    lock_seconds: Annotated[int, Meta(ge=1, le=86_400, description="The longest wait after wrong passwords.")] = 900
