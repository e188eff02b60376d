"""A whole call without a mouse."""

import re

from playwright.async_api import Browser, expect
from tests.e2e.people import EMMA, EMMA_NUMBER, MARCO, banner, bar, window
from tests.e2e.staging import Demo


async def test_sign_in_dial_answer_note_hang_up_by_keys(demo: Demo, browser: Browser) -> None:
    context = await browser.new_context(locale="en-GB")
    page = await context.new_page()
    keys = page.keyboard
    await page.goto(demo.url)
    await expect(page.get_by_label("Login")).to_be_focused()
    await keys.type(MARCO)
    await keys.press("Tab")
    await keys.type(demo.passwords[MARCO])
    await keys.press("Enter")
    await expect(page.locator("li.tile").first).to_be_visible()
    await keys.press("Control+k")
    await expect(page.get_by_role("combobox")).to_be_focused()
    await keys.type("emma harg")
    await expect(page.get_by_role("option", name=EMMA).first).to_have_attribute("aria-selected", "true")
    await keys.press("Enter")
    await expect(bar(page)).to_have_attribute("data-state", "ringback")
    await keys.press("Alt+e")
    await expect(bar(page)).to_have_count(0)
    await demo.call(EMMA_NUMBER, "102")
    await expect(banner(page)).to_be_visible()
    await keys.press("Enter")
    await expect(bar(page)).to_have_attribute("data-state", "connected")
    note = window(page).get_by_role("textbox").first
    for _ in range(60):
        await keys.press("Shift+Tab")  # from the end of the page: the window of the call is there
        if await note.evaluate("(field) => field === document.activeElement"):
            break
    await keys.type("By keys only")
    await expect(note).to_have_value("By keys only")
    await keys.press("Alt+e")
    await expect(bar(page)).to_have_count(0)
    await expect(window(page).get_by_role("textbox").first).to_have_value("By keys only")
    await expect(window(page)).to_contain_text(re.compile("Saved|Salvata"))
    await keys.press("g")
    await keys.press("j")
    await expect(page.get_by_test_id("journal-row").first).to_contain_text("By keys only")
    await context.close()
