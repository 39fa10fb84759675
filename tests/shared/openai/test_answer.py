"""What the model wrote is one readable text, and each source stands where it is cited."""

import time
from typing import Any

import pytest

from shared.openai.answer import MAX_CITATIONS, AnswerKind, Citation, read_answer

CITE = "\ue200cite\ue202turn0search1\ue201"
SOURCE = "【4:0†source】"
CHEF = "\U0001f9d1\u200d\U0001f373"


def message(*content: Any) -> dict[str, Any]:
    return {"type": "message", "content": list(content)}


def part(text: str, *annotations: Any) -> dict[str, Any]:
    return {"type": "output_text", "text": text, "annotations": list(annotations)}


def citation(start: Any, end: Any, **more: Any) -> dict[str, Any]:
    source = {"type": "url_citation", "url": "https://a.test", "title": "A"}
    return source | {"start_index": start, "end_index": end} | more


def utf16(text: str, passage: str) -> dict[str, Any]:
    """Cites a passage as JavaScript counts."""
    start = len(text[: text.index(passage)].encode("utf-16-le")) // 2
    return citation(start, start + len(passage.encode("utf-16-le")) // 2)


def cited(*output: Any) -> list[str | None]:
    """The passages that the sources belong to."""
    answer = read_answer(output)
    return [
        None if at.start_index is None else answer.text[at.start_index : at.end_index]
        for at in answer.citations
    ]


def test_messages_are_separated_by_a_blank_line_and_their_parts_are_not() -> None:
    output = [
        message(part("I will look."), part("")),
        {"type": "web_search_call"},
        message(),
        message(part("# Result"), part(" and more")),
    ]
    assert read_answer(output).text == "I will look.\n\n# Result and more"


def test_citations_move_from_their_part_into_the_whole_text() -> None:
    output = [
        message(part("\U0001d11e one ", citation(2, 5)), part("two", citation(0, 3, title=None))),
        {"type": "web_search_call"},
        message(part("three", citation(0, 5))),
    ]
    assert cited(*output) == ["one", "two", "three"]
    assert read_answer(output).citations[1] == Citation("https://a.test", "https://a.test", 6, 9)


@pytest.mark.parametrize(
    ("content", "text", "kind"),
    [
        ("Plain.", "Plain.", AnswerKind.TEXT),
        (["Plain."], "Plain.", AnswerKind.TEXT),
        ([{"type": "text", "text": "Plain."}], "Plain.", AnswerKind.TEXT),
        ([{"type": "refusal", "refusal": "I cannot."}], "I cannot.", AnswerKind.REFUSAL),
        ([part("Part."), {"refusal": " No more."}], "Part. No more.", AnswerKind.TEXT),
        ([], "", AnswerKind.EMPTY),
        ("", "", AnswerKind.EMPTY),
        ([part("")], "", AnswerKind.EMPTY),
        (None, "", AnswerKind.EMPTY),
        ({"text": "?"}, "?", AnswerKind.TEXT),
    ],
    ids=str,
)
def test_content_is_read_in_any_form_and_a_refusal_is_named(
    content: Any, text: str, kind: AnswerKind
) -> None:
    answer = read_answer([{"type": "message", "content": content}])
    assert (answer.text, answer.kind) == (text, kind)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"Water is wet {CITE}. More.", "Water is wet. More."),
        (f"Water{SOURCE} is wet {SOURCE}{CITE}\nMore", "Water is wet\nMore"),
        (f"Water {CITE} is", "Water is"),
        ("Water is wet. \ue200cite\ue202turn0sea", "Water is wet."),
        ("【引用】 † 【a】", "【引用】 † 【a】"),
    ],
    ids=["private use", "brackets", "in between", "cut off", "none"],
)
def test_the_models_own_marks_are_not_shown(text: str, shown: str) -> None:
    assert read_answer([message(part(text))]).text.rstrip(" ") == shown


def test_a_source_that_cites_its_mark_keeps_the_place() -> None:
    text = f"Water is wet {CITE}. Fire{SOURCE} burns."
    marks = [citation(text.index(mark), text.index(mark) + len(mark)) for mark in (CITE, SOURCE)]
    answer = read_answer([message(part(text, *marks, citation(text.index("Fire"), len(text))))])
    assert answer.text == "Water is wet. Fire burns."
    assert [(at.start_index, at.end_index) for at in answer.citations] == [
        (12, 12),
        (18, 18),
        (14, 25),
    ]


@pytest.mark.parametrize("passage", ["salt", "([a](https://a.test))", f"{CHEF} cooks"])
def test_offsets_in_utf16_units_are_recognised_after_an_emoji(passage: str) -> None:
    text = f"📌 One {CHEF} cooks with salt. ([a](https://a.test)) 📌 More."
    assert cited(message(part(text, utf16(text, passage)))) == [passage]
    start = text.index(passage)
    assert cited(message(part(text, citation(start, start + len(passage))))) == [passage]


def test_an_end_within_a_word_moves_to_the_words_end_but_not_in_scripts_without_blanks() -> None:
    assert cited(message(part("Water is wet.", citation(0, 10)))) == ["Water is wet"]
    assert cited(message(part("水は濡れています", citation(0, 3)))) == ["水は濡"]


@pytest.mark.parametrize(
    ("start", "end"), [(-1, 2), (2, 2), (3, 2), (0, 99), (None, None), ("0", "2"), (True, 2)]
)
def test_a_source_without_a_place_in_the_text_stays_a_source(start: Any, end: Any) -> None:
    (source,) = read_answer([message(part("Water", citation(start, end)))]).citations
    assert source == Citation("https://a.test", "A", None, None)


def test_sources_are_bounded_in_number_and_length() -> None:
    many = [citation(0, 1, title="t" * 10**4)] * 5_000
    found = read_answer([message(part("a", *many)), message(part("b", *many))]).citations
    assert len(found) == MAX_CITATIONS
    assert {len(at.title) for at in found} == {500}
    assert read_answer([message(part("a", citation(0, 1, url="x" * 10**5)))]).citations == []


@pytest.mark.parametrize(
    "text", [" " * 10**6, "\ue200" * 10**6, "【" * 10**6, "【a†" * 10**5, "📌" * 10**6]
)
def test_reading_takes_time_in_proportion_to_the_text(text: str) -> None:
    notes = [citation(0, len(text))] * MAX_CITATIONS
    began = time.process_time()
    read_answer([message(part(text, *notes))])
    assert time.process_time() - began < 3
