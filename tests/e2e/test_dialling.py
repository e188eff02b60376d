"""Every number dials, and what is set on one's telephone is seen by all."""

import asyncio
import re

from playwright.async_api import Page, Route, expect
from tests.e2e.people import EMMA, EMMA_NUMBER, GIULIA, MARCO, answer, ask_whom, banner, bar, control, tile, window
from tests.e2e.staging import Demo, SignIn


async def _outside_answers(demo: Demo, page: Page, extension: str) -> None:
    await expect(bar(page)).to_have_attribute("data-state", "ringback")
    await demo.pbx("far", at=extension, does="answer")
    await expect(bar(page)).to_have_attribute("data-state", "connected")


async def test_search_and_dial(demo: Demo, sign_in: SignIn) -> None:
    marco = await sign_in(MARCO)
    await marco.keyboard.press("Control+k")
    field = marco.get_by_role("combobox", name="Search people")
    await field.fill("emma harrisonceramics.ex")
    await expect(marco.get_by_role("option", name=EMMA).first).to_contain_text("by e-mail")
    await field.fill("")
    await expect(marco.get_by_role("option", name=EMMA)).to_have_count(0)
    await field.fill("emma harg")
    await expect(marco.get_by_role("option", name=EMMA).first).not_to_contain_text("by e-mail")
    await expect(marco.get_by_text(f"Call: {EMMA}")).to_be_visible()
    await marco.keyboard.press("Enter")
    await expect(bar(marco)).to_contain_text(EMMA)
    await _outside_answers(demo, marco, "102")


_ENTER_AS_SOON_AS_SOMEBODY_COMES = """(field) => new MutationObserver((_, observer) => {
    const marked = document.querySelector("#palette-list [aria-selected=true] .clip");
    if (!field.value || !marked || !marked.textContent.startsWith("Emma")) return;
    observer.disconnect();
    field.dataset.pressed = marked.textContent;
    field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
}).observe(document.body, { subtree: true, childList: true, characterData: true })"""


async def _held(page: Page, url: str) -> asyncio.Event:
    """Let nothing of this come before the event is set."""
    let_go = asyncio.Event()

    async def hold(route: Route) -> None:
        await let_go.wait()
        await route.continue_()

    await page.route(url, hold)
    return let_go


async def test_enter_calls_nobody_who_came_under_it_just_now(demo: Demo, sign_in: SignIn) -> None:
    marco = await sign_in(MARCO)
    await marco.keyboard.press("Control+k")
    field = marco.get_by_role("combobox", name="Search people")
    await field.evaluate(_ENTER_AS_SOON_AS_SOMEBODY_COMES)
    await field.fill("emma harg")
    await expect(marco.get_by_text(f"Call: {EMMA}")).to_be_visible()
    await expect(field).to_have_attribute("data-pressed", "Emma Hargreaves")
    await marco.keyboard.press("Enter")
    await expect(bar(marco)).to_contain_text(EMMA)
    await _outside_answers(demo, marco, "102")


async def test_what_is_typed_before_the_palette_is_loaded_stands_in_it(sign_in: SignIn) -> None:
    marco = await sign_in(MARCO)
    let_go = await _held(marco, "**/assets/palette*.js")
    await marco.reload()
    await expect(marco.get_by_role("heading", name="Monitor")).to_be_visible()
    await marco.keyboard.press("Control+k")
    await marco.keyboard.type("emma ha")
    let_go.set()
    field = marco.get_by_role("combobox", name="Search people")
    await expect(field).to_be_focused()
    await marco.keyboard.type("rg")
    await expect(field).to_have_value("emma harg")
    await marco.unroute_all()


async def test_a_search_that_does_not_reach_the_server_says_so(sign_in: SignIn) -> None:
    marco = await sign_in(MARCO)
    await marco.route("**/api/v1/search**", lambda route: route.abort())
    await marco.keyboard.press("Control+k")
    await marco.get_by_role("combobox", name="Search people").fill("hargreaves")
    await expect(marco.get_by_text("The contacts cannot be reached now")).to_be_visible()
    await marco.unroute_all()


async def test_a_click_on_a_number_dials(demo: Demo, sign_in: SignIn) -> None:
    marco = await sign_in(MARCO, "/contacts")
    await marco.get_by_label("Search name, firm or number").fill("emma hargreaves")
    await marco.get_by_role("button", name=EMMA).first.click()
    await marco.get_by_role("button", name="Call +44 7700 900123").click()
    await expect(bar(marco)).to_contain_text(EMMA)
    await _outside_answers(demo, marco, "102")
    await control(marco, "Hang up").click()
    await expect(bar(marco)).to_have_count(0)


