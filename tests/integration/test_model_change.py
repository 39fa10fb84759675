"""The day on which OpenAI ends the model: tasks wait, and are sent once to the next model."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.openai.model import ACTIVE, PROFILES
from tests.harness import Installation, eventually, http

pytestmark = [pytest.mark.integration, pytest.mark.thorough]

NEXT = next(profile for profile in PROFILES if profile is not ACTIVE)


def test_tasks_wait_for_the_changed_line_and_are_sent_once_to_the_next_model(
    installation: Installation,
) -> None:
    installation.valkey()
    installation.simulator()
    installation.api()
    installation.fault("model_retired", "create", times=1)
    old = installation.poller()
    task_id = installation.submit("Who comes after? [simulate: cached input, long input]")["id"]
    eventually(
        lambda: installation.task(task_id)["paused"] == "model_retired", "it waits for a model"
    )
    state = http.get(f"{installation.api_url}/readyz").json()
    assert "Change ACTIVE in shared/openai/model.py" in state["detail"]
    assert old.stop() == 0

    installation.poller("tests.other_model_poller")

    task = installation.ended(task_id)
    assert task["status"] == "completed"
    assert NEXT.includes(task["model"])
    assert task["model_note"] == f"It was accepted for {ACTIVE.name} and sent to {NEXT.name}."
    refused, taken = installation.posts(task_id)
    assert [entry["response_id"] is None for entry in (refused, taken)] == [True, False]
    assert [entry["body"]["model"] for entry in (refused, taken)] == [ACTIVE.name, NEXT.name]
    usage, prices = task["usage"], NEXT.prices[-1]
    cached, written = usage["input_tokens"] // 2, usage["input_tokens"] // 4
    on_input, on_output = prices.context_factors(usage["input_tokens"])
    tokens = on_input * (
        (usage["input_tokens"] - cached - written) * prices.input
        + cached * prices.cached_input
        + written * prices.cache_write
    )
    tokens += on_output * usage["output_tokens"] * prices.output
    dollars = float(tokens) / 1e6 + task["searches"] * float(prices.web_search) / 1000
    assert task["cost_usd"] == pytest.approx(dollars, abs=0.000_001)


def test_the_announced_end_is_told_at_the_start_and_in_readyz(installation: Installation) -> None:
    soon = (datetime.now(UTC) + timedelta(days=11)).date()
    installation.valkey()
    installation.simulator(BACKBURNER_SIMULATOR_SHUTDOWN_DATE=str(soon))
    poller = installation.poller()
    api = installation.api()
    eventually(lambda: "model_shutdown_announced" in poller.output, "the poller's log says so")
    state = http.get(f"{installation.api_url}/readyz").json()
    [issue] = state["issues"]
    assert (state["status"], issue["kind"]) == ("ready", "model_shutdown")
    assert f"down on {soon}, in 11 days" in issue["message"]
    eventually(lambda: "kind=model_shutdown" in api.output, "the API's log says so")
    task = installation.ended(installation.submit("Does it still work?")["id"])
    assert task["status"] == "completed"
