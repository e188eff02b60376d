"""Numbers: how a site writes, reads and dials them. The dial plan is a value; nothing here waits or speaks SQL but `store`.

Not here: who a number belongs to (directory, people), and what a call does with it (calls).
"""

from unisono.numbers.dial import dial
from unisono.numbers.explain import explain
from unisono.numbers.format import format_number
from unisono.numbers.location import Location
from unisono.numbers.model import Direction, NumberFormat, NumberKind, Origin, PhoneNumber, Role, Rule
from unisono.numbers.normalise import normalise

__all__ = [
    "Direction",
    "Location",
    "NumberFormat",
    "NumberKind",
    "Origin",
    "PhoneNumber",
    "Role",
    "Rule",
    "dial",
    "explain",
    "format_number",
    "normalise",
]
