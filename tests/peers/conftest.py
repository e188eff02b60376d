"""Peers that several tests of this folder need."""

from collections.abc import Iterator

import pytest
from tests.peers.samba import Samba, controller


@pytest.fixture(scope="package")
def samba() -> Iterator[Samba]:
    """One domain controller for all; tests keep apart by their organisational units."""
    with controller() as found:
        yield found
