"""What tells of a call outside the page: the desktop's notification, words for screen readers, links of other programs."""

from pathlib import Path

from playwright.async_api import BrowserContext, Page, async_playwright, expect
from tests.e2e.people import EMMA, EMMA_NUMBER, FIRM, MARCO, answer, banner, bar
from tests.e2e.staging import CHROMIUM, SWITCHES, Demo, SignIn

WATCHED = """
window.told = [];
window.Notification = class extends Notification {
  constructor(title, options) {
    super(title, options);
    told.push({ title, body: options.body, note: this, closed: false });
  }
  close() {
    super.close();
    told.find(({ note }) => note === this).closed = true;
  }
};
"""
"""The browser's own notifications, and what was said in them."""


async def _told(page: Page) -> list[dict[str, object]]:
    found: list[dict[str, object]] = await page.evaluate("told.map(({ title, body, closed }) => ({ title, body, closed }))")
    return found


async def _until_told(page: Page, number: int, closed: bool = False) -> None:
    """So many notifications there are, and whether the last one is put away."""
    words = "({ number, closed }) => told.length === number && told.at(-1).closed === closed"
    await page.wait_for_function(words, arg={"number": number, "closed": closed}, polling=20)


async def _hide(page: Page, hidden: bool) -> None:
    """Another window lies over it, as far as the page can tell (without a screen Chromium never says so)."""
    state = "hidden" if hidden else "visible"
    await page.evaluate(f"Object.defineProperty(document, 'visibilityState', {{ get: () => '{state}', configurable: true }})")
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


async def test_a_call_while_the_page_is_hidden_is_told_by_the_desktop(demo: Demo, sign_in: SignIn) -> None:
    marco = await sign_in(MARCO, permissions=["notifications"])
    await marco.evaluate(f"() => {{ {WATCHED} }}")
    await demo.call(EMMA_NUMBER, "102")
    await expect(banner(marco)).to_be_visible()
    assert await _told(marco) == []  # who looks at the page needs no more
    await demo.hang_up_all()
    await expect(banner(marco)).to_have_count(0)
    await _hide(marco, True)
    await demo.call(EMMA_NUMBER, "102")
    await _until_told(marco, 1)
    words = {"title": f"{EMMA}, {FIRM}", "body": "Incoming call · +44 1632 960123", "closed": False}
    assert await _told(marco) == [words]
    await demo.pbx("answer", at="102")
    await _until_told(marco, 1, closed=True)
    await demo.hang_up_all()
    await expect(bar(marco)).to_have_count(0)
    await demo.call(EMMA_NUMBER, "102")
    await _until_told(marco, 2)
    await _hide(marco, False)
    await marco.evaluate("told[1].note.dispatchEvent(new Event('click'))")
    await _until_told(marco, 2, closed=True)
    await answer(marco)


async def test_notifications_are_offered_once_after_the_first_call(demo: Demo, sign_in: SignIn) -> None:
    marco = await sign_in(MARCO, "/settings")
    if await marco.evaluate("Notification.permission") == "denied":
        await marco.evaluate("Object.defineProperty(Notification, 'permission', { get: () => 'default' })")
    await marco.get_by_role("link", name="Monitor").click()
    offer = marco.get_by_test_id("notify-offer")
    await expect(offer).to_have_count(0)
    await demo.call(EMMA_NUMBER, "102")
    await expect(banner(marco)).to_be_visible()
    await expect(offer).to_have_count(0)
    await demo.hang_up_all()
    await offer.get_by_role("button", name="Not now").click()
    await expect(offer).to_have_count(0)
    await marco.reload()
    await demo.call(EMMA_NUMBER, "102")
    await expect(banner(marco)).to_be_visible()
    await demo.hang_up_all()
    await expect(banner(marco)).to_have_count(0)
    await expect(offer).to_have_count(0)


async def test_a_call_is_announced_to_screen_readers_and_takes_no_focus(demo: Demo, sign_in: SignIn) -> None:
    marco = await sign_in(MARCO, "/journal")
    field = marco.get_by_label("Search name, number, note")
    await field.press_sequentially("terr")
    await demo.call(EMMA_NUMBER, "102")
    said = f"Incoming call from {EMMA}, {FIRM}. Enter answers, Escape declines."
    await expect(marco.locator("[aria-live=assertive]").filter(has_text=said)).to_have_count(1)
    await expect(field).to_be_focused()
    await marco.keyboard.press("Enter")  # still typing: nothing is answered
    await marco.keyboard.type("acotta")
    await expect(field).to_have_value("terracotta")
    await expect(banner(marco)).to_be_visible()
    await expect(bar(marco)).to_have_count(0)


async def _signed_in(context: BrowserContext, demo: Demo) -> Page:
    page = context.pages[0]
    await page.goto(demo.url + "/settings")
    await page.get_by_label("Login").fill(MARCO)
    await page.locator("input[type=password]").fill(demo.passwords[MARCO])
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    return page


async def test_the_browser_hands_telephone_links_of_other_pages_to_the_client(demo: Demo, tmp_path: Path) -> None:
    async with async_playwright() as playwright:
        # Only a profile that lasts remembers who opens which links.
        context = await playwright.chromium.launch_persistent_context(
            tmp_path, executable_path=CHROMIUM, args=SWITCHES, locale="en-GB"
        )
        page = await _signed_in(context, demo)
        tools = await context.new_cdp_session(page)
        await tools.send("Page.setRPHRegistrationMode", {"mode": "autoAccept"})  # in place of the person who says yes
        await page.get_by_role("button", name="Open telephone links here").click()
        mail = await context.new_page()
        await mail.set_content('<a href="tel:+441632960123">Emma</a>')
        await mail.get_by_role("link").click()
        question = mail.get_by_role("dialog", name="Call this number?")
        await expect(question).to_contain_text(EMMA)
        await question.get_by_role("button", name="Call", exact=True).click()
        await expect(bar(mail)).to_contain_text(EMMA)
        await context.close()
