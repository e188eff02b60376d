"""A call goes from one colleague to the other, and both see it."""

from playwright.async_api import Page, expect
from tests.e2e.people import (
    ELENA,
    EMMA,
    EMMA_NUMBER,
    FIRM,
    GEORGE,
    GEORGE_NUMBER,
    GIULIA,
    MARCO,
    answer,
    ask_whom,
    banner,
    bar,
    control,
    doing,
    tile,
    window,
)
from tests.e2e.staging import Demo, SignIn


async def _consulting(demo: Demo, marco: Page, elena: Page) -> None:
    """Marco talks to Emma, holds her, and asks Elena."""
    await demo.call(EMMA_NUMBER, "102")
    await answer(marco)
    await marco.keyboard.press("Alt+c")
    await ask_whom(marco, "Consult whom", "elena", "Elena Zuliani")
    await expect(banner(elena)).to_contain_text("Marco Degano")
    await expect(banner(elena)).to_contain_text("Call from a colleague")
    await answer(elena)
    await _asks(marco)


async def _asks(marco: Page) -> None:
    """Marco's own page knows that he talks to Elena, which it hears of later than hers."""
    await expect(window(marco).get_by_label("Elena Zuliani")).to_have_attribute("data-state", "connected")


async def test_attended_transfer(demo: Demo, sign_in: SignIn) -> None:
    marco, elena = await sign_in(MARCO), await sign_in(ELENA)
    await _consulting(demo, marco, elena)
    await expect(window(marco).get_by_label(EMMA, exact=True)).to_have_attribute("data-state", "hold")
    names = window(marco).locator(".callcard-name")
    whole = await names.evaluate_all("(all) => all.map((one) => one.scrollWidth <= one.clientWidth)")
    assert whole == [True, True], "a name is cut off"
    await control(marco, "Transfer").click()
    await expect(bar(marco)).to_have_count(0)
    await expect(bar(elena)).to_contain_text(EMMA)
    await expect(bar(elena)).to_contain_text(FIRM)
    await expect(tile(marco, "Elena Zuliani")).to_contain_text(f"With {EMMA}")
    await doing(elena, "Marco Degano", "none")
    await marco.get_by_role("link", name="Journal").click()
    row = marco.get_by_test_id("journal-row").first
    await expect(row).to_contain_text(EMMA)
    await expect(row).to_contain_text("Transferred to Elena Zuliani")
    await row.get_by_role("button", name=EMMA).first.click()
    await expect(row.get_by_label("Other legs of this call")).to_contain_text("Marco Degano → Elena Zuliani")
    await elena.get_by_role("link", name="Journal").click()
    theirs = elena.get_by_test_id("journal-row").first
    await expect(theirs).to_contain_text(EMMA)
    await theirs.get_by_role("button", name=EMMA).first.click()
    await expect(theirs.locator("dl")).to_contain_text("Passed on byMarco Degano")
    await expect(theirs.get_by_label("Other legs of this call")).to_contain_text("Marco Degano → Elena Zuliani")


async def test_blind_transfer(demo: Demo, sign_in: SignIn) -> None:
    marco, giulia = await sign_in(MARCO), await sign_in(GIULIA)
    await demo.call(EMMA_NUMBER, "102")
    await answer(marco)
    await control(marco, "Transfer to …").click()
    await ask_whom(marco, "Transfer to", "101", "Giulia Fornaci")
    await expect(bar(marco)).to_have_count(0)
    await expect(banner(giulia)).to_contain_text(EMMA)
    await expect(banner(giulia)).to_contain_text("Marco Degano")
    await answer(giulia)
    await doing(marco, "Giulia Fornaci", "on-the-phone")


async def test_alternate_and_back(demo: Demo, sign_in: SignIn) -> None:
    marco, elena = await sign_in(MARCO), await sign_in(ELENA)
    await _consulting(demo, marco, elena)
    await marco.keyboard.press("Alt+a")
    await expect(bar(elena)).to_have_attribute("data-state", "held-by-other")
    await expect(bar(marco)).to_contain_text(EMMA)
    await expect(bar(marco)).to_contain_text("Elena Zuliani on hold")
    await marco.keyboard.press("Alt+a")
    await expect(bar(elena)).to_have_attribute("data-state", "connected")
    await _asks(marco)
    await control(marco, "Back to the first").click()
    await expect(bar(elena)).to_have_count(0)
    await expect(bar(marco)).to_have_attribute("data-state", "connected")
    await expect(bar(marco)).to_contain_text(EMMA)


async def test_conference(demo: Demo, sign_in: SignIn) -> None:
    marco, elena = await sign_in(MARCO), await sign_in(ELENA)
    await _consulting(demo, marco, elena)
    await marco.keyboard.press("Alt+m")
    for page in (marco, elena):
        await expect(bar(page)).to_have_attribute("data-state", "conferenced")
        await expect(window(page)).to_contain_text(EMMA)
    await expect(window(marco).locator(".callcard")).to_have_count(1)
    await doing(elena, "Marco Degano", "conference")
    await marco.keyboard.press("Alt+e")
    await expect(bar(marco)).to_have_count(0)
    await expect(bar(elena)).to_have_attribute("data-state", "connected")
    await expect(bar(elena)).to_contain_text(EMMA)


