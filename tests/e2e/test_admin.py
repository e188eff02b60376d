"""The administration: people, groups, lines, locations, connectors, contacts, status."""

import zipfile

import pytest
from playwright.async_api import FilePayload, Locator, Page, expect
from tests.e2e.people import ADMIN, EMMA_NUMBER, MARCO, api, banner, tile
from tests.e2e.staging import Demo, SignIn


def _drawer(page: Page) -> Locator:
    return page.get_by_role("dialog")


async def _pick(page: Page, field: str, choice: str) -> None:
    """Take a value in a field with several values."""
    await _drawer(page).get_by_label(field, exact=True).first.click()
    await page.get_by_role("option", name=choice).click()
    await page.keyboard.press("Escape")


async def test_status_shows_that_all_is_well(sign_in: SignIn) -> None:
    admin = await sign_in(ADMIN, "/admin")
    await expect(admin.get_by_role("main")).to_contain_text("connected")
    await expect(admin.get_by_role("main")).to_contain_text("Demo PBX")
    await expect(admin.get_by_role("main").locator(".figure", has_text="People")).to_contain_text("20")
    await expect(admin.get_by_role("main").locator(".figure", has_text="Connector")).to_have_text("1Connector")


async def test_a_new_person_with_a_line_signs_in_and_is_called(demo: Demo, sign_in: SignIn) -> None:
    admin, marco = await sign_in(ADMIN, "/admin/people"), await sign_in(MARCO)
    await admin.get_by_role("button", name="Add person").click()
    for field, text in (("Name", "Anna Bertossi"), ("Login", "anna.bertossi"), ("Department", "Sales")):
        await _drawer(admin).get_by_label(field, exact=True).fill(text)
    await _drawer(admin).get_by_label("Password", exact=True).fill("a long enough secret")
    await _pick(admin, "Lines", "120 Stefano Basaldella")
    await _drawer(admin).get_by_role("button", name="Save").click()
    await expect(admin.get_by_text("Anna Bertossi has been saved.")).to_be_visible()
    await expect(tile(marco, "Anna Bertossi")).to_be_visible()
    demo.passwords["anna.bertossi"] = "a long enough secret"
    anna = await sign_in("anna.bertossi")
    await demo.call(EMMA_NUMBER, "120")
    await expect(banner(anna)).to_be_visible()
    await admin.reload()  # she has chosen her language meanwhile: who deletes has to have seen that
    await admin.get_by_role("button", name="Anna Bertossi").click()
    await _drawer(admin).get_by_role("button", name="Delete").click()
    await _drawer(admin).get_by_role("button", name="Really delete Anna Bertossi").click()
    await expect(admin.get_by_text("Anna Bertossi has been deleted.")).to_be_visible()
    await expect(tile(marco, "Anna Bertossi")).to_have_count(0)
    await expect(anna.get_by_role("button", name="Sign in")).to_be_visible()


PEOPLE = """Login;Vorname;Nachname;E-Mail;Gruppen;Durchwahl;Schuhgröße
berta.huber;Berta;Huber;berta@fornaci.example;Export|Messe;;38
marco.degano;Marco;Degano;;;;
;;;nobody;;;
"""


async def test_people_are_taken_over_from_a_file(sign_in: SignIn) -> None:
    admin, marco = await sign_in(ADMIN, "/admin/people"), await sign_in(MARCO)
    await admin.get_by_role("button", name="From a file").click()
    file: FilePayload = {"name": "people.csv", "mimeType": "text/csv", "buffer": PEOPLE.encode("utf-8-sig")}
    await _drawer(admin).locator("input[type=file]").set_input_files(file)
    rows = _drawer(admin).get_by_role("table").locator("tbody tr")
    await expect(rows).to_have_count(3)
    for row, verdict in enumerate(("new", "there already", "not possible")):
        await expect(rows.nth(row)).to_contain_text(verdict)
    await expect(_drawer(admin)).to_contain_text("These columns are not used: Schuhgröße.")
    await expect(_drawer(admin)).to_contain_text("These groups are made: Messe.")
    await expect(_drawer(admin).get_by_role("status").last).to_have_text("1 is there already, 1 row cannot be taken")
    await expect(tile(marco, "Berta Huber")).to_have_count(0)
    await _drawer(admin).get_by_role("button", name="Add 1 person").click()
    await expect(admin.get_by_text("1 person has been added.")).to_be_visible()
    await expect(tile(marco, "Berta Huber")).to_be_visible()
    [berta] = [each for each in (await api(admin, "GET", "/admin/people?limit=500"))["items"] if each["login"] == "berta.huber"]
    assert (berta["mail"], berta["locale"], len(berta["group_ids"])) == ("berta@fornaci.example", "", 2)
    [fair] = [each for each in (await api(admin, "GET", "/admin/groups"))["items"] if each["name"] == "Messe"]
    await api(admin, "DELETE", f"/admin/people/{berta['id']}")
    await api(admin, "DELETE", f"/admin/groups/{fair['id']}")


