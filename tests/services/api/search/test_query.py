"""What people type becomes words, phrases and prefixes, and never syntax."""

import sqlite3
from contextlib import closing, suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.api.problems.errors import InvalidRequest
from services.api.search.query import expression, owner_word
from services.api.search.tokenizer import normalize
from shared.domain.states import Status


def finds(wanted: str, prompt: str, owner: str = "ann") -> bool:
    """Whether an expression fits a queued task with this prompt."""
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute(
            "CREATE VIRTUAL TABLE words USING fts5"
            " (title, prompt, answer, status, owner, tokenize='unicode61 remove_diacritics 2')"
        )
        row = ("", normalize(prompt), "", "queued", owner_word(owner))
        database.execute("INSERT INTO words VALUES (?, ?, ?, ?, ?)", row)
        found = database.execute("SELECT 1 FROM words WHERE words MATCH ?", (wanted,))
        return found.fetchone() is not None


PROMPT = 'The café\u2019s naïve "quick" brown-fox NEARly jumps over snake_case C++ 東京の天気は晴れ'


@pytest.mark.parametrize(
    "query",
    [
        *("quick", "QUICK", "fox quick", "cafe", "Café", "naïve"),
        *('"quick brown"', '"quick brown', 'jumps"over snake"', "brown-fox", "(quick)", "quick -"),
        *("qui*", "quick*", "quick**", '"brown fox"*', "brown-fox*", "C++", "snake_case", "snake"),
        *("天気", "東京 晴れ", "天*", "は晴れ", '"東京 の"'),
        *("quick:", "^the", "{quick}", "+quick"),
    ],
)
def test_a_query_finds(query: str) -> None:
    assert finds(expression(query), PROMPT)


@pytest.mark.parametrize(
    "query",
    [
        *("slow", "quick slow", "qui", '"brown quick"', '"quick fox"', "fox-brown", '"qui*"'),
        *("quick NOT slow", "quick OR slow", "slow OR quick", "NEAR(quick fox)", "title : quick"),
        *("status queued", "queued", "prompt", "天東", "気天", "京都", "ann", owner_word("ann")),
        "status:queued",
    ],
)
def test_a_query_does_not_find(query: str) -> None:
    """Every word is needed, and operators are words like others."""
    assert not finds(expression(query), PROMPT)


@pytest.mark.parametrize("query", ["*", "-", '""', '"', " ", "\0", "…", "_", "🙂", '"*" + "^"'])
def test_a_query_without_a_word_is_refused(query: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        expression(query)
    assert refusal.value.errors[0][0] == "q"


@pytest.mark.parametrize("query", ["a*", "ab*", "word é*", '"a phrase b"*', "brown-f*"])
def test_a_prefix_that_begins_too_much_is_refused(query: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        expression(query)
    assert "3 letters" in refusal.value.errors[0][1]


def test_so_many_prefixes_are_allowed_and_no_more() -> None:
    prefixes = ["abc*", '"a phrase def"*', "ghi*", "jkl*", "天*", "word"]
    assert finds(expression(" ".join(prefixes[4:])), "天 word")
    expression(" ".join(prefixes))
    with pytest.raises(InvalidRequest) as refusal:
        expression(" ".join([*prefixes, "mno*"]))
    assert "At most 4 words may end with *" in refusal.value.errors[0][1]


@pytest.mark.parametrize("status", Status)
def test_each_status_is_one_word(status: Status) -> None:
    assert f'status : "{status.value.replace("_", "")}"' in expression("a", status)


@given(st.text(max_size=200), st.none() | st.sampled_from(Status), st.none() | st.text())
def test_any_query_is_a_valid_one(query: str, status: Status | None, owner: str | None) -> None:
    with suppress(InvalidRequest):
        finds(expression(query, status, owner), "")


@given(st.text(max_size=50), st.text(max_size=100))
def test_no_query_gets_past_its_owner(query: str, text: str) -> None:
    """Whatever is typed, and whatever other people's texts hold."""
    with suppress(InvalidRequest):
        wanted = expression(query, Status.QUEUED, "ann")
        assert not finds(wanted, f"{text} {query} {owner_word('ann')}", owner="bob")
        assert not finds(wanted, f"{text} {query} {owner_word('ann')}", owner="")


@given(st.text(max_size=50))
def test_a_text_finds_itself(text: str) -> None:
    """Also as a phrase, as long as there is a word in it."""
    text = text.replace('"', "").replace("*", "")
    with suppress(InvalidRequest):
        assert finds(expression(f'"{text}"', Status.QUEUED, "ann"), f"x {text} y")


@given(st.text(min_size=1, max_size=30), st.text(max_size=30))
def test_no_two_owners_are_the_same(one: str, other: str) -> None:
    assert finds(expression("word", owner=one), "word", other) == (one == other)
