"""Contacts made by hand."""

from playwright.async_api import expect
from tests.e2e.people import MARCO, banner, bar
from tests.e2e.staging import Demo, SignIn

STRANGER = "+442079460997"


async def test_a_stranger_becomes_a_contact_during_the_call(demo: Demo, sign_in: SignIn) -> None:
    marco = await sign_in(MARCO)
    await demo.call(STRANGER, "102")
    await banner(marco).get_by_role("button", name="Create contact").click()
    await marco.get_by_label("Last name").fill("Whitfield")
    await marco.get_by_label("Firm", exact=True).fill("Whitfield & Daughters")
    await marco.get_by_role("button", name="Save contact").click()
    await expect(marco.get_by_role("heading", name="Whitfield")).to_be_visible()
    await demo.hang_up_all()
    await demo.call(STRANGER, "102")
    await expect(banner(marco)).to_contain_text("Whitfield & Daughters")
    await expect(bar(marco)).to_have_count(0)
