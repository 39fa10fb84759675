"""A response's status depends only on what is stored and the time."""

import pytest

from services.simulator.lifecycle import final_changes, status_at, timeline
from services.simulator.scripts import Script

PLAIN = Script(queued_seconds=1, run_seconds=6)
STUBBORN = Script(queued_seconds=1, run_seconds=6, outlives_cancel=True)
ENDLESS = Script(queued_seconds=1, run_seconds=6, ending=None)


@pytest.mark.parametrize(
    ("script", "cancelled_at", "expected"),
    [
        (PLAIN, None, {50: "queued", 100: "queued", 101: "in_progress", 107: "completed"}),
        (PLAIN, None, {100.9: "queued", 106.9: "in_progress", 1e9: "completed"}),
        (PLAIN, 103, {102: "in_progress", 103: "cancelled", 1e9: "cancelled"}),
        (PLAIN, 100.5, {100.4: "queued", 100.5: "cancelled", 102: "cancelled"}),
        (PLAIN, 107, {103: "in_progress", 107: "completed", 1e9: "completed"}),
        (STUBBORN, 103, {103: "cancelled", 106.9: "cancelled", 107: "completed"}),
        (ENDLESS, None, {1e9: "in_progress"}),
        (ENDLESS, 500, {499: "in_progress", 500: "cancelled"}),
    ],
)
def test_the_status_follows_the_script_and_the_cancel(
    script: Script, cancelled_at: float | None, expected: dict[float, str]
) -> None:
    changes = timeline(100, script, cancelled_at)
    assert {now: status_at(changes, now) for now in expected} == expected


@pytest.mark.parametrize(
    ("script", "cancelled_at", "finals"),
    [
        (PLAIN, None, [(107, "completed")]),
        (STUBBORN, 103, [(103, "cancelled"), (107, "completed")]),
        (ENDLESS, None, []),
    ],
)
def test_webhooks_report_each_final_status(
    script: Script, cancelled_at: float | None, finals: list[tuple[float, str]]
) -> None:
    found = final_changes(timeline(100, script, cancelled_at))
    assert [(change.at, change.status) for change in found] == finals
