"""Project codes: what is dialled around a number, and what is sent as tones once the other side has answered."""

import re

from unisono.kernel.errors import Invalid
from unisono.numbers.location import ProjectPin

_PARTS = re.compile(r"e+|u+|.", re.S)


def with_project(code: ProjectPin, digits: str, pin: str, user: str) -> tuple[str, str]:
    """The digits to dial, and the tones for after the answer (empty unless the code holds `C`).

    Before the answer a pause is a comma for every half second, which CSTA and AMI understand. Raises `Invalid` if the
    code asks for a PIN or a user id that was not given or has the wrong length.
    """
    template = code.pin.replace("J", "").replace("X", "")
    if "N" not in template:
        template += "N"
    dialled, answered, after = template.partition("C")
    now = _filled(code, dialled, digits, pin, user)
    later = _filled(code, after, digits, pin, user) if answered else ""
    return now.replace("P", ",,").replace("p", ","), later


def _filled(code: ProjectPin, template: str, digits: str, pin: str, user: str) -> str:
    parts = []
    for part in _PARTS.findall(template):
        match part[0]:
            case "N":
                parts.append(digits)
            case "e" | "E":
                parts.append(_entered(code, "user_pin", pin, len(part) if part[0] == "e" else 0))
            case "u" | "U":
                parts.append(_entered(code, "user_id", user, len(part) if part[0] == "u" else 0))
            case _:
                parts.append(part)
    return "".join(parts)


def _entered(code: ProjectPin, field: str, text: str, length: int) -> str:
    if not text.isdecimal() or (length and len(text) != length):
        what = "PIN" if field == "user_pin" else "user id"
        raise Invalid(
            "project-needs-input",
            f"Project {code.name} asks for a {what}" + (f" of {length} digits." if length else "."),
            data={"field": field, "digits": length},
        )
    return text
