"""The provider's own date of the model's end is kept for the API, and logged while it is near."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from services.poller.periodic.shutdown_watch import ShutdownWatch
from services.poller.results import CallResult, NoReply
from shared.openai.model import ACTIVE
from shared.store import PollerRegistry
from tests.services.poller.scripted_provider import ScriptedProvider, refused, reply

SOON = datetime.now(UTC).date() + timedelta(days=5)
LATER = datetime.now(UTC).date() + timedelta(days=200)


async def watch(fleet: PollerRegistry, result: CallResult) -> list[Any]:
    with capture_logs() as lines:
        await ShutdownWatch(ScriptedProvider(result), fleet).run()  # type: ignore[arg-type]  # -- a fake by hand
    return [line for line in lines if line["event"] == "model_shutdown_announced"]


async def test_a_date_that_is_near_is_kept_and_logged_with_the_line_to_change(
    redis: Redis,
) -> None:
    fleet = PollerRegistry(redis, "simulator")
    [line] = await watch(fleet, reply(200, {"shutdown_date": f"{SOON}T00:00:00Z"}))
    assert (line["model"], line["date"], line["days_left"]) == (ACTIVE.name, str(SOON), 5)
    assert "shared/openai/model.py" in line["message"]
    kept = await PollerRegistry(redis, "simulator").model_shutdown()
    assert kept is not None
    assert (kept.day, kept.days_left) == (SOON, 5)
    assert await watch(fleet, reply(200, {"shutdown_date": str(LATER)})) == []


@pytest.mark.parametrize("result", [NoReply("ReadTimeout"), refused(403), refused(500)], ids=str)
async def test_without_an_answer_what_is_known_stays(redis: Redis, result: CallResult) -> None:
    fleet = PollerRegistry(redis, "simulator")
    await fleet.publish_model_shutdown(SOON)
    assert len(await watch(fleet, result)) == 1


@pytest.mark.parametrize("said", [{}, {"shutdown_date": None}, {"shutdown_date": "soon"}, [], 7])
async def test_where_the_provider_says_none_the_profiles_date_serves_for_openai_alone(
    redis: Redis, said: Any
) -> None:
    for name, day in (("simulator", None), ("openai", ACTIVE.shutdown)):
        fleet = PollerRegistry(redis, name)
        await fleet.publish_model_shutdown(date(2020, 1, 1))
        await watch(fleet, reply(200, said))
        found = await fleet.model_shutdown()
        assert (found and found.day) == day
