"""The same words are the same however they are written."""

import pytest

from services.api.search.tokenizer import normalize


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("STRASSE", "straße"),
        ("e\u0301te\u0301", "été"),
        ("\ufb01ne", "fine"),
        ("\uff21\uff22\uff11", "ab1"),
        ("\uff76\uff9e", "ガ"),
        ("a\0b", "a b"),
    ],
)
def test_presentation_makes_no_difference(one: str, other: str) -> None:
    assert normalize(one) == normalize(other)


@pytest.mark.parametrize("text", ["天気予報", "안녕하세요", "สวสด", "ひらがな", "𠀀𠀁"])
def test_what_is_written_without_spaces_is_taken_by_the_letter(text: str) -> None:
    assert normalize(f"x{text}y").split() == ["x", *text, "y"]


def test_what_is_written_with_spaces_is_left_in_its_words() -> None:
    text = "plain слово λέξη मल 1.5"
    assert normalize(text) == text
