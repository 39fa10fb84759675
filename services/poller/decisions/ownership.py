"""Decides whether a reply is about the task, or about a response of another one.

A gateway between Backburner and OpenAI may return the response of another request. The metadata
names the task for which a response was submitted; only without it the id has to suffice.
"""

from http import HTTPStatus

from services.poller.decisions.error_response import refused_for_good
from services.poller.results import CallResult, Reply
from shared.domain.task import Task
from shared.openai.response import Response


def names_another_task(response: Response, task: Task) -> bool:
    """Whether the metadata names a task, and not this one."""
    return response.task_id not in (None, task.id)


def own_response(reply: Reply, task: Task) -> Response | None:
    """The response in a reply to a call for the task's response id, if it is the task's."""
    return None if reply_problem(reply, task) else Response.parse(reply.body)


def reply_problem(result: CallResult, task: Task) -> str | None:
    """Why a 200 for the task's response id says nothing about the task, as one word, or None."""
    if not (isinstance(result, Reply) and result.status == HTTPStatus.OK):
        return None
    response = Response.parse(result.body)
    if response is None:
        return "unreadable"
    if names_another_task(response, task):
        return "another_task"
    response_id = response.text("id")
    if response.task_id or response_id == task.response_id:
        return None
    return "another_response" if response_id else "unreadable"


def requested_response(result: CallResult, response_id: str) -> Response | None:
    """The response that a GET of this id returned; one with another id is no answer to it."""
    if not (isinstance(result, Reply) and result.status == HTTPStatus.OK):
        return None
    response = Response.parse(result.body)
    return response if response and response.text("id") in (None, response_id) else None


def cancel_acknowledged(result: CallResult, task: Task) -> bool:
    """Whether the provider processed the cancel of the task's response, even if it refused it."""
    if not isinstance(result, Reply):
        return False
    if result.status == HTTPStatus.OK:
        return reply_problem(result, task) in (None, "unreadable")
    return refused_for_good(result)
