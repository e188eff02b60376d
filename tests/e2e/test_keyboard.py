"""A whole call without a mouse."""

import re

from playwright.async_api import Browser, Locator, Page, expect
from tests.e2e.people import (
    ADMIN,
    ELENA,
    EMMA,
    EMMA_NUMBER,
    GEORGE,
    GEORGE_NUMBER,
    GIULIA,
    MARCO,
    answer,
    api,
    banner,
    bar,
    deal_with_missed,
    window,
)
from tests.e2e.staging import Demo, SignIn

FOCUS_MOST = 80


async def _reach(page: Page, target: Locator, key: str = "Tab") -> None:
    """Move the focus there, as somebody does who has no mouse; it has to be seen there."""
    for _ in range(FOCUS_MOST):
        await page.keyboard.press(key)
        if await target.evaluate("(element) => element === document.activeElement"):
            break
    await expect(target).to_be_focused()
    style = await target.evaluate("(element) => ((now) => [now.outlineStyle, now.outlineWidth])(getComputedStyle(element))")
    assert style[0] != "none"
    assert style[1] != "0px"


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
    await expect(page.get_by_text(f"Call: {EMMA}")).to_be_visible()
    await keys.press("Enter")
    await expect(bar(page)).to_have_attribute("data-state", "ringback")
    await keys.press("Alt+e")
    await expect(bar(page)).to_have_count(0)
    await demo.call(EMMA_NUMBER, "102")
    await expect(banner(page)).to_be_visible()
    await keys.press("Enter")
    await expect(bar(page)).to_have_attribute("data-state", "connected")
    note = window(page).get_by_role("textbox").first
    await _reach(page, note, "Shift+Tab")  # from the end of the page: the window of the call is there
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


async def test_consult_transfer_decline_and_deflect_by_keys(demo: Demo, sign_in: SignIn) -> None:
    marco, elena, giulia = await sign_in(MARCO), await sign_in(ELENA), await sign_in(GIULIA)
    keys = marco.keyboard
    await demo.call(EMMA_NUMBER, "102")
    await answer(marco)
    await keys.press("Alt+c")
    await expect(marco.get_by_role("combobox", name="Consult whom")).to_be_focused()
    await keys.type("elena")
    await expect(marco.get_by_role("option", name="Elena Zuliani")).to_have_attribute("aria-selected", "true")
    await keys.press("Enter")
    await answer(elena)
    await expect(window(marco).get_by_label("Elena Zuliani")).to_have_attribute("data-state", "connected")
    await keys.press("Alt+t")
    await expect(bar(elena)).to_contain_text(EMMA)
    await expect(bar(marco)).to_have_count(0)
    await demo.hang_up_all()
    await demo.call(GEORGE_NUMBER, "102")
    await expect(banner(marco)).to_contain_text(GEORGE)
    await keys.press("d")
    await expect(marco.get_by_role("combobox", name="Deflect to")).to_be_focused()
    await keys.type("giulia")
    await expect(marco.get_by_role("option", name="Giulia Fornaci")).to_have_attribute("aria-selected", "true")
    await keys.press("Enter")
    await expect(banner(giulia)).to_contain_text(GEORGE)
    await giulia.keyboard.press("Escape")
    await expect(banner(giulia)).to_have_count(0)


async def test_a_missed_call_is_dealt_with_by_keys(demo: Demo, sign_in: SignIn) -> None:
    marco = await sign_in(MARCO)
    await deal_with_missed(marco)
    await demo.call(GEORGE_NUMBER, "102")
    await expect(banner(marco)).to_be_visible()
    await demo.pbx("far", at="102", does="hang-up")
    await expect(marco.get_by_label("1 missed call")).to_be_visible()
    await marco.keyboard.press("g")
    await marco.keyboard.press("j")
    row = marco.get_by_test_id("journal-row").first
    await expect(row).to_contain_text(GEORGE)
    await _reach(marco, row.get_by_role("button", name="Mark as done"))
    await marco.keyboard.press("Enter")
    await expect(marco.get_by_label("1 missed call")).to_have_count(0)
    await _reach(marco, row.get_by_role("button").first, "Shift+Tab")
    await marco.keyboard.press("Enter")
    note = row.get_by_label("Note about this call")
    await _reach(marco, note)
    await marco.keyboard.type("Called back by keys")
    await expect(row).to_contain_text("Saved")


