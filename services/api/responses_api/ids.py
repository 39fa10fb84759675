"""The id under which a task is a response: the same digits, so nothing else need be kept."""

import re

from services.api.problems.errors import ResponseNotFound
from services.api.schemas.responses import RESPONSE_ID

_TASK, _RESPONSE = "task_", "resp_"


def to_response_id(task_id: str) -> str:
    """The id of the response that shows this task."""
    return _RESPONSE + task_id.removeprefix(_TASK)


def to_task_id(response_id: str) -> str:
    """The id of the task that this response shows. Raises ResponseNotFound for any other id."""
    if not re.fullmatch(RESPONSE_ID, response_id):
        raise ResponseNotFound(response_id)
    return _TASK + response_id.removeprefix(_RESPONSE)
