"""The client's texts, as the tests of this folder read them."""

import re
from pathlib import Path

LOCALES = ("en", "it", "de")
TEXTS = Path(__file__).resolve().parents[2] / "client" / "src" / "core" / "i18n"


def keys(locale: str) -> set[str]:
    """Every key of a language's catalogue."""
    files = (TEXTS / locale).glob("*.ts")
    return {key for file in files for key in re.findall(r'^  "([\w.-]+)": ', file.read_text(), re.MULTILINE)}
