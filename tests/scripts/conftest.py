"""What tests of commands share."""

from collections.abc import Iterator

import pytest
from tests.scripts.command import Loaded


@pytest.fixture(scope="module", autouse=True)
def loaded(request: pytest.FixtureRequest) -> Iterator[None]:
    """The command line of a file's tests, with the modules (`LOADS`) of the commands that they start more than once."""
    with Loaded(request.module.LOADS):
        yield
