"""The API says whether it lives, and in one sentence whether tasks are worked on."""

from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest
from redis.exceptions import BusyLoadingError, NoPermissionError

from services.api.auth.token import digest
from services.api.auth.token_registry import TokenRegistry
from services.api.health.issues import STORE_UNREACHABLE
from shared.domain.provider_health import ProviderHealth
from shared.domain.states import PauseReason
from shared.openai.model import ACTIVE
from shared.queue import queue_name
from shared.store.durability import Durability
from shared.store.trial import StoreTrial, TrialResult
from tests.services.api.conftest import Service

NO_POLLER = "No poller is running: start one. The end of the last one's log says why it stopped."
NO_POLLERS = {"provider": "simulator", "model": ACTIVE.name, "pollers": 0, "paused": None}


async def ready(client: httpx.AsyncClient) -> tuple[int, dict[str, Any]]:
    reply = await client.get("/readyz")
    return reply.status_code, reply.json()


async def test_a_process_without_its_store_lives(service: Service) -> None:
    service.server.connected = False
    reply = await service.http.get("/healthz")
    assert (reply.status_code, reply.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
async def test_a_load_balancer_may_ask_with_head(path: str, client: httpx.AsyncClient) -> None:
    assert (await client.head(path)).status_code == (await client.get(path)).status_code


async def test_without_the_store_it_is_not_ready(service: Service) -> None:
    service.server.connected = False
    issue = {"kind": "store_unreachable", "message": STORE_UNREACHABLE.message}
    detail = STORE_UNREACHABLE.message
    state = {"status": "unavailable", "issues": [issue], "detail": detail, "durability": None}
    assert await ready(service.http) == (503, NO_POLLERS | state)


async def test_without_a_poller_tasks_are_taken_and_wait(client: httpx.AsyncClient) -> None:
    issue = {"kind": "no_poller", "message": NO_POLLER}
    detail = f"Tasks are accepted and wait. {NO_POLLER}"
    durability = Durability.UNKNOWN.value
    state = {"status": "ready", "issues": [issue], "detail": detail, "durability": durability}
    assert await ready(client) == (200, NO_POLLERS | state)


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (TrialResult(("its user may not use the keys arq:job:*",)), "the keys arq:job:*"),
        (TrialResult(failure="its disk does not confirm a write"), "does not confirm a write"),
    ],
)
async def test_a_store_that_refuses_what_is_needed_is_not_ready(
    service: Service, result: TrialResult, words: str
) -> None:
    trial = StoreTrial(service.redis, "simulator", None, result)
    async with service.client(trial=trial) as client:
        status, state = await ready(client)
    assert (status, state["status"]) == (503, "unavailable")
    assert state["issues"][0]["kind"] == "store_refuses"
    assert words in state["detail"]
    assert "Tasks are accepted" not in state["detail"]


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (
            NoPermissionError("User n has no permissions to run the 'time' command"),
            "store_refuses",
            "may not run TIME",
        ),
        (
            NoPermissionError("No permissions to access a key"),
            "store_refuses",
            "the keys backburner:*",
        ),
        (
            BusyLoadingError("Redis is loading the dataset in memory"),
            "store_unreachable",
            "is loading its data",
        ),
    ],
)
async def test_a_store_that_answers_and_refuses_is_not_called_unreachable(
    service: Service, error: Exception, kind: str, words: str
) -> None:
    async def fails(_: int) -> None:
        raise error

    service.store.waiting_for_provider = fails  # type: ignore[method-assign, assignment] -- a fault
    status, state = await ready(service.http)
    assert (status, state["issues"][0]["kind"]) == (503, kind)
    assert words in state["detail"]


@pytest.mark.parametrize("durability", Durability)
async def test_what_an_accepted_task_survives_is_said_in_one_sentence(
    service: Service, durability: Durability
) -> None:
    trial = StoreTrial(service.redis, "simulator", None, TrialResult(durability=durability))
    async with service.client(trial=trial) as client:
        assert (await ready(client))[1]["durability"] == durability.value


async def test_pollers_are_counted_while_they_live(service: Service) -> None:
    await service.fleet.beat("one", 60_000)
    await service.fleet.beat("two", 60_000)
    await service.fleet.beat("dead", 0)
    status, state = await ready(service.http)
    assert (status, state["pollers"]) == (200, 2)
    assert state["detail"] == "Tasks are accepted and processed."


async def test_a_closed_gate_is_told_with_its_reason(service: Service) -> None:
    await service.fleet.beat("one", 60_000)
    await service.gate.close(PauseReason.BAD_KEY, "OpenAI refuses", 60_000, "the key.")
    status, state = await ready(service.http)
    since = state["paused"].pop("since")
    assert since.endswith("Z")
    assert state["paused"].pop("next_attempt_at") > since
    assert (status, state["status"], state["pollers"]) == (200, "ready", 1)
    told = {"reason": "bad_key", "message": "OpenAI refuses the key.", "attempts": 1}
    assert state["paused"] == told
    assert state["detail"] == "Tasks are accepted and wait. OpenAI refuses the key."
    await service.gate.open()
    assert (await ready(service.http))[1]["paused"] is None


async def test_only_an_admin_is_told_that_the_model_ends(service: Service, tmp_path: Path) -> None:
    await service.fleet.beat("one", 60_000)
    await service.fleet.publish_model_shutdown(date(2026, 12, 11))
    file = tmp_path / "tokens.toml"
    file.write_text(
        f'[tokens.ann]\nsha256 = "{digest(b"bb_ann")}"\nadmin = true\n'
        f'[tokens.bo]\nsha256 = "{digest(b"bb_bo")}"\n'
    )
    told = {}
    async with service.client(token_registry=TokenRegistry(file)) as client:
        for name in ("ann", "bo"):
            headers = {"Authorization": f"Bearer bb_{name}"}
            told[name] = (await client.get("/readyz", headers=headers)).json()
    assert [issue["kind"] for issue in told["ann"]["issues"]] == ["model_shutdown"]
    assert "2026-12-11" in told["ann"]["detail"]
    assert told["bo"]["issues"] == []
    assert told["bo"]["detail"] == "Tasks are accepted and processed."


async def test_what_is_late_is_told_with_what_is_at_risk(service: Service) -> None:
    await service.fleet.beat("one", 60_000)
    await service.submitted((await service.submit())["id"])
    [job] = await service.redis.zrange(queue_name("simulator"), 0, 0)
    await service.redis.zadd(queue_name("simulator"), {job: 0})
    _, state = await ready(service.http)
    assert [issue["kind"] for issue in state["issues"]] == ["overdue"]
    assert "only 10 minutes" in state["detail"]


async def test_what_the_pollers_say_of_the_provider_is_judged(service: Service) -> None:
    await service.fleet.beat("one", 60_000)
    await service.fleet.publish_health("one", ProviderHealth(4, 3, 20_000, "no answer within 20 s"))
    _, state = await ready(service.http)
    assert [issue["kind"] for issue in state["issues"]] == ["provider_failing"]
    assert "no answer within 20 s" in state["detail"]
