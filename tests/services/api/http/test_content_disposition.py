"""What leaves is whole, and named so that every program saves it under a name of its own."""

import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.api.http.content_disposition import attachment_header
from shared.presentation.export_format import export_document


def test_everything_of_a_task_leaves_and_what_is_handed_in_again_stands_first() -> None:
    whole = {"id": "task_1", "title": "A", "parent_id": None, "input": [], "output_text": "B"}
    assert export_document(whole) == {
        "title": "A",
        "parent_id": None,
        "input": [],
        "export": {"format": "backburner/1", "id": "task_1", "output_text": "B"},
    }


@pytest.mark.parametrize(
    ("title", "plain", "full"),
    [
        ("Why is the sky blue?", "why-is-the-sky-blue-task_1.md", "why-is-the-sky-blue-task_1.md"),
        ("Größe: Übermut", "groe-ubermut-task_1.md", "größe-übermut-task_1.md"),
        ("日本の空", "task_1.md", "日本の空-task_1.md"),
        ('../../etc/"passwd"\r\nX: y', "etc-passwd-x-y-task_1.md", "etc-passwd-x-y-task_1.md"),
        ("…", "task_1.md", "task_1.md"),
        ("a" * 59 + " b", "a" * 59 + "-task_1.md", "a" * 59 + "-task_1.md"),
    ],
)
def test_a_file_is_named_by_its_title_and_its_id(title: str, plain: str, full: str) -> None:
    header = attachment_header("task_1", title, "md")
    assert re.findall('filename="([^"]*)"', header) == [plain]
    assert unquote(header.partition("filename*=UTF-8''")[2]) == full


@given(st.text())
def test_whatever_the_title_the_header_is_one_line_of_ascii(title: str) -> None:
    header = attachment_header("task_1", title, "json")
    assert re.fullmatch(
        r"attachment; filename=\"[a-z0-9_-]+\.json\"; filename\*=UTF-8''[A-Za-z0-9%_.~-]+", header
    )
    assert len(header) < 1000
