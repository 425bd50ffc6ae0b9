"""A proxy of ours before a FHIR server that spoils its answers, in each way a real one might. Tests only."""

import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

from tests.fhir_server import FhirServer

JSON = "application/fhir+json"
SLOW_SECONDS = 6.0  # longer than any test's deadline
HUGE_BYTES = 3 * 1024 * 1024
Matches = Callable[[str, str], bool]  # method and path


class Answer:
    """What the server said, to be spoiled."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.status, self.headers, self.body = status, headers, body

    def json(self) -> Any:
        return json.loads(self.body)

    def say(self, value: Any) -> None:
        self.body = json.dumps(value).encode()


class Spoiler:
    """The proxy. `how` names a way to spoil; `met` holds what was asked, in order."""

    def __init__(self, server: FhirServer, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/fhir"
        self.upstream = server.url
        self._tls = ssl.create_default_context()  # made once: it is what a client costs
        self.met: list[tuple[str, str]] = []
        self._how, self._times = "", 0
        self._matches: Matches = _always

    def spoil(self, how: str, matches: Matches | None = None, times: int = 10_000) -> None:
        """From now on spoil what matches, so many times."""
        self._how, self._matches, self._times = how, matches or _always, times

    def heal(self) -> None:
        self._how, self._times = "", 0
        self.met.clear()

    def chosen(self, method: str, path: str) -> str:
        """How this request is to be spoiled; '' for not at all."""
        self.met.append((method, path))
        if not self._how or self._times <= 0 or not self._matches(method, path):
            return ""
        self._times -= 1
        return self._how

    def forward(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        url = self.upstream + path.removeprefix("/fhir")
        sent = {name: value for name, value in headers.items() if name.lower() not in _HOP}
        # One client a request: the thread that asks also closes, however late it is.
        with httpx.Client(timeout=30, verify=self._tls) as upstream:
            said = upstream.request(method, url, headers=sent, content=body)
        told = {name: value for name, value in said.headers.items() if name.lower() not in _HOP}
        return Answer(said.status_code, told, said.content.replace(self.upstream.encode(), self.url.encode()))


def _always(method: str, path: str) -> bool:
    return True


_HOP = {"host", "content-length", "transfer-encoding", "connection", "content-encoding", "accept-encoding"}
_LOST = {"reset", "reset-after", "drip-headers", "garbage"}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    spoiler: Spoiler

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        how = self.spoiler.chosen(self.command, self.path)
        if how == "reset":
            self._reset()
            return
        answer = self.spoiler.forward(self.command, self.path, dict(self.headers), body)
        if how in _LOST:
            self._lose(how, answer)
            return
        if how == "slow":
            time.sleep(SLOW_SECONDS)
        spoil = _SPOILT.get(how)
        if spoil is not None:
            spoil(answer, self.spoiler)
        self._send(answer, drip=how == "drip")

    do_GET = do_POST = do_PUT = _serve  # noqa: N815 - names of http.server

    def _send(self, answer: Answer, *, drip: bool = False) -> None:
        try:
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            if not drip:
                self.wfile.write(answer.body)
                return
            for n in range(len(answer.body)):
                self.wfile.write(answer.body[n : n + 1])
                self.wfile.flush()
                time.sleep(0.05)
        except OSError:  # whoever asked has had enough
            self.close_connection = True

    def _lose(self, how: str, answer: Answer) -> None:
        try:
            if how == "garbage":
                self.wfile.write(b"\x00\xff not HTTP at all \r\n\r\n")
                self.close_connection = True
            elif how == "drip-headers":
                for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 200:
                    self.wfile.write(bytes([byte]))
                    self.wfile.flush()
                    time.sleep(0.05)
                self.close_connection = True
            else:
                self._reset()
        except OSError:
            self.close_connection = True

    def _reset(self) -> None:
        linger = (1).to_bytes(4, "little") + (0).to_bytes(4, "little")
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.connection.close()
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def _status(status: int, **headers: str) -> Callable[[Answer, Spoiler], None]:
    def spoil(answer: Answer, _: Spoiler) -> None:
        answer.status = status
        answer.headers |= {name.replace("_", "-"): value for name, value in headers.items()}

    return spoil


def _half(answer: Answer, _: Spoiler) -> None:
    answer.body = answer.body[: len(answer.body) // 2]


def _body(body: bytes) -> Callable[[Answer, Spoiler], None]:
    def spoil(answer: Answer, _: Spoiler) -> None:
        answer.body = body

    return spoil


def _wrong_type(answer: Answer, _: Spoiler) -> None:
    answer.headers["content-type"] = "text/html; charset=utf-8"


def _huge(answer: Answer, _: Spoiler) -> None:
    answer.body = answer.body[:-1] + b" " * HUGE_BYTES + answer.body[-1:]


def _wrong_subject(answer: Answer, _: Spoiler) -> None:
    answer.body = answer.body.replace(b"Patient/patient-amina", b"Patient/patient-bryn")


def _another_id(answer: Answer, _: Spoiler) -> None:
    found = answer.json()
    found["id"] = "another"
    answer.say(found)


def _stale(answer: Answer, _: Spoiler) -> None:
    """The version before the one that is there."""
    answer.headers["etag"] = 'W/"0"'
    answer.body = answer.body.replace(b'"versionId":"1"', b'"versionId":"0"')


def _outcome(answer: Answer, _: Spoiler) -> None:
    issue = {"severity": "error", "code": "exception", "diagnostics": "not well"}
    answer.status = 200
    answer.say({"resourceType": "OperationOutcome", "issue": [issue]})


def _next(where: Callable[[Spoiler, str], str]) -> Callable[[Answer, Spoiler], None]:
    def spoil(answer: Answer, spoiler: Spoiler) -> None:
        found = answer.json()
        if found.get("resourceType") == "Bundle":
            own = next(link["url"] for link in found["link"] if link["relation"] == "self")
            kept = [link for link in found["link"] if link["relation"] != "next"]
            found["link"] = [*kept, {"relation": "next", "url": where(spoiler, own)}]
            answer.say(found)

    return spoil


_pages = iter(range(10**9))
_SPOILT: dict[str, Callable[[Answer, Spoiler], None]] = {
    "500": _status(500),
    "502": _status(502),
    "503": _status(503),
    "429": _status(429, Retry_After="60"),
    "401": _status(401),
    "redirect-elsewhere": _status(302, Location="http://127.0.0.1:9/fhir/Patient"),
    "half-json": _half,
    "empty": _body(b""),
    "not-an-object": _body(b"[1, 2]"),
    "deep": _body(b'{"a":' * 100_000),
    "wrong-content-type": _wrong_type,
    "huge": _huge,
    "wrong-subject": _wrong_subject,
    "another-id": _another_id,
    "outcome-200": _outcome,
    "endless-next": _next(lambda _, own: f"{own}&page={next(_pages)}"),
    "next-round": _next(lambda _, own: own),
    "next-elsewhere": _next(lambda _, __: "http://127.0.0.1:9/fhir/Appointment?page=2"),
    "next-outside": _next(lambda spoiler, _: spoiler.url.removesuffix("/fhir") + "/other/Appointment"),
    "refused-412": _status(412),
    "stale-etag": _stale,
}


@contextmanager
def spoiling(server: FhirServer) -> Iterator[Spoiler]:
    """A proxy before this server, gone at the end."""
    listening = ThreadingHTTPServer(("127.0.0.1", 0), _Handler, bind_and_activate=True)
    listening.daemon_threads = True
    spoiler = Spoiler(server, listening.server_address[1])
    listening.RequestHandlerClass = type("Handler", (_Handler,), {"spoiler": spoiler})
    listening.handle_error = lambda *_: None  # type: ignore[method-assign]
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield spoiler
    finally:
        listening.shutdown()
        listening.server_close()
        thread.join()
