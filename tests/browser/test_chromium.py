"""The browser itself: it starts without root, honours scripts off, and has the fonts our languages need."""

from urllib.parse import quote

import pytest
from playwright.sync_api import Browser

PAGE = "data:text/html;charset=utf-8," + quote(
    "<!doctype html><title>t</title><h1>old</h1><noscript>scripts are off</noscript>"
    "<script>document.querySelector('h1').textContent='new'</script>"
)
SAMPLES = {
    "Arimo": "Appointment",
    "Noto Nastaliq Urdu": "اپائنٹمنٹ",
    "Noto Sans Arabic": "فاطمة",
    "Noto Sans Bengali": "অ্যাপয়েন্টমেন্ট",
    "Noto Sans Devanagari": "नियुक्ति",
    "Noto Sans Gujarati": "મુલાકાત",
    "Noto Sans Gurmukhi": "ਗੁਰਪ੍ਰੀਤ",
}


@pytest.mark.parametrize(("scripts", "heading"), [(True, "new"), (False, "old")])
def test_scripts_run_only_where_they_are_on(chromium: Browser, scripts: bool, heading: str) -> None:
    context = chromium.new_context(java_script_enabled=scripts)
    page = context.new_page()
    page.goto(PAGE)
    assert page.get_by_role("heading").inner_text() == heading
    assert page.locator("noscript").is_visible() is not scripts
    context.close()


def test_a_page_can_be_photographed(chromium: Browser) -> None:
    context = chromium.new_context(viewport={"width": 320, "height": 200})
    page = context.new_page()
    page.goto(PAGE)
    assert page.screenshot().startswith(b"\x89PNG")
    context.close()


@pytest.mark.parametrize(("font", "text"), SAMPLES.items())
def test_each_script_is_drawn_with_a_font_that_has_it(chromium: Browser, font: str, text: str) -> None:
    context = chromium.new_context()
    page = context.new_page()
    page.goto("data:text/html;charset=utf-8," + quote(f"<p style=\"font-family:'{font}'\">{text}</p>"))
    session = context.new_cdp_session(page)
    session.send("DOM.enable")
    session.send("CSS.enable")
    root = session.send("DOM.getDocument")["root"]["nodeId"]
    node = session.send("DOM.querySelector", {"nodeId": root, "selector": "p"})["nodeId"]
    used = session.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
    assert [entry["familyName"] for entry in used] == [font]
    context.close()