async def test_the_pages_stand_under_headings_and_are_walked_by_keys(sign_in: SignIn) -> None:
    admin = await sign_in(ADMIN, "/admin")
    rail = admin.get_by_role("navigation", name="Administration")
    await expect(rail.get_by_role("heading")).to_have_text(["System", "People and rights", "Telephony", "Directory"])
    links = rail.get_by_role("list", name="Telephony").get_by_role("link")
    await expect(links).to_have_text(["Connectors", "Lines", "Number locations"])
    await rail.get_by_role("link", name="Rights").focus()
    await admin.keyboard.press("Tab")
    await expect(rail.get_by_role("link", name="Connectors")).to_be_focused()
    await admin.keyboard.press("Enter")
    await expect(rail.get_by_role("link", name="Connectors")).to_have_attribute("aria-current", "page")
    await admin.set_viewport_size({"width": 390, "height": 800})
    choice = admin.get_by_role("combobox", name="Administration")
    await expect(choice.locator("optgroup")).to_have_count(4)
    await choice.select_option("Address books")
    cell = admin.get_by_role("table", name="Address books").locator("td[data-label=Contacts]").first
    assert await cell.evaluate("cell => getComputedStyle(cell, '::before').content") == '"Contacts:"'


async def test_a_change_is_shown_before_it_is_saved_and_can_be_taken_back(sign_in: SignIn) -> None:
    admin, marco = await sign_in(ADMIN, "/admin/people"), await sign_in(MARCO)
    await admin.get_by_label("Search", exact=True).fill("tonutti")
    await admin.get_by_role("button", name="Chiara Tonutti").click()
    await _drawer(admin).get_by_label("Department", exact=True).fill("Archive")
    await expect(_drawer(admin).get_by_label("What will change")).to_contain_text("Service → Archive")
    await _drawer(admin).get_by_role("button", name="Save").click()
    await expect(marco.get_by_role("heading", name="Archive")).to_be_visible()
    await admin.get_by_role("button", name="Undo").click()
    await expect(admin.get_by_text("Taken back.")).to_be_visible()
    await expect(marco.get_by_role("heading", name="Archive")).to_have_count(0)


async def test_a_refused_value_is_told_at_its_field(sign_in: SignIn) -> None:
    admin = await sign_in(ADMIN, "/admin/people")
    await admin.get_by_role("button", name="Add person").click()
    await _drawer(admin).get_by_label("Name", exact=True).fill("Second Marco")
    await _drawer(admin).get_by_label("Login", exact=True).fill("marco.degano")
    await _drawer(admin).get_by_label("Password", exact=True).fill("a long enough secret")
    await _drawer(admin).get_by_role("button", name="Save").click()
    await expect(_drawer(admin).get_by_label("Login", exact=True)).to_have_attribute("aria-invalid", "true")


@pytest.mark.parametrize(
    ("locale", "add", "save", "taken"),
    [
        ("it", "Aggiungi persona", "Salva", "Questo nome utente è già in uso."),
        ("de", "Person anlegen", "Speichern", "Dieser Anmeldename ist schon vergeben."),
    ],
)
async def test_what_the_server_refuses_is_said_in_the_readers_language(
    sign_in: SignIn, locale: str, add: str, save: str, taken: str
) -> None:
    admin = await sign_in(ADMIN, "/admin/people", locale=locale)
    await admin.get_by_role("button", name=add).click()
    form = _drawer(admin)
    await form.locator("[name=name]").fill("Second Marco")
    await form.locator("[name=login]").fill("marco.degano")
    await form.get_by_role("button", name=save).click()
    await expect(form.locator("p").filter(has_text=taken)).to_be_visible()


async def test_groups(sign_in: SignIn) -> None:
    admin = await sign_in(ADMIN, "/admin/groups")
    await admin.get_by_role("button", name="Add group").click()
    await _drawer(admin).get_by_label("Name", exact=True).fill("Reception")
    await _pick(admin, "Members", "Giulia Fornaci")
    await _drawer(admin).get_by_role("button", name="Save").click()
    row = admin.get_by_role("row", name="Reception")
    await expect(row).to_contain_text("1 person")
    await row.get_by_role("button").click()
    await _drawer(admin).get_by_role("button", name="Delete").click()
    await _drawer(admin).get_by_role("button", name="Really delete Reception").click()
    await expect(row).to_have_count(0)


