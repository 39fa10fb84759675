"""The log says what goes wrong once, when it begins, and when it is over."""

from typing import Any

from structlog.testing import capture_logs

from services.api.health.monitor import INTERVAL_S, HealthMonitor
from shared.domain.states import PauseReason
from shared.store.trial import INTERVAL_S as TRIAL_INTERVAL_S
from shared.store.trial import StoreTrial, TrialResult


def told(lines: list[Any]) -> list[tuple[str, str, str]]:
    return [(line["log_level"], line["event"], line["kind"]) for line in lines]


async def test_a_trouble_is_told_when_it_begins_and_when_it_is_over(service: Any) -> None:
    vigil = HealthMonitor(service.context())
    with capture_logs() as lines:
        await vigil.run_once()
        await vigil.run_once()
    assert told(lines) == [("warning", "health_issue_detected", "no_poller")]
    assert "start one" in lines[0]["message"]

    await service.fleet.beat("host:1", 60_000)
    await service.gate.close(PauseReason.QUOTA, "No quota left.", 60_000, "What OpenAI says.")
    with capture_logs() as lines:
        await vigil.run_once()
        await vigil.run_once()
    assert told(lines) == [
        ("warning", "health_issue_detected", "quota"),
        ("info", "health_issue_resolved", "no_poller"),
    ]
    assert lines[0]["message"] == "No quota left."  # without the provider's own words


async def test_what_the_provider_says_is_shown_and_not_logged(service: Any) -> None:
    await service.gate.close(PauseReason.QUOTA, "Add credit. It says: “A ”secret“.” Ask.", 60_000)
    with capture_logs() as lines:
        await HealthMonitor(service.context()).run_once()
    (logged,) = [line["message"] for line in lines if line["kind"] == "quota"]
    assert logged == "Add credit. It says: “…” Ask."


async def test_a_store_that_is_away_hides_the_rest_until_it_is_back(service: Any) -> None:
    vigil = HealthMonitor(service.context())
    service.server.connected = False
    with capture_logs() as lines:
        await vigil.run_once()
        service.server.connected = True
        await vigil.run_once()
    assert told(lines) == [
        ("warning", "health_issue_detected", "store_unreachable"),
        ("warning", "health_issue_detected", "no_poller"),
        ("info", "health_issue_resolved", "store_unreachable"),
    ]


class CountedTrial(StoreTrial):
    """Counts its runs, and finds what it is given."""

    runs = 0
    finds = TrialResult()

    async def run(self) -> None:
        self.runs += 1
        self.result = self.finds


async def test_the_store_is_tried_every_30_s_and_at_each_check_while_it_refuses(
    service: Any,
) -> None:
    now, trial = 0.0, CountedTrial(service.redis, "simulator", None)
    monitor = HealthMonitor(service.context(trial=trial), lambda: now)

    async def runs_in(seconds: float) -> int:
        nonlocal now
        before, end = trial.runs, now + seconds
        while now < end:
            now += INTERVAL_S
            await monitor.run_once()
        return trial.runs - before

    with capture_logs() as lines:
        assert await runs_in(2 * TRIAL_INTERVAL_S) == 2
        trial.finds = TrialResult(("its user may not run WAITAOF",))
        assert await runs_in(TRIAL_INTERVAL_S) == 1
        assert await runs_in(INTERVAL_S) == 1
        trial.finds = TrialResult()
        assert await runs_in(INTERVAL_S) == 1
        assert await runs_in(INTERVAL_S) == 0
    kinds = [line["event"] for line in lines if line.get("kind") == "store_refuses"]
    assert kinds == ["health_issue_detected", "health_issue_resolved"]
