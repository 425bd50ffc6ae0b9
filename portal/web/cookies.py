"""One cookie of a request by its name: a page asks for two, and reading all costs as much as a query.

Writes none.
"""

import re
from functools import lru_cache
from typing import Any

from flask.globals import request_ctx

_context: Any = request_ctx._get_current_object  # type: ignore[attr-defined]  # asked on every page: no proxy


def cookie(name: str) -> str:
    """What the first cookie of this name says, as it stands (ours hold nothing quoted); '' without one."""
    return cookie_in(_context().request.environ.get("HTTP_COOKIE", ""), name)


def cookie_in(header: str, name: str) -> str:
    """The same from a Cookie header (RFC 6265, 4.2.1)."""
    found = _pattern(name).search(header) if name in header else None
    return "" if found is None else found[1]


@lru_cache(maxsize=16)
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?:^|;)[ \t]*{re.escape(name)}=([^;\s]*)")
