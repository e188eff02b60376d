"""One CSTA client of the exchange: frames in, frames out; session, heartbeat, monitors (ECMA-323 J.2, ECMA-354). No socket."""

from collections import deque
from collections.abc import Callable

from unisono.demo.pbx.exchange import Exchange, Monitor, hidden
from unisono.demo.pbx.express import message
from unisono.demo.pbx.faults import Impairment
from unisono.demo.pbx.model import Problem, Refusal, Report
from unisono.demo.pbx.requests import error, identifier
from unisono.demo.pbx.timeline import Timer
from unisono.wire.csta import (
    EVENT,
    CodecError,
    Edition,
    Frame,
    FrameReader,
    InvokeIds,
    Message,
    Request,
    Response,
    UnknownMessage,
    encode,
    frame,
    read,
)
from unisono.wire.csta import capabilities as caps
from unisono.wire.csta import monitoring as mon
from unisono.wire.csta import sessions as ses
from unisono.wire.csta.enums import SystemStatusValue


class Client:
    """The exchange's end of one link. `wake` is called when there is something in `outbox` or the link is to be closed."""

    def __init__(self, exchange: Exchange, wake: Callable[[], None]) -> None:
        self.exchange = exchange
        self.outbox: deque[bytes] = deque()
        self.closing = False
        self.aborting = False
        self.session = ""
        self.user = ""
        self.edition = Edition.ED6
        self._wake = wake
        self._reader = FrameReader()
        self._impairment = Impairment()
        self._invoke_ids = InvokeIds()
        self._failures = 0
        self._unanswered: set[str] = set()
        self._wants_devices = False
        self._second = -1.0
        self._in_second = 0
        self._expiry = self._after(exchange.limits.sign_in, self._unsigned)
        self._heart: Timer | None = None
        exchange.clients.append(self)

    def _after(self, seconds: float, action: Callable[[], None]) -> Timer:
        return self.exchange.switch.timeline.after(seconds, action)

    # Bytes in

    def receive(self, data: bytes) -> None:
        """Read what has arrived, do it, and put the answers into the outbox."""
        if self.exchange.faults.frozen:
            return
        for item in self._reader.feed(data):
            if self.closing:
                return
            if isinstance(item, Frame):
                self._frame(item)
            elif not item.intact:
                self.close()
        self.exchange.pump()

    def _frame(self, item: Frame) -> None:
        try:
            envelope = read(item.body)
        except CodecError:
            self._answer(item, error(Refusal(Problem.INVALID_PARAMETER)))
            return
        if not self.session and envelope.edition is not None:
            self.edition = envelope.edition
        match envelope.message:
            case Request() as request:
                self._request(item, request)
            case UnknownMessage(name=name):
                if not name.endswith("Response"):
                    self._answer(item, error(Refusal(Problem.SERVICE_NOT_SUPPORTED)))
            case Response():
                self._unanswered.discard(item.invoke_id)
            case _:
                pass

    def _request(self, item: Frame, request: Request) -> None:
        try:
            self._count()
            answer, more = self._serve(request)
        except Refusal as refusal:
            answer, more = error(refusal), []
        if self.exchange.faults.events_first:
            self.exchange.pump()
        self._answer(item, answer)
        for piece in more:
            self._send(EVENT, piece)
        self.exchange.pump()

    def _count(self) -> None:
        second = self.exchange.switch.timeline.now // 1.0
        self._in_second = self._in_second + 1 if second == self._second else 1
        self._second = second
        if self._in_second > self.exchange.limits.requests_per_second:
            raise Refusal(Problem.PERFORMANCE_LIMIT)

    def _serve(self, request: Request) -> tuple[Response, list[Message]]:
        """The answer to a request and messages that follow it."""
        match request:
            case ses.StartApplicationSession():
                return self._start(request), []
            case mon.RequestSystemStatus():
                return mon.RequestSystemStatusResponse(SystemStatusValue.NORMAL), []
            case _ if not self.session:
                raise Refusal(Problem.NO_SESSION)
            case ses.ResetApplicationSessionTimer():
                return self._renew(request), []
            case ses.StopApplicationSession():
                return self._stop(request), []
            case mon.MonitorStart():
                return self._monitor(request), []
            case mon.MonitorStop():
                self.exchange.monitors.stop(self, request.monitor_cross_ref_id)
                return mon.MonitorStopResponse(), []
            case mon.SystemRegister():
                self._wants_devices = bool(request.request_types.switching_function_devices_changed)
                return mon.SystemRegisterResponse(self.session), []
            case mon.SystemRegisterCancel():
                self._wants_devices = False
                return mon.SystemRegisterCancelResponse(), []
            case mon.SystemStatus():
                return mon.SystemStatusResponse(), []
            case caps.GetSwitchingFunctionDevices():
                return self._devices(request)
            case _:
                return self.exchange.requests.serve(request), []

    # Sessions

    def _start(self, request: ses.StartApplicationSession) -> Response:
        info = request.application_info.application_specific_info
        login = info.session_login_info if info else None
        user = login.user_name if login else info.user if info else ""
        password = login.password if login else info.password if info else ""
        if self.exchange.faults.refuse_sessions or not self.exchange.signed_in(user, password):
            self._failures += 1
            if self._failures >= self.exchange.limits.failures:
                self._after(0.0, self.close)
            return ses.StartApplicationSessionNegResponse(ses.SessionError(ses.INVALID_APPLICATION_INFO))
        edition = self._choose(request.requested_protocol_versions.protocol_version)
        if edition is None:
            return ses.StartApplicationSessionNegResponse(ses.SessionError(ses.VERSION_NOT_SUPPORTED))
        self.edition = edition
        self.user = user
        self.session = f"S{self.exchange.switch.core.new_id()}"
        granted = self._grant(request.requested_session_duration)
        self._beat_later()
        return ses.StartApplicationSessionPosResponse(self.session, edition.value, granted)

    def _choose(self, versions: tuple[str, ...]) -> Edition | None:
        only = Edition.of(self.exchange.faults.edition)
        for version in versions:
            edition = Edition.of(version)
            if edition is not None and only in (None, edition):
                return edition
        return None

    def _grant(self, wanted: int | None) -> int:
        """Start the session's time again; returns it in whole seconds."""
        most = self.exchange.limits.session
        granted = min(float(wanted), most) if wanted and wanted > 0 else most
        self._expiry.cancel()
        self._expiry = self._after(granted, self._expired)
        return int(granted)

    def _renew(self, request: ses.ResetApplicationSessionTimer) -> Response:
        if request.session_id != self.session:
            return ses.ResetApplicationSessionTimerNegResponse(ses.SessionError("invalidSessionID"))
        return ses.ResetApplicationSessionTimerPosResponse(self._grant(request.requested_session_duration))

    def _stop(self, request: ses.StopApplicationSession) -> Response:
        if request.session_id != self.session:
            return ses.StopApplicationSessionNegResponse(ses.SessionError("invalidSessionID"))
        self._after(0.0, self.close)
        return ses.StopApplicationSessionPosResponse()

    def _unsigned(self) -> None:
        """Nobody has signed in: the link is closed, but not while it is frozen."""
        if self.exchange.faults.frozen:
            self._expiry = self._after(1.0, self._unsigned)
        else:
            self.close()

    def _expired(self) -> None:
        if self.exchange.faults.frozen:
            self._expiry = self._after(1.0, self._expired)
            return
        reason = ses.SessionEndReason(appl_end_reason="session timer expired")
        self._send(EVENT, ses.ApplicationSessionTerminated(self.session, reason))
        self.close()

    # Heartbeat

    def _beat_later(self) -> None:
        if self._heart is not None:
            self._heart.cancel()
        self._heart = self._after(self.exchange.limits.heartbeat, self._beat)

    def _beat(self) -> None:
        if self.exchange.faults.frozen:
            self._beat_later()
            return
        if len(self._unanswered) >= 2:
            self.cut()
            return
        self._ask(mon.SystemStatus(self.session, SystemStatusValue.NORMAL))
        self._beat_later()

    def _ask(self, request: Request) -> None:
        invoke_id = self._invoke_ids.next(self._unanswered)
        self._unanswered.add(invoke_id)
        self._send(invoke_id, request)

    # Monitors and devices

    def _monitor(self, request: mon.MonitorStart) -> Response:
        exchange = self.exchange
        if len(exchange.monitors.by_ref) >= exchange.limits.monitors:
            raise Refusal(Problem.MONITOR_LIMIT)
        what, keep = request.monitor_object, hidden(request.requested_monitor_filter)
        if what.device_object is not None:
            device = exchange.switch.device(identifier(what.device_object)).id
            monitor = exchange.monitors.start(self, device=device, hidden=keep)
        elif what.call_object is not None:
            call = exchange.switch.call(what.call_object.call or "").id
            monitor = exchange.monitors.start(self, call=call, hidden=keep)
        else:
            raise Refusal(Problem.INVALID_MONITOR_OBJECT)
        return mon.MonitorStartResponse(monitor.cross_ref, request.requested_monitor_filter, monitor_existing_calls=True)

    def _devices(self, request: caps.GetSwitchingFunctionDevices) -> tuple[Response, list[Message]]:
        pieces = self.exchange.requests.devices(request)
        reference = self.exchange.switch.core.new_id()
        more: list[Message] = [
            caps.SwitchingFunctionDevices(reference, number, number == len(pieces), piece)
            for number, piece in enumerate(pieces, 1)
        ]
        return caps.GetSwitchingFunctionDevicesResponse(reference), more

    def devices_changed(self) -> None:
        """Say that the device list has changed, if the client wants to know."""
        if self.session and self._wants_devices:
            self._ask(mon.SwFunctionDevicesChanged(self.session))

    # Bytes out

    def tell(self, monitor: Monitor, report: Report) -> None:
        """Send an event."""
        self._send(EVENT, message(report, monitor.cross_ref))

    def _answer(self, item: Frame, answer: Response) -> None:
        if not (item.event or self.exchange.faults.silent):
            self._send(item.invoke_id, answer)

    def _send(self, invoke_id: str, message: Message) -> None:
        data = frame(invoke_id, encode(message, self.edition))
        faults = self.exchange.faults
        for part in self._impairment.outgoing(data, faults, event=invoke_id == EVENT):
            if faults.delay > 0:
                self._after(faults.delay, lambda part=part: self.send_raw(part))  # type: ignore[misc]
            else:
                self.send_raw(part)

    def send_raw(self, data: bytes) -> None:
        """Put bytes into the outbox."""
        if self.closing:
            return
        if len(self.outbox) >= self.exchange.limits.outbox:
            self.cut()
            return
        self.outbox.append(data)
        self._wake()

    def take(self) -> bytes:
        """What is to be sent now; nothing while the link is frozen."""
        if self.exchange.faults.frozen or not self.outbox:
            return b""
        data = b"".join(self.outbox)
        self.outbox.clear()
        return data

    def flush(self) -> None:
        """The faults have changed: perhaps something can be sent."""
        self._wake()

    # The end

    def close(self) -> None:
        """Close the link once everything is sent."""
        self.closing = True
        self.gone()
        self._wake()

    def cut(self) -> None:
        """Cut the link without a farewell."""
        self.aborting = True
        self.close()

    def gone(self) -> None:
        """The link is no more: stop monitors and clocks."""
        self.closing = True
        self.exchange.monitors.stop_all(self)
        self._expiry.cancel()
        if self._heart is not None:
            self._heart.cancel()
        if self in self.exchange.clients:
            self.exchange.clients.remove(self)
