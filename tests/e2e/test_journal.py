"""What stays of a call: its outcome, the note, and what is still to be done."""

from playwright.async_api import Locator, Page, expect
from tests.e2e.people import (
    EMMA,
    EMMA_NUMBER,
    FIRM,
    GEORGE,
    GEORGE_NUMBER,
    MARCO,
    STRANGER,
    answer,
    banner,
    bar,
    control,
    deal_with_missed,
    window,
)
from tests.e2e.staging import Demo, SignIn


def _first(page: Page) -> Locator:
    return page.get_by_test_id("journal-row").first


async def _missed(demo: Demo, page: Page, caller: str) -> None:
    """Somebody calls and gives up, with the journal on the page: the first row is this call."""
    await demo.call(caller, "102")
    await expect(banner(page)).to_be_visible()
    await expect(_first(page)).to_have_attribute("data-outcome", "running")
    await demo.pbx("far", at="102", does="hang-up")
    await expect(_first(page)).to_have_attribute("data-outcome", "missed")
    await expect(banner(page)).to_have_count(0)


async def test_a_note_written_during_the_call_is_found_later(demo: Demo, sign_in: SignIn) -> None:
    marco = await sign_in(MARCO)
    await demo.call(EMMA_NUMBER, "102")
    await answer(marco)
    await window(marco).get_by_label("Note about this call").fill("wants 40 tiles in terracotta")
    await marco.keyboard.press("Tab")
    await expect(window(marco)).to_contain_text("Saved")
    await control(marco, "Hang up").click()
    await expect(bar(marco)).to_have_count(0)
    note = window(marco).get_by_label("Note about this call")
    async with marco.expect_response("**/api/v1/journal/*"):
        await note.fill("wants 40 tiles in terracotta, by Friday")
    await expect(window(marco)).to_contain_text("Saved")
    await expect(note).to_have_value("wants 40 tiles in terracotta, by Friday")
    await marco.get_by_role("link", name="Journal").click()
    await expect(_first(marco)).to_have_attribute("data-outcome", "answered")
    await marco.get_by_label("Search name, number, note").fill("terracotta")
    await expect(marco.get_by_test_id("journal-row")).to_have_count(1)
    await expect(_first(marco)).to_contain_text("by Friday")
    await expect(_first(marco)).to_contain_text(FIRM)


async def test_a_missed_call_stands_out_until_done(demo: Demo, sign_in: SignIn) -> None:
    marco = await sign_in(MARCO, "/journal")
    await deal_with_missed(marco)
    await _missed(demo, marco, GEORGE_NUMBER)
    await expect(marco).to_have_title("(1) Unisono")
    await expect(marco.get_by_label("1 missed call")).to_be_visible()
    await expect(marco.get_by_role("button", name="To do")).to_contain_text("1")
    await marco.get_by_role("button", name="To do").click()
    await expect(_first(marco)).to_contain_text(GEORGE)
    await _first(marco).get_by_role("button", name="Mark as done").click()
    await expect(marco.get_by_label("1 missed call")).to_have_count(0)
    await expect(marco).to_have_title("Unisono")
    await expect(marco.get_by_text("No call matches")).to_be_visible()


async def test_calling_back_closes_a_missed_call(demo: Demo, sign_in: SignIn) -> None:
    marco = await sign_in(MARCO, "/journal")
    await deal_with_missed(marco)
    await _missed(demo, marco, EMMA_NUMBER)
    await expect(marco.get_by_label("1 missed call")).to_be_visible()
    await _first(marco).get_by_role("button", name=f"Call {EMMA} back").click()
    await expect(bar(marco)).to_have_attribute("data-state", "ringback")
    await demo.pbx("far", at="102", does="answer")
    await expect(bar(marco)).to_have_attribute("data-state", "connected")
    await expect(marco.get_by_label("1 missed call")).to_have_count(0)


async def test_beside_another_program_a_call_takes_one_row_and_its_note_another(demo: Demo, sign_in: SignIn) -> None:
    marco = await sign_in(MARCO, "/journal", viewport={"width": 760, "height": 900})
    await _missed(demo, marco, GEORGE_NUMBER)
    row = _first(marco)
    box = await row.bounding_box()
    assert box
    assert box["height"] < 60
    await row.get_by_role("button").first.click()
    await row.get_by_label("Note about this call").fill("Beside the other program")
    await expect(row).to_contain_text("Saved")
    await row.get_by_role("button").first.click()
    await expect(row.locator(".journal-note")).to_be_visible()


async def test_filters_and_an_opened_entry(demo: Demo, sign_in: SignIn) -> None:
    marco = await sign_in(MARCO, "/journal")
    await _missed(demo, marco, GEORGE_NUMBER)
    await marco.get_by_role("button", name="Missed", exact=True).click()
    await expect(marco.get_by_test_id("journal-row").and_(marco.locator("[data-outcome=missed]")).first).to_be_visible()
    await expect(marco.get_by_test_id("journal-row").and_(marco.locator("[data-outcome=answered]"))).to_have_count(0)
    await marco.get_by_role("button", name=GEORGE).first.click()
    await expect(_first(marco)).to_contain_text("Marco Degano")
    await _first(marco).get_by_label("Note about this call").fill("Called about the invoice")
    await expect(_first(marco)).to_contain_text("Saved")
    await _first(marco).get_by_role("button", name="Show contact").click()
    await expect(marco.get_by_role("heading", name=GEORGE)).to_be_visible()
    await expect(marco.get_by_label("Contact", exact=True)).to_contain_text("Called about the invoice")


async def test_a_number_outside_that_one_forwards_to_is_written_like_all_others(demo: Demo, sign_in: SignIn) -> None:
    marco = await sign_in(MARCO, "/journal")
    telephone = marco.get_by_test_id("own-lines")
    for number, words in ((STRANGER, "+44 20 7946 0999"), (EMMA_NUMBER, EMMA)):
        await demo.pbx("forward", at="102", to=number)
        await expect(telephone).to_contain_text(words if number is STRANGER else "+44 1632 960123")
        await demo.call(GEORGE_NUMBER, "102")
        await expect(_first(marco)).to_contain_text(f"Forwarded to {words}")
    await demo.pbx("forward", at="102", on=False)
    await expect(telephone).not_to_have_attribute("data-state", "amber")
