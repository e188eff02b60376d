"""Telephone directories: nodes, templates, users and profiles, a query explained; real `ldapsearch` asks the door."""

import asyncio
import json
import shutil
from collections.abc import Callable

import httpx
from playwright.async_api import Locator, Page, expect
from tests.e2e.accessible import violations
from tests.e2e.people import ADMIN, api
from tests.e2e.staging import Demo, SignIn

LDAPSEARCH = shutil.which("ldapsearch") or "/usr/bin/ldapsearch"
PAGE = "/admin/ldap"


async def ask(demo: Demo, base: str, filter_: str, *attributes: str, bind: tuple[str, str] | None = None) -> list[str]:
    """What a telephone would be told: the lines of `ldapsearch`."""
    port = json.loads((demo.folder / "demo.json").read_text())["ldap_port"]
    who = ("-D", bind[0], "-w", bind[1]) if bind else ()
    process = await asyncio.create_subprocess_exec(
        LDAPSEARCH,
        *("-LLL", "-x", "-o", "ldif-wrap=no", "-H", f"ldap://127.0.0.1:{port}", "-b", base, *who, filter_, *attributes),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await process.communicate()
    return [line for line in out.decode().splitlines() if line]


async def until(
    demo: Demo, wanted: Callable[[list[str]], bool], *asked: str, bind: tuple[str, str] | None = None
) -> list[str]:
    """Ask until what is told is as wanted: the door is a process of its own, which hears of what was saved a moment later."""
    found: list[str] = []
    try:
        async with asyncio.timeout(60):
            while not wanted(found := await ask(demo, *asked, bind=bind)):
                pass
    except TimeoutError:
        raise AssertionError(f"at last it told {found}") from None
    return found


def drawer(page: Page) -> Locator:
    return page.get_by_role("dialog")


async def save(page: Page) -> None:
    await drawer(page).get_by_role("button", name="Save").click()
    await expect(drawer(page)).to_have_count(0)


async def pick(page: Page, field: str, choice: str) -> None:
    """Take a value in a field with several values, by keys."""
    await drawer(page).get_by_label(field, exact=True).first.click()
    await page.get_by_role("option", name=choice).first.click()
    await page.keyboard.press("Escape")


async def test_a_node_for_snom_answers_a_real_ldapsearch(demo: Demo, sign_in: SignIn) -> None:
    admin = await sign_in(ADMIN, f"{PAGE}/nodes")
    await admin.get_by_role("button", name="Add node").click()
    form = drawer(admin)
    await form.get_by_label("Name", exact=True).fill("Warehouse")
    await expect(form.get_by_label("Root (base DN)")).to_have_value("ou=warehouse,dc=meta")
    await form.get_by_label("Template", exact=True).first.click()
    await admin.get_by_role("option", name="snom").click()
    await form.get_by_label("Example number").fill("+390481111254")
    await expect(form.get_by_test_id("example-readable")).to_contain_text("+39 (0481)")
    await form.get_by_role("radio", name="Readable +39").check()
    await form.get_by_role("radio", name="last name, first name").check()
    await form.get_by_label("Allowed networks").last.fill("10.0.0.300/8")
    await admin.keyboard.press("Enter")
    await expect(form.get_by_text("10.0.0.300/8 is no IPv4 or IPv6 address.")).to_be_visible()
    await form.get_by_role("button", name="Save").click()
    await expect(form.get_by_label("Allowed networks").last).to_be_focused()
    await form.get_by_label("Allowed networks").last.fill("127.0.0.0/8, 2001:db8::/32")
    await admin.keyboard.press("Enter")
    await expect(form.get_by_role("button", name="Take 2001:db8::/32 away")).to_be_visible()
    await save(admin)
    await expect(admin.get_by_role("row", name="Warehouse")).to_contain_text("snom")
    asked = ("ou=warehouse,dc=meta", "(&(telephoneNumber=*)(sn=moro*))", "cn", "telephoneNumber")
    found = await until(demo, lambda told: told[:1] != [] and told[0].endswith(",ou=customers,ou=warehouse,dc=meta"), *asked)
    assert any(line.startswith("cn: Moro, ") for line in found), found
    assert any(line.startswith("telephoneNumber: +39 (") for line in found), found
    assert await ask(demo, "dc=meta", "(sn=moro*)", "1.1"), "the node that was there stays"

    await admin.get_by_role("button", name="Warehouse").click()
    await form.get_by_role("button", name="Nobody", exact=True).click()
    await expect(form.get_by_label("What will change")).to_contain_text("Telephones without name and password are refused")
    await save(admin)
    await until(demo, lambda told: "Insufficient access (50)" in told, "ou=warehouse,dc=meta", "(sn=moro*)")
    await admin.get_by_role("button", name="Undo").click()
    await expect(admin.get_by_text("Taken back.")).to_be_visible()
    await until(demo, lambda told: any("cn: Moro, " in line for line in told), "ou=warehouse,dc=meta", "(sn=moro*)", "cn")
    await admin.get_by_role("button", name="Warehouse").click()
    await form.get_by_role("button", name="Delete").click()
    await form.get_by_role("button", name="Really delete Warehouse").click()
    await expect(admin.get_by_role("row", name="Warehouse")).to_have_count(0)
    await until(demo, lambda told: "No such object (32)" in told, "ou=warehouse,dc=meta", "(sn=moro*)")


async def test_a_user_with_a_profile_sees_only_their_book(demo: Demo, sign_in: SignIn) -> None:
    admin = await sign_in(ADMIN, f"{PAGE}/users")
    await api(admin, "POST", "/contacts", {"first_name": "Zita", "last_name": "Only", "numbers": []})
    await admin.get_by_role("button", name="Add user").first.click()
    await drawer(admin).get_by_label("Signs in as", exact=True).fill("door-phone")
    await drawer(admin).get_by_label("New password", exact=True).fill("let me ring the bell")
    await save(admin)
    row = admin.get_by_role("row", name="door-phone")
    await expect(row).to_contain_text("no profile: sees nothing")
    bind = ("door-phone", "let me ring the bell")
    await until(demo, lambda told: told == [], "dc=meta", "(sn=*)", "cn", bind=bind)

    await admin.goto(f"{demo.url}{PAGE}/profiles")
    await admin.get_by_role("button", name="Add profile").first.click()
    await drawer(admin).get_by_label("Name", exact=True).fill("Doors")
    await pick(admin, "Books", "Own contacts")
    await pick(admin, "LDAP users", "door-phone")
    await save(admin)
    seen = await until(demo, lambda told: "cn: Zita Only" in told, "dc=meta", "(sn=*)", "cn", bind=bind)
    names = [line for line in seen if line.startswith("cn")]
    assert await ask(demo, "dc=meta", "(sn=moro*)", bind=bind) == []
    await admin.get_by_role("region", name="What somebody sees").get_by_label("Who").first.click()
    await admin.get_by_role("option", name="door-phone").click()
    await expect(admin.get_by_test_id("sight")).to_contain_text(f"Sees {len(names)} contact")
    await expect(admin.get_by_test_id("sight")).to_contain_text("By the profiles: Doors.")

    await admin.get_by_role("button", name="Doors").click()
    await drawer(admin).get_by_role("button", name="Delete").click()
    await drawer(admin).get_by_role("button", name="Really delete Doors").click()
    await expect(drawer(admin)).to_contain_text("These still have this profile: door-phone. Take it from them first")
    await drawer(admin).get_by_label("LDAP users", exact=True).first.click()
    await admin.keyboard.press("Backspace")
    await admin.keyboard.press("Escape")
    await expect(drawer(admin)).to_contain_text("door-phone no longer sees Own contacts by this profile.")
    await save(admin)
    await expect(admin.get_by_test_id("sight")).to_contain_text("Sees 0 contacts.")
    await admin.get_by_role("button", name="Doors").click()
    await drawer(admin).get_by_role("button", name="Delete").click()
    await drawer(admin).get_by_role("button", name="Really delete Doors").click()
    await expect(admin.get_by_role("button", name="Doors")).to_have_count(0)
    await admin.goto(f"{demo.url}{PAGE}/users")
    await row.get_by_role("button").click()
    await drawer(admin).get_by_role("button", name="Delete").click()
    await drawer(admin).get_by_role("button", name="Really delete door-phone").click()
    await expect(row).to_have_count(0)
    refused = "Invalid credentials"
    await until(demo, lambda told: any(refused in line for line in told), "dc=meta", "(sn=*)", bind=bind)
    await admin.goto(f"{demo.url}{PAGE}")
    await expect(admin.get_by_label("Refused sign-ins")).to_contain_text("door-phone")


async def test_a_query_is_explained_step_by_step(sign_in: SignIn) -> None:
    admin = await sign_in(ADMIN, f"{PAGE}/test")
    await admin.get_by_role("button", name="Yealink").click()
    await admin.get_by_label("Number as it rings").fill("0481")
    await admin.get_by_role("button", name="(|(telephoneNumber=0481*)(mobile=0481*)(ipPhone=0481*))").click()
    answer = admin.get_by_test_id("ldap-answer")
    await expect(answer).to_contain_text("cut at the limit of hits")
    await expect(answer).to_contain_text("telephoneNumber, mobile")
    await expect(answer.locator(".plan")).to_contain_text("begins with the digits +390481")
    await expect(answer.locator(".plan")).to_contain_text("by index")
    await expect(answer.get_by_label("LDIF", exact=True)).to_contain_text("telephoneNumber: +390481")
    field = admin.get_by_label("Filter, as the telephone sends it")
    await field.fill("(|(cn=ros*)(sn=ros*)")
    await field.press("Enter")
    await expect(answer).to_contain_text("mended")
    await field.fill("(|(cn=a*)(sn))")
    await field.press("Enter")
    await expect(admin.get_by_role("alert").filter(has_text="At character 11.")).to_be_visible()
    await expect(admin.locator(".wrong-place mark")).to_have_text("s")
    assert await field.evaluate("(box) => [box.selectionStart, box.selectionEnd]") == [10, 11]


async def test_a_template_is_read_from_a_file_changed_and_made_ready_again(sign_in: SignIn) -> None:
    admin = await sign_in(ADMIN, f"{PAGE}/templates")
    mapping = '<QueryFilterMapping><Row From="gsm" To="mobile"/></QueryFilterMapping>'
    file = {"name": "gate.termxml", "mimeType": "text/xml", "buffer": f'<Template name="Gate">{mapping}</Template>'.encode()}
    await admin.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    await admin.get_by_role("button", name="Gate").click()
    table = drawer(admin).get_by_role("table", name="Attributes in filters")
    await expect(table.get_by_label("Telephone 1")).to_have_value("gsm")
    await expect(table.get_by_label("Ours 1")).to_have_value("mobile")
    await admin.keyboard.press("Escape")
    await admin.get_by_role("button", name="Undo").click()
    await expect(admin.get_by_role("row", name="Gate")).to_have_count(0)
    row = admin.get_by_role("row", name="Polycom")
    await row.get_by_role("button").click()
    await drawer(admin).get_by_role("button", name="Add row").nth(1).click()
    rules = drawer(admin).get_by_role("table", name="Values in filters")
    await rules.get_by_label("Search (regular expression) 1").fill("(")
    await drawer(admin).get_by_role("button", name="Save").click()
    await expect(rules.get_by_label("Search (regular expression) 1")).to_have_attribute("aria-invalid", "true")
    await rules.get_by_label("Search (regular expression) 1").fill("^00")
    await save(admin)
    await expect(row).to_contain_text("changed here")
    await row.get_by_role("button").click()
    await drawer(admin).get_by_role("button", name="Back to the ready one").click()
    await drawer(admin).get_by_role("button", name="Really delete Polycom").click()
    await expect(row).to_contain_text("built in")


async def test_a_revoked_fleet_key_opens_nothing(demo: Demo, sign_in: SignIn) -> None:
    admin = await sign_in(ADMIN, f"{PAGE}/fleets")
    await admin.get_by_role("button", name="Add fleet").first.click()
    await drawer(admin).get_by_label("Name", exact=True).fill("Desks")
    await save(admin)
    row = admin.get_by_role("row", name="Desks")
    await expect(row).to_contain_text("no key: gets nothing")
    await row.get_by_role("button").click()
    await drawer(admin).get_by_label("Name of the key").fill("Udine")
    await admin.keyboard.press("Enter")
    secret = await drawer(admin).get_by_test_id("fleet-secret").inner_text()
    values = drawer(admin).get_by_role("table", name="What to type into the telephone")
    await expect(values.get_by_role("row", name="Remote URL")).to_contain_text("/phonebooks/desks/menu.xml")
    await expect(values.get_by_role("row", name="Password")).to_contain_text(secret)
    async with httpx.AsyncClient(auth=("any", secret)) as telephone:
        assert "<YealinkIPPhone" in (await telephone.get(f"{demo.url}/phonebooks/desks/menu.xml")).text
        found = (await telephone.get(f"{demo.url}/phonebooks/desks/search", params={"q": "moro"})).json()["items"]
        assert found
        await drawer(admin).get_by_role("button", name="Revoke Udine").click()
        await drawer(admin).get_by_role("button", name="Really revoke Udine").click()
        await expect(drawer(admin).get_by_text("Without a key the devices get nothing.")).to_be_visible()
        assert (await telephone.get(f"{demo.url}/phonebooks/desks/menu.xml")).status_code == 401
    await drawer(admin).get_by_role("button", name="Delete").click()
    await drawer(admin).get_by_role("button", name="Really delete Desks").click()
    await expect(row).to_have_count(0)


async def test_what_names_a_removed_book_says_so_and_what_to_do(demo: Demo, sign_in: SignIn) -> None:
    admin = await sign_in(ADMIN, f"{PAGE}/nodes")
    things = {
        "/admin/ldap/nodes/lost": {"suffix": "ou=gone,dc=meta", "books": ["lost"]},
        "/admin/ldap/profiles/lost": {"name": "Sales", "books": ["lost"]},
        "/admin/phonebooks/fleets/lost": {"name": "Lost", "profile_id": "lost"},
    }
    await api(admin, "POST", "/admin/contacts/books", {"name": "Lost"})
    for path, body in things.items():
        await api(admin, "PUT", path, body, new=True)
    await api(admin, "POST", "/admin/exports", {"name": "Lost", "kind": "csv", "books": ["lost"]})
    await api(admin, "DELETE", "/admin/contacts/books/lost")
    removed, choose = "The address book “lost” was removed.", "Choose others in its place"
    await admin.reload()
    row = admin.get_by_role("row", name="ou=gone")
    await expect(row).to_contain_text(removed)
    await row.get_by_role("button").click()
    await expect(drawer(admin)).to_contain_text(choose)
    await admin.keyboard.press("Escape")
    await admin.goto(f"{demo.url}{PAGE}/profiles")
    await expect(admin.get_by_role("row", name="Sales").first).to_contain_text(removed)
    await expect(admin.get_by_role("row", name="Sales").first).to_contain_text("fleet Lost")
    await admin.goto(f"{demo.url}{PAGE}/fleets")
    row = admin.get_by_role("row", name="Lost")
    await expect(row).to_contain_text("leave it no address book")
    await row.get_by_role("button").click()
    await expect(drawer(admin)).to_contain_text("Choose books in its node or its profile.")
    await admin.goto(f"{demo.url}/admin/exports")
    await expect(admin.get_by_test_id("export-Lost")).to_contain_text(removed)
    await admin.get_by_role("link", name="Lost").click()
    await expect(admin.get_by_role("region", name="Which contacts")).to_contain_text(choose)
    for path in reversed(things):
        await api(admin, "DELETE", path)
    [made] = [each for each in (await api(admin, "GET", "/admin/exports"))["items"] if each["name"] == "Lost"]
    await api(admin, "DELETE", f"/admin/exports/{made['id']}")


async def test_what_to_type_into_a_telephone_is_copied(demo: Demo, sign_in: SignIn) -> None:
    page = await sign_in(ADMIN, PAGE, permissions=["clipboard-read", "clipboard-write"])
    await expect(page.get_by_text("Only on this computer")).to_be_visible()
    await expect(page.locator(".figure", has_text="contacts")).to_contain_text("2,00")
    await page.get_by_role("button", name="Yealink").click()
    values = page.get_by_role("table", name="Values for Yealink")
    port = json.loads((demo.folder / "demo.json").read_text())["ldap_tls_port"]
    await expect(values.get_by_role("row", name="Port")).to_contain_text(str(port))
    await page.get_by_role("switch", name="Over TLS").uncheck(force=True)
    await expect(values.get_by_role("row", name="Port")).not_to_contain_text(str(port))
    await values.get_by_role("button", name="Copy LDAP Number Filter").click()
    await expect(values.get_by_text("Copied")).to_be_visible()
    assert await page.evaluate("navigator.clipboard.readText()") == "(|(telephoneNumber=%)(mobile=%)(ipPhone=%))"
    # As in a page that did not come over https.
    await page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    await values.get_by_role("button", name="Copy Port").click()
    await expect(values.get_by_text("The browser does not allow it")).to_be_visible()


async def test_drawers_and_answers_are_accessible(sign_in: SignIn) -> None:
    page = await sign_in(ADMIN, f"{PAGE}/nodes", bypass_csp=True, reduced_motion="reduce")
    found = {}

    async def look(place: str) -> None:
        if broken := await violations(page):
            found[place] = broken

    async def go(tab: str) -> None:
        await page.get_by_role("navigation", name="Phone directories").get_by_role("link", name=tab).click()

    await page.get_by_role("button", name="Add node").click()
    form = drawer(page)
    await form.get_by_label("Allowed networks").last.fill("10.0.0.0/33")
    await form.get_by_role("radio", name="only these books").check()
    await form.get_by_label("Template", exact=True).first.click()
    await page.get_by_role("option", name="Yealink").click()
    await form.get_by_text("What Yealink translates").click()
    await expect(form.get_by_test_id("example-readable")).not_to_be_empty()
    await form.get_by_role("button", name="Save").click()
    await look("node")
    await page.keyboard.press("Escape")
    await go("Telephone templates")
    await page.get_by_role("button", name="Outlook").click()
    await expect(form.get_by_role("table").first).to_be_visible()
    await look("template")
    await page.keyboard.press("Escape")
    await go("LDAP users")
    await page.get_by_role("button", name="Add user").first.click()
    await expect(form.get_by_label("New password", exact=True)).to_be_visible()
    await look("user")
    await page.keyboard.press("Escape")
    await go("Profiles")
    await page.get_by_role("button", name="Add profile").first.click()
    await form.get_by_label("People", exact=True).first.click()
    await expect(page.get_by_role("option").first).to_be_visible()
    await look("profile")
    await page.keyboard.press("Escape")
    await page.keyboard.press("Escape")
    await go("Phone books over HTTP")
    await api(page, "PUT", "/admin/phonebooks/fleets/axe", {"name": "Axe", "make": "snom"}, new=True)
    await page.reload()
    await page.get_by_role("button", name="Axe").click()
    await form.get_by_label("Name of the key").fill("Site")
    await page.keyboard.press("Enter")
    await expect(form.get_by_test_id("fleet-secret")).to_be_visible()
    await form.get_by_role("button", name="Revoke Site").click()
    await look("fleet with a new key")
    await page.keyboard.press("Escape")
    await api(page, "DELETE", "/admin/phonebooks/fleets/axe")
    await go("Test query")
    await page.get_by_role("button", name="(&(telephoneNumber=*)(sn=ros*))").click()
    await expect(page.get_by_test_id("ldap-answer")).to_be_visible()
    await look("answer")
    await page.get_by_label("Filter, as the telephone sends it").fill("(a")
    await page.keyboard.press("Enter")
    await expect(page.locator(".wrong-place")).to_be_visible()
    await look("wrong filter")
    assert not found
