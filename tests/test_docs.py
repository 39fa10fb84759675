"""The documentation names only files that exist, and draws the states as the code has them."""

import re
from pathlib import Path

import pytest

from shared.domain.states import TERMINAL, TRANSITIONS, Status
from tests.harness import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text()
PATH = re.compile(r"`((?:services|shared|dev|clients|frontend|tests|bench|ops|docs)/[\w./-]*)`")
LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)\s]*)?\)")
MAX_FILES = 25


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_a_page_names_exists(page: Path) -> None:
    text = page.read_text()
    paths = [ROOT / path for path in PATH.findall(text)]
    links = [page.parent / link for link in LINK.findall(text)]
    assert [str(path) for path in (*paths, *links) if not path.exists()] == []


def test_the_picture_of_a_conversations_way_has_few_files_and_each_exists() -> None:
    picture = ARCHITECTURE.partition("flowchart")[2].partition("```")[0]
    files = re.findall(r"\w+\.(?:py|lua)\b", picture)
    assert 10 < len(files) <= MAX_FILES
    known = {path.name for folder in ("services", "shared") for path in (ROOT / folder).rglob("*")}
    assert set(files) <= known


def test_the_states_are_drawn_and_listed_as_the_code_allows_them() -> None:
    allowed = {(before, after) for before, nexts in TRANSITIONS.items() for after in nexts}
    drawn = re.findall(r"^  (\w+) --> (\w+):", ARCHITECTURE, re.MULTILINE)
    rows = re.findall(r"^\| (`\w+`) \| (`\w+`(?:, `\w+`)*) \|$", ARCHITECTURE, re.MULTILINE)
    listed = {(before, after) for before, nexts in rows for after in nexts.split(", ")}
    assert {(Status(before), Status(after)) for before, after in drawn} == allowed
    assert listed == {(f"`{before}`", f"`{after}`") for before, after in allowed}
    assert ", ".join(f"`{state}`" for state in Status if state in TERMINAL) in ARCHITECTURE
