"""Sign in, keep the session alive, sign out (ECMA-354)."""

from dataclasses import dataclass

from unisono.connectors.csta import faults
from unisono.connectors.csta.link import Link, RequestFailed
from unisono.connectors.csta.settings import CstaSettings, Dialect, EditionWish
from unisono.kernel.clock import Clock
from unisono.wire.csta import Edition, Response
from unisono.wire.csta.sessions import (
    INVALID_APPLICATION_INFO,
    VERSION_NOT_SUPPORTED,
    ApplicationInfo,
    ApplicationSpecificInfo,
    ProtocolVersions,
    ResetApplicationSessionTimer,
    ResetApplicationSessionTimerNegResponse,
    ResetApplicationSessionTimerPosResponse,
    SessionEndReason,
    SessionLoginInfo,
    StartApplicationSession,
    StartApplicationSessionNegResponse,
    StartApplicationSessionPosResponse,
    StopApplicationSession,
)

NEWEST_FIRST = (Edition.ED6, Edition.ED5, Edition.ED4, Edition.ED3, Edition.ED2)
CREDENTIALS = ("password", "credential", "user", "login", "authent")
"""Words by which a PBX's own error text shows that the sign-in was wrong."""


@dataclass(frozen=True, slots=True)
class Session:
    """An open session: identifier (empty: the PBX has no sessions), edition, length in seconds (None: endless)."""

    id: str
    edition: Edition
    seconds: int | None


async def open_session(link: Link, settings: CstaSettings) -> Session:
    """Sign in with all wished editions, newest first, then one by one if the PBX looks only at the first.

    Sets the link's edition. Raises `LinkFault`: no answer, wrong password, wrong edition, or refused for another reason.
    """
    wished = NEWEST_FIRST if settings.edition is EditionWish.AUTO else (Edition[settings.edition.name],)
    tries = [wished, *((edition,) for edition in wished if len(wished) > 1)]
    refused = None
    for editions in tries:
        answer = await _start(link, settings, editions)
        if isinstance(answer, StartApplicationSessionPosResponse):
            return _opened(link, answer, editions)
        if isinstance(answer, StartApplicationSessionNegResponse):
            refused = answer.error_code
            if refused.defined_error != VERSION_NOT_SUPPORTED:
                break
        else:
            link.settled = True
            return Session("", link.edition, None)
    word = (refused.defined_error or refused.appl_error) if refused is not None else ""
    if word == VERSION_NOT_SUPPORTED:
        raise faults.wrong_edition(link.peer, _named(wished), "")
    if word == INVALID_APPLICATION_INFO or any(part in word.lower() for part in CREDENTIALS):
        raise faults.wrong_password(link.peer, settings.user, word)
    raise faults.session_refused(link.peer, word or "without a reason")


async def _start(link: Link, settings: CstaSettings, editions: tuple[Edition, ...]) -> Response | None:
    """The answer to one try; None when the PBX knows no sessions."""
    message = StartApplicationSession(
        ApplicationInfo(settings.application, _login(settings)),
        ProtocolVersions(tuple(edition.value for edition in editions)),
        settings.session_seconds,
    )
    try:
        return await link.request(message, Response)
    except RequestFailed as failed:
        if failed.error is None:
            raise faults.no_answer_to_sign_in(link.peer, settings.answer_seconds) from failed
        if failed.unsupported:
            return None
        word = str(failed.error)
        if failed.error.category.value == "security" or any(part in word.lower() for part in CREDENTIALS):
            raise faults.wrong_password(link.peer, settings.user, word) from failed
        raise faults.session_refused(link.peer, word) from failed


def _login(settings: CstaSettings) -> ApplicationSpecificInfo | None:
    if not settings.user:
        return None
    if settings.dialect is Dialect.AVAYA:
        login = SessionLoginInfo(settings.user, settings.password.reveal(), settings.session_seconds)
        return ApplicationSpecificInfo(session_login_info=login)
    return ApplicationSpecificInfo(settings.user, settings.password.reveal())


def _opened(link: Link, answer: StartApplicationSessionPosResponse, editions: tuple[Edition, ...]) -> Session:
    version = answer.actual_protocol_version
    edition = Edition.of(version) if version else editions[0]
    if edition is None or edition not in editions:
        raise faults.wrong_edition(link.peer, _named(editions), version)
    link.edition = edition
    link.namespace = version if version.startswith("http") else ""
    link.settled = True
    return Session(answer.session_id, edition, answer.actual_session_duration or None)


def _named(editions: tuple[Edition, ...]) -> str:
    return " or ".join(edition.name.lower() for edition in reversed(editions))


async def renew(link: Link, session: Session, settings: CstaSettings, clock: Clock) -> None:
    """Renew the session after half its length, for ever; raises `LinkFault` when the PBX will not."""
    seconds = session.seconds
    while seconds and session.id:
        await clock.sleep(seconds / 2)
        message = ResetApplicationSessionTimer(session.id, settings.session_seconds)
        try:
            answer = await link.request(message, Response)
        except RequestFailed as failed:
            if failed.error is None:
                continue
            raise faults.session_ended(link.peer, failed.why) from failed
        if isinstance(answer, ResetApplicationSessionTimerNegResponse):
            error = answer.error_code
            raise faults.session_ended(link.peer, error.defined_error or error.appl_error)
        if isinstance(answer, ResetApplicationSessionTimerPosResponse):
            seconds = answer.actual_session_duration or seconds


async def close_session(link: Link, session: Session) -> None:
    """Close the session without waiting for the answer."""
    if session.id:
        await link.farewell(StopApplicationSession(session.id, SessionEndReason("normal")))
