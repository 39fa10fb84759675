"""`backburner spending` sums the ledger, says what it is not sure of, and names its time zone."""

import json
from datetime import date
from typing import Any

import pytest

from backburner import Client
from tests.clients.stub import Stub
from tests.clients.terminal import run, run_in_terminal

pytestmark = pytest.mark.integration


def outcome(owner: str | None, name: str, cost: float, **more: Any) -> dict[str, Any]:
    wasted = 0.0 if name == "completed" else cost
    known = {
        "tasks": 1,
        "cost_usd": cost,
        "wasted_usd": wasted,
        "unpriced": 0,
        "estimated_usd": 0.0,
    }
    return {"owner": owner, "outcome": name} | known | more


def report(reserved: float = 0.0, provider: str = "openai") -> dict[str, Any]:
    allowance = {"owner": None, "reserved_usd": reserved}
    return {
        "provider": provider,
        "since": "2026-11-24",
        "until": "2026-11-30",
        "total": {"cost_usd": 1.85},
        "today": {"installation": allowance, "owners": [allowance]},
        "days": [
            {
                "date": "2026-11-30",
                "outcomes": [outcome("anna", "completed", 0.1), outcome("anna", "failed", 0.25)],
            },
            {
                "date": "2026-11-29",
                "outcomes": [
                    outcome("bo", "completed", 1.5),
                    outcome(None, "failed", 0.0, unpriced=1, estimated_usd=0.4),
                ],
            },
        ],
    }


@pytest.mark.parametrize(
    ("by", "lines"),
    [
        ("day", ["2026-11-30\t2\t0.35\t0.25\t0\t0.0", "2026-11-29\t2\t1.5\t0.0\t1\t0.4"]),
        (
            "owner",
            [
                "bo\t1\t1.5\t0.0\t0\t0.0",
                "anna\t2\t0.35\t0.25\t0\t0.0",
                "\t1\t0.0\t0.0\t1\t0.4",
            ],
        ),
        ("outcome", ["completed\t2\t1.6\t0.0\t0\t0.0", "failed\t2\t0.25\t0.25\t1\t0.4"]),
    ],
)
def test_a_pipe_gets_one_line_for_each_group(stub: Stub, by: str, lines: list[str]) -> None:
    stub.says(report())
    said = run(stub.url, "spending", "--by", by)
    assert (said.code, said.out.splitlines()) == (0, lines)


def test_it_says_which_days_what_is_unknown_and_what_is_only_expected(stub: Stub) -> None:
    stub.says(report(reserved=0.5))
    said = run(stub.url, "spending").err
    assert "2026-11-24 to 2026-11-30 (days in UTC): 4 tasks ended, cost $1.85" in said
    assert "1 of them have no known price. The budgets count an estimate of $0.40" in said
    assert "$0.50 is reserved for tasks under way. That is an expectation" in said
    assert "simulator" not in said
    stub.says(report(provider="simulator"))
    assert "simulator cost nothing" in run(stub.url, "spending").err


def test_a_terminal_gets_a_table_without_control_characters(stub: Stub) -> None:
    bad = report()
    bad["days"][0]["outcomes"][0]["owner"] = "\x1b[31manna"
    stub.says(bad)
    said = run_in_terminal(stub.url, "spending", "--by", "owner").out
    assert "tasks" in said
    assert "$1.50" in said
    assert "\x1b[31manna" not in said


def test_json_has_the_groups_and_the_time_zone(stub: Stub) -> None:
    stub.says(report())
    said = json.loads(run(stub.url, "spending", "--by", "owner", "--json").out)
    assert (said["timezone"], said["since"], said["by"]) == ("UTC", "2026-11-24", "owner")
    assert [(each["owner"], each["cost_usd"]) for each in said["groups"]] == [
        ("bo", 1.5),
        ("anna", 0.35),
        (None, 0.0),
    ]


@pytest.mark.parametrize(
    ("since", "query"), [("7d", "days=7"), ("2026-11-01", "since=2026-11-01"), ("1d", "days=1")]
)
def test_since_is_a_number_of_days_or_a_date(stub: Stub, since: str, query: str) -> None:
    stub.says(report())
    assert run(stub.url, "spending", "--since", since).code == 0
    assert stub.asked[0][:2] == ("GET", f"/v1/spending?{query}")


@pytest.mark.parametrize(
    "since", ["0d", "7", "week", "2026-02-30", "\N{ARABIC-INDIC DIGIT SEVEN}d"]
)
def test_another_since_exits_with_two_and_says_what_to_write(stub: Stub, since: str) -> None:
    said = run(stub.url, "spending", "--since", since)
    assert said.code == 2
    assert "7d" in said.err
    assert stub.asked == []


def test_the_client_gives_typed_rows(stub: Stub) -> None:
    stub.says(report(reserved=0.5))
    with Client(stub.url) as client:
        found = client.spending(since=date(2026, 11, 24))
    assert (found.since, found.reserved_usd, len(found.rows)) == ("2026-11-24", 0.5, 4)
    assert (found.rows[0].date, found.rows[0].owner) == ("2026-11-30", "anna")
