"""Numbers read and people named: the part of hop 2 after the step, because reading a number needs the call's direction."""

from dataclasses import replace

from unisono.calls.draft import redirected
from unisono.calls.legs import OUTSIDE
from unisono.calls.model import Call, Direction, Party, PartyKind, Role, Transfer
from unisono.calls.port import Identifier, Normaliser
from unisono.numbers.model import Direction as Way
from unisono.numbers.model import NumberKind
from unisono.numbers.model import Role as NumberRole

_KINDS = {
    NumberKind.INTERNAL: PartyKind.EXTENSION,
    NumberKind.FEATURE: PartyKind.SERVICE,
    NumberKind.EXTERNAL: PartyKind.EXTERNAL,
    NumberKind.SERVICE: PartyKind.EXTERNAL,
    NumberKind.EMERGENCY: PartyKind.EXTERNAL,
}


class Enricher:
    """Gives the parties of a call their canonical numbers and contacts; each party is looked at once."""

    def __init__(self, normaliser: Normaliser, identifier: Identifier) -> None:
        self._normaliser = normaliser
        self._identifier = identifier

    def enriched(self, call: Call, before: Call | None) -> Call:
        """The call with every party that is new in it read and named; with its direction if that became clear."""
        after = self._parties(call, before)
        turned = redirected(call, after)
        if turned.direction is not call.direction:
            turned = self._parties(turned, None)
        return turned

    def _parties(self, call: Call, before: Call | None) -> Call:
        known = _parties_of(before) if before is not None and before.direction is call.direction else {}
        home = self._home(call)
        done: dict[tuple[int, Way, NumberRole], Party] = {}

        def one(party: Party, way: Way, role: NumberRole) -> Party:
            if id(party) in known:
                return party
            key = (id(party), way, role)
            if key not in done:
                done[key] = self._party(party, call.connector, home, way, role)
            return done[key]

        out = call.direction in (Direction.OUTBOUND, Direction.FEATURE)
        calling = one(call.calling, Way.IN, NumberRole.CALLER)
        called = one(call.called, Way.OUT if out else Way.IN, NumberRole.CALLED)
        redirecting = call.redirecting and one(call.redirecting, Way.IN, NumberRole.REDIRECTING)
        legs = call.connections
        for leg in call.connections:
            caller = leg.role is Role.CALLER
            way, role = (Way.IN, NumberRole.CALLER) if caller else (Way.OUT, NumberRole.CONNECTED)
            party = one(leg.party, way, role)
            if party is not leg.party:
                legs = tuple(replace(each, party=party) if each is leg else each for each in legs)
        transfers = self._transfers(call, home, again=before is None)
        same = calling is call.calling and called is call.called and redirecting is call.redirecting
        if legs is call.connections and transfers is call.transfers and same:
            return call
        return replace(call, connections=legs, calling=calling, called=called, redirecting=redirecting, transfers=transfers)

    def _transfers(self, call: Call, home: str, *, again: bool) -> tuple[Transfer, ...]:
        """To whom the call was given: a number outside that was only dialled is read like any other."""
        after = tuple(
            self._transfer(each, call.connector, home)
            if each.to_kind is not PartyKind.PARK and (again or each.target is None)
            else each
            for each in call.transfers
        )
        return call.transfers if after == call.transfers else after

    def _transfer(self, transfer: Transfer, connector: str, home: str) -> Transfer:
        to = Party(device=transfer.to, number=transfer.to, kind=transfer.to_kind)
        target = self._party(to, connector, home or transfer.by, Way.OUT, NumberRole.CONNECTED)
        return transfer if target == transfer.target else replace(transfer, target=target)

    def _home(self, call: Call) -> str:
        """Where the call's numbers were reported: one of our lines in it. A trunk may stand for a colleague of another site."""
        devices = [leg.id.device for leg in call.connections if leg.party.kind is PartyKind.EXTENSION]
        ours = (device for device in devices if self._identifier.person(call.connector, device) is not None)
        return next(ours, devices[0] if devices else "")

    def _party(self, party: Party, connector: str, home: str, way: Way, role: NumberRole) -> Party:
        person = self._identifier.person(connector, party.device) if _may_be_ours(party) else None
        kind = PartyKind.EXTENSION if person is not None and party.kind is PartyKind.UNKNOWN else party.kind
        if not party.number:
            same = (kind, person) == (party.kind, party.contact)
            return party if same else replace(party, kind=kind, contact=person)
        if kind is PartyKind.EXTENSION:
            way, role = Way.IN, NumberRole.LINE
            home = party.device if person is not None else home
        number = self._normaliser.read(party.number, connector, home, way, role)
        if kind is PartyKind.UNKNOWN:
            kind = _KINDS.get(number.kind, PartyKind.UNKNOWN)
        canonical = number.supercanonical
        contact = person or (self._identifier.contact(canonical) if canonical and not party.restricted else None)
        restricted = party.restricted or number.kind is NumberKind.ANONYMOUS
        after = replace(party, kind=kind, canonical=canonical, contact=contact, restricted=restricted)
        return party if after == party else after


def _may_be_ours(party: Party) -> bool:
    return bool(party.device) and (party.kind not in OUTSIDE or party.kind is PartyKind.UNKNOWN)


def _parties_of(call: Call) -> dict[int, Party]:
    parties = [call.calling, call.called, *(leg.party for leg in call.connections)]
    if call.redirecting is not None:
        parties.append(call.redirecting)
    return {id(party): party for party in parties}
