"""Measures the time from a client's 202 to the POST that the provider receives."""

import time
from random import Random

import httpx

from bench.benchmark import Benchmark, Figure, Run, Values, quantile
from bench.harness import harness
from tests.harness import eventually


def measure(run: Run) -> Values:
    """Submit one task at a time, at intervals that match no timer."""
    random, tasks = Random(7), 20 if run.quick else 60  # noqa: S311 -- not for secrets
    accepted: dict[str, float] = {}
    with harness("always") as env:
        env.poller(61)
        env.place.api(BACKBURNER_PROVIDER="openai", BACKBURNER_MAX_OPEN_TASKS="100000")
        with httpx.Client(base_url=env.place.api_url) as client:
            for number in range(tasks):
                time.sleep(random.uniform(0.1, 0.3))
                reply = client.post("/v1/tasks", json={"input": f"Question {number}"})
                accepted[reply.raise_for_status().json()["id"]] = 1000 * time.time()
        posted = eventually(lambda: _all(dict(env.arrivals()), tasks), "all are posted")
    return {"p95": quantile([posted[task] - at for task, at in accepted.items()], 0.95)}


def _all(arrivals: dict[str, float], tasks: int) -> dict[str, float] | None:
    posts = {name: at for name, at in arrivals.items() if name.startswith("task_")}
    return posts if len(posts) == tasks else None


BENCHMARK = Benchmark(
    "submit", (Figure("p95", "202 to the POST at the provider, p95", "ms", 150),), measure, rounds=3
)
