"""From text as people and devices write it to the characters of one number, or to a reason why not.

Here stand the habits of writing: labels, names in brackets, "interno 12", "Durchwahl", URIs, `%2B`, narrow no-break
spaces, full-width digits, a letter O for 0, two numbers in one field. Nothing here knows a country or a location.
What cannot be told for certain is refused with a reason, never guessed together: a wrong number is worse than none.
"""

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import unquote

RAW_MOST = 256
"""Longer texts are refused unread."""

# ITU-T E.161
_KEYPAD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999")
_SIMPLE = re.compile(r"\+?[0-9][0-9 ().\-]*", re.ASCII)
_USUAL = re.compile(r"(?:(?:Tel|Fax|Cell|Mob)\. (?!\([1-9]))?(?:(\(?\+?[0-9][0-9 ()]*)/ ?)?\(?\+?[0-9][0-9 ().\-]*", re.ASCII)
_BETWEEN = b" ().-/"
_LABELS = b"TelFaxCMob"
_NOT_DIGIT = re.compile(r"[^0-9]")
_ANONYMOUS = frozenset(
    {"anonymous", "anonym", "anonimo", "unknown", "unbekannt", "sconosciuto", "private", "privat", "privato", "none"}
    | {"restricted", "riservato", "withheld", "hidden", "nascosto", "unterdrückt", "unterdrueckt", "gesperrt"}
    | {"unavailable", "blocked", "null", "n/a"}
)
_ADDRESS = re.compile(r"[^<>]*<\s*([^<>]*[0-9][^<>]*|sips?:[^<>]*)>\s*")
_SCHEME = re.compile(r"\s*(tel|sips?|callto|phone|fax|sms|modem|h323|dial|skype|im|pres)\s*:\s*(?://)?\s*", re.I)
_OTHER_SCHEME = re.compile(r"\s*(?!(?:tel|callto|sips?|phone)\s*:)[a-z][a-z0-9+.\-]*\s*:", re.I)
_PARAMETER = re.compile(r";\s*(ext|phone-context)\s*=\s*([0-9+.\-() ]+)", re.I)
_LETTER_O = re.compile(r"(?<![A-Za-z])[0-9oO]*[oO][0-9oO]*(?![A-Za-z])")
_WORD = re.compile(r"[A-Za-z]")
_BRACKETS = re.compile(r"[(\[{]([^()\[\]{}]*)[)\]}]")
_EXTENSION = re.compile(
    r"[\s,;.(\-/]*(?<![A-Za-z])(?:interno|interni|int|estensione|est|extension|extn?|x|nebenstelle|nst|apparat|app|klappe"
    r"|kl|poste|anexo|#)\s*[.:\-]?\s*([0-9]{1,8})\s*$",
    re.I,
)
_DIRECT = re.compile(r"[\s,;(\-/]*(?<![A-Za-z])(?:durchwahl|dwl?|ddi)\s*[.:]?\s*-?\s*([0-9]{1,6})\s*$", re.I)
_SWITCHBOARD = re.compile(r"\s*[-/]\s*0\s*$")
_LIST = re.compile(
    r"\s*(?:[;|\n&]|(?<![A-Za-z])(?:oder|or|und|and|bzw\.?|sowie|ou|et)(?![A-Za-z])|(?<=\s)[oeyuOEYU](?=\s))\s*"
)
_RANGE = re.compile(r"\s*(?:\.{2,}|…|\b(?:bis|fino a|al|to)\b)\s*-?\s*[0-9]{1,4}\s*$", re.I)
_CUT = re.compile(r"\s*(/|,|\s-\s|\s+(?=\+)|\+)\s*")
_NUMBERED_LABEL = re.compile(r"[^0-9+]*[A-Za-z][^0-9+]*[0-9]{1,2}\s*[:)]\s*(?=[^0-9]*[0-9])")
_LABEL = re.compile(r"[^0-9+(*#]+|\((?![0-9+])")
_DIALLED = re.compile(r"\+?[0-9*#]*[0-9][0-9*#]*")
_FEATURE = re.compile(r"[*#][0-9*#]*")


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What is left of a raw text.

    `text`: digits, perhaps with a leading `+`, or a feature code with `*` and `#`; empty if there is none. `extension`:
    what to dial after the answer. `problem`: a stable code, empty if the text is one number: `too-long`, `letters`,
    `no-number`, `not-a-number`. `anonymous`: nothing was given, or a word that says so. `note`: what was left out, a code
    of `reasons.NOTES`. `vanity`: the number with its letters, where they were dialled by the keypad.
    """

    text: str
    extension: str = ""
    problem: str = ""
    anonymous: bool = False
    note: str = ""
    vanity: str = ""


def clean(
    raw: str, *, vanity: tuple[str, ...] | None = None, dialled: bool = False, to_dial: bool = False
) -> Cleaned:
    """Read one number out of `raw`.

    `vanity`: the prefixes behind which letters are digits, None if letters never are. `dialled`: a PBX wrote it, digits
    with `*` and `#` stay as they are; in what people write a `#` ends the number. `to_dial`: it rings somewhere at once, so
    words before the first digit and links that are not to call are refused.
    """
    if raw.isdigit() and raw.isascii() and len(raw) <= 15:
        return Cleaned(raw)
    if dialled and len(raw) <= 64 and _DIALLED.fullmatch(raw):
        return Cleaned(raw)
    if len(raw) <= 32 and _SIMPLE.fullmatch(raw) and " -" not in raw:
        text = _without(raw, _BETWEEN)
        if len(text) <= 15 and not _repeats_area(raw):
            return Cleaned(text)
    if len(raw) > RAW_MOST:
        return Cleaned("", problem="too-long")
    return _read(raw, vanity, to_dial=to_dial)


def usual(raw: str) -> str:
    """What `clean` leaves of a number in a form that is usual everywhere: `0432/123456`, `(089) 12 34`, `Tel. +49 89 1234`.

    "" where somebody has to look closer: it may be a number all the same.
    """
    match = _USUAL.fullmatch(raw) if len(raw) <= 32 else None
    if match is None or " -" in raw or ".." in raw or ("(0)" in raw and "+" not in raw):
        return ""
    text = _without(raw, _BETWEEN + _LABELS)
    if "+" in text[1:]:
        return ""  # a second number
    if ")" in raw and (raw.count(")") > raw.count("(") or raw.find(")") < raw.find("(")):
        return ""  # what was opened elsewhere ends here, and the number may too
    area = match[1]
    if area:
        length = len(_without(area, _BETWEEN)) - (3 if "+" in area else 4 if area.startswith("00") else 0)
        if length > 5 or (length == 5 and raw[match.end(1) + 1 :].lstrip(" (")[0] == "0"):
            return ""  # what stands before the slash may be a number of its own
    return text if len(text) <= 15 and not (raw.count(" ") > 2 and _repeats_area(raw)) else ""


def _without(text: str, signs: bytes) -> str:
    """A text of ASCII without these signs: several times quicker by bytes than `str.translate` takes signs away."""
    return text.encode().translate(None, signs).decode()


def _read(raw: str, vanity: tuple[str, ...] | None, *, to_dial: bool) -> Cleaned:
    if raw.casefold().strip(" <>()[]\"'.-\t\r\n") in _ANONYMOUS or not raw.strip(" <>()[]\"'.-\t\r\n"):
        return Cleaned("", anonymous=True)
    text, extension = _unwrap(to_ascii(raw))
    if text.casefold() in _ANONYMOUS:
        return Cleaned("", anonymous=True)
    if to_dial and (_OTHER_SCHEME.match(to_ascii(raw)) or _begins_with_words(text)):
        return Cleaned("", problem="not-a-number")
    feature = re.sub(r"[\s().\-]", "", text)
    if _FEATURE.fullmatch(feature) and any(char.isdigit() for char in feature):
        return Cleaned(feature)
    if vanity is not None and (lettered := _vanity(text, vanity)):
        return Cleaned(lettered.translate(_KEYPAD), vanity=lettered)
    text = _plain(text)
    first = _first_number(text)
    note = "" if len(_NOT_DIGIT.sub("", first)) == len(_NOT_DIGIT.sub("", text)) else "first-number"
    first, direct, own = _tail(first)
    return _digits(first, direct, own or extension, note)


def _plain(text: str) -> str:
    """The text with its letters O as zeros, and without names in brackets."""
    return _BRACKETS.sub(_bracket, _LETTER_O.sub(_zero, text))


def _begins_with_words(text: str) -> bool:
    """Whether letters stand before the first digit, as in `Rossi 2` or `alert(1)`."""
    plain = _plain(text)
    digit = re.search(r"[0-9]", plain)
    return digit is not None and _WORD.search(plain, 0, digit.start()) is not None


def to_ascii(text: str) -> str:
    """Digits of all scripts, spaces, dashes and full-width forms as ASCII; what is neither letter nor digit as a blank."""
    return text.translate(_ASCII).strip()


class _Ascii(dict[int, str]):
    def __missing__(self, point: int) -> str | int:
        char = chr(point)
        if 32 <= point < 127 or char == "\n":
            return point
        if 0xFF01 <= point <= 0xFF5E:  # full-width forms
            return chr(point - 0xFEE0)
        digit = unicodedata.decimal(char, None)
        if digit is not None:
            return str(digit)
        return _by_category(char)


def _by_category(char: str) -> str:
    category = unicodedata.category(char)
    if category in ("Cf", "Mn", "Me"):  # direction marks, joiners, accents
        return ""
    if category == "Pd" or char in "\u2212\u00ad":
        return "-"
    if char in "\u2044\u2215":
        return "/"
    if char in "\u207a\ufe62\u2795":
        return "+"
    if category.startswith("L"):
        base = unicodedata.normalize("NFKD", char)[0]
        return base if base.isascii() else "a"
    return "\n" if category in ("Zl", "Zp") or char == "\r" else " "


_ASCII = _Ascii()


def _unwrap(text: str) -> tuple[str, str]:
    """Take the number out of a URI, a name with an address, or percent-encoding; and its `;ext=`."""
    address = _ADDRESS.fullmatch(text)
    if address:
        text = address[1]
    if "%" in text:
        text = to_ascii(unquote(text))
    scheme = _SCHEME.match(text)
    if scheme is None and "@" not in text:
        return text, ""
    text = text[scheme.end() :] if scheme else text
    parameters = {name.lower(): value for name, value in _PARAMETER.findall(text)}
    if "@" in text:
        text = text.partition("@")[0].partition(":")[0]
        if _WORD.search(text.partition(";")[0]):
            return (text if text.casefold() in _ANONYMOUS else ""), ""  # a person's address, not a number
    elif scheme and scheme[1].lower() in ("sip", "sips"):
        return "", ""  # a host without a user
    text = re.split(r";\s*[A-Za-z-]+(?:=|$)", text)[0] or text
    context = parameters.get("phone-context", "")
    if context.startswith("+") and not text.lstrip().startswith("+"):
        text = context + text
    return text.strip(), _NOT_DIGIT.sub("", parameters.get("ext", ""))


def _vanity(text: str, prefixes: tuple[str, ...]) -> str:
    """The number with its letters, if those follow one of the prefixes; else empty."""
    kept = re.sub(r"[^0-9A-Z+]", "", text.upper())
    start = re.search(r"[0-9+]", kept)
    if start is None:
        return ""
    kept = kept[start.start() :]
    for prefix in prefixes or (r"",):
        head = prefix or (match[0] if (match := re.match(r"\+?[0-9]{3,}", kept)) else "")
        word = kept[len(head) :]
        if head and kept.startswith(head) and re.fullmatch(r"(?=.*[A-Z]{2})[0-9A-Z]+", word):
            return head + word
    return ""


def _zero(match: re.Match[str]) -> str:
    return re.sub("[oO]", "0", match[0]) if any(char.isdigit() for char in match[0]) else match[0]


def _bracket(match: re.Match[str]) -> str:
    """Names in brackets go, digits stay; a bracketed extension loses its brackets."""
    inner = match[1].strip()
    if inner in ("O", "o"):
        return "(0)"
    if not _WORD.search(inner):
        return match[0]
    return f" {inner}" if _EXTENSION.fullmatch(inner) or _DIRECT.fullmatch(inner) else " "


def _first_number(text: str) -> str:
    """The part of a field that holds its first number."""
    parts = [part for part in _LIST.split(text) if _NOT_DIGIT.sub("", part)]
    if not parts:
        return text
    first = next((part for part in parts if len(_NOT_DIGIT.sub("", part)) > 2), parts[0])
    for cut in _CUT.finditer(first):
        left, right = first[: cut.start()], first[cut.start() :].lstrip(" /,-")
        if _two(left, right, cut[1].strip()):
            return left
    return _by_spaces(first)


def _two(left: str, right: str, separator: str) -> bool:
    """Whether a separator stands between two numbers rather than between the groups of one."""
    before = _NOT_DIGIT.sub("", left)
    if not before:
        return False
    if right.startswith(("+", "(+")):
        return True
    local = len(before) - (2 if "+" in left else 4 if before.startswith("00") else 0)
    after = re.match(r"[0-9 ().\-]*", right)
    following = _NOT_DIGIT.sub("", after[0] if after else "")
    if following.startswith("0") and len(following) >= 4 and local >= 5:
        return True
    if (local >= 9 and len(following) >= 5) or (local >= 6 and len(following) >= 8):
        return True
    return separator != "-" and local >= 8 and 0 < len(following) <= 3


def _repeats_area(text: str) -> bool:
    """Whether the first group, an area code, comes again after a number of its own (0432 1 0432 2)."""
    groups = text.split()
    if len(groups) < 4 or len(groups[0]) < 3 or groups[0][0] != "0" or groups[0] not in groups[2:-1]:
        return False
    return len("".join(groups[: groups.index(groups[0], 1)])) >= 5


def _by_spaces(text: str) -> str:
    """Two numbers with nothing but a blank between them: the area code comes again, or it is too long for one."""
    if _repeats_area(text):
        groups = list(re.finditer(r"\S+", text))
        again = next(group for group in groups[1:] if group[0] == groups[0][0])
        return text[: again.start()].rstrip()
    digits = _NOT_DIGIT.sub("", text)
    if len(digits) <= (17 if digits.startswith("00") else 15):
        return text
    for gap in re.finditer(r"\s+(?=[0+(])", text):
        if len(_NOT_DIGIT.sub("", text[: gap.start()])) >= 6:
            return text[: gap.start()]
    return text


def _tail(text: str) -> tuple[str, str, str]:
    """Split off what follows the number: the text without it, a direct-dial ending, an extension."""
    text = _RANGE.sub("", text)
    match = _DIRECT.search(text)
    if match and _NOT_DIGIT.sub("", text[: match.start()]):
        return _SWITCHBOARD.sub("", text[: match.start()]), match[1], ""
    match = _EXTENSION.search(text)
    if match and len(_NOT_DIGIT.sub("", text[: match.start()])) > 2:
        return text[: match.start()], "", match[1]
    return text, "", ""


def _digits(text: str, direct: str, extension: str, note: str) -> Cleaned:
    numbered = _NUMBERED_LABEL.match(text)
    text = text[numbered.end() :] if numbered else text
    while label := _LABEL.match(text):
        text = text[label.end() :]
    word = _WORD.search(text)
    if word:
        head = text[: word.start()]
        if len(_NOT_DIGIT.sub("", head)) < 6 or head[-1:].isdigit():
            return Cleaned("", problem="letters")
        text, note = head, note or "words-left-out"
    plus = "+" if text.lstrip("( ").startswith("+") else ""
    cut = re.split(r"[*#]", text)[0]
    digits = _NOT_DIGIT.sub("", cut) + direct
    if not digits:
        return Cleaned("", problem="no-number")
    return Cleaned(plus + digits, extension, note=note)
