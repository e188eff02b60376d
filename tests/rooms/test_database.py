"""The database of a server, as it fails."""

import pytest

from unisono.kernel.errors import Unavailable
from unisono.storage import Database


async def test_only_the_operator_is_told_where_the_database_is() -> None:
    database = Database("postgresql+asyncpg://unisono:SECRET@127.0.0.1:1/firm")
    try:
        with pytest.raises(Unavailable, match="Connection refused") as told:
            async with database.read():
                pass
    finally:
        await database.close()
    assert "127.0.0.1" not in told.value.message
    assert "unisono:***@127.0.0.1:1/firm" in told.value.in_full()
