"""Whatever somebody writes into a number field, or a PBX sends as a number. usage: fuzz_numbers.py -max_total_time=60"""

import sys
from contextlib import suppress

import atheris

with atheris.instrument_imports(include=["unisono"]):
    from unisono.demo.firm import MUNICH, UDINE
    from unisono.kernel.errors import Invalid
    from unisono.numbers.clean import clean
    from unisono.numbers.dial import dial
    from unisono.numbers.model import Direction
    from unisono.numbers.normalise import normalise

LOCATIONS = [UDINE.location(), MUNICH.location()]


def one(data: bytes) -> None:
    """Reading a number never raises; dialling one refuses in words."""
    provider = atheris.FuzzedDataProvider(data)
    location, direction = provider.PickValueInList(LOCATIONS), provider.PickValueInList(list(Direction))
    raw = provider.ConsumeUnicodeNoSurrogates(300)
    clean(raw)
    clean(raw, dialled=True, vanity=("0800",))
    normalise(raw, location, direction)
    with suppress(Invalid):
        dial(raw, location)


atheris.Setup(sys.argv, one)
atheris.Fuzz()
