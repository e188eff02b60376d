"""Who is in the stories, and where on a page one finds what they look at."""

from typing import Any

from playwright.async_api import Locator, Page, expect

GIULIA, MARCO, ELENA, LUCA = "giulia.fornaci", "marco.degano", "elena.zuliani", "luca.comelli"
SARA, DAVIDE, ADMIN = "sara.driussi", "davide.nonino", "andreas.vogl"

EMMA, EMMA_NUMBER = "Emma Hargreaves", "+441632960123"
GEORGE, GEORGE_NUMBER = "George Harrison", "+441632960121"
FIRM = "Harrison Ceramics Ltd"
UNKNOWN_AT_FIRM = "+441632960128"
"""An extension of the firm that no contact has."""
STRANGER = "+442079460999"


def banner(page: Page) -> Locator:
    return page.get_by_test_id("incoming-banner")


def bar(page: Page) -> Locator:
    return page.get_by_test_id("call-bar")


def window(page: Page) -> Locator:
    return page.get_by_test_id("call-window")


def tile(page: Page, name: str) -> Locator:
    return page.locator("li.tile", has_text=name)


def control(page: Page, name: str) -> Locator:
    """A control of the call window."""
    return window(page).get_by_role("button", name=name, exact=True)


async def doing(page: Page, name: str, activity: str) -> None:
    """What the monitor says about a colleague: none, ringing, on-the-phone, conference, after-call."""
    await expect(tile(page, name)).to_have_attribute("data-activity", activity)


async def answer(page: Page) -> None:
    """Answer by the key, with the focus nowhere."""
    await expect(banner(page)).to_be_visible()
    await page.keyboard.press("Enter")
    await expect(bar(page)).to_have_attribute("data-state", "connected")


async def ask_whom(page: Page, field: str, query: str, choice: str) -> None:
    """Type a name into a field that asks whom, and take the suggestion."""
    box = page.get_by_role("combobox", name=field)
    await box.fill(query)
    await page.get_by_role("option", name=choice).first.click()


async def go(page: Page, path: str) -> None:
    """Go there inside the client."""
    await page.evaluate("(path) => { history.pushState(null, '', path); dispatchEvent(new PopStateEvent('popstate')); }", path)


async def api(page: Page, method: str, path: str, body: Any = None, *, new: bool = False) -> Any:
    """Ask the server in this person's name; `new`: to make something under an id of one's own."""
    base = page.url.split("/", 3)
    root = f"{base[0]}//{base[2]}/api/v1"
    csrf = (await (await page.request.get(f"{root}/session")).json())["csrf"]
    headers = {"X-CSRF-Token": csrf, **({"If-None-Match": "*"} if new else {})}
    answer = await page.request.fetch(f"{root}{path}", method=method, data=body, headers=headers)
    assert answer.ok, await answer.text()
    text = await answer.text()
    return await answer.json() if text else None


async def deal_with_missed(page: Page) -> None:
    """Nothing is left to do in this person's journal."""
    for entry in (await api(page, "GET", "/journal?filter=open&limit=100"))["items"]:
        await api(page, "POST", f"/journal/{entry['id']}/done", {"done": True})
    await expect(page.get_by_role("navigation").first.locator(".nav-badge")).to_have_count(0)
