"""The demo as a new user starts it, and a reception that lets people in: a browser profile each."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page, StorageState, expect

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
USUAL = {
    "theme": "light",
    "density": "tiles",
    "ring": "silent",
    "two_minutes": True,
    "open_window": True,
    "confirm_dial": False,
    "favourite_groups": [],
    "chosen_contacts": None,
}
"""Settings of every person at the start of a test."""
USUAL_PROFILE: dict[str, Any] = {
    "viewport": {"width": 1280, "height": 800},
    "locale": "en-GB",
    "timezone_id": "Europe/Rome",
}
QUICK = {
    "UNISONO_PEOPLE__ARGON2_TIME_COST": "1",
    "UNISONO_PEOPLE__ARGON2_MEMORY_KIB": "64",
    "UNISONO_PEOPLE__ARGON2_PARALLELISM": "1",
}
"""Passwords of the demo are not slow to check: twenty are made at its start, and nobody guesses them here."""
PATIENCE = 60_000
"""Milliseconds until something counts as never coming: a process that is started for it may have to wait for a busy machine."""
MOST_ROUNDS = 5
NOT_OURS = ("Failed to load resource", "WebSocket connection")
"""What Chromium itself writes to the console when the server says no or is not there."""


class Demo:
    """A running `unisono demo` in a folder of its own."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        command = [sys.executable, "-m", "unisono", "demo", "--port", "0", "--data", str(folder), "--no-traffic", *options]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=os.environ | QUICK)
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("Ready"):
                break
        else:
            raise AssertionError(f"the demo ended with {self._process.wait()}")
        facts = json.loads((folder / "demo.json").read_text())
        self.url: str = facts["url"].rstrip("/")
        self.passwords: dict[str, str] = facts["passwords"]

    @property
    def pid(self) -> int:
        return self._process.pid

    async def pbx(self, command: str, **arguments: object) -> Any:
        """Press keys at a demo telephone, call from outside, break something."""
        from unisono.app.demo_control import control

        return await control(self.folder, command, arguments)

    async def call(self, caller: str, to: str) -> None:
        """Somebody outside calls and waits."""
        await self.pbx("call", **{"from": caller, "to": to})

    async def nobody_acts(self) -> None:
        """Every telephone waits for a person: nothing happens by chance."""
        for extension in (await self.pbx("state"))["auto"]:
            await self.pbx("auto", at=extension, on=False)

    async def hang_up_all(self) -> None:
        """No call is left, and the link carries again."""
        await self.pbx("fault")
        for _ in range(MOST_ROUNDS):
            parties = [party for call in (await self.pbx("state"))["calls"] for party in call["parties"]]
            if not parties:
                return
            for party in parties:
                await self._press("hang-up", at=party["device"])
                await self._press("far", at=party["device"], does="hang-up")
        raise AssertionError(f"these do not hang up: {parties}")

    async def _press(self, command: str, **arguments: object) -> None:
        from unisono.kernel.errors import Conflict

        try:
            await self.pbx(command, **arguments)
        except Conflict:  # an outside party, or the call has ended with its other side
            return

    def stop(self) -> None:
        self._process.terminate()
        self._process.communicate(timeout=60)

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate(timeout=60)


SignIn = Callable[..., Awaitable[Page]]


class Reception:
    """Lets people in: signed in, with known settings, in a browser profile each.

    A new profile costs five times a page that is loaded anew, for the client has to be read and compiled again. So everybody's
    page stays for the next test, at an address without the client: nothing of it runs on, and nothing of a test is left in it.
    """

    def __init__(self, demo: Demo, browser: Browser) -> None:
        self._demo = demo
        self._browser = browser
        self._signed_in: dict[str, StorageState] = {}
        self._kept: dict[str, Page] = {}
        self._busy: list[Page] = []
        self._problems: list[str] = []

    async def enter(
        self, login: str, path: str = "/", locale: str = "en", settings: dict[str, Any] | None = None, **options: Any
    ) -> Page:
        """A page of this person; with `options`, those of a browser context, in a profile of its own."""
        page = await self._page(login, options)
        self._busy.append(page)
        await self._usual(page.context, login, locale, settings or {})
        await page.goto(self._demo.url + path)
        await expect(page.get_by_role("navigation").first).to_be_visible()
        return page

    async def _page(self, login: str, options: dict[str, Any]) -> Page:
        kept = self._kept.get(login)
        if not options and kept and not kept.is_closed() and kept not in self._busy:
            return kept
        # Who has signed in once need not do so again.
        context = await self._browser.new_context(storage_state=self._signed_in.get(login), **USUAL_PROFILE | options)
        context.set_default_timeout(PATIENCE)
        page = await context.new_page()
        self.watch(page, login)
        if not options:
            self._kept.setdefault(login, page)
        return page

    async def _usual(self, context: BrowserContext, login: str, locale: str, settings: dict[str, Any]) -> None:
        api = f"{self._demo.url}/api/v1"
        answer = await context.request.get(f"{api}/session")
        if not answer.ok:
            secret = {"login": login, "password": self._demo.passwords[login]}
            answer = await context.request.post(f"{api}/session", data=secret)
            assert answer.ok, await answer.text()
            self._signed_in[login] = await context.storage_state()
        csrf = {"X-CSRF-Token": (await answer.json())["csrf"]}
        body = {"locale": locale, "settings": USUAL | settings}
        assert (await context.request.patch(f"{api}/me", data=body, headers=csrf)).ok

    def watch(self, page: Page, login: str) -> None:
        """Errors of the page's scripts and in its console fail the test."""
        page.on("pageerror", lambda error: self._problems.append(f"{login}: {error}"))
        page.on("console", lambda message: self._heard(login, message.type, message.text))

    def _heard(self, login: str, kind: str, text: str) -> None:
        if kind == "error" and not any(words in text for words in NOT_OURS):
            self._problems.append(f"{login}: {text}")

    async def evening(self) -> list[str]:
        """The test is over: the pages that stay rest, the others close; returns what went wrong in them."""
        busy, self._busy = self._busy, []
        for page in busy:
            if page in self._kept.values() and not page.is_closed():
                await self._rest(page)
            else:
                await page.context.close()
        problems, self._problems = self._problems, []
        return problems

    async def _rest(self, page: Page) -> None:
        await page.context.set_offline(False)
        await page.goto(f"{self._demo.url}/favicon.svg")
        await page.evaluate("localStorage.clear()")
        if page.viewport_size != USUAL_PROFILE["viewport"]:
            await page.set_viewport_size(USUAL_PROFILE["viewport"])
