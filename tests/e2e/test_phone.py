"""A telephone's narrow screen: the whole story by touch, with one hand."""

from playwright.async_api import Locator, Page, expect
from tests.e2e.people import (
    ELENA,
    EMMA,
    EMMA_NUMBER,
    GEORGE,
    GEORGE_NUMBER,
    MARCO,
    banner,
    bar,
    control,
    deal_with_missed,
    window,
)
from tests.e2e.staging import Demo, SignIn

PHONE = {"viewport": {"width": 390, "height": 780}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}


async def _tap(target: Locator) -> None:
    """Touch it: it has to be in sight and large enough for a thumb (WCAG 2.2, 2.5.8)."""
    box = await target.bounding_box()
    assert box
    assert min(box["width"], box["height"]) >= 24, box
    await target.tap()


async def _whole(page: Page) -> None:
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_a_day_on_a_narrow_screen(demo: Demo, sign_in: SignIn) -> None:
    marco, elena = await sign_in(MARCO, **PHONE), await sign_in(ELENA)
    await deal_with_missed(marco)
    await demo.call(EMMA_NUMBER, "102")
    await expect(banner(marco)).to_contain_text(EMMA)
    await _whole(marco)
    await _tap(banner(marco).get_by_role("button", name="Answer"))
    await expect(bar(marco)).to_have_attribute("data-state", "connected")
    await _whole(marco)
    await _tap(control(marco, "Hold"))
    await expect(bar(marco)).to_have_attribute("data-state", "hold")
    await _tap(control(marco, "Resume"))
    await expect(bar(marco)).to_have_attribute("data-state", "connected")
    note = window(marco).get_by_label("Note about this call")
    await note.fill("Written with a thumb")
    await expect(window(marco)).to_contain_text("Saved")
    await _tap(control(marco, "Transfer to …"))
    await marco.get_by_role("combobox", name="Transfer to").fill("elena")
    await _tap(marco.get_by_role("option", name="Elena Zuliani").first)
    await expect(banner(elena)).to_contain_text(EMMA)
    await expect(bar(marco)).to_have_count(0)
    await demo.hang_up_all()
    await demo.call(GEORGE_NUMBER, "102")
    await expect(banner(marco)).to_contain_text(GEORGE)
    await demo.pbx("far", at="102", does="hang-up")
    await expect(banner(marco)).to_have_count(0)
    await _tap(marco.get_by_role("link", name="Journal"))
    row = marco.get_by_test_id("journal-row").first
    await expect(row).to_contain_text(GEORGE)
    await _tap(row.get_by_role("button", name="Mark as done"))
    await expect(marco.get_by_label("1 missed call")).to_have_count(0)
    await marco.get_by_label("Search name, number, note").fill("thumb")
    await expect(row).to_contain_text(EMMA)
    await _whole(marco)
    await _tap(marco.get_by_role("link", name="Monitor"))
    await _tap(marco.get_by_role("button", name="Call Elena Zuliani"))
    await expect(banner(elena)).to_contain_text("Marco Degano")
    await _tap(bar(marco).get_by_role("button", name="Hang up"))
    await expect(bar(marco)).to_have_count(0)
