"""What is wrong with a value that does not fit its declaration: msgspec's sentence as a code with data, for clients' words."""

import re

_LENGTH = re.compile(r"Expected `(?P<kind>\w+)` of length (?P<sign>>=|<=|==) (?P<bound>\d+)")
_BOUND = re.compile(r"Expected `\w+` (?P<sign>>=|<=|>|<) (?P<bound>-?[\d.]+)")
_OTHERS = {
    "matching regex": "form",
    "missing required field": "missing",
    "contains unknown field": "unknown",
    "Invalid enum value": "choice",
}
_BOUNDS = {">=": "at-least", ">": "above", "<=": "at-most", "<": "below"}


def misfit(sentence: str) -> dict[str, str | int]:
    """`problem` (at-least, at-most, above, below, too-short, too-long, too-few, too-many, form, missing, unknown, choice, kind)
    and the `bound` that counts where there is one.
    """
    if found := _LENGTH.search(sentence):
        text, small = found["kind"] in ("str", "bytes"), found["sign"] == ">="
        problem = ("too-short" if small else "too-long") if text else ("too-few" if small else "too-many")
        return {"problem": problem, "bound": int(found["bound"])}
    if found := _BOUND.search(sentence):
        bound = found["bound"].rstrip(".")
        return {"problem": _BOUNDS[found["sign"]], "bound": int(bound) if bound.lstrip("-").isdigit() else bound}
    return {"problem": next((problem for words, problem in _OTHERS.items() if words in sentence), "kind")}
