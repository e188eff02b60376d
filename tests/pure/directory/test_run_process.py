"""What a run's process says of a fault."""

import msgspec

from unisono.directory.runs.process import Faulted
from unisono.kernel.errors import Culprit, Fault, Retry


def test_a_fault_is_told_whole() -> None:
    """Also whether it may be tried again: a peer that is down is asked later."""
    fault = Fault("down", "It is down.", culprit=Culprit.PEER, retry=Retry.LATER, data={"peer": "crm"})
    told = msgspec.json.decode(msgspec.json.encode(Faulted.of(fault)), type=Faulted).fault()
    assert vars(told) == vars(fault)
