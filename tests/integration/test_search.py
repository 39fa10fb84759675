"""Tasks are found by their words, and a deletion leaves nothing behind, with real processes."""

from typing import Any

import httpx
import pytest

from tests.harness import Installation, eventually

pytestmark = [pytest.mark.integration, pytest.mark.thorough]


def search(installation: Installation, query: str, **params: Any) -> list[str] | None:
    """The ids of what is found, or None while the index is being made."""
    reply = httpx.get(f"{installation.api_url}/v1/tasks", params={"q": query, **params})
    if reply.status_code == 503:
        assert reply.json()["type"] == "urn:backburner:problem:search-index-not-ready"
        return None
    assert reply.status_code == 200, reply.text
    return [task["id"] for task in reply.json()["data"]]


def test_a_task_is_found_by_what_was_asked_and_answered(running: Installation) -> None:
    task = running.submit("What is a quokka?", title="Marsupials of Rottnest")
    eventually(lambda: search(running, "quokka") == [task["id"]], "its prompt is found")
    answer = running.ended(task["id"])["output_text"]
    word = max(answer.replace("*", " ").split(), key=len)
    eventually(
        lambda: search(running, f'quokka rottnest "{word}"', status="completed") == [task["id"]],
        "its answer is found",
    )
    assert search(running, "quokka", status="queued") == []


def test_replicas_that_share_a_directory_find_the_same(installation: Installation) -> None:
    installation.valkey()
    installation.api()
    one = installation.api_url
    installation.api()
    task = installation.submit("sky")
    for url in (one, installation.api_url):
        installation.api_url = url
        eventually(lambda: search(installation, "sky") == [task["id"]], "it is found")
    assert len([*installation.folder.glob("api*/search.sqlite")]) == 2


@pytest.mark.parametrize("removed", [False, True])
def test_the_index_is_there_again_after_a_kill(
    installation: Installation, *, removed: bool
) -> None:
    installation.valkey()
    process = installation.api()
    ids = [installation.submit(f"sky {number}")["id"] for number in range(30)]
    eventually(lambda: search(installation, "sky") == ids[::-1], "all are found")
    process.kill()
    if removed:
        (installation.folder / "api" / "search.sqlite").unlink()
    installation.api()
    ids.append(installation.submit("sky")["id"])
    eventually(lambda: search(installation, "sky") == ids[::-1], "all are found again")


def test_a_file_that_goes_while_the_api_runs_is_made_again(installation: Installation) -> None:
    installation.valkey()
    installation.api()
    task = installation.submit("sky")
    eventually(lambda: search(installation, "sky") == [task["id"]], "it is found")
    (installation.folder / "api" / "search.sqlite").unlink()
    eventually(lambda: search(installation, "sky") == [task["id"]], "it is found again")


def test_a_deleted_task_leaves_nothing_that_was_derived_from_it(installation: Installation) -> None:
    folder = installation.folder / "api"
    folder.mkdir()
    (folder / "renderings.sqlite-wal").write_text("0confidential HTML of an older version")
    installation.all()
    assert not [*folder.glob("renderings*")]

    def on_disk(word: str) -> bool:
        return any(word.encode() in file.read_bytes() for file in folder.iterdir())

    task = installation.ended(installation.submit("0confidential matter")["id"])
    eventually(lambda: search(installation, "0confidential"), "it is found")
    assert on_disk("0confidential")
    assert on_disk(task["id"])
    reply = httpx.delete(f"{installation.api_url}/v1/tasks/{task['id']}")
    assert reply.status_code == 202, reply.text
    eventually(lambda: search(installation, "0confidential") == [], "it is not found any more")
    eventually(lambda: not on_disk("0confidential"), "no word of it is left")
    eventually(lambda: not on_disk(task["id"]), "nor its id")
