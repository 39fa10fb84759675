"""What is written is read back the same, whatever the texts hold."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.api.transcript.parser import read
from services.api.transcript.writer import write
from shared.openai.answer import Citation
from tests.services.api.transcript.examples import TEXTS, conversations, message, task


@given(conversations(), TEXTS.filter(bool), TEXTS)
def test_a_question_follows(conversation: list[dict[str, Any]], answer: str, question: str) -> None:
    exported = write(task(conversation, output_text=answer, citations=[SOURCE]))
    (read_back,) = read(f"{exported}<!-- backburner: user -->\n\n{marked(question)}\n\n")
    assert read_back.conversation == [
        *conversation,
        message("assistant", answer),
        message("user", question),
    ]


@given(st.lists(st.tuples(conversations(), TEXTS), min_size=1, max_size=4))
def test_several_tasks_are_all_read(tasks: list[tuple[list[dict[str, Any]], str]]) -> None:
    document = "".join(write(task(one, output_text=answer)) for one, answer in tasks)
    assert [found.conversation for found in read(document)] == [one for one, _ in tasks]


@pytest.mark.parametrize(
    "title", ["A title", "# Sharp", "#", "a # b #", "日本 é", "<!-- x -->", "- x"]
)
def test_a_title_comes_back(title: str) -> None:
    (read_back,) = read(write(task([message("user", "Why?")], title=title)))
    assert read_back.title == title


@given(st.text().filter(str.strip))
def test_a_title_comes_back_on_one_line(title: str) -> None:
    (read_back,) = read(write(task([message("user", "Why?")], title=title)))
    assert read_back.title == " ".join(title.split())


SOURCE = Citation("https://example.org", "One", 0, 1)


def marked(text: str) -> str:
    """A text as it must be written in a document with markers."""
    written = write(task([message("user", text)]))
    return written.partition("<!-- backburner: user -->\n\n")[2].removesuffix("\n\n")
