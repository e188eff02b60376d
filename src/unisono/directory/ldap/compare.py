"""Compare (RFC 4511 4.10): whether an entry has a value. Pure.

What is hidden is looked for like what is not there, with the same work and the same answer.
"""

from unisono.directory.ldap.compiler import compile_filter
from unisono.directory.ldap.condition import NEVER
from unisono.directory.ldap.entries import truth
from unisono.directory.ldap.evaluate import holds
from unisono.directory.ldap.prepared import Asker, prepare
from unisono.directory.ldap.template import translate
from unisono.directory.ldap.tree import Level, Portion, Tree
from unisono.wire.ldap.filter import Equality, Filter, Not, Present
from unisono.wire.ldap.message import CompareRequest, Deref, Scope, SearchRequest
from unisono.wire.ldap.result_code import ResultCode


def compare(tree: Tree, asker: Asker, request: CompareRequest) -> ResultCode:
    """True, false, or why it cannot be said. Raises `Refused`, as a search for the entry would."""
    asked, present = Equality(request.attribute, request.value), Present(request.attribute)
    search = SearchRequest(request.entry, Scope.BASE, Deref.NEVER, 1, 0, True, present)
    prepared = prepare(tree, asker, search, 1)
    if prepared.place.level is Level.CONTACT:
        assert prepared.portion is not None
        return _of_contact(prepared.portion, prepared.place.contact_id, asked)
    [entry] = prepared.entries
    there = truth(present, entry)
    if not there:
        return ResultCode.UNDEFINED_ATTRIBUTE_TYPE if there is None else ResultCode.NO_SUCH_ATTRIBUTE
    return ResultCode.COMPARE_TRUE if truth(asked, entry) else ResultCode.COMPARE_FALSE


def _of_contact(portion: Portion, contact_id: str, asked: Equality) -> ResultCode:
    branch, hit = portion.branch, portion.find(contact_id)
    assert hit is not None, "it was found when the entry was looked up"
    part, ordinal = hit

    def true(one: Filter) -> bool:
        return holds(part.segment, ordinal, compile_filter(translate(one, branch.template), branch.reading))

    if true(asked):
        return ResultCode.COMPARE_TRUE
    present = Present(asked.attribute)
    if true(present):
        return ResultCode.COMPARE_FALSE
    # Undefined is neither: not even "it is not there" is true of it.
    known = any(compile_filter(translate(one, branch.template), branch.reading) is not NEVER for one in (present, Not(present)))
    return ResultCode.NO_SUCH_ATTRIBUTE if known else ResultCode.UNDEFINED_ATTRIBUTE_TYPE
