"""Sources: a file that is dropped in, one that shrinks, a database; in each of their states readable by everybody."""

from typing import Any

from playwright.async_api import Locator, Page, expect
from sqlalchemy import create_engine, text
from tests.e2e.accessible import violations
from tests.e2e.people import ADMIN, MARCO, api, banner
from tests.e2e.staging import Demo, SignIn

FILE = """Firma;Vorname;Name;Durchwahl;Mobil;Mail;Kennung
Keramik Sommer GmbH;Jutta;Sommer;089 99998 501;+49 171 3920077;jutta@sommer.example;K1
Keramik Sommer GmbH;Udo;Sommer;kein Telefon;;udo@sommer.example;K2
Keramik Sommer GmbH;Jutta;Sommer;089 99998 501;+49 171 3920077;jutta@sommer.example;K1
Ofenbau Lindner;Max;Lindner;089 99998 502 / 089 99998 503;;max@lindner.example;K3
"""
_DROP = """([name, text]) => {
    const data = new DataTransfer();
    data.items.add(new File([text], name, { type: "text/csv" }));
    const about = { dataTransfer: data, bubbles: true, cancelable: true };
    for (const type of ["dragover", "drop"]) document.querySelector(".drop").dispatchEvent(new DragEvent(type, about));
}"""


_ENDED = """async (path) => {
    while ((await (await fetch(path)).json()).state === "running") await new Promise((done) => setTimeout(done, 100));
}"""


async def dropped(page: Page, name: str, text: str) -> None:
    """Drop a file on the page, and wait until its first rows are there."""
    await expect(page.locator(".drop")).to_be_visible()
    await page.evaluate(_DROP, [name, text])
    await expect(page.locator(".first-rows tbody tr").first).to_be_visible()


def run(page: Page) -> Locator:
    """The run that is shown."""
    return page.get_by_test_id("run")


async def uploaded(page: Page, name: str, text: str) -> str:
    """Hand a file over without the page; what to call it in settings."""
    root = page.url.split("/admin")[0] + "/api/v1"
    csrf = (await (await page.request.get(f"{root}/session")).json())["csrf"]
    file: Any = {"file": {"name": name, "mimeType": "text/csv", "buffer": text.encode()}}
    answer = await page.request.post(f"{root}/admin/sources/files", multipart=file, headers={"X-CSRF-Token": csrf})
    return str((await answer.json())["file"])


async def read(page: Page, name: str, text: str) -> dict[str, Any]:
    """A source of this file, read."""
    settings = {"file": await uploaded(page, f"{name}.csv", text)}
    seen = await api(page, "POST", "/admin/sources/preview", {"kind": "csv", "settings": settings})
    source = {"name": name, "kind": "csv", "settings": settings, "mapping": seen["suggested"]}
    made: dict[str, Any] = await api(page, "POST", "/admin/sources", source)
    await ended(page, (await api(page, "POST", f"/admin/sources/{made['id']}/runs", {}))["id"])
    return {**source, "id": made["id"]}


async def ended(page: Page, run_id: str) -> None:
    """Wait until a run is over."""
    await page.evaluate(_ENDED, f"/api/v1/admin/runs/{run_id}")


