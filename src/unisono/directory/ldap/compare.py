"""Compare (RFC 4511 4.10): whether an entry has a value. Pure.

What is hidden is looked for like what is not there, with the same work and the same answer.
"""

from unisono.directory.ldap.compiler import compile_filter
from unisono.directory.ldap.condition import NEVER, Condition
from unisono.directory.ldap.entries import truth
from unisono.directory.ldap.evaluate import holds
from unisono.directory.ldap.prepared import Asker, prepare
from unisono.directory.ldap.template import translate
from unisono.directory.ldap.tree import Level, Portion, Tree
from unisono.wire.ldap.filter import Equality, Filter, Not, Present
from unisono.wire.ldap.message import CompareRequest, Deref, Scope, SearchRequest
from unisono.wire.ldap.result_code import ResultCode

_SAID = {
    True: ResultCode.COMPARE_TRUE,
    False: ResultCode.COMPARE_FALSE,
    # Every attribute has an equality rule here: what is Undefined is a value that the attribute cannot have.
    None: ResultCode.INVALID_ATTRIBUTE_SYNTAX,
}


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
    return _SAID[truth(asked, entry)]


def _of_contact(portion: Portion, contact_id: str, asked: Equality) -> ResultCode:
    branch, hit = portion.branch, portion.find(contact_id)
    assert hit is not None, "it was found when the entry was looked up"
    part, ordinal = hit

    def condition(one: Filter) -> Condition:
        return compile_filter(translate(one, branch.template), branch.reading)

    def said(one: Filter) -> bool | None:
        if holds(part.segment, ordinal, condition(one)):
            return True
        # Undefined is neither: not even "it is not there" is true of it.
        return None if condition(one) is condition(Not(one)) is NEVER else False

    there = said(Present(asked.attribute))
    if not there:
        return ResultCode.UNDEFINED_ATTRIBUTE_TYPE if there is None else ResultCode.NO_SUCH_ATTRIBUTE
    return _SAID[said(asked)]
