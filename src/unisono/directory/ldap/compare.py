"""Compare (RFC 4511 4.10): whether a contact has a value. Pure.

What is hidden is looked for like what is not there, with the same work and the same answer.
"""

from unisono.directory.ldap.condition import NEVER, compile_filter
from unisono.directory.ldap.entries import truth
from unisono.directory.ldap.evaluate import holds
from unisono.directory.ldap.prepared import Asker
from unisono.directory.ldap.template import translate
from unisono.directory.ldap.tree import Level, Place, Refused, Tree
from unisono.wire.ldap.filter import Equality, Filter, Present
from unisono.wire.ldap.message import CompareRequest
from unisono.wire.ldap.result_code import ResultCode


def compare(tree: Tree, asker: Asker, request: CompareRequest) -> ResultCode:
    """True, false, or why it cannot be said. Raises `Refused`."""
    place = tree.place(request.entry)
    asked = Equality(request.attribute, request.value)
    if place.level in (Level.ROOT, Level.SCHEMA):
        entry = tree.schema_entry() if place.level is Level.SCHEMA else tree.root_dse(asker.address, asker.secure)
        return _said(truth(asked, entry), truth(Present(request.attribute), entry))
    branch = place.branch
    if branch is None or not branch.reachable(asker.address):
        raise Refused(ResultCode.NO_SUCH_OBJECT)
    if asker.anonymous and not branch.open_to(asker.address):
        raise Refused(ResultCode.INSUFFICIENT_ACCESS_RIGHTS, "Bind with name and password first")
    if place.level is Level.CONTACT:
        return _of_contact(tree, asker, place, asked)
    portion = tree.portion(branch, asker.view)
    if place.level is Level.BOOK and not portion.of_book(place.book).parts:
        raise Refused(ResultCode.NO_SUCH_OBJECT, matched=branch.suffix)
    node = place.level is Level.NODE
    entry = branch.root_entry(bool(portion.parts)) if node else tree.book_entry(portion, place.book)
    return _said(truth(asked, entry), truth(Present(request.attribute), entry))


def _of_contact(tree: Tree, asker: Asker, place: Place, asked: Equality) -> ResultCode:
    assert place.branch is not None
    branch = place.branch
    hit = tree.portion(branch, asker.view).find(place.contact_id)
    if hit is None or hit[0].book != place.book:
        raise Refused(ResultCode.NO_SUCH_OBJECT, matched=branch.suffix)
    part, ordinal = hit

    def true(one: Filter) -> bool:
        return holds(part.segment, ordinal, compile_filter(translate(one, branch.template), branch.reading))

    if true(asked):
        return ResultCode.COMPARE_TRUE
    present = Present(asked.attribute)
    if true(present):
        return ResultCode.COMPARE_FALSE
    known = compile_filter(translate(present, branch.template), branch.reading) is not NEVER
    return ResultCode.NO_SUCH_ATTRIBUTE if known else ResultCode.UNDEFINED_ATTRIBUTE_TYPE


def _said(found: bool | None, present: bool | None) -> ResultCode:
    if present is None:
        return ResultCode.UNDEFINED_ATTRIBUTE_TYPE
    if not present:
        return ResultCode.NO_SUCH_ATTRIBUTE
    return ResultCode.COMPARE_TRUE if found else ResultCode.COMPARE_FALSE