async def test_a_file_with_odd_columns_becomes_people_who_call(demo: Demo, sign_in: SignIn) -> None:
    marco = await sign_in(MARCO)
    admin = await sign_in(ADMIN, "/admin/sources/new", bypass_csp=True, reduced_motion="reduce")
    await dropped(admin, "partners.csv", FILE)
    columns = admin.get_by_role("region", name="Columns of the source")
    await expect(columns.get_by_label("Field for column Mobil")).to_have_value("phone_mobile")
    await columns.get_by_label("Field for column Durchwahl").select_option("phone_business")
    await columns.get_by_label("Field for column Kennung").select_option("entry_id")
    await admin.get_by_label("Location").select_option("München")
    await admin.get_by_role("button", name="Add expression").click()
    made = admin.locator(".expression").last
    await made.get_by_label("Field").select_option("note")
    await made.get_by_label("Expression", exact=True).fill("{Firma : upper")
    await expect(made.locator(".wrong")).to_be_visible()
    for summary in await admin.locator("summary").all():
        await summary.click()
    found = await violations(admin)
    await made.get_by_label("Expression", exact=True).fill("{Firma : upper}: {Kennung}")
    await expect(made).to_contain_text("Gives: KERAMIK SOMMER GMBH: K1")
    await admin.get_by_label("Schedule").select_option("weekdays")
    await expect(admin.get_by_test_id("next-times")).to_contain_text("03:00")
    await admin.get_by_role("button", name="Save and dry run").click()
    await expect(run(admin)).to_contain_text("3 new contacts")
    await expect(run(admin)).to_contain_text("dry run done")
    await run(admin).get_by_role("button", name="Run now").click()
    await expect(run(admin).get_by_role("button", name="Contacts")).to_be_visible()
    await expect(run(admin)).to_contain_text("line 4Its key “K1” is the same as in line 2.")
    await expect(run(admin)).to_contain_text("kein Telefon is no telephone number")
    await expect(run(admin)).to_contain_text("089 99998 502 / 089 99998 503 holds several numbers")
    found += await violations(admin)
    await admin.get_by_role("link", name="Settings").last.click()
    await admin.get_by_role("button", name="Delete").click()
    await expect(admin.get_by_text("The source goes with its runs.")).to_be_visible()
    found += await violations(admin)
    assert not found
    await demo.pbx("call", **{"from": "+498999998503", "to": "102"})
    await expect(banner(marco)).to_contain_text("Max Lindner")
    await expect(banner(marco)).to_contain_text("Ofenbau Lindner")


MEMBERS = "Id;Name;Phone\n1;Ada Berti;0432 700001\n2;Ben Croce;0432 700002\n3;Cora Dri;0432 700003\n"


async def test_a_run_that_would_delete_much_stops_and_asks(sign_in: SignIn) -> None:
    admin = await sign_in(ADMIN, "/admin/sources")
    source = await read(admin, "Members", MEMBERS)
    shorter = {"file": await uploaded(admin, "shorter.csv", "Id;Name;Phone\n1;Ada Berti-Lizzi;0432 700001\n")}
    body = {key: source[key] for key in ("name", "kind", "mapping")}
    await api(admin, "PUT", f"/admin/sources/{source['id']}", {**body, "settings": shorter})
    await admin.reload()
    row = admin.get_by_test_id("source-Members")
    await row.get_by_role("button", name="Run now").click()
    await expect(row).to_contain_text("needs a decision")
    await expect(row).to_contain_text("2 of 3 contacts would go")
    await row.get_by_role("button", name="Decide").click()
    await expect(run(admin)).to_contain_text("2 contacts go")
    await expect(run(admin).get_by_role("rowheader", name="Cora Dri")).to_be_visible()
    await run(admin).get_by_role("button", name="Leave it").click()
    await expect(run(admin)).to_have_attribute("data-state", "refused")
    assert (await api(admin, "GET", "/search?q=cora dri"))["items"]
    await admin.get_by_role("button", name="Run now").click()
    await run(admin).get_by_role("button", name="Run anyway").click()
    await expect(run(admin)).to_have_attribute("data-state", "done")
    await expect(run(admin).locator("del", has_text="Ada Berti")).to_be_visible()
    assert not (await api(admin, "GET", "/search?q=cora dri"))["items"]