async def test_lines(sign_in: SignIn) -> None:
    admin = await sign_in(ADMIN, "/admin/lines")
    await admin.get_by_label("Search", exact=True).fill("121")
    row = admin.get_by_role("row", name="Nicolò Del Fabbro")
    await row.get_by_role("button").click()
    await _drawer(admin).get_by_role("switch", name="Private telephone").check()
    await _drawer(admin).get_by_role("button", name="Save").click()
    await expect(row).to_contain_text("Private telephone")
    await admin.get_by_role("button", name="Undo").click()
    await expect(row).not_to_contain_text("Private telephone")


async def test_lines_that_the_telephone_system_has_are_offered(demo: Demo, sign_in: SignIn) -> None:
    admin = await sign_in(ADMIN, "/admin/lines")
    offer = admin.get_by_role("button", name="From the telephone system")
    await offer.click()
    await expect(_drawer(admin).get_by_text("All 20 telephones are lines already")).to_be_visible()
    await admin.keyboard.press("Escape")
    lines = {line["device"]: line for line in (await api(admin, "GET", "/admin/lines"))["items"]}
    for device in ("121", "122", "207"):
        await api(admin, "DELETE", f"/admin/lines/{lines[device]['id']}")
    await admin.reload()
    await offer.click()
    await expect(_drawer(admin).locator(".discovered li")).to_have_count(3)
    await _drawer(admin).get_by_label("Search", exact=True).fill("fabbro")
    await _drawer(admin).get_by_role("checkbox", name="121").check()
    await _drawer(admin).get_by_label("Search", exact=True).fill("")
    await expect(_drawer(admin).get_by_role("combobox", name="Person for 121")).to_have_value("Nicolò Del Fabbro")
    await _drawer(admin).get_by_role("combobox", name="Person for 207").click()
    await admin.get_by_role("option", name="Ilaria D'Agostini").click()
    await _drawer(admin).get_by_role("button", name="Add 2 lines").click()
    await expect(admin.get_by_text("2 lines have been added.")).to_be_visible()
    await expect(admin.get_by_role("row", name="207")).to_contain_text("Ilaria D'Agostini")
    await admin.get_by_role("button", name="Undo").click()
    await expect(admin.get_by_role("row", name="207")).to_have_count(0)
    for device in ("121", "122", "207"):
        await api(admin, "POST", "/admin/lines", {**lines[device], "id": ""})


async def test_a_location_is_tried_before_it_is_saved(sign_in: SignIn) -> None:
    admin = await sign_in(ADMIN, "/admin/locations")
    await admin.get_by_label("Location", exact=True).select_option("Udine")
    box = admin.get_by_label("Test a number")
    await box.get_by_label("Number in any form").fill("000441632960123")
    await expect(box.locator(".result")).to_contain_text("+441632960123")
    await expect(box.locator("[data-hit]").first).to_be_visible()
    await box.get_by_text("Is dialled").click()
    await box.get_by_label("Number in any form").fill("960123")
    await expect(box.locator(".result")).to_contain_text("Dialled as00432960123")
    await admin.get_by_role("tab", name="Telephone system").click()
    await admin.get_by_label("Outside digit, national").fill("9")
    await expect(box.locator(".result")).to_contain_text("Dialled as90432960123")
    await expect(admin.get_by_text("Not saved yet: Outside digit, national")).to_be_visible()
    await admin.get_by_role("button", name="Undo").click()
    await expect(box.locator(".result")).to_contain_text("Dialled as00432960123")


async def test_a_number_is_explained_in_the_readers_language(sign_in: SignIn) -> None:
    admin = await sign_in(ADMIN, "/admin/locations", locale="it")
    box = admin.locator(".location-test")
    await box.get_by_label("Numero in qualsiasi forma").fill("+39 xyz")
    await expect(box.locator(".notice.error")).to_have_text("Lettere che non appartengono a un numero.")
    await box.get_by_label("Numero in qualsiasi forma").fill("0432 100103 dalle nove")
    await expect(box.locator(".stages")).to_contain_text("Le parole dopo il numero sono tralasciate.")


LOCATIONS = """<locations>
  <location name="Trieste" CountryID="39" u8sCityCodeNoPrefix="040" TKAnschlussNr="5590" DDIRangeBegin="0" DDIRangeEnd="99"
    iTKMinLenInternalNumbers="2" iTKMaxLenInternalNumbers="2" TKLocalAccessCode="0" TKLongDistanceAccessCode="0"
    TKInternationalAccessCode="0" Surprise="1">
    <InternalRules><Element Search="^9$" Replace="+390405590" MatchReplace="1" /></InternalRules>
  </location>
</locations>"""


