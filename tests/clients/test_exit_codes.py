"""Each exit code has one remedy of its own, so a script knows what to do."""

import pytest

from backburner import BackburnerError, Task
from backburner.exit_codes import Exit, of_error, of_task
from tests.clients.answers import task


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (None, Exit.UNAVAILABLE),
        (200, Exit.UNAVAILABLE),
        (302, Exit.UNAVAILABLE),
        (400, Exit.USAGE),
        (401, Exit.NOT_ALLOWED),
        (403, Exit.NOT_ALLOWED),
        (404, Exit.NOT_FOUND),
        (406, Exit.NOT_ALLOWED),
        (409, Exit.NOT_ALLOWED),
        (410, Exit.NOT_FOUND),
        (413, Exit.USAGE),
        (415, Exit.USAGE),
        (421, Exit.NOT_ALLOWED),
        (422, Exit.USAGE),
        (429, Exit.NOT_ALLOWED),
        (408, Exit.UNAVAILABLE),
        (431, Exit.USAGE),
        (500, Exit.UNAVAILABLE),
        (503, Exit.UNAVAILABLE),
    ],
)
def test_a_problem_has_the_code_of_its_remedy(status: int | None, code: Exit) -> None:
    assert of_error(BackburnerError({"status": status, "detail": "So."})) is code


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("completed", Exit.OK),
        ("incomplete", Exit.NOT_COMPLETED),
        ("failed", Exit.NOT_COMPLETED),
        ("cancelled", Exit.NOT_COMPLETED),
        ("unconfirmed", Exit.NOT_ALLOWED),
    ],
)
def test_a_task_that_was_waited_for_has_the_code_of_its_end(status: str, code: Exit) -> None:
    assert of_task(Task.from_json(task(status=status))) is code


@pytest.mark.parametrize("kind", ["unexpected-reply", "not-found"])
def test_a_wrong_address_is_not_taken_for_a_task_that_is_gone(kind: str) -> None:
    """A script may submit a task again if it is reported as missing."""
    document = {"type": f"urn:backburner:problem:{kind}", "status": 404}
    assert of_error(BackburnerError(document)) is Exit.UNAVAILABLE
