"""The eyes of the matrix see: each planted fault is found, and a good page has none."""

import pytest
from playwright.sync_api import Browser

from tests.browser.axe import Axe
from tests.browser.walker import GEOMETRY

GOOD = (
    "<main><h1>A page</h1><p>Some words with <a href='/x'>a link in them</a>.</p>"
    "<button>Go on with it</button></main>"
)
BASE = (
    "<!doctype html><html lang='en'><head><title>A page</title><style>body{{margin:8px;font:19px sans-serif}}"
    "button{{padding:8px}}{style}</style></head><body>{body}</body></html>"
)
_ONE_LINE = "white-space:nowrap;overflow:hidden"
_TINY = "<button style='padding:0;font-size:9px;border:0'>a</button>"
LAYOUT_FAULTS = {
    "scrolls sideways": ("", "<div style='width:400px'>wide</div>"),
    "outside the window": ("body{overflow-x:hidden}", "<p style='margin-left:-40px'>begins too early</p>"),
    "cut off below": ("", "<p style='height:10px;overflow:hidden'>words cut through the middle</p>"),
    "cut off sideways": ("", f"<p style='width:40px;{_ONE_LINE}'>words of one line</p>"),
    "shortened with dots": (
        "",
        f"<p style='width:60px;text-overflow:ellipsis;{_ONE_LINE}'>words of a line</p>",
    ),
    "words wider than": (
        "",
        "<button style='width:30px;white-space:nowrap'>many words, small button</button>",
    ),
    "overlaps": (
        "button{position:absolute;left:0;top:0}button+button{left:9px;top:9px}",
        "<button>One</button><button>Two</button>",
    ),
    "with no room": ("", _TINY + _TINY),
}
AXE_FAULTS = {
    "label": "<main><h1>A page</h1><input></main>",
    "color-contrast": "<main><h1>A page</h1><p style='color:#bbb;background:#fff'>pale words</p></main>",
    "region": "<h1>A page</h1><p>outside</p><main></main>",
    "heading-order": "<main><h1>A page</h1><h4>deep</h4></main>",
    "target-size": (
        "<main><h1>A page</h1><button style='padding:0;border:0;font-size:8px'>a</button>"
        "<button style='padding:0;border:0;font-size:8px'>b</button></main>"
    ),
}


def _looked_at(chromium: Browser, body: str, style: str = "") -> list[str]:
    context = chromium.new_context(viewport={"width": 320, "height": 640})
    page = context.new_page()
    page.set_content(BASE.format(style=style, body=body))
    faults: list[str] = page.evaluate(GEOMETRY)
    context.close()
    return faults


def _judged(chromium: Browser, axe: Axe, body: str) -> list[str]:
    context = chromium.new_context(viewport={"width": 320, "height": 640})
    page = context.new_page()
    page.set_content(BASE.format(style="", body=body))
    devtools = context.new_cdp_session(page)
    devtools.send("Emulation.setScriptExecutionDisabled", {"value": True})
    found = axe.violations(page, devtools)
    context.close()
    return found


def test_a_good_page_has_no_fault(chromium: Browser, axe: Axe) -> None:
    assert _looked_at(chromium, GOOD) == []
    assert _judged(chromium, axe, GOOD) == []


@pytest.mark.parametrize("fault", LAYOUT_FAULTS)
def test_a_planted_fault_of_layout_is_seen(chromium: Browser, fault: str) -> None:
    style, body = LAYOUT_FAULTS[fault]
    assert any(fault in each for each in _looked_at(chromium, f"<main><h1>A page</h1>{body}</main>", style))


@pytest.mark.parametrize("rule", AXE_FAULTS)
def test_a_planted_fault_is_seen_by_axe_with_scripts_off(chromium: Browser, axe: Axe, rule: str) -> None:
    assert any(each.startswith(rule) for each in _judged(chromium, axe, AXE_FAULTS[rule]))
