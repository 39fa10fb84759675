"""Reads a reply as the response of a task, or says why it is none.

A gateway between Backburner and OpenAI may return a page of its own or the response of another
request. The metadata names the task for which a response was submitted; only without it the id has
to suffice.
"""

from http import HTTPStatus

from services.poller.decisions.error_response import refused_for_good
from services.poller.decisions.result import result_of
from services.poller.results import BodyTooLarge, CallResult, Reply, error_kind
from shared.domain.task import Task
from shared.openai.response import Response


def names_another_task(response: Response, task: Task) -> bool:
    """Whether the metadata names a task, and not this one."""
    return response.task_id not in (None, task.id)


def own_response(result: CallResult, task: Task) -> Response | None:
    """The task's response, if that is what a call for its response id returned."""
    read = _read(result, task)
    return read if isinstance(read, Response) else None


def reply_problem(result: CallResult, task: Task) -> str | None:
    """Why the result of such a call is not the task's response, as one word, or None."""
    read = _read(result, task)
    return read if isinstance(read, str) else None


def requested_response(result: CallResult, response_id: str | None) -> Response | None:
    """The response that a GET of this id returned; one with another id is no answer to it."""
    response = _response(result)
    return response if response and response.id in (None, response_id) else None


def chosen_response(result: CallResult, response_id: str, task: Task) -> Response | None:
    """The response that a GET of an id returned which a person chose for the task.

    A gateway may show it under another id. Then it counts if it is this task's and has ended: while
    it runs it has to be found again, and by which id is not known.
    """
    response = _response(result)
    if response and response.task_id == task.id and result_of(response):
        return response
    return requested_response(result, response_id)


def belongs_to_another_task(result: CallResult, task: Task) -> bool:
    """Whether a GET of the task's response id shows the response of another task.

    Such an id can come from a reply to the POST without metadata. Leave that response alone.
    """
    response = requested_response(result, task.response_id)
    return response is not None and names_another_task(response, task)


def may_be_ended(result: CallResult, task: Task) -> bool:
    """Whether the response may be cancelled or deleted after this result of its GET.

    It must not be where it can be another task's; one that is too long was found by its id.
    """
    return cancel_acknowledged(result, task) or isinstance(result, BodyTooLarge)


def cancel_acknowledged(result: CallResult, task: Task) -> bool:
    """Whether the provider processed the cancel of the task's response, even if it refused it."""
    refused = isinstance(result, Reply) and refused_for_good(result)
    return refused or own_response(result, task) is not None


def seen_elsewhere(task: Task, account_id: str) -> bool:
    """Whether the response was last seen by another account, which may still find it."""
    return task.account_id not in (None, account_id)


def _read(result: CallResult, task: Task) -> Response | str:
    if isinstance(result, Reply) and result.status != HTTPStatus.OK:
        return str(result.status)
    response = _response(result)
    if response is None:
        return error_kind(result) or "unreadable"
    if names_another_task(response, task):
        return "another_task"
    response_id = response.id
    if response.task_id or response_id == task.response_id:
        return response
    return "another_response" if response_id else "unreadable"


def _response(result: CallResult) -> Response | None:
    if isinstance(result, Reply) and result.status == HTTPStatus.OK:
        return Response.parse(result.body)
    return None
