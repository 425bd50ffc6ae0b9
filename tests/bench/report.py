"""The figures as a short page for people. Judges by the targets and hides nothing that is missed."""

from collections.abc import Iterator
from typing import Any

from tests.bench.pages import LIMITS, NONE_ABOVE, PERSONAL

BOOKING_AT_LEAST, SEARCH_AT_MOST, FIRST_AT_MOST = 0.35, 1.6, 3.0


def written(figures: dict[str, Any]) -> str:
    return "\n".join(_lines(figures)) + "\n"


def _verdict(met: bool) -> str:
    return "met" if met else "**missed**"


def _lines(figures: dict[str, Any]) -> Iterator[str]:
    where = figures["machine"]
    yield "# Speed"
    yield ""
    yield (
        f"Written by `{figures['command']}` on {figures['date']}, commit {figures['commit']}:"
        f" {where['cores']} cores,"
        f" {where['system']} {where['architecture']}, Python {where['python']}, load {where['load'][0]}."
    )
    yield "Ratios within one run; × is times the processor time of a bare Flask page."
    yield ""
    yield from _summary(figures)
    yield ""
    yield from _pages(figures["pages"])


def _summary(figures: dict[str, Any]) -> Iterator[str]:
    yield "| What | Target | Measured | |"
    yield "| --- | --- | --- | --- |"
    for kind, limit in LIMITS.items():
        ratios = [page["ratio"] for page in figures["pages"] if page["kind"] == kind]
        dearest = max(ratios)
        yield _row(
            f"{kind}, dearest of {len(ratios)}", f"≤ {limit:g} ×", f"{dearest:.1f} ×", dearest <= limit
        )
    personal = max(page["ratio"] for page in figures["pages"] if page["kind"] == PERSONAL)
    yield _row("no signed-in page above", f"≤ {NONE_ABOVE:g} ×", f"{personal:.1f} ×", personal <= NONE_ABOVE)
    yield _booking(figures["booking"])
    yield _rush(figures["rush"])
    yield _search(figures["search"])
    first = max(page["ratio"] for page in figures["first_page_of_a_worker"].values())
    yield _row(
        "a fresh worker's first page against a warm one", "≤ 3 ×", f"{first:.1f} ×", first <= FIRST_AT_MOST
    )
    memory = figures["memory"]
    held = f"{memory['worker_private_mib']} MiB of its own; all processes {memory['all_mib']} MiB"
    yield f"| memory of a worker | stated | {held} | |"


def _booking(found: dict[str, Any]) -> str:
    rates = f"{found['ratio']:.2f} ({found['http']:.0f} of {found['raw']:.0f} a second)"
    what = "booking over HTTP against the raw transaction"
    return _row(what, f"≥ {BOOKING_AT_LEAST}", rates, found["ratio"] >= BOOKING_AT_LEAST)


def _rush(found: dict[str, Any]) -> str:
    said = f"{found['sold']} sold, {found['twice']} twice, {found['errors']} errors"
    met = found["sold"] == found["times"] and not found["twice"] and not found["errors"]
    what = f"{found['rivals']:,} rivals for {found['times']} times"
    return _row(what, "all sold, none twice, no error", said, met)


def _search(found: dict[str, Any]) -> str:
    plan = "index search" if found["index_search"] else "no index search"
    what = f"search of {found['many']:,} slots against {found['few']:,}"
    met = found["ratio"] <= SEARCH_AT_MOST and found["index_search"]
    return _row(what, f"≤ {SEARCH_AT_MOST} ×", f"{found['ratio']} ×, {plan}", met)


def _row(what: str, target: str, found: str, met: bool) -> str:
    return f"| {what} | {target} | {found} | {_verdict(met)} |"


def _pages(pages: list[dict[str, Any]]) -> Iterator[str]:
    yield "| Kind | Page | × | middle half of rounds | compressed bytes |"
    yield "| --- | --- | --- | --- | --- |"
    for page in pages:
        low, high = page["spread"]
        ratio = f"{page['ratio']:.2f} | {low:.2f} to {high:.2f}"
        yield f"| {page['kind']} | {page['page']} | {ratio} | {page['bytes']:,} |"
