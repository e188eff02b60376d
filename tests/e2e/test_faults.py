"""The network goes, the telephone system goes, the computer is slow: people are told, and afterwards everything is right."""

import asyncio
from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Page, expect
from tests.e2e.people import (
    ADMIN,
    ELENA,
    EMMA,
    EMMA_NUMBER,
    GEORGE_NUMBER,
    MARCO,
    STRANGER,
    answer,
    api,
    banner,
    bar,
    doing,
    tile,
)
from tests.e2e.staging import Demo, SignIn

SEEN = """() => ({
    people: [...document.querySelectorAll("li.tile")].map((tile) =>
        [tile.querySelector(".tile-name").textContent, tile.dataset.presence, tile.dataset.activity].join(" ")),
    call: document.querySelector("[data-testid=call-bar]")?.dataset.state ?? null,
    title: document.title,
})"""


async def _same_as_fresh(page: Page) -> None:
    """What the page has put together from facts is what a page shows that begins with a snapshot.

    Of a burst the last news comes some moments after the first: both are asked until they say the same.
    """
    fresh = await page.context.new_page()
    await fresh.goto(page.url)
    await expect(fresh.locator("li.tile")).to_have_count(19)
    here = there = None
    try:
        async with asyncio.timeout(60):
            while here is None or here != there:
                here, there = await page.evaluate(SEEN), await fresh.evaluate(SEEN)
    except TimeoutError:
        raise AssertionError(f"the page shows {here}, a fresh one {there}") from None
    await fresh.close()


async def test_offline_and_back(demo: Demo, sign_in: SignIn) -> None:
    marco = await sign_in(MARCO)
    await marco.evaluate("window.sameAsBefore = true")
    await demo.call(EMMA_NUMBER, "102")
    await answer(marco)
    await marco.context.set_offline(True)
    strip = marco.get_by_text("Reconnecting")
    await expect(strip).to_be_visible()
    await expect(bar(marco).get_by_role("button", name="Hold")).to_have_attribute("aria-disabled", "true")
    await demo.call(STRANGER, "103")  # what happens meanwhile is not missed
    await demo.pbx("hold", at="102")
    await marco.context.set_offline(False)
    await expect(strip).to_have_count(0)
    await expect(bar(marco)).to_have_attribute("data-state", "hold")
    await doing(marco, "Elena Zuliani", "ringing")
    assert await marco.evaluate("window.sameAsBefore"), "the page was loaded anew"
    await _same_as_fresh(marco)


async def test_the_link_to_the_telephone_system_is_cut(demo: Demo, sign_in: SignIn) -> None:
    marco, admin = await sign_in(MARCO), await sign_in(ADMIN, "/admin/connectors")
    link = admin.get_by_test_id("connector-demo-pbx")
    await expect(link).to_contain_text("connected")
    await demo.call(EMMA_NUMBER, "102")
    await answer(marco)
    await demo.pbx("fault", refuse_connections=True)
    await demo.pbx("drop")
    await expect(link).to_contain_text("down, trying again")
    await expect(link.locator(".notice")).not_to_be_empty()
    strip = marco.get_by_test_id("link-down")
    await expect(strip).to_contain_text("Your telephone works as always")
    await demo.call(GEORGE_NUMBER, "103")
    await demo.pbx("far", at="102", does="hang-up")
    await demo.pbx("fault")
    await expect(link).to_contain_text("connected")
    await expect(bar(marco)).to_have_count(0)
    await expect(strip).to_have_count(0)
    await doing(marco, "Elena Zuliani", "ringing")
    await _same_as_fresh(marco)


async def test_why_it_was_not_dialled_is_said_though_the_palette_has_closed(sign_in: SignIn) -> None:
    marco = await sign_in(MARCO)
    await marco.keyboard.press("Control+k")
    field = marco.get_by_role("combobox", name="Search people")
    await field.fill("00")
    await expect(marco.get_by_role("option").first).to_contain_text("00")
    await field.press("Enter")
    why = marco.get_by_role("alert").filter(has=marco.get_by_role("button", name="Close"))
    await expect(why).to_contain_text("cannot be dialled")
    await why.get_by_role("button", name="Close").click()
    await expect(why).to_have_count(0)


