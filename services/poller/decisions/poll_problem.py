"""Says why a poll got no usable answer."""

from services.poller.decisions.error_response import body_form, parse_error
from services.poller.decisions.ownership import reply_problem
from services.poller.decisions.pause import quote
from services.poller.results import BodyTooLarge, CallResult, ConnectFailed, NoReply, Reply
from shared.domain.problem import Problem
from shared.domain.provider_name import capitalized, provider_name
from shared.domain.task import Task

_NOT_OURS = {
    "another_task": "The answer is the response of another task, as its metadata says.",
    "another_response": "The answer is a response with another id.",
}


def poll_problem(result: CallResult, task: Task) -> Problem | None:
    """What was received instead of the task's response, or None if it was received."""
    word = reply_problem(result, task)
    return Problem(word, _sentence(result, word, provider_name(task.provider))) if word else None


def _sentence(result: CallResult, word: str, who: str) -> str:
    match result:
        case ConnectFailed(reason):
            return f"No connection to {who} ({reason})."
        case NoReply(reason):
            return f"{capitalized(who)} does not answer ({reason})."
        case BodyTooLarge(limit):
            return f"The answer is longer than {limit} bytes."
        case Reply(status) if word == str(status):
            error = parse_error(result)
            said = quote(error, who) if error.readable else f"No reason given: {body_form(result)}."
            return f"{capitalized(who)} answered {status}. {said}"
        case Reply(status):
            unreadable = (
                f"The answer has status {status}, but is no response ({body_form(result)})."
            )
            return _NOT_OURS.get(word, unreadable)
