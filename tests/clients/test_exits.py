"""Each exit code has one remedy of its own, so a script knows what to do."""

import pytest

from backburner import BackburnerError, Task
from backburner.exits import Exit, of_error, of_task
from tests.clients.answers import task


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (None, Exit.AWAY),
        (200, Exit.AWAY),
        (302, Exit.AWAY),
        (400, Exit.USAGE),
        (401, Exit.UNSETTLED),
        (403, Exit.UNSETTLED),
        (404, Exit.NOT_FOUND),
        (406, Exit.UNSETTLED),
        (409, Exit.UNSETTLED),
        (410, Exit.NOT_FOUND),
        (413, Exit.USAGE),
        (415, Exit.USAGE),
        (421, Exit.UNSETTLED),
        (422, Exit.USAGE),
        (429, Exit.UNSETTLED),
        (408, Exit.AWAY),
        (431, Exit.USAGE),
        (500, Exit.AWAY),
        (503, Exit.AWAY),
    ],
)
def test_a_problem_has_the_code_of_its_remedy(status: int | None, code: Exit) -> None:
    assert of_error(BackburnerError({"status": status, "detail": "So."})) is code


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("completed", Exit.OK),
        ("incomplete", Exit.NO_WHOLE_ANSWER),
        ("failed", Exit.NO_WHOLE_ANSWER),
        ("cancelled", Exit.NO_WHOLE_ANSWER),
        ("unconfirmed", Exit.UNSETTLED),
    ],
)
def test_a_task_that_was_waited_for_has_the_code_of_its_end(status: str, code: Exit) -> None:
    assert of_task(Task.read(task(status=status))) is code


@pytest.mark.parametrize("kind", ["unexpected-reply", "not-found"])
def test_a_wrong_address_is_not_taken_for_a_task_that_is_gone(kind: str) -> None:
    """A script may hand in anew what it is told there is not."""
    document = {"type": f"urn:backburner:problem:{kind}", "status": 404}
    assert of_error(BackburnerError(document)) is Exit.AWAY
