"""One FHIR server over HTTP: bounded, distrustful, held to its base address. Knows no patient and no rule."""

import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final, TypeVar, cast
from urllib.parse import urlencode

import httpx
import simplejson

from portal.adapters.fhir_r4.breaker import Breaker
from portal.adapters.fhir_r4.connection import Connection
from portal.adapters.fhir_r4.deadline import Deadline, kept
from portal.adapters.fhir_r4.signing import Authorizer, Fixed
from portal.adapters.fhir_r4.transport import DeadlineTransport
from portal.adapters.fhir_r4.trouble import Clash, Gone, Lost, NotSent, Refused
from portal.fhir.reading import ID, items, mapping, text

JSON: Final = "application/fhir+json"
_JSON_TYPES: Final = frozenset({JSON, "application/json"})
_AT_ONCE: Final = 8
_RETRIED: Final = frozenset({429, 502, 503, 504})  # of GET only
_UNSURE: Final = frozenset({408, 500, 502, 503, 504})  # of a change: may have been made all the same
_CONTROL: Final = frozenset({"_count", "_sort", "_total"})
_FORM: Final = "application/x-www-form-urlencoded"
Resource = dict[str, Any]
Params = Sequence[tuple[str, str]]
T = TypeVar("T")
_here = threading.local()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A resource as the server gave it, with its opaque version for If-Match, and where it stands."""

    status: int
    resource: Resource
    etag: str | None
    location: str | None = None


class FhirClient:
    """One server, shared by all threads of a process. Opens no connection until it is asked something."""

    def __init__(
        self, connection: Connection, authorizer: Authorizer | None = None, breaker: Breaker | None = None
    ) -> None:
        self.connection = connection
        self.authorizer = authorizer or Fixed()
        self.breaker = breaker or Breaker()
        self._http = httpx.Client(
            transport=DeadlineTransport(), follow_redirects=False, timeout=connection.call_seconds
        )
        self._pool: ThreadPoolExecutor | None = None
        self._lock = threading.Lock()

    @property
    def pool(self) -> ThreadPoolExecutor:
        """Made at first use: threads do not live through a fork."""
        with self._lock:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="fhir")
            return self._pool

    def close(self) -> None:
        """Wait for calls on their way, no longer than their deadline: one that came later would stay open."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
        self._http.close()

    def ask(self, url: str, form: bytes | None, deadline: Deadline) -> Resource:
        """Ask a token endpoint (a form) or for its whereabouts (none). Raises NotSent, Lost, Refused."""
        kind = {"Content-Type": _FORM} if form is not None else {}
        method = "GET" if form is None else "POST"
        request = self._http.build_request(
            method, url, content=form, headers={"Accept": "application/json"} | kind
        )
        answer = self._exchange(request, deadline)
        if answer.status_code != 200:
            raise Refused(answer.status_code)
        return _json(answer)

    def send(
        self,
        method: str,
        url: str,
        deadline: Deadline,
        *,
        body: object = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """One request with its authorisation; a token that is refused is renewed once.

        Raises NotSent or Lost; whatever the server says is an answer.
        """
        content = None if body is None else simplejson.dumps(body, use_decimal=True).encode()
        sent = {"Accept": JSON} | (headers or {}) | ({} if content is None else {"Content-Type": JSON})
        for again in (True, False):
            value = self.authorizer.header(lambda to, form: self.ask(to, form, deadline))
            secret = {} if value is None else {"Authorization": value}
            request = self._http.build_request(method, url, content=content, headers=sent | secret)
            answer = self._exchange(request, deadline)
            if answer.status_code != 401 or not again or not self.authorizer.refused():
                break
        return answer

    def _exchange(self, request: httpx.Request, deadline: Deadline) -> httpx.Response:
        """Send and read whole, within deadline and cap. Raises NotSent and Lost; minds the breaker."""
        if deadline.left() <= 0:
            raise NotSent("deadline")
        self.breaker.enter()
        try:
            answer = self._read(request, deadline)
        except Lost:
            self.breaker.bad()
            raise
        except httpx.ConnectError as error:
            self.breaker.bad()
            raise NotSent(type(error).__name__) from error
        except httpx.HTTPError as error:
            self.breaker.bad()
            raise Lost(type(error).__name__) from error
        if answer.status_code >= 500:
            self.breaker.bad()
        else:
            self.breaker.good()
        return answer

    def _read(self, request: httpx.Request, deadline: Deadline) -> httpx.Response:
        parts: list[bytes] = []
        size = 0
        with kept(deadline):
            answer = self._http.send(request, stream=True)
            try:
                for part in answer.iter_bytes():
                    size += len(part)
                    if size > self.connection.most_bytes:
                        raise Lost("too-big")
                    parts.append(part)
            finally:
                answer.close()
        headers = [
            (name, value)
            for name, value in answer.headers.multi_items()
            if name.lower() != "content-encoding"
        ]
        return httpx.Response(answer.status_code, headers=headers, content=b"".join(parts))


class Conversation:
    """All calls of one request, or of one job's step, under one deadline that begins with the first."""

    def __init__(self, client: FhirClient, seconds: float | None = None) -> None:
        self._client = client
        self._seconds = client.connection.page_seconds if seconds is None else seconds
        self._deadline: Deadline | None = None

    @property
    def connection(self) -> Connection:
        return self._client.connection

    def again(self, seconds: float) -> "Conversation":
        """Another one with the same server, which has so many seconds of its own."""
        return Conversation(self._client, seconds)

    @property
    def deadline(self) -> Deadline:
        if self._deadline is None:
            self._deadline = Deadline(self._seconds)
        return self._deadline

    def together(self, *calls: Callable[[], T]) -> list[T]:
        """Several reads at once; raises the first trouble, in the calls' order.

        The first is called by this very thread; only it may ask a database. In a helper, calls go one after
        another: helpers that wait for helpers could wait for ever.
        """
        if getattr(_here, "helping", False):
            return [call() for call in calls]
        deadline = self.deadline  # begins here, not in a thread
        assert deadline is not None
        first, *others = calls
        running = [self._client.pool.submit(_help, call) for call in others]
        try:
            return [first(), *(each.result() for each in running)]
        finally:
            for each in running:
                each.cancel()

    def read(self, kind: str, wanted: str) -> Answer:
        """One resource. Raises Gone, and CannotLoad's kinds for everything else."""
        if not ID.fullmatch(wanted) or not kind.isalpha():
            raise Gone(kind)  # never put into an address
        answer = self._get(f"{self.connection.url}/{kind}/{wanted}")
        found = _resource(answer, kind)
        if found.get("id") != wanted:
            raise Lost("another-id")
        return _answer(answer, found)

    def metadata(self) -> Resource:
        """What the server says of itself."""
        return _resource(self._get(f"{self.connection.url}/metadata"), "CapabilityStatement")

    def search(self, kind: str, params: Params) -> list[Resource]:
        """Every match of a search, all pages. Raises CannotLoad's kinds rather than give a part."""
        pages = Pages(self, kind, params)
        found = [each for page in pages for each in page]
        if pages.total is not None and len(found) < pages.total:
            raise Lost("incomplete")
        return found

    def update(self, resource: Resource, etag: str) -> Answer:
        """PUT with If-Match. Raises Clash, Gone, Refused; NotSent and Lost as they are."""
        kind, wanted = resource["resourceType"], resource["id"]
        headers = {"If-Match": etag, "Prefer": "return=representation"}
        return self._change("PUT", f"{self.connection.url}/{kind}/{wanted}", resource, headers)

    def create(self, resource: Resource, *, once: str) -> Answer:
        """POST with If-None-Exist. Raises as `update`."""
        headers = {"If-None-Exist": once, "Prefer": "return=representation"}
        return self._change("POST", f"{self.connection.url}/{resource['resourceType']}", resource, headers)

    def page(self, url: str) -> Resource:
        """One page of a search. Raises Lost for an address outside the base."""
        if not self.connection.holds(url):
            raise Lost("elsewhere")
        return _resource(self._get(url, {"Prefer": "handling=strict"}), "Bundle")

    def _get(self, url: str, headers: dict[str, str] | None = None) -> httpx.Response:
        """A GET, tried twice when that may help and there is time."""
        for last in (False, True):
            try:
                answer = self._client.send("GET", url, self.deadline, headers=headers)
            except (NotSent, Lost):
                if last or self.deadline.left() <= 0:
                    raise
                continue
            if last or answer.status_code not in _RETRIED or not self._wait(answer):
                break
        return _good(answer)

    def _wait(self, answer: httpx.Response) -> bool:
        """Wait as the server asks, if that leaves time to ask again."""
        said = answer.headers.get("Retry-After", "0")
        seconds = float(said) if said.isascii() and said.isdigit() and len(said) < 4 else 0.0
        if seconds + 0.5 > self.deadline.left():
            return False
        threading.Event().wait(seconds)
        return True

    def _change(self, method: str, url: str, body: Resource, headers: dict[str, str]) -> Answer:
        answer = self._client.send(method, url, self.deadline, body=body, headers=headers)
        if answer.status_code in _UNSURE:
            raise Lost(f"status-{answer.status_code}")
        good = _good(answer)
        found = _resource(good, body["resourceType"]) if good.content else {}
        return _answer(good, found)


def _help(call: Callable[[], T]) -> T:
    _here.helping = True
    return call()


class Pages:
    """The pages of a search, one after another. `total` is what the server says, when it does."""

    def __init__(self, conversation: Conversation, kind: str, params: Params) -> None:
        self._conversation, self._kind = conversation, kind
        self._asked = {name.partition(":")[0] for name, _ in params} - _CONTROL
        self._url: str | None = f"{conversation.connection.url}/{kind}?{urlencode(params)}"
        self._met: set[str] = set()
        self._entries = 0
        self.total: int | None = None

    def __iter__(self) -> "Pages":
        return self

    def __next__(self) -> list[Resource]:
        """The matches of the next page. Raises Lost beyond the caps and for links that go round."""
        if self._url is None:
            raise StopIteration
        most = self._conversation.connection
        if self._url in self._met or len(self._met) >= most.most_pages:
            raise Lost("endless")
        self._met.add(self._url)
        bundle = self._conversation.page(self._url)
        if bundle.get("type") != "searchset":
            raise Lost("bundle-type")
        if len(self._met) == 1:  # later pages may have addresses of the server's own making
            self._check_self(bundle)
        total = bundle.get("total")
        self.total = total if isinstance(total, int) and not isinstance(total, bool) else self.total
        entries = list(items(bundle.get("entry")))
        self._entries += len(entries)
        if self._entries > most.most_entries:
            raise Lost("too-many")
        self._url = _link(bundle, "next")
        return list(self._matches(entries))

    def _matches(self, entries: Iterable[Any]) -> Iterable[Resource]:
        for entry in entries:
            found = mapping(entry.get("resource"))
            mode = mapping(entry.get("search")).get("mode", "match")
            if mode == "match" and found.get("resourceType") == self._kind:
                yield cast(Resource, found)
            elif mode == "match":
                raise Lost("another-type")

    def _check_self(self, bundle: Resource) -> None:
        """A server that left a filter out says so in its `self` link, if it has one with a query."""
        link = _link(bundle, "self")
        query = httpx.URL(link).params if link and "?" in link else None
        if query is not None and not self._asked <= {name.partition(":")[0] for name in query}:
            raise Lost("filter-ignored")


def _link(bundle: Resource, relation: str) -> str | None:
    found = (text(each.get("url")) for each in items(bundle.get("link")) if each.get("relation") == relation)
    return next((each for each in found if each), None)


def _good(answer: httpx.Response) -> httpx.Response:
    """An answer that is neither a refusal nor a redirect."""
    status = answer.status_code
    if status in (404, 410):
        raise Gone(f"status-{status}")
    if status in (409, 412):
        raise Clash(status)
    if 300 <= status < 400:
        raise Lost("redirect")
    if status >= 500:
        raise Lost(f"status-{status}")
    if status >= 400:
        raise Refused(status)
    return answer


def _json(answer: httpx.Response) -> Resource:
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind not in _JSON_TYPES:
        raise Lost("content-type")
    try:
        found = simplejson.loads(answer.content, use_decimal=True)
    except (ValueError, RecursionError) as error:
        raise Lost("not-json") from error
    if not isinstance(found, dict):
        raise Lost("not-json")
    return found


def _resource(answer: httpx.Response, kind: str) -> Resource:
    found = _json(answer)
    if found.get("resourceType") != kind:
        raise Lost("another-type")
    return found


def _answer(answer: httpx.Response, found: Resource) -> Answer:
    """The version from the header, else from the resource (interop A.4). It is never looked into."""
    version = text(mapping(found.get("meta")).get("versionId"))
    etag = text(answer.headers.get("ETag")) or (f'W/"{version}"' if version else None)
    return Answer(
        status=answer.status_code, resource=found, etag=etag, location=text(answer.headers.get("Location"))
    )