async def _think_again(page: Page, name: str, sure: str, ask: str = "Delete") -> None:
    """Delete by keys alone, after going back once; the focus is always somewhere."""
    asking = page.get_by_role("button", name=ask, exact=True)
    await asking.focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Cancel", exact=True)).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(asking).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Cancel", exact=True)).to_be_focused()
    await page.keyboard.press("Shift+Tab")
    await expect(page.get_by_role("button", name=f"{sure} {name}")).to_be_focused()
    await page.keyboard.press("Enter")


async def test_the_focus_goes_on_when_something_is_deleted(sign_in: SignIn) -> None:
    page = await sign_in(ADMIN, "/admin/ldap/users")
    root = page.url.split("/admin")[0]
    for name in ("focus-1", "focus-2"):
        await api(page, "PUT", f"/admin/ldap/users/{name}", {"name": name, "password": "a long enough password"}, new=True)
        await api(page, "POST", "/admin/contacts/books", {"name": name})
        await api(page, "PUT", f"/admin/phonebooks/fleets/{name}", {"name": name}, new=True)
    await page.reload()
    await page.get_by_role("button", name="focus-1", exact=True).click()
    await _think_again(page, "focus-1", "Really delete")
    rest = page.get_by_role("button", name="focus-2", exact=True)
    await expect(rest).to_be_focused()
    await page.get_by_role("checkbox", name="Choose focus-2").check()
    await page.get_by_role("button", name="Deactivate").press("Enter")
    await expect(rest).to_be_focused()
    await rest.click()
    await _think_again(page, "focus-2", "Really delete")
    await expect(page.get_by_role("main").get_by_role("button", name="Add user").first).to_be_focused()

    await page.goto(f"{root}/admin/books")
    await page.get_by_role("button", name="focus-1", exact=True).click()
    await _think_again(page, "focus-1", "Really delete")
    await expect(page.get_by_role("button", name="focus-2", exact=True)).to_be_focused()
    await api(page, "DELETE", "/admin/contacts/books/focus-2")

    await page.goto(f"{root}/admin/ldap/fleets")
    for key in ("Site 1", "Site 2"):
        await api(page, "POST", "/admin/phonebooks/fleets/focus-1/keys", {"name": key})
    await page.reload()
    await page.get_by_role("button", name="focus-1", exact=True).click()
    for key in ("Site 1", "Site 2"):
        await _think_again(page, key, "Really revoke", f"Revoke {key}")
        rest = page.get_by_role("button", name="Revoke Site 2") if key == "Site 1" else page.get_by_label("Name of the key")
        await expect(rest).to_be_focused()
    await _think_again(page, "focus-1", "Really delete")
    await expect(page.get_by_role("button", name="focus-2", exact=True)).to_be_focused()
    await api(page, "DELETE", "/admin/phonebooks/fleets/focus-2")


async def test_the_focus_goes_on_from_connectors_locations_and_pages_that_go(sign_in: SignIn) -> None:
    page = await sign_in(ADMIN, "/admin/locations")
    root = page.url.split("/admin")[0]
    [location, *_] = (await api(page, "GET", "/admin/locations"))["items"]
    await api(page, "POST", "/admin/locations", {**location, "id": "", "name": "Focus"})
    await page.reload()
    await page.get_by_label("Location", exact=True).select_option("Focus")
    await _think_again(page, "Focus", "Really delete")
    await expect(page.get_by_label("Location", exact=True)).to_be_focused()
    await expect(page.get_by_text("Not saved yet")).to_have_count(0)
    await page.get_by_role("button", name="Undo").press("Enter")
    await expect(page.get_by_label("Location", exact=True)).to_be_focused()
    await _think_again(page, "Focus", "Really delete")
    await expect(page.get_by_text("Focus has been deleted.")).to_be_visible()

    [link] = (await api(page, "GET", "/admin/connectors"))["items"]
    other = {key: link[key] for key in ("kind", "location_id", "settings")}
    await api(page, "POST", "/admin/connectors", {**other, "name": "Focus", "enabled": False})
    await page.goto(f"{root}/admin/connectors")
    await page.get_by_role("button", name="Focus").click()
    await _think_again(page, "Focus", "Really delete")
    await expect(page.get_by_test_id("connector-demo-pbx").get_by_role("button").first).to_be_focused()

    made = await api(page, "POST", "/admin/exports", {"name": "Focus", "kind": "csv", "books": ["customers"]})
    await page.goto(f"{root}/admin/exports/{made['id']}")
    await _think_again(page, "Focus", "Really delete")
    await expect(page.get_by_role("main")).to_be_focused()
