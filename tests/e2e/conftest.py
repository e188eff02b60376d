"""The demo as a new user starts it, and people in browsers in front of it."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
]

expect.set_options(timeout=10_000)


class Demo:
    """A running `unisono demo` in a folder of its own."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        command = [sys.executable, "-m", "unisono", "demo", "--port", "0", "--data", str(folder), "--no-traffic", *options]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=os.environ.copy())
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("Ready"):
                break
        else:
            raise AssertionError(f"the demo ended with {self._process.wait()}")
        facts = json.loads((folder / "demo.json").read_text())
        self.url: str = facts["url"]
        self.passwords: dict[str, str] = facts["passwords"]

    @property
    def pid(self) -> int:
        return self._process.pid

    async def pbx(self, command: str, **arguments: object) -> Any:
        """Press keys at a demo telephone, call from outside, break something."""
        from unisono.app.demo import control

        return await control(self.folder, command, arguments)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(20)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait(20)


@pytest.fixture(scope="session")
def demo() -> Iterator[Demo]:
    with tempfile.TemporaryDirectory(prefix="demo") as folder:
        running = Demo(Path(folder))
        yield running
        running.stop()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield chromium
        await chromium.close()


SignIn = Callable[..., Awaitable[Page]]


@pytest_asyncio.fixture(loop_scope="session")
async def sign_in(demo: Demo, browser: Browser) -> AsyncIterator[SignIn]:
    """`await sign_in("anna")`: a page of this person, in a browser profile of its own; console errors fail the test."""
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    async def enter(login: str, **options: Any) -> Page:
        context = await browser.new_context(
            **{"viewport": {"width": 1280, "height": 800}, "locale": "en-GB", "timezone_id": "Europe/Rome", **options}
        )
        contexts.append(context)
        page = await context.new_page()
        page.on("pageerror", lambda error: problems.append(f"{login}: {error}"))
        page.on("console", lambda m: problems.append(f"{login}: {m.text}") if m.type == "error" else None)
        await page.goto(demo.url)
        await page.get_by_label("Login").fill(login)
        await page.get_by_label("Password", exact=True).fill(demo.passwords[login])
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.get_by_role("navigation").first).to_be_visible()
        return page

    yield enter
    for context in contexts:
        await context.close()
    assert not [p for p in problems if "Failed to load resource" not in p and "WebSocket" not in p]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "e2e" in Path(item.fspath).parts:
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.xdist_group("e2e"))
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