async def test_a_database_is_tested_looked_at_and_read(sign_in: SignIn, postgres_socket: str) -> None:
    engine = create_engine(f"postgresql+pg8000://unisono@/postgres?unix_sock={postgres_socket}/.s.PGSQL.5432")
    with engine.begin() as crm:
        crm.execute(text("CREATE TABLE leads (nr integer, firm text, who text, tel text)"))
        crm.execute(text("INSERT INTO leads VALUES (1, 'Falegnameria Zof', 'Ugo Zof', '0432 700101')"))
    engine.dispose()
    admin = await sign_in(ADMIN, "/admin/sources/new")
    await admin.get_by_role("button", name="SQL database").click()
    await admin.get_by_label("Name of the source").fill("Leads")
    await admin.get_by_label("Database", exact=True).fill("postgresql://unisono@/postgres?host=/nowhere")
    await admin.get_by_label("Table or query").fill("leads")
    await admin.get_by_label("Key column").fill("nr")
    await admin.get_by_role("button", name="Test the connection").click()
    await expect(admin.get_by_text("The connection does not work.")).to_be_visible()
    await admin.get_by_label("Database", exact=True).fill(f"postgresql://unisono@/postgres?host={postgres_socket}")
    await admin.get_by_role("button", name="Test the connection").click()
    await expect(admin.get_by_text("The connection works.")).to_be_visible()
    await admin.get_by_role("button", name="Show the first 50 rows").click()
    await admin.get_by_label("Field for column who").select_option("display_name")
    await admin.get_by_label("Field for column firm").select_option("company")
    await admin.get_by_label("Field for column tel").select_option("phone_business")
    await expect(admin.get_by_role("region", name="The contacts that come out")).to_contain_text("+39 0432 700101")
    await admin.get_by_role("button", name="Save and run").click()
    await expect(run(admin)).to_contain_text("1 new contact")
    assert (await api(admin, "GET", "/search?q=0432 700101"))["items"][0]["title"] == "Ugo Zof"
    # Another mapping makes the contacts anew; whoever reads at once waits for that.
    await admin.get_by_role("link", name="Settings").last.click()
    await admin.get_by_label("Link to the contact").fill("https://crm.example/{nr}")
    await admin.get_by_role("button", name="Save and run").click()
    await expect(run(admin)).to_have_attribute("data-state", "done")
    [hit] = (await api(admin, "GET", "/search?q=0432 700101"))["items"]
    assert (await api(admin, "GET", f"/contacts/{hit['id']}"))["direct_link"] == "https://crm.example/1"


async def test_who_is_in_two_books_is_one_person_until_split(sign_in: SignIn) -> None:
    admin = await sign_in(ADMIN, "/admin/duplicates")
    mail = "ida.rosso.of.the.wholesalers@a-company-with-quite-a-long-name.example"
    await read(admin, "Suppliers", f"Name;Phone;E-mail\nIda Rosso;0432 700201;{mail}\n")
    await read(admin, "Wholesalers", "Name;Phone\nRosso Ida;0432 700201\n")
    await admin.reload()
    person = admin.locator(".person", has_text="Ida Rosso")
    await expect(person).to_contain_text("Suppliers")
    await expect(person).to_contain_text("Same number and same name")
    await expect(person).to_contain_text(f"Ida Rosso · +39 0432 700201 · {mail}")
    await admin.set_viewport_size({"width": 390, "height": 800})
    assert await person.evaluate("person => person.scrollWidth <= person.clientWidth"), "on a phone nothing is cut off"
    await admin.set_viewport_size({"width": 1280, "height": 800})
    rule = admin.get_by_role("switch", name="Same number and same name")
    await expect(admin.get_by_text("joins 1 pair of entries")).to_be_visible()
    await rule.press("Space")
    await expect(admin.get_by_text("would join 1 pair of entries")).to_be_visible()
    await expect(person).to_have_count(0)
    await rule.press("Space")
    await person.get_by_role("button", name="Split off").click()
    await expect(person).to_have_count(0)
    assert len((await api(admin, "GET", "/search?q=ida rosso"))["items"]) == 2
    await admin.get_by_role("button", name="Undo").click()
    await expect(person).to_have_count(1)
    assert len((await api(admin, "GET", "/search?q=ida rosso"))["items"]) == 1
    # Both books go again, one after a question that names what it holds.
    await admin.goto(admin.url.replace("duplicates", "books"))
    await admin.get_by_role("button", name="Wholesalers").click()
    await admin.get_by_label("Name", exact=True).fill("Associates")
    await admin.get_by_role("dialog").get_by_role("button", name="Save").click()
    await admin.get_by_role("button", name="Associates").click()
    await admin.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(admin.get_by_role("dialog")).to_contain_text("1 contact will be deleted. The source Wholesalers goes too.")
    await admin.get_by_role("button", name="Really delete Associates").click()
    await expect(admin.get_by_role("table")).not_to_contain_text("Associates")