async def test_locations_of_another_product_are_taken_over(sign_in: SignIn) -> None:
    admin = await sign_in(ADMIN, "/admin/locations")
    file: FilePayload = {"name": "locations.xml", "mimeType": "text/xml", "buffer": LOCATIONS.encode()}
    await admin.locator("input[type=file]").set_input_files(file)
    await expect(admin.get_by_text("The locations of the file have been imported.")).to_be_visible()
    await expect(admin.get_by_role("heading", name="1 remark on the file")).to_be_visible()
    await expect(admin.get_by_text("Surprise: is not known and left out")).to_be_visible()
    await admin.get_by_label("Location", exact=True).select_option("Trieste")
    box = admin.get_by_label("Test a number")
    await box.get_by_text("Is dialled").click()
    await box.get_by_label("Number in any form").fill("040 123456")
    await expect(box.locator(".result")).to_contain_text("+39040123456")
    await admin.get_by_role("button", name="Delete").click()
    await admin.get_by_role("button", name="Really delete Trieste").click()
    await expect(admin.get_by_text("Trieste has been deleted.")).to_be_visible()
    await admin.locator("input[type=file]").set_input_files({**file, "buffer": b"<html/>"})
    await expect(admin.get_by_role("alert")).to_contain_text("The file holds no location.")


async def test_a_connection_that_fails_says_what_to_do(demo: Demo, sign_in: SignIn) -> None:
    admin = await sign_in(ADMIN, "/admin/connectors")
    await admin.get_by_test_id("connector-demo-pbx").click()
    await _drawer(admin).get_by_role("button", name="Test").click()
    await expect(_drawer(admin).get_by_text("The connection works.")).to_be_visible()
    await _drawer(admin).get_by_label("Port", exact=True).fill("9")
    await _drawer(admin).get_by_role("button", name="Test").click()
    await expect(_drawer(admin)).to_contain_text("enter the password again")
    await _drawer(admin).get_by_label("Password", exact=True).fill("for the new address")
    await _drawer(admin).get_by_role("button", name="Test").click()
    refused = _drawer(admin).get_by_role("alert")
    await expect(refused).to_contain_text("The connection does not work.")
    await expect(refused.locator("strong").nth(1)).not_to_be_empty()
    await _drawer(admin).get_by_text("What went over the link").click()
    await expect(_drawer(admin).locator(".trace li").first).to_be_visible()


async def test_what_cannot_be_is_listed_live_and_taken_away(demo: Demo, sign_in: SignIn) -> None:
    admin = await sign_in(ADMIN, "/admin/anomalies")
    await api(admin, "DELETE", "/admin/connectors/demo-pbx/anomalies")
    for _ in range(2):
        await demo.pbx("garbage", kind="xml")
    link = admin.get_by_role("region", name="Demo PBX")
    await expect(link.get_by_role("status").filter(has_text="odd events")).to_have_text("2 odd events")
    await link.get_by_text("This could not be read.").first.click()
    example = link.locator(".anomaly li").first
    await expect(example.locator("pre")).to_have_text("<DeliveredEvent><monitorCrossRefID>1</monitor")
    await example.get_by_role("button", name="As digits").click()
    await expect(example.locator("pre")).to_contain_text("3c 44 65 6c")
    async with admin.expect_download() as started:
        await link.get_by_role("link", name="Download as recording").click()
    with zipfile.ZipFile(await (await started.value).path()) as archive:
        assert archive.read("csta.txt").count(b"<DeliveredEvent>") == 2
    await link.get_by_role("button", name="Clear").click()
    await link.get_by_role("button", name="Really clear 2 events").click()
    await expect(admin.get_by_text("Demo PBX: cleared.")).to_be_visible()
    await expect(admin.get_by_text("Nothing odd")).to_be_visible()


async def test_settings_of_a_connection_are_in_the_readers_language(sign_in: SignIn) -> None:
    for locale, title, purpose in (
        ("it", "Edizione", "Edizione del protocollo"),
        ("de", "Zertifizierungsstelle", "Datei mit der Stelle"),
    ):
        admin = await sign_in(ADMIN, "/admin/connectors", locale=locale)
        await admin.get_by_test_id("connector-demo-pbx").click()
        await expect(_drawer(admin).get_by_label(title, exact=True).first).to_be_visible()
        await expect(_drawer(admin)).to_contain_text(purpose)


async def test_only_administrators_get_there(sign_in: SignIn) -> None:
    marco = await sign_in(MARCO, "/admin/people")
    await expect(marco.get_by_text("Only for administrators")).to_be_visible()
    await expect(marco.get_by_role("link", name="Connectors")).to_have_count(0)
