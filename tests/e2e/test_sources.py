"""Sources: a file that is dropped in, one that shrinks, a database; in each of their states readable by everybody."""

from typing import Any

from playwright.async_api import Page, expect
from tests.e2e.people import ADMIN, MARCO, banner
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


async def dropped(page: Page, name: str, text: str) -> None:
    """Drop a file on the page, and wait until its first rows are there."""
    await expect(page.locator(".drop")).to_be_visible()
    await page.evaluate(_DROP, [name, text])
    await expect(page.locator(".first-rows tbody tr").first).to_be_visible()


def run(page: Page) -> Any:
    return page.get_by_test_id("run")


async def test_a_file_with_odd_columns_becomes_people_who_call(demo: Demo, sign_in: SignIn) -> None:
    admin, marco = await sign_in(ADMIN, "/admin/sources/new"), await sign_in(MARCO)
    await dropped(admin, "partners.csv", FILE)
    columns = admin.get_by_role("region", name="Columns of the source")
    await expect(columns.get_by_label("Field for column Mobil")).to_have_value("phone_mobile")
    await columns.get_by_label("Field for column Durchwahl").select_option("phone_business")
    await columns.get_by_label("Field for column Kennung").select_option("entry_id")
    await admin.get_by_label("Location").select_option("Munich")
    await admin.get_by_role("button", name="Add expression").click()
    made = admin.locator(".expression").last
    await made.get_by_label("Field").select_option("note")
    await made.get_by_label("Expression", exact=True).fill("{Firma : upper")
    await expect(made.locator(".wrong")).to_be_visible()
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
    await expect(run(admin)).to_contain_text("089 99998 502 / 089 99998 503 holds two numbers")
    await demo.pbx("call", **{"from": "+498999998503", "to": "102"})
    await expect(banner(marco)).to_contain_text("Max Lindner")
    await expect(banner(marco)).to_contain_text("Ofenbau Lindner")
