"""Numbers that a person dials: the dialling order, outside digits, rules, and what each field of a location changes in it."""

from dataclasses import replace

import pytest
from tests.pure.numbers.places import MUNICH, OUT, UDINE

from unisono.kernel.errors import Invalid
from unisono.numbers import Rule, dial, explain, normalise
from unisono.numbers.location import DialFormat


@pytest.mark.parametrize(
    ("raw", "digits"),
    [
        ("116", "116"),
        ("+49 89 36856-116", "116"),
        ("089 36856116", "116"),
        ("089 1234567", "01234567"),
        ("030 1234567", "00301234567"),
        ("+39 0432 123456", "000390432123456"),
        ("tel:+390432123456", "000390432123456"),
        ("112", "112"),
        ("0112", "0112"),
        ("+49112", "112"),
        ("*21*030123456#", "*21*030123456#"),
    ],
)
def test_dialled_in_germany(raw: str, digits: str) -> None:
    assert dial(raw, MUNICH).digits == digits


@pytest.mark.parametrize(
    ("raw", "digits"),
    [
        ("0432 123456", "00432123456"),  # Italians dial the area code always
        ("123456", "00432123456"),
        ("+393471234567", "03471234567"),
        ("+498936856116", "000498936856116"),
        ("118", "118"),
    ],
)
def test_dialled_in_italy(raw: str, digits: str) -> None:
    assert dial(raw, UDINE).digits == digits


@pytest.mark.parametrize(
    ("form", "digits"),
    [
        (DialFormat.NORMAL, "00301234567"),
        (DialFormat.SUPERCANONICAL, "+49301234567"),
        (DialFormat.PLAIN, "49301234567"),
        (DialFormat.DIALABLE_PLAIN, "0" + "0049301234567"),
    ],
)
def test_dial_formats_leave_extensions_alone(form: DialFormat, digits: str) -> None:
    site = replace(MUNICH, dial_format=form)
    assert dial("030 1234567", site).digits == digits
    assert dial("+49 89 36856-116", site).digits == "116"
    assert dial("110", site).digits == "110"


def test_outside_digits_for_each_kind_of_call() -> None:
    site = replace(
        MUNICH, outside_local="1", outside_national="2", outside_international="3", outside_forwarding="4",
    )  # fmt: skip
    assert dial("1234567", site).digits == "11234567"
    assert dial("030 123456", site).digits == "2030123456"
    assert dial("+390432123456", site).digits == "300390432123456"
    assert dial("030 123456", site, forwarding=True).digits == "4030123456"


@pytest.mark.parametrize(
    ("code", "pin", "digits"),
    [("50???", "123", "50123030123456"), ("8%", "4711", "84711030123456"), ("7?%#", "4711", "74711#030123456")],
)
def test_private_calls_take_the_private_line_with_its_pin(code: str, pin: str, digits: str) -> None:
    site = replace(MUNICH, outside_private=code)
    assert dial("030 123456", site, private_pin=pin).digits == digits
    assert dial("116", site, private_pin=pin).digits == "116"


@pytest.mark.parametrize(("code", "pin"), [("", "123"), ("50???", "12"), ("50???", "1234"), ("50???", "abc"), ("8%", "x")])
def test_a_pin_that_does_not_fit_is_refused(code: str, pin: str) -> None:
    with pytest.raises(Invalid) as caught:
        dial("030 123456", replace(MUNICH, outside_private=code), private_pin=pin)
    assert caught.value.data["field"] in ("private_pin", "outside_private")
    assert pin not in caught.value.message


def test_vanity_letters_only_behind_their_prefixes() -> None:
    site = replace(MUNICH, vanity=True, vanity_prefixes=("0800", "0700"))
    assert dial("0800 REIFEN", site).digits == "00800734336"
    assert str(normalise("0700-flowers", site, OUT)) == "+497003569377"
    stages = explain("0800 Reifen", site, OUT).stages
    assert [(each.name, each.after) for each in stages[:2]] == [("clean", "0800REIFEN"), ("vanity", "0800734336")]
    with pytest.raises(Invalid) as caught:
        dial("0900 REIFEN", site)
    assert caught.value.data["reason"] == "letters"
    with pytest.raises(Invalid):
        dial("0800 REIFEN", MUNICH)


def test_dialling_rules_are_templates() -> None:
    site = replace(
        MUNICH, local_dialling_rule="FG", national_dialling_rule="9FG", international_dialling_rule="010EFG"
    )
    assert dial("1234567", site).digits == "0891234567"
    assert dial("030 1234567", site).digits == "09301234567"
    assert dial("+390432123456", site).digits == "0010390432123456"
    assert dial("1234567", replace(MUNICH, always_dial_area_code=True)).digits == "00891234567"


def test_a_short_local_number_is_dialled_whole_where_no_outside_digit_parts_it() -> None:
    site = replace(MUNICH, outside_local="", outside_national="", internal_max=4, ranges=())
    assert dial("+49 89 4711", site).digits == "0894711"
    assert dial("+49 89 11833", site).digits == "08911833"
    assert dial("+49 89 1234567", site).digits == "1234567"


def test_external_and_internal_rules_dial_as_it_is() -> None:
    site = replace(MUNICH, external_rules=(Rule("^0800"), Rule("^9(.*)", r"8\1")), internal_rules=(Rule("^77"),))
    assert dial("0800 123456", site).digits == "0800123456"
    assert str(dial("0800 123456", site).number) == "+49800123456"
    assert dial("9123", site).digits == "8123"
    assert dial("77123456", site).digits == "77123456"


def test_final_rules_come_last_and_see_what_the_pbx_would_get() -> None:
    site = replace(MUNICH, final_dial_rules=(Rule("^0(.*)", r"9\1"), Rule("^116$", "216")), dial_rules=(Rule("^110$", "0110"),))
    assert dial("030 1234567", site).digits == "90301234567"
    assert dial("116", site).digits == "216"
    assert dial("110", site).digits == "9110"


def test_a_rule_can_bar_a_number() -> None:
    with pytest.raises(Invalid) as caught:
        dial("0900 123456", replace(MUNICH, dial_rules=(Rule(r"^\+49900.*", ""),)))
    assert caught.value.data["reason"] == "barred-by-rule"


@pytest.mark.parametrize("raw", ["", "Mario", "0800 REIFEN", "+999123"])
def test_what_is_no_number_is_not_dialled(raw: str) -> None:
    with pytest.raises(Invalid) as caught:
        dial(raw, MUNICH)
    assert caught.value.data["reason"]


@pytest.mark.parametrize(
    "raw",
    [
        *("javascript:alert(1)", "javascript:0800alert", "mailto:101@pbx.example", "https://192.0.2.1/", "sms:+390432123456"),
        *("Rossi 2", "Via Roma 12", "a101", "Room (b) 101", "data:,0432123456", "fax:0432123456", "sip:mario2@pbx.example"),
    ],
)
def test_words_and_other_links_are_not_dialled_for_the_digits_in_them(raw: str) -> None:
    with pytest.raises(Invalid) as caught:
        dial(raw, replace(UDINE, vanity=True))
    assert caught.value.code == "number-not-dialable"


@pytest.mark.parametrize(
    "raw",
    [
        *("tel:0432123456", "TEL: 0432 123456", "callto://0432123456", "sip:0432123456@pbx.example", "phone:0432-123456"),
        *("sips:0432123456@pbx.example", '"Mario Rossi" <sip:0432123456@pbx.example>', "O432 123456", "0432 123456 int. 12"),
    ],
)
def test_links_to_call_are_dialled(raw: str) -> None:
    assert dial(raw, UDINE).digits == "00432123456"
