"""Faults to HTTP: problem details (RFC 9457). The only place that knows status codes."""

import re
from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.types import ExceptionHandlersMap

from unisono.calls.port import CommandProblem, CommandRefused
from unisono.kernel.errors import Conflict, Culprit, Fault, Forbidden, Invalid, NotFound, Outdated, Retry, TooMany, Unavailable
from unisono.kernel.log import Log
from unisono.kernel.misfit import misfit
from unisono.web.headers import PROBLEM

log = Log("web")


class NotSignedIn(Fault):
    """There is no session, or it has ended."""


class Problem(msgspec.Struct):
    """What a client gets instead of an answer (RFC 9457 3.1). `code` is stable; `data` is for the translated text."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    culprit: Culprit
    retry: Retry
    data: dict[str, Any]


_STATUS: tuple[tuple[type[Fault], HTTPStatus], ...] = (
    (NotSignedIn, HTTPStatus.UNAUTHORIZED),
    (NotFound, HTTPStatus.NOT_FOUND),
    (Forbidden, HTTPStatus.FORBIDDEN),
    (Conflict, HTTPStatus.CONFLICT),
    (Outdated, HTTPStatus.PRECONDITION_FAILED),
    (Invalid, HTTPStatus.UNPROCESSABLE_ENTITY),
    (TooMany, HTTPStatus.TOO_MANY_REQUESTS),
    (Unavailable, HTTPStatus.SERVICE_UNAVAILABLE),
)
_BY_CULPRIT = {
    Culprit.USER: HTTPStatus.BAD_REQUEST,
    Culprit.PEER: HTTPStatus.BAD_GATEWAY,
    Culprit.US: HTTPStatus.INTERNAL_SERVER_ERROR,
}
_NO_FILE = "Unsupported type: <class 'str'>"
_IN_BODY = re.compile(r"(?P<what>.*) - at `\$\.data\.(?P<field>.*)`", re.DOTALL)
_CODES = {400: "invalid-request", 404: "not-found", 405: "method-not-allowed", 413: "too-large", 415: "media-type"}


_REFUSED: dict[CommandProblem, HTTPStatus] = {
    CommandProblem.NOT_NOW: HTTPStatus.CONFLICT,
    CommandProblem.BUSY: HTTPStatus.CONFLICT,
    CommandProblem.DEVICE_OFFLINE: HTTPStatus.CONFLICT,
    CommandProblem.UNKNOWN_CALL: HTTPStatus.CONFLICT,
    CommandProblem.OTHER: HTTPStatus.CONFLICT,
    CommandProblem.INVALID_DESTINATION: HTTPStatus.UNPROCESSABLE_ENTITY,
    CommandProblem.NOT_SUPPORTED: HTTPStatus.UNPROCESSABLE_ENTITY,
    CommandProblem.NO_PERMISSION: HTTPStatus.UNPROCESSABLE_ENTITY,
    CommandProblem.TIMEOUT: HTTPStatus.GATEWAY_TIMEOUT,
    CommandProblem.LINK_DOWN: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""A PBX that says no works: only where it cannot be asked, or does not answer, is something broken (a 5xx for who watches)."""


def status_of(fault: Fault) -> HTTPStatus:
    """The HTTP status that says the same as this fault."""
    if isinstance(fault, CommandRefused):
        return _REFUSED[fault.problem]
    for kind, status in _STATUS:
        if isinstance(fault, kind):
            return status
    return _BY_CULPRIT[fault.culprit]


def of_fault(fault: Fault) -> Problem:
    """A fault as problem details."""
    status = status_of(fault)
    return Problem(
        "about:blank", status.phrase, status.value, fault.message, fault.code, fault.culprit, fault.retry, fault.data
    )


def headers_of(fault: Fault) -> dict[str, str]:
    """Headers that belong to a fault (RFC 9110 10.2.3 and 11.6.1)."""
    if isinstance(fault, TooMany | Unavailable) and "retry_after" in fault.data:
        return {"Retry-After": str(max(1, round(float(str(fault.data["retry_after"])))))}
    if isinstance(fault, NotSignedIn):
        return {"WWW-Authenticate": 'Bearer realm="Unisono"'}
    return {}


def _answer(problem: Problem, headers: dict[str, str]) -> Response[Problem]:
    return Response(
        problem, status_code=problem.status, media_type="application/problem+json", headers={**PROBLEM, **headers}
    )


def _on_fault(_request: Request[Any, Any, Any], fault: Fault) -> Response[Problem]:
    if fault.culprit is Culprit.US:
        log.error("our own fault", code=fault.code, message=fault.message)
    return _answer(of_fault(fault), headers_of(fault))


def _of_the_body(error: HTTPException) -> HTTPException:
    """Litestar takes a wrong field of a body for a bug of ours when a dependency has the same name: not ours but theirs."""
    found = _IN_BODY.fullmatch(str(error.__cause__)) if isinstance(error.__cause__, msgspec.ValidationError) else None
    if found is None or error.status_code < 500:
        return error
    return ValidationException(found["what"], extra=[{"key": found["field"], "message": found["what"]}])


def _of_a_file(sentence: str) -> str:
    """Litestar takes a part of a form that names no file for a text, and says so in words of Python."""
    return "Send a file, with its name." if sentence.startswith(_NO_FILE) else sentence


def _on_http(_request: Request[Any, Any, Any], error: HTTPException) -> Response[Problem]:
    error = _of_the_body(error)
    status = HTTPStatus(error.status_code)
    data: dict[str, Any] = {}
    detail = error.detail
    if isinstance(error, ValidationException) and isinstance(error.extra, list):
        data["problems"] = [
            {"field": str(each.get("key", "")), "message": _of_a_file(str(each.get("message", "")))}
            for each in error.extra
            if isinstance(each, dict)
        ]
        first = data["problems"][0] if data["problems"] else None
        if first:
            data["field"] = first["field"]
            data |= misfit(first["message"])
            detail = f"{first['field']}: {first['message']}" if first["field"] else first["message"]
    code = _CODES.get(status.value, f"http-{status.value}")
    ours = status.value >= 500
    problem = Problem(
        "about:blank",
        status.phrase,
        status.value,
        "Something went wrong in the server." if ours else detail,
        code,
        Culprit.US if ours else Culprit.USER,
        Retry.LATER if ours else Retry.NEVER,
        data,
    )
    return _answer(problem, dict(error.headers or {}))


def _on_depth(_request: Request[Any, Any, Any], _error: RecursionError) -> Response[Problem]:
    # The decoder gives up before it can say where; nothing of ours nests as deeply.
    fault = Fault("too-deep", "The request is nested too deeply.", culprit=Culprit.USER, retry=Retry.NEVER)
    return _answer(of_fault(fault), {})


def _on_bug(request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    log.error("request failed", method=request.method, path=request.scope.get("path_template", ""), exc_info=error)
    problem = Problem(
        "about:blank",
        HTTPStatus.INTERNAL_SERVER_ERROR.phrase,
        500,
        "Something went wrong in the server; its log has the details.",
        "internal",
        Culprit.US,
        Retry.LATER,
        {},
    )
    return _answer(problem, {})


HANDLERS: ExceptionHandlersMap = {Fault: _on_fault, HTTPException: _on_http, RecursionError: _on_depth, Exception: _on_bug}
"""What the routes install."""

