"""A customer calls: who it is, and what one does with the ringing call."""

import re

import pytest
from playwright.async_api import expect
from tests.e2e.people import (
    DAVIDE,
    ELENA,
    EMMA,
    EMMA_NUMBER,
    FIRM,
    GIULIA,
    LUCA,
    MARCO,
    SARA,
    STRANGER,
    UNKNOWN_AT_FIRM,
    answer,
    api,
    ask_whom,
    banner,
    bar,
    control,
    deal_with_missed,
    doing,
    tile,
    window,
)
from tests.e2e.staging import Demo, SignIn

SHARED_NUMBER = "+442079460733"


async def test_the_banner_says_who_calls_and_the_colleague_sees_it(demo: Demo, sign_in: SignIn) -> None:
    marco, elena = await sign_in(MARCO), await sign_in(ELENA)
    await deal_with_missed(marco)
    await demo.call(EMMA_NUMBER, "102")
    await expect(banner(marco)).to_contain_text(EMMA)
    await expect(banner(marco)).to_contain_text(FIRM)
    await expect(banner(marco)).to_contain_text("960123")
    await expect(banner(marco)).to_contain_text("United Kingdom")
    await expect(marco).to_have_title(f"☎ {EMMA}, {FIRM} · Unisono")
    await doing(elena, "Marco Degano", "ringing")
    await answer(marco)
    await doing(elena, "Marco Degano", "on-the-phone")
    await expect(tile(elena, "Marco Degano")).to_contain_text(f"With {EMMA}")
    await expect(window(marco)).to_contain_text("emma.hargreaves@harrisonceramics.example")
    await marco.keyboard.press("Alt+e")
    await expect(bar(marco)).to_have_count(0)
    await expect(window(marco).get_by_label(f"Call with {EMMA}, ended")).to_be_visible()


async def test_the_banner_shows_the_last_contact(demo: Demo, sign_in: SignIn) -> None:
    marco = await sign_in(MARCO)
    await demo.call(EMMA_NUMBER, "102")
    await answer(marco)
    await window(marco).get_by_label("Note about this call").fill("Offer 2231 follows")
    await expect(window(marco)).to_contain_text("Saved")
    await demo.pbx("far", at="102", does="hang-up")
    await expect(bar(marco)).to_have_count(0)
    await demo.call(EMMA_NUMBER, "102")
    await expect(banner(marco)).to_contain_text("Offer 2231 follows")


@pytest.mark.parametrize("width", [1280, 760, 390])
async def test_the_banner_leaves_in_reach_what_one_has_at_hand(demo: Demo, sign_in: SignIn, width: int) -> None:
    marco = await sign_in(MARCO)
    await marco.set_viewport_size({"width": width, "height": 800})
    await demo.call(EMMA_NUMBER, "102")
    await expect(banner(marco)).to_be_visible()
    for place in ("Search people", "My telephones"):
        await marco.get_by_role("button", name=place).click(trial=True)
    await marco.get_by_test_id("own-presence").click()
    await marco.get_by_role("dialog").get_by_role("button", name="Away", exact=True).click()
    await expect(marco.get_by_role("dialog")).to_have_count(0)
    await api(marco, "PUT", "/me/presence", {"state": None})
    await banner(marco).get_by_role("button", name="Answer").click()
    await expect(bar(marco)).to_have_attribute("data-state", "connected")
    await demo.call(STRANGER, "102")
    await expect(banner(marco)).to_contain_text("7946 0999")
    await bar(marco).get_by_role("button", name="Hang up").click(trial=True)
    if width > 700:
        for name in ("Hold", "Keypad", "Fold"):
            await control(marco, name).click(trial=True)
    for name in ("Answer", "Decline", "Deflect"):
        await expect(banner(marco).get_by_role("button", name=name)).to_be_in_viewport(ratio=1)


async def test_hold_and_digits(demo: Demo, sign_in: SignIn) -> None:
    marco = await sign_in(MARCO)
    await demo.call(EMMA_NUMBER, "102")
    await answer(marco)
    await marco.keyboard.press("Alt+h")
    await expect(bar(marco)).to_have_attribute("data-state", "hold")
    await control(marco, "Resume").click()
    await expect(bar(marco)).to_have_attribute("data-state", "connected")
    await control(marco, "Keypad").click()
    await window(marco).get_by_role("button", name="4", exact=True).click()
    await marco.keyboard.press("2")
    await expect(window(marco).get_by_label("Digits sent")).to_have_value("42")
    await expect(window(marco).locator(".notice.error")).to_have_count(0)


async def test_decline(demo: Demo, sign_in: SignIn) -> None:
    marco = await sign_in(MARCO)
    await demo.call(EMMA_NUMBER, "102")
    await expect(banner(marco)).to_be_visible()
    await marco.keyboard.press("Escape")
    await expect(banner(marco)).to_have_count(0)
    await expect(bar(marco)).to_have_count(0)


async def test_deflect_by_typing_a_name(demo: Demo, sign_in: SignIn) -> None:
    marco, giulia = await sign_in(MARCO), await sign_in(GIULIA)
    await demo.call(EMMA_NUMBER, "102")
    await expect(banner(marco)).to_be_visible()
    await marco.keyboard.press("d")
    await ask_whom(marco, "Deflect to", "giu", "Giulia Fornaci")
    await expect(banner(marco)).to_have_count(0)
    await expect(banner(giulia)).to_contain_text(EMMA)


