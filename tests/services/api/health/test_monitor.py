"""The log says what goes wrong once, when it begins, and when it is over."""

from typing import Any

from structlog.testing import capture_logs

from services.api.health.monitor import HealthMonitor
from shared.domain.states import PauseReason


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
