"""OpenAI's Python SDK works with Backburner by its address alone."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import openai
import pytest

from shared.openai.model import ACTIVE, GPT_5_PRO
from tests.harness import ROOT, Installation, eventually, free_port
from tests.lossy_proxy import LossyProxy

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
    assert [item.content[0].text for item in items] == ["Why?"]  # type: ignore[union-attr]  # all are text
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


ROUNDS = 20


def patient(installation: Installation) -> openai.OpenAI:
    """A client whose retries outlast a restart of the API."""
    return openai.OpenAI(api_key="sk-any", base_url=f"{installation.api_url}/v1", max_retries=9)


@pytest.mark.thorough
def test_an_api_killed_before_it_answers_makes_the_sdk_pay_once_in_20_of_20(
    installation: Installation,
) -> None:
    """The SDK sends no key: its retry count and the body find the task again."""
    installation.valkey()
    installation.simulator()
    installation.poller()
    port, direct = free_port(), installation.redis_url
    made = []
    for number in range(ROUNDS):
        with LossyProxy(installation.redis_port) as proxy, ThreadPoolExecutor() as pool:
            installation.redis_url = proxy.url
            api = installation.api(port)
            installation.redis_url = direct
            client = patient(installation)
            # The same question each time: a body alone must find nothing.
            lost = proxy.spoil("reply held", b"EVALSHA")
            create = pool.submit(client.responses.create, input="Once?", background=number % 2 == 0)
            assert lost.wait(10)
            api.kill()
            restarted = installation.api(port)
            made.append(create.result(60).id)
        client.close()
        restarted.kill()
    installation.api(port)

    assert len(set(made)) == ROUNDS
    for response_id in made:
        task_id = f"task_{response_id.removeprefix('resp_')}"
        assert installation.ended(task_id)["status"] == "completed"
        assert len(installation.posts(task_id)) == 1
    assert len(installation.ledger()) == ROUNDS


def test_a_request_held_open_outlives_the_api(installation: Installation) -> None:
    """It is stopped as in a deploy; the SDK's retry joins the task and gets its answer."""
    installation.valkey()
    installation.simulator()
    installation.poller()
    port = free_port()
    api = installation.api(port)
    with patient(installation) as client, ThreadPoolExecutor() as pool:
        create = pool.submit(client.responses.create, input="Why? [simulate: takes 4 s]")
        eventually(lambda: installation.store.get("backburner:sequence"), "the task is written")
        api.stop()
        installation.api(port)
        response = create.result(60)
    assert response.status == "completed"
    assert response.output_text
    assert len(installation.ledger()) == 1


@pytest.mark.thorough
def test_the_npm_sdk_works_too(running: Installation) -> None:
    folder = ROOT / "tests" / "sdk"
    node = shutil.which("node")
    if node is None or not (folder / "node_modules" / "openai").exists():
        pytest.skip("needs Node.js and `make test-thorough`, which installs the SDK")
    run = subprocess.run(  # noqa: S603 -- our own command
        [node, "check.js"],
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "OPENAI_BASE_URL": f"{running.api_url}/v1",
            "MODEL": ACTIVE.name,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.stdout == "ok\n", run.stderr


def test_a_key_for_openai_is_neither_logged_nor_kept(installation: Installation) -> None:
    """Where the server has no tokens a client may send its real key."""
    secret = "sk-proj-0123456789abcdef"
    installation.valkey()
    api = installation.api()
    with openai.OpenAI(api_key=secret, base_url=f"{installation.api_url}/v1") as client:
        client.responses.create(input="Why?", background=True)
        with pytest.raises(openai.BadRequestError) as refusal:
            client.responses.create(input="Why?", store=True)
    assert secret not in str(refusal.value.body)
    api.stop()
    assert secret not in api.output
    for name in installation.store.scan_iter():
        assert secret.encode() not in (installation.store.dump(name) or b"")
