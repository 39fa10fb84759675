"""OpenAI's Python SDK works with Backburner by its address alone."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import openai
import pytest

from shared.openai.model import ACTIVE, GPT_5_PRO
from tests.harness import Installation, eventually

pytestmark = pytest.mark.integration

SCRIPT = Path(__file__).with_name("polling_script.txt").read_text()
"""The specification's "Polling for a response", byte for byte."""

ACTIVE_SCRIPT = SCRIPT.replace(GPT_5_PRO.name, ACTIVE.name)
"""The same for whatever model is active, which is the specification's as delivered."""

SHORT_PAUSES = """
import sys, time
sleep = time.sleep
time.sleep = lambda seconds: sleep(seconds / 100)
exec(compile(sys.stdin.read(), "script", "exec"))
"""


@pytest.fixture
def client(running: Installation) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(api_key="sk-any", base_url=f"{running.api_url}/v1") as client:
        yield client


def ended(client: openai.OpenAI, response_id: str) -> str:
    def look() -> str | None:
        status = client.responses.retrieve(response_id).status
        return None if status in ("queued", "in_progress") else status

    return str(eventually(look, f"{response_id} ends"))


def test_the_specifications_polling_script_prints_the_response(running: Installation) -> None:
    run = subprocess.run(  # noqa: S603 -- our own command
        [sys.executable, "-c", SHORT_PAUSES],
        input=ACTIVE_SCRIPT,
        env={
            "PATH": os.environ["PATH"],
            "OPENAI_API_KEY": "sk-any",
            "OPENAI_BASE_URL": f"{running.api_url}/v1",
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    started, _, output = run.stdout.partition("\nFinal output:\n")
    assert started.startswith("Started background job: resp_")
    assert output.startswith("Response(id='resp_")
    assert "status='completed'" in output


def test_create_retrieve_and_read(client: openai.OpenAI, running: Installation) -> None:
    made = client.responses.create(
        model=ACTIVE.name, input="Why?", background=True, metadata={"ticket": "7"}
    )
    assert ended(client, made.id) == "completed"
    response = client.responses.retrieve(made.id)
    assert response.output_text
    assert response.metadata
    assert response.metadata["ticket"] == "7"
    task = running.task(response.metadata["task_id"])
    assert task["output_text"] == response.output_text
    items = list(client.responses.input_items.list(made.id))
    assert [item.content[0].text for item in items] == ["Why?"]  # type: ignore[union-attr]
    again = client.responses.create(
        input=[*response.model_dump()["output"], {"role": "user", "content": "And then?"}],
        background=True,
    )
    assert len(running.task(f"task_{again.id.removeprefix('resp_')}")["input"]) == 2
    assert [model.id for model in client.models.list()] == [ACTIVE.name]


def test_cancel_delete_and_what_is_not_there(client: openai.OpenAI) -> None:
    made = client.responses.create(input="Long [simulate: takes 600 s]", background=True)
    with pytest.raises(openai.BadRequestError, match="Cancel it first"):
        client.responses.delete(made.id)
    assert client.responses.cancel(made.id).status == "cancelled"
    client.responses.delete(made.id)

    def gone() -> bool:
        try:
            client.responses.retrieve(made.id)
        except openai.NotFoundError:
            return True
        return False

    eventually(gone, "it is deleted")


def test_a_refusal_names_the_parameter(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as refusal:
        client.responses.create(input="Why?", background=True, store=True)
    assert refusal.value.param == "store"
    assert refusal.value.code == "invalid_parameter"
    assert "leave this field out" in refusal.value.message
    assert refusal.value.request_id


def test_a_request_that_is_held_open_returns_the_answer(client: openai.OpenAI) -> None:
    response = client.responses.create(model=ACTIVE.name, input="Why?")
    assert response.status == "completed"
    assert response.output_text


def test_the_stream_ends_with_the_whole_response(client: openai.OpenAI) -> None:
    with client.responses.stream(model=ACTIVE.name, input="Why?") as stream:
        deltas = [event.delta for event in stream if event.type == "response.output_text.delta"]
        final = stream.get_final_response()
    assert "".join(deltas) == final.output_text
    assert final.status == "completed"
    with client.responses.stream(response_id=final.id, starting_after=2) as stream:
        resumed = [event.sequence_number for event in stream]
    assert resumed
    assert resumed[0] == 3
