"""Markdown that people write by hand is read as they mean it, or refused with the line at fault."""

import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.api.transcript.markers import TranscriptError
from services.api.transcript.parser import read
from tests.services.api.transcript.examples import message

FIVE_MESSAGES = """\
<!-- backburner: developer -->
Be brief.
<!--backburner:user-->

Why?

<!-- backburner: answer -->
Because.

<!-- backburner: user -->
And how?
"""


@given(st.text().filter(lambda text: "<!--" not in text))
def test_plain_markdown_is_one_message_exactly_as_it_is(text: str) -> None:
    (task,) = read(text)
    assert (task.title, task.conversation) == (None, [message("user", text)])


def test_plain_markdown_keeps_a_backslash_before_what_is_no_marker() -> None:
    text = "\\<!-- backburner: user -->\n<!-- a comment -->"
    assert read(text)[0].conversation == [message("user", text)]


def test_the_form_allows_what_a_hand_writes() -> None:
    (task,) = read(FIVE_MESSAGES)
    assert task.conversation == [
        message("developer", "Be brief."),
        message("user", "Why?"),
        message("assistant", "Because."),
        message("user", "And how?"),
    ]


def test_an_editor_that_changes_all_line_ends_changes_nothing_else() -> None:
    (task,) = read(FIVE_MESSAGES.replace("\n", "\r\n"))
    assert task.conversation == read(FIVE_MESSAGES)[0].conversation


def test_empty_lines_before_the_first_marker_are_nothing() -> None:
    assert read("\n \n<!-- backburner: user -->\nWhy?")[0].conversation == [message("user", "Why?")]


def test_a_head_without_a_title_gives_none() -> None:
    (task,) = read("<!-- backburner: task -->\n\n## Not it\n\n<!-- backburner: user -->\nWhy?")
    assert task.title is None


@pytest.mark.parametrize(
    ("document", "line", "advice"),
    [
        ("Hello\n<!-- backburner: user -->", 1, "before the first marker"),
        ("<!-- backburner: user -->\nWhy?\n<!-- backburner: asistant -->", 3, "one of task, dev"),
        ("<!-- backburner: user\nWhy?", 1, "one of task, dev"),
        ("\n\n<!-- backburner: user --> Why?", 3, "one of task, dev"),
        ("<!-- backburner: USER -->", 1, "one of task, dev"),
        ("<!-- backburner: task -->\n# A\n<!-- backburner: part -->", 3, "belongs to no message"),
    ],
)
def test_an_invalid_marker_is_refused_with_its_line(document: str, line: int, advice: str) -> None:
    with pytest.raises(TranscriptError) as refused:
        read(document)
    assert refused.value.line == line
    assert advice in refused.value.advice


@pytest.mark.parametrize(
    "piece", ["<!-- backburner: part -->\n", "\\", "<!-- backburner:", "\n", "\\<!-- backburner: "]
)
def test_the_largest_body_is_read_in_no_time(piece: str) -> None:
    """Linear, whatever it holds: a search that began anew at every line would take minutes."""
    document = "<!-- backburner: user -->\n" + piece * (4_000_000 // len(piece))
    began = time.process_time()
    with suppress(TranscriptError):
        read(document)
    assert time.process_time() - began < 5
