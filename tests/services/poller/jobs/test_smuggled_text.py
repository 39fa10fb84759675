"""Whatever field the provider puts a text into, it reaches no log and no list without a limit."""

from typing import Any

import orjson
import pytest
from structlog.testing import capture_logs

from services.poller.results import Reply
from shared.domain import changes
from shared.domain.task import Task
from shared.presentation.serializers import task_summary
from shared.store import Store
from tests.services.poller.job_runner import JobRunner
from tests.services.poller.scripted_provider import ScriptedProvider, refused, reply, response
from tests.shared import tasks

QUESTION = "What is the secret of the question? "
LONG = QUESTION * 10_000


async def submitted(store: Store, jobs: JobRunner, given: Reply) -> Task:
    return await jobs.submit(await tasks.accepted(store), ScriptedProvider(given))


async def polled(store: Store, jobs: JobRunner, given: Reply) -> Task:
    return await jobs.poll(await tasks.in_progress(store), ScriptedProvider(given))


async def adopted(store: Store, jobs: JobRunner, given: Reply) -> Task:
    return await jobs.adopt(await tasks.adopting(store), ScriptedProvider(given))


async def deleted(store: Store, jobs: JobRunner, given: Reply) -> Task:
    asked = changes.request_deletion(await tasks.watched(store))
    task = await tasks.changed(store, asked)
    await jobs.delete(task, ScriptedProvider(given))
    return await jobs.load(task)


def failed(**error: Any) -> Reply:
    return response("failed", error={"code": "server_error", "message": "No."} | error)


@pytest.mark.parametrize("text", [QUESTION, LONG], ids=["short", "long"])
@pytest.mark.parametrize(
    ("job", "answer"),
    [
        (submitted, lambda text: reply(200, {"id": text, "status": "queued"})),
        (submitted, response),
        (submitted, lambda text: refused(400, text)),
        (submitted, lambda text: reply(401, {"error": {"message": text, "code": "a_code"}})),
        (submitted, lambda text: reply(429, {"error": {"message": text, "code": "no_quota"}})),
        (polled, lambda text: reply(500, {"error": {"message": text, "code": "a_code"}})),
        (adopted, lambda text: reply(500, {"error": {"message": text, "code": "a_code"}})),
        (polled, response),
        (polled, lambda text: failed(code=text)),
        (polled, lambda text: failed(message=text)),
        (polled, lambda text: response("incomplete", incomplete_details={"reason": text})),
        (polled, lambda text: response("completed", usage={text: text, "input_tokens": text})),
        (polled, lambda text: response("completed", metadata={"task_id": text})),
        (polled, lambda text: reply(200, {"id": text, "status": "completed"})),
        (polled, lambda text: refused(404, text, x_request_id=text)),
        (adopted, lambda text: response("completed", metadata={"task_id": text})),
        (adopted, lambda text: reply(200, {"id": text, "status": text})),
        (deleted, lambda text: reply(429, {"error": {"message": text, "code": text}})),
        (deleted, lambda text: reply(500, {"error": {"message": text, "code": "a_code"}})),
    ],
)
async def test_a_text_in_any_field_is_bounded_and_not_logged(
    store: Store, jobs: JobRunner, job: Any, answer: Any, text: str
) -> None:
    with capture_logs() as logs:
        task = await job(store, jobs, answer(text))
    assert "secret" not in str(logs)
    assert len(orjson.dumps(task_summary(task))) < 4_000
