"""The demo as a new user starts it, and people in browsers in front of it."""

import os
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect
from tests.e2e.staging import CHROMIUM, PATIENCE, SWITCHES, Demo, Reception, SignIn

expect.set_options(timeout=PATIENCE)


def pytest_addoption(parser: pytest.Parser) -> None:
    folder = os.environ.get("UNISONO_SCREENSHOTS", "")
    parser.addoption("--screenshots", default=folder, help="folder for pictures of every view")
    parser.addoption("--documentation-images", action="store_true", help="make the pictures in docs/images anew")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "e2e" in Path(item.fspath).parts:
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def demo() -> AsyncIterator[Demo]:
    with tempfile.TemporaryDirectory(prefix="demo") as folder:
        running = Demo(Path(folder))
        await running.nobody_acts()
        yield running
        running.stop()


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def quiet(demo: Demo) -> AsyncIterator[None]:
    """No call outlives its test."""
    yield
    await demo.hang_up_all()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield chromium
        await chromium.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def house(demo: Demo, browser: Browser) -> Reception:
    return Reception(demo, browser)


@pytest_asyncio.fixture(loop_scope="session")
async def reception(house: Reception) -> AsyncIterator[Reception]:
    yield house
    assert not await house.evening()


@pytest.fixture
def sign_in(reception: Reception) -> SignIn:
    """`await sign_in("marco.degano")`: a page of this person, in a browser profile of its own."""
    return reception.enter