async def test_pressing_enter_twice_in_attendant_mode_gives_nobody_away(demo: Demo, sign_in: SignIn) -> None:
    marco = await sign_in(MARCO)
    await marco.keyboard.press("g")
    await marco.keyboard.press("a")
    field = marco.get_by_role("combobox", name="Type a name")
    await expect(field).to_be_focused()
    await demo.call(EMMA_NUMBER, "102")
    await expect(banner(marco)).to_be_visible()
    await field.press("Enter")
    await expect(bar(marco)).to_have_attribute("data-state", "connected")
    await field.press("Enter")
    await field.press("ArrowDown")
    await expect(marco.locator("#attendant-list [aria-selected=true]")).to_have_count(1)
    await expect(bar(marco)).to_have_attribute("data-state", "connected")


async def test_a_frozen_link_thaws(demo: Demo, sign_in: SignIn) -> None:
    marco = await sign_in(MARCO)
    await demo.pbx("fault", frozen=True)
    await demo.call(EMMA_NUMBER, "102")
    await demo.pbx("fault")
    await expect(banner(marco)).to_contain_text(EMMA)
    await answer(marco)


@pytest_asyncio.fixture(loop_scope="session")
async def impatient(demo: Demo, sign_in: SignIn) -> AsyncIterator[None]:
    """Unisono waits two seconds for an answer of the telephone system, not ten."""
    admin = await sign_in(ADMIN, "/admin/connectors")
    [link] = (await api(admin, "GET", "/admin/connectors"))["items"]
    stored = {key: value for key, value in link.items() if key != "link"}

    async def save(settings: dict[str, object]) -> None:
        await api(admin, "PUT", f"/admin/connectors/{link['id']}", {**stored, "settings": settings})
        await admin.reload()  # it may still show the link that has just been cut
        await expect(admin.get_by_test_id("connector-demo-pbx")).to_contain_text("connected")

    await save({**stored["settings"], "answer_seconds": 2})
    yield
    await demo.pbx("fault")
    await save(stored["settings"])


async def test_a_telephone_system_that_does_not_answer_is_named(demo: Demo, sign_in: SignIn, impatient: None) -> None:
    marco = await sign_in(MARCO)
    await demo.call(EMMA_NUMBER, "102")
    await answer(marco)
    await demo.pbx("fault", silent=True)
    await marco.keyboard.press("Alt+h")
    await expect(marco.get_by_role("alert").filter(has_text="did not answer in time")).to_be_visible()


async def test_a_slow_computer_is_right_in_the_end(demo: Demo, sign_in: SignIn) -> None:
    marco, elena = await sign_in(MARCO), await sign_in(ELENA)
    tools = await marco.context.new_cdp_session(marco)
    await tools.send("Emulation.setCPUThrottlingRate", {"rate": 8})
    for _ in range(12):
        await demo.call(GEORGE_NUMBER, "103")
        await demo.pbx("answer", at="103")
        await demo.pbx("hold", at="103")
        await demo.pbx("far", at="103", does="hang-up")
    await demo.call(EMMA_NUMBER, "103")
    await expect(banner(elena)).to_contain_text(EMMA)
    await answer(elena)
    await expect(tile(marco, "Elena Zuliani")).to_contain_text(f"With {EMMA}")
    await tools.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    await _same_as_fresh(marco)


async def test_a_server_that_is_gone_is_told_at_sign_in(demo: Demo, sign_in: SignIn) -> None:
    page = await sign_in(MARCO)
    await page.context.clear_cookies()
    await page.reload()
    await page.get_by_label("Login").fill("marco.degano")
    await page.get_by_label("Password", exact=True).fill("x")
    await page.context.set_offline(True)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_text("The server cannot be reached")).to_be_visible()
    await page.context.set_offline(False)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_text("Login or password is wrong.")).to_be_visible()