async def test_pick_up_from_a_colleague(demo: Demo, sign_in: SignIn) -> None:
    marco, elena = await sign_in(MARCO), await sign_in(ELENA)
    await demo.call(EMMA_NUMBER, "102")
    await expect(banner(marco)).to_be_visible()
    await elena.get_by_role("button", name="Pick up the call of Marco Degano").click()
    await expect(bar(elena)).to_contain_text(EMMA)
    await expect(bar(elena)).to_have_attribute("data-state", "connected")
    await expect(banner(marco)).to_have_count(0)


async def test_group_pick_up_by_a_key(demo: Demo, sign_in: SignIn) -> None:
    marco, elena = await sign_in(MARCO), await sign_in(ELENA)
    await demo.call(EMMA_NUMBER, "102")
    await expect(banner(marco)).to_be_visible()
    await elena.keyboard.press("Alt+p")
    await expect(bar(elena)).to_contain_text(EMMA)
    await expect(bar(elena)).to_have_attribute("data-state", "connected")
    await expect(banner(marco)).to_have_count(0)


async def test_who_of_several_contacts_is_meant_is_one_digit(demo: Demo, sign_in: SignIn) -> None:
    marco = await sign_in(MARCO)
    for name in ("Adela", "Bruno"):
        number = {"kind": "business", "raw": SHARED_NUMBER}
        await api(marco, "POST", "/contacts", {"last_name": name, "company": "Shared Desk Ltd", "numbers": [number]})
    await demo.call(SHARED_NUMBER, "102")
    choices = banner(marco).get_by_role("list", name="Choose who it is").get_by_role("button")
    await expect(choices).to_have_count(2)
    shown, other = banner(marco).locator(".banner-name"), choices.nth(1)
    await expect(choices.nth(0)).to_have_attribute("aria-pressed", "true")
    await marco.keyboard.press("2")
    await expect(other).to_have_attribute("aria-pressed", "true")
    chosen = await other.locator(".grow").evaluate("(words) => words.firstChild.textContent.trim()")
    await expect(shown).to_have_text(chosen)
    await demo.hang_up_all()
    await expect(banner(marco)).to_have_count(0)
    await demo.call(SHARED_NUMBER, "102")
    await expect(shown).to_have_text(chosen)
    await expect(marco).to_have_title(re.compile(chosen))


async def test_an_unknown_extension_of_a_known_firm(demo: Demo, sign_in: SignIn) -> None:
    marco = await sign_in(MARCO)
    await demo.call(UNKNOWN_AT_FIRM, "102")
    await expect(banner(marco)).to_contain_text(FIRM)
    await expect(banner(marco)).to_contain_text("960128")


async def test_a_caller_without_number_and_a_stranger(demo: Demo, sign_in: SignIn) -> None:
    marco = await sign_in(MARCO)
    await demo.call("", "102")
    await expect(banner(marco)).to_contain_text("Number withheld")
    await expect(banner(marco).get_by_role("button", name="Create contact")).to_have_count(0)
    await demo.hang_up_all()
    await expect(banner(marco)).to_have_count(0)
    await demo.call(STRANGER, "102")
    await expect(banner(marco)).to_contain_text("+44 20 7946 0999")
    await banner(marco).get_by_role("button", name="Create contact").click()
    await expect(marco.get_by_label("Business", exact=True)).to_have_value(STRANGER)


async def test_two_callers_at_once(demo: Demo, sign_in: SignIn) -> None:
    marco = await sign_in(MARCO)
    await demo.call(EMMA_NUMBER, "102")
    await expect(banner(marco)).to_contain_text(EMMA)
    await demo.call(STRANGER, "102")
    await expect(banner(marco)).to_contain_text("7946 0999")
    await banner(marco).get_by_role("button", name="Decline +44").click()
    await expect(banner(marco)).not_to_contain_text("7946 0999")
    await answer(marco)
    await expect(bar(marco)).to_contain_text(EMMA)


async def test_a_queue_call_is_named_and_answered_elsewhere_for_the_others(demo: Demo, sign_in: SignIn) -> None:
    agents = {"105": await sign_in(SARA), "106": await sign_in(DAVIDE)}
    rest = ("107", "108", "204", "205")
    for extension in rest:
        await demo.pbx("dnd", at=extension, on=True)
    await demo.call(EMMA_NUMBER, "600")
    state = (await demo.pbx("state"))["calls"][0]["parties"]
    first = next(party["device"] for party in state if party["device"] in agents)
    second = next(extension for extension in agents if extension != first)
    await expect(banner(agents[first])).to_contain_text("queue Service")
    await demo.pbx("hang-up", at=first)  # rejected: the queue goes on to the next
    await expect(banner(agents[second])).to_contain_text("queue Service")
    await answer(agents[second])
    await expect(banner(agents[first])).to_have_count(0)
    for extension in rest:
        await demo.pbx("dnd", at=extension, on=False)


async def test_a_group_call_rings_at_all_and_ends_with_the_first_answer(demo: Demo, sign_in: SignIn) -> None:
    elena, luca = await sign_in(ELENA), await sign_in(LUCA)
    await demo.call(EMMA_NUMBER, "610")
    await expect(banner(luca)).to_contain_text(EMMA)
    await answer(elena)
    await expect(banner(luca)).to_have_count(0)
    await luca.goto(luca.url + "journal")
    await expect(luca.get_by_test_id("journal-row").first).to_have_attribute("data-outcome", "answered-elsewhere")
    await expect(luca.get_by_test_id("journal-row").first).to_contain_text("Elena Zuliani")
