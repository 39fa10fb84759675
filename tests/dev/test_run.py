"""`python -m dev` as a person meets it: real store, services and simulator, no key."""

import asyncio
import fcntl
import os
import signal
import socket
from pathlib import Path

import pytest

from dev.lock import acquire_lock
from dev.ports import free_port
from tests.dev.runner import READY, started

pytestmark = pytest.mark.integration


def assert_free(directory: Path) -> None:
    """Every child holds the lock, so a free directory means that all of them have ended."""
    os.close(acquire_lock(directory))


def wait_until_free(directory: Path) -> None:
    with (directory / "lock").open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)


async def test_it_shows_its_address_and_provider_answers_and_keeps_its_tasks(
    tmp_path: Path,
) -> None:
    async with started(tmp_path) as run:
        await run.shows("Stop       Ctrl-C")
        assert f"{READY}: {run.url}/" in run.text
        assert "SIMULATOR: every answer is MADE UP and nothing is paid." in run.text
        assert str(run.directory) in run.text
        answered = await run.completed("Tell me about lighthouses.")
        assert answered["output_text"].strip()
        run.interrupt()
        async with asyncio.timeout(10):
            assert await run.ended() == 0
    assert "Traceback" not in run.text
    assert_free(run.directory)
    async with started(tmp_path) as run:
        await run.shows(READY)
        assert await run.call(f"/v1/tasks/{answered['id']}") == answered


@pytest.mark.thorough
async def test_ctrl_c_during_the_start_ends_all_processes(tmp_path: Path) -> None:
    async with started(tmp_path) as run:
        await run.shows("valkey    |")
        run.interrupt()
        assert await run.ended() == 0
    assert_free(run.directory)


@pytest.mark.thorough
async def test_a_second_ctrl_c_waits_for_nobody(tmp_path: Path) -> None:
    async with started(tmp_path) as run:
        await run.shows("poller_started")
        os.kill(run.child("poller"), signal.SIGSTOP)
        run.interrupt()
        await run.shows("Stopping")
        run.interrupt()
        async with asyncio.timeout(5):
            await run.ended()
    assert_free(run.directory)


@pytest.mark.thorough
async def test_a_second_sigterm_kills_nobody(tmp_path: Path) -> None:
    async with started(tmp_path) as run:
        await run.shows(READY)
        os.kill(run.child("api"), signal.SIGSTOP)
        run.handle.terminate()
        await run.shows("Stopping")
        run.handle.terminate()
        await run.shows("Waiting for api to finish its work.")
        os.kill(run.child("api"), signal.SIGCONT)
        assert await run.ended() == 0
    assert "api_stopped" in run.text


@pytest.mark.thorough
@pytest.mark.parametrize("name", ["api", "poller", "simulator"])
async def test_a_child_that_dies_ends_the_run_and_is_named(tmp_path: Path, name: str) -> None:
    async with started(tmp_path) as run:
        await run.shows(READY)
        os.kill(run.child(name), signal.SIGKILL)
        assert await run.ended() == 1
    assert f"{name} was killed by SIGKILL. Stopping all processes." in run.text
    assert_free(run.directory)


@pytest.mark.thorough
async def test_a_second_run_on_the_same_data_is_refused_in_one_sentence(tmp_path: Path) -> None:
    async with started(tmp_path) as first:
        await first.shows("valkey    |")
        async with started(tmp_path) as second:
            assert await second.ended() == 1
    assert second.text == (
        f"{first.directory} is in use: another `make run` is running or stopping "
        f"(process {first.handle.pid}).\n"
    )


@pytest.mark.thorough
async def test_the_data_is_free_again_after_the_runner_itself_was_killed(tmp_path: Path) -> None:
    async with started(tmp_path) as run:
        await run.shows(READY)
        run.handle.kill()
        await run.handle.wait()
    async with asyncio.timeout(60):
        await asyncio.to_thread(wait_until_free, run.directory)


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({"BACKBURNER_PORT": "{taken}"}, "Port {taken} on 127.0.0.1 cannot be used"),
        (
            {"REDIS_URL": "redis://:s3cret@127.0.0.1:{free}/0"},
            "The store at REDIS_URL does not answer",
        ),
        (
            {"BACKBURNER_PROVIDER": "openai", "OPENAI_API_KEY": "sk s3cret"},
            "OPENAI_API_KEY is empty or contains",
        ),
    ],
)
async def test_an_unusable_setting_ends_the_run_in_one_sentence_without_a_secret(
    tmp_path: Path, environ: dict[str, str], sentence: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        ports = {"taken": server.getsockname()[1], "free": free_port()}
        settings = {name: value.format(**ports) for name, value in environ.items()}
        async with started(tmp_path, **settings) as run:
            assert await run.ended() == 1
    assert run.text.startswith(sentence.format(**ports))
    assert run.text.count("\n") == 1
    assert "s3cret" not in run.text
