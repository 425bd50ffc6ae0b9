"""What no browser would send, into the real server's socket: a clear refusal, and it goes on serving."""

import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.faults.browser import cookies_of
from tests.faults.server import HOST, Server, running
from tests.faults.world import World, make_world

pytestmark = [pytest.mark.slow, pytest.mark.allow_hosts(["127.0.0.1"])]
_HEAD = b"GET /en/ HTTP/1.1\r\nHost: localhost\r\n"
_POST = (
    b"POST /en/feedback HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
)
NOT_SERVED = {
    "no request line": b"\r\n\r\n\r\n",
    "no HTTP at all": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64),
    "half a request line": b"GET /en/\r\n\r\n",
    "a version that does not exist": b"GET /en/ HTTP/9.9\r\nHost: localhost\r\n\r\n",
    "an endless address": b"GET /en/" + b"a" * 9000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "an endless header": _HEAD + b"X-Long: " + b"a" * 20_000 + b"\r\n\r\n",
    "too many headers": _HEAD + b"".join(b"X-%d: 1\r\n" % number for number in range(200)) + b"\r\n",
    "a header without a colon": _HEAD + b"Nonsense\r\n\r\n",
    "a header with a line break inside": _HEAD + b"X-Evil: a\nInjected: b\r\n\r\n",
    "a space before the colon": _HEAD + b"Content-Length : 5\r\n\r\nabcde",
    "two lengths": _POST + b"Content-Length: 3\r\nContent-Length: 30\r\n\r\na=b",
    "a length that is no number": _POST + b"Content-Length: many\r\n\r\na=b",
    "a length below nothing": _POST + b"Content-Length: -1\r\n\r\na=b",
    "a length and chunks at once": _POST
    + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks that lie": _POST + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\na=b\r\n0\r\n\r\n",
    "a forged host": b"GET /en/ HTTP/1.1\r\nHost: evil.example\r\n\r\n",
    "two hosts": b"GET /en/ HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
    "a body beyond all bounds": _POST + b"Content-Length: 99999999\r\n\r\na=b",
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make_world(tmp_path_factory.mktemp("raw"), datetime.now(UTC))


@pytest.fixture(scope="module")
def server(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(world, tmp_path_factory.mktemp("raw-server"), workers=1) as started:
        yield started


def told(server: Server, data: bytes, seconds: float = 5.0) -> bytes:
    """What comes back for these bytes until the other side closes or nothing more comes."""
    found = b""
    with socket.create_connection((HOST, server.port), timeout=seconds) as line:
        try:
            line.sendall(data)
            line.shutdown(socket.SHUT_WR)
            while part := line.recv(65_536):
                found += part
        except OSError:
            pass
    return found


def status_of(answer: bytes) -> int:
    """0 when the line was closed without a word."""
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.") else 0


@pytest.mark.parametrize("data", NOT_SERVED.values(), ids=NOT_SERVED)
def test_what_is_no_request_is_refused_and_the_server_goes_on(data: bytes, server: Server) -> None:
    answer = told(server, data)
    assert status_of(answer) == 0 or 400 <= status_of(answer) < 500 or status_of(answer) in (501, 505)
    assert b"Traceback" not in answer
    assert b"Injected" not in answer
    assert server.get("/en/help").status == 200


def test_a_body_shorter_than_its_length_is_not_waited_for_by_others(server: Server) -> None:
    """Half a form and then silence: one thread waits at most, others are served at once."""
    with socket.create_connection((HOST, server.port), timeout=5) as line:
        line.sendall(_POST + b"Content-Length: 500\r\n\r\nwords=half")
        began = time.monotonic()
        assert server.get("/en/help").status == 200
        assert time.monotonic() - began < 5


def test_forwarded_headers_of_strangers_are_believed_by_nobody(server: Server, world: World) -> None:
    """No proxy was declared, so a forged client address or scheme changes nothing."""
    cookies = cookies_of(world.people["amina"]).encode()
    forged = b"X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: https\r\n"
    head = b"GET /en/account HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    answer = told(server, head + forged + b"Cookie: " + cookies + b"\r\n\r\n")
    assert status_of(answer) == 303
    assert b"evil.example" not in answer
    assert b"Strict-Transport-Security" not in answer


def test_answers_do_not_name_the_server(server: Server) -> None:
    for path in ("/en/help", "/en/nowhere", "/nowhere"):
        said = " ".join(value for _, value in server.get(path).headers).lower()
        assert not any(name in said for name in ("gunicorn", "werkzeug", "python", "flask"))


def test_after_all_that_the_log_holds_no_fault(server: Server) -> None:
    assert '"event":"fault"' not in server.log()
