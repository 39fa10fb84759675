"""Measures how soon an accepted task is sent to the provider."""

import time
from random import Random

import httpx

from bench.benchmark import Column, Figures, Part, Target, Turn, value
from bench.harness import ALWAYS, scene
from bench.summary import quantile
from tests.harness import eventually

ROW = "one task at a time, nothing else to do"


def measure(turn: Turn) -> Figures:
    """Tasks handed in one after another, at times that no timer shares."""
    pauses = Random(turn.number)  # noqa: S311 -- any pauses will do
    tasks = 20 if turn.quick else 60
    took: list[float] = []
    accepted: dict[str, float] = {}
    with scene(ALWAYS) as there:
        there.poller(61)
        there.place.api(BACKBURNER_PROVIDER="openai", BACKBURNER_MAX_OPEN_TASKS="100000")
        with httpx.Client(base_url=there.place.api_url) as client:
            for each in range(tasks):
                time.sleep(pauses.uniform(0.1, 0.3))
                began = time.perf_counter()
                reply = client.post("/v1/tasks", json={"input": f"Question {each}"})
                took.append(1000 * (time.perf_counter() - began))
                accepted[reply.raise_for_status().json()["id"]] = 1000 * time.time()
        posted = eventually(lambda: _all(dict(there.arrivals()), tasks), "all are posted")
    sent = [posted[task] - at for task, at in accepted.items()]
    return {
        ROW: {
            "p50": quantile(sent, 0.5),
            "p95": quantile(sent, 0.95),
            "most": max(sent),
            "accepted": quantile(took, 0.5),
        }
    }


def _all(arrivals: dict[str, float], tasks: int) -> dict[str, float] | None:
    posts = {name: at for name, at in arrivals.items() if name.startswith("task_")}
    return posts if len(posts) == tasks else None


PART = Part(
    name="submit",
    claims="What is accepted is sent at once",
    sync=ALWAYS,
    measure=measure,
    columns=(
        Column("p50", "202 received → POST at the provider, p50", "ms"),
        Column("p95", "p95", "ms"),
        Column("most", "most", "ms"),
        Column("accepted", "POST /v1/tasks → 202, p50", "ms"),
    ),
    targets=(Target("Accepted → POST at the provider, p95", value("p95", ROW), 150, "ms"),),
)