async def test_a_telephone_link_asks_first(demo: Demo, sign_in: SignIn) -> None:
    marco = await sign_in(MARCO, "/?dial=tel:%2B441632960123")
    question = marco.get_by_role("dialog", name="Call this number?")
    await expect(question).to_contain_text(EMMA)
    await expect(question).to_contain_text("+44 1632 960123")
    await question.get_by_role("button", name="Call", exact=True).click()
    await expect(question).to_have_count(0)
    await expect(bar(marco)).to_contain_text(EMMA)
    assert "dial" not in marco.url


async def test_a_busy_number_says_so(demo: Demo, sign_in: SignIn) -> None:
    giulia = await sign_in(GIULIA, "/?dial=tel:%2B442079460999")
    await giulia.get_by_role("button", name="Call", exact=True).click()
    await expect(bar(giulia)).to_be_visible()
    await demo.pbx("far", at="101", does="busy")
    await expect(bar(giulia)).to_have_attribute("data-state", "busy")
    await expect(bar(giulia)).to_contain_text("Busy")
    await control(giulia, "Hang up").click()
    await expect(bar(giulia)).to_have_count(0)


async def test_do_not_disturb_and_forwarding_are_seen_by_both(demo: Demo, sign_in: SignIn) -> None:
    marco, giulia = await sign_in(MARCO), await sign_in(GIULIA, "/settings")
    switch = giulia.get_by_role("switch", name="Do not disturb")
    await giulia.locator("label", has_text="Do not disturb").click()
    await expect(switch).to_be_checked()
    await expect(tile(marco, "Giulia Fornaci")).to_have_attribute("data-presence", "dnd")
    await giulia.locator("label", has_text="Do not disturb").click()
    await expect(switch).not_to_be_checked()
    await expect(tile(marco, "Giulia Fornaci")).to_have_attribute("data-presence", "available")
    await ask_whom(giulia, "Forward all calls to", "mar", "Marco Degano")
    await expect(giulia.get_by_text("Always")).to_be_visible()
    await demo.call(EMMA_NUMBER, "101")
    await expect(banner(marco)).to_contain_text("redirected from Giulia Fornaci")
    await answer(marco)
    await giulia.get_by_role("button", name="Switch off").click()
    await expect(giulia.get_by_text("Always")).to_have_count(0)


async def test_a_number_with_a_word_is_dialled_and_forwarded_to(demo: Demo, sign_in: SignIn) -> None:
    giulia, digits = await sign_in(GIULIA), re.compile(r"\+39 800 ?356 ?937")
    await giulia.keyboard.press("Control+k")
    await giulia.get_by_role("combobox", name="Search people").fill("800-FLOWER")
    await giulia.get_by_role("option", name="Call 800-FLOWER").click()
    await expect(bar(giulia)).to_contain_text(digits)
    await control(giulia, "Hang up").click()
    await expect(bar(giulia)).to_have_count(0)
    await giulia.get_by_test_id("own-lines").click()
    await ask_whom(giulia, "Forward all calls to", "+800 freecall", "+800 freecall")
    await expect(giulia.get_by_test_id("own-lines")).to_contain_text("+800 3733 2255")
    await giulia.get_by_role("button", name="Switch off").click()
    await expect(giulia.get_by_test_id("own-lines")).not_to_have_attribute("data-state", "amber")


async def test_what_is_set_at_the_telephone_is_seen_in_the_browser(demo: Demo, sign_in: SignIn) -> None:
    giulia = await sign_in(GIULIA, "/settings")
    await demo.pbx("dnd", at="101", on=True)
    await expect(giulia.get_by_role("switch", name="Do not disturb")).to_be_checked()
    await demo.pbx("dnd", at="101", on=False)
    await expect(giulia.get_by_role("switch", name="Do not disturb")).not_to_be_checked()
    await demo.pbx("messages", at="101", count=2)
    await expect(giulia.get_by_text("1 message")).to_be_visible()
    await demo.pbx("messages", at="101", count=0)
    await expect(giulia.get_by_text("1 message")).to_have_count(0)


async def test_own_presence_is_set_with_a_note(demo: Demo, sign_in: SignIn) -> None:
    marco, giulia = await sign_in(MARCO), await sign_in(GIULIA)
    await giulia.get_by_test_id("own-presence").click()
    await giulia.get_by_label("Note", exact=True).fill("At the dentist")
    await giulia.get_by_role("button", name="Away", exact=True).click()
    await expect(tile(marco, "Giulia Fornaci")).to_have_attribute("data-presence", "away")
    await expect(tile(marco, "Giulia Fornaci")).to_contain_text("At the dentist")
    await giulia.get_by_test_id("own-presence").click()
    await giulia.get_by_role("button", name="Automatic").click()
    await expect(tile(marco, "Giulia Fornaci")).to_have_attribute("data-presence", "available")
    await expect(window(giulia)).to_have_count(0)
