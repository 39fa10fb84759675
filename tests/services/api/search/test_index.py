"""The index finds what it was given, newest first, and forgets what it is told to."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from services.api.search.documents import Document, IndexedVersion
from services.api.search.index import Index, find
from services.api.search.query import expression, owner_word
from shared.domain.states import Status
from shared.store import StoreIdentity


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "search.sqlite"


@pytest.fixture
def index(path: Path) -> Iterator[Index]:
    index = Index(path)
    yield index
    index.close()


@pytest.fixture
def found(path: Path) -> Callable[..., list[int]]:
    """The sequence numbers of the tasks that a query finds."""

    def found(
        query: str,
        status: Status | None = None,
        owner: str | None = None,
        below: int | None = None,
        limit: int = 9,
    ) -> list[int]:
        return [seq for seq, _ in find(path, expression(query, status, owner), below, limit)]

    return found


def document(seq: int, prompt: str = "word", number: int | None = None, **other: str) -> Document:
    given = {"title": "", "answer": "", "status": "queued", "owner": ""} | other
    columns = (given["title"], prompt, given["answer"], given["status"], given["owner"])
    return Document(
        given.get("id", f"task_{seq}"), seq, IndexedVersion(number or seq, "stamp"), columns
    )


def test_title_prompt_and_answer_are_found(index: Index, found: Callable[..., Any]) -> None:
    index.write([document(1, "two", title="one", answer="three"), document(2, "two")])
    assert found("one") == found("three") == found("three one two") == [1]
    assert found("two") == [2, 1]
    assert found("four") == found("one four") == []


def test_pages_are_newest_first(index: Index, found: Callable[..., Any]) -> None:
    index.write(document(seq) for seq in (3, 1, 5, 2, 4))
    assert found("word", limit=2) == [5, 4]
    assert found("word", below=4, limit=2) == [3, 2]
    assert found("word", below=1) == []


def test_status_and_owner_narrow_what_is_found(index: Index, found: Callable[..., Any]) -> None:
    ann, bob = owner_word("ann"), owner_word("bob")
    index.write(
        [
            document(1, owner=ann),
            document(2, owner=bob, status="inprogress"),
            document(3, owner=ann, status="inprogress"),
            document(4, "queued ann"),
        ]
    )
    assert found("word", owner="ann") == [3, 1]
    assert found("word", Status.IN_PROGRESS) == [3, 2]
    assert found("word", Status.IN_PROGRESS, "bob") == [2]
    assert found("word", Status.COMPLETED) == found("word", owner="eve") == []


def test_a_changed_task_is_found_by_what_it_is_now(index: Index, found: Callable[..., Any]) -> None:
    index.write([document(1, number=1), document(2, number=2)])
    index.write([document(1, "word", number=3, status="completed", answer="because")])
    assert found("because") == found("word", Status.COMPLETED) == [1]
    assert found("word", Status.QUEUED) == [2]
    assert found("word") == [2, 1]
    assert index.shown(0, None) == {
        "task_1": IndexedVersion(3, "stamp"),
        "task_2": IndexedVersion(2, "stamp"),
    }


def test_it_says_which_changes_it_shows(index: Index) -> None:
    index.write(document(seq, number=seq * 10) for seq in (1, 2, 3))
    assert list(index.shown(10, 20)) == ["task_2"]
    assert list(index.shown(10, None)) == ["task_2", "task_3"]


def test_a_forgotten_task_is_not_found(index: Index, found: Callable[..., Any]) -> None:
    index.write([document(1), document(2)])
    index.forget(["task_1", "task_unknown"])
    assert found("word") == [2]
    assert list(index.shown(0, None)) == ["task_2"]


def test_of_a_forgotten_task_no_word_is_left_on_disk(index: Index, path: Path) -> None:
    """Neither after one more of its kind is forgotten on the way."""
    secrets = [f"{letter}0123456789abcdef" for letter in "0ab"]

    def on_disk(secret: str) -> bool:
        return any(secret.encode() in file.read_bytes() for file in path.parent.iterdir())

    for seq, secret in enumerate(secrets, 1):
        index.write([document(seq, f"{secret} word", status="completed")])
        index.write(document(10 * seq + more, f"other{seq}{more} words") for more in range(9))
    assert [on_disk(secret) for secret in secrets] == [True, True, True]
    index.forget(["task_1"])
    index.tidy()
    index.forget(["task_2"])
    for _ in range(9):
        index.tidy()
    assert [on_disk(secret) for secret in secrets] == [False, False, True]


def test_tidying_with_nothing_to_tidy_writes_nothing(index: Index, path: Path) -> None:
    index.write([document(1)])
    journal = path.with_name(path.name + "-wal")
    before = journal.read_bytes()
    index.tidy()
    assert journal.read_bytes() == before


def test_a_task_takes_the_number_of_a_lost_one(index: Index, found: Callable[..., Any]) -> None:
    """A store that was set back gives a sequence number twice."""
    index.write([document(1, "lost", id="task_lost")])
    index.write([document(1, "new", id="task_new")])
    assert found("lost") == []
    assert found("new") == [1]


def test_one_batch_holds_all_kinds_of_changes(index: Index, found: Callable[..., Any]) -> None:
    """Two that took each other's number, one unchanged but for its number, one changed, one new."""
    index.write(document(seq, f"old{seq}") for seq in (1, 2, 3, 4))
    index.write(
        [
            document(2, "old1", id="task_1"),
            document(1, "old2", id="task_2"),
            document(3, "old3", number=13),
            document(4, "new4", number=14),
            document(5, "new5"),
        ]
    )
    assert [found(f"old{seq}") for seq in (1, 2, 3, 4)] == [[2], [1], [3], []]
    assert [found(f"new{seq}") for seq in (4, 5)] == [[4], [5]]
    numbers = {task_id: shown.number for task_id, shown in index.shown(0, None).items()}
    assert numbers == {"task_1": 2, "task_2": 1, "task_3": 13, "task_4": 14, "task_5": 5}


def test_it_remembers_how_far_it_is(index: Index, path: Path, found: Callable[..., Any]) -> None:
    assert index.identity() == StoreIdentity("", "")
    index.write([document(1)])
    index.complete(StoreIdentity("store", "run"))
    again = Index(path)
    assert again.identity() == StoreIdentity("store", "run")
    assert found("word") == [1]
    again.clear()
    assert again.identity() == StoreIdentity("", "")
    assert found("word") == []
    again.close()


def test_a_transaction_that_fails_leaves_nothing(index: Index, found: Callable[..., Any]) -> None:
    def documents() -> Iterator[Document]:
        yield document(1)
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError):
        index.write(documents())
    assert found("word") == []
    index.write([document(1)])
    assert found("word") == [1]