async def test_transfer_by_dropping_one_call_on_the_other(demo: Demo, sign_in: SignIn) -> None:
    marco, elena = await sign_in(MARCO), await sign_in(ELENA)
    await _consulting(demo, marco, elena)
    held = window(marco).get_by_label(EMMA, exact=True)
    await held.drag_to(window(marco).get_by_label("Elena Zuliani"))
    await expect(bar(elena)).to_contain_text(EMMA)
    await expect(bar(marco)).to_have_count(0)


async def test_a_parked_call_says_where_it_waits_and_is_fetched(demo: Demo, sign_in: SignIn) -> None:
    marco, elena = await sign_in(MARCO), await sign_in(ELENA)
    await demo.call(EMMA_NUMBER, "102")
    await answer(marco)
    await control(marco, "Park").click()
    await expect(bar(marco)).to_have_count(0)
    parked = marco.get_by_test_id("parked-call")
    await expect(parked).to_contain_text(f"{EMMA} · {FIRM}Parked at 790")
    await parked.get_by_role("button", name="Fetch back").click()
    await expect(bar(marco)).to_contain_text(EMMA)
    await expect(bar(marco)).to_have_attribute("data-state", "connected")
    await expect(parked).to_have_count(0)
    await control(marco, "Park").click()
    await expect(parked).to_be_visible()
    await marco.reload()
    await expect(parked).to_contain_text("Parked at 790")
    await elena.keyboard.press("Control+k")
    await elena.get_by_role("combobox").fill("790")
    await expect(elena.get_by_role("option", name="Call 790")).to_be_visible()
    await elena.keyboard.press("Enter")
    await expect(bar(elena)).to_contain_text(EMMA)
    await expect(parked).to_have_count(0)
    await elena.get_by_role("link", name="Journal").click()
    await expect(elena.get_by_test_id("journal-row").first).to_contain_text(EMMA)
    await expect(elena.get_by_test_id("journal-row").filter(has_text="790")).to_have_count(0)


async def test_a_parked_caller_who_hangs_up_waits_no_more(demo: Demo, sign_in: SignIn) -> None:
    marco = await sign_in(MARCO)
    await demo.call(EMMA_NUMBER, "102")
    await answer(marco)
    await control(marco, "Park").click()
    await expect(marco.get_by_test_id("parked-call")).to_be_visible()
    await demo.pbx("far", at="790", does="hang-up")
    await expect(marco.get_by_test_id("parked-call")).to_have_count(0)


async def test_an_internal_call_ends_by_the_other_side(demo: Demo, sign_in: SignIn) -> None:
    marco, elena = await sign_in(MARCO), await sign_in(ELENA)
    await tile(marco, "Elena Zuliani").get_by_role("button", name="Call Elena Zuliani").click()
    await answer(elena)
    await expect(bar(marco)).to_have_attribute("data-state", "connected")
    await demo.pbx("hang-up", at="103")
    await expect(bar(marco)).to_have_count(0)
    await expect(bar(elena)).to_have_count(0)


async def test_the_attendant_transfers_by_typing(demo: Demo, sign_in: SignIn) -> None:
    marco, giulia = await sign_in(MARCO), await sign_in(GIULIA)
    await marco.keyboard.press("g")
    await marco.keyboard.press("a")
    typing = marco.get_by_role("combobox", name="Type a name or extension")
    await expect(typing).to_be_focused()
    await demo.call(GEORGE_NUMBER, "102")
    await expect(banner(marco)).to_contain_text(GEORGE)
    await demo.pbx("answer", at="102")
    await expect(bar(marco)).to_have_attribute("data-state", "connected")
    await typing.press_sequentially("fornaci")
    await typing.press("Enter")
    await expect(banner(giulia)).to_contain_text(GEORGE)
    await expect(bar(marco)).to_have_count(0)


async def test_do_not_disturb_is_one_thing_for_person_and_telephone(demo: Demo, sign_in: SignIn) -> None:
    marco, elena = await sign_in(MARCO), await sign_in(ELENA)
    own, telephone = marco.get_by_test_id("own-presence"), marco.get_by_test_id("own-lines")
    await own.click()
    await marco.get_by_role("button", name="Do not disturb", exact=True).click()
    await expect(telephone).to_have_attribute("data-state", "violet")
    await expect(tile(elena, "Marco Degano")).to_have_attribute("data-presence", "dnd")
    await demo.pbx("dnd", at="102", on=False)
    await expect(own).to_contain_text("Available")
    await expect(tile(elena, "Marco Degano")).to_have_attribute("data-presence", "available")
    await demo.pbx("dnd", at="102", on=True)
    await expect(own).to_contain_text("Do not disturb: set at the telephone")
    await own.click()
    await marco.get_by_role("button", name="Available", exact=True).click()
    await expect(telephone).not_to_have_attribute("data-state", "violet")
    await own.click()
    await marco.get_by_role("button", name="Automatic").click()
    await expect(marco.get_by_role("dialog")).to_have_count(0)
