"""What cannot be, in words: every reason has its sentence, with its particulars in it."""

import pytest

from unisono.calls.impossible import Impossible, Why

PARTICULARS = {"what": "Held", "call": "77", "device": "101", "state": "alerting", "detail": "no XML"}


@pytest.mark.parametrize("why", Why)
def test_every_reason_has_a_sentence(why: Why) -> None:
    sentence = str(Impossible(why, **PARTICULARS))
    assert "{" not in sentence
    assert sentence == sentence.strip() != ""


def test_particulars_are_those_that_there_are() -> None:
    assert Impossible(Why.STATE, **PARTICULARS).particulars() == PARTICULARS
    assert Impossible(Why.AFTER_END, call="77").particulars() == {"call": "77"}
    assert str(Impossible(Why.STATE, "Held", "77", "101", "alerting")) == "Held for 77:101 in state alerting"
