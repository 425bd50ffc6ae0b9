"""httpx over httpcore with connections that mind a deadline. Knows HTTP and no FHIR; follows no redirect."""

import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import httpcore
import httpx

from portal.adapters.fhir_r4.deadline import DeadlineBackend

_MOST_CONNECTIONS = 20
_LOST = (
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.UnsupportedProtocol,
    OSError,
)


@contextmanager
def _as_httpx(request: httpx.Request) -> Iterator[None]:
    """httpcore's troubles by httpx's names."""
    try:
        yield
    except (httpcore.ConnectTimeout, httpcore.PoolTimeout, httpcore.ConnectError) as error:
        raise httpx.ConnectError(type(error).__name__, request=request) from error
    except httpcore.TimeoutException as error:
        raise httpx.ReadTimeout(type(error).__name__, request=request) from error
    except _LOST as error:
        raise httpx.NetworkError(type(error).__name__, request=request) from error


class _Body(httpx.SyncByteStream):
    def __init__(self, request: httpx.Request, response: httpcore.Response) -> None:
        self._request, self._response = request, response

    def __iter__(self) -> Iterator[bytes]:
        with _as_httpx(self._request):
            stream = self._response.stream
            assert isinstance(stream, Iterable)
            yield from stream

    def close(self) -> None:
        with _as_httpx(self._request):
            self._response.close()


class DeadlineTransport(httpx.BaseTransport):
    """Implements httpx.BaseTransport over a pool whose connections mind the deadline of their thread."""

    def __init__(self) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=ssl.create_default_context(),
            max_connections=_MOST_CONNECTIONS,
            max_keepalive_connections=_MOST_CONNECTIONS,
            keepalive_expiry=20.0,
            network_backend=DeadlineBackend(),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        asked = httpcore.Request(
            method=request.method,
            url=httpcore.URL(
                scheme=request.url.raw_scheme,
                host=request.url.raw_host,
                port=request.url.port,
                target=request.url.raw_path,
            ),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        with _as_httpx(request):
            answer = self._pool.handle_request(asked)
        return httpx.Response(
            answer.status,
            headers=answer.headers,
            stream=_Body(request, answer),
            extensions=answer.extensions,
            request=request,
        )

    def close(self) -> None:
        self._pool.close()
