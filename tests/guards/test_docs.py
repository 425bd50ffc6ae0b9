"""What the documents say holds: the settings table, the links, and no word about things that are not here."""

import re
from dataclasses import MISSING
from pathlib import Path

import pytest

from portal.config import Settings

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\(([^)#\s]+)")


def _default(value: object) -> str:
    if value is MISSING:
        return "(must be set)"
    if isinstance(value, bool):
        return "`yes`" if value else "`no`"
    text = ",".join(value) if isinstance(value, tuple) else str(value)
    return f"`{text}`" if text else "(empty)"


def test_the_settings_table_is_what_the_code_reads() -> None:
    written = {
        tuple(cell.strip() for cell in line.strip("|").split("|"))
        for line in (ROOT / "README.md").read_text().splitlines()
        if line.startswith("| `PORTAL_")
    }
    true = {
        (f"`{field.metadata['name']}`", _default(field.default), field.metadata["help"])
        for field in Settings.__dataclass_fields__.values()
    }
    assert written == true


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_to_a_file_leads_somewhere(document: Path) -> None:
    targets = [
        link for link in LINK.findall(document.read_text()) if "://" not in link and "mailto:" not in link
    ]
    missing = [link for link in targets if not (document.parent / link).exists()]
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_document_leans_on_anything_outside_the_project(document: Path) -> None:
    outside = "/".join(["..", "shared"])
    assert outside not in document.read_text()
