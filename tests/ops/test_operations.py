"""The operator's page names every issue and every error in the log, and nothing made up."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.api.health.issues import IssueKind

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text()
WATCHED = ("services/api", "services/poller", "shared")


def sources() -> Iterator[Path]:
    for folder in WATCHED:
        yield from (ROOT / folder).rglob("*.py")


def errors() -> Iterator[str]:
    """The events that the code logs as errors."""
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(
                    func=ast.Attribute(value=ast.Name("log"), attr="error" | "exception"),
                    args=[ast.Constant(str(event)), *_],
                ):
                    yield event


@pytest.mark.parametrize("kind", IssueKind)
def test_every_issue_is_on_the_page(kind: IssueKind) -> None:
    assert f"`{kind}`" in PAGE


def test_every_error_in_the_log_is_on_the_page() -> None:
    assert {event for event in errors() if f"`{event}`" not in PAGE} == set()


def test_every_event_on_the_page_stands_in_the_code() -> None:
    page = PAGE[: PAGE.index("# The store")]
    said = set(re.findall(r"`([a-z]+_[a-z_]+|[a-z]+[ ,:][a-z ,:]+)`", page))
    code = "".join(path.read_text() for path in sources())
    assert len(said) > 5
    assert {event for event in said if event not in code} == set()
